/* SPDX-License-Identifier: MPL-2.0 */
/* See period_list.h. */
#include "conf/period_list.h"

#include "conf/value.h"
#include "domain/calendar.h"

#include <errno.h>
#include <string.h>

enum { ID, TITLE, FROM, TO, FIELDS };

static const struct field fields[FIELDS] = {
	[ID] = { "id", FIELD_TEXT, true },
	[TITLE] = { "title", FIELD_TEXT, false },
	[FROM] = { "from", FIELD_TEXT, true },
	[TO] = { "to", FIELD_TEXT, true },
};

static bool read_day(const struct tree *tree, const config_setting_t *setting, int32_t *ret, struct faults *faults)
{
	const char *text = setting == NULL ? NULL : config_setting_get_string(setting);

	if (text == NULL)
		return false;
	if (value_is_date(text) && day_parse(text, strlen(text), ret))
		return true;
	fault_add(faults, tree_place(tree, setting), "write it as \"2026-10-05\"", "\"%.60s\" is not a date", text);
	return false;
}

static int check_days(const struct tree *tree, const config_setting_t *const *found, struct counting *period,
		      struct faults *faults)
{
	int32_t last;
	bool has_first = read_day(tree, found[FROM], &period->first, faults);
	bool has_last = read_day(tree, found[TO], &last, faults);

	if (!has_first || !has_last)
		return -EINVAL;
	period->end = last + 1;
	if (last < period->first)
		return fault_add(faults, tree_place(tree, found[TO]), "to is the last day of the period",
				 "the period ends before it begins");
	if (period->end - period->first > COUNTING_DAYS_MAX)
		return fault_add(faults, tree_place(tree, found[TO]), NULL, "the period is longer than %d days",
				 COUNTING_DAYS_MAX);
	return 0;
}

static int check_names(const struct settings *settings, const struct tree *tree, const config_setting_t *const *found,
		       const struct counting *period, struct faults *faults)
{
	int r = 0;

	if (!value_is_id(period->id))
		r = fault_add(faults, tree_place(tree, found[ID]), "ids are of a-z, 0-9 and '-', at most 48",
			      "\"%.60s\" is not the id of a period", period->id);
	if (!value_is_label(period->title))
		r = fault_add(faults, tree_place(tree, found[TITLE]), NULL,
			      "a title has 1 to 200 bytes without control characters");
	for (size_t i = 0; i < settings->periods_len; i++)
		if (strcmp(settings->periods[i].id, period->id) == 0)
			r = fault_add(faults, tree_place(tree, found[ID]), "give one of the two another id",
				      "the period %.60s stands here a second time; the first is in line %d", period->id,
				      settings->periods[i].place.line);
	return r;
}

static int read_one(struct settings *settings, struct arena *arena, const struct tree *tree,
		    const config_setting_t *group, struct faults *faults)
{
	const config_setting_t *found[FIELDS];
	struct counting period = { .place = tree_place(tree, group) };
	int r = tree_fields(tree, group, "a counting period", fields, FIELDS, found, faults);

	if (found[ID] == NULL)
		return -EINVAL;
	period.id = tree_text(arena, found[ID], "");
	period.title = tree_text(arena, found[TITLE], period.id);
	r |= check_names(settings, tree, found, &period, faults);
	r |= check_days(tree, found, &period, faults);
	if (settings->periods_len == COUNTINGS_MAX)
		return fault_add(faults, period.place, "take away those that are no longer looked at",
				 "more than %d counting periods", COUNTINGS_MAX);
	settings->periods[settings->periods_len++] = period;
	return r < 0 ? -EINVAL : 0;
}

int period_list_read(struct settings *settings, struct arena *arena, const struct tree *tree,
		     const config_setting_t *list, struct faults *faults)
{
	int r = 0;

	if (!config_setting_is_list(list))
		return fault_add(faults, tree_place(tree, list),
				 "write periods = ( { id = \"2026-autumn\"; from = \"2026-10-05\"; to = \"2026-10-25\"; } );",
				 "periods must be a list ( ), not %s", tree_type(list));
	for (int i = 0; i < config_setting_length(list); i++)
		if (read_one(settings, arena, tree, config_setting_get_elem(list, (unsigned)i), faults) < 0)
			r = -EINVAL;
	return r;
}
