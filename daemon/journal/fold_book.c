/* SPDX-License-Identifier: MPL-2.0 */
/* What a segment counted for which id (bookings.h), while it is folded. Effects that are alike are of one kind, which is
 * looked up once. On the keeping worker. */
#include "journal/fold_inside.h"

#include <string.h>

/* Bookings of few kinds find them near without being asked. */
#define KINDS_FEW 4096

static int book_name(struct folding *folding, uint32_t number, int dimension, uint32_t *ret)
{
	struct fold_word *word = number < folding->words_len ? &folding->words[number] : NULL;
	int r = 0;

	*ret = RECORD_NO_NAME;
	if (word == NULL || word->text.ptr == NULL || word->dimension != dimension)
		return 0;
	if (word->booked == RECORD_NO_NAME)
		r = kinds_text(folding->kinds, word->text, &word->booked);
	*ret = word->booked;
	return r;
}

static int kind_of(struct folding *folding, uint64_t cell, int64_t count, const uint32_t names[DIMENSIONS],
		   struct booking_kind *ret)
{
	int r = 0;

	ret->cell = cell;
	ret->count = count;
	for (int d = 0; d < DIMENSIONS && r == 0; d++)
		r = book_name(folding, names[d], d, &ret->names[d]);
	return r;
}

static int find_kind(struct folding *folding, uint64_t cell, struct alike *alike)
{
	struct booking_kind kind;
	int r = kind_of(folding, cell, alike->count, alike->names, &kind);

	return r < 0 ? r : kinds_add(folding->kinds, &kind, &alike->booked);
}

int fold_book(struct folding *folding, uint64_t id, int32_t day, uint64_t cell, struct alike *alike, int64_t seconds)
{
	int r = 0;

	if (folding->paths->bookings == NULL || day == 0 || !alike->is_counted)
		return 0;
	if (alike->booked == RECORD_NO_NAME)
		r = find_kind(folding, cell, alike);
	if (r == 0)
		r = totals_reserve((void **)&folding->bookings, &folding->bookings_cap, folding->bookings_len,
				   sizeof(*folding->bookings));
	if (r == 0)
		folding->bookings[folding->bookings_len++] =
			(struct booking){ id, alike->booked, (uint32_t)(seconds < 0 ? -seconds : seconds), day };
	return r;
}

void fold_book_prefetch(struct folding *folding, const struct effect *effects, size_t n)
{
	struct booking_kind kinds[FOLD_EFFECTS];
	size_t kinds_n = 0;
	uint64_t cell;

	if (folding->paths->bookings == NULL || kinds_len(folding->kinds) < KINDS_FEW)
		return;
	for (size_t i = 0; i < n; i++)
		if (effects[i].id_day != 0 && !alikes_has(&folding->alikes, &effects[i]) &&
		    fold_translate(folding, effects[i].cell, &cell) &&
		    kind_of(folding, cell, effects[i].count, effects[i].names, &kinds[kinds_n]) == 0)
			kinds_n++;
	kinds_prefetch(folding->kinds, kinds, kinds_n);
}
