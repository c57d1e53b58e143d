/* SPDX-License-Identifier: MPL-2.0 */
/* The host's side of one open(): the services of struct effort_host and the state behind them. Main thread
 * only; a setup lives as long as the open() it serves. */
#ifndef CLASSIFY_SETUP_H
#define CLASSIFY_SETUP_H

#include "classify/classes.h"
#include "classify/options.h"

struct effort_setup {
	const struct area_def *def;    /* borrowed */
	const char *path;              /* of the plugin, borrowed */
	struct classes *classes;       /* borrowed; grows by what the plugin declares */
	const struct options *options; /* borrowed */
	struct faults *faults;         /* borrowed */
	char why[256];                 /* what fail() was told; else the last service that failed */
};

/* The services a plugin of this ABI gets. */
extern const struct effort_host setup_host;

#endif
