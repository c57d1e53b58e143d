/* SPDX-License-Identifier: MPL-2.0 */
/* See options.h. Unlike getopt_long: no abbreviations (a script would break with the next option), and a
 * misspelt option is answered with the nearest one. */
#include "ctl/options.h"

#include "conf/near.h"

#include <string.h>

#define OPTIONS_MAX 64

static size_t common(struct ctl *ctl, const char **lang, struct option *ret)
{
	size_t n = 0;

	ret[n++] = (struct option){ "--run-dir", &ctl->run_dir, NULL };
	ret[n++] = (struct option){ "--lang", lang, NULL };
	ret[n++] = (struct option){ "--json", NULL, &ctl->is_json };
	ret[n++] = (struct option){ "--help", NULL, &ctl->wants_help };
	ret[n++] = (struct option){ "-h", NULL, &ctl->wants_help };
	return n;
}

static int unknown(struct ctl *ctl, const struct option *known, size_t n, const char *name)
{
	const char *names[OPTIONS_MAX], *nearest;

	for (size_t i = 0; i < n; i++)
		names[i] = known[i].name;
	nearest = near_find(name, names, n);
	if (nearest != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_OPTION_UNKNOWN, W_NEXT_DID_YOU_MEAN, name, nearest);
	return ctl_fail(ctl, CTL_USAGE, W_OPTION_UNKNOWN, W_NEXT_HELP, name);
}

static const struct option *find(const struct option *known, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(known[i].name, name) == 0)
			return &known[i];
	return NULL;
}

/* One option at *at, moved to the last argument it used. */
static int take(struct ctl *ctl, const struct option *known, size_t n, char ***at)
{
	const char *arg = **at, *equals = strncmp(arg, "--", 2) == 0 ? strchr(arg, '=') : NULL;
	const char *name = equals == NULL ? arg : ctl_note(ctl, "%.*s", (int)(equals - arg), arg);
	const struct option *option = find(known, n, name);

	if (option == NULL)
		return unknown(ctl, known, n, name);
	if (option->flag != NULL) {
		if (equals != NULL)
			return ctl_fail(ctl, CTL_USAGE, W_OPTION_NO_VALUE, W_NEXT_HELP, name);
		*option->flag = true;
		return CTL_OK;
	}
	if (equals != NULL) {
		*option->value = equals + 1;
		return CTL_OK;
	}
	if ((*at)[1] == NULL)
		return ctl_fail(ctl, CTL_USAGE, W_OPTION_NEEDS_VALUE, W_NEXT_HELP, name);
	*option->value = *++*at;
	return CTL_OK;
}

int options_parse(struct ctl *ctl, const struct option *own, char **args)
{
	struct option known[OPTIONS_MAX];
	const char *lang = NULL;
	size_t n = common(ctl, &lang, known);
	char **keep = args;
	bool is_over = false;
	int r;

	for (; own->name != NULL && n < OPTIONS_MAX; own++)
		known[n++] = *own;
	for (char **at = args; *at != NULL; at++) {
		if (is_over || (*at)[0] != '-' || (*at)[1] == '\0') {
			*keep++ = *at;
		} else if (strcmp(*at, "--") == 0) {
			is_over = true;
		} else {
			r = take(ctl, known, n, &at);
			if (r != CTL_OK)
				return r;
		}
	}
	*keep = NULL;
	if (lang != NULL && strcmp(lang, "da") != 0 && strcmp(lang, "en") != 0)
		return ctl_fail(ctl, CTL_USAGE, W_LANG_UNKNOWN, W_NEXT_LANG, lang);
	return CTL_OK;
}

const char *options_peek(char **args, const char *name)
{
	size_t len = strlen(name);

	for (; *args != NULL && strcmp(*args, "--") != 0; args++) {
		if (strncmp(*args, name, len) != 0)
			continue;
		if ((*args)[len] == '=')
			return *args + len + 1;
		if ((*args)[len] == '\0')
			return args[1];
	}
	return NULL;
}

const char *options_take_command(char **args)
{
	for (; *args != NULL; args++) {
		char *word = *args;

		if (strcmp(word, "--run-dir") == 0 || strcmp(word, "--lang") == 0) {
			if (args[1] != NULL)
				args++;
			continue;
		}
		if (word[0] == '-')
			continue;
		do
			args[0] = args[1];
		while (*args++ != NULL);
		return word;
	}
	return NULL;
}
