/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl sources` and `effortctl plugins`: the daemon's lists as tables, what needs a look marked. */
#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/help.h"
#include "ctl/link.h"
#include "ctl/options.h"
#include "ctl/table.h"

#include <errno.h>
#include <string.h>

static const char *text(const struct ctl *ctl, enum word word)
{
	return word_text(word, ctl->is_danish);
}

static const char *count(struct ctl *ctl, const json_t *object, const char *name)
{
	return figure_count(ctl, answer_int(object, name));
}

/* "E_JSON 3, E_TIME 1" */
static void codes(struct ctl *ctl, const json_t *source, struct table *table)
{
	const char *code;
	json_t *n;
	struct text list;

	text_init(&list, 4096);
	json_object_foreach((json_t *)(uintptr_t)answer_object(source, "codes"), code,
			    n) if (json_integer_value(n) > 0)
		text_printf(&list, "%s%s %s", list.len > 0 ? ", " : "", code,
			    figure_count(ctl, json_integer_value(n)));
	if (list.len > 0)
		table_note(table, list.ptr);
	text_done(&list);
}

static void source_row(struct ctl *ctl, const json_t *source, struct table *table)
{
	int64_t last_ms = answer_int(source, "last_ms"), every_s = answer_int(source, "expected_every_s");
	bool is_silent = answer_is_true(source, "is_silent");
	const char *last = last_ms > 0 ? figure_day_time(ctl, last_ms) : text(ctl, W_NEVER);
	const char *state = is_silent     ? ctl_note(ctl, "%s (%s)", text(ctl, W_SILENT),
						     figure_duration(ctl, every_s * 1000))
			    : every_s > 0 ? text(ctl, W_REPORTING)
					  : "";

	table_add(table, is_silent ? STYLE_BAD : STYLE_PLAIN,
		  (const char *const[]){ answer_text(source, "name"), count(ctl, source, "received"),
					 count(ctl, source, "accepted"), count(ctl, source, "duplicate"),
					 count(ctl, source, "refused"), last, state });
	codes(ctl, source, table);
}

static void sources_page(struct page *page, struct ctl *ctl, const json_t *doc)
{
	struct table table;
	const json_t *source;
	size_t i;

	table_init(&table, 7);
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){ text(ctl, W_COL_SOURCE), text(ctl, W_COL_RECEIVED),
					 text(ctl, W_COL_ACCEPTED), text(ctl, W_COL_DUPLICATE),
					 text(ctl, W_COL_REFUSED), text(ctl, W_COL_LAST),
					 text(ctl, W_COL_STATE) });
	json_array_foreach(answer_array(doc, "sources"), i, source) source_row(ctl, source, &table);
	if (table.rows > 1)
		table_print(&table, page, 0x1e);
	else {
		page_word(page, W_NO_SOURCES);
		page_line(page);
	}
	table_done(&table);
}

static const char *plugin_state(struct ctl *ctl, const json_t *area)
{
	if (answer_is_true(area, "is_disabled"))
		return text(ctl, W_DISABLED);
	return strcmp(answer_text(area, "breaker"), "open") == 0 ? text(ctl, W_BREAKER_OPEN)
								 : text(ctl, W_WORKING);
}

static void plugin_row(struct ctl *ctl, const json_t *area, struct table *table)
{
	bool is_bad = answer_is_true(area, "is_disabled") ||
		      strcmp(answer_text(area, "breaker"), "open") == 0 || answer_int(area, "faults") > 0;
	const char *plugin =
		ctl_note(ctl, "%s %s", answer_text(area, "plugin"), answer_text(area, "version"));

	table_add(table, is_bad ? STYLE_BAD : STYLE_PLAIN,
		  (const char *const[]){ answer_name(ctl, area, answer_text(area, "id")), plugin,
					 count(ctl, area, "classes"), count(ctl, area, "claims"),
					 count(ctl, area, "events"), count(ctl, area, "faults"),
					 count(ctl, area, "slow"), plugin_state(ctl, area) });
}

static void plugins_page(struct page *page, struct ctl *ctl, const json_t *doc)
{
	int64_t mismatches = answer_int(doc, "mismatches");
	struct table table;
	const json_t *area;
	size_t i;

	table_init(&table, 8);
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){ text(ctl, W_COL_AREA), text(ctl, W_COL_PLUGIN),
					 text(ctl, W_COL_CLASSES), text(ctl, W_COL_CLAIMS),
					 text(ctl, W_COL_EVENTS), text(ctl, W_COL_FAULTS),
					 text(ctl, W_COL_SLOW), text(ctl, W_COL_STATE) });
	json_array_foreach(answer_array(doc, "areas"), i, area) plugin_row(ctl, area, &table);
	table_print(&table, page, 0x7c);
	table_done(&table);
	if (mismatches > 0) {
		page_fill(page, W_MISMATCHES, figure_count(ctl, mismatches));
		page_line(page);
	}
}

static int list(struct ctl *ctl, char **args, const char *name,
		void (*fill)(struct page *, struct ctl *, const json_t *))
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
	if (!ctl->is_json)
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
		r = ctl_fail(ctl, CTL_IO, W_WRITE_FAILED, W_NEXT_DISK, strerror(errno));
	page_done(&page);
	reply_done(&reply);
	return r;
}

int sources_command(struct ctl *ctl, char **args)
{
	return list(ctl, args, "sources", sources_page);
}

int plugins_command(struct ctl *ctl, char **args)
{
	return list(ctl, args, "plugins", plugins_page);
}
