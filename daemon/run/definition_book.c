/* SPDX-License-Identifier: MPL-2.0 */
/* See definition_book.h. The file is lines of words; days are numbers, `-` is "always":
 *
 *	effortd-definitions 2
 *	kl-2014 - _share:39fe008000c1fce
 *	local-2027 20820 _share:...
 *	check 0123456789abcdef
 */
#include "run/definition_book.h"

#include "run/remembered.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct record {
	char id[DEFINITION_ID_MAX + 1];
	int32_t from;
	struct share_rule rule;
};

struct definition_book {
	struct remembered file;
	struct record records[DEFINITIONS_MAX + 1];
	size_t n;
};

/* --- reading and writing --- */

static bool read_record(void *ctx, const char *line)
{
	struct definition_book *book = ctx;
	struct record *r = &book->records[book->n];
	char from[16], word[SHARE_RULE_WORD];

	if (book->n > DEFINITIONS_MAX || sscanf(line, "%48s %15s %31s", r->id, from, word) != 3 ||
	    !share_rule_parse(word, &r->rule) || !remembered_day(from, &r->from))
		return false;
	if ((book->n == 0) != (r->from == INT32_MIN) || (book->n > 0 && r->from <= r[-1].from))
		return false;
	book->n++;
	return true;
}

static bool is_whole(void *ctx)
{
	const struct definition_book *book = ctx;

	return book->n > 0;
}

struct definition_book *definition_book_open(const struct disk *disk, const char *state_dir)
{
	struct definition_book *book = calloc(1, sizeof(*book));

	if (book == NULL)
		return NULL;
	remembered_init(&book->file, disk, state_dir, &word_lines_definitions);
	if (!remembered_read(&book->file, read_record, is_whole, book))
		book->n = 0;
	return book;
}

void definition_book_close(struct definition_book *book)
{
	free(book);
}

static void put_record(struct text *t, const struct definition *d)
{
	char word[SHARE_RULE_WORD];

	share_rule_print(&d->rule, word);
	text_printf(t, "%s ", d->id);
	remembered_put_day(t, d->from);
	text_printf(t, " %s\n", word);
}

static bool is_kept(const struct definition_book *book, const struct conf *conf)
{
	bool is_same = book->n == conf->definitions_len && !book->file.is_due;

	for (size_t i = 0; is_same && i < book->n; i++) {
		const struct definition *d = &conf->definitions[i];

		is_same = strcmp(book->records[i].id, d->id) == 0 && book->records[i].from == d->from &&
			  share_rule_is_same(&book->records[i].rule, &d->rule);
	}
	return is_same;
}

void definition_book_keep(struct definition_book *book, const struct conf *conf)
{
	struct text t;

	if (is_kept(book, conf))
		return;
	t = remembered_begin(&book->file);
	for (size_t i = 0; i < conf->definitions_len; i++)
		put_record(&t, &conf->definitions[i]);
	remembered_write(&book->file, &t);
	book->n = 0;
	for (size_t i = 0; i < conf->definitions_len; i++) {
		struct record *record = &book->records[book->n++];

		*record = (struct record){ .from = conf->definitions[i].from, .rule = conf->definitions[i].rule };
		snprintf(record->id, sizeof(record->id), "%s", conf->definitions[i].id);
	}
}

/* --- judging --- */

static const struct definition *find(const struct conf *conf, const struct record *r)
{
	for (size_t i = 0; i < conf->definitions_len; i++)
		if (conf->definitions[i].from == r->from)
			return &conf->definitions[i];
	return NULL;
}

static const struct record *find_record(const struct record *records, size_t n, const struct definition *d)
{
	for (size_t i = 0; i < n; i++)
		if (records[i].from == d->from)
			return &records[i];
	return NULL;
}

/* What has been in force stands there as it was. */
static int judge_record(const struct record *r, const struct conf *conf, int32_t first_free, struct faults *faults)
{
	const struct definition *d = find(conf, r);

	if (d != NULL && strcmp(d->id, r->id) == 0 && share_rule_is_same(&d->rule, &r->rule))
		return 0;
	return fault_add(faults, d == NULL ? (struct place){ NULL, 0, 0 } : d->place,
			 "write it back as it was; from that day on another one may begin",
			 "the definition %s (from %s) has been in force and is not changed backwards: the earliest change is "
			 "from = \"%s\"",
			 r->id, r->from == INT32_MIN ? "always" : DAY_STR(r->from), DAY_STR(first_free));
}

int definition_book_judge(const struct definition_book *book, const struct conf *conf, int32_t today, bool has_counted,
			  int32_t ahead, struct faults *faults)
{
	const struct record shipped = { SHARE_SHIPPED, INT32_MIN, share_kl_2014 };
	const struct record *records = book->n > 0 ? book->records : &shipped;
	size_t n = book->n > 0 ? book->n : has_counted && !book->file.is_lost ? 1 : 0;
	int32_t first_free = today + ahead + 1;
	int r = 0;

	for (size_t i = 0; i < n; i++)
		if (records[i].from < first_free)
			r |= judge_record(&records[i], conf, first_free, faults);
	for (size_t i = 0; n > 0 && i < conf->definitions_len; i++)
		if (conf->definitions[i].from < first_free && find_record(records, n, &conf->definitions[i]) == NULL)
			r = fault_add(faults, conf->definitions[i].place,
				      "what has been counted stays as it is; let it begin at a midnight to come",
				      "the definition %s would reach back: the earliest change is from = \"%s\"",
				      conf->definitions[i].id, DAY_STR(first_free));
	return r < 0 ? -EINVAL : 0;
}
