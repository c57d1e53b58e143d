/* SPDX-License-Identifier: MPL-2.0 */
/* The end in phases, each with a deadline and a line in the log (enum phase in effortd.h). What is counted
 * and cannot be brought to Redis before the deadline is lost with the process in this version; its number is
 * the last thing said and the exit code tells. */
#include "run/effortd.h"

#include "base/clock.h"
#include "base/log.h"
#include "run/notify.h"

#include <event2/event.h>

static void enter(struct effortd *d, enum phase phase)
{
	d->phase = phase;
	d->phase_deadline_ms = clock_mono_ms() + d->snapshot->conf->drain_ms;
}

static void end(struct effortd *d)
{
	int64_t lost = d->ledger.waiting.events + d->ledger.frozen.events;

	d->phase = PHASE_ENDED;
	if (lost > 0) {
		LOG(LOG_ERROR, "run", "ended; contacts that never reached Redis are lost",
		    F_INT("lost", lost));
		d->exit_code = EXIT_UNAVAILABLE;
	} else {
		LOG(LOG_INFO, "run", "ended; everything counted is in Redis",
		    F_INT("accepted", d->accounts.accepted));
	}
	event_base_loopbreak(d->base);
}

void effortd_shutdown(struct effortd *d)
{
	if (d->phase != PHASE_RUNNING) {
		end(d);
		return;
	}
	notify("STOPPING=1");
	enter(d, PHASE_DRAINING);
	LOG(LOG_INFO, "run", "shutting down: reading what clients have sent");
	net_stop_accepting(d->net);
	net_pause(d->net, false);
	net_drain(d->net);
	effortd_shutdown_step(d);
}

static bool has_drained(struct effortd *d)
{
	struct net_status status;

	net_status(d->net, &status);
	if (status.connections > 0 && clock_mono_ms() < d->phase_deadline_ms)
		return false;
	net_close_all(d->net);
	return true;
}

static bool has_flushed(const struct effortd *d)
{
	return !ledger_waits(&d->ledger) && !ledger_is_frozen(&d->ledger);
}

void effortd_shutdown_step(struct effortd *d)
{
	if (d->phase == PHASE_DRAINING && has_drained(d)) {
		enter(d, PHASE_FLUSHING);
		LOG(LOG_INFO, "run", "shutting down: bringing counts to Redis",
		    F_INT("cells", ledger_cells(&d->ledger)));
		d->flush.next_ms = 0;
		flush_poke(&d->flush);
	}
	if (d->phase == PHASE_FLUSHING && (has_flushed(d) || clock_mono_ms() >= d->phase_deadline_ms))
		end(d);
}
