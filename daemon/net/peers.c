/* SPDX-License-Identifier: MPL-2.0 */
/* See peers.h. */
#include "net/peers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* The address as 16 bytes, IPv4 in its mapped form. false: it has none. */
static bool address_of(const struct sockaddr_storage *ss, uint8_t ret[16])
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };

	if (ss->ss_family == AF_INET) {
		memcpy(ret, mapped, sizeof(mapped));
		memcpy(ret + 12, &((const struct sockaddr_in *)ss)->sin_addr, 4);
		return true;
	}
	if (ss->ss_family == AF_INET6) {
		memcpy(ret, &((const struct sockaddr_in6 *)ss)->sin6_addr, 16);
		return true;
	}
	return false;
}

static struct peer **bucket_of(struct peers *peers, const uint8_t address[16])
{
	uint32_t h = 2166136261U;

	for (int i = 0; i < 16; i++)
		h = (h ^ address[i]) * 16777619U;
	return &peers->buckets[(h ^ h >> 15) % PEERS_BUCKETS];
}

int peers_take(struct peers *peers, const struct sockaddr_storage *ss, int max, struct peer **ret)
{
	uint8_t address[16];
	struct peer *peer, **bucket;

	*ret = NULL;
	if (!address_of(ss, address))
		return 0;
	bucket = bucket_of(peers, address);
	for (peer = *bucket; peer != NULL; peer = peer->next)
		if (memcmp(peer->address, address, sizeof(address)) == 0)
			break;
	if (peer != NULL && max > 0 && peer->connections >= max)
		return -EAGAIN;
	if (peer == NULL) {
		peer = calloc(1, sizeof(*peer));
		if (peer == NULL)
			return -ENOMEM;
		memcpy(peer->address, address, sizeof(address));
		peer->next = *bucket;
		*bucket = peer;
	}
	peer->connections++;
	*ret = peer;
	return 0;
}

void peers_drop(struct peers *peers, struct peer *peer)
{
	struct peer **at;

	if (peer == NULL || --peer->connections > 0)
		return;
	for (at = bucket_of(peers, peer->address); *at != peer; at = &(*at)->next)
		;
	*at = peer->next;
	free(peer);
}

void peers_describe(const struct sockaddr_storage *ss, char ret[PEER_TEXT_MAX])
{
	char host[INET6_ADDRSTRLEN];
	uint8_t address[16];

	if (!address_of(ss, address)) {
		snprintf(ret, PEER_TEXT_MAX, "unix");
		return;
	}
	if (IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)address)) {
		inet_ntop(AF_INET, address + 12, host, sizeof(host));
		snprintf(ret, PEER_TEXT_MAX, "%s:%u", host,
			 ntohs(((const struct sockaddr_in *)ss)->sin_port));
		return;
	}
	inet_ntop(AF_INET6, address, host, sizeof(host));
	snprintf(ret, PEER_TEXT_MAX, "[%s]:%u", host, ntohs(((const struct sockaddr_in6 *)ss)->sin6_port));
}
