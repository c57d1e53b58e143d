/* SPDX-License-Identifier: MPL-2.0 */
/* The values of all settings of the schema with where each comes from: default, main file or command line.
 * Also the lists `sources`, `periods` and `definitions`, which are settings of their own kind. Text and places live in the arena. */
#ifndef CONF_SETTINGS_H
#define CONF_SETTINGS_H

#include "conf/arena.h"
#include "conf/conf.h"
#include "conf/schema.h"
#include "conf/tree.h"

enum origin { ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_OVERRIDE };

struct setting {
	const char *text; /* paths are absolute */
	int64_t number;
	enum origin origin;
	struct place place;
	bool is_bad; /* at fault: holds the default, nothing should be built on it */
};

/* A source and where its first member was written. */
struct settings {
	struct setting *list; /* schema_len, in the order of schema_keys */
	struct conf_source *sources;
	size_t sources_len;
	const char *methods[CONF_METHODS_MAX];
	size_t methods_len;
	struct counting *periods;
	size_t periods_len;
	struct definition *definitions; /* as written */
	size_t definitions_len;
};

#define SETTINGS_SOURCES_MAX 1000

/* main may be NULL (defaults only); dir: the folder relative paths of the main file start at. Adds every
 * fault; 0 or -EINVAL. */
int settings_read(struct settings *, struct arena *, const struct tree *main, const char *dir,
		  const struct conf_override *overrides, size_t overrides_len, struct faults *);

const struct setting *settings_get(const struct settings *, const char *name);

/* Writes the values into the fields of struct conf the schema names. */
void settings_store(const struct settings *, struct conf *);

/* path, or base/path when it is relative. */
const char *settings_absolute(struct arena *, const char *base, const char *path);

#endif
