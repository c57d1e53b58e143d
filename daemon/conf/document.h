/* SPDX-License-Identifier: MPL-2.0 */
/* One configuration file in memory: read with every check that needs no grammar (it exists, is a file, at
 * most 1 MiB, no NUL, no byte order mark, valid UTF-8), and places in it by byte offset. Owns its bytes. */
#ifndef CONF_DOCUMENT_H
#define CONF_DOCUMENT_H

#include "base/error.h"

#define DOCUMENT_MAX (1024 * 1024)

struct document {
	char *bytes; /* owned; NUL-terminated */
	size_t len;
	const char *path; /* borrowed; as shown in faults */
};

/* Adds every fault found. 0, or -EINVAL with nothing to free. */
int document_read(const char *path, struct document *ret, struct faults *);
/* The same checks on bytes already in memory; takes a copy. */
int document_from(const char *path, const char *bytes, size_t len, struct document *ret, struct faults *);
void document_done(struct document *);

/* Line and column (in characters, from 1) of a byte. */
struct place document_place(const struct document *, size_t offset);

/* The line around an offset, or line number `line`, trimmed, cut to size, without control characters: for
 * hints. */
void document_quote(const struct document *, size_t offset, char *buf, size_t size);
size_t document_line_offset(const struct document *, int line);

#endif
