/* SPDX-License-Identifier: MPL-2.0 */
/* effortd's own redis-server, for `redis.url = "private"`: append-only file in state_dir/redis, socket
 * run_dir/redis.sock (0660), a read-only ACL user `dashboard` (any password will do; the socket's mode guards
 * it), and a user `effortd` with a random password kept in state_dir/redis/effortd.password (0600). Nobody
 * else gets in.
 *
 * It ends with effortd: SIGTERM at the end, and the kernel sends it when effortd dies in any way. A lock in
 * state_dir/redis, inherited by the server, lives exactly as long as it does: there is never a second server
 * on the same data. Restarted with backoff when it dies; data it cannot read is set aside first
 * (appendonlydir.damaged-<Unix time>): what is counted can be brought back. Main thread. */
#ifndef RUN_PRIVATE_REDIS_H
#define RUN_PRIVATE_REDIS_H

#include "base/error.h"

#include <stdint.h>
#include <sys/types.h>

struct event_base;
struct private_redis;

struct private_redis_settings {
	const char *program; /* "redis-server": searched in PATH */
	const char *state_dir, *run_dir;
	int port;           /* 0: no TCP */
	const char *prefix; /* keys and channels the dashboard user may read */
	void *ctx;
	/* Started, died, restarted; for the log. level: as in base/log.h. */
	void (*on_notice)(void *ctx, int level, const char *msg, const char *detail);
};

/* Starts the server, waiting up to 10 s for the lock of one that is still ending. Does not wait until it
 * answers. */
struct private_redis *private_redis_start(struct event_base *, const struct private_redis_settings *,
					  struct error *reterr);
/* SIGTERM, waits up to wait_ms for the clean end (its data on disk), then SIGKILL. NULL is allowed. */
void private_redis_stop(struct private_redis *, int64_t wait_ms);
pid_t private_redis_pid(const struct private_redis *);       /* 0: not running now */
const char *private_redis_url(const struct private_redis *); /* "unix:///run/effortd/redis.sock" */
const char *private_redis_password_file(const struct private_redis *);

#endif
