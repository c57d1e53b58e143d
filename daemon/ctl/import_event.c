/* SPDX-License-Identifier: MPL-2.0 */
/* See import.h: the events of a row. A count of several days is one event a day. Their time of day carries a
 * trace of the whole count, so that a row whose count was changed is a conflict on its first day already:
 * then none of its other events is sent, and the daemon never has half of two versions. */
#include "ctl/import.h"

#include "base/sip.h"
#include "base/str.h"
#include "journal/id_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRACE_MS 3600000 /* at most an hour */

struct import_maker {
	const struct import_map *map;      /* borrowed */
	const struct catalogue *catalogue; /* borrowed; NULL: none */
	const char *batch;                 /* borrowed */
	int64_t now_ms;
	struct decoder *decoder; /* owned */
	struct id_table keys;    /* of the file's rows; content: how many, or the line of the first */
	bool has_keys;
	struct import_row row;
	char id[IMPORT_ID];
	struct text line; /* of the event at hand, with room behind it */
};

struct import_maker *import_maker_new(const struct import_map *map, const struct catalogue *catalogue,
				      const char *batch, int64_t now_ms)
{
	struct import_maker *maker = calloc(1, sizeof *maker);

	if (maker == NULL)
		return NULL;
	*maker =
		(struct import_maker){ .map = map, .catalogue = catalogue, .batch = batch, .now_ms = now_ms };
	text_init(&maker->line, 4 * DECODE_MAX_LINE);
	maker->decoder = decoder_new(DECODE_MAX_LINE);
	if (maker->decoder == NULL || import_maker_restart(maker) < 0) {
		import_maker_free(maker);
		return NULL;
	}
	return maker;
}

void import_maker_free(struct import_maker *maker)
{
	if (maker == NULL)
		return;
	if (maker->has_keys)
		id_table_done(&maker->keys);
	decoder_free(maker->decoder);
	text_done(&maker->line);
	free(maker);
}

int import_maker_restart(struct import_maker *maker)
{
	int r;

	if (maker->has_keys)
		id_table_done(&maker->keys);
	r = id_table_init(&maker->keys);
	maker->has_keys = r == 0;
	return r;
}

/* --- ids --- */

/* What was remembered of the row's key, and what is from now on. 0 or -ENOMEM. */
static int remember(struct import_maker *maker, uint32_t first, uint32_t *ret_before)
{
	uint64_t key =
		id_key(strtoull((char[17]){ maker->id[1], maker->id[2], maker->id[3], maker->id[4],
					    maker->id[5], maker->id[6], maker->id[7], maker->id[8],
					    maker->id[9], maker->id[10], maker->id[11], maker->id[12],
					    maker->id[13], maker->id[14], maker->id[15], maker->id[16], 0 },
				NULL, 16));
	struct id_slot *at = id_table_find(&maker->keys, key);

	*ret_before = at == NULL ? 0 : at->content;
	if (at == NULL)
		return id_table_add(&maker->keys, (struct id_slot){ key, first, 0, 0 });
	at->content += maker->map->has_key ? 0 : 1;
	return 0;
}

static bool has_own_id(const struct import_maker *maker)
{
	return maker->row.texts[KEY_ID].len > 0;
}

/* CODE_OK, E_CONFLICT, or -1. */
static int name_row(struct import_maker *maker, const struct import_cell *cells, int64_t line,
		    struct import_fault *ret_fault)
{
	uint32_t before;

	if (has_own_id(maker))
		return CODE_OK;
	import_row_id(maker->map, cells, maker->batch, 0, maker->id);
	if (remember(maker, maker->map->has_key ? (uint32_t)line : 1, &before) < 0)
		return -1;
	if (before == 0)
		return CODE_OK;
	if (!maker->map->has_key) {
		import_row_id(maker->map, cells, maker->batch, before, maker->id);
		return CODE_OK;
	}
	*ret_fault =
		(struct import_fault){ E_CONFLICT, "", "id",
				       "key columns that tell this row from an earlier one of the file" };
	return E_CONFLICT;
}

/* --- one event --- */

/* Which day event i falls on, and its count. */
static int32_t day_of(const struct import_maker *maker, int64_t i, int64_t *ret_count)
{
	const struct import_row *row = &maker->row;
	int32_t day = 0;

	for (;; day++) {
		*ret_count = span_share(maker->map->spread, row->span, row->count, day);
		if (*ret_count > 0 && i-- == 0)
			return row->span.first + day;
	}
}

static void put_time(struct import_maker *maker, int32_t day)
{
	const struct import_row *row = &maker->row;
	int64_t trace_ms = row->span.end - row->span.first > 1 ? row->count % TRACE_MS : 0;
	int64_t ms = (int64_t)row->second * 1000 + trace_ms;
	struct date date = date_of_day(day);
	struct tm tm = { .tm_year = date.year - 1900,
			 .tm_mon = date.month - 1,
			 .tm_mday = date.day,
			 .tm_hour = (int)(ms / 3600000),
			 .tm_min = (int)(ms / 60000 % 60),
			 .tm_sec = (int)(ms / 1000 % 60),
			 .tm_isdst = -1 };
	long offset;

	mktime(&tm);
	offset = tm.tm_gmtoff < 0 ? -tm.tm_gmtoff : tm.tm_gmtoff;
	text_key(&maker->line, "time");
	text_printf(&maker->line, "\"%04d-%02d-%02dT%02d:%02d:%02d.%03d%c%02ld:%02ld\"", tm.tm_year + 1900,
		    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(ms % 1000),
		    tm.tm_gmtoff < 0 ? '-' : '+', offset / 3600, offset / 60 % 60);
}

static void put_id(struct import_maker *maker, int64_t i)
{
	struct effort_str own = maker->row.texts[KEY_ID];
	char id[200];
	int n;

	n = has_own_id(maker) ? snprintf(id, sizeof id, "%.*s", STR_ARG(own))
			      : snprintf(id, sizeof id, "%s", maker->id);
	if (i > 0 && n > 0 && (size_t)n < sizeof id - 24)
		snprintf(id + n, sizeof id - (size_t)n, "-%" PRId64, i);
	text_key_cstr(&maker->line, "id", id);
}

/* What the row says beside id, time and amounts. */
static void put_members(struct import_maker *maker)
{
	for (int key = KEY_SOURCE; key <= KEY_METER; key++) {
		struct effort_str text = maker->row.texts[key];
		bool is_literal = (key == KEY_EXEMPT || key == KEY_ASSISTED) &&
				  (str_same(text, str_of("true")) || str_same(text, str_of("false")));

		if (text.len == 0 || key == KEY_TIME)
			continue;
		text_key(&maker->line, key_name[key]);
		if (is_literal)
			text_add(&maker->line, text.ptr, text.len);
		else
			text_json(&maker->line, text);
	}
}

static void put_shown(struct import_maker *maker)
{
	const struct import_row *row = &maker->row;

	if (row->reading >= 0)
		text_key_int(&maker->line, "reading", row->reading);
	if (row->level < 0)
		return;
	text_key(&maker->line, "level");
	text_printf(&maker->line, "%" PRId64 ".%02d", row->level / 100, (int)(row->level % 100));
}

/* The row's time of handling is its whole count's: each event has its part, the first what does not divide.
 */
static void put_amounts(struct import_maker *maker, int64_t i, int64_t count)
{
	int64_t all = maker->row.duration_ms, one;

	if (count != 1)
		text_key_int(&maker->line, "count", count);
	if (all < 0)
		return;
	one = all / maker->row.count * count + (i == 0 ? all % maker->row.count : 0);
	text_key(&maker->line, "duration_s");
	text_printf(&maker->line, "%" PRId64 ".%03d", one / 1000, (int)(one % 1000));
}

const char *import_piece(struct import_maker *maker, int64_t i, size_t *ret_len)
{
	struct text *line = &maker->line;
	int64_t count = maker->row.count;
	int32_t day = 0;

	if (!maker->row.is_exact)
		day = day_of(maker, i, &count);
	text_clear(line);
	text_puts(line, "{");
	put_id(maker, i);
	if (maker->row.is_exact) {
		text_key(line, "time");
		text_json(line, maker->row.texts[KEY_TIME]);
	} else {
		put_time(maker, day);
	}
	put_members(maker);
	put_amounts(maker, i, count);
	put_shown(maker);
	text_puts(line, "}");
	*ret_len = line->len;
	return line->is_cut || line->len > DECODE_MAX_LINE ? NULL : line->ptr;
}

/* --- rows --- */

/* The column that fills a field; "" where a constant does. */
static const char *column_of(const struct import_map *map, const char *field)
{
	for (size_t i = 0; i < map->columns_len; i++)
		if (strcmp(import_field_name(map->columns[i].field), field) == 0)
			return map->columns[i].name;
	return "";
}

static uint64_t hash_words(const struct effort_event *event)
{
	static const uint8_t key[16];
	const struct effort_str words[] = { event->task, event->service, event->kle };
	uint64_t sum = 0;
	uint8_t hash[16];

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		sip_hash(key, words[i].ptr, words[i].len, hash);
		for (size_t k = 0; k < sizeof sum; k++)
			sum = sum * 31 + hash[k];
	}
	return sum;
}

/* A correction is booked with what it corrects, whatever it says itself. */
static void look_up(const struct import_maker *maker, const struct effort_event *event,
		    struct import_made *ret)
{
	if (event->corrects.len > 0 || catalogue_knows(maker->catalogue, event))
		return;
	ret->is_unclassified = true;
	ret->words = hash_words(event);
}

static enum code judge(struct import_maker *maker, int64_t i, struct import_made *ret,
		       struct import_fault *ret_fault)
{
	static const char padding[DECODE_PADDING];
	struct effort_event event;
	struct refusal refusal;
	size_t len;
	const char *line = import_piece(maker, i, &len);
	enum code code = E_TOO_LONG;

	refusal = (struct refusal){ .field = "", .detail = "at most 65,536 bytes" };
	text_add(&maker->line, padding, sizeof padding);
	if (line != NULL && !maker->line.is_cut) {
		decoder_reset(maker->decoder);
		code = decode_line(maker->decoder, maker->line.ptr, len, (struct effort_str){ "", 0 }, &event,
				   &refusal);
		if (code == CODE_OK && maker->catalogue != NULL)
			code = catalogue_check(maker->catalogue, &event, maker->now_ms, &refusal);
		if (code == CODE_OK && maker->catalogue != NULL)
			look_up(maker, &event, ret);
	}
	if (code != CODE_OK)
		*ret_fault = (struct import_fault){ code, column_of(maker->map, refusal.field), refusal.field,
						    refusal.detail };
	return code;
}

static int64_t pieces_of(const struct import_maker *maker)
{
	const struct import_row *row = &maker->row;
	int64_t n = 0;

	if (row->is_exact || row->count == 0)
		return row->count > 0;
	for (int32_t i = 0; i < row->span.end - row->span.first; i++)
		n += span_share(maker->map->spread, row->span, row->count, i) > 0;
	return n;
}

int import_make(struct import_maker *maker, const struct import_cell *cells, int64_t line,
		struct import_made *ret, struct import_fault *ret_fault)
{
	enum code code = import_row_read(maker->map, cells, &maker->row, ret_fault);
	int r;

	*ret = (struct import_made){ .is_skipped = maker->row.is_skipped };
	if (code != CODE_OK || ret->is_skipped)
		return code;
	r = name_row(maker, cells, line, ret_fault);
	if (r != CODE_OK)
		return r;
	ret->pieces = pieces_of(maker);
	ret->shown = maker->row.reading >= 0 || maker->row.level >= 0 ? ret->pieces : 0;
	ret->contacts = ret->shown > 0 ? 0 : maker->row.count;
	/* The first and the last day are the ones that can be too old or to come. */
	if (ret->pieces > 0)
		code = judge(maker, 0, ret, ret_fault);
	if (code == CODE_OK && ret->pieces > 1)
		code = judge(maker, ret->pieces - 1, ret, ret_fault);
	return code;
}
