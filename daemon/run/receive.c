/* SPDX-License-Identifier: MPL-2.0 */
/* See receive.h. */
#include "run/receive.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "count/meter.h"
#include "event/decode.h"
#include "event/frame.h"

#include <stdio.h>
#include <stdlib.h>

#define BATCH   512 /* events classified in one go: what a batch needs stays in the cache */
#define SCRATCH (512 * 1024)

/* What becomes of one line. */
struct entry {
	struct account *account;
	struct effort_str line, id; /* id: len 0 when it may not be told */
	const char *field, *detail; /* constant text */
	uint64_t number;
	bool is_expected; /* detail says what was expected */
	int32_t event; /* its place among the batch's events; -1: refused already */
	enum code code;
};

struct receiver {
	struct decoder *decoder; /* owned */
	struct day_cache day_cache;
	uint64_t unclassified;
	size_t entries_len, n; /* lines; events among them */
	struct entry entries[BATCH];
	struct effort_event events[BATCH];
	struct effort_event *pointers[BATCH];
	struct outcome outcomes[BATCH];
	uint16_t municipalities[BATCH];
	struct event_key keys[BATCH];
	struct cell cells[BATCH];
	uint64_t packed[BATCH];
};

struct receiver *receiver_new(void)
{
	struct receiver *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->decoder = decoder_new(SCRATCH);
	if (r->decoder == NULL) {
		free(r);
		return NULL;
	}
	for (size_t i = 0; i < BATCH; i++)
		r->pointers[i] = &r->events[i];
	return r;
}

void receiver_free(struct receiver *r)
{
	if (r == NULL)
		return;
	decoder_free(r->decoder);
	free(r);
}

uint64_t receiver_unclassified(const struct receiver *r)
{
	return r->unclassified;
}

/* --- what a line alone cannot tell --- */

static enum code check_time(const struct receive_context *ctx, int64_t time_ms, int64_t now_ms)
{
	const struct conf *conf = ctx->snapshot->conf;

	/* The horizon never moves back: what has been forgotten cannot be told from what is new. */
	if (conf->late_limit_ms != CONF_NEVER &&
	    (time_ms < now_ms - conf->late_limit_ms || time_ms < ctx->core->horizon_ms))
		return E_TOO_OLD;
	if (conf->future_limit_ms != CONF_NEVER && time_ms > now_ms + conf->future_limit_ms)
		return E_FUTURE;
	return CODE_OK;
}

static uint16_t municipality_of(const struct snapshot *s, const struct effort_event *ev)
{
	const char *c = ev->municipality.ptr;

	return s->municipality[(c[0] - '0') * 1000 + (c[1] - '0') * 100 + (c[2] - '0') * 10 + (c[3] - '0')];
}

static enum code check(struct receiver *r, const struct receive_context *ctx, struct effort_event *ev,
		       int64_t now_ms)
{
	uint16_t municipality = municipality_of(ctx->snapshot, ev);

	/* What a correction takes back was counted where it was counted, whatever it says itself. */
	if (ev->corrects.len > 0)
		return check_time(ctx, ev->time_ms, now_ms);
	if (municipality == 0)
		return E_MUNICIPALITY;
	r->municipalities[r->n] = (uint16_t)(municipality - 1);
	ev->day = zone_day_cached(&ctx->snapshot->zone, &r->day_cache, ev->time_ms);
	return check_time(ctx, ev->time_ms, now_ms);
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
	case E_CONFLICT:
		return "this id of this source was accepted with other content";
	case E_REJECTED:
		return "the area's plugin rejects it";
	case E_RATE:
		return "out of memory here; send it again";
	default:
		return "";
	}
}

/* --- a batch --- */

static struct cell cell_of(const struct snapshot *s, const struct effort_event *ev,
			   const struct outcome *outcome, uint16_t municipality, int method)
{
	return (struct cell){
		.municipality = municipality,
		.day = (ev->flags & EFFORT_EVENT_READING) != 0
			       ? meter_day(ev->day, zone_midnight_ms(&s->zone, ev->day), ev->time_ms)
			       : ev->day,
		.standing = snapshot_standing(s, outcome->class, ev->day, method),
		.channel = ev->channel,
		.direction = ev->direction,
		.kind = ev->kind,
		.form = ev->direction == EFFORT_OUT ? ev->form : EFFORT_FORM_NONE,
		.hours = outcome->answer == EFFORT_IGNORE || method != 0 || ev->meter.len > 0
				 ? CELL_HOURS_UNKNOWN
				 : snapshot_hours(s, ev, municipality),
		.population = ev->population,
		.outcome = ev->outcome,
		.assisted = ev->assisted,
		.is_exempt = (ev->flags & EFFORT_EVENT_EXEMPT) != 0,
		.is_ignored = outcome->answer == EFFORT_IGNORE,
	};
}

static void nack(const struct receive_context *ctx, struct acks *acks, const struct entry *e)
{
	char detail[200];

	if (e->code == E_MISSING)
		snprintf(detail, sizeof(detail), "%s is missing", e->field);
	else if (e->code == E_CPR)
		snprintf(detail, sizeof(detail), "%s%sreads as personal data", e->field,
			 e->field[0] != '\0' ? " " : "");
	else
		snprintf(detail, sizeof(detail), "%s%s%s%s", e->field, e->field[0] != '\0' ? ": " : "",
			 e->is_expected ? "expected " : "", e->detail);
	acks_refused(acks, journal_last(ctx->core->journal), e->id, e->code, detail);
}

static void refuse(const struct receive_context *ctx, struct producer *producer, const struct entry *e,
		   int64_t now_ms)
{
	struct deadletter letter = { .at_ms = now_ms,
				     .code = e->code,
				     .source = { e->account->name, e->account->name_len },
				     .line = e->number,
				     .size = e->line.len,
				     .field = e->field,
				     .detail = e->detail,
				     .bytes = e->line.ptr == NULL ? (struct effort_str){ "", 0 } : e->line };

	account_refused(ctx->accounts, e->account, e->code, e->number, now_ms);
	deadletters_add(ctx->deadletters, &letter);
	if (producer->acks != NULL)
		nack(ctx, producer->acks, e);
}

static void refuse_event(const struct receive_context *ctx, struct producer *producer, struct entry *e,
			 enum code code, int64_t now_ms)
{
	e->code = code;
	e->field = code == E_CONFLICT ? "id" : "";
	e->detail = detail_of(code);
	refuse(ctx, producer, e, now_ms);
}

static void refuse_correction(const struct receive_context *ctx, struct producer *producer, struct entry *e,
			      const char *detail, int64_t now_ms)
{
	e->code = E_CORRECTS;
	e->field = "corrects";
	e->detail = detail;
	refuse(ctx, producer, e, now_ms);
}

static enum core_answer count_event(struct receiver *r, const struct receive_context *ctx, size_t i, int64_t now_ms)
{
	bool is_wanted = r->outcomes[i].answer != EFFORT_REJECT;

	if (r->events[i].corrects.len > 0)
		return core_correct(ctx->core, &r->keys[i], &r->events[i], now_ms);
	if (r->events[i].meter.len > 0)
		return core_meter(ctx->core, &r->keys[i], &r->cells[i], r->packed[i], &r->events[i], is_wanted, now_ms);
	if (r->events[i].errand.len > 0)
		return core_errand(ctx->core, &r->keys[i], &r->cells[i], r->packed[i], &r->events[i], is_wanted, now_ms);
	return core_event(ctx->core, &r->keys[i], &r->cells[i], r->packed[i], &r->events[i], is_wanted, now_ms);
}

static void settle_event(struct receiver *r, const struct receive_context *ctx, struct producer *producer,
			 struct entry *e, int64_t now_ms)
{
	uint64_t merged = ctx->core->errands.merged, doubtful = ctx->core->doubtful;
	size_t i = (size_t)e->event;

	switch (count_event(r, ctx, i, now_ms)) {
	case CORE_ACCEPTED:
		account_merged(ctx->accounts, e->account, ctx->core->errands.merged - merged);
		e->account->doubtful += ctx->core->doubtful - doubtful;
		r->unclassified += r->outcomes[i].class == 0 && r->events[i].corrects.len == 0;
		account_accepted(ctx->accounts, e->account, now_ms);
		if (producer->acks != NULL)
			acks_accepted(producer->acks, journal_last(ctx->core->journal));
		break;
	case CORE_DUPLICATE:
		account_duplicate(ctx->accounts, e->account, now_ms);
		if (producer->acks != NULL)
			acks_duplicate(producer->acks, journal_last(ctx->core->journal));
		break;
	case CORE_CONFLICT:
		refuse_event(ctx, producer, e, E_CONFLICT, now_ms);
		break;
	case CORE_NEW_AND_REFUSED:
		refuse_event(ctx, producer, e, E_REJECTED, now_ms);
		break;
	case CORE_NOT_KNOWN:
		refuse_correction(ctx, producer, e, "no event of this source with this id is known, or not any more",
				  now_ms);
		break;
	case CORE_TOO_MUCH:
		refuse_correction(ctx, producer, e, "more than remains of that event", now_ms);
		break;
	case CORE_DAMAGED:
		refuse_correction(ctx, producer, e, "what was counted for that event is damaged here", now_ms);
		break;
	case CORE_CANNOT:
		LOG(LOG_ERROR, "run", "an event was refused: out of memory, or its id cannot be looked up",
		    F_STR("code", "E_RATE"));
		refuse_event(ctx, producer, e, E_RATE, now_ms);
		break;
	}
}

/* The task of last resort, which the configuration gives for a source that tells neither task nor KLE number.
 */
static void try_default_task(struct receiver *r, const struct receive_context *ctx, const struct entry *e)
{
	const struct conf_source *source = e->account->conf;
	size_t i = (size_t)e->event;
	struct effort_event *ev = &r->events[i];

	if (r->outcomes[i].class != 0 || source == NULL || source->default_task == NULL || ev->task.len > 0 ||
	    ev->kle.len > 0)
		return;
	ev->task = str_of(source->default_task);
	areas_classify(ctx->snapshot->areas, &r->pointers[i], 1, &r->outcomes[i], clock_mono_us);
}

/* In a round of its own before the counting: by then the memory has brought the places of the whole batch
 * near. */
static void find_cell(struct receiver *r, const struct receive_context *ctx, const struct entry *e)
{
	int method = e->account->conf == NULL ? 0 : e->account->conf->method;
	size_t i = (size_t)e->event;

	if (r->outcomes[i].answer == EFFORT_REJECT || r->events[i].corrects.len > 0)
		return;
	r->cells[i] = cell_of(ctx->snapshot, &r->events[i], &r->outcomes[i], r->municipalities[i], method);
	r->packed[i] = cell_pack(&r->cells[i]);
	tally_prefetch(&ctx->core->ledger.waiting, r->packed[i]);
}

static void settle_batch(struct receiver *r, const struct receive_context *ctx, struct producer *producer,
			 int64_t now_ms)
{
	if (r->n > 0)
		areas_classify(ctx->snapshot->areas, r->pointers, r->n, r->outcomes, clock_mono_us);
	for (size_t i = 0; i < r->entries_len; i++) {
		if (r->entries[i].event < 0)
			continue;
		try_default_task(r, ctx, &r->entries[i]);
		find_cell(r, ctx, &r->entries[i]);
	}
	for (size_t i = 0; i < r->entries_len; i++) {
		if (r->entries[i].event < 0)
			refuse(ctx, producer, &r->entries[i], now_ms);
		else
			settle_event(r, ctx, producer, &r->entries[i], now_ms);
	}
	r->entries_len = r->n = 0;
}

/* --- lines --- */

/* The key is made of what the sender wrote, before any default of the configuration. */
static void take_event(struct receiver *r, const struct receive_context *ctx, struct entry *e, int64_t now_ms)
{
	struct effort_event *ev = &r->events[r->n];

	e->account = accounts_of(ctx->accounts, ev->source);
	e->id = ev->id;
	e->code = check(r, ctx, ev, now_ms);
	if (e->code != CODE_OK) {
		e->detail = detail_of(e->code);
		return;
	}
	r->keys[r->n] = core_key(ctx->core, ev, now_ms);
	dedup_prefetch(ctx->core->dedup, r->keys[r->n].id);
	if (e->account->conf != NULL && e->account->conf->default_kind >= 0 &&
	    (ev->flags & EFFORT_EVENT_KIND_GIVEN) == 0)
		ev->kind = (uint8_t)e->account->conf->default_kind;
	e->event = (int32_t)r->n++;
}

static void take_line(struct receiver *r, const struct receive_context *ctx, struct producer *producer,
		      struct effort_str line, int64_t now_ms)
{
	struct entry *e = &r->entries[r->entries_len++];
	struct refusal refusal = { 0 };
	struct effort_str identity = producer_source(producer);

	*e = (struct entry){ .line = line, .number = ++producer->lines, .event = -1, .field = "", .detail = "" };
	e->code = decode_line(r->decoder, line.ptr, line.len, identity, &r->events[r->n], &refusal);
	if (e->code == CODE_OK) {
		take_event(r, ctx, e, now_ms);
	} else {
		e->account = accounts_of(ctx->accounts, refusal.source.len > 0 ? refusal.source : identity);
		e->id = refusal.id;
		e->field = refusal.field;
		e->detail = refusal.detail;
		e->is_expected = true;
	}
	if (r->entries_len == BATCH)
		settle_batch(r, ctx, producer, now_ms);
}

void receive_lines(struct receiver *r, const struct receive_context *ctx, struct producer *producer,
		   const char *lines, size_t len, int64_t now_ms)
{
	const char *at = lines, *end = lines + len;
	struct frame frame = { 0 };
	struct effort_str line;

	decoder_reset(r->decoder);
	while (frame_next(&frame, &at, end, &line) == FRAME_LINE)
		take_line(r, ctx, producer, line, now_ms);
	settle_batch(r, ctx, producer, now_ms);
}

void receive_fault(const struct receive_context *ctx, struct producer *producer, enum code code, size_t size,
		   int64_t now_ms)
{
	struct entry e = { .account = accounts_of(ctx->accounts, producer_source(producer)),
			   .number = ++producer->lines,
			   .line = { NULL, size },
			   .field = "",
			   .detail = code == E_TOO_LONG ? "a line has at most 65536 bytes"
							: "the connection ended within the line",
			   .code = code };

	refuse(ctx, producer, &e, now_ms);
}
