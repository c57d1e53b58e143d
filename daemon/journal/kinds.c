/* SPDX-License-Identifier: MPL-2.0 */
/* See kinds.h. Municipalities and standings lie in a struct totals, which has them as words already. */
#include "journal/kinds.h"

#include "base/str.h"
#include "journal/totals_file.h"
#include "journal/totals_inside.h"

#include <errno.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define KINDS_MAX (UINT32_C(1) << 28)

struct kinds {
	struct totals *words;
	bool is_own; /* words are owned */
	struct effort_str *texts; /* owned, each owned */
	size_t texts_len, texts_cap;
	struct totals_index texts_index;
	struct booking_kind *list; /* owned */
	size_t len, cap;
	struct totals_index index;
};

struct kinds *kinds_new(struct totals *words)
{
	struct kinds *kinds = calloc(1, sizeof(*kinds));

	if (kinds == NULL)
		return NULL;
	kinds->is_own = words == NULL;
	kinds->words = words == NULL ? totals_new() : words;
	if (kinds->words == NULL) {
		free(kinds);
		return NULL;
	}
	return kinds;
}

void kinds_free(struct kinds *kinds)
{
	if (kinds == NULL)
		return;
	if (kinds->is_own)
		totals_free(kinds->words);
	for (size_t i = 0; i < kinds->texts_len; i++)
		free((void *)(uintptr_t)kinds->texts[i].ptr);
	free(kinds->texts);
	free(kinds->list);
	totals_index_done(&kinds->texts_index);
	totals_index_done(&kinds->index);
	free(kinds);
}

/* --- words --- */

int kinds_municipality(struct kinds *kinds, const char *code)
{
	return totals_municipality(kinds->words, code);
}

int kinds_standing(struct kinds *kinds, const struct standing_text *text)
{
	return totals_standing(kinds->words, text);
}

static bool is_text(const void *list, uint32_t number, const void *wanted)
{
	const struct effort_str *texts = list, *key = wanted;

	return str_same(texts[number], *key);
}

int kinds_text(struct kinds *kinds, struct effort_str text, uint32_t *ret)
{
	uint32_t hash = (uint32_t)(XXH3_64bits(text.ptr, text.len) >> 32);
	uint32_t number = totals_index_find(&kinds->texts_index, hash, is_text, kinds->texts, &text);
	char *copy;
	int r;

	if (number != TOTALS_NO_NUMBER) {
		*ret = number;
		return 0;
	}
	r = totals_reserve((void **)&kinds->texts, &kinds->texts_cap, kinds->texts_len, sizeof(*kinds->texts));
	copy = r < 0 ? NULL : malloc(text.len + 1);
	if (copy == NULL)
		return -ENOMEM;
	if (text.len > 0)
		memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	r = totals_index_add(&kinds->texts_index, hash, (uint32_t)kinds->texts_len);
	if (r < 0) {
		free(copy);
		return r;
	}
	*ret = (uint32_t)kinds->texts_len;
	kinds->texts[kinds->texts_len++] = (struct effort_str){ copy, text.len };
	return 0;
}

/* --- kinds --- */

static bool is_kind(const void *list, uint32_t number, const void *wanted)
{
	const struct booking_kind *kind = (const struct booking_kind *)list + number, *key = wanted;

	return kind->cell == key->cell && kind->count == key->count &&
	       memcmp(kind->names, key->names, sizeof(kind->names)) == 0;
}

static uint32_t hash_of(const struct booking_kind *kind)
{
	uint64_t seed = kind->cell * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)kind->count;

	return (uint32_t)(XXH3_64bits_withSeed(kind->names, sizeof(kind->names), seed) >> 32);
}

int kinds_add(struct kinds *kinds, const struct booking_kind *kind, uint32_t *ret)
{
	uint32_t hash = hash_of(kind);
	uint32_t number = totals_index_find(&kinds->index, hash, is_kind, kinds->list, kind);
	int r;

	if (number != TOTALS_NO_NUMBER) {
		*ret = number;
		return 0;
	}
	if (kinds->len == KINDS_MAX)
		return -ENOSPC;
	r = totals_reserve((void **)&kinds->list, &kinds->cap, kinds->len, sizeof(*kinds->list));
	if (r == 0)
		r = totals_index_add(&kinds->index, hash, (uint32_t)kinds->len);
	if (r < 0)
		return r;
	*ret = (uint32_t)kinds->len;
	kinds->list[kinds->len++] = *kind;
	return 0;
}

void kinds_prefetch(const struct kinds *kinds, const struct booking_kind *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		totals_index_prefetch(&kinds->index, hash_of(&list[i]));
	for (size_t i = 0; i < n; i++) {
		uint32_t number = totals_index_peek(&kinds->index, hash_of(&list[i]));

		if (number != TOTALS_NO_NUMBER)
			__builtin_prefetch(&kinds->list[number]);
	}
}

size_t kinds_len(const struct kinds *kinds)
{
	return kinds->len;
}

const struct booking_kind *kinds_get(const struct kinds *kinds, uint32_t number)
{
	return &kinds->list[number];
}

const char *kinds_code(const struct kinds *kinds, uint64_t cell)
{
	return kinds->words->codes[cell_municipality(cell)];
}

const struct standing_text *kinds_standing_text(const struct kinds *kinds, uint64_t cell)
{
	return &kinds->words->standings[cell_standing(cell)];
}

struct effort_str kinds_name(const struct kinds *kinds, uint32_t text)
{
	return text == RECORD_NO_NAME ? (struct effort_str){ "", 0 } : kinds->texts[text];
}

int kinds_copy(struct kinds *to, const struct kinds *from, uint32_t number, uint32_t *ret)
{
	struct booking_kind kind = *kinds_get(from, number);
	int municipality = kinds_municipality(to, kinds_code(from, kind.cell));
	int standing = kinds_standing(to, kinds_standing_text(from, kind.cell)), r = 0;

	if (municipality < 0 || standing < 0)
		return municipality < 0 ? municipality : standing;
	kind.cell = totals_recell(kind.cell, (uint16_t)municipality, (uint16_t)standing);
	for (int d = 0; d < DIMENSIONS && r == 0; d++)
		if (kind.names[d] != RECORD_NO_NAME)
			r = kinds_text(to, from->texts[kind.names[d]], &kind.names[d]);
	return r < 0 ? r : kinds_add(to, &kind, ret);
}

/* --- as bytes --- */

static void put_standing(struct bytes_out *out, const struct standing_text *standing)
{
	bytes_put_string(out, standing->task);
	bytes_put_number(out, (uint64_t)standing->is_municipal | (uint64_t)standing->is_target << 1);
	bytes_put_number(out, standing->groups_len);
	for (size_t g = 0; g < standing->groups_len; g++)
		bytes_put_string(out, standing->groups[g]);
}

void kinds_put(const struct kinds *kinds, struct bytes_out *out)
{
	bytes_put_number(out, kinds->words->codes_len);
	for (size_t i = 0; i < kinds->words->codes_len; i++)
		bytes_put_string(out, kinds->words->codes[i]);
	bytes_put_number(out, kinds->words->standings_len);
	for (size_t i = 0; i < kinds->words->standings_len; i++)
		put_standing(out, &kinds->words->standings[i]);
	bytes_put_number(out, kinds->texts_len);
	for (size_t i = 0; i < kinds->texts_len; i++)
		bytes_put_text(out, kinds->texts[i].ptr, kinds->texts[i].len);
	bytes_put_number(out, kinds->len);
	for (size_t i = 0; i < kinds->len; i++) {
		bytes_put_number(out, kinds->list[i].cell >> 3);
		bytes_put_signed(out, kinds->list[i].count);
		for (int d = 0; d < DIMENSIONS; d++)
			bytes_put_number(out, (uint64_t)(uint32_t)(kinds->list[i].names[d] + 1));
	}
}

/* A count of things that take at least one byte each. */
static size_t take_len(struct bytes_in *in)
{
	return (size_t)bytes_below(in, (uint64_t)bytes_left(in) + 1);
}

/* A word or kind must get the next number. Anything else is damage, but for want of memory. */
static int judge(const struct bytes_in *in, int r, uint32_t number, size_t wanted)
{
	if (r == -ENOMEM)
		return r;
	return in->is_bad || r < 0 || number != wanted ? -EBADMSG : 0;
}

static int take_municipality(struct kinds *kinds, struct bytes_in *in, size_t wanted)
{
	const char *code = bytes_string(in);
	int number = in->is_bad ? -EBADMSG : kinds_municipality(kinds, code);

	return judge(in, number, (uint32_t)number, wanted);
}

static int take_standing(struct kinds *kinds, struct bytes_in *in, size_t wanted)
{
	struct standing_text text = { .task = bytes_string(in) };
	uint64_t flags = bytes_below(in, 4);
	int number;

	text.is_municipal = (flags & 1) != 0;
	text.is_target = (flags & 2) != 0;
	text.groups_len = (size_t)bytes_below(in, SCOPE_GROUPS_MAX + 1);
	for (size_t g = 0; g < text.groups_len; g++)
		text.groups[g] = bytes_string(in);
	number = in->is_bad ? -EBADMSG : kinds_standing(kinds, &text);
	return judge(in, number, (uint32_t)number, wanted);
}

static int take_text(struct kinds *kinds, struct bytes_in *in, size_t wanted)
{
	struct effort_str text;
	uint32_t number = 0;
	int r;

	text.ptr = bytes_text(in, RECORD_TEXT_MAX, &text.len);
	r = in->is_bad ? -EBADMSG : kinds_text(kinds, text, &number);
	return judge(in, r, number, wanted);
}

static bool is_cell(const struct kinds *kinds, uint64_t packed)
{
	struct cell cell = cell_unpack(packed);

	return cell.municipality < kinds->words->codes_len && cell.standing < kinds->words->standings_len &&
	       cell.channel < EFFORT_CHANNELS && cell.kind < EFFORT_KINDS && cell.outcome < EFFORT_OUTCOMES &&
	       cell.assisted <= EFFORT_ASSISTED_STAFF && cell.hours <= CELL_CLOSED && cell_pack(&cell) == packed;
}

static int take_kind(struct kinds *kinds, struct bytes_in *in, size_t wanted)
{
	struct booking_kind kind = { .cell = bytes_number(in) << 3 };
	uint32_t number = 0;
	int r = -EBADMSG;

	kind.count = bytes_signed(in);
	for (int d = 0; d < DIMENSIONS; d++)
		kind.names[d] = (uint32_t)bytes_below(in, kinds->texts_len + 1) - 1;
	if (!in->is_bad && is_cell(kinds, kind.cell))
		r = kinds_add(kinds, &kind, &number);
	return judge(in, r, number, wanted);
}

int kinds_take(struct bytes_in *in, struct kinds **ret)
{
	static int (*const takes[])(struct kinds *, struct bytes_in *, size_t) = { take_municipality, take_standing,
										   take_text, take_kind };
	struct kinds *kinds = kinds_new(NULL);
	int r = kinds == NULL ? -ENOMEM : 0;

	for (size_t k = 0; k < sizeof(takes) / sizeof(takes[0]) && r == 0; k++) {
		size_t n = take_len(in);

		for (size_t i = 0; i < n && r == 0; i++)
			r = takes[k](kinds, in, i);
	}
	if (r == 0 && in->is_bad)
		r = -EBADMSG;
	if (r == 0)
		*ret = kinds;
	else
		kinds_free(kinds);
	return r;
}
