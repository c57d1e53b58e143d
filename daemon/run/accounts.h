/* SPDX-License-Identifier: MPL-2.0 */
/* Nothing received is ever unaccounted for: per source, received = accepted + duplicate + refused. Keeps one
 * account a source
 * ("_unknown" where none could be read, "_other" past ACCOUNTS_MAX), its codes, and when it was last heard,
 * so that a source with an expected rhythm that falls silent is noticed. Loop's thread. */
#ifndef RUN_ACCOUNTS_H
#define RUN_ACCOUNTS_H

#include "conf/conf.h"
#include "count/names.h"
#include "event/code.h"

#include <effort/plugin.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACCOUNTS_MAX    4096
#define ACCOUNT_UNKNOWN "_unknown"
#define ACCOUNT_OTHER   "_other"
#define ACCOUNT_HINTS   128

struct account {
	char *name; /* owned */
	size_t name_len;
	uint64_t hash;
	uint64_t received, accepted, duplicate, refused;
	uint64_t merged; /* of accepted: one contact with earlier records of their errand */
	uint64_t doubtful; /* of accepted: readings that may be mistyped */
	uint64_t codes[CODES];
	int64_t last_ms; /* arrival of its last line; 0: none since the start */
	int64_t good_ms; /* of the last that was not refused */
	bool is_silent;
	const struct conf_source *conf; /* borrowed: what the configuration says of it, or NULL */
	int64_t watched_ms;             /* since when conf has been there */
	/* since the last minute's log line */
	uint32_t unlogged[CODES];
	uint64_t first_line[CODES];
	struct name_hint hints[ACCOUNT_HINTS]; /* where the ledger counts the source, by municipality */
};

struct accounts {
	struct account **list; /* owned, each owned, in order of appearance */
	size_t n;
	struct account *unknown, *other; /* borrowed from the list */
	struct account *last;            /* the one asked for last */
	struct account *index[2 * ACCOUNTS_MAX];
	uint64_t received, accepted, duplicate, refused, merged;
};

int accounts_init(struct accounts *); /* 0 or -ENOMEM */
void accounts_done(struct accounts *);

/* After a (re)load: which sources the configuration knows; opens their accounts. Where clients have used up the room,
 * the sources that were not heard for longest are counted in "_other" from then on, with what they had. */
void accounts_configure(struct accounts *, const struct conf *, int64_t now_ms);

/* The account of a source; len 0: "_unknown". Never NULL. */
struct account *accounts_of(struct accounts *, struct effort_str source);

/* Of this source in this municipality; NULL: the account is of several sources. */
struct name_hint *account_hint(const struct accounts *, struct account *, uint16_t municipality);

void account_accepted(struct accounts *, struct account *, int64_t now_ms);
/* So many contacts less than records: told beside account_accepted(). */
void account_merged(struct accounts *, struct account *, uint64_t contacts);
void account_duplicate(struct accounts *, struct account *, int64_t now_ms);
/* line: number of the line in its connection, told in the log. */
void account_refused(struct accounts *, struct account *, enum code, uint64_t line, int64_t now_ms);

#endif
