/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl measures`: what of the contacts of a period the shares do not say, as a table of areas and a few
 * sentences. */
#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/help.h"
#include "ctl/link.h"
#include "ctl/options.h"
#include "ctl/shares.h"
#include "ctl/table.h"

#include "domain/counting.h"
#include "domain/period.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_COLUMNS 6
#define LABEL_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789:-"

static const char *text(const struct ctl *ctl, enum word word)
{
	return word_text(word, ctl->is_danish);
}

/* --- values --- */

static const char *raw(struct ctl *ctl, const json_t *doc, const char *scope, const char *name)
{
	return answer_text(answer_object(doc, "measures"), ctl_note(ctl, "%s.%s", scope, name));
}

static const char *percent(struct ctl *ctl, const json_t *doc, const char *scope, const char *name)
{
	const char *value = raw(ctl, doc, scope, name);

	return value[0] == '\0' ? "-" : figure_percent(ctl, value);
}

static int64_t number(struct ctl *ctl, const json_t *doc, const char *scope, const char *name)
{
	return atoll(raw(ctl, doc, scope, name));
}

/* Whole ones of a number in hundredths. */
static const char *whole(struct ctl *ctl, const json_t *doc, const char *name)
{
	int64_t hundredths = 0;

	(void)figure_hundredths(raw(ctl, doc, "all", name), &hundredths);
	return figure_count(ctl, (hundredths + 50) / 100);
}

/* Few hours with their hundredths: less than one is not none, and not one. */
static const char *hours(struct ctl *ctl, const json_t *doc, const char *name)
{
	int64_t hundredths = 0;

	(void)figure_hundredths(raw(ctl, doc, "all", name), &hundredths);
	return hundredths < 100000 ? figure_points(ctl, hundredths) : whole(ctl, doc, name);
}

static const char *count(struct ctl *ctl, const json_t *doc, const char *name)
{
	return figure_count(ctl, number(ctl, doc, "all", name));
}

/* --- the page --- */

static const char *decimal(struct ctl *ctl, const json_t *doc, const char *scope, const char *name)
{
	const char *value = raw(ctl, doc, scope, name);

	return value[0] == '\0' ? "-" : figure_decimal(ctl, value);
}

#define COLUMNS 9

/* A table of the name and the columns from `first` on. */
static void add(struct table *table, enum style style, const char *const *cells, size_t first)
{
	const char *some[COLUMNS] = { cells[0] };

	for (size_t i = 1; i < table->columns; i++)
		some[i] = cells[first + i - 1];
	table_add(table, style, some);
}

static void row(struct ctl *ctl, const json_t *doc, const char *scope, const char *name, struct table *table, size_t first)
{
	add(table, STYLE_PLAIN,
	    (const char *const[COLUMNS]){ name, figure_count(ctl, number(ctl, doc, scope, "contacts")),
					  percent(ctl, doc, scope, "first_contact_resolution"),
					  percent(ctl, doc, scope, "forward_rate"), percent(ctl, doc, scope, "assistance_rate"),
					  percent(ctl, doc, scope, "in_person"), percent(ctl, doc, scope, "outgoing_digital"),
					  decimal(ctl, doc, scope, "hours"), decimal(ctl, doc, scope, "contacts_per_1000") },
	    first);
}

static void make_table(struct ctl *ctl, const json_t *doc, size_t first, size_t columns, struct table *table)
{
	const json_t *area;
	size_t i;

	table_init(table, columns);
	add(table, STYLE_STRONG,
	    (const char *const[COLUMNS]){ text(ctl, W_COL_AREA), text(ctl, W_COL_OF_ALL), text(ctl, W_COL_FIRST),
					  text(ctl, W_COL_FORWARDED), text(ctl, W_COL_ASSISTED), text(ctl, W_COL_IN_PERSON),
					  text(ctl, W_COL_POST), text(ctl, W_COL_HOURS), text(ctl, W_COL_PER_1000) },
	    first);
	row(ctl, doc, "all", text(ctl, W_ALL), table, first);
	json_array_foreach(answer_array(doc, "areas"), i, area)
	{
		const char *id = answer_text(area, "id");

		if (raw(ctl, doc, id, "contacts")[0] != '\0')
			row(ctl, doc, id, answer_name(ctl, area, id), table, first);
	}
}

/* On a narrow screen the last columns go into a table below before names are cut. The last of all stands only
 * where inhabitants are configured. */
static void put_table(struct page *page, struct ctl *ctl, const json_t *doc)
{
	size_t all = raw(ctl, doc, "all", "inhabitants")[0] != '\0' ? COLUMNS : COLUMNS - 1, columns = all;
	struct table table;

	make_table(ctl, doc, 1, columns, &table);
	while (!table_fits(&table, ctl) && columns > LEAST_COLUMNS) {
		table_done(&table);
		make_table(ctl, doc, 1, --columns, &table);
	}
	table_print(&table, page, 0x1fe);
	table_done(&table);
	if (columns == all)
		return;
	page_line(page);
	make_table(ctl, doc, columns, all - columns + 1, &table);
	table_print(&table, page, 0x1fe);
	table_done(&table);
}

/* The rows of one scope: each measurement that has counted something there. "all.method.hand-count.n" */
static void method_rows(struct ctl *ctl, const json_t *doc, const char *scope, const char *place, struct table *table)
{
	const char *begin = ctl_note(ctl, "%s.method.", scope), *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)answer_object(doc, "measures"), key, value)
	{
		size_t len = strlen(key), head = strlen(begin);
		const char *method;

		(void)value;
		if (strncmp(key, begin, head) != 0 || len < head + 2 || strcmp(key + len - 2, ".n") != 0)
			continue;
		method = ctl_note(ctl, "%.*s", (int)(len - head - 2), key + head);
		table_add(table, STYLE_PLAIN,
			  (const char *const[]){ place, strcmp(method, "shares") == 0 ? text(ctl, W_METHOD_SHARES) : method,
						 figure_count(ctl, number(ctl, doc, scope, ctl_note(ctl, "method.%s.n", method))),
						 percent(ctl, doc, scope, ctl_note(ctl, "method.%s.share", method)),
						 percent(ctl, doc, scope,
							 ctl_note(ctl, "method.%s.share_incl_assisted", method)) });
		place = "";
	}
}

/* Two measurements of the same thing, beside each other and never added up. */
static void put_methods(struct page *page, struct ctl *ctl, const json_t *doc)
{
	const json_t *area;
	struct table table;
	size_t i;

	table_init(&table, 5);
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){ text(ctl, W_COL_AREA), text(ctl, W_COL_METHOD), text(ctl, W_COL_METHOD_N),
					 text(ctl, W_COL_METHOD_SHARE), text(ctl, W_COL_METHOD_INCL) });
	method_rows(ctl, doc, "all", text(ctl, W_ALL), &table);
	json_array_foreach(answer_array(doc, "areas"), i, area)
		method_rows(ctl, doc, answer_text(area, "id"), answer_name(ctl, area, answer_text(area, "id")), &table);
	if (table.rows > 1) {
		page_line(page);
		table_print(&table, page, 0x1c);
	}
	table_done(&table);
}

#define SAY(page, style, word, ...) page_say(page, style, word, (const char *const[]){ __VA_ARGS__, NULL })

static void put_reasons(struct page *page, struct ctl *ctl, const json_t *doc)
{
	const char *name;
	struct text list;
	json_t *value;

	text_init(&list, 4096);
	json_object_foreach((json_t *)(uintptr_t)answer_object(doc, "measures"), name, value)
		if (strncmp(name, "reason:", 7) == 0)
			text_printf(&list, "%s%s %s", list.len > 0 ? ", " : "", name + 7,
				    figure_count(ctl, atoll(json_string_value(value))));
	if (list.len > 0)
		SAY(page, STYLE_PLAIN, W_MEASURES_REASON, list.ptr);
	text_done(&list);
}

static void put_post(struct page *page, struct ctl *ctl, const json_t *doc)
{
	if (raw(ctl, doc, "all", "outgoing_digital")[0] == '\0')
		return;
	SAY(page, STYLE_PLAIN, W_MEASURES_POST, count(ctl, doc, "out_digital"), count(ctl, doc, "out_remoteprint"),
	    count(ctl, doc, "out_physical"));
	put_reasons(page, ctl, doc);
}

static void put_hours(struct page *page, struct ctl *ctl, const json_t *doc)
{
	if (raw(ctl, doc, "all", "outside_hours")[0] == '\0')
		return;
	SAY(page, STYLE_PLAIN, W_MEASURES_OUTSIDE, count(ctl, doc, "outside_hours"), count(ctl, doc, "hours_known"),
	    percent(ctl, doc, "all", "outside_hours_share"), percent(ctl, doc, "all", "outside_hours_selfservice_share"));
}

/* What is made with reference data of the municipality, where there are any. */
static void put_reference(struct page *page, struct ctl *ctl, const json_t *doc)
{
	if (raw(ctl, doc, "all", "inhabitants")[0] != '\0')
		SAY(page, STYLE_PLAIN, W_MEASURES_PER_1000, decimal(ctl, doc, "all", "contacts_per_1000"),
		    count(ctl, doc, "inhabitants"));
	if (raw(ctl, doc, "daycare", "contacts_per_1000_children")[0] != '\0')
		SAY(page, STYLE_PLAIN, W_MEASURES_CHILDREN, decimal(ctl, doc, "daycare", "contacts_per_1000_children"),
		    count(ctl, doc, "children"));
	if (raw(ctl, doc, "all", "work_hours")[0] != '\0')
		SAY(page, STYLE_PLAIN, W_MEASURES_WORK, hours(ctl, doc, "work_hours"), count(ctl, doc, "work_contacts"));
	if (raw(ctl, doc, "all", "cost_kroner")[0] != '\0')
		SAY(page, STYLE_PLAIN, W_MEASURES_COST, whole(ctl, doc, "cost_kroner"), count(ctl, doc, "cost_contacts"));
}

static void put_page(struct page *page, struct ctl *ctl, const json_t *doc)
{
	const json_t *municipality = answer_object(doc, "municipality");
	const char *place = shares_place(ctl, answer_text(municipality, "code"), answer_text(municipality, "name"));
	const char *period = shares_days(ctl, doc);
	int64_t contacts = number(ctl, doc, "all", "contacts");

	if (contacts == 0 && raw(ctl, doc, "all", "outgoing_digital")[0] == '\0') {
		SAY(page, STYLE_STRONG, W_MEASURES_NONE, place, period);
		return;
	}
	SAY(page, STYLE_STRONG, W_MEASURES_HEAD, place, period, figure_many(ctl, contacts, W_N_CONTACTS),
	    count(ctl, doc, "information"), count(ctl, doc, "case"));
	if (!answer_is_true(doc, "is_whole"))
		SAY(page, STYLE_WARN, W_MEASURES_GONE, "");
	page_line(page);
	put_table(page, ctl, doc);
	page_line(page);
	SAY(page, STYLE_PLAIN, W_MEASURES_LOST, count(ctl, doc, "misdirected"), count(ctl, doc, "abandoned"),
	    count(ctl, doc, "rejected"), count(ctl, doc, "no_show"));
	SAY(page, STYLE_PLAIN, W_MEASURES_EXEMPT, percent(ctl, doc, "all", "exempt_share"),
	    percent(ctl, doc, "all", "unclassified_share"));
	put_post(page, ctl, doc);
	put_hours(page, ctl, doc);
	put_reference(page, ctl, doc);
	put_methods(page, ctl, doc);
	SAY(page, STYLE_FAINT, W_MEASURES_WORDS, "");
}

/* --- the command --- */

static const char *const by_name[] = { "unit", "portal", "handled_by", "source" };

#define BY_NAMES (sizeof(by_name) / sizeof(*by_name))
_Static_assert(W_COL_BY_SOURCE - W_BY_UNIT == 2 * BY_NAMES - 1, "words of names");

static size_t find_by(const char *by)
{
	size_t i = 0;

	while (i < BY_NAMES && strcmp(by_name[i], by) != 0)
		i++;
	return i;
}

/* first: the one of unit. */
static const char *by_word(const struct ctl *ctl, const char *by, enum word first)
{
	size_t i = find_by(by);

	return i == BY_NAMES ? by : text(ctl, (enum word)((size_t)first + i));
}

static const char *value_of(struct ctl *ctl, const json_t *row, const char *name)
{
	const char *value = answer_text(row, name);

	return value[0] == '\0' ? "-" : figure_percent(ctl, value);
}

/* Contacts by unit, portal, answering municipality or source. */
static void put_names(struct page *page, struct ctl *ctl, const json_t *doc)
{
	const json_t *municipality = answer_object(doc, "municipality"), *row;
	bool is_unit = strcmp(answer_text(doc, "by"), "unit") == 0;
	struct table table;
	size_t i;

	SAY(page, STYLE_STRONG, W_MEASURES_BY,
	    shares_place(ctl, answer_text(municipality, "code"), answer_text(municipality, "name")),
	    figure_period(ctl, answer_text(doc, "label")), by_word(ctl, answer_text(doc, "by"), W_BY_UNIT));
	table_init(&table, is_unit ? 6 : 3);
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){ by_word(ctl, answer_text(doc, "by"), W_COL_BY_UNIT), text(ctl, W_COL_OF_ALL), text(ctl, W_COL_METHOD_SHARE),
					 text(ctl, W_COL_FIRST), text(ctl, W_COL_FORWARDED), text(ctl, W_COL_ASSISTED) });
	json_array_foreach(answer_array(doc, "names"), i, row)
		table_add(&table, STYLE_PLAIN,
			  (const char *const[]){ answer_text(row, "name"), figure_count(ctl, atoll(answer_text(row, "contacts"))),
						 value_of(ctl, row, "share"), value_of(ctl, row, "first_contact_resolution"),
						 value_of(ctl, row, "forward_rate"), value_of(ctl, row, "assistance_rate") });
	if (table.rows > 1)
		table_print(&table, page, 0x3e);
	else
		SAY(page, STYLE_PLAIN, W_MEASURES_NO_NAMES, "");
	table_done(&table);
	SAY(page, STYLE_FAINT, W_MEASURES_BY_WORDS, "");
}

static int show(struct ctl *ctl, const char *request)
{
	struct reply reply;
	struct page page;
	int r = link_ask_ok(ctl, request, &reply);

	if (r != CTL_OK)
		return r;
	page_init(&page, ctl);
	if (ctl->is_json)
		r = reply_print(ctl, &reply);
	else if (answer_text(reply.doc, "by")[0] != '\0')
		put_names(&page, ctl, reply.doc);
	else
		put_page(&page, ctl, reply.doc);
	if (page_write(&page, stdout) != 0)
		r = ctl_fail_write(ctl);
	page_done(&page);
	reply_done(&reply);
	return r;
}

static bool is_counting(const char *label)
{
	return label != NULL && strncmp(label, COUNTING_PREFIX, strlen(COUNTING_PREFIX)) == 0;
}

static int check_period(struct ctl *ctl, const char *window, const char *label)
{
	struct period period;

	if (is_counting(label))
		return strlen(label) < COUNTING_LABEL && strspn(label, LABEL_LETTERS) == strlen(label)
			       ? CTL_OK
			       : ctl_fail(ctl, CTL_USAGE, W_LABEL_BAD, W_NEXT_LABEL_ANY, label);
	if (label != NULL && !period_parse(label, strlen(label), &period))
		return ctl_fail(ctl, CTL_USAGE, W_LABEL_BAD, W_NEXT_LABEL, label);
	if (label == NULL && window_find(window, strlen(window)) < 0)
		return ctl_fail(ctl, CTL_USAGE, W_WINDOW_UNKNOWN, W_NEXT_WINDOW, window);
	return CTL_OK;
}

static int check_by(struct ctl *ctl, const char *by, const char *window, const char *label)
{
	struct period period;

	if (by == NULL)
		return CTL_OK;
	if (find_by(by) == BY_NAMES)
		return ctl_fail(ctl, CTL_USAGE, W_BY_UNKNOWN, W_NEXT_BY, by);
	if (is_counting(label))
		return ctl_fail(ctl, CTL_USAGE, W_BY_MONTH, W_NEXT_BY_MONTH, "");
	if (label == NULL ? window_find(window, strlen(window)) < WINDOW_MONTH
			  : period_parse(label, strlen(label), &period) && period.window < WINDOW_MONTH)
		return ctl_fail(ctl, CTL_USAGE, W_BY_MONTH, W_NEXT_BY_MONTH, "");
	return CTL_OK;
}

int measures_command(struct ctl *ctl, char **args)
{
	const char *place = NULL, *window = "month", *label = NULL, *by = NULL;
	const struct option own[] = { { "--municipality", &place, NULL },
				      { "--window", &window, NULL },
				      { "--label", &label, NULL },
				      { "--by", &by, NULL },
				      { NULL, NULL, NULL } };
	char code[MUNICIPALITY_CODE] = "dk";
	int r = options_parse(ctl, own, args);

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "measures");
	if (args[0] != NULL && (place != NULL || args[1] != NULL))
		return ctl_fail(ctl, CTL_USAGE, W_TOO_MANY, W_NEXT_HELP, place != NULL ? args[0] : args[1]);
	if (args[0] != NULL)
		place = args[0];
	r = check_period(ctl, window, label);
	if (r == CTL_OK)
		r = check_by(ctl, by, window, label);
	if (r == CTL_OK && place != NULL)
		r = municipality_find(ctl, place, "year", code);
	if (r != CTL_OK)
		return r;
	return show(ctl, ctl_note(ctl, "{\"cmd\":\"measures\",\"municipality\":\"%s\",\"%s\":\"%.60s\"%s}", code,
				  label != NULL ? "label" : "window", label != NULL ? label : window,
				  by == NULL ? "" : ctl_note(ctl, ",\"by\":\"%s\"", by)));
}
