/* SPDX-License-Identifier: MPL-2.0 */
/* The world a simulation runs in: virtual time, one queue of what happens when, and one source of chance. The
 * same seed gives the same run, to the last bit. One world a program, one thread; nothing in it waits for
 * anything real.
 *
 * Times are microseconds since the world began. Timers belong to whoever embeds them. */
#ifndef SIMULATION_WORLD_H
#define SIMULATION_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
	void (*run)(void *ctx);
	void *ctx;
	/* private */
	int64_t at_us;
	uint64_t order;
	size_t place; /* in the queue, from 1; 0: not set */
};

/* Begins anew at this wall clock time; nothing is set. */
void world_begin(uint64_t seed, int64_t wall_ms);
/* Frees the queue. What is still set in it is forgotten. */
void world_end(void);

int64_t world_us(void);
/* Wall clock of whoever runs at the moment: the world's, and how far its own clock is off. */
int64_t world_wall_ms(void);
void world_set_shift_ms(int64_t shift_ms);
/* Time goes by all at once: what was due meanwhile happens late, as after a suspend. */
void world_skip(int64_t us);

/* Sets or sets again. Equal times happen in the order in which they were set. */
void world_set(struct timer *, int64_t after_us);
void world_cancel(struct timer *);
static inline bool world_is_set(const struct timer *timer)
{
	return timer->place != 0;
}
int64_t world_due_us(const struct timer *);

/* Runs what is next, when that is not later than `until_us`; else the time is until_us and false. */
bool world_step(int64_t until_us);
void world_run(int64_t us);

uint64_t world_random(void);
uint32_t world_below(uint32_t n); /* 0 .. n-1; 0 for n = 0 */
bool world_chance(uint32_t n, uint32_t of);
/* Mostly near `usual`, at times a hundred times as long. */
int64_t world_delay_us(int64_t usual_us);

/* A stream of its own, for what must not depend on the rest of the run. */
struct chance {
	uint64_t state;
};
uint64_t chance_random(struct chance *);
uint32_t chance_below(struct chance *, uint32_t n);

#endif
