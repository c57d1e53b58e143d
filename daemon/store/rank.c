/* SPDX-License-Identifier: MPL-2.0 */
/* See rank.h. */
#include "store/rank.h"

#include <stdlib.h>
#include <string.h>

void rank_done(struct rank *rank)
{
	free(rank->entries);
	memset(rank, 0, sizeof(*rank));
}

static bool room(struct rank *rank)
{
	size_t cap = rank->cap * 2 + 256;
	struct rank_entry *entries;

	if (rank->len < rank->cap)
		return true;
	if (cap > RANK_MAX)
		return false;
	entries = realloc(rank->entries, cap * sizeof(*entries));
	if (!entries)
		return false;
	rank->entries = entries;
	rank->cap = cap;
	return true;
}

static int32_t share_of(const char *text)
{
	return *text ? (int32_t)(strtod(text, NULL) * 100 + 0.5) : -1;
}

void rank_add(struct rank *rank, const struct scene *scene, enum window window, int32_t first,
	      uint16_t municipality, const char *scope, const char *share)
{
	size_t number = encode_rank_scope(scene, scope);

	if (number == 0)
		return;
	if (!room(rank)) {
		rank->is_short = true;
		return;
	}
	rank->entries[rank->len] = (struct rank_entry){ .first = first,
							.share = share_of(share),
							.serial = (uint32_t)rank->len,
							.municipality = municipality,
							.scope = (uint16_t)number,
							.window = (uint8_t)window };
	rank->len++;
}

static int compare(const void *left, const void *right)
{
	const struct rank_entry *a = left, *b = right;

	if (a->window != b->window)
		return a->window < b->window ? -1 : 1;
	if (a->scope != b->scope)
		return a->scope < b->scope ? -1 : 1;
	if (a->municipality != b->municipality)
		return a->municipality < b->municipality ? -1 : 1;
	return a->serial < b->serial ? -1 : a->serial > b->serial;
}

static bool is_same(const struct rank_entry *a, const struct rank_entry *b)
{
	return a->window == b->window && a->scope == b->scope && a->municipality == b->municipality;
}

/* Sorts, drops what is overtaken or of a period that is over. */
static void settle(struct rank *rank, const struct scene *scene)
{
	size_t kept = 0;

	qsort(rank->entries, rank->len, sizeof(*rank->entries), compare);
	for (size_t i = 0; i < rank->len; i++) {
		const struct rank_entry *entry = &rank->entries[i];

		if (entry->first != scene->running[entry->window].first)
			continue;
		if (i + 1 < rank->len && is_same(entry, entry + 1) && entry[1].first == entry->first)
			continue;
		rank->entries[kept++] = *entry;
	}
	rank->len = kept;
}

bool rank_take(struct rank *rank, const struct scene *scene, struct command *command)
{
	size_t n = 0;

	if (rank->len == 0)
		return false;
	settle(rank, scene);
	if (rank->len == 0)
		return false;
	while (n < rank->len && rank->entries[n].window == rank->entries[0].window)
		n++;
	encode_rank(command, scene, rank->entries, n);
	memmove(rank->entries, rank->entries + n, (rank->len - n) * sizeof(*rank->entries));
	rank->len -= n;
	for (size_t i = 0; i < rank->len; i++)
		rank->entries[i].serial = (uint32_t)i;
	return true;
}
