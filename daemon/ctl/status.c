/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl status`: the daemon in a few aligned lines; what needs a look is marked and told in words. */
#include "base/clock.h"
#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/show.h"

#include <string.h>

#define LABEL 15

static void label(struct page *page, enum word word)
{
	page_style(page, STYLE_STRONG);
	page_column(page, word_text(word, page->ctl->is_danish), LABEL);
	page_style(page, STYLE_PLAIN);
}

/* One line: the label, and what the piece says. */
static void line(struct page *page, enum word word, enum style style, struct page *piece)
{
	label(page, word);
	page_style(page, style);
	page_paragraph(page, piece, LABEL);
	page_style(page, STYLE_PLAIN);
}

static const char *count(struct ctl *ctl, const json_t *object, const char *name)
{
	return figure_count(ctl, answer_int(object, name));
}

static const char *many(struct ctl *ctl, const json_t *object, const char *name, enum word noun)
{
	return figure_many(ctl, answer_int(object, name), noun);
}

static void say_daemon(struct page *page, struct page *piece, struct ctl *ctl, const json_t *doc)
{
	bool is_draining = strcmp(answer_text(doc, "state"), "draining") == 0;
	int64_t started_ms = answer_int(doc, "started_ms"), now_ms = answer_int(doc, "now_ms");

	page_fill(piece, is_draining ? W_ST_DRAINING : W_ST_RUNNING, answer_text(doc, "version"),
		  ctl_note(ctl, "%d", (int)answer_int(doc, "pid")), figure_day_time(ctl, started_ms),
		  figure_duration(ctl, (now_ms == 0 ? clock_now_ms() : now_ms) - started_ms));
	line(page, W_ST_DAEMON, is_draining ? STYLE_WARN : STYLE_PLAIN, piece);
}

static void say_events(struct page *page, struct page *piece, struct ctl *ctl, const json_t *doc)
{
	page_fill(piece, W_ST_EVENT_COUNTS, count(ctl, doc, "received"), count(ctl, doc, "accepted"),
		  many(ctl, doc, "duplicate", W_N_DUPLICATES), count(ctl, doc, "refused"),
		  count(ctl, doc, "unclassified"));
	line(page, W_ST_EVENTS, STYLE_PLAIN, piece);
}

/* "paused" is the reason. */
static bool is_paused_for(const json_t *doc, const char *reason)
{
	return strcmp(answer_text(doc, "paused"), reason) == 0;
}

static bool is_paused(const json_t *doc)
{
	return answer_is_true(doc, "paused") || answer_text(doc, "paused")[0] != '\0';
}

/* Why nothing is read, and what to do about it: the first thing to see. */
static void say_pause(struct page *page, struct page *piece, const json_t *doc)
{
	static const struct {
		const char *reason;
		enum word word;
	} reasons[] = {
		{ "cells", W_ST_PAUSE_CELLS },
		{ "journal", W_ST_PAUSE_JOURNAL },
		{ "disk", W_ST_PAUSE_DISK },
		{ "quota", W_ST_PAUSE_QUOTA },
		{ "dead letters", W_ST_PAUSE_DEADLETTERS },
		{ "memory", W_ST_PAUSE_MEMORY },
	};
	enum word word = W_ST_PAUSE_OTHER;

	if (answer_text(doc, "paused")[0] == '\0')
		return;
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (is_paused_for(doc, reasons[i].reason))
			word = reasons[i].word;
	page_fill(piece, word, answer_text(doc, "paused"));
	page_word(piece, W_ST_PAUSE_GOES_ON);
	line(page, W_ST_PAUSE, STYLE_BAD, piece);
}

static void say_listeners(struct page *page, struct page *piece, struct ctl *ctl, const json_t *doc)
{
	const char *name;
	json_t *address;
	int n = 0;

	json_object_foreach((json_t *)(uintptr_t)answer_object(doc, "listeners"), name, address)
	{
		if (!json_is_string(address))
			continue;
		page_add(piece,
			 ctl_note(ctl, "%s%s %s", n++ > 0 ? ", " : "", name, json_string_value(address)));
	}
	page_fill(piece, W_ST_CONNECTIONS, many(ctl, doc, "connections", W_N_CONNECTIONS));
	if (is_paused(doc))
		page_word(piece, W_ST_PAUSED);
	line(page, W_ST_LISTENS, is_paused(doc) ? STYLE_WARN : STYLE_PLAIN, piece);
}

static const char *lag(struct ctl *ctl, const json_t *doc)
{
	return figure_decimal(ctl, ctl_note(ctl, "%.1f", json_number_value(json_object_get(doc, "lag_s"))));
}

static void say_redis(struct page *page, struct page *piece, struct ctl *ctl, const json_t *doc)
{
	const json_t *redis = answer_object(doc, "redis");
	bool is_ready = strcmp(answer_text(redis, "state"), "ready") == 0;
	const char *error = answer_text(redis, "error");
	bool is_refused = error[0] != '\0' && json_number_value(json_object_get(doc, "lag_s")) >= 1;
	const char *kind =
		word_text(answer_is_true(redis, "is_private") ? W_ST_PRIVATE : W_ST_SHARED, ctl->is_danish);

	if (is_ready)
		page_fill(piece, W_ST_REDIS_READY, answer_text(redis, "version"), kind,
			  answer_text(redis, "address"), lag(ctl, doc),
			  many(ctl, doc, "cells_waiting", W_N_CELLS));
	if (is_ready && is_refused)
		page_fill(piece, W_ST_REDIS_ERROR, error);
	if (!is_ready)
		page_fill(piece, W_ST_REDIS_AWAY, answer_redis_state(ctl, redis), answer_text(redis, "address"),
			  error[0] == '\0' ? word_text(W_NO_REASON, ctl->is_danish) : error, lag(ctl, doc),
			  many(ctl, doc, "cells_waiting", W_N_CELLS_WAIT));
	line(page, W_ST_REDIS, is_ready && !is_refused ? STYLE_PLAIN : STYLE_BAD, piece);
}

/* Only where they differ: then shares are of neither. */
static void say_definitions(struct page *page, struct page *piece, const json_t *doc)
{
	const json_t *other = answer_object(answer_object(doc, "redis"), "other_definitions");

	if (other == NULL)
		return;
	page_fill(piece, W_ST_DEFINITIONS_DIFFER, answer_text(other, "writer"), answer_text(other, "theirs"),
		  answer_text(other, "ours"));
	line(page, W_ST_DEFINITIONS, STYLE_BAD, piece);
}

static const char *bytes(struct ctl *ctl, const json_t *object, const char *name)
{
	return figure_bytes(ctl, answer_int(object, name));
}

static const char *milliseconds(struct ctl *ctl, const json_t *object, const char *name)
{
	return figure_decimal(ctl, ctl_note(ctl, "%.1f", (double)answer_int(object, name) / 1000));
}

/* False: the journal takes nothing at present. */
static bool say_journal_state(struct page *piece, struct ctl *ctl, const json_t *journal)
{
	const char *state = answer_text(journal, "state"), *why = answer_text(journal, "why");
	const char *pending = bytes(ctl, journal, "pending_bytes");
	const char *segments = many(ctl, journal, "segments", W_N_SEGMENTS);

	if (strcmp(state, "behind") == 0)
		page_fill(piece, W_ST_JOURNAL_BEHIND, pending);
	else if (strcmp(state, "full") == 0)
		page_fill(piece, W_ST_JOURNAL_FULL, why, pending);
	else if (strcmp(state, "over_quota") == 0)
		page_fill(piece, W_ST_JOURNAL_QUOTA, bytes(ctl, journal, "bytes"), segments);
	else if (strcmp(state, "fine") != 0)
		page_fill(piece, W_ST_JOURNAL_STALLED, why[0] == '\0' ? state : why, pending);
	else
		page_fill(piece, W_ST_JOURNAL_FINE, bytes(ctl, journal, "bytes"), segments,
			  milliseconds(ctl, journal, "commit_us"),
			  milliseconds(ctl, journal, "commit_max_us"));
	if (strcmp(state, "fine") != 0)
		return false;
	if (answer_int(journal, "pending_bytes") > 0)
		page_fill(piece, W_ST_JOURNAL_WAITS, pending);
	return true;
}

static void say_journal(struct page *page, struct page *piece, struct ctl *ctl, const json_t *doc)
{
	const json_t *journal = answer_object(doc, "journal");
	bool is_damaged = answer_int(journal, "damages") > 0, is_fine;

	if (journal == NULL)
		return;
	is_fine = say_journal_state(piece, ctl, journal);
	if (is_damaged)
		page_fill(piece, W_ST_JOURNAL_DAMAGES, many(ctl, journal, "damages", W_N_DAMAGES));
	line(page, W_ST_JOURNAL, !is_fine ? STYLE_BAD : is_damaged ? STYLE_WARN : STYLE_PLAIN, piece);
}

/* Only where senders use errands. */
static void say_errands(struct page *page, struct page *piece, struct ctl *ctl, const json_t *doc)
{
	const json_t *errands = answer_object(doc, "errands");
	bool is_short = answer_int(errands, "forgotten") > 0;

	if (answer_int(doc, "merged") == 0 && answer_int(errands, "records") == 0)
		return;
	page_fill(piece, W_ST_ERRANDS_ARE, many(ctl, doc, "merged", W_N_RECORDS), count(ctl, errands, "records"),
		  bytes(ctl, errands, "memory_bytes"));
	if (is_short)
		page_fill(piece, W_ST_ERRANDS_FORGOTTEN, count(ctl, errands, "forgotten"));
	line(page, W_ST_ERRANDS, is_short ? STYLE_WARN : STYLE_PLAIN, piece);
}

static void say_promises(struct page *page, struct page *piece, struct ctl *ctl, const json_t *doc)
{
	const json_t *dedup = answer_object(doc, "dedup"), *acks = answer_object(doc, "acks");
	const json_t *dead = answer_object(doc, "deadletters");
	bool is_bad = answer_int(dead, "dropped") > 0 || answer_text(dead, "error")[0] != '\0';

	if (dedup != NULL) {
		page_fill(piece, W_ST_DEDUP_IS, many(ctl, dedup, "memory_ids", W_N_IDS),
			  bytes(ctl, dedup, "memory_bytes"), count(ctl, dedup, "disk_ids"));
		if (answer_text(dedup, "oldest_day")[0] != '\0')
			page_fill(piece, W_ST_DEDUP_SINCE, answer_text(dedup, "oldest_day"));
		line(page, W_ST_DEDUP, STYLE_PLAIN, piece);
	}
	if (acks != NULL) {
		page_fill(piece, W_ST_ACKS_ARE, many(ctl, acks, "connections", W_N_CONNECTIONS),
			  many(ctl, acks, "unsettled", W_N_LINES));
		line(page, W_ST_ACKS, STYLE_PLAIN, piece);
	}
	if (dead == NULL)
		return;
	/* What is there is counted a moment after the start. */
	if (json_object_get(dead, "lines") == NULL)
		page_fill(piece, W_ST_DEADLETTERS_ARE, many(ctl, dead, "kept", W_N_LINES), bytes(ctl, dead, "bytes"));
	else
		page_fill(piece, W_ST_DEADLETTERS_KEPT, many(ctl, dead, "lines", W_N_LINES), bytes(ctl, dead, "bytes"),
			  count(ctl, dead, "kept"));
	if (answer_int(dead, "dropped") > 0)
		page_fill(piece, W_ST_DEADLETTERS_DROPPED, count(ctl, dead, "dropped"));
	if (answer_text(dead, "error")[0] != '\0')
		page_fill(piece, W_ST_DEADLETTERS_ERROR, answer_text(dead, "error"));
	line(page, W_ST_DEADLETTERS, is_bad ? STYLE_WARN : STYLE_PLAIN, piece);
}

static void say_knowledge(struct page *page, struct page *piece, struct ctl *ctl, const json_t *doc)
{
	const json_t *target = answer_object(doc, "target");
	const char *value = answer_text(target, "value");

	page_fill(piece, W_ST_AREA_COUNTS, count(ctl, doc, "areas"), many(ctl, doc, "tasks", W_N_TASKS),
		  many(ctl, doc, "plugins", W_N_PLUGINS),
		  many(ctl, doc, "municipalities", W_N_MUNICIPALITIES), answer_text(doc, "timezone"));
	line(page, W_ST_AREAS, STYLE_PLAIN, piece);
	if (value[0] != '\0') {
		page_fill(piece, W_ST_TARGET_VALUE, figure_percent(ctl, value), answer_text(target, "id"));
		line(page, W_ST_TARGET, STYLE_PLAIN, piece);
	}
}

static void say_configuration(struct page *page, struct page *piece, struct ctl *ctl, const json_t *doc)
{
	const json_t *config = answer_object(doc, "config");
	const char *file = answer_text(config, "file");
	bool is_failed = json_is_false(json_object_get(config, "last_reload_ok"));

	page_fill(piece, W_ST_CONFIG_FILE, file[0] == '\0' ? word_text(W_ST_BUILT_IN, ctl->is_danish) : file,
		  figure_day_time(ctl, answer_int(config, "loaded_ms")),
		  many(ctl, config, "reloads", W_N_TIMES));
	if (is_failed)
		page_word(piece, W_ST_RELOAD_FAILED);
	line(page, W_ST_CONFIG, is_failed ? STYLE_WARN : STYLE_PLAIN, piece);
	page_fill(piece, W_ST_PLACE_LIST, answer_text(doc, "run_dir"), answer_text(doc, "state_dir"));
	line(page, W_ST_PLACES, STYLE_PLAIN, piece);
}

static void say_silent(struct page *page, struct page *piece, struct ctl *ctl, const json_t *doc)
{
	const json_t *silent = answer_array(doc, "silent"), *name;
	size_t i;

	json_array_foreach(silent, i, name)
		page_add(piece, ctl_note(ctl, "%s%s", i > 0 ? ", " : "",
					 json_is_string(name) ? json_string_value(name) : "?"));
	if (json_array_size(silent) == 0)
		page_word(piece, W_ST_NONE_SILENT);
	line(page, W_ST_SILENT, json_array_size(silent) == 0 ? STYLE_PLAIN : STYLE_BAD, piece);
}

static void status_page(struct page *page, struct ctl *ctl, const json_t *doc)
{
	struct page piece;

	figure_use_zone(answer_text(doc, "timezone"));
	page_init(&piece, ctl);
	say_daemon(page, &piece, ctl, doc);
	say_pause(page, &piece, doc);
	say_events(page, &piece, ctl, doc);
	say_listeners(page, &piece, ctl, doc);
	say_redis(page, &piece, ctl, doc);
	say_definitions(page, &piece, doc);
	say_journal(page, &piece, ctl, doc);
	say_errands(page, &piece, ctl, doc);
	say_promises(page, &piece, ctl, doc);
	say_silent(page, &piece, ctl, doc);
	say_knowledge(page, &piece, ctl, doc);
	say_configuration(page, &piece, ctl, doc);
	page_done(&piece);
}

int status_command(struct ctl *ctl, char **args)
{
	return show_answer(ctl, args, "status", false, status_page);
}
