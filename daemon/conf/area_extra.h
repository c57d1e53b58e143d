/* SPDX-License-Identifier: MPL-2.0 */
/* Inside of area_file.c: the two parts of an area file whose members are free, plugin options and samples. */
#ifndef CONF_AREA_EXTRA_H
#define CONF_AREA_EXTRA_H

#include "conf/area_file.h"
#include "conf/tree.h"

/* One area file being read. */
struct area_reader {
	struct arena *arena;
	const struct tree *tree;
	struct faults *faults;
	int result; /* 0, or -EINVAL after a fault */
};

/* Both take NULL for an absent member. */
void area_extra_options(struct area_reader *, const config_setting_t *group, struct area_def *);
void area_extra_samples(struct area_reader *, const config_setting_t *list, struct area_def *);

#endif
