/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl dlq`: which action, and on which files. */
#include "ctl/dlq.h"

#include "conf/near.h"
#include "ctl/help.h"
#include "ctl/options.h"
#include "ctl/state_dir.h"
#include "event/code.h"

#include <stdlib.h>
#include <string.h>

#define ASKED_MAX 1000000

enum { LIST, SHOW, REPLAY };

static const struct {
	const char *name;
	dlq_action *run;
} actions[] = {
	[LIST] = { "list", dlq_list },
	[SHOW] = { "show", dlq_show },
	[REPLAY] = { "replay", dlq_replay },
};

#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

int dlq_limit(struct ctl *ctl, const struct dlq_options *options, uint64_t *ret)
{
	unsigned long long n;
	char *end;

	if (options->limit == NULL)
		return CTL_OK;
	n = strtoull(options->limit, &end, 10);
	if (options->limit[0] < '0' || options->limit[0] > '9' || *end != '\0' || n == 0 || n > ASKED_MAX)
		return ctl_fail(ctl, CTL_USAGE, W_J_NUMBER_BAD, W_NEXT_HELP, "--limit", options->limit);
	*ret = n;
	return CTL_OK;
}

static int unknown(struct ctl *ctl, const char *name)
{
	const char *names[ACTIONS], *nearest;

	if (name == NULL)
		return ctl_fail(ctl, CTL_USAGE, W_ACTION_NONE, W_NEXT_DLQ, "dlq");
	for (size_t i = 0; i < ACTIONS; i++)
		names[i] = actions[i].name;
	nearest = near_find(name, names, ACTIONS);
	if (nearest != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_ACTION_UNKNOWN, W_NEXT_DID_YOU_MEAN, name, nearest, "dlq");
	return ctl_fail(ctl, CTL_USAGE, W_ACTION_UNKNOWN, W_NEXT_DLQ, name, "", "dlq");
}

/* An option that another action takes. */
static int misplaced(struct ctl *ctl, size_t action, const struct dlq_options *options)
{
	const char *of_replay = options->to != NULL ? "--to" : options->is_dry ? "--dry-run" : NULL;

	if (options->limit != NULL && action != SHOW)
		return ctl_fail(ctl, CTL_USAGE, W_OPTION_OF, W_NEXT_HELP, "--limit", "dlq show");
	if (of_replay != NULL && action != REPLAY)
		return ctl_fail(ctl, CTL_USAGE, W_OPTION_OF, W_NEXT_HELP, of_replay, "dlq replay");
	return CTL_OK;
}

/* As it stands in the files: "e_time" and "time" are E_TIME. */
static int normalise_code(struct ctl *ctl, struct dlq_options *options)
{
	int code = options->code == NULL ? 0 : code_find(options->code);

	if (code < 0)
		return ctl_fail(ctl, CTL_USAGE, W_CODE_UNKNOWN, W_NEXT_CODES, options->code);
	if (options->code != NULL)
		options->code = code_name((enum code)code);
	return CTL_OK;
}

int dlq_command(struct ctl *ctl, char **args)
{
	struct dlq_options options = { .code = NULL };
	const char *dir = NULL, *config = NULL;
	const struct option own[] = {
		{ "--state-dir", &dir, NULL },          { "-c", &config, NULL },
		{ "--code", &options.code, NULL },      { "--source", &options.source, NULL },
		{ "--limit", &options.limit, NULL },    { "--to", &options.to, NULL },
		{ "--dry-run", NULL, &options.is_dry }, { NULL, NULL, NULL }
	};
	char state_dir[4000];
	size_t action = 0;
	int r = options_parse(ctl, own, args);

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "dlq");
	while (args[0] != NULL && action < ACTIONS && strcmp(actions[action].name, args[0]) != 0)
		action++;
	if (args[0] == NULL || action == ACTIONS)
		return unknown(ctl, args[0]);
	if (args[1] != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_TOO_MANY, W_NEXT_HELP, args[1]);
	r = misplaced(ctl, action, &options);
	if (r == CTL_OK)
		r = normalise_code(ctl, &options);
	if (r == CTL_OK)
		r = state_dir_find(ctl, dir, config, state_dir, sizeof(state_dir));
	return r == CTL_OK ? actions[action].run(ctl, state_dir, &options) : r;
}
