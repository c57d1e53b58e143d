/* SPDX-License-Identifier: MPL-2.0 */
/* See failure.h. */
#include "failure.h"

#include "fakes.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static char own[FAILURE_TEXT];
static char *into = own;

void failure_into(char *text)
{
	into = text;
}

void failure(const char *fmt, ...)
{
	va_list args;
	int n = snprintf(into, FAILURE_TEXT, "at %.6f s: ", (double)world_us() / 1e6);

	va_start(args, fmt);
	vsnprintf(into + n, FAILURE_TEXT - (size_t)n, fmt, args);
	va_end(args);
	if (into == own || fake_log_is_on)
		printf("FAILED %s\n", into);
	fflush(stdout);
	_exit(3);
}

void note(const char *fmt, ...)
{
	va_list args;

	if (!fake_log_is_on)
		return;
	printf("%12.6f  ", (double)world_us() / 1e6);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}
