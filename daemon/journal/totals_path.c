/* SPDX-License-Identifier: MPL-2.0 */
/* What totals files are called; see totals.h and totals_file.h. */
#include "journal/totals_file.h"

#include "domain/calendar.h"
#include "journal/totals.h"

#include <stdio.h>
#include <string.h>

#define NAMES "names-"

void totals_day_path(char path[TOTALS_PATH_MAX], const char *dir, int32_t day)
{
	snprintf(path, TOTALS_PATH_MAX, "%s/%s", dir, DAY_STR(day));
}

void totals_month_path(char path[TOTALS_PATH_MAX], const char *dir, int32_t first_day)
{
	struct date date = date_of_day(first_day);

	snprintf(path, TOTALS_PATH_MAX, "%s/" NAMES "%04d-%02d", dir, date.year, date.month);
}

bool totals_file_name(const char *name, enum totals_kind *ret_kind, int32_t *ret_day)
{
	char day[] = "0000-00-01";

	if (strncmp(name, NAMES, strlen(NAMES)) != 0) {
		*ret_kind = TOTALS_DAY;
		return day_parse(name, strlen(name), ret_day);
	}
	name += strlen(NAMES);
	if (strlen(name) != strlen("0000-00"))
		return false;
	memcpy(day, name, strlen(name));
	*ret_kind = TOTALS_MONTH;
	return day_parse(day, strlen(day), ret_day);
}

bool totals_file_path(const char *path, enum totals_kind *ret_kind, int32_t *ret_day)
{
	const char *slash = strrchr(path, '/');

	return totals_file_name(slash == NULL ? path : slash + 1, ret_kind, ret_day);
}
