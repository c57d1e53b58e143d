/* SPDX-License-Identifier: MPL-2.0 */
/* A picture: everything counted in a municipality over some days, as numbers by field name: the sums of
 * scopes as the share and tasks hashes name them ("all.n", "group:waves.self", "school/school-enrolment.n")
 * and the cells as the d:, m: and y: hashes do ("n:school/school-enrolment/phone/transaction",
 * "out:-/letter/physical"). Pictures of days and months add up: shares of longer periods are ratios of sums,
 * never means. Pure; bounded by PICTURE_FIELDS_MAX. */
#ifndef COUNT_PICTURE_H
#define COUNT_PICTURE_H

#include <effort/plugin.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PICTURE_FIELDS_MAX (1 << 20)

struct picture;

struct picture *picture_new(void); /* NULL: no memory */
void picture_free(struct picture *);

/* Adds to a field (made with 0 when it is not there). 0, -ENOMEM, -ENOSPC past PICTURE_FIELDS_MAX, -ERANGE:
 * it would overflow. */
int picture_add(struct picture *, struct effort_str field, int64_t amount);
/* Adds a hash as HGETALL answers it, n names and values in turn: sums (those of domain/share.h) and cells are
 * added; everything else (shares, target, gap_pp, move, met, as_of, ... and names that begin with '_') is left
 * out. Same results. */
int picture_add_hash(struct picture *, size_t n, const char *const *text, const size_t *len);
/* Adds everything of another picture. Same results. */
int picture_add_picture(struct picture *, const struct picture *);
/* Adds the fields of another one whose names begin with prefix. */
int picture_add_some(struct picture *, const struct picture *, const char *prefix);

int64_t picture_get(const struct picture *, const char *field); /* 0 when it is not there */
bool picture_has(const struct picture *, const char *field);
/* Sum `name` ("n", "self", "ch.phone") of a scope as the share and tasks hashes write it. */
int64_t picture_sum(const struct picture *, const char *scope, const char *name);
bool picture_is_empty(const struct picture *);

/* Calls `on_field` for every field whose name begins with prefix, in no particular order, the text of a field
 * ending in NUL; stops at a nonzero result and returns it. */
int picture_scan(const struct picture *, const char *prefix,
		 int (*on_field)(void *ctx, struct effort_str field, int64_t amount), void *ctx);
/* The same in the order of names (bytes); -ENOMEM. */
int picture_each(const struct picture *, const char *prefix,
		 int (*on_field)(void *ctx, struct effort_str field, int64_t amount), void *ctx);

#endif
