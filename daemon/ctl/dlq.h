/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl dlq`: what its actions share: reading the files of dead letters (journal/deadletter.h) as they
 * were when the command began, one letter after the other, those that are asked for. Works on the files,
 * beside a running effortd or without one, and only reads. */
#ifndef CTL_DLQ_H
#define CTL_DLQ_H

#include "ctl/ctl.h"

#include <jansson.h>
#include <stdint.h>

struct dlq_options {
	const char *code, *source; /* NULL: all */
	const char *limit, *to;
	bool is_dry;
};

struct dlq_letter {
	const char *line; /* as it stands in the file, without line end */
	size_t len;
	const json_t *doc;
	uint64_t file;
	const char *source, *code;
	int64_t at_ms;     /* 0: unreadable */
	const char *event; /* its bytes in the line; NULL: not kept */
	size_t event_len;
};

/* How the reading went. */
struct dlq_read {
	uint64_t files, letters; /* letters: asked for */
	uint64_t damaged;        /* lines that are no letter */
};

/* Hands every letter that the options ask for to visit, oldest first, until it returns something else than
 * CTL_OK; a letter lives for the call. What was appended since the beginning is left out. A line without end
 * is being written: no letter yet. CTL_OK, or what visit returned, or CTL_IO, told. */
int dlq_each(struct ctl *, const char *state_dir, const struct dlq_options *,
	     int (*visit)(void *ctx, const struct dlq_letter *), void *ctx, struct dlq_read *ret);

/* Says on stderr that lines were passed over, if any. */
void dlq_tell_damaged(struct ctl *, const struct dlq_read *);

/* --limit. CTL_OK, or CTL_USAGE, told. NULL: *ret stays. */
int dlq_limit(struct ctl *, const struct dlq_options *, uint64_t *ret);

typedef int dlq_action(struct ctl *, const char *state_dir, const struct dlq_options *);

dlq_action dlq_list, dlq_show, dlq_replay;

#endif
