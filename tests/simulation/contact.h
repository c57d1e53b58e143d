/* SPDX-License-Identifier: MPL-2.0 */
/* The contacts a simulation sends: a small world of municipalities, tasks and names, in which every kind of
 * counter comes up. A contact knows what became of it; what must follow from all of them is in truth.c. */
#ifndef SIMULATION_CONTACT_H
#define SIMULATION_CONTACT_H

#include "world.h"

#include "count/tally.h"
#include "domain/calendar.h"
#include "store/store.h"

#include <effort/plugin.h>

#define CONTACT_MUNICIPALITIES 3
#define CONTACT_STANDINGS      6
#define CONTACT_STANDINGS_DRAWN 5 /* the last one is that of another for every second stretch of days */
#define CONTACT_DEFINITION_DAYS 4

struct contact_standing {
	const char *area, *task, *group; /* group NULL: none */
	bool is_municipal, is_target;
	bool has_rule; /* who enters the share is another than by the shipped definition: contact_rule */
};

extern const struct contact_standing contact_standings[CONTACT_STANDINGS];
/* Applications and information by every channel but e-mail, abandoned ones too, exempt citizens not; Digital Post is
 * self-service. */
extern const struct share_rule contact_rule;
extern const struct store_view contact_view;
extern struct zone contact_zone; /* Denmark */

enum contact_state {
	CONTACT_HELD,	/* to be sent, or to be sent again */
	CONTACT_WAITING, /* taken; the answer waits for the disk */
	CONTACT_ACKED,
	CONTACT_LOST /* its journal is gone: never sent again */
};

struct sent {
	uint32_t number; /* its id */
	uint8_t machine; /* whose client sends it */
	struct cell cell; /* municipality: index in contact_view; standing: of contact_standings */
	int64_t time_ms, count, seconds;
	uint8_t source, unit, portal, handled_by, reason; /* 0: none but for the source */
	uint32_t corrects; /* number of the contact it takes count and seconds back of, from 1; 0: none */
	int64_t left, left_seconds; /* what corrections have not taken */
	uint32_t errand; /* number of the contact it is of one errand with, or its own, from 1; 0: none */
	uint32_t meter; /* number of the reading its meter began with, or its own, from 1; 0: no reading */
	int64_t reading;
	bool is_level;
	int64_t made_ms;
	uint8_t members; /* of the first: how many records, or readings, there are */
	bool is_offered; /* was given to a core at least once */
	enum contact_state state;
	uint64_t block; /* WAITING: that must be durable */
};

void contact_begin(void); /* makes the zone; once a program */
/* A contact of about now: days back at times, rarely ahead. */
void contact_make(struct sent *, struct chance *, uint32_t number, int64_t now_ms);

/* Makes it a further record of the errand of `of`, or the first of its own (of: itself). */
void contact_join(struct sent *, struct sent *of);

/* Makes it a further reading of the meter of `of`, or the first of its own (of: itself). A level shows what it likes; what
 * else a meter shows grows with time, and at times is anything. */
void contact_read(struct sent *, struct sent *of, struct chance *);
/* A reading of another moment: before noon it is that of the end of the day before. */
void contact_read_at(struct sent *, int64_t time_ms);

/* The standing that its task has on its day. */
void contact_stand(struct cell *);

/* A contact that takes some of this one back, or all that is left. */
void contact_correct(struct sent *, struct sent *of, struct chance *, uint32_t number, int64_t now_ms);

/* As an event; text lives in buf. */
#define CONTACT_NAME 24

struct contact_text {
	char id[16], source[CONTACT_NAME], unit[CONTACT_NAME], portal[CONTACT_NAME], handled_by[CONTACT_NAME],
		reason[CONTACT_NAME], corrects[16], errand[16], meter[16];
};
void contact_event(const struct sent *, struct contact_text *, struct effort_event *ret);

const char *contact_name(enum dimension, const struct sent *, char buf[CONTACT_NAME]); /* "" for none */

#endif
