/* SPDX-License-Identifier: MPL-2.0 */
/* What an effort has moved: its measure before and after, contacts moved, what the other channels did, and what
 * a reader must know before believing it. From pictures of days (count/picture.h); money is in
 * count/effort_money.h. Nothing here says that the effort was the cause: the words are before and after.
 *
 * After is the effort's days so far, whole days only, and of a long effort its last year. Before is the same
 * days a year earlier, or as many years earlier as it takes to lie before the effort: the same season. Pure. */
#ifndef COUNT_EFFORT_H
#define COUNT_EFFORT_H

#include "count/measure.h"
#include "domain/effort.h"

struct effort_days {
	int32_t first, end; /* first <= day < end; empty: none */
};

struct effort_windows {
	struct effort_days before, after;
	struct effort_days latest, previous; /* the last two whole months, for the alarm */
};

/* Which days to read. today: the local day running now. kept: the first day that is still kept as a day; what lies before
 * it is known by whole months only, so windows are cut to what is known: both of them where before is the same season. */
struct effort_windows effort_windows(const struct effort *, int32_t today, int32_t kept);

struct effort_year {
	int year;
	const struct picture *picture; /* NULL: nothing is known of it */
	bool is_whole;
};

/* What an effort is looked at with. Pictures are NULL where nothing could be read. */
struct effort_view {
	int32_t today;
	struct effort_windows windows;
	const struct picture *before, *after, *latest, *previous;
	bool before_is_whole, after_is_whole; /* nothing of the window is missing; else it is not looked at */
	const struct effort_year *years;      /* of the plan */
	size_t years_len;
	bool is_incomplete; /* an expected source is silent */
	const struct effort *others; /* all efforts, this one among them */
	size_t others_len;
	const struct effort_outside *outsides; /* besides the effort's own */
	size_t outsides_len;
	const struct effort_known *known; /* or NULL */
};

enum effort_warning {
	WARNING_NO_BASELINE,
	WARNING_BASELINE_PARTIAL, /* days of the baseline are no longer kept */
	WARNING_AFTER_PARTIAL,
	WARNING_SHORT,	      /* fewer than 28 days after */
	WARNING_UNEQUAL_DAYS, /* the measure needs windows of one length, and they differ */
	WARNING_OTHER_SEASON, /* the baseline is another time of the year */
	WARNING_OVERLAP,      /* another effort works on the same contacts */
	WARNING_OUTSIDE,      /* something from outside falls into the days looked at */
	WARNING_INCOMPLETE,   /* an expected source is silent */
	WARNING_FEWER_CONTACTS, /* contacts have gone that did not come by self-service instead */
	WARNING_FELL,	      /* the alarm: last month lies below the month before */
	WARNING_ATTENDANCE,   /* attendance in person is intended: a low digital share is no failure */
	WARNING_UNIT_COSTS,   /* a channel changed that has no minutes or price configured */
	WARNING_NOT_STATED,   /* an amount is there that no source states */
	WARNING_PRICE_LEVELS, /* amounts of several price levels */
	EFFORT_WARNINGS
};

/* "no_baseline", ... */
extern const char *const effort_warning_name[EFFORT_WARNINGS];

/* Contacts of a channel in the days after, and before for as many days. */
struct effort_shift {
	int64_t before, after;
};

struct effort_effect {
	struct effort_windows windows;
	bool has_before, has_after;
	struct measured before, after; /* exact; before.n 0 for a baseline that is only a value */
	int64_t before_value, after_value; /* hundredths of a percent; of a volume, hundredths of contacts, before for as
					      many days as after */
	int64_t change;			   /* their difference: hundredths of a percentage point; where both are there */
	bool has_moved;
	int64_t moved; /* contacts: into what the measure counts (negative: out of it) */
	bool has_channels;
	struct effort_shift channels[EFFORT_CHANNELS]; /* of n */
	struct effort_shift contacts;			 /* all kinds */
	bool has_verdict; /* there is a target */
	enum goal_verdict verdict;
	bool has_hours, has_kroner; /* of the days after, by configured minutes and prices only */
	int64_t hours;		    /* hundredths; positive: freed */
	int64_t ore;
	bool has_fall;
	int64_t fall; /* latest month minus the one before, hundredths */
	unsigned warnings; /* bit: enum effort_warning */
};

/* 0 or -ENOMEM. */
int effort_effect(const struct effort *, const struct effort_view *, struct effort_effect *ret);

/* Contacts that the plan speaks of, in a picture of a year. False: nothing is known. */
bool effort_volume(const struct effort *, const struct picture *, const struct effort_known *, int64_t *ret);

/* a * b / c, half away from zero; c > 0. Exact where the result fits, else the nearest that does. */
int64_t effort_muldiv(int64_t a, int64_t b, int64_t c);

#endif
