/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl sources` and `effortctl plugins`: the daemon's lists as tables, what needs a look marked. */
#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/show.h"
#include "ctl/table.h"

#include <string.h>

static const char *text(const struct ctl *ctl, enum word word)
{
	return word_text(word, ctl->is_danish);
}

static const char *count(struct ctl *ctl, const json_t *object, const char *name)
{
	return figure_count(ctl, answer_int(object, name));
}

/* "administration, school: " where a source that is silent feeds certain areas. */
static void note_areas(struct ctl *ctl, const json_t *source, struct text *list)
{
	const json_t *area;
	size_t i;

	if (!answer_is_true(source, "is_silent"))
		return;
	json_array_foreach(answer_array(source, "areas"), i, area)
		text_printf(list, "%s%s%s", list->len > 0 ? ", " : "", i == 0 ? text(ctl, W_SILENT_AREAS) : "",
			    json_string_value(area));
}

/* "E_JSON 3, E_TIME 1", behind what the row had no room for and the areas. */
static void note(struct ctl *ctl, const json_t *source, const char *first, struct table *table)
{
	const char *code;
	json_t *n;
	struct text list;

	text_init(&list, 4096);
	text_puts(&list, first);
	note_areas(ctl, source, &list);
	if (answer_text(source, "method")[0] != '\0')
		text_printf(&list, "%s%s %s", list.len > 0 ? ", " : "", text(ctl, W_SOURCE_APART), answer_text(source, "method"));
	if (answer_int(source, "doubtful_readings") > 0)
		text_printf(&list, "%s%s %s", list.len > 0 ? ", " : "", text(ctl, W_SOURCE_DOUBTFUL),
			    count(ctl, source, "doubtful_readings"));
	json_object_foreach((json_t *)(uintptr_t)answer_object(source, "codes"), code, n)
	{
		if (json_integer_value(n) > 0)
			text_printf(&list, "%s%s %s", list.len > 0 ? ", " : "", code,
				    figure_count(ctl, json_integer_value(n)));
	}
	if (list.len > 0)
		table_note(table, list.ptr);
	text_done(&list);
}

static void source_row(struct ctl *ctl, const json_t *source, struct table *table, bool is_narrow)
{
	int64_t last_ms = answer_int(source, "last_ms"), every_s = answer_int(source, "expected_every_s");
	bool is_silent = answer_is_true(source, "is_silent");
	const char *every = figure_duration(ctl, every_s * 1000), *first = "";
	const char *last = last_ms <= 0 ? text(ctl, W_NEVER)
			   : is_narrow  ? figure_short(ctl, last_ms)
					: figure_day_time(ctl, last_ms);
	const char *state = is_silent	   ? text(ctl, W_SILENT)
			    : every_s == 0 ? ""
					   : text(ctl, last_ms <= 0 ? W_AWAITED : W_REPORTING);

	if (is_silent && is_narrow)
		first = ctl_note(ctl, "%s %s", text(ctl, W_SILENT_NOTE), every);
	else if (is_silent)
		state = ctl_note(ctl, "%s (%s)", state, every);
	table_add(table, is_silent ? STYLE_BAD : STYLE_PLAIN,
		  (const char *const[]){ answer_text(source, "name"), count(ctl, source, "received"),
					 count(ctl, source, "accepted"), count(ctl, source, "duplicate"),
					 count(ctl, source, "refused"), last, state });
	note(ctl, source, first, table);
}

static void source_rows(struct ctl *ctl, const json_t *doc, struct table *table, bool is_narrow)
{
	const json_t *source;
	size_t i;

	table_init(table, 7);
	table_add(table, STYLE_STRONG,
		  (const char *const[]){ text(ctl, W_COL_SOURCE), text(ctl, W_COL_RECEIVED),
					 text(ctl, W_COL_ACCEPTED), text(ctl, W_COL_DUPLICATE),
					 text(ctl, W_COL_REFUSED), text(ctl, W_COL_LAST),
					 text(ctl, W_COL_STATE) });
	json_array_foreach(answer_array(doc, "sources"), i, source) source_row(ctl, source, table, is_narrow);
}

static void paragraph(struct page *page, enum style style, enum word word, const char *value)
{
	struct page piece;

	page_init(&piece, page->ctl);
	page_fill(&piece, word, value);
	page_style(page, style);
	page_paragraph(page, &piece, 0);
	page_style(page, STYLE_PLAIN);
	page_done(&piece);
}

static void sources_page(struct page *page, struct ctl *ctl, const json_t *doc)
{
	struct table table;

	source_rows(ctl, doc, &table, false);
	if (!table_fits(&table, ctl)) {
		table_done(&table);
		source_rows(ctl, doc, &table, true);
	}
	if (table.rows > 1) {
		table_print(&table, page, 0x1e);
		paragraph(page, STYLE_FAINT, W_SINCE_START, "");
	} else {
		paragraph(page, STYLE_PLAIN, W_NO_SOURCES, "");
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
	table.gives = 2;
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){ text(ctl, W_COL_AREA), text(ctl, W_COL_PLUGIN),
					 text(ctl, W_COL_CLASSES), text(ctl, W_COL_CLAIMS),
					 text(ctl, W_COL_EVENTS), text(ctl, W_COL_FAULTS),
					 text(ctl, W_COL_SLOW), text(ctl, W_COL_STATE) });
	json_array_foreach(answer_array(doc, "areas"), i, area) plugin_row(ctl, area, &table);
	table_print(&table, page, 0x7c);
	table_done(&table);
	if (mismatches > 0)
		paragraph(page, STYLE_PLAIN, W_MISMATCHES, figure_many(ctl, mismatches, W_N_EVENTS));
}

int sources_command(struct ctl *ctl, char **args)
{
	return show_answer(ctl, args, "sources", true, sources_page);
}

int plugins_command(struct ctl *ctl, char **args)
{
	return show_answer(ctl, args, "plugins", false, plugins_page);
}
