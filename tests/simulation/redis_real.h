/* SPDX-License-Identifier: MPL-2.0 */
/* A real redis-server beside the model: the same commands to both, answers and keys compared. For check
 * programs. */
#ifndef SIMULATION_REDIS_REAL_H
#define SIMULATION_REDIS_REAL_H

#include "server.h"

#include <hiredis/hiredis.h>

struct real {
	char dir[64], socket[96];
	int pid;
	redisContext *redis;
};

void real_start(struct real *);
void real_stop(struct real *);

/* Runs one command on both; ends the test where the answers differ. What the answers say of HKEYS and the like is
 * compared in any order. */
void real_compare(struct real *, struct server *, int64_t now_ms, size_t argc, const char *const *argv,
		  const size_t *lens);
/* Every key of one is in the other, with the same in it. */
void real_compare_keys(struct real *, struct server *);

#endif
