/* SPDX-License-Identifier: MPL-2.0 */
/* Reference data of the file of municipalities: what is read, and every fault with its place and next step. All numbers
 * are invented. */
#include "conf/data_file.h"
#include "conf/reference_list.h"

#include "conf_testing.h"

#include "base/str.h"
#include "domain/calendar.h"

#include <errno.h>

static char path[] = "/tmp/effort-reference-XXXXXX";
static struct arena arena;
static struct conf conf;
static struct faults faults;

static void set_up(void)
{
	strcpy(path, "/tmp/effort-reference-XXXXXX");
	close(mkstemp(path));
	conf = (struct conf){ 0 };
	arena = (struct arena){ NULL };
	faults = (struct faults){ 0 };
}

static void tear_down(void)
{
	unlink(path);
	arena_done(&arena);
	faults_done(&faults);
}

static int read_reference(const char *reference)
{
	FILE *out = fopen(path, "w");

	faults_done(&faults);
	faults = (struct faults){ 0 };
	fprintf(out, "municipalities = ( { code = \"0101\"; name = \"København\"; }, { code = \"0751\"; name = \"Aarhus\"; } );\n"
		     "reference = ( %s );\n",
		reference);
	fclose(out);
	return data_file_municipalities(&arena, path, &conf, &faults);
}

static const struct reference *read_one(const char *members)
{
	char text[4096];

	snprintf(text, sizeof(text), "{ municipality = \"0751\"; %s }", members);
	if (read_reference(text) < 0)
		ck_abort_msg("%s", faults_text(&faults));
	ck_assert_uint_eq(conf.references_len, 1);
	return &conf.references[0];
}

static int32_t day(const char *text)
{
	int32_t day;

	ck_assert(day_parse(text, 10, &day));
	return day;
}

START_TEST(everything_is_read)
{
	const struct reference *r = read_one(
		"inhabitants = ( { from = \"2026-01-01\"; number = \"50.000\"; cite = \"invented\"; },\n"
		"                { from = \"2025-01-01\"; number = 49000; } );\n"
		"children = ( { from = \"2025-01-01\"; number = 3000; } );\n"
		"costs = ( { channel = \"phone\"; from = \"2025-01-01\"; minutes = 6.5; kroner = \"45,25\"; price_level = \"2025\"; },\n"
		"          { channel = \"counter\"; from = \"2025-01-01\"; kroner = 75; } );\n"
		"hours = ( { from = \"2025-01-01\"; monday = \"09:00-12:00, 13:00-15:00\"; thursday = \"10:00-18:00\"; },\n"
		"          { from = \"2025-01-01\"; channel = \"phone\"; unit = \"borgerservice\"; friday = \"08:00-12:00\"; } );\n"
		"closed = [ \"2026-12-24\", \"2026-06-05\" ];");
	int64_t number;

	ck_assert_str_eq(r->municipality, "0751");
	ck_assert(reference_number(r, REFERENCE_INHABITANTS, day("2025-06-01"), &number));
	ck_assert_int_eq(number, 49000);
	ck_assert(reference_number(r, REFERENCE_INHABITANTS, day("2026-06-01"), &number));
	ck_assert_int_eq(number, 50000);
	ck_assert(reference_number(r, REFERENCE_CHILDREN, day("2026-06-01"), &number));
	ck_assert_int_eq(number, 3000);
	ck_assert_int_eq(reference_cost(r, EFFORT_PHONE, day("2026-01-01"))->minutes, 650);
	ck_assert_int_eq(reference_cost(r, EFFORT_PHONE, day("2026-01-01"))->ore, 4525);
	ck_assert_str_eq(reference_cost(r, EFFORT_PHONE, day("2026-01-01"))->price_level, "2025");
	ck_assert(!reference_cost(r, EFFORT_COUNTER, day("2026-01-01"))->has_minutes);
	/* Thursday 2026-03-12, Friday 2026-03-13 */
	ck_assert_int_eq(reference_open(r, EFFORT_PHONE, str_of(""), day("2026-03-12"), 17 * 60), REFERENCE_OPEN);
	ck_assert_int_eq(reference_open(r, EFFORT_PHONE, str_of(""), day("2026-03-13"), 9 * 60), REFERENCE_CLOSED);
	ck_assert_int_eq(reference_open(r, EFFORT_PHONE, str_of("borgerservice"), day("2026-03-13"), 9 * 60), REFERENCE_OPEN);
	ck_assert_int_eq(r->closed[0], day("2026-06-05"));
	ck_assert_ptr_eq(conf_reference(&conf, "0751"), r);
	ck_assert_ptr_null(conf_reference(&conf, "0101"));
}
END_TEST

START_TEST(without_it_nothing_is_known)
{
	ck_assert_int_eq(read_reference(""), 0);
	ck_assert_uint_eq(conf.references_len, 0);
	ck_assert_int_eq(read_reference("{ municipality = \"dk\"; inhabitants = ( { from = \"2026-01-01\"; number = 1000000; } ); }"), 0);
	ck_assert_ptr_nonnull(conf_reference(&conf, "dk"));
}
END_TEST

static const struct {
	const char *members, *fault;
} bad[] = {
	{ "inhabitants = ( { from = \"2026-01-01\"; number = 367.095; } );", "persons are a whole number from 1" },
	{ "inhabitants = ( { from = \"2026-01-01\"; number = \"367,095\"; } );", "persons are a whole number from 1" },
	{ "inhabitants = ( { from = \"2026-01-01\"; number = \"1.5\"; } );", "persons are a whole number from 1" },
	{ "inhabitants = ( { from = \"2026-01-01\"; number = 0; } );", "persons are a whole number from 1" },
	{ "inhabitants = ( { from = \"2026-02-30\"; number = 5; } );", "\"2026-02-30\" is not a date" },
	{ "inhabitants = ( { number = 5; } );", "from" },
	{ "children = ( { from = \"2026-01-01\"; number = 5; }, { from = \"2026-01-01\"; number = 6; } );",
	  "this day stands here a second time" },
	{ "costs = ( { channel = \"fone\"; from = \"2026-01-01\"; minutes = 5; } );", "did you mean 'phone'" },
	{ "costs = ( { channel = \"phone\"; from = \"2026-01-01\"; } );", "neither minutes nor kroner" },
	{ "costs = ( { channel = \"phone\"; from = \"2026-01-01\"; minutes = -1; } );", "no less than nothing" },
	{ "costs = ( { channel = \"phone\"; from = \"2026-01-01\"; minutes = \"6.5\"; } );", "\"6.5\" is not a number" },
	{ "costs = ( { channel = \"phone\"; from = \"2026-01-01\"; minutes = 1; }, { channel = \"phone\"; from = \"2026-01-01\"; kroner = 1; } );",
	  "this channel and day stand here a second time" },
	{ "hours = ( { from = \"2026-01-01\"; monday = \"9-15\"; } );", "monday: \"9-15\" are no opening hours" },
	{ "hours = ( { from = \"2026-01-01\"; unit = \"a b\"; } );", "\"a b\" is not a unit" },
	{ "hours = ( { from = \"2026-01-01\"; }, { from = \"2026-01-01\"; monday = \"09:00-10:00\"; } );",
	  "hours from this day on stand here a second time" },
	{ "hours = ( { from = \"2026-01-01\"; munday = \"09:00-10:00\"; } );", "did you mean 'monday'" },
	{ "closed = [ \"24/12\" ];", "\"24/12\" is not a date" },
};

START_TEST(every_fault_is_told)
{
	char text[2048], *got;

	snprintf(text, sizeof(text), "{ municipality = \"0751\";\n %s }", bad[_i].members);
	ck_assert_int_eq(read_reference(text), -EINVAL);
	got = faults_text(&faults);
	ck_assert_msg(strstr(got, bad[_i].fault) != NULL, "%s: %s", bad[_i].members, got);
	ck_assert_uint_eq(faults.n, 1);
	ck_assert_msg(strstr(got, ":3:") != NULL, "%s", got);
	free(got);
}
END_TEST

START_TEST(places_are_of_the_list_and_once)
{
	ck_assert_int_eq(read_reference("{ municipality = \"0999\"; }"), -EINVAL);
	ck_assert_int_eq(read_reference("{ municipality = \"0751\"; }, { municipality = \"0751\"; }"), -EINVAL);
	ck_assert_int_eq(read_reference("{ municipality = \"dk\"; hours = ( { from = \"2026-01-01\"; } ); }"), -EINVAL);
	ck_assert_int_eq(read_reference("{ inhabitants = ( ); }"), -EINVAL);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { everything_is_read, without_it_nothing_is_known, places_are_of_the_list_and_once };
	TCase *tcase = suite_case("conf/reference_list", set_up, tear_down);

	SUITE_ADD(tcase, tests);
	tcase_add_loop_test(tcase, every_fault_is_told, 0, SUITE_LENGTH(bad));
	return suite_run("conf/reference_list", tcase);
}
