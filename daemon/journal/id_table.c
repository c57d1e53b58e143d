/* SPDX-License-Identifier: MPL-2.0 */
/* See id_table.h. In every shard the key in place i+1 is greater than that in place i, and every key lies at
 * its home or behind it with no free place between. So copying a shard in order is all that growing,
 * shrinking and removing need. */
#include "journal/id_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_HOMES 64

static size_t shard_bytes(const struct id_shard *shard)
{
	return ((size_t)shard->places + 1) * sizeof(struct id_slot);
}

/* Keys that belong to the last homes may lie behind them. */
static uint32_t places_of(uint32_t homes)
{
	return homes + homes / 64 + 16;
}

static int shard_new(struct id_shard *shard, uint32_t homes)
{
	*shard = (struct id_shard){ .homes = homes, .places = places_of(homes) };
	shard->slots = malloc(shard_bytes(shard));
	if (shard->slots == NULL)
		return -ENOMEM;
	memset(shard->slots, 0xff, shard_bytes(shard));
	return 0;
}

static uint32_t home_of(const struct id_shard *shard, uint64_t key)
{
	return (uint32_t)((key << 8 >> 32) * shard->homes >> 32);
}

int id_table_init(struct id_table *table)
{
	*table = (struct id_table){ 0 };
	for (uint32_t i = 0; i < ID_SHARDS; i++) {
		if (shard_new(&table->shards[i], FIRST_HOMES + FIRST_HOMES * 2 * i / (5 * ID_SHARDS)) < 0) {
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
		free(table->shards[i].slots);
	*table = (struct id_table){ 0 };
}

/* Brings every key that is kept to its place for this many homes. In place, from the left: no key may lie to
 * the left of its new home. Returns the place behind the last. */
static uint32_t settle(struct id_shard *shard, uint32_t homes, bool (*is_kept)(void *ctx, struct id_slot *),
		       void *ctx)
{
	uint32_t next = 0, used = 0;

	shard->homes = homes;
	for (uint32_t i = 0; i < shard->places; i++) {
		struct id_slot slot = shard->slots[i];
		uint32_t home;

		if (slot.key == ID_FREE)
			continue;
		shard->slots[i].key = ID_FREE;
		if (is_kept != NULL && !is_kept(ctx, &slot))
			continue;
		home = home_of(shard, slot.key);
		next = home > next ? home : next;
		shard->slots[next++] = slot;
		used++;
	}
	shard->used = used;
	return next;
}

/* All goes to the right end first, from where every key finds its new home at its left: the share of the new
 * places that lie before it is no smaller than before. Memory that grows so is not copied by the kernel. */
static int grow(struct id_table *table, struct id_shard *shard)
{
	uint64_t homes = (uint64_t)shard->homes + shard->homes / 5 * 2;
	struct id_shard grown = { .homes = (uint32_t)homes, .places = places_of((uint32_t)homes) };
	uint32_t more = grown.places - shard->places;

	if (homes > UINT32_MAX / 2)
		return -ENOMEM;
	grown.slots = realloc(shard->slots, shard_bytes(&grown));
	if (grown.slots == NULL)
		return -ENOMEM;
	memmove(grown.slots + more, grown.slots, shard_bytes(shard));
	memset(grown.slots, 0xff, more * sizeof(*grown.slots));
	table->bytes += shard_bytes(&grown) - shard_bytes(shard);
	*shard = grown;
	settle(shard, shard->homes, NULL, NULL);
	return 0;
}

static bool is_full(const struct id_shard *shard)
{
	return (uint64_t)(shard->used + 1) * 20 > (uint64_t)shard->homes * 17;
}

static struct id_slot *next_free(struct id_slot *at)
{
	while (at->key != ID_FREE)
		at++;
	return at;
}

int id_table_add(struct id_table *table, struct id_slot *at, const struct id_slot *slot)
{
	struct id_shard *shard = &table->shards[slot->key >> 56];
	struct id_slot *end = next_free(at);

	/* The last place stays free: walks end there. */
	while (is_full(shard) || end == shard->slots + shard->places) {
		int r = grow(table, shard);

		if (r < 0)
			return r;
		at = id_table_seek(table, slot->key);
		end = next_free(at);
	}
	for (; end > at; end--)
		*end = end[-1];
	*at = *slot;
	shard->used++;
	table->ids++;
	return 0;
}

void id_table_remove(struct id_table *table, struct id_slot *at)
{
	struct id_shard *shard = &table->shards[at->key >> 56];
	struct id_slot *end = at + 1;

	/* Those behind move up as far as none gets before its home. */
	while (end->key != ID_FREE && end != shard->slots + home_of(shard, end->key))
		end++;
	memmove(at, at + 1, (size_t)(end - at - 1) * sizeof(*at));
	memset(end - 1, 0xff, sizeof(*end));
	shard->used--;
	table->ids--;
}

static void shrink(struct id_table *table, struct id_shard *shard)
{
	uint32_t homes = shard->used + shard->used / 3, end;
	struct id_shard smaller = *shard;

	if (homes < FIRST_HOMES)
		homes = FIRST_HOMES;
	if (homes >= shard->homes / 4 * 3)
		return;
	end = settle(shard, homes, NULL, NULL);
	smaller.places = end > places_of(homes) ? end : places_of(homes);
	smaller.slots = realloc(shard->slots, shard_bytes(&smaller));
	if (smaller.slots == NULL)
		return;
	table->bytes -= shard_bytes(shard) - shard_bytes(&smaller);
	shard->slots = smaller.slots;
	shard->places = smaller.places;
	shard->slots[shard->places].key = ID_FREE;
}

void id_table_sweep(struct id_table *table, unsigned index, bool (*is_kept)(void *ctx, struct id_slot *),
		    void *ctx)
{
	struct id_shard *shard = &table->shards[index];
	uint32_t used = shard->used;

	settle(shard, shard->homes, is_kept, ctx);
	table->ids -= used - shard->used;
	shrink(table, shard);
}
