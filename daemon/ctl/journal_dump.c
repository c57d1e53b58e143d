/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl journal dump`: the segments' records as lines of JSON, with words for their numbers. Ids are in
 * no file, so none is shown: only their keyed hashes. */
#include "ctl/journal.h"

#include "count/tally.h"
#include "ctl/failure.h"
#include "ctl/journal_words.h"
#include "event/vocab.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WRITE_AT 65536
#define ENOUGH   (-ECANCELED)

struct dump {
	struct ctl *ctl;
	struct page page;
	struct journal_words *words; /* owned */
	uint64_t segment, block;
	int64_t left; /* lines still to be written; negative: all */
	bool has_failed;
};

/* Ends a line. 0, or ENOUGH. */
static int end_line(struct dump *dump)
{
	text_puts(&dump->page.text, "}\n");
	if (dump->page.text.len >= WRITE_AT && page_write(&dump->page, stdout) != 0) {
		dump->has_failed = true;
		return ENOUGH;
	}
	if (dump->left > 0 && --dump->left == 0)
		return ENOUGH;
	return 0;
}

static struct text *begin_line(struct dump *dump, const char *record)
{
	struct text *out = &dump->page.text;

	text_puts(out, "{");
	text_key_cstr(out, "record", record);
	text_key_int(out, "segment", (int64_t)dump->segment);
	return out;
}

static int on_municipality(void *ctx, uint16_t number, const char *code)
{
	struct dump *dump = ctx;

	return journal_words_municipality(dump->words, number, code);
}

static int on_standing(void *ctx, uint16_t number, const struct standing_text *standing)
{
	struct dump *dump = ctx;

	return journal_words_standing(dump->words, number, standing->task);
}

static int on_name(void *ctx, uint32_t number, const struct name_text *name)
{
	struct dump *dump = ctx;

	return journal_words_name(dump->words, number, name->name);
}

static int on_block(void *ctx, uint64_t sequence, int64_t at, size_t len)
{
	struct dump *dump = ctx;

	(void)at, (void)len;
	dump->block = sequence;
	return 0;
}

void journal_put_cell(struct text *out, const struct cell *cell)
{
	static const char *const hours[] = { [CELL_OPEN] = "open", [CELL_CLOSED] = "closed", [3] = NULL };

	text_key_cstr(out, "channel", cell->channel < EFFORT_CHANNELS ? vocab_channel[cell->channel] : NULL);
	text_key_cstr(out, "direction", cell->direction < 2 ? vocab_direction[cell->direction] : NULL);
	text_key_cstr(out, "kind", cell->kind < EFFORT_KINDS ? vocab_kind[cell->kind] : NULL);
	text_key_cstr(out, "form", cell->form < 4 ? vocab_form[cell->form] : NULL);
	text_key_cstr(out, "hours", hours[cell->hours & 3]);
	text_key_cstr(out, "population", cell->population < 4 ? vocab_population[cell->population] : NULL);
	text_key_cstr(out, "outcome", cell->outcome < EFFORT_OUTCOMES ? vocab_outcome[cell->outcome] : NULL);
	text_key_cstr(out, "assisted", cell->assisted < 7 ? vocab_assisted[cell->assisted] : NULL);
	text_key_bool(out, "is_exempt", cell->is_exempt);
	text_key_bool(out, "is_ignored", cell->is_ignored);
}

static void put_names(struct dump *dump, struct text *out, const uint32_t names[DIMENSIONS])
{
	text_key(out, "names");
	text_puts(out, "{");
	for (int i = 0; i < DIMENSIONS; i++)
		if (names[i] != RECORD_NO_NAME)
			text_key_cstr(out, dimension_name[i], journal_words_get_name(dump->words, names[i]));
	text_puts(out, "}");
}

static void put_hash(struct text *out, const char *key, uint64_t hash)
{
	char hex[24];

	snprintf(hex, sizeof(hex), "%016" PRIx64, hash);
	text_key_cstr(out, key, hex);
}

static void put_counted(struct dump *dump, struct text *out, uint64_t packed, int64_t count, int64_t seconds,
			const uint32_t names[DIMENSIONS])
{
	struct cell cell = cell_unpack(packed);

	text_key_cstr(out, "municipality", journal_words_get_municipality(dump->words, cell.municipality));
	journal_key_day(out, "day", cell.day);
	text_key_cstr(out, "task", journal_words_get_standing(dump->words, cell.standing));
	journal_put_cell(out, &cell);
	text_key_int(out, "count", count);
	text_key_int(out, "seconds", seconds);
	put_names(dump, out, names);
}

static int on_effect(void *ctx, const struct effect *effect)
{
	struct dump *dump = ctx;
	struct text *out;
	char hash[24];

	out = begin_line(dump, "effect");
	text_key_int(out, "block", (int64_t)dump->block);
	put_hash(out, "id_hash", effect->id);
	snprintf(hash, sizeof(hash), "%08" PRIx32, effect->content);
	text_key_cstr(out, "content_hash", hash);
	journal_key_day(out, "id_day", effect->id_day);
	journal_key_moment(out, "time", effect->time_ms);
	put_counted(dump, out, effect->cell, effect->count, effect->seconds, effect->names);
	return end_line(dump);
}

static int on_part(struct dump *dump, const struct change_part *part)
{
	struct text *out = begin_line(dump, "part");

	text_key_int(out, "block", (int64_t)dump->block);
	put_hash(out, "booked_hash", part->booked);
	put_counted(dump, out, part->cell, part->count, part->seconds, part->names);
	if (change_days(part) > 1)
		text_key_int(out, "days", part->days);
	return end_line(dump);
}

static int on_change(void *ctx, const struct change *change)
{
	static const char *const kinds[] = { "carried", "correction", "errand", "meter" };
	struct dump *dump = ctx;
	struct text *out = begin_line(dump, "change");
	char hash[24];
	int r;

	text_key_int(out, "block", (int64_t)dump->block);
	text_key_cstr(out, "kind", kinds[change->kind]);
	put_hash(out, "id_hash", change->id);
	snprintf(hash, sizeof(hash), "%08" PRIx32, change->content);
	text_key_cstr(out, "content_hash", hash);
	journal_key_day(out, "id_day", change->id_day);
	journal_key_moment(out, "time", change->time_ms);
	put_hash(out, "about_hash", change->about);
	text_key_int(out, "parts", (int64_t)change->parts_len);
	r = end_line(dump);
	for (size_t i = 0; i < change->parts_len && r == 0; i++)
		r = on_part(dump, &change->parts[i]);
	return r;
}

static int on_mark(void *ctx, const struct mark *mark)
{
	struct dump *dump = ctx;
	struct text *out;

	out = begin_line(dump, "mark");
	text_key_int(out, "block", (int64_t)dump->block);
	text_key_cstr(out, "kind", mark->kind == MARK_CUT ? "cut" : "freeze");
	text_key_int(out, "position", (int64_t)mark->position);
	text_key_int(out, "settled", (int64_t)mark->settled);
	journal_key_moment(out, "written", mark->now_ms);
	journal_key_moment(out, "horizon", mark->horizon_ms);
	return end_line(dump);
}

static void on_damage(void *ctx, const struct damage *damage)
{
	struct dump *dump = ctx;
	struct text *out;

	if (dump->left == 0)
		return;
	out = begin_line(dump, "damage");
	text_key_int(out, "from", damage->from);
	text_key_int(out, "to", damage->to);
	text_key_int(out, "first_block", (int64_t)damage->first_block);
	text_key_int(out, "last_block", (int64_t)damage->last_block);
	text_key_cstr(out, "what", damage->what);
	end_line(dump);
}

static int dump_head(struct dump *dump, const struct segment_head *head)
{
	struct text *out = begin_line(dump, "segment");

	text_key_cstr(out, "writer", head->writer);
	text_key_int(out, "first_block", (int64_t)head->first_block);
	text_key_int(out, "position", (int64_t)head->position);
	text_key_int(out, "freeze", (int64_t)head->freeze);
	text_key_int(out, "settled", (int64_t)head->settled);
	journal_key_moment(out, "created", head->created_ms);
	journal_key_moment(out, "horizon", head->horizon_ms);
	return end_line(dump);
}

/* 0 or a negative errno; ENOUGH. */
static int dump_segment(struct dump *dump, const char *folder, uint64_t number)
{
	const struct replay replay = { dump,	  on_municipality, on_standing, on_name,  on_effect,
				       on_mark, on_block,	    on_damage,	 on_change };
	char path[SEGMENT_PATH_MAX];
	struct segment_head head;
	struct segment_end end;
	int r;

	segment_path(path, folder, number);
	dump->segment = number;
	journal_words_clear(dump->words);
	r = segment_head_read(&disk_real, path, &head);
	if (r == 0)
		r = dump_head(dump, &head);
	else if (r == -EBADMSG)
		r = 0; /* told as a damage below */
	return r == 0 ? segment_read(&disk_real, path, &replay, &head, &end) : r;
}

/* only: 0 for all. */
static int dump_all(struct dump *dump, const char *folder, uint64_t only)
{
	struct survey_names names;
	int r = survey_list(folder, &names), found = 0;

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		uint64_t number = segment_number(names.list[i]);

		if (number == 0 || (only != 0 && number != only))
			continue;
		r = dump_segment(dump, folder, number);
		/* Folded and removed while we came to it. */
		if (r == -ENOENT)
			r = 0;
		found++;
	}
	survey_names_done(&names);
	if (r == ENOUGH)
		r = 0;
	return r == 0 && found == 0 && only != 0 ? -ENOENT : r;
}

/* False: not a number from 1 on. NULL is 0. */
static bool read_number(const char *text, int64_t *ret)
{
	char *end;

	*ret = 0;
	if (text == NULL)
		return true;
	errno = 0;
	*ret = strtoll(text, &end, 10);
	return errno == 0 && *end == '\0' && text[0] >= '0' && text[0] <= '9' && *ret > 0;
}

int journal_dump(struct ctl *ctl, const char *state_dir, const struct journal_options *options)
{
	const char *folder = ctl_note(ctl, "%s/" SURVEY_JOURNAL, state_dir);
	struct dump dump = { .ctl = ctl };
	int64_t segment;
	int r;

	if (access(folder, F_OK) != 0)
		return ctl_fail(ctl, CTL_NO_INPUT, W_J_NONE, W_NEXT_STATE_DIR, state_dir);
	if (!read_number(options->segment, &segment))
		return ctl_fail(ctl, CTL_USAGE, W_J_NUMBER_BAD, W_NEXT_HELP, "--segment", options->segment);
	if (!read_number(options->limit, &dump.left))
		return ctl_fail(ctl, CTL_USAGE, W_J_NUMBER_BAD, W_NEXT_HELP, "--limit", options->limit);
	dump.left = options->limit == NULL ? -1 : dump.left;
	dump.words = journal_words_new();
	if (dump.words == NULL)
		return ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	page_init(&dump.page, ctl);
	r = dump_all(&dump, folder, (uint64_t)segment);
	journal_words_free(dump.words);
	if (dump.has_failed) {
		page_done(&dump.page);
		return ctl_fail_write(ctl);
	}
	if (r == -ENOENT) {
		page_done(&dump.page);
		return ctl_fail(ctl, CTL_NO_INPUT, W_J_NO_SEGMENT, W_NEXT_JOURNAL_INFO, options->segment);
	}
	if (r < 0)
		ctl_fail(ctl, CTL_IO, W_READ_FAILED, W_NEXT_FILE, folder, failure_text(ctl, -r));
	return journal_put(ctl, &dump.page) != CTL_OK || r < 0 ? CTL_IO : CTL_OK;
}
