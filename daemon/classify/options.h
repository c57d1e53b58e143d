/* SPDX-License-Identifier: MPL-2.0 */
/* A plugin's settings: what stands in the area file, checked against the table in the plugin and completed
 * with its defaults. Pure. Values borrow from the definition and from the plugin's table; only lists are
 * owned. */
#ifndef CLASSIFY_OPTIONS_H
#define CLASSIFY_OPTIONS_H

#include "base/error.h"
#include "domain/area.h"

#include <effort/plugin.h>

#define OPTIONS_MAX 64 /* rows of a plugin's table */

struct option_value {
	const struct effort_option *option;
	bool is_given, boolean;
	int64_t integer;
	struct effort_str string;
	struct effort_str *list; /* owned */
	size_t list_len;
};

struct options {
	struct option_value *values; /* owned */
	size_t len;
};

/* plugin: its file, for faults of the table itself. Every fault is added; the result is to be ended in any
 * case. */
void options_init(struct options *, const struct effort_option *table, const struct area_def *,
		  const char *plugin, struct faults *);
void options_done(struct options *);

/* NULL: no such option of that type. */
const struct option_value *options_find(const struct options *, const char *name, enum effort_option_type);

#endif
