/* SPDX-License-Identifier: MPL-2.0 */
/* The command line of one command: `--name value`, `--name=value`, flags, and what is left. Options that
 * every command takes (--run-dir, --json, --lang, --help) are known here. Says what is wrong itself. */
#ifndef CTL_OPTIONS_H
#define CTL_OPTIONS_H

#include "ctl/ctl.h"

struct option {
	const char *name;   /* "--window"; or "-c" */
	const char **value; /* takes a value; or */
	bool *flag;         /* takes none */
};

/* own ends with name NULL. Leaves what is no option in args (in place, NULL-terminated). CTL_OK or CTL_USAGE.
 */
int options_parse(struct ctl *, const struct option *own, char **args);

/* The value that `name` has anywhere on the line, without judging the line; NULL: none. */
const char *options_peek(char **args, const char *name);

/* Moves the first word that is neither option nor an option's value to ret; NULL: there is none. */
const char *options_take_command(char **args);

#endif
