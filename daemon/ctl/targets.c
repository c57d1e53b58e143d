/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl targets`: how the targets of a municipality stand, as a table, or one of them in words. Numbers are
 * shown as they were published; what is absent is told with its reason. */
#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/help.h"
#include "ctl/link.h"
#include "ctl/options.h"
#include "ctl/shares.h"
#include "ctl/table.h"

#include "count/target.h"

#include <stdlib.h>
#include <string.h>

_Static_assert((int)W_TARGET_IS_MISSED - (int)W_TARGET_IS_NOT_STARTED == TARGET_VERDICT_MISSED, "words of verdicts");
_Static_assert((int)W_TARGET_WHY_FEW - (int)W_TARGET_WHY_NOT_STARTED == TARGET_FEW - TARGET_NOT_STARTED, "words of reasons");

static const char *text(const struct ctl *ctl, enum word word)
{
	return word_text(word, ctl->is_danish);
}

static const char *field(const json_t *target, const char *name)
{
	return answer_text(answer_object(target, "hash"), name);
}

static bool has(const json_t *target, const char *name)
{
	return field(target, name)[0] != '\0';
}

/* --- numbers --- */

static const char *number(struct ctl *ctl, const json_t *target, const char *name)
{
	if (!has(target, name))
		return "-";
	return answer_is_true(target, "is_share") ? figure_percent(ctl, field(target, name)) :
						    figure_count(ctl, atoll(field(target, name)));
}

static const char *count(struct ctl *ctl, const json_t *target, const char *name)
{
	return has(target, name) ? figure_count(ctl, atoll(field(target, name))) : "-";
}

/* "-12.00" as it stands, with a plus where there is none. */
static const char *gap(struct ctl *ctl, const json_t *target, const char *points, const char *contacts)
{
	const char *raw = has(target, points) ? field(target, points) : field(target, contacts);
	const char *sign = raw[0] == '-' || strcmp(raw, "0") == 0 || strcmp(raw, "0.00") == 0 ? "" : "+";

	if (has(target, points))
		return ctl_note(ctl, "%s%s", sign, figure_decimal(ctl, raw));
	return has(target, contacts) ? ctl_note(ctl, "%s%s", sign, figure_count(ctl, atoll(raw))) : "-";
}

static const char *date(struct ctl *ctl, const json_t *target, const char *name)
{
	return figure_period(ctl, ctl_note(ctl, "day:%s", field(target, name)));
}

/* --- words --- */

static int index_of(const char *word, const char *const *list, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return i;
	return -1;
}

static const char *verdict(const struct ctl *ctl, const json_t *target)
{
	int i = index_of(field(target, "verdict"), target_verdict_name, TARGET_VERDICTS);

	if (strcmp(field(target, "reason"), target_reason_name[TARGET_NO_BASELINE]) == 0)
		return text(ctl, W_TARGET_NOT_SET_UP);
	return i < 0 ? "-" : text(ctl, (enum word)((int)W_TARGET_IS_NOT_STARTED + i));
}

/* Why there is no number, or no verdict; "": there is nothing to tell. */
static const char *reason(struct ctl *ctl, const json_t *target)
{
	int i = index_of(field(target, "reason"), target_reason_name, TARGET_REASONS);
	struct page piece;
	const char *note;

	if (!has(target, "verdict"))
		return text(ctl, W_TARGET_WAITS);
	if (i <= TARGET_FINE)
		return "";
	page_init(&piece, ctl);
	page_fill(&piece, (enum word)((int)W_TARGET_WHY_NOT_STARTED + i - TARGET_NOT_STARTED),
		  figure_many(ctl, atoll(field(target, "n")), W_N_CONTACTS), count(ctl, target, "least_n"));
	note = ctl_note(ctl, "%s", piece.text.ptr == NULL ? "" : piece.text.ptr);
	page_done(&piece);
	return note;
}

static const char *title(const struct ctl *ctl, const json_t *target)
{
	return answer_name(ctl, target, answer_text(target, "id"));
}

static const char *scope_name(struct ctl *ctl, const json_t *target)
{
	const char *channel = field(target, "channel"), *name = answer_text(target, ctl->is_danish ? "scope_da" : "scope_en");
	struct page piece;
	const char *note;

	if (name[0] == '\0')
		name = answer_text(target, "scope");
	if (channel[0] == '\0')
		return name;
	page_init(&piece, ctl);
	page_add(&piece, name);
	page_fill(&piece, W_TARGET_CHANNEL, channel);
	note = ctl_note(ctl, "%s", piece.text.ptr == NULL ? "" : piece.text.ptr);
	page_done(&piece);
	return note;
}

/* --- the table --- */

static enum style style_of(const json_t *target)
{
	const char *verdict = field(target, "verdict");

	if (strcmp(verdict, "missed") == 0)
		return STYLE_BAD;
	return strcmp(verdict, "met") == 0 ? STYLE_GOOD : STYLE_PLAIN;
}

/* by_id: titles that would be cut to the same words stand under the row. */
static void put_row(struct ctl *ctl, const json_t *target, struct table *table, bool by_id)
{
	const char *sign = strcmp(field(target, "comparator"), "<=") == 0 ? "<= " : "";
	const char *id = answer_text(target, "id"), *why = reason(ctl, target);

	table_add(table, style_of(target),
		  (const char *const[]){ by_id ? id : title(ctl, target), ctl_note(ctl, "%s%s", sign, number(ctl, target, "value")),
					 number(ctl, target, "actual"), gap(ctl, target, "gap_pp", "gap"),
					 count(ctl, target, "move"), verdict(ctl, target) });
	table_note(table, ctl_note(ctl, "%s%s%s%s", by_id ? title(ctl, target) : id, why[0] != '\0' ? ": " : "", why,
				   strcmp(field(target, "incomplete"), "1") == 0 ? " !" : ""));
}

static void put_rows(struct ctl *ctl, const json_t *targets, struct table *table, bool by_id)
{
	const json_t *target;
	size_t i;

	table_init(table, 6);
	table_add(table, STYLE_STRONG,
		  (const char *const[]){ text(ctl, W_COL_TARGET), text(ctl, W_COL_VALUE), text(ctl, W_COL_ACTUAL),
					 text(ctl, W_COL_GAP), text(ctl, W_COL_MISSING), text(ctl, W_COL_VERDICT) });
	json_array_foreach(targets, i, target) put_row(ctl, target, table, by_id);
}

#define SAY(page, style, word, ...) page_say(page, style, word, (const char *const[]){ __VA_ARGS__, NULL })

static void put_missing(struct page *page, const json_t *doc)
{
	const json_t *target = json_array_get(answer_array(doc, "targets"), 0);

	if (target != NULL && has(target, "missing"))
		SAY(page, STYLE_WARN, W_TARGET_INCOMPLETE, field(target, "missing"));
}

static void put_table(struct page *page, struct ctl *ctl, const json_t *doc)
{
	const json_t *municipality = answer_object(doc, "municipality");
	const char *place = shares_place(ctl, answer_text(municipality, "code"), answer_text(municipality, "name"));
	struct table table;

	if (json_array_size(answer_array(doc, "targets")) == 0) {
		SAY(page, STYLE_PLAIN, W_TARGETS_NONE, place);
		return;
	}
	SAY(page, STYLE_STRONG, W_TARGETS_HEAD, place, figure_day_time(ctl, answer_int(doc, "now_ms")));
	put_missing(page, doc);
	page_line(page);
	put_rows(ctl, answer_array(doc, "targets"), &table, false);
	if (!table_is_whole(&table, ctl)) {
		table_done(&table);
		put_rows(ctl, answer_array(doc, "targets"), &table, true);
	}
	table_print(&table, page, 0x1e);
	table_done(&table);
	page_line(page);
	SAY(page, STYLE_FAINT, W_TARGETS_EXPLAIN, "");
}

/* --- one target in words --- */

static void put_demand(struct page *page, struct ctl *ctl, const json_t *target)
{
	bool is_most = strcmp(field(target, "comparator"), "<=") == 0;
	struct page piece;

	page_init(&piece, ctl);
	page_fill(&piece, is_most ? W_TARGET_MOST : W_TARGET_LEAST, number(ctl, target, "value"));
	page_fill(&piece, W_TARGET_SINCE, date(ctl, target, "from"));
	if (has(target, "to"))
		page_fill(&piece, W_TARGET_UNTIL, date(ctl, target, "to"));
	if (has(target, "due"))
		page_fill(&piece, W_TARGET_DUE, date(ctl, target, "due"));
	page_add(&piece, ".");
	page_paragraph(page, &piece, 0);
	page_done(&piece);
	if (has(target, "next_from"))
		SAY(page, STYLE_PLAIN, W_TARGET_NEXT, date(ctl, target, "next_from"), number(ctl, target, "next_value"));
}

static void put_numbers(struct page *page, struct ctl *ctl, const json_t *target)
{
	const char *distance = gap(ctl, target, "gap_pp", "gap");

	if (has(target, "period"))
		SAY(page, STYLE_PLAIN, W_TARGET_PERIOD, figure_period(ctl, field(target, "period")), date(ctl, target, "first"),
		    date(ctl, target, "last"));
	if (has(target, "n"))
		SAY(page, STYLE_PLAIN, W_TARGET_RATIO, count(ctl, target, "part"),
		    figure_many(ctl, atoll(field(target, "n")), W_N_CONTACTS), number(ctl, target, "actual"), distance);
	else if (has(target, "actual"))
		SAY(page, STYLE_PLAIN, W_TARGET_COUNT, figure_many(ctl, atoll(field(target, "actual")), W_N_CONTACTS), distance);
	if (has(target, "move") && strcmp(field(target, "move"), "0") != 0)
		SAY(page, STYLE_PLAIN, W_TARGET_MOVE, figure_many(ctl, atoll(field(target, "move")), W_N_CONTACTS));
	if (has(target, "movable"))
		SAY(page, STYLE_PLAIN, W_TARGET_MOVABLE, count(ctl, target, "movable"));
	if (has(target, "add") && strcmp(field(target, "add"), "0") != 0 &&
	    strncmp(answer_text(target, "measure"), "selfservice", 11) == 0)
		SAY(page, STYLE_PLAIN, W_TARGET_ADD, count(ctl, target, "add"));
	if (has(target, "pace"))
		SAY(page, STYLE_PLAIN, W_TARGET_PACE, count(ctl, target, "pace"));
}

static void put_before(struct page *page, struct ctl *ctl, const json_t *target)
{
	const char *change = gap(ctl, target, "change_pp", "change");
	struct page piece;

	if (has(target, "baseline"))
		SAY(page, STYLE_PLAIN, W_TARGET_BASELINE, figure_period(ctl, field(target, "baseline")));
	if (!has(target, "before"))
		return;
	page_init(&piece, ctl);
	if (has(target, "change_pp"))
		page_fill(&piece, W_TARGET_POINTS, change);
	else
		page_add(&piece, change);
	SAY(page, STYLE_PLAIN, W_TARGET_BEFORE, number(ctl, target, "before"), piece.text.ptr == NULL ? "" : piece.text.ptr);
	page_done(&piece);
}

static void put_words(struct page *page, struct ctl *ctl, const json_t *doc)
{
	const json_t *target = json_array_get(answer_array(doc, "targets"), 0);
	const char *measure = answer_text(target, ctl->is_danish ? "measure_da" : "measure_en");
	const char *why = reason(ctl, target);

	page_style(page, STYLE_STRONG);
	page_add(page, title(ctl, target));
	page_add(page, ctl_note(ctl, " (%s)", answer_text(target, "id")));
	page_style(page, STYLE_PLAIN);
	page_line(page);
	SAY(page, STYLE_PLAIN, W_TARGET_MEASURES, measure, scope_name(ctl, target), "");
	if (has(target, "verdict")) {
		put_demand(page, ctl, target);
		put_numbers(page, ctl, target);
		put_before(page, ctl, target);
	}
	if (why[0] != '\0')
		SAY(page, STYLE_STRONG, W_TARGET_VERDICT_WHY, verdict(ctl, target), why);
	else
		SAY(page, STYLE_STRONG, W_TARGET_VERDICT, verdict(ctl, target));
	if (has(target, "break"))
		SAY(page, STYLE_WARN, W_TARGET_BREAK, field(target, "break"));
	put_missing(page, doc);
	if (has(target, "definition"))
		SAY(page, STYLE_FAINT, W_TARGET_DEFINITION, field(target, "definition"));
}

/* --- the command --- */

static int show(struct ctl *ctl, const char *code, const char *id)
{
	struct reply reply;
	struct page page;
	int r = link_ask_ok(ctl,
			    id == NULL ? ctl_note(ctl, "{\"cmd\":\"targets\",\"municipality\":\"%s\"}", code) :
					 ctl_note(ctl, "{\"cmd\":\"targets\",\"municipality\":\"%s\",\"id\":\"%.48s\"}", code, id),
			    &reply);

	if (r != CTL_OK)
		return r;
	page_init(&page, ctl);
	if (ctl->is_json)
		r = reply_print(ctl, &reply);
	else if (id == NULL)
		put_table(&page, ctl, reply.doc);
	else
		put_words(&page, ctl, reply.doc);
	if (page_write(&page, stdout) != 0)
		r = ctl_fail_write(ctl);
	page_done(&page);
	reply_done(&reply);
	return r;
}

int targets_command(struct ctl *ctl, char **args)
{
	const char *place = NULL, *id = NULL;
	const struct option own[] = { { "--municipality", &place, NULL }, { "--explain", &id, NULL }, { NULL, NULL, NULL } };
	char code[MUNICIPALITY_CODE] = "dk";
	int r = options_parse(ctl, own, args);

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "targets");
	if (args[0] != NULL && (place != NULL || args[1] != NULL))
		return ctl_fail(ctl, CTL_USAGE, W_TOO_MANY, W_NEXT_HELP, place != NULL ? args[0] : args[1]);
	if (args[0] != NULL)
		place = args[0];
	if (id != NULL && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(id))
		return ctl_fail(ctl, CTL_USAGE, W_TARGET_UNKNOWN, W_NEXT_TARGET, id);
	if (place != NULL)
		r = municipality_find(ctl, place, "year", code);
	if (r == CTL_OK && !ctl->is_json)
		r = link_use_zone(ctl);
	return r == CTL_OK ? show(ctl, code, id) : r;
}
