/* SPDX-License-Identifier: MPL-2.0 */
/* The end in phases, each with a deadline and a line in the log (enum phase in effortd.h). What cannot be brought
 * to Redis before the deadline is in the journal and goes there with the next start; only what is not durable
 * either is lost, and was never acknowledged: the exit code tells. */
#include "run/effortd.h"

#include "base/clock.h"
#include "base/log.h"
#include "run/notify.h"

#include <event2/event.h>
#include <unistd.h>

static void enter(struct effortd *d, enum phase phase)
{
	d->phase = phase;
	d->phase_deadline_ms = clock_mono_ms() + d->snapshot->conf->drain_ms;
}

static void end(struct effortd *d)
{
	int64_t waiting = d->core.ledger.waiting.events + d->core.ledger.next.events + d->core.ledger.frozen.events;

	d->phase = PHASE_ENDED;
	if (!core_is_durable(&d->core)) {
		LOG(LOG_ERROR, "run", "ended; the disk did not take everything, what was not acknowledged is lost");
		d->exit_code = EXIT_UNAVAILABLE;
	} else if (waiting > 0) {
		LOG(LOG_WARNING, "run", "ended; the next start brings to redis what is in the journal",
		    F_INT("contacts", waiting));
	} else if (!store_is_ready(d->core.store)) {
		LOG(LOG_WARNING, "run", "ended; redis is away, what it holds is looked at at the next start",
		    F_INT("accepted", d->accounts.accepted));
	} else {
		LOG(LOG_INFO, "run", "ended; everything counted is in Redis",
		    F_INT("accepted", d->accounts.accepted));
	}
	event_base_loopbreak(d->base);
}

void effortd_shutdown(struct effortd *d)
{
	/* At once, as safe as a SIGKILL: a disk that hangs must not hold up the end. */
	if (d->phase != PHASE_RUNNING) {
		end(d);
		_exit(d->exit_code);
	}
	notify("STOPPING=1");
	enter(d, PHASE_DRAINING);
	LOG(LOG_INFO, "run", "shutting down: reading what clients have sent");
	net_stop_accepting(d->net);
	net_pause(d->net, d->paused[0] != '\0');
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

void effortd_shutdown_step(struct effortd *d)
{
	if (d->phase == PHASE_DRAINING && has_drained(d)) {
		enter(d, PHASE_FLUSHING);
		LOG(LOG_INFO, "run", "shutting down: bringing counts to Redis",
		    F_INT("cells", ledger_cells(&d->core.ledger)));
		core_turn(&d->core);
		core_hurry(&d->core);
	}
	if (d->phase == PHASE_FLUSHING && core_is_settled(&d->core))
		core_note_settled(&d->core);
	if (d->phase == PHASE_FLUSHING && (core_is_settled(&d->core) || clock_mono_ms() >= d->phase_deadline_ms))
		end(d);
}
