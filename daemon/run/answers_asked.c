/* SPDX-License-Identifier: MPL-2.0 */
/* What requests name, and how it is found in the configuration: a municipality, a period of the calendar or a counting
 * period. */
#include "run/answers.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *answer_municipality_name(const struct effortd *d, const char *code)
{
	const struct conf *conf = d->snapshot->conf;

	if (strcmp(code, "dk") == 0)
		return "Danmark";
	for (size_t i = 0; i < conf->municipalities_len; i++)
		if (strcmp(conf->municipalities[i].code, code) == 0)
			return conf->municipalities[i].name;
	return NULL;
}

struct answer_codes *answer_codes_new(const struct effortd *d, const char *only)
{
	const struct conf *conf = d->snapshot->conf;
	bool is_one = only != NULL && only[0] != '\0';
	size_t n = is_one ? 1 : conf->municipalities_len;
	struct answer_codes *codes = malloc(sizeof(*codes) + n * sizeof(codes->list[0]));

	if (codes == NULL)
		return NULL;
	codes->n = n;
	for (size_t i = 0; i < n; i++)
		snprintf(codes->list[i], sizeof(codes->list[i]), "%s", is_one ? only : conf->municipalities[i].code);
	return codes;
}

static void use_counting(const struct counting *counting, struct asked_period *ret)
{
	*ret = (struct asked_period){ .first = counting->first, .end = counting->end, .counting = counting };
	snprintf(ret->label, sizeof(ret->label), COUNTING_PREFIX "%.*s", COUNTING_ID_MAX, counting->id);
}

static void use_period(struct period period, struct asked_period *ret)
{
	*ret = (struct asked_period){ .first = period.first, .end = period.end, .period = period };
	period_label(period, ret->label);
}

static bool find_running(struct effortd *d, uint64_t id, const char *window, struct asked_period *ret)
{
	int number = window_find(window, strlen(window));

	if (number < 0) {
		answer_refuse(d, id, REFUSAL_NO_WINDOW, NULL);
		return false;
	}
	use_period(period_of((enum window)number, zone_day(&d->snapshot->zone, clock_now_ms())), ret);
	return true;
}

bool answer_find_period(struct effortd *d, uint64_t id, const char *window, const char *label, struct asked_period *ret)
{
	const struct conf *conf = d->snapshot->conf;
	const struct counting *counting;
	struct period period;

	if (label == NULL)
		return find_running(d, id, window, ret);
	counting = counting_find(conf->periods, conf->periods_len, label);
	if (counting != NULL) {
		use_counting(counting, ret);
	} else if (strncmp(label, COUNTING_PREFIX, strlen(COUNTING_PREFIX)) == 0) {
		answer_refuse_counting(d, id);
		return false;
	} else if (period_parse(label, strlen(label), &period)) {
		use_period(period, ret);
	} else {
		answer_refuse(d, id, REFUSAL_NO_PERIOD, NULL);
		return false;
	}
	return true;
}

void answer_put_counting(struct text *t, const struct counting *counting)
{
	if (counting == NULL)
		return;
	text_key_cstr(t, "title", counting->title);
	text_key_cstr(t, "first", DAY_STR(counting->first));
	text_key_cstr(t, "last", DAY_STR(counting->end - 1));
}
