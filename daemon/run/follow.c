/* SPDX-License-Identifier: MPL-2.0 */
/* See follow.h. One municipality at a time: READING what the followers want, then all of them see it in the
 * same turn of the loop, then WRITING what they put. */
#include "run/follow.h"

#include "base/clock.h"
#include "base/log.h"
#include "run/level_follow.h"
#include "store/store.h"

#include <event2/event.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUT_MAX	   8	 /* hashes read or written at once */
#define ROUND_MS   60000 /* all municipalities at least so often */
#define PAUSE	   4	 /* times the work */
#define MEMBERS	   "_followed"
#define PUTTERS	   "_put"
#define CODES_MAX  (CELL_COUNTRY + 1)
#define ARGS	   10 /* of effort_put, before the fields */

enum follow_phase { FOLLOW_IDLE, FOLLOW_READING, FOLLOW_WRITING };

struct follow {
	struct core *core;		 /* borrowed */
	struct ranges *ranges;		 /* borrowed */
	const struct snapshot *snapshot; /* borrowed */
	struct follower followers[FOLLOWERS_MAX];
	size_t followers_len;
	struct event *again; /* owned: the next municipality */

	enum follow_phase phase;
	struct look look;
	uint16_t municipality;
	struct sheet *next_sheet; /* of look.sheets */
	size_t out;		  /* answers that are waited for */
	int64_t began_ms;	  /* monotonic */
	bool has_chosen;	  /* the hashes are there, the followers have said what more they want */
	bool is_lost;		  /* something did not come: give up and come again */
	bool is_stale;		  /* reloaded meanwhile */
	bool can_clean;
	bool is_going, is_stopped;

	bool is_due[CODES_MAX];	   /* changed, or due in this round */
	bool is_again[CODES_MAX];  /* due in the next cycle */
	bool is_cleaned[CODES_MAX]; /* what is no longer put has been taken away since the last reload */
	bool is_round, wants_round;
	bool is_running; /* a cycle is under way */
	int64_t cycle_ms, round_ms; /* monotonic: when they began */
	int32_t today;
	char missing[STORE_MISSING];
	char gone[2048]; /* writers; of this look */
	struct follow_status status;
};

static void go_on(struct follow *f);
static void next_municipality(struct follow *f);

static void on_again(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	next_municipality(ctx);
}

struct follow *follow_new(struct core *core, struct ranges *ranges, const struct snapshot *snapshot,
			  const struct follower *followers, size_t n)
{
	struct follow *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->core = core;
	f->ranges = ranges;
	f->snapshot = snapshot;
	f->followers_len = n < FOLLOWERS_MAX ? n : FOLLOWERS_MAX;
	memcpy(f->followers, followers, f->followers_len * sizeof(*followers));
	f->wants_round = true;
	f->today = INT32_MIN;
	f->cycle_ms = f->round_ms = INT64_MIN / 2;
	look_init(&f->look);
	f->again = event_new(core->settings.base, -1, 0, on_again, f);
	if (f->again == NULL) {
		follow_free(f);
		return NULL;
	}
	return f;
}

void follow_stop(struct follow *f)
{
	if (f != NULL) {
		f->is_stopped = true;
		event_del(f->again);
	}
}

void follow_free(struct follow *f)
{
	if (f == NULL)
		return;
	look_clear(&f->look);
	if (f->again != NULL)
		event_free(f->again);
	free(f);
}

void follow_set_snapshot(struct follow *f, const struct snapshot *snapshot)
{
	f->snapshot = snapshot;
	f->is_stale = true;
	memset(f->is_cleaned, 0, sizeof(f->is_cleaned));
	follow_hurry(f);
}

void follow_hurry(struct follow *f)
{
	f->wants_round = true;
	f->cycle_ms = INT64_MIN / 2;
}

void follow_status(const struct follow *f, struct follow_status *ret)
{
	*ret = f->status;
}

/* --- the cycle --- */

static const char *code_of(const struct follow *f, uint16_t municipality)
{
	return municipality == CELL_COUNTRY ? "dk" : f->snapshot->view.codes[municipality];
}

static void later(struct follow *f, int64_t ms)
{
	struct timeval after = { ms / 1000, ms % 1000 * 1000 };

	if (!f->is_stopped)
		event_add(f->again, &after);
}

static void note_changes(struct follow *f)
{
	for (uint16_t m = 0; m < CODES_MAX; m++)
		if (store_take_changed(f->core->store, m))
			f->is_due[m] = true;
}

static void begin_cycle(struct follow *f, int64_t mono_ms)
{
	f->cycle_ms = mono_ms;
	f->is_running = true;
	for (uint32_t m = 0; m < CODES_MAX; m++)
		f->is_due[m] |= f->is_again[m];
	memset(f->is_again, 0, sizeof(f->is_again));
	if (f->wants_round || mono_ms - f->round_ms >= ROUND_MS) {
		f->wants_round = false;
		f->is_round = true;
		f->round_ms = mono_ms;
		memset(f->is_due, true, sizeof(f->is_due));
	}
	later(f, 0);
}

/* While Redis is being given back what it lost, what it holds is not what was counted. */
static bool can_look(const struct follow *f)
{
	struct store_status status;

	store_status(f->core->store, &status);
	return store_is_ready(f->core->store) && status.losses == 0;
}

void follow_tick(struct follow *f, int64_t now_ms)
{
	int64_t mono_ms = clock_mono_ms();
	int32_t today = zone_day(&f->snapshot->zone, now_ms);

	if (today != f->today || strcmp(f->missing, store_missing(f->core->store)) != 0) {
		f->today = today;
		snprintf(f->missing, sizeof(f->missing), "%s", store_missing(f->core->store));
		follow_hurry(f);
	}
	if (f->is_stopped || !can_look(f))
		return;
	note_changes(f);
	if (!f->is_running && mono_ms - f->cycle_ms >= f->snapshot->conf->follow_interval_ms)
		begin_cycle(f, mono_ms);
	go_on(f);
}

static bool is_there(const struct follow *f, uint16_t m)
{
	if (m == CELL_COUNTRY)
		return store_has_data(f->core->store, m);
	return m < f->snapshot->view.municipalities_len &&
	       (store_has_data(f->core->store, m) || level_follow_has(f->core, f->snapshot->view.codes[m]));
}

static void end_cycle(struct follow *f)
{
	f->is_running = false;
	if (f->is_round) {
		f->is_round = false;
		f->status.rounds++;
		f->status.last_ms = clock_now_ms();
	}
}

static void begin_look(struct follow *f, uint16_t m)
{
	struct store_keeping keeping;

	f->is_due[m] = false;
	f->municipality = m;
	f->phase = FOLLOW_READING;
	f->is_lost = f->is_stale = f->has_chosen = false;
	f->began_ms = clock_mono_ms();
	f->look.snapshot = f->snapshot;
	f->look.code = code_of(f, m);
	f->look.is_country = m == CELL_COUNTRY;
	f->look.now_ms = clock_now_ms();
	f->look.today = zone_day(&f->snapshot->zone, f->look.now_ms);
	f->look.missing = store_missing(f->core->store);
	f->look.silences = f->core->silences;
	for (size_t i = 0; i < f->followers_len; i++)
		f->followers[i].want(f->followers[i].ctx, &f->look);
	/* What is another writer's is told from what is nobody's only by who there is. */
	f->can_clean = !f->is_cleaned[m] && store_others_keep(f->core->store, &keeping);
	if (f->can_clean) {
		look_want_hash(&f->look, MEMBERS);
		look_want_hash(&f->look, PUTTERS);
	}
	for (size_t i = 0; i < f->look.hashes_len; i++)
		f->look.hashes[i].owner = f;
	go_on(f);
}

static void next_municipality(struct follow *f)
{
	if (f->is_stopped || f->phase != FOLLOW_IDLE)
		return;
	for (uint32_t m = 0; m < CODES_MAX && can_look(f); m++) {
		if (!f->is_due[m] || !is_there(f, (uint16_t)m))
			continue;
		begin_look(f, (uint16_t)m);
		return;
	}
	end_cycle(f);
}

/* Done with this municipality, or given up: then it is due again with the next cycle. */
static void end_look(struct follow *f, bool is_done)
{
	int64_t took_ms = clock_mono_ms() - f->began_ms;

	f->phase = FOLLOW_IDLE;
	look_clear(&f->look);
	if (is_done) {
		f->status.looks++;
		later(f, took_ms * PAUSE);
		return;
	}
	f->is_due[f->municipality] = true;
	if (!f->is_stale)
		f->status.failures++;
	end_cycle(f);
}

/* --- reading --- */

static void on_picture(void *ctx, struct picture *picture, bool is_whole)
{
	struct look_range *range = ctx;
	struct follow *f = range->owner;

	f->out--;
	range->picture = picture;
	range->is_whole = is_whole;
	if (picture == NULL)
		f->is_lost = true;
	go_on(f);
}

static bool ask_ranges(struct follow *f)
{
	for (size_t i = 0; i < f->look.ranges_len; i++) {
		struct look_range *range = &f->look.ranges[i];
		int r;

		if (range->is_asked)
			continue;
		r = ranges_ask(f->ranges, f->look.code, range->first, range->end, on_picture, range);
		if (r == -EAGAIN)
			return false;
		if (r < 0) {
			f->is_lost = true;
			return false;
		}
		range->is_asked = true;
		f->out++;
	}
	return true;
}

static int copy_answer(struct look_hash *hash, size_t n, const char *const *text, const size_t *len)
{
	hash->text = calloc(n + 1, sizeof(*hash->text));
	hash->len = calloc(n + 1, sizeof(*hash->len));
	if (hash->text == NULL || hash->len == NULL)
		return -ENOMEM;
	for (; hash->n < n; hash->n++) {
		if (text[hash->n] == NULL) /* another's answer */
			return -EBADMSG;
		hash->text[hash->n] = strndup(text[hash->n], len[hash->n]);
		if (hash->text[hash->n] == NULL)
			return -ENOMEM;
		hash->len[hash->n] = strlen(hash->text[hash->n]);
	}
	return 0;
}

static void on_hash(void *ctx, size_t n, const char *const *text, const size_t *len)
{
	struct look_hash *hash = ctx;
	struct follow *f = hash->owner;

	f->out--;
	hash->is_there = text != NULL && copy_answer(hash, n, text, len) == 0;
	if (!hash->is_there)
		f->is_lost = true;
	go_on(f);
}

/* "effort:{0751}:target:kl-80" */
static void key_of(const struct follow *f, const char *suffix, char *key, size_t size)
{
	snprintf(key, size, "%s{%s}:%s", f->snapshot->conf->redis_prefix, f->look.code, suffix);
}

static bool ask_hashes(struct follow *f)
{
	for (size_t i = 0; i < f->look.hashes_len; i++) {
		struct look_hash *hash = &f->look.hashes[i];
		const char *verb = strcmp(hash->suffix, MEMBERS) == 0 ? "SMEMBERS" : "HGETALL";
		char key[320];
		int r;

		if (hash->is_asked)
			continue;
		if (f->out >= OUT_MAX)
			return false;
		key_of(f, hash->suffix, key, sizeof(key));
		r = store_query(f->core->store, 2, (const char *const[]){ verb, key }, on_hash, hash);
		if (r == -EAGAIN)
			return false;
		if (r < 0) {
			f->is_lost = true;
			return false;
		}
		hash->is_asked = true;
		f->out++;
	}
	return true;
}

/* --- what is no longer put --- */

static bool is_named(const struct sheet *sheet, const char *suffix)
{
	while (sheet != NULL && strcmp(sheet->suffix, suffix) != 0)
		sheet = sheet->next;
	return sheet != NULL;
}

static bool is_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; *at != '\0'; at += strcspn(at, ","), at += *at == ',')
		if (strcspn(at, ",") == len && memcmp(at, name, len) == 0)
			return true;
	return false;
}

/* Nobody but this writer and those gone for good puts the hash. names: who does, commas between; NULL: it was put before
 * that was noted, by any of those there are. */
static bool is_ours_alone(const struct follow *f, const char *names, const char *gone)
{
	char name[64];

	if (names == NULL)
		return !store_has_others(f->core->store);
	for (const char *at = names; *at != '\0'; at += strcspn(at, ","), at += *at == ',') {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, ","), at);
		if (strcmp(name, store_writer(f->core->store)) != 0 && !is_listed(gone, name))
			return false;
	}
	return true;
}

static void claim(struct follow *f, const char *suffix)
{
	struct sheet *sheet = sheet_new(suffix);

	if (sheet != NULL)
		sheet->is_claim = true;
	look_put(&f->look, sheet);
}

/* What others put, too, goes when the last of them takes it away. */
static void clean(struct follow *f)
{
	struct fields members = look_hash(&f->look, MEMBERS), putters = look_hash(&f->look, PUTTERS);

	for (size_t i = 0; i < members.n; i++) {
		const char *suffix = members.text[i];
		struct effort_str putter = fields_get(&putters, suffix);
		const char *names = putter.len > 0 ? putter.ptr : NULL;
		bool is_named_there = names != NULL && is_listed(names, store_writer(f->core->store));

		if (is_named(f->look.sheets, suffix))
			continue;
		if (is_named(f->look.kept, suffix)) {
			if (!is_named_there)
				claim(f, suffix);
		} else if (is_named_there || is_ours_alone(f, names, f->gone)) {
			look_put(&f->look, sheet_new(suffix));
		}
	}
}

static void see(struct follow *f)
{
	for (size_t i = 0; i < f->followers_len; i++)
		f->followers[i].see(f->followers[i].ctx, &f->look);
	store_gone_writers(f->core->store, f->gone, sizeof(f->gone));
	if (f->can_clean)
		clean(f);
	if (f->look.is_short) {
		LOG(LOG_WARNING, "run", "not followed up: too much for one look",
		    F_STR("municipality", f->look.code), F_INT("ranges", f->look.ranges_len));
		f->is_lost = true;
		return;
	}
	f->is_cleaned[f->municipality] |= f->can_clean;
	f->phase = FOLLOW_WRITING;
	f->next_sheet = f->look.sheets;
}

/* --- writing --- */

static void on_put(void *ctx, size_t n, const char *const *text, const size_t *len)
{
	struct follow *f = ctx;

	(void)len;
	f->out--;
	f->status.puts++;
	if (text == NULL)
		f->is_lost = true;
	/* A newer look was there: another writer's, or one before the clock was set back. Once more, later. */
	else if (n == 1 && text[0] != NULL && strcmp(text[0], "0") == 0)
		f->is_again[f->municipality] = true;
	go_on(f);
}

/* FCALL effort_put 3 <key> <members> <putters> <as_of> <suffix> <writer> <gone> field value ...; 0, -EAGAIN or another negative errno. */
static int send_sheet(struct follow *f, const struct sheet *sheet)
{
	const char **argv = malloc((ARGS + sheet->n) * sizeof(*argv)), *at = sheet->bytes.ptr;
	char key[320], members[320], putters[320], as_of[32];
	int r;

	if (argv == NULL)
		return -ENOMEM;
	key_of(f, sheet->suffix, key, sizeof(key));
	key_of(f, MEMBERS, members, sizeof(members));
	key_of(f, PUTTERS, putters, sizeof(putters));
	snprintf(as_of, sizeof(as_of), "%" PRId64, f->look.now_ms);
	memcpy(argv,
	       (const char *const[ARGS]){ "FCALL", "effort_put", "3", key, members, putters, sheet->is_claim ? "" : as_of,
					  sheet->suffix, store_writer(f->core->store), f->gone },
	       ARGS * sizeof(*argv));
	for (size_t i = 0; i < sheet->n; i++, at += strlen(at) + 1)
		argv[ARGS + i] = at;
	r = store_query(f->core->store, ARGS + sheet->n, argv, on_put, f);
	free(argv);
	return r;
}

static bool send_sheets(struct follow *f)
{
	for (; f->next_sheet != NULL; f->next_sheet = f->next_sheet->next) {
		int r;

		if (f->out >= OUT_MAX)
			return false;
		r = send_sheet(f, f->next_sheet);
		if (r == -EAGAIN)
			return false;
		if (r < 0) {
			f->is_lost = true;
			return false;
		}
		f->out++;
	}
	return true;
}

/* Ranges only behind the hashes: what a hash says of days is never newer than the days that are read for it. */
static bool have_read(struct follow *f)
{
	if (!ask_hashes(f) || (f->out > 0 && !f->has_chosen))
		return false;
	for (size_t i = 0; !f->has_chosen && i < f->followers_len; i++)
		if (f->followers[i].choose != NULL)
			f->followers[i].choose(f->followers[i].ctx, &f->look);
	f->has_chosen = true;
	for (size_t i = 0; i < f->look.ranges_len; i++)
		f->look.ranges[i].owner = f;
	return ask_ranges(f) && f->out == 0;
}

/* Moves the municipality at hand on as far as it goes; called by every answer and every tick. */
static void go_on(struct follow *f)
{
	if (f->is_going || f->phase == FOLLOW_IDLE)
		return;
	f->is_going = true;
	if (f->is_stopped)
		f->is_lost = true;
	if (f->phase == FOLLOW_READING && !f->is_lost && !f->is_stale && have_read(f))
		see(f);
	if (f->phase == FOLLOW_WRITING && !f->is_lost && send_sheets(f) && f->out == 0)
		end_look(f, true);
	else if (f->out == 0 && (f->is_lost || (f->is_stale && f->phase == FOLLOW_READING)))
		end_look(f, false);
	f->is_going = false;
}
