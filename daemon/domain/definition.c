/* SPDX-License-Identifier: MPL-2.0 */
/* See definition.h. */
#include "domain/definition.h"

#include <stdio.h>

const struct definition *definition_on(const struct definition *list, size_t n, int32_t day)
{
	while (n > 1 && list[n - 1].from > day)
		n--;
	return &list[n - 1];
}

int32_t definition_names(const struct definition *list, size_t n, int32_t first, int32_t end, char *buf)
{
	const struct definition *one = definition_on(list, n, first);
	int32_t cut = INT32_MAX;
	size_t len = (size_t)snprintf(buf, DEFINITION_NAMES, "%.*s", DEFINITION_ID_MAX, one->id);

	for (one++; one < list + n && one->from < end; one++) {
		if (cut == INT32_MAX)
			cut = one->from;
		len += (size_t)snprintf(buf + len, DEFINITION_NAMES - len, ",%.*s", DEFINITION_ID_MAX, one->id);
	}
	return cut;
}
