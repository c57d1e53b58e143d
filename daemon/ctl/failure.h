/* SPDX-License-Identifier: MPL-2.0 */
/* Why the system refused something, in the reader's language. Constant. */
#ifndef CTL_FAILURE_H
#define CTL_FAILURE_H

#include "ctl/ctl.h"

/* error: an errno. What has no Danish words here stands as the system has it. */
const char *failure_text(const struct ctl *, int error);
/* errno says why `path` could not be opened to write: says so, of its folder where that is what is missing.
 * CTL_IO. */
int failure_to_create(struct ctl *, const char *path);
/* error: of getaddrinfo(). */
const char *failure_lookup_text(const struct ctl *, int error);

#endif
