/* SPDX-License-Identifier: MPL-2.0 */
/* What stands in Redis after a batch, field by field, against an oracle that counts the same contacts by
 * brute force. */
#include "store_bed.h"

static struct bed bed;

static void setup(void)
{
	bed_open(&bed);
}

static void teardown(void)
{
	bed_close(&bed);
}

static const struct cell by_self = { .channel = EFFORT_SELFSERVICE };
static const struct cell by_phone = { .channel = EFFORT_PHONE };

START_TEST(test_one_contact)
{
	int32_t day = day_of_date(2026, 11, 21);

	bed_count(&bed, 1, day, "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_check(&bed, day);
	bed_is(&bed, "1", "HGET effort:{0751}:d:2026-11-21 n:school/enrolment/selfservice/transaction");
	bed_is(&bed, "1", "HGET effort:{0751}:m:2026-11 n:school/enrolment/selfservice/transaction");
	bed_is(&bed, "1", "HGET effort:{0751}:y:2026 n:school/enrolment/selfservice/transaction");
	bed_is(&bed, "1", "HGET effort:{0751}:y:2026 _n");
	bed_is(&bed, "1", "HGET effort:{dk}:d:2026-11-21 n:school/enrolment/selfservice/transaction");
	bed_is(&bed, "0", "EXISTS effort:{0101}:share:day");
	bed_is(&bed, "2026-W47", "HGET effort:{0751}:share:week period");
	bed_is(&bed, "2026-autumn", "HGET effort:{0751}:share:season period");
	bed_is(&bed, "2026-Q4", "HGET effort:{0751}:share:quarter:2026-Q4 period");
	bed_is(&bed, "(nil)", "HGET effort:{0751}:share:day restated_at");
	bed_is(&bed, "(nil)", "HGET effort:{0751}:share:day missing");
	bed_is(&bed, "100", "ZSCORE effort:{0751}:rank:day school");
}
END_TEST

/* The first contact of a new day comes before anything has rolled: yesterday's areas leave the ranking. */
START_TEST(test_new_day_new_ranking)
{
	int32_t day = day_of_date(2026, 11, 21);

	bed_count(&bed, 1, day, "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_count(&bed, 1, day + 1, "eldercare", "-", true, by_phone, 1);
	bed_send_and_wait(&bed, bed_noon(day + 1));
	bed_check(&bed, day + 1);
	bed_is(&bed, "(nil)", "ZSCORE effort:{0751}:rank:day school");
	bed_is(&bed, "0", "ZSCORE effort:{0751}:rank:day eldercare");
	bed_is(&bed, "100", "ZSCORE effort:{0751}:rank:month school");
}
END_TEST

/* A day of everything: all channels, kinds, outcomes, populations, over municipalities, in several batches,
 * each of which must leave every hash right. */
START_TEST(test_everything)
{
	static const char *const areas[] = { "school", "eldercare", "unclassified" };
	int32_t day = day_of_date(2026, 11, 21);
	unsigned seed = 20261121;

	for (int round = 0; round < 6; round++) {
		for (int i = 0; i < 150; i++) {
			struct cell cell = {
				.channel = (uint8_t)(rand_r(&seed) % EFFORT_CHANNELS),
				.kind = (uint8_t)(rand_r(&seed) % 8 < 5 ? 0 : rand_r(&seed) % EFFORT_KINDS),
				.direction = (uint8_t)(rand_r(&seed) % 9 == 0),
				.population = (uint8_t)(rand_r(&seed) % 5 ? 0 : rand_r(&seed) % 4),
				.outcome = (uint8_t)(rand_r(&seed) % 4 ? 0 : rand_r(&seed) % EFFORT_OUTCOMES),
				.is_exempt = rand_r(&seed) % 6 == 0,
				.hours = (uint8_t)(rand_r(&seed) % 3)
			};
			const char *area = areas[rand_r(&seed) % 3];
			char task[16];

			if (rand_r(&seed) % 3 == 0)
				cell.channel = EFFORT_SELFSERVICE;
			if (cell.channel == EFFORT_SELFSERVICE)
				cell.assisted = (uint8_t)(rand_r(&seed) % 3 == 0);
			snprintf(task, sizeof(task), "t%d", rand_r(&seed) % 4);
			bed_count(&bed, rand_r(&seed) % 3, day - rand_r(&seed) % 3 * (round % 3), area, task,
				  task[1] < '2', cell, 1 + rand_r(&seed) % 20);
		}
		bed_send_and_wait(&bed, bed_noon(day) + round * 1000);
		bed_check(&bed, day);
	}
}
END_TEST

/* Share, gap, move and met around the line: 79.99, 80.00, 80.01 percent, and 79.996, which must not be shown
 * as 80. */
START_TEST(test_the_line)
{
	static const struct {
		int64_t self, n;
		const char *share, *gap, *move, *met;
	} cases[] = {
		{ 7999, 10000, "79.99", "-0.01", "1", "0" },
		{ 8000, 10000, "80.00", "0.00", "0", "1" },
		{ 8001, 10000, "80.01", "0.01", "0", "1" },
		{ 79996, 100000, "79.99", "-0.01", "4", "0" },
		{ 0, 3, "0.00", "-80.00", "3", "0" },
		{ 1, 3, "33.33", "-46.67", "2", "0" },
		{ 2, 3, "66.67", "-13.33", "1", "0" },
		{ 3, 3, "100.00", "20.00", "0", "1" },
		{ 1718947, 3674068, "46.79", "-33.21", "1220308", "0" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int32_t day = day_of_date(2026, 1, 1) + (int32_t)i;
		char key[64];
		struct date date = date_of_day(day);

		if (cases[i].self)
			bed_count(&bed, 0, day, "school", "enrolment", true, by_self, cases[i].self);
		if (cases[i].n > cases[i].self)
			bed_count(&bed, 0, day, "school", "enrolment", true, by_phone,
				  cases[i].n - cases[i].self);
		bed_send_and_wait(&bed, bed_noon(day));
		snprintf(key, sizeof(key), "effort:{0101}:share:day:%04d-%02d-%02d", date.year, date.month,
			 date.day);
		bed_is(&bed, cases[i].share, "HGET %s all.share", key);
		bed_is(&bed, cases[i].gap, "HGET %s school.gap_pp", key);
		bed_is(&bed, cases[i].move, "HGET %s all.move", key);
		bed_is(&bed, cases[i].met, "HGET %s group:waves.met", key);
		bed_is(&bed, "80.00", "HGET %s all.target", key);
	}
	bed_check(&bed, day_of_date(2026, 1, 9));
}
END_TEST

START_TEST(test_nothing_in_n)
{
	struct cell question = { .channel = EFFORT_PHONE, .kind = EFFORT_INFORMATION };
	int32_t day = day_of_date(2026, 11, 21);

	bed_count(&bed, 0, day, "eldercare", "-", false, question, 7);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_check(&bed, day);
	bed_is(&bed, "7", "HGET effort:{0101}:share:day all.contacts");
	bed_is(&bed, "0", "HGET effort:{0101}:share:day all.n");
	bed_is(&bed, "(nil)", "HGET effort:{0101}:share:day all.share");
	bed_is(&bed, "(nil)", "HGET effort:{0101}:share:day all.met");
	bed_is(&bed, "0", "EXISTS effort:{0101}:rank:day");
	bed_count(&bed, 0, day, "eldercare", "-", false, by_phone, 1);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_check(&bed, day);
	bed_is(&bed, "0.00", "HGET effort:{0101}:share:day all.share");
}
END_TEST

/* Sums past 2^31 and a share of them, exact. */
START_TEST(test_large_sums)
{
	int32_t day = day_of_date(2026, 11, 21);

	for (int i = 0; i < 3; i++) {
		bed_count(&bed, 0, day, "school", "enrolment", true, by_self, INT64_C(30000000001));
		bed_count(&bed, 0, day, "school", "enrolment", true, by_phone, INT64_C(10000000000));
		bed_send_and_wait(&bed, bed_noon(day));
	}
	bed_check(&bed, day);
	bed_is(&bed, "120000000003", "HGET effort:{dk}:y:2026 _n");
}
END_TEST

/* Numbers are written from pieces of four digits, and past 10^12 otherwise. */
START_TEST(test_digits)
{
	static const int64_t sums[] = {
		9,         9999,      10000,     10001,        19999,         100000,        99999999,
		100000000, 100000001, 120030004, 999999999999, 1000000000000, 1000000000001, 123456789012345
	};
	int32_t day = day_of_date(2026, 11, 21);
	char text[32];

	for (size_t i = 0; i < sizeof(sums) / sizeof(*sums); i++) {
		bed_count(&bed, 0, day, "school", "enrolment", true, by_phone,
			  sums[i] - (i > 0 ? sums[i - 1] : 0));
		bed_send_and_wait(&bed, bed_noon(day));
		snprintf(text, sizeof(text), "%" PRId64, sums[i]);
		bed_is(&bed, text, "HGET effort:{0101}:d:2026-11-21 n:school/enrolment/phone/transaction");
		bed_is(&bed, text, "HGET effort:{0101}:share:day all.n");
		bed_is(&bed, text, "HGET effort:{dk}:tasks:year school/enrolment.n");
	}
	bed_check(&bed, day);
}
END_TEST

/* Before the target's first day there is none; in a period that holds both, only the later days stand under
 * it. */
START_TEST(test_target_from)
{
	bed_count(&bed, 0, day_of_date(2012, 11, 30), "school", "enrolment", false, by_phone, 10);
	bed_count(&bed, 0, day_of_date(2012, 12, 1), "school", "enrolment", true, by_phone, 5);
	bed_send_and_wait(&bed, bed_noon(day_of_date(2012, 12, 2)));
	bed_check(&bed, day_of_date(2012, 12, 2));
	bed_is(&bed, "(nil)", "HGET effort:{0101}:share:day:2012-11-30 all.target");
	bed_is(&bed, "0", "HGET effort:{0101}:share:day:2012-11-30 all.target_n");
	bed_is(&bed, "15", "HGET effort:{0101}:share:year:2012 all.n");
	bed_is(&bed, "5", "HGET effort:{0101}:share:year:2012 all.target_n");
}
END_TEST

START_TEST(test_restated)
{
	int32_t day = day_of_date(2026, 11, 21);
	char now[32];

	bed_count(&bed, 0, day - 1, "school", "enrolment", true, by_phone, 1);
	bed_send_and_wait(&bed, bed_noon(day));
	snprintf(now, sizeof(now), "%" PRId64, bed_noon(day));
	bed_is(&bed, now, "HGET effort:{0101}:share:day:2026-11-20 restated_at");
	bed_is(&bed, "(nil)", "HGET effort:{0101}:share:week:2026-W47 restated_at");
	bed_is(&bed, "0", "EXISTS effort:{0101}:share:day");
	bed_is(&bed, "1", "EXISTS effort:{0101}:share:week");
}
END_TEST

START_TEST(test_missing_sources)
{
	int32_t day = day_of_date(2026, 11, 21);

	store_set_missing(bed.store, "phone-a,queue-b");
	bed_count(&bed, 0, day, "school", "enrolment", true, by_phone, 1);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_is(&bed, "1", "HGET effort:{0101}:share:day incomplete");
	bed_is(&bed, "phone-a,queue-b", "HGET effort:{0101}:share:day missing");
	bed_is(&bed, "phone-a,queue-b", "HGET effort:{0101}:tasks:year:2026 missing");
	store_set_missing(bed.store, "");
	bed_count(&bed, 0, day, "school", "enrolment", true, by_phone, 1);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_is(&bed, "0", "HGET effort:{0101}:share:day incomplete");
	bed_is(&bed, "(nil)", "HGET effort:{0101}:share:day missing");
	bed_is(&bed, "(nil)", "HGET effort:{0101}:share:year:2026 missing");
}
END_TEST

/* What is silent today says nothing of a period that ended before: neither of one made new nor of one restated, and
 * what such a one had at its end stays. */
START_TEST(test_missing_sources_of_closed_periods)
{
	int32_t day = day_of_date(2026, 11, 21), before = day_of_date(2026, 10, 20);

	store_set_missing(bed.store, "phone-a");
	bed_count(&bed, 0, before, "school", "enrolment", true, by_phone, 1);
	bed_count(&bed, 0, day, "school", "enrolment", true, by_phone, 1);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_is(&bed, "0", "HGET effort:{0101}:share:month:2026-10 incomplete");
	bed_is(&bed, "(nil)", "HGET effort:{0101}:tasks:day:2026-10-20 missing");
	bed_is(&bed, "phone-a", "HGET effort:{0101}:share:year:2026 missing");
	bed_count(&bed, 0, before, "school", "enrolment", true, by_phone, 1);
	bed_send_and_wait(&bed, bed_noon(day) + 1000);
	bed_is(&bed, "0", "HGET effort:{0101}:share:day:2026-10-20 incomplete");
	store_set_missing(bed.store, "");
	bed_count(&bed, 0, day, "school", "enrolment", true, by_phone, 1);
	bed_send_and_wait(&bed, bed_noon(day + 1));
	bed_is(&bed, "1", "HGET effort:{0101}:share:day:2026-11-21 incomplete");
	bed_is(&bed, "phone-a", "HGET effort:{0101}:tasks:day:2026-11-21 missing");
	bed_is(&bed, "0", "HGET effort:{0101}:share:month:2026-11 incomplete");
}
END_TEST

/* Year end, ISO week 53, and both days on which the clock is changed. */
START_TEST(test_calendar)
{
	static const struct {
		int year, month, day;
	} days[] = { { 2026, 12, 31 }, { 2027, 1, 1 },  { 2026, 3, 29 },
		     { 2026, 10, 25 }, { 2026, 6, 30 }, { 2026, 7, 1 } };

	for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++)
		bed_count(&bed, 2, day_of_date(days[i].year, days[i].month, days[i].day), "school",
			  "enrolment", true, by_self, 1 + (int64_t)i);
	bed_send_and_wait(&bed, bed_noon(day_of_date(2027, 1, 1)));
	bed_check(&bed, day_of_date(2027, 1, 1));
	bed_is(&bed, "3", "HGET effort:{0851}:share:week:2026-W53 all.n");
	bed_is(&bed, "2", "HGET effort:{0851}:share:year all.n");
	bed_is(&bed, "82800000",
	       "EVAL return(redis.call('HGET',KEYS[1],'to')-redis.call('HGET',KEYS[1],'from')) 1 "
	       "effort:{0851}:share:day:2026-03-29");
	bed_is(&bed, "90000000",
	       "EVAL return(redis.call('HGET',KEYS[1],'to')-redis.call('HGET',KEYS[1],'from')) 1 "
	       "effort:{0851}:share:day:2026-10-25");
}
END_TEST

START_TEST(test_names)
{
	static const char *const portals[] = { "borger.dk", "aarhus.dk", "app", "kiosk-1", "kiosk-2" };
	int32_t month = day_of_date(2026, 11, 1), day = day_of_date(2026, 11, 21);

	for (int i = 0; i < 5; i++)
		bed_name(&bed, 1, BY_PORTAL, month, portals[i], (struct name_amount){ 1, 10, 8, 4 },
			 1000 + i);
	bed_name(&bed, 1, BY_SOURCE, month, "phone-a", (struct name_amount){ 1, 3, 2, 0 }, 5000);
	bed_name(&bed, 1, BY_REASON, day, "exempt", (struct name_amount){ 1, 2, 0, 0 }, 0);
	bed_count(&bed, 1, day, "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_is(&bed, "20", "HGET effort:{0751}:by:portal:2026-11 _other.contacts");
	bed_is(&bed, "16", "HGET effort:{0751}:by:portal:2026-11 _other.n");
	bed_is(&bed, "8", "HGET effort:{0751}:by:portal:2026-11 _other.self");
	bed_is(&bed, "3", "HGET effort:{0751}:by:portal:2026-11 _names");
	bed_is(&bed, "2", "HGET effort:{0751}:by:source:2026-11 phone-a.n");
	bed_is(&bed, "5000", "HGET effort:{0751}:sources phone-a");
	bed_is(&bed, "5000", "HGET effort:{dk}:sources phone-a");
	bed_is(&bed, "2", "HGET effort:{0751}:d:2026-11-21 reason:exempt");
	bed_is(&bed, "2", "HGET effort:{0751}:y:2026 reason:exempt");
	bed_is(&bed, "1", "HGET effort:{0751}:d:2026-11-21 _n");
	bed_check(&bed, day);
	bed_name(&bed, 1, BY_SOURCE, month, "phone-a", (struct name_amount){ 1, 1, 0, 0 }, 4000);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_is(&bed, "5000", "HGET effort:{0751}:sources phone-a");
	bed_is(&bed, "4", "HGET effort:{0751}:by:source:2026-11 phone-a.contacts");
}
END_TEST

START_TEST(test_encoding)
{
	int32_t day = day_of_date(2026, 11, 21);
	static const char *const keys[] = {
		"d:2026-11-21",         "m:2026-11",  "y:2026",         "share:day",
		"share:day:2026-11-21", "tasks:week", "tasks:year:2026"
	};

	bed_count(&bed, 0, day, "school", "enrolment", true, by_phone, 1);
	bed_send_and_wait(&bed, bed_noon(day));
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		bed_is(&bed, "hashtable", "OBJECT ENCODING effort:{0101}:%s", keys[i]);
}
END_TEST

/* More cells than one argument list takes. */
START_TEST(test_many_cells)
{
	static struct spread_cell cells[9001];
	struct spread_group group = {
		.municipality = 0, .day = day_of_date(2026, 11, 21), .cells = cells, .cells_len = 9001
	};

	for (int i = 0; i < 9001; i++) {
		snprintf(cells[i].field, sizeof(cells[i].field), "out:school/t%d/phone/none", i);
		cells[i].amount = i + 1;
	}
	for (int round = 0; round < 2; round++) {
		ck_assert_int_eq(store_batch_begin(bed.store, bed_noon(group.day), 0, ++bed.position), 0);
		ck_assert_int_eq(store_batch_group(bed.store, &group), 0);
		store_batch_send(bed.store);
		bed_until(&bed, bed.settled == round + 1);
	}
	bed_is(&bed, "9004", "HLEN effort:{0101}:y:2026");
	bed_is(&bed, "18002", "HGET effort:{0101}:y:2026 out:school/t9000/phone/none");
	bed_is(&bed, "8002", "HGET effort:{0101}:d:2026-11-21 out:school/t4000/phone/none");
}
END_TEST

START_TEST(test_index)
{
	bed_is(&bed, "Aarhus", "HGET effort:index:municipalities 0751.da");
	bed_is(&bed, "2", "HGET effort:index:municipalities 0751.order");
	bed_is(&bed, "Ældre", "HGET effort:index:areas eldercare.da");
	bed_is(&bed, "Unclassified", "HGET effort:index:areas unclassified.en");
	bed_is(&bed, "Enrolment", "HGET effort:index:tasks school/enrolment.en");
	bed_is(&bed, "Bølger", "HGET effort:index:groups waves.da");
	bed_is(&bed, "1", "GET effort:index:schema");
}
END_TEST

/* An empty batch settles, but not within the call that sends it. */
START_TEST(test_empty_batch)
{
	bed_send(&bed, bed_noon(20000));
	ck_assert_int_eq(bed.settled, 0);
	ck_assert(store_is_busy(bed.store));
	bed_until(&bed, bed.settled == 1);
	ck_assert(!store_is_busy(bed.store));
}
END_TEST

static int answers;

static void on_answer(void *ctx, size_t n, const char *const *text, const size_t *len)
{
	(void)ctx;
	ck_assert_uint_eq(n, 2);
	ck_assert_str_eq(text[0], "1");
	ck_assert_uint_eq(len[0], 1);
	ck_assert_ptr_null(text[1]);
	answers++;
}

START_TEST(test_query)
{
	const char *argv[] = { "MGET", "effort:index:schema", "effort:nothing" };

	answers = 0;
	for (int i = 0; i < 64; i++)
		ck_assert_int_eq(store_query(bed.store, 3, argv, on_answer, NULL), 0);
	ck_assert_int_eq(store_query(bed.store, 3, argv, on_answer, NULL), -EAGAIN);
	bed_until(&bed, answers == 64);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_one_contact,  test_new_day_new_ranking, test_everything, test_the_line,
		test_nothing_in_n, test_large_sums,          test_digits,     test_target_from,
		test_restated,     test_missing_sources,     test_calendar,   test_names,
		test_encoding,     test_many_cells,          test_index,      test_empty_batch,
		test_query,        test_missing_sources_of_closed_periods,
	};

	return RUN_TESTS_WITHIN("store/apply", tests, setup, teardown);
}
