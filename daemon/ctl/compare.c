/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl compare`: its command line. See compare.h. */
#include "ctl/compare.h"

#include "conf/near.h"
#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/help.h"
#include "ctl/link.h"
#include "ctl/options.h"
#include "ctl/shares.h"
#include "domain/counting.h"
#include "domain/period.h"

#include <stdlib.h>
#include <string.h>

#define SUPPRESS_DEFAULT 5

/* A window and a label are one thing to the daemon: the end of a key. */
static int check_period(struct ctl *ctl, struct compare_wish *w, const char *window)
{
	const char *nearest;

	if (w->label != NULL && window != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_CMP_BOTH, W_NEXT_HELP, "");
	if (w->label != NULL) {
		if (strchr(w->label, ':') == NULL || strlen(w->label) >= COUNTING_LABEL ||
		    strspn(w->label, "abcdefghijklmnopqrstuvwxyz0123456789:-QW") != strlen(w->label))
			return ctl_fail(ctl, CTL_USAGE, W_LABEL_BAD, W_NEXT_LABEL_ANY, w->label);
		return CTL_OK;
	}
	w->label = window == NULL ? "year" : window;
	if (window_find(w->label, strlen(w->label)) >= 0)
		return CTL_OK;
	nearest = near_find(w->label, window_name, WINDOWS);
	if (nearest != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_WINDOW_UNKNOWN, W_NEXT_DID_YOU_MEAN, w->label, nearest);
	return ctl_fail(ctl, CTL_USAGE, W_WINDOW_UNKNOWN, W_NEXT_WINDOW, w->label);
}

static int check_measure(struct ctl *ctl, struct compare_wish *w, const char *measure)
{
	for (int i = 0; measure != NULL && i < COMPARE_MEASURES; i++)
		if (strcmp(measure, compare_measure_name[i]) == 0) {
			w->measure = (enum compare_measure)i;
			return CTL_OK;
		}
	return measure == NULL ? CTL_OK
			       : ctl_fail(ctl, CTL_USAGE, W_CMP_MEASURE_BAD, W_NEXT_CMP_MEASURE, measure);
}

static int check_suppress(struct ctl *ctl, struct compare_wish *w, const char *suppress)
{
	char *end;
	long below;

	w->below = SUPPRESS_DEFAULT;
	if (suppress == NULL)
		return CTL_OK;
	below = strtol(suppress, &end, 10);
	if (end == suppress || *end != '\0' || below < 1 || below > 1000000)
		return ctl_fail(ctl, CTL_USAGE, W_SUPPRESS_BAD, W_NEXT_SUPPRESS, suppress);
	w->below = below;
	return CTL_OK;
}

static int read_wish(struct ctl *ctl, char **args, struct compare_wish *w)
{
	const char *window = NULL, *measure = NULL, *suppress = NULL;
	const struct option own[] = { { "--window", &window, NULL },
				      { "--label", &w->label, NULL },
				      { "--scope", &w->scope, NULL },
				      { "--with", &w->with, NULL },
				      { "--group", &w->group, NULL },
				      { "--measure", &measure, NULL },
				      { "--suppress", &suppress, NULL },
				      { "--equal-tasks", NULL, &w->wants_equal_tasks },
				      { NULL, NULL, NULL } };
	int r = options_parse(ctl, own, args);

	if (r != CTL_OK || ctl->wants_help)
		return r;
	w->own = args[0];
	if (args[0] != NULL && args[1] != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_TOO_MANY, W_NEXT_HELP, args[1]);
	if (w->scope == NULL)
		w->scope = "group:target";
	if (strlen(w->scope) > 100 ||
	    strspn(w->scope, "abcdefghijklmnopqrstuvwxyz0123456789:/-") != strlen(w->scope))
		return ctl_fail(ctl, CTL_USAGE, W_CMP_SCOPE_BAD, W_NEXT_CMP_SCOPE, w->scope);
	r = check_period(ctl, w, window);
	if (r == CTL_OK)
		r = check_measure(ctl, w, measure);
	return r == CTL_OK ? check_suppress(ctl, w, suppress) : r;
}

/* --- with whom --- */

/* Codes as the list grows; the own one belongs to it. */
struct codes {
	char text[COMPARE_MAX][8];
	char *list[COMPARE_MAX + 1];
	size_t n;
};

static void add_code(struct codes *codes, const char *code)
{
	for (size_t i = 0; i < codes->n; i++)
		if (strcmp(codes->text[i], code) == 0)
			return;
	if (codes->n == COMPARE_MAX || strlen(code) >= sizeof codes->text[0])
		return;
	strcpy(codes->text[codes->n], code);
	codes->list[codes->n] = codes->text[codes->n];
	codes->list[++codes->n] = NULL;
}

/* "0751,0461,Odense" */
static int add_with(struct ctl *ctl, const char *with, struct codes *codes)
{
	char *copy = strdup(with), *save = NULL;
	char code[MUNICIPALITY_CODE];
	int r = copy == NULL ? ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "") : CTL_OK;

	for (char *name = copy == NULL ? NULL : strtok_r(copy, ",", &save); name != NULL && r == CTL_OK;
	     name = strtok_r(NULL, ",", &save)) {
		r = municipality_find(ctl, name, "year", code);
		if (r == CTL_OK)
			add_code(codes, code);
	}
	free(copy);
	return r;
}

/* The peers of a group, as the daemon's configuration has them. */
static int add_group(struct ctl *ctl, const json_t *doc, const char *group, struct codes *codes)
{
	const json_t *peers = json_object_get(answer_object(doc, "peers"), group), *code;
	size_t i;

	if (!json_is_array(peers))
		return ctl_fail(ctl, CTL_USAGE, W_CMP_GROUP_UNKNOWN, W_NEXT_CMP_GROUP, group);
	json_array_foreach(peers, i, code) if (json_is_string(code)) add_code(codes, json_string_value(code));
	return CTL_OK;
}

static int find_codes(struct ctl *ctl, const struct compare_wish *w, const json_t *doc, struct codes *codes)
{
	int r = CTL_OK;

	if (w->with != NULL)
		r = add_with(ctl, w->with, codes);
	if (r == CTL_OK && w->group != NULL)
		r = add_group(ctl, doc, w->group, codes);
	if (r == CTL_OK && w->own_code[0] != '\0' && codes->n > 0)
		add_code(codes, w->own_code);
	return r;
}

/* --- the answer --- */

static int print(struct ctl *ctl, const struct comparison *c)
{
	struct page page;
	int r = CTL_OK;

	page_init(&page, ctl);
	if (ctl->is_json) {
		compare_json(&page.text, c);
		page_line(&page);
	} else {
		compare_page(&page, ctl, c);
	}
	if (page_write(&page, stdout) != 0)
		r = ctl_fail_write(ctl);
	page_done(&page);
	return r;
}

static int compare(struct ctl *ctl, const struct compare_wish *w)
{
	static struct comparison comparison;
	static struct codes codes;
	struct reply reply;
	int r = link_ask_ok(ctl,
			    ctl_note(ctl, "{\"cmd\":\"compare\",\"scope\":\"%s\",\"label\":\"%s\"%s}",
				     w->scope, w->label, w->wants_equal_tasks ? ",\"tasks\":true" : ""),
			    &reply);

	if (r != CTL_OK)
		return r;
	r = find_codes(ctl, w, reply.doc, &codes);
	if (r == CTL_OK) {
		compare_judge(&comparison, w, reply.doc, codes.n > 0 ? codes.list : NULL);
		r = print(ctl, &comparison);
	}
	reply_done(&reply);
	return r;
}

int compare_command(struct ctl *ctl, char **args)
{
	struct compare_wish w = { 0 };
	int r = read_wish(ctl, args, &w);

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "compare");
	if (w.own != NULL)
		r = municipality_find(ctl, w.own, "year", w.own_code);
	if (r == CTL_OK && !ctl->is_json)
		r = link_use_zone(ctl);
	return r == CTL_OK ? compare(ctl, &w) : r;
}
