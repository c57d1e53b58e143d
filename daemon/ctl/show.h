/* SPDX-License-Identifier: MPL-2.0 */
/* A command that takes no arguments, asks the daemon one thing and shows the answer: status, sources,
 * plugins. Handles --help, --json, refusals and output; what the page says is the command's. */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include "ctl/page.h"

#include <jansson.h>

/* Writes the daemon's answer to the page. */
typedef void show_fill(struct page *, struct ctl *, const json_t *doc);

/* name: of the command, of its help and of the request. asks_zone: the answer does not tell the daemon's time
 * zone, so it is asked for first. An enum ctl_exit. */
int show_answer(struct ctl *, char **args, const char *name, bool asks_zone, show_fill *);

#endif
