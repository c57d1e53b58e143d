/* SPDX-License-Identifier: MPL-2.0 */
/* From the bytes of one read to whole lines, for one connection. Owns the start of an unfinished line between
 * two reads (the carry), and nothing when there is none. Whole lines are handed over where recv put them: no
 * copy, no allocation. Finds line ends and over-long lines only; CR, empty lines and what a line says are the
 * owner's. */
#ifndef NET_INTAKE_H
#define NET_INTAKE_H

#include "event/decode.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;

/* The longest unfinished line that may still become a good one: all its bytes and a CR. */
#define INTAKE_CARRY_MAX   (DECODE_MAX_LINE + 1)
#define INTAKE_CARRY_SMALL 4096
/* Room to keep in front of the bytes given to intake_take(). */
#define INTAKE_ROOM INTAKE_CARRY_MAX

struct intake {
	char *carry; /* NULL: no unfinished line is kept */
	uint32_t len, cap;
	uint32_t since_tick; /* when the unfinished line began */
	bool is_skipping;    /* in an over-long line: all up to the next LF is thrown away */
};

/* Small carries wait here for their next use. */
#define INTAKE_POOL_MAX 32
struct intake_pool {
	size_t n;
	char *list[INTAKE_POOL_MAX];
};
void intake_pool_done(struct intake_pool *);

/* Hands over every line that ends in data and keeps the rest. INTAKE_ROOM bytes in front of data belong to
 * intake too. Calls the owner of the connection's net; stops where the connection is closed by it. -ENOMEM:
 * the unfinished line could not be kept (told to the owner as NET_PARTIAL). */
int intake_take(struct conn *, char *data, size_t len);

/* The input has ended: tells an unfinished line. */
void intake_end(struct conn *);

bool intake_is_unfinished(const struct intake *);
void intake_done(struct intake *, struct intake_pool *);

#endif
