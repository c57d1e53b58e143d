/* SPDX-License-Identifier: MPL-2.0 */
/* A good area file, member by member; and their order in the configuration. Bad ones: test_conf_bad.c. */
#include "conf/area_file.h"
#include "conf/conf.h"

#include "conf_testing.h"

static struct area_def *def;

static void open_area(void)
{
	struct faults faults = { 0 };

	if (area_file_read(DATA "/areas/daycare.conf", "/some/plugins", &def, &faults) < 0)
		ck_abort_msg("%s", faults_text(&faults));
}

static void close_area(void)
{
	area_file_free(def);
}

START_TEST(head)
{
	ck_assert_str_eq(def->id, "daycare");
	ck_assert_str_eq(def->plugin, "table");
	ck_assert_str_eq(def->dir, "/some/plugins");
	ck_assert_str_eq(def->name_da, "Dagtilbud");
	ck_assert_str_eq(def->name_en, "Daycare");
	ck_assert_int_eq(def->order, 1);
	ck_assert_str_eq(def->place.file, DATA "/areas/daycare.conf");
	ck_assert_int_eq(def->place.line, 2);
}
END_TEST

START_TEST(claims)
{
	ck_assert_uint_eq(def->claims_len, 2);
	ck_assert_str_eq(def->claims[0].prefix, "28");
	ck_assert(!def->claims[0].is_shared);
	ck_assert_int_eq(def->claims[0].order, 0);
	ck_assert_str_eq(def->claims[1].prefix, "27.60");
	ck_assert(def->claims[1].is_shared);
	ck_assert_int_eq(def->claims[1].order, 10);
	ck_assert_int_eq(def->claims[1].place.line, 7);
	ck_assert_int_eq(def->claims[1].place.column, 15);
}
END_TEST

START_TEST(tasks)
{
	const struct area_task *task = &def->tasks[0];

	ck_assert_uint_eq(def->tasks_len, 2);
	ck_assert_str_eq(task->id, "daycare-admission");
	ck_assert_str_eq(task->name_da, "Optagelse i dagtilbud");
	ck_assert_uint_eq(task->kle_len, 1);
	ck_assert_str_eq(task->kle[0], "28.09.40");
	ck_assert_int_eq(task->wave, 1);
	ck_assert_str_eq(task->in_force, "2012-12-01");
	ck_assert(task->is_target && !task->is_attendance);
	ck_assert_uint_eq(task->authorities_len, 2);
	ck_assert_ptr_null(task->authorities[0].from);
	ck_assert_str_eq(task->authorities[0].who, "municipal");
	ck_assert_str_eq(task->authorities[1].from, "2013-02-01");
	ck_assert_str_eq(task->authorities[1].who, "udk");
	ck_assert_uint_eq(task->groups_len, 2);
	ck_assert_str_eq(task->groups[1], "waves");
	ck_assert_int_eq(task->place.line, 10);
	task = &def->tasks[1];
	ck_assert(!task->is_target && task->is_attendance);
	ck_assert_ptr_null(task->in_force);
	ck_assert_int_eq(task->wave, 0);
	ck_assert_uint_eq(task->kle_len + task->authorities_len + task->groups_len, 0);
}
END_TEST

START_TEST(services)
{
	ck_assert_uint_eq(def->services_len, 2);
	ck_assert_str_eq(def->services[0].source, "*");
	ck_assert_str_eq(def->services[0].service, "pladsanvisning");
	ck_assert_str_eq(def->services[0].task, "daycare-admission");
	ck_assert_str_eq(def->services[1].source, "*");
	ck_assert_ptr_null(def->services[1].task);
}
END_TEST

START_TEST(options)
{
	const struct area_option *o = def->options;

	ck_assert_uint_eq(def->options_len, 5);
	ck_assert_str_eq(o[0].name, "strict");
	ck_assert(o[0].type == AREA_VALUE_BOOL && o[0].boolean);
	ck_assert(o[1].type == AREA_VALUE_INT && o[1].integer == INT64_C(5000000000));
	ck_assert(o[2].type == AREA_VALUE_STRING);
	ck_assert_str_eq(o[2].string, "æ \"q\"");
	ck_assert(o[3].type == AREA_VALUE_LIST && o[3].list_len == 2);
	ck_assert_str_eq(o[3].list[1], "b");
	ck_assert(o[4].type == AREA_VALUE_LIST && o[4].list_len == 0);
	ck_assert_int_eq(o[2].place.line, 22);
}
END_TEST

START_TEST(samples)
{
	ck_assert_uint_eq(def->samples_len, 2);
	ck_assert_str_eq(def->samples[0].event, "\"kle\":\"28.09.40\",\"channel\":\"phone\"");
	ck_assert_str_eq(def->samples[0].answer, "count");
	ck_assert_str_eq(def->samples[0].expect, "daycare-admission");
	ck_assert_str_eq(def->samples[1].event, "\"service\":\"a\\\"b\\\\c\",\"exempt\":true,\"count\":3");
	ck_assert_str_eq(def->samples[1].answer, "not_mine");
	ck_assert_str_eq(def->samples[1].expect, "-");
}
END_TEST

START_TEST(in_order)
{
	static const struct conf_override o[] = { { "areas_dir", DATA "/areas" },
						  { "tasks", SOURCE_DIR "/etc/tasks.conf" },
						  { "municipalities", SOURCE_DIR "/etc/municipalities.conf" },
						  { "targets", SOURCE_DIR "/etc/targets.conf" },
						  { "plugins.dir", "/p" } };
	struct faults faults = { 0 }, warnings = { 0 };
	struct conf *conf = conf_load(NULL, o, 5, &faults, &warnings);

	ck_assert_ptr_nonnull(conf);
	ck_assert_uint_eq(conf->areas_len, 2);
	ck_assert_str_eq(conf->areas[0].id, "daycare");
	ck_assert_str_eq(conf->areas[1].id, "school");
	ck_assert_str_eq(conf->areas[1].dir, "/p");
	conf_free(conf);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		head, claims, tasks, services, options, samples, in_order,
	};

	return RUN_TESTS_WITHIN("conf/area_file", tests, open_area, close_area);
}
