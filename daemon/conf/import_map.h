/* SPDX-License-Identifier: MPL-2.0 */
/* Reads a column map (`effortctl import --map`): a configuration file of its own that says how the columns of
 * a table become events. Every fault is told with file, line and column. etc/import/counting-week.conf shows
 * every member; effortctl-import-map(5) tells what they mean. */
#ifndef CONF_IMPORT_MAP_H
#define CONF_IMPORT_MAP_H

#include "conf/arena.h"
#include "domain/import_map.h"

/* Everything read lives in the arena; path must too. 0, or -EINVAL with the faults added. */
int import_map_read(struct arena *, const char *path, struct import_map *ret, struct faults *);

#endif
