/* SPDX-License-Identifier: MPL-2.0 */
/* See unsent.h. The file, everything little-endian:
 *
 *   "effunsnt", version (4), 0 (4), segment, from, frozen_from (8 each), lengths of the three images (8 each),
 *   XXH3-64 of everything before (8); then the images of frozen, next and places, each as a totals file of day 0 */
#include "journal/unsent.h"

#include "journal/totals_bytes.h"
#include "journal/totals_inside.h"

#include <errno.h>
#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define MAGIC	 "effunsnt"
#define VERSION	 1
#define HEAD	 72
#define PARTS	 3
#define FILE_MAX ((size_t)1 << 30)

/* Places in the head. */
enum { AT_VERSION = 8, AT_SEGMENT = 16, AT_FROM = 24, AT_FROZEN_FROM = 32, AT_LENGTHS = 40, AT_CHECK = 64 };

int unsent_init(struct unsent *unsent)
{
	*unsent = (struct unsent){ .frozen = totals_new(), .next = totals_new(), .places = totals_new() };
	return unsent->frozen == NULL || unsent->next == NULL || unsent->places == NULL ? -ENOMEM : 0;
}

void unsent_done(struct unsent *unsent)
{
	totals_free(unsent->frozen);
	totals_free(unsent->next);
	totals_free(unsent->places);
	*unsent = (struct unsent){ 0 };
}

/* --- words --- */

int unsent_municipality(struct unsent *unsent, const char *code)
{
	int number = totals_municipality(unsent->frozen, code);

	if (number >= 0)
		number = totals_municipality(unsent->next, code);
	return number < 0 ? number : totals_municipality(unsent->places, code);
}

int unsent_standing(struct unsent *unsent, const struct standing_text *standing)
{
	int number = totals_standing(unsent->frozen, standing);

	if (number >= 0)
		number = totals_standing(unsent->next, standing);
	return number < 0 ? number : totals_standing(unsent->places, standing);
}

/* --- batches --- */

static bool has_any(const struct totals *totals)
{
	return totals->cells.used > 0 || totals->names_len > 0;
}

bool unsent_is_empty(const struct unsent *unsent)
{
	return !has_any(unsent->frozen) && !has_any(unsent->next);
}

bool unsent_place(const struct unsent *unsent, const char *code, int dimension, int32_t period, uint64_t *ret)
{
	const struct totals *places = unsent->places;

	for (size_t i = 0; i < places->codes_len; i++)
		if (memcmp(places->codes[i], code, 5) == 0)
			return totals_position(places, (uint16_t)i, dimension, period, ret);
	return false;
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

static void put_head(const struct unsent *unsent, const struct bytes_out images[PARTS], uint8_t head[HEAD])
{
	memset(head, 0, HEAD);
	memcpy(head, MAGIC, 8);
	bytes_store(head + AT_VERSION, VERSION, 4);
	bytes_store(head + AT_SEGMENT, unsent->segment, 8);
	bytes_store(head + AT_FROM, unsent->from, 8);
	bytes_store(head + AT_FROZEN_FROM, unsent->frozen_from, 8);
	for (int i = 0; i < PARTS; i++)
		bytes_store(head + AT_LENGTHS + 8 * i, images[i].len, 8);
	bytes_store(head + AT_CHECK, XXH3_64bits(head, AT_CHECK), 8);
}

int unsent_write(const struct unsent *unsent, const struct disk *disk, const char *totals_dir)
{
	const struct totals *const parts[PARTS] = { unsent->frozen, unsent->next, unsent->places };
	struct bytes_out images[PARTS] = { 0 }, out = { 0 };
	char path[TOTALS_PATH_MAX];
	uint8_t head[HEAD];
	int r = 0;

	make_path(path, totals_dir);
	for (int i = 0; i < PARTS && r == 0; i++)
		r = totals_image(parts[i], &images[i]);
	if (r == 0) {
		put_head(unsent, images, head);
		bytes_put(&out, head, HEAD);
	}
	for (int i = 0; i < PARTS && r == 0; i++)
		bytes_put(&out, images[i].ptr, images[i].len);
	if (r == 0 && (out.is_failed || out.len > FILE_MAX))
		r = out.is_failed ? -ENOMEM : -EFBIG;
	if (r == 0)
		r = disk_replace(disk, path, out.ptr, out.len);
	for (int i = 0; i < PARTS; i++)
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

/* 0, -EBADMSG or -EPROTONOSUPPORT. */
static int check_head(const uint8_t *bytes, size_t len)
{
	uint64_t left = len - HEAD;

	if (len < HEAD || memcmp(bytes, MAGIC, 8) != 0 || bytes_fetch(bytes + AT_CHECK, 8) != XXH3_64bits(bytes, AT_CHECK))
		return -EBADMSG;
	if (bytes_fetch(bytes + AT_VERSION, 4) != VERSION)
		return -EPROTONOSUPPORT;
	for (int i = 0; i < PARTS; i++) {
		uint64_t image = bytes_fetch(bytes + AT_LENGTHS + 8 * i, 8);

		if (image > left)
			return -EBADMSG;
		left -= image;
	}
	return left == 0 ? 0 : -EBADMSG;
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

static int read_parts(struct unsent *unsent, const char *path, const uint8_t *bytes, struct error *reterr)
{
	struct totals *const parts[PARTS] = { unsent->frozen, unsent->next, unsent->places };
	const uint8_t *at = bytes + HEAD;
	int r = 0;

	/* Twice: what is read first gives all of them their words. */
	for (int i = 0; i < PARTS && r == 0; i++) {
		size_t len = (size_t)bytes_fetch(bytes + AT_LENGTHS + 8 * i, 8);
		struct totals *part = totals_new();

		r = part == NULL ? error_set(reterr, -ENOMEM, "%s: no memory", path)
				 : totals_add_image(part, path, at, len, reterr);
		if (r == 0)
			r = share_words(unsent, part);
		totals_free(part);
		at += len;
	}
	at = bytes + HEAD;
	for (int i = 0; i < PARTS && r == 0; i++) {
		size_t len = (size_t)bytes_fetch(bytes + AT_LENGTHS + 8 * i, 8);

		r = totals_add_image(parts[i], path, at, len, reterr);
		at += len;
	}
	return r;
}

int unsent_read(struct unsent *unsent, const struct disk *disk, const char *totals_dir, struct error *reterr)
{
	char path[TOTALS_PATH_MAX];
	void *bytes;
	size_t len;
	int r;

	make_path(path, totals_dir);
	r = disk_load(disk, path, FILE_MAX, &bytes, &len);
	if (r < 0)
		return error_set(reterr, r == -EFBIG ? -EBADMSG : r, "%s: cannot be read: %s", path, strerror(-r));
	r = check_head(bytes, len);
	if (r == -EPROTONOSUPPORT)
		error_set(reterr, r, "%s: of a later effortd: use the effortd that wrote it", path);
	else if (r < 0)
		error_set(reterr, r, "%s: damaged: its head does not fit", path);
	if (r == 0)
		r = read_parts(unsent, path, bytes, reterr);
	if (r == 0) {
		unsent->segment = bytes_fetch((uint8_t *)bytes + AT_SEGMENT, 8);
		unsent->from = bytes_fetch((uint8_t *)bytes + AT_FROM, 8);
		unsent->frozen_from = bytes_fetch((uint8_t *)bytes + AT_FROZEN_FROM, 8);
	}
	free(bytes);
	return r;
}
