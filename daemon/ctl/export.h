/* SPDX-License-Identifier: MPL-2.0 */
/* The parts of `effortctl export`: a municipality's sums of a period (export_table.c) with those marked that must
 * not be shown (export_hidden.c), the report made of them (export_report.c, export_parts.c), and the ways to write it
 * (export_csv.c, export_text.c, export_html.c; JSON is the report itself).
 *
 * A report holds nothing but what was counted and configured: no clock, no name of who asked. The same period
 * printed twice is the same bytes as long as nothing late has come. null stands for a number that is not
 * shown because it, or one that could be computed from it, is too small; a member that is absent has no
 * value. */
#ifndef CTL_EXPORT_H
#define CTL_EXPORT_H

#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/page.h"
#include "domain/counting.h"
#include "domain/share.h"

#include <jansson.h>
#include <stdint.h>

#define EXPORT_MAX        ((size_t)256 * 1024 * 1024) /* bytes of a report */
#define EXPORT_SCOPES_MAX 1024
#define EXPORT_SEASONS    4
#define EXPORT_TABLES_MAX (1 + EXPORT_SEASONS + 2) /* the period, the seasons, and two for their change */

/* --- tables --- */

enum export_kind { EXPORT_ALL, EXPORT_GROUP, EXPORT_AREA, EXPORT_TASK };

struct export_scope {
	char id[128];
	enum export_kind kind;
	const char *name;   /* in the reader's language */
	const char *area;   /* of a task that is not known, which is called the same in every area; or NULL */
	const json_t *hash; /* where its fields are */
	int64_t value[SUMS];
	bool has[SUMS];
	bool is_hidden[SUMS];
};

struct export_table {
	char label[COUNTING_LABEL];
	struct export_scope *scopes; /* owned */
	size_t n;
	int64_t from_ms, to_ms; /* 0: not known */
	bool is_brief;
};

/* doc: the daemon's answer to "shares"; it must outlive the table. is_brief: only what is told of a season: n
 * and self of all, the areas and the tasks under the target; tasks are read, for what they tie, and not told. 0 or
 * -ENOMEM. */
int export_table_read(const struct ctl *, const json_t *doc, bool is_brief, struct export_table *ret);
void export_table_done(struct export_table *);
/* Marks what must not be shown in any of the tables, which leave together: the first is the report's, the
 * others its seasons. What suppress.h promises holds of all of them together: for each scope of the report and its
 * seasons, for each sum told of it, and for what two of them leave between them. It does not hold of several reports
 * laid beside each other. groups: the daemon's answers to "compare", by group, for which tasks a group has.
 * *ret_open: small numbers that could not be protected. 0 or -ENOMEM. */
int export_hide(struct export_table *tables, size_t n, const json_t *groups, int64_t below, size_t *ret_open);
const struct export_scope *export_table_find(const struct export_table *, const char *id);
/* The value may be shown. */
bool export_is_shown(const struct export_scope *, int sum);
/* The sums that tables show, in order; ends with -1. web and system are in no share. */
extern const int export_columns[];

/* --- reports --- */

struct export_options {
	const char *label;
	int64_t below;
	bool wants_refused, wants_now;
};

/* The report of one municipality; *ret is owned by the caller. NULL: nothing was counted there, or, said, small numbers
 * could not be protected (*ret_is_open). CTL_OK or what went wrong, said. */
int export_report(struct ctl *, const char *code, const struct export_options *, json_t **ret, bool *ret_is_open);

/* "population": inhabitants and contacts per 1,000 of them; left out where none are configured, or where the contacts are
 * not shown. */
int export_population(struct ctl *, const char *code, const struct export_table *, const struct export_options *,
		      json_t *report);
/* Parts of it: targets and efforts, where the daemon knows them; what is known of the data's quality. */
int export_targets(struct ctl *, const char *code, const struct export_table *, int64_t below,
		   json_t *report);
int export_efforts(struct ctl *, const char *code, int64_t below, json_t *report);
int export_quality(struct ctl *, const struct export_table *, const struct export_options *,
		   const json_t *share, json_t *report);

/* "81.20" of hundredths. */
json_t *export_hundredths(int64_t);

/* --- writing --- */

/* Of a list of reports. */
void export_csv(struct ctl *, const json_t *reports, struct text *);
void export_text(struct ctl *, const json_t *reports, struct text *);
void export_html(struct ctl *, const json_t *reports, struct text *);

/* What a sum or another member is called. */
const char *export_word(const struct ctl *, const char *member);
/* A value for people: numbers in their language, a sign for what is not shown, a dash for what is not there.
 */
const char *export_value(struct ctl *, const json_t *object, const char *member);
bool export_is_hidden(const json_t *object, const char *member);

#endif
