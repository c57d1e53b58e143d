/* SPDX-License-Identifier: MPL-2.0 */
/* Where effortd keeps its files, for commands that work on them beside a running effortd or without one. */
#ifndef CTL_STATE_DIR_H
#define CTL_STATE_DIR_H

#include "ctl/ctl.h"

/* given: --state-dir; config: -c; both may be NULL: then what the running effortd says, else the place a
 * configuration that says nothing stands for. Shows moments in that effortd's time zone from now on. CTL_OK
 * and an absolute path that is there and can be read; else told: CTL_NO_INPUT, CTL_CONFIG, CTL_IO. */
int state_dir_find(struct ctl *, const char *given, const char *config, char *ret, size_t size);

#endif
