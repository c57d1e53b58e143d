/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl dlq`: which action, and on which files. */
#include "ctl/dlq.h"

#include "ctl/action.h"
#include "ctl/help.h"
#include "ctl/options.h"
#include "ctl/state_dir.h"
#include "event/code.h"

#include <stdlib.h>

#define ASKED_MAX 1000000

enum { LIST, SHOW, REPLAY };

static const char *const names[] = { "list", "show", "replay", NULL };
static const struct actions actions = { "dlq", names, W_NEXT_DLQ };
static dlq_action *const runs[] = { dlq_list, dlq_show, dlq_replay };

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
	r = action_find(ctl, &actions, args, &action);
	if (r == CTL_OK)
		r = misplaced(ctl, action, &options);
	if (r == CTL_OK)
		r = normalise_code(ctl, &options);
	if (r == CTL_OK)
		r = state_dir_find(ctl, dir, config, state_dir, sizeof(state_dir));
	return r == CTL_OK ? runs[action](ctl, state_dir, &options) : r;
}
