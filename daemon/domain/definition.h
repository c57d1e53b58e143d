/* SPDX-License-Identifier: MPL-2.0 */
/* Definitions of the share by date: which rule says who enters on a day, what the shares of a period are called that a
 * change cuts in two, and where it is cut. Plain data. Pure. */
#ifndef DOMAIN_DEFINITION_H
#define DOMAIN_DEFINITION_H

#include "base/error.h"
#include "domain/share.h"

#define DEFINITIONS_MAX	  16
#define DEFINITION_ID_MAX 48

struct definition {
	const char *id;
	int32_t from; /* in force from this day on; INT32_MIN: always was */
	struct share_rule rule;
	struct place place; /* line 0: the shipped one, not written anywhere */
};

/* The one in force on a day; list: by date, [0].from INT32_MIN. */
const struct definition *definition_on(const struct definition *list, size_t n, int32_t day);

/* The names of those in force on days first..end-1, comma-separated: "kl-2014", "kl-2014,local-2027"; INT32_MAX or, of
 * the first change within, its day. buf: DEFINITION_NAMES bytes. */
#define DEFINITION_NAMES ((DEFINITIONS_MAX + 1) * (DEFINITION_ID_MAX + 1))
int32_t definition_names(const struct definition *list, size_t n, int32_t first, int32_t end, char *buf);
/* A list in one line, for others to compare: "kl-2014=<rule> local@2027-01-01=<rule>". buf: DEFINITION_LINE bytes. */
#define DEFINITION_LINE (DEFINITIONS_MAX * (DEFINITION_ID_MAX + SHARE_RULE_WORD + 16))
void definition_line(const struct definition *list, size_t n, char *buf);
/* Whether two lines say the same of all days up to and with this one ("2026-11-22"). */
bool definition_line_agrees(const char *a, const char *b, const char *until);
/* What people are told of a line: "kl-2014, local@2027-01-01". Cut at size. */
void definition_line_names(const char *line, char *ret, size_t size);

#endif
