/* SPDX-License-Identifier: MPL-2.0 */
/* See help.h. Examples first: that is what people copy. */
#include "ctl/help.h"

#include "ctl/failure.h"
#include "ctl/page.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *command;
	enum word word;
} helps[] = {
	{ "status", W_HELP_STATUS },     { "shares", W_HELP_SHARES },   { "send", W_HELP_SEND },
	{ "validate", W_HELP_VALIDATE }, { "explain", W_HELP_EXPLAIN }, { "reload", W_HELP_RELOAD },
	{ "plugins", W_HELP_PLUGINS },   { "sources", W_HELP_SOURCES },
	{ "journal", W_HELP_JOURNAL },   { "redis", W_HELP_REDIS },
	{ "dlq", W_HELP_DLQ },           { "import", W_HELP_IMPORT },
	{ "efforts", W_HELP_EFFORTS },
	{ "targets", W_HELP_TARGETS }, { "measures", W_HELP_MEASURES },
	{ "compare", W_HELP_COMPARE },   { "export", W_HELP_EXPORT },
};

int help_print(struct ctl *ctl, const char *command)
{
	enum word word = W_HELP;
	struct page page;
	int r = CTL_OK;

	for (size_t i = 0; command != NULL && i < sizeof helps / sizeof helps[0]; i++)
		if (strcmp(helps[i].command, command) == 0)
			word = helps[i].word;
	page_init(&page, ctl);
	page_word(&page, word);
	if (command != NULL)
		page_word(&page, W_HELP_COMMON);
	if (page_write(&page, stdout) != 0)
		r = ctl_fail(ctl, CTL_IO, W_WRITE_FAILED, W_NEXT_DISK, failure_text(ctl, errno));
	page_done(&page);
	return r;
}
