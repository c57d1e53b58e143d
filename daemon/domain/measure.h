/* SPDX-License-Identifier: MPL-2.0 */
/* What a target or an effort is measured by: the measures of the contract (section 5), by the words that
 * configuration and people use. Plain data; what they are computed from is count/measure.h.
 *
 * Sources: KL's survey of efficiency work 2013-14 names three different "80 percent" (contacts by
 * self-service, applications digitally, transactions by self-service); the economy agreement for 2013 adds
 * reductions against a baseline; the digital post programme counts outgoing letters. Hence a list and not a
 * constant. */
#ifndef DOMAIN_MEASURE_H
#define DOMAIN_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

enum measure {
	MEASURE_SELFSERVICE,               /* unassisted self-service of n */
	MEASURE_SELFSERVICE_INCL_ASSISTED, /* self-service, assisted or not, of n */
	MEASURE_DIGITAL,                   /* self-service and digital post of n */
	MEASURE_SELFSERVICE_OF_CONTACTS,   /* unassisted self-service of contacts of all kinds */
	MEASURE_REDUCTION_TRANSACTIONS,    /* fall of contacts other than by self-service, kind transaction,
					      against a baseline */
	MEASURE_REDUCTION_INFORMATION,     /* fall of contacts of kind information, against a baseline */
	MEASURE_OUTGOING_DIGITAL, /* outgoing post that ends in a digital mailbox, of all outgoing post */
	MEASURE_FIRST_CONTACT_RESOLUTION, /* phone and counter: completed, of completed and forwarded */
	MEASURE_IN_PERSON,                /* counter of n; of one channel: that channel of n */
	MEASURE_VOLUME,                   /* contacts of all kinds: a number, not a share */
	MEASURES
};

/* "selfservice", "selfservice_incl_assisted", ... */
extern const char *const measure_name[MEASURES];
/* What people read: "selvbetjening af ansøgninger og anmeldelser", "self-service of applications and
 * notifications". */
extern const char *const measure_da[MEASURES], *const measure_en[MEASURES];

/* The measure called so; -1: none. */
int measure_find(const char *name, size_t len);

bool measure_is_share(enum measure);       /* false: a number of contacts */
bool measure_is_reduction(enum measure);   /* needs a baseline */
bool measure_takes_channel(enum measure);  /* can be taken of one channel */
bool measure_is_channel_shift(enum measure); /* reached when contacts change to self-service or digital channels */

#endif
