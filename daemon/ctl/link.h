/* SPDX-License-Identifier: MPL-2.0 */
/* The way to a running daemon: one JSON line to run_dir/control.sock, one back. Answers of up to LINK_MAX
 * bytes within LINK_TIMEOUT_MS; an answer that is no JSON object with "ok" is refused as a whole. Says what
 * is wrong itself. */
#ifndef CTL_LINK_H
#define CTL_LINK_H

#include "ctl/ctl.h"

#include <jansson.h>

#define LINK_MAX        ((size_t)16 * 1024 * 1024)
#define LINK_TIMEOUT_MS 10000

struct reply {
	char *line;  /* owned; as it came, without line end */
	json_t *doc; /* owned; control characters in its values are made spaces */
};

/* Where control.sock is looked for when neither --run-dir nor EFFORTD_RUN_DIR says. */
void link_default_dir(struct ctl *);

/* CTL_OK and the reply, whatever it says; or CTL_UNAVAILABLE, CTL_INTERNAL. Consumes nothing: request is JSON
 * text. */
int link_ask(struct ctl *, const char *request, struct reply *ret);
void reply_done(struct reply *);

/* CTL_OK when the reply says ok; else says its error and hint and returns CTL_REFUSED. */
int reply_check(struct ctl *, const struct reply *);

/* link_ask and reply_check; with --json a refusal's document is written too. CTL_OK: *ret is the caller's. */
int link_ask_ok(struct ctl *, const char *request, struct reply *ret);

/* Shows moments in the daemon's time zone from now on. CTL_OK, or as link_ask. */
int link_use_zone(struct ctl *);

/* The document as it came, on stdout. CTL_OK or CTL_IO. */
int reply_print(struct ctl *, const struct reply *);

#endif
