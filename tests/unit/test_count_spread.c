/* SPDX-License-Identifier: MPL-2.0 */
/* What a batch becomes in Redis: fields by name, sums that add up, the country as the sum of its
 * municipalities. */
#include "suite.h"

#include "count/spread.h"
#include "event/vocab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct seen {
	int groups;
	int64_t contacts[2], n[2]; /* municipalities, country */
	char cells[64][SPREAD_FIELD_MAX];
	int64_t amounts[64];
	int cells_len;
};

static const struct spread_scope *scope_of(const struct spread_scope *scopes, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(scopes[i].name, name) == 0)
			return &scopes[i];
	return NULL;
}

static int64_t sum_over(const struct spread_scope *scopes, size_t n, enum sum sum, bool groups)
{
	int64_t total = 0;

	for (size_t i = 0; i < n; i++)
		if (scopes[i].is_group == groups)
			total += scopes[i].sums[sum];
	return total;
}

/* Areas sum to all, tasks sum to all, channels to n, in every group. */
static void check_sums(const struct spread_group *g)
{
	const struct spread_scope *all = &g->scopes[0];
	int64_t channels = 0;

	for (int sum = 0; sum < SUMS; sum++) {
		ck_assert_int_eq(sum_over(g->scopes + 1, g->scopes_len - 1, (enum sum)sum, false),
				 all->sums[sum]);
		ck_assert_int_eq(sum_over(g->tasks, g->tasks_len, (enum sum)sum, false), all->sums[sum]);
		ck_assert_int_eq(all->changed >> sum & 1, all->sums[sum] != 0);
		if (sum >= SUM_CHANNEL)
			channels += all->sums[sum];
	}
	ck_assert_int_eq(channels, all->sums[SUM_N]);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each field once; the n: cells are the contacts. */
static void check_cells(const struct spread_group *g)
{
	const char **fields = malloc((g->cells_len + 1) * sizeof(*fields));
	int64_t contacts = 0;

	for (size_t i = 0; i < g->cells_len; i++) {
		fields[i] = g->cells[i].field;
		if (strncmp(fields[i], "n:", 2) == 0)
			contacts += g->cells[i].amount;
	}
	qsort(fields, g->cells_len, sizeof(*fields), by_text);
	for (size_t i = 1; i < g->cells_len; i++)
		ck_assert_str_ne(fields[i - 1], fields[i]);
	ck_assert_int_eq(contacts, g->contacts);
	free(fields);
}

static int on_group(void *ctx, const struct spread_group *g)
{
	struct seen *seen = ctx;
	int country = g->municipality == CELL_COUNTRY;

	seen->groups++;
	if (g->scopes_len > 0) {
		check_sums(g);
		seen->contacts[country] += g->contacts;
		seen->n[country] += g->scopes[0].sums[SUM_N];
	}
	check_cells(g);
	for (size_t i = 0; i < g->cells_len; i++) {
		if (!country && seen->cells_len < 64) {
			strcpy(seen->cells[seen->cells_len], g->cells[i].field);
			seen->amounts[seen->cells_len++] = g->cells[i].amount;
		}
	}
	return 0;
}

static int64_t amount_of(const struct seen *seen, const char *field)
{
	for (int i = 0; i < seen->cells_len; i++)
		if (strcmp(seen->cells[i], field) == 0)
			return seen->amounts[i];
	return -1;
}

static struct standings *some_standings(void)
{
	struct standings *s = standings_new();

	ck_assert_int_eq(standings_group(s, "target"), 0);
	ck_assert_int_eq(standings_intern(s, "school", "school-enrolment", 1, true, true), 0);
	ck_assert_int_eq(standings_intern(s, "school", "-", 0, true, false), 1);
	ck_assert_int_eq(standings_intern(s, "administration", "state-pension", 0, false, false), 2);
	/* the same task, as it stood before the target came into force */
	ck_assert_int_eq(standings_intern(s, "school", "school-enrolment", 0, true, false), 3);
	ck_assert_int_eq(standings_intern(s, "school", "school-enrolment", 1, true, true), 0);
	return s;
}

static void add(struct tally *tally, struct cell cell, int64_t count, int64_t seconds)
{
	ck_assert_int_eq(tally_add(tally, cell_pack(&cell), count, seconds), 0);
}

static void spread_all(struct tally *tally, const struct standings *standings, struct seen *seen)
{
	struct amount *amounts = malloc((tally->used + 1) * sizeof(*amounts));

	*seen = (struct seen){ 0 };
	ck_assert_int_eq(spread(amounts, tally_sorted(tally, amounts), standings, on_group, seen), 0);
	free(amounts);
}

START_TEST(fields_have_the_names_of_the_contract)
{
	struct standings *standings = some_standings();
	struct tally tally;
	struct seen seen;

	ck_assert_int_eq(tally_init(&tally, SIZE_MAX), 0);
	add(&tally, (struct cell){ .channel = EFFORT_PHONE }, 3, 90);
	add(&tally, (struct cell){ .channel = EFFORT_PHONE, .standing = 3 }, 2,
	    0); /* one Redis cell with the one above */
	add(&tally, (struct cell){ .channel = EFFORT_PHONE, .outcome = EFFORT_FORWARDED, .is_exempt = true },
	    1, 0);
	add(&tally, (struct cell){ .assisted = EFFORT_ASSISTED_LIBRARY, .population = EFFORT_BUSINESS }, 4,
	    0);
	add(&tally,
	    (struct cell){ .channel = EFFORT_DIGITALPOST,
			   .direction = EFFORT_OUT,
			   .form = EFFORT_FORM_REMOTEPRINT,
			   .standing = 1 },
	    5, 0);
	add(&tally,
	    (struct cell){ .channel = EFFORT_EMAIL,
			   .population = EFFORT_INTERNAL,
			   .kind = EFFORT_CASE,
			   .standing = 1 },
	    6, 0);
	add(&tally,
	    (struct cell){
		    .channel = EFFORT_WEB, .is_ignored = true, .kind = EFFORT_INFORMATION, .standing = 1 },
	    7, 0);
	add(&tally, (struct cell){ .channel = EFFORT_SELFSERVICE, .hours = CELL_CLOSED }, 8, 0);
	add(&tally, (struct cell){ .channel = EFFORT_SELFSERVICE, .hours = CELL_OPEN }, 9, 0);
	spread_all(&tally, standings, &seen);
	ck_assert_int_eq(amount_of(&seen, "closed:school/school-enrolment/selfservice/transaction"), 8);
	ck_assert_int_eq(amount_of(&seen, "open:school/school-enrolment/selfservice/transaction"), 9);
	ck_assert_int_eq(amount_of(&seen, "n:school/school-enrolment/phone/transaction"), 6);
	ck_assert_int_eq(amount_of(&seen, "seconds:school/school-enrolment/phone/transaction"), 90);
	ck_assert_int_eq(amount_of(&seen, "forwarded:school/school-enrolment/phone/transaction"), 1);
	ck_assert_int_eq(amount_of(&seen, "exempt:school/school-enrolment/phone/transaction"), 1);
	ck_assert_int_eq(amount_of(&seen, "n:school/school-enrolment/selfservice/transaction"), 21);
	ck_assert_int_eq(amount_of(&seen, "assisted:school/school-enrolment/selfservice/transaction"), 4);
	ck_assert_int_eq(amount_of(&seen, "business:school/school-enrolment/selfservice/transaction"), 4);
	ck_assert_int_eq(amount_of(&seen, "out:school/-/digitalpost/remoteprint"), 5);
	ck_assert_int_eq(amount_of(&seen, "internal:school/-/email/case"), 6);
	ck_assert_int_eq(amount_of(&seen, "ignored:school/-/web/information"), 7);
	ck_assert_int_eq(seen.cells_len, 12);
	ck_assert_int_eq(seen.contacts[0], 27);
	tally_done(&tally);
	standings_free(standings);
}
END_TEST

/* A second measurement of the same thing: in no sum and no n: cell, whatever it is of. */
START_TEST(what_is_counted_apart_is_in_no_share)
{
	struct standings *standings = standings_new();
	int group = standings_group(standings, STANDING_APART "hand-count"), apart;
	struct tally tally;
	struct seen seen;

	ck_assert_int_eq(group, 0);
	ck_assert_int_eq(standings_intern(standings, "school", "school-enrolment", 0, true, true), 0);
	apart = standings_intern(standings, "school", "school-enrolment", 1, true, true);
	ck_assert_int_eq(apart, 1);
	ck_assert_str_eq(standings_method(standings, standings_get(standings, 1)), "hand-count");
	ck_assert_ptr_null(standings_method(standings, standings_get(standings, 0)));
	ck_assert_int_eq(tally_init(&tally, SIZE_MAX), 0);
	add(&tally, (struct cell){ .channel = EFFORT_SELFSERVICE }, 10, 0);
	add(&tally, (struct cell){ .channel = EFFORT_SELFSERVICE, .standing = 1 }, 60, 0);
	add(&tally, (struct cell){ .channel = EFFORT_SELFSERVICE, .assisted = EFFORT_ASSISTED, .standing = 1 }, 7, 0);
	add(&tally, (struct cell){ .channel = EFFORT_PHONE, .outcome = EFFORT_FORWARDED, .standing = 1 }, 20, 90);
	add(&tally, (struct cell){ .channel = EFFORT_PHONE, .kind = EFFORT_CASE, .standing = 1 }, 3, 0);
	add(&tally, (struct cell){ .channel = EFFORT_LETTER, .direction = EFFORT_OUT, .standing = 1 }, 4, 0);
	spread_all(&tally, standings, &seen);
	ck_assert_int_eq(seen.contacts[0], 10);
	ck_assert_int_eq(seen.n[0], 10);
	ck_assert_int_eq(seen.n[1], 10);
	ck_assert_int_eq(amount_of(&seen, "n:school/school-enrolment/selfservice/transaction"), 10);
	ck_assert_int_eq(amount_of(&seen, "apart:school/school-enrolment/selfservice/hand-count"), 67);
	ck_assert_int_eq(amount_of(&seen, "apart_assisted:school/school-enrolment/selfservice/hand-count"), 7);
	ck_assert_int_eq(amount_of(&seen, "apart:school/school-enrolment/phone/hand-count"), 20);
	ck_assert_int_eq(amount_of(&seen, "apart_other:school/school-enrolment/phone/hand-count"), 3);
	ck_assert_int_eq(amount_of(&seen, "apart_other:school/school-enrolment/letter/hand-count"), 4);
	ck_assert_int_eq(seen.cells_len, 6);
	tally_done(&tally);
	standings_free(standings);
}
END_TEST

/* Every word in every place, behind ids as long as ids may be. */
START_TEST(the_longest_names_are_whole)
{
	char area[AREA_NAME_MAX + 1], task[AREA_NAME_MAX + 1], want[512];
	struct standings *standings = standings_new();
	struct tally tally;
	struct seen seen;

	memset(area, 'a', AREA_NAME_MAX);
	memset(task, 't', AREA_NAME_MAX);
	area[AREA_NAME_MAX] = task[AREA_NAME_MAX] = '\0';
	ck_assert_int_eq(standings_intern(standings, area, task, 0, true, false), 0);
	ck_assert_int_eq(tally_init(&tally, SIZE_MAX), 0);
	for (uint8_t channel = 0; channel < EFFORT_CHANNELS; channel++)
		for (uint8_t word = 0; word < 4; word++) {
			add(&tally,
			    (struct cell){ .channel = channel,
					   .kind = word,
					   .outcome = EFFORT_MISDIRECTED,
					   .population = EFFORT_BUSINESS,
					   .assisted = EFFORT_ASSISTED },
			    1, 1);
			add(&tally,
			    (struct cell){ .channel = channel, .form = word, .direction = EFFORT_OUT }, 1, 0);
			spread_all(&tally, standings, &seen);
			ck_assert_int_eq(seen.cells_len, 6);
			snprintf(want, sizeof(want), "misdirected:%s/%s/%s/%s", area, task,
				 vocab_channel[channel], vocab_kind[word]);
			ck_assert_int_eq(amount_of(&seen, want), 1);
			snprintf(want, sizeof(want), "out:%s/%s/%s/%s", area, task, vocab_channel[channel],
				 vocab_form[word]);
			ck_assert_int_eq(amount_of(&seen, want), 1);
			tally_clear(&tally);
		}
	tally_done(&tally);
	standings_free(standings);
}
END_TEST

/* A word that outgrows its place would be cut without a sound. */
START_TEST(every_word_fits)
{
	static const struct {
		const char *const *list;
		size_t len;
	} lists[] = {
		{ vocab_channel, EFFORT_CHANNELS },
		{ vocab_kind, EFFORT_KINDS },
		{ vocab_outcome, EFFORT_OUTCOMES },
		{ vocab_form, 4 },
	};

	for (size_t i = 0; i < SUITE_LENGTH(lists); i++)
		for (size_t word = 0; word < lists[i].len; word++)
			ck_assert_uint_le(strlen(lists[i].list[word]), SPREAD_WORD_MAX);
}
END_TEST

static int on_target(void *ctx, const struct spread_group *g)
{
	const struct spread_scope *target = scope_of(g->scopes, g->scopes_len, "target");
	const struct spread_scope *pension = scope_of(g->tasks, g->tasks_len, "administration/state-pension");

	(void)ctx;
	ck_assert(target != NULL && target->is_group);
	ck_assert_int_eq(target->sums[SUM_TARGET_N], 10);
	ck_assert_int_eq(target->sums[SUM_TARGET_SELF], 8);
	ck_assert_int_eq(target->sums[SUM_MOVABLE], 2);
	ck_assert_int_eq(pension->sums[SUM_CONTACTS], 5);
	ck_assert_int_eq(pension->sums[SUM_N], 0);
	return 0;
}

START_TEST(tasks_of_others_are_shown_and_not_in_n)
{
	struct standings *standings = some_standings();
	struct amount *amounts = malloc(8 * sizeof(*amounts));
	struct tally tally;

	ck_assert_int_eq(tally_init(&tally, SIZE_MAX), 0);
	add(&tally, (struct cell){ .channel = EFFORT_SELFSERVICE }, 8, 0);
	add(&tally, (struct cell){ .channel = EFFORT_LETTER }, 2, 0);
	add(&tally, (struct cell){ .channel = EFFORT_SELFSERVICE, .standing = 2 }, 5, 0);
	ck_assert_int_eq(spread(amounts, tally_sorted(&tally, amounts), standings, on_target, NULL), 0);
	free(amounts);
	tally_done(&tally);
	standings_free(standings);
}
END_TEST

START_TEST(the_country_is_the_sum_of_its_municipalities)
{
	struct standings *standings = some_standings();
	struct tally tally;
	struct seen seen;
	uint64_t seed = 3;

	ck_assert_int_eq(tally_init(&tally, SIZE_MAX), 0);
	for (int i = 0; i < 20000; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 99;
		add(&tally,
		    (struct cell){ .municipality = seed >> 40 & 63,
				   .day = seed >> 50 & 3,
				   .standing = seed >> 30 & 3,
				   .channel = (seed >> 20 & 15) % 13,
				   .kind = seed >> 16 & 3,
				   .outcome = (seed >> 60) % 6,
				   .population = seed >> 58 & 3,
				   .direction = (seed >> 57 & 7) == 0,
				   .assisted = 0 },
		    1, 0);
	}
	spread_all(&tally, standings, &seen);
	ck_assert_int_eq(seen.groups, 64 * 4 + 4);
	ck_assert_int_eq(seen.contacts[0], seen.contacts[1]);
	ck_assert_int_eq(seen.n[0], seen.n[1]);
	ck_assert_int_gt(seen.n[0], 0);
	tally_done(&tally);
	standings_free(standings);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		fields_have_the_names_of_the_contract,
		what_is_counted_apart_is_in_no_share,
		the_longest_names_are_whole,
		every_word_fits,
		tasks_of_others_are_shown_and_not_in_n,
		the_country_is_the_sum_of_its_municipalities,
	};

	return RUN_TESTS("count/spread", tests);
}
