/* SPDX-License-Identifier: MPL-2.0 */
/* An effort (indsats): a named initiative with a beginning, meant to move something that is measured, owned by
 * a unit. What is known of it as plain data between whoever reads it (conf) and whoever reckons with it
 * (count/effort.h); effort_check() is the one place that says whether a record is good. Pure.
 *
 * Money is int64 in whole øre with one sign: a saving is positive, a cost negative. Each amount says whether it
 * was expected, estimated or realised; nothing is taken for something else, and what no source states is
 * absent, never 0. No record has a place for a person: who owns an effort is a unit.
 *
 * Everything pointed to belongs to whoever built the record. */
#ifndef DOMAIN_EFFORT_H
#define DOMAIN_EFFORT_H

#include "base/error.h"
#include "domain/area.h"
#include "domain/goal.h"
#include "domain/measure.h"

#define EFFORTS_MAX	  1000
#define EFFORTS_OF_ONE_MAX 128 /* of one municipality */
#define EFFORT_SCOPES_MAX 16
#define EFFORT_LINES_MAX  200 /* of each list of one effort */
#define EFFORT_TEXT_MAX	  500 /* bytes of method, note and the like */
#define EFFORT_DAY_NONE	  INT32_MAX

/* What kind of initiative: those that the survey of efficiency work and the catalogue of 2016 name. */
enum category {
	CATEGORY_STRATEGY,
	CATEGORY_FOLLOW_UP,
	CATEGORY_WEBSITE,
	CATEGORY_CAMPAIGN,
	CATEGORY_STAFF_TRAINING,
	CATEGORY_AMBASSADORS,
	CATEGORY_SUPERUSERS,
	CATEGORY_FLOORWALKERS,
	CATEGORY_HOTLINE,
	CATEGORY_CONTACT_CENTRE,
	CATEGORY_CHANNEL_CLOSURE, /* opening hours too */
	CATEGORY_LAW,
	CATEGORY_LAUNCH, /* of a solution, or a new function of one */
	CATEGORY_ASSISTED,
	CATEGORY_LETTER_REASONS,
	CATEGORY_OUTBOUND,
	CATEGORY_INCENTIVE,
	CATEGORY_AUTOMATION,
	CATEGORY_CO_LOCATION,
	CATEGORY_OTHER,
	CATEGORIES
};

enum effort_status {
	EFFORT_PLANNED,
	EFFORT_PILOT,
	EFFORT_RUNNING,
	EFFORT_PARTLY, /* partly carried through */
	EFFORT_DONE,   /* carried through; in operation */
	EFFORT_POSTPONED,
	EFFORT_DROPPED, /* not adopted */
	EFFORT_STOPPED,
	EFFORT_STATUSES
};

enum money_basis { MONEY_EXPECTED, MONEY_ESTIMATED, MONEY_REALISED, MONEY_BASES };

extern const char *const category_name[CATEGORIES], *const category_da[CATEGORIES], *const category_en[CATEGORIES];
extern const char *const effort_status_name[EFFORT_STATUSES];
extern const char *const effort_status_da[EFFORT_STATUSES], *const effort_status_en[EFFORT_STATUSES];
extern const char *const money_basis_name[MONEY_BASES]; /* "expected" "estimated" "realised" */

/* An amount of each year from `year` to `until`. Nothing is carried on beyond that. */
struct effort_money {
	int year, until;
	bool has_amount; /* false: the source says that there is one, not how much */
	int64_t ore;	 /* saving > 0, cost < 0 */
	enum money_basis basis;
	bool is_national; /* the national business case's, not the municipality's own */
	bool is_yearly;	  /* comes again every year; else one-off */
	bool is_cashable; /* can be taken out of a budget; time that is only freed is not */
	const char *title, *scenario, *unit, *price_level; /* or NULL */
};

/* What the plan says of the measure's contacts in a year, or of the number `volume` of contacts. */
struct effort_plan {
	const char *scenario; /* or NULL */
	int year;
	int64_t volume;
};

/* A goal counted by hand; numbers in hundredths. goal.start is `before` where has_before. */
struct effort_goal {
	const char *title;
	struct goal goal;
	bool has_before, has_result;
	int64_t result;
	int32_t as_of; /* day of the result; EFFORT_DAY_NONE */
};

/* Configured time and price of one contact by a channel: the only source of hours and kroner of contacts. */
struct effort_cost {
	int channel; /* enum effort_channel */
	bool has_minutes, has_price;
	int64_t minutes; /* hundredths */
	int64_t ore;
};

/* A yearly benefit reckoned from stated numbers: volume / per * quantity * price, and volume / per * minutes at
 * an hourly rate. */
struct effort_benefit {
	const char *title;
	int64_t volume, per; /* per >= 1 */
	bool has_price, has_minutes, has_rate;
	int64_t quantity; /* hundredths; 100 when not stated */
	int64_t price;	  /* øre */
	int64_t minutes;  /* hundredths */
	int64_t rate;	  /* øre an hour */
	bool is_cashable;
};

/* Something from outside that the counts may show: a law, a closure, a reform. What has no end in the file is
 * the day it began. */
struct effort_outside {
	const char *title;
	int32_t first, last;
	const char *municipality; /* NULL: all */
	const char *scope;	  /* NULL: all */
};

enum baseline {
	BASELINE_YEAR_EARLIER, /* the same days a year (or years) earlier */
	BASELINE_DAYS,
	BASELINE_VALUE, /* a share known from elsewhere, without counts */
	BASELINE_NONE	/* nothing was measured before: known not to be there */
};

struct effort {
	const char *id, *title, *title_en; /* title_en NULL: title */
	enum category category;
	const char *municipality; /* "0751" or "dk" */
	const char *const *scopes; /* as the hashes write them; none contains another */
	size_t scopes_len;
	int channel;		   /* that it works on; -1: none in particular */
	const char *unit;	   /* owner; NULL: not told */
	int32_t first, last;	   /* last EFFORT_DAY_NONE: no end */
	enum measure measure;
	enum baseline baseline;
	int32_t baseline_first, baseline_last; /* BASELINE_DAYS */
	int64_t baseline_value;		       /* BASELINE_VALUE: hundredths of a percent, or of contacts */
	bool has_target;
	struct goal target; /* the measure's, in hundredths; first is the effort's */
	int64_t alarm;	    /* hundredths of a percentage point from one month to the next; 0: none */
	int32_t benefit_from; /* benefits count from this day on; EFFORT_DAY_NONE: from the first */
	enum effort_status status;
	const char *realisability; /* as written: "1", "1-2", "2,5", "?"; NULL: none */
	const char *method, *counterfactual, *note, *funded_by; /* or NULL; funded_by: id of an effort */
	int32_t next_check;					/* or EFFORT_DAY_NONE */

	const struct effort_money *money;
	size_t money_len;
	const struct effort_plan *plan;
	size_t plan_len;
	const struct effort_goal *goals;
	size_t goals_len;
	const struct effort_cost *costs;
	size_t costs_len;
	int64_t rate; /* øre an hour for the minutes of costs; 0: none */
	const struct effort_benefit *benefits;
	size_t benefits_len;
	const struct effort_outside *outsides;
	size_t outsides_len;

	bool is_registered; /* by effortctl, in state_dir; else by efforts.conf */
	const char *away;   /* registered, but what it is for is not in the configuration (why): not followed; else NULL */
	struct place place;
};

/* What a record may refer to; areas_len 0: nothing is known, references are not looked up. */
struct effort_known {
	const struct area_def *areas;
	size_t areas_len;
	const struct group_def *groups;
	size_t groups_len;
	bool (*has_municipality)(void *ctx, const char *code); /* NULL: not looked up */
	void *ctx;
};

/* One fault of a record: the member ("baseline", "money") and which of its list, from 0; hint may be NULL. */
typedef void effort_tell_fn(void *ctx, const char *member, size_t index, const char *hint, const char *text);

/* Judges a record whose words and dates could be read. Tells every fault; 0 or -EINVAL. */
int effort_check(const struct effort *, const struct effort_known *, effort_tell_fn *tell, void *ctx);

/* True: text may be kept: 1 to max bytes, no control characters, nothing that reads as a CPR number, an
 * e-mail address or a Danish telephone number. */
bool effort_text_is_fit(const char *text, size_t max);

/* Whether a contact can lie in both scopes. Groups are looked up in `known`. */
bool effort_scopes_touch(const char *a, const char *b, const struct effort_known *known);
/* Both are followed and measure the same contacts on some day: same municipality (or the country), scopes that touch,
 * days in common. */
bool effort_overlaps(const struct effort *, const struct effort *, const struct effort_known *known);
/* The area is one that the effort is for; "all" efforts are for every one. */
bool effort_is_for(const struct effort *, const char *area);

#endif
