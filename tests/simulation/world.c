/* SPDX-License-Identifier: MPL-2.0 */
/* See world.h. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/types.h>

static struct {
	struct timer **heap; /* owned; [0] unused */
	size_t n, cap;
	int64_t now_us, wall_ms, shift_ms;
	uint64_t order;
	struct chance chance;
} world;

/* splitmix64 */
uint64_t chance_random(struct chance *chance)
{
	uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint32_t chance_below(struct chance *chance, uint32_t n)
{
	return n == 0 ? 0 : (uint32_t)((chance_random(chance) >> 32) * n >> 32);
}

uint64_t world_random(void)
{
	return chance_random(&world.chance);
}

uint32_t world_below(uint32_t n)
{
	return chance_below(&world.chance, n);
}

bool world_chance(uint32_t n, uint32_t of)
{
	return world_below(of) < n;
}

int64_t world_delay_us(int64_t usual_us)
{
	int64_t us = usual_us / 2 + world_below((uint32_t)usual_us + 1);

	if (world_chance(1, 50))
		us *= 10;
	if (world_chance(1, 400))
		us *= 10;
	return us;
}

void world_begin(uint64_t seed, int64_t wall_ms)
{
	world_end();
	world.chance.state = seed;
	world.wall_ms = wall_ms;
}

void world_end(void)
{
	for (size_t i = 1; i <= world.n; i++)
		world.heap[i]->place = 0;
	free(world.heap);
	world.heap = NULL;
	world.n = world.cap = 0;
	world.now_us = world.wall_ms = world.shift_ms = 0;
	world.order = 0;
}

int64_t world_us(void)
{
	return world.now_us;
}

int64_t world_wall_ms(void)
{
	return world.wall_ms + world.shift_ms + world.now_us / 1000;
}

void world_set_shift_ms(int64_t shift_ms)
{
	world.shift_ms = shift_ms;
}

void world_skip(int64_t us)
{
	world.now_us += us;
}

static bool is_before(const struct timer *a, const struct timer *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void put(struct timer *timer, size_t place)
{
	world.heap[place] = timer;
	timer->place = place;
}

static void rise(struct timer *timer, size_t place)
{
	for (; place > 1 && is_before(timer, world.heap[place / 2]); place /= 2)
		put(world.heap[place / 2], place);
	put(timer, place);
}

static void sink(struct timer *timer, size_t place)
{
	for (;;) {
		size_t child = place * 2;

		if (child > world.n)
			break;
		if (child < world.n && is_before(world.heap[child + 1], world.heap[child]))
			child++;
		if (!is_before(world.heap[child], timer))
			break;
		put(world.heap[child], place);
		place = child;
	}
	put(timer, place);
}

void world_set(struct timer *timer, int64_t after_us)
{
	world_cancel(timer);
	timer->at_us = world.now_us + (after_us > 0 ? after_us : 0);
	timer->order = ++world.order;
	if (world.n + 1 >= world.cap) {
		world.cap = world.cap == 0 ? 256 : world.cap * 2;
		world.heap = realloc(world.heap, world.cap * sizeof(*world.heap));
		if (world.heap == NULL)
			abort();
	}
	rise(timer, ++world.n);
}

void world_cancel(struct timer *timer)
{
	size_t place = timer->place;
	struct timer *last;

	if (place == 0)
		return;
	timer->place = 0;
	last = world.heap[world.n--];
	if (last == timer)
		return;
	if (place > 1 && is_before(last, world.heap[place / 2]))
		rise(last, place);
	else
		sink(last, place);
}

int64_t world_due_us(const struct timer *timer)
{
	return timer->at_us;
}

bool world_step(int64_t until_us)
{
	struct timer *timer = world.n == 0 ? NULL : world.heap[1];

	if (timer == NULL || timer->at_us > until_us) {
		if (world.now_us < until_us)
			world.now_us = until_us;
		return false;
	}
	world_cancel(timer);
	if (world.now_us < timer->at_us)
		world.now_us = timer->at_us;
	timer->run(timer->ctx);
	return true;
}

void world_run(int64_t us)
{
	int64_t until_us = world.now_us + us;

	while (world_step(until_us))
		continue;
}

/* What the product calls chance comes from the seed as well. */
ssize_t getrandom(void *bytes, size_t len, unsigned flags)
{
	unsigned char *at = bytes;

	(void)flags;
	for (size_t i = 0; i < len; i++)
		at[i] = (unsigned char)world_random();
	return (ssize_t)len;
}

int getentropy(void *bytes, size_t len)
{
	return getrandom(bytes, len, 0) < 0 ? -1 : 0;
}
