/* SPDX-License-Identifier: MPL-2.0 */
/* Reading the daemon's documents: a missing or odd value is an empty text or 0, never a crash. Texts live as
 * long as the document. */
#ifndef CTL_ANSWER_H
#define CTL_ANSWER_H

#include "ctl/ctl.h"

#include <jansson.h>
#include <stdint.h>

const char *answer_text(const json_t *object, const char *name); /* "" when it is no text */
int64_t answer_int(const json_t *object, const char *name);
bool answer_is_true(const json_t *object, const char *name);
const json_t *answer_object(const json_t *object, const char *name);
const json_t *answer_array(const json_t *object, const char *name);
/* {"da":..,"en":..} in the reader's language, else the other one, else `otherwise`. */
const char *answer_name(const struct ctl *, const json_t *object, const char *otherwise);

/* "state" of Redis in words. */
const char *answer_redis_state(const struct ctl *, const json_t *object);

/* Fields of a Redis share hash: `<scope>.<name>`, or once per hash with scope NULL. NULL: absent or empty. */
const char *share_field(const json_t *hash, const char *scope, const char *name);
bool share_count(const json_t *hash, const char *scope, const char *name, int64_t *ret);
/* A percentage in hundredths. */
bool share_percent(const json_t *hash, const char *scope, const char *name, int64_t *ret);
/* A once-per-hash flag: there, and neither "0" nor empty. */
bool share_flag(const json_t *hash, const char *name);

#endif
