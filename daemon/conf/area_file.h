/* SPDX-License-Identifier: MPL-2.0 */
/* Reads area files: one service area each, its KLE prefixes, tasks, services, options and samples. Checks
 * forms, types, ranges and limits; what only shows beside other areas, groups and the plugin (claims, unknown
 * tasks and groups, options the plugin does not have) is left to the host of plugins. */
#ifndef CONF_AREA_FILE_H
#define CONF_AREA_FILE_H

#include "base/error.h"
#include "domain/area.h"

struct arena;

#define AREA_SERVICES_MAX    4096
#define AREA_OPTIONS_MAX     64
#define AREA_SAMPLES_MAX     1000
#define AREA_AUTHORITIES_MAX 4 /* of one task */

/* plugins_dir goes into the definition as it is. Adds every fault of the file; 0, or -EINVAL and nothing to
 * free. */
int area_file_read(const char *path, const char *plugins_dir, struct area_def **ret, struct faults *faults);
void area_file_free(struct area_def *);

/* The same into an arena, which then owns everything; path and plugins_dir must live as long. */
int area_file_parse(struct arena *, const char *path, const char *plugins_dir, struct area_def *ret,
		    struct faults *faults);

#endif
