/* SPDX-License-Identifier: MPL-2.0 */
/* What Redis loses comes back, exactly: deleted keys of every kind, everything at once, older states put back, in
 * the middle of batches, with one writer and with two. Other writers under our name are noticed before anything
 * is counted twice. */
#include "store_bed.h"

static struct bed bed, other;
static const struct cell by_self = { .channel = EFFORT_SELFSERVICE };
static const struct cell by_phone = { .channel = EFFORT_PHONE };
static int32_t day;

#define PROBE_MS 60

static void setup(void)
{
	day = day_of_date(2026, 11, 21);
	bed_make_dir(&bed);
	bed.probe_ms = PROBE_MS;
	bed_start_redis(&bed);
	bed_open_store(&bed, bed.url);
	bed_until(&bed, bed.ready > 0);
}

static void teardown(void)
{
	if (other.store)
		bed_close_writer(&other);
	bed_close(&bed);
}

static void count_some(struct bed *who, int64_t n, int days)
{
	struct cell letter = { .channel = EFFORT_LETTER, .direction = EFFORT_OUT, .form = EFFORT_FORM_PHYSICAL };
	struct cell question = { .channel = EFFORT_PHONE, .kind = EFFORT_INFORMATION };
	int32_t month = period_of(WINDOW_MONTH, day).first;

	for (int m = 0; m < 3; m++)
		for (int d = 0; d < days; d++) {
			bed_count(who, m, day - d, "school", "enrolment", true, by_self, n + m);
			bed_count(who, m, day - d, "eldercare", "aids", false, by_phone, n);
			bed_count(who, m, day - d, "eldercare", "-", false, question, 1);
			bed_count(who, m, day - d, "school", "enrolment", true, letter, 2);
		}
	bed_name(who, 1, BY_REASON, day, "exempt", (struct name_amount){ 1, 2, 0, 0 }, 0);
	bed_name(who, 1, BY_SOURCE, month, "phone-a", (struct name_amount){ 1, n, n, 0 }, 1000 + n);
	bed_name(who, 1, BY_UNIT, month, "front", (struct name_amount){ 1, 1, 1, 1 }, 1000);
}

static struct store_status status(struct bed *who)
{
	struct store_status now;

	store_status(who->store, &now);
	return now;
}

static int64_t sum_named(const struct bed *who, enum dimension dimension)
{
	int64_t sum = 0;

	for (size_t i = 0; who && i < who->named_len; i++)
		sum += who->named[i].dimension == dimension ? who->named[i].amount.contacts : 0;
	return sum;
}

static void check_names(void)
{
	static const char *const code[] = { "0751", "dk" };

	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(atoll(bed_text(&bed, "HGET effort:{%s}:by:source:2026-11 phone-a.contacts",
						code[i])),
				 sum_named(&bed, BY_SOURCE) + sum_named(bed.other, BY_SOURCE));
		ck_assert_int_eq(atoll(bed_text(&bed, "HGET effort:{%s}:by:unit:2026-11 front.contacts", code[i])),
				 sum_named(&bed, BY_UNIT) + sum_named(bed.other, BY_UNIT));
		bed_is(&bed, "(nil)", "HGET effort:{%s}:by:unit:2026-11 _r", code[i]);
		bed_is(&bed, "1", "HGET effort:{%s}:by:unit:2026-11 _names", code[i]);
		bed_is(&bed, "1", "EXISTS effort:{%s}:sources", code[i]);
	}
}

static bool is_quiet(struct bed *who)
{
	return who->gaps == who->repaired && !status(who).is_auditing && !store_is_busy(who->store);
}

/* Lets probes find what there is to find, and everything be repaired. */
static void heal(void)
{
	int quiet = 0;

	for (int i = 0; quiet < 3; i++) {
		int gaps = bed.gaps + other.gaps;

		ck_assert_msg(i < 60, "not whole after %d rounds: %d gaps, %d repaired; other %d, %d", i, bed.gaps,
			      bed.repaired, other.gaps, other.repaired);
		bed_run(&bed, PROBE_MS + 20);
		quiet = is_quiet(&bed) && (!other.store || is_quiet(&other)) && bed.gaps + other.gaps == gaps
				? quiet + 1
				: 0;
	}
	ck_assert_str_eq(bed.error, "");
}

/* A tick as effortd makes them, five seconds after the last one. */
static void tick(void)
{
	static int64_t tick_ms;

	tick_ms += 5000;
	store_tick(bed.store, bed_noon(day) + tick_ms, 0, "running");
}

static void check_all(void)
{
	tick(); /* tells the shares of all to the country */
	for (int i = 0; i < 60 && (atoi(bed_text(&bed, "ZCARD effort:{dk}:rank:day:all")) != 3 ||
				   atoi(bed_text(&bed, "ZCARD effort:{dk}:rank:year:school")) != 3);
	     i++)
		bed_run(&bed, 20);
	bed_check(&bed, day);
	check_names();
	bed_is(&bed, "3", "ZCARD effort:{dk}:rank:day:all");
	bed_is(&bed, "3", "ZCARD effort:{dk}:rank:year:school");
}

static const char *const kinds[] = {
	"effort:{0751}:d:2026-11-21",
	"effort:{0751}:m:2026-11",
	"effort:{dk}:y:2026",
	"effort:{0751}:share:day:2026-11-21",
	"effort:{0751}:share:week:2026-W47",
	"effort:{dk}:share:month:2026-11",
	"effort:{0751}:share:quarter:2026-Q4",
	"effort:{0751}:share:season:2026-autumn",
	"effort:{dk}:share:year:2026",
	"effort:{0751}:tasks:day:2026-11-21",
	"effort:{0751}:tasks:year:2026",
	"effort:{0751}:share:day:2026-11-20", /* closed */
	"effort:{dk}:d:2026-11-19",
	"effort:{0751}:share:day", /* running copies */
	"effort:{dk}:tasks:week",
	"effort:{0751}:rank:month",
	"effort:{dk}:rank:month",
	"effort:{0751}:by:source:2026-11",
	"effort:{dk}:by:unit:2026-11",
	"effort:{0751}:sources",
	"effort:{dk}:rank:day:all",
	"effort:{dk}:_ranks",
	"effort:index:areas",
	"effort:index:schema",
};

static void wait_for(const char *key)
{
	for (int i = 0; atoi(bed_text(&bed, "EXISTS %s", key)) == 0; i++) {
		ck_assert_msg(i < 100, "%s does not come back", key);
		tick();
		bed_run(&bed, PROBE_MS);
	}
}

/* One key after the other is deleted, found by probes alone, and comes back as it was. */
START_TEST(test_deleted_key)
{
	count_some(&bed, 3, 3);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_drain(&bed, bed_noon(day));
	check_all();
	for (size_t i = 0; i < SUITE_LENGTH(kinds); i++) {
		bed_is(&bed, "1", "EXISTS %s", kinds[i]);
		bed_do(&bed, "DEL %s", kinds[i]);
		wait_for(kinds[i]);
		bed_run(&bed, PROBE_MS / 2);
		check_all();
	}
	/* And counts go on upon it. */
	count_some(&bed, 5, 3);
	bed_send_and_wait(&bed, bed_noon(day));
	heal();
	check_all();
	ck_assert_int_eq(bed.foreign, 0);
	ck_assert_int_eq(bed.gaps, 16);
}
END_TEST

/* The same, found by the next call: what was not lost is counted at once, what was lost when it is repaired. */
START_TEST(test_found_by_a_call)
{
	store_set_probe_interval(bed.store, 3600000);
	bed.is_lazy = true;
	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_do(&bed, "DEL effort:{0751}:share:month:2026-11 effort:{0751}:y:2026 effort:{dk}:by:source:2026-11");
	count_some(&bed, 4, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	ck_assert_int_eq(bed.gaps, 3);
	bed_is(&bed, "0", "EXISTS effort:{0751}:share:month:2026-11");
	bed_is(&bed, bed_text(&bed, "HGET effort:{0751}:m:2026-11 _w:w1"),
	       "HGET effort:{0751}:tasks:month:2026-11 _w:w1");
	bed_repair(&bed, (struct place_key){ 1, WINDOW_MONTH, day_of_date(2026, 11, 1) });
	bed_repair(&bed, (struct place_key){ 1, WINDOW_YEAR, day_of_date(2026, 1, 1) });
	bed_repair(&bed, (struct place_key){ CELL_COUNTRY, PLACE_NAMES + BY_SOURCE, day_of_date(2026, 11, 1) });
	bed_until(&bed, bed.repaired == 3);
	check_all();
	ck_assert_uint_eq(status(&bed).gaps, 3);
	ck_assert_uint_eq(status(&bed).repairs, 3);
}
END_TEST

/* A repair comes while the batch it holds is on its way, and the next batch while the repair is. */
START_TEST(test_repair_between_batches)
{
	for (int round = 0; round < 20; round++) {
		count_some(&bed, 1 + round % 4, 3);
		bed_do(&bed, round % 2 ? "DEL effort:{0751}:y:2026 effort:{0101}:share:week:2026-W47"
				       : "DEL effort:{dk}:d:2026-11-21 effort:{dk}:d:2026-11-20 effort:{0751}:m:2026-11");
		bed_send(&bed, bed_noon(day));
		if (round % 3 == 0)
			bed_run(&bed, 1);
		bed_until(&bed, bed.settled == round + 1);
	}
	heal();
	check_all();
	ck_assert_int_gt(bed.gaps, 0);
}
END_TEST

START_TEST(test_flushall)
{
	for (int i = 1; i < 40; i++)
		bed_count(&bed, i % 3, day - i * 5, "school", "enrolment", true, by_self, i);
	count_some(&bed, 3, 3);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_drain(&bed, bed_noon(day));
	bed_run(&bed, 1100);
	bed_drain(&bed, bed_noon(day) + 6000);
	for (int round = 0; round < 2; round++) {
		long long days = atoll(bed_text(&bed, "XLEN effort:{0751}:series:day"));

		ck_assert_int_gt(days, 10);
		bed_do(&bed, "FLUSHALL");
		if (round == 1) {
			count_some(&bed, 2, 3);
			bed_send(&bed, bed_noon(day) + 7000);
		}
		heal();
		for (int i = 0; i < 60 && atoll(bed_text(&bed, "XLEN effort:{0751}:series:day")) < days; i++) {
			tick();
			bed_run(&bed, 100);
		}
		check_all();
		bed_is(&bed, "Aarhus", "HGET effort:index:municipalities 0751.da");
		bed_is(&bed, "1", "EXISTS effort:alive");
		ck_assert_int_eq(atoll(bed_text(&bed, "XLEN effort:{0751}:series:day")), days);
	}
	ck_assert_int_eq(bed.foreign, 0);
}
END_TEST

/* The series stream alone: it comes back from the hashes, which are there. */
START_TEST(test_series_deleted)
{
	for (int i = 1; i <= 20; i++)
		bed_count(&bed, 0, day - i, "school", "enrolment", true, by_self, i);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_drain(&bed, bed_noon(day));
	bed_is(&bed, "20", "XLEN effort:{0101}:series:day");
	bed_run(&bed, PROBE_MS * 3);
	bed_do(&bed, "DEL effort:{0101}:series:day");
	bed_run(&bed, 1100);
	bed_drain(&bed, bed_noon(day) + 6000);
	bed_is(&bed, "20", "XLEN effort:{0101}:series:day");
	ck_assert_int_eq(bed.gaps, 0);
}
END_TEST

/* All keys as they are now, and put back later: what a restored snapshot does. */
struct snapshot {
	redisReply *names, *values[4096];
};

static void take_snapshot(struct snapshot *snapshot)
{
	snapshot->names = bed_ask(&bed, "KEYS effort:{*");
	ck_assert_uint_lt(snapshot->names->elements, 4096);
	for (size_t i = 0; i < snapshot->names->elements; i++)
		snapshot->values[i] = bed_ask(&bed, "DUMP %s", snapshot->names->element[i]->str);
}

static void put_back(struct snapshot *snapshot, const char *only)
{
	for (size_t i = 0; i < snapshot->names->elements; i++) {
		const redisReply *value = snapshot->values[i];

		if (!only || strstr(snapshot->names->element[i]->str, only))
			bed_do(&bed, "RESTORE %s 0 %b REPLACE", snapshot->names->element[i]->str, value->str,
			       value->len);
	}
}

static void drop_snapshot(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->names->elements; i++)
		freeReplyObject(snapshot->values[i]);
	freeReplyObject(snapshot->names);
}

START_TEST(test_rollback)
{
	static const char *const only[] = { NULL, ":share:", "{dk}", ":by:", ":d:" };
	struct snapshot snapshot;

	for (size_t i = 0; i < SUITE_LENGTH(only); i++) {
		count_some(&bed, 3, 3);
		bed_send_and_wait(&bed, bed_noon(day));
		take_snapshot(&snapshot);
		count_some(&bed, 4, 2);
		bed_send_and_wait(&bed, bed_noon(day));
		put_back(&snapshot, only[i]);
		drop_snapshot(&snapshot);
		if (i % 2) { /* found by calls, or by probes alone */
			count_some(&bed, 1, 1);
			bed_send_and_wait(&bed, bed_noon(day));
		}
		heal();
		check_all();
		ck_assert_int_gt(bed.gaps, 0);
	}
	ck_assert_int_eq(bed.foreign, 0);
}
END_TEST

/* Redis forgets everything with its process, between batches and in their middle. */
START_TEST(test_killed_without_persistence)
{
	for (int round = 1; round <= 6; round++) {
		int ready = bed.ready;

		count_some(&bed, round, 3);
		bed_send(&bed, bed_noon(day));
		if (round % 3 == 0)
			bed_until(&bed, bed.settled == round);
		else
			bed_run(&bed, round % 3);
		bed_stop_redis(&bed, SIGKILL);
		bed_run(&bed, 30);
		bed_start_redis(&bed);
		bed_until(&bed, bed.ready > ready && bed.settled == round);
		heal();
		check_all();
	}
}
END_TEST

static void lose_something(unsigned *seed)
{
	redisReply *keys = bed_ask(&bed, "KEYS effort:{*");

	for (int i = 0; i < 12 && keys->elements; i++)
		bed_do(&bed, "DEL %s", keys->element[(size_t)rand_r(seed) % keys->elements]->str);
	freeReplyObject(keys);
}

/* Keys vanish at random under load, as an eviction policy does it. */
START_TEST(test_eviction)
{
	unsigned seed = 7;

	for (int round = 1; round <= 40; round++) {
		count_some(&bed, 1 + round % 7, 1 + round % 3);
		bed_send(&bed, bed_noon(day));
		lose_something(&seed);
		bed_until(&bed, bed.settled == round);
	}
	heal();
	check_all();
	ck_assert_int_gt(bed.gaps, 40);
	ck_assert_int_eq(bed.foreign, 0);
}
END_TEST

START_TEST(test_two_writers)
{
	struct snapshot snapshot;

	bed_open_other(&bed, &other, "w2");
	count_some(&bed, 3, 3);
	bed_send_and_wait(&bed, bed_noon(day));
	count_some(&other, 5, 2);
	bed_send_and_wait(&other, bed_noon(day));
	heal();
	check_all();
	/* One key: both bring theirs. */
	bed_do(&bed, "DEL effort:{0751}:share:year:2026 effort:{dk}:m:2026-11 effort:{dk}:by:unit:2026-11");
	heal();
	check_all();
	/* Everything. */
	bed_do(&bed, "FLUSHALL");
	heal();
	check_all();
	/* An older state, in which only one of them has lost something. */
	take_snapshot(&snapshot);
	count_some(&bed, 2, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	put_back(&snapshot, NULL);
	drop_snapshot(&snapshot);
	heal();
	check_all();
	/* Both of them. */
	take_snapshot(&snapshot);
	count_some(&bed, 2, 2);
	count_some(&other, 1, 3);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_send_and_wait(&other, bed_noon(day));
	put_back(&snapshot, NULL);
	drop_snapshot(&snapshot);
	heal();
	check_all();
	ck_assert_int_eq(bed.foreign + other.foreign, 0);
}
END_TEST

START_TEST(test_two_writers_under_load)
{
	unsigned seed = 3;

	bed_open_other(&bed, &other, "w2");
	for (int round = 1; round <= 25; round++) {
		count_some(&bed, 1 + round % 3, 1 + round % 2);
		count_some(&other, 1 + round % 4, 2);
		bed_send(&bed, bed_noon(day));
		bed_send(&other, bed_noon(day));
		if (round % 5 == 0)
			bed_do(&bed, "FLUSHALL");
		else
			lose_something(&seed);
		bed_until(&bed, bed.settled == round && other.settled == round);
	}
	heal();
	check_all();
}
END_TEST

/* While the other writer is away what it had is missing, and says so. */
START_TEST(test_rebuilding)
{
	bed_open_other(&bed, &other, "w2");
	count_some(&bed, 3, 1);
	bed_send_and_wait(&bed, bed_noon(day));
	count_some(&other, 5, 1);
	bed_send_and_wait(&other, bed_noon(day));
	other.is_lazy = true;
	/* All of the period is gone but one hash: its neighbour knows who was there. */
	bed_do(&bed, "DEL effort:{0751}:share:week:2026-W47");
	bed_run(&bed, PROBE_MS * 4);
	bed_is(&bed, "1", "HGET effort:{0751}:share:week:2026-W47 rebuilding");
	bed_is(&bed, "1", "HGET effort:{0751}:share:week rebuilding");
	bed_is(&bed, "_w:w2", "HGET effort:{0751}:share:week:2026-W47 _r");
	bed_is(&bed, "0", "HGET effort:{0751}:tasks:week:2026-W47 rebuilding");
	other.is_lazy = false;
	bed_repair(&other, (struct place_key){ 1, WINDOW_WEEK, period_of(WINDOW_WEEK, day).first });
	bed_until(&bed, other.repaired == 1);
	bed_is(&bed, "0", "HGET effort:{0751}:share:week rebuilding");
	bed_is(&bed, "(nil)", "HGET effort:{0751}:share:week:2026-W47 _r");
	heal();
	check_all();
}
END_TEST

/* The process dies with a batch half applied; the next one sends the same batch again. */
START_TEST(test_resent_by_another_process)
{
	for (int cut = 0; cut < 8; cut++) {
		int ready = bed.ready, settled = bed.settled;
		uint64_t position;

		count_some(&bed, 1 + cut, 3);
		bed_freeze(&bed, bed_noon(day));
		bed_submit(&bed);
		/* Some answers have come, some calls are applied and not answered, some were never sent. */
		for (int i = 0; i < cut && bed.settled == settled; i++)
			event_base_loop(bed.base, EVLOOP_ONCE);
		if (cut % 2)
			usleep(20000);
		store_close(bed.store);
		position = bed.position;
		bed_open_store(&bed, bed.url);
		bed.position = position; /* of the batch on its way */
		bed_until(&bed, bed.ready > ready);
		if (bed.settled == settled)
			bed_submit(&bed);
		bed_until(&bed, bed.settled > settled);
		bed.position = bed.run_first[bed.runs - 1];
		heal();
		check_all();
	}
	ck_assert_int_eq(bed.foreign, 0);
}
END_TEST

/* All positions of a call's chain, seen from Redis: at every call of a batch of three days the connection is cut
 * before or after it was applied. */
START_TEST(test_cut_at_every_call)
{
	for (int cut = 0; cut < 12; cut++) {
		int ready = bed.ready;

		count_some(&bed, 1 + cut, 3);
		bed_send(&bed, bed_noon(day));
		for (int i = 0; i < cut && store_is_busy(bed.store); i++)
			event_base_loop(bed.base, EVLOOP_ONCE);
		bed_do(&bed, "CLIENT KILL TYPE normal SKIPME yes");
		bed_until(&bed, bed.ready > ready && bed.settled == cut + 1);
		heal();
		check_all();
	}
	ck_assert_int_eq(bed.gaps, 0);
}
END_TEST

/* Positions: by day, the last one is the batch's own and even, those before it odd; names take the batch's. */
START_TEST(test_positions)
{
	static const uint64_t back[] = { 0, 1, 3 };
	char text[3][32];

	count_some(&bed, 1, 3);
	bed_send_and_wait(&bed, bed_noon(day));
	ck_assert_uint_eq(bed.position % 2, 0);
	for (int i = 0; i < 3; i++)
		snprintf(text[i], sizeof(text[i]), "%" PRIu64, bed.position - back[i]);
	bed_is(&bed, text[2], "HGET effort:{0751}:d:2026-11-19 _w:w1");
	bed_is(&bed, text[1], "HGET effort:{0751}:share:day:2026-11-20 _w:w1");
	bed_is(&bed, text[0], "HGET effort:{0751}:tasks:day:2026-11-21 _w:w1");
	bed_is(&bed, text[0], "HGET effort:{0751}:share:week:2026-W47 _w:w1");
	bed_is(&bed, text[0], "HGET effort:{dk}:y:2026 _w:w1");
	bed_is(&bed, text[0], "HGET effort:{0751}:by:unit:2026-11 _w:w1");
	bed_is(&bed, text[0], "HGET effort:{0751}:share:day _w:w1");
	ck_assert_uint_eq(positions_get(bed.positions, (struct place_key){ 1, WINDOW_DAY, day - 2 }),
			  bed.position - 3);
	ck_assert_uint_eq(positions_get(bed.positions, (struct place_key){ CELL_COUNTRY, WINDOW_DAY, day - 1 }),
			  bed.position - 1);
	ck_assert_uint_eq(positions_get(bed.positions,
					(struct place_key){ 1, PLACE_NAMES + BY_UNIT, day_of_date(2026, 11, 1) }),
			  bed.position);
	ck_assert_uint_eq(positions_len(bed.positions), 4 * (3 + 5) + 2 * 2);
}
END_TEST

static void lower(void *ctx, struct place_key key, uint64_t position)
{
	(void)ctx;
	(void)!positions_set(bed.positions, key, position - 3);
}

/* After a start journal marks stand in for positions that only Redis knows: lower ones are learned. */
START_TEST(test_learns_positions)
{
	for (int round = 0; round < 3; round++) {
		size_t cursor = 0;

		count_some(&bed, 2, 3);
		bed_send_and_wait(&bed, bed_noon(day));
		store_set_probe_interval(bed.store, round == 1 ? PROBE_MS : 3600000);
		positions_walk(bed.positions, &cursor, SIZE_MAX, lower, NULL);
		if (round == 1)
			heal(); /* by probes; else by the next batch's calls */
	}
	count_some(&bed, 2, 3);
	bed_send_and_wait(&bed, bed_noon(day));
	store_set_probe_interval(bed.store, PROBE_MS);
	heal();
	check_all();
	/* A day in the middle of a batch cannot be told from a batch cut off there: it is written anew. */
	ck_assert_int_le(bed.gaps, 3 * 4 * 2);
	ck_assert_int_eq(bed.foreign, 0);
}
END_TEST

/* Somebody else counts under our name: found by probes; by a call of a batch of which other calls were applied; by
 * all calls of a batch. A batch is in Redis whole or not at all when it is told; then nothing is sent until there
 * is another name, and nothing is counted twice. */
START_TEST(test_foreign)
{
	static const char *const codes[] = { "0751", "0101", "0851", "dk" };
	bool is_probed = _i == 0, is_whole;
	size_t half;
	char before[32];

	store_set_probe_interval(bed.store, is_probed ? PROBE_MS : 3600000);
	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	half = bed.contacts_len;
	for (int i = 0; i < (_i == 2 ? 4 : 1); i++)
		bed_do(&bed, "HSET effort:{%s}:share:month:2026-11 _w:w1 77", codes[i]);
	if (!is_probed) {
		count_some(&bed, 4, 2);
		bed_send(&bed, bed_noon(day));
	}
	bed_until(&bed, bed.foreign > 0);
	ck_assert_uint_eq(bed.found, 77);
	ck_assert_int_eq(bed.gaps, 0);
	is_whole = !store_is_busy(bed.store);
	ck_assert(is_whole == (_i != 2));
	snprintf(before, sizeof(before), "%s", bed_text(&bed, "HGET effort:{0751}:y:2026 _n"));
	bed_run(&bed, 400);
	ck_assert_int_eq(bed.foreign, 1);
	bed_is(&bed, before, "HGET effort:{0751}:y:2026 _n");
	if (!is_whole) {
		/* The new writer begins with what the old one had not brought there. */
		for (size_t i = half; i < bed.contacts_len; i++) {
			const struct bed_contact *contact = &bed.contacts[i];

			ck_assert(store_is_pending(bed.store, contact->cell.municipality, contact->cell.day));
			ck_assert_int_eq(tally_add(&bed.tally, cell_pack(&contact->cell), contact->count, 0), 0);
		}
		ck_assert(store_is_pending(bed.store, CELL_COUNTRY, day));
		names_thaw(bed.names);
	}
	positions_clear(bed.positions);
	bed_begin_run(&bed);
	store_rename(bed.store, "w1b");
	ck_assert(!store_is_busy(bed.store));
	bed_run(&bed, 50);
	count_some(&bed, 4, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_run(&bed, is_probed ? 3 * PROBE_MS : 50);
	bed_check(&bed, day);
	ck_assert_int_eq(bed.foreign, 1);
	ck_assert_int_eq(bed.gaps, 0);
}
END_TEST

/* Totals nobody asked for replace what is there: a hash somebody has written to by hand. */
START_TEST(test_rebuilt_on_request)
{
	struct place_key key = { 1, WINDOW_MONTH, day_of_date(2026, 11, 1) };

	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_do(&bed, "HINCRBY effort:{0751}:share:month:2026-11 all.n 100");
	bed_do(&bed, "HINCRBY effort:{0751}:m:2026-11 _n 100");
	bed_run(&bed, 3 * PROBE_MS);
	bed_is(&bed, "1", "EXISTS effort:{0751}:m:2026-11");
	bed_repair(&bed, key);
	bed_until(&bed, bed.repaired == 1);
	bed.repaired = 0;
	check_all();
	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	heal();
	check_all();
	ck_assert_int_eq(bed.gaps, 0);
}
END_TEST

/* Totals of a frozen batch that has not come to the store yet, and totals that are too old. */
START_TEST(test_repair_ahead_and_behind)
{
	struct place_key key = { 1, WINDOW_DAY, day };

	store_set_probe_interval(bed.store, 3600000);
	bed.is_lazy = true;
	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_do(&bed, "DEL effort:{0751}:d:2026-11-21");
	store_audit(bed.store);
	bed_until(&bed, bed.gaps == 1);
	count_some(&bed, 4, 2);
	bed_freeze(&bed, bed_noon(day));
	bed_repair(&bed, key);
	bed_until(&bed, bed.repaired == 1);
	bed_submit(&bed);
	bed_until(&bed, bed.settled == 2);
	check_all();
	/* Behind: a batch has been built upon it. */
	bed_do(&bed, "DEL effort:{0751}:d:2026-11-21");
	store_audit(bed.store);
	bed_until(&bed, bed.gaps == 2);
	count_some(&bed, 5, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	ck_assert_int_eq(store_repair(bed.store, key, bed.position - BED_ROOM, &(struct spread_group){ 0 }), -EAGAIN);
	bed_repair(&bed, key);
	bed_until(&bed, bed.repaired == 2);
	check_all();
}
END_TEST

/* A repair that could not be sent goes before the next batch, which is built upon it. */
START_TEST(test_repair_before_the_next_batch)
{
	struct place_key key = { 1, WINDOW_YEAR, day_of_date(2026, 1, 1) };
	int ready = bed.ready;

	store_set_probe_interval(bed.store, 3600000);
	bed.is_lazy = true;
	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_do(&bed, "DEL effort:{0751}:share:year:2026");
	store_audit(bed.store);
	bed_until(&bed, bed.gaps == 1);
	bed_do(&bed, "CLIENT KILL TYPE normal SKIPME yes");
	bed_until(&bed, bed.lost == 1);
	bed_repair(&bed, key);
	count_some(&bed, 4, 2);
	bed_send(&bed, bed_noon(day));
	bed_until(&bed, bed.settled == 2 && bed.ready > ready);
	check_all();
	store_audit(bed.store);
	bed_run(&bed, 200);
	ck_assert_int_eq(bed.gaps, 1);
	ck_assert_int_eq(bed.repaired, 1);
}
END_TEST

/* The day's and the week's hashes go for good; months and years stay and count on. */
START_TEST(test_forget)
{
	int32_t week = period_of(WINDOW_WEEK, day).first;

	count_some(&bed, 3, 1);
	bed_count(&bed, 0, day - 9, "school", "enrolment", true, by_self, 5);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_drain(&bed, bed_noon(day));
	store_set_kept(bed.store, day - 5, week);
	ck_assert_int_eq(store_forget(bed.store, (struct place_key){ 0, WINDOW_DAY, day - 9 }), 0);
	/* What is not asked for is found by the audit. */
	store_audit(bed.store);
	bed_run(&bed, 3 * PROBE_MS);
	bed_is(&bed, "0", "EXISTS effort:{0101}:d:2026-11-12 effort:{0101}:share:day:2026-11-12 "
			  "effort:{0101}:tasks:day:2026-11-12 effort:{0101}:share:week:2026-W46 "
			  "effort:{dk}:d:2026-11-12 effort:{dk}:tasks:week:2026-W46");
	ck_assert_uint_eq(positions_get(bed.positions, (struct place_key){ 0, WINDOW_DAY, day - 9 }), 0);
	ck_assert_uint_eq(positions_get(bed.positions, (struct place_key){ CELL_COUNTRY, WINDOW_WEEK, week - 7 }), 0);
	/* A late contact of such a day counts in what is kept. */
	bed_count(&bed, 0, day - 9, "school", "enrolment", true, by_self, 7);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_is(&bed, "0", "EXISTS effort:{0101}:d:2026-11-12 effort:{0101}:share:week:2026-W46");
	bed_is(&bed, "19", "HGET effort:{0101}:m:2026-11 _n"); /* 5 + 7 + 3 + 3 + 1 */
	heal();
	ck_assert_int_eq(bed.gaps, 0);
}
END_TEST

/* A key of a wrong type where a lost one was: told, and repaired when it is gone. */
START_TEST(test_lost_to_another_type)
{
	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_do(&bed, "DEL effort:{0751}:tasks:month:2026-11");
	bed_do(&bed, "SET effort:{0751}:tasks:month:2026-11 x");
	bed_until(&bed, bed.trouble > 0);
	ck_assert_msg(strstr(bed.error, "effort:{0751}:tasks:month:2026-11 is a string"), "%s", bed.error);
	bed_do(&bed, "DEL effort:{0751}:tasks:month:2026-11");
	bed.error[0] = '\0';
	heal();
	check_all();
}
END_TEST

START_TEST(test_advice)
{
	bed_until(&bed, strstr(bed.advice, "appendonly"));
	ck_assert_ptr_null(strstr(bed.advice, "maxmemory"));
	bed_do(&bed, "CONFIG SET maxmemory 100mb");
	bed_do(&bed, "CONFIG SET maxmemory-policy allkeys-random");
	bed_until(&bed, strstr(bed.advice, "maxmemory-policy allkeys-random"));
	count_some(&bed, 1, 1);
	bed_do(&bed, "CONFIG SET hash-max-listpack-value 1000");
	bed_do(&bed, "CONFIG SET hash-max-listpack-entries 5000");
	bed_send_and_wait(&bed, bed_noon(day));
	bed_until(&bed, strstr(bed.advice, "hash-max-listpack-value"));
	/* Once each. */
	bed_run(&bed, 5 * PROBE_MS);
	ck_assert_ptr_null(strstr(strstr(bed.advice, "appendonly") + 1, "appendonly"));
}
END_TEST

/* Gaps that the owner does not answer are told again; closed ones are asked for by and by. */
START_TEST(test_many_gaps)
{
	for (int i = 1; i <= 150; i++)
		for (int m = 0; m < 3; m++)
			bed_count(&bed, m, day - i, "school", "enrolment", true, by_self, i);
	bed_send_and_wait(&bed, bed_noon(day));
	bed.is_lazy = true;
	bed_do(&bed, "FLUSHALL");
	bed_run(&bed, 6 * PROBE_MS);
	ck_assert_int_ge(bed.gaps, 250);
	ck_assert_int_le(bed.gaps, 300);
	store_set_probe_interval(bed.store, PROBE_MS);
	bed.is_lazy = false;
	bed_run(&bed, 11000);
	bed.repaired = bed.gaps = 0;
	heal();
	bed_drain(&bed, bed_noon(day));
	bed_check(&bed, day);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_deleted_key,
		test_found_by_a_call,
		test_repair_between_batches,
		test_flushall,
		test_series_deleted,
		test_rollback,
		test_killed_without_persistence,
		test_eviction,
		test_two_writers,
		test_two_writers_under_load,
		test_rebuilding,
		test_resent_by_another_process,
		test_cut_at_every_call,
		test_positions,
		test_learns_positions,
		test_rebuilt_on_request,
		test_repair_ahead_and_behind,
		test_repair_before_the_next_batch,
		test_forget,
		test_lost_to_another_type,
		test_advice,
		test_many_gaps,
	};
	TCase *tcase = suite_case("store/repair", setup, teardown);

	SUITE_ADD(tcase, tests);
	tcase_add_loop_test(tcase, test_foreign, 0, 3);
	return suite_run("store/repair", tcase);
}
