/* SPDX-License-Identifier: MPL-2.0 */
/* Files of efforts: the shipped examples, what can be wrong, writing and reading back, the registry in state_dir. */
#include "conf/effort_list.h"
#include "conf/registry.h"

#include "conf_testing.h"
#include "count/effort_fields.h"
#include "count/effort_money.h"
#include "domain/calendar.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define EXAMPLES SOURCE_DIR "/etc/examples/efforts.conf"

static struct arena arena;
static struct faults faults;
static struct effort_list list;
static char dir[64];

static void set_up(void)
{
	strcpy(dir, "/tmp/effort-list-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void tear_down(void)
{
	static const char *const names[] = { "efforts.conf", "efforts.conf.lock", "efforts.conf.new" };
	char path[128];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
	arena_done(&arena);
	faults_done(&faults);
}

static int read_text(const char *text)
{
	faults_done(&faults);
	list = (struct effort_list){ 0 };
	return effort_list_read_text(&list, &arena, "t", text, strlen(text), NULL, &faults);
}

/* An effort with more members. */
static int read_with(const char *members)
{
	char text[4096];

	snprintf(text, sizeof(text),
		 "efforts = ( {\nid = \"x\"; title = \"T\"; category = \"campaign\"; municipality = \"0751\";\n"
		 "scope = \"all\"; from = \"2016-01-01\";\n%s } );\n",
		 members);
	return read_text(text);
}

static void expect(int result, const char *want)
{
	char *got = faults_text(&faults);

	ck_assert_str_eq(got, want);
	ck_assert_int_eq(result, want[0] == '\0' ? 0 : -EINVAL);
	free(got);
}

/* --- the examples --- */

static const struct effort *example(const char *id)
{
	const struct effort *effort;

	if (list.n == 0 && effort_list_read(&list, &arena, EXAMPLES, false, NULL, &faults) < 0)
		ck_abort_msg("%s", faults_text(&faults));
	effort = effort_list_find(&list, id);
	ck_assert_msg(effort != NULL, "%s", id);
	return effort;
}

static FILE *field_file;

static void put(void *ctx, const char *name, const char *value)
{
	(void)ctx;
	fprintf(field_file, "%s=%s\n", name, value);
}

static char *fields_of(const char *id, int32_t today)
{
	char *text = NULL;
	size_t size;

	field_file = open_memstream(&text, &size);
	fputs("\n", field_file);
	effort_fields(example(id), today, put, NULL);
	fclose(field_file);
	return text;
}

static void expect_fields(const char *id, int32_t today, const char *const *want)
{
	char *text = fields_of(id, today), line[256];

	for (; *want != NULL; want++) {
		snprintf(line, sizeof(line), "\n%s\n", *want);
		ck_assert_msg(strstr(text, line) != NULL, "%s is not in %s", *want, text);
	}
	free(text);
}

#define EXPECT_FIELDS(id, year, ...) \
	expect_fields(id, day_of_date(year, 4, 1), (const char *const[]){ __VA_ARGS__, NULL })

START_TEST(the_examples_are_good_and_name_nobody)
{
	example("soroe-digital-post");
	ck_assert_uint_eq(list.n, 9);
	ck_assert_uint_eq(list.outsides_len, 2);
	ck_assert_int_eq(effort_list_join(&list, &faults), 0);
}
END_TEST

START_TEST(o35_example_esbjerg)
{
	EXPECT_FIELDS("esbjerg-kontaktcenter", 2016, "money.expected.2014=-1350000.00", "money.expected.2015=742000.00",
		      "money.expected.2016=1349000.00", "money.expected.2017=1898600.00",
		      "money.expected.costs=-1350000.00", "money.expected.savings=3989600.00",
		      "money.expected.total=2639600.00", "money.expected.payback=2016-06", "money.verdict=too_early");
}
END_TEST

START_TEST(o33_o34_o31_example_the_digital_hotline)
{
	EXPECT_FIELDS("den-digitale-hotline", 2016, "money.expected:ddh.accumulated.2015=-1900000.00",
		      "money.expected:ddh.accumulated.2017=12000000.00", "money.expected:ddh.accumulated.2018=23000000.00",
		      "money.expected:fysisk-kontaktcenter.accumulated.2016=5200000.00",
		      "money.expected:fysisk-kontaktcenter.accumulated.2018=23000000.00", "plan.2015=60000",
		      "plan.2018=700000", "target=700000.00", "channel=phone");
}
END_TEST

START_TEST(o21_case_24_example_soroe)
{
	char *text = fields_of("soroe-digital-post", day_of_date(2013, 6, 1));

	EXPECT_FIELDS("soroe-digital-post", 2013, "money.expected.2013=1400000.00", "money.expected.2016=1400000.00",
		      "money.expected.incomplete=1", "money.verdict=too_early");
	/* what the first years cost is not stated: no sum over them, and no payback */
	ck_assert_ptr_null(strstr(text, "accumulated"));
	ck_assert_ptr_null(strstr(text, "payback"));
	ck_assert_ptr_null(strstr(text, "money.expected.2011"));
	free(text);
}
END_TEST

START_TEST(o18_o19_example_norddjurs)
{
	const struct effort *effort = example("norddjurs-digital-post");

	ck_assert_int_eq(effort->measure, MEASURE_OUTGOING_DIGITAL);
	ck_assert_int_eq(effort->target.value, 8800);
	ck_assert_int_eq(effort->alarm, 100);
	EXPECT_FIELDS("norddjurs-digital-post", 2016, "money.realised.2015=1500000.00", "target=88.00");
}
END_TEST

START_TEST(o44_example_nemplads)
{
	EXPECT_FIELDS("viborg-nemplads", 2016, "scopes=daycare,school", "benefit.kroner=100000.00",
		      "benefit.kroner.2014=0.00", "benefit.kroner.2015=100000.00", "benefit.from=2015-01-01");
}
END_TEST

START_TEST(o41_example_varde)
{
	EXPECT_FIELDS("varde-klinik", 2016, "benefit.kroner=101085.83", "benefit.hours=303.33",
		      "benefit.cashable=25252.50");
}
END_TEST

START_TEST(o50_example_silkeborg)
{
	EXPECT_FIELDS("silkeborg-uddannelsesloeft", 2016, "goal.1.verdict=met", "goal.2.verdict=on_track",
		      "goal.3.verdict=on_track", "goal.4.verdict=on_track", "goal.1.value=10.00", "goal.1.result=34.00",
		      "goal.3.result=72.00", "baseline=none");
	EXPECT_FIELDS("silkeborg-uddannelsesloeft", 2017, "goal.1.verdict=met", "goal.2.verdict=missed");
}
END_TEST

START_TEST(case_20_example_syddjurs_has_no_target)
{
	const struct effort *effort = example("syddjurs-tidlig-visitation");

	ck_assert(!effort->has_target);
	EXPECT_FIELDS("syddjurs-tidlig-visitation", 2016, "money.expected.2017=3000000.00",
		      "money.expected.accumulated.2019=12000000.00");
}
END_TEST

START_TEST(example_favrskov)
{
	EXPECT_FIELDS("favrskov-digitaliseringsbank", 2016, "category=incentive", "money.realised.incomplete=1");
}
END_TEST

START_TEST(case_25_the_examples_have_no_persons)
{
	char *text = file_text(EXAMPLES);

	ck_assert_ptr_null(strchr(text, '@'));
	free(text);
	ck_assert_int_eq(read_with("kontaktperson = \"en\"; email = \"a\";"), -EINVAL);
	expect(-EINVAL, "t:4:1: 'kontaktperson': no person's name, number or address is kept with an effort\n"
			"    remove it; who owns an effort is a `unit`\n"
			"t:4:23: 'email': no person's name, number or address is kept with an effort\n"
			"    remove it; who owns an effort is a `unit`\n");
}
END_TEST

/* --- what is wrong --- */

static const struct {
	const char *members, *want;
} bad[] = {
	{ "", "" },
	{ "category = \"campagne\";", NULL },
	{ "to = \"2015-12-31\";", "t:4:1: to is before from\n" },
	{ "to = \"2015-02-30\";", "t:4:1: \"2015-02-30\" is not a date\n    write it as \"2012-12-01\"\n" },
	{ "channel = \"fone\";", NULL },
	{ "unit = \"Jens Jensen\";", "t:4:1: \"Jens Jensen\" is not the name of a unit\n"
				     "    letters, digits and ._:/- only, at most 64; a unit, never a person\n" },
	{ "scopes = [ \"school\" ];", "t:1:13: an effort needs either 'scope' or 'scopes'\n"
				      "    write scope = \"school\"; or scopes = [ \"school\", \"daycare\" ];\n" },
	{ "target = { value = 80.005; };", "t:4:12: a number has at most two decimals\n    write it as 80 or 79.99\n" },
	{ "target = { value = 101; };", "t:4:1: the target of a share is 0 to 100\n    write it as 80 or 79.99\n" },
	{ "baseline = { value = 47; none = true; };",
	  "t:4:1: a baseline is days, a value, or none\n"
	  "    write { from = \"2013-01-01\"; to = \"2013-06-30\"; }, { value = 47; } or { none = true; }\n" },
	{ "money = ( { year = 2015; kroner = 1; recurrence = \"yearly\"; cashable = true; } );",
	  "t:4:11: a money line needs 'basis', text in quotes\n" },
	{ "money = ( { year = 2015; kroner = 1; basis = \"expected\"; recurrence = \"yearly\"; } );",
	  "t:4:11: a money line needs 'cashable', true or false without quotes\n" },
	{ "money = ( { year = 2015; kroner = 1; basis = \"expected\"; recurrence = \"yearly\"; cashable = true; },\n"
	  "{ year = 15; basis = \"expected\"; recurrence = \"yearly\"; cashable = true; } );",
	  "t:5:1: year and until are years from 1990 to 2100, in this order\n" },
	{ "goals = ( { title = \"a\"; value = 1; result = 2; } );",
	  "t:4:37: a result needs the day it was counted on\n    write as_of = \"2016-03-01\"\n" },
	{ "efort = 1;", NULL },
};

START_TEST(what_is_wrong_is_told_with_its_place)
{
	int r = read_with(bad[_i].members);

	if (bad[_i].want != NULL)
		expect(r, bad[_i].want);
	else
		ck_assert_int_eq(r, -EINVAL);
}
END_TEST

START_TEST(misspelt_words_come_with_the_nearest_one)
{
	char *got;

	ck_assert_int_eq(read_text("efforts = ( { id = \"x\"; title = \"T\"; category = \"contact-center\"; "
				   "municipality = \"0751\"; scope = \"all\"; from = \"2016-01-01\"; } );"),
			 -EINVAL);
	got = faults_text(&faults);
	ck_assert_ptr_nonnull(strstr(got, "t:1:38: category: \"contact-center\" is none of its words\n"
					  "    did you mean 'contact-centre'? "));
	free(got);
}
END_TEST

START_TEST(ids_are_unique_and_funds_are_there)
{
	ck_assert_int_eq(read_with("funded_by = \"y\"; } , { id = \"x\"; title = \"T\"; category = \"law\"; municipality = "
				   "\"dk\"; scope = \"all\"; from = \"2016-01-01\";"),
			 0);
	expect(effort_list_join(&list, &faults),
	       "t:1:13: funded_by: there is no effort y\n    name an effort by its id\n"
	       "t:4:22: the effort x stands here a second time; the first is in t:1\n    give one of the two another id\n");
}
END_TEST

/* --- writing --- */

static char *written(const struct effort_list *efforts)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	effort_list_write(efforts, out);
	fclose(out);
	return text;
}

START_TEST(what_is_written_is_read_back_the_same)
{
	char *first, *second;

	example("esbjerg-kontaktcenter");
	ck_assert_int_eq(read_with("note = \"med \\\"gåsetegn\\\" og \\\\\"; channel = \"phone\"; measure = \"volume\"; "
				   "target = { value = 12; comparator = \"<=\"; due = \"2017-01-01\"; }; "
				   "baseline = { value = 14; }; title_en = \"E\"; unit = \"u\"; method = \"m\"; "
				   "counterfactual = \"c\"; next_check = \"2016-06-01\"; benefit_from = \"2016-02-01\"; "
				   "costs = ( { channel = \"phone\"; minutes = 2.5; kroner = 12.25; } ); hourly_rate = 250; "
				   "goals = ( { title = \"g\"; value = 1; before = 5; comparator = \"<=\"; due = \"2018-01-01\"; } ); "
				   "outside = ( { title = \"o\"; from = \"2016-01-01\"; to = \"2016-02-01\"; scope = \"school\"; } ); "
				   "money = ( { title = \"m\"; year = 2016; until = 2018; kroner = -3000000000.50; basis = \"estimated\"; "
				   "origin = \"national\"; recurrence = \"yearly\"; cashable = false; price_level = \"14-pl\"; } ); "
				   "plan = ( { year = 2016; volume = 5; scenario = \"s\"; } ); realisability = \"2,5\"; "
				   "alarm = 0; status = \"pilot\"; to = \"2016-12-31\";"),
			 0);
	first = written(&list);
	ck_assert_ptr_nonnull(strstr(first, "kroner = -3000000000.50;"));
	ck_assert_int_eq(read_text(first), 0);
	second = written(&list);
	ck_assert_str_eq(first, second);
	ck_assert_str_eq(list.efforts[0].note, "med \"gåsetegn\" og \\");
	free(first);
	free(second);

	list.n = 0;
	example("varde-klinik");
	first = written(&list);
	ck_assert_int_eq(read_text(first), 0);
	ck_assert_uint_eq(list.n, 9);
	second = written(&list);
	ck_assert_str_eq(first, second);
	free(first);
	free(second);
}
END_TEST

/* --- the registry --- */

START_TEST(the_registry_keeps_what_is_saved)
{
	struct registry registry;
	struct error err = { "" };
	static const char effort[] = "efforts = ( { id = \"a\"; title = \"Å\"; category = \"law\"; municipality = \"dk\"; "
				     "scope = \"all\"; from = \"2016-01-01\"; } );";

	ck_assert_int_eq(registry_open(&registry, dir, NULL, &faults, &err), 0);
	ck_assert_uint_eq(registry.list.n, 0);
	ck_assert_int_eq(effort_list_read_text(&registry.list, &registry.arena, "t", effort, strlen(effort), NULL, &faults), 0);
	ck_assert_int_eq(registry_save(&registry, &err), 0);
	registry_close(&registry);
	ck_assert_int_eq(registry_open(&registry, dir, NULL, &faults, &err), 0);
	ck_assert_uint_eq(registry.list.n, 1);
	ck_assert_str_eq(registry.list.efforts[0].title, "Å");
	registry_close(&registry);
}
END_TEST

START_TEST(a_registry_with_faults_is_not_replaced)
{
	struct registry registry;
	struct error err = { "" };
	char path[128], *text;
	FILE *out;

	snprintf(path, sizeof(path), "%s/efforts.conf", dir);
	out = fopen(path, "w");
	fputs("efforts = ( { id = 1; } );", out);
	fclose(out);
	ck_assert_int_eq(registry_open(&registry, dir, NULL, &faults, &err), -EINVAL);
	ck_assert_uint_gt(faults.n, 0);
	text = file_text(path);
	ck_assert_str_eq(text, "efforts = ( { id = 1; } );");
	free(text);
}
END_TEST

START_TEST(a_registry_that_cannot_be_written_stays)
{
	struct registry registry;
	struct error err = { "" };
	char path[128], other[128];

	ck_assert_int_eq(registry_open(&registry, dir, NULL, &faults, &err), 0);
	ck_assert_int_eq(registry_save(&registry, &err), 0);
	snprintf(path, sizeof(path), "%s/efforts.conf.new", dir);
	snprintf(other, sizeof(other), "%s/elsewhere", dir);
	ck_assert_int_eq(symlink(other, path), 0); /* a link is not followed */
	ck_assert_int_eq(registry_save(&registry, &err), -ELOOP);
	ck_assert_int_ne(access(other, F_OK), 0);
	registry_close(&registry);
	ck_assert_int_eq(registry_open(&registry, dir, NULL, &faults, &err), 0);
	registry_close(&registry);
}
END_TEST

/* Eight at once add one effort each. */
START_TEST(several_change_the_registry_one_after_the_other)
{
	struct registry registry;
	struct error err = { "" };
	char text[256];
	int status;

	for (int i = 0; i < 8; i++) {
		if (fork() != 0)
			continue;
		snprintf(text, sizeof(text),
			 "efforts = ( { id = \"a%d\"; title = \"T\"; category = \"law\"; municipality = \"dk\"; "
			 "scope = \"all\"; from = \"2016-01-01\"; } );",
			 i);
		if (registry_open(&registry, dir, NULL, &faults, &err) < 0 ||
		    effort_list_read_text(&registry.list, &registry.arena, "t", text, strlen(text), NULL, &faults) < 0 ||
		    registry_save(&registry, &err) < 0)
			_exit(1);
		_exit(0);
	}
	for (int i = 0; i < 8; i++) {
		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_eq(registry_open(&registry, dir, NULL, &faults, &err), 0);
	ck_assert_uint_eq(registry.list.n, 8);
	registry_close(&registry);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		the_examples_are_good_and_name_nobody,
		o35_example_esbjerg,
		o33_o34_o31_example_the_digital_hotline,
		o21_case_24_example_soroe,
		o18_o19_example_norddjurs,
		o44_example_nemplads,
		o41_example_varde,
		o50_example_silkeborg,
		case_20_example_syddjurs_has_no_target,
		example_favrskov,
		case_25_the_examples_have_no_persons,
		misspelt_words_come_with_the_nearest_one,
		ids_are_unique_and_funds_are_there,
		what_is_written_is_read_back_the_same,
		the_registry_keeps_what_is_saved,
		a_registry_with_faults_is_not_replaced,
		a_registry_that_cannot_be_written_stays,
		several_change_the_registry_one_after_the_other,
	};
	TCase *tcase = suite_case("conf/effort_list", set_up, tear_down);

	SUITE_ADD(tcase, tests);
	tcase_add_loop_test(tcase, what_is_wrong_is_told_with_its_place, 0, SUITE_LENGTH(bad));
	return suite_run("conf/effort_list", tcase);
}
