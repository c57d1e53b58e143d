/* SPDX-License-Identifier: MPL-2.0 */
/* A plain list of everything that was ever put into segments, and the look whether the totals and id files on
 * a disk hold just that. Included by one file of a program. */
#ifndef TESTS_JOURNAL_LIST_H
#define TESTS_JOURNAL_LIST_H

#include "suite.h"

#include "journal/fold.h"
#include "journal/ids.h"
#include "journal/totals_file.h"
#include "journal/totals_inside.h"

#include "count/named.h"
#include "domain/period.h"
#include "journal_sums.h"
#include "journal_wal.h"

#define DAY        20778 /* 2026-11-21 */
#define ID_DAY     20700
#define IDS_MOST   20000
#define PLACE_MOST 4000

static const struct fold_paths paths = { .journal = WAL_DIR,
					.totals = "/totals",
					.ids = "/ids",
					.bookings = "/bookings",
					.errands = { "/errands", INT64_MIN / 2, 0, SIZE_MAX },
					.meters = { "/meters", INT64_MIN / 2, 0, SIZE_MAX } };

/* Everything that was put into segments. */
struct list {
	struct totals *sums;
	struct touched {
		uint16_t municipality;
		int dimension;
		int32_t period;
	} open[PLACE_MOST]; /* behind the last mark */
	size_t open_len;
	struct id_entry ids[IDS_MOST];
	size_t ids_len;
	uint64_t position;
};

static struct mem_disk *disk;
static struct list *list;
static struct wal *wal;
static uint64_t seed;

static inline void set_up(void)
{
	disk = mem_disk_new();
	mem_make_folder(disk, WAL_DIR);
	mem_make_folder(disk, "/totals");
	mem_make_folder(disk, "/ids");
	list = calloc(1, sizeof(*list));
	list->sums = totals_new();
	list->position = 1000;
	wal = calloc(1, sizeof(*wal));
	seed = 1;
}

static inline void tear_down(void)
{
	totals_free(list->sums);
	free(list);
	free(wal);
	mem_disk_free(disk);
}

static inline unsigned dice(unsigned n)
{
	return (unsigned)(mem_random(&seed) % n);
}

/* --- the list --- */

static inline void touch(uint16_t municipality, int dimension, int32_t period)
{
	ck_assert_uint_lt(list->open_len, PLACE_MOST);
	list->open[list->open_len++] = (struct touched){ municipality, dimension, period };
}

static inline void list_name(const struct wal_contact *contact, uint16_t municipality, int dimension,
			     const struct name_amount *amount)
{
	int32_t period = dimension == BY_REASON ? contact->cell.day : contact->month;

	if (contact->names[dimension] < 0 || amount->events == 0)
		return;
	ck_assert_int_eq(totals_add_name(list->sums, municipality, (enum dimension)dimension, period,
					 wal_name((unsigned)contact->names[dimension]), amount,
					 contact->effect.time_ms),
			 0);
	if (dimension != BY_REASON)
		touch(municipality, dimension, period);
}

static inline void list_contact(const struct wal_contact *contact)
{
	struct standing_text text = wal_standing(contact->standing);
	struct share_rule rule;
	struct standing standing = { .is_municipal = text.is_municipal,
				     .is_target = text.is_target,
				     .rule = standing_rule(text.groups, text.groups_len, &rule) };
	int64_t count = contact->effect.count;
	struct cell cell = contact->cell;
	struct name_amount amount = named_amount(&cell, &standing, count),
			   letters = named_letters(&cell, &standing, count);
	char code[5];

	wal_code(code, contact->municipality);
	cell.municipality = (uint16_t)totals_municipality(list->sums, code);
	cell.standing = (uint16_t)totals_standing(list->sums, &text);
	ck_assert_int_eq(totals_add(list->sums, cell_pack(&cell), count, contact->effect.seconds), 0);
	touch(cell.municipality, -1, cell.day);
	for (int d = 0; d < DIMENSIONS; d++)
		list_name(contact, cell.municipality, d, d == BY_REASON ? &letters : &amount);
	if (contact->effect.id_day != 0 && list->ids_len < IDS_MOST)
		list->ids[list->ids_len++] = (struct id_entry){ contact->effect.id, contact->effect.content,
								contact->effect.id_day };
}

/* What a mark covers is in Redis at a position behind the mark before. */
static inline uint64_t list_mark(void)
{
	for (size_t i = 0; i < list->open_len; i++)
		ck_assert_int_eq(totals_place(list->sums, list->open[i].municipality, list->open[i].dimension,
					      list->open[i].period, list->position + 1),
				 0);
	list->open_len = 0;
	list->position += 1 + dice(1000);
	return list->position;
}

/* --- contacts --- */

static inline struct wal_contact any_contact(int32_t day)
{
	struct wal_contact contact = { .municipality = dice(WAL_MUNICIPALITIES),
				       .standing = dice(WAL_STANDINGS) };
	struct effect *effect = &contact.effect;
	struct cell *cell = &contact.cell;

	cell->day = day;
	cell->channel = (uint8_t)dice(4);
	cell->direction = dice(4) == 0 ? EFFORT_OUT : EFFORT_IN;
	cell->kind = (uint8_t)dice(3);
	cell->population = (uint8_t)dice(3);
	cell->outcome = (uint8_t)dice(3);
	cell->is_exempt = dice(8) == 0;
	cell->is_ignored = dice(8) == 0;
	cell->hours = cell->direction == EFFORT_IN ? (uint8_t)dice(3) : CELL_HOURS_UNKNOWN;
	contact.month = period_of(WINDOW_MONTH, day).first;
	for (int d = 0; d < DIMENSIONS; d++)
		contact.names[d] = d == BY_SOURCE || dice(3) == 0 ? (int)dice(WAL_NAMES) : -1;
	effect->id = mem_random(&seed);
	effect->content = (uint32_t)effect->id;
	effect->id_day = dice(20) == 0 ? 0 : ID_DAY + (int32_t)dice(4);
	effect->time_ms = day * DAY_MS + dice(86400000);
	effect->count = dice(5) == 0 ? 1 + dice(1000) : 1;
	effect->seconds = dice(2) * dice(600);
	return contact;
}

/* Mostly today, sometimes long ago. */
static inline int32_t any_day(void)
{
	return dice(3) == 0 ? DAY - (int32_t)dice(60) : DAY - (int32_t)dice(2);
}

static inline void count_some(unsigned n)
{
	while (n-- > 0) {
		struct wal_contact contact = any_contact(any_day());

		list_contact(&contact);
		wal_contact(wal, &contact);
	}
}

static inline void mark(enum mark_kind kind)
{
	wal_mark(wal, kind, list_mark());
}

/* A segment of some blocks with marks here and there. */
static inline void any_segment(uint64_t number, unsigned blocks)
{
	uint64_t first = wal->sequence == 0 ? 1 : wal->sequence;

	wal_begin(wal, disk, number, first, list->position);
	for (unsigned b = 0; b < blocks; b++) {
		count_some(1 + dice(15));
		if (dice(3) == 0)
			mark(MARK_FREEZE);
		wal_block(wal);
	}
	mark(MARK_CUT);
	wal_end(wal);
}

/* --- looking --- */

struct reading {
	struct mem_disk *disk;
	struct totals *totals;
};

static inline int read_totals(void *ctx, const char *name)
{
	struct reading *reading = ctx;
	char path[TOTALS_PATH_MAX];
	struct error err = { "" };
	enum totals_kind kind;
	int32_t day;
	int r;

	if (!totals_file_name(name, &kind, &day))
		return 0;
	snprintf(path, sizeof(path), "/totals/%s", name);
	r = totals_read(reading->totals, &reading->disk->table, path, INT32_MIN, NULL, &err);
	ck_assert_msg(r == 0, "%s", err.text);
	return 0;
}

static inline struct totals *all_files(struct mem_disk *on)
{
	struct reading reading = { on, totals_new() };

	ck_assert_int_eq(mem_list(on, "/totals", read_totals, &reading), 0);
	return reading.totals;
}

struct collecting {
	struct mem_disk *disk;
	struct id_entry ids[IDS_MOST];
	size_t n;
	int32_t day;
};

static inline int collect_id(void *ctx, uint64_t id, uint32_t content)
{
	struct collecting *collecting = ctx;

	collecting->ids[collecting->n++] = (struct id_entry){ id, content, collecting->day };
	return collecting->n == IDS_MOST ? -E2BIG : 0;
}

static inline int collect_file(void *ctx, const char *name)
{
	struct collecting *collecting = ctx;
	struct ids *ids;
	uint64_t segment;
	char path[64];

	if (!ids_name(name, &collecting->day, &segment))
		return 0;
	snprintf(path, sizeof(path), "/ids/%s", name);
	ids = ids_open(&collecting->disk->table, path, NULL);
	ck_assert_ptr_nonnull(ids);
	ck_assert_int_eq(ids_each(ids, collect_id, collecting), 0);
	ids_close(ids);
	return 0;
}

static inline int by_id(const void *va, const void *vb)
{
	const struct id_entry *a = va, *b = vb;

	return (a->id > b->id) - (a->id < b->id);
}

static inline void check_ids(struct mem_disk *on)
{
	struct collecting *found = calloc(1, sizeof(*found));

	found->disk = on;
	ck_assert_int_eq(mem_list(on, "/ids", collect_file, found), 0);
	ck_assert_uint_eq(found->n, list->ids_len);
	qsort(found->ids, found->n, sizeof(*found->ids), by_id);
	qsort(list->ids, list->ids_len, sizeof(*list->ids), by_id);
	for (size_t i = 0; i < found->n; i++)
		if (found->ids[i].id != list->ids[i].id || found->ids[i].day != list->ids[i].day ||
		    found->ids[i].content != list->ids[i].content)
			ck_abort_msg("id %zu differs", i);
	free(found);
}

/* The files hold what the list holds, no more and no less. */
static inline void check_everything(struct mem_disk *on)
{
	struct totals *files = all_files(on);

	sums_check_same("files", files, list->sums);
	totals_free(files);
	check_ids(on);
}

static inline int try_fold(struct mem_disk *on, uint64_t segment, struct fold_result *ret, struct error *err)
{
	memset(ret, 0, sizeof(*ret));
	return fold_segment(&on->table, &paths, segment, ret, err);
}

static inline struct fold_result fold(struct mem_disk *on, uint64_t segment)
{
	struct fold_result result;
	struct error err = { "" };
	int r = try_fold(on, segment, &result, &err);

	ck_assert_msg(r == 0, "%d: %s", r, err.text);
	ck_assert_uint_eq(result.segment, segment);
	return result;
}

#endif
