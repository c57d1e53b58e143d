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

static void begin(struct text *t, const char *code, const char *name, const struct asked_period *asked)
{
	answer_begin(t);
	text_key_int(t, "now_ms", clock_now_ms());
	text_key(t, "municipality");
	text_puts(t, "{");
	text_key_cstr(t, "code", code);
	text_key_cstr(t, "name", name);
	text_puts(t, "}");
	text_key_cstr(t, "label", asked->label);
	answer_put_counting(t, asked->counting);
}

/* Names are kept by month. */
static void ask_names(struct effortd *d, uint64_t id, const char *by, const char *code, const char *name,
		      const struct asked_period *asked)
{
	struct text head;

	if (asked->counting != NULL) {
		answer_refuse(d, id, REFUSAL_NAMES_BY_MONTH, NULL);
		return;
	}
	begin(&head, code, name, asked);
	answer_names(d, id, by, code, asked->period, &head);
}

static void ask_measures(struct effortd *d, uint64_t id, const char *code, const char *name, const struct asked_period *asked)
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
	const char *window = json_string_value(json_object_get(request, "window"));
	const char *label = json_string_value(json_object_get(request, "label"));
	const char *name;
	struct asked_period asked;

	if (code == NULL)
		code = "dk";
	name = answer_municipality_name(d, code);
	if (name == NULL)
		answer_refuse(d, id, REFUSAL_NO_MUNICIPALITY, NULL);
	else if (!answer_find_period(d, id, window == NULL ? "month" : window, label, &asked))
		return;
	else if (by != NULL)
		ask_names(d, id, by, code, name, &asked);
	else
		ask_measures(d, id, code, name, &asked);
}
