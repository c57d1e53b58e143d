/* SPDX-License-Identifier: MPL-2.0 */
/* Every file of tests/data/conf/bad and bad_areas is refused with exactly the faults of its .expect file. */
#include "conf/area_file.h"
#include "conf/conf.h"

#include "conf_testing.h"

/* Good data files, so that only the main file is at fault; what a file sets itself stays. */
static const char *const data_keys[][2] = {
	{ "areas_dir", DATA "/areas" },
	{ "tasks", SOURCE_DIR "/etc/tasks.conf" },
	{ "municipalities", SOURCE_DIR "/etc/municipalities.conf" },
	{ "targets", SOURCE_DIR "/etc/targets.conf" },
};

static void refuse_main(const char *path)
{
	struct conf_override overrides[4];
	struct faults faults = { 0 }, warnings = { 0 };
	char *text = file_text(path);
	size_t n = 0;

	for (size_t i = 0; i < 4; i++)
		if (strstr(text, data_keys[i][0]) == NULL || strstr(path, "/types.conf") != NULL)
			overrides[n++] = (struct conf_override){ data_keys[i][0], data_keys[i][1] };
	ck_assert_msg(conf_load(path, overrides, n, &faults, &warnings) == NULL, "%s is accepted", path);
	expect_faults(path, &faults);
	ck_assert_uint_eq(warnings.n, 0);
	faults_done(&faults);
	free(text);
}

static void refuse_area(const char *path)
{
	struct faults faults = { 0 };
	struct area_def *def = NULL;

	ck_assert_msg(area_file_read(path, "/plugins", &def, &faults) < 0, "%s is accepted", path);
	ck_assert_ptr_null(def);
	expect_faults(path, &faults);
	faults_done(&faults);
}

START_TEST(main_files)
{
	ck_assert_int_ge(each_conf(DATA "/bad", refuse_main), 50);
}
END_TEST

START_TEST(area_files)
{
	ck_assert_int_ge(each_conf(DATA "/bad_areas", refuse_area), 3);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		main_files,
		area_files,
	};

	return RUN_TESTS("conf/bad", tests);
}
