/* SPDX-License-Identifier: MPL-2.0 */
/* The shipped areas as one set: they open together, no prefix is disputed without being shared, and an event
 * that no area takes is unclassified. Also prints what one event costs on its way through (not asserted). */
#include "trial.h"

#include "conf/area_file.h"

#include <glob.h>

static struct area_def *read_defs[AREA_MAX];
static struct area_def defs[AREA_MAX];
static struct group_def groups[AREA_GROUPS_MAX];
static size_t defs_len, groups_len;

static void find_groups(const struct area_def *def)
{
	for (size_t t = 0; t < def->tasks_len; t++) {
		for (size_t g = 0; g < def->tasks[t].groups_len; g++) {
			const char *id = def->tasks[t].groups[g];
			size_t i = 0;
			while (i < groups_len && strcmp(groups[i].id, id) != 0)
				i++;
			ck_assert_uint_lt(i, AREA_GROUPS_MAX);
			if (i == groups_len)
				groups[groups_len++] =
					(struct group_def){ .id = id, .name_da = id, .name_en = id };
		}
	}
}

static void read_areas(void)
{
	glob_t files;

	trial_start();
	defs_len = groups_len = 0;
	ck_assert_int_eq(glob(AREAS "/*.conf", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++, defs_len++) {
		int result = area_file_read(files.gl_pathv[i], PLUGINS, &read_defs[i], &trial_faults);
		ck_assert_msg(result == 0, "%s", trial_faults.n > 0 ? trial_faults.list[0].text : "?");
		defs[i] = *read_defs[i];
		find_groups(&defs[i]);
	}
	globfree(&files);
}

static void free_areas(void)
{
	for (size_t i = 0; i < defs_len; i++)
		area_file_free(read_defs[i]);
	trial_end();
}

static struct areas *open_set(void)
{
	struct areas *as =
		areas_new(defs, defs_len, groups, groups_len, trial_dir, &trial_limits, &trial_faults);

	for (size_t i = 0; i < trial_faults.n; i++)
		fprintf(stderr, "%s\n", trial_faults.list[i].text);
	ck_assert_ptr_nonnull(as);
	return as;
}

START_TEST(opens_together)
{
	struct effort_event ev = trial_event("97.97.97", EFFORT_COUNTER), *events[1] = { &ev };
	struct areas *as = open_set();
	struct outcome out;

	ck_assert_uint_eq(areas_len(as), defs_len);
	areas_classify(as, events, 1, &out, trial_now_us);
	ck_assert_uint_lt(out.class, areas_classes(as));
	areas_free(as);
}
END_TEST

/* Every task of every area is reached by its id, and all classes tell their area. */
START_TEST(every_task)
{
	struct areas *as = open_set();
	size_t tasks = 0, reached = 0;

	for (size_t a = 0; a < defs_len; a++) {
		for (size_t t = 0; t < defs[a].tasks_len; t++, tasks++) {
			struct effort_event ev = trial_event("", EFFORT_SELFSERVICE), *events[1] = { &ev };
			struct outcome out;
			ev.task = trial_str(defs[a].tasks[t].id);
			areas_classify(as, events, 1, &out, trial_now_us);
			ck_assert_uint_lt(out.class, areas_classes(as));
			if (out.answer != EFFORT_REJECT && areas_class(as, out.class)->area == a &&
			    strcmp(areas_class(as, out.class)->label, defs[a].tasks[t].id) == 0)
				reached++;
			else
				fprintf(stderr, "%s/%s is not reached by its own id\n", defs[a].id,
					defs[a].tasks[t].id);
		}
	}
	ck_assert_uint_gt(tasks, 0);
	ck_assert_uint_eq(reached, tasks);
	areas_free(as);
}
END_TEST

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Prints what an event costs in a set, in whole batches of 4096. */
static void measure(struct areas *as, const char *what)
{
	static struct effort_event ev[4096];
	static struct effort_event *events[4096];
	static struct outcome out[4096];
	static char kle[4096][9];
	double best = 1e18, took;

	for (unsigned i = 0; i < 4096; i++) {
		const struct area_def *def = &defs[i % defs_len];
		const char *prefix =
			def->claims_len > 0 ? def->claims[i / defs_len % def->claims_len].prefix : "99";
		snprintf(kle[i], sizeof(kle[i]), "%02u.%02u.%02u", i % 100, i / 7 % 100, i / 11 % 100);
		memcpy(kle[i], prefix, strlen(prefix));
		ev[i] = trial_event(kle[i], (enum effort_channel)(i % EFFORT_CHANNELS));
		events[i] = &ev[i];
	}
	for (int round = 0; round < 50; round++) {
		double start = now_ns();
		areas_classify(as, events, 4096, out, trial_now_us);
		took = (now_ns() - start) / 4096;
		best = took < best ? took : best;
	}
	printf("%zu areas, %s: %.1f ns per event, routed, classified and checked\n", defs_len, what, best);
	areas_free(as);
}

START_TEST(cost)
{
	measure(open_set(), "as shipped");
	for (size_t i = 0; i < defs_len; i++) {
		defs[i].plugin = "table";
		defs[i].options_len = defs[i].samples_len = 0;
	}
	measure(open_set(), "all on table");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("set");
	TCase *tc = tcase_create("set");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, read_areas, free_areas);
	tcase_add_test(tc, opens_together);
	tcase_add_test(tc, every_task);
	tcase_add_test(tc, cost);
	suite_add_tcase(suite, tc);
	return trial_run(suite);
}
