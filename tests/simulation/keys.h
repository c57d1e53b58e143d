/* SPDX-License-Identifier: MPL-2.0 */
/* What a Redis holds: keys with strings, hashes, sorted sets and streams, in memory. Objects are shared
 * between copies of a whole key space until one of them changes, so that a snapshot costs almost nothing.
 * Order is that of insertion, so a run is the same each time.
 *
 * A model of Redis' data for simulations, held to the real one by test_redis_model. */
#ifndef SIMULATION_KEYS_H
#define SIMULATION_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Immutable bytes, counted. */
struct text {
	uint32_t refs, len;
	uint64_t hash;
	char bytes[];
};

struct text *text_new(const char *bytes, size_t len);
struct text *text_share(struct text *);
void text_drop(struct text *);
static inline bool text_is(const struct text *text, const char *bytes, size_t len)
{
	return text->len == len && __builtin_memcmp(text->bytes, bytes, len) == 0;
}

/* From text to a pointer; in order of insertion. */
struct entry {
	struct text *name; /* NULL: removed */
	void *value;
};

struct table {
	struct entry *entries; /* owned */
	uint32_t *slots;       /* owned; entry number + 1 */
	size_t used, len, cap, mask; /* entries used with the removed ones; alive */
};

void *table_get(const struct table *, const char *name, size_t len);
/* The place of a value, made (NULL) when new. */
void **table_put(struct table *, const char *name, size_t len);
/* Takes it out and returns it; NULL: not there. */
void *table_take(struct table *, const char *name, size_t len);
void table_done(struct table *); /* values are the caller's */

enum kind { KIND_STRING, KIND_HASH, KIND_ZSET, KIND_STREAM };
extern const char *const kind_name[]; /* "string", ... as TYPE says */

struct stream_entry {
	uint64_t ms, number;
	struct text **fields; /* owned: field, value, ... */
	size_t n;
};

struct object {
	uint32_t refs;
	enum kind kind;
	int64_t expires_ms; /* wall clock; 0: never */
	struct text *string;
	struct table table; /* HASH: text; ZSET: text (the score) */
	struct stream_entry *entries; /* owned */
	size_t entries_len, entries_cap;
};

struct keys {
	struct table table; /* struct object */
};

void keys_done(struct keys *);
/* All objects of `from` are shared with `to`, which is empty. */
void keys_share(struct keys *to, const struct keys *from);

struct object *keys_get(const struct keys *, const char *key, size_t len);
/* For changing: an object of its own. NULL: not there. */
struct object *keys_edit(struct keys *, const char *key, size_t len);
struct object *keys_make(struct keys *, const char *key, size_t len, enum kind);
bool keys_remove(struct keys *, const char *key, size_t len);
bool keys_copy(struct keys *, const char *from, size_t from_len, const char *to, size_t to_len);
/* An object without anything in it is no key. */
void keys_remove_empty(struct keys *, const char *key, size_t len);
void keys_expire(struct keys *, int64_t now_ms);

void object_set(struct object *, const char *name, size_t name_len, const char *value, size_t value_len,
		bool *ret_is_new);
bool object_remove(struct object *, const char *name, size_t len);
static inline struct text *object_get(const struct object *object, const char *name, size_t len)
{
	return object == NULL ? NULL : table_get(&object->table, name, len);
}
struct stream_entry *object_append(struct object *, uint64_t ms, uint64_t number, size_t fields);
void object_trim(struct object *, size_t most);

#endif
