/* SPDX-License-Identifier: MPL-2.0 */
/* See action.h. */
#include "ctl/action.h"

#include "conf/near.h"

#include <string.h>

static int unknown(struct ctl *ctl, const struct actions *actions, const char *name, size_t n)
{
	const char *nearest = near_find(name, actions->names, n);

	if (nearest != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_ACTION_UNKNOWN, W_NEXT_DID_YOU_MEAN, name, nearest,
				actions->command);
	return ctl_fail(ctl, CTL_USAGE, W_ACTION_UNKNOWN, actions->next, name, "", actions->command);
}

int action_find(struct ctl *ctl, const struct actions *actions, char *const *args, size_t *ret)
{
	size_t n = 0;

	if (args[0] == NULL)
		return ctl_fail(ctl, CTL_USAGE, W_ACTION_NONE, actions->next, actions->command);
	while (actions->names[n] != NULL && strcmp(actions->names[n], args[0]) != 0)
		n++;
	if (actions->names[n] == NULL)
		return unknown(ctl, actions, args[0], n);
	if (args[1] != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_TOO_MANY, W_NEXT_HELP, args[1]);
	*ret = n;
	return CTL_OK;
}
