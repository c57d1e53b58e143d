/* SPDX-License-Identifier: MPL-2.0 */
/* See counting.h. */
#include "domain/counting.h"

#include <stdlib.h>
#include <string.h>

#define A_YEAR	   365
#define OFF_AT_MOST 60

const struct counting *counting_find(const struct counting *list, size_t n, const char *label)
{
	size_t prefix = strlen(COUNTING_PREFIX);

	if (strncmp(label, COUNTING_PREFIX, prefix) != 0)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].id, label + prefix) == 0)
			return &list[i];
	return NULL;
}

/* How far it begins from where it should; smaller is better, negative: it is none. */
static int32_t off(const struct counting *one, const struct counting *of, enum earlier which)
{
	if (which == EARLIER_PREVIOUS)
		return of->first - one->end;
	return one->end <= of->first && abs(of->first - A_YEAR - one->first) <= OFF_AT_MOST ?
		       abs(of->first - A_YEAR - one->first) :
		       -1;
}

const struct counting *counting_earlier(const struct counting *list, size_t n, const struct counting *of,
					enum earlier which)
{
	const struct counting *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (off(&list[i], of, which) >= 0 && (best == NULL || off(&list[i], of, which) < off(best, of, which)))
			best = &list[i];
	return best;
}

int32_t counting_end(const struct counting *now, const struct counting *then, int32_t today)
{
	int32_t end = then->first + (today + 1 - now->first);

	return today < now->first || today >= now->end - 1 || end > then->end ? then->end : end;
}
