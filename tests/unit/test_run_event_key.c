/* SPDX-License-Identifier: MPL-2.0 */
/* What an event is known by: another id, source or key is another hash; any field the sender wrote is content; what
 * the configuration adds is not. */
#include "run/event_key.h"
#include "suite.h"

#include <string.h>

static struct key_maker maker;

static void set_up(void)
{
	uint8_t key[32] = { 1, 2, 3 };

	key_maker_init(&maker, key);
}

static struct effort_str s(const char *text)
{
	return (struct effort_str){ text, strlen(text) };
}

static struct effort_event event(void)
{
	return (struct effort_event){ .time_ms = INT64_C(1700000000000),
				      .count = 1,
				      .channel = EFFORT_PHONE,
				      .id = s("call-1"),
				      .source = s("telefoni"),
				      .municipality = s("0751"),
				      .kle = s("23.05.10") };
}

START_TEST(id_and_source)
{
	struct effort_event a = event(), b = event();
	uint64_t first = key_make(&maker, &a, INT64_MIN).id;
	uint8_t other[32] = { 9 };

	b.kle = s("27.00.00");
	ck_assert_uint_eq(key_make(&maker, &b, INT64_MIN).id, first);
	b.id = s("call-2");
	ck_assert_uint_ne(key_make(&maker, &b, INT64_MIN).id, first);
	b = event();
	b.source = s("telefon");
	b.id = s("icall-1"); /* the same bytes, cut elsewhere */
	ck_assert_uint_ne(key_make(&maker, &b, INT64_MIN).id, first);
	key_maker_init(&maker, other);
	ck_assert_uint_ne(key_make(&maker, &a, INT64_MIN).id, first);
}
END_TEST

START_TEST(every_field_is_content)
{
	struct effort_event a = event();
	uint32_t first = key_make(&maker, &a, INT64_MIN).content;
	struct effort_str *const texts[] = { &a.municipality, &a.kle,  &a.facet,      &a.task,	 &a.service, &a.reason,
					     &a.unit,	      &a.handled_by, &a.portal, &a.corrects, &a.errand };
	uint8_t *const bytes[] = { &a.channel, &a.direction, &a.population, &a.assisted, &a.outcome, &a.form };
	int64_t *const numbers[] = { &a.time_ms, &a.count, &a.duration_ms };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct effort_str old = *texts[i];

		*texts[i] = s("other");
		ck_assert_uint_ne(key_make(&maker, &a, INT64_MIN).content, first);
		*texts[i] = old;
	}
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		++*bytes[i];
		ck_assert_uint_ne(key_make(&maker, &a, INT64_MIN).content, first);
		--*bytes[i];
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		++*numbers[i];
		ck_assert_uint_ne(key_make(&maker, &a, INT64_MIN).content, first);
		--*numbers[i];
	}
	/* the same words in other fields */
	a.unit = s("x");
	first = key_make(&maker, &a, INT64_MIN).content;
	a.unit = s("");
	a.portal = s("x");
	ck_assert_uint_ne(key_make(&maker, &a, INT64_MIN).content, first);
}
END_TEST

START_TEST(defaults_are_not_content)
{
	struct effort_event a = event();
	uint32_t first = key_make(&maker, &a, INT64_MIN).content;

	a.kind = EFFORT_INFORMATION;
	ck_assert_uint_eq(key_make(&maker, &a, INT64_MIN).content, first);
	a.flags = EFFORT_EVENT_KIND_GIVEN;
	ck_assert_uint_ne(key_make(&maker, &a, INT64_MIN).content, first);
}
END_TEST

START_TEST(day_of_event_or_arrival)
{
	struct effort_event a = event();

	ck_assert_int_eq(key_make(&maker, &a, INT64_MIN).day, 19675);
	ck_assert_int_eq(key_make(&maker, &a, INT64_C(86400000) * 20000 + 1).day, 20000);
	ck_assert_int_eq(key_day(-5), 1);
	ck_assert_int_eq(key_day(INT64_MAX), 65535);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { id_and_source, every_field_is_content, defaults_are_not_content,
				       day_of_event_or_arrival };

	return RUN_TESTS_WITHIN("run/event_key", tests, set_up, NULL);
}
