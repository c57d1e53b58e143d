/* SPDX-License-Identifier: MPL-2.0 */
/* The control socket (net.h). A client is served one request at a time: while one is with the owner or its
 * answer is not out, the client is not read, so its further requests wait in the kernel. Bounds:
 * CONTROL_CLIENTS clients (more wait in the queue), CONTROL_REQUEST_MAX bytes a request, CONTROL_QUEUE_MAX
 * bytes of answers in all, CONTROL_PATIENCE_MS without progress. A spare descriptor keeps one client served
 * when the process has no other left. */
#include "base/clock.h"
#include "net/inner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONTROL_QUEUE_MAX   ((size_t)64 * 1024 * 1024)
#define CONTROL_PATIENCE_MS 30000
#define CONTROL_SWEEP_MS    1000

static const char too_long[] =
	"{\"error\":\"E_TOO_LONG\",\"detail\":\"a request is one line of at most 65536 bytes\"}\n";

struct client {
	struct control *control;
	struct event readable, writable;
	int fd;            /* -1: the place is free */
	uint64_t id;       /* of the request being served */
	int64_t since_ms;  /* the last progress: begun to ask, or taken some of the answer */
	size_t start, end; /* of what was read and is not served yet */
	char *answer;      /* NULL: none is on its way */
	size_t answer_len, answer_sent;
	bool is_waiting; /* for the owner's answer */
	bool is_serving, is_at_end, is_last, is_dead;
	char in[CONTROL_REQUEST_MAX + 2]; /* a LF or a NUL behind the longest request */
};

struct control {
	struct event_base *base;
	struct control_owner owner;
	struct listener *listener;
	struct event sweep;
	struct client *clients[CONTROL_CLIENTS];
	size_t n_clients, queued;
	uint64_t n_requests;
	int64_t patience_ms, sweep_ms;
};

static void drop(struct client *client)
{
	struct control *control = client->control;

	if (client->is_serving) {
		client->is_dead = true;
		return;
	}
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (control->clients[i] == client)
			control->clients[i] = NULL;
	event_del(&client->readable);
	event_del(&client->writable);
	control->queued -= client->answer_len;
	close(client->fd);
	free(client->answer);
	free(client);
	if (--control->n_clients == 0)
		event_del(&control->sweep);
	listener_hold(control->listener, false);
	listener_nudge(control->listener);
}

/* Answers */

static void answer_done(struct client *client)
{
	event_del(&client->writable);
	client->control->queued -= client->answer_len;
	free(client->answer);
	client->answer = NULL;
	client->answer_len = client->answer_sent = 0;
	client->since_ms = clock_mono_ms();
	if (client->is_last)
		drop(client);
	else if (!client->is_serving)
		event_active(&client->readable, EV_READ,
			     0); /* a further request may have been read already */
}

static void push(struct client *client)
{
	ssize_t n = send(client->fd, client->answer + client->answer_sent,
			 client->answer_len - client->answer_sent, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop(client);
		return;
	}
	if (n > 0) {
		client->answer_sent += (size_t)n;
		client->since_ms = clock_mono_ms();
	}
	if (client->answer_sent == client->answer_len)
		answer_done(client);
	else
		event_add(&client->writable, NULL);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	push(arg);
}

static void answer(struct client *client, const char *json, size_t len, const char *end)
{
	struct control *control = client->control;
	size_t end_len = strlen(end), total = len + end_len;
	char *copy =
		len > CONTROL_QUEUE_MAX || total > CONTROL_QUEUE_MAX - control->queued ? NULL : malloc(total);

	client->is_waiting = false;
	if (copy == NULL) {
		drop(client);
		return;
	}
	memcpy(copy, json, len);
	memcpy(copy + len, end, end_len);
	client->answer = copy;
	client->answer_len = total;
	control->queued += total;
	client->since_ms = clock_mono_ms();
	push(client);
}

void control_answer(struct control *control, uint64_t id, const char *json, size_t len)
{
	struct client *client = control->clients[id % CONTROL_CLIENTS];

	if (client != NULL && !client->is_dead && client->is_waiting && client->id == id)
		answer(client, json, len, "\n");
}

/* Requests */

/* Ids say the place, so that an answer finds its client at once and a late one finds another id there. */
static uint64_t next_id(struct control *control, const struct client *client)
{
	uint64_t place = 0;

	while (control->clients[place] != client)
		place++;
	return ++control->n_requests * CONTROL_CLIENTS + place;
}

/* The next request, NUL-terminated; NULL: not whole yet. */
static char *next_request(struct client *client, size_t *ret_len)
{
	char *begin = client->in + client->start;
	char *lf = memchr(begin, '\n', client->end - client->start);
	size_t len;

	if (lf == NULL && (!client->is_at_end || client->start == client->end))
		return NULL;
	if (lf == NULL)
		lf = client->in + client->end;
	len = (size_t)(lf - begin);
	client->start = len + client->start < client->end ? client->start + len + 1 : client->end;
	if (len > 0 && begin[len - 1] == '\r')
		len--;
	begin[len] = '\0';
	*ret_len = len;
	return begin;
}

static void compact(struct client *client)
{
	memmove(client->in, client->in + client->start, client->end - client->start);
	client->end -= client->start;
	client->start = 0;
}

/* Serves what was read until an answer is awaited or not out yet, or nothing whole is left. */
static void serve(struct client *client)
{
	struct control *control = client->control;
	char *request;
	size_t len;

	client->is_serving = true;
	while (!client->is_dead && !client->is_waiting && client->answer == NULL &&
	       (request = next_request(client, &len)) != NULL) {
		if (len == 0)
			continue;
		client->id = next_id(control, client);
		client->is_waiting = true;
		control->owner.on_request(control->owner.ctx, client->id, request, len);
	}
	if (!client->is_dead && !client->is_waiting && client->answer == NULL) {
		compact(client);
		if (client->end > CONTROL_REQUEST_MAX) {
			client->is_last = true;
			answer(client, too_long, sizeof(too_long) - 1, "");
		} else if (client->is_at_end) {
			client->is_dead = true;
		}
	}
	client->is_serving = false;
	if (client->is_dead)
		drop(client);
	else if (client->is_waiting || client->answer != NULL)
		event_del(&client->readable);
	else
		event_add(&client->readable, NULL);
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct client *client = arg;
	ssize_t n = 0;

	(void)what;
	compact(client);
	/* There is room: what fills the buffer holds a whole request, which has been served, or is refused as
	 * too long. */
	if (!client->is_at_end) {
		n = recv(fd, client->in + client->end, CONTROL_REQUEST_MAX + 1 - client->end, 0);
		client->is_at_end = n == 0;
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop(client);
		return;
	}
	if (n > 0) {
		if (client->end == 0)
			client->since_ms = clock_mono_ms();
		client->end += (size_t)n;
	}
	serve(client);
}

/* Clients */

static void on_socket(void *ctx, int fd, const struct sockaddr_storage *peer)
{
	struct control *control = ctx;
	struct timeval every = { .tv_sec = control->sweep_ms / 1000,
				 .tv_usec = control->sweep_ms % 1000 * 1000 };
	struct client *client = malloc(sizeof(*client));
	size_t place = 0;

	(void)peer;
	if (client == NULL) {
		close(fd);
		return;
	}
	memset(client, 0, offsetof(struct client, in));
	client->control = control;
	client->fd = fd;
	client->since_ms = clock_mono_ms();
	event_assign(&client->readable, control->base, fd, EV_READ | EV_PERSIST, on_readable, client);
	event_assign(&client->writable, control->base, fd, EV_WRITE | EV_PERSIST, on_writable, client);
	while (control->clients[place] != NULL)
		place++;
	control->clients[place] = client;
	event_add(&client->readable, NULL);
	if (control->n_clients++ == 0)
		event_add(&control->sweep, &every);
	listener_hold(control->listener, control->n_clients == CONTROL_CLIENTS);
}

/* Who waits for us is not late; who is only there may stay, unless places are short. */
static bool is_late(const struct client *client, int64_t now_ms)
{
	const struct control *control = client->control;
	bool is_asking = client->end > client->start;

	if (client->is_waiting || now_ms - client->since_ms < control->patience_ms)
		return false;
	return client->answer != NULL || is_asking || control->n_clients == CONTROL_CLIENTS;
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct control *control = arg;
	int64_t now_ms = clock_mono_ms();

	(void)fd, (void)what;
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (control->clients[i] != NULL && is_late(control->clients[i], now_ms))
			drop(control->clients[i]);
}

struct control *control_open(struct event_base *base, const char *path, const struct control_owner *owner,
			     struct error *reterr)
{
	struct control *control = calloc(1, sizeof(*control));
	struct listener_owner ours = { control, on_socket, NULL };

	if (control == NULL) {
		error_set(reterr, -ENOMEM, "out of memory");
		return NULL;
	}
	control->base = base;
	control->owner = *owner;
	control->patience_ms = CONTROL_PATIENCE_MS;
	control->sweep_ms = CONTROL_SWEEP_MS;
	event_assign(&control->sweep, base, -1, EV_PERSIST, on_sweep, control);
	if (listener_open_path(base, path, &ours, &control->listener, reterr) < 0) {
		free(control);
		return NULL;
	}
	listener_serve_on_spare(control->listener);
	return control;
}

void control_close(struct control *control)
{
	if (control == NULL)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (control->clients[i] != NULL)
			drop(control->clients[i]);
	event_del(&control->sweep);
	listener_close(control->listener);
	free(control);
}

void control_set_patience(struct control *control, int64_t ms)
{
	control->patience_ms = ms;
	control->sweep_ms = ms / 4;
}
