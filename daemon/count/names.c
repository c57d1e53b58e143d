/* SPDX-License-Identifier: MPL-2.0 */
/* See names.h. Records never move: they lie in blocks, an open-addressed index of record numbers finds them.
 * Two lists of record numbers: those with something waiting, those with something frozen; a record may stand
 * in both. Forgotten records are chained and taken first by new names. */
#include "count/names.h"

#include "base/str.h"
#include "count/tally.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define BLOCK     1024 /* records */
#define EVERY_EVENT 64 /* bytes of a record that every event looks at */
#define KEPT_DAYS 31   /* before the newest period: the running month's first day is never further back */

_Static_assert(offsetof(struct name_record, hash) <= EVERY_EVENT, "they lie together");

const char *const dimension_name[DIMENSIONS] = { "source", "unit", "portal", "handled_by", "reason",
						       "unit_end" };

struct numbers {
	uint32_t *list; /* owned */
	size_t n, cap;
};

struct names {
	struct name_record **blocks; /* owned, each owned */
	size_t n, live;              /* records ever used; those that are not forgotten */
	size_t max, room, per_key;   /* past max only "_other" comes in, up to room */
	uint32_t spare;              /* record number + 1, chained through .number; 0: none */
	int32_t newest;              /* period seen */
	int32_t forgot_newest;       /* newest when names were last forgotten */
	size_t old;                  /* records of past months inserted since */
	uint32_t *index;             /* owned; record number + 1, 0: free */
	size_t mask;
	uint32_t serial; /* given last */
	struct numbers waiting, frozen;
};

struct names *names_new(size_t per_key, size_t max)
{
	struct names *names = calloc(1, sizeof(*names));

	if (names == NULL)
		return NULL;
	names->mask = 255;
	names->index = calloc(names->mask + 1, sizeof(*names->index));
	names->room = max * 2 + BLOCK;
	names->blocks = calloc(names->room / BLOCK + 1, sizeof(*names->blocks));
	names->per_key = per_key;
	names->max = max;
	names->newest = names->forgot_newest = INT32_MIN;
	if (names->index == NULL || names->blocks == NULL) {
		names_free(names);
		return NULL;
	}
	return names;
}

static struct name_record *record(const struct names *names, uint32_t number)
{
	return &names->blocks[number / BLOCK][number % BLOCK];
}

void names_free(struct names *names)
{
	if (names == NULL)
		return;
	for (size_t i = 0; i < names->n; i++)
		free((void *)(uintptr_t)record(names, (uint32_t)i)->name.ptr);
	for (size_t i = 0; names->blocks != NULL && i <= names->room / BLOCK; i++)
		free(names->blocks[i]);
	free(names->waiting.list);
	free(names->frozen.list);
	free(names->blocks);
	free(names->index);
	free(names);
}

/* What a record is found by. The record of a key itself (its number of names) is the one with an empty name.
 */
struct key {
	uint16_t municipality;
	uint8_t dimension;
	int32_t period;
	struct effort_str name;
};

static uint64_t key_hash(const struct key *key)
{
	uint64_t seed =
		(uint64_t)(uint32_t)key->period << 32 | (uint64_t)key->municipality << 8 | key->dimension;

	return XXH3_64bits_withSeed(key->name.ptr, key->name.len, seed * UINT64_C(0x9e3779b97f4a7c15));
}

static bool is_key_of(const struct name_record *r, const struct key *key, uint64_t hash)
{
	return r->hash == hash && r->municipality == key->municipality && r->dimension == key->dimension &&
	       r->period == key->period && str_same(r->name, key->name);
}

static uint32_t *find(const struct names *names, const struct key *key, uint64_t hash)
{
	size_t i = hash & names->mask;

	while (names->index[i] != 0 && !is_key_of(record(names, names->index[i] - 1), key, hash))
		i = (i + 1) & names->mask;
	return &names->index[i];
}

static bool is_forgotten(const struct name_record *r)
{
	return r->name.ptr == NULL;
}

static void fill_index(const struct names *names, uint32_t *index, size_t mask)
{
	for (size_t n = 0; n < names->n; n++) {
		const struct name_record *r = record(names, (uint32_t)n);
		size_t i = r->hash & mask;

		if (is_forgotten(r))
			continue;
		while (index[i] != 0)
			i = (i + 1) & mask;
		index[i] = (uint32_t)n + 1;
	}
}

static int grow_index(struct names *names)
{
	size_t mask = names->mask * 2 + 1;
	uint32_t *index = calloc(mask + 1, sizeof(*index));

	if (index == NULL)
		return -ENOMEM;
	fill_index(names, index, mask);
	free(names->index);
	names->index = index;
	names->mask = mask;
	return 0;
}

static bool is_past(const struct names *names, int32_t period)
{
	return period < names->newest - KEPT_DAYS;
}

/* A place for a record: a forgotten one's, or a new one. NULL: no memory or no room. */
static struct name_record *place(struct names *names, uint32_t *ret_number)
{
	size_t block = names->n / BLOCK;

	if (names->spare != 0) {
		*ret_number = names->spare - 1;
		return record(names, *ret_number);
	}
	if (names->n == names->room)
		return NULL;
	if (names->blocks[block] == NULL)
		names->blocks[block] = calloc(BLOCK, sizeof(**names->blocks));
	*ret_number = (uint32_t)names->n;
	return names->blocks[block] == NULL ? NULL : record(names, *ret_number);
}

/* A new record; NULL: no memory or no room. */
static struct name_record *insert(struct names *names, const struct key *key, uint64_t hash)
{
	struct name_record *r;
	uint32_t number;
	char *copy;

	if (names->live * 2 > names->mask && grow_index(names) < 0)
		return NULL;
	r = place(names, &number);
	copy = r == NULL ? NULL : strndup(key->name.ptr, key->name.len);
	if (copy == NULL)
		return NULL;
	if (names->spare != 0)
		names->spare = r->number;
	else
		names->n++;
	*r = (struct name_record){ .municipality = key->municipality,
				   .dimension = key->dimension,
				   .period = key->period,
				   .name = { copy, key->name.len },
				   .number = number,
				   .serial = ++names->serial,
				   .hash = hash };
	*find(names, key, hash) = number + 1;
	names->live++;
	names->old += is_past(names, key->period);
	return r;
}

static struct name_record *lookup(const struct names *names, const struct key *key, uint64_t hash)
{
	uint32_t number = *find(names, key, hash);

	return number == 0 ? NULL : record(names, number - 1);
}

/* The record of a key, where its names are counted (in last_ms); "_other" is not among them. */
static struct name_record *record_of_key(const struct names *names, const struct key *key)
{
	struct key all = *key;

	all.name = (struct effort_str){ "", 0 };
	return lookup(names, &all, key_hash(&all));
}

static struct name_record *insert_record_of_key(struct names *names, const struct key *key)
{
	struct key all = *key;

	all.name = (struct effort_str){ "", 0 };
	return insert(names, &all, key_hash(&all));
}

static bool is_other(struct effort_str name)
{
	return str_same(name, str_of(NAME_OTHER));
}

/* Counts one more name of a key; false: the key is full, or everything is. */
static bool takes_another(struct names *names, const struct key *key)
{
	struct name_record *r;

	if (names->live >= names->max)
		return false;
	r = record_of_key(names, key);
	if (r == NULL)
		r = insert_record_of_key(names, key);
	if (r == NULL || r->last_ms >= (int64_t)names->per_key)
		return false;
	r->last_ms++;
	return true;
}

static struct name_record *find_or_insert(struct names *names, struct key *key, bool is_known)
{
	uint64_t hash = key_hash(key);
	struct name_record *r = lookup(names, key, hash);

	if (r != NULL)
		return r;
	if (!is_other(key->name) && !takes_another(names, key) && !is_known) {
		key->name = str_of(NAME_OTHER);
		hash = key_hash(key);
		r = lookup(names, key, hash);
		if (r != NULL)
			return r;
	}
	return insert(names, key, hash);
}

static int push(struct numbers *numbers, uint32_t number)
{
	if (numbers->n == numbers->cap) {
		size_t cap = numbers->cap == 0 ? 64 : numbers->cap * 2;
		uint32_t *list = realloc(numbers->list, cap * sizeof(*list));

		if (list == NULL)
			return -ENOMEM;
		numbers->list = list;
		numbers->cap = cap;
	}
	numbers->list[numbers->n++] = number;
	return 0;
}

static bool has_amount(const struct name_amount *a)
{
	return a->events != 0;
}

/* Adds to one of a record's two amounts, hanging it into the list of those that have one. */
static int gain(struct name_record *r, struct name_amount *sum, struct numbers *list,
		const struct name_amount *more)
{
	const struct name_amount nothing = { 0 };

	if (memcmp(more, &nothing, sizeof(nothing)) == 0)
		return 0;
	if (!has_amount(sum) && push(list, r->number) < 0)
		return -ENOMEM;
	name_amount_add(sum, more);
	return 0;
}

static int add(struct names *names, struct key *key, const struct name_amount *amount, bool is_known,
	       int64_t time_ms, uint32_t *ret_number)
{
	struct name_record *r;

	if (key->period > names->newest)
		names->newest = key->period;
	r = find_or_insert(names, key, is_known);
	if (r == NULL || gain(r, &r->waiting, &names->waiting, amount) < 0)
		return -ENOMEM;
	if (time_ms > r->last_ms)
		r->last_ms = time_ms;
	if (ret_number != NULL)
		*ret_number = r->number;
	return 0;
}

int names_add(struct names *names, uint16_t municipality, enum dimension dimension, int32_t period,
	      struct effort_str name, struct name_amount amount, int64_t time_ms, uint32_t *ret_number)
{
	struct key key = { municipality, (uint8_t)dimension, period, name };

	return add(names, &key, &amount, false, time_ms, ret_number);
}

int names_add_known(struct names *names, uint16_t municipality, enum dimension dimension, int32_t period,
		    struct effort_str name, struct name_amount amount, int64_t time_ms, uint32_t *ret_number)
{
	struct key key = { municipality, (uint8_t)dimension, period, name };

	return add(names, &key, &amount, true, time_ms, ret_number);
}

bool names_add_hinted(struct names *names, struct name_hint hint, uint16_t municipality, enum dimension dimension,
		      int32_t period, const struct name_amount *amount, int64_t time_ms)
{
	struct name_record *r = hint.serial == 0 ? NULL : record(names, hint.number);

	if (r == NULL || r->serial != hint.serial || r->municipality != municipality || r->dimension != dimension ||
	    r->period != period || gain(r, &r->waiting, &names->waiting, amount) < 0)
		return false;
	if (time_ms > r->last_ms)
		r->last_ms = time_ms;
	return true;
}

struct name_hint names_hint(const struct names *names, uint32_t number, struct effort_str name)
{
	const struct name_record *r = record(names, number);

	return str_same(r->name, name) ? (struct name_hint){ number, r->serial } : (struct name_hint){ 0 };
}

void names_prefetch(const struct names *names, struct name_hint hint)
{
	const char *r = hint.serial == 0 ? NULL : (const char *)record(names, hint.number);

	if (r == NULL)
		return;
	__builtin_prefetch(r, 1);
	__builtin_prefetch(r + EVERY_EVENT - 1, 1);
}

void names_take_back(struct names *names, uint32_t number, struct name_amount amount)
{
	struct name_amount *waiting = &record(names, number)->waiting;

	waiting->contacts += amount.contacts;
	waiting->n += amount.n;
	waiting->self += amount.self;
}

const struct name_record *names_get(const struct names *names, uint32_t number)
{
	return record(names, number);
}

size_t names_capacity(const struct names *names)
{
	return names->room;
}

void names_pin(struct names *names, uint32_t number)
{
	record(names, number)->pins++;
}

void names_unpin(struct names *names, uint32_t number)
{
	record(names, number)->pins--;
}

void names_cut(struct names *names,
	       void (*visit)(void *ctx, const struct name_record *, const struct name_amount *more), void *ctx)
{
	for (size_t i = 0; i < names->waiting.n; i++) {
		struct name_record *r = record(names, names->waiting.list[i]);
		struct name_amount more = { r->waiting.events - r->cut.events,
					    r->waiting.contacts - r->cut.contacts, r->waiting.n - r->cut.n,
					    r->waiting.self - r->cut.self };

		r->cut = r->waiting;
		if (more.events != 0)
			visit(ctx, r, &more);
	}
}

/* The country gains what a municipality gains, unless there is no room for the country's record. */
static void freeze_country(struct names *names, const struct name_record *r)
{
	struct key key = { CELL_COUNTRY, r->dimension, r->period, r->name };
	struct name_record *country = find_or_insert(names, &key, false);

	if (country == NULL || gain(country, &country->frozen, &names->frozen, &r->waiting) < 0)
		return;
	if (r->last_ms > country->last_ms)
		country->last_ms = r->last_ms;
}

/* What finds no memory in the list goes on waiting, for the next time. */
void names_freeze(struct names *names)
{
	size_t kept = 0;

	for (size_t i = 0; i < names->waiting.n; i++) {
		struct name_record *r = record(names, names->waiting.list[i]);

		if (!has_amount(&r->waiting))
			continue; /* taken back to nothing */
		if (push(&names->frozen, r->number) < 0) {
			names->waiting.list[kept++] = r->number;
			continue;
		}
		freeze_country(names, r);
		r->frozen = r->waiting;
		r->waiting = r->cut = (struct name_amount){ 0 };
	}
	names->waiting.n = kept;
}

void names_frozen(const struct names *names, void (*visit)(void *ctx, const struct name_record *), void *ctx)
{
	for (size_t i = 0; i < names->frozen.n; i++)
		visit(ctx, record(names, names->frozen.list[i]));
}

size_t names_frozen_len(const struct names *names)
{
	return names->frozen.n;
}

static bool is_idle(const struct name_record *r)
{
	return !is_forgotten(r) && !has_amount(&r->waiting) && !has_amount(&r->frozen) && r->pins == 0;
}

static void forget_record(struct names *names, struct name_record *r, uint32_t number)
{
	free((void *)(uintptr_t)r->name.ptr);
	*r = (struct name_record){ .municipality = UINT16_MAX, .number = names->spare };
	names->spare = number + 1;
	names->live--;
}

/* A name goes, and its key counts one less. */
static void forget_name(struct names *names, struct name_record *r, uint32_t number)
{
	struct key key = { r->municipality, r->dimension, r->period, r->name };
	struct name_record *of_key = is_other(r->name) ? NULL : record_of_key(names, &key);

	if (of_key != NULL)
		of_key->last_ms--;
	forget_record(names, r, number);
}

/* Forgets idle names of periods before this one, then the records of keys that have no name any more. The
 * index still leads to forgotten records meanwhile; no key is of their municipality. */
static void forget(struct names *names, int32_t before)
{
	for (int pass = 0; pass < 2; pass++) {
		for (size_t n = 0; n < names->n; n++) {
			struct name_record *r = record(names, (uint32_t)n);

			if (!is_idle(r) || r->period >= before)
				continue;
			if (pass == 0 && r->name.len > 0)
				forget_name(names, r, (uint32_t)n);
			else if (pass == 1 && r->name.len == 0 && r->last_ms <= 0)
				forget_record(names, r, (uint32_t)n);
		}
	}
	memset(names->index, 0, (names->mask + 1) * sizeof(*names->index));
	fill_index(names, names->index, names->mask);
	names->forgot_newest = names->newest;
	names->old = 0;
}

/* Looking through everything is worth it when a period has passed or many old names have come since. It
 * begins a quarter early, or the next batch would find it full. Where even "_other" is about to find no room,
 * every name that is idle goes: Redis keeps the bound on names as well. */
static void make_room(struct names *names)
{
	if (names->live + BLOCK > names->room)
		forget(names, INT32_MAX);
	else if (names->live >= names->max / 4 * 3 &&
		 (names->newest > names->forgot_newest || names->old * 8 > names->max))
		forget(names, names->newest - KEPT_DAYS);
}

void names_settle(struct names *names)
{
	for (size_t i = 0; i < names->frozen.n; i++)
		record(names, names->frozen.list[i])->frozen = (struct name_amount){ 0 };
	names->frozen.n = 0;
	make_room(names);
}

bool names_wait(const struct names *names)
{
	return names->waiting.n > 0;
}

bool names_are_cut(const struct names *names)
{
	for (size_t i = 0; i < names->waiting.n; i++) {
		const struct name_record *r = record(names, names->waiting.list[i]);

		if (r->waiting.events != r->cut.events)
			return false;
	}
	return true;
}

size_t names_waiting_len(const struct names *names)
{
	return names->waiting.n;
}

void names_waiting(const struct names *names, void (*visit)(void *ctx, const struct name_record *), void *ctx)
{
	for (size_t i = 0; i < names->waiting.n; i++)
		visit(ctx, record(names, names->waiting.list[i]));
}

void names_thaw(struct names *names)
{
	for (size_t i = 0; i < names->frozen.n; i++) {
		struct name_record *r = record(names, names->frozen.list[i]);

		if (r->municipality != CELL_COUNTRY)
			(void)!gain(r, &r->waiting, &names->waiting, &r->frozen);
		r->frozen = (struct name_amount){ 0 };
	}
	names->frozen.n = 0;
	for (size_t i = 0; i < names->waiting.n; i++)
		record(names, names->waiting.list[i])->cut = (struct name_amount){ 0 };
}
