/* SPDX-License-Identifier: MPL-2.0 */
/* See import.h: what was expected of a cell, in Danish, and the next step where a row of a table was refused: that is
 * about the file and its column map, where codes speak of events. Never a cell's own content. Constant. */
#include "ctl/import.h"

#include <string.h>

static const struct {
	const char *en, *da;
} expectations[] = {
	{ "a count; 0 where nothing was counted", "et antal; 0, hvor intet er talt" },
	{ "a whole number", "et helt tal" },
	{ "a number written as the map says (decimal, thousands)",
	  "et tal skrevet, som kolonnekortet siger (decimal, thousands)" },
	{ "no less than 0; what was counted too much is taken back by `corrects`",
	  "mindst 0; det, der er talt for meget, tages tilbage med `corrects`" },
	{ "a time of handling in the unit the map says", "en behandlingstid i den enhed, kolonnekortet siger" },
	{ "what the meter shows", "det, måleren viser" },
	{ "a number from 0, written as the map says (decimal, thousands)",
	  "et tal fra 0, skrevet, som kolonnekortet siger (decimal, thousands)" },
	{ "a name with letters or digits", "et navn med bogstaver eller cifre" },
	{ "a date in the form the map says, of a day that exists",
	  "en dato i den form, kolonnekortet siger, på en dag, der findes" },
	{ "a time of day such as 14:05", "et klokkeslæt som 14:05" },
	{ "both ends of the period", "begge ender af perioden" },
	{ "a last day on or after the first, at most 400 days later",
	  "en sidste dag på eller efter den første, højst 400 dage senere" },
	{ "the number of a week, month or quarter, or with its year: 2026-W47, 2026-11",
	  "nummeret på en uge, måned eller et kvartal, evt. med år: 2026-W47, 2026-11" },
	{ "the year, in a column of its own or with the period", "året, i sin egen kolonne eller med perioden" },
	{ "a year in four digits", "et år med fire cifre" },
	{ "a period that this year has", "en periode, som dette år har" },
	{ "a date or a period", "en dato eller en periode" },
	{ "at most 1,000,000 a day", "højst 1.000.000 om dagen" },
	{ "one of the words of this field", "et af feltets ord, eller et ord, som kolonnekortets values oversætter" },
	{ "this field", "en værdi" },
	{ "a whole number from 1 to 1000000", "et helt tal fra 1 til 1000000" },
	{ "no more cells than the first line has; is a separator inside a cell without quotes?",
	  "ikke flere celler end første linje; er der et skilletegn i en celle uden anførselstegn?" },
	{ "a closing quote, and a separator behind it", "et afsluttende anførselstegn og et skilletegn efter det" },
};

const char *import_expected_da(const char *detail)
{
	for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++)
		if (strcmp(expectations[i].en, detail) == 0)
			return expectations[i].da;
	return NULL;
}

const char *import_remedy(const struct ctl *ctl, int code)
{
	const struct code_text *text;

	if (code == CODES)
		return "";
	if (code == E_CHANNEL)
		return word_text(W_IMPORT_REMEDY_WORD, ctl->is_danish);
	if (code == E_MISSING)
		return word_text(W_IMPORT_REMEDY_MISSING, ctl->is_danish);
	if (code == E_VALUE || code == E_TIME)
		return word_text(W_IMPORT_REMEDY_CELL, ctl->is_danish);
	text = code_text((enum code)code);
	return ctl->is_danish ? text->remedy_da : text->remedy_en;
}
