/* SPDX-License-Identifier: MPL-2.0 */
/* Corrections: an event that takes back of what an earlier one of its source was counted for. What is taken lies
 * in one record of the journal with the correction's own id, so it is taken once or not at all, and it is booked
 * under the id it was taken of, so that what remains of that is known to the next correction. */
#include "run/core_inside.h"

#include <errno.h>

/* The seconds that go with what is taken: in proportion, and the last takes all. */
static int64_t seconds_for(const struct booked_event *event, int64_t count)
{
	return count == event->count ? event->seconds : event->seconds * count / event->count;
}

static int find(struct core *core, uint64_t id, int64_t count, struct booked_event *ret)
{
	int r = booked_find(&core->booked, id, ret);

	if (r < 0)
		return r == -EBADMSG ? CORE_DAMAGED : CORE_CANNOT;
	if (r == 0)
		return CORE_NOT_KNOWN;
	return count > ret->count ? CORE_TOO_MUCH : CORE_ACCEPTED;
}

static int take(struct core *core, struct change *change, const struct booked_event *event, int64_t now_ms)
{
	struct change_part *part = &change->parts[0];
	int r;

	*part = (struct change_part){ .booked = change->about,
			       .booked_day = event->day,
			       .cell = event->cell,
			       .time_ms = change->time_ms,
			       .count = -change->count,
			       .seconds = -change->seconds };
	change->parts_len = 1;
	r = ledger_change(&core->ledger, part, event->names, now_ms);
	if (r < 0)
		return r;
	r = journal_change(core->journal, change);
	if (r < 0)
		ledger_unchange(&core->ledger, part);
	return r;
}

enum core_answer core_correct(struct core *core, const struct event_key *key, const struct effort_event *ev,
			      int64_t now_ms)
{
	struct change change = { .kind = CHANGE_CORRECTION,
				 .id = key->id,
				 .content = key->content,
				 .id_day = key->day,
				 .time_ms = ev->time_ms,
				 .about = key_id(&core->keys, ev->source, ev->corrects),
				 .count = ev->count };
	struct booked_event event;
	int r = dedup_offer(core->dedup, key->id, key->content, key->day, core->segment, false);

	if (r != DEDUP_NEW)
		return r < 0 ? CORE_CANNOT : r == DEDUP_DUPLICATE ? CORE_DUPLICATE : CORE_CONFLICT;
	r = core_correct_errand(core, &change, now_ms);
	if (r == -ENOENT)
		r = core_correct_meter(core, &change, now_ms);
	if (r != -ENOENT) {
		core->corrected += r == CORE_ACCEPTED;
		return (enum core_answer)r;
	}
	r = find(core, change.about, ev->count, &event);
	if (r != CORE_ACCEPTED)
		return (enum core_answer)r;
	change.about_day = event.day;
	change.seconds = seconds_for(&event, ev->count);
	if (dedup_offer(core->dedup, key->id, key->content, key->day, core->segment, true) < 0)
		return CORE_CANNOT;
	if (take(core, &change, &event, now_ms) < 0) {
		dedup_withdraw(core->dedup, key->id);
		return CORE_CANNOT;
	}
	booked_change(&core->booked, &change);
	core->corrected++;
	return CORE_ACCEPTED;
}
