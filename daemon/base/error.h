/* SPDX-License-Identifier: MPL-2.0 */
/* Text for people about one failure. The caller owns the struct; a function that fails writes it once and
 * returns a negative errno. Functions that report many faults at once (configuration) use struct faults. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stddef.h>

struct error {
	char text[512];
};

/* Writes the text (err may be NULL) and returns code, so that `return error_set(err, -EINVAL, ...)` reads
 * well. */
int error_set(struct error *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* A place in a configuration file. line 0: the whole file; column 0: the whole line. file is borrowed. */
struct place {
	const char *file;
	int line, column;
};

/* Faults found in one go, printed as `file:line:column: message` with a hint on the next line. Bounded: past
 * FAULTS_MAX they are only counted. */
#define FAULTS_MAX 200

struct fault {
	char *text; /* owned: "file:line:column: message" */
	char *hint; /* owned: what to do; may be NULL */
};

struct faults {
	size_t n, more;
	struct fault list[FAULTS_MAX];
};

/* Adds one fault. hint may be NULL. Returns -EINVAL. */
int fault_add(struct faults *, struct place, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void faults_done(struct faults *);

#endif
