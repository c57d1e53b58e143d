/* SPDX-License-Identifier: MPL-2.0 */
/* See level_follow.h. Fields: "<meter>@<source>", and with ".time" behind that the Unix ms at which it was so. What other
 * writers know of stays as it is in Redis: a source sends to one of them. */
#include "run/level_follow.h"

#include "count/meter.h"
#include "run/core.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SUFFIX	    "levels"
#define LEVELS_MAX  1024 /* of a municipality are shown */
#define LEVEL_FIELD (40 + 1 + 128 + 8)

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

	snprintf(name, sizeof(name), "%s.time", field);
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

/* Whether one of our levels has this field, or its time. */
static bool is_ours(struct errands *levels, const struct look *look, const char *name)
{
	char field[LEVEL_FIELD];
	uint32_t cursor = 0;
	uint64_t key;

	for (uint32_t at = errands_walk(levels, &cursor, &key); at != ERRANDS_END;
	     at = errands_walk(levels, &cursor, &key)) {
		const struct errand_entry *any = errands_get(levels, at);
		size_t len;

		if (!is_level_of(levels, any, look->code))
			continue;
		field_of(levels, any, field);
		len = strlen(field);
		if (strncmp(name, field, len) == 0 && (name[len] == '\0' || strcmp(name + len, ".time") == 0))
			return true;
	}
	return false;
}

static size_t put_others(struct errands *levels, const struct look *look, struct sheet *sheet, size_t n)
{
	struct fields there = look_hash(look, SUFFIX);

	for (size_t i = 0; i + 1 < there.n && n < 2 * LEVELS_MAX; i += 2) {
		if (strchr(there.text[i], '@') == NULL || is_ours(levels, look, there.text[i]))
			continue;
		sheet_put(sheet, there.text[i], there.text[i + 1]);
		n++;
	}
	return n;
}

void level_follow_see(void *ctx, struct look *look)
{
	struct errands *levels = ((struct core *)ctx)->meters.errands;
	struct sheet *sheet;
	size_t n;

	if (look->is_country || (errands_len(levels) == 0 && look_hash(look, SUFFIX).n == 0))
		return;
	sheet = sheet_new(SUFFIX);
	if (sheet == NULL) {
		look_put(look, NULL);
		return;
	}
	n = put_ours(levels, look, sheet);
	n = put_others(levels, look, sheet, n);
	if (n > 0 || look_hash(look, SUFFIX).n > 0)
		look_put(look, sheet);
	else
		sheet_free(sheet);
}
