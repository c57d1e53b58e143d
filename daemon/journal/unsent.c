/* SPDX-License-Identifier: MPL-2.0 */
/* See unsent.h. The file, everything little-endian:
 *
 *   "effunsnt", version (4), earlier runs (4), segment, from, frozen_from (8 each), lengths of the three images (8 each),
 *   XXH3-64 of everything before (8); the run of next (8), run and length of the image of each earlier one (8 each),
 *   XXH3-64 of these (8); then the images of frozen, next, places and the earlier ones, each as a totals file of day 0.
 *   Version 1 knew no runs. */
#include "journal/unsent.h"

#include "journal/identity.h"
#include "journal/totals_bytes.h"
#include "journal/totals_inside.h"

#include <errno.h>
#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define MAGIC	 "effunsnt"
#define VERSION	 2
#define HEAD	 72
#define PARTS	 3
#define IMAGES	 (PARTS + UNSENT_PARTS)
#define FILE_MAX ((size_t)1 << 30)

/* Places in the head. */
enum { AT_VERSION = 8, AT_EARLIER = 12, AT_SEGMENT = 16, AT_FROM = 24, AT_FROZEN_FROM = 32, AT_LENGTHS = 40, AT_CHECK = 64 };

int unsent_init(struct unsent *unsent)
{
	*unsent = (struct unsent){ .behind = IDENTITY_UNKNOWN,
				   .frozen = totals_new(),
				   .next = totals_new(),
				   .places = totals_new() };
	return unsent->frozen == NULL || unsent->next == NULL || unsent->places == NULL ? -ENOMEM : 0;
}

void unsent_done(struct unsent *unsent)
{
	totals_free(unsent->frozen);
	totals_free(unsent->next);
	totals_free(unsent->places);
	for (size_t i = 0; i < unsent->earlier_len; i++)
		totals_free(unsent->earlier[i].sums);
	*unsent = (struct unsent){ 0 };
}

/* --- words --- */

int unsent_municipality(struct unsent *unsent, const char *code)
{
	int number = totals_municipality(unsent->frozen, code);

	if (number >= 0)
		number = totals_municipality(unsent->next, code);
	for (size_t i = 0; i < unsent->earlier_len && number >= 0; i++)
		number = totals_municipality(unsent->earlier[i].sums, code);
	return number < 0 ? number : totals_municipality(unsent->places, code);
}

int unsent_standing(struct unsent *unsent, const struct standing_text *standing)
{
	int number = totals_standing(unsent->frozen, standing);

	if (number >= 0)
		number = totals_standing(unsent->next, standing);
	for (size_t i = 0; i < unsent->earlier_len && number >= 0; i++)
		number = totals_standing(unsent->earlier[i].sums, standing);
	return number < 0 ? number : totals_standing(unsent->places, standing);
}

/* --- batches --- */

static bool has_any(const struct totals *totals)
{
	return totals->cells.used > 0 || totals->names_len > 0;
}

bool unsent_is_empty(const struct unsent *unsent)
{
	return !has_any(unsent->frozen) && !has_any(unsent->next) && unsent->earlier_len == 0;
}

bool unsent_place(const struct unsent *unsent, const char *code, int dimension, int32_t period, uint64_t *ret)
{
	const struct totals *places = unsent->places;

	for (size_t i = 0; i < places->codes_len; i++)
		if (memcmp(places->codes[i], code, 5) == 0)
			return totals_position(places, (uint16_t)i, dimension, period, ret);
	return false;
}

/* --- runs --- */

static int add_all(struct totals *to, const struct totals *more)
{
	const struct tally *cells = &more->cells;
	int r = 0;

	for (size_t i = 0; i <= cells->mask && r == 0; i++)
		if (cells->slots[i].cell != TALLY_EMPTY)
			r = totals_add(to, cells->slots[i].cell, cells->slots[i].count, cells->slots[i].seconds);
	for (size_t i = 0; i < more->names_len && r == 0; i++) {
		const struct totals_name *name = &more->names[i];

		r = totals_add_name(to, name->municipality, (enum dimension)name->dimension, name->period, name->name,
				    &name->amount, name->last_ms);
	}
	return r;
}

static void drop_earlier(struct unsent *unsent, size_t i)
{
	totals_free(unsent->earlier[i].sums);
	unsent->earlier_len--;
	memmove(&unsent->earlier[i], &unsent->earlier[i + 1], (unsent->earlier_len - i) * sizeof(*unsent->earlier));
}

/* The older one's: what is joined is left to a copy that has that one. */
static int make_room(struct unsent *unsent)
{
	int r = unsent->earlier_len < UNSENT_PARTS ? 0
						    : add_all(unsent->earlier[0].sums, unsent->earlier[1].sums);

	if (r == 0 && unsent->earlier_len == UNSENT_PARTS)
		drop_earlier(unsent, 1);
	return r;
}

static struct totals *new_with_words(const struct totals *words)
{
	struct totals *totals = totals_new();
	int r = totals == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < words->codes_len && r >= 0; i++)
		r = totals_municipality(totals, words->codes[i]);
	for (size_t i = 0; i < words->standings_len && r >= 0; i++)
		r = totals_standing(totals, &words->standings[i]);
	if (r >= 0)
		return totals;
	totals_free(totals);
	return NULL;
}

int unsent_begin_run(struct unsent *unsent, uint64_t behind)
{
	struct totals *next;
	int r;

	if (unsent->behind == behind || !has_any(unsent->next)) {
		unsent->behind = behind;
		return 0;
	}
	r = make_room(unsent);
	next = r == 0 ? new_with_words(unsent->next) : NULL;
	if (next == NULL)
		return -ENOMEM;
	unsent->earlier[unsent->earlier_len++] = (struct unsent_part){ unsent->behind, unsent->next };
	unsent->next = next;
	unsent->behind = behind;
	return 0;
}

static int join_runs(struct unsent *unsent)
{
	int r = 0;

	while (unsent->earlier_len > 0 && r == 0) {
		r = add_all(unsent->next, unsent->earlier[0].sums);
		if (r == 0)
			drop_earlier(unsent, 0);
	}
	return r;
}

static int settle_frozen(struct unsent *unsent)
{
	const struct totals *frozen = unsent->frozen;
	int r = 0;

	for (size_t i = 0; i <= frozen->cells.mask && r == 0; i++) {
		uint64_t cell = frozen->cells.slots[i].cell;

		if (cell != TALLY_EMPTY)
			r = totals_place(unsent->places, cell_municipality(cell), -1, cell_day(cell), unsent->from);
	}
	for (size_t i = 0; i < frozen->names_len && r == 0; i++)
		if (frozen->names[i].dimension != BY_REASON)
			r = totals_place(unsent->places, frozen->names[i].municipality, frozen->names[i].dimension,
					 frozen->names[i].period, unsent->from);
	if (r == 0)
		totals_clear(unsent->frozen);
	return r;
}

int unsent_freeze(struct unsent *unsent, uint64_t position)
{
	struct totals *spare = unsent->frozen;
	int r = settle_frozen(unsent);

	if (r == 0)
		r = join_runs(unsent);
	if (r < 0)
		return r;
	unsent->frozen = unsent->next;
	unsent->next = spare;
	unsent->frozen_from = unsent->from;
	unsent->from = position;
	return 0;
}

int unsent_settle(struct unsent *unsent, uint64_t position)
{
	return position >= unsent->from && has_any(unsent->frozen) ? settle_frozen(unsent) : 0;
}

/* --- the file --- */

static void make_path(char path[TOTALS_PATH_MAX], const char *totals_dir)
{
	snprintf(path, TOTALS_PATH_MAX, "%s/unsent", totals_dir);
}

static void put_head(const struct unsent *unsent, const struct bytes_out images[IMAGES], uint8_t head[HEAD])
{
	memset(head, 0, HEAD);
	memcpy(head, MAGIC, 8);
	bytes_store(head + AT_VERSION, VERSION, 4);
	bytes_store(head + AT_EARLIER, unsent->earlier_len, 4);
	bytes_store(head + AT_SEGMENT, unsent->segment, 8);
	bytes_store(head + AT_FROM, unsent->from, 8);
	bytes_store(head + AT_FROZEN_FROM, unsent->frozen_from, 8);
	for (int i = 0; i < PARTS; i++)
		bytes_store(head + AT_LENGTHS + 8 * i, images[i].len, 8);
	bytes_store(head + AT_CHECK, XXH3_64bits(head, AT_CHECK), 8);
}

static size_t runs_bytes(size_t earlier)
{
	return 16 + 16 * earlier;
}

static void put_runs(const struct unsent *unsent, const struct bytes_out images[IMAGES], struct bytes_out *out)
{
	uint8_t runs[16 + 16 * UNSENT_PARTS];
	size_t len = runs_bytes(unsent->earlier_len);

	bytes_store(runs, unsent->behind, 8);
	for (size_t i = 0; i < unsent->earlier_len; i++) {
		bytes_store(runs + 8 + 16 * i, unsent->earlier[i].behind, 8);
		bytes_store(runs + 16 + 16 * i, images[PARTS + i].len, 8);
	}
	bytes_store(runs + len - 8, XXH3_64bits(runs, len - 8), 8);
	bytes_put(out, runs, len);
}

int unsent_write(const struct unsent *unsent, const struct disk *disk, const char *totals_dir)
{
	const struct totals *const parts[PARTS] = { unsent->frozen, unsent->next, unsent->places };
	struct bytes_out images[IMAGES] = { 0 }, out = { 0 };
	const size_t n = PARTS + unsent->earlier_len;
	char path[TOTALS_PATH_MAX];
	uint8_t head[HEAD];
	int r = 0;

	make_path(path, totals_dir);
	for (size_t i = 0; i < n && r == 0; i++)
		r = totals_image(i < PARTS ? parts[i] : unsent->earlier[i - PARTS].sums, &images[i]);
	if (r == 0) {
		put_head(unsent, images, head);
		bytes_put(&out, head, HEAD);
		put_runs(unsent, images, &out);
	}
	for (size_t i = 0; i < n && r == 0; i++)
		bytes_put(&out, images[i].ptr, images[i].len);
	if (r == 0 && (out.is_failed || out.len > FILE_MAX))
		r = out.is_failed ? -ENOMEM : -EFBIG;
	if (r == 0)
		r = disk_replace(disk, path, out.ptr, out.len);
	for (size_t i = 0; i < n; i++)
		free(images[i].ptr);
	free(out.ptr);
	return r;
}

int unsent_remove(const struct disk *disk, const char *totals_dir)
{
	char path[TOTALS_PATH_MAX];
	int r;

	make_path(path, totals_dir);
	r = disk->remove(disk->ctx, path);
	if (r == -ENOENT)
		return 0;
	return r < 0 ? r : disk->sync_folder(disk->ctx, totals_dir);
}

/* What the file says of itself. */
struct layout {
	uint64_t lengths[IMAGES];
	uint64_t behind[UNSENT_PARTS + 1]; /* of earlier ones; the last: of next */
	size_t n, at;			   /* images; where the first begins */
};

static int read_runs(struct layout *layout, const uint8_t *bytes, size_t len)
{
	uint64_t earlier = bytes_fetch(bytes + AT_EARLIER, 4);
	const uint8_t *runs = bytes + HEAD;
	size_t runs_len;

	layout->behind[UNSENT_PARTS] = IDENTITY_UNKNOWN;
	layout->n = PARTS;
	layout->at = HEAD;
	if (bytes_fetch(bytes + AT_VERSION, 4) == 1)
		return earlier == 0 ? 0 : -EBADMSG;
	runs_len = runs_bytes((size_t)earlier);
	if (earlier > UNSENT_PARTS || len - HEAD < runs_len ||
	    bytes_fetch(runs + runs_len - 8, 8) != XXH3_64bits(runs, runs_len - 8))
		return -EBADMSG;
	layout->behind[UNSENT_PARTS] = bytes_fetch(runs, 8);
	for (size_t i = 0; i < earlier; i++) {
		layout->behind[i] = bytes_fetch(runs + 8 + 16 * i, 8);
		layout->lengths[layout->n++] = bytes_fetch(runs + 16 + 16 * i, 8);
	}
	layout->at += runs_len;
	return 0;
}

/* 0, -EBADMSG or -EPROTONOSUPPORT. */
static int read_layout(struct layout *layout, const uint8_t *bytes, size_t len)
{
	uint64_t left;
	int r;

	if (len < HEAD || memcmp(bytes, MAGIC, 8) != 0 || bytes_fetch(bytes + AT_CHECK, 8) != XXH3_64bits(bytes, AT_CHECK))
		return -EBADMSG;
	if (bytes_fetch(bytes + AT_VERSION, 4) > VERSION)
		return -EPROTONOSUPPORT;
	for (int i = 0; i < PARTS; i++)
		layout->lengths[i] = bytes_fetch(bytes + AT_LENGTHS + 8 * i, 8);
	r = read_runs(layout, bytes, len);
	left = r == 0 ? len - layout->at : 0;
	for (size_t i = 0; i < layout->n && r == 0; i++) {
		if (layout->lengths[i] > left)
			return -EBADMSG;
		left -= layout->lengths[i];
	}
	return r == 0 && left != 0 ? -EBADMSG : r;
}

static int make_earlier(struct unsent *unsent, const struct layout *layout)
{
	unsent->behind = layout->behind[UNSENT_PARTS];
	for (size_t i = PARTS; i < layout->n; i++) {
		struct totals *sums = totals_new();

		if (sums == NULL)
			return -ENOMEM;
		unsent->earlier[unsent->earlier_len++] = (struct unsent_part){ layout->behind[i - PARTS], sums };
	}
	return 0;
}

/* Every part gets the words of all. */
static int share_words(struct unsent *unsent, const struct totals *part)
{
	int r = 0;

	for (size_t i = 0; i < part->codes_len && r >= 0; i++)
		r = unsent_municipality(unsent, part->codes[i]);
	for (size_t i = 0; i < part->standings_len && r >= 0; i++)
		r = unsent_standing(unsent, &part->standings[i]);
	return r < 0 ? r : 0;
}

static int read_part(struct unsent *unsent, size_t i, const char *path, const uint8_t *at, size_t len,
		     struct error *reterr)
{
	struct totals *const parts[PARTS] = { unsent->frozen, unsent->next, unsent->places };

	return totals_add_image(i < PARTS ? parts[i] : unsent->earlier[i - PARTS].sums, path, at, len, reterr);
}

static int read_words(struct unsent *unsent, const char *path, const uint8_t *at, size_t len, struct error *reterr)
{
	struct totals *part = totals_new();
	int r = part == NULL ? error_set(reterr, -ENOMEM, "%s: no memory", path)
			     : totals_add_image(part, path, at, len, reterr);

	if (r == 0)
		r = share_words(unsent, part);
	totals_free(part);
	return r;
}

/* Twice: what is read first gives all of them their words. */
static int read_parts(struct unsent *unsent, const struct layout *layout, const char *path, const uint8_t *bytes,
		      struct error *reterr)
{
	int r = make_earlier(unsent, layout);

	if (r < 0)
		return error_set(reterr, r, "%s: no memory", path);
	for (int pass = 0; pass < 2; pass++) {
		const uint8_t *at = bytes + layout->at;

		for (size_t i = 0; i < layout->n && r == 0; at += layout->lengths[i++])
			r = pass == 0 ? read_words(unsent, path, at, (size_t)layout->lengths[i], reterr)
				      : read_part(unsent, i, path, at, (size_t)layout->lengths[i], reterr);
	}
	return r;
}

int unsent_read(struct unsent *unsent, const struct disk *disk, const char *totals_dir, struct error *reterr)
{
	struct layout layout = { .n = 0 };
	char path[TOTALS_PATH_MAX];
	void *bytes;
	size_t len;
	int r;

	make_path(path, totals_dir);
	r = disk_load(disk, path, FILE_MAX, &bytes, &len);
	if (r < 0)
		return error_set(reterr, r == -EFBIG ? -EBADMSG : r, "%s: cannot be read: %s", path, strerror(-r));
	r = read_layout(&layout, bytes, len);
	if (r == -EPROTONOSUPPORT)
		error_set(reterr, r, "%s: of a later effortd: use the effortd that wrote it", path);
	else if (r < 0)
		error_set(reterr, r, "%s: damaged: its head does not fit", path);
	if (r == 0)
		r = read_parts(unsent, &layout, path, bytes, reterr);
	if (r == 0) {
		unsent->segment = bytes_fetch((uint8_t *)bytes + AT_SEGMENT, 8);
		unsent->from = bytes_fetch((uint8_t *)bytes + AT_FROM, 8);
		unsent->frozen_from = bytes_fetch((uint8_t *)bytes + AT_FROZEN_FROM, 8);
	}
	free(bytes);
	return r;
}
