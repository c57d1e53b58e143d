/* SPDX-License-Identifier: MPL-2.0 */
/* Lines to the daemon, at least once: each is kept until the daemon has said that it is settled (durable, a
 * duplicate, or refused), and sent again over the next connection when one breaks. Together with the daemon's
 * memory for ids that makes exactly once, as long as a line is the same bytes each time.
 *
 * One thread; waits in poll() only. Reconnects with full jitter, up to 5 s. Keeps at most ACKED_LINES lines
 * and ACKED_BYTES bytes, and never has more underway than the daemon's window. What concerns one line goes to
 * `on_settled`, in the order of acked_send(); what concerns all is said on stderr.
 *
 *	r = acked_open(ctl, &settings, &acked);
 *	while (r == CTL_OK && ...a next line...)
 *		r = acked_send(acked, line, len, number, place);
 *	if (r == CTL_OK)
 *		r = acked_finish(acked);
 *	acked_sums(acked, &sums);
 *	acked_close(acked);
 *
 * The address comes from --to, or from send_find_address() (send.h). */
#ifndef CTL_ACKED_H
#define CTL_ACKED_H

#include "ctl/ctl.h"

#include <stdint.h>

#define ACKED_LINES      10000
#define ACKED_BYTES      ((size_t)16 * 1024 * 1024)
#define ACKED_MAX_LINE   65536
#define ACKED_TIMEOUT_MS 60000 /* for those who do not say */

struct acked;

/* A line as it was put. */
struct acked_line {
	const char *text; /* without line end, not NUL-terminated; borrowed for the call */
	size_t len;
	uint64_t number, place; /* the caller's own */
};

/* Why a line was refused, by the daemon's word; without control characters. */
struct acked_refusal {
	char code[24], id[132], detail[256];
};

struct acked_settings {
	const char *address; /* host:port, [host]:port, a unix path; borrowed */
	int64_t timeout_ms;  /* gives up when nothing was settled for so long while something waits; 0: never
			      */
	void *ctx;
	/* The line is settled; refusal NULL: accepted or a duplicate. Must not call acked_. */
	void (*on_settled)(void *ctx, const struct acked_line *, const struct acked_refusal *);
	/* Some lines have been settled, and all of them told: time to note it. May be NULL. */
	void (*on_progress)(void *ctx);
};

/* CTL_OK; CTL_USAGE: the address is none; CTL_INTERNAL: no memory. Does not connect yet. settings is copied.
 */
int acked_open(struct ctl *, const struct acked_settings *, struct acked **ret);
/* What is not settled is forgotten; NULL is allowed. */
void acked_close(struct acked *);

/* Takes a line (without LF; CRs at its end are dropped; an empty one is nothing). Waits while there is no
 * room. CTL_OK; CTL_REFUSED: longer than ACKED_MAX_LINE, not taken and nothing said; CTL_TEMPORARY: gave up,
 * said; CTL_INTERNAL: no memory, said. */
int acked_send(struct acked *, const char *line, size_t len, uint64_t number, uint64_t place);
/* Waits until all are settled. CTL_OK or CTL_TEMPORARY (gave up, said). */
int acked_finish(struct acked *);

/* For callers with an input of their own to watch: does what there is to do now, waiting at most max_ms and
 * no longer than until fd (-1: none) can be read: *ret_is_readable. CTL_OK or CTL_TEMPORARY (gave up, said).
 */
int acked_step(struct acked *, int fd, int max_ms, bool *ret_is_readable);
/* A line of any length can be sent without waiting. */
bool acked_has_room(const struct acked *);

/* From now on the first SIGINT or SIGTERM ends in good order: what waits is given up at the next occasion.
 * The second does not ask. */
void acked_catch_signals(void);
bool acked_is_interrupted(void);

struct acked_sums {
	uint64_t accepted, duplicate, refused; /* settled, as the daemon counts them */
	uint64_t waiting;                      /* taken and not settled */
	uint64_t connections;                  /* that were answered */
};
void acked_sums(const struct acked *, struct acked_sums *ret);

#endif
