/* SPDX-License-Identifier: MPL-2.0 */
/* Reads what Redis holds of a municipality over any range of local days into one picture: whole years, months
 * and what is left as days, so that every writer's counts are in it and as little as possible is read. Days
 * that retention has removed are found missing, not taken for zero.
 *
 * Answers come later, in the loop's thread and never from within ranges_ask(); at most RANGES_MAX asked at once. */
#ifndef RUN_RANGES_H
#define RUN_RANGES_H

#include "count/picture.h"
#include "run/core.h"

#define RANGES_MAX 64

struct ranges;

struct ranges *ranges_new(struct core *, const char *redis_prefix); /* borrowed; NULL: no memory */
/* Everything asked is answered with NULL. */
void ranges_free(struct ranges *);

/* Asks for the days first..end-1 of a municipality ("0751" or "dk"). on_picture(ctx, picture, is_whole) is
 * called exactly once and owns the picture; NULL: Redis does not answer. is_whole false: days of the range
 * are older than what is kept as days. 0, -EAGAIN (too many), -ENOMEM: then on_picture is not called. */
int ranges_ask(struct ranges *, const char *code, int32_t first, int32_t end,
	       void (*on_picture)(void *ctx, struct picture *, bool is_whole), void *ctx);

#endif
