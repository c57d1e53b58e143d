/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl journal`: which action, and on which files. */
#include "ctl/journal.h"

#include "conf/near.h"
#include "ctl/help.h"
#include "ctl/options.h"
#include "ctl/state_dir.h"

#include <string.h>

static const struct {
	const char *name;
	journal_action *run;
} actions[] = {
	{ "info", journal_info },
	{ "verify", journal_verify },
	{ "dump", journal_dump },
	{ "repair", journal_repair },
};

#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

static int unknown(struct ctl *ctl, const char *name)
{
	const char *names[ACTIONS], *nearest;

	for (size_t i = 0; i < ACTIONS; i++)
		names[i] = actions[i].name;
	nearest = name == NULL ? NULL : near_find(name, names, ACTIONS);
	if (name == NULL)
		return ctl_fail(ctl, CTL_USAGE, W_ACTION_NONE, W_NEXT_JOURNAL, "journal");
	if (nearest != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_ACTION_UNKNOWN, W_NEXT_DID_YOU_MEAN, name, nearest,
				"journal");
	return ctl_fail(ctl, CTL_USAGE, W_ACTION_UNKNOWN, W_NEXT_JOURNAL, name, "", "journal");
}

/* An option that another action takes. */
static int misplaced(struct ctl *ctl, const char *action, const struct journal_options *options)
{
	bool is_dump = strcmp(action, "dump") == 0;
	const char *option = options->segment != NULL  ? "--segment"
			     : options->limit != NULL  ? "--limit"
			     : options->totals != NULL ? "--totals"
						       : NULL;

	if (option != NULL && !is_dump)
		return ctl_fail(ctl, CTL_USAGE, W_OPTION_OF, W_NEXT_HELP, option, "journal dump");
	if (options->is_writing && strcmp(action, "repair") != 0)
		return ctl_fail(ctl, CTL_USAGE, W_OPTION_OF, W_NEXT_HELP, "--write", "journal repair");
	if (options->totals != NULL && (options->segment != NULL || options->limit != NULL))
		return ctl_fail(ctl, CTL_USAGE, W_J_TOTALS_ALONE, W_NEXT_HELP, "");
	return CTL_OK;
}

int journal_command(struct ctl *ctl, char **args)
{
	struct journal_options options = { NULL, NULL, NULL, false };
	const char *dir = NULL, *config = NULL;
	const struct option own[] = { { "--state-dir", &dir, NULL },
				      { "-c", &config, NULL },
				      { "--segment", &options.segment, NULL },
				      { "--limit", &options.limit, NULL },
				      { "--totals", &options.totals, NULL },
				      { "--write", NULL, &options.is_writing },
				      { NULL, NULL, NULL } };
	journal_action *run = NULL;
	char state_dir[4000];
	int r = options_parse(ctl, own, args);

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "journal");
	for (size_t i = 0; args[0] != NULL && i < ACTIONS; i++)
		if (strcmp(actions[i].name, args[0]) == 0)
			run = actions[i].run;
	if (run == NULL)
		return unknown(ctl, args[0]);
	if (args[1] != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_TOO_MANY, W_NEXT_HELP, args[1]);
	r = misplaced(ctl, args[0], &options);
	if (r == CTL_OK)
		r = state_dir_find(ctl, dir, config, state_dir, sizeof(state_dir));
	if (r != CTL_OK)
		return r;
	return options.totals != NULL ? journal_dump_totals(ctl, state_dir, &options)
				      : run(ctl, state_dir, &options);
}
