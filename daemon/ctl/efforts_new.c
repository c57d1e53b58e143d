/* SPDX-License-Identifier: MPL-2.0 */
/* The options of `effortctl efforts add`, looked at before they become an effort: what is missing, and words and days
 * that are none, told by the name of the option and with what may stand there. What an effort as a whole must be is
 * effort_check()'s, and which scopes and municipalities there are the configuration's. */
#include "ctl/efforts.h"

#include "base/text.h"
#include "conf/near.h"
#include "domain/calendar.h"
#include "domain/effort.h"
#include "domain/measure.h"
#include "event/vocab.h"

#include <string.h>

static int word_is_none(struct ctl *ctl, const char *option, const char *value, const char *const *words, size_t n)
{
	const char *nearest = near_find(value, words, n);
	struct text list;
	int r;

	text_init(&list, 4096);
	for (size_t i = 0; i < n; i++)
		text_printf(&list, "%s%s", i > 0 ? ", " : "", words[i]);
	r = ctl_fail(ctl, CTL_USAGE, W_EFFORT_WORD_BAD,
		     nearest != NULL ? W_NEXT_EFFORT_WORD_NEAR : W_NEXT_EFFORT_WORD, option, value, list.ptr,
		     nearest == NULL ? "" : nearest);
	text_done(&list);
	return r;
}

static int check_word(struct ctl *ctl, const char *option, const char *value, const char *const *words, size_t n)
{
	for (size_t i = 0; value != NULL && i < n; i++)
		if (strcmp(words[i], value) == 0)
			return CTL_OK;
	return value == NULL ? CTL_OK : word_is_none(ctl, option, value, words, n);
}

static int check_day(struct ctl *ctl, const char *option, const char *value)
{
	int32_t day;

	if (value == NULL || day_parse(value, strlen(value), &day))
		return CTL_OK;
	return ctl_fail(ctl, CTL_USAGE, W_EFFORT_OPTION_DAY_BAD, W_NEXT_EFFORT_OPTION_DAY, option, value);
}

static int check_needed(struct ctl *ctl, const struct efforts_options *o)
{
	const struct {
		const char *option, *value;
	} needed[] = { { "--title", o->title }, { "--category", o->category }, { "--municipality", o->municipality },
		       { "--scope", o->scope }, { "--from", o->from } };

	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if (needed[i].value == NULL)
			return ctl_fail(ctl, CTL_USAGE, W_EFFORT_OPTION_MISSING, W_NEXT_EFFORT_INPUT, needed[i].option);
	return CTL_OK;
}

int efforts_check_new(struct ctl *ctl, const struct efforts_options *o)
{
	int r = check_needed(ctl, o);

	if (r == CTL_OK)
		r = check_word(ctl, "--category", o->category, category_name, CATEGORIES);
	if (r == CTL_OK)
		r = check_word(ctl, "--channel", o->channel, vocab_channel, EFFORT_CHANNELS);
	if (r == CTL_OK)
		r = check_word(ctl, "--measure", o->measure, measure_name, MEASURES);
	if (r == CTL_OK)
		r = check_word(ctl, "--status", o->status, effort_status_name, EFFORT_STATUSES);
	if (r == CTL_OK)
		r = check_day(ctl, "--from", o->from);
	if (r == CTL_OK)
		r = check_day(ctl, "--to", o->to);
	return r == CTL_OK ? check_day(ctl, "--due", o->due) : r;
}
