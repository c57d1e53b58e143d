/* SPDX-License-Identifier: MPL-2.0 */
/* Why an event is refused. The names are public (contract, section 3) and never change. Pure; constant data.
 */
#ifndef EVENT_CODE_H
#define EVENT_CODE_H

#include <effort/plugin.h>

enum code {
	CODE_OK,
	E_JSON,
	E_UTF8,
	E_TOO_LONG,
	E_DEPTH,
	E_DUPLICATE_KEY,
	E_MISSING,
	E_TYPE,
	E_ID,
	E_SOURCE,
	E_TIME,
	E_TOO_OLD,
	E_FUTURE,
	E_MUNICIPALITY,
	E_CHANNEL,
	E_KLE,
	E_TASK,
	E_VALUE,
	E_CPR,
	E_CONFLICT,
	E_CORRECTS,
	E_REJECTED,
	E_FORBIDDEN,
	E_AUTH,
	E_PARTIAL,
	E_RATE,
	CODES
};

struct code_text {
	const char *name;       /* "E_JSON" */
	const char *meaning_en; /* one sentence: what was wrong */
	const char *meaning_da;
	const char *remedy_en; /* one sentence: what the sender does next */
	const char *remedy_da;
};

/* Texts of a code; CODE_OK has the name "OK" and empty sentences. */
const struct code_text *code_text(enum code);

const char *code_name(enum code);

/* The code of a name ("E_JSON", case-insensitive, with or without "E_"); -1: no such code. */
int code_find(const char *name);

#endif
