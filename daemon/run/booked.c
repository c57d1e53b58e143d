/* SPDX-License-Identifier: MPL-2.0 */
/* See booked.h: what files and index have of an id, added up. */
#include "run/booked.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "run/booked_index.h"
#include "run/core_inside.h"
#include "run/place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define IDLE_MS	    600000
#define FOUND_KINDS 8

int booked_init(struct booked *booked, struct core *core, const char *dir)
{
	*booked = (struct booked){ .core = core };
	snprintf(booked->dir, sizeof(booked->dir), "%s", dir);
	booked->files = bookings_open(core->settings.disk, dir);
	return booked->files == NULL ? -ENOMEM : 0;
}

void booked_done(struct booked *booked)
{
	booked_forget(booked);
	bookings_close(booked->files);
	booked->files = NULL;
}

void booked_forget(struct booked *booked)
{
	booked_index_free(booked->index);
	booked->index = NULL;
}

void booked_tick(struct booked *booked, int64_t mono_ms)
{
	if (booked->asked_ms == 0 || mono_ms - booked->asked_ms < IDLE_MS)
		return;
	booked->asked_ms = 0;
	booked_forget(booked);
	bookings_rest(booked->files);
}

/* What finds no memory is read anew when it is asked for. */
void booked_effect(struct booked *booked, const struct effect *effect)
{
	if (booked->index != NULL && booked_index_effect(booked->index, effect, booked->core->segment) < 0)
		booked_forget(booked);
}

void booked_change(struct booked *booked, const struct change *change)
{
	if (booked->index != NULL && booked_index_change(booked->index, change, booked->core->segment) < 0)
		booked_forget(booked);
}

/* --- adding up --- */

/* One id is booked under one cell and names, unless it is an errand's, whose contact may have moved. */
struct adding {
	struct booked *booked;
	size_t n;
	struct booked_event list[FOUND_KINDS];
};

static bool put_name(struct booked_event *event, size_t *len, int dimension, struct effort_str name)
{
	if (name.len > sizeof(event->text) - *len)
		return false;
	memcpy(event->text + *len, name.ptr, name.len);
	event->names[dimension] = (struct effort_str){ event->text + *len, name.len };
	*len += name.len;
	return true;
}

/* A cell and names in the ledger's numbers. */
static int translate(struct booked *booked, const struct kinds *kinds, const struct booking_kind *kind,
		     struct booked_event *ret)
{
	struct ledger *ledger = &booked->core->ledger;
	struct cell cell = cell_unpack(kind->cell);
	int municipality = ledger_municipality(ledger, kinds_code(kinds, kind->cell));
	int standing = place_standing(ledger->standings, kinds_standing_text(kinds, kind->cell));
	size_t len = 0;

	if (municipality < 0 || standing < 0)
		return municipality < 0 ? municipality : standing;
	cell.municipality = (uint16_t)municipality;
	cell.standing = (uint16_t)standing;
	ret->cell = cell_pack(&cell);
	ret->count = ret->seconds = 0;
	for (int d = 0; d < DIMENSIONS; d++) {
		struct effort_str name = kinds_name(kinds, kind->names[d]);

		ret->names[d] = (struct effort_str){ "", 0 };
		if (name.len > 0 && !put_name(ret, &len, d, name))
			return -E2BIG;
	}
	return 0;
}

static bool is_same(const struct booked_event *a, const struct booked_event *b)
{
	bool is = a->cell == b->cell;

	for (int d = 0; d < DIMENSIONS && is; d++)
		is = str_same(a->names[d], b->names[d]);
	return is;
}

static int on_booking(void *ctx, const struct kinds *kinds, const struct booking_kind *kind, int64_t seconds, int32_t day)
{
	struct adding *adding = ctx;
	struct booked_event *event = &adding->list[adding->n];
	size_t i = 0;
	int r = translate(adding->booked, kinds, kind, event);

	if (r < 0)
		return r;
	while (i < adding->n && !is_same(&adding->list[i], event))
		i++;
	if (i == adding->n && ++adding->n == FOUND_KINDS)
		return -E2BIG;
	adding->list[i].count += kind->count;
	adding->list[i].seconds += seconds;
	adding->list[i].day = day;
	return 0;
}

/* --- asking --- */

/* Journal blocks whose disk failed went on to another segment: which effects lie where is found out anew. */
static int make_index(struct booked *booked)
{
	struct core *core = booked->core;

	core_watch_segment(core);
	if (booked->index != NULL && booked_index_is_stale(booked->index))
		booked_forget(booked);
	if (booked->index == NULL)
		booked->index = booked_index_new(&core->ledger, core->journal, core->settings.disk);
	return booked->index == NULL ? -ENOMEM : 0;
}

static void tell_damage(struct booked *booked)
{
	const char *last;
	uint64_t damaged = bookings_damaged(booked->files, &last);

	if (damaged > booked->damaged)
		LOG(LOG_ERROR, "journal", "files of bookings are damaged: what they held cannot be corrected",
		    F_INT("files", damaged - booked->damaged), F_STR("last", last));
	booked->damaged = damaged;
}

/* What is left of it: the one that does not come to nothing. */
static const struct booked_event *left_of(const struct adding *adding)
{
	const struct booked_event *found = &adding->list[0];

	for (size_t i = 1; i < adding->n; i++)
		if (found->count <= 0 && adding->list[i].count > 0)
			found = &adding->list[i];
	return found;
}

static void take_event(const struct booked_event *from, struct booked_event *ret)
{
	size_t len = 0;

	*ret = *from;
	for (int d = 0; d < DIMENSIONS; d++)
		(void)put_name(ret, &len, d, from->names[d]);
	if (ret->count < 0)
		ret->count = 0;
}

int booked_find(struct booked *booked, uint64_t id, struct booked_event *ret)
{
	struct adding adding = { .booked = booked };
	const struct bookings_visit visit = { &adding, on_booking };
	uint64_t segment = 0;
	int r = bookings_find(booked->files, id, &visit, &segment);

	booked->asked_ms = clock_mono_ms();
	tell_damage(booked);
	if (r == 0)
		r = make_index(booked);
	if (r == 0)
		r = booked_index_find(booked->index, id, segment, &visit);
	if (r < 0)
		return r;
	if (adding.n == 0 || left_of(&adding)->day < booked->core->forgotten_day)
		return 0;
	take_event(left_of(&adding), ret);
	return 1;
}
