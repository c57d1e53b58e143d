/* SPDX-License-Identifier: MPL-2.0 */
/* The other measures of a municipality, for all of it and each area, from pictures: resolution at the first contact
 * and forwarding, help, attendance, information and case contacts, what did not end well, outgoing post and why it was
 * paper, handling time. Sums first, so that longer periods are ratios of sums; each rate only where there is something
 * to divide by. Pure. */
#ifndef COUNT_RATES_H
#define COUNT_RATES_H

#include "count/apart.h"
#include "count/picture.h"
#include "domain/area.h"
#include "domain/reference.h"

enum rate_sum {
	RATE_CONTACTS,
	RATE_INFORMATION,
	RATE_CASE,
	RATE_N,
	RATE_SELF,
	RATE_ASSISTED,
	RATE_EXEMPT,
	RATE_COUNTER,	/* of n */
	RATE_HANDLED,	/* phone and counter: completed or forwarded */
	RATE_FORWARDED, /* of them */
	RATE_MISDIRECTED,
	RATE_ABANDONED,
	RATE_REJECTED,
	RATE_NO_SHOW,
	RATE_OUT_DIGITAL, /* outgoing post: letters and Digital Post, other channels where a form is given */
	RATE_OUT_REMOTEPRINT,
	RATE_OUT_PHYSICAL,
	RATE_INTERNAL, /* between authorities and within the municipality */
	RATE_IGNORED,
	RATE_SECONDS, /* handling time, where it was told */
	RATE_OPEN,    /* contacts of which it is known that it was open */
	RATE_CLOSED,  /* and that it was not */
	RATE_SELF_OPEN, /* of them by self-service */
	RATE_SELF_CLOSED,
	RATE_WORK, /* contacts that take somebody's time: not abandoned, no no-show; by channel */
	RATE_SUMS = RATE_WORK + EFFORT_CHANNELS
};

#define RATES_SCOPES_MAX (AREA_MAX + 4)

struct rates {
	struct {
		char name[AREA_NAME_MAX + 1]; /* [0] is "all" */
		int64_t sums[RATE_SUMS];
	} scopes[RATES_SCOPES_MAX];
	size_t n;
	struct apart apart; /* other measurements of the same */
};

void rates_init(struct rates *);
/* Adds what a picture holds. Areas are found by their cells. */
void rates_add(struct rates *, const struct picture *);
void rates_add_rates(struct rates *, const struct rates *);

/* All but numbers in hundredths: of a percent, an hour, a krone, a contact. */
enum rate_form { RATE_NUMBER, RATE_PERCENT, RATE_HOURS, RATE_KRONER, RATE_DECIMAL };

/* Calls on_rate for every field ("school.first_contact_resolution") in a fixed order: counts of every scope, rates where
 * they have a denominator; "school.method.<method>.share" beside "school.method.shares.share" where something has been
 * counted apart. */
void rates_each(const struct rates *,
		void (*on_rate)(void *ctx, const char *name, enum rate_form, int64_t value), void *ctx);

/* The same for what is made with reference data of the municipality (NULL: nothing) in force on a day: contacts per 1,000
 * inhabitants and children, hours and kroner of those contacts whose channel has them; absent where not configured. */
void rates_each_reference(const struct rates *, const struct reference *, int32_t day,
			  void (*on_rate)(void *ctx, const char *name, enum rate_form, int64_t value), void *ctx);

#endif
