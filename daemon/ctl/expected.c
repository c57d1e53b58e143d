/* SPDX-License-Identifier: MPL-2.0 */
/* See expected.h: of lines first, then of rows of tables. Constant. */
#include "ctl/expected.h"

#include "event/code.h"

#include <string.h>

#define EXPECTED ": expected "

static const struct {
	const char *en, *da;
} expectations[] = {
	{ "one of kle, task or service", "kle, task eller service" },
	{ "a whole number from 0 to 999999999", "et helt tal fra 0 til 999999999" },
	{ "a number from 0 to 9999999.99", "et tal fra 0 til 9999999.99" },
	{ "seconds from 0 to 31536000", "sekunder fra 0 til 31536000" },
	{ "a time such as \"2026-11-21T10:15:30+01:00\"", "et tidspunkt som \"2026-11-21T10:15:30+01:00\"" },
	{ "a time no older than late_limit allows",
	  "et tidspunkt, der ikke er ældre, end late_limit tillader" },
	{ "a time no further ahead than future_limit allows",
	  "et tidspunkt, der ikke ligger længere fremme, end future_limit tillader" },
	{ "a code such as \"0751\" or \"751\"", "en kode som \"0751\" eller \"751\"" },
	{ "the code of a configured municipality", "koden på en kommune i konfigurationen" },
	{ "a KLE number such as \"23.05.10\" or \"23.05.10 G01\"",
	  "et KLE-nummer som \"23.05.10\" eller \"23.05.10 G01\"" },
	{ "1 to 128 printable ASCII characters", "1 til 128 skrivbare ASCII-tegn" },
	{ "1 to 64 printable ASCII characters", "1 til 64 skrivbare ASCII-tegn" },
	{ "1 to 48 of a-z 0-9 -", "1 til 48 af a-z 0-9 -" },
	{ "1 to 64 of A-Z a-z 0-9 . _ : / -", "1 til 64 af A-Z a-z 0-9 . _ : / -" },
	{ "1 to 40 of A-Z a-z 0-9 . _ : / -", "1 til 40 af A-Z a-z 0-9 . _ : / -" },
	{ "a name or URI reference of 1 to 128 bytes without spaces",
	  "et navn eller en URI på 1 til 128 byte uden blanktegn" },
	{ "true, false or text", "true, false eller tekst" },
	{ "true or false", "true eller false" },
	{ "a number", "et tal" },
	{ "text in quotes", "tekst i anførselstegn" },
	{ "false, or the channel selfservice", "false eller kanalen selfservice" },
	{ "no form, or the direction out", "ingen form, eller retningen out" },
	{ "no reason, or the form physical", "ingen reason, eller formen physical" },
	{ "the meter's name, beside a reading or level", "målerens navn ved en aflæsning eller et niveau" },
	{ "a reading or a level beside it", "en aflæsning eller et niveau ved siden af" },
	{ "no such field beside a meter", "intet sådant felt ved siden af en måler" },
	{ "no CPR number", "intet CPR-nummer" },
	{ "at most 65,536 bytes", "højst 65.536 byte" },
	{ "at most 8 levels", "højst 8 niveauer" },
	{ "at most 64 members", "højst 64 felter" },
	{ "every name once", "hvert navn én gang" },
	{ "valid UTF-8", "gyldig UTF-8" },
	{ "an object", "et objekt" },
	{ "nothing behind the object", "intet efter objektet" },
	{ "more: the line ends inside the object", "mere: linjen slutter inde i objektet" },
	{ "a closing quote", "et afsluttende anførselstegn" },
	{ "a JSON value", "en JSON-værdi" },
	{ "a name in quotes", "et navn i anførselstegn" },
	{ "a colon", "et kolon" },
	{ "a comma or }", "et komma eller }" },
	{ "a comma or ]", "et komma eller ]" },
	{ "a count; 0 where nothing was counted", "et antal; 0, hvor intet er talt" },
	{ "a whole number", "et helt tal" },
	{ "a number written as the map says (decimal, thousands)",
	  "et tal skrevet, som kolonnekortet siger (decimal, thousands)" },
	{ "no less than 0; what was counted too much is taken back by `corrects`",
	  "mindst 0; det, der er talt for meget, tages tilbage med `corrects`" },
	{ "a time of handling in the unit the map says",
	  "en behandlingstid i den enhed, kolonnekortet siger" },
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
	{ "the year, in a column of its own or with the period",
	  "året, i sin egen kolonne eller med perioden" },
	{ "a year in four digits", "et år med fire cifre" },
	{ "a period that this year has", "en periode, som dette år har" },
	{ "a date or a period", "en dato eller en periode" },
	{ "at most 1,000,000 a day", "højst 1.000.000 om dagen" },
	{ "one of the words of this field", "et af feltets ord" },
	{ "this field", "en værdi" },
	{ "a whole number from 1 to 1000000", "et helt tal fra 1 til 1000000" },
	{ "no more cells than the first line has; is a separator inside a cell without quotes?",
	  "ikke flere celler end første linje; er der et skilletegn i en celle uden anførselstegn?" },
	{ "a closing quote, and a separator behind it",
	  "et afsluttende anførselstegn og et skilletegn efter det" },
	{ "key columns that tell this row from an earlier one of the file",
	  "nøglekolonner, der skelner rækken fra en tidligere i filen" },
	{ "no personal numbers; columns that hold them belong under `drop`",
	  "ingen personnumre; kolonner, der rummer dem, hører under `drop`" },
	{ "no personal numbers; members that hold them belong under `drop`",
	  "ingen personnumre; felter, der rummer dem, hører under `drop`" },
};

const char *expected_da(const char *detail)
{
	for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++)
		if (strcmp(expectations[i].en, detail) == 0)
			return expectations[i].da;
	return NULL;
}

const char *expected_answer(struct ctl *ctl, const char *code, const char *answer)
{
	int known = code_find(code);
	const char *at = strstr(answer, EXPECTED);
	const char *da = at == NULL ? NULL : expected_da(at + strlen(EXPECTED));

	if (!ctl->is_danish || known <= CODE_OK)
		return answer;
	if (da == NULL)
		return code_text((enum code)known)->meaning_da;
	return ctl_note(ctl, "%.*s: %s %s", (int)(at - answer), answer, word_text(W_EXPECTED, true), da);
}
