/* SPDX-License-Identifier: MPL-2.0 */
/* What every code means and what the sender does about it, in English and Danish: shown by `effortctl
 * explain`, in negative acknowledgements and in the log. Constant data. */
#include "event/code.h"

#include <strings.h>

static const struct code_text texts[CODES] = {
	[CODE_OK] = { "OK", "", "", "", "" },
	[E_JSON] = {
		"E_JSON",
		"The line is not one complete JSON object as RFC 8259 defines it.",
		"Linjen er ikke ét helt JSON-objekt efter RFC 8259.",
		"Write each event with a JSON library as one object on one line, with whole numbers "
		"within +-2^53.",
		"Skriv hver hændelse med et JSON-bibliotek som ét objekt på én linje, med heltal inden "
		"for +-2^53.",
	},
	[E_UTF8] = {
		"E_UTF8",
		"The line is not valid UTF-8.",
		"Linjen er ikke gyldig UTF-8.",
		"Send UTF-8; text from an older system is often Windows-1252 or ISO 8859-1 and must be "
		"converted first.",
		"Send UTF-8; tekst fra ældre systemer er ofte Windows-1252 eller ISO 8859-1 og skal "
		"konverteres først.",
	},
	[E_TOO_LONG] = {
		"E_TOO_LONG",
		"The line is longer than 65,536 bytes, or an object has more than 64 members.",
		"Linjen er længere end 65.536 byte, eller et objekt har mere end 64 felter.",
		"End every event with a line feed and send only the fields of the contract.",
		"Afslut hver hændelse med linjeskift, og send kun kontraktens felter.",
	},
	[E_DEPTH] = {
		"E_DEPTH",
		"Objects and arrays are nested more than 8 deep.",
		"Objekter og lister er indlejret mere end 8 niveauer.",
		"Send the event's own fields only; leave out the source system's nested document.",
		"Send kun hændelsens egne felter; udelad kildesystemets indlejrede dokument.",
	},
	[E_DUPLICATE_KEY] = {
		"E_DUPLICATE_KEY",
		"A field name stands twice in one object.",
		"Et feltnavn står to gange i samme objekt.",
		"Write every field once; two answers to the same question cannot both be counted.",
		"Skriv hvert felt én gang; to svar på samme spørgsmål kan ikke begge tælles.",
	},
	[E_MISSING] = {
		"E_MISSING",
		"A required field is missing.",
		"Et obligatorisk felt mangler.",
		"Send id, source, time, municipality, channel and one of kle, task or service.",
		"Send id, source, time, municipality, channel og ét af kle, task eller service.",
	},
	[E_TYPE] = {
		"E_TYPE",
		"A field has another JSON type than it should, or is null.",
		"Et felt har en anden JSON-type, end det skal have, eller er null.",
		"Send text in quotes, numbers and true/false without, and leave out a field that has no "
		"value.",
		"Send tekst i anførselstegn, tal og true/false uden, og udelad et felt, der ikke har en "
		"værdi.",
	},
	[E_ID] = {
		"E_ID",
		"The id is not 1 to 128 printable ASCII characters.",
		"Feltet id er ikke 1 til 128 skrivbare ASCII-tegn.",
		"Give every event an id that is unique within its source, such as a UUID, and repeat it "
		"on a retry.",
		"Giv hver hændelse et id, der er entydigt inden for kilden, f.eks. et UUID, og gentag det "
		"ved genforsøg.",
	},
	[E_SOURCE] = {
		"E_SOURCE",
		"The source is not a name or URI reference of 1 to 128 bytes without spaces.",
		"Feltet source er ikke et navn eller en URI-reference på 1 til 128 byte uden mellemrum.",
		"Name the sending system, for example \"borger.dk\" or \"/kommune/callcenter\".",
		"Angiv det afsendende system, f.eks. \"borger.dk\" eller \"/kommune/callcenter\".",
	},
	[E_TIME] = {
		"E_TIME",
		"The time is not an RFC 3339 time with offset between the years 1900 and 2200.",
		"Feltet time er ikke et RFC 3339-tidspunkt med tidszone mellem årene 1900 og 2200.",
		"Write the time as 2026-11-21T10:15:30+01:00 or with Z for UTC.",
		"Skriv tidspunktet som 2026-11-21T10:15:30+01:00 eller med Z for UTC.",
	},
	[E_TOO_OLD] = {
		"E_TOO_OLD",
		"The event happened longer ago than late_limit allows.",
		"Hændelsen ligger længere tilbage, end late_limit tillader.",
		"Check the sender's clock and queue; to load history, set late_limit = \"never\".",
		"Kontrollér afsenderens ur og kø; sæt late_limit = \"never\" for at indlæse historik.",
	},
	[E_FUTURE] = {
		"E_FUTURE",
		"The event lies further in the future than future_limit allows.",
		"Hændelsen ligger længere ude i fremtiden, end future_limit tillader.",
		"Check the sender's clock and the time zone offset it writes.",
		"Kontrollér afsenderens ur og den tidszone, det skriver.",
	},
	[E_MUNICIPALITY] = {
		"E_MUNICIPALITY",
		"The municipality is not a municipality's code, or not one that is configured here.",
		"Feltet municipality er ikke en kommunekode eller ikke en, der er konfigureret her.",
		"Send the three-digit code as text, with or without the leading zero: \"751\" or \"0751\".",
		"Send den trecifrede kommunekode som tekst, med eller uden foranstillet nul: \"751\" "
		"eller \"0751\".",
	},
	[E_CHANNEL] = {
		"E_CHANNEL",
		"The channel is not one of the contract's words.",
		"Feltet channel er ikke et af kontraktens ord.",
		"Use selfservice, digitalpost, email, letter, phone, counter, video, sms, chat, social, "
		"web, system or other.",
		"Brug selfservice, digitalpost, email, letter, phone, counter, video, sms, chat, social, "
		"web, system eller other.",
	},
	[E_KLE] = {
		"E_KLE",
		"The kle is not written as a KLE subject number.",
		"Feltet kle er ikke skrevet som et KLE-emnenummer.",
		"Write it as \"23.05.10\", optionally with a facet as in \"23.05.10 G01\"; unknown "
		"numbers are accepted.",
		"Skriv det som \"23.05.10\", eventuelt med facet som i \"23.05.10 G01\"; ukendte numre "
		"accepteres.",
	},
	[E_TASK] = {
		"E_TASK",
		"The task is not 1 to 48 of the characters a-z, 0-9 and hyphen.",
		"Feltet task er ikke 1 til 48 af tegnene a-z, 0-9 og bindestreg.",
		"Use a task id of the configured task package; unknown ids are accepted, other characters "
		"are not.",
		"Brug et opgave-id fra den konfigurerede opgavepakke; ukendte id'er accepteres, andre "
		"tegn gør ikke.",
	},
	[E_VALUE] = {
		"E_VALUE",
		"A field has a value that is not allowed there.",
		"Et felt har en værdi, der ikke er tilladt dér.",
		"Compare the named field with the table of fields; some go with one channel or direction "
		"only.",
		"Sammenhold det nævnte felt med felttabellen; nogle hører kun til én kanal eller retning.",
	},
	[E_CPR] = {
		"E_CPR",
		"The event holds something that reads as a CPR number.",
		"Hændelsen indeholder noget, der kan læses som et CPR-nummer.",
		"Remove it at the source: effortd counts contacts, not persons, and needs no identity; "
		"use random ids.",
		"Fjern det ved kilden: effortd tæller henvendelser, ikke personer, og har ikke brug for "
		"identitet; "
		"brug tilfældige id'er.",
	},
	[E_CONFLICT] = {
		"E_CONFLICT",
		"An event with this id and source was accepted before with other content.",
		"En hændelse med samme id og source er tidligere modtaget med andet indhold.",
		"Repeat an event unchanged, with the same time too, or give the new one its own id.",
		"Gentag en hændelse uændret, også med samme time, eller giv den nye sit eget id.",
	},
	[E_CORRECTS] = {
		"E_CORRECTS",
		"The correction names an unknown id or takes back more than remains of it.",
		"Rettelsen nævner et ukendt id eller trækker mere tilbage, end der er tilbage af det.",
		"Send the original first, with the same source; take back no more than is left of it, and while its id is "
		"still known (late_limit).",
		"Send først den oprindelige med samme source; træk højst det tilbage, der er tilbage, mens dens id "
		"stadig huskes (late_limit).",
	},
	[E_REJECTED] = {
		"E_REJECTED",
		"The service area's plugin refused the event.",
		"Fagområdets plugin afviste hændelsen.",
		"See the named reason and the README of the area.",
		"Se den angivne grund og områdets README.",
	},
	[E_FORBIDDEN] = {
		"E_FORBIDDEN",
		"This sender may not write for that municipality or source.",
		"Afsenderen må ikke skrive for den kommune eller kilde.",
		"Have the sender's identity extended in the configuration, or correct municipality and "
		"source.",
		"Få afsenderens identitet udvidet i konfigurationen, eller ret municipality og source.",
	},
	[E_AUTH] = {
		"E_AUTH",
		"The sender is not known, or its credentials are missing or wrong.",
		"Afsenderen er ukendt, eller dens adgangsoplysninger mangler eller er forkerte.",
		"This version knows no tokens: leave token out of the hello line.",
		"Denne version kender ingen tokens: udelad token i hello-linjen.",
	},
	[E_PARTIAL] = {
		"E_PARTIAL",
		"The connection ended in the middle of a line.",
		"Forbindelsen sluttede midt i en linje.",
		"End the last event with a line feed too, and send it again.",
		"Afslut også den sidste hændelse med linjeskift, og send den igen.",
	},
	[E_RATE] = {
		"E_RATE",
		"The sender has passed a configured limit.",
		"Afsenderen har overskredet en konfigureret grænse.",
		"Send slower and try again after a pause; collect counted batches with count where that "
		"fits.",
		"Send langsommere, og prøv igen efter en pause; saml ens hændelser med count, hvor det "
		"passer.",
	},
};

const struct code_text *code_text(enum code code)
{
	return &texts[(unsigned)code < CODES ? code : CODE_OK];
}

const char *code_name(enum code code)
{
	return code_text(code)->name;
}

int code_find(const char *name)
{
	if (strncasecmp(name, "E_", 2) == 0)
		name += 2;
	for (int code = CODE_OK + 1; code < CODES; code++) {
		if (strcasecmp(texts[code].name + 2, name) == 0)
			return code;
	}
	return -1;
}
