/* SPDX-License-Identifier: MPL-2.0 */
/* What `effortctl help` prints: for all, and for each command, in both languages. */
#ifndef CTL_HELP_H
#define CTL_HELP_H

#include "ctl/ctl.h"

/* command NULL: the overview. On stdout. CTL_OK or CTL_IO. */
int help_print(struct ctl *, const char *command);

#endif
