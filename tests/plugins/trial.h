/* SPDX-License-Identifier: MPL-2.0 */
/* What the plugin tests share: a run folder, small sets of areas on fixture modules, events, faults as text.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include "classify/classify.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const struct areas_limits trial_limits = { .batch_budget_us = 50,
						  .slow_batches = 3,
						  .breaker_ms = 100 };

static char trial_dir[64];
static struct faults trial_faults;

static inline void trial_start(void)
{
	snprintf(trial_dir, sizeof(trial_dir), "/tmp/effort-trial-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(trial_dir));
}

static inline void trial_end(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/plugins-private", trial_dir);
	rmdir(path);
	/* Fails when a private copy was left over. */
	ck_assert_int_eq(rmdir(trial_dir), 0);
	faults_done(&trial_faults);
}

static inline struct effort_str trial_str(const char *text)
{
	return (struct effort_str){ text, strlen(text) };
}

static inline struct effort_event trial_event(const char *kle, enum effort_channel channel)
{
	struct effort_event ev = { .struct_size = sizeof(ev), .count = 1, .channel = (uint8_t)channel };
	struct effort_str *texts[] = { &ev.id,         &ev.source,  &ev.municipality, &ev.facet,
				       &ev.task,       &ev.service, &ev.reason,       &ev.unit,
				       &ev.handled_by, &ev.portal,  &ev.corrects,     &ev.errand };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = trial_str("");
	ev.id = trial_str("1");
	ev.source = trial_str("test");
	ev.municipality = trial_str("0751");
	ev.kle = trial_str(kle);
	return ev;
}

/* An area "library" on the fixture: claims 20, task "first" under 20.01.10. */
static inline struct area_def trial_def(const char *plugin)
{
	static const struct area_claim claims[] = { { .prefix = "20", .place = { "library.conf", 3, 1 } } };
	static const char *const kle[] = { "20.01.10" };
	static const struct area_task tasks[] = {
		{ .id = "first",
		  .name_da = "F",
		  .name_en = "F",
		  .kle = kle,
		  .kle_len = 1,
		  .place = { "library.conf", 5, 1 } },
	};
	return (struct area_def){ .id = "library",
				  .name_da = "Bibliotek",
				  .name_en = "Library",
				  .plugin = plugin,
				  .dir = FIXTURES,
				  .place = { "library.conf", 1, 1 },
				  .claims = claims,
				  .claims_len = 1,
				  .tasks = tasks,
				  .tasks_len = 1 };
}

static inline struct areas *trial_new(const struct area_def *defs, size_t n)
{
	faults_done(&trial_faults);
	return areas_new(defs, n, NULL, 0, trial_dir, &trial_limits, &trial_faults);
}

/* Refused with exactly this one fault. */
static inline void trial_refused(const struct area_def *def, const char *sentence)
{
	ck_assert_ptr_null(trial_new(def, 1));
	ck_assert_uint_ge(trial_faults.n, 1);
	ck_assert_str_eq(trial_faults.list[0].text, sentence);
	ck_assert_uint_eq(trial_faults.n, 1);
}

static inline int64_t trial_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static inline int trial_run(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed > 0;
}

#endif
