/* SPDX-License-Identifier: MPL-2.0 */
/* See totals.h: sums to bytes, in the form of totals_file.h. Only words that something uses are written, and
 * everything is sorted by text, so that what was counted when does not show. */
#include "journal/totals_inside.h"

#include "journal/totals_bytes.h"
#include "journal/totals_file.h"

#include <errno.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* Numbers of the totals to numbers of the file. */
struct ranks {
	uint16_t *codes, *standings; /* owned; by number; UNUSED until something uses it */
	const char **code_texts;     /* owned; by rank */
	const struct standing_text **standing_texts;
	const char **groups; /* owned; by rank */
	size_t codes_len, standings_len, groups_len;
};

#define UNUSED UINT16_MAX

static void ranks_done(struct ranks *ranks)
{
	free(ranks->codes);
	free(ranks->standings);
	free(ranks->code_texts);
	free(ranks->standing_texts);
	free(ranks->groups);
}

static uint16_t *unused(size_t n)
{
	uint16_t *list = malloc((n + 1) * sizeof(*list));

	if (list != NULL)
		memset(list, 0xff, (n + 1) * sizeof(*list));
	return list;
}

static void find_used(const struct totals *totals, struct ranks *ranks)
{
	for (size_t i = 0; i <= totals->cells.mask; i++) {
		uint64_t cell = totals->cells.slots[i].cell;

		if (cell == TALLY_EMPTY)
			continue;
		ranks->codes[cell_municipality(cell)] = 0;
		ranks->standings[cell_standing(cell)] = 0;
	}
	for (size_t i = 0; i < totals->names_len; i++)
		ranks->codes[totals->names[i].municipality] = 0;
	for (size_t i = 0; i < totals->places_len; i++)
		ranks->codes[totals->places[i].municipality] = 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The codes lie in one array, so that a code's address tells its number. */
static int rank_codes(const struct totals *totals, struct ranks *ranks)
{
	ranks->code_texts = malloc((totals->codes_len + 1) * sizeof(*ranks->code_texts));
	if (ranks->code_texts == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < totals->codes_len; i++)
		if (ranks->codes[i] != UNUSED)
			ranks->code_texts[ranks->codes_len++] = totals->codes[i];
	qsort(ranks->code_texts, ranks->codes_len, sizeof(*ranks->code_texts), by_text);
	for (size_t i = 0; i < ranks->codes_len; i++)
		ranks->codes[(ranks->code_texts[i] - totals->codes[0]) / (ptrdiff_t)sizeof(*totals->codes)] =
			(uint16_t)i;
	return 0;
}

static int by_standing(const void *a, const void *b)
{
	return totals_compare_standings(*(const struct standing_text *const *)a,
					*(const struct standing_text *const *)b);
}

static int rank_standings(const struct totals *totals, struct ranks *ranks)
{
	ranks->standing_texts = malloc((totals->standings_len + 1) * sizeof(*ranks->standing_texts));
	if (ranks->standing_texts == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < totals->standings_len; i++)
		if (ranks->standings[i] != UNUSED)
			ranks->standing_texts[ranks->standings_len++] = &totals->standings[i];
	qsort(ranks->standing_texts, ranks->standings_len, sizeof(*ranks->standing_texts), by_standing);
	for (size_t i = 0; i < ranks->standings_len; i++)
		ranks->standings[ranks->standing_texts[i] - totals->standings] = (uint16_t)i;
	return 0;
}

static int collect_groups(struct ranks *ranks)
{
	size_t n = 0, all = 0;

	for (size_t i = 0; i < ranks->standings_len; i++)
		all += ranks->standing_texts[i]->groups_len;
	ranks->groups = malloc((all + 1) * sizeof(*ranks->groups));
	if (ranks->groups == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < ranks->standings_len; i++)
		for (size_t g = 0; g < ranks->standing_texts[i]->groups_len; g++)
			ranks->groups[n++] = ranks->standing_texts[i]->groups[g];
	qsort(ranks->groups, n, sizeof(*ranks->groups), by_text);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(ranks->groups[ranks->groups_len - 1], ranks->groups[i]) != 0)
			ranks->groups[ranks->groups_len++] = ranks->groups[i];
	return 0;
}

static int ranks_init(struct ranks *ranks, const struct totals *totals)
{
	int r;

	*ranks = (struct ranks){ .codes = unused(totals->codes_len),
				 .standings = unused(totals->standings_len) };
	if (ranks->codes == NULL || ranks->standings == NULL)
		return -ENOMEM;
	find_used(totals, ranks);
	r = rank_codes(totals, ranks);
	if (r == 0)
		r = rank_standings(totals, ranks);
	return r < 0 ? r : collect_groups(ranks);
}

/* --- sections --- */

static int by_place(const void *va, const void *vb)
{
	const struct totals_place *a = va, *b = vb;

	if (a->municipality != b->municipality)
		return a->municipality < b->municipality ? -1 : 1;
	if (a->dimension != b->dimension)
		return a->dimension < b->dimension ? -1 : 1;
	return (a->period > b->period) - (a->period < b->period);
}

static int put_places(struct bytes_out *out, const struct totals *totals, const struct ranks *ranks,
		      int32_t day)
{
	size_t n = totals->places_len;
	struct totals_place *sorted = malloc((n + 1) * sizeof(*sorted));

	if (sorted == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		sorted[i] = totals->places[i];
		sorted[i].municipality = ranks->codes[sorted[i].municipality];
	}
	qsort(sorted, n, sizeof(*sorted), by_place);
	for (size_t i = 0; i < n; i++) {
		bytes_put_number(out, sorted[i].municipality);
		bytes_put_number(out, (uint64_t)(sorted[i].dimension + 1));
		bytes_put_signed(out, (int64_t)sorted[i].period - day);
		bytes_put_number(out, sorted[i].position);
	}
	free(sorted);
	return 0;
}

static uint64_t rank_of_group(const struct ranks *ranks, const char *group)
{
	const char **found =
		bsearch(&group, ranks->groups, ranks->groups_len, sizeof(*ranks->groups), by_text);

	return (uint64_t)(found - ranks->groups);
}

static void put_words(struct bytes_out *out, const struct ranks *ranks)
{
	for (size_t i = 0; i < ranks->groups_len; i++)
		bytes_put_string(out, ranks->groups[i]);
	for (size_t i = 0; i < ranks->standings_len; i++) {
		const struct standing_text *standing = ranks->standing_texts[i];

		bytes_put_string(out, standing->task);
		bytes_put_number(out, (uint64_t)standing->is_municipal | (uint64_t)standing->is_target << 1);
		bytes_put_number(out, standing->groups_len);
		for (size_t g = 0; g < standing->groups_len; g++)
			bytes_put_number(out, rank_of_group(ranks, standing->groups[g]));
	}
}

static int put_cells(struct bytes_out *out, const struct totals *totals, const struct ranks *ranks)
{
	struct amount *sorted = malloc((totals->cells.used + 1) * sizeof(*sorted));
	uint64_t before = 0;
	size_t n = 0;

	if (sorted == NULL)
		return -ENOMEM;
	for (size_t i = 0; i <= totals->cells.mask; i++) {
		uint64_t cell = totals->cells.slots[i].cell;

		if (cell == TALLY_EMPTY)
			continue;
		sorted[n] = totals->cells.slots[i];
		sorted[n++].cell = totals_recell(cell, ranks->codes[cell_municipality(cell)],
						 ranks->standings[cell_standing(cell)]);
	}
	tally_sort(sorted, n);
	for (size_t i = 0; i < n; i++) {
		bytes_put_number(out, (sorted[i].cell - before) >> 3);
		bytes_put_number(out, (uint64_t)sorted[i].count);
		bytes_put_number(out, (uint64_t)sorted[i].seconds);
		before = sorted[i].cell;
	}
	free(sorted);
	return 0;
}

static int by_name(const void *va, const void *vb)
{
	const struct totals_name *a = va, *b = vb;
	size_t len = a->name.len < b->name.len ? a->name.len : b->name.len;
	int order;

	if (a->municipality != b->municipality)
		return a->municipality < b->municipality ? -1 : 1;
	if (a->dimension != b->dimension)
		return a->dimension < b->dimension ? -1 : 1;
	if (a->period != b->period)
		return a->period < b->period ? -1 : 1;
	order = memcmp(a->name.ptr, b->name.ptr, len);
	return order != 0 ? order : (a->name.len > b->name.len) - (a->name.len < b->name.len);
}

static void put_name(struct bytes_out *out, const struct totals_name *name, int32_t day)
{
	bytes_put_number(out, name->municipality);
	bytes_put_number(out, name->dimension);
	bytes_put_signed(out, (int64_t)name->period - day);
	bytes_put_text(out, name->name.ptr, name->name.len);
	bytes_put_number(out, (uint64_t)name->amount.events);
	bytes_put_number(out, (uint64_t)name->amount.contacts);
	bytes_put_number(out, (uint64_t)name->amount.n);
	bytes_put_number(out, (uint64_t)name->amount.self);
	bytes_put_signed(out, name->last_ms);
}

static int put_names(struct bytes_out *out, const struct totals *totals, const struct ranks *ranks,
		     int32_t day)
{
	size_t n = totals->names_len;
	struct totals_name *sorted = malloc((n + 1) * sizeof(*sorted));

	if (sorted == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		sorted[i] = totals->names[i];
		sorted[i].municipality = ranks->codes[sorted[i].municipality];
	}
	qsort(sorted, n, sizeof(*sorted), by_name);
	for (size_t i = 0; i < n; i++)
		put_name(out, &sorted[i], day);
	free(sorted);
	return 0;
}

/* --- the file --- */

static void put_checksum(struct bytes_out *out)
{
	if (!out->is_failed)
		bytes_put_fixed(out, XXH3_64bits(out->ptr, out->len), TOTALS_SUM);
}

static void fill_head(uint8_t *head, const struct totals *totals, const struct ranks *ranks, int32_t day,
		      size_t front)
{
	memcpy(head + HEAD_MAGIC, TOTALS_MAGIC, 8);
	bytes_store(head + HEAD_VERSION, TOTALS_VERSION, 4);
	bytes_store(head + HEAD_DAY, (uint32_t)day, 4);
	bytes_store(head + HEAD_FRONT, front, 4);
	bytes_store(head + HEAD_CODES, ranks->codes_len, 4);
	bytes_store(head + HEAD_PLACES, totals->places_len, 4);
	bytes_store(head + HEAD_GROUPS, ranks->groups_len, 4);
	bytes_store(head + HEAD_STANDINGS, ranks->standings_len, 4);
	bytes_store(head + HEAD_CELLS, totals->cells.used, 4);
	bytes_store(head + HEAD_NAMES, totals->names_len, 4);
}

/* The head holds the file's size, which only the body tells: the body is made first, behind a copy of
 * nothing. */
static int encode(struct bytes_out *out, const struct totals *totals, const struct ranks *ranks,
		  enum totals_kind kind, int32_t day, uint64_t segment)
{
	struct bytes_out body = { 0 };
	uint8_t head[TOTALS_HEAD] = { 0 };
	int r;

	put_words(&body, ranks);
	r = put_cells(&body, totals, ranks);
	if (r == 0)
		r = put_names(&body, totals, ranks, day);
	bytes_put(out, head, sizeof(head));
	for (size_t i = 0; i < ranks->codes_len; i++)
		bytes_put(out, ranks->code_texts[i], 4);
	if (r == 0)
		r = put_places(out, totals, ranks, day);
	if (r == 0 && !out->is_failed && !body.is_failed) {
		fill_head(out->ptr, totals, ranks, day, out->len);
		bytes_store(out->ptr + HEAD_KIND, (uint64_t)kind, 4);
		bytes_store(out->ptr + HEAD_SEGMENT, segment, 8);
		bytes_store(out->ptr + HEAD_SIZE, out->len + body.len + 2 * (size_t)TOTALS_SUM, 8);
		put_checksum(out);
		bytes_put(out, body.ptr, body.len);
		put_checksum(out);
	}
	free(body.ptr);
	return r == 0 && (out->is_failed || body.is_failed) ? -ENOMEM : r;
}

int totals_image(const struct totals *totals, struct bytes_out *out)
{
	struct ranks ranks;
	int r = ranks_init(&ranks, totals);

	if (r == 0)
		r = encode(out, totals, &ranks, TOTALS_DAY, 0, 0);
	ranks_done(&ranks);
	return r;
}

int totals_write(const struct totals *totals, const struct disk *disk, const char *path, uint64_t segment)
{
	struct bytes_out out = { 0 };
	struct ranks ranks;
	enum totals_kind kind;
	int32_t day;
	int r;

	if (!totals_file_path(path, &kind, &day))
		return -EINVAL;
	r = ranks_init(&ranks, totals);
	if (r == 0)
		r = encode(&out, totals, &ranks, kind, day, segment);
	if (r == 0 && out.len > TOTALS_FILE_MAX)
		r = -EFBIG;
	if (r == 0)
		r = disk_replace(disk, path, out.ptr, out.len);
	ranks_done(&ranks);
	free(out.ptr);
	return r;
}
