/* SPDX-License-Identifier: MPL-2.0 */
/* The closed word lists of an event: constant data, and the plain search for those who are in no hurry.
 * The decoder finds words through a lexicon instead. */
#include "event/vocab.h"

const char *const vocab_channel[EFFORT_CHANNELS] = {
	[EFFORT_SELFSERVICE] = "selfservice",
	[EFFORT_DIGITALPOST] = "digitalpost",
	[EFFORT_EMAIL] = "email",
	[EFFORT_LETTER] = "letter",
	[EFFORT_PHONE] = "phone",
	[EFFORT_COUNTER] = "counter",
	[EFFORT_VIDEO] = "video",
	[EFFORT_SMS] = "sms",
	[EFFORT_CHAT] = "chat",
	[EFFORT_SOCIAL] = "social",
	[EFFORT_WEB] = "web",
	[EFFORT_SYSTEM] = "system",
	[EFFORT_OTHER] = "other",
};

const char *const vocab_channel_da[EFFORT_CHANNELS] = {
	[EFFORT_SELFSERVICE] = "selvbetjening",
	[EFFORT_DIGITALPOST] = "Digital Post",
	[EFFORT_EMAIL] = "e-mail",
	[EFFORT_LETTER] = "brev",
	[EFFORT_PHONE] = "telefon",
	[EFFORT_COUNTER] = "personligt fremmøde",
	[EFFORT_VIDEO] = "video",
	[EFFORT_SMS] = "sms",
	[EFFORT_CHAT] = "chat",
	[EFFORT_SOCIAL] = "sociale medier",
	[EFFORT_WEB] = "hjemmeside",
	[EFFORT_SYSTEM] = "system",
	[EFFORT_OTHER] = "andet",
};

const char *const vocab_kind[EFFORT_KINDS] = {
	[EFFORT_TRANSACTION] = "transaction",
	[EFFORT_INFORMATION] = "information",
	[EFFORT_CASE] = "case",
	[EFFORT_KIND_UNKNOWN] = "unknown",
};

const char *const vocab_direction[2] = {
	[EFFORT_IN] = "in",
	[EFFORT_OUT] = "out",
};

const char *const vocab_population[4] = {
	[EFFORT_CITIZEN] = "citizen",
	[EFFORT_BUSINESS] = "business",
	[EFFORT_AUTHORITY] = "authority",
	[EFFORT_INTERNAL] = "internal",
};

const char *const vocab_assisted[7] = {
	[EFFORT_UNASSISTED] = "false",         [EFFORT_ASSISTED] = "true",
	[EFFORT_ASSISTED_COUNTER] = "counter", [EFFORT_ASSISTED_PHONE] = "phone",
	[EFFORT_ASSISTED_VIDEO] = "video",     [EFFORT_ASSISTED_LIBRARY] = "library",
	[EFFORT_ASSISTED_STAFF] = "staff",
};

const char *const vocab_outcome[EFFORT_OUTCOMES] = {
	[EFFORT_COMPLETED] = "completed",           [EFFORT_FORWARDED] = "forwarded",
	[EFFORT_MISDIRECTED] = "misdirected",       [EFFORT_ABANDONED] = "abandoned",
	[EFFORT_REJECTED_NOT_DIGITAL] = "rejected", [EFFORT_NO_SHOW] = "no_show",
};

const char *const vocab_form[4] = {
	[EFFORT_FORM_NONE] = "none",
	[EFFORT_FORM_DIGITAL] = "digital",
	[EFFORT_FORM_REMOTEPRINT] = "remoteprint",
	[EFFORT_FORM_PHYSICAL] = "physical",
};

int vocab_find(const char *const *list, size_t n, struct effort_str word)
{
	for (size_t i = 0; i < n; i++) {
		if (effort_equals(word, list[i]))
			return (int)i;
	}
	return -1;
}
