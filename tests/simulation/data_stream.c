/* SPDX-License-Identifier: MPL-2.0 */
/* Streams of the model of Redis: appending with MAXLEN, ranges forwards and backwards. Ids are "ms" or
 * "ms-number". */
#include "data_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct id {
	uint64_t ms, number;
};

static bool parse_id(const struct arg *arg, uint64_t number_default, struct id *ret)
{
	char text[48], *end;

	snprintf(text, sizeof(text), "%.*s", (int)arg->len, arg->bytes);
	if (strcmp(text, "-") == 0) {
		*ret = (struct id){ 0, 0 };
		return true;
	}
	if (strcmp(text, "+") == 0) {
		*ret = (struct id){ UINT64_MAX, UINT64_MAX };
		return true;
	}
	ret->ms = strtoull(text, &end, 10);
	ret->number = number_default;
	if (*end == '-')
		ret->number = strtoull(end + 1, &end, 10);
	return end != text && *end == '\0';
}

static int compare(struct id a, uint64_t ms, uint64_t number)
{
	if (a.ms != ms)
		return a.ms < ms ? -1 : 1;
	return a.number < number ? -1 : a.number > number;
}

static void append(struct data *data, size_t at, struct id id, struct object *object)
{
	size_t fields = data->argc - at - 1;
	struct stream_entry *entry = object_append(object, id.ms, id.number, fields);
	char text[48];
	int n = snprintf(text, sizeof(text), "%llu-%llu", (unsigned long long)id.ms,
			 (unsigned long long)id.number);

	for (size_t i = 0; i < fields; i++)
		entry->fields[i] = text_new(data->argv[at + 1 + i].bytes, data->argv[at + 1 + i].len);
	answer_bulk(data->answer, text, (size_t)n);
}

void data_xadd(struct data *data)
{
	int64_t most = INT64_MAX;
	struct object *object;
	bool is_wrong;
	struct id id;
	size_t at = 2;

	if (arg_is(&data->argv[at], "MAXLEN")) {
		at += arg_is(&data->argv[at + 1], "~") || arg_is(&data->argv[at + 1], "=") ? 3 : 2;
		if (!arg_number(&data->argv[at - 1], &most))
			abort();
	}
	if (!parse_id(&data->argv[at], 0, &id)) {
		answer_error(data->answer, "ERR Invalid stream ID specified as stream command argument");
		return;
	}
	if (id.ms == 0 && id.number == 0) {
		answer_error(data->answer, "ERR The ID specified in XADD must be greater than 0-0");
		return;
	}
	object = data_of(data, 1, KIND_STREAM, &is_wrong);
	if (is_wrong)
		return;
	if (object != NULL && object->entries_len > 0) {
		const struct stream_entry *last = &object->entries[object->entries_len - 1];

		if (compare(id, last->ms, last->number) <= 0) {
			answer_error(data->answer, "ERR The ID specified in XADD is equal or smaller than the "
						   "target stream top item");
			return;
		}
	}
	object = data_make(data, 1, KIND_STREAM);
	append(data, at, id, object);
	if (most < INT64_MAX)
		object_trim(object, (size_t)most);
}

static void answer_entry(struct answer *answer, const struct stream_entry *entry)
{
	char text[48];
	int n = snprintf(text, sizeof(text), "%llu-%llu", (unsigned long long)entry->ms,
			 (unsigned long long)entry->number);

	answer_array(answer, 2);
	answer_bulk(answer, text, (size_t)n);
	answer_array(answer, entry->n);
	for (size_t i = 0; i < entry->n; i++)
		answer_bulk(answer, entry->fields[i]->bytes, entry->fields[i]->len);
}

static void range(struct data *data, const struct arg *from_arg, const struct arg *to_arg, bool is_reversed)
{
	bool is_wrong;
	const struct object *object = data_of(data, 1, KIND_STREAM, &is_wrong);
	size_t len = object == NULL ? 0 : object->entries_len, first = 0, end = len, n;
	int64_t most = INT64_MAX;
	struct id from, to;

	if (is_wrong)
		return;
	if (!parse_id(from_arg, 0, &from) || !parse_id(to_arg, UINT64_MAX, &to)) {
		answer_error(data->answer, "ERR Invalid stream ID specified as stream command argument");
		return;
	}
	if (data->argc > 5 && !arg_number(&data->argv[5], &most))
		abort();
	while (first < len && compare(from, object->entries[first].ms, object->entries[first].number) > 0)
		first++;
	while (end > first && compare(to, object->entries[end - 1].ms, object->entries[end - 1].number) < 0)
		end--;
	n = end - first < (uint64_t)most ? end - first : (size_t)most;
	answer_array(data->answer, n);
	for (size_t i = 0; i < n; i++)
		answer_entry(data->answer, &object->entries[is_reversed ? end - 1 - i : first + i]);
}

void data_xrange(struct data *data)
{
	range(data, &data->argv[2], &data->argv[3], false);
}

void data_xrevrange(struct data *data)
{
	range(data, &data->argv[3], &data->argv[2], true);
}

void data_xlen(struct data *data)
{
	bool is_wrong;
	const struct object *object = data_of(data, 1, KIND_STREAM, &is_wrong);

	if (!is_wrong)
		answer_int(data->answer, object == NULL ? 0 : (int64_t)object->entries_len);
}
