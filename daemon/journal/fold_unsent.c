/* SPDX-License-Identifier: MPL-2.0 */
/* What a segment adds to what Redis lacks (unsent.h), while it is folded. Where Redis is known to have all of it the file
 * goes. On the keeping worker. */
#include "journal/fold_inside.h"

#include "journal/totals_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The segment's words get the same numbers in the sums. */
static int share_words(struct folding *folding)
{
	const struct totals *words = folding->unsent.next;
	int r = 0;

	for (size_t i = 0; i < words->codes_len && r >= 0; i++)
		r = totals_municipality(folding->sums, words->codes[i]);
	for (size_t i = 0; i < words->standings_len && r >= 0; i++)
		r = totals_standing(folding->sums, &words->standings[i]);
	return r < 0 ? r : 0;
}

static int begin_anew(struct folding *folding, uint64_t position)
{
	int r;

	unsent_done(&folding->unsent);
	r = unsent_init(&folding->unsent);
	folding->unsent.from = folding->unsent.frozen_from = position;
	return r;
}

static int read_unsent(struct folding *folding, const struct segment_head *head, struct fold_result *result,
		       struct error *reterr)
{
	struct error found;
	int r = unsent_init(&folding->unsent);

	error_set(&found, r, "no memory for what redis lacks");
	if (r == 0)
		r = unsent_read(&folding->unsent, folding->disk, folding->paths->totals, &found);
	if (r == -EBADMSG) {
		result->damages++;
		*reterr = found;
	}
	if (r < 0 && r != -ENOENT && r != -EBADMSG) {
		*reterr = found;
		return r;
	}
	r = r < 0 ? begin_anew(folding, head->position) : 0;
	return r < 0 ? error_set(reterr, r, "no memory for what redis lacks") : 0;
}

int fold_unsent_begin(struct folding *folding, struct fold_result *result, struct error *reterr)
{
	char path[SEGMENT_PATH_MAX];
	struct segment_head head;
	int r;

	if (folding->paths->unsent != FOLD_UNSENT_KEPT)
		return 0;
	segment_path(path, folding->paths->journal, folding->segment);
	r = segment_head_read(folding->disk, path, &head);
	if (r < 0)
		return error_set(reterr, r, "%.400s: cannot be read: %s", path, strerror(-r));
	if (strcmp(head.writer, folding->paths->writer) != 0)
		return 0;
	r = read_unsent(folding, &head, result, reterr);
	if (r < 0)
		return r;
	folding->has_unsent = folding->unsent.segment < folding->segment;
	/* The end of a batch lay in a segment that could not be folded: what is in the file may be in Redis. */
	if (folding->has_unsent && head.freeze > folding->unsent.from)
		r = begin_anew(folding, head.position);
	if (r == 0 && folding->has_unsent)
		r = unsent_begin_run(&folding->unsent, folding->paths->behind);
	if (r == 0 && folding->has_unsent)
		r = share_words(folding);
	return r < 0 ? error_set(reterr, r, "%.400s/unsent: cannot be added to: %s", folding->paths->totals,
				 strerror(-r))
		     : 0;
}

int fold_unsent_mark(struct folding *folding, const struct mark *mark)
{
	int r;

	if (!folding->has_unsent)
		return 0;
	r = unsent_settle(&folding->unsent, mark->settled);
	return r == 0 && mark->kind == MARK_FREEZE ? unsent_freeze(&folding->unsent, mark->position) : r;
}

/* --- where Redis was before --- */

static int by_file(const void *va, const void *vb)
{
	const struct totals_place *a = va, *b = vb;

	if ((a->dimension < 0) != (b->dimension < 0))
		return a->dimension < 0 ? -1 : 1;
	return (a->period > b->period) - (a->period < b->period);
}

static bool is_same_file(const struct totals_place *a, const struct totals_place *b)
{
	return by_file(a, b) == 0;
}

static int read_before(const struct folding *folding, const struct totals_place *place, struct totals *before,
		       struct error *reterr)
{
	char path[TOTALS_PATH_MAX];
	struct error found;
	int r;

	if (place->dimension < 0)
		totals_day_path(path, folding->paths->totals, place->period);
	else
		totals_month_path(path, folding->paths->totals, place->period);
	r = totals_read_positions(before, folding->disk, path, NULL, &found);
	if (r == 0 || r == -ENOENT || r == -EBADMSG)
		return 0;
	*reterr = found;
	return r;
}

static int note_before(struct folding *folding, const struct totals_place *places, size_t n, struct error *reterr)
{
	struct totals *before = totals_new();
	int r = before == NULL ? -ENOMEM : read_before(folding, &places[0], before, reterr);

	for (size_t i = 0; i < n && r == 0; i++) {
		const struct totals_place *place = &places[i];
		int mine = totals_municipality(before, folding->sums->codes[place->municipality]);
		uint64_t position = 0;

		if (mine >= 0)
			(void)totals_position(before, (uint16_t)mine, place->dimension, place->period, &position);
		r = mine < 0 ? mine
			     : totals_place(folding->unsent.places, place->municipality, place->dimension, place->period,
					    position);
	}
	totals_free(before);
	return r;
}

/* Those the segment touches and that are not known yet; before the files are replaced. */
static int note_places(struct folding *folding, struct error *reterr)
{
	const struct totals *sums = folding->sums;
	struct totals_place *list = malloc((sums->places_len + 1) * sizeof(*list));
	size_t n = 0, from = 0;
	int r = list == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < sums->places_len && r == 0; i++) {
		const struct totals_place *place = &sums->places[i];
		uint64_t known;

		if (!totals_position(folding->unsent.places, place->municipality, place->dimension, place->period,
				     &known))
			list[n++] = *place;
	}
	if (r == 0)
		qsort(list, n, sizeof(*list), by_file);
	while (from < n && r == 0) {
		size_t to = from + 1;

		while (to < n && is_same_file(&list[from], &list[to]))
			to++;
		r = note_before(folding, list + from, to - from, reterr);
		from = to;
	}
	free(list);
	return r;
}

static int replace(struct folding *folding, struct error *reterr)
{
	int r = unsent_settle(&folding->unsent, folding->paths->settled);

	if (r == 0 && unsent_is_empty(&folding->unsent))
		return unsent_remove(folding->disk, folding->paths->totals);
	if (r == 0)
		r = note_places(folding, reterr);
	folding->unsent.segment = folding->segment;
	return r < 0 ? r : unsent_write(&folding->unsent, folding->disk, folding->paths->totals);
}

int fold_unsent_end(struct folding *folding, struct error *reterr)
{
	int r = 0;

	/* With a hole nobody knows which batches have ended: what Redis lacks is looked for. */
	if (folding->paths->unsent == FOLD_UNSENT_GONE || (folding->has_unsent && folding->end.damages > 0))
		r = unsent_remove(folding->disk, folding->paths->totals);
	else if (folding->has_unsent)
		r = replace(folding, reterr);
	return r < 0 ? error_set(reterr, r, "%.400s/unsent: cannot be replaced: %s", folding->paths->totals, strerror(-r))
		     : 0;
}
