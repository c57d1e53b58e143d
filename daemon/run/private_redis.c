/* SPDX-License-Identifier: MPL-2.0 */
/* See private_redis.h. The configuration goes to the server's stdin, so that no password stands on a command
 * line. */
#include "run/private_redis.h"

#include "base/clock.h"
#include "base/log.h"

#include <event2/event.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOCK_WAIT_MS   10000
#define RESTART_MIN_MS 100
#define RESTART_MAX_MS 10000
#define STEADY_MS      60000 /* having lived that long, a server starts again at the shortest backoff */
#define POLL_MS        200   /* looking for its end where the kernel gives no descriptor for a process */
#define PASSWORD_BYTES 24
#define LOG_MAX        (1 << 20) /* bytes; a longer log is set aside at a start */

struct private_redis {
	struct event_base *base;
	char *program, *prefix, *dir;       /* owned; dir: state_dir/redis */
	char *url, *socket, *password_file; /* owned */
	char password[2 * PASSWORD_BYTES + 1];
	int port;
	void *ctx;
	void (*on_notice)(void *ctx, int level, const char *msg, const char *detail);
	pid_t pid;                     /* 0: not running */
	int pidfd;                     /* -1: none */
	struct event *watch, *restart; /* watch: the end of the server */
	int64_t started_ms, backoff_ms;
	off_t log_from; /* where this server's lines begin in redis.log */
};

static void notice(struct private_redis *redis, int level, const char *msg, const char *detail)
{
	if (redis->on_notice)
		redis->on_notice(redis->ctx, level, msg, detail);
}

/* The password
 * -------------------------------------------------------------------------------------------------------- */

static bool is_password(const char *text)
{
	return strlen(text) == 2 * PASSWORD_BYTES && strspn(text, "0123456789abcdef") == 2 * PASSWORD_BYTES;
}

static int read_password(struct private_redis *redis)
{
	int fd = open(redis->password_file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char buf[2 * PASSWORD_BYTES + 2] = "";
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n > 0)
		buf[strcspn(buf, "\n")] = '\0';
	if (n <= 0 || !is_password(buf))
		return -EINVAL;
	memcpy(redis->password, buf, sizeof(redis->password));
	return 0;
}

/* Whole or not at all: by rename. */
static int write_password(struct private_redis *redis)
{
	unsigned char random[PASSWORD_BYTES];
	char path[4200];
	int fd, r = 0;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(redis->password + 2 * i, 3, "%02x", random[i]);
	snprintf(path, sizeof(path), "%s.new", redis->password_file);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (dprintf(fd, "%s\n", redis->password) < 0 || fsync(fd) < 0)
		r = -errno;
	close(fd);
	if (r == 0 && rename(path, redis->password_file) < 0)
		r = -errno;
	return r;
}

/* The configuration
 * ------------------------------------------------------------------------------------------------------ */

/* A word in Redis' quotes: every byte but the plainest as \xNN, so that no path can end the line or the word.
 */
static void put_word(FILE *out, const char *text)
{
	fputc('"', out);
	for (const unsigned char *at = (const unsigned char *)text; *at; at++)
		if ((*at >= '0' && *at <= '9') || ((*at | 32) >= 'a' && (*at | 32) <= 'z') ||
		    strchr("/._-:", *at))
			fputc(*at, out);
		else
			fprintf(out, "\\x%02x", *at);
	fputs("\"", out);
}

static void put_line(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s ", name);
	put_word(out, value);
	fputc('\n', out);
}

/* What may be read without logging in is what the dashboard user may read: the socket's mode says who gets
 * that far. */
static void put_reader(FILE *out, const char *user, const char *prefix)
{
	fprintf(out,
		"user %s reset on nopass resetkeys ~%s* resetchannels &%s* -@all +@read +subscribe "
		"+psubscribe +unsubscribe "
		"+punsubscribe +ping +hello +auth +select +echo +quit +reset +command +time +multi +exec "
		"+discard +client|id "
		"+client|getname +client|setname -@dangerous +info\n",
		user, prefix, prefix);
}

static void put_config(const struct private_redis *redis, FILE *out)
{
	fprintf(out, "port %d\n", redis->port);
	fputs("bind 127.0.0.1 -::1\nprotected-mode no\n", out);
	put_line(out, "unixsocket", redis->socket);
	fputs("unixsocketperm 660\n", out);
	put_line(out, "dir", redis->dir);
	fputs("daemonize no\nsupervised no\ndatabases 1\nsave \"\"\nappendonly yes\nappendfsync everysec\n"
	      "maxmemory-policy noeviction\nalways-show-logo no\nloglevel notice\n",
	      out);
	/* Redis loads its append-only file with the rights of the default user: what that one may not do
	 * would be missing after a restart. So it may everything, behind the password. */
	fprintf(out, "user default reset on >%s ~* &* +@all\n", redis->password);
	put_reader(out, "dashboard", redis->prefix);
	fprintf(out, "user effortd reset on >%s ~%s* &%s* +@all -@admin -@dangerous +info\n", redis->password,
		redis->prefix, redis->prefix);
}

/* A descriptor to read the configuration from; it lives in memory only. */
static int config_fd(const struct private_redis *redis)
{
	int fd = memfd_create("redis.conf", MFD_CLOEXEC), copy;
	FILE *out;

	if (fd < 0)
		return -errno;
	copy = dup(fd);
	out = copy >= 0 ? fdopen(copy, "w") : NULL;
	if (!out) {
		close(fd);
		return -ENOMEM;
	}
	put_config(redis, out);
	if (fclose(out) != 0 || lseek(fd, 0, SEEK_SET) < 0) {
		close(fd);
		return -EIO;
	}
	return fd;
}

/* The server
 * ----------------------------------------------------------------------------------------------------------
 */

/* The lock file, locked; the lock goes with the last descriptor of it, which is the server's. -EWOULDBLOCK: a
 * server (or one of its children) still has it. */
static int take_lock(const struct private_redis *redis)
{
	char path[4200];
	int fd;

	snprintf(path, sizeof(path), "%s/lock", redis->dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

static int log_fd(struct private_redis *redis)
{
	char path[4200], old[4208];
	struct stat st;

	snprintf(path, sizeof(path), "%s/redis.log", redis->dir);
	snprintf(old, sizeof(old), "%s.1", path);
	redis->log_from = stat(path, &st) == 0 ? st.st_size : 0;
	if (redis->log_from > LOG_MAX && rename(path, old) == 0)
		redis->log_from = 0;
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* In the child: only calls that are safe after fork. Tells errno through the pipe when there is no such
 * program. */
static void become_server(const char *program, pid_t parent, int config, int lock, int log, int tell)
{
	sigset_t none;
	int code;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int number = 1; number < 32; number++)
		signal(number, SIG_DFL);
	setpgid(0, 0); /* a Ctrl-C at the terminal is for effortd, which ends the server last */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent)
		_exit(126);
	if (dup2(config, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 || fcntl(lock, F_SETFD, 0) < 0)
		_exit(126);
	execlp(program, "redis-server", "-", (char *)NULL);
	code = errno;
	if (write(tell, &code, sizeof(code)) < 0)
		_exit(126);
	_exit(127);
}

/* 0, or the errno of the failed exec. */
static int await_exec(int fd)
{
	int code = 0;
	ssize_t n;

	do
		n = read(fd, &code, sizeof(code));
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(code) ? code : 0;
}

static int spawn(struct private_redis *redis, int lock, struct error *reterr)
{
	int config = config_fd(redis), log = log_fd(redis), tell[2] = { -1, -1 }, r = 0;
	pid_t parent = getpid(), pid = -1;

	if (config < 0 || log < 0 || pipe2(tell, O_CLOEXEC) < 0) {
		r = error_set(reterr, -EIO, "%s: cannot prepare the private redis-server: %s", redis->dir,
			      strerror(errno));
		goto out;
	}
	pid = fork();
	if (pid == 0)
		become_server(redis->program, parent, config, lock, log, tell[1]);
	if (pid < 0) {
		r = error_set(reterr, -errno, "cannot start %s: %s", redis->program, strerror(errno));
		goto out;
	}
	close(tell[1]);
	tell[1] = -1;
	r = await_exec(tell[0]);
	if (r) {
		waitpid(pid, NULL, 0);
		r = error_set(reterr, -r,
			      "cannot run %s: %s; install redis-server 7.0 or newer, or set redis.url",
			      redis->program, strerror(r));
		goto out;
	}
	redis->pid = pid;
out:
	if (config >= 0)
		close(config);
	if (log >= 0)
		close(log);
	if (tell[0] >= 0)
		close(tell[0]);
	if (tell[1] >= 0)
		close(tell[1]);
	return r;
}

static void on_end(evutil_socket_t fd, short what, void *ctx);

static int watch(struct private_redis *redis)
{
	struct timeval every = { 0, POLL_MS * 1000 };

	redis->pidfd = (int)syscall(SYS_pidfd_open, redis->pid, 0);
	redis->watch = event_new(redis->base, redis->pidfd,
				 redis->pidfd >= 0 ? EV_READ | EV_PERSIST : EV_PERSIST, on_end, redis);
	return redis->watch && event_add(redis->watch, redis->pidfd >= 0 ? NULL : &every) == 0 ? 0 : -ENOMEM;
}

static void unwatch(struct private_redis *redis)
{
	if (redis->watch)
		event_free(redis->watch);
	if (redis->pidfd >= 0)
		close(redis->pidfd);
	redis->watch = NULL;
	redis->pidfd = -1;
}

static int start_server(struct private_redis *redis, int64_t wait_ms, struct error *reterr)
{
	int64_t end_ms = clock_mono_ms() + wait_ms;
	int lock = take_lock(redis), r;
	char detail[64];

	while (lock == -EWOULDBLOCK && clock_mono_ms() < end_ms) {
		usleep(50000);
		lock = take_lock(redis);
	}
	if (lock == -EWOULDBLOCK)
		return error_set(
			reterr, lock,
			"%s: another redis-server still runs on this data; end it (or its effortd) first",
			redis->dir);
	if (lock < 0)
		return error_set(reterr, lock, "%s/lock: %s", redis->dir, strerror(-lock));
	r = spawn(redis, lock, reterr);
	close(lock); /* the server's own descriptor keeps it */
	if (r < 0)
		return r;
	redis->started_ms = clock_mono_ms();
	r = watch(redis);
	if (r < 0)
		return error_set(reterr, r, "no memory to watch the private redis-server");
	snprintf(detail, sizeof(detail), "pid %d", (int)redis->pid);
	notice(redis, LOG_INFO, "private redis started", detail);
	return 0;
}

static void restart_later(struct private_redis *redis)
{
	struct timeval after = { redis->backoff_ms / 1000, redis->backoff_ms % 1000 * 1000 };

	event_add(redis->restart, &after);
	redis->backoff_ms = redis->backoff_ms * 2 > RESTART_MAX_MS ? RESTART_MAX_MS : redis->backoff_ms * 2;
}

static void on_restart(evutil_socket_t fd, short what, void *ctx)
{
	struct private_redis *redis = ctx;
	struct error error;

	(void)fd;
	(void)what;
	if (start_server(redis, 0, &error) < 0) {
		notice(redis, LOG_ERROR, "private redis not started", error.text);
		restart_later(redis);
	}
}

static bool has_one_of(const char *text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(text, words[i]) != NULL)
			return true;
	return false;
}

/* What the server that has just ended wrote last says that its data is damaged; another reason may pass. */
static bool is_damaged(const struct private_redis *redis)
{
	static const char *const damaged[] = { "Bad file format reading the append only file",
					       "Unexpected end of file reading the append only file",
					       "FATAL AOF MANIFEST FILE ERROR", "AOF loading aborted",
					       "Short read or OOM loading DB" };
	static const char *const whole[] = { "Can't handle RDB format version", "Unknown command", "Permission denied",
					     "Too many open files", "Input/output error" };
	char path[4200], last[4096] = "";
	struct stat st;
	off_t from = redis->log_from;
	int fd;

	snprintf(path, sizeof(path), "%s/redis.log", redis->dir);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && st.st_size - from >= (off_t)sizeof(last))
		from = st.st_size - (off_t)sizeof(last) + 1;
	(void)!pread(fd, last, sizeof(last) - 1, from);
	close(fd);
	return has_one_of(last, damaged, sizeof(damaged) / sizeof(damaged[0])) &&
	       !has_one_of(last, whole, sizeof(whole) / sizeof(whole[0]));
}

static void set_aside(struct private_redis *redis)
{
	char path[4200], aside[4300];

	snprintf(path, sizeof(path), "%s/appendonlydir", redis->dir);
	snprintf(aside, sizeof(aside), "%s.damaged-%" PRId64, path, clock_now_ms() / 1000);
	if (rename(path, aside) == 0)
		notice(redis, LOG_ERROR, "the private redis cannot read its data: set aside, the counts are brought back",
		       aside);
	else
		notice(redis, LOG_ERROR, "the private redis cannot read its data, and it cannot be set aside",
		       strerror(errno));
}

static void on_end(evutil_socket_t fd, short what, void *ctx)
{
	struct private_redis *redis = ctx;
	char detail[128];
	int status;

	(void)fd;
	(void)what;
	if (waitpid(redis->pid, &status, WNOHANG) != redis->pid)
		return;
	redis->pid = 0;
	unwatch(redis);
	if (clock_mono_ms() - redis->started_ms > STEADY_MS)
		redis->backoff_ms = RESTART_MIN_MS;
	if (WIFSIGNALED(status))
		snprintf(detail, sizeof(detail), "signal %d; started again in %" PRId64 " ms",
			 WTERMSIG(status), redis->backoff_ms);
	else
		snprintf(detail, sizeof(detail),
			 "exit status %d; started again in %" PRId64 " ms; see redis.log",
			 WEXITSTATUS(status), redis->backoff_ms);
	notice(redis, LOG_WARNING, "private redis died", detail);
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0 && is_damaged(redis))
		set_aside(redis);
	restart_later(redis);
}

/* Life and death
 * -------------------------------------------------------------------------------------------------------- */

static char *join(const char *left, const char *right)
{
	size_t len = strlen(left) + strlen(right) + 1;
	char *text = malloc(len);

	if (text)
		snprintf(text, len, "%s%s", left, right);
	return text;
}

/* "<absolute folder>/<name>": the server changes its folder, so relative paths would mean another place
 * there. */
static char *in_folder(const char *folder, const char *name)
{
	char *absolute = realpath(folder, NULL), *path = join(absolute ? absolute : folder, name);

	free(absolute);
	return path;
}

static int check_settings(const struct private_redis_settings *settings, struct error *reterr)
{
	if (settings->prefix[0] == '\0' ||
	    strspn(settings->prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:._-") !=
		    strlen(settings->prefix))
		return error_set(
			reterr, -EINVAL,
			"redis.prefix: with redis.url = \"private\" it may have letters, digits and :._-");
	return 0;
}

static struct private_redis *make(struct event_base *base, const struct private_redis_settings *settings)
{
	struct private_redis *redis = calloc(1, sizeof(*redis));

	if (!redis)
		return NULL;
	redis->base = base;
	redis->pidfd = -1;
	redis->port = settings->port;
	redis->ctx = settings->ctx;
	redis->on_notice = settings->on_notice;
	redis->backoff_ms = RESTART_MIN_MS;
	redis->program = strdup(settings->program);
	redis->prefix = strdup(settings->prefix);
	redis->dir = in_folder(settings->state_dir, "/redis");
	redis->socket = in_folder(settings->run_dir, "/redis.sock");
	redis->url = redis->socket ? join("unix://", redis->socket) : NULL;
	redis->password_file = redis->dir ? join(redis->dir, "/effortd.password") : NULL;
	redis->restart = event_new(base, -1, 0, on_restart, redis);
	if (redis->program && redis->prefix && redis->url && redis->password_file && redis->restart)
		return redis;
	private_redis_stop(redis, 0);
	return NULL;
}

static int prepare(struct private_redis *redis, struct error *reterr)
{
	int r;

	if (strlen(redis->socket) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return error_set(reterr, -ENAMETOOLONG, "run_dir: too long for a socket in it: %s",
				 redis->socket);
	if (mkdir(redis->dir, 0700) < 0 && errno != EEXIST)
		return error_set(reterr, -errno, "%s: %s", redis->dir, strerror(errno));
	r = read_password(redis);
	if (r == -ENOENT || r == -EINVAL)
		r = write_password(redis);
	if (r < 0)
		return error_set(reterr, r, "%s: %s", redis->password_file, strerror(-r));
	return 0;
}

struct private_redis *private_redis_start(struct event_base *base,
					  const struct private_redis_settings *settings, struct error *reterr)
{
	struct private_redis *redis;

	if (check_settings(settings, reterr) < 0)
		return NULL;
	redis = make(base, settings);
	if (!redis) {
		error_set(reterr, -ENOMEM, "no memory for the private redis-server");
		return NULL;
	}
	if (prepare(redis, reterr) == 0 && start_server(redis, LOCK_WAIT_MS, reterr) == 0)
		return redis;
	private_redis_stop(redis, 0);
	return NULL;
}

static void end_server(struct private_redis *redis, int64_t wait_ms)
{
	int64_t end_ms = clock_mono_ms() + wait_ms;

	kill(redis->pid, SIGTERM);
	while (waitpid(redis->pid, NULL, WNOHANG) == 0) {
		if (clock_mono_ms() >= end_ms) {
			kill(redis->pid, SIGKILL);
			waitpid(redis->pid, NULL, 0);
			break;
		}
		usleep(5000);
	}
	redis->pid = 0;
}

void private_redis_stop(struct private_redis *redis, int64_t wait_ms)
{
	if (!redis)
		return;
	unwatch(redis);
	if (redis->pid > 0)
		end_server(redis, wait_ms);
	if (redis->restart)
		event_free(redis->restart);
	explicit_bzero(redis->password, sizeof(redis->password));
	free(redis->program);
	free(redis->prefix);
	free(redis->dir);
	free(redis->socket);
	free(redis->url);
	free(redis->password_file);
	free(redis);
}

pid_t private_redis_pid(const struct private_redis *redis)
{
	return redis->pid;
}

const char *private_redis_url(const struct private_redis *redis)
{
	return redis->url;
}

const char *private_redis_password_file(const struct private_redis *redis)
{
	return redis->password_file;
}
