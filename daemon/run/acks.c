/* SPDX-License-Identifier: MPL-2.0 */
/* See acks.h. A line costs one addition in the slot of the block that is open. A refusal is kept as a short
 * record and becomes text only when its block is durable and the client has taken what it was told before. A
 * client that floods us with bad lines and reads nothing is held, so it costs what one read makes of them;
 * and all together no more than ACKS_KEPT_MAX: whoever wants more than that is closed and sends again. */
#include "run/acks.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One block is being committed and one is open; more in a row of stalls. */
#define SLOTS 4
/* Bytes of refusals kept and not taken past which a client is not read from. */
#define KEPT_MAX  (128 * 1024)
#define KEPT_LOW  (KEPT_MAX / 4)
#define ROOM_MAX  (96 * 1024) /* unsent bytes past which the next refusals wait for the client */
#define CHUNK     (16 * 1024) /* text of refusals made at a time, and one line more */
#define CHUNK_MAX (2 * CHUNK)
_Static_assert(ROOM_MAX + CHUNK_MAX < NET_ANSWER_MAX, "a client that reads is never closed for its refusals");

struct sums {
	uint64_t accepted, duplicate, refused;
};

struct slot {
	uint64_t block;
	struct sums sums;
	size_t kept_end; /* its refusals lie before this byte of what is kept */
};

/* A refusal, with its id and its detail behind it. */
struct record {
	uint32_t line; /* counted from the base */
	uint8_t code, id_len, detail_len;
};
#define ID_MAX     128
#define RECORD_MAX (sizeof(struct record) + ID_MAX + UINT8_MAX)

static size_t record_size(const struct record *r)
{
	return sizeof(*r) + r->id_len + r->detail_len;
}

struct acks {
	struct acks_book *book; /* borrowed */
	struct conn *conn;      /* borrowed */
	struct acks *prev, *next;
	bool is_listed; /* in the book: some slot is used */
	bool is_untold; /* something durable has not been told */
	bool is_held, is_broken;
	size_t n_slots;
	struct slot slots[SLOTS];
	struct sums settled;
	uint64_t unsettled;

	/* Refusals in line order: told up to `start`, durable up to `ready`, kept up to `end`. */
	char *kept; /* owned; NULL while there are none */
	size_t start, ready, end, cap;
	uint64_t base; /* line number that the records' lines are counted from */
};

static uint64_t lines_of(const struct sums *s)
{
	return s->accepted + s->duplicate + s->refused;
}

struct acks *acks_new(struct acks_book *book, struct conn *conn)
{
	struct acks *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->book = book;
	book->connections++;
	a->conn = conn;
	return a;
}

static void list(struct acks *a)
{
	if (a->is_listed)
		return;
	a->is_listed = true;
	a->prev = NULL;
	a->next = a->book->first;
	if (a->next != NULL)
		a->next->prev = a;
	a->book->first = a;
}

static void unlist(struct acks *a)
{
	if (!a->is_listed)
		return;
	a->is_listed = false;
	if (a->prev != NULL)
		a->prev->next = a->next;
	else
		a->book->first = a->next;
	if (a->next != NULL)
		a->next->prev = a->prev;
}

void acks_free(struct acks *a)
{
	if (a == NULL)
		return;
	unlist(a);
	a->book->kept -= a->cap;
	a->book->unsettled -= a->unsettled;
	a->book->connections--;
	free(a->kept);
	free(a);
}

/* Too much is underway, or the client does not take what it is told: it is not read from. With a gap between
 * stop and go, or a client would be stopped and started with every line. */
static void hold_or_go(struct acks *a)
{
	size_t kept = a->end - a->start, unsent = conn_unsent(a->conn);
	bool hold = a->unsettled > ACKS_WINDOW || kept + unsent > (a->is_held ? KEPT_LOW : KEPT_MAX) ||
		    (a->is_untold && unsent > 0);

	if (hold == a->is_held)
		return;
	a->is_held = hold;
	conn_hold(a->conn, hold);
}

/* What it has sent stays counted; what it has not been told about it sends again and it is a duplicate. */
static void give_up(struct acks *a)
{
	a->is_broken = true;
	unlist(a);
	conn_close(a->conn);
}

/* --- what became of a line --- */

static struct slot *open_slot(struct acks *a, uint64_t block)
{
	struct slot *slot;

	list(a);
	conn_owe(a->conn, true);
	/* Out of slots the last one waits for the later block: told late is still right. */
	if (a->n_slots == SLOTS) {
		slot = &a->slots[SLOTS - 1];
	} else {
		slot = &a->slots[a->n_slots++];
		*slot = (struct slot){ .kept_end = a->end };
	}
	slot->block = block;
	return slot;
}

static struct slot *slot_of(struct acks *a, uint64_t block)
{
	struct slot *last = a->n_slots > 0 ? &a->slots[a->n_slots - 1] : NULL;

	a->book->unsettled++;
	if (++a->unsettled > ACKS_WINDOW && !a->is_held)
		hold_or_go(a);
	return last != NULL && last->block >= block ? last : open_slot(a, block);
}

void acks_accepted(struct acks *a, uint64_t block)
{
	slot_of(a, block)->sums.accepted++;
}

void acks_duplicate(struct acks *a, uint64_t block)
{
	slot_of(a, block)->sums.duplicate++;
}

/* Room for one more record. */
static int make_room(struct acks *a)
{
	size_t cap = a->cap == 0 ? 1024 : 2 * a->cap;
	char *grown;

	if (a->cap - a->end >= RECORD_MAX)
		return 0;
	if (a->start >= RECORD_MAX && a->start >= a->end / 2) {
		memmove(a->kept, a->kept + a->start, a->end - a->start);
		for (size_t i = 0; i < a->n_slots; i++)
			a->slots[i].kept_end -= a->start;
		a->ready -= a->start;
		a->end -= a->start;
		a->start = 0;
		return 0;
	}
	if (cap - a->cap > ACKS_KEPT_MAX - a->book->kept)
		return -ENOMEM;
	grown = realloc(a->kept, cap);
	if (grown == NULL)
		return -ENOMEM;
	a->book->kept += cap - a->cap;
	a->kept = grown;
	a->cap = cap;
	return 0;
}

static void keep(struct acks *a, struct slot *slot, struct record r, const char *id, const char *detail)
{
	uint64_t line = lines_of(&a->settled) + a->unsettled;
	char *to;

	if (make_room(a) < 0) {
		give_up(a);
		return;
	}
	if (a->start == a->end)
		a->base = line;
	r.line = (uint32_t)(line - a->base);
	to = a->kept + a->end;
	memcpy(to, &r, sizeof(r));
	if (r.id_len > 0)
		memcpy(to + sizeof(r), id, r.id_len);
	memcpy(to + sizeof(r) + r.id_len, detail, r.detail_len);
	a->end += record_size(&r);
	slot->kept_end = a->end;
	if (!a->is_held)
		hold_or_go(a);
}

void acks_refused(struct acks *a, uint64_t block, struct effort_str id, enum code code, const char *detail)
{
	struct slot *slot = slot_of(a, block);
	struct record record = { .code = (uint8_t)code,
				 .id_len = id.len <= ID_MAX ? (uint8_t)id.len : 0,
				 .detail_len = (uint8_t)strnlen(detail, UINT8_MAX) };

	slot->sums.refused++;
	if (!a->is_broken)
		keep(a, slot, record, id.ptr, detail);
}

/* --- telling --- */

/* behind: the record's id and detail. */
static void write_nack(struct text *text, const struct acks *a, const struct record *record,
		       const char *behind)
{
	text_printf(text, "{\"nack\":%llu,\"id\":", (unsigned long long)(a->base + record->line));
	text_json(text, (struct effort_str){ behind, record->id_len });
	text_printf(text, ",\"code\":\"%s\",\"detail\":", code_name(record->code));
	text_json(text, (struct effort_str){ behind + record->id_len, record->detail_len });
	text_puts(text, "}\n");
}

/* A piece of the refusals that may be told. False: no memory. */
static bool tell_some(struct acks *a)
{
	struct text text;
	bool is_whole;

	text_init(&text, CHUNK_MAX);
	while (a->start < a->ready && text.len < CHUNK) {
		struct record record;

		memcpy(&record, a->kept + a->start, sizeof(record));
		write_nack(&text, a, &record, a->kept + a->start + sizeof(record));
		a->start += record_size(&record);
	}
	is_whole = !text.is_cut;
	if (is_whole)
		conn_answer(a->conn, text.ptr, text.len);
	text_done(&text);
	return is_whole;
}

static void tell_ack(struct acks *a)
{
	const struct sums *s = &a->settled;
	char line[160];
	int n = snprintf(line, sizeof(line),
			 "{\"ack\":%llu,\"accepted\":%llu,\"duplicate\":%llu,\"refused\":%llu}\n",
			 (unsigned long long)lines_of(s), (unsigned long long)s->accepted,
			 (unsigned long long)s->duplicate, (unsigned long long)s->refused);

	conn_answer(a->conn, line, (size_t)n);
	a->is_untold = false;
}

static void forget_told(struct acks *a)
{
	if (a->start < a->end)
		return;
	a->book->kept -= a->cap;
	free(a->kept);
	a->kept = NULL;
	a->start = a->ready = a->end = a->cap = 0;
	for (size_t i = 0; i < a->n_slots; i++)
		a->slots[i].kept_end = 0;
}

/* Tells what is durable, as far as the client takes it: refusals, then one ack for all. What it does not take
 * now waits for acks_drained(), and by then there may be a newer ack to tell instead. */
static void tell(struct acks *a)
{
	if (a->is_untold && conn_unsent(a->conn) == 0) {
		while (a->start < a->ready && conn_unsent(a->conn) < ROOM_MAX)
			if (!tell_some(a)) {
				give_up(a);
				return;
			}
		if (a->start == a->ready)
			tell_ack(a);
		forget_told(a);
	}
	hold_or_go(a);
	if (a->n_slots == 0 && !a->is_untold)
		conn_owe(a->conn, false);
}

static void settle(struct acks *a, uint64_t block)
{
	size_t n = 0;

	for (; n < a->n_slots && a->slots[n].block <= block; n++) {
		const struct slot *slot = &a->slots[n];

		a->settled.accepted += slot->sums.accepted;
		a->settled.duplicate += slot->sums.duplicate;
		a->settled.refused += slot->sums.refused;
		a->unsettled -= lines_of(&slot->sums);
		a->book->unsettled -= lines_of(&slot->sums);
		a->ready = slot->kept_end;
	}
	if (n == 0)
		return;
	a->n_slots -= n;
	memmove(a->slots, a->slots + n, a->n_slots * sizeof(a->slots[0]));
	a->is_untold = true;
	if (a->n_slots == 0)
		unlist(a);
	tell(a);
}

void acks_durable(struct acks_book *book, uint64_t block)
{
	struct acks *next;

	for (struct acks *a = book->first; a != NULL; a = next) {
		next = a->next;
		settle(a, block);
	}
}

void acks_drained(struct acks *a)
{
	if (!a->is_broken)
		tell(a);
}
