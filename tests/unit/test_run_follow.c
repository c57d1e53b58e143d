/* SPDX-License-Identifier: MPL-2.0 */
/* Ranges of days read from a real Redis, and the follow-up cycle on top of them. */
#include "store_bed.h"

#include "run/follow.h"

#include "base/str.h"

static struct bed bed;
static struct core core;
static struct conf conf;
static struct snapshot snapshot;
static struct ranges *ranges;

static const struct cell by_self = { .channel = EFFORT_SELFSERVICE };
static const struct cell by_phone = { .channel = EFFORT_PHONE };

static void setup(void)
{
	bed_open(&bed);
	core = (struct core){ .settings.base = bed.base,
			      .store = bed.store,
			      .identity.day_kept = INT32_MIN,
			      .meters.errands = errands_new() };
	conf = (struct conf){ .redis_prefix = "effort:", .follow_interval_ms = 1 };
	snapshot = (struct snapshot){ .conf = &conf, .zone = bed_zone, .view = bed.view };
	ranges = ranges_new(&core, "effort:");
	ck_assert_ptr_nonnull(ranges);
}

static void teardown(void)
{
	errands_free(core.meters.errands);
	bed_close(&bed);
}

struct answer {
	int n;
	struct picture *picture;
	bool is_whole;
};

static void on_picture(void *ctx, struct picture *picture, bool is_whole)
{
	struct answer *answer = ctx;

	answer->n++;
	answer->picture = picture;
	answer->is_whole = is_whole;
}

static struct answer ask(const char *code, int32_t first, int32_t end)
{
	struct answer answer = { 0 };

	ck_assert_int_eq(ranges_ask(ranges, code, first, end, on_picture, &answer), 0);
	ck_assert_int_eq(answer.n, 0);
	bed_until(&bed, answer.n > 0);
	ck_assert_int_eq(answer.n, 1);
	return answer;
}

static void expect(const char *code, int32_t first, int32_t end, int64_t n, int64_t phone)
{
	struct answer answer = ask(code, first, end);

	ck_assert_ptr_nonnull(answer.picture);
	ck_assert(answer.is_whole);
	ck_assert_int_eq(picture_sum(answer.picture, "all", "n"), n);
	ck_assert_int_eq(picture_sum(answer.picture, "school/enrolment", "n"), n);
	ck_assert_int_eq(picture_get(answer.picture, "n:school/enrolment/phone/transaction"), phone);
	picture_free(answer.picture);
}

/* One contact by phone on every day of two years and a half, and ten by self-service on some of them. */
static void count_years(int32_t from, int32_t to)
{
	for (int32_t day = from; day < to; day++) {
		bed_count(&bed, 1, day, "school", "enrolment", true, by_phone, 1);
		if (bed.contacts_len % 256 == 0)
			bed_send_and_wait(&bed, bed_noon(to));
	}
	bed_send_and_wait(&bed, bed_noon(to));
}

START_TEST(ranges_add_up_to_their_days_however_they_lie)
{
	int32_t from = day_of_date(2024, 5, 10), to = day_of_date(2026, 11, 21);
	static const int cuts[][6] = { { 2024, 5, 10, 2026, 11, 21 }, { 2025, 1, 1, 2026, 1, 1 }, { 2025, 12, 31, 2026, 1, 2 },
				       { 2026, 2, 1, 2026, 3, 1 },	{ 2026, 2, 2, 2026, 3, 1 }, { 2024, 12, 30, 2026, 2, 3 },
				       { 2026, 7, 1, 2027, 1, 1 },	{ 2026, 11, 20, 2026, 11, 21 } };

	count_years(from, to);
	for (size_t i = 0; i < SUITE_LENGTH(cuts); i++) {
		int32_t first = day_of_date(cuts[i][0], cuts[i][1], cuts[i][2]);
		int32_t end = day_of_date(cuts[i][3], cuts[i][4], cuts[i][5]);
		int32_t days = (end < to ? end : to) - first;

		expect("0751", first, end, days, days);
		expect("dk", first, end, days, days);
	}
	expect("0101", from, to, 0, 0);
}
END_TEST

START_TEST(days_that_are_gone_are_missing_and_not_zero)
{
	int32_t from = day_of_date(2026, 3, 1), to = day_of_date(2026, 4, 10);
	struct answer answer;

	count_years(from, to);
	core.identity.day_kept = day_of_date(2026, 4, 3);
	expect("0751", from, day_of_date(2026, 4, 1), 31, 31); /* the month is kept */
	expect("0751", day_of_date(2026, 4, 3), to, 7, 7);
	answer = ask("0751", from, to);
	ck_assert(!answer.is_whole);
	ck_assert_int_eq(picture_sum(answer.picture, "all", "n"), 31 + 7);
	picture_free(answer.picture);
}
END_TEST

START_TEST(many_ranges_at_once_and_too_many_are_refused)
{
	struct answer answers[RANGES_MAX] = { { 0 } }, more = { 0 };
	int32_t day = day_of_date(2026, 11, 1);
	int done = 0;

	count_years(day, day + 20);
	for (int i = 0; i < RANGES_MAX; i++)
		ck_assert_int_eq(ranges_ask(ranges, "0751", day, day + 1 + i % 20, on_picture, &answers[i]), 0);
	ck_assert_int_eq(ranges_ask(ranges, "0751", day, day + 1, on_picture, &more), -EAGAIN);
	bed_until(&bed, ({
			  done = 0;
			  for (int i = 0; i < RANGES_MAX; i++)
				  done += answers[i].n;
			  done == RANGES_MAX;
		  }));
	for (int i = 0; i < RANGES_MAX; i++) {
		ck_assert_int_eq(picture_sum(answers[i].picture, "all", "n"), 1 + i % 20);
		picture_free(answers[i].picture);
	}
	ck_assert_int_eq(more.n, 0);
}
END_TEST

START_TEST(without_redis_the_answer_is_null_and_comes_once)
{
	struct answer first = { 0 }, second = { 0 };
	int32_t day = day_of_date(2026, 11, 1);

	bed_stop_redis(&bed, SIGKILL);
	ck_assert_int_eq(ranges_ask(ranges, "0751", day, day + 1, on_picture, &first), 0);
	bed_until(&bed, first.n == 1);
	ck_assert_ptr_null(first.picture);
	ck_assert_int_eq(ranges_ask(ranges, "0751", day, day + 1, on_picture, &second), 0);
	ranges_free(ranges);
	ck_assert_int_eq(second.n, 1);
	ck_assert_ptr_null(second.picture);
}
END_TEST

/* --- the cycle --- */

/* What the follower of these tests puts: contacts of the year and of the day before, and what it put last. */
static struct {
	int looks;
	const char *suffix; /* NULL: nothing is put */
	char last_code[8];
} made;

static void want(void *ctx, struct look *look)
{
	struct period year = period_of(WINDOW_YEAR, look->today);

	(void)ctx;
	look_want(look, year.first, year.end);
	look_want(look, year.first, year.end);
	look_want(look, look->today, look->today); /* empty: no wish */
	look_want_hash(look, "target:one");
}

static void see(void *ctx, struct look *look)
{
	struct period year = period_of(WINDOW_YEAR, look->today);
	const struct picture *picture;
	struct fields before = look_hash(look, "target:one");
	struct sheet *sheet;
	bool is_whole;

	(void)ctx;
	picture = look_picture(look, year.first, year.end, &is_whole);
	ck_assert(picture != NULL && is_whole);
	ck_assert_ptr_null(look_picture(look, 0, 1, &is_whole));
	made.looks++;
	snprintf(made.last_code, sizeof(made.last_code), "%s", look->code);
	if (made.suffix == NULL)
		return;
	sheet = sheet_new(made.suffix);
	sheet_int(sheet, "n", picture_sum(picture, "all", "n"));
	sheet_percent(sheet, "gap_pp", -5);
	sheet_put(sheet, "title", "Borgere på vej");
	sheet_int(sheet, "before", fields_int(fields_get(&before, "n")));
	look_put(look, sheet);
}

static const struct follower follower = { "test", want, NULL, see, NULL };

static void run_cycle(struct follow *follow)
{
	struct follow_status status;
	uint64_t rounds;

	follow_status(follow, &status);
	rounds = status.rounds;
	follow_hurry(follow);
	bed_until(&bed, ({
			  follow_tick(follow, clock_now_ms());
			  follow_status(follow, &status);
			  status.rounds > rounds;
		  }));
}

static void end_follow(struct follow *follow)
{
	follow_stop(follow);
	ranges_free(ranges);
	follow_free(follow);
}

START_TEST(followers_see_what_was_counted_and_their_hashes_are_replaced_whole)
{
	int64_t now_ms = clock_now_ms();
	int32_t today = zone_day(&bed_zone, now_ms);
	struct follow *follow = follow_new(&core, ranges, &snapshot, &follower, 1);
	struct follow_status status;

	made.suffix = "target:one";
	bed_count(&bed, 1, today, "school", "enrolment", true, by_self, 7);
	bed_send_and_wait(&bed, now_ms);
	bed_do(&bed, "HSET effort:{0751}:target:one left over");
	run_cycle(follow);
	bed_is(&bed, "7", "HGET effort:{0751}:target:one n");
	bed_is(&bed, "7", "HGET effort:{dk}:target:one n");
	bed_is(&bed, "-0.05", "HGET effort:{0751}:target:one gap_pp");
	bed_is(&bed, "Borgere på vej", "HGET effort:{0751}:target:one title");
	bed_is(&bed, "1", "HGET effort:{0751}:target:one schema");
	bed_is(&bed, "(nil)", "HGET effort:{0751}:target:one left");
	bed_is(&bed, "0", "EXISTS effort:{0101}:target:one");
	ck_assert_int_eq(made.looks, 2);
	ck_assert_str_eq(made.last_code, "dk");
	run_cycle(follow);
	bed_is(&bed, "7", "HGET effort:{0751}:target:one before");
	follow_status(follow, &status);
	ck_assert_uint_eq(status.failures, 0);
	end_follow(follow);
}
END_TEST

START_TEST(only_what_changed_is_looked_at_between_rounds)
{
	int64_t now_ms = clock_now_ms();
	int32_t today = zone_day(&bed_zone, now_ms);
	struct follow *follow = follow_new(&core, ranges, &snapshot, &follower, 1);

	made.suffix = "target:one";
	bed_count(&bed, 0, today, "school", "enrolment", true, by_self, 1);
	bed_count(&bed, 1, today, "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, now_ms);
	run_cycle(follow);
	made.looks = 0;
	bed_count(&bed, 0, today, "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, now_ms);
	bed_until(&bed, ({
			  follow_tick(follow, clock_now_ms());
			  made.looks >= 2;
		  }));
	for (int i = 0; i < 20; i++) {
		follow_tick(follow, clock_now_ms());
		bed_run(&bed, 2);
	}
	ck_assert_int_eq(made.looks, 2); /* 0101 and the country */
	bed_is(&bed, "2", "HGET effort:{0101}:target:one n");
	bed_is(&bed, "3", "HGET effort:{dk}:target:one n");
	end_follow(follow);
}
END_TEST

START_TEST(what_is_no_longer_put_goes_after_a_reload)
{
	int64_t now_ms = clock_now_ms();
	struct follow *follow = follow_new(&core, ranges, &snapshot, &follower, 1);

	bed_count(&bed, 1, zone_day(&bed_zone, now_ms), "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, now_ms);
	made.suffix = "target:one";
	run_cycle(follow);
	bed_is(&bed, "1", "EXISTS effort:{0751}:target:one");
	made.suffix = "target:two";
	run_cycle(follow);
	bed_is(&bed, "1", "EXISTS effort:{0751}:target:one");
	follow_set_snapshot(follow, &snapshot);
	run_cycle(follow);
	bed_is(&bed, "0", "EXISTS effort:{0751}:target:one");
	bed_is(&bed, "0", "EXISTS effort:{dk}:target:one");
	bed_is(&bed, "1", "EXISTS effort:{0751}:target:two");
	bed_is(&bed, "1", "SCARD effort:{0751}:_followed");
	bed_is(&bed, "1", "HLEN effort:{0751}:_put");
	end_follow(follow);
}
END_TEST

START_TEST(what_others_put_stays)
{
	int64_t now_ms = clock_now_ms();
	struct follow *follow = follow_new(&core, ranges, &snapshot, &follower, 1);
	const char *today = DAY_STR(zone_day(&bed_zone, now_ms)), *long_ago = DAY_STR(zone_day(&bed_zone, now_ms) - 40);

	bed_count(&bed, 1, zone_day(&bed_zone, now_ms), "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, now_ms);
	store_set_retention(bed.store, 400, 1095, zone_day(&bed_zone, now_ms));
	bed_do(&bed, "HSET effort:_writers here %s away %s", today, long_ago);
	bed_do(&bed, "SADD effort:{0751}:_followed target:theirs target:gone target:before target:both");
	bed_do(&bed, "HSET effort:{0751}:_put target:theirs here target:gone away target:both %s,here", store_writer(bed.store));
	bed_do(&bed, "HSET effort:{0751}:target:theirs n 1");
	bed_do(&bed, "HSET effort:{0751}:target:gone n 1");
	bed_do(&bed, "HSET effort:{0751}:target:before n 1");
	bed_do(&bed, "HSET effort:{0751}:target:both n 1");
	store_ask_writers(bed.store);
	bed_until(&bed, store_knows_writers(bed.store));
	made.suffix = "target:one";
	run_cycle(follow);
	bed_is(&bed, "1", "EXISTS effort:{0751}:target:theirs");
	bed_is(&bed, "0", "EXISTS effort:{0751}:target:gone");
	bed_is(&bed, "1", "EXISTS effort:{0751}:target:before"); /* put before it was noted by whom */
	bed_is(&bed, "1", "EXISTS effort:{0751}:target:both");
	bed_is(&bed, "here", "HGET effort:{0751}:_put target:both");
	bed_is(&bed, store_writer(bed.store), "HGET effort:{0751}:_put target:one");
	end_follow(follow);
}
END_TEST

START_TEST(an_older_look_is_not_put_over_a_newer_one)
{
	int64_t now_ms = clock_now_ms();
	struct follow *follow = follow_new(&core, ranges, &snapshot, &follower, 1);

	made.suffix = "target:one";
	bed_count(&bed, 1, zone_day(&bed_zone, now_ms), "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, now_ms);
	bed_do(&bed, "HSET effort:{0751}:target:one n 99 as_of %lld", (long long)now_ms + 30000);
	bed_do(&bed, "HSET effort:{dk}:target:one n 99 as_of %lld", (long long)now_ms + 3600000);
	run_cycle(follow);
	bed_is(&bed, "99", "HGET effort:{0751}:target:one n");
	bed_is(&bed, "1", "HGET effort:{dk}:target:one n"); /* that clock cannot be right */
	/* It is tried again without another change, until it is the newer one. */
	bed_do(&bed, "HSET effort:{0751}:target:one as_of %lld", (long long)clock_now_ms() + 300);
	bed_until(&bed, ({
			  follow_tick(follow, clock_now_ms());
			  strcmp(bed_text(&bed, "HGET effort:{0751}:target:one n"), "1") == 0;
		  }));
	end_follow(follow);
}
END_TEST

START_TEST(ended_in_the_middle_nothing_is_left_behind)
{
	int64_t now_ms = clock_now_ms();
	struct follow *follow = follow_new(&core, ranges, &snapshot, &follower, 1);

	made.suffix = "target:one";
	bed_count(&bed, 1, zone_day(&bed_zone, now_ms), "school", "enrolment", true, by_self, 1);
	bed_send_and_wait(&bed, now_ms);
	for (int i = 0; i < 3; i++) {
		follow_tick(follow, now_ms);
		event_base_loop(bed.base, EVLOOP_NONBLOCK);
	}
	follow_stop(follow);
	ranges_free(ranges);
	bed_run(&bed, 50);
	follow_free(follow);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		ranges_add_up_to_their_days_however_they_lie,
		days_that_are_gone_are_missing_and_not_zero,
		many_ranges_at_once_and_too_many_are_refused,
		without_redis_the_answer_is_null_and_comes_once,
		followers_see_what_was_counted_and_their_hashes_are_replaced_whole,
		only_what_changed_is_looked_at_between_rounds,
		what_is_no_longer_put_goes_after_a_reload,
		what_others_put_stays,
		an_older_look_is_not_put_over_a_newer_one,
		ended_in_the_middle_nothing_is_left_behind,
	};

	return RUN_TESTS_WITHIN("run/follow", tests, setup, teardown);
}
