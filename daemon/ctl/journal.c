/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl journal`: which action, and on which files. */
#include "ctl/journal.h"

#include "ctl/action.h"
#include "ctl/help.h"
#include "ctl/options.h"
#include "ctl/state_dir.h"

enum { INFO, VERIFY, DUMP, REPAIR };

static const char *const names[] = { "info", "verify", "dump", "repair", NULL };
static const struct actions actions = { "journal", names, W_NEXT_JOURNAL };
static journal_action *const runs[] = { journal_info, journal_verify, journal_dump, journal_repair };

/* An option that another action takes. */
static int misplaced(struct ctl *ctl, size_t action, const struct journal_options *options)
{
	const char *option = options->segment != NULL  ? "--segment"
			     : options->limit != NULL  ? "--limit"
			     : options->totals != NULL ? "--totals"
						       : NULL;

	if (option != NULL && action != DUMP)
		return ctl_fail(ctl, CTL_USAGE, W_OPTION_OF, W_NEXT_HELP, option, "journal dump");
	if (options->is_writing && action != REPAIR)
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
	char state_dir[4000];
	size_t action = 0;
	int r = options_parse(ctl, own, args);

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "journal");
	r = action_find(ctl, &actions, args, &action);
	if (r == CTL_OK)
		r = misplaced(ctl, action, &options);
	if (r == CTL_OK)
		r = state_dir_find(ctl, dir, config, state_dir, sizeof(state_dir));
	if (r != CTL_OK)
		return r;
	return options.totals != NULL ? journal_dump_totals(ctl, state_dir, &options)
				      : runs[action](ctl, state_dir, &options);
}
