/* SPDX-License-Identifier: MPL-2.0 */
/* A plain, good effort for tests to change: self-service in school, from 2016-01-01, target 80 percent. */
#ifndef TESTS_EFFORT_RECORD_H
#define TESTS_EFFORT_RECORD_H

#include "domain/calendar.h"
#include "domain/effort.h"

static const char *const record_scopes[] = { "school" };

static inline struct effort effort_record(void)
{
	return (struct effort){
		.id = "kampagne",
		.title = "Kampagne for selvbetjening",
		.category = CATEGORY_CAMPAIGN,
		.municipality = "0751",
		.scopes = record_scopes,
		.scopes_len = 1,
		.channel = -1,
		.unit = "borgerservice",
		.first = day_of_date(2016, 1, 1),
		.last = EFFORT_DAY_NONE,
		.status = EFFORT_RUNNING,
		.has_target = true,
		.target = { .first = day_of_date(2016, 1, 1), .due = EFFORT_DAY_NONE, .value = 8000 },
		.benefit_from = EFFORT_DAY_NONE,
		.next_check = EFFORT_DAY_NONE,
	};
}

#endif
