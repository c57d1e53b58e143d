/* SPDX-License-Identifier: MPL-2.0 */
/* The folder of this instance: one state_dir, one effortd, by a lock that dies with the process. What is in it
 * is the journal's (journal/identity.h and its neighbours) and the private Redis'. Main thread. */
#ifndef RUN_STATE_DIR_H
#define RUN_STATE_DIR_H

#include "base/error.h"

struct state_dir {
	int lock_fd;
};

/* Makes the folders where they are missing (0750), locks state_dir. -EBUSY: another effortd has it. */
int state_dir_open(struct state_dir *, const char *state_dir, const char *run_dir, struct error *reterr);
void state_dir_close(struct state_dir *);

#endif
