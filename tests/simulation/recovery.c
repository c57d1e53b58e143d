/* SPDX-License-Identifier: MPL-2.0 */
/* See recovery.h. */
#include "recovery.h"

#include "journal/fold.h"
#include "journal/segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char recovery_codes[RECOVERY_CODES][5] = { "0101", "0751", "0851" };

int words_init(struct words *words)
{
	static const char *const names[] = { "north", "south", "east", "west" };
	const struct name_amount once = { .events = 1 };

	words->standings = standings_new();
	words->names = names_new(256, 1000);
	if (words->standings == NULL || words->names == NULL ||
	    standings_intern(words->standings, "school", "enrolment", 0, true, true) < 0)
		return -ENOMEM;
	for (int i = 0; i < 4; i++) {
		struct effort_str name = { names[i], strlen(names[i]) };

		if (names_add(words->names, 0, BY_UNIT, 20758, name, once, 0, &words->name[i]) < 0)
			return -ENOMEM;
	}
	return 0;
}

void words_done(struct words *words)
{
	standings_free(words->standings);
	names_free(words->names);
}

/* --- reading --- */

struct reading {
	struct recovery *recovery;
	uint64_t segment;
	uint64_t segments[4096];
	size_t segments_len;
};

static int on_effect(void *ctx, const struct effect *effect)
{
	struct reading *reading = ctx;
	int r;

	reading->recovery->effects++;
	r = dedup_offer(reading->recovery->dedup, effect->id, effect->content, effect->id_day, reading->segment,
			true);
	return r < 0 ? r : 0;
}

static int on_segment(void *ctx, const struct segment_head *head)
{
	struct reading *reading = ctx;

	reading->segment = head->number;
	if (reading->segments_len < sizeof(reading->segments) / sizeof(reading->segments[0]))
		reading->segments[reading->segments_len++] = head->number;
	return 0;
}

static void on_damage(void *ctx, const struct damage *damage)
{
	struct reading *reading = ctx;

	(void)damage;
	reading->recovery->damages++;
}

static int64_t now_ms(void)
{
	return INT64_C(1795305600000);
}

/* Every commit finds that its time has come. */
static int64_t mono_ms(void)
{
	static int64_t ms;

	return ms += 10;
}

static struct journal_settings settings_of(const struct disk *disk, const struct words *words)
{
	return (struct journal_settings){ .dir = RECOVERY_JOURNAL,
					  .disk = disk,
					  .mono_ms = mono_ms,
					  .now_ms = now_ms,
					  .standings = words->standings,
					  .names = words->names,
					  .codes = recovery_codes };
}

struct journal *recovery_open(const struct disk *disk, const struct words *words, struct worker worker,
			      size_t segment_bytes, const struct journal_owner *owner, struct identity *identity,
			      struct journal_found *found, uint64_t *ret_position, struct error *reterr)
{
	struct journal_settings settings = settings_of(disk, words);
	struct mark mark = { .kind = MARK_CUT, .now_ms = now_ms(), .horizon_ms = INT64_MIN };
	uint64_t last = found->position;
	int r;

	for (size_t i = 0; i < identity->runs_len; i++)
		if (last < identity->runs[i].last)
			last = identity->runs[i].last;
	mark.position = *ret_position = identity_begin_run(identity, last, 0, 0);
	identity->incarnation++;
	r = identity_write(identity, disk, RECOVERY_JOURNAL);
	if (r < 0) {
		error_set(reterr, r, "writer: %s", strerror(-r));
		return NULL;
	}
	settings.commits = worker;
	settings.segment_bytes = segment_bytes;
	return journal_open(&settings, owner, identity, found, &mark, reterr);
}

/* --- folding --- */

int recovery_fold(const struct disk *disk, uint64_t segment, uint64_t *ret_damages, struct error *reterr)
{
	const struct fold_paths paths = { .journal = RECOVERY_JOURNAL,
						.totals = RECOVERY_TOTALS,
						.ids = RECOVERY_IDS,
						.bookings = RECOVERY_BOOKINGS };
	struct fold_result result = { 0 };
	int r = fold_segment(disk, &paths, segment, &result, reterr);

	*ret_damages += result.damages;
	return r;
}

static int on_amount(void *ctx, const char *code, const struct standing_text *standing, const struct cell *cell,
		     int64_t count, int64_t seconds)
{
	int64_t *sum = ctx;

	(void)code;
	(void)standing;
	(void)cell;
	(void)seconds;
	*sum += count;
	return 0;
}

static int add_up(struct recovery *recovery, const struct disk *disk, struct error *reterr)
{
	const struct totals_visit visit = { .ctx = &recovery->counted, .on_amount = on_amount };
	struct totals *totals;
	int r = fold_sum(disk, RECOVERY_TOTALS, RECOVERY_DAY - 8, RECOVERY_DAY + 2, &totals, &recovery->damages, reterr);

	if (r < 0)
		return r;
	r = totals_visit(totals, &visit);
	totals_free(totals);
	return r;
}

static void ignore_block(void *ctx, uint64_t block)
{
	(void)ctx;
	(void)block;
}

static void ignore_state(void *ctx, enum journal_state state, const char *why)
{
	(void)ctx;
	(void)state;
	(void)why;
}

static void ignore_segment(void *ctx, uint64_t segment)
{
	(void)ctx;
	(void)segment;
}

static void ignore_wish(void *ctx, int64_t ms)
{
	(void)ctx;
	(void)ms;
}

static void at_once(void *ctx, struct job *job)
{
	(void)ctx;
	job->work(job);
	job->done(job);
}

static int close_and_fold(struct recovery *recovery, const struct disk *disk, const struct words *words,
			  struct reading *reading, struct journal_found *found, struct error *reterr)
{
	const struct journal_owner owner = { NULL, ignore_block, ignore_state, ignore_segment, ignore_wish };
	const struct worker worker = { NULL, at_once };
	uint64_t position;
	struct journal *journal = recovery_open(disk, words, worker, 1 << 20, &owner, &recovery->identity, found,
						&position, reterr);
	int r = 0;

	if (journal == NULL)
		return -EIO;
	for (size_t i = 0; i < reading->segments_len && r == 0; i++) {
		r = recovery_fold(disk, reading->segments[i], &recovery->damages, reterr);
		if (r == 0)
			dedup_folded(recovery->dedup, reading->segments[i]);
		if (r == 0)
			journal_folded(journal, reading->segments[i]);
	}
	journal_close(journal);
	return r;
}

int recovery_start(struct recovery *recovery, const struct disk *disk, const struct words *words,
		   struct error *reterr)
{
	const struct dedup_settings ids = { RECOVERY_IDS, disk, 64, false };
	struct journal_settings settings = settings_of(disk, words);
	struct reading reading = { .recovery = recovery };
	const struct replay replay = { .ctx = &reading, .on_effect = on_effect, .on_damage = on_damage };
	struct journal_found found;
	const char *damage = NULL;
	bool is_new;
	int r;

	memset(recovery, 0, sizeof(*recovery));
	disk->make_folder(disk->ctx, RECOVERY_JOURNAL);
	disk->make_folder(disk->ctx, RECOVERY_IDS);
	disk->make_folder(disk->ctx, RECOVERY_BOOKINGS);
	disk->make_folder(disk->ctx, RECOVERY_TOTALS);
	r = identity_read(&recovery->identity, disk, RECOVERY_JOURNAL, &is_new, &damage);
	if (r < 0)
		return error_set(reterr, r, "writer: %s", strerror(-r));
	recovery->dedup = dedup_open(&ids, 20000, &recovery->damages, reterr);
	if (recovery->dedup == NULL)
		return -EIO;
	r = journal_replay(&settings, &replay, on_segment, &found, reterr);
	recovery->is_torn = r == 0 && found.last_segment != 0 && found.end.size > found.end.at;
	if (r == 0)
		r = close_and_fold(recovery, disk, words, &reading, &found, reterr);
	return r < 0 ? r : add_up(recovery, disk, reterr);
}

void recovery_done(struct recovery *recovery)
{
	dedup_close(recovery->dedup);
	recovery->dedup = NULL;
}
