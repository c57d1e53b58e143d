/* SPDX-License-Identifier: MPL-2.0 */
/* The way to the daemon's listener (send.h): plain TCP or a unix socket, blocking, with a clean half-close at
 * the end. The daemon answers nothing to a sender of events; what it does say is an error and is shown. */
#include "ctl/send.h"

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

static int refused(struct ctl *ctl, const char *address, const char *why)
{
	return ctl_fail(ctl, CTL_UNAVAILABLE, W_CONNECT_FAILED, W_NEXT_ADDRESS, address, why);
}

static int open_unix(struct ctl *ctl, const char *path, int *ret_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, error;

	if (strlen(path) >= sizeof address.sun_path)
		return ctl_fail(ctl, CTL_USAGE, W_PATH_TOO_LONG, W_NEXT_SHORTER_PATH, path);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) {
		*ret_fd = fd;
		return CTL_OK;
	}
	error = errno;
	if (fd >= 0)
		close(fd);
	return refused(ctl, path, strerror(error));
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

static int open_tcp(struct ctl *ctl, const char *address, int *ret_fd)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV }, *list, *one;
	char host[256];
	const char *port;
	int fd = -1, error = 0, r;

	if (!split(address, host, sizeof host, &port))
		return ctl_fail(ctl, CTL_USAGE, W_ADDRESS_BAD, W_NEXT_ADDRESS_FORM, address);
	r = getaddrinfo(host, port, &hints, &list);
	if (r != 0)
		return refused(ctl, address, gai_strerror(r));
	for (one = list; one != NULL && fd < 0; one = one->ai_next) {
		fd = socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
		if (fd >= 0 && connect(fd, one->ai_addr, one->ai_addrlen) == 0)
			break;
		error = errno;
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	freeaddrinfo(list);
	if (fd < 0)
		return refused(ctl, address, strerror(error));
	*ret_fd = fd;
	return CTL_OK;
}

int stream_open(struct ctl *ctl, const char *address, struct stream *ret)
{
	int fd, r;

	if (strncmp(address, "unix:", 5) == 0)
		address += strncmp(address, "unix://", 7) == 0 ? 7 : 5;
	r = strchr(address, '/') != NULL ? open_unix(ctl, address, &fd) : open_tcp(ctl, address, &fd);
	if (r == CTL_OK)
		*ret = (struct stream){ .fd = fd, .address = address };
	return r;
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
			s->address, strerror(error), said);
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
		return ctl_fail(ctl, CTL_IO, W_SEND_BROKEN, W_NEXT_RESEND, s->address, strerror(-r));
	return CTL_OK;
}
