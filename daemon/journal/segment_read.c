/* SPDX-License-Identifier: MPL-2.0 */
/* segment_read(): a segment block by block through a window of its file. At the first hole the rest of the
 * segment is looked through for words, so that a word lost in the hole is known from where it stands again.
 */
#include "journal/segment.h"

#include "journal/block.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_BYTES (1 << 20)
#define SECTOR_BYTES 4096

struct bits {
	uint64_t *words; /* owned */
	size_t n;        /* words */
};

struct reading {
	const struct disk *disk;
	const struct replay *replay;
	int fd;
	uint64_t number; /* as its name has it */
	struct segment_head head;
	struct segment_end end;
	uint64_t limit;    /* sequence number the next segment begins with; UINT64_MAX: none */
	bool is_neighbour; /* that segment is the very next: what is missing before it was in this one */
	uint8_t *window;   /* owned */
	size_t window_len, window_cap;
	int64_t window_at;
	struct bits municipalities, standings, names; /* defined */
	int64_t hole;   /* where bytes began that are no block; -1: not in a hole */
	bool has_words; /* all of the segment's, since it was looked through */
};

static bool has_bit(const struct bits *bits, uint32_t i)
{
	return i / 64 < bits->n && (bits->words[i / 64] >> (i % 64) & 1) != 0;
}

static int set_bit(struct bits *bits, uint32_t i)
{
	size_t n = i / 64 + 1;
	uint64_t *words;

	if (n > bits->n) {
		n = n < bits->n * 2 ? bits->n * 2 : n;
		words = realloc(bits->words, n * sizeof(*words));
		if (words == NULL)
			return -ENOMEM;
		memset(words + bits->n, 0, (n - bits->n) * sizeof(*words));
		bits->words = words;
		bits->n = n;
	}
	bits->words[i / 64] |= UINT64_C(1) << (i % 64);
	return 0;
}

static void tell_damage(struct reading *r, const struct damage *damage)
{
	struct damage told = *damage;

	told.segment = r->number;
	if (told.first_block > told.last_block)
		told.first_block = told.last_block = 0;
	r->end.damages++;
	if (r->replay->on_damage != NULL)
		r->replay->on_damage(r->replay->ctx, &told);
}

/* --- the window --- */

/* What the disk cannot read counts as zeros: no checksum is right over them. */
static int read_past_faults(struct reading *r, size_t len, int64_t at)
{
	for (size_t done = 0, n; done < len; done += n) {
		ssize_t got;

		n = len - done < SECTOR_BYTES ? len - done : SECTOR_BYTES;
		got = r->disk->read(r->disk->ctx, r->fd, r->window + done, n, at + (int64_t)done);
		if (got < 0 && got != -EIO)
			return (int)got;
		if (got < (ssize_t)n)
			memset(r->window + done + (got < 0 ? 0 : got), 0, n - (size_t)(got < 0 ? 0 : got));
	}
	return 0;
}

static int fill_window(struct reading *r, int64_t at, size_t len)
{
	uint8_t *window;
	int e;

	len = len < WINDOW_BYTES ? WINDOW_BYTES : len;
	if ((int64_t)len > r->end.size - at)
		len = (size_t)(r->end.size - at);
	if (len > r->window_cap) {
		window = realloc(r->window, len);
		if (window == NULL)
			return -ENOMEM;
		r->window = window;
		r->window_cap = len;
	}
	e = disk_read_all(r->disk, r->fd, r->window, len, at);
	if (e == -EIO)
		e = read_past_faults(r, len, at);
	r->window_at = at;
	r->window_len = e < 0 ? 0 : len;
	return e;
}

/* 1 and the bytes; 0: the file ends before; or a negative errno. */
static int see(struct reading *r, int64_t at, size_t len, const uint8_t **ret)
{
	int e;

	if (at + (int64_t)len > r->end.size)
		return 0;
	if (at < r->window_at || at + (int64_t)len > r->window_at + (int64_t)r->window_len) {
		e = fill_window(r, at, len);
		if (e < 0)
			return e;
	}
	*ret = r->window + (at - r->window_at);
	return 1;
}

/* --- records --- */

/* Tells a word that was not known yet. A name of a municipality that is not known waits for its next place.
 */
static int know(struct reading *r, const struct record *record)
{
	const struct replay *to = r->replay;
	struct bits *bits = record->kind == RECORD_MUNICIPALITY ? &r->municipalities
			    : record->kind == RECORD_STANDING   ? &r->standings
								: &r->names;
	int e;

	if (has_bit(bits, record->number) ||
	    (record->kind == RECORD_NAME && !has_bit(&r->municipalities, record->name.municipality)))
		return 0;
	e = set_bit(bits, record->number);
	if (e < 0)
		return e;
	if (record->kind == RECORD_MUNICIPALITY && to->on_municipality != NULL)
		return to->on_municipality(to->ctx, (uint16_t)record->number, record->code);
	if (record->kind == RECORD_STANDING && to->on_standing != NULL)
		return to->on_standing(to->ctx, (uint16_t)record->number, &record->standing);
	if (record->kind == RECORD_NAME && to->on_name != NULL)
		return to->on_name(to->ctx, record->number, &record->name);
	return 0;
}

/* An effect whose names are not defined is told without them; one without its municipality or standing cannot
 * be told. */
static int tell_effect(struct reading *r, struct effect *effect, bool *ret_is_missing)
{
	uint16_t municipality = cell_municipality(effect->cell), standing = cell_standing(effect->cell);

	for (int d = 0; d < DIMENSIONS; d++) {
		if (effect->names[d] == RECORD_NO_NAME || has_bit(&r->names, effect->names[d]))
			continue;
		effect->names[d] = RECORD_NO_NAME;
		*ret_is_missing = true;
	}
	if (!has_bit(&r->municipalities, municipality) || !has_bit(&r->standings, standing)) {
		*ret_is_missing = true;
		return 0;
	}
	return r->replay->on_effect == NULL ? 0 : r->replay->on_effect(r->replay->ctx, effect);
}

/* False: it cannot be told, a word it needs is not there. */
static bool is_known(const struct reading *r, struct change_part *part, bool *ret_is_missing)
{
	bool is = has_bit(&r->municipalities, cell_municipality(part->cell)) &&
		  has_bit(&r->standings, cell_standing(part->cell));

	for (int d = 0; d < DIMENSIONS; d++) {
		if (part->names[d] == RECORD_NO_NAME || has_bit(&r->names, part->names[d]))
			continue;
		part->names[d] = RECORD_NO_NAME;
		*ret_is_missing = true;
	}
	*ret_is_missing |= !is;
	return is;
}

/* A change is told whole or not at all. */
static int tell_change(struct reading *r, struct change *change, bool *ret_is_missing)
{
	bool is = !change_has_record(change->kind) || is_known(r, &change->record, ret_is_missing);

	for (size_t i = 0; i < change->parts_len; i++)
		is = is_known(r, &change->parts[i], ret_is_missing) && is;
	return !is || r->replay->on_change == NULL ? 0 : r->replay->on_change(r->replay->ctx, change);
}

static int tell_record(struct reading *r, struct record *record, bool *ret_is_missing)
{
	switch (record->kind) {
	case RECORD_EFFECT:
		return tell_effect(r, &record->effect, ret_is_missing);
	case RECORD_CHANGE:
		return tell_change(r, &record->change, ret_is_missing);
	case RECORD_MARK:
		r->end.mark = record->mark;
		return r->replay->on_mark == NULL ? 0 : r->replay->on_mark(r->replay->ctx, &record->mark);
	default:
		return know(r, record);
	}
}

/* No segment can have more names than places for their definitions: numbers stay small in damaged files. */
static bool is_number(const struct record *record, int64_t at)
{
	return record->kind != RECORD_NAME || (int64_t)record->number * RECORD_NAME_MIN < at;
}

static bool is_word(const struct record *record)
{
	return record->kind == RECORD_MUNICIPALITY || record->kind == RECORD_STANDING ||
	       record->kind == RECORD_NAME;
}

/* The records of one whole block. */
static int tell_records(struct reading *r, const struct block_head *block, int64_t at, const uint8_t *bytes,
			bool is_words_only)
{
	bool is_missing = false, is_mark = false;
	struct record record;
	size_t done = 0, n;

	while (done < block->len) {
		int e = 0;

		n = record_read(bytes + done, block->len - done, &record);
		if (n == 0 || !is_number(&record, at + (int64_t)done + BLOCK_HEAD_BYTES))
			break;
		is_mark = record.kind == RECORD_MARK;
		if (!is_words_only || is_word(&record))
			e = tell_record(r, &record, &is_missing);
		if (e != 0)
			return e;
		done += n;
	}
	if (is_words_only)
		return 0;
	r->end.is_sealed = is_mark && done == block->len;
	if (done < block->len || is_missing)
		tell_damage(r, &(struct damage){ .from = at + (is_missing ? 0 : (int64_t)done),
						 .to = at + BLOCK_HEAD_BYTES + block->len,
						 .first_block = block->sequence,
						 .last_block = block->sequence,
						 .what = is_missing ? "words missing" : "record" });
	return 0;
}

/* --- blocks --- */

/* What lies at a place: 1 a whole block, 0 none; 2: one whose records are damaged, or an errno. */
static int look(struct reading *r, int64_t at, struct block_head *ret, const uint8_t **ret_records)
{
	const uint8_t *bytes;
	int e = see(r, at, BLOCK_HEAD_BYTES, &bytes);

	if (e <= 0 || !block_head_read(bytes, r->head.nonce, at, ret))
		return e < 0 ? e : 0;
	e = see(r, at + BLOCK_HEAD_BYTES, ret->len, &bytes);
	if (e <= 0)
		return e;
	*ret_records = bytes;
	return block_is_whole(ret, r->head.nonce, at, bytes) ? 1 : 2;
}

/* The next place behind `at` where a block might begin; the end of the file when there is none. */
static int search(struct reading *r, int64_t at, int64_t *ret_at)
{
	const uint8_t *bytes;

	for (at++; at < r->end.size;) {
		size_t n = r->end.size - at < SECTOR_BYTES ? (size_t)(r->end.size - at) : SECTOR_BYTES, found;
		int e = see(r, at, n, &bytes);

		if (e < 0)
			return e;
		found = block_search(bytes, n);
		if (found < n) {
			*ret_at = at + (int64_t)found;
			return 0;
		}
		/* A magic may lie across the end of what was searched. */
		at += n > 3 && at + (int64_t)n < r->end.size ? (int64_t)n - 3 : (int64_t)n;
	}
	*ret_at = r->end.size;
	return 0;
}

static int read_blocks(struct reading *r, int64_t at, bool is_words_only);

static int open_hole(struct reading *r, int64_t at)
{
	r->hole = at;
	if (r->has_words)
		return 0;
	r->has_words = true;
	return read_blocks(r, at, true);
}

static int take_block(struct reading *r, const struct block_head *block, int64_t at, const uint8_t *records)
{
	const struct replay *to = r->replay;
	int e = 0;

	if (r->hole >= 0 || block->sequence > r->end.next_block)
		tell_damage(r, &(struct damage){ .from = r->hole >= 0 ? r->hole : at,
						 .to = at,
						 .first_block = r->end.next_block,
						 .last_block = block->sequence - 1,
						 .what = r->hole >= 0 ? "checksum" : "blocks missing",
						 .is_inside = true });
	r->hole = -1;
	if (block->sequence < r->end.next_block)
		return 0;
	if (to->on_block != NULL)
		e = to->on_block(to->ctx, block->sequence, at, BLOCK_HEAD_BYTES + (size_t)block->len);
	if (e == 0)
		e = tell_records(r, block, at, records, false);
	r->end.next_block = block->sequence + 1;
	r->end.last = at;
	r->end.at = at + BLOCK_HEAD_BYTES + block->len;
	return e;
}

/* Blocks from `at` to the end of the file, or to the first that is the next segment's. */
static int read_blocks(struct reading *r, int64_t at, bool is_words_only)
{
	struct block_head block;
	const uint8_t *records;

	while (at < r->end.size) {
		int64_t hole = at;
		int what = look(r, at, &block, &records), e = 0;

		if (what < 0)
			return what;
		if (what == 1 && block.sequence >= r->limit) {
			if (!is_words_only)
				r->end.size = r->hole >= 0 ? r->hole : at;
			return 0;
		}
		if (what == 1)
			e = is_words_only ? tell_records(r, &block, at, records, true)
					  : take_block(r, &block, at, records);
		else if (what == 0)
			e = search(r, at, &at);
		if (what != 0)
			at += BLOCK_HEAD_BYTES + block.len;
		if (e == 0 && what != 1 && r->hole < 0)
			e = open_hole(r, hole);
		if (e != 0)
			return e;
	}
	return 0;
}

/* What is wrong behind the last whole block. Torn bytes are no loss where a later segment goes on with the
 * very block that was to come. */
static void tell_tail(struct reading *r)
{
	bool is_torn = r->end.at < r->end.size, is_short = r->is_neighbour && r->end.next_block < r->limit;

	if (r->end.next_block >= r->limit || (!is_short && !is_torn))
		return;
	tell_damage(r, &(struct damage){ .from = r->end.at,
					 .to = r->end.size,
					 .first_block = is_short ? r->end.next_block : 1,
					 .last_block = is_short ? r->limit - 1 : 0,
					 .what = is_torn ? "torn tail" : "blocks missing" });
}

static int read_open(struct reading *r)
{
	int64_t size = r->disk->size(r->disk->ctx, r->fd);
	int e;

	if (size < 0)
		return (int)size;
	r->end.size = size;
	r->hole = -1;
	if (r->head.number == 0) {
		tell_damage(r, &(struct damage){
				       .to = size,
				       .first_block = 1,
				       .what = "header",
				       .is_inside = true }); /* a segment is there when its header is durable */
		return 0;
	}
	r->end.at = SEGMENT_HEAD_BYTES;
	r->end.next_block = r->head.first_block;
	e = read_blocks(r, SEGMENT_HEAD_BYTES, false);
	if (e == 0)
		tell_tail(r);
	r->end.size = size;
	return e;
}

/* Where the next segment takes over: what it has again is not read here. 0, also where there is none; else why that cannot be
 * told. */
static int find_limit(struct reading *r, const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[SEGMENT_PATH_MAX];
	struct segment_head next;
	int e;

	r->limit = UINT64_MAX;
	r->number = segment_number(slash == NULL ? path : slash + 1);
	if (r->number == 0)
		r->number = r->head.number;
	if (slash == NULL || r->head.number == 0 || segment_number(slash + 1) == 0)
		return 0;
	snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	e = segment_next(r->disk, dir, r->head.number, r->head.writer, &next);
	if (e == 0 && next.first_block >= r->head.first_block) {
		r->limit = next.first_block;
		r->is_neighbour = next.number == r->number + 1;
	}
	/* A later version's tells so itself when its turn comes. */
	return e == -ENOENT || e == -EPROTONOSUPPORT ? 0 : e;
}

int segment_read(const struct disk *disk, const char *path, const struct replay *replay,
		 struct segment_head *ret_head, struct segment_end *ret_end)
{
	struct reading r = { .disk = disk, .replay = replay };
	int e = segment_head_read(disk, path, &r.head);

	if (e == -EBADMSG)
		r.head = (struct segment_head){ 0 };
	else if (e < 0)
		return e;
	r.fd = disk->open(disk->ctx, path, DISK_READ);
	if (r.fd < 0)
		return r.fd;
	e = find_limit(&r, path);
	if (e == 0)
		e = read_open(&r);
	disk->close(disk->ctx, r.fd);
	free(r.window);
	free(r.municipalities.words);
	free(r.standings.words);
	free(r.names.words);
	if (e == 0) {
		*ret_head = r.head;
		*ret_end = r.end;
	}
	return e;
}
