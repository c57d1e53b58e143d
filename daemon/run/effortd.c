/* SPDX-License-Identifier: MPL-2.0 */
/* See effortd.h. Introduces the layers to each other: producers' lines to the receiver, the ledger to the
 * store, and all of them to the clock. */
#include "run/effortd.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "run/away.h"
#include "run/crash.h"
#include "run/followers.h"
#include "run/hello.h"
#include "run/notify.h"
#include "run/silence_book.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define TICK_MS          200
#define DROPPED_EVERY_MS 3600000
#define PRIVATE_START_MS 3000
#define NAMES_MAX        262144 /* records kept for counts per name */
#define DEDUP_DEFAULT_MS (INT64_C(35) * 86400000)

/* --- producers --- */

static struct receive_context context(struct effortd *d)
{
	return (struct receive_context){ d->snapshot, &d->core, &d->accounts, d->deadletters };
}

/* What was read is on its way to the disk; what needs no waiting is acknowledged at once. */
static void end_turn(struct effortd *d)
{
	core_turn(&d->core);
	deadletters_flush(d->deadletters);
	acks_durable(&d->acks, journal_durable(d->core.journal));
	effortd_backpressure(d);
}

static void on_lines(void *ctx, struct conn *conn, char *lines, size_t len)
{
	struct effortd *d = ctx;
	struct receive_context rc = context(d);
	struct producer *producer = producer_of(conn);

	if (producer == NULL) {
		conn_close(conn);
		return;
	}
	if (!hello_take(conn, producer, &d->acks, &lines, &len))
		return;
	if (len > 0)
		receive_lines(d->receiver, &rc, producer, lines, len, clock_now_ms());
	end_turn(d);
}

static void on_fault(void *ctx, struct conn *conn, enum net_fault fault, size_t size)
{
	struct effortd *d = ctx;
	struct receive_context rc = context(d);
	struct producer *producer = producer_of(conn);

	if (producer == NULL)
		return;
	producer->has_begun = true; /* a line all the same: no hello after it */
	receive_fault(&rc, producer, fault == NET_TOO_LONG ? E_TOO_LONG : E_PARTIAL, size, clock_now_ms());
	end_turn(d);
}

static void on_drained(void *ctx, struct conn *conn)
{
	struct producer *producer = conn_user(conn);

	(void)ctx;
	if (producer != NULL && producer->acks != NULL)
		acks_drained(producer->acks);
}

static void on_close(void *ctx, struct conn *conn)
{
	(void)ctx;
	producer_free(conn);
}

static void on_notice(void *ctx, const char *msg, const char *detail, uint64_t n)
{
	(void)ctx;
	LOG(LOG_WARNING, "net", msg, F_STR("detail", detail), F_INT("n", n));
}

static const char *why_paused(struct effortd *d)
{
	const char *why = core_paused(&d->core);

	return why[0] == '\0' && deadletters_is_full(d->deadletters) ? "dead letters" : why;
}

void effortd_backpressure(struct effortd *d)
{
	const char *why = why_paused(d);

	if (strcmp(why, d->paused) == 0)
		return;
	if ((why[0] == '\0') != (d->paused[0] == '\0'))
		net_pause(d->net, why[0] != '\0');
	d->paused = why;
	if (why[0] == '\0')
		LOG(LOG_INFO, "run", "reading goes on", F_INT("cells", ledger_cells(&d->core.ledger)));
	else
		LOG(LOG_WARNING, "run", "reading paused", F_STR("for", why),
		    F_INT("cells", ledger_cells(&d->core.ledger)), F_STR("next", "effortctl status"));
}

/* --- the core --- */

static void on_durable(void *ctx, uint64_t block)
{
	struct effortd *d = ctx;

	acks_durable(&d->acks, block);
	effortd_shutdown_step(d);
}

static void on_paused(void *ctx)
{
	struct effortd *d = ctx;

	if (d->net != NULL)
		effortd_backpressure(d);
}

static uint16_t standing_on(void *ctx, uint16_t standing, int32_t day)
{
	struct effortd *d = ctx;

	return snapshot_standing_on(d->snapshot, &d->core.ledger, standing, day);
}

static uint16_t ruled_on(void *ctx, uint16_t standing, int32_t day, int32_t *ret_until)
{
	struct effortd *d = ctx;

	return snapshot_ruled_on(d->snapshot, &d->core.ledger, standing, day, ret_until);
}

static void on_settled(void *ctx)
{
	effortd_shutdown_step(ctx);
}

static void on_private_notice(void *ctx, int level, const char *msg, const char *detail)
{
	(void)ctx;
	LOG(level, "redis", msg, F_STR("detail", detail));
}

/* --- plugins --- */

static void on_plugin_log(enum effort_level level, const char *area, const char *plugin, const char *text)
{
	LOG((int)level, "plugin", "plugin says", F_STR("area", area), F_STR("plugin", plugin),
	    F_STR("text", text));
}

/* --- the clock and signals --- */

/* At once, then hourly while it goes on. */
static void say_dropped(struct effortd *d)
{
	int64_t mono_ms = clock_mono_ms();
	struct deadletters_status dead;

	deadletters_status(d->deadletters, &dead);
	if (dead.dropped == d->dropped_told ||
	    (d->dropped_told > 0 && mono_ms - d->dropped_told_ms < DROPPED_EVERY_MS))
		return;
	LOG(LOG_WARNING, "run", "dead letters are dropped", F_INT("lines", dead.dropped - d->dropped_told),
	    F_INT("bytes", dead.bytes), F_INT("quota", d->snapshot->conf->dlq_quota),
	    F_STR("next", "effortctl sources shows who is refused; raise dlq.quota to keep more"));
	d->dropped_told = dead.dropped;
	d->dropped_told_ms = mono_ms;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct effortd *d = arg;
	int64_t now_ms = clock_now_ms();
	struct plugin_change change;

	(void)fd;
	(void)what;
	notify("WATCHDOG=1");
	core_tick(&d->core, now_ms, d->phase == PHASE_RUNNING ? "running" : "draining");
	deadletters_flush(d->deadletters);
	say_dropped(d);
	effortd_backpressure(d);
	watch_tick(d->watch, now_ms);
	follow_tick(d->follow, now_ms);
	while (areas_take_change(d->snapshot->areas, &change))
		LOG(LOG_WARNING, "classify",
		    change.breaker_opened ? "plugin too slow: its area is unclassified for now"
					  : "plugin tried again",
		    F_STR("area", areas_def(d->snapshot->areas, change.area)->id));
	effortd_shutdown_step(d);
}

static void on_reload(evutil_socket_t fd, short what, void *arg)
{
	struct faults faults = { 0 };

	(void)fd;
	(void)what;
	effortd_reload(arg, &faults);
	faults_done(&faults);
}

static void on_signal(evutil_socket_t sig, short what, void *arg)
{
	struct effortd *d = arg;

	(void)what;
	switch (sig) {
	case SIGHUP: /* called for each, one after the other: those that came together are one reload */
		event_active(d->reload, EV_TIMEOUT, 0);
		break;
	case SIGUSR1:
		log_reopen();
		break;
	case SIGTERM:
	case SIGINT:
		effortd_shutdown(d);
		break;
	default:
		break;
	}
}

/* --- start --- */

void effortd_print_faults(const struct faults *faults)
{
	for (size_t i = 0; i < faults->n; i++) {
		fprintf(stderr, "%s\n", faults->list[i].text);
		if (faults->list[i].hint != NULL)
			fprintf(stderr, "  hint: %s\n", faults->list[i].hint);
	}
	if (faults->more > 0)
		fprintf(stderr, "... and %zu more\n", faults->more);
}

struct conf *effortd_conf(const struct arguments *arguments, struct faults *faults)
{
	struct faults warnings = { 0 };
	struct conf *conf = conf_load(arguments->config_file, arguments->overrides, arguments->overrides_len,
				      faults, &warnings);

	effortd_print_faults(&warnings);
	faults_done(&warnings);
	return conf;
}

static int fail(const struct error *error, int code)
{
	LOG(LOG_ERROR, "run", "cannot start", F_STR("why", error->text));
	return code;
}

static int open_log(const struct conf *conf)
{
	struct log_settings settings = { conf->log_level, conf->log_is_json, conf->log_file };
	struct error error;
	int r = log_open(&settings);

	if (r == 0)
		return EXIT_OK;
	error_set(&error, r, "%s: %s", conf->log_file, strerror(-r));
	return fail(&error, EXIT_CONFIG);
}

struct core_limits effortd_limits(const struct conf *conf)
{
	int64_t window_ms = conf->dedup_window_ms > 0           ? conf->dedup_window_ms
			    : conf->late_limit_ms != CONF_NEVER ? conf->late_limit_ms
								: DEDUP_DEFAULT_MS;

	return (struct core_limits){ .late_ms = conf->late_limit_ms,
				     .dedup_ms = window_ms,
				     .keep_day_ms = conf->retention_day_ms,
				     .keep_week_ms = conf->retention_week_ms,
				     .journal_quota = conf->journal_quota,
				     .dedup_max_ids = (size_t)conf->dedup_max_ids,
				     .errand_window_ms = conf->errand_window_ms,
				     .errand_max = (size_t)conf->errand_max,
				     .cells = (size_t)conf->limits_cells,
				     .flush_interval_ms = conf->flush_interval_ms,
				     .share_interval_ms = conf->share_interval_ms,
				     .probe_interval_ms = conf->probe_interval_ms };
}

static int open_workers(struct effortd *d, struct error *error)
{
	d->base = event_base_new();
	if (d->base != NULL)
		d->commits = worker_start(d->base, "effortd-commit");
	if (d->commits != NULL)
		d->keeper = worker_start(d->base, "effortd-keeper");
	return d->keeper == NULL ? error_set(error, -ENOMEM, "no memory for threads") : 0;
}

/* What earlier runs left comes first: the numbers it uses are the ledger's before a configuration adds its own.
 */
static int load_core(struct effortd *d, const struct conf *conf, struct error *error)
{
	const struct core_settings settings = { .base = d->base,
						.state_dir = conf->state_dir,
						.disk = &disk_real,
						.commits = worker_of(d->commits),
						.keeper = worker_of(d->keeper),
						.segment_bytes = (size_t)conf->journal_segment,
						.names_per_key = (size_t)conf->limits_names,
						.names_max = NAMES_MAX,
						.limits = effortd_limits(conf) };

	return core_load(&d->core, &settings, d->started_ms, error);
}

static int load_snapshot(struct effortd *d, struct conf *conf, const char *const *disabled, struct faults *faults)
{
	struct snapshot_settings settings = { .copies_dir = conf->run_dir, .disabled = disabled, .now_ms = d->started_ms };

	d->targets = target_book_open(&disk_real, conf->state_dir);
	d->definitions = definition_book_open(&disk_real, conf->state_dir);
	d->silences = silence_book_open(&disk_real, conf->state_dir);
	d->core.silences = d->silences;
	if (d->targets == NULL || d->definitions == NULL || d->silences == NULL) {
		conf_free(conf);
		return EXIT_INTERNAL;
	}
	settings.book = d->targets;
	settings.definitions = d->definitions;
	d->snapshot = snapshot_new(conf, &d->core.ledger, &settings, faults);
	if (d->snapshot == NULL)
		return EXIT_CONFIG;
	target_set_keep(d->snapshot->targets, d->targets);
	definition_book_keep(d->definitions, d->snapshot->conf);
	away_tell(d->snapshot);
	return EXIT_OK;
}

/* Configuration, log, folders, plugins: what can fail because of what an operator wrote. */
static int load(struct effortd *d, struct faults *faults)
{
	struct conf *conf = effortd_conf(&d->arguments, faults);
	struct error error;
	int r;

	if (conf == NULL)
		return EXIT_CONFIG;
	r = open_log(conf);
	if (r == EXIT_OK && state_dir_open(&d->state, conf->state_dir, conf->run_dir, &error) < 0)
		r = fail(&error, EXIT_UNAVAILABLE);
	if (r == EXIT_OK && crash_init(conf->state_dir, conf->plugin_hang_limit_ms, &error) < 0)
		r = fail(&error, EXIT_UNAVAILABLE);
	if (r == EXIT_OK && open_workers(d, &error) < 0)
		r = fail(&error, EXIT_INTERNAL);
	if (r == EXIT_OK && load_core(d, conf, &error) < 0)
		r = fail(&error, EXIT_UNAVAILABLE);
	if (r != EXIT_OK) {
		conf_free(conf);
		return r;
	}
	const char *const *disabled = crash_disabled(conf->state_dir, d->started_ms / 1000);

	for (size_t i = 0; disabled[i] != NULL; i++)
		LOG(LOG_ERROR, "run",
		    "area starts disabled: its plugin crashed or hung three times in ten minutes",
		    F_STR("area", disabled[i]),
		    F_STR("next", "mend or remove the plugin, then restart effortd ten minutes later"));
	return load_snapshot(d, conf, disabled, faults);
}

static int open_redis(struct effortd *d, struct error *error)
{
	const struct conf *conf = d->snapshot->conf;
	struct store_settings settings = { .url = conf->redis_url,
					   .prefix = conf->redis_prefix,
					   .user = conf->redis_user,
					   .password_file = conf->redis_password_file,
					   .timeout_ms = conf->redis_timeout_ms,
					   .version = EFFORTD_VERSION,
					   .names_per_key = (size_t)conf->limits_names };
	const struct core_owner owner = { d, on_durable, on_paused, on_settled, standing_on, ruled_on };

	if (strcmp(conf->redis_url, "private") == 0) {
		struct private_redis_settings private = { conf->redis_server, conf->state_dir,
							  conf->run_dir,      conf->redis_private_port,
							  conf->redis_prefix, d,
							  on_private_notice };

		d->redis = private_redis_start(d->base, &private, error);
		if (d->redis == NULL)
			return -EIO;
		settings.url = private_redis_url(d->redis);
		settings.user = "effortd";
		settings.password_file = private_redis_password_file(d->redis);
	}
	if (d->redis != NULL)
		d->core.quiet_until_ms = d->started_ms + PRIVATE_START_MS;
	return core_open(&d->core, &owner, &settings, &d->snapshot->view, clock_now_ms(), error);
}

static int open_deadletters(struct effortd *d, struct error *error)
{
	char dir[4200];
	const struct deadletters_settings settings = { dir, &disk_real, worker_of(d->keeper),
						       d->snapshot->conf->dlq_quota, d->core.identity.key };

	snprintf(dir, sizeof(dir), "%s/deadletters", d->snapshot->conf->state_dir);
	d->deadletters = deadletters_open(&settings, error);
	return d->deadletters == NULL ? -EIO : 0;
}

static int open_sockets(struct effortd *d, struct error *error)
{
	const struct conf *conf = d->snapshot->conf;
	struct net_owner owner = { .ctx = d,
				   .on_lines = on_lines,
				   .on_fault = on_fault,
				   .on_close = on_close,
				   .on_drained = on_drained,
				   .on_notice = on_notice };
	struct net_limits limits = { conf->max_connections, conf->max_per_address, conf->line_timeout_ms,
				     conf->idle_timeout_ms };
	struct control_owner answers = { d, effortd_answer };
	char path[4200];

	d->net = net_new(d->base, &owner, &limits);
	if (d->net == NULL)
		return error_set(error, -ENOMEM, "out of memory");
	snprintf(path, sizeof(path), "%s/control.sock", conf->run_dir);
	d->control = control_open(d->base, path, &answers, error);
	if (d->control == NULL)
		return -EIO;
	return net_listen(d->net, conf->listen_ndjson, error);
}

static int open_clock(struct effortd *d)
{
	static const int signals[] = { SIGHUP, SIGUSR1, SIGTERM, SIGINT };
	struct watch_context watched = { d->snapshot, &d->core, &d->accounts, d->receiver, d->net,
					 d->silences };
	struct timeval every = { .tv_usec = TICK_MS * 1000 };

	d->watch = watch_new(&watched, d->started_ms);
	d->tick = event_new(d->base, -1, EV_PERSIST, on_tick, d);
	d->reload = event_new(d->base, -1, 0, on_reload, d);
	if (d->watch == NULL || d->tick == NULL || d->reload == NULL || event_add(d->tick, &every) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		d->signals[i] = evsignal_new(d->base, signals[i], on_signal, d);
		if (d->signals[i] == NULL || event_add(d->signals[i], NULL) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int open_follow(struct effortd *d)
{
	struct follower followers[FOLLOWERS_MAX];
	size_t n = followers_list(d, followers);

	d->ranges = ranges_new(&d->core, d->snapshot->conf->redis_prefix);
	if (d->ranges != NULL)
		d->follow = follow_new(&d->core, d->ranges, d->snapshot, followers, n);
	return d->follow == NULL ? -ENOMEM : 0;
}

static int open_all(struct effortd *d, struct error *error)
{
	int r;

	error_set(error, 0, "out of memory");
	d->receiver = receiver_new(d->snapshot->conf->workers);
	if (d->receiver == NULL || accounts_init(&d->accounts) < 0)
		return -ENOMEM;
	accounts_configure(&d->accounts, d->snapshot->conf, d->started_ms);
	r = open_redis(d, error);
	if (r == 0)
		r = open_deadletters(d, error);
	if (r == 0)
		r = open_follow(d);
	if (r == 0)
		r = open_sockets(d, error);
	return r == 0 ? open_clock(d) : r;
}

size_t effortd_plugins(const struct effortd *d)
{
	const struct areas *areas = d->snapshot->areas;
	size_t n = 0;

	for (size_t i = 0; i < areas_len(areas); i++) {
		size_t j = 0;

		while (j < i && strcmp(areas_def(areas, i)->plugin, areas_def(areas, j)->plugin) != 0)
			j++;
		n += j == i;
	}
	return n;
}

static void say_ready(const struct effortd *d)
{
	const struct conf *conf = d->snapshot->conf;

	LOG(LOG_INFO, "run", "ready", F_STR("version", EFFORTD_VERSION),
	    F_INT("areas", areas_len(d->snapshot->areas)),
	    F_INT("tasks", areas_classes(d->snapshot->areas) - areas_len(d->snapshot->areas) - 1),
	    F_INT("plugins", effortd_plugins(d)), F_INT("targets", conf->targets_len),
	    F_STR("redis", conf->redis_url), F_STR("listen", net_address(d->net)), F_INT("replayed", d->core.found.journal.effects), F_INT("ids", d->core.found.ids),
	    F_INT("read_ms", d->core.found.took_ms), F_INT("damages", d->core.found.damages),
	    F_STR("timezone", conf->timezone), F_STR("run_dir", conf->run_dir));
	notify("READY=1\nSTATUS=counting");
}

static void close_all(struct effortd *d)
{
	if (d->tick != NULL)
		event_free(d->tick);
	if (d->reload != NULL)
		event_free(d->reload);
	for (size_t i = 0; i < sizeof(d->signals) / sizeof(d->signals[0]); i++)
		if (d->signals[i] != NULL)
			event_free(d->signals[i]);
	/* What is on its way to the disk arrives there. Then the core: its store calls back every query that still
	 * waits, and those answer effortctl and read the net's counts. */
	worker_end(d->commits, true);
	worker_end(d->keeper, false);
	follow_stop(d->follow);
	ranges_free(d->ranges);
	core_close(&d->core);
	follow_free(d->follow);
	deadletters_close(d->deadletters);
	control_close(d->control);
	net_free(d->net);
	private_redis_stop(d->redis, 10000);
	watch_free(d->watch);
	receiver_free(d->receiver);
	accounts_done(&d->accounts);
	crash_done();
	snapshot_free(d->snapshot);
	target_book_close(d->targets);
	definition_book_close(d->definitions);
	silence_book_close(d->silences);
	worker_free(d->commits);
	worker_free(d->keeper);
	if (d->base != NULL) {
		/* A connection that was closed with a callback put off is freed in the turn after. */
		event_base_loop(d->base, EVLOOP_NONBLOCK);
		event_base_free(d->base);
	}
	state_dir_close(&d->state);
	log_close();
}

int effortd_run(const struct arguments *arguments)
{
	struct effortd d = { .arguments = *arguments,
			     .started_ms = clock_now_ms(),
			     .last_reload_is_ok = true,
			     .paused = "",
			     .state.lock_fd = -1 };
	struct faults faults = { 0 };
	struct error error;

	signal(SIGPIPE, SIG_IGN);
	areas_log_to(on_plugin_log);
	d.loaded_ms = d.started_ms;
	d.exit_code = load(&d, &faults);
	effortd_print_faults(&faults);
	faults_done(&faults);
	if (d.exit_code == EXIT_OK && open_all(&d, &error) < 0)
		d.exit_code = fail(&error, EXIT_UNAVAILABLE);
	if (d.exit_code == EXIT_OK) {
		say_ready(&d);
		event_base_dispatch(d.base);
	}
	close_all(&d);
	return d.exit_code;
}
