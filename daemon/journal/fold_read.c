/* SPDX-License-Identifier: MPL-2.0 */
/* A segment's effects as sums, ids and marks; see fold_inside.h. What a number stands for is the segment's
 * own.
 *
 * For segment_read() a place the disk cannot read is a hole like any other, and a next segment that cannot be
 * opened is none. Here both are faults, to be tried again: what is folded is removed, and counted for good.
 */
#include "journal/fold_inside.h"

#include "base/large.h"
#include "count/named.h"
#include "domain/period.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX (1 << 24) /* numbers of names; a segment has room for fewer */
#define AHEAD     16	      /* alikes whose sums are asked of the memory before they are needed */

/* --- words --- */

static int on_municipality(void *ctx, uint16_t number, const char *code)
{
	struct folding *folding = ctx;
	int mine;

	if (number > CELL_MUNICIPALITIES)
		return 0;
	mine = totals_municipality(folding->sums, code);
	if (mine >= 0 && folding->has_unsent)
		mine = unsent_municipality(&folding->unsent, code);
	if (mine < 0)
		return mine;
	folding->municipalities[number] = mine;
	return 0;
}

static bool is_apart(const struct standing_text *text)
{
	for (size_t i = 0; i < text->groups_len; i++)
		if (standing_group_is_apart(text->groups[i]))
			return true;
	return false;
}

static void name_standing(struct fold_standing *named, const struct standing_text *text)
{
	named->standing = (struct standing){ .is_municipal = text->is_municipal,
					     .is_target = text->is_target,
					     .apart = is_apart(text),
					     .rule = standing_rule(text->groups, text->groups_len, &named->rule) };
}

static int on_standing(void *ctx, uint16_t number, const struct standing_text *standing)
{
	struct folding *folding = ctx;
	int mine;

	if (number >= STANDINGS_MAX)
		return 0;
	mine = totals_standing(folding->sums, standing);
	if (mine >= 0 && folding->has_unsent)
		mine = unsent_standing(&folding->unsent, standing);
	if (mine < 0)
		return mine;
	folding->standings[number] = mine;
	name_standing(&folding->named[mine], standing);
	return 0;
}

static int make_room(struct folding *folding, uint32_t number)
{
	size_t len = (size_t)number * 2 + 64;
	struct fold_word *words;

	if (number < folding->words_len)
		return 0;
	words = realloc(folding->words, len * sizeof(*words));
	if (words == NULL)
		return -ENOMEM;
	memset(words + folding->words_len, 0, (len - folding->words_len) * sizeof(*words));
	folding->words = words;
	folding->words_len = len;
	return 0;
}

static int on_name(void *ctx, uint32_t number, const struct name_text *name)
{
	struct folding *folding = ctx;
	struct fold_word *word;
	char *copy;

	if (number >= WORDS_MAX || name->dimension >= DIMENSIONS)
		return 0;
	copy = make_room(folding, number) < 0 ? NULL : malloc(name->name.len + 1);
	if (copy == NULL)
		return -ENOMEM;
	memcpy(copy, name->name.ptr, name->name.len);
	copy[name->name.len] = '\0';
	word = &folding->words[number];
	free((void *)(uintptr_t)word->text.ptr);
	*word = (struct fold_word){ .text = { copy, name->name.len },
				    .dimension = name->dimension,
				    .number = TOTALS_NO_NUMBER,
				    .booked = RECORD_NO_NAME };
	return 0;
}

/* --- sums --- */

static int32_t month_of(struct folding *folding, int32_t day)
{
	if (folding->last.day != day) {
		folding->last.day = day;
		folding->last.month = period_of(WINDOW_MONTH, day).first;
	}
	return folding->last.month;
}

static int count_word(struct folding *folding, struct fold_word *word, const struct cell *cell,
		      const struct name_amount *amount, const struct alike *alike)
{
	int32_t period = word->dimension == BY_REASON ? cell->day : month_of(folding, cell->day);
	int r = 0;

	if (word->number == TOTALS_NO_NUMBER || word->municipality != cell->municipality ||
	    word->period != period) {
		r = totals_find_name(folding->sums, cell->municipality, (enum dimension)word->dimension,
				     period, word->text, &word->number);
		word->municipality = cell->municipality;
		word->period = period;
	}
	if (r < 0)
		return r;
	totals_gain(folding->sums, word->number, amount, alike->last_ms);
	if (folding->has_unsent)
		r = totals_add_name(folding->unsent.next, cell->municipality, (enum dimension)word->dimension, period,
				    word->text, amount, alike->last_ms);
	if (r < 0 || word->dimension == BY_REASON)
		return r;
	return totals_place(folding->sums, cell->municipality, word->dimension, period,
			    folding->marks_len + 1);
}

static struct name_amount times(struct name_amount amount, int64_t n)
{
	return (struct name_amount){ amount.events * n, amount.contacts * n, amount.n * n, amount.self * n };
}

static int count_words(struct folding *folding, const struct cell *cell, const struct alike *alike)
{
	const struct standing *standing = &folding->named[cell->standing].standing;
	struct name_amount amount = times(named_amount(cell, standing, alike->count), alike->times);
	struct name_amount letters = times(named_letters(cell, standing, alike->count), alike->times);
	int r = 0;

	for (int d = 0; d < DIMENSIONS && r == 0; d++) {
		const struct name_amount *more = d == BY_REASON ? &letters : &amount;
		uint32_t number = alike->names[d];

		if (number >= folding->words_len || more->events == 0)
			continue;
		if (folding->words[number].text.ptr == NULL || folding->words[number].dimension != d)
			continue;
		r = count_word(folding, &folding->words[number], cell, more, alike);
	}
	return r;
}

static int count_cell(struct folding *folding, const struct cell *cell, const struct alike *alike)
{
	int r = totals_add(folding->sums, cell_pack(cell), alike->count * alike->times, alike->seconds);

	if (r == 0 && folding->has_unsent)
		r = totals_add(folding->unsent.next, cell_pack(cell), alike->count * alike->times, alike->seconds);
	return r < 0 ? r : totals_place(folding->sums, cell->municipality, -1, cell->day, folding->marks_len + 1);
}

/* Asks the memory for what an alike will be added to. */
static void prefetch_sum(const struct folding *folding, const struct alike *alike)
{
	uint64_t packed;

	if (fold_translate(folding, alike->cell, &packed))
		tally_prefetch(&folding->sums->cells, packed);
}

/* Before the mark that covers them is noted. */
static int use_up(struct folding *folding)
{
	struct alikes *alikes = &folding->alikes;
	int r = 0;

	for (size_t i = 0; i < alikes->len && r == 0; i++) {
		struct cell cell;
		uint64_t packed;

		if (i + AHEAD < alikes->len)
			prefetch_sum(folding, &alikes->list[i + AHEAD]);
		if (!fold_translate(folding, alikes->list[i].cell, &packed))
			continue;
		cell = cell_unpack(packed);
		if (alikes->list[i].is_counted)
			r = count_cell(folding, &cell, &alikes->list[i]);
		if (r == 0)
			r = count_words(folding, &cell, &alikes->list[i]);
	}
	alikes_clear(alikes);
	return r;
}

/* --- events --- */

/* An id filed under day 0 is none: the event was not to be remembered. */
static int keep_id(struct folding *folding, uint64_t id, uint32_t content, int32_t day)
{
	if (day == 0)
		return 0;
	if (totals_reserve((void **)&folding->ids, &folding->ids_cap, folding->ids_len,
			   sizeof(*folding->ids)) < 0)
		return -ENOMEM;
	folding->ids[folding->ids_len++] = (struct id_entry){ id, content, day };
	return 0;
}

/* What is counted, or taken back, and for which id. */
static int count(struct folding *folding, const struct effect *effect, uint64_t booked, int32_t booked_day)
{
	struct alike *alike;
	uint64_t cell;
	int r = 0;

	if (!fold_translate(folding, effect->cell, &cell))
		return 0;
	if (folding->alikes.len == ALIKE_MAX)
		r = use_up(folding);
	alike = r < 0 ? NULL : alikes_add(&folding->alikes, effect);
	if (alike == NULL)
		return -ENOMEM;
	folding->is_open = true;
	return fold_book(folding, booked, booked_day, cell, alike, effect->seconds);
}

static int count_read(struct folding *folding)
{
	size_t n = folding->effects_read_len;
	int r = 0;

	alikes_prefetch(&folding->alikes, folding->effects_read, n);
	fold_book_prefetch(folding, folding->effects_read, n);
	for (size_t i = 0; i < n && r == 0; i++) {
		const struct effect *effect = &folding->effects_read[i];

		r = count(folding, effect, effect->id, effect->id_day);
	}
	folding->effects_read_len = 0;
	return r;
}

static int on_effect(void *ctx, const struct effect *effect)
{
	struct folding *folding = ctx;
	int r = keep_id(folding, effect->id, effect->content, effect->id_day);

	folding->effects++;
	folding->effects_read[folding->effects_read_len++] = *effect;
	if (r == 0 && folding->effects_read_len == FOLD_EFFECTS)
		r = count_read(folding);
	return r;
}

static int keep_change(struct folding *folding, const struct change *change)
{
	uint8_t bytes[RECORD_CHANGE_MAX];
	size_t len;

	if (folding->paths->errands.path == NULL || change->kind == CHANGE_CARRIED)
		return 0;
	len = record_put_change(bytes, change);
	bytes_put(&folding->changes, bytes, len);
	return folding->changes.is_failed ? -ENOMEM : 0;
}

static int count_part(struct folding *folding, const struct change_part *part)
{
	int r = 0;

	for (int i = 0; i < change_days(part) && r == 0; i++) {
		const struct change_part piece = change_on_day(part, i);
		struct effect effect = { .cell = piece.cell,
					 .time_ms = piece.time_ms,
					 .count = piece.count,
					 .seconds = piece.seconds };

		memcpy(effect.names, piece.names, sizeof(effect.names));
		r = count(folding, &effect, piece.booked, piece.booked_day);
	}
	return r;
}

static int on_change(void *ctx, const struct change *change)
{
	struct folding *folding = ctx;
	int r = keep_id(folding, change->id, change->content, change->id_day);

	folding->effects++;
	if (r == 0)
		r = keep_change(folding, change);
	for (size_t i = 0; i < change->parts_len && r == 0; i++)
		r = count_part(folding, &change->parts[i]);
	return r;
}

/* --- marks --- */

static int cover(struct folding *folding, uint64_t position)
{
	int r = use_up(folding);

	if (r < 0)
		return r;
	if (totals_reserve((void **)&folding->marks, &folding->marks_cap, folding->marks_len,
			   sizeof(*folding->marks)) < 0)
		return -ENOMEM;
	folding->marks[folding->marks_len++] = position;
	folding->is_open = false;
	return 0;
}

static int cover_by(struct folding *folding, const struct mark *mark)
{
	folding->last_ms = mark->now_ms;
	return cover(folding, mark->position);
}

static int on_mark(void *ctx, const struct mark *mark)
{
	struct folding *folding = ctx;
	int r = count_read(folding);

	if (r == 0)
		r = use_up(folding);
	if (r == 0)
		r = fold_unsent_mark(folding, mark);
	return r < 0 ? r : cover_by(folding, mark);
}

/* What lies between two holes goes with what is behind the second (recover.c does the same). */
static void on_damage(void *ctx, const struct damage *damage)
{
	struct folding *folding = ctx;
	bool is_next = folding->marks_len > 0 && folding->marks[folding->marks_len - 1] == FOLD_HOLE;

	if (!damage->is_inside || is_next || folding->hole_r < 0)
		return;
	folding->hole_r = count_read(folding);
	if (folding->hole_r == 0)
		folding->hole_r = cover(folding, FOLD_HOLE);
}

/* A disk that remembers the first thing that did not work. */
struct watch {
	struct disk table;
	const struct disk *disk;
	int error;
};

static int64_t watched(struct watch *watch, int64_t r)
{
	if (r < 0 && r != -ENOENT && watch->error == 0)
		watch->error = (int)r;
	return r;
}

static int watch_open(void *ctx, const char *path, enum disk_open how)
{
	struct watch *watch = ctx;

	return (int)watched(watch, watch->disk->open(watch->disk->ctx, path, how));
}

static void watch_close(void *ctx, int fd)
{
	const struct watch *watch = ctx;

	watch->disk->close(watch->disk->ctx, fd);
}

static ssize_t watch_read(void *ctx, int fd, void *bytes, size_t len, int64_t at)
{
	struct watch *watch = ctx;

	return (ssize_t)watched(watch, watch->disk->read(watch->disk->ctx, fd, bytes, len, at));
}

static int64_t watch_size(void *ctx, int fd)
{
	struct watch *watch = ctx;

	return watched(watch, watch->disk->size(watch->disk->ctx, fd));
}

static int watch_list(void *ctx, const char *path, int (*visit)(void *vctx, const char *name), void *vctx)
{
	struct watch *watch = ctx;

	return (int)watched(watch, watch->disk->list(watch->disk->ctx, path, visit, vctx));
}

static void watch_init(struct watch *watch, const struct disk *disk)
{
	*watch = (struct watch){ .disk = disk };
	watch->table = (struct disk){ .ctx = watch,
				      .open = watch_open,
				      .close = watch_close,
				      .read = watch_read,
				      .size = watch_size,
				      .list = watch_list };
}

/* At once for all that there can be, as far as there is memory: growing would copy them again and again. */
static void reserve(struct folding *folding, const char *path)
{
	const struct disk *disk = folding->disk;
	int fd = disk->open(disk->ctx, path, DISK_READ);
	int64_t size = fd < 0 ? 0 : disk->size(disk->ctx, fd);
	size_t n = size < 0 ? 0 : (size_t)size / RECORD_EFFECT_MIN;

	if (fd >= 0)
		disk->close(disk->ctx, fd);
	folding->ids = malloc(n * sizeof(*folding->ids));
	folding->ids_cap = folding->ids == NULL ? 0 : n;
	large_advise(folding->ids, folding->ids_cap * sizeof(*folding->ids));
	if (folding->paths->bookings == NULL)
		return;
	folding->bookings = malloc(n * sizeof(*folding->bookings));
	folding->bookings_cap = folding->bookings == NULL ? 0 : n;
	large_advise(folding->bookings, folding->bookings_cap * sizeof(*folding->bookings));
}

static int read_segment(struct folding *folding, struct error *reterr)
{
	const struct replay replay = { .ctx = folding,
				       .on_municipality = on_municipality,
				       .on_standing = on_standing,
				       .on_name = on_name,
				       .on_effect = on_effect,
				       .on_change = on_change,
				       .on_mark = on_mark,
				       .on_damage = on_damage };
	char path[SEGMENT_PATH_MAX];
	struct watch watch;
	int r;

	watch_init(&watch, folding->disk);
	segment_path(path, folding->paths->journal, folding->segment);
	reserve(folding, path);
	r = segment_read(&watch.table, path, &replay, &folding->head, &folding->end);
	if (r == 0)
		r = watch.error < 0 ? watch.error : folding->hole_r;
	if (r == 0 && folding->head.number == 0)
		return error_set(reterr, -EBADMSG, "%.400s: its header is damaged: nothing of it can be used",
				 path);
	return r < 0 ? error_set(reterr, r, "%.400s: cannot be read: %s", path, strerror(-r)) : 0;
}

/* What lies behind the last mark is covered by the first mark of a later segment. */
static int cover_rest(struct folding *folding, struct error *reterr)
{
	struct watch watch;
	struct mark mark;
	int r = count_read(folding);

	if (r < 0)
		return error_set(reterr, r, "no memory to fold segment %" PRIu64, folding->segment);
	if (!folding->is_open)
		return 0;
	watch_init(&watch, folding->disk);
	r = segment_next_mark(&watch.table, folding->paths->journal, folding->segment, folding->head.writer,
			      &mark);
	if (watch.error < 0)
		r = watch.error;
	if (r == -ENOENT)
		return error_set(reterr, -EAGAIN,
				 "segment %" PRIu64 " ends without a mark, and no later one has one yet",
				 folding->segment);
	if (r == 0)
		r = cover_by(folding, &mark);
	return r < 0 ? error_set(reterr, r, "segments behind %" PRIu64 ": %s", folding->segment, strerror(-r))
		     : 0;
}

int fold_read(struct folding *folding, struct fold_result *result, struct error *reterr)
{
	int r;

	memset(folding->municipalities, 0xff, sizeof(folding->municipalities));
	memset(folding->standings, 0xff, sizeof(folding->standings));
	folding->last.day = INT32_MIN;
	folding->named = calloc(STANDINGS_MAX, sizeof(*folding->named));
	folding->sums = totals_new();
	folding->kinds = folding->sums == NULL ? NULL : kinds_new(folding->sums);
	if (folding->named == NULL || folding->kinds == NULL)
		return error_set(reterr, -ENOMEM, "no memory to fold segment %" PRIu64, folding->segment);
	r = fold_unsent_begin(folding, result, reterr);
	if (r == 0)
		r = read_segment(folding, reterr);
	return r < 0 ? r : cover_rest(folding, reterr);
}

void fold_read_done(struct folding *folding)
{
	for (size_t i = 0; i < folding->words_len; i++)
		free((void *)(uintptr_t)folding->words[i].text.ptr);
	free(folding->words);
	free(folding->named);
	free(folding->marks);
	free(folding->ids);
	free(folding->bookings);
	free(folding->changes.ptr);
	alikes_done(&folding->alikes);
	kinds_free(folding->kinds);
	totals_free(folding->sums);
	unsent_done(&folding->unsent);
}
