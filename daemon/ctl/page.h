/* SPDX-License-Identifier: MPL-2.0 */
/* Text on its way to a person: words filled with values, aligned columns, wrapped sentences and bars, in
 * UTF-8 or plain ASCII, with or without colour. Everything that is not our own text goes through here, so no
 * control character of a source name or file ever reaches a terminal. Columns are counted in characters
 * (Danish and English need no more). Owns its text, at most PAGE_MAX bytes. */
#ifndef CTL_PAGE_H
#define CTL_PAGE_H

#include "base/text.h"
#include "ctl/ctl.h"

#include <stdint.h>
#include <stdio.h>

#define PAGE_MAX (4 * 1024 * 1024)

struct page {
	const struct ctl *ctl;
	struct text text;
};

enum style { STYLE_PLAIN, STYLE_STRONG, STYLE_GOOD, STYLE_BAD, STYLE_WARN, STYLE_FAINT };

void page_init(struct page *, const struct ctl *);
void page_done(struct page *);
/* Writes the page and empties it. 0, or -EIO. */
int page_write(struct page *, FILE *);

/* Untrusted or plain text; control characters become '?' (a line end: a space). */
void page_add(struct page *, const char *text);
void page_line(struct page *); /* ends the line */
void page_trim(struct page *); /* takes blanks off the end */
void page_word(struct page *, enum word);
/* The word with its {1} to {9} replaced by the values. */
#define page_fill(page, word, ...) page_fill_list(page, word, (const char *const[]){ __VA_ARGS__, NULL })
void page_fill_list(struct page *, enum word, const char *const *values);

void page_style(struct page *, enum style);

/* Columns the text takes. */
int page_measure(const struct ctl *, const char *text);
/* The text in a column: width > 0 left-aligned, < 0 right-aligned; cut where it is too long. */
void page_column(struct page *, const char *text, int width);
int page_columns(const struct page *); /* of the line begun */
void page_spaces(struct page *, int n);

/* Adds what `piece` holds to the line begun, wrapped at the screen's width, further lines indented; ends the
 * line. Empties piece. */
void page_paragraph(struct page *, struct page *piece, int indent);

/* A bar of `width` columns for shares in hundredths of a percent: self, then what assistance adds (incl >=
 * self), and a mark at the target; target < 0: none. A share below the target never reaches the mark. */
void page_bar(struct page *, int width, int64_t self, int64_t incl, int64_t target);

/* A paragraph of its own: the words with the values (NULL-terminated) in their places, in this style. */
void page_say(struct page *, enum style, enum word, const char *const *values);

#endif
