/* SPDX-License-Identifier: MPL-2.0 */
/* {"cmd":"measures","municipality":"0751","window":"month"} or {...,"label":"year:2025"}: the other measures of any period,
 * made of what Redis holds of its days now, so that late contacts are in. */
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
		answer_refuse(a->d, a->id, "Redis does not answer; counting goes on",
			      "see `effortctl status` and the log, then ask again");
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

/* What is asked for; false: no such window or label. */
static bool find_period(json_t *request, int32_t today, struct period *ret)
{
	const char *label = json_string_value(json_object_get(request, "label"));
	const char *name = json_string_value(json_object_get(request, "window"));
	int window = name == NULL ? WINDOW_MONTH : window_find(name, strlen(name));

	if (label != NULL)
		return period_parse(label, strlen(label), ret);
	if (window < 0)
		return false;
	*ret = period_of((enum window)window, today);
	return true;
}

static void begin(struct text *t, const char *code, const char *name, struct period period)
{
	char label[PERIOD_LABEL];

	period_label(period, label);
	answer_begin(t);
	text_key_int(t, "now_ms", clock_now_ms());
	text_key(t, "municipality");
	text_puts(t, "{");
	text_key_cstr(t, "code", code);
	text_key_cstr(t, "name", name);
	text_puts(t, "}");
	text_key_cstr(t, "label", label);
}

void answer_measures(struct effortd *d, uint64_t id, json_t *request)
{
	const char *code = json_string_value(json_object_get(request, "municipality"));
	const char *name = name_of(d->snapshot->conf, code == NULL ? "dk" : code);
	const char *by = json_string_value(json_object_get(request, "by"));
	struct asking *a;
	struct period period;
	struct text head;

	if (name == NULL) {
		answer_refuse(d, id, "no such municipality", "give its four digits, or dk for the country");
		return;
	}
	if (!find_period(request, zone_day(&d->snapshot->zone, clock_now_ms()), &period)) {
		answer_refuse(d, id, "no such period", "day, week, month, quarter, season or year, or a label such as month:2026-11");
		return;
	}
	if (by != NULL) {
		begin(&head, code == NULL ? "dk" : code, name, period);
		answer_names(d, id, by, code == NULL ? "dk" : code, period, &head);
		return;
	}
	a = calloc(1, sizeof(*a));
	if (a == NULL) {
		answer_refuse(d, id, "out of memory", "ask again later");
		return;
	}
	a->d = d;
	a->id = id;
	a->first = period.first;
	snprintf(a->code, sizeof(a->code), "%s", code == NULL ? "dk" : code);
	begin(&a->answer, a->code, name, period);
	if (ranges_ask(d->ranges, a->code, period.first, period.end, on_picture, a) < 0)
		on_picture(a, NULL, false);
}
