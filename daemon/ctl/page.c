/* SPDX-License-Identifier: MPL-2.0 */
/* See page.h. */
#include "ctl/page.h"

#include "event/chars.h"

#include <errno.h>
#include <string.h>

/* What stands for a character where only ASCII can be shown. */
static const struct {
	const char *character, *ascii;
} plain[] = {
	{ "æ", "ae" }, { "ø", "oe" }, { "å", "aa" }, { "Æ", "Ae" }, { "Ø", "Oe" }, { "Å", "Aa" },
	{ "ä", "ae" }, { "ö", "oe" }, { "ü", "ue" }, { "é", "e" },  { "–", "-" },  { "…", "." },
	{ "█", "#" },  { "▒", "+" },  { "·", "." },  { "│", "|" },  { "»", "\"" }, { "«", "\"" },
};

static const char *ascii_of(const char *p, size_t n)
{
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (strlen(plain[i].character) == n && memcmp(plain[i].character, p, n) == 0)
			return plain[i].ascii;
	return "?";
}

static bool is_shown(unsigned c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		return false;
	/* Marks that turn or hide text. */
	return !(c >= 0x200b && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e) &&
	       !(c >= 0x2060 && c <= 0x206f) && c != 0xfeff;
}

/* The next character as it is shown, at most 4 bytes; moves *p behind it. */
static struct effort_str glyph(const struct ctl *ctl, const char **p)
{
	const char *at = *p;
	unsigned c;
	size_t n = chars_next(at, at + strnlen(at, 4), &c);
	const char *ascii;

	*p += n == 0 ? 1 : n;
	if (n == 0 || !is_shown(c))
		return at[0] == '\n' ? (struct effort_str){ " ", 1 } : (struct effort_str){ "?", 1 };
	if (n == 1 || ctl->is_utf8)
		return (struct effort_str){ at, n };
	ascii = ascii_of(at, n);
	return (struct effort_str){ ascii, strlen(ascii) };
}

/* Of one glyph: a multi-byte character is one column, ASCII as many as it has bytes. */
static int glyph_columns(struct effort_str g)
{
	return (g.ptr[0] & 0x80) != 0 ? 1 : (int)g.len;
}

void page_init(struct page *page, const struct ctl *ctl)
{
	page->ctl = ctl;
	text_init(&page->text, PAGE_MAX);
}

void page_done(struct page *page)
{
	text_done(&page->text);
}

int page_write(struct page *page, FILE *out)
{
	size_t n = page->text.len;
	bool is_written = n == 0 || fwrite(page->text.ptr, 1, n, out) == n;

	text_clear(&page->text);
	return is_written && fflush(out) == 0 ? 0 : -EIO;
}

void page_add(struct page *page, const char *text)
{
	while (*text != '\0') {
		struct effort_str g = glyph(page->ctl, &text);

		text_add(&page->text, g.ptr, g.len);
	}
}

void page_line(struct page *page)
{
	text_puts(&page->text, "\n");
}

void page_trim(struct page *page)
{
	while (page->text.len > 0 && page->text.ptr[page->text.len - 1] == ' ')
		page->text.ptr[--page->text.len] = '\0';
}

static void add_template(struct page *page, const char *template, const char *const *values)
{
	size_t n = 0;

	while (values != NULL && values[n] != NULL)
		n++;
	while (*template != '\0') {
		if (template[0] == '{' && template[1] >= '1' && template[1] <= '9' && template[2] == '}') {
			size_t i = (size_t)(template[1] - '1');

			page_add(page, i < n ? values[i] : "");
			template += 3;
		} else if (*template == '\n') {
			page_line(page);
			template ++;
		} else {
			struct effort_str g = glyph(page->ctl, &template);

			text_add(&page->text, g.ptr, g.len);
		}
	}
}

void page_word(struct page *page, enum word word)
{
	add_template(page, word_text(word, page->ctl->is_danish), NULL);
}

void page_fill_list(struct page *page, enum word word, const char *const *values)
{
	add_template(page, word_text(word, page->ctl->is_danish), values);
}

void page_style(struct page *page, enum style style)
{
	static const char *const codes[] = {
		[STYLE_PLAIN] = "\033[0m", [STYLE_STRONG] = "\033[1m", [STYLE_GOOD] = "\033[32m",
		[STYLE_BAD] = "\033[31m",  [STYLE_WARN] = "\033[33m",  [STYLE_FAINT] = "\033[2m",
	};

	if (page->ctl->has_colour)
		text_puts(&page->text, codes[style]);
}

int page_measure(const struct ctl *ctl, const char *text)
{
	int columns = 0;

	while (*text != '\0')
		columns += glyph_columns(glyph(ctl, &text));
	return columns;
}

void page_spaces(struct page *page, int n)
{
	while (n-- > 0)
		text_puts(&page->text, " ");
}

static void add_cut(struct page *page, const char *text, int width)
{
	int used = 0;

	while (*text != '\0') {
		struct effort_str g = glyph(page->ctl, &text);

		if (used + glyph_columns(g) > width - 1)
			break;
		text_add(&page->text, g.ptr, g.len);
		used += glyph_columns(g);
	}
	page_add(page, "…");
	page_spaces(page, width - used - 1);
}

void page_column(struct page *page, const char *text, int width)
{
	int columns = page_measure(page->ctl, text), room = width < 0 ? -width : width;

	if (columns > room) {
		add_cut(page, text, room);
		return;
	}
	if (width < 0)
		page_spaces(page, room - columns);
	page_add(page, text);
	if (width > 0)
		page_spaces(page, room - columns);
}

/* Characters from one place to another, colours not counted; the text is ours by now, so it is well-formed.
 */
static int columns_of(const char *from, const char *to)
{
	int columns = 0;

	while (from < to) {
		if (*from == '\033') {
			while (from < to && *from != 'm')
				from++;
		} else {
			columns += (*from & 0xc0) != 0x80;
		}
		from++;
	}
	return columns;
}

int page_columns(const struct page *page)
{
	const char *start, *end;

	if (page->text.len == 0)
		return 0;
	end = page->text.ptr + page->text.len;
	for (start = end; start > page->text.ptr && start[-1] != '\n'; start--)
		;
	return columns_of(start, end);
}

void page_paragraph(struct page *page, struct page *piece, int indent)
{
	const char *at = piece->text.ptr == NULL ? "" : piece->text.ptr;
	int column = page_columns(page);

	for (bool is_first = true; *at != '\0'; is_first = false) {
		size_t len = strcspn(at, " ");
		int columns = columns_of(at, at + len);

		if (!is_first && column + 1 + columns > page->ctl->width) {
			page_line(page);
			page_spaces(page, indent);
			column = indent;
		} else if (!is_first) {
			page_spaces(page, 1);
			column++;
		}
		text_add(&page->text, at, len);
		column += columns;
		at += len;
		at += strspn(at, " ");
	}
	page_line(page);
	text_clear(&piece->text);
}

void page_bar(struct page *page, int width, int64_t self, int64_t incl, int64_t target)
{
	int64_t mark = target < 0 ? -1 : target * width / 10000;

	if (mark >= width)
		mark = width - 1;
	for (int i = 0; i < width; i++) {
		if (i == mark)
			page_add(page, "│");
		else if (i < self * width / 10000)
			page_add(page, "█");
		else if (i < incl * width / 10000)
			page_add(page, "▒");
		else
			page_add(page, "·");
	}
}

void page_say(struct page *page, enum style style, enum word word, const char *const *values)
{
	struct page piece;

	page_init(&piece, page->ctl);
	page_fill_list(&piece, word, values);
	page_style(page, style);
	page_paragraph(page, &piece, 0);
	page_style(page, STYLE_PLAIN);
	page_done(&piece);
}
