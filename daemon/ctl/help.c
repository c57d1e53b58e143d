/* SPDX-License-Identifier: MPL-2.0 */
/* See help.h. Examples first: that is what people copy. */
#include "ctl/help.h"

#include "ctl/page.h"

#include <string.h>

static const struct {
	const char *command;
	enum word word;
} helps[] = {
	{ "status", W_HELP_STATUS },     { "shares", W_HELP_SHARES },   { "send", W_HELP_SEND },
	{ "validate", W_HELP_VALIDATE }, { "explain", W_HELP_EXPLAIN }, { "reload", W_HELP_RELOAD },
	{ "plugins", W_HELP_PLUGINS },   { "sources", W_HELP_SOURCES },
	{ "journal", W_HELP_JOURNAL },   { "redis", W_HELP_REDIS },
	{ "dlq", W_HELP_DLQ },           { "import", W_HELP_IMPORT },
	{ "efforts", W_HELP_EFFORTS },
	{ "targets", W_HELP_TARGETS }, { "measures", W_HELP_MEASURES },
	{ "compare", W_HELP_COMPARE },   { "export", W_HELP_EXPORT },
};

/* --- lines that are wider than the screen --- */

static bool is_usage(const char *line)
{
	return strncmp(line, "effortctl ", 10) == 0;
}

/* Bytes up to where the words of an item begin: behind the name of an option or a command, else behind the
 * indent. */
static size_t head_of(const char *line, size_t len)
{
	size_t indent = strspn(line, " "), at = indent;

	if (is_usage(line))
		return 10 + strcspn(line + 10, " \n") + 1;
	while (indent > 0 && at + 1 < len && strncmp(line + at, "  ", 2) != 0)
		at++;
	return indent == 0 || at + 1 >= len ? indent : at + strspn(line + at, " ");
}

/* The line is one more of an item whose words begin in this column. */
static bool goes_on(const char *line, size_t column)
{
	size_t indent = strspn(line, " ");

	return indent == column && line[indent] != '\0' && line[indent] != '\n' && !is_usage(line);
}

/* Prints one item, with its further lines, and returns what comes after it. */
static const char *put_item(struct page *page, const char *at)
{
	size_t len = strcspn(at, "\n"), indent = strspn(at, " "), head = head_of(at, len), column;
	const char *next = at + len + (at[len] == '\n');
	struct page piece;

	if (head > len)
		head = len;
	page_init(&piece, page->ctl);
	text_add(&page->text, at, head);
	column = (size_t)page_columns(page);
	text_add(&piece.text, at + head, len - head);
	if (!goes_on(next, column) && page_columns(&piece) + (int)column <= page->ctl->width) {
		text_add(&page->text, at + head, len - head);
		text_clear(&piece.text);
	}
	while (head < len && (head > indent || indent == 0) && goes_on(next, column)) {
		size_t more = strcspn(next, "\n");

		text_printf(&piece.text, " %.*s", (int)(more - column), next + column);
		next += more + (next[more] == '\n');
	}
	page_paragraph(page, &piece, (int)column);
	page_done(&piece);
	return next;
}

/* Examples are for copying: they stay as they are. */
static const char *put_examples(struct page *page, const char *at)
{
	size_t len;

	for (; *at != '\0' && *at != '\n'; at += len) {
		len = strcspn(at, "\n") + 1;
		text_add(&page->text, at, len);
	}
	return at;
}

static void put_help(struct page *page, enum word word)
{
	struct page whole;
	const char *at;

	page_init(&whole, page->ctl);
	page_word(&whole, word);
	at = whole.text.ptr == NULL ? "" : whole.text.ptr;
	while (*at != '\0')
		at = strncmp(at, "Examples:\n", 10) == 0 || strncmp(at, "Eksempler:\n", 11) == 0 ? put_examples(page, at)
												 : put_item(page, at);
	page_done(&whole);
}

int help_print(struct ctl *ctl, const char *command)
{
	enum word word = W_HELP;
	struct page page;
	int r = CTL_OK;

	for (size_t i = 0; command != NULL && i < sizeof helps / sizeof helps[0]; i++)
		if (strcmp(helps[i].command, command) == 0)
			word = helps[i].word;
	page_init(&page, ctl);
	put_help(&page, word);
	if (command != NULL)
		page_word(&page, W_HELP_COMMON);
	if (page_write(&page, stdout) != 0)
		r = ctl_fail_write(ctl);
	page_done(&page);
	return r;
}
