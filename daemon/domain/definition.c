/* SPDX-License-Identifier: MPL-2.0 */
/* See definition.h. */
#include "domain/definition.h"

#include "domain/calendar.h"

#include <stdio.h>
#include <string.h>

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

void definition_line(const struct definition *list, size_t n, char *buf)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n && i < DEFINITIONS_MAX; i++) {
		char rule[SHARE_RULE_WORD], from[16] = "";

		share_rule_print(&list[i].rule, rule);
		if (list[i].from != INT32_MIN)
			snprintf(from, sizeof(from), "@%.*s", DAY_LEN, DAY_STR(list[i].from));
		len += (size_t)snprintf(buf + len, DEFINITION_LINE - len, "%s%.*s%s=%s", i > 0 ? " " : "", DEFINITION_ID_MAX,
					list[i].id, from, rule);
	}
}

/* How much of a line is about days up to this one: dates as they are written have the order of their days. */
static size_t length_until(const char *line, const char *until)
{
	size_t len = 0;

	while (line[len] != '\0') {
		size_t next = len + strspn(line + len, " ");
		size_t end = next + strcspn(line + next, " "), at = next + strcspn(line + next, "@ ");

		if (line[at] == '@' && strncmp(line + at + 1, until, 10) > 0)
			break;
		len = end;
	}
	return len;
}

bool definition_line_agrees(const char *a, const char *b, const char *until)
{
	size_t len = length_until(a, until);

	return len == length_until(b, until) && memcmp(a, b, len) == 0;
}

void definition_line_names(const char *line, char *ret, size_t size)
{
	size_t len = 0;
	bool is_rule = false;

	for (; *line != '\0' && len + 2 < size; line++) {
		is_rule = *line != ' ' && (is_rule || *line == '=');
		if (*line == ' ')
			ret[len++] = ',';
		if (!is_rule)
			ret[len++] = *line;
	}
	ret[len] = '\0';
}
