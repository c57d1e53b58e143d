/* SPDX-License-Identifier: MPL-2.0 */
/* See import.h: the next step where a row of a table was refused. It is about the file and its column map, where codes
 * speak of events. Constant. */
#include "ctl/import.h"

const char *import_remedy(const struct ctl *ctl, int code)
{
	static const struct {
		int code;
		enum word word;
	} remedies[] = {
		{ E_CHANNEL, W_IMPORT_REMEDY_WORD },  { E_MISSING, W_IMPORT_REMEDY_MISSING },
		{ E_VALUE, W_IMPORT_REMEDY_CELL },    { E_TIME, W_IMPORT_REMEDY_CELL },
		{ E_TOO_OLD, W_IMPORT_REMEDY_AGE },   { E_FUTURE, W_IMPORT_REMEDY_FUTURE },
		{ E_CPR, W_IMPORT_REMEDY_CPR },	      { E_CONFLICT, W_IMPORT_REMEDY_CONFLICT },
	};
	const struct code_text *text;

	if (code == CODES)
		return "";
	for (size_t i = 0; i < sizeof remedies / sizeof remedies[0]; i++)
		if (remedies[i].code == code)
			return word_text(remedies[i].word, ctl->is_danish);
	text = code_text((enum code)code);
	return ctl->is_danish ? text->remedy_da : text->remedy_en;
}
