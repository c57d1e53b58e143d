/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl efforts`: which action, on what, and printing what comes of it. */
#include "ctl/efforts.h"

#include "ctl/action.h"
#include "ctl/answer.h"
#include "ctl/help.h"
#include "ctl/link.h"
#include "ctl/options.h"
#include "ctl/shares.h"

#include <string.h>

enum { LIST, SHOW, REPORT, ADD, STOP, REMOVE };

static const char *const names[] = { "list", "show", "report", "add", "stop", "remove", NULL };
static const struct actions actions = { "efforts", names, W_NEXT_EFFORTS };

/* --- the command line --- */

static int parse(struct ctl *ctl, char **args, struct efforts_options *o)
{
	const struct option own[] = {
		{ "--file", &o->file, NULL },	  { "-c", &o->config, NULL },	    { "--state-dir", &o->state_dir, NULL },
		{ "--municipality", &o->municipality, NULL }, { "--area", &o->area, NULL }, { "--on", &o->on, NULL },
		{ "--id", &o->new_id, NULL },	  { "--title", &o->title, NULL },   { "--category", &o->category, NULL },
		{ "--scope", &o->scope, NULL },	  { "--channel", &o->channel, NULL }, { "--unit", &o->unit, NULL },
		{ "--from", &o->from, NULL },	  { "--to", &o->to, NULL },	    { "--measure", &o->measure, NULL },
		{ "--target", &o->target, NULL }, { "--due", &o->due, NULL },	    { "--status", &o->status, NULL },
		{ NULL, NULL, NULL }
	};

	return options_parse(ctl, own, args);
}

/* Options that only one action takes. */
static int misplaced(struct ctl *ctl, size_t action, const struct efforts_options *o)
{
	const char *const of_add[][2] = {
		{ "--id", o->new_id },	     { "--title", o->title }, { "--category", o->category }, { "--scope", o->scope },
		{ "--channel", o->channel }, { "--unit", o->unit },   { "--from", o->from },	     { "--to", o->to },
		{ "--measure", o->measure }, { "--target", o->target }, { "--due", o->due },	     { "--status", o->status },
	};

	for (size_t i = 0; action != ADD && i < sizeof(of_add) / sizeof(of_add[0]); i++)
		if (of_add[i][1] != NULL)
			return ctl_fail(ctl, CTL_USAGE, W_OPTION_OF, W_NEXT_HELP, of_add[i][0], "efforts add");
	if (o->on != NULL && action != STOP)
		return ctl_fail(ctl, CTL_USAGE, W_OPTION_OF, W_NEXT_HELP, "--on", "efforts stop");
	if (o->area != NULL && action > REPORT)
		return ctl_fail(ctl, CTL_USAGE, W_OPTION_OF, W_NEXT_HELP, "--area", "efforts list");
	if (o->state_dir != NULL && action < ADD)
		return ctl_fail(ctl, CTL_USAGE, W_OPTION_OF, W_NEXT_HELP, "--state-dir", "efforts add");
	if (o->file != NULL && action >= ADD)
		return ctl_fail(ctl, CTL_USAGE, W_OPTION_OF, W_NEXT_HELP, "--file", "efforts list");
	return CTL_OK;
}

/* The word behind show, stop, remove and add: taken out of args. */
static int take_word(struct ctl *ctl, size_t action, char **args, struct efforts_options *o)
{
	char *word = args[1];

	if (word == NULL)
		return action == SHOW || action == STOP || action == REMOVE ?
			       ctl_fail(ctl, CTL_USAGE, W_EFFORT_WHICH, W_NEXT_EFFORT_WHICH, "") :
			       CTL_OK;
	if (action == LIST || action == REPORT || args[2] != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_TOO_MANY, W_NEXT_HELP, action == LIST || action == REPORT ? word : args[2]);
	*(action == ADD ? &o->input : &o->id) = word;
	return CTL_OK;
}

static int find_action(struct ctl *ctl, char **args, struct efforts_options *o, size_t *ret)
{
	char *only[2] = { args[0], NULL };
	int r = action_find(ctl, &actions, only, ret);

	return r == CTL_OK ? take_word(ctl, *ret, args, o) : r;
}

/* --- the document --- */

static int ask_daemon(struct ctl *ctl, const struct efforts_options *o, struct reply *ret)
{
	char code[MUNICIPALITY_CODE] = "";
	json_t *request = json_pack("{s:s}", "cmd", "efforts");
	char *line;
	int r = CTL_OK;

	if (o->municipality != NULL)
		r = municipality_find(ctl, o->municipality, "year", code);
	if (r != CTL_OK) {
		json_decref(request);
		return r;
	}
	if (code[0] != '\0')
		json_object_set_new(request, "municipality", json_string(code));
	if (o->area != NULL)
		json_object_set_new(request, "area", json_string(o->area));
	if (o->id != NULL)
		json_object_set_new(request, "id", json_string(o->id));
	line = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (line == NULL)
		return ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	r = link_ask_ok(ctl, line, ret);
	free(line);
	return r;
}

static int print_json(struct ctl *ctl, const json_t *doc)
{
	if (json_dumpf(doc, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF || fflush(stdout) != 0)
		return ctl_fail_write(ctl);
	return CTL_OK;
}

static int print_page(struct ctl *ctl, size_t action, const json_t *doc)
{
	struct page page;
	int r = CTL_OK;

	page_init(&page, ctl);
	if (answer_is_true(doc, "is_redis_away")) {
		page_style(&page, STYLE_WARN);
		page_word(&page, W_EFFORTS_REDIS_AWAY);
		page_style(&page, STYLE_PLAIN);
		page_line(&page);
	}
	if (action == SHOW)
		efforts_show_page(&page, ctl, json_array_get(answer_array(doc, "efforts"), 0));
	else if (action == REPORT)
		efforts_report_page(&page, ctl, doc);
	else
		efforts_list_page(&page, ctl, doc);
	if (page_write(&page, stdout) != 0)
		r = ctl_fail_write(ctl);
	page_done(&page);
	return r;
}

static int look(struct ctl *ctl, size_t action, const struct efforts_options *o)
{
	struct reply reply = { NULL, NULL };
	json_t *doc = NULL;
	int r;

	if (o->file != NULL || o->config != NULL) {
		r = efforts_from_files(ctl, o, &doc);
		if (r == CTL_OK)
			r = ctl->is_json ? print_json(ctl, doc) : print_page(ctl, action, doc);
		json_decref(doc);
		return r;
	}
	r = ask_daemon(ctl, o, &reply);
	if (r != CTL_OK)
		return r;
	r = ctl->is_json ? reply_print(ctl, &reply) : print_page(ctl, action, reply.doc);
	reply_done(&reply);
	return r;
}

int efforts_command(struct ctl *ctl, char **args)
{
	struct efforts_options options = { .file = NULL };
	size_t action = 0;
	int r = parse(ctl, args, &options);

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "efforts");
	r = find_action(ctl, args, &options, &action);
	if (r == CTL_OK)
		r = misplaced(ctl, action, &options);
	if (r != CTL_OK)
		return r;
	switch (action) {
	case ADD:
		return efforts_add(ctl, &options);
	case STOP:
		return efforts_stop(ctl, &options);
	case REMOVE:
		return efforts_remove(ctl, &options);
	default:
		return look(ctl, action, &options);
	}
}
