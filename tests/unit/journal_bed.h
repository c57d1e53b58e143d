/* SPDX-License-Identifier: MPL-2.0 */
/* A journal on a disk in memory (journal_disk.h), with a worker that works when it is told and a clock that
 * stands still, and a reader that checks every effect against what it must be: effect number i follows from i
 * alone. The bed knows for each effect the block it went to, so what was promised can be compared with what
 * is there. */
#ifndef TESTS_JOURNAL_BED_H
#define TESTS_JOURNAL_BED_H

#include "journal_disk.h"
#include "suite.h"

#include "base/str.h"
#include "journal/journal.h"

#define BED_DIR        "/state/journal"
#define BED_EFFECTS    20000
#define BED_CODES      98
#define BED_STANDINGS  9
#define BED_NEVER      UINT64_MAX
#define BED_SEALED_MAX 256

/* What is done a million times: an assertion that holds is a comparison and nothing else. */
#define BED_MUST(claim) ((claim) ? (void)0 : ck_abort_msg("must be: %s", #claim))

struct bed {
	struct mem_disk *disk;
	struct standings *standings;
	struct names *names;
	struct identity identity;
	struct journal_settings settings;
	struct journal_found found;
	struct journal *journal;

	struct job *first_job, **last_job;
	bool is_eager;   /* jobs are done at once, as they are given */
	int64_t wake_ms; /* the last wish; -1: none */

	uint64_t durable;
	enum journal_state state;
	int states; /* changes told */
	char why[256];
	uint64_t sealed[BED_SEALED_MAX];
	size_t sealed_len;

	uint32_t effects;            /* appended so far: numbers 0 .. */
	uint64_t block[BED_EFFECTS]; /* the one each lies in */
	uint64_t position, settled;
};

static char bed_codes[BED_CODES][5];
static int64_t bed_mono_ms;

static int64_t bed_mono(void)
{
	return bed_mono_ms;
}

static int64_t bed_now(void)
{
	return 1795000000000 + bed_mono_ms;
}

/* --- what effect i is --- */

static inline void bed_fill_codes(void)
{
	for (int i = 0; i < BED_CODES; i++) {
		bed_codes[i][0] = '0';
		bed_codes[i][1] = (char)('1' + i / 25);
		bed_codes[i][2] = (char)('0' + i % 25 / 5);
		bed_codes[i][3] = (char)('1' + i % 5);
	}
}

static inline const char *bed_code(uint32_t i)
{
	return bed_codes[i % BED_CODES];
}

static inline uint32_t bed_standing(uint32_t i)
{
	return i / 5 % BED_STANDINGS;
}

/* The name effect i has in a dimension; false: none. */
static inline bool bed_name(char name[64], uint32_t i, int dimension)
{
	static const uint32_t every[DIMENSIONS] = { 1, 2, 3, 29, 11, 5 };
	static const uint32_t of[DIMENSIONS] = { 5, 23, 4, 98, 7, 9 };

	if (i % every[dimension] != 0)
		return false;
	snprintf(name, 64, "%s-%u", dimension_name[dimension], i / every[dimension] % of[dimension]);
	return true;
}

static inline struct cell bed_cell(uint32_t i)
{
	return (struct cell){ .municipality = (uint16_t)(i % BED_CODES),
			      .day = (int32_t)(20770 + i % 3),
			      .standing = (uint16_t)bed_standing(i),
			      .channel = (uint8_t)(i % EFFORT_CHANNELS),
			      .outcome = (uint8_t)(i % EFFORT_OUTCOMES),
			      .assisted = (uint8_t)(i % 7),
			      .is_exempt = i % 13 == 0 };
}

/* Without its names' numbers. */
static inline struct effect bed_effect_of(uint32_t i)
{
	struct cell cell = bed_cell(i);

	return (struct effect){ .id = (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15) + 1,
				.content = i * 2654435761u,
				.id_day = (int32_t)(20770 + i % 3),
				.cell = cell_pack(&cell),
				.time_ms = i % 17 == 0 ? -(int64_t)i * 1000 : 1795000000000 + i,
				.count = 1 + i % 3,
				.seconds = i % 4 == 0 ? 30 + i : 0,
				.names = { RECORD_NO_NAME, RECORD_NO_NAME, RECORD_NO_NAME, RECORD_NO_NAME,
					   RECORD_NO_NAME, RECORD_NO_NAME } };
}

static inline uint32_t bed_number_of(const struct effect *effect)
{
	return (uint32_t)((effect->id - 1) * UINT64_C(0xf1de83e19937733d));
}

static inline void bed_standing_text(uint32_t number, char task[64])
{
	snprintf(task, 64, "area-%u/task-%u", number % 3, number);
}

static inline struct standings *bed_standings(void)
{
	struct standings *standings = standings_new();

	for (uint32_t i = 0; i < BED_STANDINGS; i++) {
		char area[32], task[32];
		uint32_t groups = 0;

		snprintf(area, sizeof(area), "area-%u", i % 3);
		snprintf(task, sizeof(task), "task-%u", i);
		for (uint32_t g = 0; g < i % 3; g++) {
			char group[32];

			snprintf(group, sizeof(group), "group-%u", g);
			groups |= 1u << standings_group(standings, group);
		}
		ck_assert_int_eq(standings_intern(standings, area, task, groups, i % 2 == 0, i % 3 == 0), i);
	}
	return standings;
}

/* --- the worker --- */

static inline void bed_submit(void *ctx, struct job *job)
{
	struct bed *bed = ctx;

	job->next = NULL;
	if (bed->is_eager) {
		job->work(job);
		job->done(job);
		return;
	}
	*bed->last_job = job;
	bed->last_job = &job->next;
}

/* Does the oldest job; false: there is none. */
static inline bool bed_work(struct bed *bed)
{
	struct job *job = bed->first_job;

	if (job == NULL)
		return false;
	bed->first_job = job->next;
	if (bed->first_job == NULL)
		bed->last_job = &bed->first_job;
	job->work(job);
	job->done(job);
	return true;
}

/* --- the owner --- */

static inline void bed_on_durable(void *ctx, uint64_t block)
{
	struct bed *bed = ctx;

	ck_assert_uint_gt(block, bed->durable);
	bed->durable = block;
}

static inline void bed_on_state(void *ctx, enum journal_state state, const char *why)
{
	struct bed *bed = ctx;

	ck_assert_int_ne(state, bed->state);
	ck_assert_int_eq(state == JOURNAL_FINE, why[0] == '\0');
	bed->state = state;
	bed->states++;
	snprintf(bed->why, sizeof(bed->why), "%s", why);
}

static inline void bed_on_sealed(void *ctx, uint64_t segment)
{
	struct bed *bed = ctx;

	ck_assert(bed->sealed_len == 0 || bed->sealed[bed->sealed_len - 1] < segment);
	if (bed->sealed_len < BED_SEALED_MAX)
		bed->sealed[bed->sealed_len++] = segment;
}

static inline void bed_wake_in(void *ctx, int64_t ms)
{
	((struct bed *)ctx)->wake_ms = ms;
}

/* --- life --- */

static inline struct mark bed_mark(struct bed *bed, enum mark_kind kind)
{
	return (struct mark){ .position = ++bed->position,
			      .kind = kind,
			      .now_ms = bed_now(),
			      .horizon_ms = bed_now() - 1000000,
			      .settled = bed->settled };
}

/* Replays and opens; both must succeed. */
static inline void bed_open(struct bed *bed, const struct replay *replay)
{
	const struct journal_owner owner = { bed, bed_on_durable, bed_on_state, bed_on_sealed, bed_wake_in };
	struct error error = { "" };
	struct mark mark;
	int r = journal_replay(&bed->settings, replay, NULL, &bed->found, &error);

	ck_assert_msg(r == 0, "%s", error.text);
	if (bed->found.position > bed->position)
		bed->position = bed->found.position;
	mark = bed_mark(bed, MARK_CUT);
	bed->journal = journal_open(&bed->settings, &owner, &bed->identity, &bed->found, &mark, &error);
	ck_assert_msg(bed->journal != NULL, "%s", error.text);
	bed->durable = journal_durable(bed->journal);
	bed->state = JOURNAL_FINE;
}

static inline struct bed *bed_new(size_t segment_bytes)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	bed->disk = mem_disk_new();
	bed->disk->table.make_folder(bed->disk, "/state");
	bed->standings = bed_standings();
	bed->names = names_new(1000, 100000);
	bed->last_job = &bed->first_job;
	bed->wake_ms = -1;
	bed_fill_codes();
	bed->identity = (struct identity){ .writer = "00112233445566aa", .incarnation = 1 };
	memset(bed->identity.key, 7, sizeof(bed->identity.key));
	bed->settings = (struct journal_settings){ .dir = BED_DIR,
						   .disk = &bed->disk->table,
						   .commits = { bed, bed_submit },
						   .quota = INT64_C(1) << 40,
						   .segment_bytes = segment_bytes,
						   .mono_ms = bed_mono,
						   .now_ms = bed_now,
						   .standings = bed->standings,
						   .names = bed->names,
						   .codes = bed_codes };
	return bed;
}

/* As a killed process: jobs that were not done are forgotten. */
static inline void bed_kill(struct bed *bed)
{
	bed->first_job = NULL;
	bed->last_job = &bed->first_job;
	journal_close(bed->journal);
	bed->journal = NULL;
}

static inline void bed_free(struct bed *bed)
{
	bed_kill(bed);
	names_free(bed->names);
	standings_free(bed->standings);
	mem_disk_free(bed->disk);
	free(bed);
}

/* Goes on on another disk (of mem_disk_copy()), which becomes the bed's. */
static inline void bed_use_disk(struct bed *bed, struct mem_disk *disk)
{
	mem_disk_free(bed->disk);
	bed->disk = disk;
	bed->settings.disk = &disk->table;
}

/* --- writing --- */

static inline void bed_effect(struct bed *bed)
{
	uint32_t i = bed->effects++;
	struct effect effect = bed_effect_of(i);

	BED_MUST(i < BED_EFFECTS);
	for (int d = 0; d < DIMENSIONS; d++) {
		char name[64];

		if (!bed_name(name, i, d))
			continue;
		BED_MUST(names_add(bed->names, (uint16_t)(i % BED_CODES), d, 20758, str_of(name),
				   (struct name_amount){ .events = 1 }, 0, &effect.names[d]) == 0);
	}
	BED_MUST(journal_effect(bed->journal, &effect) == 0);
	bed->block[i] = journal_last(bed->journal);
}

static inline void bed_append(struct bed *bed, uint32_t n)
{
	while (n-- > 0)
		bed_effect(bed);
}

static inline uint64_t bed_put_mark(struct bed *bed, enum mark_kind kind)
{
	struct mark mark = bed_mark(bed, kind);

	ck_assert_int_eq(journal_mark(bed->journal, &mark), 0);
	return mark.position;
}

/* Commits and lets time pass until everything is durable, or so many turns have passed. */
static inline void bed_settle(struct bed *bed, int turns)
{
	while (turns-- > 0 && journal_durable(bed->journal) < journal_last(bed->journal)) {
		journal_commit(bed->journal);
		while (bed_work(bed))
			;
		bed_mono_ms += 1;
	}
}

/* The clock goes on by so many ms, with everything that happens meanwhile. */
static inline void bed_pass(struct bed *bed, int64_t ms)
{
	for (int64_t i = 0; i < ms; i++) {
		bed_mono_ms++;
		journal_tick(bed->journal);
		while (bed_work(bed))
			;
	}
}

static inline bool bed_is_promised(const struct bed *bed, uint32_t i)
{
	return bed->block[i] <= bed->durable;
}

/* --- reading --- */

/* What a journal says, checked on the way. */
struct bed_seen {
	uint8_t times[BED_EFFECTS]; /* each effect was told */
	uint64_t at_block[BED_EFFECTS];
	uint64_t effects, blocks, marks, damages, nameless;
	uint64_t sequence; /* of the block */
	struct mark mark;  /* last one */
	uint64_t lost;     /* blocks told as damaged or missing */
	char what[32];     /* of the last damage */
	struct damage damage;
	char codes[CELL_MUNICIPALITIES][5];
	char tasks[64][64];
	uint8_t standings[64]; /* bits 0, 1 and groups from bit 2 */
	struct {
		char name[64];
		uint16_t municipality;
		uint8_t dimension;
		int32_t period;
	} names[4096];
};

static inline int bed_see_municipality(void *ctx, uint16_t number, const char *code)
{
	struct bed_seen *seen = ctx;

	BED_MUST(number < CELL_MUNICIPALITIES);
	snprintf(seen->codes[number], 5, "%s", code);
	return 0;
}

static inline int bed_see_standing(void *ctx, uint16_t number, const struct standing_text *text)
{
	struct bed_seen *seen = ctx;

	BED_MUST(number < 64);
	snprintf(seen->tasks[number], 64, "%s", text->task);
	seen->standings[number] =
		(uint8_t)(text->is_municipal | text->is_target << 1 | text->groups_len << 2);
	return 0;
}

static inline int bed_see_name(void *ctx, uint32_t number, const struct name_text *text)
{
	struct bed_seen *seen = ctx;

	BED_MUST(number < 4096);
	snprintf(seen->names[number].name, 64, "%.*s", STR_ARG(text->name));
	seen->names[number].municipality = text->municipality;
	seen->names[number].dimension = text->dimension;
	seen->names[number].period = text->period;
	return 0;
}

static inline void bed_check_name(struct bed_seen *seen, uint32_t i, int d, uint32_t number)
{
	char name[64];

	if (!bed_name(name, i, d)) {
		BED_MUST(number == RECORD_NO_NAME);
		return;
	}
	if (number == RECORD_NO_NAME) {
		seen->nameless++;
		return;
	}
	BED_MUST(number < 4096);
	BED_MUST(strcmp(seen->names[number].name, name) == 0);
	BED_MUST(seen->names[number].dimension == d);
	BED_MUST(seen->names[number].period == 20758);
	BED_MUST(strcmp(seen->codes[seen->names[number].municipality], bed_code(i)) == 0);
}

static inline int bed_see_effect(void *ctx, const struct effect *effect)
{
	struct bed_seen *seen = ctx;
	uint32_t i = bed_number_of(effect), standing = bed_standing(i);
	struct effect expected = bed_effect_of(i);
	struct cell cell = cell_unpack(effect->cell);
	char task[64];

	BED_MUST(i < BED_EFFECTS);
	for (int d = 0; d < DIMENSIONS; d++)
		bed_check_name(seen, i, d, effect->names[d]);
	BED_MUST(memcmp(effect, &expected, offsetof(struct effect, names)) == 0);
	bed_standing_text(standing, task);
	BED_MUST(strcmp(seen->codes[cell.municipality], bed_code(i)) == 0);
	BED_MUST(strcmp(seen->tasks[cell.standing], task) == 0);
	BED_MUST(seen->standings[cell.standing] ==
		 ((standing % 2 == 0) | (standing % 3 == 0) << 1 | standing % 3 << 2));
	seen->times[i]++;
	seen->at_block[i] = seen->sequence;
	seen->effects++;
	return 0;
}

static inline int bed_see_mark(void *ctx, const struct mark *mark)
{
	struct bed_seen *seen = ctx;

	BED_MUST(mark->position > seen->mark.position);
	seen->mark = *mark;
	seen->marks++;
	return 0;
}

static inline int bed_see_block(void *ctx, uint64_t sequence, int64_t at, size_t len)
{
	struct bed_seen *seen = ctx;

	BED_MUST(sequence > seen->sequence);
	BED_MUST(at > 0 && len > 0);
	seen->sequence = sequence;
	seen->blocks++;
	return 0;
}

static inline void bed_see_damage(void *ctx, const struct damage *damage)
{
	struct bed_seen *seen = ctx;

	BED_MUST(damage->from <= damage->to && damage->first_block <= damage->last_block);
	seen->damages++;
	if (damage->last_block > 0)
		seen->lost += damage->last_block - damage->first_block + 1;
	seen->damage = *damage;
	snprintf(seen->what, sizeof(seen->what), "%s", damage->what);
}

static inline struct replay bed_replay(struct bed_seen *seen)
{
	memset(seen, 0, sizeof(*seen));
	return (struct replay){ seen,           bed_see_municipality, bed_see_standing, bed_see_name,
				bed_see_effect, bed_see_mark,         bed_see_block,    bed_see_damage, NULL };
}

/* Reads a disk's journal as a start does. */
static inline struct journal_found bed_read(const struct bed *bed, const struct mem_disk *disk,
					    struct bed_seen *seen)
{
	struct journal_settings settings = bed->settings;
	struct replay replay = bed_replay(seen);
	struct journal_found found;
	struct error error = { "" };
	int r;

	settings.disk = &disk->table;
	r = journal_replay(&settings, &replay, NULL, &found, &error);
	ck_assert_msg(r == 0, "%s", error.text);
	ck_assert_uint_eq(found.effects, seen->effects);
	ck_assert_uint_eq(found.damages, seen->damages);
	return found;
}

/* What was promised is there once; what was not, at most once. */
static inline void bed_check(const struct bed *bed, const struct bed_seen *seen)
{
	for (uint32_t i = 0; i < bed->effects; i++) {
		if (seen->times[i] > 1)
			ck_abort_msg("effect %u is there %u times", i, seen->times[i]);
		if (seen->times[i] == 0 && bed_is_promised(bed, i))
			ck_abort_msg("effect %u of block %lu is gone, %lu were durable", i, bed->block[i],
				     bed->durable);
	}
}

#endif
