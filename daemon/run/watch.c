/* SPDX-License-Identifier: MPL-2.0 */
/* See watch.h. */
#include "run/watch.h"

#include "base/log.h"
#include "base/str.h"
#include "net/net.h"
#include "run/fields.h"
#include "run/receive.h"
#include "run/silence_book.h"

#include <stdio.h>
#include <stdlib.h>

#define MINUTE_MS         60000
#define AREAS_TEXT	  512
#define HEARTBEAT_WAIT_MS 500 /* for what Redis says */

enum side { SIDE_UNKNOWN, SIDE_MET, SIDE_BELOW };

/* One area of one municipality against the target. */
struct side_of {
	uint8_t now, told;
	int64_t since_ms;
};

struct watch {
	struct watch_context ctx;
	int64_t heartbeat_ms, look_ms, refused_ms; /* when each was done last */
	bool has_asked, is_beating; /* for the heartbeat's figures; one is due as soon as they are there */
	int32_t today;
	size_t looking_at;                        /* municipality being read; codes_len: none */
	struct side_of (*sides)[SCOPE_AREAS_MAX]; /* owned; by municipality and area number */
	size_t sides_len;
	char missing[STORE_MISSING], closing[PERIOD_LABEL];
};

struct watch *watch_new(const struct watch_context *ctx, int64_t now_ms)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->ctx = *ctx;
	w->heartbeat_ms = w->look_ms = w->refused_ms = now_ms;
	w->today = zone_day(&ctx->snapshot->zone, now_ms - FLUSH_DISTANCE_MAX_MS);
	w->looking_at = SIZE_MAX;
	return w;
}

void watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	free(w->sides);
	free(w);
}

void watch_set_snapshot(struct watch *w, const struct snapshot *snapshot)
{
	w->ctx.snapshot = snapshot;
}

static int query_share(struct watch *w, const char *code, const char *label,
		       void (*on_answer)(void *, size_t, const char *const *, const size_t *))
{
	char key[256];

	snprintf(key, sizeof(key), "%s{%s}:share:%s", w->ctx.snapshot->conf->redis_prefix, code, label);
	return store_query(w->ctx.core->store, 2, (const char *const[]){ "HGETALL", key }, on_answer, w);
}

/* --- the heartbeat --- */

static size_t silent_sources(const struct accounts *accounts)
{
	size_t n = 0;

	for (size_t i = 0; i < accounts->n; i++)
		n += accounts->list[i]->is_silent;
	return n;
}

static int64_t hundredths_of_percent(int64_t part, int64_t whole)
{
	return whole == 0 ? 0 : part * 10000 / whole;
}

/* (municipality, area) pairs under the target at the last look. */
static size_t count_below(const struct watch *w)
{
	size_t below = 0;

	for (size_t m = 0; m < w->sides_len; m++)
		for (size_t area = 0; area < SCOPE_AREAS_MAX; area++)
			below += w->sides[m][area].now == SIDE_BELOW;
	return below;
}

/* "-": not known. */
static struct effort_str known(struct effort_str figure)
{
	return figure.len == 0 ? str_of("-") : figure;
}

static struct log_field unclassified_pct(const struct fields *f)
{
	int64_t part = fields_int(fields_of(f, "unclassified", "contacts"));
	int64_t all = fields_int(fields_of(f, "all", "contacts"));

	return f->text == NULL ? F_STR("unclassified_pct", "-")
			       : F_FIXED("unclassified_pct", hundredths_of_percent(part, all), 2);
}

/* f: of the country's day; without text: Redis has not said. */
static void beat(struct watch *w, const struct fields *f)
{
	const struct accounts *a = w->ctx.accounts;
	struct store_status redis;
	struct net_status net;

	w->is_beating = false;
	store_status(w->ctx.core->store, &redis);
	net_status(w->ctx.net, &net);
	LOG(LOG_INFO, "run", "alive", F_INT("received", a->received), F_INT("accepted", a->accepted),
	    F_INT("duplicate", a->duplicate), F_INT("refused", a->refused), F_INT("conns", net.connections),
	    F_STR("redis", redis.state),
	    F_FIXED("lag_s", flush_lag_ms(&w->ctx.core->flush, w->heartbeat_ms), 3),
	    F_TEXT("share", known(fields_get(f, "group:target.share"))),
	    F_TEXT("n", known(fields_get(f, "group:target.target_n"))),
	    F_TEXT("target", known(fields_get(f, "group:target.target"))),
	    F_TEXT("move", known(fields_get(f, "group:target.move"))), unclassified_pct(f),
	    F_INT("below", count_below(w)), F_INT("silent", silent_sources(a)));
}

static void beat_without_figures(struct watch *w)
{
	const struct fields none = { 0, NULL, NULL };

	beat(w, &none);
}

static void on_figures(void *arg, size_t n, const char *const *text, const size_t *len)
{
	struct watch *w = arg;
	struct fields f = { n, text, len };

	w->has_asked = false;
	if (w->is_beating)
		beat(w, &f);
}

/* A Redis that still owes the last answer is not asked again. */
static void heartbeat(struct watch *w, int64_t now_ms)
{
	w->heartbeat_ms = now_ms;
	if (w->has_asked || query_share(w, "dk", "day", on_figures) < 0)
		beat_without_figures(w);
	else
		w->has_asked = w->is_beating = true;
}

/* --- areas against the target --- */

static struct side_of *sides_of(struct watch *w, size_t municipality)
{
	size_t n = w->ctx.core->ledger.codes_len;

	if (n > w->sides_len) {
		void *more = realloc(w->sides, n * sizeof(*w->sides));

		if (more == NULL)
			return NULL;
		w->sides = more;
		memset(w->sides + w->sides_len, 0, (n - w->sides_len) * sizeof(*w->sides));
		w->sides_len = n;
	}
	return w->sides[municipality];
}

static void tell(struct watch *w, size_t municipality, const char *area, struct fields *f, bool is_met)
{
	LOG_ALL(LOG_INFO, "run", is_met ? "target met" : "below target",
		F_STR("municipality", w->ctx.core->ledger.codes[municipality]), F_STR("area", area),
		F_TEXT("share", fields_of(f, area, "share")), F_TEXT("n", fields_of(f, area, "target_n")));
}

static void judge(struct watch *w, size_t municipality, uint16_t area, struct side_of *side, struct fields *f)
{
	const char *id = standings_area(w->ctx.core->ledger.standings, area);
	enum side now = str_same(fields_of(f, id, "met"), str_of("1")) ? SIDE_MET : SIDE_BELOW;

	if (fields_int(fields_of(f, id, "target_n")) < WATCH_MIN_N) {
		side->now = SIDE_UNKNOWN;
		return;
	}
	if (side->now != now) {
		side->now = (uint8_t)now;
		side->since_ms = w->look_ms;
	}
	if (side->told == now || w->look_ms - side->since_ms < WATCH_HOLD_MS)
		return;
	if (now == SIDE_BELOW || side->told == SIDE_BELOW)
		tell(w, municipality, id, f, now == SIDE_MET);
	side->told = (uint8_t)now;
}

static void look_at_next(struct watch *w);

static void on_look(void *arg, size_t n, const char *const *text, const size_t *len)
{
	struct watch *w = arg;
	struct fields f = { n, text, len };
	struct side_of *sides = sides_of(w, w->looking_at);

	for (uint16_t area = 0;
	     sides != NULL && n > 0 && area < standings_areas(w->ctx.core->ledger.standings); area++)
		judge(w, w->looking_at, area, &sides[area], &f);
	w->looking_at++;
	look_at_next(w);
}

static void look_at_next(struct watch *w)
{
	if (w->looking_at >= w->ctx.core->ledger.codes_len ||
	    query_share(w, w->ctx.core->ledger.codes[w->looking_at], "day", on_look) < 0)
		w->looking_at = SIZE_MAX;
}

/* --- the day --- */

static void on_closed(void *arg, size_t n, const char *const *text, const size_t *len)
{
	struct watch *w = arg;
	struct fields f = { n, text, len };

	LOG_ALL(LOG_INFO, "run", "day closed", F_STR("period", w->closing + strlen("day:")),
		F_TEXT("contacts", known(fields_get(&f, "all.contacts"))),
		F_TEXT("n", known(fields_get(&f, "all.n"))),
		F_TEXT("share", known(fields_get(&f, "group:target.share"))),
		F_TEXT("target", known(fields_get(&f, "group:target.target"))),
		F_TEXT("met", known(fields_get(&f, "group:target.met"))));
}

static void close_day(struct watch *w, int32_t today)
{
	period_label(period_of(WINDOW_DAY, w->today), w->closing);
	w->today = today;
	if (w->sides != NULL)
		memset(w->sides, 0, w->sides_len * sizeof(*w->sides));
	if (query_share(w, "dk", w->closing, on_closed) < 0)
		on_closed(w, 0, NULL, NULL);
}

/* --- sources --- */

/* "administration,school"; "-": any. */
static const char *areas_of(const struct conf_source *source, char buf[AREAS_TEXT])
{
	size_t len = 0;

	for (size_t i = 0; i < source->areas_len && len + AREA_NAME_MAX + 2 < AREAS_TEXT; i++)
		len += (size_t)snprintf(buf + len, AREAS_TEXT - len, "%s%s", i > 0 ? "," : "", source->areas[i]);
	return len == 0 ? "-" : buf;
}

/* Who sends only what is refused adds nothing to the shares: as good as silent. */
static void judge_source(struct account *account, int64_t now_ms)
{
	int64_t every_ms = account->conf == NULL ? 0 : account->conf->expected_every_ms;
	int64_t heard_ms = account->good_ms > account->watched_ms ? account->good_ms : account->watched_ms;
	bool is_silent = every_ms > 0 && now_ms - heard_ms > every_ms;
	char areas[AREAS_TEXT];

	if (is_silent == account->is_silent)
		return;
	account->is_silent = is_silent;
	if (is_silent)
		LOG_ALL(LOG_WARNING, "run", "source silent", F_STR("source", account->name),
			F_INT("silent_s", (now_ms - heard_ms) / 1000),
			F_INT("expected_every_s", every_ms / 1000), F_STR("areas", areas_of(account->conf, areas)));
	else
		LOG_ALL(LOG_INFO, "run", "source back", F_STR("source", account->name));
}

static void add_name(char *list, size_t size, size_t *len, const struct account *account)
{
	if (*len + account->name_len + 2 < size)
		*len += (size_t)snprintf(list + *len, size - *len, "%s%s", *len > 0 ? "," : "", account->name);
}

static void judge_sources(struct watch *w, int64_t now_ms)
{
	char missing[sizeof(w->missing)] = "", heard[sizeof(w->missing)] = "";
	size_t len = 0, heard_len = 0;

	for (size_t i = 0; i < w->ctx.accounts->n; i++) {
		struct account *account = w->ctx.accounts->list[i];

		judge_source(account, now_ms);
		/* what is counted apart is in no share that could lack it */
		if (account->conf == NULL || account->conf->method != 0)
			continue;
		if (account->is_silent)
			add_name(missing, sizeof(missing), &len, account);
		else if (account->good_ms > 0 && now_ms - account->good_ms <= account->conf->expected_every_ms)
			add_name(heard, sizeof(heard), &heard_len, account);
	}
	store_set_heard(w->ctx.core->store, heard);
	if (strcmp(missing, w->missing) != 0) {
		memcpy(w->missing, missing, sizeof(missing));
		store_set_missing(w->ctx.core->store, missing);
	}
}

static void log_refused(struct watch *w)
{
	for (size_t i = 0; i < w->ctx.accounts->n; i++) {
		struct account *account = w->ctx.accounts->list[i];

		for (int code = 0; code < CODES; code++) {
			if (account->unlogged[code] == 0)
				continue;
			LOG_ALL(LOG_WARNING, "run", "refused", F_STR("source", account->name),
				F_STR("code", code_name((enum code)code)),
				F_INT("count", account->unlogged[code]),
				F_INT("first_line", account->first_line[code]));
			account->unlogged[code] = 0;
		}
	}
}

void watch_tick(struct watch *w, int64_t now_ms)
{
	/* what was counted just before midnight is let in first */
	int32_t today = zone_day(&w->ctx.snapshot->zone, now_ms - FLUSH_DISTANCE_MAX_MS);

	judge_sources(w, now_ms);
	silence_book_note(w->ctx.silences, zone_day(&w->ctx.snapshot->zone, now_ms), store_missing(w->ctx.core->store), now_ms);
	if (today != w->today)
		close_day(w, today);
	if (now_ms - w->refused_ms >= MINUTE_MS) {
		w->refused_ms = now_ms;
		log_refused(w);
	}
	if (now_ms - w->look_ms >= WATCH_EVERY_MS && w->looking_at == SIZE_MAX) {
		w->look_ms = now_ms;
		w->looking_at = 0;
		look_at_next(w);
	}
	if (w->is_beating && now_ms - w->heartbeat_ms >= HEARTBEAT_WAIT_MS)
		beat_without_figures(w);
	if (now_ms - w->heartbeat_ms >= w->ctx.snapshot->conf->log_heartbeat_ms)
		heartbeat(w, now_ms);
}
