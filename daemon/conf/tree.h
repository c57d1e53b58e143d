/* SPDX-License-Identifier: MPL-2.0 */
/* A parsed configuration file: libconfig's tree with the place (line and column) of every setting, and the
 * checked ways to look into it. Every fault is added; nothing is silently taken for something else. Owns the
 * file's text. */
#ifndef CONF_TREE_H
#define CONF_TREE_H

#include "conf/arena.h"
#include "conf/document.h"
#include "conf/scan.h"

#include <libconfig.h>

struct tree {
	struct document doc;
	struct scan scan;
	config_t config;
};

/* 0, or -EINVAL with the faults added and nothing to close. path must outlive the tree. A number that is too
 * large is a fault, but the tree can be read. */
int tree_open(struct tree *, const char *path, struct faults *);
/* The same for text in memory. */
int tree_open_text(struct tree *, const char *path, const char *bytes, size_t len, struct faults *);
void tree_close(struct tree *);

/* The setting's place; the file is the path given to tree_open. */
struct place tree_place(const struct tree *, const config_setting_t *);
/* Its number was too large and is reported already. */
bool tree_is_bad(const config_setting_t *);

/* "text", "a whole number", "a group" ...: what the setting is, in words. */
const char *tree_type(const config_setting_t *);

enum field_type { FIELD_TEXT, FIELD_INT, FIELD_BOOL, FIELD_NUMBER, FIELD_AMOUNT, FIELD_GROUP, FIELD_LIST, FIELD_TEXTS };

/* A member that a group may have. FIELD_AMOUNT: a number, or one in quotes as Danes write it. FIELD_TEXTS: an array or
 * list of texts. */
struct field {
	const char *name;
	enum field_type type;
	bool is_required;
};

/* Reads a group with a fixed set of members (at most 40) in one go: unknown members, wrong types and missing
 * ones are faults. ret[i] is the member of fields[i], NULL where absent or at fault. `what` names the group
 * for people ("a task"). Returns 0, or -EINVAL if there was any fault. */
int tree_fields(const struct tree *, const config_setting_t *group, const char *what,
		const struct field *fields, size_t n, const config_setting_t **ret, struct faults *);

/* An array or list in which everything is text. */
bool tree_is_texts(const config_setting_t *);

/* Values of members read by tree_fields; `otherwise` where the member is NULL. Text is copied into the arena.
 */
const char *tree_text(struct arena *, const config_setting_t *, const char *otherwise);
int tree_int(const config_setting_t *, int otherwise);
bool tree_bool(const config_setting_t *, bool otherwise);
int64_t tree_integer(const config_setting_t *); /* of a whole number, with or without L */
size_t tree_texts(struct arena *, const config_setting_t *, const char *const **ret);

#endif
