/* SPDX-License-Identifier: MPL-2.0 */
/* Tells of most ids that they are not among those added, from one cache line and without a disk: a split
 * block Bloom filter, 2 bytes an id, wrong for about two in a thousand. Grows by further ones, each as large
 * as all before it. Keys are those of id_key(). One thread. */
#ifndef JOURNAL_ID_FILTER_H
#define JOURNAL_ID_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ID_FILTER_PARTS 16
#define ID_FILTER_WORDS 8 /* of a block: each key sets one bit in each */

struct id_filter_part {
	uint32_t (*blocks)[ID_FILTER_WORDS]; /* owned */
	uint32_t blocks_len;
	size_t ids, room;
	bool is_stretched;
};

struct id_filter {
	struct id_filter_part parts[ID_FILTER_PARTS];
	unsigned parts_len;
};

/* All zero is an empty one. */
void id_filter_done(struct id_filter *);

/* Room for a key that is added next? If not, make it. */
bool id_filter_has_room(const struct id_filter *);
#define ID_FILTER_LEAST (128 * 1024) /* bytes to grow by */
/* Bytes it had best grow by when `ids` more are expected; 0: it cannot grow any more. */
size_t id_filter_growth(const struct id_filter *, size_t ids);
int id_filter_grow(struct id_filter *, size_t bytes); /* 0 or -ENOMEM */
/* Takes more than it has room for, up to three times, and is wrong more often. False: it does already. */
bool id_filter_stretch(struct id_filter *);
size_t id_filter_bytes(const struct id_filter *);

void id_filter_add(struct id_filter *, uint64_t key); /* there is room */
bool id_filter_may_hold(const struct id_filter *, uint64_t key);

#endif
