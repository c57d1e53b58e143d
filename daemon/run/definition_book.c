/* SPDX-License-Identifier: MPL-2.0 */
/* See definition_book.h. The file is lines of words; days are numbers, `-` is "always":
 *
 *	effortd-definitions 1
 *	kl-2014 - _share:39fe008000c1fce
 *	local-2027 20820 _share:...
 */
#include "run/definition_book.h"

#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX   65536
#define FIRST_LINE "effortd-definitions 1"

struct record {
	char id[DEFINITION_ID_MAX + 1];
	int32_t from;
	struct share_rule rule;
};

struct definition_book {
	const struct disk *disk; /* borrowed */
	char path[4200];
	struct record records[DEFINITIONS_MAX + 1];
	size_t n;
};

/* --- reading and writing --- */

static bool read_record(struct definition_book *book, const char *line)
{
	struct record *r = &book->records[book->n];
	char from[16], word[SHARE_RULE_WORD], *end;

	if (book->n > DEFINITIONS_MAX || sscanf(line, "%48s %15s %31s", r->id, from, word) != 3 ||
	    !share_rule_parse(word, &r->rule))
		return false;
	r->from = strcmp(from, "-") == 0 ? INT32_MIN : (int32_t)strtol(from, &end, 10);
	if (r->from != INT32_MIN && *end != '\0')
		return false;
	if ((book->n == 0) != (r->from == INT32_MIN) || (book->n > 0 && r->from <= r[-1].from))
		return false;
	book->n++;
	return true;
}

static bool parse(struct definition_book *book, char *text)
{
	char *rest = text, *line = strsep(&rest, "\n");

	if (line == NULL || strcmp(line, FIRST_LINE) != 0)
		return false;
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0')
		if (!read_record(book, line))
			return false;
	return book->n > 0;
}

struct definition_book *definition_book_open(const struct disk *disk, const char *state_dir)
{
	struct definition_book *book = calloc(1, sizeof(*book));
	void *text = NULL;
	size_t len;
	int r;

	if (book == NULL)
		return NULL;
	book->disk = disk;
	snprintf(book->path, sizeof(book->path), "%s/definitions", state_dir);
	r = disk_load(disk, book->path, FILE_MAX, &text, &len);
	if (r == 0 && !parse(book, text)) {
		r = -EBADMSG;
		book->n = 0;
	}
	if (r < 0 && r != -ENOENT)
		LOG(LOG_WARNING, "run", "what definitions have been is not known: they count as they are configured",
		    F_STR("file", book->path), F_STR("why", strerror(-r)));
	free(text);
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
	if (d->from == INT32_MIN)
		text_printf(t, "%s - %s\n", d->id, word);
	else
		text_printf(t, "%s %" PRId32 " %s\n", d->id, d->from, word);
}

static bool is_kept(const struct definition_book *book, const struct conf *conf)
{
	bool is_same = book->n == conf->definitions_len;

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
	int r;

	if (is_kept(book, conf))
		return;
	text_init(&t, FILE_MAX);
	text_puts(&t, FIRST_LINE "\n");
	for (size_t i = 0; i < conf->definitions_len; i++)
		put_record(&t, &conf->definitions[i]);
	r = t.is_cut ? -ENOMEM : disk_replace(book->disk, book->path, t.ptr, t.len);
	if (r < 0)
		LOG(LOG_WARNING, "run", "definitions cannot be remembered", F_STR("file", book->path),
		    F_STR("why", strerror(-r)));
	book->n = 0;
	for (size_t i = 0; i < conf->definitions_len; i++) {
		struct record *record = &book->records[book->n++];

		*record = (struct record){ .from = conf->definitions[i].from, .rule = conf->definitions[i].rule };
		snprintf(record->id, sizeof(record->id), "%s", conf->definitions[i].id);
	}
	text_done(&t);
}

/* --- judging --- */

static void date_text(int32_t day, char buf[32])
{
	struct date date = date_of_day(day);

	if (day == INT32_MIN)
		snprintf(buf, 32, "always");
	else
		snprintf(buf, 32, "%04d-%02d-%02d", date.year, date.month, date.day);
}

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
	char from[32], free_from[32];

	if (d != NULL && strcmp(d->id, r->id) == 0 && share_rule_is_same(&d->rule, &r->rule))
		return 0;
	date_text(r->from, from);
	date_text(first_free, free_from);
	return fault_add(faults, d == NULL ? (struct place){ NULL, 0, 0 } : d->place,
			 "write it back as it was; from that day on another one may begin",
			 "the definition %s (from %s) has been in force and is not changed backwards: the earliest change is "
			 "from = \"%s\"",
			 r->id, from, free_from);
}

int definition_book_judge(const struct definition_book *book, const struct conf *conf, int32_t today, bool has_counted,
			  int32_t ahead, struct faults *faults)
{
	const struct record shipped = { SHARE_SHIPPED, INT32_MIN, share_kl_2014 };
	const struct record *records = book->n > 0 ? book->records : &shipped;
	size_t n = book->n > 0 ? book->n : has_counted ? 1 : 0;
	int32_t first_free = today + ahead + 1;
	char free_from[32];
	int r = 0;

	date_text(first_free, free_from);
	for (size_t i = 0; i < n; i++)
		if (records[i].from < first_free)
			r |= judge_record(&records[i], conf, first_free, faults);
	for (size_t i = 0; n > 0 && i < conf->definitions_len; i++)
		if (conf->definitions[i].from < first_free && find_record(records, n, &conf->definitions[i]) == NULL)
			r = fault_add(faults, conf->definitions[i].place,
				      "what has been counted stays as it is; let it begin at a midnight to come",
				      "the definition %s would reach back: the earliest change is from = \"%s\"",
				      conf->definitions[i].id, free_from);
	return r < 0 ? -EINVAL : 0;
}
