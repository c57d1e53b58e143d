/* SPDX-License-Identifier: MPL-2.0 */
/* See look.h. */
#include "run/look.h"

#include <stdlib.h>
#include <string.h>

void look_init(struct look *look)
{
	*look = (struct look){ .missing = "" };
	look->sheets_end = &look->sheets;
}

static void free_sheets(struct sheet *sheet)
{
	while (sheet != NULL) {
		struct sheet *next = sheet->next;

		sheet_free(sheet);
		sheet = next;
	}
}

static void hash_done(struct look_hash *hash)
{
	for (size_t i = 0; i < hash->n; i++)
		free(hash->text[i]);
	free(hash->text);
	free(hash->len);
	free(hash->suffix);
}

void look_clear(struct look *look)
{
	for (size_t i = 0; i < look->ranges_len; i++)
		picture_free(look->ranges[i].picture);
	for (size_t i = 0; i < look->hashes_len; i++)
		hash_done(&look->hashes[i]);
	free(look->ranges);
	free(look->hashes);
	free_sheets(look->sheets);
	free_sheets(look->kept);
	look->ranges = NULL;
	look->hashes = NULL;
	look->ranges_len = look->ranges_cap = look->hashes_len = look->hashes_cap = 0;
	look->sheets = look->kept = NULL;
	look->sheets_end = &look->sheets;
	look->is_short = false;
}

/* Room for one more element; false: remembered. */
static bool make_room(struct look *look, void **list, size_t len, size_t *cap, size_t size, size_t max)
{
	size_t more = *cap == 0 ? 16 : *cap * 2;
	void *grown;

	if (len < *cap)
		return true;
	grown = len < max ? realloc(*list, more * size) : NULL;
	if (grown == NULL) {
		look->is_short = true;
		return false;
	}
	*list = grown;
	*cap = more;
	return true;
}

static struct look_range *find_range(const struct look *look, int32_t first, int32_t end)
{
	for (size_t i = 0; i < look->ranges_len; i++)
		if (look->ranges[i].first == first && look->ranges[i].end == end)
			return &look->ranges[i];
	return NULL;
}

void look_want(struct look *look, int32_t first, int32_t end)
{
	void *list = look->ranges;

	if (first >= end || find_range(look, first, end) != NULL ||
	    !make_room(look, &list, look->ranges_len, &look->ranges_cap, sizeof(*look->ranges), LOOK_RANGES_MAX))
		return;
	look->ranges = list;
	look->ranges[look->ranges_len++] = (struct look_range){ .first = first, .end = end };
}

static struct look_hash *find_hash(const struct look *look, const char *suffix)
{
	for (size_t i = 0; i < look->hashes_len; i++)
		if (strcmp(look->hashes[i].suffix, suffix) == 0)
			return &look->hashes[i];
	return NULL;
}

void look_want_hash(struct look *look, const char *suffix)
{
	void *list = look->hashes;
	char *copy;

	if (find_hash(look, suffix) != NULL ||
	    !make_room(look, &list, look->hashes_len, &look->hashes_cap, sizeof(*look->hashes), LOOK_HASHES_MAX))
		return;
	look->hashes = list;
	copy = strdup(suffix);
	if (copy == NULL) {
		look->is_short = true;
		return;
	}
	look->hashes[look->hashes_len++] = (struct look_hash){ .suffix = copy };
}

const struct picture *look_picture(const struct look *look, int32_t first, int32_t end, bool *ret_is_whole)
{
	const struct look_range *range = find_range(look, first, end);

	if (range == NULL || range->picture == NULL)
		return NULL;
	*ret_is_whole = range->is_whole;
	return range->picture;
}

struct fields look_hash(const struct look *look, const char *suffix)
{
	const struct look_hash *hash = find_hash(look, suffix);

	if (hash == NULL)
		return (struct fields){ 0, NULL, NULL };
	return (struct fields){ hash->n, (const char *const *)hash->text, hash->len };
}

void look_put(struct look *look, struct sheet *sheet)
{
	if (sheet == NULL || sheet_is_short(sheet)) {
		sheet_free(sheet);
		look->is_short = true;
		return;
	}
	*look->sheets_end = sheet;
	look->sheets_end = &sheet->next;
}

void look_keep(struct look *look, const char *suffix)
{
	struct sheet *sheet = sheet_new(suffix);

	if (sheet == NULL) {
		look->is_short = true;
		return;
	}
	sheet->next = look->kept;
	look->kept = sheet;
}
