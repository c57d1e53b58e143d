/* SPDX-License-Identifier: MPL-2.0 */
/* {"cmd":"measures","municipality":"0751","window":"month"} or {...,"label":"year:2025"} or {...,"label":"period:spring"}:
 * the other measures of any period, named counting periods among them, made of what Redis holds of its days now, so that
 * late contacts are in. */
#include "run/answers.h"

#include "base/clock.h"
#include "count/rates.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct asking {
	struct effortd *d; /* borrowed */
	uint64_t id;
	char code[5];
	int32_t first;	    /* the period's first day: reference data in force then */
	struct text answer; /* owned */
};

static void put_value(void *text, const char *name, enum rate_form form, int64_t value)
{
	text_key(text, name);
	if (form == RATE_NUMBER)
		text_printf(text, "\"%" PRId64 "\"", value);
	else
		text_printf(text, "\"%" PRId64 ".%02d\"", value / 100, (int)(value % 100));
}

static int put_reason(void *text, struct effort_str field, int64_t amount)
{
	put_value(text, field.ptr, RATE_NUMBER, amount);
	return 0;
}

static void put_areas(struct text *t, const struct conf *conf)
{
	text_key(t, "areas");
	text_puts(t, "[");
	for (size_t i = 0; i < conf->areas_len; i++) {
		text_puts(t, i > 0 ? ",{" : "{");
		text_key_cstr(t, "id", conf->areas[i].id);
		text_key_cstr(t, "da", conf->areas[i].name_da);
		text_key_cstr(t, "en", conf->areas[i].name_en);
		text_puts(t, "}");
	}
	text_puts(t, "]");
}

static void on_picture(void *ctx, struct picture *picture, bool is_whole)
{
	struct asking *a = ctx;
	struct rates *rates = malloc(sizeof(*rates));

	if (picture == NULL || rates == NULL) {
		answer_refuse(a->d, a->id, REFUSAL_NO_REDIS, NULL);
		text_done(&a->answer);
	} else {
		rates_init(rates);
		rates_add(rates, picture);
		text_key_bool(&a->answer, "is_whole", is_whole);
		put_areas(&a->answer, a->d->snapshot->conf);
		text_key(&a->answer, "measures");
		text_puts(&a->answer, "{");
		rates_each(rates, put_value, &a->answer);
		rates_each_reference(rates, conf_reference(a->d->snapshot->conf, a->code), a->first, put_value, &a->answer);
		picture_each(picture, "reason:", put_reason, &a->answer);
		text_puts(&a->answer, "}}");
		answer_send(a->d, a->id, &a->answer);
	}
	free(rates);
	picture_free(picture);
	free(a);
}

static const char *name_of(const struct conf *conf, const char *code)
{
	for (size_t i = 0; i < conf->municipalities_len; i++)
		if (strcmp(conf->municipalities[i].code, code) == 0)
			return conf->municipalities[i].name;
	return strcmp(code, "dk") == 0 ? "Danmark" : NULL;
}

/* The period asked for. */
struct asked {
	int32_t first, end;
	char label[COUNTING_LABEL > PERIOD_LABEL ? COUNTING_LABEL : PERIOD_LABEL];
	struct period period;		/* of the calendar; counting NULL */
	const struct counting *counting; /* borrowed */
};

static bool find_counting(const struct conf *conf, const char *label, struct asked *ret)
{
	const struct counting *counting = counting_find(conf->periods, conf->periods_len, label);

	if (counting == NULL)
		return false;
	*ret = (struct asked){ .first = counting->first, .end = counting->end, .counting = counting };
	snprintf(ret->label, sizeof(ret->label), COUNTING_PREFIX "%.*s", COUNTING_ID_MAX, counting->id);
	return true;
}

static bool find_period(const char *label, const char *window, int32_t today, struct asked *ret)
{
	int number = window == NULL ? WINDOW_MONTH : window_find(window, strlen(window));
	struct period period;

	if (label == NULL && number < 0)
		return false;
	if (label == NULL)
		period = period_of((enum window)number, today);
	else if (!period_parse(label, strlen(label), &period))
		return false;
	*ret = (struct asked){ .first = period.first, .end = period.end, .period = period };
	period_label(period, ret->label);
	return true;
}

/* False: refused. */
static bool find_asked(struct effortd *d, uint64_t id, json_t *request, struct asked *ret)
{
	const char *label = json_string_value(json_object_get(request, "label"));
	const char *window = json_string_value(json_object_get(request, "window"));

	if (label != NULL && strncmp(label, COUNTING_PREFIX, strlen(COUNTING_PREFIX)) == 0) {
		if (find_counting(d->snapshot->conf, label, ret))
			return true;
		answer_refuse_counting(d, id);
		return false;
	}
	if (find_period(label, window, zone_day(&d->snapshot->zone, clock_now_ms()), ret))
		return true;
	answer_refuse(d, id, REFUSAL_NO_PERIOD, NULL);
	return false;
}

static void put_day(struct text *t, const char *name, int32_t day)
{
	struct date date = date_of_day(day);
	char text[32];

	snprintf(text, sizeof(text), "%04d-%02d-%02d", date.year, date.month, date.day);
	text_key_cstr(t, name, text);
}

static void begin(struct text *t, const char *code, const char *name, const struct asked *asked)
{
	answer_begin(t);
	text_key_int(t, "now_ms", clock_now_ms());
	text_key(t, "municipality");
	text_puts(t, "{");
	text_key_cstr(t, "code", code);
	text_key_cstr(t, "name", name);
	text_puts(t, "}");
	text_key_cstr(t, "label", asked->label);
	if (asked->counting == NULL)
		return;
	text_key_cstr(t, "title", asked->counting->title);
	put_day(t, "first", asked->first);
	put_day(t, "last", asked->end - 1);
}

/* Names are kept by month. */
static void ask_names(struct effortd *d, uint64_t id, const char *by, const char *code, const char *name,
		      const struct asked *asked)
{
	struct text head;

	if (asked->counting != NULL) {
		answer_refuse(d, id, REFUSAL_NAMES_BY_MONTH, NULL);
		return;
	}
	begin(&head, code, name, asked);
	answer_names(d, id, by, code, asked->period, &head);
}

static void ask_measures(struct effortd *d, uint64_t id, const char *code, const char *name, const struct asked *asked)
{
	struct asking *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		answer_refuse(d, id, REFUSAL_NO_MEMORY, NULL);
		return;
	}
	a->d = d;
	a->id = id;
	a->first = asked->first;
	snprintf(a->code, sizeof(a->code), "%s", code);
	begin(&a->answer, code, name, asked);
	if (ranges_ask(d->ranges, code, asked->first, asked->end, on_picture, a) < 0)
		on_picture(a, NULL, false);
}

void answer_measures(struct effortd *d, uint64_t id, json_t *request)
{
	const char *code = json_string_value(json_object_get(request, "municipality"));
	const char *by = json_string_value(json_object_get(request, "by"));
	const char *name;
	struct asked asked;

	if (code == NULL)
		code = "dk";
	name = name_of(d->snapshot->conf, code);
	if (name == NULL)
		answer_refuse(d, id, REFUSAL_NO_MUNICIPALITY, NULL);
	else if (!find_asked(d, id, request, &asked))
		return;
	else if (by != NULL)
		ask_names(d, id, by, code, name, &asked);
	else
		ask_measures(d, id, code, name, &asked);
}
