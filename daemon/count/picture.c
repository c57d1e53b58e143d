/* SPDX-License-Identifier: MPL-2.0 */
/* See picture.h. One table from name to amount, open addressing; the names lie in blocks that never move. */
#include "count/picture.h"

#include "base/str.h"
#include "domain/share.h"

#include <xxhash.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_BYTES 65536
#define NAME_MAX_LEN 512

struct names_block {
	struct names_block *next; /* owned */
	size_t used;
	char bytes[NAMES_BYTES];
};

struct field {
	struct effort_str name; /* in a block, with a NUL behind it */
	int64_t amount;
};

struct picture {
	struct field *fields; /* owned, in the order they came */
	size_t n, cap;
	uint32_t *index; /* owned: number of the field + 1, or 0; mask + 1 slots, at most half of them used */
	size_t mask;
	struct names_block *names; /* owned */
};

struct picture *picture_new(void)
{
	struct picture *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->mask = 255;
	p->index = calloc(p->mask + 1, sizeof(*p->index));
	if (p->index == NULL) {
		free(p);
		return NULL;
	}
	return p;
}

void picture_free(struct picture *p)
{
	if (p == NULL)
		return;
	while (p->names != NULL) {
		struct names_block *next = p->names->next;

		free(p->names);
		p->names = next;
	}
	free(p->fields);
	free(p->index);
	free(p);
}

static uint32_t *find(const struct picture *p, struct effort_str name)
{
	size_t i = XXH3_64bits(name.ptr, name.len) & p->mask;

	while (p->index[i] != 0 && !str_same(p->fields[p->index[i] - 1].name, name))
		i = (i + 1) & p->mask;
	return &p->index[i];
}

/* The name in memory of our own; len 0: no memory. */
static struct effort_str keep_name(struct picture *p, struct effort_str name)
{
	struct names_block *block = p->names;
	char *at;

	if (block == NULL || NAMES_BYTES - block->used < name.len + 1) {
		block = malloc(sizeof(*block));
		if (block == NULL)
			return (struct effort_str){ "", 0 };
		block->next = p->names;
		block->used = 0;
		p->names = block;
	}
	at = block->bytes + block->used;
	memcpy(at, name.ptr, name.len);
	at[name.len] = '\0';
	block->used += name.len + 1;
	return (struct effort_str){ at, name.len };
}

static int grow_index(struct picture *p)
{
	size_t mask = p->mask * 2 + 1;
	uint32_t *index = calloc(mask + 1, sizeof(*index));

	if (index == NULL)
		return -ENOMEM;
	free(p->index);
	p->index = index;
	p->mask = mask;
	for (size_t n = 0; n < p->n; n++)
		*find(p, p->fields[n].name) = (uint32_t)n + 1;
	return 0;
}

static int make_room(struct picture *p)
{
	if (p->n >= PICTURE_FIELDS_MAX)
		return -ENOSPC;
	if (p->n == p->cap) {
		size_t cap = p->cap == 0 ? 128 : p->cap * 2;
		struct field *fields = realloc(p->fields, cap * sizeof(*fields));

		if (fields == NULL)
			return -ENOMEM;
		p->fields = fields;
		p->cap = cap;
	}
	return p->n * 2 >= p->mask ? grow_index(p) : 0;
}

int picture_add(struct picture *p, struct effort_str name, int64_t amount)
{
	uint32_t *slot = find(p, name);
	struct field *field;
	int r;

	if (*slot != 0) {
		field = &p->fields[*slot - 1];
		return __builtin_add_overflow(field->amount, amount, &field->amount) ? -ERANGE : 0;
	}
	if (name.len == 0 || name.len > NAME_MAX_LEN)
		return -ENOSPC;
	r = make_room(p);
	if (r < 0)
		return r;
	name = keep_name(p, name);
	if (name.len == 0)
		return -ENOMEM;
	p->fields[p->n] = (struct field){ name, amount };
	*find(p, name) = (uint32_t)++p->n;
	return 0;
}

/* A decimal integer and nothing else. */
static bool parse_int(struct effort_str text, int64_t *ret)
{
	size_t at = text.len > 0 && text.ptr[0] == '-';
	int64_t value = 0;

	if (at == text.len)
		return false;
	for (size_t i = at; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, text.ptr[i] - '0', &value))
			return false;
	}
	*ret = at != 0 ? -value : value;
	return true;
}

static bool is_sum_name(const char *name, size_t len)
{
	for (size_t i = 0; i < SUMS; i++)
		if (strlen(sum_name[i]) == len && memcmp(sum_name[i], name, len) == 0)
			return true;
	return false;
}

/* "<scope>.<sum>" with the names of domain/share.h, or a cell "<family>:<label>"; scopes and labels have no
 * dot. */
static bool is_counted(struct effort_str name)
{
	const char *dot = memchr(name.ptr, '.', name.len);

	if (name.len == 0 || name.ptr[0] == '_')
		return false;
	if (dot == NULL)
		return memchr(name.ptr, ':', name.len) != NULL;
	return is_sum_name(dot + 1, name.len - (size_t)(dot + 1 - name.ptr));
}

int picture_add_hash(struct picture *p, size_t n, const char *const *text, const size_t *len)
{
	for (size_t i = 0; i + 1 < n; i += 2) {
		struct effort_str name = { text[i], len[i] };
		int64_t amount;
		int r;

		if (!is_counted(name) || !parse_int((struct effort_str){ text[i + 1], len[i + 1] }, &amount))
			continue;
		r = picture_add(p, name, amount);
		if (r < 0)
			return r;
	}
	return 0;
}

static const struct field *lookup(const struct picture *p, const char *name)
{
	uint32_t number = *find(p, str_of(name));

	return number == 0 ? NULL : &p->fields[number - 1];
}

int64_t picture_get(const struct picture *p, const char *name)
{
	const struct field *field = lookup(p, name);

	return field == NULL ? 0 : field->amount;
}

bool picture_has(const struct picture *p, const char *name)
{
	return lookup(p, name) != NULL;
}

int64_t picture_sum(const struct picture *p, const char *scope, const char *name)
{
	char field[NAME_MAX_LEN];
	int len = snprintf(field, sizeof(field), "%s.%s", scope, name);

	return (size_t)len < sizeof(field) ? picture_get(p, field) : 0;
}

bool picture_is_empty(const struct picture *p)
{
	return p->n == 0;
}

static bool has_prefix(const struct field *field, const char *prefix, size_t len)
{
	return field->name.len >= len && memcmp(field->name.ptr, prefix, len) == 0;
}

int picture_add_some(struct picture *p, const struct picture *more, const char *prefix)
{
	size_t len = strlen(prefix);
	int r = 0;

	for (size_t i = 0; i < more->n && r == 0; i++)
		if (has_prefix(&more->fields[i], prefix, len))
			r = picture_add(p, more->fields[i].name, more->fields[i].amount);
	return r;
}

int picture_add_picture(struct picture *p, const struct picture *more)
{
	return picture_add_some(p, more, "");
}

int picture_scan(const struct picture *p, const char *prefix,
		 int (*on_field)(void *ctx, struct effort_str field, int64_t amount), void *ctx)
{
	size_t len = strlen(prefix);
	int r = 0;

	for (size_t i = 0; i < p->n && r == 0; i++)
		if (has_prefix(&p->fields[i], prefix, len))
			r = on_field(ctx, p->fields[i].name, p->fields[i].amount);
	return r;
}

static int by_name(const void *a, const void *b)
{
	const struct field *const *x = a, *const *y = b;

	return strcmp((*x)->name.ptr, (*y)->name.ptr);
}

int picture_each(const struct picture *p, const char *prefix,
		 int (*on_field)(void *ctx, struct effort_str field, int64_t amount), void *ctx)
{
	const struct field **list = malloc((p->n + 1) * sizeof(*list));
	size_t n = 0, len = strlen(prefix);
	int r = 0;

	if (list == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < p->n; i++)
		if (has_prefix(&p->fields[i], prefix, len))
			list[n++] = &p->fields[i];
	qsort(list, n, sizeof(*list), by_name);
	for (size_t i = 0; i < n && r == 0; i++)
		r = on_field(ctx, list[i]->name, list[i]->amount);
	free(list);
	return r;
}
