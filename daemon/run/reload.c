/* SPDX-License-Identifier: MPL-2.0 */
/* Reload as one transaction: everything new is built and checked beside what is in force; only then it is
 * swapped in, between two batches. On any fault nothing has happened. Connections, counts and breakers'
 * statistics of the plugins' old instances end or stay as they are: no line and no count is moved. */
#include "run/effortd.h"

#include "base/clock.h"
#include "base/log.h"
#include "run/away.h"
#include "run/crash.h"
#include "run/notify.h"

#include <errno.h>
#include <string.h>

static const struct place nowhere;

static void say_warnings(const struct faults *warnings)
{
	for (size_t i = 0; i < warnings->n; i++)
		LOG(LOG_WARNING, "conf", "warning", F_STR("warning", warnings->list[i].text),
		    F_STR("hint", warnings->list[i].hint));
}

static struct snapshot *build(struct effortd *d, struct faults *faults)
{
	struct faults warnings = { 0 };
	struct conf *conf = conf_load(d->arguments.config_file, d->arguments.overrides,
				      d->arguments.overrides_len, faults, &warnings);

	say_warnings(&warnings);
	faults_done(&warnings);
	if (conf == NULL)
		return NULL;
	if (conf_needs_restart(d->snapshot->conf, conf, faults) > 0) {
		conf_free(conf);
		return NULL;
	}
	const struct snapshot_settings settings = { conf->run_dir, crash_disabled(conf->state_dir, clock_now_ms() / 1000),
						    d->targets, d->definitions, clock_now_ms() };

	return snapshot_new(conf, &d->core.ledger, &settings, faults);
}

static int open_log(const struct conf *conf)
{
	struct log_settings settings = { conf->log_level, conf->log_is_json, conf->log_file };

	return log_open(&settings);
}

/* The steps that can fail after the building: the log and the new listening address. The log goes first,
 * since it can be opened again as it was. */
static int open_anew(struct effortd *d, const struct conf *conf, struct faults *faults)
{
	struct error error;
	int r = open_log(conf);

	if (r < 0)
		return fault_add(faults, conf_place(conf, "log.file"), "make its folder, or correct log.file",
				 "log.file: %s: %s", conf->log_file, strerror(-r));
	if (net_listen(d->net, conf->listen_ndjson, &error) < 0) {
		open_log(d->snapshot->conf);
		return fault_add(faults, conf_place(conf, "listen.ndjson"), "correct listen.ndjson", "%s", error.text);
	}
	return 0;
}

static void swap_in(struct effortd *d, struct snapshot *snapshot)
{
	const struct conf *conf = snapshot->conf;
	struct net_limits limits = { conf->max_connections, conf->max_per_address, conf->line_timeout_ms,
				     conf->idle_timeout_ms };
	const struct core_limits core_limits = effortd_limits(conf);
	struct snapshot *old = d->snapshot;

	d->snapshot = snapshot;
	watch_set_snapshot(d->watch, snapshot);
	follow_set_snapshot(d->follow, snapshot);
	target_set_keep(snapshot->targets, d->targets);
	definition_book_keep(d->definitions, snapshot->conf);
	core_set_view(&d->core, &snapshot->view);
	core_set_limits(&d->core, &core_limits);
	deadletters_set_quota(d->deadletters, conf->dlq_quota);
	accounts_configure(&d->accounts, conf, clock_now_ms());
	net_set_limits(d->net, &limits);
	crash_set_hang_limit(conf->plugin_hang_limit_ms);
	away_tell(snapshot);
	snapshot_free(old);
	effortd_backpressure(d);
}

static void say_faults(const struct faults *faults)
{
	for (size_t i = 0; i < faults->n; i++)
		LOG(LOG_ERROR, "conf", "fault", F_STR("fault", faults->list[i].text),
		    F_STR("hint", faults->list[i].hint));
	LOG(LOG_ERROR, "run", "reload refused; the old configuration stays in force",
	    F_INT("faults", faults->n + faults->more));
}

int effortd_reload(struct effortd *d, struct faults *faults)
{
	struct snapshot *snapshot;

	if (d->phase != PHASE_RUNNING)
		return fault_add(faults, nowhere, NULL, "effortd is shutting down");
	notify("RELOADING=1");
	snapshot = build(d, faults);
	if (snapshot != NULL && open_anew(d, snapshot->conf, faults) < 0) {
		snapshot_free(snapshot);
		snapshot = NULL;
	}
	d->last_reload_is_ok = snapshot != NULL;
	notify("READY=1");
	if (snapshot == NULL) {
		say_faults(faults);
		return -EINVAL;
	}
	swap_in(d, snapshot);
	d->reloads++;
	d->loaded_ms = clock_now_ms();
	LOG(LOG_INFO, "run", "reloaded", F_INT("areas", areas_len(d->snapshot->areas)),
	    F_STR("listen", net_address(d->net)));
	return 0;
}
