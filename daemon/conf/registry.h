/* SPDX-License-Identifier: MPL-2.0 */
/* The registry of efforts that effortctl keeps: `efforts.conf` in state_dir, in the form of every file of
 * efforts, so that one reader and one check serve both and an entry can be moved from one to the other. It is
 * changed by whoever holds the lock beside it, by writing a new file, fsync and rename: a reader has the old
 * one or the new one. Its owner is state_dir's, whoever runs effortctl. */
#ifndef CONF_REGISTRY_H
#define CONF_REGISTRY_H

#include "conf/effort_list.h"

#define REGISTRY_PATH 4200

/* <state_dir>/efforts.conf; buf: REGISTRY_PATH bytes. */
void registry_path(const char *state_dir, char *buf);

struct registry {
	char path[REGISTRY_PATH];
	int lock_fd;
	struct arena arena;
	struct effort_list list; /* add to it, change it, then save */
};

/* Locks (waits for whoever changes it just now) and reads. -EINVAL: it has faults; -EACCES and the like with reterr. On
 * failure there is nothing to close. */
int registry_open(struct registry *, const char *state_dir, const struct effort_known *, struct faults *,
		  struct error *reterr);
/* 0, or a negative errno with reterr: then the file is as it was. */
int registry_save(struct registry *, struct error *reterr);
void registry_close(struct registry *);

#endif
