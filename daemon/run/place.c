/* SPDX-License-Identifier: MPL-2.0 */
/* See place.h. */
#include "run/place.h"

#include <errno.h>
#include <string.h>

bool place_is_kept(const struct core *core, enum window window, int32_t first)
{
	if (window == WINDOW_DAY)
		return first >= core->identity.day_kept;
	return window != WINDOW_WEEK || first >= core->identity.week_kept;
}

bool place_is_gone(const struct core *core, enum window window, int32_t first)
{
	if (window == WINDOW_DAY)
		return first < core->identity.day_gone;
	return window == WINDOW_WEEK && first < core->identity.week_gone;
}

static int raise_both(struct core *core, uint16_t municipality, int place, int32_t first, uint64_t position)
{
	struct place_key key = { municipality, (uint8_t)place, first };
	int r = positions_raise(core->positions, key, position);

	key.municipality = CELL_COUNTRY;
	return r < 0 ? r : positions_raise(core->positions, key, position);
}

int place_raise_day(struct core *core, uint16_t municipality, int32_t day, uint64_t position)
{
	int r = 0;

	for (int w = 0; w < WINDOWS && r == 0; w++) {
		int32_t first = period_of((enum window)w, day).first;

		if (!place_is_gone(core, (enum window)w, first))
			r = raise_both(core, municipality, w, first, position);
	}
	return r;
}

int place_raise_names(struct core *core, uint16_t municipality, enum dimension dimension, int32_t month,
		      uint64_t position)
{
	return raise_both(core, municipality, PLACE_NAMES + (int)dimension, month, position);
}

int place_standing(struct standings *standings, const struct standing_text *text)
{
	const char *slash = strchr(text->task, '/');
	char area[256];
	uint32_t groups = 0;

	if (slash == NULL || (size_t)(slash - text->task) >= sizeof(area))
		return -EBADMSG;
	memcpy(area, text->task, (size_t)(slash - text->task));
	area[slash - text->task] = '\0';
	for (size_t i = 0; i < text->groups_len; i++) {
		int bit = standings_group(standings, text->groups[i]);

		if (bit < 0)
			return bit;
		groups |= UINT32_C(1) << bit;
	}
	return standings_intern(standings, area, slash + 1, groups, text->is_municipal, text->is_target);
}
