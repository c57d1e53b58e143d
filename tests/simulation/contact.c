/* SPDX-License-Identifier: MPL-2.0 */
/* See contact.h. */
#include "contact.h"

#include "danish_zone.h"

#include <stdio.h>
#include <string.h>

struct zone contact_zone;

const struct contact_standing contact_standings[CONTACT_STANDINGS] = {
	{ "school", "enrolment", "waves", true, true, false },
	{ "school", "-", NULL, true, false, false },
	{ "eldercare", "meals", NULL, true, true, false },
	{ "eldercare", "handed-over", "waves", false, false, false },
	{ "unclassified", "-", NULL, true, false, false },
	{ "eldercare", "meals", NULL, true, true, true },
};

#define BIT(n) (1 << (n))

const struct share_rule contact_rule = {
	.channels = (BIT(EFFORT_CHANNELS) - 1) & ~BIT(EFFORT_EMAIL),
	.self = BIT(EFFORT_SELFSERVICE) | BIT(EFFORT_DIGITALPOST),
	.digital = BIT(EFFORT_SELFSERVICE) | BIT(EFFORT_DIGITALPOST),
	.kinds = BIT(EFFORT_TRANSACTION) | BIT(EFFORT_INFORMATION),
	.outcomes = BIT(EFFORT_COMPLETED) | BIT(EFFORT_FORWARDED) | BIT(EFFORT_ABANDONED),
	.populations = BIT(EFFORT_CITIZEN) | BIT(EFFORT_BUSINESS),
	.is_exempt_out = true,
};

static const char *const codes[] = { "0101", "0751", "0851" };
static const char *const names[] = { "København", "Aarhus", "Aalborg" };
static const struct area_def areas[] = {
	{ .id = "school", .name_da = "Skole", .name_en = "School", .order = 2 },
	{ .id = "eldercare", .name_da = "Ældre", .name_en = "Elderly care", .order = 3 },
};
static const struct group_def groups[] = { { .id = "waves", .name_da = "Bølger", .name_en = "Waves", .order = 1 } };
static const struct store_task tasks[] = { { "school/enrolment", "Indskrivning", "Enrolment" },
					   { "eldercare/meals", "Mad", "Meals" } };

static const struct target_step target_steps[] = { { INT32_MIN, 8000 } };

const struct store_view contact_view = {
	.zone = &contact_zone,
	.municipalities_len = CONTACT_MUNICIPALITIES,
	.codes = codes,
	.municipality_names = names,
	.areas = areas,
	.areas_len = 2,
	.groups = groups,
	.groups_len = 1,
	.tasks = tasks,
	.tasks_len = 2,
	.target_id = "kl-80",
	.target_steps = target_steps,
	.target_steps_len = 1,
	.target_from = 15675, /* 2012-12-01 */
	.definition = "kl-series",
};

void contact_begin(void)
{
	danish_zone(&contact_zone);
}

static int64_t any_time(struct chance *chance, int64_t now_ms)
{
	switch (chance_below(chance, 8)) {
	case 0:
		return now_ms - (int64_t)chance_below(chance, 3 * 86400) * 1000;
	case 1:
		return chance_below(chance, 8) == 0 ? now_ms - (int64_t)chance_below(chance, 40 * 86400) * 1000
						    : now_ms - 86400000;
	default:
		return now_ms - chance_below(chance, 5000);
	}
}

static struct cell any_cell(struct chance *chance)
{
	struct cell cell = { .channel = (uint8_t)chance_below(chance, EFFORT_CHANNELS) };

	if (chance_below(chance, 2) == 0)
		cell.channel = EFFORT_SELFSERVICE;
	cell.standing = (uint16_t)chance_below(chance, CONTACT_STANDINGS_DRAWN);
	if (chance_below(chance, 6) == 0)
		cell.kind = (uint8_t)chance_below(chance, EFFORT_KINDS);
	if (chance_below(chance, 12) == 0) {
		cell.direction = EFFORT_OUT;
		cell.form = (uint8_t)chance_below(chance, 4);
	}
	if (chance_below(chance, 8) == 0)
		cell.population = (uint8_t)chance_below(chance, 4);
	if (chance_below(chance, 8) == 0)
		cell.outcome = (uint8_t)chance_below(chance, EFFORT_OUTCOMES);
	if (cell.channel == EFFORT_SELFSERVICE && chance_below(chance, 5) == 0)
		cell.assisted = (uint8_t)(1 + chance_below(chance, 6));
	cell.is_exempt = chance_below(chance, 15) == 0;
	cell.is_ignored = chance_below(chance, 20) == 0;
	return cell;
}

/* A definition of its own, by the day it counts on. */
void contact_stand(struct cell *cell)
{
	if (cell->standing == 2 || cell->standing == CONTACT_STANDINGS_DRAWN)
		cell->standing = cell->day / CONTACT_DEFINITION_DAYS % 2 != 0 ? CONTACT_STANDINGS_DRAWN : 2;
}

void contact_make(struct sent *sent, struct chance *chance, uint32_t number, int64_t now_ms)
{
	*sent = (struct sent){ .number = number, .time_ms = any_time(chance, now_ms), .cell = any_cell(chance) };
	sent->cell.municipality = (uint16_t)chance_below(chance, CONTACT_MUNICIPALITIES);
	sent->cell.day = zone_day(&contact_zone, sent->time_ms);
	if (sent->cell.direction == EFFORT_IN && sent->cell.population <= EFFORT_BUSINESS && !sent->cell.is_ignored)
		sent->cell.hours = (uint8_t)(number % 4 % (CELL_CLOSED + 1));
	contact_stand(&sent->cell);
	sent->count = chance_below(chance, 6) == 0 ? 1 + chance_below(chance, 40) : 1;
	sent->seconds = chance_below(chance, 3) == 0 ? chance_below(chance, 900) : 0;
	sent->source = (uint8_t)(1 + chance_below(chance, 3));
	sent->unit = (uint8_t)chance_below(chance, 4);
	sent->portal = chance_below(chance, 3) == 0 ? (uint8_t)(1 + chance_below(chance, 2)) : 0;
	sent->handled_by = chance_below(chance, 6) == 0 ? (uint8_t)(1 + chance_below(chance, 2)) : 0;
	sent->reason = sent->cell.direction == EFFORT_OUT ? (uint8_t)chance_below(chance, 3) : 0;
	sent->left = sent->count;
	sent->left_seconds = sent->seconds;
}

void contact_join(struct sent *sent, struct sent *of)
{
	sent->errand = of->number + 1;
	sent->cell.municipality = of->cell.municipality;
	of->members++;
}

void contact_read_at(struct sent *sent, int64_t time_ms)
{
	bool is_morning = !sent->is_level && zone_minute(&contact_zone, time_ms) < 12 * 60;

	sent->time_ms = time_ms;
	sent->cell.day = zone_day(&contact_zone, time_ms) - is_morning;
	contact_stand(&sent->cell);
}

void contact_read(struct sent *sent, struct sent *of, struct chance *chance)
{
	int64_t shown = 50000000 + (sent->time_ms - of->time_ms) / 100;

	sent->meter = of->number + 1;
	sent->is_level = of == sent ? chance_below(chance, 8) == 0 : of->is_level;
	sent->reading = sent->is_level || chance_below(chance, 6) == 0 ? chance_below(chance, 3000) : shown < 0 ? 0 : shown;
	sent->cell.municipality = of->cell.municipality;
	sent->cell.hours = CELL_HOURS_UNKNOWN;
	sent->source = of->source;
	sent->count = sent->left = 1;
	sent->seconds = sent->left_seconds = 0;
	of->members++;
	contact_read_at(sent, sent->time_ms);
}

/* All that it says of itself but source, count and what it corrects is of no account. */
void contact_correct(struct sent *sent, struct sent *of, struct chance *chance, uint32_t number, int64_t now_ms)
{
	contact_make(sent, chance, number, now_ms);
	sent->corrects = of->number + 1;
	sent->source = of->source;
	sent->count = of->left > 1 && chance_below(chance, 2) == 0 ? 1 + chance_below(chance, (uint32_t)of->left)
								    : of->left;
	sent->seconds = sent->count == of->left ? of->left_seconds : of->left_seconds * sent->count / of->left;
	sent->left = 0;
	of->left -= sent->count;
	of->left_seconds -= sent->seconds;
}

/* How it ended for its unit; NULL: in no way that is counted. */
static const char *contact_end(const struct sent *sent)
{
	const struct cell *cell = &sent->cell;
	bool enters;

	if (cell->is_ignored || cell->direction != EFFORT_IN || cell->population > EFFORT_BUSINESS)
		return NULL;
	if (cell->channel == EFFORT_PHONE || cell->channel == EFFORT_COUNTER)
		return cell->outcome == EFFORT_COMPLETED ? "resolved" : cell->outcome == EFFORT_FORWARDED ? "forwarded" : NULL;
	if (cell->channel != EFFORT_SELFSERVICE || cell->assisted == EFFORT_UNASSISTED)
		return NULL;
	if (contact_standings[cell->standing].has_rule)
		enters = cell->kind <= EFFORT_INFORMATION && !cell->is_exempt &&
			 (cell->outcome <= EFFORT_FORWARDED || cell->outcome == EFFORT_ABANDONED);
	else
		enters = cell->kind == EFFORT_TRANSACTION && cell->outcome <= EFFORT_FORWARDED &&
			 contact_standings[cell->standing].is_municipal;
	return enters ? "assisted" : NULL;
}

const char *contact_name(enum dimension dimension, const struct sent *sent, char buf[CONTACT_NAME])
{
	const uint8_t by[] = { [BY_SOURCE] = sent->source,
			       [BY_UNIT] = sent->unit,
			       [BY_PORTAL] = sent->portal,
			       [BY_HANDLED_BY] = sent->handled_by,
			       [BY_REASON] = sent->reason,
			       [BY_UNIT_END] = contact_end(sent) == NULL ? 0 : sent->unit };

	if (dimension == BY_UNIT_END && by[dimension] != 0)
		snprintf(buf, CONTACT_NAME, "%s/unit%u", contact_end(sent), sent->unit);
	else if (by[dimension] == 0)
		buf[0] = '\0';
	else
		snprintf(buf, CONTACT_NAME, "%.6s%u", dimension_name[dimension], by[dimension]);
	return buf;
}

static struct effort_str text_of(const char *text)
{
	return (struct effort_str){ text, strlen(text) };
}

void contact_event(const struct sent *sent, struct contact_text *text, struct effort_event *ret)
{
	const struct effort_str none = { "", 0 };
	const struct cell *cell = &sent->cell;

	snprintf(text->id, sizeof(text->id), "c%u", sent->number);
	snprintf(text->corrects, sizeof(text->corrects), "c%u", sent->corrects - 1);
	snprintf(text->errand, sizeof(text->errand), "e%u", sent->errand);
	snprintf(text->meter, sizeof(text->meter), "m%u", sent->meter);
	*ret = (struct effort_event){
		.struct_size = sizeof(*ret),
		.flags = EFFORT_EVENT_KIND_GIVEN | (cell->is_exempt ? EFFORT_EVENT_EXEMPT : 0) |
			 (sent->seconds > 0 ? EFFORT_EVENT_DURATION : 0) |
			 (sent->meter == 0 ? 0 : sent->is_level ? EFFORT_EVENT_LEVEL : EFFORT_EVENT_READING),
		.time_ms = sent->time_ms,
		.day = zone_day(&contact_zone, sent->time_ms),
		.count = sent->count,
		.duration_ms = sent->seconds * 1000,
		.channel = cell->channel,
		.kind = cell->kind,
		.direction = cell->direction,
		.population = cell->population,
		.assisted = cell->assisted,
		.outcome = cell->outcome,
		.form = cell->form,
		.id = text_of(text->id),
		.source = text_of(contact_name(BY_SOURCE, sent, text->source)),
		.municipality = text_of(codes[cell->municipality]),
		.reason = text_of(contact_name(BY_REASON, sent, text->reason)),
		.unit = text_of(contact_name(BY_UNIT, sent, text->unit)),
		.handled_by = text_of(contact_name(BY_HANDLED_BY, sent, text->handled_by)),
		.portal = text_of(contact_name(BY_PORTAL, sent, text->portal)),
		.kle = none,
		.facet = none,
		.task = none,
		.service = none,
		.corrects = sent->corrects == 0 ? none : text_of(text->corrects),
		.errand = sent->errand == 0 ? none : text_of(text->errand),
		.meter = sent->meter == 0 ? none : text_of(text->meter),
		.reading = sent->reading,
	};
}
