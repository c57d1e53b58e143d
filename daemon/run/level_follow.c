/* SPDX-License-Identifier: MPL-2.0 */
/* See level_follow.h. Fields: "<meter>@<source>", and with ".time" behind that the Unix ms at which it was so. What other
 * writers know of stays as it is in Redis: a source sends to one of them. */
#include "run/level_follow.h"

#include "base/str.h"
#include "count/meter.h"
#include "count/picture.h"
#include "run/core.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SUFFIX	    "levels"
#define LEVELS_MAX  1024 /* of a municipality are shown */
#define LEVEL_FIELD (40 + 1 + 128 + 8)
#define TIME	    ".time"

void level_follow_want(void *ctx, struct look *look)
{
	(void)ctx;
	if (!look->is_country)
		look_want_hash(look, SUFFIX);
}

/* The latest level that has not been taken back; NULL: none. *ret_any: one of the records, whose words tell what it is. */
static const struct errand_entry *latest(const struct errands *levels, uint64_t key, const struct errand_entry **ret_any)
{
	uint32_t numbers[METER_READINGS];
	size_t n = errands_of(levels, key, numbers, METER_READINGS);
	const struct errand_entry *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct errand_entry *entry = errands_get(levels, numbers[i]);

		*ret_any = entry;
		if (entry->count > 0 && (best == NULL || entry->time_ms > best->time_ms ||
					 (entry->time_ms == best->time_ms && entry->id > best->id)))
			best = entry;
	}
	return best;
}

static bool is_level_of(struct errands *levels, const struct errand_entry *entry, const char *code)
{
	const struct kinds *kinds = errands_kinds(levels);

	return entry->seconds == 1 && strcmp(kinds_code(kinds, kinds_get(kinds, entry->kind)->cell), code) == 0;
}

bool level_follow_has(const struct core *core, const char *code)
{
	struct errands *levels = core->meters.errands;
	uint32_t cursor = 0;
	uint64_t key;

	for (uint32_t at = errands_walk(levels, &cursor, &key); at != ERRANDS_END;
	     at = errands_walk(levels, &cursor, &key))
		if (is_level_of(levels, errands_get(levels, at), code))
			return true;
	return false;
}

static void field_of(struct errands *levels, const struct errand_entry *entry, char field[LEVEL_FIELD])
{
	const struct kinds *kinds = errands_kinds(levels);
	struct effort_str source = kinds_name(kinds, kinds_get(kinds, entry->kind)->names[BY_SOURCE]);

	snprintf(field, LEVEL_FIELD, "%.*s@%.*s", (int)entry->tie_len, entry->tie, (int)source.len, source.ptr);
}

static void put_level(struct sheet *sheet, const char *field, const struct errand_entry *entry)
{
	char name[LEVEL_FIELD + 8];

	snprintf(name, sizeof(name), "%s" TIME, field);
	sheet_percent(sheet, field, entry->count - 1);
	sheet_int(sheet, name, entry->time_ms);
}

/* Ours, whatever Redis has; what was taken back altogether is not put. */
static size_t put_ours(struct errands *levels, const struct look *look, struct sheet *sheet)
{
	char field[LEVEL_FIELD];
	uint32_t cursor = 0;
	size_t n = 0;
	uint64_t key;

	for (uint32_t at = errands_walk(levels, &cursor, &key); at != ERRANDS_END && n < LEVELS_MAX;
	     at = errands_walk(levels, &cursor, &key)) {
		const struct errand_entry *any = errands_get(levels, at), *best;

		if (!is_level_of(levels, any, look->code))
			continue;
		best = latest(levels, key, &any);
		field_of(levels, any, field);
		if (best != NULL)
			put_level(sheet, field, best);
		n += best != NULL;
	}
	return n;
}

/* The level a field is of: its own, or its time's. */
static struct effort_str level_in(const char *name)
{
	size_t len = strlen(name), tail = strlen(TIME);

	return (struct effort_str){ name, len > tail && strcmp(name + len - tail, TIME) == 0 ? len - tail : len };
}

/* Levels that the hash names, those of them that are ours with 1. One walk, however many we have. NULL: no memory. */
static struct picture *find_ours(struct errands *levels, const struct look *look, const struct fields *there)
{
	struct picture *ours = picture_new();
	int r = ours == NULL ? -ENOMEM : 0;
	char field[LEVEL_FIELD];
	uint32_t cursor = 0;
	uint64_t key;

	for (size_t i = 0; i + 1 < there->n && r == 0; i += 2) {
		r = picture_add(ours, level_in(there->text[i]), 0);
		if (r == 0) /* a source may be called so */
			r = picture_add(ours, str_of(there->text[i]), 0);
	}
	for (uint32_t at = errands_walk(levels, &cursor, &key); at != ERRANDS_END && r == 0;
	     at = errands_walk(levels, &cursor, &key)) {
		if (!is_level_of(levels, errands_get(levels, at), look->code))
			continue;
		field_of(levels, errands_get(levels, at), field);
		if (picture_has(ours, field))
			r = picture_add(ours, str_of(field), 1);
	}
	if (r == 0)
		return ours;
	picture_free(ours);
	return NULL;
}

static bool is_ours(const struct picture *ours, const char *name)
{
	struct effort_str level = level_in(name);
	char field[LEVEL_FIELD];

	snprintf(field, sizeof(field), "%.*s", (int)level.len, level.ptr);
	return picture_get(ours, field) > 0 || picture_get(ours, name) > 0;
}

/* What is not ours stays. False: no memory. */
static bool put_others(struct errands *levels, const struct look *look, struct sheet *sheet, size_t *n)
{
	struct fields there = look_hash(look, SUFFIX);
	struct picture *ours = find_ours(levels, look, &there);

	if (ours == NULL)
		return false;
	for (size_t i = 0; i + 1 < there.n && *n < 2 * LEVELS_MAX; i += 2) {
		if (strchr(there.text[i], '@') == NULL || is_ours(ours, there.text[i]))
			continue;
		sheet_put(sheet, there.text[i], there.text[i + 1]);
		++*n;
	}
	picture_free(ours);
	return true;
}

void level_follow_see(void *ctx, struct look *look)
{
	struct errands *levels = ((struct core *)ctx)->meters.errands;
	struct sheet *sheet;
	size_t n;

	if (look->is_country || (errands_len(levels) == 0 && look_hash(look, SUFFIX).n == 0))
		return;
	sheet = sheet_new(SUFFIX);
	n = sheet == NULL ? 0 : put_ours(levels, look, sheet);
	if (sheet == NULL || !put_others(levels, look, sheet, &n)) {
		sheet_free(sheet);
		look_put(look, NULL);
		return;
	}
	if (n > 0 || look_hash(look, SUFFIX).n > 0)
		look_put(look, sheet);
	else
		sheet_free(sheet);
}
