/* SPDX-License-Identifier: MPL-2.0 */
/* See receive.h. */
#include "run/receive.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "event/decode.h"
#include "event/frame.h"

#include <stdlib.h>

#define BATCH   512 /* events classified in one go: what a batch needs stays in the cache */
#define SCRATCH (512 * 1024)

struct receiver {
	struct decoder *decoder; /* owned */
	struct day_cache day_cache;
	uint64_t unclassified;
	size_t n;
	struct effort_event events[BATCH];
	struct effort_event *pointers[BATCH];
	struct outcome outcomes[BATCH];
	uint64_t line_numbers[BATCH];
	uint16_t municipalities[BATCH];
	struct account *accounts[BATCH];
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

static enum code check_time(const struct conf *conf, int64_t time_ms, int64_t now_ms)
{
	if (conf->late_limit_ms != CONF_NEVER && time_ms < now_ms - conf->late_limit_ms)
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

static enum code check(struct receiver *r, const struct snapshot *s, struct effort_event *ev, int64_t now_ms)
{
	uint16_t municipality = municipality_of(s, ev);

	if (municipality == 0)
		return E_MUNICIPALITY;
	/* Ids are not kept in this version: no correction names a known one. */
	if (ev->corrects.len > 0)
		return E_CORRECTS;
	r->municipalities[r->n] = (uint16_t)(municipality - 1);
	ev->day = zone_day_cached(&s->zone, &r->day_cache, ev->time_ms);
	return check_time(s->conf, ev->time_ms, now_ms);
}

/* --- a batch --- */

static struct cell cell_of(const struct snapshot *s, const struct effort_event *ev,
			   const struct outcome *outcome, uint16_t municipality)
{
	return (struct cell){
		.municipality = municipality,
		.day = ev->day,
		.standing = snapshot_standing(s, outcome->class, ev->day),
		.channel = ev->channel,
		.direction = ev->direction,
		.kind = ev->kind,
		.form = ev->direction == EFFORT_OUT ? ev->form : EFFORT_FORM_NONE,
		.population = ev->population,
		.outcome = ev->outcome,
		.assisted = ev->assisted,
		.is_exempt = (ev->flags & EFFORT_EVENT_EXEMPT) != 0,
		.is_ignored = outcome->answer == EFFORT_IGNORE,
	};
}

static void settle_one(struct receiver *r, const struct receive_context *ctx, size_t i, int64_t now_ms)
{
	const struct effort_event *ev = &r->events[i];
	const struct outcome *outcome = &r->outcomes[i];
	struct account *account = r->accounts[i];

	if (outcome->answer == EFFORT_REJECT) {
		account_refused(ctx->accounts, account, E_REJECTED, r->line_numbers[i], now_ms);
		return;
	}
	if (ledger_count(ctx->ledger, &r->cells[i], r->packed[i], ev, now_ms) < 0) {
		account_refused(ctx->accounts, account, E_RATE, r->line_numbers[i], now_ms);
		LOG(LOG_ERROR, "run", "out of memory: an event was refused", F_STR("code", "E_RATE"));
		return;
	}
	r->unclassified += outcome->class == 0;
	account_accepted(ctx->accounts, account, now_ms);
}

/* The task of last resort, which the configuration gives for a source that tells neither task nor KLE number.
 */
static void try_default_task(struct receiver *r, const struct receive_context *ctx, size_t i)
{
	const struct conf_source *source = r->accounts[i]->conf;
	struct effort_event *ev = &r->events[i];

	if (r->outcomes[i].class != 0 || source == NULL || source->default_task == NULL || ev->task.len > 0 ||
	    ev->kle.len > 0)
		return;
	ev->task = str_of(source->default_task);
	areas_classify(ctx->snapshot->areas, &r->pointers[i], 1, &r->outcomes[i], clock_mono_us);
}

/* In a round of its own before the counting: by then the memory has brought the places of the whole batch
 * near. */
static void find_cell(struct receiver *r, const struct receive_context *ctx, size_t i)
{
	if (r->outcomes[i].answer == EFFORT_REJECT)
		return;
	r->cells[i] = cell_of(ctx->snapshot, &r->events[i], &r->outcomes[i], r->municipalities[i]);
	r->packed[i] = cell_pack(&r->cells[i]);
	tally_prefetch(&ctx->ledger->waiting, r->packed[i]);
}

static void settle_batch(struct receiver *r, const struct receive_context *ctx, int64_t now_ms)
{
	if (r->n == 0)
		return;
	areas_classify(ctx->snapshot->areas, r->pointers, r->n, r->outcomes, clock_mono_us);
	for (size_t i = 0; i < r->n; i++) {
		try_default_task(r, ctx, i);
		find_cell(r, ctx, i);
	}
	for (size_t i = 0; i < r->n; i++)
		settle_one(r, ctx, i, now_ms);
	r->n = 0;
}

/* --- lines --- */

static void refuse(const struct receive_context *ctx, const struct refusal *refusal,
		   struct effort_str default_source, uint64_t line, int64_t now_ms)
{
	struct effort_str source = refusal->source.len > 0 ? refusal->source : default_source;

	account_refused(ctx->accounts, accounts_of(ctx->accounts, source), refusal->code, line, now_ms);
}

static void take_line(struct receiver *r, const struct receive_context *ctx, struct effort_str line,
		      struct effort_str default_source, uint64_t number, int64_t now_ms)
{
	struct effort_event *ev = &r->events[r->n];
	struct refusal refusal = { 0 };
	struct account *account;
	enum code code = decode_line(r->decoder, line.ptr, line.len, default_source, ev, &refusal);

	if (code != CODE_OK) {
		refusal.code = code;
		refuse(ctx, &refusal, default_source, number, now_ms);
		return;
	}
	account = accounts_of(ctx->accounts, ev->source);
	code = check(r, ctx->snapshot, ev, now_ms);
	if (code != CODE_OK) {
		account_refused(ctx->accounts, account, code, number, now_ms);
		return;
	}
	if (account->conf != NULL && account->conf->default_kind >= 0 &&
	    (ev->flags & EFFORT_EVENT_KIND_GIVEN) == 0)
		ev->kind = (uint8_t)account->conf->default_kind;
	r->accounts[r->n] = account;
	r->line_numbers[r->n++] = number;
	if (r->n == BATCH)
		settle_batch(r, ctx, now_ms);
}

void receive_lines(struct receiver *r, const struct receive_context *ctx, const char *lines, size_t len,
		   struct effort_str default_source, uint64_t *line_number, int64_t now_ms)
{
	const char *at = lines, *end = lines + len;
	struct frame frame = { 0 };
	struct effort_str line;

	decoder_reset(r->decoder);
	while (frame_next(&frame, &at, end, &line) == FRAME_LINE)
		take_line(r, ctx, line, default_source, ++*line_number, now_ms);
	settle_batch(r, ctx, now_ms);
}

void receive_fault(const struct receive_context *ctx, enum code code, struct effort_str default_source,
		   uint64_t *line_number, int64_t now_ms)
{
	account_refused(ctx->accounts, accounts_of(ctx->accounts, default_source), code, ++*line_number,
			now_ms);
}
