/* SPDX-License-Identifier: MPL-2.0 */
/* The part of `effortctl shares --explain` below the sentence: the definition, who entered and who was left out at which
 * step, with how many, and the same by area. Only reads the daemon's document. */
#include "ctl/shares.h"

#include "count/entry.h"
#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/table.h"
#include "event/vocab.h"

#include <stdlib.h>
#include <string.h>

#define SAY(page, style, word, ...) page_say(page, style, word, (const char *const[]){ __VA_ARGS__, NULL })

static const char *word(const struct ctl *ctl, enum word w)
{
	return word_text(w, ctl->is_danish);
}

static int64_t step(const json_t *scope, enum entry_step s)
{
	return answer_int(scope, entry_name[s]);
}

static bool is_always_shown(enum entry_step s)
{
	return s == ENTRY_CONTACTS || (s >= ENTRY_N && s <= ENTRY_OTHER);
}

/* Steps at which nobody left are not worth a line. */
static void put_steps(struct page *page, struct ctl *ctl, const json_t *all)
{
	struct table table;

	table_init(&table, 2);
	table_add(&table, STYLE_STRONG, (const char *const[]){ "", word(ctl, W_COL_STEP) });
	for (int s = 0; s < ENTRY_STEPS; s++) {
		int64_t n = step(all, (enum entry_step)s);
		enum style style = s == ENTRY_N || s == ENTRY_SELF ? STYLE_STRONG : STYLE_PLAIN;

		if (n == 0 && !is_always_shown((enum entry_step)s))
			continue;
		table_add(&table, style,
			  (const char *const[]){ word(ctl, (enum word)((int)W_ENTRY_CONTACTS + s)), figure_count(ctl, n) });
	}
	table_print(&table, page, 0x2);
	table_done(&table);
}

static void put_area(struct ctl *ctl, struct table *table, const json_t *doc, const json_t *scope, const char *id,
		     const char *name)
{
	const char *raw = share_field(answer_object(doc, "share"), id, "share");
	int64_t contacts = step(scope, ENTRY_CONTACTS), n = step(scope, ENTRY_N);

	if (scope == NULL)
		return;
	table_add(table, strcmp(id, "all") == 0 ? STYLE_STRONG : STYLE_PLAIN,
		  (const char *const[]){ name, figure_count(ctl, contacts), figure_count(ctl, contacts - n),
					 figure_count(ctl, n), figure_count(ctl, step(scope, ENTRY_SELF)),
					 raw == NULL ? "-" : figure_percent(ctl, raw) });
}

static void put_areas(struct page *page, struct ctl *ctl, const json_t *doc, const json_t *scopes)
{
	struct table table;
	const json_t *area;
	size_t i;

	table_init(&table, 6);
	table_add(&table, STYLE_STRONG,
		  (const char *const[]){ word(ctl, W_COL_AREA), word(ctl, W_COL_STEP), word(ctl, W_COL_LEFT_OUT),
					 word(ctl, W_COL_IN), word(ctl, W_COL_SELF), word(ctl, W_COL_SHARE) });
	json_array_foreach(answer_array(doc, "areas"), i, area)
	{
		const char *id = answer_text(area, "id");

		put_area(ctl, &table, doc, answer_object(scopes, id), id, answer_name(ctl, area, id));
	}
	put_area(ctl, &table, doc, answer_object(scopes, "all"), "all", word(ctl, W_ALL));
	table_print(&table, page, 0x3e);
	table_done(&table);
}

static void say_target(struct page *page, struct ctl *ctl, const json_t *hash)
{
	int64_t n = 0, self = 0;

	if (share_count(hash, "all", "target_n", &n) && share_count(hash, "all", "target_self", &self) &&
	    share_field(hash, "all", "target") != NULL)
		SAY(page, STYLE_PLAIN, W_EXPLAIN_TARGET, figure_count(ctl, n), figure_count(ctl, self));
}

_Static_assert(W_KIND_UNKNOWN - W_KIND_TRANSACTION == EFFORT_KINDS - 1, "words of kinds");
_Static_assert(W_OUTCOME_NO_SHOW - W_OUTCOME_COMPLETED == EFFORT_OUTCOMES - 1, "words of outcomes");

/* first WORDS: the words are channels. */
static const char *said(struct ctl *ctl, const char *one, const char *const *list, size_t n, enum word first)
{
	int i = vocab_find(list, n, (struct effort_str){ one, strlen(one) });

	if (i < 0)
		return one;
	if (first == WORDS)
		return ctl->is_danish ? vocab_channel_da[i] : one;
	return word(ctl, (enum word)((int)first + i));
}

/* "transaction, information"; "-" for none */
static const char *words(struct ctl *ctl, const json_t *definition, const char *name, const char *const *list, size_t n,
			 enum word first)
{
	const json_t *one;
	const char *all = "";
	size_t i;

	json_array_foreach(answer_array(definition, name), i, one)
		all = ctl_note(ctl, "%s%s%s", all, i > 0 ? ", " : "", said(ctl, json_string_value(one), list, n, first));
	return all[0] == '\0' ? "-" : all;
}

static const char *channels(struct ctl *ctl, const json_t *definition, const char *name)
{
	return words(ctl, definition, name, vocab_channel, EFFORT_CHANNELS, WORDS);
}

static void say_definition(struct page *page, struct ctl *ctl, const json_t *definition)
{
	const char *from = answer_text(definition, "from");
	bool is_out = strcmp(answer_text(definition, "exempt"), "out") == 0;
	struct page since;

	page_init(&since, ctl);
	if (from[0] != '\0')
		page_fill(&since, W_EXPLAIN_FROM, figure_period(ctl, ctl_note(ctl, "day:%s", from)));
	SAY(page, STYLE_PLAIN, W_EXPLAIN_DEFINITION, answer_text(definition, "id"),
	    since.text.ptr == NULL ? "" : since.text.ptr,
	    words(ctl, definition, "kinds", vocab_kind, EFFORT_KINDS, W_KIND_TRANSACTION),
	    channels(ctl, definition, "left_out"),
	    words(ctl, definition, "outcomes", vocab_outcome, EFFORT_OUTCOMES, W_OUTCOME_COMPLETED),
	    words(ctl, definition, "populations", vocab_population, 2, W_POPULATION_CITIZEN),
	    word(ctl, is_out ? W_EXPLAIN_OUT : W_EXPLAIN_IN), channels(ctl, definition, "self"),
	    channels(ctl, definition, "digital"));
	if (is_out || json_array_size(answer_array(definition, "populations")) < 2)
		SAY(page, STYLE_PLAIN, W_EXPLAIN_REST, "");
	page_done(&since);
}

/* The shipped one in a sentence, others by what they are made of. */
static void say_definitions(struct page *page, struct ctl *ctl, const json_t *definitions)
{
	const json_t *definition;
	size_t i;

	json_array_foreach(definitions, i, definition)
	{
		if (strcmp(answer_text(definition, "id"), SHARE_SHIPPED) == 0)
			SAY(page, STYLE_PLAIN, W_EXPLAIN_RULE, "");
		if (json_array_size(definitions) > 1 || strcmp(answer_text(definition, "id"), SHARE_SHIPPED) != 0)
			say_definition(page, ctl, definition);
	}
}

void shares_explain(struct page *page, struct ctl *ctl, const json_t *doc)
{
	const json_t *explain = answer_object(doc, "explain"), *hash = answer_object(doc, "share");
	const json_t *scopes = answer_object(explain, "scopes");
	const char *definition = share_field(hash, NULL, "definition");

	page_line(page);
	SAY(page, STYLE_STRONG, W_EXPLAIN_HEAD, definition == NULL ? answer_text(explain, "definition") : definition);
	say_definitions(page, ctl, answer_array(explain, "definitions"));
	if (!answer_is_true(explain, "is_whole")) {
		SAY(page, STYLE_WARN, W_EXPLAIN_GONE, "");
		return;
	}
	if (!answer_is_true(explain, "adds_up"))
		SAY(page, STYLE_WARN, W_EXPLAIN_MOVING, "");
	page_line(page);
	put_steps(page, ctl, answer_object(scopes, "all"));
	say_target(page, ctl, hash);
	page_line(page);
	put_areas(page, ctl, doc, scopes);
}
