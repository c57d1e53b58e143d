/* SPDX-License-Identifier: MPL-2.0 */
/* What folding a segment does to the files of errands and meters: each says which segment it was last folded with, and what it
 * holds is made by the same function as what the loop holds (errands.h). */
#include "journal/errands.h"
#include "journal/fold_inside.h"

#include "domain/calendar.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A cell with the dictionary's numbers; false: a word of it is damaged. */
static bool recell(const struct folding *folding, struct kinds *kinds, uint64_t *cell)
{
	int32_t municipality = folding->municipalities[cell_municipality(*cell)];
	int32_t standing = folding->standings[cell_standing(*cell)];

	if (municipality < 0 || standing < 0)
		return false;
	municipality = kinds_municipality(kinds, folding->sums->codes[municipality]);
	standing = kinds_standing(kinds, &folding->sums->standings[standing]);
	*cell = totals_recell(*cell, (uint16_t)municipality, (uint16_t)standing);
	return municipality >= 0 && standing >= 0;
}

static int name_of(const struct folding *folding, struct kinds *kinds, int dimension, uint32_t number, uint32_t *ret)
{
	*ret = RECORD_NO_NAME;
	if (number >= folding->words_len || folding->words[number].text.ptr == NULL ||
	    folding->words[number].dimension != dimension)
		return 0;
	return kinds_text(kinds, folding->words[number].text, ret);
}

static int apply(const struct folding *folding, struct errands *errands, struct change *change)
{
	struct kinds *kinds = errands_kinds(errands);
	uint32_t names[DIMENSIONS];
	int r = 0;

	for (int d = 0; d < DIMENSIONS && r == 0; d++)
		r = name_of(folding, kinds, d, change_has_record(change->kind) ? change->record.names[d] : RECORD_NO_NAME,
			    &names[d]);
	if (change_has_record(change->kind) && !recell(folding, kinds, &change->record.cell))
		return r;
	for (size_t i = 0; i < change->parts_len; i++)
		if (!recell(folding, kinds, &change->parts[i].cell))
			return r;
	return r < 0 ? r : errands_apply(errands, change, names);
}

/* A damaged one is set aside: what was remembered of errands is forgotten, what is counted stays. */
static int read_file(const struct folding *folding, const char *path, struct errands **ret, uint64_t *ret_segment,
		     struct fold_result *result, struct error *reterr)
{
	const struct disk *disk = folding->disk;
	char aside[TOTALS_PATH_MAX + 32];
	int r = errands_read(disk, path, ret, ret_segment);

	if (r != -EBADMSG && r != -ENOENT)
		return r;
	if (r == -EBADMSG) {
		snprintf(aside, sizeof(aside), "%s.damaged-%" PRIu64, path, folding->segment);
		result->damages++;
		error_set(reterr, 0, "%.400s: damaged; set aside", path);
		r = disk->rename(disk->ctx, path, aside);
		if (r < 0)
			return r;
	}
	*ret = errands_new();
	*ret_segment = 0;
	return *ret == NULL ? -ENOMEM : 0;
}

/* Before which moment errands go. A later segment may hold a record that came while an errand of this one was still
 * remembered: what is gone by the time of this segment's end was gone for the loop too, a day allowed for its clock. */
static int64_t forget_before(const struct folding *folding, const struct fold_errands *file)
{
	int64_t then_ms = folding->last_ms - file->window_ms;

	return (then_ms < file->before_ms ? then_ms : file->before_ms) - DAY_MS;
}

/* Whose are told apart by what the changes are of; a correction may be of either. */
static bool is_of(const struct folding *folding, const struct fold_errands *file, const struct change *change)
{
	return change->kind == CHANGE_CORRECTION ||
	       (change->kind == CHANGE_METER) == (file == &folding->paths->meters);
}

static int apply_all(const struct folding *folding, const struct fold_errands *file, struct errands *errands)
{
	const struct bytes_out *changes = &folding->changes;
	struct record record;
	int r = 0;

	for (size_t at = 0; at < changes->len && r == 0;) {
		size_t len = record_read(changes->ptr + at, changes->len - at, &record);

		if (len == 0)
			return -EBADMSG;
		at += len;
		if (is_of(folding, file, &record.change))
			r = apply(folding, errands, &record.change);
	}
	return r;
}

static int fold_into(struct folding *folding, const struct fold_errands *file, struct errands *errands,
		     struct fold_result *result)
{
	bool was_empty = errands_len(errands) == 0;
	int r = apply_all(folding, file, errands);
	size_t forgotten;

	if (r < 0)
		return r;
	forgotten = errands_forget(errands, forget_before(folding, file));
	forgotten += errands_trim(errands, file->max);
	result->errands += errands_len(errands);
	/* A segment without any leaves the file as it is. */
	if ((folding->changes.len == 0 && forgotten == 0) || (was_empty && errands_len(errands) == 0))
		return 0;
	return errands_write(errands, folding->disk, file->path, folding->segment);
}

static int fold_file(struct folding *folding, const struct fold_errands *file, struct fold_result *result,
		     struct error *reterr)
{
	struct errands *errands = NULL;
	uint64_t segment = 0;
	int r;

	if (file->path == NULL)
		return 0;
	r = read_file(folding, file->path, &errands, &segment, result, reterr);
	if (r == 0 && segment < folding->segment)
		r = fold_into(folding, file, errands, result);
	else if (r == 0)
		/* Renamed, but perhaps never forced to disk: as with the totals, the segment goes. */
		r = errands_write(errands, folding->disk, file->path, segment);
	errands_free(errands);
	return r < 0 ? error_set(reterr, r, "%.400s: cannot be read or replaced: %s", file->path, strerror(-r)) : 0;
}

int fold_errands(struct folding *folding, struct fold_result *result, struct error *reterr)
{
	int r = fold_file(folding, &folding->paths->errands, result, reterr);

	return r < 0 ? r : fold_file(folding, &folding->paths->meters, result, reterr);
}
