/* SPDX-License-Identifier: MPL-2.0 */
/* See errands.h. Errands and records lie in arrays and are chained by their numbers; what is free is chained
 * too and used again. */
#include "journal/errands_inside.h"
#include "journal/totals_index.h"

#include "count/meter.h"

#include <errno.h>

#define KINDS_KEPT 65536

/* --- tables --- */

static uint64_t hash_of_record(const struct errands *e, uint32_t number)
{
	return e->records[number].id;
}

static uint64_t hash_of_errand(const struct errands *e, uint32_t number)
{
	return e->list[number].key;
}

static uint64_t hash_in(const struct errands *e, const struct errands_table *table, uint32_t number)
{
	return table == &e->by_id ? hash_of_record(e, number) : hash_of_errand(e, number);
}

static size_t home(uint64_t hash, size_t mask)
{
	return (size_t)(hash * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
}

/* The slot of this hash, or the free one where it would be. */
static uint32_t *seek(const struct errands *e, const struct errands_table *table, uint64_t hash)
{
	size_t i = home(hash, table->mask);

	while (table->slots[i] != 0 && hash_in(e, table, table->slots[i] - 1) != hash)
		i = (i + 1) & table->mask;
	return &table->slots[i];
}

static uint32_t table_find(const struct errands *e, const struct errands_table *table, uint64_t hash)
{
	return table->slots == NULL ? ERRANDS_NONE : *seek(e, table, hash) - 1;
}

static int table_grow(const struct errands *e, struct errands_table *table)
{
	struct errands_table bigger = { .mask = table->slots == NULL ? 255 : table->mask * 2 + 1, .used = table->used };

	bigger.slots = calloc(bigger.mask + 1, sizeof(*bigger.slots));
	if (bigger.slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; table->slots != NULL && i <= table->mask; i++) {
		size_t at;

		if (table->slots[i] == 0)
			continue;
		at = home(hash_in(e, table, table->slots[i] - 1), bigger.mask);
		while (bigger.slots[at] != 0)
			at = (at + 1) & bigger.mask;
		bigger.slots[at] = table->slots[i];
	}
	free(table->slots);
	*table = bigger;
	return 0;
}

static int table_reserve(const struct errands *e, struct errands_table *table)
{
	return table->slots == NULL || table->used * 2 > table->mask ? table_grow(e, table) : 0;
}

/* Room has been made. The same hash again takes the place of the one before. */
static void table_add(const struct errands *e, struct errands_table *table, uint64_t hash, uint32_t number)
{
	uint32_t *slot = seek(e, table, hash);

	table->used += *slot == 0;
	*slot = number + 1;
}

/* Those behind move up as far as none gets before its home. */
static void table_remove(const struct errands *e, struct errands_table *table, uint32_t number)
{
	uint32_t *slot = seek(e, table, hash_in(e, table, number));
	size_t free_at = (size_t)(slot - table->slots), i = free_at;

	if (*slot != number + 1)
		return;
	for (;;) {
		size_t from;

		i = (i + 1) & table->mask;
		if (table->slots[i] == 0)
			break;
		from = home(hash_in(e, table, table->slots[i] - 1), table->mask);
		if (((i - from) & table->mask) < ((i - free_at) & table->mask))
			continue;
		table->slots[free_at] = table->slots[i];
		free_at = i;
	}
	table->slots[free_at] = 0;
	table->used--;
}

/* --- life --- */

struct errands *errands_new(void)
{
	struct errands *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->spare_record = e->spare = e->oldest = e->newest = ERRANDS_NONE;
	e->kinds = kinds_new(NULL);
	if (e->kinds == NULL) {
		free(e);
		return NULL;
	}
	return e;
}

void errands_free(struct errands *e)
{
	if (e == NULL)
		return;
	kinds_free(e->kinds);
	free(e->records);
	free(e->list);
	free(e->by_key.slots);
	free(e->by_id.slots);
	free(e);
}

struct kinds *errands_kinds(struct errands *e)
{
	return e->kinds;
}

size_t errands_records(const struct errands *e)
{
	return e->records_len;
}

size_t errands_len(const struct errands *e)
{
	return e->len;
}

size_t errands_bytes(const struct errands *e)
{
	return e->records_cap * sizeof(*e->records) + e->list_cap * sizeof(*e->list) +
	       (e->by_key.mask + e->by_id.mask) * sizeof(uint32_t) +
	       kinds_len(e->kinds) * (sizeof(struct booking_kind) + 16);
}

/* --- errands --- */

static void unlink_errand(struct errands *e, const struct errand *errand)
{
	*(errand->older == ERRANDS_NONE ? &e->oldest : &e->list[errand->older].newer) = errand->newer;
	*(errand->newer == ERRANDS_NONE ? &e->newest : &e->list[errand->newer].older) = errand->older;
}

static void link_newest(struct errands *e, uint32_t number)
{
	e->list[number].older = e->newest;
	e->list[number].newer = ERRANDS_NONE;
	*(e->newest == ERRANDS_NONE ? &e->oldest : &e->list[e->newest].newer) = number;
	e->newest = number;
}

uint32_t errands_add(struct errands *e, uint64_t key, int64_t arrival_ms)
{
	uint32_t number = e->spare;

	if (table_reserve(e, &e->by_key) < 0 ||
	    totals_reserve((void **)&e->list, &e->list_cap, e->list_n, sizeof(*e->list)) < 0)
		return ERRANDS_NONE;
	if (number == ERRANDS_NONE)
		number = (uint32_t)e->list_n++;
	else
		e->spare = e->list[number].newer;
	e->list[number] = (struct errand){ .key = key,
					   .arrival_ms = arrival_ms,
					   .latest_ms = INT64_MIN,
					   .first = ERRANDS_NONE,
					   .last = ERRANDS_NONE };
	link_newest(e, number);
	table_add(e, &e->by_key, key, number);
	e->len++;
	return number;
}

static void drop_records(struct errands *e, struct errand *errand)
{
	while (errand->first != ERRANDS_NONE) {
		uint32_t number = errand->first;

		errand->first = e->records[number].next;
		table_remove(e, &e->by_id, number);
		e->records[number].next = e->spare_record;
		e->spare_record = number;
		e->records_len--;
	}
}

static void drop(struct errands *e, uint32_t number)
{
	drop_records(e, &e->list[number]);
	table_remove(e, &e->by_key, number);
	unlink_errand(e, &e->list[number]);
	e->list[number].newer = e->spare;
	e->spare = number;
	e->len--;
}

int errands_add_record(struct errands *e, uint32_t errand, const struct errand_entry *entry)
{
	uint32_t number = e->spare_record;

	if (table_reserve(e, &e->by_id) < 0 ||
	    totals_reserve((void **)&e->records, &e->records_cap, e->records_n, sizeof(*e->records)) < 0)
		return -ENOMEM;
	if (number == ERRANDS_NONE)
		number = (uint32_t)e->records_n++;
	else
		e->spare_record = e->records[number].next;
	e->records[number] = *entry;
	e->records[number].errand = errand;
	e->records[number].next = ERRANDS_NONE;
	table_add(e, &e->by_id, entry->id, number);
	if (e->list[errand].last == ERRANDS_NONE)
		e->list[errand].first = number;
	else
		e->records[e->list[errand].last].next = number;
	e->list[errand].last = number;
	e->list[errand].records_n++;
	if (entry->time_ms > e->list[errand].latest_ms)
		e->list[errand].latest_ms = entry->time_ms;
	e->records_len++;
	return 0;
}

static void compact(struct errands *);

size_t errands_forget(struct errands *e, int64_t before_ms)
{
	uint32_t number = e->oldest;
	size_t n = 0;

	while (number != ERRANDS_NONE && e->list[number].arrival_ms < before_ms) {
		uint32_t newer = e->list[number].newer;

		if (e->list[number].latest_ms < before_ms) {
			drop(e, number);
			n++;
		}
		number = newer;
	}
	if (kinds_len(e->kinds) > KINDS_KEPT + 4 * e->records_len)
		compact(e);
	return n;
}

size_t errands_trim(struct errands *e, size_t max)
{
	size_t n = 0;

	for (; e->records_len > max && e->oldest != ERRANDS_NONE; n++)
		drop(e, e->oldest);
	return n;
}

/* --- asking --- */

size_t errands_of(const struct errands *e, uint64_t key, uint32_t *numbers, size_t max)
{
	uint32_t errand = table_find(e, &e->by_key, key), number;
	size_t n = 0;

	if (errand == ERRANDS_NONE)
		return 0;
	for (number = e->list[errand].first; number != ERRANDS_NONE && n < max; number = e->records[number].next)
		numbers[n++] = number;
	return n;
}

uint32_t errands_walk(const struct errands *e, uint32_t *cursor, uint64_t *ret_key)
{
	uint32_t number = *cursor == 0 ? e->oldest : e->list[*cursor - 1].newer;

	if (number == ERRANDS_NONE)
		return ERRANDS_END;
	*cursor = number + 1;
	*ret_key = e->list[number].key;
	return e->list[number].first;
}

const struct errand_entry *errands_get(const struct errands *e, uint32_t number)
{
	return &e->records[number];
}

const struct errand_entry *errands_find(const struct errands *e, uint64_t id, uint64_t *ret_key)
{
	uint32_t number = table_find(e, &e->by_id, id);

	if (number == ERRANDS_NONE)
		return NULL;
	*ret_key = e->list[e->records[number].errand].key;
	return &e->records[number];
}

/* --- taking up --- */

static int kind_of(struct errands *e, uint64_t cell, const uint32_t names[DIMENSIONS], uint32_t *ret)
{
	struct booking_kind kind = { .cell = cell, .count = 1 };

	memcpy(kind.names, names, sizeof(kind.names));
	return kinds_add(e->kinds, &kind, ret);
}

static bool is_earlier(const struct errand_entry *a, const struct errand_entry *b)
{
	return a->time_ms != b->time_ms ? a->time_ms < b->time_ms : a->id < b->id;
}

/* Of a meter only the latest readings are remembered. */
static void drop_earliest(struct errands *e, struct errand *errand)
{
	uint32_t earliest = errand->first, *link = &errand->first, before = ERRANDS_NONE;

	for (uint32_t i = errand->first; i != ERRANDS_NONE; i = e->records[i].next)
		if (is_earlier(&e->records[i], &e->records[earliest]))
			earliest = i;
	for (; *link != earliest; link = &e->records[*link].next)
		before = *link;
	*link = e->records[earliest].next;
	if (errand->last == earliest)
		errand->last = before;
	table_remove(e, &e->by_id, earliest);
	e->records[earliest].next = e->spare_record;
	e->spare_record = earliest;
	errand->records_n--;
	e->records_len--;
}

/* The errand as it was remembered when this record came; ERRANDS_NONE: not at all. One that was forgotten since then,
 * or of which some are missing here, is forgotten here too: who does not know all of it would count it anew. */
static uint32_t errand_as_known(struct errands *e, const struct change *change)
{
	uint32_t errand = table_find(e, &e->by_key, change->about);

	if (errand == ERRANDS_NONE || e->list[errand].records_n == change->known)
		return errand;
	drop(e, errand);
	return ERRANDS_NONE;
}

static int add_record(struct errands *e, const struct change *change, const uint32_t names[DIMENSIONS])
{
	const struct change_part *record = &change->record;
	struct errand_entry entry = { .id = change->id,
				      .time_ms = record->time_ms,
				      .count = record->count,
				      .seconds = record->seconds,
				      .id_day = change->id_day,
				      .tie_len = (uint8_t)change->tie_len };
	uint32_t errand = errand_as_known(e, change);
	int r;

	if (errand == ERRANDS_NONE && change->known > 0)
		return 0;
	r = kind_of(e, record->cell, names, &entry.kind);
	if (r < 0)
		return r;
	memcpy(entry.tie, change->tie, change->tie_len);
	if (errand == ERRANDS_NONE) {
		errand = errands_add(e, change->about, change->arrival_ms);
	} else {
		unlink_errand(e, &e->list[errand]);
		link_newest(e, errand);
		if (change->arrival_ms > e->list[errand].arrival_ms)
			e->list[errand].arrival_ms = change->arrival_ms;
	}
	r = errand == ERRANDS_NONE ? -ENOMEM : errands_add_record(e, errand, &entry);
	if (r == 0 && change->kind == CHANGE_METER && e->list[errand].records_n > METER_READINGS)
		drop_earliest(e, &e->list[errand]);
	return r;
}

static void take_off(struct errands *e, const struct change *change)
{
	uint32_t number = table_find(e, &e->by_id, change->about);
	struct errand_entry *entry;

	if (number == ERRANDS_NONE)
		return;
	entry = &e->records[number];
	entry->count -= change->count < entry->count ? change->count : entry->count;
	entry->seconds -= change->seconds < entry->seconds ? change->seconds : entry->seconds;
}

static int apply_part(struct errands *e, const struct change_part *part)
{
	uint32_t number = part->count == 0 ? ERRANDS_NONE : table_find(e, &e->by_id, part->booked), kind;
	struct errand_entry *entry;
	int r;

	if (number == ERRANDS_NONE)
		return 0;
	r = kind_of(e, part->cell, kinds_get(e->kinds, e->records[number].kind)->names, &kind);
	if (r < 0)
		return r;
	entry = &e->records[number];
	entry->counted += part->count;
	entry->counted_seconds += part->seconds;
	if (part->count > 0)
		entry->counted_kind = kind;
	/* Where damage has cost the part that counted it. */
	if (entry->counted < 0 || entry->counted_seconds < 0)
		entry->counted = entry->counted_seconds = 0;
	return 0;
}

/* The numbers of all kinds in another dictionary, by record. */
static int copy_kinds(const struct errands *e, struct kinds *to, uint32_t *numbers, uint32_t *counted)
{
	int r = 0;

	for (uint32_t i = e->oldest; i != ERRANDS_NONE; i = e->list[i].newer) {
		for (uint32_t k = e->list[i].first; k != ERRANDS_NONE && r == 0; k = e->records[k].next) {
			const struct errand_entry *entry = &e->records[k];

			r = kinds_copy(to, e->kinds, entry->kind, &numbers[k]);
			if (r == 0 && entry->counted > 0)
				r = kinds_copy(to, e->kinds, entry->counted_kind, &counted[k]);
		}
	}
	return r;
}

/* Names come and go: the dictionary is made anew when most of what it holds is in no record. Where there is no
 * memory for that it stays as it is. */
static void compact(struct errands *e)
{
	struct kinds *kinds = kinds_new(NULL);
	uint32_t *numbers = calloc(2 * e->records_n + 1, sizeof(*numbers)), *counted;

	if (kinds == NULL || numbers == NULL || copy_kinds(e, kinds, numbers, numbers + e->records_n) < 0) {
		kinds_free(kinds);
		free(numbers);
		return;
	}
	counted = numbers + e->records_n;
	for (size_t k = 0; k < e->records_n; k++) {
		e->records[k].kind = numbers[k];
		e->records[k].counted_kind = counted[k];
	}
	kinds_free(e->kinds);
	e->kinds = kinds;
	e->generation++;
	free(numbers);
}

uint64_t errands_generation(const struct errands *e)
{
	return e->generation;
}

int errands_apply(struct errands *e, const struct change *change, const uint32_t names[DIMENSIONS])
{
	int r = 0;

	if (change->kind == CHANGE_CARRIED)
		return 0;
	if (change_has_record(change->kind))
		r = add_record(e, change, names);
	else
		take_off(e, change);
	for (size_t i = 0; i < change->parts_len && r == 0; i++)
		r = apply_part(e, &change->parts[i]);
	return r;
}
