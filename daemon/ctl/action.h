/* SPDX-License-Identifier: MPL-2.0 */
/* The actions of a command that has some (`effortctl journal verify`): which one the command line names. Says
 * itself what is wrong, and which name was probably meant. */
#ifndef CTL_ACTION_H
#define CTL_ACTION_H

#include "ctl/ctl.h"

struct actions {
	const char *command;
	const char *const *names; /* then NULL */
	enum word next;           /* which there are, in words */
};

/* args: what options_parse() left: the action and nothing else. CTL_OK and the action's place among the names,
 * or CTL_USAGE. */
int action_find(struct ctl *, const struct actions *, char *const *args, size_t *ret);

#endif
