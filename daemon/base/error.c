/* SPDX-License-Identifier: MPL-2.0 */
/* See error.h. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int error_set(struct error *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return code;
}

static char *with_place(struct place at, const char *message)
{
	char *text;
	int n;

	if (at.file == NULL)
		n = asprintf(&text, "%s", message);
	else if (at.line == 0)
		n = asprintf(&text, "%s: %s", at.file, message);
	else
		n = asprintf(&text, "%s:%d:%d: %s", at.file, at.line, at.column > 0 ? at.column : 1, message);
	return n < 0 ? NULL : text;
}

int fault_add(struct faults *faults, struct place at, const char *hint, const char *fmt, ...)
{
	char message[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	if (faults->n == FAULTS_MAX) {
		faults->more++;
		return -EINVAL;
	}
	faults->list[faults->n].text = with_place(at, message);
	faults->list[faults->n].hint = hint != NULL ? strdup(hint) : NULL;
	faults->n++;
	return -EINVAL;
}

void faults_done(struct faults *faults)
{
	for (size_t i = 0; i < faults->n; i++) {
		free(faults->list[i].text);
		free(faults->list[i].hint);
	}
	memset(faults, 0, sizeof(*faults));
}
