/* SPDX-License-Identifier: MPL-2.0 */
/* See acked.h. A connection goes through three states; whatever goes wrong in any of them ends in lost(), and
 * everything that is not settled is sent again over the next one, from the first line on. */
#include "ctl/acked.h"

#include "base/clock.h"
#include "ctl/acked_queue.h"
#include "ctl/failure.h"
#include "ctl/figure.h"
#include "ctl/send.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MAX_MS   5000
#define DIAL_MS          10000
#define SILENCE_MS       30000 /* without a byte while something waits: the connection is given up */
#define ANSWER_MAX       16384

static const char hello[] = "{\"hello\":1,\"acks\":true}\n";

enum state { AWAY, GREETING, OPEN };

struct acked {
	struct ctl *ctl;
	struct acked_settings settings;
	struct acked_queue queue;
	struct acked_sums sums;

	enum state state;
	int fd;
	uint64_t out;            /* place in the queue up to which bytes have been sent */
	uint64_t window;         /* lines the daemon lets us have underway */
	struct acked_sums heard; /* its counts on this connection */
	char in[ANSWER_MAX];
	size_t in_len;

	int64_t progress_ms, heard_ms; /* last settled; last heard of the daemon, or nothing waited */
	int64_t retry_ms, backoff_ms;
	char why[256]; /* the last connection ended */
	bool is_absence_told, is_refused;
};

static volatile sig_atomic_t is_interrupted;

static void on_signal(int signal)
{
	(void)signal;
	is_interrupted = 1;
}

void acked_catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool acked_is_interrupted(void)
{
	return is_interrupted != 0;
}

int acked_open(struct ctl *ctl, const struct acked_settings *settings, struct acked **ret)
{
	struct acked *a;
	int r = stream_check(ctl, settings->address);

	if (r != CTL_OK)
		return r;
	a = calloc(1, sizeof *a);
	if (a == NULL)
		return ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	a->ctl = ctl;
	a->settings = *settings;
	a->fd = -1;
	a->backoff_ms = BACKOFF_FIRST_MS;
	*ret = a;
	return CTL_OK;
}

void acked_close(struct acked *a)
{
	if (a == NULL)
		return;
	if (a->fd >= 0)
		close(a->fd);
	queue_done(&a->queue);
	free(a);
}

void acked_sums(const struct acked *a, struct acked_sums *ret)
{
	*ret = a->sums;
	ret->waiting = a->queue.n;
}

bool acked_has_room(const struct acked *a)
{
	return queue_has_room(&a->queue);
}

/* --- connections come and go --- */

/* A line of progress may stand on the screen. */
static void clear_line(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

/* The moment of the next attempt. Full jitter: those whom one fault cut off do not all come back at once. */
static void plan_retry(struct acked *a)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof random, 0) < 0)
		random = (uint32_t)clock_mono_us();
	a->retry_ms = clock_mono_ms() + random % (uint32_t)a->backoff_ms;
	a->backoff_ms = a->backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : a->backoff_ms * 2;
}

static void lost(struct acked *a, const char *why)
{
	snprintf(a->why, sizeof a->why, "%s", why);
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
	/* One that was answered and then cut is made again at once; only absence is news. */
	if (a->state != OPEN && !a->is_absence_told) {
		a->is_absence_told = true;
		clear_line();
		ctl_say(a->ctl, W_ACKED_AWAY, a->settings.address, a->why);
	}
	a->state = AWAY;
	a->in_len = 0;
	queue_rewind(&a->queue);
	a->out = a->queue.start;
	a->heard = (struct acked_sums){ 0 };
	plan_retry(a);
}

static void dial(struct acked *a, int64_t now_ms)
{
	int64_t timeout_ms = DIAL_MS, left_ms = a->progress_ms + a->settings.timeout_ms - now_ms;
	struct error why = { "" };

	if (a->settings.timeout_ms > 0 && left_ms < timeout_ms)
		timeout_ms = left_ms > 0 ? left_ms : 1;
	if (stream_dial(a->ctl, a->settings.address, timeout_ms, &a->fd, &why) < 0) {
		a->fd = -1;
		lost(a, why.text);
		return;
	}
	a->state = GREETING;
	a->heard_ms = clock_mono_ms();
	if (send(a->fd, hello, sizeof hello - 1, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)sizeof hello - 1)
		lost(a, failure_text(a->ctl, errno));
}

/* --- what the daemon says --- */

static uint64_t number_of(const json_t *doc, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(doc, key));

	return value < 0 ? 0 : (uint64_t)value;
}

static void copy_text(const json_t *doc, const char *key, char *ret, size_t size)
{
	const char *text = json_string_value(json_object_get(doc, key));

	snprintf(ret, size, "%s", text == NULL ? "" : text);
	for (; *ret != '\0'; ret++)
		if ((unsigned char)*ret < ' ' || *ret == 127)
			*ret = ' ';
}

static bool take_welcome(struct acked *a, const json_t *doc)
{
	uint64_t window = number_of(doc, "window");

	if (a->state != GREETING || !json_is_integer(json_object_get(doc, "ok")))
		return false;
	a->window = window == 0 || window > ACKED_LINES ? ACKED_LINES : window;
	a->state = OPEN;
	a->sums.connections++;
	if (a->is_absence_told) {
		clear_line();
		ctl_say(a->ctl, W_ACKED_BACK, a->settings.address);
		a->is_absence_told = false;
	}
	return true;
}

static bool take_nack(struct acked *a, const json_t *doc)
{
	uint64_t line = number_of(doc, "nack"), settled = a->heard.waiting;
	struct queued *queued;

	if (line <= settled || line - settled > a->queue.n)
		return false;
	queued = queue_at(&a->queue, (size_t)(line - settled - 1));
	if (queued->end > a->out)
		return false;
	if (queued->refusal == NULL)
		queued->refusal = malloc(sizeof *queued->refusal);
	if (queued->refusal == NULL)
		return false;
	copy_text(doc, "code", queued->refusal->code, sizeof queued->refusal->code);
	copy_text(doc, "id", queued->refusal->id, sizeof queued->refusal->id);
	copy_text(doc, "detail", queued->refusal->detail, sizeof queued->refusal->detail);
	return true;
}

static void settle(struct acked *a, uint64_t n)
{
	for (; n > 0; n--) {
		const struct queued *queued = queue_at(&a->queue, 0);
		struct acked_line line = { queue_bytes(&a->queue, queued->start),
					   (size_t)(queued->end - queued->start - 1), queued->number,
					   queued->place };

		a->settings.on_settled(a->settings.ctx, &line, queued->refusal);
		queue_drop(&a->queue);
	}
	a->progress_ms = clock_mono_ms();
	a->backoff_ms = BACKOFF_FIRST_MS;
	if (a->settings.on_progress != NULL)
		a->settings.on_progress(a->settings.ctx);
}

/* heard.waiting: lines of this connection that are settled. */
static bool take_ack(struct acked *a, const json_t *doc)
{
	struct acked_sums now = { .accepted = number_of(doc, "accepted"),
				  .duplicate = number_of(doc, "duplicate"),
				  .refused = number_of(doc, "refused"),
				  .waiting = number_of(doc, "ack") };
	const struct acked_sums before = a->heard;
	uint64_t n = now.waiting - before.waiting;

	if (now.waiting < before.waiting || n > a->queue.n || now.accepted < before.accepted ||
	    now.duplicate < before.duplicate || now.refused < before.refused ||
	    now.accepted + now.duplicate + now.refused != now.waiting ||
	    (n > 0 && queue_at(&a->queue, (size_t)n - 1)->end > a->out))
		return false;
	a->heard = now;
	a->sums.accepted += now.accepted - before.accepted;
	a->sums.duplicate += now.duplicate - before.duplicate;
	a->sums.refused += now.refused - before.refused;
	if (n > 0)
		settle(a, n);
	return true;
}

/* E_RATE may be over soon; with anything else the next connection would be told the same. */
static bool take_error(struct acked *a, const json_t *doc)
{
	char code[24], detail[200], why[256];

	copy_text(doc, "error", code, sizeof code);
	copy_text(doc, "detail", detail, sizeof detail);
	snprintf(why, sizeof why, "%s: %s", code, detail);
	if (strcmp(code, "E_RATE") != 0) {
		a->is_refused = true;
		a->is_absence_told = true;
	}
	lost(a, why);
	return true;
}

static bool take_answer(struct acked *a, const char *line, size_t len)
{
	json_t *doc = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
	bool makes_sense = false;

	if (json_object_get(doc, "error") != NULL)
		makes_sense = take_error(a, doc);
	else if (json_object_get(doc, "ok") != NULL)
		makes_sense = take_welcome(a, doc);
	else if (a->state == OPEN && json_object_get(doc, "nack") != NULL)
		makes_sense = take_nack(a, doc);
	else if (a->state == OPEN && json_object_get(doc, "ack") != NULL)
		makes_sense = take_ack(a, doc);
	json_decref(doc);
	return makes_sense;
}

static void hear(struct acked *a)
{
	ssize_t n = recv(a->fd, a->in + a->in_len, sizeof a->in - a->in_len, MSG_DONTWAIT);
	char *at = a->in, *lf;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		lost(a, n == 0 ? word_text(W_ACKED_CLOSED, a->ctl->is_danish) : failure_text(a->ctl, errno));
		return;
	}
	a->heard_ms = clock_mono_ms();
	a->in_len += (size_t)n;
	while ((lf = memchr(at, '\n', (size_t)(a->in + a->in_len - at))) != NULL) {
		if (!take_answer(a, at, (size_t)(lf - at))) {
			lost(a, word_text(W_ACKED_GARBAGE, a->ctl->is_danish));
			return;
		}
		if (a->state == AWAY)
			return;
		at = lf + 1;
	}
	a->in_len -= (size_t)(at - a->in);
	memmove(a->in, at, a->in_len);
	if (a->in_len == sizeof a->in)
		lost(a, word_text(W_ACKED_GARBAGE, a->ctl->is_danish));
}

/* --- what we say --- */

/* Where the window ends. */
static uint64_t sendable(struct acked *a)
{
	return a->queue.n <= a->window ? a->queue.end : queue_at(&a->queue, (size_t)a->window - 1)->end;
}

static void talk(struct acked *a)
{
	uint64_t end = sendable(a);
	ssize_t n;

	if (a->out >= end)
		return;
	n = send(a->fd, queue_bytes(&a->queue, a->out), (size_t)(end - a->out), MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0)
		a->out += (uint64_t)n;
	else if (errno != EAGAIN && errno != EINTR)
		hear(a); /* what it said before it closed; then the end is noticed */
}

/* --- steps --- */

static int give_up(struct acked *a)
{
	struct ctl *ctl = a->ctl;
	const char *many = figure_many(ctl, (int64_t)a->queue.n, W_N_LINES);

	clear_line();
	if (is_interrupted)
		return ctl_fail(ctl, CTL_TEMPORARY, W_ACKED_INTERRUPTED, W_NEXT_ACKED, many);
	if (a->is_refused)
		return ctl_fail(ctl, CTL_TEMPORARY, W_ACKED_DECLINED, W_NEXT_LOG, a->settings.address, a->why,
				many);
	return ctl_fail(ctl, CTL_TEMPORARY, W_ACKED_GAVE_UP, W_NEXT_ACKED, a->settings.address,
			figure_duration(ctl, a->settings.timeout_ms), many);
}

static bool is_over(const struct acked *a, int64_t now_ms)
{
	return is_interrupted || a->is_refused ||
	       (a->settings.timeout_ms > 0 && now_ms - a->progress_ms >= a->settings.timeout_ms);
}

/* Milliseconds until the clock alone gives us something to do. */
static int64_t patience(const struct acked *a, int64_t now_ms, int max_ms)
{
	int64_t left = max_ms, other;

	if (a->queue.n == 0)
		return left;
	if (a->settings.timeout_ms > 0) {
		other = a->progress_ms + a->settings.timeout_ms - now_ms;
		left = other < left ? other : left;
	}
	other = (a->state == AWAY ? a->retry_ms : a->heard_ms + SILENCE_MS) - now_ms;
	left = other < left ? other : left;
	return left < 0 ? 0 : left;
}

int acked_step(struct acked *a, int fd, int max_ms, bool *ret_is_readable)
{
	int64_t now_ms = clock_mono_ms();
	struct pollfd polls[2] = { { .fd = fd, .events = POLLIN }, { .fd = -1 } };

	*ret_is_readable = false;
	if (a->queue.n == 0)
		a->progress_ms = a->heard_ms = now_ms;
	else if (is_over(a, now_ms))
		return give_up(a);
	else if (a->state == AWAY && now_ms >= a->retry_ms)
		dial(a, now_ms);
	else if (a->state != AWAY && now_ms - a->heard_ms >= SILENCE_MS)
		lost(a, word_text(W_ACKED_SILENT, a->ctl->is_danish));
	if (a->state == OPEN)
		talk(a);
	polls[1].fd = a->fd;
	polls[1].events = POLLIN | (a->state == OPEN && a->out < sendable(a) ? POLLOUT : 0);
	if (poll(polls, 2, (int)patience(a, now_ms, max_ms)) < 0)
		return CTL_OK;
	*ret_is_readable = polls[0].revents != 0;
	if (a->fd >= 0 && (polls[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		hear(a);
	return CTL_OK;
}

int acked_send(struct acked *a, const char *line, size_t len, uint64_t number, uint64_t place)
{
	bool is_readable;

	while (len > 0 && line[len - 1] == '\r')
		len--;
	if (len == 0)
		return CTL_OK;
	if (len > ACKED_MAX_LINE)
		return CTL_REFUSED;
	while (!acked_has_room(a)) {
		int r = acked_step(a, -1, 1000, &is_readable);

		if (r != CTL_OK)
			return r;
	}
	if (a->queue.n == 0)
		a->progress_ms = a->heard_ms = clock_mono_ms();
	if (queue_put(&a->queue, line, len, number, place) < 0)
		return ctl_fail(a->ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	return CTL_OK;
}

int acked_finish(struct acked *a)
{
	bool is_readable;
	int r = CTL_OK;

	while (a->queue.n > 0 && r == CTL_OK)
		r = acked_step(a, -1, 1000, &is_readable);
	return r;
}
