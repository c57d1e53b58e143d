/* SPDX-License-Identifier: MPL-2.0 */
/* A set of ids in memory, 16 bytes each: 256 shards by the top bits of a key, each an array of groups. A group holds 32
 * ids and a tag of 8 bits for each, so that one look at its tags tells which of them an id may be, nearly always one or
 * none, and where there is room: whoever is new is found to be so without touching an id. What finds its group full lies
 * in one behind it.
 *
 * A shard holds any number of groups (a multiply and a shift instead of a division), is at most 29/32 full and grows by
 * two fifths; first sizes differ from shard to shard so that they do not all grow at once. That is 22 to 23 bytes an id
 * on average and below 24 once shards hold hundreds; after many were removed up to 31. Knows nothing of days and files. One thread. */
#ifndef JOURNAL_ID_TABLE_H
#define JOURNAL_ID_TABLE_H

#include "event/block.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_SHARDS 256
#define ID_GROUP  32

struct id_slot {
	uint64_t key; /* id_key() */
	uint32_t content;
	uint16_t day;
	uint16_t segment; /* the owner's */
};

/* Tags of places without an id. Looking for one goes on behind a group in which none is free. */
#define ID_FREE 0
#define ID_GONE 1 /* held one when the group was full */

struct id_group {
	_Alignas(ID_GROUP) char tags[ID_GROUP]; /* never across two cache lines */
	struct id_slot slots[ID_GROUP];
};

struct id_shard {
	struct id_group *groups; /* owned */
	uint32_t groups_len;
	uint32_t limit;	     /* of used and gone; below what the groups hold */
	uint32_t used, gone; /* places */
};

struct id_table {
	struct id_shard shards[ID_SHARDS];
	size_t ids, bytes;
};

/* Spreads ids that do not spread by themselves. One to one. */
static inline uint64_t id_key(uint64_t id)
{
	return id * UINT64_C(0x9e3779b97f4a7c15);
}

static inline char id_tag(uint64_t key)
{
	uint8_t low = (uint8_t)key;

	return (char)(low <= ID_GONE ? low + 2 : low);
}

/* Where looking for the key begins. */
static inline struct id_group *id_table_home(const struct id_table *table, uint64_t key)
{
	const struct id_shard *shard = &table->shards[key >> 56];

	return shard->groups + ((key << 8 >> 32) * shard->groups_len >> 32);
}

static inline struct id_group *id_shard_behind(const struct id_shard *shard, struct id_group *group)
{
	return ++group < shard->groups + shard->groups_len ? group : shard->groups;
}

/* NULL: it is not there. Valid until the table changes. */
static inline struct id_slot *id_table_find(const struct id_table *table, uint64_t key)
{
	struct id_group *group = id_table_home(table, key);

	for (;; group = id_shard_behind(&table->shards[key >> 56], group)) {
		uint32_t alike = block_find32(group->tags, id_tag(key));

		for (; alike != 0; alike &= alike - 1) {
			struct id_slot *slot = &group->slots[block_lowest(alike)];

			if (slot->key == key)
				return slot;
		}
		if (block_find32(group->tags, ID_FREE) != 0)
			return NULL;
	}
}

int id_table_init(struct id_table *); /* 0 or -ENOMEM */
void id_table_done(struct id_table *);

/* Asks the memory for the tags the key will be looked for among, and, once they are there, for the place it has or will
 * be given. */
void id_table_ask_tags(const struct id_table *, uint64_t key);
void id_table_ask_place(const struct id_table *, uint64_t key);

int id_table_add(struct id_table *, struct id_slot);	   /* one that is not there. 0 or -ENOMEM */
void id_table_remove(struct id_table *, struct id_slot *); /* what id_table_find() gave */

/* Asks is_kept about every id of a shard, which may change all but its key, and removes the others. Gives
 * memory back where much went. */
void id_table_sweep(struct id_table *, unsigned shard, bool (*is_kept)(void *ctx, struct id_slot *),
		    void *ctx);

#endif
