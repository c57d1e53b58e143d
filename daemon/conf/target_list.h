/* SPDX-License-Identifier: MPL-2.0 */
/* Reads the file of targets. Everything read lives in the arena; path must too. Whether a scope exists is asked
 * where areas and their plugins are known. */
#ifndef CONF_TARGET_LIST_H
#define CONF_TARGET_LIST_H

#include "conf/arena.h"
#include "conf/conf.h"

/* Fills conf->targets and conf->main_target; conf->municipalities must be there (or empty, after a fault of their
 * own). 0 or -EINVAL with faults. */
int target_list_read(struct arena *, const char *path, struct conf *, struct faults *);

#endif
