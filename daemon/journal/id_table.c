/* SPDX-License-Identifier: MPL-2.0 */
/* See id_table.h. Open addressing by groups. An id lies in its home, or behind it with no free place in any group
 * between: so a place becomes free again only where its group has a free one anyway, otherwise it is marked as gone until
 * the shard is laid out anew. */
#include "journal/id_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_LIMIT 45 /* to 63: two or three groups */
#define GROUP_LIMIT 29 /* of 32 places, on average */

static size_t shard_bytes(const struct id_shard *shard)
{
	return shard->groups_len * sizeof(struct id_group);
}

static int shard_new(struct id_shard *shard, uint64_t limit)
{
	if (limit > UINT32_MAX / 2)
		return -ENOMEM;
	*shard = (struct id_shard){ .groups_len = (uint32_t)limit / GROUP_LIMIT + 1, .limit = (uint32_t)limit };
	shard->groups = aligned_alloc(_Alignof(struct id_group), shard_bytes(shard));
	if (shard->groups == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < shard->groups_len; i++)
		memset(shard->groups[i].tags, ID_FREE, ID_GROUP);
	return 0;
}

int id_table_init(struct id_table *table)
{
	*table = (struct id_table){ 0 };
	for (uint32_t i = 0; i < ID_SHARDS; i++) {
		if (shard_new(&table->shards[i], FIRST_LIMIT + FIRST_LIMIT * 2 * i / (5 * ID_SHARDS)) < 0) {
			id_table_done(table);
			return -ENOMEM;
		}
		table->bytes += shard_bytes(&table->shards[i]);
	}
	return 0;
}

void id_table_done(struct id_table *table)
{
	for (size_t i = 0; i < ID_SHARDS; i++)
		free(table->shards[i].groups);
	*table = (struct id_table){ 0 };
}

/* In this file, not in the header: gcc 12 takes an inline function that does nothing but ask the memory for one that does
 * nothing, and leaves it out. */
void id_table_ask_tags(const struct id_table *table, uint64_t key)
{
	__builtin_prefetch(id_table_home(table, key)->tags, 1);
}

static uint32_t free_or_gone(const struct id_group *group)
{
	return block_find32(group->tags, ID_FREE) | block_find32(group->tags, ID_GONE);
}

void id_table_ask_place(const struct id_table *table, uint64_t key)
{
	const struct id_group *home = id_table_home(table, key);
	uint32_t places = block_find32(home->tags, id_tag(key));

	if (places == 0)
		places = free_or_gone(home);
	if (places != 0)
		__builtin_prefetch(&home->slots[block_lowest(places)], 1);
}

static void fill_place(struct id_group *group, unsigned at, struct id_slot slot)
{
	group->tags[at] = id_tag(slot.key);
	group->slots[at] = slot;
}

/* Into the first place that holds none. There is one: the limit is below what the groups hold. */
static void put(struct id_shard *shard, struct id_group *group, struct id_slot slot)
{
	uint32_t places;
	unsigned at;

	while ((places = free_or_gone(group)) == 0)
		group = id_shard_behind(shard, group);
	at = block_lowest(places);
	shard->gone -= group->tags[at] == ID_GONE;
	shard->used++;
	fill_place(group, at, slot);
}

/* The same into groups that are filled from the left, of which `filled` tells how far: tags that were written a moment
 * ago are slow to read. */
static void put_in_order(struct id_shard *shard, struct id_group *group, uint8_t *filled, struct id_slot slot)
{
	while (filled[group - shard->groups] == ID_GROUP)
		group = id_shard_behind(shard, group);
	fill_place(group, filled[group - shard->groups]++, slot);
}

/* Lays a shard out anew. Old groups come in the order of the new ones, so memory is read and filled from one end to the
 * other. */
static int resize(struct id_table *table, struct id_shard *shard, uint64_t limit)
{
	struct id_shard old = *shard;
	int r = shard_new(shard, limit);
	uint8_t *filled = r < 0 ? NULL : calloc(shard->groups_len, 1);

	if (filled == NULL) {
		if (r == 0)
			free(shard->groups);
		*shard = old;
		return -ENOMEM;
	}
	for (struct id_group *group = old.groups; group < old.groups + old.groups_len; group++)
		for (uint32_t held = ~free_or_gone(group); held != 0; held &= held - 1) {
			struct id_slot slot = group->slots[block_lowest(held)];

			put_in_order(shard, id_table_home(table, slot.key), filled, slot);
		}
	shard->used = old.used;
	table->bytes += shard_bytes(shard) - shard_bytes(&old);
	free(filled);
	free(old.groups);
	return 0;
}

int id_table_add(struct id_table *table, struct id_slot slot)
{
	struct id_shard *shard = &table->shards[slot.key >> 56];

	if (shard->used + shard->gone >= shard->limit) {
		bool is_small = shard->gone > shard->used / 2;
		int r = resize(table, shard, is_small ? shard->limit : (uint64_t)shard->limit * 7 / 5);

		if (r < 0)
			return r;
	}
	put(shard, id_table_home(table, slot.key), slot);
	table->ids++;
	return 0;
}

static void take_out(struct id_table *table, struct id_shard *shard, struct id_group *group, unsigned at)
{
	bool is_full = block_find32(group->tags, ID_FREE) == 0;

	group->tags[at] = is_full ? ID_GONE : ID_FREE;
	shard->gone += is_full;
	shard->used--;
	table->ids--;
}

void id_table_remove(struct id_table *table, struct id_slot *slot)
{
	struct id_shard *shard = &table->shards[slot->key >> 56];
	struct id_group *group = shard->groups + (size_t)((char *)slot - (char *)shard->groups) / sizeof(*group);

	take_out(table, shard, group, (unsigned)(slot - group->slots));
}

void id_table_sweep(struct id_table *table, unsigned index, bool (*is_kept)(void *ctx, struct id_slot *),
		    void *ctx)
{
	struct id_shard *shard = &table->shards[index];
	uint32_t enough;

	for (struct id_group *group = shard->groups; group < shard->groups + shard->groups_len; group++)
		for (uint32_t held = ~free_or_gone(group); held != 0; held &= held - 1)
			if (!is_kept(ctx, &group->slots[block_lowest(held)]))
				take_out(table, shard, group, block_lowest(held));
	enough = shard->used + shard->used / 4;
	if (enough < FIRST_LIMIT)
		enough = FIRST_LIMIT;
	/* Where there is no memory to do it with, it stays as large as it is. */
	if (enough < shard->limit / 4 * 3)
		(void)resize(table, shard, enough);
}
