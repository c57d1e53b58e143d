/* SPDX-License-Identifier: MPL-2.0 */
/* The file of targets: what goes into a definition, and every fault with its place and next step. */
#include "conf/target_list.h"

#include "conf_testing.h"

static char path[] = "/tmp/effort-targets-XXXXXX";
static struct arena arena;
static struct conf conf;
static struct faults faults;
static const struct conf_municipality municipalities[] = { { "0101", "København" }, { "0751", "Aarhus" } };

static void set_up(void)
{
	strcpy(path, "/tmp/effort-targets-XXXXXX");
	close(mkstemp(path));
	conf = (struct conf){ .municipalities = municipalities, .municipalities_len = 2 };
	arena = (struct arena){ NULL };
	faults = (struct faults){ 0 };
}

static void tear_down(void)
{
	unlink(path);
	arena_done(&arena);
	faults_done(&faults);
}

#define MAIN                                                                                                 \
	"{ id = \"kl\"; measure = \"selfservice\"; scope = \"group:target\"; value = 80; comparator = \">=\"; " \
	"from = \"2012-12-01\"; }"

static int read_text(const char *text)
{
	FILE *out = fopen(path, "w");

	faults_done(&faults);
	fputs(text, out);
	fclose(out);
	return target_list_read(&arena, path, &conf, &faults);
}

/* One target beside the main one. */
static const struct target_def *read_members(const char *members)
{
	char text[2048];

	snprintf(text, sizeof(text), "targets = ( " MAIN ",\n{ id = \"t\"; %s } );\n", members);
	if (read_text(text) < 0)
		ck_abort_msg("%s", faults_text(&faults));
	ck_assert_uint_eq(conf.targets_len, 2);
	ck_assert_ptr_eq(conf.main_target, &conf.targets[0]);
	return &conf.targets[1];
}

static int32_t day(const char *text)
{
	int32_t day;

	ck_assert(day_parse(text, 10, &day));
	return day;
}

START_TEST(everything_is_read)
{
	const struct target_def *t = read_members(
		"da = \"Færre i køen\"; en = \"Shorter queue\"; measure = \"in_person\"; scope = \"school/school-enrolment\";\n"
		"channel = \"phone\"; municipality = \"0751\"; comparator = \"<=\"; from = \"2026-01-01\"; to = \"2027-12-31\";\n"
		"due = \"2027-06-30\"; baseline = \"season:2025-autumn\"; window = \"season\"; least_n = 100;\n"
		"values = ( { from = \"2026-01-01\"; value = 20; }, { from = \"2027-01-01\"; value = 15.5; } );");

	ck_assert_str_eq(t->name_da, "Færre i køen");
	ck_assert_str_eq(t->name_en, "Shorter queue");
	ck_assert_int_eq(t->measure, MEASURE_IN_PERSON);
	ck_assert_str_eq(t->scope, "school/school-enrolment");
	ck_assert_str_eq(t->channel, "phone");
	ck_assert_str_eq(t->municipality, "0751");
	ck_assert_int_eq(t->comparator, COMPARATOR_MOST);
	ck_assert_int_eq(t->from, day("2026-01-01"));
	ck_assert_int_eq(t->end, day("2028-01-01"));
	ck_assert_int_eq(t->due, day("2027-06-30"));
	ck_assert_int_eq(t->baseline.kind, AGAINST_DAYS);
	ck_assert_int_eq(t->baseline.first, day("2025-07-01"));
	ck_assert_int_eq(t->baseline.end, day("2026-01-01"));
	ck_assert_int_eq(t->window, WINDOW_SEASON);
	ck_assert_int_eq(t->least_n, 100);
	ck_assert_uint_eq(t->steps_len, 2);
	ck_assert_int_eq(t->steps[0].from, INT32_MIN);
	ck_assert_int_eq(t->steps[0].value, 2000);
	ck_assert_int_eq(t->steps[1].from, day("2027-01-01"));
	ck_assert_int_eq(t->steps[1].value, 1550);
}
END_TEST

START_TEST(what_is_left_out_has_its_default)
{
	const struct target_def *t = read_members(
		"measure = \"volume\"; scope = \"all\"; value = 60000; comparator = \"<=\"; from = \"2026-01-01\";");

	ck_assert_str_eq(t->name_en, measure_en[MEASURE_VOLUME]);
	ck_assert_ptr_null(t->channel);
	ck_assert_ptr_null(t->municipality);
	ck_assert_int_eq(t->steps[0].value, 60000);
	ck_assert_int_eq(t->end, INT32_MAX);
	ck_assert_int_eq(t->due, INT32_MAX);
	ck_assert_int_eq(t->baseline.kind, AGAINST_NOTHING);
	ck_assert_int_eq(t->window, WINDOW_YEAR);
	ck_assert_int_eq(t->least_n, 30);
}
END_TEST

START_TEST(baselines)
{
	const char *const rest = "scope = \"all\"; value = 50; comparator = \">=\"; from = \"2026-01-01\";";
	char text[512];
	const struct target_def *t;

	snprintf(text, sizeof(text), "measure = \"reduction_information\"; baseline = \"2011-09-05..2011-09-25\"; %s", rest);
	t = read_members(text);
	ck_assert_int_eq(t->baseline.first, day("2011-09-05"));
	ck_assert_int_eq(t->baseline.end, day("2011-09-26"));
	snprintf(text, sizeof(text), "measure = \"reduction_information\"; baseline = \"12000\"; %s", rest);
	t = read_members(text);
	ck_assert_int_eq(t->baseline.kind, AGAINST_NUMBER);
	ck_assert_int_eq(t->baseline.number, 12000);
}
END_TEST

static void expect_value(const char *value, int want)
{
	char text[512];
	int r;

	snprintf(text, sizeof(text),
		 "targets = ( { id = \"t\"; measure = \"selfservice\"; scope = \"group:target\"; value = %s; "
		 "comparator = \">=\"; from = \"2020-02-29\"; } );\n",
		 value);
	r = read_text(text);
	ck_assert_msg((r == 0) == (want > 0), "value = %s", value);
	if (r == 0)
		ck_assert_int_eq(conf.main_target->steps[0].value, want);
}

START_TEST(values_are_percent_with_two_decimals)
{
	expect_value("80", 8000);
	expect_value("80.0", 8000);
	expect_value("79.99", 7999);
	expect_value("80.01", 8001);
	expect_value("0.01", 1);
	expect_value("99.99", 9999);
	expect_value("100", 10000);
	expect_value("80.001", 0);
	expect_value("0", 0);
	expect_value("0.001", 0);
	expect_value("-1", 0);
	expect_value("100.01", 0);
	expect_value("1e300", 0);
	expect_value("\"80\"", 0);
}
END_TEST

static void expect_fault(const char *members, const char *fault)
{
	char text[2048], *got;

	snprintf(text, sizeof(text), "targets = ( " MAIN ",\n{ %s } );\n", members);
	ck_assert_msg(read_text(text) < 0, "%s is accepted", members);
	got = faults_text(&faults);
	ck_assert_msg(strstr(got, fault) != NULL, "%s: not among\n%s", fault, got);
	free(got);
}

#define REST "measure = \"volume\"; scope = \"all\"; value = 5; comparator = \">=\"; from = \"2026-01-01\";"

START_TEST(every_fault_has_its_place_and_next_step)
{
	expect_fault("id = \"a b\"; " REST, ":2:3: \"a b\" is not an id\n    ids are of a-z, 0-9 and '-', at most 48");
	expect_fault("id = \"kl\"; " REST, ":2:1: the target kl stands here a second time; the first is in line 1\n"
					   "    keep one of the two");
	expect_fault("id = \"t\"; sope = 1; " REST, "a target has no setting 'sope'\n    did you mean 'scope'?");
	expect_fault("id = \"t\"; municipality = \"0752\"; " REST, "\"0752\" is not a municipality");
	expect_fault("id = \"t\"; channel = \"fone\"; " REST, "\"fone\" is not a channel\n    did you mean 'phone'?");
	expect_fault("id = \"t\"; due = \"2025-01-01\"; " REST, "due is before from");
	expect_fault("id = \"t\"; to = \"2025-01-01\"; " REST, "to is before from");
	expect_fault("id = \"t\"; to = \"2025-02-30\"; " REST, "\"2025-02-30\" is not a date\n    write it as \"2012-12-01\"");
	expect_fault("id = \"t\"; window = \"years\"; " REST, "\"years\" is not a window\n    did you mean 'year'?");
	expect_fault("id = \"t\"; baseline = \"2012\xc3\xb8\"; " REST, "is not a baseline\n    write a period (\"year:2012\")");
	expect_fault("id = \"t\"; least_n = 0; " REST, "least_n is at least 1");
	expect_fault("id = \"t\"; values = ( ); " REST, "a target needs either 'value' or 'values'");
	expect_fault("id = \"t\"; measure = \"digitally\"; scope = \"all\"; value = 5; comparator = \">=\"; from = \"2026-01-01\";",
		     "\"digitally\" is not a measure\n    did you mean 'digital'?");
	expect_fault("id = \"t\"; measure = \"digital\"; channel = \"phone\"; scope = \"all\"; value = 5; comparator = \">\"; "
		     "from = \"2026-01-01\";",
		     "digital is not measured by channel\n    remove channel");
	expect_fault("id = \"t\"; measure = \"digital\"; scope = \"School\"; value = 5; comparator = \">=\"; from = \"2026-01-01\";",
		     "\"School\" is not a scope");
	expect_fault("id = \"t\"; measure = \"volume\"; scope = \"all\"; value = 5.5; comparator = \">=\"; from = \"2026-01-01\";",
		     "the value of a volume must be a number of contacts");
	expect_fault("id = \"t\"; measure = \"digital\"; scope = \"all\"; comparator = \">=\"; from = \"2026-01-01\"; values = (\n"
		     "{ from = \"2026-01-01\"; value = 5; }, { from = \"2026-01-01\"; value = 6; } );",
		     ":3:38: a value begins no later than the one before it\n    sort the values by their dates");
}
END_TEST

START_TEST(there_is_one_main_target)
{
	char want[512], *got;

	ck_assert_int_lt(read_text("targets = ( );\n"), 0);
	snprintf(want, sizeof(want),
		 "%s:1:1: no main target: one with measure \"selfservice\", scope \"group:target\", comparator \">=\", for all "
		 "municipalities and without an end\n    keep the main target (kl-80)\n",
		 path);
	got = faults_text(&faults);
	ck_assert_str_eq(got, want);
	free(got);
	ck_assert_int_lt(read_text("targets = ( { id = \"t\"; " REST " } );\n"), 0);
	ck_assert_int_lt(read_text("target = ( " MAIN " );\n"), 0);
	ck_assert_int_eq(read_text("targets = ( { id = \"t\"; " REST " }, " MAIN " );\n"), 0);
	ck_assert_str_eq(conf.main_target->id, "kl");
}
END_TEST

START_TEST(what_is_shipped_is_what_the_documents_say)
{
	static const struct {
		const char *id;
		enum measure measure;
		int64_t value;
	} shipped[] = { { "kl-80", MEASURE_SELFSERVICE, 8000 },
			{ "kl-80-contacts", MEASURE_SELFSERVICE_OF_CONTACTS, 8000 },
			{ "agreement-80-digital", MEASURE_DIGITAL, 8000 },
			{ "agreement-transactions-80", MEASURE_REDUCTION_TRANSACTIONS, 8000 },
			{ "agreement-information-50", MEASURE_REDUCTION_INFORMATION, 5000 } };

	ck_assert_int_eq(target_list_read(&arena, SOURCE_DIR "/etc/targets.conf", &conf, &faults), 0);
	ck_assert_uint_eq(conf.targets_len, SUITE_LENGTH(shipped));
	for (size_t i = 0; i < SUITE_LENGTH(shipped); i++) {
		ck_assert_str_eq(conf.targets[i].id, shipped[i].id);
		ck_assert_int_eq(conf.targets[i].measure, shipped[i].measure);
		ck_assert_int_eq(conf.targets[i].steps[0].value, shipped[i].value);
		ck_assert_int_eq(conf.targets[i].end, INT32_MAX);
	}
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		everything_is_read,
		what_is_left_out_has_its_default,
		baselines,
		values_are_percent_with_two_decimals,
		every_fault_has_its_place_and_next_step,
		there_is_one_main_target,
		what_is_shipped_is_what_the_documents_say,
	};

	return RUN_TESTS_WITHIN("conf/target_list", tests, set_up, tear_down);
}
