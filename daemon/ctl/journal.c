/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl journal`: which action, and where the files are. */
#include "ctl/journal.h"

#include "conf/near.h"
#include "ctl/answer.h"
#include "ctl/catalogue.h"
#include "ctl/figure.h"
#include "ctl/help.h"
#include "ctl/link.h"
#include "ctl/options.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* ---- where ---- */

/* As the configuration has it when nothing is set. */
static void default_dir(char *buf, size_t size)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	const struct passwd *user;

	if (geteuid() == 0) {
		snprintf(buf, size, "/var/lib/effortd");
		return;
	}
	if (xdg != NULL && xdg[0] == '/') {
		snprintf(buf, size, "%s/effortd", xdg);
		return;
	}
	if (home == NULL || home[0] != '/') {
		user = getpwuid(geteuid());
		home = user != NULL ? user->pw_dir : "/tmp";
	}
	snprintf(buf, size, "%s/.local/state/effortd", home);
}

/* What the running effortd says, if there is one. */
static bool ask_daemon(struct ctl *ctl, char *buf, size_t size)
{
	struct reply reply;
	int r;

	ctl->is_quiet = true;
	r = link_ask_ok(ctl, "{\"cmd\":\"status\"}", &reply);
	ctl->is_quiet = false;
	if (r != CTL_OK)
		return false;
	snprintf(buf, size, "%s", answer_text(reply.doc, "state_dir"));
	figure_use_zone(answer_text(reply.doc, "timezone"));
	reply_done(&reply);
	return buf[0] != '\0';
}

static int read_config(struct ctl *ctl, const char *file, char *buf, size_t size)
{
	struct catalogue *catalogue;
	int r = catalogue_open(ctl, file, &catalogue);

	if (r != CTL_OK)
		return r;
	snprintf(buf, size, "%s", catalogue_state_dir(catalogue));
	figure_use_zone(catalogue_zone(catalogue));
	catalogue_close(catalogue);
	return CTL_OK;
}

/* An absolute path that is there. CTL_OK, or told. */
static int find_dir(struct ctl *ctl, const char *given, const char *config, char *ret, size_t size)
{
	char dir[4096];
	char *real;
	int r = CTL_OK, error;

	if (given != NULL)
		snprintf(dir, sizeof(dir), "%s", given);
	else if (config != NULL)
		r = read_config(ctl, config, dir, sizeof(dir));
	else if (!ask_daemon(ctl, dir, sizeof(dir)))
		default_dir(dir, sizeof(dir));
	if (r != CTL_OK)
		return r;
	real = realpath(dir, NULL);
	error = errno;
	if (real != NULL && strlen(real) < size) {
		strcpy(ret, real);
		free(real);
		return access(ret, R_OK | X_OK) == 0 ? CTL_OK
						     : ctl_fail(ctl, CTL_IO, W_OPEN_FAILED, W_NEXT_PERMISSION,
								ret, strerror(errno));
	}
	if (real == NULL && error == EACCES)
		return ctl_fail(ctl, CTL_IO, W_OPEN_FAILED, W_NEXT_PERMISSION, dir, strerror(EACCES));
	free(real);
	return ctl_fail(ctl, CTL_NO_INPUT, W_J_NONE, W_NEXT_STATE_DIR, dir);
}

/* ---- what ---- */

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
		r = find_dir(ctl, dir, config, state_dir, sizeof(state_dir));
	if (r != CTL_OK)
		return r;
	return options.totals != NULL ? journal_dump_totals(ctl, state_dir, &options)
				      : run(ctl, state_dir, &options);
}
