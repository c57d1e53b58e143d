/* SPDX-License-Identifier: MPL-2.0 */
/* See labels.h. */
#include "journal/labels.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_FIRST 4096

void labels_init(struct labels *labels, const struct labels_source *source)
{
	*labels = (struct labels){ .source = *source };
}

void labels_done(struct labels *labels)
{
	free(labels->names);
	labels->names = NULL;
	labels_words_done(&labels->words);
}

void labels_words_done(struct labels_words *words)
{
	free(words->bytes);
	*words = (struct labels_words){ 0 };
}

struct labels_words labels_begin(struct labels *labels)
{
	struct labels_words words = labels->words;
	struct label_of_name *names = labels->names;
	size_t names_cap = labels->names_cap;

	if (names_cap > 0)
		memset(names, 0xff, names_cap * sizeof(*names));
	*labels = (struct labels){ .source = labels->source, .names = names, .names_cap = names_cap };
	return words;
}

/* Room for `len` more bytes of words; NULL: no memory. */
static uint8_t *room(struct labels_words *words, size_t len)
{
	size_t cap = words->cap == 0 ? WORDS_FIRST : words->cap;
	uint8_t *bytes;

	while (cap < words->len + len)
		cap *= 2;
	if (cap > words->cap) {
		bytes = realloc(words->bytes, cap);
		if (bytes == NULL)
			return NULL;
		words->bytes = bytes;
		words->cap = cap;
	}
	return words->bytes + words->len;
}

static bool has_bit(const uint64_t *bits, uint32_t i)
{
	return (bits[i / 64] >> (i % 64) & 1) != 0;
}

static void set_bit(uint64_t *bits, uint32_t i)
{
	bits[i / 64] |= UINT64_C(1) << (i % 64);
}

static int define_municipality(struct labels *labels, uint16_t number)
{
	uint8_t *to;

	if (has_bit(labels->municipalities, number))
		return 0;
	to = room(&labels->words, RECORD_MUNICIPALITY_LEN);
	if (to == NULL)
		return -ENOMEM;
	labels->words.len += record_put_municipality(to, number, labels->source.codes[number]);
	set_bit(labels->municipalities, number);
	return 0;
}

struct standing_text labels_standing(const struct standings *standings, uint16_t number)
{
	const struct standing *standing = standings_get(standings, number);
	struct standing_text text = { .task = standings_task(standings, standing->task),
				      .is_municipal = standing->is_municipal,
				      .is_target = standing->is_target };

	for (int i = 0; i < SCOPE_GROUPS_MAX; i++)
		if ((standing->groups >> i & 1) != 0)
			text.groups[text.groups_len++] = standings_group_name(standings, i);
	return text;
}

static int define_standing(struct labels *labels, uint16_t number)
{
	struct standing_text text;
	uint8_t *to;

	if (has_bit(labels->standings, number))
		return 0;
	text = labels_standing(labels->source.standings, number);
	to = room(&labels->words, record_standing_len(&text));
	if (to == NULL)
		return -ENOMEM;
	labels->words.len += record_put_standing(to, number, &text);
	set_bit(labels->standings, number);
	return 0;
}

static int grow_names(struct labels *labels, uint32_t number)
{
	size_t cap = names_capacity(labels->source.names);
	struct label_of_name *names;

	if (cap <= number)
		cap = (size_t)number + 1;
	if (cap < labels->names_cap + labels->names_cap / 2)
		cap = labels->names_cap + labels->names_cap / 2;
	names = realloc(labels->names, cap * sizeof(*names));
	if (names == NULL)
		return -ENOMEM;
	memset(names + labels->names_cap, 0xff, (cap - labels->names_cap) * sizeof(*names));
	labels->names = names;
	labels->names_cap = cap;
	return 0;
}

static int define_name(struct labels *labels, const struct name_record *record, uint32_t number)
{
	struct name_text text = { .municipality = record->municipality,
				  .dimension = record->dimension,
				  .period = record->period,
				  .name = record->name };
	uint8_t *to;
	int r = define_municipality(labels, record->municipality);

	if (r == 0 && number >= labels->names_cap)
		r = grow_names(labels, number);
	if (r < 0)
		return r;
	to = room(&labels->words, record_name_len(&text));
	if (to == NULL)
		return -ENOMEM;
	labels->words.len += record_put_name(to, labels->names_len, &text);
	labels->names[number] = (struct label_of_name){ record->serial, labels->names_len++ };
	return 0;
}

/* The segment's number of a name record, defined where it is not. */
static int need_name(struct labels *labels, uint32_t number, uint32_t *ret)
{
	const struct name_record *record = names_get(labels->source.names, number);
	const struct label_of_name *label = number < labels->names_cap ? &labels->names[number] : NULL;
	int r;

	if (label == NULL || label->serial != record->serial || label->number == RECORD_NO_NAME) {
		r = define_name(labels, record, number);
		if (r < 0)
			return r;
		label = &labels->names[number];
	}
	*ret = label->number;
	return 0;
}

int labels_need(struct labels *labels, uint64_t cell, const uint32_t names[DIMENSIONS],
		uint32_t ret_names[DIMENSIONS])
{
	uint16_t municipality = cell_municipality(cell), standing = cell_standing(cell);
	int r = 0;

	if (!has_bit(labels->municipalities, municipality))
		r = define_municipality(labels, municipality);
	if (r == 0 && !has_bit(labels->standings, standing))
		r = define_standing(labels, standing);
	for (int d = 0; d < DIMENSIONS && r == 0; d++) {
		ret_names[d] = RECORD_NO_NAME;
		if (names[d] != RECORD_NO_NAME)
			r = need_name(labels, names[d], &ret_names[d]);
	}
	return r;
}

static bool is_far(const struct labels *labels, size_t at)
{
	return at >= labels->far_at + LABELS_FAR_BYTES;
}

size_t labels_again(const struct labels *labels, size_t at, bool is_last)
{
	return is_last || is_far(labels, at) ? labels->far : labels->next;
}

void labels_stand_again(struct labels *labels, size_t at)
{
	labels->next = labels->put;
	if (!is_far(labels, at))
		return;
	labels->far = labels->far_end;
	labels->far_end = labels->put;
	labels->far_at = at;
}

void labels_moved(struct labels *labels)
{
	labels->next = labels->far = labels->far_end = 0;
}
