/* SPDX-License-Identifier: MPL-2.0 */
/* See import_row.h. */
#include "domain/import_row.h"

#include "base/letters.h"
#include "base/sip.h"
#include "base/str.h"
#include "event/time.h"

#include <errno.h>
#include <string.h>

struct reading {
	const struct import_map *map;
	const struct import_cell *cells;
	struct import_row *row;
	struct import_fault *fault;
	struct effort_str parts[IMPORT_FIELDS]; /* translated; ptr NULL: no such column or empty */
	const struct import_column *columns[IMPORT_FIELDS];
	bool is_plain[IMPORT_FIELDS];
};

static enum code bad(struct reading *r, enum code code, int field, const char *detail)
{
	const struct import_column *column = r->columns[field];

	*r->fault = (struct import_fault){ code, column == NULL ? "" : column->name, import_field_name(field),
					   detail };
	return code;
}

/* --- cells --- */

/* What the table of values makes of a cell. */
static struct effort_str translate(const struct import_column *column, struct effort_str text)
{
	char folded[IMPORT_FOLDED];

	if (text.len == 0)
		return column->empty == NULL ? text : str_of(column->empty);
	if (column->values_len == 0)
		return text;
	letters_fold(text.ptr, text.len, folded, sizeof(folded));
	for (size_t i = 0; i < column->values_len; i++)
		if (strcmp(column->values[i].from, folded) == 0)
			return str_of(column->values[i].to);
	return column->otherwise == NULL ? text : str_of(column->otherwise);
}

static bool is_no_data(const struct import_column *column, struct effort_str text)
{
	char folded[IMPORT_FOLDED];

	if (column->skip_len == 0)
		return false;
	letters_fold(text.ptr, text.len, folded, sizeof(folded));
	for (size_t i = 0; i < column->skip_len; i++)
		if (strcmp(column->skip[i], folded) == 0)
			return true;
	return false;
}

static void read_cells(struct reading *r)
{
	for (size_t i = 0; i < r->map->columns_len; i++) {
		const struct import_column *column = &r->map->columns[i];
		struct effort_str text = r->cells[i].text;

		text.len = letters_trim(&text.ptr, text.len);
		if (is_no_data(column, text))
			r->row->is_skipped = true;
		if (column->field == IMPORT_NOTHING)
			continue;
		r->columns[column->field] = column;
		r->parts[column->field] = translate(column, text);
		r->is_plain[column->field] = r->cells[i].is_plain;
	}
	for (int key = 0; key < KEYS; key++)
		if (r->map->constants[key] != NULL && r->parts[key].len == 0)
			r->parts[key] = str_of(r->map->constants[key]);
}

/* --- names, numbers, flags --- */

static struct effort_str slug(struct import_row *row, struct effort_str text, bool is_lower)
{
	char *out = row->scratch + row->used;
	size_t len = letters_slug(text.ptr, text.len, is_lower, out, sizeof(row->scratch) - row->used);

	row->used += len > 0 ? len + 1 : 0;
	return (struct effort_str){ out, len };
}

/* ja, nej and what else people put a cross with; other words as they are. */
static struct effort_str flag(struct effort_str text)
{
	static const char *const yes[] = { "ja", "j", "yes", "y", "true", "sand", "1", "x" };
	static const char *const no[] = { "nej", "n", "no", "false", "falsk", "0", "-" };
	char folded[IMPORT_FOLDED];

	letters_fold(text.ptr, text.len, folded, sizeof(folded));
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (strcmp(folded, yes[i]) == 0)
			return str_of("true");
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (strcmp(folded, no[i]) == 0)
			return str_of("false");
	return text;
}

static const struct amount_form *form_of(const struct reading *r, int field)
{
	return r->is_plain[field] || r->columns[field] == NULL ? &amount_plain : &r->map->numbers;
}

static enum code read_count(struct reading *r)
{
	struct effort_str text = r->parts[KEY_COUNT];
	int result;

	r->row->count = 1;
	if (text.len == 0)
		return r->columns[KEY_COUNT] == NULL
			       ? CODE_OK
			       : bad(r, E_MISSING, KEY_COUNT, "a count; 0 where nothing was counted");
	result = amount_parse(form_of(r, KEY_COUNT), text.ptr, text.len, 0, &r->row->count);
	if (result == -EDOM)
		return bad(r, E_VALUE, KEY_COUNT, "a whole number");
	if (result < 0)
		return bad(r, E_VALUE, KEY_COUNT, "a number written as the map says (decimal, thousands)");
	if (r->row->count < 0)
		return bad(r, E_VALUE, KEY_COUNT,
			   "no less than 0; what was counted too much is taken back by `corrects`");
	return CODE_OK;
}

/* Milliseconds of "1:02:03" or "2:03". */
static bool clocked(struct effort_str text, int64_t *ret)
{
	int64_t seconds = 0, part = 0;
	size_t parts = 1;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == ':' && i > 0 && parts < 3) {
			seconds = (seconds + part) * 60;
			part = 0;
			parts++;
		} else if (text.ptr[i] >= '0' && text.ptr[i] <= '9' && part < 100000) {
			part = part * 10 + (text.ptr[i] - '0');
		} else {
			return false;
		}
	}
	*ret = (seconds + part) * 1000;
	return parts >= 2;
}

static enum code read_duration(struct reading *r)
{
	static const int64_t unit_ms[IMPORT_DURATIONS] = { 1000, 60000, 3600000, 1000 };
	struct effort_str text = r->parts[KEY_DURATION_S];
	bool is_clocked = r->map->duration == IMPORT_CLOCKED && r->columns[KEY_DURATION_S] != NULL;
	int64_t value;

	r->row->duration_ms = -1;
	if (text.len == 0)
		return CODE_OK;
	if (is_clocked && clocked(text, &r->row->duration_ms))
		return CODE_OK;
	if (is_clocked || amount_parse(form_of(r, KEY_DURATION_S), text.ptr, text.len, 6, &value) < 0 ||
	    value < 0 || value > INT64_C(1000000000000))
		return bad(r, E_VALUE, KEY_DURATION_S, "a time of handling in the unit the map says");
	r->row->duration_ms = value / 1000 * unit_ms[r->map->duration] / 1000;
	return CODE_OK;
}

static enum code read_shown(struct reading *r, int field, int decimals, int64_t *ret)
{
	struct effort_str text = r->parts[field];
	bool is_given = r->columns[field] != NULL || text.len > 0;

	*ret = -1;
	if (!is_given)
		return CODE_OK;
	if (text.len == 0)
		return bad(r, E_MISSING, field, "what the meter shows");
	if (amount_parse(form_of(r, field), text.ptr, text.len, decimals, ret) < 0 || *ret < 0) {
		*ret = -1;
		return bad(r, E_VALUE, field, "a number from 0, written as the map says (decimal, thousands)");
	}
	return CODE_OK;
}

/* What a meter shows for a period it shows on the period's last day. */
static enum code read_meter(struct reading *r)
{
	enum code code = read_shown(r, KEY_READING, 0, &r->row->reading);

	if (code == CODE_OK)
		code = read_shown(r, KEY_LEVEL, 2, &r->row->level);
	if (code == CODE_OK && (r->row->reading >= 0 || r->row->level >= 0))
		r->row->span.first = r->row->span.end - 1;
	return code;
}

/* Names keep their letters where an event can have them, spelt in ASCII. */
static enum code read_names(struct reading *r)
{
	static const int names[] = { KEY_SERVICE, KEY_UNIT, KEY_HANDLED_BY, KEY_PORTAL, KEY_REASON, KEY_METER };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct effort_str text = r->parts[names[i]];

		if (text.len == 0)
			continue;
		r->row->texts[names[i]] = slug(r->row, text, names[i] == KEY_REASON);
		if (r->row->texts[names[i]].len == 0)
			return bad(r, E_VALUE, names[i], "a name with letters or digits");
	}
	return CODE_OK;
}

/* --- when --- */

static enum code read_day(struct reading *r, int field, int32_t *ret_day, int32_t *ret_second)
{
	struct effort_str text = r->parts[field];
	enum span_date form = r->columns[field] == NULL ? SPAN_AUTO : r->map->date;

	if (!span_parse_date(form, text.ptr, text.len, ret_day, ret_second))
		return bad(r, E_TIME, field, "a date in the form the map says, of a day that exists");
	return CODE_OK;
}

static enum code one_day(struct reading *r, int field)
{
	struct effort_str clock = r->parts[IMPORT_CLOCK];
	int32_t second, day;
	enum code code = read_day(r, field, &day, &second);

	if (code != CODE_OK)
		return code;
	r->row->span = (struct span){ day, day + 1 };
	if (second >= 0)
		r->row->second = second;
	if (clock.len > 0 && !span_parse_clock(clock.ptr, clock.len, &r->row->second))
		return bad(r, E_TIME, IMPORT_CLOCK, "a time of day such as 14:05");
	return CODE_OK;
}

static enum code from_to(struct reading *r)
{
	int32_t second, last = 0;
	enum code code;

	if (r->parts[IMPORT_FROM].len == 0 || r->parts[IMPORT_TO].len == 0)
		return bad(r, E_MISSING, r->parts[IMPORT_FROM].len == 0 ? IMPORT_FROM : IMPORT_TO,
			   "both ends of the period");
	code = read_day(r, IMPORT_FROM, &r->row->span.first, &second);
	if (code == CODE_OK)
		code = read_day(r, IMPORT_TO, &last, &second);
	if (code != CODE_OK)
		return code;
	r->row->span.end = last + 1;
	if (last < r->row->span.first || last - r->row->span.first > 400)
		return bad(r, E_TIME, IMPORT_TO, "a last day on or after the first, at most 400 days later");
	return CODE_OK;
}

/* week, month or quarter, with its year from its own cell or from the column of years. */
static enum code numbered(struct reading *r, int field)
{
	static bool (*const parse[])(const char *, size_t, int *,
				     int *) = { span_parse_week, span_parse_month, span_parse_quarter };
	struct effort_str text = r->parts[field], year_text = r->parts[IMPORT_YEAR];
	int year, number;
	int64_t value;
	bool is_real;

	if (!parse[field - IMPORT_WEEK](text.ptr, text.len, &year, &number))
		return bad(r, E_TIME, field,
			   "the number of a week, month or quarter, or with its year: 2026-W47, 2026-11");
	if (year == 0 && year_text.len == 0)
		return bad(r, E_MISSING, IMPORT_YEAR, "the year, in a column of its own or with the period");
	if (year == 0 && (amount_parse(&amount_plain, year_text.ptr, year_text.len, 0, &value) < 0 ||
			  value < 1900 || value > 2199))
		return bad(r, E_TIME, IMPORT_YEAR, "a year in four digits");
	if (year == 0)
		year = (int)value;
	is_real = field == IMPORT_WEEK    ? span_of_week(r->map->weeks, year, number, &r->row->span)
		  : field == IMPORT_MONTH ? span_of_month(year, number, &r->row->span)
					  : span_of_quarter(year, number, &r->row->span);
	return is_real ? CODE_OK : bad(r, E_TIME, field, "a period that this year has");
}

static enum code read_when(struct reading *r)
{
	struct effort_str time = r->parts[KEY_TIME];
	int64_t ms;

	r->row->second = r->map->clock_s;
	if (time.len > 0 && time_parse(time.ptr, time.len, &ms) == 0) {
		r->row->is_exact = true;
		r->row->texts[KEY_TIME] = time;
		return CODE_OK;
	}
	if (time.len > 0)
		return one_day(r, KEY_TIME);
	if (r->parts[IMPORT_DATE].len > 0)
		return one_day(r, IMPORT_DATE);
	if (r->parts[IMPORT_FROM].len > 0 || r->parts[IMPORT_TO].len > 0)
		return from_to(r);
	for (int field = IMPORT_WEEK; field <= IMPORT_QUARTER; field++)
		if (r->parts[field].len > 0)
			return numbered(r, field);
	return bad(r, E_MISSING, KEY_TIME, "a date or a period");
}

/* --- rows --- */

static bool is_number(int field)
{
	return field == KEY_COUNT || field == KEY_DURATION_S || field == KEY_READING || field == KEY_LEVEL;
}

enum code import_row_read(const struct import_map *map, const struct import_cell *cells,
			  struct import_row *ret, struct import_fault *ret_fault)
{
	struct reading r = { .map = map, .cells = cells, .row = ret, .fault = ret_fault };
	enum code code;

	memset(ret, 0, offsetof(struct import_row, scratch));
	read_cells(&r);
	if (ret->is_skipped)
		return CODE_OK;
	for (int key = 0; key < KEY_EVENTS; key++)
		if (key != KEY_TIME && !is_number(key))
			ret->texts[key] = r.parts[key];
	ret->texts[KEY_EXEMPT] = flag(r.parts[KEY_EXEMPT]);
	ret->texts[KEY_ASSISTED] = flag(r.parts[KEY_ASSISTED]);
	ret->texts[KEY_SOURCE] = str_of(map->source);
	code = read_names(&r);
	if (code == CODE_OK)
		code = read_when(&r);
	if (code == CODE_OK)
		code = read_count(&r);
	if (code == CODE_OK)
		code = read_duration(&r);
	if (code == CODE_OK)
		code = read_meter(&r);
	if (code != CODE_OK)
		return code;
	/* A day's share of a spread count is never more than the count divided by the days, rounded up. */
	if (span_share(map->spread, ret->span, ret->count, 0) > IMPORT_COUNT_MAX ||
	    (ret->is_exact && ret->count > IMPORT_COUNT_MAX) ||
	    ret->count > INT64_C(1000000) * IMPORT_COUNT_MAX)
		return bad(&r, E_VALUE, KEY_COUNT, "at most 1,000,000 a day");
	return CODE_OK;
}

/* --- ids --- */

/* Where and what was counted, not how much: these columns are the key when the map names none. */
static bool is_key(const struct import_map *map, const struct import_column *column)
{
	if (map->has_key)
		return column->is_key;
	return !is_number(column->field);
}

struct bytes {
	uint8_t state[16];
	uint8_t key[16];
};

/* Chained, so that a row may be of any length; each text is closed by its own hash. */
static void mix(struct bytes *b, const char *text, size_t len)
{
	uint8_t joined[32];

	memcpy(joined, b->state, 16);
	sip_hash(b->key, text, len, joined + 16);
	sip_hash(b->key, joined, sizeof(joined), b->state);
}

static void mix_text(struct bytes *b, const char *text)
{
	mix(b, text == NULL ? "" : text, text == NULL ? 0 : strlen(text));
}

void import_row_id(const struct import_map *map, const struct import_cell *cells, const char *batch,
		   uint32_t number, char ret[IMPORT_ID])
{
	static const uint8_t zero[16];
	static const char hex[] = "0123456789abcdef";
	struct bytes b = { { 0 }, { 0 } };

	sip_hash(zero, map->salt, strlen(map->salt), b.key);
	mix_text(&b, batch);
	/* Two municipalities may have the same table. */
	mix_text(&b, map->constants[KEY_MUNICIPALITY]);
	mix_text(&b, map->constants[KEY_UNIT]);
	for (size_t i = 0; i < map->columns_len; i++) {
		struct effort_str text = cells[i].text;

		if (!is_key(map, &map->columns[i]))
			continue;
		text.len = letters_trim(&text.ptr, text.len);
		mix_text(&b, map->columns[i].folded);
		mix(&b, text.ptr, text.len);
	}
	mix(&b,
	    (const char *)&(uint8_t[]){ (uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
					(uint8_t)(number >> 24) },
	    4);
	for (int i = 0; i < 16; i++) {
		ret[2 * i] = hex[b.state[i] >> 4];
		ret[2 * i + 1] = hex[b.state[i] & 15];
	}
	/* With a letter among its digits it is never taken for a personal number. */
	ret[0] = "abcdef"[b.state[0] % 6];
	ret[IMPORT_ID - 1] = '\0';
}
