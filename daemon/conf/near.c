/* SPDX-License-Identifier: MPL-2.0 */
/* See near.h: the restricted form of the distance (no letter moves twice), three rows at a time. */
#include "conf/near.h"

#include <stdio.h>
#include <string.h>

#define WORD_MAX 63

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t word_len(const char *word)
{
	return strnlen(word, WORD_MAX);
}

size_t near_distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1], la = word_len(a), lb = word_len(b);

	for (size_t j = 0; j <= lb; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *row = rows[i % 3], *before = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;

			row[j] = least(least(before[j] + 1, row[j - 1] + 1), before[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], second[j - 2] + 1);
		}
	}
	return rows[la % 3][lb];
}

const char *near_find(const char *word, const char *const *names, size_t n)
{
	size_t best = strlen(word) <= 3 ? 2 : 3;
	const char *ret = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t distance = near_distance(word, names[i]);

		if (distance < best) {
			best = distance;
			ret = names[i];
		}
	}
	return ret;
}

void near_hint(char *buf, size_t size, const char *word, const char *const *names, size_t n)
{
	const char *nearest = near_find(word, names, n);
	size_t used;

	if (nearest != NULL)
		snprintf(buf, size, "did you mean '%s'? Known here: ", nearest);
	else
		snprintf(buf, size, "known here: ");
	for (size_t i = 0; i < n; i++) {
		used = strlen(buf);
		if (used + strlen(names[i]) + 6 >= size) {
			snprintf(buf + used, size - used, "...");
			return;
		}
		snprintf(buf + used, size - used, "%s%s", names[i], i + 1 < n ? ", " : "");
	}
}
