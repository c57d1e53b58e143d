/* SPDX-License-Identifier: MPL-2.0 */
/* See hello.h. */
#include "run/hello.h"

#include "base/log.h"
#include "base/str.h"
#include "event/charset.h"
#include "event/cpr.h"
#include "event/decode.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define SOURCE_MAX 128

struct producer *producer_of(struct conn *conn)
{
	struct producer *producer = conn_user(conn);

	if (producer == NULL) {
		producer = calloc(1, sizeof(*producer));
		conn_set_user(conn, producer);
	}
	return producer;
}

void producer_free(struct conn *conn)
{
	struct producer *producer = conn_user(conn);

	if (producer != NULL) {
		acks_free(producer->acks);
		free(producer->source);
	}
	free(producer);
	conn_set_user(conn, NULL);
}

struct effort_str producer_source(const struct producer *producer)
{
	return str_of(producer->source == NULL ? "" : producer->source);
}

static bool refuse(struct conn *conn, const char *code, const char *detail)
{
	char answer[256];
	int n = snprintf(answer, sizeof(answer), "{\"error\":\"%s\",\"detail\":\"%s\"}\n", code, detail);

	LOG(LOG_WARNING, "net", "hello refused", F_STR("code", code), F_STR("detail", detail),
	    F_STR("peer", conn_peer(conn)));
	conn_answer(conn, answer, (size_t)n);
	conn_close(conn);
	return false;
}

/* What an event's own source is held to, and searched for, before it may stand in for it. */
static enum code check_source(const char *source)
{
	char padded[SOURCE_MAX + DECODE_PADDING + 1] = "";
	size_t len = strlen(source);

	if (!charset_is_source(source, len))
		return E_SOURCE;
	memcpy(padded, source, len);
	return cpr_find(padded, len, NULL) >= 0 ? E_CPR : CODE_OK;
}

static bool take_source(struct conn *conn, struct producer *producer, const json_t *source)
{
	enum code code = json_is_string(source) ? check_source(json_string_value(source)) : E_SOURCE;

	if (code == E_CPR)
		return refuse(conn, "E_CPR", "source reads as personal data");
	if (code != CODE_OK)
		return refuse(conn, "E_SOURCE",
			      "source must be 1 to 128 bytes of visible text without spaces");
	producer->source = strdup(json_string_value(source));
	return producer->source != NULL || refuse(conn, "E_RATE", "out of memory; try again");
}

static bool take_acks(struct conn *conn, struct producer *producer, struct acks_book *book,
		      const json_t *acks)
{
	if (!json_is_boolean(acks))
		return refuse(conn, "E_TYPE", "acks must be true or false");
	if (json_is_false(acks))
		return true;
	producer->acks = acks_new(book, conn);
	return producer->acks != NULL || refuse(conn, "E_RATE", "out of memory; try again");
}

static bool accept_hello(struct conn *conn, struct producer *producer, struct acks_book *book, json_t *hello)
{
	json_t *acks = json_object_get(hello, "acks"), *source = json_object_get(hello, "source");
	char answer[128];
	int n;

	if (json_integer_value(json_object_get(hello, "hello")) != 1)
		return refuse(conn, "E_VALUE", "only hello version 1 is spoken here");
	if (json_object_get(hello, "token") != NULL)
		return refuse(conn, "E_AUTH", "no tokens are configured in this version");
	if (source != NULL && !take_source(conn, producer, source))
		return false;
	if (acks != NULL && !take_acks(conn, producer, book, acks))
		return false;
	n = snprintf(answer, sizeof(answer), "{\"ok\":1,\"max_line\":%d,\"window\":%d}\n", DECODE_MAX_LINE,
		     ACKS_WINDOW);
	conn_answer(conn, answer, (size_t)n);
	return true;
}

/* Empty lines count nowhere, so they may also stand before a hello. */
static void skip_empty(char **lines, size_t *len)
{
	while (*len > 0) {
		size_t n = **lines == '\n' ? 1 : *len > 1 && (*lines)[0] == '\r' && (*lines)[1] == '\n' ? 2 : 0;

		if (n == 0)
			return;
		*lines += n;
		*len -= n;
	}
}

bool hello_take(struct conn *conn, struct producer *producer, struct acks_book *book, char **lines, size_t *len)
{
	size_t line_len;
	bool is_taken = true;
	json_t *hello;
	char *end;

	if (producer->has_begun)
		return true;
	skip_empty(lines, len);
	if (*len == 0)
		return true;
	producer->has_begun = true;
	end = memchr(*lines, '\n', *len);
	line_len = (size_t)(end - *lines);
	/* Every event has an id, no hello has: most first lines are told apart without a parse. */
	if (line_len > 4096 || memmem(*lines, line_len, "\"hello\"", 7) == NULL)
		return true;
	hello = json_loadb(*lines, line_len, JSON_REJECT_DUPLICATES, NULL);
	if (json_object_get(hello, "hello") != NULL && json_object_get(hello, "id") == NULL) {
		is_taken = accept_hello(conn, producer, book, hello);
		*len -= line_len + 1;
		*lines = end + 1;
	}
	json_decref(hello);
	return is_taken;
}
