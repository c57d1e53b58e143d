/* SPDX-License-Identifier: MPL-2.0 */
/* See intake.h. The last LF of a piece is looked for from its end, in windows that are one byte longer than
 * the longest good line: what lies between two hits of one window cannot be too long, so whole reads cost
 * four short searches. */
#include "net/intake.h"

#include "net/inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the longest good line with CR and LF. */
#define LINE_WINDOW ((size_t)DECODE_MAX_LINE + 2)

static bool is_open(const struct conn *conn)
{
	return conn->state == CONN_OPEN;
}

/* len bytes without LF are more than a line may have; one byte more is granted to a CR. */
static bool is_too_long(size_t len, char last)
{
	return len > DECODE_MAX_LINE && !(len == DECODE_MAX_LINE + 1 && last == '\r');
}

static void carry_drop(struct intake *in, struct intake_pool *pool)
{
	if (in->carry != NULL && in->cap == INTAKE_CARRY_SMALL && pool->n < INTAKE_POOL_MAX)
		pool->list[pool->n++] = in->carry;
	else
		free(in->carry);
	in->carry = NULL;
	in->len = in->cap = 0;
}

/* Room for len bytes in all: a small piece first, the whole length when that is not enough. */
static int carry_grow(struct intake *in, struct intake_pool *pool, size_t len)
{
	size_t cap = len <= INTAKE_CARRY_SMALL ? INTAKE_CARRY_SMALL : INTAKE_CARRY_MAX;
	char *grown;

	if (cap <= in->cap)
		return 0;
	if (cap == INTAKE_CARRY_SMALL && pool->n > 0)
		grown = pool->list[--pool->n];
	else
		grown = malloc(cap);
	if (grown == NULL)
		return -ENOMEM;
	if (in->len > 0)
		memcpy(grown, in->carry, in->len);
	size_t kept = in->len;
	carry_drop(in, pool);
	in->carry = grown;
	in->len = (uint32_t)kept;
	in->cap = (uint32_t)cap;
	return 0;
}

static void tell(struct conn *conn, enum net_fault fault, size_t size)
{
	const struct net_owner *owner = &conn->net->owner;

	if (is_open(conn))
		owner->on_fault(owner->ctx, conn, fault, size);
}

static void hand_over(struct conn *conn, char *lines, size_t len)
{
	const struct net_owner *owner = &conn->net->owner;

	if (len > 0)
		owner->on_lines(owner->ctx, conn, lines, len);
}

static int keep(struct conn *conn, const char *data, size_t len)
{
	struct intake *in = &conn->intake;

	if (len == 0 || !is_open(conn))
		return 0;
	if (carry_grow(in, &conn->net->pool, in->len + len) < 0) {
		tell(conn, NET_PARTIAL, in->len + len);
		carry_drop(in, &conn->net->pool);
		return -ENOMEM;
	}
	if (in->len == 0)
		in->since_tick = conn->net->tick;
	memcpy(in->carry + in->len, data, len);
	in->len += (uint32_t)len;
	return 0;
}

/* Everything up to and with the next LF is thrown away. Returns where it goes on. */
static char *skip(struct intake *in, char *data, char *end)
{
	char *lf = memchr(data, '\n', (size_t)(end - data));

	in->is_skipping = lf == NULL;
	return lf == NULL ? end : lf + 1;
}

/* The line at `line` is over the limit: said once, then skipped. Returns where it goes on. */
static char *refuse_long(struct conn *conn, char *line, char *end)
{
	char *rest = skip(&conn->intake, line, end);

	if (conn->intake.is_skipping)
		conn->intake.since_tick = conn->net->tick;
	tell(conn, NET_TOO_LONG, (size_t)(rest - line) - !conn->intake.is_skipping);
	return rest;
}

/* An unfinished line goes on in data. Returns where lines begin now: in front of data when the kept start was
 * put there, at end when everything was taken, NULL when there was no memory. */
static char *go_on(struct conn *conn, char *data, char *end)
{
	struct intake *in = &conn->intake;
	char *lf = memchr(data, '\n', (size_t)(end - data));
	char *stop = lf == NULL ? end : lf;
	size_t more = (size_t)(stop - data), len = in->len + more;

	if (is_too_long(len, more > 0 ? stop[-1] : in->carry[in->len - 1])) {
		carry_drop(in, &conn->net->pool);
		in->is_skipping = lf == NULL;
		tell(conn, NET_TOO_LONG, len);
		return lf == NULL ? end : lf + 1;
	}
	if (lf == NULL)
		return keep(conn, data, more) < 0 ? NULL : end;
	data -= in->len;
	memcpy(data, in->carry, in->len);
	carry_drop(in, &conn->net->pool);
	return data;
}

/* Where the last whole good line that begins in the window at p ends; NULL: no LF there. *ret_is_long: the
 * line at p is over the limit. */
static char *last_end(char *p, char *end, bool *ret_is_long)
{
	size_t left = (size_t)(end - p), window = left < LINE_WINDOW ? left : LINE_WINDOW;
	char *lf = memrchr(p, '\n', window);

	if (lf == NULL)
		*ret_is_long = is_too_long(window, p[window - 1]);
	else
		*ret_is_long = (size_t)(lf - p) > DECODE_MAX_LINE && lf[-1] != '\r' &&
			       memrchr(p, '\n', window - 1) == NULL;
	return lf;
}

int intake_take(struct conn *conn, char *data, size_t len)
{
	struct intake *in = &conn->intake;
	char *end = data + len, *start = data;

	if (in->is_skipping)
		start = skip(in, data, end);
	else if (in->len > 0)
		start = go_on(conn, data, end);
	if (start == NULL)
		return -ENOMEM;

	char *p = start;
	while (p < end && is_open(conn)) {
		bool is_long;
		char *lf = last_end(p, end, &is_long);

		if (is_long) {
			hand_over(conn, start, (size_t)(p - start));
			start = p = refuse_long(conn, p, end);
		} else if (lf == NULL) {
			break;
		} else {
			p = lf + 1;
		}
	}
	/* The owner may write to the lines it gets, so the rest is safe only behind them. */
	hand_over(conn, start, (size_t)(p - start));
	return keep(conn, p, (size_t)(end - p));
}

void intake_end(struct conn *conn)
{
	struct intake *in = &conn->intake;

	if (in->len > 0)
		tell(conn, NET_PARTIAL, in->len);
	carry_drop(in, &conn->net->pool);
	in->is_skipping = false;
}

bool intake_is_unfinished(const struct intake *in)
{
	return in->len > 0 || in->is_skipping;
}

void intake_done(struct intake *in, struct intake_pool *pool)
{
	carry_drop(in, pool);
}

void intake_pool_done(struct intake_pool *pool)
{
	while (pool->n > 0)
		free(pool->list[--pool->n]);
}
