/* SPDX-License-Identifier: MPL-2.0 */
/* See state_dir.h. */
#include "ctl/state_dir.h"

#include "ctl/answer.h"
#include "ctl/catalogue.h"
#include "ctl/failure.h"
#include "ctl/figure.h"
#include "ctl/link.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static int resolve(struct ctl *ctl, const char *dir, char *ret, size_t size)
{
	char *real = realpath(dir, NULL);
	int error = errno;
	bool fits = real != NULL && strlen(real) < size;

	if (fits)
		strcpy(ret, real);
	free(real);
	if (fits && access(ret, R_OK | X_OK) == 0)
		return CTL_OK;
	if (fits || error == EACCES)
		return ctl_fail(ctl, CTL_IO, W_OPEN_FAILED, W_NEXT_PERMISSION, dir, failure_text(ctl, EACCES));
	return ctl_fail(ctl, CTL_NO_INPUT, W_STATE_DIR_NONE, W_NEXT_STATE_DIR, dir);
}

int state_dir_find(struct ctl *ctl, const char *given, const char *config, char *ret, size_t size)
{
	char dir[4096];
	int r = CTL_OK;

	if (given != NULL)
		snprintf(dir, sizeof(dir), "%s", given);
	else if (config != NULL)
		r = read_config(ctl, config, dir, sizeof(dir));
	else if (!ask_daemon(ctl, dir, sizeof(dir)))
		default_dir(dir, sizeof(dir));
	return r == CTL_OK ? resolve(ctl, dir, ret, size) : r;
}
