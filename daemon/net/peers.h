/* SPDX-License-Identifier: MPL-2.0 */
/* How many connections each address has. One entry an address while it has any; so there are never more
 * entries than connections, which bounds the memory and the longest chain. IPv4 in IPv6 counts as IPv4. */
#ifndef NET_PEERS_H
#define NET_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr_storage;

#define PEERS_BUCKETS 1024
#define PEER_TEXT_MAX 64

struct peer {
	struct peer *next;
	uint8_t address[16];
	int connections;
};

struct peers {
	struct peer *buckets[PEERS_BUCKETS];
};

/* Takes one connection of this address, unless it has `max` already (0: no limit) or memory is out.
 * Returns 0 and *ret (NULL for what has no address: a Unix socket), -EAGAIN or -ENOMEM. */
int peers_take(struct peers *, const struct sockaddr_storage *, int max, struct peer **ret);
void peers_drop(struct peers *, struct peer *); /* NULL: nothing */

/* "127.0.0.1:55555", "[::1]:55555", "unix". */
void peers_describe(const struct sockaddr_storage *, char ret[PEER_TEXT_MAX]);

#endif
