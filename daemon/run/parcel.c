/* SPDX-License-Identifier: MPL-2.0 */
/* See parcel.h. */
#include "run/parcel.h"

#include "event/frame.h"

#include <stdlib.h>

/* Unescaped text of all lines of a read. */
#define SCRATCH (512 * 1024)

struct parcel *parcel_new(void)
{
	struct parcel *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->decoder = decoder_new(SCRATCH);
	if (p->decoder == NULL) {
		free(p);
		return NULL;
	}
	return p;
}

void parcel_free(struct parcel *p)
{
	if (p == NULL)
		return;
	decoder_free(p->decoder);
	free(p);
}

/* --- what a line alone cannot tell --- */

static enum code check_time(const struct parcel_terms *terms, int64_t time_ms)
{
	const struct conf *conf = terms->snapshot->conf;

	/* The horizon never moves back: what has been forgotten cannot be told from what is new. */
	if (conf->late_limit_ms != CONF_NEVER &&
	    (time_ms < terms->now_ms - conf->late_limit_ms || time_ms < terms->core->horizon_ms))
		return E_TOO_OLD;
	if (conf->future_limit_ms != CONF_NEVER && time_ms > terms->now_ms + conf->future_limit_ms)
		return E_FUTURE;
	return CODE_OK;
}

static uint16_t municipality_of(const struct snapshot *s, const struct effort_event *ev)
{
	const char *c = ev->municipality.ptr;

	return s->municipality[(c[0] - '0') * 1000 + (c[1] - '0') * 100 + (c[2] - '0') * 10 + (c[3] - '0')];
}

static enum code check(struct parcel *p, const struct parcel_terms *terms, struct effort_event *ev)
{
	uint16_t municipality = municipality_of(terms->snapshot, ev);

	/* What a correction takes back was counted where it was counted, whatever it says itself. */
	if (ev->corrects.len > 0)
		return check_time(terms, ev->time_ms);
	if (municipality == 0)
		return E_MUNICIPALITY;
	p->municipalities[p->n] = (uint16_t)(municipality - 1);
	ev->day = zone_day_cached(&terms->snapshot->zone, &p->day_cache, ev->time_ms);
	return check_time(terms, ev->time_ms);
}

static const char *detail_of(enum code code)
{
	switch (code) {
	case E_MUNICIPALITY:
		return "this municipality is not configured here";
	case E_TOO_OLD:
		return "older than late_limit";
	case E_FUTURE:
		return "further ahead than future_limit";
	default:
		return "";
	}
}

/* --- lines --- */

/* The key is made of what the sender wrote, before any default of the configuration. */
static void take_event(struct parcel *p, const struct parcel_terms *terms, struct parcel_line *l)
{
	struct effort_event *ev = &p->events[p->n];

	l->source = ev->source;
	l->id = ev->id;
	l->code = check(p, terms, ev);
	if (l->code != CODE_OK) {
		l->detail = detail_of(l->code);
		return;
	}
	p->keys[p->n] = core_key(terms->core, ev, terms->now_ms);
	l->event = (int32_t)p->n++;
}

static void take_unlike(struct parcel *p, const struct parcel_terms *terms, struct parcel_line *l)
{
	struct refusal refusal = { 0 };

	l->code = decode_unlike(p->decoder, l->line.ptr, l->line.len, terms->source, &p->events[p->n], &refusal);
	if (l->code == CODE_OK) {
		take_event(p, terms, l);
		return;
	}
	l->source = refusal.source.len > 0 ? refusal.source : terms->source;
	l->id = refusal.id;
	l->field = refusal.field;
	l->detail = refusal.detail;
	l->is_expected = true;
}

/* False: there are no more. */
static bool take_line(struct parcel *p, const struct parcel_terms *terms)
{
	struct parcel_line *l = &p->lines[p->lines_len];
	struct frame frame = { 0 };
	struct effort_str line;
	bool is_alike = decode_alike(p->decoder, &p->at, p->end, terms->source, &p->events[p->n], &line);

	if (!is_alike && frame_next(&frame, &p->at, p->end, &line) != FRAME_LINE)
		return false;
	p->lines_len++;
	*l = (struct parcel_line){ .line = line, .event = -1, .field = "", .detail = "" };
	if (is_alike)
		take_event(p, terms, l);
	else
		take_unlike(p, terms, l);
	return true;
}

void parcel_fill(struct parcel *p, const char *lines, const char *end)
{
	p->at = lines;
	p->end = end;
	p->lines_len = p->n = 0;
}

void parcel_unpack(struct parcel *p, const struct parcel_terms *terms)
{
	decoder_reset(p->decoder);
	p->lines_len = p->n = 0;
	while (p->lines_len < PARCEL_LINES && take_line(p, terms))
		;
	if (p->lines_len < PARCEL_LINES)
		p->at = p->end;
}
