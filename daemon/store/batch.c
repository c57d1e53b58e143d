/* SPDX-License-Identifier: MPL-2.0 */
/* See batch.h. */
#include "store/batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void batch_init(struct batch *batch)
{
	memset(batch, 0, sizeof(*batch));
	command_init(&batch->command);
}

void batch_clear(struct batch *batch)
{
	for (size_t i = 1; i <= batch->len; i++)
		free(batch->calls[i].bytes);
	memset(batch->head, 0, sizeof(batch->head));
	memset(batch->tail, 0, sizeof(batch->tail));
	batch->len = batch->settled = batch->bytes = 0;
	batch->names_len = batch->names_done = batch->name_bytes_len = 0;
	batch->is_open = batch->is_sorted = batch->is_finished = false;
}

void batch_done(struct batch *batch)
{
	batch_clear(batch);
	free(batch->calls);
	free(batch->names);
	free(batch->name_bytes);
	command_done(&batch->command);
	batch_init(batch);
}

static struct call *add_call(struct batch *batch, uint16_t municipality)
{
	struct call *call;
	uint32_t number;

	if (batch->len + 1 >= batch->cap) {
		size_t cap = batch->cap * 2 + 128;
		struct call *calls = realloc(batch->calls, cap * sizeof(*calls));

		if (!calls)
			return NULL;
		batch->calls = calls;
		batch->cap = cap;
	}
	number = (uint32_t)++batch->len;
	call = &batch->calls[number];
	memset(call, 0, sizeof(*call));
	call->municipality = municipality;
	if (batch->tail[municipality])
		batch->calls[batch->tail[municipality]].next = number;
	if (!batch->head[municipality])
		batch->head[municipality] = number;
	batch->tail[municipality] = number;
	return call;
}

/* Makes the command at hand a call. */
static int close_call(struct batch *batch, uint16_t municipality, size_t mark, struct call **ret)
{
	struct call *call;
	char *bytes;
	size_t len;
	int r = command_format(&batch->command, &bytes, &len);

	if (r < 0)
		return r;
	call = add_call(batch, municipality);
	if (!call) {
		free(bytes);
		return -ENOMEM;
	}
	call->bytes = bytes;
	call->len = len;
	call->mark = command_offset(&batch->command, mark);
	batch->bytes += len;
	*ret = call;
	return 0;
}

int batch_group(struct batch *batch, const struct scene *scene, const struct spread_group *group)
{
	size_t mark = encode_group(&batch->command, scene, group);
	struct call *call;
	int r = close_call(batch, group->municipality, mark, &call);

	if (r < 0)
		return r;
	call->day = group->day;
	call->cells = (uint32_t)(group->cells_len + group->reasons_len);
	return 0;
}

static bool room_for_name(struct batch *batch, size_t len)
{
	if (batch->names_len == batch->names_cap) {
		size_t cap = batch->names_cap * 2 + 128;
		struct encode_name *names = realloc(batch->names, cap * sizeof(*names));

		if (!names)
			return false;
		batch->names = names;
		batch->names_cap = cap;
	}
	if (batch->name_bytes_cap - batch->name_bytes_len < len) {
		size_t cap = (batch->name_bytes_len + len) * 2 + 4096;
		char *bytes = realloc(batch->name_bytes, cap);

		if (!bytes)
			return false;
		batch->name_bytes = bytes;
		batch->name_bytes_cap = cap;
	}
	return true;
}

int batch_name(struct batch *batch, const struct name_record *record)
{
	struct encode_name *name;

	if (!room_for_name(batch, record->name.len))
		return -ENOMEM;
	name = &batch->names[batch->names_len++];
	*name = (struct encode_name){ .municipality = record->municipality,
				      .dimension = record->dimension,
				      .period = record->period,
				      .name_len = record->name.len,
				      .amount = record->frozen,
				      .last_ms = record->last_ms };
	memcpy(batch->name_bytes + batch->name_bytes_len, record->name.ptr, record->name.len);
	batch->name_bytes_len += record->name.len;
	return 0;
}

static int compare_names(const void *left, const void *right)
{
	const struct encode_name *a = left, *b = right;
	int64_t x = (int64_t)a->municipality << 40 | (int64_t)a->dimension << 32;
	int64_t y = (int64_t)b->municipality << 40 | (int64_t)b->dimension << 32;

	x += a->period;
	y += b->period;
	return x < y ? -1 : x > y;
}

static void sort_names(struct batch *batch)
{
	const char *at = batch->name_bytes;

	for (size_t i = 0; i < batch->names_len; at += batch->names[i++].name_len)
		batch->names[i].name = at;
	if (batch->names_len)
		qsort(batch->names, batch->names_len, sizeof(*batch->names), compare_names);
	batch->is_sorted = true;
}

/* Reasons come with a contact of the same day, so there is a call to add them to. */
static int add_reasons(struct batch *batch, const struct encode_name *names, size_t n)
{
	uint32_t number = batch->head[names[0].municipality];
	struct call *call;
	size_t shift, len;

	while (number && batch->calls[number].day != names[0].period)
		number = batch->calls[number].next;
	if (!number)
		return 0;
	call = &batch->calls[number];
	len = call->len;
	encode_reasons(&batch->command, names, n);
	if (command_append(&batch->command, &call->bytes, &call->len, &shift) < 0)
		return -ENOMEM;
	call->mark += shift;
	call->cells += (uint32_t)n;
	batch->bytes += call->len - len;
	return 0;
}

static int add_names(struct batch *batch, const struct scene *scene, const struct encode_name *names,
		     size_t n)
{
	struct place_key key = { names[0].municipality, (uint8_t)(PLACE_NAMES + names[0].dimension),
				 names[0].period };
	struct call *call;
	size_t mark;
	int r;

	if (names[0].dimension == BY_REASON)
		return add_reasons(batch, names, n);
	mark = encode_names(&batch->command, scene, key, names, n, ENCODE_ADD, "");
	r = close_call(batch, key.municipality, mark, &call);
	if (r < 0)
		return r;
	call->day = BATCH_NO_DAY;
	call->names = key;
	call->cells = (uint32_t)n;
	return 0;
}

/* Days ascend: a period that the next one is not in has been left. */
static unsigned find_more(const struct call *call, const struct call *next)
{
	unsigned more = 0;

	for (int w = 0; w < WINDOWS && next->day != BATCH_NO_DAY; w++)
		if (period_of((enum window)w, call->day).first == period_of((enum window)w, next->day).first)
			more |= 1U << w;
	return more;
}

/* A hash that holds the batch's position has all of the batch. In between it holds an odd one, so that nobody takes
 * the middle of a batch for the end of another. */
static void place_chain(struct batch *batch, uint32_t head, uint64_t position)
{
	uint64_t own = position + 3;

	for (uint32_t i = head; i; i = batch->calls[i].next)
		own -= batch->calls[i].day != BATCH_NO_DAY ? 2 : 0;
	for (uint32_t i = head; i; i = batch->calls[i].next) {
		struct call *call = &batch->calls[i];

		call->position = position;
		encode_mark(call->bytes + call->mark, position);
		if (call->day == BATCH_NO_DAY)
			continue;
		call->own = own;
		own += 2;
		call->more = call->next ? (uint8_t)find_more(call, &batch->calls[call->next]) : 0;
		encode_mark(call->bytes + call->mark + ENCODE_OWN * ENCODE_STRIDE, call->own);
		encode_windows(call->bytes + call->mark + ENCODE_MORE * ENCODE_STRIDE, call->more);
	}
}

int batch_finish(struct batch *batch, const struct scene *scene, uint64_t position)
{
	if (!batch->is_sorted)
		sort_names(batch);
	while (batch->names_done < batch->names_len) {
		const struct encode_name *first = &batch->names[batch->names_done];
		size_t n = 1;
		int r;

		while (batch->names_done + n < batch->names_len && compare_names(first, first + n) == 0)
			n++;
		r = add_names(batch, scene, first, n);
		if (r < 0)
			return r;
		batch->names_done += n;
	}
	for (size_t m = 0; m < BATCH_CHAINS; m++)
		place_chain(batch, batch->head[m], position);
	batch->is_finished = true;
	return 0;
}

size_t batch_hashes(const struct call *call)
{
	return call->day == BATCH_NO_DAY ? 1 : ENCODE_HASHES;
}

struct place_hash batch_hash(const struct call *call, size_t number)
{
	return call->day == BATCH_NO_DAY ? (struct place_hash){ call->names, HASH_CELLS }
					 : encode_group_hash(call->municipality, call->day, number);
}

uint64_t batch_position(const struct call *call, size_t number)
{
	struct place_hash hash = batch_hash(call, number);

	return call->day != BATCH_NO_DAY && call->more >> hash.key.place & 1 ? call->own : call->position;
}

char *batch_mark(const struct call *call, size_t number)
{
	return call->bytes + call->mark + (number + 1) * ENCODE_STRIDE;
}

uint32_t batch_next(const struct batch *batch, uint16_t municipality)
{
	uint32_t number = batch->head[municipality];

	return number && !batch->calls[number].is_out ? number : 0;
}

void batch_settle(struct batch *batch, uint32_t number)
{
	struct call *call = &batch->calls[number];

	free(call->bytes);
	call->bytes = NULL;
	call->is_out = call->is_doubtful = false;
	batch->head[call->municipality] = call->next;
	if (!call->next)
		batch->tail[call->municipality] = 0;
	batch->settled++;
}

void batch_unsend(struct batch *batch)
{
	for (size_t m = 0; m < BATCH_CHAINS; m++) {
		struct call *call;

		if (!batch->head[m])
			continue;
		call = &batch->calls[batch->head[m]];
		call->is_doubtful |= call->is_out;
		call->is_out = false;
		call->left = call->judged = 0;
	}
}
