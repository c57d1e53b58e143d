/* SPDX-License-Identifier: MPL-2.0 */
/* The folder of this instance: one state_dir, one effortd. Holds the lock, which dies with the process, and
 * the writer's identity with a range of positions no earlier run has used. Main thread. */
#ifndef RUN_STATE_DIR_H
#define RUN_STATE_DIR_H

#include "base/error.h"

#include <stdint.h>

struct state_dir {
	int lock_fd;
	char writer[33];         /* 16 hex digits, made once for each state_dir */
	uint64_t first_position; /* nothing of this writer in Redis is at or past it */
};

/* Makes the folders where they are missing (0750), locks state_dir, reads or makes the writer's file and
 * reserves positions durably. -EBUSY: another effortd has it. */
int state_dir_open(struct state_dir *, const char *state_dir, const char *run_dir, struct error *reterr);
void state_dir_close(struct state_dir *);

#endif
