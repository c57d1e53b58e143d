/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl reload`: one transaction of the daemon; its faults are shown as they are. */
#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/help.h"
#include "ctl/link.h"
#include "ctl/options.h"
#include "ctl/page.h"

static void print_faults(struct ctl *ctl, const json_t *doc)
{
	const json_t *fault;
	struct page page;
	size_t i;

	page_init(&page, ctl);
	json_array_foreach(answer_array(doc, "faults"), i, fault)
	{
		page_add(&page, answer_text(fault, "text"));
		page_line(&page);
		if (answer_text(fault, "hint")[0] != '\0') {
			page_spaces(&page, 2);
			page_add(&page, answer_text(fault, "hint"));
			page_line(&page);
		}
	}
	page_write(&page, stderr);
	page_done(&page);
}

int reload_command(struct ctl *ctl, char **args)
{
	const struct option none[] = { { NULL, NULL, NULL } };
	struct reply reply;
	int r = options_parse(ctl, none, args), printed = CTL_OK;

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "reload");
	if (args[0] != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_TOO_MANY, W_NEXT_HELP, args[0]);
	r = link_ask(ctl, "{\"cmd\":\"reload\"}", &reply);
	if (r != CTL_OK)
		return r;
	print_faults(ctl, reply.doc);
	if (json_array_size(answer_array(reply.doc, "faults")) > 0)
		r = ctl_fail(ctl, CTL_CONFIG, W_RELOAD_REFUSED, W_NEXT_RELOAD, "");
	else
		r = reply_check(ctl, &reply) == CTL_OK ? CTL_OK : CTL_CONFIG;
	if (ctl->is_json)
		printed = reply_print(ctl, &reply);
	else if (r == CTL_OK)
		ctl_say(ctl, W_RELOADED, figure_many(ctl, answer_int(reply.doc, "areas"), W_N_AREAS),
			figure_many(ctl, answer_int(reply.doc, "tasks"), W_N_TASKS));
	reply_done(&reply);
	return r == CTL_OK ? printed : r;
}
