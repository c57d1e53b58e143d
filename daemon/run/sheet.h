/* SPDX-License-Identifier: MPL-2.0 */
/* A hash on its way to Redis: fields in the order they are put, replaced as a whole in one step. Owns its text;
 * running out of memory or room is remembered and told once, by sheet_is_short(). */
#ifndef RUN_SHEET_H
#define RUN_SHEET_H

#include "base/text.h"
#include "run/fields.h"
#include "store/store.h"

#define SHEET_MAX (4 * 1024 * 1024)

struct sheet {
	struct sheet *next; /* for whoever keeps a list */
	char *suffix;       /* owned: "target:kl-80" of "effort:{0751}:target:kl-80" */
	struct text bytes;  /* names and values in turn, each with a NUL behind it */
	size_t n;           /* names and values */
	bool is_claim;	    /* the hash stays as it is, and this writer is one of those who put it */
};

/* Without fields it takes the hash away. NULL: no memory. */
struct sheet *sheet_new(const char *suffix);
void sheet_free(struct sheet *);
bool sheet_is_short(const struct sheet *);

void sheet_put(struct sheet *, const char *name, const char *value);
void sheet_printf(struct sheet *, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void sheet_int(struct sheet *, const char *name, int64_t value);
void sheet_percent(struct sheet *, const char *name, int64_t basis_points); /* "-12.00" */
/* definition of days first..end-1, and `break` where a change cuts them. */
void sheet_definition(struct sheet *, const struct store_view *, int32_t first, int32_t end);
void sheet_date(struct sheet *, const char *name, int32_t day);             /* "2026-11-21" */

#endif
