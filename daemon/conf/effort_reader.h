/* SPDX-License-Identifier: MPL-2.0 */
/* Inside of effort_list.c, effort_lines.c and reference_list.c: reading one record, and the values that several of its
 * parts have. Each function adds the faults it finds and notes that there was one; a member that is absent or at
 * fault leaves its default. */
#ifndef CONF_EFFORT_READER_H
#define CONF_EFFORT_READER_H

#include "conf/arena.h"
#include "conf/tree.h"
#include "domain/effort.h"

struct effort_reader {
	struct arena *arena;
	struct tree *tree;
	struct faults *faults;
	int result; /* -EINVAL after the first fault */
};

int effort_reader_fields(struct effort_reader *, const config_setting_t *group, const char *what,
			 const struct field *, size_t n, const config_setting_t **ret);
int effort_reader_fault(struct effort_reader *, const config_setting_t *at, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

int32_t effort_reader_day(struct effort_reader *, const config_setting_t *, int32_t otherwise);
/* A number with at most two decimals, in hundredths. */
int64_t effort_reader_hundredths(struct effort_reader *, const config_setting_t *, int64_t otherwise);
/* Index of the word in the list; setting NULL: otherwise. */
int effort_reader_word(struct effort_reader *, const config_setting_t *, const char *const *words, size_t n,
		       int otherwise);
/* The words ">=" and "<=". */
bool effort_reader_is_most(struct effort_reader *, const config_setting_t *);

/* The lists of an effort (effort_lines.c); setting NULL: none. first: the effort's first day. */
void effort_lines_money(struct effort_reader *, const config_setting_t *, struct effort *);
void effort_lines_plan(struct effort_reader *, const config_setting_t *, struct effort *);
void effort_lines_goals(struct effort_reader *, const config_setting_t *, struct effort *);
void effort_lines_costs(struct effort_reader *, const config_setting_t *, struct effort *);
void effort_lines_benefits(struct effort_reader *, const config_setting_t *, struct effort *);
/* *ret_len outsides in the arena. */
struct effort_outside *effort_lines_outsides(struct effort_reader *, const config_setting_t *, size_t *ret_len);

#endif
