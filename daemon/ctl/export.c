/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl export`: its command line, and the reports of those asked for. See export.h. */
#include "ctl/export.h"

#include "conf/near.h"
#include "ctl/answer.h"
#include "ctl/failure.h"
#include "ctl/figure.h"
#include "ctl/help.h"
#include "ctl/link.h"
#include "ctl/options.h"
#include "ctl/shares.h"
#include "domain/counting.h"
#include "domain/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUPPRESS_DEFAULT 5

static void write_json(struct ctl *ctl, const json_t *reports, struct text *out)
{
	char *json = json_dumps(reports, JSON_INDENT(1));

	(void)ctl;
	text_puts(out, json == NULL ? "" : json);
	text_puts(out, "\n");
	out->is_cut |= json == NULL;
	free(json);
}

static const struct format {
	const char *name;
	void (*write)(struct ctl *, const json_t *reports, struct text *);
} formats[] = {
	{ "text", export_text }, { "csv", export_csv }, { "json", write_json }, { "html", export_html }
};

#define FORMATS (sizeof formats / sizeof formats[0])

struct wish {
	const char *window, *label, *format, *output, *suppress;
	bool wants_all, wants_refused, wants_now;
	bool lacks_one; /* one of those asked for cannot be written */
	const struct format *how;
	struct export_options options;
	char label_buf[64];
};

/* --- what is asked for --- */

static int check_format(struct ctl *ctl, struct wish *w)
{
	const char *names[FORMATS], *name = w->format == NULL ? (ctl->is_json ? "json" : "text") : w->format,
				    *nearest;

	for (size_t i = 0; i < FORMATS; i++) {
		names[i] = formats[i].name;
		if (strcmp(names[i], name) == 0)
			w->how = &formats[i];
	}
	if (w->how != NULL)
		return CTL_OK;
	nearest = near_find(name, names, FORMATS);
	if (nearest != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_EXPORT_FORMAT, W_NEXT_DID_YOU_MEAN, name, nearest);
	return ctl_fail(ctl, CTL_USAGE, W_EXPORT_FORMAT, W_NEXT_EXPORT_FORMAT, name);
}

static int check_suppress(struct ctl *ctl, struct wish *w)
{
	char *end;
	long below;

	w->options.below = SUPPRESS_DEFAULT;
	if (w->suppress == NULL)
		return CTL_OK;
	below = strtol(w->suppress, &end, 10);
	if (end == w->suppress || *end != '\0' || below < 1 || below > 1000000)
		return ctl_fail(ctl, CTL_USAGE, W_SUPPRESS_BAD, W_NEXT_SUPPRESS, w->suppress);
	w->options.below = below;
	return CTL_OK;
}

static int check_period(struct ctl *ctl, const struct wish *w)
{
	if (w->label != NULL && w->window != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_CMP_BOTH, W_NEXT_HELP, "");
	if (w->label != NULL &&
	    (strchr(w->label, ':') == NULL || strlen(w->label) >= COUNTING_LABEL ||
	     strspn(w->label, "abcdefghijklmnopqrstuvwxyz0123456789:-QW") != strlen(w->label)))
		return ctl_fail(ctl, CTL_USAGE, W_LABEL_BAD, W_NEXT_LABEL_ANY, w->label);
	if (w->window != NULL && window_find(w->window, strlen(w->window)) < 0)
		return ctl_fail(ctl, CTL_USAGE, W_WINDOW_UNKNOWN, W_NEXT_WINDOW, w->window);
	return CTL_OK;
}

static int read_wish(struct ctl *ctl, char **args, struct wish *w)
{
	const struct option own[] = { { "--window", &w->window, NULL },
				      { "--label", &w->label, NULL },
				      { "--format", &w->format, NULL },
				      { "--output", &w->output, NULL },
				      { "--suppress", &w->suppress, NULL },
				      { "--all", NULL, &w->wants_all },
				      { "--refused", NULL, &w->wants_refused },
				      { "--now", NULL, &w->wants_now },
				      { NULL, NULL, NULL } };
	int r = options_parse(ctl, own, args);

	if (r != CTL_OK || ctl->wants_help)
		return r;
	if (w->wants_all == (args[0] != NULL))
		return ctl_fail(ctl, CTL_USAGE, W_EXPORT_WHO, W_NEXT_EXPORT_WHO, "");
	w->options.wants_refused = w->wants_refused;
	w->options.wants_now = w->wants_now;
	r = check_period(ctl, w);
	if (r == CTL_OK)
		r = check_format(ctl, w);
	return r == CTL_OK ? check_suppress(ctl, w) : r;
}

/* The label of a running window, or of the last season that is over. */
static int find_label(struct ctl *ctl, struct wish *w)
{
	const char *window = w->window == NULL ? "season" : w->window;
	struct reply reply;
	int r;

	w->options.label = w->label;
	if (w->label != NULL)
		return CTL_OK;
	r = link_ask_ok(
		ctl, ctl_note(ctl, "{\"cmd\":\"shares\",\"municipality\":\"dk\",\"window\":\"%s\"}", window),
		&reply);
	if (r != CTL_OK)
		return r;
	snprintf(w->label_buf, sizeof w->label_buf, "%.39s",
		 answer_text(reply.doc, w->window == NULL ? "before_label" : "label"));
	w->options.label = w->label_buf;
	reply_done(&reply);
	return CTL_OK;
}

/* --- reports --- */

/* The running periods in which something was counted: "day (22. november 2026), year (2026)". *ret_name: what
 * the municipality is called. */
static int find_counted(struct ctl *ctl, const char *code, char *ret, size_t size, const char **ret_name)
{
	struct reply reply;
	size_t len = 0;

	ret[0] = '\0';
	for (int window = 0; window < WINDOWS; window++) {
		int r = link_ask_ok(ctl,
				    ctl_note(ctl,
					     "{\"cmd\":\"shares\",\"municipality\":\"%s\",\"window\":\"%s\"}",
					     code, window_name[window]),
				    &reply);
		int64_t contacts = 0;

		if (r != CTL_OK)
			return r;
		*ret_name =
			ctl_note(ctl, "%s", answer_text(answer_object(reply.doc, "municipality"), "name"));
		share_count(answer_object(reply.doc, "share"), "all", "contacts", &contacts);
		if (contacts > 0 && len < size)
			len += (size_t)snprintf(ret + len, size - len, "%s%s (%s)", len == 0 ? "" : ", ",
						window_name[window],
						figure_period(ctl, answer_text(reply.doc, "label")));
		reply_done(&reply);
	}
	return CTL_OK;
}

static int say_nothing(struct ctl *ctl, const char *code, const char *label)
{
	const char *name = code;
	char counted[256];
	int r = find_counted(ctl, code, counted, sizeof counted, &name);

	if (r != CTL_OK)
		return r;
	if (strcmp(code, "dk") == 0)
		name = word_text(W_COUNTRY, ctl->is_danish);
	ctl_fail(ctl, CTL_REFUSED, W_EXPORT_NOTHING,
		 counted[0] == '\0' ? W_NEXT_EXPORT_LABEL : W_NEXT_EXPORT_COUNTED, name,
		 figure_period(ctl, label), counted);
	return CTL_OK;
}

static int add_report(struct ctl *ctl, const char *code, struct wish *w, json_t *reports)
{
	json_t *report;
	bool is_open;
	int r = export_report(ctl, code, &w->options, &report, &is_open);

	w->lacks_one |= is_open;
	if (r == CTL_OK && report == NULL && !is_open)
		r = say_nothing(ctl, code, w->options.label);
	if (r == CTL_OK && report != NULL)
		json_array_append_new(reports, report);
	return r;
}

static int add_all(struct ctl *ctl, struct wish *w, json_t *reports)
{
	const json_t *item;
	struct reply reply;
	size_t i;
	int r = link_ask_ok(ctl, ctl_note(ctl, "{\"cmd\":\"shares\",\"label\":\"%s\"}", w->options.label),
			    &reply);

	if (r != CTL_OK)
		return r;
	/* The country beside all its parts would tell what one of them does not. */
	json_array_foreach(answer_array(reply.doc, "municipalities"), i,
			   item) if (r == CTL_OK && strcmp(answer_text(item, "code"), "dk") != 0) r =
		add_report(ctl, answer_text(item, "code"), w, reports);
	reply_done(&reply);
	return r;
}

static int add_reports(struct ctl *ctl, char **places, struct wish *w, json_t *reports)
{
	char code[MUNICIPALITY_CODE];
	int r = CTL_OK;

	if (w->wants_all)
		return add_all(ctl, w, reports);
	for (; *places != NULL && r == CTL_OK; places++) {
		r = municipality_find(ctl, *places, "year", code);
		if (r == CTL_OK)
			r = add_report(ctl, code, w, reports);
	}
	return r;
}

/* --- the file --- */

/* Beside its place first, so that nobody finds half a report there. */
static int write_file(struct ctl *ctl, const struct text *out, const char *path)
{
	const char *beside = ctl_note(ctl, "%.170s.%d", path, (int)getpid());
	FILE *to = fopen(beside, "we");
	bool is_whole;

	if (to == NULL)
		return failure_to_create(ctl, path);
	is_whole = fwrite(out->ptr, 1, out->len, to) == out->len;
	is_whole = fclose(to) == 0 && is_whole;
	if (!is_whole || rename(beside, path) != 0) {
		unlink(beside);
		return ctl_fail_write(ctl);
	}
	return CTL_OK;
}

static int write_out(struct ctl *ctl, const struct wish *w, const json_t *reports)
{
	struct text out;
	int r = CTL_OK;

	text_init(&out, EXPORT_MAX);
	w->how->write(ctl, reports, &out);
	if (out.is_cut || out.ptr == NULL)
		r = ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	else if (w->output != NULL)
		r = write_file(ctl, &out, w->output);
	else if (fwrite(out.ptr, 1, out.len, stdout) != out.len || fflush(stdout) != 0)
		r = ctl_fail_write(ctl);
	text_done(&out);
	return r;
}

int export_command(struct ctl *ctl, char **args)
{
	struct wish w = { 0 };
	json_t *reports;
	int r = read_wish(ctl, args, &w);

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "export");
	r = link_use_zone(ctl);
	if (r == CTL_OK)
		r = find_label(ctl, &w);
	if (r != CTL_OK)
		return r;
	reports = json_array();
	r = add_reports(ctl, args, &w, reports);
	if (r == CTL_OK && json_array_size(reports) == 0)
		r = CTL_REFUSED;
	if (r == CTL_OK)
		r = write_out(ctl, &w, reports);
	json_decref(reports);
	return r == CTL_OK && w.lacks_one ? CTL_REFUSED : r;
}
