/* SPDX-License-Identifier: MPL-2.0 */
/* What happens in Redis because time passes: as_of, the roll at local midnight, hist, series, rankings, signs
 * of life. Time is given, not waited for. */
#include "store_bed.h"

static struct bed bed;
static const struct cell by_self = { .channel = EFFORT_SELFSERVICE };
static const struct cell by_phone = { .channel = EFFORT_PHONE };

static void setup(void)
{
	bed_open(&bed);
}

static void teardown(void)
{
	bed_close(&bed);
}

static const char *number(int64_t value)
{
	static char buf[4][32];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(buf[turn], sizeof(buf[turn]), "%" PRId64, value);
	return buf[turn];
}

/* The value of a field in the entry with this id; NULL: no such entry or field. */
static const char *entry_field(const char *stream, int64_t id_ms, const char *field)
{
	static char value[64];
	redisReply *reply = bed_ask(&bed, "XRANGE %s %lld %lld", stream, (long long)id_ms, (long long)id_ms);
	const char *found = NULL;

	if (reply->elements == 1) {
		const redisReply *fields = reply->element[0]->element[1];

		for (size_t i = 0; i + 1 < fields->elements; i += 2)
			if (strcmp(fields->element[i]->str, field) == 0) {
				snprintf(value, sizeof(value), "%s", fields->element[i + 1]->str);
				found = value;
			}
	}
	freeReplyObject(reply);
	return found;
}

static void check_entry(const char *stream, int32_t day, const char *field, const char *expected)
{
	const char *value = entry_field(stream, zone_midnight_ms(&bed_zone, day), field);

	ck_assert_msg(value && strcmp(value, expected) == 0, "%s %s: %s, expected %s", stream, field,
		      value ? value : "(none)", expected);
}

START_TEST(test_as_of)
{
	int32_t day = day_of_date(2026, 11, 21);
	int64_t now = bed_noon(day);

	bed_count(&bed, 1, day, "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, now);
	bed_drain(&bed, now + 7000);
	bed_is(&bed, number(now + 7000), "HGET effort:{0751}:share:day as_of");
	bed_is(&bed, number(now + 7000), "HGET effort:{0751}:tasks:year as_of");
	bed_is(&bed, number(now + 7000), "HGET effort:{dk}:share:day as_of");
	bed_is(&bed, number(now), "HGET effort:{0751}:share:day:2026-11-21 as_of");
	/* Within 5 s nothing moves. */
	bed_drain(&bed, now + 10000);
	bed_is(&bed, number(now + 7000), "HGET effort:{0751}:share:day as_of");
	bed_check(&bed, day);
	bed_is(&bed, "0", "EVAL return(#redis.call('KEYS','effort:{0101}*')) 0");
}
END_TEST

START_TEST(test_silent_source_shows_without_events)
{
	int32_t day = day_of_date(2026, 11, 21);

	bed_count(&bed, 1, day, "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, bed_noon(day));
	store_set_missing(bed.store, "phone-a");
	bed_drain(&bed, bed_noon(day) + 6000);
	bed_is(&bed, "1", "HGET effort:{0751}:share:day incomplete");
	bed_is(&bed, "phone-a", "HGET effort:{0751}:share:month missing");
	store_set_missing(bed.store, "");
	bed_drain(&bed, bed_noon(day) + 12000);
	bed_is(&bed, "0", "HGET effort:{0751}:share:day incomplete");
	bed_is(&bed, "(nil)", "HGET effort:{0751}:share:month missing");
}
END_TEST

/* A silence without an event is in what closes, and what runs on under its label forgets it with the source's return. */
START_TEST(test_silence_stays_in_what_closed)
{
	int32_t day = day_of_date(2026, 11, 22); /* a Sunday */
	int64_t midnight = zone_midnight_ms(&bed_zone, day + 1);

	bed_count(&bed, 1, day, "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, midnight - 30000);
	store_set_missing(bed.store, "phone-a");
	bed_drain(&bed, midnight - 10000);
	bed_is(&bed, "phone-a", "HGET effort:{0751}:share:month:2026-11 missing");
	bed_drain(&bed, midnight + 1000);
	store_set_missing(bed.store, "");
	bed_drain(&bed, midnight + 10000);
	bed_is(&bed, "1", "HGET effort:{0751}:share:day:2026-11-22 incomplete");
	bed_is(&bed, "phone-a", "HGET effort:{0751}:share:week:2026-W47 missing");
	bed_is(&bed, "phone-a", "HGET effort:{dk}:tasks:day:2026-11-22 missing");
	bed_is(&bed, "0", "HGET effort:{0751}:share:month:2026-11 incomplete");
	bed_is(&bed, "(nil)", "HGET effort:{0751}:tasks:month:2026-11 missing");
	bed_is(&bed, "0", "HGET effort:{0751}:share:day incomplete");
	bed_is(&bed, "0", "EXISTS effort:{0751}:share:day:2026-11-23");
}
END_TEST

/* The last second of the year and the first of the next: everything rolls but the ISO week. */
START_TEST(test_year_end)
{
	int32_t day = day_of_date(2026, 12, 31);
	int64_t midnight = zone_midnight_ms(&bed_zone, day + 1);

	ck_assert_int_eq(midnight, INT64_C(1798758000000)); /* 2026-12-31T23:00:00Z */
	bed_count(&bed, 1, day, "school", "enrolment", true, by_self, 3);
	bed_count(&bed, 1, day, "school", "enrolment", true, by_phone, 1);
	bed_send_and_wait(&bed, midnight - 2000);
	bed_drain(&bed, midnight - 1);
	bed_check(&bed, day);
	bed_is(&bed, "75", "ZSCORE effort:{dk}:rank:day:school 0751");
	bed_drain(&bed, midnight);
	ck_assert_msg(bed.trouble == 0, "%s", bed.error);
	bed_is(&bed, "2027-01-01", "HGET effort:{0751}:share:day period");
	bed_is(&bed, "2027-01", "HGET effort:{0751}:share:month period");
	bed_is(&bed, "2027-Q1", "HGET effort:{dk}:share:quarter period");
	bed_is(&bed, "2027-spring", "HGET effort:{0751}:tasks:season period");
	bed_is(&bed, "2027", "HGET effort:{0751}:share:year period");
	bed_is(&bed, "2026-W53", "HGET effort:{0751}:share:week period");
	bed_is(&bed, "(nil)", "HGET effort:{0751}:share:day all.n");
	bed_is(&bed, "4", "HGET effort:{0751}:share:week all.n");
	bed_is(&bed, number(midnight), "HGET effort:{0751}:share:year from");
	bed_is(&bed, number(midnight), "HGET effort:{0751}:share:day as_of");
	bed_is(&bed, "1", "HGET effort:{0751}:share:day schema");
	bed_is(&bed, "0", "EXISTS effort:{0751}:rank:day");
	bed_is(&bed, "1", "EXISTS effort:{0751}:rank:week");
	bed_is(&bed, "0", "EXISTS effort:{dk}:rank:day:school");
	bed_is(&bed, "75", "ZSCORE effort:{dk}:rank:week:school 0751");
	bed_is(&bed, "4", "HGET effort:{0751}:share:day:2026-12-31 all.n");
	/* What closed stands in the series, without a further event. */
	check_entry("effort:{0751}:series:day", day, "all.share", "75.00");
	check_entry("effort:{0751}:series:month", day_of_date(2026, 12, 1), "school.n", "4");
	check_entry("effort:{dk}:series:season", day_of_date(2026, 7, 1), "all.n", "4");
	bed_is(&bed, "0", "EXISTS effort:{0751}:series:week");
	/* The new year counts on. */
	bed_count(&bed, 1, day + 1, "school", "enrolment", true, by_phone, 2);
	bed_send_and_wait(&bed, midnight + 60000);
	bed_check(&bed, day + 1);
	bed_drain(&bed, midnight + 70000);
	bed_is(&bed, "0", "ZSCORE effort:{dk}:rank:day:all 0751");
}
END_TEST

static void roll_over(int year, int month, int date, int64_t hours)
{
	int32_t day = day_of_date(year, month, date);
	int64_t midnight = zone_midnight_ms(&bed_zone, day + 1);

	ck_assert_int_eq(midnight - zone_midnight_ms(&bed_zone, day), hours * 3600000);
	bed_count(&bed, 0, day, "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, midnight - 3600000);
	bed_drain(&bed, midnight - 1);
	bed_is(&bed, "1", "HGET effort:{0101}:share:day all.n");
	bed_drain(&bed, midnight);
	bed_is(&bed, "(nil)", "HGET effort:{0101}:share:day all.n");
	bed_is(&bed, number(midnight), "HGET effort:{0101}:share:day from");
}

START_TEST(test_summer_time)
{
	roll_over(2026, 3, 29, 23);
	roll_over(2026, 10, 25, 25);
}
END_TEST

/* Events of the next day that came before midnight are what the roll shows. */
START_TEST(test_roll_to_data)
{
	int32_t day = day_of_date(2026, 11, 21);
	int64_t midnight = zone_midnight_ms(&bed_zone, day + 1);

	bed_count(&bed, 0, day, "school", "enrolment", true, by_self, 1);
	bed_count(&bed, 0, day + 1, "school", "enrolment", true, by_self, 2);
	bed_count(&bed, 0, day + 1, "eldercare", "-", true, by_phone, 2);
	bed_send_and_wait(&bed, midnight - 1000);
	bed_check(&bed, day);
	bed_drain(&bed, midnight);
	bed_check(&bed, day + 1);
	bed_is(&bed, "100", "ZSCORE effort:{0101}:rank:day school");
	bed_is(&bed, "0", "ZSCORE effort:{0101}:rank:day eldercare");
	bed_is(&bed, "50", "ZSCORE effort:{dk}:rank:day:all 0101");
	bed_is(&bed, "50", "ZSCORE effort:{dk}:rank:day:group:waves 0101");
}
END_TEST

/* A late event just after midnight, before any tick: the running day stays the new one. */
START_TEST(test_late_event_after_roll)
{
	int32_t day = day_of_date(2026, 11, 21);
	int64_t midnight = zone_midnight_ms(&bed_zone, day + 1);

	bed_count(&bed, 0, day, "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, midnight - 1000);
	bed_count(&bed, 0, day + 1, "school", "enrolment", true, by_self, 5);
	bed_send_and_wait(&bed, midnight + 10);
	bed_count(&bed, 0, day, "school", "enrolment", true, by_phone, 1);
	bed_send_and_wait(&bed, midnight + 20);
	bed_check(&bed, day + 1);
	bed_is(&bed, number(midnight + 20), "HGET effort:{0101}:share:day:2026-11-21 restated_at");
}
END_TEST

/* A restarted effortd knows nothing of who has data; the roll happens all the same, and nobody else gets
 * keys. */
START_TEST(test_roll_after_restart)
{
	int32_t day = day_of_date(2026, 11, 21);
	int ready = bed.ready;

	bed_count(&bed, 0, day, "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_drain(&bed, bed_noon(day));
	store_close(bed.store);
	bed_open_store(&bed, bed.url);
	bed_until(&bed, bed.ready > ready);
	bed_drain(&bed, bed_noon(day + 3));
	bed_is(&bed, "2026-11-24", "HGET effort:{0101}:share:day period");
	bed_is(&bed, "1", "HGET effort:{0101}:share:month all.n");
	check_entry("effort:{0101}:series:day", day, "all.n", "1");
	bed_is(&bed, "0", "EVAL return(#redis.call('KEYS','effort:{0751}*')) 0");
	/* A new process' positions go on above the old ones. */
	bed_count(&bed, 0, day + 3, "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, bed_noon(day + 3));
	bed_check(&bed, day + 3);
}
END_TEST

START_TEST(test_hist)
{
	int32_t day = day_of_date(2026, 11, 21);
	int64_t now = bed_noon(day), minute = now / 60000 * 60000;

	bed_count(&bed, 1, day, "school", "enrolment", true, by_self, 3);
	bed_count(&bed, 1, day, "eldercare", "-", true, by_phone, 1);
	bed_send_and_wait(&bed, now);
	for (int i = 0; i < 5; i++)
		bed_drain(&bed, now + i * 20000);
	bed_is(&bed, "2", "XLEN effort:{0751}:hist");
	ck_assert_str_eq(entry_field("effort:{0751}:hist", minute, "all.share"), "75.00");
	ck_assert_str_eq(entry_field("effort:{0751}:hist", minute + 60000, "all.contacts"), "4");
	ck_assert_str_eq(entry_field("effort:{0751}:hist", minute, "school.share"), "100.00");
	ck_assert_str_eq(entry_field("effort:{0751}:hist", minute, "eldercare.contacts"), "1");
	/* A clock set back makes no second entry and no error. */
	bed_drain(&bed, now - 600000);
	bed_is(&bed, "2", "XLEN effort:{0751}:hist");
	ck_assert_int_eq(bed.trouble, 0);
}
END_TEST

/* Closed periods loaded in any order, then one of them restated: the stream stays in order, one entry each.
 */
START_TEST(test_series)
{
	int32_t today = day_of_date(2026, 11, 21);

	for (int i = 1; i <= 20; i++)
		bed_count(&bed, 0, today - i * 7 % 20 - 1, "school", "enrolment", true, by_self, i);
	bed_send_and_wait(&bed, bed_noon(today));
	bed_drain(&bed, bed_noon(today));
	bed_is(&bed, "20", "XLEN effort:{0101}:series:day");
	check_entry("effort:{0101}:series:day", today - 1, "school.share", "100.00");
	bed_count(&bed, 0, today - 5, "school", "enrolment", true, by_phone, 1000);
	bed_send_and_wait(&bed, bed_noon(today) + 1000);
	bed_run(&bed, 1100);
	bed_drain(&bed, bed_noon(today) + 2000);
	bed_is(&bed, "20", "XLEN effort:{0101}:series:day");
	check_entry("effort:{0101}:series:day", today - 5, "all.n",
		    bed_text(&bed, "HGET effort:{0101}:share:day:2026-11-16 all.n"));
	bed_is(&bed, "3", "XLEN effort:{0101}:series:week");
	bed_is(&bed, "0", "EXISTS effort:{0101}:series:month");
	bed_is(&bed, "0", "EXISTS effort:{0101}:series:year");
}
END_TEST

START_TEST(test_country_ranking)
{
	int32_t day = day_of_date(2026, 11, 21);

	for (int m = 0; m < 3; m++) {
		bed_count(&bed, m, day, "school", "enrolment", true, by_self, m + 1);
		bed_count(&bed, m, day, "school", "enrolment", true, by_phone, 1);
	}
	bed_send_and_wait(&bed, bed_noon(day));
	bed_run(&bed, 300);
	bed_is(&bed, "3", "ZCARD effort:{dk}:rank:day:all");
	bed_is(&bed, "0851",
	       "EVAL return(redis.call('ZREVRANGE',KEYS[1],0,0)[1]) 1 effort:{dk}:rank:year:school");
	bed_is(&bed, "50", "ZSCORE effort:{dk}:rank:week:group:waves 0101");
	ck_assert_double_eq_tol(atof(bed_text(&bed, "ZSCORE effort:{dk}:rank:day school")), 66.67, 1e-9);
	/* Lost rankings come back when a new connection tells all shares. */
	bed_do(&bed, "DEL effort:{dk}:rank:day:all effort:{dk}:rank:week:all");
	bed_do(&bed, "CLIENT KILL TYPE normal SKIPME yes");
	bed_until(&bed, bed.ready == 2);
	bed_drain(&bed, bed_noon(day) + 1000);
	bed_is(&bed, "3", "ZCARD effort:{dk}:rank:day:all");
	bed_is(&bed, "50", "ZSCORE effort:{dk}:rank:week:all 0101");
}
END_TEST

START_TEST(test_alive)
{
	int64_t now = bed_noon(day_of_date(2026, 11, 21));
	long long ttl;

	bed_drain(&bed, now);
	bed_is(&bed, number(now), "GET effort:alive");
	ttl = atoll(bed_text(&bed, "PTTL effort:alive"));
	ck_assert_int_gt(ttl, 12000);
	ck_assert_int_le(ttl, 15000);
	ck_assert_int_gt(atoll(bed_text(&bed, "PTTL effort:writer:w1")), 12000);
	bed_is(&bed, "running", "HGET effort:writer:w1 state");
	bed_is(&bed, "0.1.0", "HGET effort:writer:w1 version");
	bed_is(&bed, "0", "HGET effort:writer:w1 lag_s");
	store_tick(bed.store, now + 4000, 0, "running");
	bed_run(&bed, 50);
	bed_is(&bed, number(now), "GET effort:alive");
	store_tick(bed.store, now + 5000, 0, "draining");
	bed_run(&bed, 50);
	bed_is(&bed, number(now + 5000), "GET effort:alive");
	bed_is(&bed, "draining", "HGET effort:writer:w1 state");
}
END_TEST

START_TEST(test_changed)
{
	redisContext *ear = redisConnectUnix(bed.socket);
	int32_t day = day_of_date(2026, 11, 21);
	int heard = 0, country = 0;
	redisReply *reply;
	struct timeval wait = { 0, 300000 };

	reply = redisCommand(ear, "SUBSCRIBE effort:changed");
	freeReplyObject(reply);
	/* Ten batches in less than a second: a first word at once, and the last change is never left unsaid.
	 */
	for (int i = 0; i < 10; i++) {
		bed_count(&bed, 1, day, "school", "enrolment", true, by_self, 1);
		bed_send_and_wait(&bed, bed_noon(day));
		bed_run(&bed, 30);
	}
	bed_run(&bed, 800);
	redisSetTimeout(ear, wait);
	while (redisGetReply(ear, (void **)&reply) == REDIS_OK) {
		heard += strcmp(reply->element[2]->str, "0751") == 0;
		country += strcmp(reply->element[2]->str, "dk") == 0;
		freeReplyObject(reply);
	}
	redisFree(ear);
	ck_assert_int_ge(heard, 2);
	ck_assert_int_le(heard, 4);
	ck_assert_int_eq(country, heard);
}
END_TEST

START_TEST(test_lag_while_away)
{
	int32_t day = day_of_date(2026, 11, 21);
	int64_t now = bed_noon(day);

	bed_count(&bed, 0, day, "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, now);
	bed_do(&bed, "CONFIG SET min-replicas-to-write 1");
	bed_count(&bed, 0, day, "school", "enrolment", true, by_self, 1);
	bed_send(&bed, now);
	bed_until(&bed, bed.trouble > 0);
	store_tick(bed.store, now + 60000, 0, "running");
	bed_do(&bed, "CONFIG SET min-replicas-to-write 0");
	bed_until(&bed, bed.settled == 2);
	bed_check(&bed, day);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_as_of,
		test_silent_source_shows_without_events,
		test_silence_stays_in_what_closed,
		test_year_end,
		test_summer_time,
		test_roll_to_data,
		test_late_event_after_roll,
		test_roll_after_restart,
		test_hist,
		test_series,
		test_country_ranking,
		test_alive,
		test_changed,
		test_lag_while_away,
	};

	return RUN_TESTS_WITHIN("store/moment", tests, setup, teardown);
}
