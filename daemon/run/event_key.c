/* SPDX-License-Identifier: MPL-2.0 */
/* See event_key.h. */
#include "run/event_key.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define DAY_MS	INT64_C(86400000)
#define DAY_MAX 65535

_Static_assert(KEY_SECRET >= XXH3_SECRET_SIZE_MIN, "xxhash's least");

void key_maker_init(struct key_maker *maker, const uint8_t key[32])
{
	XXH3_generateSecret(maker->secret, sizeof(maker->secret), key, 32);
}

static uint64_t hash(const struct key_maker *maker, const void *bytes, size_t len, uint64_t before)
{
	uint64_t h = XXH3_64bits_withSecret(bytes, len, maker->secret, sizeof(maker->secret));

	return (before ^ h) * UINT64_C(0x9e3779b97f4a7c15) + (before >> 29);
}

static uint64_t add(const struct key_maker *maker, uint64_t h, int field, struct effort_str text)
{
	return text.len == 0 ? h : hash(maker, text.ptr, text.len, h + (uint64_t)field);
}

/* Only what the sender wrote: a default that a later configuration changes must not make a retry another
 * event. */
static uint32_t content_of(const struct key_maker *maker, const struct effort_event *ev)
{
	uint64_t kind = (ev->flags & EFFORT_EVENT_KIND_GIVEN) != 0 ? ev->kind : 0;
	/* Whole words: what has been put together of bytes a moment ago is slow to read. */
	const uint64_t fixed[] = { (uint64_t)ev->time_ms, (uint64_t)ev->count, (uint64_t)ev->duration_ms,
				   ev->flags | (uint64_t)ev->channel << 32 | kind << 40 |
					   (uint64_t)ev->direction << 48 | (uint64_t)ev->population << 56,
				   ev->assisted | (uint64_t)ev->outcome << 8 | (uint64_t)ev->form << 16 };
	const struct effort_str *texts[] = { &ev->municipality, &ev->kle,	 &ev->facet,  &ev->task,
					     &ev->service,	&ev->reason,	 &ev->unit,   &ev->handled_by,
					     &ev->portal,	&ev->corrects, &ev->errand, &ev->meter };
	uint64_t h = hash(maker, fixed, sizeof(fixed), 0);

	for (int i = 0; i < (int)(sizeof(texts) / sizeof(texts[0])); i++)
		h = add(maker, h, i + 1, *texts[i]);
	if (ev->meter.len > 0)
		h = hash(maker, &ev->reading, sizeof(ev->reading), h);
	return (uint32_t)(h >> 32);
}

int32_t key_day(int64_t time_ms)
{
	int64_t day = time_ms / DAY_MS;

	return day < 1 ? 1 : day > DAY_MAX ? DAY_MAX : (int32_t)day;
}

uint64_t key_id(const struct key_maker *maker, struct effort_str source, struct effort_str id)
{
	return hash(maker, id.ptr, id.len, hash(maker, source.ptr, source.len, 0));
}

/* Apart from every id, whatever text it has. */
uint64_t key_errand(const struct key_maker *maker, struct effort_str municipality, struct effort_str errand,
		    struct effort_str method)
{
	uint64_t h = hash(maker, municipality.ptr, municipality.len, UINT64_C(0x65727261));

	return hash(maker, errand.ptr, errand.len, method.len == 0 ? h : hash(maker, method.ptr, method.len, h));
}

uint64_t key_meter(const struct key_maker *maker, const struct effort_event *ev)
{
	uint64_t h = hash(maker, ev->source.ptr, ev->source.len, UINT64_C(0x6d657465) + ((ev->flags & EFFORT_EVENT_LEVEL) != 0));

	return hash(maker, ev->meter.ptr, ev->meter.len, hash(maker, ev->municipality.ptr, ev->municipality.len, h));
}

struct event_key key_make(const struct key_maker *maker, const struct effort_event *ev, int64_t arrival_ms)
{
	return (struct event_key){ .id = key_id(maker, ev->source, ev->id),
				   .content = content_of(maker, ev),
				   .day = key_day(arrival_ms == INT64_MIN ? ev->time_ms : arrival_ms) };
}
