/* SPDX-License-Identifier: MPL-2.0 */
/* Which municipality somebody means: by code, by name or by the beginning of a name, with or without æ, ø and
 * å. Names come from the daemon (municipalities with data), else from the configuration it runs with. */
#include "ctl/shares.h"

#include "base/text.h"
#include "conf/near.h"
#include "ctl/answer.h"
#include "ctl/catalogue.h"
#include "ctl/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 256
#define FOLDED    64

struct names {
	size_t n;
	struct {
		char code[MUNICIPALITY_CODE], name[FOLDED], folded[FOLDED];
	} list[NAMES_MAX];
};

/* Lower case, æ ø å as ae oe aa: "Ålborg" and "aalborg" are one. */
static void fold(const char *name, char *ret)
{
	static const struct {
		const char *letter, *folded;
	} letters[] = { { "æ", "ae" }, { "ø", "oe" }, { "å", "aa" },
			{ "Æ", "ae" }, { "Ø", "oe" }, { "Å", "aa" } };
	size_t n = 0;

	while (*name != '\0' && n + 3 < FOLDED) {
		size_t i, count = sizeof letters / sizeof letters[0];

		for (i = 0; i < count && strncmp(name, letters[i].letter, 2) != 0; i++)
			;
		if (i < count) {
			n += (size_t)sprintf(ret + n, "%s", letters[i].folded);
			name += 2;
			continue;
		}
		ret[n++] = *name >= 'A' && *name <= 'Z' ? (char)(*name + 32) : *name;
		name++;
	}
	ret[n] = '\0';
}

static void add(struct names *names, const char *code, const char *name)
{
	if (names->n == NAMES_MAX || strlen(code) >= MUNICIPALITY_CODE || code[0] == '\0')
		return;
	snprintf(names->list[names->n].code, MUNICIPALITY_CODE, "%s", code);
	snprintf(names->list[names->n].name, FOLDED, "%s", name);
	fold(name, names->list[names->n].folded);
	names->n++;
}

static int add_from_daemon(struct ctl *ctl, struct names *names, const char *window)
{
	struct reply reply;
	const json_t *item;
	size_t i;
	int r = link_ask(ctl, ctl_note(ctl, "{\"cmd\":\"shares\",\"window\":\"%s\"}", window), &reply);

	if (r != CTL_OK)
		return r;
	json_array_foreach(answer_array(reply.doc, "municipalities"), i, item)
		add(names, answer_text(item, "code"), answer_text(item, "name"));
	reply_done(&reply);
	return CTL_OK;
}

static void add_from_configuration(struct ctl *ctl, struct names *names)
{
	struct catalogue *catalogue = catalogue_of_daemon(ctl);
	const char *code, *name;

	for (size_t i = 0; catalogue != NULL && catalogue_municipality(catalogue, i, &code, &name); i++)
		add(names, code, name);
	catalogue_close(catalogue);
}

/* How many names fit: the exact one alone, else all that begin so. first: one of them. */
static size_t match(const struct names *names, const char *folded, size_t *ret_first)
{
	size_t len = strlen(folded), n = 0;

	for (size_t i = 0; i < names->n; i++) {
		if (strncmp(names->list[i].folded, folded, len) != 0)
			continue;
		if (names->list[i].folded[len] == '\0') {
			*ret_first = i;
			return 1;
		}
		if (n++ == 0)
			*ret_first = i;
	}
	return n;
}

static int ambiguous(struct ctl *ctl, const struct names *names, const char *wanted, const char *folded)
{
	struct text list;
	int r;

	text_init(&list, 4096);
	for (size_t i = 0; i < names->n; i++)
		if (strncmp(names->list[i].folded, folded, strlen(folded)) == 0)
			text_printf(&list, "%s%s (%s)", list.len > 0 ? ", " : "", names->list[i].name,
				    names->list[i].code);
	r = ctl_fail(ctl, CTL_USAGE, W_MUNICIPALITY_MANY, W_NEXT_ONE_OF, wanted,
		     list.ptr == NULL ? "" : list.ptr);
	text_done(&list);
	return r;
}

static int unknown(struct ctl *ctl, const struct names *names, const char *wanted, const char *folded)
{
	const char *list[NAMES_MAX], *nearest;

	for (size_t i = 0; i < names->n; i++)
		list[i] = names->list[i].folded;
	nearest = near_find(folded, list, names->n);
	for (size_t i = 0; nearest != NULL && i < names->n; i++)
		if (list[i] == nearest)
			return ctl_fail(ctl, CTL_USAGE, W_MUNICIPALITY_UNKNOWN, W_NEXT_DID_YOU_MEAN, wanted,
					names->list[i].name);
	return ctl_fail(ctl, CTL_USAGE, W_MUNICIPALITY_UNKNOWN, W_NEXT_MUNICIPALITY, wanted);
}

static int find_name(struct ctl *ctl, struct names *names, const char *wanted, const char *window,
		     char *ret_code)
{
	char folded[FOLDED];
	size_t first = 0, n;
	int r = add_from_daemon(ctl, names, window);

	if (r != CTL_OK)
		return r;
	fold(wanted, folded);
	n = match(names, folded, &first);
	if (n != 1 || strlen(folded) != strlen(names->list[first].folded)) {
		/* A beginning is unique only among all municipalities, not among those that have sent
		 * something. */
		names->n = 0;
		add_from_configuration(ctl, names);
		if (names->n == 0)
			add_from_daemon(ctl, names, window);
		n = match(names, folded, &first);
	}
	if (n == 0 || wanted[0] == '\0')
		return unknown(ctl, names, wanted, folded);
	if (n > 1)
		return ambiguous(ctl, names, wanted, folded);
	strcpy(ret_code, names->list[first].code);
	return CTL_OK;
}

int municipality_find(struct ctl *ctl, const char *wanted, const char *window, char *ret_code)
{
	size_t digits = strspn(wanted, "0123456789");
	struct names *names;
	int r;

	if (digits >= 3 && digits <= 4 && wanted[digits] == '\0') {
		snprintf(ret_code, MUNICIPALITY_CODE, "%04d", atoi(wanted));
		return CTL_OK;
	}
	if (strcasecmp(wanted, "dk") == 0 || strcasecmp(wanted, "danmark") == 0 ||
	    strcasecmp(wanted, "denmark") == 0) {
		strcpy(ret_code, "dk");
		return CTL_OK;
	}
	names = calloc(1, sizeof *names);
	if (names == NULL)
		return ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	r = find_name(ctl, names, wanted, window, ret_code);
	free(names);
	return r;
}
