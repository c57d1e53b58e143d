/* SPDX-License-Identifier: MPL-2.0 */
/* What the tests of lost and repaired counts share: counts of every kind, losses, and the look whether
 * everything is there again. Included by one test program each. */
#ifndef TESTS_STORE_LOSSES_H
#define TESTS_STORE_LOSSES_H

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

SHARED static void count_some(struct bed *who, int64_t n, int days)
{
	struct cell letter = { .channel = EFFORT_LETTER,
			       .direction = EFFORT_OUT,
			       .form = EFFORT_FORM_PHYSICAL };
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
		ck_assert_int_eq(
			atoll(bed_text(&bed, "HGET effort:{%s}:by:source:2026-11 phone-a.contacts", code[i])),
			sum_named(&bed, BY_SOURCE) + sum_named(bed.other, BY_SOURCE));
		ck_assert_int_eq(
			atoll(bed_text(&bed, "HGET effort:{%s}:by:unit:2026-11 front.contacts", code[i])),
			sum_named(&bed, BY_UNIT) + sum_named(bed.other, BY_UNIT));
		bed_is(&bed, "(nil)", "HGET effort:{%s}:by:unit:2026-11 _r", code[i]);
		bed_is(&bed, "1", "HGET effort:{%s}:by:unit:2026-11 _names", code[i]);
		bed_is(&bed, "1", "EXISTS effort:{%s}:sources", code[i]);
	}
}

/* Every hash there should be has been looked at twice since the last loss, and nothing is lost. */
static bool is_whole(struct bed *who, int *gaps, uint64_t *probed)
{
	struct store_status now = status(who);

	if (who->gaps != *gaps || now.losses > 0 || store_is_busy(who->store)) {
		*gaps = who->gaps;
		*probed = now.probed;
		return false;
	}
	return now.probed - *probed >= 2 * 3 * positions_len(who->positions);
}

/* Lets probes find what there is to find, and everything be repaired. */
SHARED static void heal(void)
{
	int64_t end_ms = clock_mono_ms() + 2 * BED_WAIT_MS;
	int gaps[2] = { -1, -1 };
	uint64_t probed[2];
	bool whole[2];

	do {
		ck_assert_msg(clock_mono_ms() < end_ms,
			      "not whole: %zu lost, %d gaps, %d repaired; other %d, %d", status(&bed).losses,
			      bed.gaps, bed.repaired, other.gaps, other.repaired);
		bed_run(&bed, 20);
		whole[0] = is_whole(&bed, &gaps[0], &probed[0]);
		whole[1] = !other.store || is_whole(&other, &gaps[1], &probed[1]);
	} while (!whole[0] || !whole[1]);
	ck_assert_str_eq(bed.error, "");
}

/* A tick as effortd makes them, five seconds after the last one. */
static void tick(void)
{
	static int64_t tick_ms;

	tick_ms += 5000;
	store_tick(bed.store, bed_noon(day) + tick_ms, 0, "running");
}

SHARED static void check_all(void)
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

/* All keys as they are now, and put back later: what a restored snapshot does. */
struct snapshot {
	redisReply *names, *values[4096];
};

SHARED static void take_snapshot(struct snapshot *snapshot)
{
	snapshot->names = bed_ask(&bed, "KEYS effort:{*");
	ck_assert_uint_lt(snapshot->names->elements, 4096);
	for (size_t i = 0; i < snapshot->names->elements; i++)
		snapshot->values[i] = bed_ask(&bed, "DUMP %s", snapshot->names->element[i]->str);
}

SHARED static void put_back(struct snapshot *snapshot, const char *only)
{
	for (size_t i = 0; i < snapshot->names->elements; i++) {
		const redisReply *value = snapshot->values[i];

		if (!only || strstr(snapshot->names->element[i]->str, only))
			bed_do(&bed, "RESTORE %s 0 %b REPLACE", snapshot->names->element[i]->str, value->str,
			       value->len);
	}
}

SHARED static void drop_snapshot(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->names->elements; i++)
		freeReplyObject(snapshot->values[i]);
	freeReplyObject(snapshot->names);
}

SHARED static void lose_something(unsigned *seed)
{
	redisReply *keys = bed_ask(&bed, "KEYS effort:{*");

	for (int i = 0; i < 12 && keys->elements; i++)
		bed_do(&bed, "DEL %s", keys->element[(size_t)rand_r(seed) % keys->elements]->str);
	freeReplyObject(keys);
}

#endif
