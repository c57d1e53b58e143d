/* SPDX-License-Identifier: MPL-2.0 */
/* Efforts in files: the one that `efforts` names, the registry that effortctl keeps in state_dir, and text in
 * memory. All have one form (etc/efforts.conf describes it) and go through one reader and effort_check();
 * every fault is told with its place. The registry is nobody's to mend by hand: what its efforts are for and the
 * configuration has no more makes them `away`, not faults. Also writes records in that form. Everything read lives in the arena;
 * path must too. */
#ifndef CONF_EFFORT_LIST_H
#define CONF_EFFORT_LIST_H

#include "conf/arena.h"
#include "domain/effort.h"

#include <stdio.h>

struct effort_list {
	struct effort *efforts; /* in the order of reading */
	size_t n, room;
	struct effort_outside *outsides; /* of the file itself: for all efforts */
	size_t outsides_len;
};

/* Adds what the file has to the list. known may be NULL: then nothing is looked up. 0, or -EINVAL with every
 * fault added; -ENOENT, without a fault, when is_optional and there is no such file. */
int effort_list_read(struct effort_list *, struct arena *, const char *path, bool is_optional,
		     const struct effort_known *, struct faults *);
/* The registry, which may not be there: its efforts are registered, and away where `known` does not fit them. */
int effort_list_read_registry(struct effort_list *, struct arena *, const char *path, const struct effort_known *,
			      struct faults *);
/* A file in memory: as effort_list_read(); path is what faults call it. */
int effort_list_read_text(struct effort_list *, struct arena *, const char *path, const char *bytes, size_t len,
			  const struct effort_known *, struct faults *);
/* What holds between efforts: ids are unique, funded_by names one (of registered ones it may
 * have gone from a file), no municipality has too many. For lists read without a fault. 0 or -EINVAL. */
int effort_list_join(const struct effort_list *, struct faults *);

const struct effort *effort_list_find(const struct effort_list *, const char *id);

/* The list as a file of efforts; the reader makes the same records of it. */
void effort_list_write(const struct effort_list *, FILE *out);

#endif
