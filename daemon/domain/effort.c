/* SPDX-License-Identifier: MPL-2.0 */
/* See effort.h: the words, and which efforts measure the same contacts. */
#include "domain/effort.h"

#include <string.h>

const char *const category_name[CATEGORIES] = {
	"strategy",	 "follow-up",	   "website",  "campaign",	 "staff-training",
	"ambassadors",	 "superusers",	   "floorwalkers", "hotline",	 "contact-centre",
	"channel-closure", "law",	   "launch",   "assisted",	 "letter-reasons",
	"outbound",	 "incentive",	   "automation", "co-location",	 "other",
};

const char *const category_da[CATEGORIES] = {
	"strategi og handlingsplan",
	"ledelsens opfølgning",
	"hjemmeside og portal",
	"kampagne",
	"kompetencer i frontlinjen",
	"digitale ambassadører",
	"superbrugere",
	"floorwalkere",
	"hotline",
	"kontaktcenter",
	"lukkede kanaler og åbningstider",
	"obligatorisk ved lov",
	"ny løsning",
	"medbetjening",
	"uger med årsagssedler",
	"udgående opkald og sms",
	"incitament",
	"automatisering",
	"samlokalisering",
	"andet",
};

const char *const category_en[CATEGORIES] = {
	"strategy and action plan",
	"follow-up by management",
	"website and portal",
	"campaign",
	"training of front-line staff",
	"digital ambassadors",
	"superusers",
	"floorwalkers",
	"hotline",
	"contact centre",
	"closed channels and opening hours",
	"obligatory by law",
	"new solution",
	"assisted self-service",
	"letter-reason weeks",
	"outbound calls and texts",
	"incentive",
	"automation",
	"co-location",
	"other",
};

const char *const effort_status_name[EFFORT_STATUSES] = {
	"planned", "pilot", "running", "partly", "done", "postponed", "dropped", "stopped",
};

const char *const effort_status_da[EFFORT_STATUSES] = {
	"planlagt", "pilot", "i gang", "delvist gennemført", "gennemført", "udsat", "ikke vedtaget", "stoppet",
};

const char *const effort_status_en[EFFORT_STATUSES] = {
	"planned", "pilot", "running", "partly carried through", "carried through", "postponed", "not adopted",
	"stopped",
};

const char *const money_basis_name[MONEY_BASES] = { "expected", "estimated", "realised" };

/* --- scopes --- */

static size_t area_length(const char *scope)
{
	return strcspn(scope, "/");
}

static const char *group_of(const char *scope)
{
	return strncmp(scope, "group:", 6) == 0 ? scope + 6 : NULL;
}

static bool task_has_group(const struct area_task *task, const char *group)
{
	for (size_t i = 0; i < task->groups_len; i++)
		if (strcmp(task->groups[i], group) == 0)
			return true;
	/* a task under the main target is in the group of that name without naming it */
	return strcmp(group, "target") == 0 && task->is_target;
}

/* Any task of the scope (an area, or one task) that the test accepts. */
static bool any_task(const char *scope, const struct effort_known *known, const char *group,
		     const char *other_group)
{
	size_t len = area_length(scope);
	bool is_all = strcmp(scope, "all") == 0;

	for (size_t a = 0; a < known->areas_len; a++) {
		const struct area_def *area = &known->areas[a];

		if (!is_all && (strlen(area->id) != len || strncmp(area->id, scope, len) != 0))
			continue;
		for (size_t t = 0; t < area->tasks_len; t++)
			if ((is_all || scope[len] == '\0' || strcmp(scope + len + 1, area->tasks[t].id) == 0) &&
			    task_has_group(&area->tasks[t], group) &&
			    (other_group == NULL || task_has_group(&area->tasks[t], other_group)))
				return true;
	}
	return false;
}

/* Two areas or tasks. */
static bool places_touch(const char *a, const char *b)
{
	size_t len = area_length(a);

	if (area_length(b) != len || strncmp(a, b, len) != 0)
		return false;
	return a[len] == '\0' || b[len] == '\0' || strcmp(a, b) == 0;
}

bool effort_scopes_touch(const char *a, const char *b, const struct effort_known *known)
{
	const char *group_a = group_of(a), *group_b = group_of(b);

	if (strcmp(a, "all") == 0 || strcmp(b, "all") == 0 || strcmp(a, b) == 0)
		return true;
	if (group_a == NULL && group_b == NULL)
		return places_touch(a, b);
	if (known == NULL)
		return false;
	if (group_a != NULL && group_b != NULL)
		return any_task("all", known, group_a, group_b);
	return group_a != NULL ? any_task(b, known, group_a, NULL) : any_task(a, known, group_b, NULL);
}

bool effort_overlaps(const struct effort *a, const struct effort *b, const struct effort_known *known)
{
	if (strcmp(a->municipality, b->municipality) != 0 && strcmp(a->municipality, "dk") != 0 &&
	    strcmp(b->municipality, "dk") != 0)
		return false;
	if (a->first > b->last || b->first > a->last || a->away != NULL || b->away != NULL)
		return false;
	for (size_t i = 0; i < a->scopes_len; i++)
		for (size_t j = 0; j < b->scopes_len; j++)
			if (effort_scopes_touch(a->scopes[i], b->scopes[j], known))
				return true;
	return false;
}

bool effort_is_for(const struct effort *effort, const char *area)
{
	size_t len = strlen(area);

	for (size_t i = 0; i < effort->scopes_len; i++)
		if (strcmp(effort->scopes[i], "all") == 0 ||
		    (area_length(effort->scopes[i]) == len && strncmp(effort->scopes[i], area, len) == 0))
			return true;
	return false;
}
