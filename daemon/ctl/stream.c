/* SPDX-License-Identifier: MPL-2.0 */
/* The way to the daemon's listener (send.h): plain TCP or a unix socket, blocking, with a clean half-close at
 * the end. The daemon answers nothing to a sender of events; what it does say is an error and is shown. */
#include "ctl/send.h"

#include "ctl/failure.h"
#include "ctl/page.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CLOSE_TIMEOUT_MS 30000
#define SAID_MAX         400

static const char *without_scheme(const char *address)
{
	if (strncmp(address, "unix:", 5) == 0)
		address += strncmp(address, "unix://", 7) == 0 ? 7 : 5;
	return address;
}

/* "host:port" or "[host]:port" into its parts. */
static bool split(const char *address, char *host, size_t size, const char **ret_port)
{
	const char *colon = strrchr(address, ':');
	size_t len;

	if (colon == NULL || colon == address || colon[1] == '\0')
		return false;
	len = (size_t)(colon - address);
	if (address[0] == '[' && address[len - 1] == ']') {
		address++;
		len -= 2;
	} else if (memchr(address, ':', len) != NULL) {
		return false;
	}
	if (len == 0 || len >= size)
		return false;
	memcpy(host, address, len);
	host[len] = '\0';
	*ret_port = colon + 1;
	return true;
}

int stream_check(struct ctl *ctl, const char *address)
{
	char host[256];
	const char *port;

	address = without_scheme(address);
	if (strchr(address, '/') == NULL && !split(address, host, sizeof host, &port))
		return ctl_fail(ctl, CTL_USAGE, W_ADDRESS_BAD, W_NEXT_ADDRESS_FORM, address);
	if (strchr(address, '/') != NULL && strlen(address) >= sizeof((struct sockaddr_un *)NULL)->sun_path)
		return ctl_fail(ctl, CTL_USAGE, W_PATH_TOO_LONG, W_NEXT_SHORTER_PATH, address);
	return CTL_OK;
}

/* One attempt; a connected socket or a negative errno. */
static int try_address(int family, int protocol, const struct sockaddr *address, socklen_t len,
		       int64_t timeout_ms)
{
	struct timeval timeout = { .tv_sec = timeout_ms / 1000, .tv_usec = timeout_ms % 1000 * 1000 };
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, protocol), error;

	if (fd < 0)
		return -errno;
	if (timeout_ms > 0) /* holds for connect() too */
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
	if (connect(fd, address, len) != 0) {
		error = errno == EINPROGRESS || errno == EAGAIN ? ETIMEDOUT : errno;
		close(fd);
		return -error;
	}
	timeout = (struct timeval){ 0 };
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
	return fd;
}

static int dial_unix(const char *path, int64_t timeout_ms)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	return try_address(AF_UNIX, 0, (const struct sockaddr *)&address, sizeof address, timeout_ms);
}

static int dial_tcp(const struct ctl *ctl, const char *address, int64_t timeout_ms, struct error *reterr)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV }, *list, *one;
	char host[256];
	const char *port;
	int fd = -EINVAL, r;

	if (!split(address, host, sizeof host, &port))
		return error_set(reterr, -EINVAL, "%s", failure_text(ctl, EINVAL));
	r = getaddrinfo(host, port, &hints, &list);
	if (r != 0)
		return error_set(reterr, -EHOSTUNREACH, "%s", failure_lookup_text(ctl, r));
	for (one = list; one != NULL && fd < 0; one = one->ai_next)
		fd = try_address(one->ai_family, one->ai_protocol, one->ai_addr, one->ai_addrlen, timeout_ms);
	freeaddrinfo(list);
	return fd < 0 ? error_set(reterr, fd, "%s", failure_text(ctl, -fd)) : fd;
}

int stream_dial(const struct ctl *ctl, const char *address, int64_t timeout_ms, int *ret_fd, struct error *reterr)
{
	int fd;

	address = without_scheme(address);
	if (strchr(address, '/') == NULL) {
		fd = dial_tcp(ctl, address, timeout_ms, reterr);
	} else {
		fd = dial_unix(address, timeout_ms);
		if (fd < 0)
			error_set(reterr, fd, "%s", failure_text(ctl, -fd));
	}
	if (fd < 0)
		return fd;
	*ret_fd = fd;
	return 0;
}

int stream_open(struct ctl *ctl, const char *address, struct stream *ret)
{
	struct error why;
	int fd, r = stream_check(ctl, address);

	if (r != CTL_OK)
		return r;
	address = without_scheme(address);
	if (stream_dial(ctl, address, 0, &fd, &why) < 0)
		return ctl_fail(ctl, CTL_UNAVAILABLE, W_CONNECT_FAILED, W_NEXT_ADDRESS, address, why.text);
	*ret = (struct stream){ .fd = fd, .address = address };
	return CTL_OK;
}

/* What the other side said before it closed, into said (SAID_MAX); -ETIMEDOUT when it has not closed. */
static int listen_to_end(const struct stream *s, char *said)
{
	size_t used = 0;
	char buf[512];

	said[0] = '\0';
	for (;;) {
		struct pollfd p = { .fd = s->fd, .events = POLLIN };
		int r = poll(&p, 1, CLOSE_TIMEOUT_MS);
		ssize_t n;

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return r == 0 ? -ETIMEDOUT : -errno;
		n = recv(s->fd, buf, sizeof buf, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? 0 : -errno;
		for (ssize_t i = 0; i < n && used + 1 < SAID_MAX; i++)
			said[used++] = buf[i] == '\n' ? ' ' : buf[i];
		said[used] = '\0';
	}
}

static int broken(struct ctl *ctl, const struct stream *s, int error)
{
	char said[SAID_MAX];

	listen_to_end(s, said);
	return ctl_fail(ctl, CTL_IO, said[0] == '\0' ? W_SEND_BROKEN : W_SEND_BROKEN_SAID, W_NEXT_RESEND,
			s->address, failure_text(ctl, error), said);
}

int stream_write(struct ctl *ctl, struct stream *s, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		s->lines += bytes[i] == '\n';
	if (len > 0)
		s->is_inside_line = bytes[len - 1] != '\n';
	while (len > 0) {
		ssize_t n = send(s->fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return broken(ctl, s, errno);
		bytes += n;
		len -= (size_t)n;
		s->bytes += n;
	}
	return CTL_OK;
}

int stream_close(struct ctl *ctl, struct stream *s)
{
	char said[SAID_MAX];
	int r;

	if (shutdown(s->fd, SHUT_WR) != 0)
		return broken(ctl, s, errno);
	r = listen_to_end(s, said);
	close(s->fd);
	if (said[0] != '\0')
		return ctl_fail(ctl, CTL_REFUSED, W_SEND_SAID, W_NEXT_LOG, s->address, said);
	if (r == -ETIMEDOUT)
		return ctl_fail(ctl, CTL_IO, W_SEND_UNREAD, W_NEXT_LOG, s->address);
	if (r < 0)
		return ctl_fail(ctl, CTL_IO, W_SEND_BROKEN, W_NEXT_RESEND, s->address, failure_text(ctl, -r));
	return CTL_OK;
}
