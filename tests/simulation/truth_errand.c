/* SPDX-License-Identifier: MPL-2.0 */
/* See truth.h: what the records of one errand come to, from the contract's section 6a: sorted by time, cut where two
 * that follow each other are further apart than the window, one contact of each part. */
#include "truth_inside.h"

#include "event/vocab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The most digital first; system is the least. */
static const char *const order[] = { "selfservice", "digitalpost", "web",   "email",  "chat",    "sms",   "video",
				     "social",	    "phone",	   "letter", "counter", "other", "system" };

static size_t place_of(const struct sent *sent)
{
	size_t place = 0;

	while (strcmp(order[place], vocab_channel[sent->cell.channel]) != 0)
		place++;
	return place;
}

static int by_time(const void *va, const void *vb)
{
	const struct sent *a = *(const struct sent *const *)va, *b = *(const struct sent *const *)vb;
	char id_a[16], id_b[16];

	if (a->time_ms != b->time_ms)
		return a->time_ms < b->time_ms ? -1 : 1;
	snprintf(id_a, sizeof(id_a), "c%u", a->number);
	snprintf(id_b, sizeof(id_b), "c%u", b->number);
	return strcmp(id_a, id_b);
}

/* Records of one contact, sorted by time. */
static void add_contact(struct truth *truth, struct sent *const *records, size_t n)
{
	struct sent contact = *records[0];
	uint8_t assisted = 0;
	int64_t seconds = 0;

	for (size_t i = 0; i < n; i++) {
		if (place_of(records[i]) < place_of(&contact))
			contact = *records[i];
		assisted = records[i]->cell.assisted > assisted ? records[i]->cell.assisted : assisted;
		seconds += records[i]->left_seconds;
	}
	contact.cell.day = records[0]->cell.day;
	contact_stand(&contact.cell);
	if (contact.cell.channel == EFFORT_SELFSERVICE)
		contact.cell.assisted = assisted;
	contact.count = contact.left;
	contact.seconds = seconds;
	truth_add(truth, &contact);
}

/* A record as it may have been counted before others came: on the day of any, assisted as any, with the time of all. */
static void add_moment(struct truth *truth, const struct sent *record, int32_t day, uint8_t assisted, int64_t seconds,
		       bool is_bounds)
{
	struct sent moment = *record;

	moment.cell.day = day;
	contact_stand(&moment.cell);
	moment.cell.assisted = assisted;
	moment.seconds = seconds;
	truth_add(truth, &moment);
	if (is_bounds)
		return;
	moment.count = -moment.count;
	moment.seconds = -moment.seconds;
	truth_add(truth, &moment);
}

static void add_moments(struct truth *truth, const struct sent *record, struct sent *const *records, size_t n,
			bool is_bounds)
{
	bool is_self = record->cell.channel == EFFORT_SELFSERVICE;
	uint32_t assisted = 0;
	int64_t seconds = 0;

	for (size_t i = 0; i < n; i++) {
		assisted |= 1u << records[i]->cell.assisted;
		seconds += records[i]->seconds;
	}
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (records[k]->cell.day != records[i]->cell.day)
			k++;
		for (uint8_t a = 0; a < 32 && k == i; a++)
			if (is_self ? (assisted >> a & 1) != 0 : a == record->cell.assisted)
				add_moment(truth, record, records[i]->cell.day, a, seconds, is_bounds);
	}
}

void truth_add_errand(struct truth *truth, struct sent *const *given, size_t n, int64_t window_ms, bool is_bounds)
{
	struct sent *records[TRUTH_RECORDS];
	size_t len = 0, first = 0;

	for (size_t i = 0; i < n; i++)
		add_moments(truth, given[i], given, n, is_bounds);
	for (size_t i = 0; i < n && !is_bounds; i++)
		if (given[i]->left > 0)
			records[len++] = given[i];
	qsort(records, len, sizeof(*records), by_time);
	for (size_t i = 1; i <= len; i++) {
		if (i < len && records[i]->time_ms - records[i - 1]->time_ms <= window_ms)
			continue;
		add_contact(truth, records + first, i - first);
		first = i;
	}
}
