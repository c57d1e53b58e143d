/* SPDX-License-Identifier: MPL-2.0 */
/* See totals.h. Sums in memory; their files are totals_write.c and totals_read.c. */
#include "journal/totals_inside.h"

#include "base/str.h"
#include "journal/totals_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct totals *totals_new(void)
{
	struct totals *totals = calloc(1, sizeof(*totals));

	if (totals != NULL && tally_init(&totals->cells, SIZE_MAX) < 0) {
		free(totals);
		return NULL;
	}
	return totals;
}

static void standing_done(struct standing_text *standing)
{
	free((void *)(uintptr_t)standing->task);
	for (size_t i = 0; i < standing->groups_len; i++)
		free((void *)(uintptr_t)standing->groups[i]);
}

void totals_clear(struct totals *totals)
{
	for (size_t i = 0; i < totals->names_len; i++)
		free((void *)(uintptr_t)totals->names[i].name.ptr);
	totals->names_len = totals->places_len = 0;
	totals_index_clear(&totals->names_index);
	totals_index_clear(&totals->places_index);
	tally_clear(&totals->cells);
	totals->segment = 0;
}

void totals_free(struct totals *totals)
{
	if (totals == NULL)
		return;
	totals_clear(totals);
	for (size_t i = 0; i < totals->standings_len; i++)
		standing_done(&totals->standings[i]);
	free(totals->standings);
	free(totals->codes);
	free(totals->names);
	free(totals->places);
	totals_index_done(&totals->standings_index);
	totals_index_done(&totals->names_index);
	totals_index_done(&totals->places_index);
	tally_done(&totals->cells);
	free(totals);
}

uint64_t totals_segment(const struct totals *totals)
{
	return totals->segment;
}

/* --- words --- */

int totals_municipality(struct totals *totals, const char *code)
{
	if (strlen(code) != 4)
		return -EINVAL;
	for (size_t i = 0; i < totals->codes_len; i++)
		if (memcmp(totals->codes[i], code, 4) == 0)
			return (int)i;
	if (totals->codes_len == CELL_MUNICIPALITIES)
		return -ENOSPC;
	if (totals_reserve((void **)&totals->codes, &totals->codes_cap, totals->codes_len,
			   sizeof(*totals->codes)) < 0)
		return -ENOMEM;
	memcpy(totals->codes[totals->codes_len], code, 5);
	return (int)totals->codes_len++;
}

int totals_compare_standings(const struct standing_text *a, const struct standing_text *b)
{
	int order = strcmp(a->task, b->task);

	if (order == 0)
		order = (int)a->is_municipal - (int)b->is_municipal;
	if (order == 0)
		order = (int)a->is_target - (int)b->is_target;
	for (size_t i = 0; order == 0 && i < a->groups_len && i < b->groups_len; i++)
		order = strcmp(a->groups[i], b->groups[i]);
	return order != 0 ? order : (a->groups_len > b->groups_len) - (a->groups_len < b->groups_len);
}

static bool is_standing(const void *list, uint32_t number, const void *key)
{
	const struct standing_text *standings = list;

	return totals_compare_standings(&standings[number], key) == 0;
}

static uint32_t hash_standing(const struct standing_text *standing)
{
	uint64_t seed = (uint64_t)standing->is_municipal << 1 | (uint64_t)standing->is_target;
	uint64_t hash = XXH3_64bits_withSeed(standing->task, strlen(standing->task), seed);

	for (size_t i = 0; i < standing->groups_len; i++)
		hash = XXH3_64bits_withSeed(standing->groups[i], strlen(standing->groups[i]), hash);
	return (uint32_t)(hash >> 32);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int copy_standing(struct standing_text *dst, const struct standing_text *src)
{
	*dst = *src;
	dst->groups_len = 0;
	dst->task = strdup(src->task);
	if (dst->task == NULL)
		return -ENOMEM;
	for (; dst->groups_len < src->groups_len; dst->groups_len++) {
		dst->groups[dst->groups_len] = strdup(src->groups[dst->groups_len]);
		if (dst->groups[dst->groups_len] == NULL) {
			standing_done(dst);
			return -ENOMEM;
		}
	}
	return 0;
}

static int add_standing(struct totals *totals, const struct standing_text *standing, uint32_t hash)
{
	uint32_t number = (uint32_t)totals->standings_len;
	int r;

	if (totals->standings_len == STANDINGS_MAX)
		return -ENOSPC;
	r = totals_reserve((void **)&totals->standings, &totals->standings_cap, totals->standings_len,
			   sizeof(*totals->standings));
	if (r == 0)
		r = copy_standing(&totals->standings[number], standing);
	if (r < 0)
		return r;
	r = totals_index_add(&totals->standings_index, hash, number);
	if (r < 0) {
		standing_done(&totals->standings[number]);
		return r;
	}
	totals->standings_len++;
	return (int)number;
}

static bool is_within_bounds(const struct standing_text *standing)
{
	bool is_fine = standing->groups_len <= SCOPE_GROUPS_MAX && strlen(standing->task) <= TOTALS_TEXT_MAX;

	for (size_t i = 0; is_fine && i < standing->groups_len; i++)
		is_fine = strlen(standing->groups[i]) <= TOTALS_TEXT_MAX;
	return is_fine;
}

int totals_standing(struct totals *totals, const struct standing_text *given)
{
	struct standing_text standing = *given;
	uint32_t hash, number;

	if (!is_within_bounds(given))
		return -EINVAL;
	qsort(standing.groups, standing.groups_len, sizeof(*standing.groups), by_text);
	hash = hash_standing(&standing);
	number = totals_index_find(&totals->standings_index, hash, is_standing, totals->standings, &standing);
	return number != TOTALS_NO_NUMBER ? (int)number : add_standing(totals, &standing, hash);
}

/* --- sums --- */

int totals_add(struct totals *totals, uint64_t cell, int64_t count, int64_t seconds)
{
	if (cell_municipality(cell) >= totals->codes_len ||
	    cell_standing(cell) >= totals->standings_len)
		return -EINVAL;
	return tally_add(&totals->cells, cell, count, seconds);
}

int64_t totals_count(const struct totals *totals, uint64_t cell)
{
	const struct amount *amount = tally_get(&totals->cells, cell);

	return amount == NULL ? 0 : amount->count;
}

static uint64_t key_of(uint16_t municipality, int dimension, int32_t period)
{
	return (uint64_t)municipality << 48 | (uint64_t)(uint8_t)(dimension + 1) << 40 |
	       (uint64_t)(uint32_t)period;
}

static bool is_name(const void *list, uint32_t number, const void *wanted)
{
	const struct totals_name *name = (const struct totals_name *)list + number, *key = wanted;

	return name->municipality == key->municipality && name->dimension == key->dimension &&
	       name->period == key->period && str_same(name->name, key->name);
}

static int add_name(struct totals *totals, const struct totals_name *key, uint32_t hash)
{
	int r = totals_reserve((void **)&totals->names, &totals->names_cap, totals->names_len,
			       sizeof(*totals->names));
	char *copy = r < 0 ? NULL : malloc(key->name.len + 1);

	if (copy == NULL)
		return -ENOMEM;
	if (key->name.len > 0)
		memcpy(copy, key->name.ptr, key->name.len);
	copy[key->name.len] = '\0';
	r = totals_index_add(&totals->names_index, hash, (uint32_t)totals->names_len);
	if (r < 0) {
		free(copy);
		return r;
	}
	totals->names[totals->names_len] = *key;
	totals->names[totals->names_len++].name.ptr = copy;
	return 0;
}

int totals_find_name(struct totals *totals, uint16_t municipality, enum dimension dimension, int32_t period,
		     struct effort_str text, uint32_t *ret_number)
{
	struct totals_name key = { municipality, (uint8_t)dimension, period, text, { 0 }, INT64_MIN };
	uint64_t seed = key_of(municipality, (int)dimension, period) * UINT64_C(0x9e3779b97f4a7c15);
	uint32_t hash = (uint32_t)(XXH3_64bits_withSeed(text.ptr, text.len, seed) >> 32);
	uint32_t number;
	int r = 0;

	if (municipality >= totals->codes_len || dimension >= DIMENSIONS || text.len > TOTALS_TEXT_MAX)
		return -EINVAL;
	number = totals_index_find(&totals->names_index, hash, is_name, totals->names, &key);
	if (number == TOTALS_NO_NUMBER) {
		number = (uint32_t)totals->names_len;
		r = add_name(totals, &key, hash);
	}
	if (r == 0)
		*ret_number = number;
	return r;
}

void totals_gain(struct totals *totals, uint32_t number, const struct name_amount *amount, int64_t last_ms)
{
	struct totals_name *name = &totals->names[number];

	name_amount_add(&name->amount, amount);
	if (last_ms > name->last_ms)
		name->last_ms = last_ms;
}

int totals_add_name(struct totals *totals, uint16_t municipality, enum dimension dimension, int32_t period,
		    struct effort_str text, const struct name_amount *amount, int64_t last_ms)
{
	uint32_t number;
	int r = totals_find_name(totals, municipality, dimension, period, text, &number);

	if (r == 0)
		totals_gain(totals, number, amount, last_ms);
	return r;
}

static bool is_place(const void *list, uint32_t number, const void *wanted)
{
	const struct totals_place *place = (const struct totals_place *)list + number, *key = wanted;

	return place->municipality == key->municipality && place->dimension == key->dimension &&
	       place->period == key->period;
}

static int add_place(struct totals *totals, const struct totals_place *place, uint32_t hash)
{
	int r = totals_reserve((void **)&totals->places, &totals->places_cap, totals->places_len,
			       sizeof(*totals->places));

	if (r == 0)
		r = totals_index_add(&totals->places_index, hash, (uint32_t)totals->places_len);
	if (r == 0)
		totals->places[totals->places_len++] = *place;
	return r;
}

static uint32_t hash_place(const struct totals_place *place)
{
	uint64_t hash = key_of(place->municipality, place->dimension, place->period) * UINT64_C(0x9e3779b97f4a7c15);

	/* The index goes by the last bits; the municipality is in the first ones only. */
	return (uint32_t)(hash >> 32 ^ hash >> 48);
}

bool totals_position(const struct totals *totals, uint16_t municipality, int dimension, int32_t period,
		     uint64_t *ret)
{
	struct totals_place place = { municipality, (int8_t)(dimension < 0 ? -1 : dimension), period, 0 };
	uint32_t number = totals_index_find(&totals->places_index, hash_place(&place), is_place, totals->places, &place);

	if (number == TOTALS_NO_NUMBER)
		return false;
	*ret = totals->places[number].position;
	return true;
}

int totals_place(struct totals *totals, uint16_t municipality, int dimension, int32_t period,
		 uint64_t position)
{
	int8_t which = (int8_t)(dimension < 0 ? -1 : dimension);
	struct totals_place place = { municipality, which, period, position };
	uint32_t hash = hash_place(&place), number;

	if (municipality >= totals->codes_len || dimension >= DIMENSIONS)
		return -EINVAL;
	number = totals_index_find(&totals->places_index, hash, is_place, totals->places, &place);
	if (number == TOTALS_NO_NUMBER)
		return add_place(totals, &place, hash);
	if (position > totals->places[number].position)
		totals->places[number].position = position;
	return 0;
}

/* --- reading --- */

static int visit_cells(const struct totals *totals, const struct totals_visit *visit)
{
	int r = 0;

	for (size_t i = 0; i <= totals->cells.mask && r >= 0; i++) {
		const struct amount *amount = &totals->cells.slots[i];
		struct cell cell;

		if (amount->cell == TALLY_EMPTY)
			continue;
		cell = cell_unpack(amount->cell);
		r = visit->on_amount(visit->ctx, totals->codes[cell.municipality],
				     &totals->standings[cell.standing], &cell, amount->count,
				     amount->seconds);
	}
	return r;
}

static int visit_names(const struct totals *totals, const struct totals_visit *visit)
{
	int r = 0;

	for (size_t i = 0; i < totals->names_len && r >= 0; i++) {
		const struct totals_name *name = &totals->names[i];

		r = visit->on_name(visit->ctx, totals->codes[name->municipality],
				   (enum dimension)name->dimension, name->period, name->name, &name->amount,
				   name->last_ms);
	}
	return r;
}

static int visit_places(const struct totals *totals, const struct totals_visit *visit)
{
	int r = 0;

	for (size_t i = 0; i < totals->places_len && r >= 0; i++) {
		const struct totals_place *place = &totals->places[i];

		r = visit->on_position(visit->ctx, totals->codes[place->municipality], place->dimension,
				       place->period, place->position);
	}
	return r;
}

int totals_visit(const struct totals *totals, const struct totals_visit *visit)
{
	int r = 0;

	if (visit->on_amount != NULL)
		r = visit_cells(totals, visit);
	if (r >= 0 && visit->on_name != NULL)
		r = visit_names(totals, visit);
	if (r >= 0 && visit->on_position != NULL)
		r = visit_places(totals, visit);
	return r < 0 ? r : 0;
}
