/* SPDX-License-Identifier: MPL-2.0 */
/* The configuration as `effortctl` uses it without a daemon: which municipalities exist, how old an event may
 * be, and what the areas know. An event that is refused is told from one that would be counted as
 * unclassified. */
#ifndef CTL_CATALOGUE_H
#define CTL_CATALOGUE_H

#include "ctl/ctl.h"
#include "event/decode.h"

struct catalogue;
struct conf;

/* Reads a configuration file with all it names; prints every fault and returns CTL_CONFIG when there are any.
 */
int catalogue_open(struct ctl *, const char *file, struct catalogue **ret);
/* The configuration of the running daemon, if there is one and its file can be read here; NULL otherwise, in
 * silence. */
struct catalogue *catalogue_of_daemon(struct ctl *);
void catalogue_close(struct catalogue *);

const char *catalogue_file(const struct catalogue *); /* NULL: the built-in defaults */
/* False: the limits of age are not known, so catalogue_check does not look at the time. */
bool catalogue_knows_ages(const struct catalogue *);
const struct conf *catalogue_conf(const struct catalogue *); /* the whole of it */
const char *catalogue_state_dir(const struct catalogue *);
const char *catalogue_zone(const struct catalogue *); /* "Europe/Copenhagen" */
/* Municipality i; false past the last. */
bool catalogue_municipality(const struct catalogue *, size_t i, const char **ret_code, const char **ret_name);

/* What the daemon would say of a decoded event now; fills refusal unless CODE_OK. */
enum code catalogue_check(const struct catalogue *, const struct effort_event *, int64_t now_ms,
			  struct refusal *ret_refusal);
/* Some area knows its task, its service or a beginning of its KLE number. */
bool catalogue_knows(const struct catalogue *, const struct effort_event *);

#endif
