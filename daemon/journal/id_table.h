/* SPDX-License-Identifier: MPL-2.0 */
/* A set of ids in memory, 16 bytes each: 256 shards by the top bits of a key, each an array in which keys lie
 * in ascending order with gaps between them, so that looking one up is a short walk from where it belongs,
 * one or two cache lines whether it is there or not.
 *
 * A shard holds any number of places (a multiply and a shift instead of a division), is at most 85 % full
 * and grows by two fifths; first sizes differ from shard to shard so that they do not all grow at once.
 * With its spare places that is 22 to 24 bytes an id on average, never above 27 once a shard holds hundreds.
 * Knows nothing of days and files. One thread. */
#ifndef JOURNAL_ID_TABLE_H
#define JOURNAL_ID_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_SHARDS 256

struct id_slot {
	uint64_t key; /* id_key(); ID_FREE: no id is here */
	uint32_t content;
	uint16_t day;
	uint16_t segment; /* the owner's */
};

#define ID_FREE UINT64_MAX /* above every key: a walk ends here by itself */

struct id_shard {
	struct id_slot *slots; /* owned: homes, spare places behind them, and one that stays free */
	uint32_t homes, places, used;
};

struct id_table {
	struct id_shard shards[ID_SHARDS];
	size_t ids, bytes;
};

/* Spreads ids that do not spread by themselves. One to one, but for the two highest, which are taken for the
 * same id. */
static inline uint64_t id_key(uint64_t id)
{
	uint64_t key = id * UINT64_C(0x9e3779b97f4a7c15);

	return key - (key == ID_FREE);
}

/* Where looking for the key begins: what to ask the memory for some time before. */
static inline struct id_slot *id_table_home(const struct id_table *table, uint64_t key)
{
	const struct id_shard *shard = &table->shards[key >> 56];

	return shard->slots + ((key << 8 >> 32) * shard->homes >> 32);
}

/* Where the key is or would be: there it is if ->key says so. Valid until the table changes. */
static inline struct id_slot *id_table_seek(const struct id_table *table, uint64_t key)
{
	struct id_slot *slot = id_table_home(table, key);

	while (slot->key < key)
		slot++;
	return slot;
}

int id_table_init(struct id_table *); /* 0 or -ENOMEM */
void id_table_done(struct id_table *);

/* Adds one that is not there; at: what id_table_seek() said. 0 or -ENOMEM. */
int id_table_add(struct id_table *, struct id_slot *at, const struct id_slot *);
void id_table_remove(struct id_table *, struct id_slot *at);

/* Asks is_kept about every id of a shard, which may change all but its key, and removes the others. Gives
 * memory back where much went. */
void id_table_sweep(struct id_table *, unsigned shard, bool (*is_kept)(void *ctx, struct id_slot *),
		    void *ctx);

#endif
