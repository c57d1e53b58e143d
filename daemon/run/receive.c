/* SPDX-License-Identifier: MPL-2.0 */
/* See receive.h. */
#include "run/receive.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "count/meter.h"
#include "run/crew.h"

#include <stdio.h>
#include <stdlib.h>

struct receiver {
	struct crew *crew; /* owned */
	struct parcel *parcel; /* borrowed: what is being settled */
	uint64_t unclassified;
	struct effort_event *pointers[PARCEL_LINES];
	struct outcome outcomes[PARCEL_LINES];
	struct spot spots[PARCEL_LINES];
};

struct receiver *receiver_new(int workers)
{
	struct receiver *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->crew = crew_new(workers);
	if (r->crew == NULL) {
		free(r);
		return NULL;
	}
	return r;
}

void receiver_free(struct receiver *r)
{
	if (r == NULL)
		return;
	crew_free(r->crew);
	free(r);
}

uint64_t receiver_unclassified(const struct receiver *r)
{
	return r->unclassified;
}

static const char *detail_of(enum code code)
{
	switch (code) {
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
	bool is_reading = (ev->flags & EFFORT_EVENT_READING) != 0;
	int32_t day = is_reading ? meter_day(ev->day, zone_minute(&s->zone, ev->time_ms)) : ev->day;

	return (struct cell){
		.municipality = municipality,
		.day = day,
		.standing = snapshot_standing(s, outcome->class, day, method),
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

static void nack(const struct receive_context *ctx, struct acks *acks, const struct parcel_line *e)
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

static void refuse(const struct receive_context *ctx, struct producer *producer, const struct parcel_line *e,
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

static void refuse_event(const struct receive_context *ctx, struct producer *producer, struct parcel_line *e,
			 enum code code, int64_t now_ms)
{
	e->code = code;
	e->field = code == E_CONFLICT ? "id" : "";
	e->detail = detail_of(code);
	refuse(ctx, producer, e, now_ms);
}

static void refuse_correction(const struct receive_context *ctx, struct producer *producer, struct parcel_line *e,
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
	const struct parcel *p = r->parcel;

	if (p->events[i].corrects.len > 0)
		return core_correct(ctx->core, &p->keys[i], &p->events[i], now_ms);
	if (p->events[i].meter.len > 0)
		return core_meter(ctx->core, &p->keys[i], &r->spots[i], &p->events[i], is_wanted, now_ms);
	if (p->events[i].errand.len > 0)
		return core_errand(ctx->core, &p->keys[i], &r->spots[i], &p->events[i], is_wanted, now_ms);
	return core_event(ctx->core, &p->keys[i], &r->spots[i], &p->events[i], is_wanted, now_ms);
}

static void settle_event(struct receiver *r, const struct receive_context *ctx, struct producer *producer,
			 struct parcel_line *e, int64_t now_ms)
{
	uint64_t merged = ctx->core->errands.merged, doubtful = ctx->core->doubtful;
	size_t i = (size_t)e->event;

	switch (count_event(r, ctx, i, now_ms)) {
	case CORE_ACCEPTED:
		account_merged(ctx->accounts, e->account, ctx->core->errands.merged - merged);
		e->account->doubtful += ctx->core->doubtful - doubtful;
		r->unclassified += r->outcomes[i].class == 0 && r->parcel->events[i].corrects.len == 0;
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

/* The task of last resort, which the configuration gives for a source that tells neither task nor KLE number. What a plugin
 * has refused stays refused. */
static void try_default_task(struct receiver *r, const struct receive_context *ctx, const struct parcel_line *e)
{
	const struct conf_source *source = e->account->conf;
	size_t i = (size_t)e->event;
	struct effort_event *ev = &r->parcel->events[i];

	if (r->outcomes[i].class != 0 || r->outcomes[i].answer == EFFORT_REJECT || source == NULL ||
	    source->default_task == NULL || ev->task.len > 0 || ev->kle.len > 0)
		return;
	ev->task = str_of(source->default_task);
	areas_classify(ctx->snapshot->areas, &r->pointers[i], 1, &r->outcomes[i], clock_mono_us);
}

/* In a round of its own before the counting: by then the memory has brought the places of the whole batch
 * near. */
static void find_cell(struct receiver *r, const struct receive_context *ctx, const struct parcel_line *e)
{
	int method = e->account->conf == NULL ? 0 : e->account->conf->method;
	size_t i = (size_t)e->event;
	struct spot *spot = &r->spots[i];

	if (r->outcomes[i].answer == EFFORT_REJECT || r->parcel->events[i].corrects.len > 0)
		return;
	spot->cell = cell_of(ctx->snapshot, &r->parcel->events[i], &r->outcomes[i], r->parcel->municipalities[i], method);
	spot->packed = cell_pack(&spot->cell);
	spot->source = account_hint(ctx->accounts, e->account, spot->cell.municipality);
	dedup_prefetch_place(ctx->core->dedup, r->parcel->keys[i].id);
	ledger_prefetch(&ctx->core->ledger, spot);
}

/* What the line says of its sender is held against the books; asks the memory for the place of its id. */
static void begin_line(struct receiver *r, const struct receive_context *ctx, struct producer *producer,
		       struct parcel_line *e)
{
	e->number = ++producer->lines;
	e->account = accounts_of(ctx->accounts, e->source);
	if (e->event < 0)
		return;

	struct effort_event *ev = &r->parcel->events[e->event];

	dedup_prefetch(ctx->core->dedup, r->parcel->keys[e->event].id);
	r->pointers[e->event] = ev;
	if (e->account->conf != NULL && e->account->conf->default_kind >= 0 &&
	    (ev->flags & EFFORT_EVENT_KIND_GIVEN) == 0)
		ev->kind = (uint8_t)e->account->conf->default_kind;
}

static void settle(struct receiver *r, const struct receive_context *ctx, struct producer *producer, int64_t now_ms)
{
	struct parcel *p = r->parcel;

	for (size_t i = 0; i < p->lines_len; i++)
		begin_line(r, ctx, producer, &p->lines[i]);
	if (p->n > 0)
		areas_classify(ctx->snapshot->areas, r->pointers, p->n, r->outcomes, clock_mono_us);
	for (size_t i = 0; i < p->lines_len; i++) {
		if (p->lines[i].event < 0)
			continue;
		try_default_task(r, ctx, &p->lines[i]);
		find_cell(r, ctx, &p->lines[i]);
	}
	for (size_t i = 0; i < p->lines_len; i++) {
		if (p->lines[i].event < 0)
			refuse(ctx, producer, &p->lines[i], now_ms);
		else
			settle_event(r, ctx, producer, &p->lines[i], now_ms);
	}
}

void receive_lines(struct receiver *r, const struct receive_context *ctx, struct producer *producer,
		   const char *lines, size_t len, int64_t now_ms)
{
	const struct parcel_terms terms = { ctx->snapshot, ctx->core, producer_source(producer), now_ms };

	crew_take(r->crew, &terms, lines, len);
	while ((r->parcel = crew_next(r->crew)) != NULL)
		settle(r, ctx, producer, now_ms);
}

void receive_fault(const struct receive_context *ctx, struct producer *producer, enum code code, size_t size,
		   int64_t now_ms)
{
	struct parcel_line e = { .account = accounts_of(ctx->accounts, producer_source(producer)),
			   .number = ++producer->lines,
			   .line = { NULL, size },
			   .field = "",
			   .detail = code == E_TOO_LONG ? "a line has at most 65536 bytes"
							: "the connection ended within the line",
			   .code = code };

	refuse(ctx, producer, &e, now_ms);
}
