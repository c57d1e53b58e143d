/* SPDX-License-Identifier: MPL-2.0 */
/* base/log.h for a simulation: nothing, or with --verbose what the product says, each line with the virtual time
 * and the number of its machine. */
#include "fakes.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool fake_log_is_on;

struct log_field log_text(const char *key, const char *value)
{
	const char *text = value == NULL ? "" : value;

	return (struct log_field){ .key = key, .type = LOG_FIELD_TEXT, .text = { text, strlen(text) } };
}

int log_open(const struct log_settings *settings)
{
	(void)settings;
	return 0;
}

void log_reopen(void)
{
}

void log_close(void)
{
}

void log_crash(const char *msg, const char *key, const char *value)
{
	printf("crash: %s %s=%s\n", msg, key, value);
}

void log_write(int level, const char *sys, const char *msg, bool is_rated, const struct log_field *fields)
{
	const struct host *host = host_current();

	(void)is_rated;
	if (!fake_log_is_on)
		return;
	printf("%12.6f  %s: %d %s: %s", (double)world_us() / 1e6, host == NULL ? "-" : host->name, level, sys, msg);
	for (; fields->key != NULL; fields++) {
		if (fields->type == LOG_FIELD_TEXT)
			printf(" %s=%.*s", fields->key, (int)fields->text.len, fields->text.ptr);
		else
			printf(" %s=%" PRId64, fields->key, fields->number);
	}
	printf("\n");
}
