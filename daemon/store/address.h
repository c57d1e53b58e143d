/* SPDX-License-Identifier: MPL-2.0 */
/* Where Redis is: the forms of redis.url this version speaks. Names are not looked up (a lookup could block
 * the loop): an IP address, "localhost" or a unix socket. Pure. */
#ifndef STORE_ADDRESS_H
#define STORE_ADDRESS_H

#include "base/error.h"

#include <sys/socket.h>

struct address {
	char text[160]; /* for people, without user */
	char user[64];  /* from the URL; "" for none */
	int db;
	int n; /* candidates, tried in turn: localhost has two */
	struct sockaddr_storage at[2];
	socklen_t len[2];
};

/* 0; -EINVAL; -ENOTSUP for forms that come later. */
int address_parse(const char *url, struct address *ret, struct error *reterr);

#endif
