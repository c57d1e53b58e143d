/* SPDX-License-Identifier: MPL-2.0 */
/* See fields.h. */
#include "run/fields.h"

#include "base/str.h"

#include <stdio.h>

struct effort_str fields_get(const struct fields *f, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i + 1 < f->n; i += 2)
		if (f->len[i] == len && memcmp(f->text[i], name, len) == 0)
			return (struct effort_str){ f->text[i + 1], f->len[i + 1] };
	return (struct effort_str){ "", 0 };
}

struct effort_str fields_of(const struct fields *f, const char *scope, const char *sum)
{
	char name[256];

	snprintf(name, sizeof(name), "%s.%s", scope, sum);
	return fields_get(f, name);
}

int64_t fields_int(struct effort_str value)
{
	int64_t number = 0;

	for (size_t i = 0;
	     i < value.len && value.ptr[i] >= '0' && value.ptr[i] <= '9' && number < INT64_MAX / 16; i++)
		number = number * 10 + (value.ptr[i] - '0');
	return number;
}
