/* SPDX-License-Identifier: MPL-2.0 */
/* What a follower sees of one municipality, and what it has to say about it: first it names the days and hashes
 * it wants (several followers that want the same days share one picture), then it is called again with all of
 * them there and puts the hashes it makes of them. Valid during those calls; everything in it is borrowed but
 * the sheets, which are taken over. What cannot be kept for want of memory or room is remembered: nothing of
 * such a look is written. */
#ifndef RUN_LOOK_H
#define RUN_LOOK_H

#include "count/picture.h"
#include "run/sheet.h"
#include "run/snapshot.h"

#define LOOK_RANGES_MAX 1024
#define LOOK_HASHES_MAX 2048

struct look_range {
	void *owner; /* of whoever asks for it */
	int32_t first, end;
	struct picture *picture; /* owned; NULL until it has come */
	bool is_whole, is_asked;
};

struct look_hash {
	void *owner;
	char *suffix;   /* owned */
	char **text;    /* owned, each one too: names and values as HGETALL answers */
	size_t *len, n; /* owned */
	bool is_asked, is_there;
};

struct look {
	const struct snapshot *snapshot;
	const char *code;    /* "0751", or "dk" */
	bool is_country;
	int32_t today;       /* the local day */
	int64_t now_ms;
	const char *missing; /* silent sources, comma-separated; "" */
	const struct silence_book *silences; /* who was, when days ended; or NULL */

	struct look_range *ranges; /* owned */
	size_t ranges_len, ranges_cap;
	struct look_hash *hashes; /* owned */
	size_t hashes_len, hashes_cap;
	struct sheet *sheets, **sheets_end; /* owned, in order */
	struct sheet *kept;                 /* owned: named by look_keep */
	bool is_short;
};

void look_init(struct look *);
/* Forgets everything it owns; the rest stays. */
void look_clear(struct look *);

/* --- while wanting --- */
void look_want(struct look *, int32_t first, int32_t end); /* days first..end-1; an empty range is no wish */
void look_want_hash(struct look *, const char *suffix);    /* "target:kl-80", as it is in Redis now */

/* --- while seeing --- */
/* NULL: not wanted before. *ret_is_whole false: days of it are older than what is kept as days. */
const struct picture *look_picture(const struct look *, int32_t first, int32_t end, bool *ret_is_whole);
/* Empty where there is no such hash. */
struct fields look_hash(const struct look *, const char *suffix);
/* The hash is replaced by this one in one step, with schema and as_of added; taken over, NULL is remembered as a
 * want of memory. */
void look_put(struct look *, struct sheet *);
/* A hash that was put earlier is still right as it is. What is neither put nor kept goes after the next reload
 * or start, unless another writer puts it. */
void look_keep(struct look *, const char *suffix);

#endif
