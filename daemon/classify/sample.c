/* SPDX-License-Identifier: MPL-2.0 */
/* See sample.h. */
#include "classify/sample.h"

#include "event/decode.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *key, *member;
} defaults[] = {
	{ "id", "\"id\":\"sample\"" },
	{ "source", "\"source\":\"sample\"" },
	{ "time", "\"time\":\"2026-01-15T12:00:00+01:00\"" },
	{ "municipality", "\"municipality\":\"0751\"" },
	{ "channel", "\"channel\":\"phone\"" },
};

/* The end of the string that begins at text[0] == '"': behind its closing quote, or where the text ends. */
static const char *skip_string(const char *text)
{
	for (text++; *text != '\0' && *text != '"'; text++) {
		if (*text == '\\' && text[1] != '\0')
			text++;
	}
	return *text == '"' ? text + 1 : text;
}

/* Whether the members name the key at their own level. What is no JSON is left for the decoder to refuse. */
static bool has_key(const char *members, const char *key)
{
	size_t len = strlen(key);
	int depth = 0;

	while (*members != '\0') {
		const char *end = members + 1;
		if (*members == '"') {
			end = skip_string(members);
			if (depth == 0 && (size_t)(end - members) == len + 2 &&
			    memcmp(members + 1, key, len) == 0 && end[strspn(end, " \t")] == ':')
				return true;
		} else if (*members == '{' || *members == '[') {
			depth++;
		} else if (*members == '}' || *members == ']') {
			depth--;
		}
		members = end;
	}
	return false;
}

size_t sample_compose(const char *members, char *line)
{
	size_t len = (size_t)snprintf(line, SAMPLE_LINE_MAX, "{%s", members);

	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]) && len < SAMPLE_LINE_MAX; i++) {
		if (!has_key(members, defaults[i].key))
			len += (size_t)snprintf(line + len, SAMPLE_LINE_MAX - len, "%s%s",
						line[len - 1] == '{' ? "" : ",", defaults[i].member);
	}
	if (len + 2 > SAMPLE_LINE_MAX)
		return 0;
	line[len++] = '}';
	line[len] = '\0';
	return len;
}

/* ---- running ---- */

struct run {
	struct area *area;
	uint16_t index;
	const struct router *router;
	struct decoder *decoder;
	struct faults *faults;
};

/* What is expected of one sample, and where it stands. */
struct expectation {
	const char *event;
	const char *origin; /* "sample 3 of plugins/social.so" */
	struct place place;
	uint16_t answer;
	const char *expect;
};

static const char *answer_name(uint16_t answer)
{
	static const char *const names[] = { "no answer", "count", "ignore", "reject", "not_mine" };

	return answer <= EFFORT_NOT_MINE ? names[answer] : "an answer that does not exist";
}

/* "count flytning": what a verdict says, in the words of a sample. */
static void describe(const struct area *a, const struct effort_verdict *v, char *text, size_t size)
{
	const struct classes *c = &a->classes;
	enum verdict_fault fault = verdict_check(v, (uint32_t)c->len, (uint32_t)c->reasons_len);

	if (fault != VERDICT_FINE)
		snprintf(text, size, "a fault (it %s)", verdict_fault_text(fault));
	else if (v->answer == EFFORT_NOT_MINE)
		snprintf(text, size, "%s", answer_name(v->answer));
	else
		snprintf(text, size, "%s %s", answer_name(v->answer),
			 v->answer == EFFORT_REJECT ? c->reasons[v->reason - 1] : c->list[v->class_id].label);
}

static void compare(const struct run *run, const struct expectation *e, const struct effort_verdict *v)
{
	char got[160], wanted[160];

	describe(run->area, v, got, sizeof(got));
	if (e->answer == EFFORT_NOT_MINE)
		snprintf(wanted, sizeof(wanted), "%s", answer_name(e->answer));
	else
		snprintf(wanted, sizeof(wanted), "%s %s", answer_name(e->answer),
			 e->expect != NULL ? e->expect : "-");
	if (strcmp(got, wanted) != 0)
		fault_add(run->faults, e->place, "correct the sample, the lists of the area or the plugin",
			  "area %s: %s: expected %s, got %s", run->area->def->id, e->origin, wanted, got);
}

static void run_one(const struct run *run, const struct expectation *e)
{
	char line[SAMPLE_LINE_MAX + DECODE_PADDING] = { 0 };
	size_t len = sample_compose(e->event, line);
	struct effort_verdict verdict = { 0 };
	struct effort_event event;
	const struct effort_event *events[1] = { &event };
	struct refusal refusal;
	enum code code;

	if (len == 0) {
		fault_add(run->faults, e->place, NULL, "area %s: %s is too long", run->area->def->id,
			  e->origin);
		return;
	}
	decoder_reset(run->decoder);
	code = decode_line(run->decoder, line, len, (struct effort_str){ "", 0 }, &event, &refusal);
	if (code != CODE_OK) {
		fault_add(run->faults, e->place, "write the members of an event, without the outer braces",
			  "area %s: %s is not an event: %s %s %s", run->area->def->id, e->origin,
			  code_name(code), refusal.field, refusal.detail);
		return;
	}
	event.day = (int32_t)(event.time_ms / 86400000);
	event.listed = router_listed(run->router, &event, run->index);
	area_try(run->area, events, &verdict);
	compare(run, e, &verdict);
}

static size_t run_plugin_samples(const struct run *run)
{
	const struct effort_sample *samples = run->area->plugin->samples;
	char origin[400];
	size_t n = 0;

	for (; samples != NULL && samples[n].event != NULL; n++) {
		snprintf(origin, sizeof(origin), "sample %zu of %.300s", n + 1, run->area->path);
		struct expectation e = { samples[n].event, origin, run->area->def->place, samples[n].answer,
					 samples[n].expect };
		run_one(run, &e);
	}
	return n;
}

static uint16_t answer_of(const char *word)
{
	for (uint16_t i = EFFORT_COUNT; i <= EFFORT_NOT_MINE; i++) {
		if (strcmp(answer_name(i), word) == 0)
			return i;
	}
	return EFFORT_UNANSWERED;
}

static size_t run_file_samples(const struct run *run)
{
	const struct area_def *def = run->area->def;
	char origin[64];

	for (size_t i = 0; i < def->samples_len; i++) {
		const struct area_sample *s = &def->samples[i];
		struct expectation e = { s->event, origin, s->place, answer_of(s->answer), s->expect };
		snprintf(origin, sizeof(origin), "sample %zu", i + 1);
		if (e.answer == EFFORT_UNANSWERED)
			fault_add(run->faults, s->place, "write count, ignore, reject or not_mine",
				  "area %s: %s: unknown answer \"%s\"", def->id, origin, s->answer);
		else
			run_one(run, &e);
	}
	return def->samples_len;
}

size_t samples_run(struct area *area, uint16_t index, const struct router *router, struct faults *faults)
{
	struct run run = { area, index, router, decoder_new(SAMPLE_LINE_MAX), faults };
	size_t n;

	if (run.decoder == NULL) {
		fault_add(faults, area->def->place, NULL, "area %s: no memory for its samples",
			  area->def->id);
		return 0;
	}
	n = run_plugin_samples(&run) + run_file_samples(&run);
	decoder_free(run.decoder);
	return n;
}
