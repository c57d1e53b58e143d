/* SPDX-License-Identifier: MPL-2.0 */
/* The parts of `effortctl compare`: who is compared with whom (compare_units.c) and what is shown of it
 * (compare_page.c). The arithmetic, and which numbers are too small to show, is count/compare's. */
#ifndef CTL_COMPARE_H
#define CTL_COMPARE_H

#include "count/compare.h"
#include "ctl/ctl.h"
#include "ctl/page.h"

#include <jansson.h>

#define COMPARE_MAX 1024 /* municipalities */

enum compare_measure { COMPARE_SELF, COMPARE_INCL, COMPARE_DIGITAL, COMPARE_MEASURES };
extern const char *const compare_measure_name[COMPARE_MEASURES];

/* Why somebody is not compared. */
enum compare_reason {
	COMPARE_OK,
	COMPARE_NO_DATA,     /* asked for by name, and nothing has been counted */
	COMPARE_NO_CONTACTS, /* none that the share is of: no 0 percent */
	COMPARE_INCOMPLETE,  /* a source is silent */
	COMPARE_REBUILDING,
	COMPARE_DEFINITION,
	COMPARE_PERIOD,
	COMPARE_BREAK, /* definition or tasks changed within the period */
	COMPARE_REASONS
};
extern const char *const compare_reason_name[COMPARE_REASONS];

struct compare_wish {
	const char *own, *label, *scope, *with, *group;
	enum compare_measure measure;
	bool wants_equal_tasks;
	int64_t below;
	char own_code[8];
};

struct compare_row {
	const char *code, *name; /* of the answer */
	const json_t *sums, *tasks, *hash;
	enum compare_reason reason;
	const char *detail; /* what is missing, which definition */
	int64_t part, n;
};

struct comparison {
	const struct compare_wish *wish;
	const json_t *doc;
	struct compare_row rows[COMPARE_MAX];
	size_t rows_len;
	const char *period, *definition; /* of those compared, as their hashes write them */
	char label[96];                  /* "season:2026-autumn" */
	struct compare_unit units[COMPARE_MAX];
	size_t units_len;
	struct compare_result result;
	size_t tasks_used, tasks_left; /* with wants_equal_tasks */
};

/* Judges the rows of the daemon's answer and computes. codes: those wished for, NULL-terminated; NULL: all.
 */
void compare_judge(struct comparison *, const struct compare_wish *, const json_t *doc, char *const *codes);
/* All of a scope's contacts counted under its tasks that everybody compared has contacts of. */
bool compare_uses_task(const struct comparison *, const char *task);
const struct compare_row *compare_row_of(const struct comparison *, const char *code);
const struct compare_unit *compare_unit_of(const struct comparison *, const char *code);

void compare_page(struct page *, struct ctl *, const struct comparison *);
void compare_json(struct text *, const struct comparison *);

#endif
