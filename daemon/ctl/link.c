/* SPDX-License-Identifier: MPL-2.0 */
/* See link.h. */
#include "ctl/link.h"

#include "base/clock.h"
#include "base/text.h"
#include "ctl/answer.h"
#include "ctl/failure.h"
#include "ctl/figure.h"
#include "ctl/refusal.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void link_default_dir(struct ctl *ctl)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");

	if (geteuid() == 0)
		ctl->run_dir = "/run/effortd";
	else {
		if (xdg != NULL && xdg[0] == '/')
			snprintf(ctl->run_dir_buf, sizeof ctl->run_dir_buf, "%s/effortd", xdg);
		else
			snprintf(ctl->run_dir_buf, sizeof ctl->run_dir_buf, "/tmp/effortd-%u",
				 (unsigned)geteuid());
		ctl->run_dir = ctl->run_dir_buf;
	}
}

static int unreachable(struct ctl *ctl, const char *path, int error)
{
	if (error == EACCES || error == EPERM)
		return ctl_fail(ctl, CTL_UNAVAILABLE, W_LINK_DENIED, W_NEXT_PERMISSION, path);
	if (error == ENOENT || error == ECONNREFUSED || error == ENOTDIR)
		return ctl_fail(ctl, CTL_UNAVAILABLE, W_LINK_NONE, W_NEXT_START, path);
	return ctl_fail(ctl, CTL_UNAVAILABLE, W_LINK_FAILED, W_NEXT_START, path, failure_text(ctl, error));
}

static int open_socket(struct ctl *ctl, const char *path, int *ret_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, error;

	if (strlen(path) >= sizeof address.sun_path)
		return ctl_fail(ctl, CTL_USAGE, W_PATH_TOO_LONG, W_NEXT_SHORTER_PATH, path);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return unreachable(ctl, path, errno);
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		error = errno;
		close(fd);
		return unreachable(ctl, path, error);
	}
	*ret_fd = fd;
	return CTL_OK;
}

/* 0, or a negative errno; -ETIMEDOUT past the deadline. */
static int wait_for(int fd, short events, int64_t deadline_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left;
	int r;

	do {
		left = deadline_ms - clock_mono_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		r = poll(&p, 1, (int)left);
	} while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : r == 0 ? -ETIMEDOUT : 0;
}

static int send_all(int fd, const char *bytes, size_t len, int64_t deadline_ms)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n < 0) {
			int r = wait_for(fd, POLLOUT, deadline_ms);

			if (r < 0)
				return r;
			continue;
		}
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Up to the line end, which is dropped. -ENODATA: the other side ended first. */
static int receive_line(int fd, struct text *line, int64_t deadline_ms)
{
	char buf[65536];

	for (;;) {
		int r = wait_for(fd, POLLIN, deadline_ms);
		ssize_t n = r < 0 ? 0 : recv(fd, buf, sizeof buf, MSG_DONTWAIT);
		const char *lf;

		if (r < 0)
			return r;
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -ENODATA;
		lf = memchr(buf, '\n', (size_t)n);
		text_add(line, buf, lf == NULL ? (size_t)n : (size_t)(lf - buf));
		if (line->is_cut)
			return -EMSGSIZE;
		if (lf != NULL)
			return 0;
	}
}

/* A value with a line end or a tab could forge a line or a column. */
static void clean(json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_object(value)) {
		json_object_foreach(value, key, item) clean(item);
	} else if (json_is_array(value)) {
		json_array_foreach(value, i, item) clean(item);
	} else if (json_is_string(value) && strpbrk(json_string_value(value), "\n\r\t") != NULL) {
		char *copy = strdup(json_string_value(value));

		for (char *p = copy; p != NULL && *p != '\0'; p++)
			if (*p == '\n' || *p == '\r' || *p == '\t')
				*p = ' ';
		json_string_set(value, copy == NULL ? "" : copy);
		free(copy);
	}
}

static int failed(struct ctl *ctl, const char *path, int r)
{
	if (r == -ETIMEDOUT)
		return ctl_fail(ctl, CTL_UNAVAILABLE, W_LINK_SILENT, W_NEXT_LOG, path);
	if (r == -EMSGSIZE)
		return ctl_fail(ctl, CTL_INTERNAL, W_LINK_GARBAGE, W_NEXT_VERSIONS, path);
	if (r == -ENODATA)
		return ctl_fail(ctl, CTL_UNAVAILABLE, W_LINK_CLOSED, W_NEXT_LOG, path);
	return ctl_fail(ctl, CTL_UNAVAILABLE, W_LINK_FAILED, W_NEXT_LOG, path, failure_text(ctl, -r));
}

static int parse(struct ctl *ctl, const char *path, struct text *line, struct reply *ret)
{
	json_t *doc = json_loadb(line->ptr == NULL ? "" : line->ptr, line->len, 0, NULL);

	if (!json_is_boolean(json_object_get(doc, "ok"))) {
		json_decref(doc);
		text_done(line);
		return ctl_fail(ctl, CTL_INTERNAL, W_LINK_GARBAGE, W_NEXT_VERSIONS, path);
	}
	clean(doc);
	*ret = (struct reply){ line->ptr, doc };
	return CTL_OK;
}

int link_ask(struct ctl *ctl, const char *request, struct reply *ret)
{
	int64_t deadline_ms = clock_mono_ms() + LINK_TIMEOUT_MS;
	const char *path = ctl_note(ctl, "%s/control.sock", ctl->run_dir);
	struct text line;
	int fd = -1, r;

	r = open_socket(ctl, path, &fd);
	if (r != CTL_OK)
		return r;
	text_init(&line, LINK_MAX);
	r = send_all(fd, request, strlen(request), deadline_ms);
	if (r == 0)
		r = send_all(fd, "\n", 1, deadline_ms);
	if (r == 0)
		r = receive_line(fd, &line, deadline_ms);
	close(fd);
	if (r < 0) {
		text_done(&line);
		return failed(ctl, path, r);
	}
	return parse(ctl, path, &line, ret);
}

void reply_done(struct reply *reply)
{
	free(reply->line);
	json_decref(reply->doc);
	*reply = (struct reply){ NULL, NULL };
}

int reply_check(struct ctl *ctl, const struct reply *reply)
{
	const char *error = json_string_value(json_object_get(reply->doc, "error"));
	const char *hint = json_string_value(json_object_get(reply->doc, "hint"));
	enum word said, next;

	if (json_is_true(json_object_get(reply->doc, "ok")))
		return CTL_OK;
	if (refusal_find(answer_text(reply->doc, "code"), &said, &next))
		return ctl_fail(ctl, CTL_REFUSED, said, next, answer_text(reply->doc, "detail"));
	if (error == NULL)
		error = word_text(W_NO_REASON, ctl->is_danish);
	if (hint == NULL || hint[0] == '\0')
		return ctl_fail(ctl, CTL_REFUSED, W_DAEMON_SAYS, W_NEXT_LOG, error);
	return ctl_fail(ctl, CTL_REFUSED, W_DAEMON_SAYS, W_NEXT_HINT, error, hint);
}

int link_ask_ok(struct ctl *ctl, const char *request, struct reply *ret)
{
	struct reply reply;
	int r = link_ask(ctl, request, &reply);

	if (r != CTL_OK)
		return r;
	r = reply_check(ctl, &reply);
	if (r == CTL_OK) {
		*ret = reply;
		return CTL_OK;
	}
	if (ctl->is_json)
		reply_print(ctl, &reply);
	reply_done(&reply);
	return r;
}

int link_use_zone(struct ctl *ctl)
{
	struct reply reply;
	int r = link_ask(ctl, "{\"cmd\":\"status\"}", &reply);

	if (r != CTL_OK)
		return r;
	figure_use_zone(answer_text(reply.doc, "timezone"));
	reply_done(&reply);
	return CTL_OK;
}

int reply_print(struct ctl *ctl, const struct reply *reply)
{
	if (puts(reply->line) == EOF || fflush(stdout) != 0)
		return ctl_fail_write(ctl);
	return CTL_OK;
}
