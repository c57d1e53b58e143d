/* SPDX-License-Identifier: MPL-2.0 */
/* See alike.h. */
#include "journal/alike.h"

#include <stdlib.h>
#include <string.h>

static bool is_counted(const struct effect *effect)
{
	return effect->count != 0 || effect->seconds != 0;
}

static bool is_alike(const void *list, uint32_t number, const void *wanted)
{
	const struct alike *alike = (const struct alike *)list + number;
	const struct effect *effect = wanted;

	return alike->cell == effect->cell && alike->count == effect->count &&
	       memcmp(alike->names, effect->names, sizeof(alike->names)) == 0 &&
	       alike->is_counted == is_counted(effect);
}

static uint32_t hash_of(const struct effect *effect)
{
	uint64_t hash = (effect->cell ^ (uint64_t)effect->count << 3) * UINT64_C(0x9e3779b97f4a7c15);

	for (int d = 0; d < DIMENSIONS; d++)
		hash = (hash ^ hash >> 29 ^ effect->names[d]) * UINT64_C(0xd6e8feb86659fd93);
	return (uint32_t)(hash >> 32);
}

static struct alike *begin(struct alikes *alikes, const struct effect *effect, uint32_t hash)
{
	struct alike *alike;

	if (totals_reserve((void **)&alikes->list, &alikes->cap, alikes->len, sizeof(*alikes->list)) < 0 ||
	    totals_index_add(&alikes->index, hash, (uint32_t)alikes->len) < 0)
		return NULL;
	alike = &alikes->list[alikes->len++];
	*alike = (struct alike){ .cell = effect->cell,
				 .count = effect->count,
				 .is_counted = is_counted(effect),
				 .booked = RECORD_NO_NAME,
				 .last_ms = INT64_MIN };
	memcpy(alike->names, effect->names, sizeof(alike->names));
	return alike;
}

static uint32_t find(const struct alikes *alikes, const struct effect *effect, uint32_t hash)
{
	return totals_index_find(&alikes->index, hash, is_alike, alikes->list, effect);
}

bool alikes_has(const struct alikes *alikes, const struct effect *effect)
{
	return find(alikes, effect, hash_of(effect)) != TOTALS_NO_NUMBER;
}

struct alike *alikes_add(struct alikes *alikes, const struct effect *effect)
{
	uint32_t hash = hash_of(effect), number = find(alikes, effect, hash);
	struct alike *alike = number == TOTALS_NO_NUMBER ? begin(alikes, effect, hash) : &alikes->list[number];

	if (alike == NULL)
		return NULL;
	alike->times++;
	alike->seconds += effect->seconds;
	alike->last_ms = effect->time_ms > alike->last_ms ? effect->time_ms : alike->last_ms;
	return alike;
}

void alikes_prefetch(const struct alikes *alikes, const struct effect *effects, size_t n)
{
	for (size_t i = 0; i < n; i++)
		totals_index_prefetch(&alikes->index, hash_of(&effects[i]));
	for (size_t i = 0; i < n; i++) {
		uint32_t number = totals_index_peek(&alikes->index, hash_of(&effects[i]));

		if (number == TOTALS_NO_NUMBER)
			continue;
		__builtin_prefetch(&alikes->list[number], 1);
		__builtin_prefetch(&alikes->list[number].last_ms, 1);
	}
}

/* An index that was once large and is now used little costs more to empty than to make anew. */
void alikes_clear(struct alikes *alikes)
{
	if (alikes->index.mask > alikes->len * 16)
		totals_index_done(&alikes->index);
	else
		totals_index_clear(&alikes->index);
	alikes->len = 0;
}

void alikes_done(struct alikes *alikes)
{
	free(alikes->list);
	totals_index_done(&alikes->index);
	*alikes = (struct alikes){ 0 };
}
