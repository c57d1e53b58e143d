/* SPDX-License-Identifier: MPL-2.0 */
/* A first look at a file in libconfig's language, for what libconfig does not tell: where each setting stands
 * (column too), which integer literals it would wrap silently, the names and places of duplicate settings,
 * and what is wrong with a syntax error. Accepts a little more than libconfig in arrays, which has the last
 * word. Owns its marks. */
#ifndef CONF_SCAN_H
#define CONF_SCAN_H

#include "conf/document.h"

#include <stdbool.h>
#include <stdint.h>

#define SCAN_DEPTH_MAX   16   /* groups, lists and arrays in one another */
#define SCAN_MEMBERS_MAX 1000 /* settings of one group */

/* A setting, in the order of the file: of a named one the place of its name, of a list element that of its
 * value. */
struct scan_mark {
	int line, column;
	bool is_bad; /* its number is too large: already reported, the value means nothing */
};

struct scan {
	struct scan_mark *marks; /* owned */
	size_t len, cap;
};

/* 0: ret is filled and libconfig may parse the file (numbers that are too large are faults all the same).
 * -EINVAL: syntax error or duplicate settings; nothing to free. */
int scan_document(const struct document *, struct scan *ret, struct faults *);
void scan_done(struct scan *);

#endif
