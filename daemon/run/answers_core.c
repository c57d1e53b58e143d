/* SPDX-License-Identifier: MPL-2.0 */
/* What effortctl is told of the core: journal, ids, dead letters, and whether Redis holds what it should. */
#include "run/answers.h"

#include "base/clock.h"
#include "base/str.h"

#include <stdio.h>

static void put_journal(struct effortd *d, struct text *t)
{
	static const char *const state[] = { "fine", "behind", "stalled", "full", "over_quota" };
	struct journal_status s;

	journal_status(d->core.journal, &s);
	text_key(t, "journal");
	text_puts(t, "{");
	text_key_cstr(t, "state", state[s.state]);
	text_key_cstr(t, "why", s.why);
	text_key_int(t, "segment", (int64_t)s.segment);
	text_key_int(t, "segments", (int64_t)s.segments);
	text_key_int(t, "bytes", s.bytes);
	text_key_int(t, "pending_bytes", s.pending_bytes);
	text_key_int(t, "commits", (int64_t)s.commits);
	text_key_int(t, "commit_us", s.commit_us);
	text_key_int(t, "commit_max_us", s.commit_max_us);
	text_key_int(t, "folded", (int64_t)d->core.keep.folded);
	text_key_int(t, "replayed", (int64_t)d->core.found.journal.effects);
	text_key_int(t, "damages", (int64_t)d->core.found.damages);
	text_puts(t, "}");
}

static void put_dedup(struct effortd *d, struct text *t)
{
	struct dedup_status s;

	dedup_status(d->core.dedup, &s);
	text_key(t, "dedup");
	text_puts(t, "{");
	text_key_int(t, "memory_ids", (int64_t)s.memory_ids);
	text_key_int(t, "disk_ids", (int64_t)s.disk_ids);
	text_key_int(t, "memory_bytes", (int64_t)s.memory_bytes);
	text_key_cstr(t, "oldest_day", s.oldest_day != INT32_MAX ? DAY_STR(s.oldest_day) : "");
	text_puts(t, "}");
}

static void put_errands(struct effortd *d, struct text *t)
{
	const struct errand_book *book = &d->core.errands;

	text_key(t, "errands");
	text_puts(t, "{");
	text_key_int(t, "errands", (int64_t)errands_len(book->errands));
	text_key_int(t, "records", (int64_t)errands_records(book->errands));
	text_key_int(t, "memory_bytes", (int64_t)errands_bytes(book->errands));
	text_key_int(t, "full", (int64_t)book->full);
	text_key_int(t, "forgotten", (int64_t)book->forgotten);
	text_puts(t, "}");
}

static void put_meters(struct effortd *d, struct text *t)
{
	const struct errand_book *book = &d->core.meters;

	text_key(t, "meters");
	text_puts(t, "{");
	text_key_int(t, "meters", (int64_t)errands_len(book->errands));
	text_key_int(t, "readings", (int64_t)errands_records(book->errands));
	text_key_int(t, "resets", (int64_t)d->core.resets);
	text_key_int(t, "doubtful", (int64_t)d->core.doubtful);
	text_key_int(t, "forgotten", (int64_t)book->forgotten);
	text_puts(t, "}");
}

static void put_deadletters(struct effortd *d, struct text *t)
{
	struct deadletters_status s;

	deadletters_status(d->deadletters, &s);
	text_key(t, "deadletters");
	text_puts(t, "{");
	text_key_int(t, "kept", (int64_t)s.kept);
	text_key_int(t, "dropped", (int64_t)s.dropped);
	if (s.is_counted)
		text_key_int(t, "lines", (int64_t)s.lines);
	text_key_int(t, "bytes", s.bytes);
	text_key_cstr(t, "error", s.error);
	text_puts(t, "}");
}

static void put_acks(struct effortd *d, struct text *t)
{
	text_key(t, "acks");
	text_puts(t, "{");
	text_key_int(t, "connections", (int64_t)d->acks.connections);
	text_key_int(t, "unsettled", (int64_t)d->acks.unsettled);
	text_puts(t, "}");
}

void answer_put_core(struct effortd *d, struct text *t)
{
	text_key_cstr(t, "paused", d->paused);
	put_journal(d, t);
	put_dedup(d, t);
	put_acks(d, t);
	put_errands(d, t);
	put_meters(d, t);
	put_deadletters(d, t);
}

/* In words, and as kinds for those who have words of their own. */
static void put_advice(struct effortd *d, struct text *t)
{
	static const char *const kinds[STORE_ADVICES] = { "eviction", "persistence", "encoding" };

	for (int is_kind = 0; is_kind <= 1; is_kind++) {
		const char *comma = "";

		text_key(t, is_kind ? "advice_kinds" : "advice");
		text_puts(t, "[");
		for (size_t i = 0; i < STORE_ADVICES; i++) {
			if (d->core.advice[i][0] == '\0')
				continue;
			text_puts(t, comma);
			text_json(t, str_of(is_kind ? kinds[i] : d->core.advice[i]));
			comma = ",";
		}
		text_puts(t, "]");
	}
}

static size_t repairing(const struct effortd *d, const struct store_status *s)
{
	size_t known = repair_len(&d->core.repair);

	return (s->losses > known ? s->losses : known) + d->core.rebuild.is_wanted;
}

void answer_redis(struct effortd *d, uint64_t id, json_t *request)
{
	struct store_status s;
	char names[2048];
	struct text t;

	(void)request;
	store_status(d->core.store, &s);
	answer_begin(&t);
	text_key_cstr(&t, "state", s.state);
	text_key_cstr(&t, "address", s.address);
	text_key_cstr(&t, "version", s.redis_version);
	text_key_cstr(&t, "writer", d->core.identity.writer);
	text_key_int(&t, "position", (int64_t)d->core.position);
	text_key_int(&t, "periods", (int64_t)positions_len(d->core.positions));
	text_key_int(&t, "gaps", (int64_t)s.gaps);
	text_key_int(&t, "repairs", (int64_t)s.repairs);
	text_key_int(&t, "unwhole", (int64_t)d->core.repair.unwhole);
	text_key_int(&t, "withheld", (int64_t)s.withheld);
	store_withheld_for(d->core.store, names, sizeof(names));
	text_key_cstr(&t, "withheld_for", names);
	text_key_int(&t, "waiting", (int64_t)s.waiting);
	store_waits_for(d->core.store, names, sizeof(names));
	text_key_cstr(&t, "waiting_for", names);
	text_key_int(&t, "set_aside", (int64_t)d->core.keep.set_aside);
	text_key_int(&t, "repairing", (int64_t)repairing(d, &s));
	text_key_int(&t, "probed", (int64_t)s.probed);
	text_key_bool(&t, "auditing", s.is_auditing);
	text_key(&t, "lag_s");
	text_printf(&t, "%.3f", (double)flush_lag_ms(&d->core.flush, clock_now_ms()) / 1000);
	put_advice(d, &t);
	text_key_cstr(&t, "error", s.error);
	text_puts(&t, "}");
	answer_send(d, id, &t);
}

static bool is_away(struct effortd *d, uint64_t id)
{
	if (store_is_ready(d->core.store))
		return false;
	answer_refuse(d, id, REFUSAL_REDIS_AWAY, NULL);
	return true;
}

void answer_redis_audit(struct effortd *d, uint64_t id, json_t *request)
{
	struct text t;

	(void)request;
	if (is_away(d, id))
		return;
	store_audit(d->core.store);
	answer_begin(&t);
	text_puts(&t, "}");
	answer_send(d, id, &t);
}

/* -1: all; -2: not known here. */
static int municipality_of(const struct effortd *d, const char *code)
{
	if (code == NULL)
		return -1;
	if (strcmp(code, "dk") == 0)
		return CELL_COUNTRY;
	for (size_t i = 0; i < d->core.ledger.codes_len; i++)
		if (strcmp(d->core.ledger.codes[i], code) == 0)
			return (int)i;
	return -2;
}

void answer_redis_rebuild(struct effortd *d, uint64_t id, json_t *request)
{
	int municipality = municipality_of(d, json_string_value(json_object_get(request, "municipality")));
	size_t periods;
	struct text t;

	if (is_away(d, id))
		return;
	if (municipality == -2) {
		answer_refuse(d, id, REFUSAL_NOTHING_COUNTED, NULL);
		return;
	}
	periods = core_rebuild(&d->core, municipality, json_string_value(json_object_get(request, "period")),
			       json_is_true(json_object_get(request, "without_others")));
	answer_begin(&t);
	text_key_int(&t, "periods", (int64_t)periods);
	text_puts(&t, "}");
	answer_send(d, id, &t);
}
