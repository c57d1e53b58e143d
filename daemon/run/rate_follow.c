/* SPDX-License-Identifier: MPL-2.0 */
/* See rate_follow.h. Windows are made of the days of the week, the months of the half-year and the year, each read
 * and looked through once. */
#include "run/rate_follow.h"

#include "count/rates.h"
#include "run/silence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNITS_MAX 16

/* Days, months and the year that the running windows are made of, up to today. */
struct units {
	struct period list[UNITS_MAX];
	size_t n;
};

static void add_unit(struct units *units, struct period period)
{
	units->list[units->n++] = period;
}

static struct units units_of(int32_t today)
{
	struct units units = { .n = 0 };
	int32_t at;

	for (at = period_of(WINDOW_WEEK, today).first; at <= today; at++)
		add_unit(&units, period_of(WINDOW_DAY, at));
	for (at = period_of(WINDOW_SEASON, today).first; at <= today; at = period_of(WINDOW_MONTH, at).end)
		add_unit(&units, period_of(WINDOW_MONTH, at));
	add_unit(&units, period_of(WINDOW_YEAR, today));
	return units;
}

void rate_follow_want(void *ctx, struct look *look)
{
	struct units units = units_of(look->today);

	(void)ctx;
	for (size_t i = 0; i < units.n; i++)
		look_want(look, units.list[i].first, units.list[i].end);
}

/* --- the sheet --- */

static void put_rate(void *ctx, const char *name, enum rate_form form, int64_t value)
{
	if (form == RATE_NUMBER)
		sheet_int(ctx, name, value);
	else
		sheet_percent(ctx, name, value);
}

static int put_reason(void *ctx, struct effort_str field, int64_t amount)
{
	char name[128];

	snprintf(name, sizeof(name), "%.*s", (int)field.len, field.ptr);
	sheet_int(ctx, name, amount);
	return 0;
}

/* The areas that a silent source feeds. */
static void put_missing(struct sheet *sheet, const struct look *look)
{
	const struct conf *conf = look->snapshot->conf;

	for (size_t i = 0; i < conf->areas_len && look->missing[0] != '\0'; i++) {
		char missing[SILENCE_MAX], name[AREA_NAME_MAX + 16];

		silence_of(conf, look->missing, conf->areas[i].id, missing);
		snprintf(name, sizeof(name), "%s.missing", conf->areas[i].id);
		if (missing[0] != '\0')
			sheet_put(sheet, name, missing);
	}
}

static void put_head(struct sheet *sheet, struct period period, const struct look *look)
{
	char label[PERIOD_LABEL];

	period_label(period, label);
	sheet_put(sheet, "period", label);
	sheet_date(sheet, "first", period.first);
	sheet_date(sheet, "last", period.end - 1);
	sheet_definition(sheet, &look->snapshot->view, period.first, period.end <= look->today ? period.end : look->today + 1);
	sheet_put(sheet, "incomplete", look->missing[0] == '\0' ? "0" : "1");
	if (look->missing[0] != '\0')
		sheet_put(sheet, "missing", look->missing);
	put_missing(sheet, look);
}

static bool is_part_of(struct period unit, struct period window)
{
	enum window made_of = window.window == WINDOW_WEEK    ? WINDOW_DAY :
			      window.window == WINDOW_QUARTER ? WINDOW_MONTH :
			      window.window == WINDOW_SEASON  ? WINDOW_MONTH :
								window.window;

	return unit.window == made_of && unit.first >= window.first && unit.end <= window.end;
}

/* False: days of it are no longer kept. */
static bool see_window(struct look *look, const struct units *units, const struct rates *rates, struct period window,
		       struct sheet *sheet)
{
	struct picture *reasons = picture_new();
	struct rates *sum = malloc(sizeof(*sum));
	bool is_good = reasons != NULL && sum != NULL;

	if (sum != NULL)
		rates_init(sum);
	for (size_t i = 0; is_good && i < units->n; i++) {
		bool is_whole = false;
		const struct picture *picture;

		if (!is_part_of(units->list[i], window))
			continue;
		picture = look_picture(look, units->list[i].first, units->list[i].end, &is_whole);
		rates_add_rates(sum, &rates[i]);
		is_good = is_whole && picture_add_some(reasons, picture, "reason:") == 0;
	}
	if (is_good) {
		put_head(sheet, window, look);
		rates_each(sum, put_rate, sheet);
		rates_each_reference(sum, conf_reference(look->snapshot->conf, look->code), window.first, put_rate, sheet);
		is_good = picture_each(reasons, "reason:", put_reason, sheet) == 0;
	}
	picture_free(reasons);
	free(sum);
	return is_good;
}

void rate_follow_see(void *ctx, struct look *look)
{
	struct units units = units_of(look->today);
	struct rates *rates = calloc(units.n, sizeof(*rates));

	(void)ctx;
	for (size_t i = 0; rates != NULL && i < units.n; i++) {
		bool is_whole;
		const struct picture *picture = look_picture(look, units.list[i].first, units.list[i].end, &is_whole);

		rates_init(&rates[i]);
		if (picture != NULL)
			rates_add(&rates[i], picture);
	}
	for (int w = 0; rates != NULL && w < WINDOWS; w++) {
		char suffix[32];
		struct sheet *sheet;

		snprintf(suffix, sizeof(suffix), "measures:%s", window_name[w]);
		sheet = sheet_new(suffix);
		/* Without fields it goes: half a week is no week. */
		if (sheet != NULL)
			(void)!see_window(look, &units, rates, period_of((enum window)w, look->today), sheet);
		look_put(look, sheet);
	}
	if (rates == NULL)
		look->is_short = true;
	free(rates);
}
