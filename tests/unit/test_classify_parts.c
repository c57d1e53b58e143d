/* SPDX-License-Identifier: MPL-2.0 */
/* The small parts of the plugin host: verdicts, options, classes and the composing of samples. */
#include "suite.h"

#include "classify/classes.h"
#include "classify/options.h"
#include "classify/sample.h"
#include "classify/verdict.h"
#include "event/decode.h"

#include <errno.h>
#include <string.h>

static struct faults faults;

static void start(void)
{
	memset(&faults, 0, sizeof(faults));
}

static void end(void)
{
	faults_done(&faults);
}

START_TEST(verdicts)
{
#define CHECK(expected, ...)                                                                                 \
	ck_assert_int_eq(verdict_check(&(struct effort_verdict){ __VA_ARGS__ }, 3, 2), expected)
	CHECK(VERDICT_FINE, 0, EFFORT_COUNT, 0, { 0, 0 });
	CHECK(VERDICT_FINE, 2, EFFORT_COUNT, 99, { 0, 0 }); /* a reason means nothing here */
	CHECK(VERDICT_CLASS, 3, EFFORT_COUNT, 0, { 0, 0 });
	CHECK(VERDICT_CLASS, UINT32_MAX, EFFORT_IGNORE, 0, { 0, 0 });
	CHECK(VERDICT_FINE, 2, EFFORT_IGNORE, 0, { 0, 0 });
	CHECK(VERDICT_REASON, 0, EFFORT_REJECT, 0, { 0, 0 });
	CHECK(VERDICT_FINE, 0, EFFORT_REJECT, 1, { 0, 0 });
	CHECK(VERDICT_FINE, 77, EFFORT_REJECT, 2, { 0, 0 });
	CHECK(VERDICT_REASON, 0, EFFORT_REJECT, 3, { 0, 0 });
	CHECK(VERDICT_FINE, 77, EFFORT_NOT_MINE, 9, { 0, 0 });
	CHECK(VERDICT_ANSWER, 0, EFFORT_NOT_MINE + 1, 0, { 0, 0 });
	CHECK(VERDICT_ANSWER, 0, 65535, 0, { 0, 0 });
	CHECK(VERDICT_UNANSWERED, 0, 0, 0, { 0, 0 });
	CHECK(VERDICT_RESERVED, 0, EFFORT_COUNT, 0, { 1, 0 });
	CHECK(VERDICT_RESERVED, 0, EFFORT_NOT_MINE, 0, { 0, 1 });
	for (int f = VERDICT_FINE + 1; f < VERDICT_FAULTS; f++)
		ck_assert_uint_gt(strlen(verdict_fault_text((enum verdict_fault)f)), 10);
}
END_TEST

/* ---- options ---- */

static const struct effort_option table[] = {
	{ .name = "flag", .type = EFFORT_BOOL, .default_value = "true" },
	{ .name = "level", .type = EFFORT_INT, .default_value = "-5", .min = -10, .max = 10 },
	{ .name = "any", .type = EFFORT_INT },
	{ .name = "unit", .type = EFFORT_STRING, .default_value = "abc", .min = 1, .max = 4 },
	{ .name = "units", .type = EFFORT_LIST, .default_value = "a,bc,,d", .max = 4 },
	{ .type = EFFORT_OPTION_END },
};

static size_t try_options(struct options *o, const struct area_option *given, size_t n)
{
	struct area_def def = {
		.id = "x", .plugin = "p", .options = given, .options_len = n, .place = { "x.conf", 1, 1 }
	};

	faults_done(&faults);
	options_init(o, table, &def, "p.so", &faults);
	return faults.n;
}

START_TEST(defaults)
{
	struct options o;

	ck_assert_uint_eq(try_options(&o, NULL, 0), 0);
	ck_assert(options_find(&o, "flag", EFFORT_BOOL)->boolean);
	ck_assert_int_eq(options_find(&o, "level", EFFORT_INT)->integer, -5);
	ck_assert_int_eq(options_find(&o, "any", EFFORT_INT)->integer, 0);
	ck_assert_uint_eq(options_find(&o, "unit", EFFORT_STRING)->string.len, 3);
	ck_assert_uint_eq(options_find(&o, "units", EFFORT_LIST)->list_len, 4);
	ck_assert(effort_equals(options_find(&o, "units", EFFORT_LIST)->list[1], "bc"));
	ck_assert_uint_eq(options_find(&o, "units", EFFORT_LIST)->list[2].len, 0);
	ck_assert_ptr_null(options_find(&o, "flag", EFFORT_INT));
	ck_assert_ptr_null(options_find(&o, "flags", EFFORT_BOOL));
	options_done(&o);
}
END_TEST

START_TEST(given)
{
	static const char *const list[] = { "one", "two" };
	const struct area_option all[] = {
		{ .name = "flag", .type = AREA_VALUE_BOOL, .boolean = false },
		{ .name = "level", .type = AREA_VALUE_INT, .integer = 10 },
		{ .name = "any", .type = AREA_VALUE_INT, .integer = INT64_MIN },
		{ .name = "unit", .type = AREA_VALUE_STRING, .string = "wxyz" },
		{ .name = "units", .type = AREA_VALUE_LIST, .list = list, .list_len = 2 },
	};
	struct options o;

	ck_assert_uint_eq(try_options(&o, all, 5), 0);
	ck_assert(!options_find(&o, "flag", EFFORT_BOOL)->boolean);
	ck_assert_int_eq(options_find(&o, "level", EFFORT_INT)->integer, 10);
	ck_assert_int_eq(options_find(&o, "any", EFFORT_INT)->integer, INT64_MIN);
	ck_assert(effort_equals(options_find(&o, "unit", EFFORT_STRING)->string, "wxyz"));
	ck_assert_uint_eq(options_find(&o, "units", EFFORT_LIST)->list_len, 2);
	ck_assert(effort_equals(options_find(&o, "units", EFFORT_LIST)->list[1], "two"));
	options_done(&o);
}
END_TEST

START_TEST(out_of_range)
{
	static const char *const list[] = { "1", "2", "3", "4", "5" };
	const struct area_option all[] = {
		{ .name = "level", .type = AREA_VALUE_INT, .integer = 11 },
		{ .name = "unit", .type = AREA_VALUE_STRING, .string = "" },
		{ .name = "units", .type = AREA_VALUE_LIST, .list = list, .list_len = 5 },
		{ .name = "a-name-that-is-longer-than-any-name-may-be-and-then-some",
		  .type = AREA_VALUE_BOOL },
	};
	struct options o;

	ck_assert_uint_eq(try_options(&o, all, 4), 4);
	ck_assert_str_eq(faults.list[0].text, "area x: option \"level\" is 11, allowed is -10 to 10");
	ck_assert_str_eq(faults.list[1].text, "area x: option \"unit\" is 0 bytes, allowed is 1 to 4");
	ck_assert_str_eq(faults.list[2].text, "area x: option \"units\" is 5 elements, allowed is 0 to 4");
	options_done(&o);
}
END_TEST

/* ---- classes ---- */

START_TEST(tasks)
{
	static const struct group_def groups[] = { { .id = "waves" }, { .id = "udk" } };
	static const char *const both[] = { "udk", "waves" }, *const none[] = { "wave" };
	static const struct area_authority who[] = { { NULL, "municipal" }, { "2012-10-01", "udk" } };
	static const struct area_authority wrong[] = { { "2012-10-01", "udk" },
						       { "2012-10-01", "municipal" } };
	struct area_task good = { .id = "pension",
				  .name_da = "Pension",
				  .name_en = "Pension",
				  .wave = 4,
				  .is_target = true,
				  .in_force = "2015-12-01",
				  .groups = both,
				  .groups_len = 2,
				  .authorities = who,
				  .authorities_len = 2,
				  .place = { "x.conf", 3, 1 } };
	struct area_task bad = { .id = "bad",
				 .wave = 5,
				 .in_force = "1. december",
				 .groups = none,
				 .groups_len = 1,
				 .authorities = wrong,
				 .authorities_len = 2,
				 .place = { "x.conf", 4, 1 } };
	struct classes c;
	uint32_t id;

	ck_assert_int_eq(classes_init(&c, 2, groups, 2), 0);
	classes_add_task(&c, &good, "x", &faults);
	ck_assert_uint_eq(faults.n, 0);
	ck_assert_int_eq(classes_find(&c, "pension", &id), 0);
	ck_assert_uint_eq(id, 1);
	ck_assert_uint_eq(c.list[1].groups, 3);
	ck_assert_int_eq(c.list[1].in_force, 16770);
	ck_assert_uint_eq(c.list[1].area, 2);
	ck_assert(c.list[1].is_target);
	ck_assert_int_eq(classes_find(&c, "rente", &id), -ENOENT);
	classes_add_task(&c, &bad, "x", &faults);
	ck_assert_uint_eq(faults.n, 4);
	ck_assert_str_eq(faults.list[0].text,
			 "x.conf:4:1: area x: task bad: wave 5; waves are 1 to 4, 0 is none");
	ck_assert_str_eq(faults.list[1].text,
			 "x.conf:4:1: area x: task bad: in_force \"1. december\" is not a date");
	ck_assert_str_eq(faults.list[2].text,
			 "x.conf:4:1: area x: task bad: authorities are not in the order of their dates");
	ck_assert_str_eq(faults.list[3].text, "x.conf:4:1: area x: task bad: unknown group \"wave\"");
	ck_assert_uint_eq(c.len, 2);
	classes_done(&c);
}
END_TEST

START_TEST(reasons)
{
	struct classes c;
	char label[] = "reason-00";
	uint16_t id;

	ck_assert_int_eq(classes_init(&c, 0, NULL, 0), 0);
	ck_assert_int_eq(classes_add_reason(&c, "Bad One", &id), -EINVAL);
	ck_assert_int_eq(classes_add_reason(&c, "", &id), -EINVAL);
	for (int i = 0; i < REASONS_MAX; i++) {
		label[7] = (char)('0' + i / 10);
		label[8] = (char)('0' + i % 10);
		ck_assert_int_eq(classes_add_reason(&c, label, &id), 0);
		ck_assert_uint_eq(id, i + 1);
	}
	ck_assert_int_eq(classes_add_reason(&c, "reason-00", &id), -EEXIST);
	ck_assert_int_eq(classes_add_reason(&c, "one-more", &id), -ENOSPC);
	classes_done(&c);
}
END_TEST

/* ---- samples ---- */

START_TEST(composing)
{
	static char line[SAMPLE_LINE_MAX + DECODE_PADDING], huge[SAMPLE_LINE_MAX];

	ck_assert_uint_gt(sample_compose("", line), 0);
	ck_assert_str_eq(line,
			 "{\"id\":\"sample\",\"source\":\"sample\",\"time\":\"2026-01-15T12:00:00+01:00\","
			 "\"municipality\":\"0751\",\"channel\":\"phone\"}");
	sample_compose("\"channel\":\"web\",\"id\" : \"x\"", line);
	ck_assert_str_eq(line, "{\"channel\":\"web\",\"id\" : "
			       "\"x\",\"source\":\"sample\",\"time\":\"2026-01-15T12:00:00+01:00\","
			       "\"municipality\":\"0751\"}");
	/* Neither a value, nor a key further down, nor an escaped quote is a key. */
	sample_compose("\"unit\":\"id\",\"data\":{\"source\":1},\"portal\":\"\\\"time\\\":\"", line);
	ck_assert_ptr_nonnull(strstr(line, "\"id\":\"sample\""));
	ck_assert_ptr_nonnull(strstr(line, "\"source\":\"sample\""));
	ck_assert_ptr_nonnull(strstr(line, "\"time\":\"2026"));
	memset(huge, ' ', sizeof(huge) - 1);
	ck_assert_uint_eq(sample_compose(huge, line), 0);
	ck_assert_uint_gt(sample_compose("\"unclosed", line), 0);
	ck_assert_uint_gt(sample_compose("\"unclosed\\", line), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		verdicts, defaults, given, out_of_range, tasks, reasons, composing,
	};

	return RUN_TESTS_WITHIN("classify/parts", tests, start, end);
}
