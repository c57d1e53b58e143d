/* SPDX-License-Identifier: MPL-2.0 */
/* See measure.h. */
#include "domain/measure.h"

#include <string.h>

const char *const measure_name[MEASURES] = {
	[MEASURE_SELFSERVICE] = "selfservice",
	[MEASURE_SELFSERVICE_INCL_ASSISTED] = "selfservice_incl_assisted",
	[MEASURE_DIGITAL] = "digital",
	[MEASURE_SELFSERVICE_OF_CONTACTS] = "selfservice_of_contacts",
	[MEASURE_REDUCTION_TRANSACTIONS] = "reduction_transactions",
	[MEASURE_REDUCTION_INFORMATION] = "reduction_information",
	[MEASURE_OUTGOING_DIGITAL] = "outgoing_digital",
	[MEASURE_FIRST_CONTACT_RESOLUTION] = "first_contact_resolution",
	[MEASURE_IN_PERSON] = "in_person",
	[MEASURE_VOLUME] = "volume",
};

const char *const measure_da[MEASURES] = {
	[MEASURE_SELFSERVICE] = "selvbetjening af ansøgninger og anmeldelser",
	[MEASURE_SELFSERVICE_INCL_ASSISTED] =
		"selvbetjening af ansøgninger og anmeldelser, også med medbetjening",
	[MEASURE_DIGITAL] = "ansøgninger og anmeldelser ad digital vej (selvbetjening og Digital Post)",
	[MEASURE_SELFSERVICE_OF_CONTACTS] = "selvbetjening af alle henvendelser",
	[MEASURE_REDUCTION_TRANSACTIONS] =
		"fald i ansøgninger og anmeldelser uden for selvbetjening, mod basisperioden",
	[MEASURE_REDUCTION_INFORMATION] = "fald i generelle henvendelser om information, mod basisperioden",
	[MEASURE_OUTGOING_DIGITAL] = "udgående post, der ender i en digital postkasse",
	[MEASURE_FIRST_CONTACT_RESOLUTION] = "straksafklaret ved første henvendelse (telefon og fremmøde)",
	[MEASURE_IN_PERSON] = "personligt fremmøde af ansøgninger og anmeldelser",
	[MEASURE_VOLUME] = "henvendelser i alt",
};

const char *const measure_en[MEASURES] = {
	[MEASURE_SELFSERVICE] = "self-service of applications and notifications",
	[MEASURE_SELFSERVICE_INCL_ASSISTED] =
		"self-service of applications and notifications, assisted included",
	[MEASURE_DIGITAL] = "applications and notifications received digitally (self-service and Digital Post)",
	[MEASURE_SELFSERVICE_OF_CONTACTS] = "self-service of all contacts",
	[MEASURE_REDUCTION_TRANSACTIONS] =
		"fall of applications and notifications outside self-service, against the baseline",
	[MEASURE_REDUCTION_INFORMATION] = "fall of general information contacts, against the baseline",
	[MEASURE_OUTGOING_DIGITAL] = "outgoing post that ends in a digital mailbox",
	[MEASURE_FIRST_CONTACT_RESOLUTION] = "resolved at the first contact (phone and counter)",
	[MEASURE_IN_PERSON] = "applications and notifications in person",
	[MEASURE_VOLUME] = "contacts of all kinds",
};

int measure_find(const char *name, size_t len)
{
	for (int i = 0; i < MEASURES; i++)
		if (strlen(measure_name[i]) == len && memcmp(measure_name[i], name, len) == 0)
			return i;
	return -1;
}

bool measure_is_share(enum measure measure)
{
	return measure != MEASURE_VOLUME;
}

bool measure_is_reduction(enum measure measure)
{
	return measure == MEASURE_REDUCTION_TRANSACTIONS || measure == MEASURE_REDUCTION_INFORMATION;
}

bool measure_takes_channel(enum measure measure)
{
	return measure_is_reduction(measure) || measure == MEASURE_FIRST_CONTACT_RESOLUTION ||
	       measure == MEASURE_IN_PERSON || measure == MEASURE_VOLUME;
}

bool measure_is_channel_shift(enum measure measure)
{
	return measure == MEASURE_SELFSERVICE || measure == MEASURE_SELFSERVICE_INCL_ASSISTED ||
	       measure == MEASURE_DIGITAL || measure == MEASURE_SELFSERVICE_OF_CONTACTS ||
	       measure == MEASURE_OUTGOING_DIGITAL;
}
