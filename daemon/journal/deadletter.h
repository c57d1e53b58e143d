/* SPDX-License-Identifier: MPL-2.0 */
/* What was refused, kept for people and for another try: NDJSON files in "<state_dir>/deadletters/", one line
 * for each refused event, rotated and capped (the oldest file goes and is counted). One line is
 *   {"at":"2026-11-22T09:15:00Z","source":"...","code":"E_...","line":17,"size":212,"field":"kle",
 *    "detail":"...","event":{...}}
 * with `event` only for what was searched for personal data and decoded; for what was refused before that
 * (E_JSON E_UTF8 E_TOO_LONG E_DEPTH E_DUPLICATE_KEY E_PARTIAL) "hash" (keyed, of the bytes) and "excerpt"
 * (at most 120 characters; a digit is shown as '#', an escape or a byte outside printable ASCII as '.') stand
 * instead, none of them where nothing of the line is left; for E_CPR only at, source, code, size and field.
 * `event` is the line as it came, read and searched here once more; without the member `source` its source is
 * the connection's, which is the one told.
 *
 * Lines collect in memory and are written by the keeping worker; past DEADLETTER_PENDING_MAX the caller has
 * to stop reading. Loop's thread. */
#ifndef JOURNAL_DEADLETTER_H
#define JOURNAL_DEADLETTER_H

#include "base/error.h"
#include "event/code.h"
#include "journal/disk.h"
#include "journal/job.h"

#include <effort/plugin.h>

#define DEADLETTER_PENDING_MAX (4 << 20)
#define DEADLETTER_FILE_BYTES  (16 << 20)

struct deadletters;

struct deadletter {
	int64_t at_ms;
	enum code code;
	struct effort_str source;   /* len 0: "_unknown" */
	uint64_t line;              /* in its connection */
	size_t size;                /* bytes received of it */
	const char *field, *detail; /* constant text, "" for none */
	struct effort_str bytes;    /* the line as received; len 0: gone (E_TOO_LONG, E_PARTIAL) */
};

struct deadletters_settings {
	const char *dir; /* made when missing */
	const struct disk *disk;
	struct worker worker;
	int64_t quota;
	const uint8_t *key; /* 32 bytes, borrowed: of "hash" */
};

struct deadletters *deadletters_open(const struct deadletters_settings *, struct error *reterr);
/* Writes what waits, synchronously. Not while the worker has a job of it, unless the worker has ended. */
void deadletters_close(struct deadletters *);

/* Never fails: without memory the line is dropped and counted. */
void deadletters_add(struct deadletters *, const struct deadletter *);
void deadletters_flush(struct deadletters *); /* gives what waits to the worker, unless it is at work */
bool deadletters_is_full(const struct deadletters *);
void deadletters_set_quota(struct deadletters *, int64_t quota);

struct deadletters_status {
	uint64_t kept,
		dropped; /* since the start: lines written or waiting; lines of removed files and lost ones */
	uint64_t lines;	 /* in the files now, of earlier runs too; 0 until is_counted */
	bool is_counted; /* the first deadletters_flush() has them counted */
	int64_t bytes;
	char error[128]; /* last one of the disk; "" */
};
void deadletters_status(const struct deadletters *, struct deadletters_status *ret);

#endif
