/* SPDX-License-Identifier: MPL-2.0 */
/* See keys.h. */
#include "keys.h"

#include <stdlib.h>
#include <string.h>

const char *const kind_name[] = { "string", "hash", "zset", "stream" };

static void *get_memory(void *old, size_t len)
{
	void *memory = realloc(old, len);

	if (memory == NULL)
		abort();
	return memory;
}

/* FNV-1a over eight bytes at a time. */
static uint64_t hash_of(const char *bytes, size_t len)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^ len;

	for (; len >= 8; bytes += 8, len -= 8) {
		uint64_t word;

		memcpy(&word, bytes, 8);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	for (; len > 0; bytes++, len--)
		hash = (hash ^ (unsigned char)*bytes) * UINT64_C(1099511628211);
	return hash ^ hash >> 32;
}

struct text *text_new(const char *bytes, size_t len)
{
	struct text *text = get_memory(NULL, sizeof(*text) + len + 1);

	text->refs = 1;
	text->len = (uint32_t)len;
	text->hash = hash_of(bytes, len);
	memcpy(text->bytes, bytes, len);
	text->bytes[len] = '\0';
	return text;
}

struct text *text_share(struct text *text)
{
	text->refs++;
	return text;
}

void text_drop(struct text *text)
{
	if (text != NULL && --text->refs == 0)
		free(text);
}

/* --- tables --- */

static size_t find(const struct table *table, const char *name, size_t len, uint64_t hash)
{
	size_t at = hash & table->mask;

	while (table->slots[at] != 0) {
		const struct text *text = table->entries[table->slots[at] - 1].name;

		if (text != NULL && text->hash == hash && text_is(text, name, len))
			break;
		at = (at + 1) & table->mask;
	}
	return at;
}

void *table_get(const struct table *table, const char *name, size_t len)
{
	size_t at;

	if (table->len == 0)
		return NULL;
	at = find(table, name, len, hash_of(name, len));
	return table->slots[at] == 0 ? NULL : table->entries[table->slots[at] - 1].value;
}

static void fill_slots(struct table *table)
{
	memset(table->slots, 0, (table->mask + 1) * sizeof(*table->slots));
	for (size_t i = 0; i < table->used; i++) {
		size_t at = table->entries[i].name->hash & table->mask;

		while (table->slots[at] != 0)
			at = (at + 1) & table->mask;
		table->slots[at] = (uint32_t)i + 1;
	}
}

/* Entries that were removed go; slots are made anew. */
static void rebuild(struct table *table)
{
	size_t n = 0;

	for (size_t i = 0; i < table->used; i++)
		if (table->entries[i].name != NULL)
			table->entries[n++] = table->entries[i];
	table->used = n;
	if (n * 2 > table->cap || table->cap == 0) {
		table->cap = table->cap == 0 ? 8 : table->cap * 2;
		table->entries = get_memory(table->entries, table->cap * sizeof(*table->entries));
		table->mask = table->cap * 2 - 1;
		table->slots = get_memory(table->slots, (table->mask + 1) * sizeof(*table->slots));
	}
	fill_slots(table);
}

void **table_put(struct table *table, const char *name, size_t len)
{
	uint64_t hash = hash_of(name, len);
	size_t at = 0;

	if (table->len > 0) {
		at = find(table, name, len, hash);
		if (table->slots[at] != 0)
			return &table->entries[table->slots[at] - 1].value;
	}
	if (table->used == table->cap)
		rebuild(table);
	at = find(table, name, len, hash);
	table->entries[table->used] = (struct entry){ .name = text_new(name, len) };
	table->slots[at] = (uint32_t)++table->used;
	table->len++;
	return &table->entries[table->used - 1].value;
}

void *table_take(struct table *table, const char *name, size_t len)
{
	struct entry *entry;
	void *value;
	size_t at;

	if (table->len == 0)
		return NULL;
	at = find(table, name, len, hash_of(name, len));
	if (table->slots[at] == 0)
		return NULL;
	entry = &table->entries[table->slots[at] - 1];
	value = entry->value;
	text_drop(entry->name);
	entry->name = NULL;
	table->len--;
	return value;
}

void table_done(struct table *table)
{
	for (size_t i = 0; i < table->used; i++)
		text_drop(table->entries[i].name);
	free(table->entries);
	free(table->slots);
	memset(table, 0, sizeof(*table));
}

/* --- objects --- */

static void drop_entry(struct stream_entry *entry)
{
	for (size_t i = 0; i < entry->n; i++)
		text_drop(entry->fields[i]);
	free(entry->fields);
}

static void object_drop(struct object *object)
{
	if (object == NULL || --object->refs > 0)
		return;
	text_drop(object->string);
	for (size_t i = 0; i < object->table.used; i++)
		if (object->table.entries[i].name != NULL)
			text_drop(object->table.entries[i].value);
	table_done(&object->table);
	for (size_t i = 0; i < object->entries_len; i++)
		drop_entry(&object->entries[i]);
	free(object->entries);
	free(object);
}

static struct object *object_new(enum kind kind)
{
	struct object *object = get_memory(NULL, sizeof(*object));

	memset(object, 0, sizeof(*object));
	object->refs = 1;
	object->kind = kind;
	return object;
}

struct stream_entry *object_append(struct object *object, uint64_t ms, uint64_t number, size_t fields)
{
	struct stream_entry *entry;

	if (object->entries_len == object->entries_cap) {
		object->entries_cap = object->entries_cap == 0 ? 4 : object->entries_cap * 2;
		object->entries = get_memory(object->entries, object->entries_cap * sizeof(*entry));
	}
	entry = &object->entries[object->entries_len++];
	*entry = (struct stream_entry){ .ms = ms, .number = number, .n = fields };
	entry->fields = get_memory(NULL, (fields + 1) * sizeof(*entry->fields));
	return entry;
}

void object_trim(struct object *object, size_t most)
{
	size_t gone = object->entries_len > most ? object->entries_len - most : 0;

	for (size_t i = 0; i < gone; i++)
		drop_entry(&object->entries[i]);
	object->entries_len -= gone;
	memmove(object->entries, object->entries + gone, object->entries_len * sizeof(*object->entries));
}

static struct table clone_table(const struct table *from)
{
	struct table to = *from;

	if (from->cap == 0)
		return to;
	to.entries = get_memory(NULL, to.cap * sizeof(*to.entries));
	memcpy(to.entries, from->entries, to.used * sizeof(*to.entries));
	to.slots = get_memory(NULL, (to.mask + 1) * sizeof(*to.slots));
	memcpy(to.slots, from->slots, (to.mask + 1) * sizeof(*to.slots));
	for (size_t i = 0; i < to.used; i++) {
		if (to.entries[i].name == NULL)
			continue;
		text_share(to.entries[i].name);
		text_share(to.entries[i].value);
	}
	return to;
}

static struct object *clone(const struct object *from)
{
	struct object *to = object_new(from->kind);

	to->expires_ms = from->expires_ms;
	to->string = from->string == NULL ? NULL : text_share(from->string);
	to->table = clone_table(&from->table);
	for (size_t i = 0; i < from->entries_len; i++) {
		const struct stream_entry *old = &from->entries[i];
		struct stream_entry *entry = object_append(to, old->ms, old->number, old->n);

		for (size_t k = 0; k < old->n; k++)
			entry->fields[k] = text_share(old->fields[k]);
	}
	return to;
}

void object_set(struct object *object, const char *name, size_t name_len, const char *value, size_t value_len,
		bool *ret_is_new)
{
	void **place = table_put(&object->table, name, name_len);

	*ret_is_new = *place == NULL;
	text_drop(*place);
	*place = text_new(value, value_len);
}

bool object_remove(struct object *object, const char *name, size_t len)
{
	struct text *text = table_take(&object->table, name, len);

	text_drop(text);
	return text != NULL;
}

/* --- keys --- */

void keys_done(struct keys *keys)
{
	for (size_t i = 0; i < keys->table.used; i++)
		if (keys->table.entries[i].name != NULL)
			object_drop(keys->table.entries[i].value);
	table_done(&keys->table);
}

void keys_share(struct keys *to, const struct keys *from)
{
	struct table *table = &to->table;

	*table = from->table;
	if (table->cap == 0)
		return;
	table->entries = get_memory(NULL, table->cap * sizeof(*table->entries));
	table->slots = get_memory(NULL, (table->mask + 1) * sizeof(*table->slots));
	table->used = 0;
	for (size_t i = 0; i < from->table.used; i++) {
		struct text *name = from->table.entries[i].name;
		struct object *object = from->table.entries[i].value;

		if (name == NULL)
			continue;
		object->refs++;
		table->entries[table->used++] = (struct entry){ .name = text_share(name), .value = object };
	}
	fill_slots(table);
}

struct object *keys_get(const struct keys *keys, const char *key, size_t len)
{
	return table_get(&keys->table, key, len);
}

struct object *keys_edit(struct keys *keys, const char *key, size_t len)
{
	struct object *object = keys_get(keys, key, len), *own;

	if (object == NULL || object->refs == 1)
		return object;
	own = clone(object);
	object_drop(object);
	*table_put(&keys->table, key, len) = own;
	return own;
}

struct object *keys_make(struct keys *keys, const char *key, size_t len, enum kind kind)
{
	void **place = table_put(&keys->table, key, len);

	object_drop(*place);
	*place = object_new(kind);
	return *place;
}

bool keys_remove(struct keys *keys, const char *key, size_t len)
{
	struct object *object = table_take(&keys->table, key, len);

	object_drop(object);
	return object != NULL;
}

bool keys_copy(struct keys *keys, const char *from, size_t from_len, const char *to, size_t to_len)
{
	struct object *object = keys_get(keys, from, from_len);
	void **place;

	if (object == NULL)
		return false;
	object->refs++;
	place = table_put(&keys->table, to, to_len);
	object_drop(*place);
	*place = object;
	return true;
}

void keys_remove_empty(struct keys *keys, const char *key, size_t len)
{
	struct object *object = keys_get(keys, key, len);

	if (object != NULL && (object->kind == KIND_HASH || object->kind == KIND_ZSET) && object->table.len == 0)
		keys_remove(keys, key, len);
}

void keys_expire(struct keys *keys, int64_t now_ms)
{
	for (size_t i = 0; i < keys->table.used; i++) {
		struct text *name = keys->table.entries[i].name;
		struct object *object = keys->table.entries[i].value;

		if (name != NULL && object->expires_ms != 0 && object->expires_ms <= now_ms) {
			text_share(name);
			keys_remove(keys, name->bytes, name->len);
			text_drop(name);
		}
	}
}
