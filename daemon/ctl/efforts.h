/* SPDX-License-Identifier: MPL-2.0 */
/* The parts of `effortctl efforts`: where the document comes from (the daemon, or files without one), the pages made of
 * it, and changing the registry. The document is the daemon's answer to {"cmd":"efforts"}; without a daemon the same is
 * made of the files, with nothing counted in it. */
#ifndef CTL_EFFORTS_H
#define CTL_EFFORTS_H

#include "ctl/page.h"

#include <jansson.h>

struct efforts_options {
	const char *file, *config, *state_dir; /* or NULL */
	const char *municipality, *area;       /* as written; NULL: all */
	const char *id;			       /* of show, stop and remove; NULL: all */
	const char *on;			       /* stop: the last day */
	/* add: a file of efforts, or the members of one */
	const char *input;
	const char *new_id, *title, *category, *scope, *channel, *unit, *from, *to, *measure, *target, *due, *status;
};

/* The document of the files that the options name. CTL_OK and a document that is the caller's; else told. */
int efforts_from_files(struct ctl *, const struct efforts_options *, json_t **ret);

void efforts_list_page(struct page *, struct ctl *, const json_t *doc);
void efforts_show_page(struct page *, struct ctl *, const json_t *effort);
void efforts_report_page(struct page *, struct ctl *, const json_t *doc);

/* Texts that several pages have; notes of ctl. */
const char *efforts_title(const struct ctl *, const json_t *effort);
const char *efforts_before(struct ctl *, const json_t *effort); /* 47.00%, a number, or "-" */
const char *efforts_after(struct ctl *, const json_t *effort);
const char *efforts_change(struct ctl *, const json_t *effort); /* "+21.00 pp", "+1,200", or "-" */
const char *efforts_verdict(struct ctl *, const char *verdict); /* in words; "" for none */
const char *efforts_status(const struct ctl *, const json_t *effort);
const char *efforts_kroner(struct ctl *, const char *raw);	/* 1,349,000 or 25,252.50; raw NULL or "": "-" */
/* The warnings of an effort in words, each handed to `add`. */
void efforts_warnings(struct ctl *, const json_t *effort, void (*add)(void *ctx, const char *text), void *ctx);

/* `add`, `stop` and `remove`: change the registry and have the daemon read it. An enum ctl_exit; says what it did. */
int efforts_add(struct ctl *, const struct efforts_options *);
int efforts_stop(struct ctl *, const struct efforts_options *);
int efforts_remove(struct ctl *, const struct efforts_options *);
/* The options of the new effort: CTL_OK, or told what is missing or none of its words. */
int efforts_check_new(struct ctl *, const struct efforts_options *);

#endif
