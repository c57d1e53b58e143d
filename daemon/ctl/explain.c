/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl explain`: one code, or the list of all. Needs no daemon. */
#include "ctl/explain.h"

#include "conf/near.h"
#include "ctl/expected.h"
#include "ctl/help.h"
#include "ctl/options.h"

#include <stdio.h>
#include <string.h>

#define CODE_COLUMN 17

/* Refused before its source is read, or in a line that cannot be. */
static bool is_unread(enum code code)
{
	return code == E_JSON || code == E_UTF8 || code == E_TOO_LONG || code == E_DEPTH ||
	       code == E_DUPLICATE_KEY || code == E_PARTIAL || code == E_SOURCE;
}

static void paragraph(struct page *page, struct ctl *ctl, const char *label, const char *text)
{
	struct page piece;

	page_spaces(page, 2);
	page_init(&piece, ctl);
	page_add(&piece, label);
	page_add(&piece, " ");
	page_add(&piece, text);
	page_paragraph(page, &piece, 4);
	page_done(&piece);
}

void explain_code(struct page *page, struct ctl *ctl, enum code code)
{
	const struct code_text *t = code_text(code);

	page_style(page, STYLE_STRONG);
	page_add(page, t->name);
	page_style(page, STYLE_PLAIN);
	page_line(page);
	paragraph(page, ctl, word_text(W_MEANING, ctl->is_danish),
		  ctl->is_danish ? t->meaning_da : t->meaning_en);
	paragraph(page, ctl, word_text(W_REMEDY, ctl->is_danish),
		  ctl->is_danish ? t->remedy_da : t->remedy_en);
	paragraph(page, ctl, word_text(W_COUNTED, ctl->is_danish),
		  word_text(code == E_AUTH    ? W_COUNTED_HELLO
			    : is_unread(code) ? W_COUNTED_UNREAD
					      : W_COUNTED_SOURCE,
			    ctl->is_danish));
}

const char *explain_refusal(struct ctl *ctl, const struct refusal *refusal)
{
	const char *detail = ctl->is_danish ? expected_da(refusal->detail) : refusal->detail;

	if (refusal->code == E_PARTIAL)
		return word_text(W_NO_LINE_END, ctl->is_danish);
	if (detail == NULL)
		return code_text(refusal->code)->meaning_da;
	return ctl_note(ctl, "%s %s", word_text(W_EXPECTED, ctl->is_danish), detail);
}

static void json_code(struct text *json, enum code code)
{
	const struct code_text *t = code_text(code);

	text_puts(json, "{");
	text_key_cstr(json, "code", t->name);
	text_key(json, "meaning");
	text_puts(json, "{");
	text_key_cstr(json, "da", t->meaning_da);
	text_key_cstr(json, "en", t->meaning_en);
	text_puts(json, "}");
	text_key(json, "remedy");
	text_puts(json, "{");
	text_key_cstr(json, "da", t->remedy_da);
	text_key_cstr(json, "en", t->remedy_en);
	text_puts(json, "}}");
}

/* code CODE_OK: all of them. */
static void print_json(struct page *page, enum code code)
{
	struct text *json = &page->text;

	if (code != CODE_OK) {
		json_code(json, code);
	} else {
		text_puts(json, "{\"codes\":[");
		for (int c = CODE_OK + 1; c < CODES; c++) {
			if (c > CODE_OK + 1)
				text_puts(json, ",");
			json_code(json, (enum code)c);
		}
		text_puts(json, "]}");
	}
	text_puts(json, "\n");
}

static void print_list(struct page *page, struct ctl *ctl)
{
	struct page piece;

	page_init(&piece, ctl);
	for (int c = CODE_OK + 1; c < CODES; c++) {
		const struct code_text *t = code_text((enum code)c);

		page_column(page, t->name, CODE_COLUMN);
		page_add(&piece, ctl->is_danish ? t->meaning_da : t->meaning_en);
		page_paragraph(page, &piece, CODE_COLUMN);
	}
	page_done(&piece);
}

static int unknown(struct ctl *ctl, const char *wanted)
{
	const char *names[CODES], *nearest;
	char upper[32];
	size_t n = 0;

	for (; wanted[n] != '\0' && n + 1 < sizeof upper; n++)
		upper[n] = wanted[n] >= 'a' && wanted[n] <= 'z' ? (char)(wanted[n] - 32) : wanted[n];
	upper[n] = '\0';
	for (int c = CODE_OK + 1; c < CODES; c++)
		names[c - 1] = code_name((enum code)c);
	nearest = near_find(upper, names, CODES - 1);
	if (nearest == NULL)
		nearest = near_find(ctl_note(ctl, "E_%s", upper), names, CODES - 1);
	if (nearest != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_CODE_UNKNOWN, W_NEXT_DID_YOU_MEAN, wanted, nearest);
	return ctl_fail(ctl, CTL_USAGE, W_CODE_UNKNOWN, W_NEXT_CODES, wanted);
}

int explain_command(struct ctl *ctl, char **args)
{
	const struct option none[] = { { NULL, NULL, NULL } };
	struct page page;
	int r = options_parse(ctl, none, args), code = CODE_OK;

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "explain");
	if (args[0] != NULL && args[1] != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_TOO_MANY, W_NEXT_HELP, args[1]);
	if (args[0] != NULL)
		code = code_find(args[0]);
	if (code < 0)
		return unknown(ctl, args[0]);
	page_init(&page, ctl);
	if (ctl->is_json)
		print_json(&page, (enum code)code);
	else if (code == CODE_OK)
		print_list(&page, ctl);
	else
		explain_code(&page, ctl, (enum code)code);
	if (page_write(&page, stdout) != 0)
		r = ctl_fail_write(ctl);
	page_done(&page);
	return r;
}
