/* SPDX-License-Identifier: MPL-2.0 */
/* See dedup.h. Every id that has been accepted lies in memory (id_table) or in a file that is asked
 * (id_days).
 *
 * Ids leave memory in sweeps, a few shards at each dedup_tick(). Before the first one leaves, the files of
 * its day are open and asked; an id may leave when folding has written its segment. Segments are remembered
 * by their low 16 bits, which tell folded from unfolded while fewer than 2^15 segments wait for folding. */
#include "journal/dedup_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TICK_PLACES  (64 * 1024) /* of the table, swept in one tick: under a millisecond */
#define IDS_OF_SHARD 1024        /* kept while a sweep is on, for each of which it goes on by a shard */
#define UNFOLDED_MAX 32000       /* segments; past it nothing moves */
#define STAMPS_AGE   16384 /* segments after which ids in files are marked so, while stamps still tell */
#define FILTER_BYTES 8     /* of all filters, for each id that may be in memory */

static uint64_t remembered(const struct dedup *d)
{
	return d->table.ids - d->stale;
}

/* --- segments --- */

/* One that would read as DEDUP_ON_DISK is taken for the next: it stays a little longer. */
static uint16_t stamp_of(uint64_t segment)
{
	return (uint16_t)segment == DEDUP_ON_DISK ? 1 : (uint16_t)segment;
}

static bool is_on_disk(uint16_t stamp, uint64_t folded)
{
	return stamp == DEDUP_ON_DISK || (int16_t)(uint16_t)(stamp - (uint16_t)folded) <= 0;
}

/* --- asking --- */

void dedup_prefetch(const struct dedup *d, uint64_t id)
{
	id_table_ask_tags(&d->table, id_key(id));
}

void dedup_prefetch_place(const struct dedup *d, uint64_t id)
{
	id_table_ask_place(&d->table, id_key(id));
}

unsigned dedup_part(uint64_t id)
{
	return (unsigned)(id_key(id) / (UINT64_MAX / DEDUP_PARTS + 1));
}

static int ask_disk(struct dedup *d, uint64_t id, int32_t day, uint32_t *ret_content)
{
	struct id_day *filed;

	if (d->by_arrival.is_any)
		return id_days_ask_all(&d->days, id, ret_content);
	filed = id_days_find(&d->days, day);
	return filed == NULL ? 0 : id_days_ask(&d->days, filed, id, ret_content);
}

static void count_in(struct id_day *day, uint64_t segment)
{
	if (day->in_memory++ == 0 || segment < day->first_segment)
		day->first_segment = segment;
	if (segment > day->last_segment)
		day->last_segment = segment;
}

static void sweep_shard(struct dedup *);

/* at: where it has been since a day that is forgotten by now; NULL: nowhere. */
static int keep(struct dedup *d, struct id_slot *at, const struct id_slot *slot, uint64_t segment)
{
	struct id_day *day = id_days_get(&d->days, slot->day);
	int r = 0;

	if (day == NULL)
		return -ENOMEM;
	if (at != NULL) {
		*at = *slot;
		d->stale--;
	} else {
		r = id_table_add(&d->table, *slot);
	}
	if (r < 0)
		return r;
	count_in(day, segment);
	if (segment > d->newest)
		d->newest = segment;
	/* However fast they come, a sweep is over before many more have come. */
	if (d->sweep.is_on && ++d->sweep.kept % IDS_OF_SHARD == 0)
		sweep_shard(d);
	return DEDUP_NEW;
}

static int32_t day_within(const struct dedup *d, int32_t day)
{
	if (day < d->horizon)
		day = d->horizon;
	return day < 0 ? 0 : day > UINT16_MAX ? UINT16_MAX : day;
}

int dedup_offer(struct dedup *d, uint64_t id, uint32_t content, int32_t day, uint64_t segment, bool is_kept)
{
	uint64_t key = id_key(id);
	struct id_slot *at = id_table_find(&d->table, key);
	uint32_t known = at == NULL ? 0 : at->content;
	int r = at != NULL && at->day >= d->horizon;

	day = day_within(d, day);
	if (r == 0 && d->days.asked > 0)
		r = ask_disk(d, id, day, &known);
	if (r < 0)
		return r;
	if (r > 0)
		return known == content ? DEDUP_DUPLICATE : DEDUP_CONFLICT;
	if (!is_kept)
		return DEDUP_NEW;
	return keep(d, at, &(struct id_slot){ key, content, (uint16_t)day, stamp_of(segment) }, segment);
}

static void count_out(struct dedup *d, const struct id_slot *slot)
{
	struct id_day *day = slot->day < d->horizon ? NULL : id_days_find(&d->days, slot->day);

	if (day != NULL)
		day->in_memory--;
	else
		d->stale--;
}

void dedup_withdraw(struct dedup *d, uint64_t id)
{
	struct id_slot *at = id_table_find(&d->table, id_key(id));

	if (at == NULL)
		return;
	count_out(d, at);
	id_table_remove(&d->table, at);
}

/* --- moving out --- */

static bool is_telling(const struct dedup *d)
{
	return d->newest <= d->folded + UNFOLDED_MAX;
}

static bool is_movable(const struct dedup *d, const struct id_day *day)
{
	if (day->in_memory == 0 || day->is_pinned || !is_telling(d))
		return false;
	return day->first_segment <= d->folded;
}

/* How many of the oldest days have to go so that there is room: more than just enough, so that it is not to
 * be done again at once. */
static size_t days_to_go(const struct dedup *d)
{
	uint64_t room = d->max_ids - d->max_ids / 16;
	uint64_t left = remembered(d) > d->max_ids ? remembered(d) - room : 0;
	size_t n = 0;

	for (; n < d->days.n && left > 0; n++) {
		const struct id_day *day = &d->days.list[n];

		if (!day->is_pinned)
			left -= day->in_memory < left ? day->in_memory : left;
	}
	return n;
}

static void begin_sweep(struct dedup *d)
{
	size_t n = days_to_go(d);

	d->sweep = (struct sweep){
		.is_on = d->stale > 0 || (is_telling(d) && d->folded > d->marked + STAMPS_AGE),
		.is_telling = is_telling(d),
		.last_day = INT32_MIN,
		.folded = d->folded,
	};
	for (size_t i = 0; i < n; i++) {
		struct id_day *day = &d->days.list[i];

		/* Where a file cannot be opened its day stays, and is tried again at the next tick. */
		if (!is_movable(d, day) || id_days_open(&d->days, day) < 0)
			continue;
		day->is_moving = true;
		d->sweep.is_on = true;
		d->sweep.last_day = day->day;
	}
}

static bool is_staying(void *ctx, struct id_slot *slot)
{
	struct dedup *d = ctx;
	struct id_day *day;

	if (slot->day < d->horizon) {
		d->stale--;
		return false;
	}
	if (!d->sweep.is_telling || !is_on_disk(slot->segment, d->sweep.folded))
		return true;
	if (slot->day <= d->sweep.last_day) {
		day = id_days_find(&d->days, slot->day);
		if (day->is_moving) {
			id_days_leave(&d->days, day, slot->key);
			return false;
		}
	}
	slot->segment = DEDUP_ON_DISK;
	return true;
}

static void end_sweep(struct dedup *d)
{
	for (size_t i = 0; i < d->days.n; i++) {
		struct id_day *day = &d->days.list[i];

		/* What is still in memory of it was filed later. */
		if (day->is_moving)
			day->first_segment = d->sweep.folded + 1;
		day->is_moving = false;
	}
	if (d->sweep.is_telling)
		d->marked = d->sweep.folded;
	d->sweep.is_on = false;
}

static void sweep_shard(struct dedup *d)
{
	id_table_sweep(&d->table, d->sweep.shard, is_staying, d);
	if (++d->sweep.shard == ID_SHARDS)
		end_sweep(d);
}

void dedup_tick(struct dedup *d)
{
	size_t places = 0;

	if (!d->sweep.is_on)
		begin_sweep(d);
	while (d->sweep.is_on && places < TICK_PLACES) {
		places += d->table.shards[d->sweep.shard].groups_len * ID_GROUP;
		sweep_shard(d);
	}
}

void dedup_folded(struct dedup *d, uint64_t segment)
{
	if (segment > d->folded)
		d->folded = segment;
}

bool dedup_wants_fold(const struct dedup *d)
{
	size_t n = d->sweep.is_on ? 0 : days_to_go(d);
	bool is_waiting = false;

	for (size_t i = 0; i < n; i++) {
		if (is_movable(d, &d->days.list[i]))
			return false;
		is_waiting |= d->days.list[i].last_segment > d->folded;
	}
	return is_waiting;
}

bool dedup_is_over(const struct dedup *d)
{
	return remembered(d) / 2 > d->max_ids;
}

/* Tried again by whoever comes next. */
static int put_note(struct dedup *d)
{
	int r = d->is_noted ? 0 : by_arrival_write(&d->by_arrival, d->days.folder.disk, d->days.folder.dir);

	d->is_noted = r == 0;
	return r;
}

static void set_note(struct dedup *d, bool is_any, int32_t until)
{
	d->by_arrival = (struct by_arrival){ is_any, until };
	d->is_noted = false;
}

int dedup_forget(struct dedup *d, int32_t before_day)
{
	int r;

	if (before_day > d->horizon) {
		d->horizon = before_day;
		d->stale += id_days_drop(&d->days, before_day);
	}
	r = id_folder_remove(&d->days.folder, before_day);
	if (r == 0 && d->by_arrival.is_any && d->by_arrival.until < before_day)
		set_note(d, false, 0);
	return r < 0 ? r : put_note(d);
}

static int32_t newest_day(const struct dedup *d)
{
	return d->days.n == 0 ? d->horizon : d->days.list[d->days.n - 1].day;
}

static bool is_still_by_arrival(const struct dedup *d)
{
	return d->by_arrival.is_any && d->by_arrival.until == BY_ARRIVAL_STILL;
}

int dedup_set_max(struct dedup *d, size_t max_ids, bool is_by_arrival)
{
	d->max_ids = max_ids;
	d->days.filter_max = max_ids * FILTER_BYTES;
	if (is_by_arrival != is_still_by_arrival(d))
		set_note(d, true, is_by_arrival ? BY_ARRIVAL_STILL : newest_day(d));
	return put_note(d);
}

/* --- opening --- */

/* Until which day they were filed by arrival is known once the journal has been read: it may have ids that no file has. */
static int load(struct dedup *d, const struct dedup_settings *settings, int32_t first_day)
{
	int r;

	d->is_noted = true;
	d->horizon = first_day;
	d->max_ids = settings->max_ids;
	d->days.filter_max = settings->max_ids * FILTER_BYTES;
	r = dedup_load(d, first_day);
	return r < 0 ? r : dedup_set_max(d, settings->max_ids, settings->is_by_arrival || is_still_by_arrival(d));
}

struct dedup *dedup_open(const struct dedup_settings *settings, int32_t first_day, uint64_t *ret_damaged,
			 struct error *reterr)
{
	struct dedup *d = calloc(1, sizeof(*d));
	int r = d == NULL ? -ENOMEM : id_table_init(&d->table);

	if (r == 0)
		r = id_days_init(&d->days, settings->disk, settings->dir);
	if (r == 0)
		r = by_arrival_read(&d->by_arrival, settings->disk, settings->dir);
	if (r == 0)
		r = load(d, settings, first_day);
	if (r < 0) {
		error_set(reterr, r, "%s: id files cannot be read: %s", settings->dir, strerror(-r));
		dedup_close(d);
		return NULL;
	}
	*ret_damaged = d->days.folder.damaged;
	if (*ret_damaged > 0)
		*reterr = d->days.folder.damage;
	return d;
}

void dedup_close(struct dedup *d)
{
	if (d == NULL)
		return;
	id_days_done(&d->days);
	id_table_done(&d->table);
	free(d);
}

void dedup_status(const struct dedup *d, struct dedup_status *ret)
{
	*ret = (struct dedup_status){
		.memory_ids = remembered(d),
		.memory_bytes = d->table.bytes + d->days.cap * sizeof(*d->days.list) + d->days.filter_bytes,
		.oldest_day = INT32_MAX,
		.memory_from_day = INT32_MAX,
		.damaged = d->days.folder.damaged,
		.damage = d->days.folder.damage.text,
	};
	for (size_t i = d->days.n; i-- > 0;) {
		const struct id_day *day = &d->days.list[i];

		ret->disk_ids += day->on_disk;
		if (day->in_memory + day->on_disk == 0)
			continue;
		ret->oldest_day = day->day;
		if (ret->disk_ids == 0)
			ret->memory_from_day = day->day;
	}
}
