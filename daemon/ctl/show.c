/* SPDX-License-Identifier: MPL-2.0 */
/* See show.h. */
#include "ctl/show.h"

#include "ctl/help.h"
#include "ctl/link.h"
#include "ctl/options.h"

#include <string.h>

int show_answer(struct ctl *ctl, char **args, const char *name, bool asks_zone, show_fill *fill)
{
	const struct option none[] = { { NULL, NULL, NULL } };
	struct reply reply;
	struct page page;
	int r = options_parse(ctl, none, args);

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, name);
	if (args[0] != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_TOO_MANY, W_NEXT_HELP, args[0]);
	if (asks_zone && !ctl->is_json)
		r = link_use_zone(ctl);
	if (r != CTL_OK)
		return r;
	r = link_ask_ok(ctl, ctl_note(ctl, "{\"cmd\":\"%s\"}", name), &reply);
	if (r != CTL_OK)
		return r;
	page_init(&page, ctl);
	if (ctl->is_json)
		r = reply_print(ctl, &reply);
	else
		fill(&page, ctl, reply.doc);
	if (page_write(&page, stdout) != 0)
		r = ctl_fail_write(ctl);
	page_done(&page);
	reply_done(&reply);
	return r;
}
