/* SPDX-License-Identifier: MPL-2.0 */
/* Reference data of a municipality, each with the day it holds from: inhabitants and children, what a contact by a
 * channel takes in minutes and kroner, opening hours. Nothing is shipped and nothing has a default: what is not
 * configured is not known, and what would be made of it is absent. Plain data between the reader of files (conf) and
 * those who reckon with it (count/rates.h, run/snapshot.h); everything pointed to belongs to whoever built it. Pure. */
#ifndef DOMAIN_REFERENCE_H
#define DOMAIN_REFERENCE_H

#include "base/error.h"

#include <effort/plugin.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REFERENCE_LINES_MAX  256 /* of each list of one municipality */
#define REFERENCE_CLOSED_MAX 1024
#define REFERENCE_SPANS_MAX  4 /* times of one weekday */
#define REFERENCE_DAY_MINUTES (24 * 60)

enum reference_kind { REFERENCE_INHABITANTS, REFERENCE_CHILDREN, REFERENCE_KINDS };

/* A number from a day on, until the next. */
struct reference_step {
	int32_t from;
	int64_t number;
};

/* What one contact by a channel takes, from a day on. */
struct reference_cost {
	int channel; /* enum effort_channel */
	int32_t from;
	bool has_minutes, has_price;
	int64_t minutes;	 /* hundredths */
	int64_t ore;
	const char *price_level; /* or NULL */
};

/* Minutes of the day, opens < closes <= REFERENCE_DAY_MINUTES. */
struct reference_span {
	uint16_t opens, closes;
};

/* Opening hours from a day on; of one unit, of one channel, of both or of everything. */
struct reference_hours {
	int32_t from;
	int channel;	  /* -1: every channel */
	const char *unit; /* NULL: every unit */
	struct {
		uint8_t n; /* 0: closed that day */
		struct reference_span spans[REFERENCE_SPANS_MAX];
	} days[7]; /* Monday first */
};

struct reference {
	const char *municipality; /* "0751"; "dk": the country */
	struct {
		const struct reference_step *steps; /* by day */
		size_t len;
	} numbers[REFERENCE_KINDS];
	const struct reference_cost *costs;
	size_t costs_len;
	const struct reference_hours *hours;
	size_t hours_len;
	const int32_t *closed; /* days on which nothing is open, sorted */
	size_t closed_len;
	struct place place;
};

/* The number in force on a day; false: none is known. reference may be NULL. */
bool reference_number(const struct reference *, enum reference_kind, int32_t day, int64_t *ret);
/* What a contact takes on a day; NULL: not known. reference may be NULL. */
const struct reference_cost *reference_cost(const struct reference *, int channel, int32_t day);

enum reference_open { REFERENCE_HOURS_UNKNOWN, REFERENCE_OPEN, REFERENCE_CLOSED };

/* Whether it was open for a contact by this channel to this unit (len 0: none named) at this local minute of a day.
 * The hours of the unit and channel count before those of the unit, those before the channel's, those before those of
 * everything; of the same the latest that are in force. */
enum reference_open reference_open(const struct reference *, int channel, struct effort_str unit, int32_t day,
				   int minute);

/* "09:00-12:00, 13:00-18:00", in order and apart; *ret_n spans, at most REFERENCE_SPANS_MAX. False: it is not of that
 * form. */
bool reference_spans_parse(const char *text, struct reference_span *ret, uint8_t *ret_n);

#endif
