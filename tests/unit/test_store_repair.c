/* SPDX-License-Identifier: MPL-2.0 */
/* What Redis loses comes back, exactly: deleted keys of every kind, everything at once, older states put
 * back, in the middle of batches. With several writers: test_store_writers.c. */
#include "store_losses.h"

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

/* The same, found by the next call: what was not lost is counted at once, what was lost when it is repaired.
 */
START_TEST(test_found_by_a_call)
{
	store_set_probe_interval(bed.store, 3600000);
	bed.is_lazy = true;
	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_do(&bed,
	       "DEL effort:{0751}:share:month:2026-11 effort:{0751}:y:2026 effort:{dk}:by:source:2026-11");
	count_some(&bed, 4, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	ck_assert_int_eq(bed.gaps, 3);
	bed_is(&bed, "0", "EXISTS effort:{0751}:share:month:2026-11");
	bed_is(&bed, bed_text(&bed, "HGET effort:{0751}:m:2026-11 _w:w1"),
	       "HGET effort:{0751}:tasks:month:2026-11 _w:w1");
	bed_repair(&bed, (struct place_key){ 1, WINDOW_MONTH, day_of_date(2026, 11, 1) });
	bed_repair(&bed, (struct place_key){ 1, WINDOW_YEAR, day_of_date(2026, 1, 1) });
	bed_repair(&bed,
		   (struct place_key){ CELL_COUNTRY, PLACE_NAMES + BY_SOURCE, day_of_date(2026, 11, 1) });
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
				       : "DEL effort:{dk}:d:2026-11-21 effort:{dk}:d:2026-11-20 "
					 "effort:{0751}:m:2026-11");
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

/* Series are written little by little, the slower Redis is the later. */
static void wait_for_series(long long days)
{
	for (int i = 0; i < 600 && atoll(bed_text(&bed, "XLEN effort:{0751}:series:day")) < days; i++) {
		tick();
		bed_run(&bed, PROBE_MS);
	}
	ck_assert_int_eq(atoll(bed_text(&bed, "XLEN effort:{0751}:series:day")), days);
}

START_TEST(test_flushall)
{
	const long long days = 15; /* of 0751: thirteen of every fifth day, and the two before the last */

	for (int i = 1; i < 40; i++)
		bed_count(&bed, i % 3, day - i * 5, "school", "enrolment", true, by_self, i);
	count_some(&bed, 3, 3);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_drain(&bed, bed_noon(day));
	bed_run(&bed, 1100);
	bed_drain(&bed, bed_noon(day) + 6000);
	wait_for_series(days);
	for (int round = 0; round < 2; round++) {
		bed_do(&bed, "FLUSHALL");
		if (round == 1) {
			count_some(&bed, 2, 3);
			bed_send(&bed, bed_noon(day) + 7000);
		}
		heal();
		wait_for_series(days);
		check_all();
		bed_is(&bed, "Aarhus", "HGET effort:index:municipalities 0751.da");
		bed_is(&bed, "1", "EXISTS effort:alive");
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

/* Running copies alone are older than what they are copies of: probes see it, without a tick or a call. */
START_TEST(test_old_running_copies)
{
	static const char *const copies[] = { "effort:{0751}:share:month", "effort:{dk}:tasks:year" };
	redisReply *old[SUITE_LENGTH(copies)];

	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	for (size_t i = 0; i < SUITE_LENGTH(copies); i++)
		old[i] = bed_ask(&bed, "DUMP %s", copies[i]);
	count_some(&bed, 4, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	for (size_t i = 0; i < SUITE_LENGTH(copies); i++) {
		bed_do(&bed, "RESTORE %s 0 %b REPLACE", copies[i], old[i]->str, old[i]->len);
		freeReplyObject(old[i]);
	}
	bed_run(&bed, 4 * PROBE_MS);
	bed_check(&bed, day);
	ck_assert_int_eq(bed.gaps, 0);
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
	check_all();
	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	heal();
	check_all();
	ck_assert_int_eq(bed.gaps, 0);
	/* Who was silent when a period ended is nowhere but in its hashes: kept. */
	bed_do(&bed, "HSET effort:{0751}:share:day:2026-11-20 incomplete 1 missing phone-a");
	bed_repair(&bed, (struct place_key){ 1, WINDOW_DAY, day - 1 });
	bed_until(&bed, bed.repaired == 2);
	bed_is(&bed, "phone-a", "HGET effort:{0751}:share:day:2026-11-20 missing");
	bed_is(&bed, "1", "HGET effort:{0751}:share:day:2026-11-20 incomplete");
	bed_is(&bed, "0", "HGET effort:{0751}:tasks:day:2026-11-20 incomplete");
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
	ck_assert_int_eq(store_repair(bed.store, key, bed.position - BED_ROOM, &(struct spread_group){ 0 },
				      true),
			 -EAGAIN);
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
	const struct place_key old[] = {
		{ 0, WINDOW_DAY, day - 9 }, { CELL_COUNTRY, WINDOW_DAY, day - 9 },
		{ 0, WINDOW_WEEK, week - 7 }, { CELL_COUNTRY, WINDOW_WEEK, week - 7 },
	};

	count_some(&bed, 3, 1);
	bed_count(&bed, 0, day - 9, "school", "enrolment", true, by_self, 5);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_drain(&bed, bed_noon(day));
	store_set_kept(bed.store, day - 5, week);
	for (size_t i = 0; i < sizeof(old) / sizeof(*old); i++)
		ck_assert_int_eq(store_forget(bed.store, old[i]), 0);
	store_audit(bed.store);
	bed_run(&bed, 3 * PROBE_MS);
	bed_is(&bed, "0",
	       "EXISTS effort:{0101}:d:2026-11-12 effort:{0101}:share:day:2026-11-12 "
	       "effort:{0101}:tasks:day:2026-11-12 effort:{0101}:share:week:2026-W46 "
	       "effort:{dk}:d:2026-11-12 effort:{dk}:tasks:week:2026-W46");
	for (size_t i = 0; i < sizeof(old) / sizeof(*old); i++)
		ck_assert_uint_eq(positions_get(bed.positions, old[i]), 0);
	ck_assert_int_eq(bed.gaps, 0);
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
	bed_until(&bed, bed.gaps >= 256);
	bed_run(&bed, 3 * PROBE_MS);
	ck_assert_int_le(bed.gaps, 300);
	ck_assert_uint_gt(status(&bed).losses, 300);
	bed.is_lazy = false;
	bed_until(&bed, bed.repaired > 0); /* told again after ten seconds */
	heal();
	bed_drain(&bed, bed_noon(day));
	bed_check(&bed, day);
}
END_TEST

static void go_back(const char *key)
{
	bed_do(&bed, "HSET effort:%s _w:w1 %" PRIu64, key, bed.position - BED_ROOM);
}

/* Totals that are known to lack something never take the place of what is there: it stands, is counted upon and says
 * rebuilding; what is gone comes back as far as they go. Whole ones make it right. */
START_TEST(test_totals_that_are_not_whole)
{
	static const char *const back[] = { "{0751}:share:month:2026-11", "{dk}:tasks:year:2026", "{0751}:m:2026-11",
					    "{0751}:by:unit:2026-11" };

	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	bed.has_lost = true;
	bed_do(&bed, "HSET effort:{0751}:share:month:2026-11 all.contacts 500");
	bed_do(&bed, "HSET effort:{0751}:m:2026-11 n:school/enrolment/selfservice/transaction 600");
	bed_do(&bed, "HSET effort:{0751}:by:unit:2026-11 other.n 700");
	for (size_t i = 0; i < SUITE_LENGTH(back); i++)
		go_back(back[i]);
	bed_do(&bed, "DEL effort:{dk}:share:week:2026-W47 effort:{dk}:y:2026");
	heal();
	bed_is(&bed, "500", "HGET effort:{0751}:share:month:2026-11 all.contacts");
	bed_is(&bed, "500", "HGET effort:{0751}:share:month all.contacts");
	bed_is(&bed, "600", "HGET effort:{0751}:m:2026-11 n:school/enrolment/selfservice/transaction");
	bed_is(&bed, "700", "HGET effort:{0751}:by:unit:2026-11 other.n");
	bed_is(&bed, "1", "HGET effort:{0751}:share:month:2026-11 rebuilding");
	bed_is(&bed, "1", "HGET effort:{0751}:share:month rebuilding");
	bed_is(&bed, "1", "HGET effort:{dk}:tasks:year:2026 rebuilding");
	bed_is(&bed, "1", "HGET effort:{dk}:share:week:2026-W47 rebuilding");
	bed_is(&bed, "_w:w1:lost", "HGET effort:{dk}:y:2026 _r");
	bed_is(&bed, "_w:w1:lost", "HGET effort:{0751}:by:unit:2026-11 _r");
	bed_is(&bed, "0", "HGET effort:{dk}:share:day:2026-11-21 rebuilding");
	/* Counted upon, and probes find nothing wrong with it. */
	count_some(&bed, 1, 1);
	bed_send_and_wait(&bed, bed_noon(day));
	heal();
	ck_assert_int_gt(atoi(bed_text(&bed, "HGET effort:{0751}:share:month:2026-11 all.contacts")), 500);
	bed_is(&bed, "1", "HGET effort:{0751}:share:month:2026-11 rebuilding");
	bed.has_lost = false;
	for (size_t i = 0; i < SUITE_LENGTH(back); i++)
		go_back(back[i]);
	go_back("{dk}:share:week:2026-W47");
	go_back("{dk}:y:2026");
	heal();
	check_all();
	bed_is(&bed, "0", "HGET effort:{0751}:share:month:2026-11 rebuilding");
	bed_is(&bed, "0", "HEXISTS effort:{dk}:y:2026 _r");
	bed_is(&bed, "0", "HEXISTS effort:{0751}:by:unit:2026-11 _r");
	ck_assert_int_eq(bed.foreign, 0);
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
		test_old_running_copies,
		test_killed_without_persistence,
		test_eviction,
		test_rebuilt_on_request,
		test_repair_ahead_and_behind,
		test_repair_before_the_next_batch,
		test_forget,
		test_lost_to_another_type,
		test_advice,
		test_many_gaps,
		test_totals_that_are_not_whole,
	};
	return RUN_TESTS_WITHIN("store/repair", tests, setup, teardown);
}
