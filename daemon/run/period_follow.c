/* SPDX-License-Identifier: MPL-2.0 */
/* See period_follow.h. */
#include "run/period_follow.h"

#include "base/str.h"
#include "count/share_fields.h"
#include "run/silence_book.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define AS_OF_MS    60000 /* of a running period: at least so fresh */
#define MONTHS_DAYS 400   /* longer ones are watched by their years */
#define SUFFIX_SIZE (COUNTING_LABEL + 16)

static const char *const kinds[] = { "share", "tasks" }; /* in the order of enum share_fields */

static void suffix_of(const struct counting *period, int kind, char *buf)
{
	snprintf(buf, SUFFIX_SIZE, "%s:" COUNTING_PREFIX "%.*s", kinds[kind], COUNTING_ID_MAX, period->id);
}

static bool is_running(const struct counting *period, const struct look *look)
{
	return look->today < period->end;
}

/* The calendar's periods that change whenever a day of this one does: the one at *at, which is moved on; false: no
 * more. */
static bool next_watched(const struct counting *period, int32_t *at, char *suffix)
{
	bool by_months = period->end - period->first <= MONTHS_DAYS;
	struct period watched = period_of(by_months ? WINDOW_MONTH : WINDOW_YEAR, *at);
	char label[PERIOD_LABEL];

	if (*at >= period->end)
		return false;
	period_label(watched, label);
	snprintf(suffix, SUFFIX_SIZE, "share:%s", label);
	*at = watched.end;
	return true;
}

void period_follow_want(void *ctx, struct look *look)
{
	const struct conf *conf = look->snapshot->conf;
	char suffix[SUFFIX_SIZE];

	(void)ctx;
	for (size_t i = 0; i < conf->periods_len; i++) {
		const struct counting *period = &conf->periods[i];

		if (period->first > look->today)
			continue;
		for (int kind = 0; kind < 2; kind++) {
			suffix_of(period, kind, suffix);
			look_want_hash(look, suffix);
		}
		for (int32_t at = period->first; next_watched(period, &at, suffix);)
			look_want_hash(look, suffix);
	}
}

/* --- what a hash was made of --- */

static uint64_t mix(uint64_t hash, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
	return hash;
}

#define MIX_START UINT64_C(14695981039346656037)

/* The positions of all writers in the watched hashes, in any order; *ret_has_data: there are some. */
static uint64_t positions_of(const struct look *look, const struct counting *period, bool *ret_has_data)
{
	char suffix[SUFFIX_SIZE];
	uint64_t sum = 0;

	*ret_has_data = false;
	for (int32_t at = period->first; next_watched(period, &at, suffix);) {
		struct fields f = look_hash(look, suffix);

		for (size_t i = 0; i + 1 < f.n; i += 2) {
			if (strncmp(f.text[i], "_w:", 3) != 0)
				continue;
			sum += mix(mix(mix(MIX_START, suffix, strlen(suffix)), f.text[i], f.len[i] + 1), f.text[i + 1],
				   f.len[i + 1]);
			*ret_has_data = true;
		}
	}
	return sum;
}

static int64_t target_of(const struct look *look, const struct counting *period)
{
	return store_view_target(&look->snapshot->view, period->first, period->end);
}

/* A change of the definition that lies ahead may still be taken back. */
static int32_t seen_end(const struct look *look, const struct counting *period)
{
	return is_running(period, look) ? look->today + 1 : period->end;
}

/* Of a period that is over: who was silent when it ended; what nobody remembers stays as the hash has it. */
static const char *missing_of(const struct look *look, const struct counting *period)
{
	char suffix[SUFFIX_SIZE];
	struct fields was;

	if (is_running(period, look))
		return look->missing;
	if (silence_book_reaches(look->silences, period->end - 1))
		return silence_book_at(look->silences, period->end - 1);
	suffix_of(period, 0, suffix);
	was = look_hash(look, suffix);
	return fields_get(&was, "missing").len == 0 ? "" : fields_get(&was, "missing").ptr;
}

struct seen {
	char text[32];
	bool has_data;
};

static struct seen seen_of(const struct look *look, const struct counting *period)
{
	const struct snapshot *s = look->snapshot;
	const char *missing = missing_of(look, period);
	struct seen seen;
	uint64_t hash = positions_of(look, period, &seen.has_data);
	char days[96], names[DEFINITION_NAMES];
	int n = snprintf(days, sizeof(days), "%" PRId32 " %" PRId32 " %" PRId64 " %d", period->first, period->end,
			 target_of(look, period), is_running(period, look));

	hash = mix(mix(hash, days, (size_t)n), period->title, strlen(period->title) + 1);
	store_view_definition(&s->view, period->first, seen_end(look, period), names);
	hash = mix(mix(hash, names, strlen(names) + 1), missing, strlen(missing) + 1);
	if (s->view.target_id != NULL)
		hash = mix(hash, s->view.target_id, strlen(s->view.target_id));
	snprintf(seen.text, sizeof(seen.text), "%016" PRIx64, hash);
	return seen;
}

static bool is_seen(const struct look *look, const struct counting *period, int kind, const struct seen *seen)
{
	char suffix[SUFFIX_SIZE];
	struct fields f;
	struct effort_str was;

	suffix_of(period, kind, suffix);
	f = look_hash(look, suffix);
	was = fields_get(&f, "_seen");
	return was.len == strlen(seen->text) && memcmp(was.ptr, seen->text, was.len) == 0 &&
	       !(is_running(period, look) && look->now_ms - fields_int(fields_get(&f, "as_of")) >= AS_OF_MS);
}

void period_follow_choose(void *ctx, struct look *look)
{
	const struct conf *conf = look->snapshot->conf;

	(void)ctx;
	for (size_t i = 0; i < conf->periods_len; i++) {
		const struct counting *period = &conf->periods[i];
		struct seen seen;

		if (period->first > look->today)
			continue;
		seen = seen_of(look, period);
		if (seen.has_data && !(is_seen(look, period, 0, &seen) && is_seen(look, period, 1, &seen)))
			look_want(look, period->first, period->end);
	}
}

/* --- the sheets --- */

struct filling {
	struct sheet *sheet;
	const struct fields *was; /* NULL: not compared */
	bool differs;
};

static void put_field(void *ctx, const char *name, bool is_percent, int64_t value)
{
	struct filling *f = ctx;

	if (is_percent) {
		sheet_percent(f->sheet, name, value);
		return;
	}
	sheet_int(f->sheet, name, value);
	if (f->was != NULL && fields_int(fields_get(f->was, name)) != value)
		f->differs = true;
}

static void put_head(struct sheet *sheet, const struct look *look, const struct counting *period, const char *seen)
{
	const struct store_view *view = &look->snapshot->view;
	const char *missing = missing_of(look, period);

	sheet_printf(sheet, "period", COUNTING_PREFIX "%s", period->id);
	sheet_put(sheet, "title", period->title);
	sheet_int(sheet, "from", zone_midnight_ms(view->zone, period->first));
	sheet_int(sheet, "to", zone_midnight_ms(view->zone, period->end));
	sheet_definition(sheet, view, period->first, seen_end(look, period));
	sheet_put(sheet, "target_id", view->target_id == NULL ? "" : view->target_id);
	sheet_put(sheet, "lag_s", "0");
	sheet_put(sheet, "rebuilding", "0");
	sheet_put(sheet, "incomplete", missing[0] == '\0' ? "0" : "1");
	if (missing[0] != '\0')
		sheet_put(sheet, "missing", missing);
	sheet_put(sheet, "_seen", seen);
}

/* Restated is what was there once the period was over and has other numbers now. */
static int64_t restated_at(const struct look *look, const struct counting *period, const struct fields *was, bool differs)
{
	int64_t end_ms = zone_midnight_ms(look->snapshot->view.zone, period->end);

	if (differs && fields_int(fields_get(was, "as_of")) >= end_ms)
		return look->now_ms;
	return fields_int(fields_get(was, "restated_at"));
}

static bool has_numbers(const struct fields *was, const struct look *look, const struct counting *period)
{
	const struct zone *zone = look->snapshot->view.zone;

	return was->n > 0 && fields_get(was, "reason").len == 0 &&
	       fields_int(fields_get(was, "from")) == zone_midnight_ms(zone, period->first) &&
	       fields_int(fields_get(was, "to")) == zone_midnight_ms(zone, period->end);
}

/* The sheet of one kind. picture NULL: its days are gone. NULL: no memory. */
static struct sheet *make(const struct look *look, const struct counting *period, const char *seen, int kind,
			  const struct picture *picture, int64_t restated_ms)
{
	char suffix[SUFFIX_SIZE];
	struct filling filling = { NULL, NULL, false };
	struct sheet *sheet;

	suffix_of(period, kind, suffix);
	sheet = filling.sheet = sheet_new(suffix);
	if (sheet == NULL)
		return NULL;
	put_head(sheet, look, period, seen);
	if (picture == NULL)
		sheet_put(sheet, "reason", "days_gone");
	else if (share_fields_each(picture, (enum share_fields)kind, target_of(look, period), put_field, &filling) < 0)
		sheet->bytes.is_cut = true;
	if (restated_ms > 0)
		sheet_int(sheet, "restated_at", restated_ms);
	return sheet;
}

/* Whether the numbers are others than those of the hash. */
static bool differs(const struct look *look, const struct counting *period, const struct picture *picture,
		    const struct fields *was)
{
	struct filling filling = { sheet_new(""), was, false };

	if (filling.sheet == NULL)
		return false;
	(void)share_fields_each(picture, SHARE_FIELDS_SCOPES, target_of(look, period), put_field, &filling);
	sheet_free(filling.sheet);
	return filling.differs;
}

static void keep(struct look *look, const struct counting *period)
{
	char suffix[SUFFIX_SIZE];

	for (int kind = 0; kind < 2; kind++) {
		suffix_of(period, kind, suffix);
		look_keep(look, suffix);
	}
}

static void see_period(struct look *look, const struct counting *period)
{
	bool is_whole = false, stands;
	const struct picture *picture = look_picture(look, period->first, period->end, &is_whole);
	struct seen seen = seen_of(look, period);
	char suffix[SUFFIX_SIZE];
	struct fields was;
	int64_t restated_ms;

	suffix_of(period, 0, suffix);
	was = look_hash(look, suffix);
	stands = has_numbers(&was, look, period);
	if (picture == NULL || (!is_whole && stands)) {
		keep(look, period);
		return;
	}
	restated_ms = stands ? restated_at(look, period, &was, differs(look, period, picture, &was)) : 0;
	for (int kind = 0; kind < 2; kind++)
		look_put(look, make(look, period, seen.text, kind, is_whole ? picture : NULL, restated_ms));
}

void period_follow_see(void *ctx, struct look *look)
{
	const struct conf *conf = look->snapshot->conf;

	(void)ctx;
	for (size_t i = 0; i < conf->periods_len; i++)
		if (conf->periods[i].first <= look->today)
			see_period(look, &conf->periods[i]);
}
