/* SPDX-License-Identifier: MPL-2.0 */
/* See target_book.h. The file is lines of words; days are numbers, `-` is "always":
 *
 *	effortd-targets 2
 *	target kl-80 15675 - selfservice,group:target,-,>=,-,year,-
 *	step - 8000
 *	step 20820 8500
 *	check 0123456789abcdef
 *
 * a target's id, first day, day of its present definition and that definition; then its values. */
#include "run/target_book.h"

#include "run/remembered.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS_MAX	(TARGETS_MAX * 4)
#define SIGNATURE_BYTES 384
/* Dated values may pile up by changes; older ones than these no running period has begun with. */
#define STEPS_MAX (TARGET_STEPS_MAX * 2)

struct record {
	char id[64], signature[SIGNATURE_BYTES];
	int32_t from, since;
	struct target_step steps[STEPS_MAX];
	size_t steps_len;
};

struct target_book {
	struct remembered file;
	struct record *records; /* owned */
	size_t n;
};

/* --- reading and writing --- */

static bool read_target(struct target_book *book, const char *line)
{
	struct record *r = &book->records[book->n];
	char from[16], since[16];

	memset(r, 0, sizeof(*r));
	if (book->n == RECORDS_MAX ||
	    sscanf(line, "target %63s %15s %15s %383s", r->id, from, since, r->signature) != 4 ||
	    !remembered_day(from, &r->from) || !remembered_day(since, &r->since))
		return false;
	book->n++;
	return true;
}

static bool read_step(struct target_book *book, const char *line)
{
	struct record *r = book->n == 0 ? NULL : &book->records[book->n - 1];
	struct target_step step;
	char from[16];

	if (r == NULL || r->steps_len == STEPS_MAX || sscanf(line, "step %15s %" SCNd64, from, &step.value) != 2 ||
	    !remembered_day(from, &step.from))
		return false;
	if (r->steps_len == 0 ? step.from != INT32_MIN : step.from <= r->steps[r->steps_len - 1].from)
		return false;
	r->steps[r->steps_len++] = step;
	return true;
}

static bool read_line(void *ctx, const char *line)
{
	return strncmp(line, "target ", 7) == 0 ? read_target(ctx, line) : read_step(ctx, line);
}

static bool is_whole(void *ctx)
{
	const struct target_book *book = ctx;

	for (size_t i = 0; i < book->n; i++)
		if (book->records[i].steps_len == 0)
			return false;
	return true;
}

struct target_book *target_book_open(const struct disk *disk, const char *state_dir)
{
	struct target_book *book = calloc(1, sizeof(*book));

	if (book == NULL)
		return NULL;
	/* One more than are kept: where reading puts what is one too many. */
	book->records = calloc(RECORDS_MAX + 1, sizeof(*book->records));
	if (book->records == NULL) {
		target_book_close(book);
		return NULL;
	}
	remembered_init(&book->file, disk, state_dir, &word_lines_targets);
	if (!remembered_read(&book->file, read_line, is_whole, book))
		book->n = 0;
	return book;
}

void target_book_close(struct target_book *book)
{
	if (book == NULL)
		return;
	free(book->records);
	free(book);
}

static void put_record(struct text *t, const struct record *r)
{
	text_printf(t, "target %s ", r->id);
	remembered_put_day(t, r->from);
	text_puts(t, " ");
	remembered_put_day(t, r->since);
	text_printf(t, " %s\n", r->signature);
	for (size_t i = 0; i < r->steps_len; i++) {
		text_puts(t, "step ");
		remembered_put_day(t, r->steps[i].from);
		text_printf(t, " %" PRId64 "\n", r->steps[i].value);
	}
}

static void write_file(struct target_book *book)
{
	struct text t = remembered_begin(&book->file);

	for (size_t i = 0; i < book->n; i++)
		put_record(&t, &book->records[i]);
	remembered_write(&book->file, &t);
}

/* --- items --- */

static void signature_of(const struct target_def *def, char *buf)
{
	snprintf(buf, SIGNATURE_BYTES, "%s,%s,%s,%s,%s,%s,%s", measure_name[def->measure], def->scope,
		 def->channel == NULL ? "-" : def->channel, comparator_sign[def->comparator],
		 def->municipality == NULL ? "-" : def->municipality, window_name[def->window],
		 def->baseline.kind == AGAINST_NOTHING ? "-" : def->baseline.text);
}

static struct record *find(const struct target_book *book, const char *id)
{
	for (size_t i = 0; book != NULL && i < book->n; i++)
		if (strcmp(book->records[i].id, id) == 0)
			return &book->records[i];
	return NULL;
}

static size_t add_step(struct target_step *steps, size_t n, int32_t from, int64_t value)
{
	if (n > 0 && steps[n - 1].value == value)
		return n;
	steps[n] = (struct target_step){ from, value };
	return n + 1;
}

/* What was up to today, and from tomorrow on what is configured. */
static size_t merge(const struct record *r, const struct target_def *def, int32_t today, struct target_step *steps)
{
	size_t n = 0;

	for (size_t i = 0; i < r->steps_len && r->steps[i].from <= today; i++)
		n = add_step(steps, n, r->steps[i].from, r->steps[i].value);
	n = add_step(steps, n, today + 1, target_value(def->steps, def->steps_len, today + 1));
	for (size_t i = 0; i < def->steps_len; i++)
		if (def->steps[i].from > today + 1)
			n = add_step(steps, n, def->steps[i].from, def->steps[i].value);
	return n;
}

/* A first day that has come stays; one that lies ahead may move, but not into the past. */
static int32_t first_day(const struct record *r, const struct target_def *def, int32_t today)
{
	if (r->from <= today)
		return r->from;
	return def->from > today ? def->from : today + 1;
}

int target_book_item(const struct target_book *book, const struct target_def *def, int32_t today,
		     struct target_item *ret)
{
	const struct record *r = find(book, def->id);
	struct target_item item = { .def = *def, .since = INT32_MIN };
	char signature[SIGNATURE_BYTES];

	item.steps = calloc(STEPS_MAX + TARGET_STEPS_MAX + 1, sizeof(*item.steps));
	if (item.steps == NULL)
		return -ENOMEM;
	signature_of(def, signature);
	if (r == NULL || strcmp(r->signature, signature) != 0) {
		memcpy(item.steps, def->steps, def->steps_len * sizeof(*item.steps));
		item.since = r == NULL ? INT32_MIN : today + 1;
	} else {
		item.def.steps_len = merge(r, def, today, item.steps);
		item.def.from = first_day(r, def, today);
		item.since = r->since;
	}
	item.def.steps = item.steps;
	*ret = item;
	return 0;
}

static bool note(struct target_book *book, const struct target_item *item)
{
	struct record *known = find(book, item->def.id), r = { .from = item->def.from, .since = item->since };
	size_t skip = item->def.steps_len > STEPS_MAX ? item->def.steps_len - STEPS_MAX : 0;

	snprintf(r.id, sizeof(r.id), "%s", item->def.id);
	signature_of(&item->def, r.signature);
	r.steps_len = item->def.steps_len - skip;
	memcpy(r.steps, item->steps + skip, r.steps_len * sizeof(*r.steps));
	r.steps[0].from = INT32_MIN;
	if (known != NULL && memcmp(known, &r, sizeof(r)) == 0)
		return false;
	if (known == NULL && book->n == RECORDS_MAX)
		return false;
	if (known == NULL)
		known = &book->records[book->n++];
	memcpy(known, &r, sizeof(r));
	return true;
}

void target_book_keep(struct target_book *book, const struct target_item *items, size_t n)
{
	bool has_changed = book->file.is_due;

	for (size_t i = 0; i < n; i++)
		has_changed |= note(book, &items[i]);
	if (has_changed)
		write_file(book);
}
