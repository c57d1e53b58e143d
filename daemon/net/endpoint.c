/* SPDX-License-Identifier: MPL-2.0 */
/* See endpoint.h. */
#include "net/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SYSTEMD_FIRST_FD 3
#define SYSTEMD_FDS_MAX  1024

static int set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

/* Accepted sockets inherit these. Keepalive finds producers that vanished without a word, and puts no byte
 * into the stream. */
static void keep_alive(int fd)
{
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

static void describe(struct endpoint *endpoint)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	} at;
	socklen_t len = sizeof(at);
	char host[INET6_ADDRSTRLEN];

	memset(&at, 0, sizeof(at));
	snprintf(endpoint->address, sizeof(endpoint->address), "?");
	if (getsockname(endpoint->fd, &at.any, &len) < 0)
		return;
	if (at.any.sa_family == AF_INET)
		snprintf(endpoint->address, sizeof(endpoint->address), "%s:%u",
			 inet_ntop(AF_INET, &at.in.sin_addr, host, sizeof(host)), ntohs(at.in.sin_port));
	else if (at.any.sa_family == AF_INET6)
		snprintf(endpoint->address, sizeof(endpoint->address), "[%s]:%u",
			 inet_ntop(AF_INET6, &at.in6.sin6_addr, host, sizeof(host)), ntohs(at.in6.sin6_port));
	else if (at.any.sa_family == AF_UNIX)
		snprintf(endpoint->address, sizeof(endpoint->address), "%.*s", (int)sizeof(at.un.sun_path),
			 at.un.sun_path);
}

/* Addresses */

static int refuse_spec(const char *spec, struct error *reterr)
{
	return error_set(
		reterr, -EINVAL,
		"\"%.200s\" is no place to listen: write an address and a port (127.0.0.1:7020, [::1]:7020, "
		"0.0.0.0:7020), "
		"a path (/run/effortd/in.sock), \"systemd\" or \"off\"; host names are not looked up",
		spec);
}

static int parse_port(const char *text)
{
	long port = 0;

	if (*text == '\0' || strlen(text) > 5)
		return -EINVAL;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		port = port * 10 + (*text - '0');
	}
	return port <= 65535 ? (int)port : -EINVAL;
}

static int parse_address(const char *spec, struct sockaddr_storage *ret, socklen_t *ret_len,
			 struct error *reterr)
{
	const char *colon = strrchr(spec, ':');
	char host[INET6_ADDRSTRLEN + 2];
	size_t len;
	int port;

	if (colon == NULL || (port = parse_port(colon + 1)) < 0)
		return refuse_spec(spec, reterr);
	len = (size_t)(colon - spec);
	if (len == 0 || len >= sizeof(host))
		return refuse_spec(spec, reterr);
	memcpy(host, spec, len);
	host[len] = '\0';
	memset(ret, 0, sizeof(*ret));
	if (host[0] == '[' && host[len - 1] == ']') {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret;

		host[len - 1] = '\0';
		if (inet_pton(AF_INET6, host + 1, &in6->sin6_addr) != 1)
			return refuse_spec(spec, reterr);
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)port);
		*ret_len = sizeof(*in6);
	} else {
		struct sockaddr_in *in = (struct sockaddr_in *)ret;

		if (inet_pton(AF_INET, host, &in->sin_addr) != 1)
			return refuse_spec(spec, reterr);
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)port);
		*ret_len = sizeof(*in);
	}
	return 0;
}

static int explain(const char *spec, int error, struct error *reterr)
{
	const char *next = "";

	if (error == EADDRINUSE)
		next = ": something else listens there already; stop it, or choose another port (ss -ltnp "
		       "shows which)";
	else if (error == EADDRNOTAVAIL)
		next = ": this machine does not have that address (ip addr shows those it has)";
	else if (error == EACCES)
		next = ": ports below 1024 need CAP_NET_BIND_SERVICE; choose one from 1024";
	return error_set(reterr, -error, "cannot listen on %.200s: %s%s", spec, strerror(error), next);
}

static int bind_and_listen(int fd, const struct sockaddr_storage *at, socklen_t len)
{
	return bind(fd, (const struct sockaddr *)at, len) < 0 || listen(fd, ENDPOINT_BACKLOG) < 0 ? -errno
												  : 0;
}

/* What is in the way may be our own old socket, which goes when the new one listens: both must agree to
 * share. Not the rule, because sharing is open to every process of our user. */
static int bind_beside(int fd, int replaced, const struct sockaddr_storage *at, socklen_t len)
{
	int r;

	set_option(replaced, SOL_SOCKET, SO_REUSEPORT, 1);
	set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	r = bind_and_listen(fd, at, len);
	set_option(replaced, SOL_SOCKET, SO_REUSEPORT, 0);
	set_option(fd, SOL_SOCKET, SO_REUSEPORT, 0);
	return r;
}

static int open_address(const char *spec, int replaced, struct endpoint *ret, struct error *reterr)
{
	struct sockaddr_storage at;
	socklen_t len = 0;
	int r = parse_address(spec, &at, &len, reterr);
	int fd;

	if (r < 0)
		return r;
	fd = socket(at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return explain(spec, errno, reterr);
	set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (at.ss_family == AF_INET6)
		set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	keep_alive(fd);
	r = bind_and_listen(fd, &at, len);
	if (r == -EADDRINUSE && replaced >= 0)
		r = bind_beside(fd, replaced, &at, len);
	if (r < 0) {
		close(fd);
		return explain(spec, -r, reterr);
	}
	ret->fd = fd;
	return 0;
}

/* Unix paths */

/* 1: a process listens on it. 0: nobody does; *ret_st says what is there (st_mode 0: nothing). */
static int is_answered(const struct sockaddr_un *at, struct stat *ret_st)
{
	int fd, r, error;

	memset(ret_st, 0, sizeof(*ret_st));
	if (lstat(at->sun_path, ret_st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(ret_st->st_mode))
		return -ENOTSOCK;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	r = connect(fd, (const struct sockaddr *)at, sizeof(*at));
	error = errno;
	close(fd);
	if (r == 0 || error == EAGAIN) /* EAGAIN: its queue is full, so there is one */
		return 1;
	return error == ECONNREFUSED || error == ENOENT ? 0 : -error;
}

static int remove_stale(const struct sockaddr_un *at, struct error *reterr)
{
	struct stat seen, now;
	int r = is_answered(at, &seen);

	if (r == 1)
		return error_set(reterr, -EADDRINUSE,
				 "%s: a running process answers on this socket; is effortd running already? "
				 "Stop it, or choose "
				 "another path",
				 at->sun_path);
	if (r == -ENOTSOCK)
		return error_set(
			reterr, -EADDRINUSE,
			"%s exists and is no socket; it is left alone: move it, or choose another path",
			at->sun_path);
	if (r < 0)
		return error_set(reterr, r, "%s: cannot find out whether a process listens on it: %s",
				 at->sun_path, strerror(-r));
	/* Somebody may have put a live one there since. */
	if (seen.st_mode != 0 && lstat(at->sun_path, &now) == 0 && now.st_ino == seen.st_ino &&
	    now.st_dev == seen.st_dev)
		unlink(at->sun_path);
	return 0;
}

static int bind_path(int fd, const struct sockaddr_un *at, struct error *reterr)
{
	/* The mode of the descriptor bounds the mode of the file from its first moment, for every thread's
	 * umask. */
	if (fchmod(fd, 0660) < 0)
		return error_set(reterr, -errno, "%s: cannot set the mode: %s", at->sun_path,
				 strerror(errno));
	for (int attempt = 0; bind(fd, (const struct sockaddr *)at, sizeof(*at)) < 0; attempt++) {
		int r = -errno;

		if (r != -EADDRINUSE || attempt == 2)
			return error_set(reterr, r, "cannot make the socket %s: %s%s", at->sun_path,
					 strerror(-r), r == -ENOENT ? "; its folder does not exist" : "");
		r = remove_stale(at, reterr);
		if (r < 0)
			return r;
	}
	return 0;
}

int endpoint_open_path(const char *path, struct endpoint *ret, struct error *reterr)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct endpoint made = { .fd = -1 };
	struct stat st;
	int r;

	if (strlen(path) >= sizeof(at.sun_path))
		return error_set(reterr, -ENAMETOOLONG,
				 "%.120s...: a socket path has at most %zu bytes; choose a shorter folder",
				 path, sizeof(at.sun_path) - 1);
	strcpy(at.sun_path, path);
	made.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (made.fd < 0)
		return error_set(reterr, -errno, "%s: %s", path, strerror(errno));
	r = bind_path(made.fd, &at, reterr);
	if (r < 0)
		goto fail;
	strcpy(made.path, path);
	snprintf(made.address, sizeof(made.address), "%s", path);
	if (lstat(path, &st) == 0) {
		made.dev = st.st_dev;
		made.ino = st.st_ino;
	}
	if (chmod(path, 0660) < 0 || listen(made.fd, ENDPOINT_BACKLOG) < 0) {
		r = error_set(reterr, -errno, "cannot listen on %s: %s", path, strerror(errno));
		goto fail;
	}
	*ret = made;
	return 0;
fail:
	endpoint_close(&made);
	return r;
}

/* The service manager */

/* The number of the passed socket called name; -ENOENT: none is. */
static int find_passed(const char *names, const char *name, int n)
{
	size_t len = strlen(name);

	for (int i = 0; i < n && names != NULL; i++) {
		if (strncmp(names, name, len) == 0 && (names[len] == ':' || names[len] == '\0'))
			return i;
		names = strchr(names, ':');
		if (names != NULL)
			names++;
	}
	return -ENOENT;
}

static bool is_stream_listener(int fd)
{
	int type = 0, listens = 0;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 || type != SOCK_STREAM)
		return false;
	len = sizeof(int);
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens;
}

static int open_passed(const char *name, struct endpoint *ret, struct error *reterr)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	int n = count != NULL ? atoi(count) : 0;
	int i, fd;

	if (pid == NULL || atol(pid) != (long)getpid() || n < 1 || n > SYSTEMD_FDS_MAX)
		return error_set(reterr, -ENOENT,
				 "listening on \"systemd\": no socket was passed to this process "
				 "(LISTEN_PID, LISTEN_FDS); start it "
				 "through effortd.socket, or write an address");
	i = find_passed(getenv("LISTEN_FDNAMES"), name != NULL ? name : "ndjson", n);
	if (i < 0 && name != NULL)
		return error_set(reterr, -ENOENT,
				 "listening on \"systemd:%.64s\": no passed socket has that name; see "
				 "FileDescriptorName= of the unit",
				 name);
	fd = SYSTEMD_FIRST_FD + (i < 0 ? 0 : i);
	if (!is_stream_listener(fd))
		return error_set(reterr, -EINVAL,
				 "listening on \"systemd\": descriptor %d is no listening stream socket; the "
				 "unit needs ListenStream=",
				 fd);
	/* The manager's own stays open for a later reload: its queue lives on. */
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	ret->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (ret->fd < 0)
		return error_set(reterr, -errno, "listening on \"systemd\": %s", strerror(errno));
	fcntl(ret->fd, F_SETFL, fcntl(ret->fd, F_GETFL) | O_NONBLOCK);
	keep_alive(ret->fd);
	return 0;
}

int endpoint_open(const char *spec, int replaced, struct endpoint *ret, struct error *reterr)
{
	struct endpoint made = { .fd = -1 };
	int r;

	if (spec[0] == '/')
		return endpoint_open_path(spec, ret, reterr);
	if (strcmp(spec, "systemd") == 0)
		r = open_passed(NULL, &made, reterr);
	else if (strncmp(spec, "systemd:", 8) == 0)
		r = open_passed(spec + 8, &made, reterr);
	else
		r = open_address(spec, replaced, &made, reterr);
	if (r < 0)
		return r;
	describe(&made);
	*ret = made;
	return 0;
}

void endpoint_close(struct endpoint *endpoint)
{
	struct stat st;

	if (endpoint->path[0] != '\0' && lstat(endpoint->path, &st) == 0 && st.st_dev == endpoint->dev &&
	    st.st_ino == endpoint->ino)
		unlink(endpoint->path);
	endpoint->path[0] = '\0';
	if (endpoint->fd >= 0)
		close(endpoint->fd);
	endpoint->fd = -1;
}
