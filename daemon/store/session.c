/* SPDX-License-Identifier: MPL-2.0 */
/* From no connection to READY and back: connect, log in, check the version, load the functions of this
 * version when Redis does not have them, write the index. Any fault on the way ends in BACKOFF with full jitter. */
#include "store/inside.h"

#include "store/library.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REDIS_MAJOR_MIN 7

static bool is_error(const struct redisReply *reply)
{
	return reply->type == REDIS_REPLY_ERROR;
}

bool session_is_function_missing(const struct redisReply *reply)
{
	return is_error(reply) && strstr(reply->str, "Function not found") != NULL;
}

/* Time heals the others. */
static bool is_for_operator(const char *error)
{
	static const char *const words[] = { "NOPERM", "WRONGPASS", "NOAUTH", "WRONGTYPE", "ERR" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strncmp(error, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

/* Somewhere in 0 .. min(most, 50 ms * 2^tries). */
int64_t session_jitter_ms(const struct store *store, unsigned tries)
{
	int64_t most = RETRY_MIN_MS << (tries < 12 ? tries : 12);
	uint32_t random;

	if (most > store->retry_max_ms)
		most = store->retry_max_ms;
	evutil_secure_rng_get_bytes(&random, sizeof(random));
	return 1 + (int64_t)(random % (uint64_t)most);
}

static void arm(struct event *event, int64_t ms)
{
	struct timeval after = { ms / 1000, ms % 1000 * 1000 };

	event_add(event, &after);
}

void session_lose(struct store *store, const char *why)
{
	struct link *link = store->link;
	bool was_ready = store->state == STATE_READY;

	if (store->state == STATE_BACKOFF)
		return;
	if (why != store->status.error)
		snprintf(store->status.error, sizeof(store->status.error), "%s", why);
	store->state = STATE_BACKOFF;
	store->link = NULL;
	link_close(link); /* handlers see NULL and do nothing in this state */
	batch_unsend(&store->batch);
	mend_unsend(store);
	probe_lost(store);
	store->out = store->out_bytes = store->ticks_out = store->ranks_out = 0;
	store->has_series_out = false;
	store->asked = store->granted = 0;
	store->candidate = (store->candidate + 1) % store->address.n;
	arm(store->retry, session_jitter_ms(store, store->tries++));
	if (was_ready || !store->has_reported) {
		store->has_reported = true;
		store->owner.on_lost(store->owner.ctx, store->status.error);
	}
}

int session_send(struct store *store, link_handler *handler, uint64_t arg)
{
	char *bytes;
	size_t len;
	int r;

	if (!store->link)
		return -ENOTCONN;
	r = command_format(&store->command, &bytes, &len);
	if (r == 0) {
		r = link_send(store->link, bytes, len, handler, arg);
		free(bytes);
	}
	if (r < 0)
		session_lose(store, "no memory to send");
	return r;
}

/* Remembers an error Redis answered and tells the owner when it is a new one. */
static void trouble(struct store *store, const char *error)
{
	size_t word = strcspn(error, " ");
	bool is_new = !store->is_troubled || strncmp(store->status.error, error, word) != 0;

	store->is_troubled = true;
	store->retry_max_ms = is_for_operator(error) ? RETRY_OPERATOR_MS : RETRY_MAX_MS;
	snprintf(store->status.error, sizeof(store->status.error), "%s", error);
	if (is_new)
		store->owner.on_trouble(store->owner.ctx, store->status.error);
}

void session_refused(struct store *store, const struct redisReply *reply)
{
	const char *error = is_error(reply) ? reply->str : "ERR an answer of another kind than effortd's functions give";

	if (session_is_function_missing(reply)) {
		if (store->state == STATE_READY)
			session_reload(store);
		return;
	}
	trouble(store, error);
	/* A replica now: the next address may be the master, or this one may be it again. */
	if (strncmp(error, "READONLY", 8) == 0)
		session_lose(store, store->status.error);
}

/* An answer of the handshake. true: go on. */
static bool is_fine(struct store *store, const struct redisReply *reply)
{
	char why[256];

	if (!reply || store->state != STATE_LOADING)
		return false;
	if (!is_error(reply))
		return true;
	snprintf(why, sizeof(why), "Redis answered: %.200s", reply->str);
	store->retry_max_ms = is_for_operator(reply->str) ? RETRY_OPERATOR_MS : RETRY_MAX_MS;
	session_lose(store, why);
	return false;
}

static void on_fine(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	(void)arg;
	is_fine(ctx, reply);
}

/* --- the name --- */

static void be_ready(struct store *store)
{
	store->state = STATE_READY;
	store->tries = 0;
	store->retry_max_ms = RETRY_MAX_MS;
	store->has_reported = false;
	store->status.error[0] = '\0';
	moment_ready(store);
	olds_ready(store);
	/* Before it is looked at what is there: what nobody keeps any more is not missing. */
	writers_ready(store);
	if (store->state == STATE_READY)
		probe_ready(store);
	store->owner.on_ready(store->owner.ctx);
	if (store->state == STATE_READY)
		flow_resume(store);
}

/* What stands in Redis. */
struct standing_runs {
	uint64_t run, sent; /* 0: nothing */
	uint64_t common;    /* the last of the runs there that is ours too; 0: none */
	uint64_t block;	    /* the journal's last before the one that follows it there */
};

/* The last that is ours, of "run:block run:block ...", newest first. */
static void find_common(const struct store *store, const char *at, struct standing_runs *ret)
{
	uint64_t block = STORE_NO_BLOCK;

	while (*at >= '0' && *at <= '9') {
		char *end;
		uint64_t run = strtoull(at, &end, 10);

		if (store->owner.is_own_run(store->owner.ctx, run)) {
			ret->common = run;
			ret->block = block;
			return;
		}
		block = *end == ':' ? strtoull(end + 1, &end, 10) : STORE_NO_BLOCK;
		at = *end == ' ' ? end + 1 : end;
	}
}

static struct standing_runs read_runs(const struct store *store, const struct redisReply *reply)
{
	struct standing_runs standing = { .block = STORE_NO_BLOCK };

	if (reply->type != REDIS_REPLY_ARRAY || reply->elements < 2)
		return standing;
	standing.run = loss_position(reply->element[0]);
	standing.sent = loss_position(reply->element[1]);
	if (reply->elements > 2 && reply->element[2]->type == REDIS_REPLY_STRING)
		find_common(store, reply->element[2]->str, &standing);
	return standing;
}

static void be_foreign(struct store *store, const struct standing_runs *standing)
{
	if (!store->is_foreign) {
		store->foreign_key =
			(struct place_key){ CELL_COUNTRY, WINDOW_YEAR, store->scene.running[WINDOW_YEAR].first };
		store->foreign_found = standing->common == standing->run ? standing->sent : standing->run;
	}
	store->is_foreign = true;
	store->foreign_common = standing->common;
	store->foreign_block = standing->block;
	store->is_shared = store->owner.is_shared(store->owner.ctx, standing->common, standing->block);
	flow_resend_later(store);
}

/* Who has all that the last one to write itself down has sent may take its place. */
static bool is_known(const struct store *store, const struct standing_runs *standing)
{
	return standing->run == standing->common &&
	       (standing->sent == 0 || store->owner.is_own(store->owner.ctx, standing->sent));
}

/* True: this run must be written down, in the place of what was found there. */
static bool judge_claim(struct store *store, const struct redisReply *reply)
{
	struct standing_runs standing = read_runs(store, reply);

	store->is_asking = false;
	if (standing.run == store->run) {
		store->granted = standing.sent;
		if (store->sent < standing.sent)
			store->sent = standing.sent;
		return false;
	}
	if (standing.run != 0 && !is_known(store, &standing)) {
		be_foreign(store, &standing);
		return false;
	}
	store->seen_run = standing.run;
	store->seen_sent = standing.sent;
	return !store->is_foreign;
}

enum claim { CLAIM_ASK, CLAIM_AGAIN, CLAIM_WHOLE };

static void send_claim(struct store *store, enum claim claim, link_handler *handler);

static void on_first_claim(void *ctx, uint64_t generation, const struct redisReply *reply);

/* A name that is new is written down with its first batch, which is durable: who dies before leaves nothing behind. */
static void claim_first(struct store *store)
{
	send_claim(store, store->is_unclaimed ? CLAIM_ASK : CLAIM_WHOLE, on_first_claim);
}

/* The last answer of the handshake. Whoever writes down its run first counts under the name; a second one sees that
 * before it sends anything. */
static void on_first_claim(void *ctx, uint64_t generation, const struct redisReply *reply)
{
	struct store *store = ctx;

	if (!is_fine(store, reply))
		return;
	if (generation != store->generation || (judge_claim(store, reply) && !store->is_unclaimed))
		claim_first(store);
	else
		be_ready(store);
}

/* Asked again with the batch. */
static void on_refused(struct store *store, const struct redisReply *reply)
{
	store->asked = store->granted;
	session_refused(store, reply);
	if (store->state != STATE_BACKOFF)
		flow_resend_later(store);
}

static void on_claim(void *ctx, uint64_t generation, const struct redisReply *reply)
{
	struct store *store = ctx;

	if (!reply || store->state != STATE_READY || generation != store->generation)
		return;
	if (is_error(reply) && !store->is_asking && store->asked <= store->granted)
		return;
	if (is_error(reply))
		on_refused(store, reply);
	else if (judge_claim(store, reply))
		send_claim(store, CLAIM_WHOLE, on_claim);
	else
		flow_pump(store);
}

static void add_runs(struct store *store)
{
	struct store_run runs[STORE_RUNS];
	char text[STORE_RUNS * 42 + 1];
	int len = 0;

	for (size_t n = store->owner.runs(store->owner.ctx, runs, STORE_RUNS); n-- > 0;) {
		len += snprintf(text + len, sizeof(text) - (size_t)len, "%s%" PRIu64, len == 0 ? "" : " ", runs[n].first);
		if (runs[n].block != STORE_NO_BLOCK)
			len += snprintf(text + len, sizeof(text) - (size_t)len, ":%" PRIu64, runs[n].block);
	}
	command_add(&store->command, text, (size_t)len);
}

static void add_number(struct store *store, uint64_t number)
{
	if (number == 0)
		command_puts(&store->command, "");
	else
		command_printf(&store->command, "%" PRIu64, number);
}

static void send_claim(struct store *store, enum claim claim, link_handler *handler)
{
	if (store->is_sending && claim != CLAIM_ASK)
		store->asked = store->position;
	command_clear(&store->command);
	command_puts(&store->command, "FCALL");
	command_puts(&store->command, "effort_claim");
	command_puts(&store->command, "1");
	command_printf(&store->command, "%s_claim:%s", store->prefix, store->writer);
	add_number(store, claim == CLAIM_ASK ? 0 : store->run);
	add_number(store, store->sent > store->asked ? store->sent : store->asked);
	add_number(store, store->seen_run);
	command_printf(&store->command, "%" PRIu64, store->seen_sent);
	if (claim == CLAIM_WHOLE)
		add_runs(store);
	else
		command_puts(&store->command, "");
	session_send(store, handler, store->generation);
}

void session_claim(struct store *store)
{
	send_claim(store, CLAIM_AGAIN, on_claim);
}

void session_ask(struct store *store)
{
	store->is_asking = true;
	if (store->state == STATE_READY)
		send_claim(store, CLAIM_ASK, on_claim);
}

bool session_may_send(struct store *store)
{
	if (store->is_foreign || store->granted >= store->position)
		return true;
	store->is_unclaimed = false;
	if (store->asked < store->position)
		session_claim(store);
	return false;
}

void session_index(struct store *store)
{
	bool is_last_of_handshake = store->state == STATE_LOADING;

	for (int i = 0; i < ENCODE_INDEXES; i++) {
		encode_index(&store->command, &store->scene, i);
		if (session_send(store, on_fine, 0) < 0)
			return;
	}
	command_clear(&store->command);
	command_puts(&store->command, "SET");
	command_printf(&store->command, "%sindex:schema", store->prefix);
	command_puts(&store->command, "1");
	if (session_send(store, on_fine, 0) == 0 && is_last_of_handshake)
		claim_first(store);
}

static void on_version(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct store *store = ctx;
	size_t len;
	char *text;

	(void)arg;
	if (!reply || store->state != STATE_LOADING)
		return;
	if (session_is_function_missing(reply)) {
		if (library_text(&text, &len) < 0) {
			session_lose(store, "no memory for the functions");
			return;
		}
		command_clear(&store->command);
		command_puts(&store->command, "FUNCTION");
		command_puts(&store->command, "LOAD");
		command_puts(&store->command, "REPLACE");
		command_add(&store->command, text, len);
		free(text);
		if (session_send(store, on_fine, 0) < 0)
			return;
	} else if (!is_fine(store, reply)) {
		return;
	}
	session_index(store);
}

void session_reload(struct store *store)
{
	store->state = STATE_LOADING;
	command_clear(&store->command);
	command_puts(&store->command, "FCALL");
	command_puts(&store->command, "effort_version");
	command_puts(&store->command, "0");
	session_send(store, on_version, 0);
}

/* INFO may be forbidden; then FUNCTION LOAD tells soon enough. */
static void on_info(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct store *store = ctx;
	const char *at =
		reply && reply->type == REDIS_REPLY_STRING ? strstr(reply->str, "redis_version:") : NULL;
	char why[160];

	(void)arg;
	if (!reply || store->state != STATE_LOADING)
		return;
	if (at) {
		at += strlen("redis_version:");
		snprintf(store->status.redis_version, sizeof(store->status.redis_version), "%.*s",
			 (int)strcspn(at, "\r\n"), at);
		if (atoi(at) < REDIS_MAJOR_MIN) {
			snprintf(why, sizeof(why), "Redis %s is too old: functions need 7.0 or newer",
				 store->status.redis_version);
			store->tries = 7;
			session_lose(store, why);
			return;
		}
	} else if (is_error(reply) && strncmp(reply->str, "NOPERM", 6) != 0) {
		is_fine(store, reply);
		return;
	}
	session_reload(store);
}

/* The first line of the file; 0 or a negative errno. */
static int read_password(const char *file, char *ret, size_t size)
{
	FILE *in = fopen(file, "re");
	int r = 0;

	if (!in)
		return -errno;
	if (!fgets(ret, (int)size, in))
		r = -ENODATA;
	else
		ret[strcspn(ret, "\r\n")] = '\0';
	fclose(in);
	return r;
}

static int send_auth(struct store *store)
{
	const char *user = store->user ? store->user : store->address.user;
	char password[512], why[256];
	int r;

	if (!store->password_file)
		return 0;
	r = read_password(store->password_file, password, sizeof(password));
	if (r < 0) {
		snprintf(why, sizeof(why), "%.180s: %s", store->password_file, strerror(-r));
		session_lose(store, why);
		return r;
	}
	command_clear(&store->command);
	command_puts(&store->command, "AUTH");
	if (*user)
		command_puts(&store->command, user);
	command_puts(&store->command, password);
	r = session_send(store, on_fine, 0);
	explicit_bzero(password, sizeof(password));
	if (store->command.bytes)
		explicit_bzero(store->command.bytes, store->command.bytes_len);
	return r;
}

static void on_connected(void *ctx)
{
	struct store *store = ctx;

	store->state = STATE_LOADING;
	if (send_auth(store) < 0)
		return;
	if (store->address.db) {
		command_clear(&store->command);
		command_puts(&store->command, "SELECT");
		command_int(&store->command, store->address.db);
		if (session_send(store, on_fine, 0) < 0)
			return;
	}
	command_clear(&store->command);
	command_puts(&store->command, "INFO");
	command_puts(&store->command, "server");
	session_send(store, on_info, 0);
}

static void on_closed(void *ctx, const char *why)
{
	session_lose(ctx, why);
}

static void start(struct store *store)
{
	const struct link_owner owner = { store, on_connected, on_closed };
	int i = store->candidate;

	if (store->state != STATE_BACKOFF)
		return;
	store->state = STATE_CONNECTING;
	store->retry_max_ms = RETRY_MAX_MS;
	store->status.reconnects++;
	memset(store->presence, PRESENCE_UNKNOWN, sizeof(store->presence));
	store->has_tell = true;
	store->link = link_open(store->base, (const struct sockaddr *)&store->address.at[i],
				store->address.len[i], store->timeout_ms, &owner);
	if (!store->link)
		session_lose(store, strerror(errno));
}

static void on_retry(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	start(ctx);
}

int session_init(struct store *store)
{
	store->retry_max_ms = RETRY_MAX_MS;
	store->retry = event_new(store->base, -1, 0, on_retry, store);
	if (!store->retry)
		return -ENOMEM;
	arm(store->retry, 0);
	return 0;
}

void session_stop(struct store *store)
{
	struct link *link = store->link;

	store->state = STATE_BACKOFF;
	store->link = NULL;
	link_close(link);
	if (store->retry)
		event_free(store->retry);
}
