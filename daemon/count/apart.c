/* SPDX-License-Identifier: MPL-2.0 */
/* See apart.h. Few methods and areas: lists are looked through from the front. */
#include "count/apart.h"

#include "base/str.h"
#include "event/vocab.h"

#include <stdlib.h>
#include <string.h>

void apart_init(struct apart *apart)
{
	apart->n = 0;
}

/* NULL: no room, or too long to be one of ours. */
static struct apart_sum *sum_of(struct apart *apart, struct effort_str scope, struct effort_str method)
{
	struct apart_sum *sum;
	size_t i = 0;

	while (i < apart->n && !(effort_equals(scope, apart->list[i].scope) && effort_equals(method, apart->list[i].method)))
		i++;
	if (i < apart->n)
		return &apart->list[i];
	if (i == APART_MAX || scope.len > AREA_NAME_MAX || method.len >= APART_METHOD_MAX)
		return NULL;
	sum = &apart->list[apart->n++];
	*sum = (struct apart_sum){ .n = 0 };
	memcpy(sum->scope, scope.ptr, scope.len);
	memcpy(sum->method, method.ptr, method.len);
	return sum;
}

static void add_to(struct apart_sum *sum, struct effort_str family, bool is_selfservice, int64_t amount)
{
	if (sum == NULL)
		return;
	if (effort_equals(family, "apart")) {
		sum->n += amount;
		sum->self += is_selfservice ? amount : 0;
	} else if (effort_equals(family, "apart_assisted")) {
		sum->assisted += amount;
		sum->self -= amount;
	} else {
		sum->other += amount;
	}
}

/* "<family>:<area>/<task>/<channel>/<method>" */
static int on_cell(void *ctx, struct effort_str field, int64_t amount)
{
	const char *end = field.ptr + field.len, *colon = memchr(field.ptr, ':', field.len), *at = colon, *slash[3];
	struct effort_str family, area, channel, method;

	if (colon == NULL)
		return 0;
	for (int i = 0; i < 3; i++) {
		slash[i] = memchr(at + 1, '/', (size_t)(end - at - 1));
		if (slash[i] == NULL)
			return 0;
		at = slash[i];
	}
	family = (struct effort_str){ field.ptr, (size_t)(colon - field.ptr) };
	area = (struct effort_str){ colon + 1, (size_t)(slash[0] - colon - 1) };
	channel = (struct effort_str){ slash[1] + 1, (size_t)(slash[2] - slash[1] - 1) };
	method = (struct effort_str){ slash[2] + 1, (size_t)(end - slash[2] - 1) };
	add_to(sum_of(ctx, str_of("all"), method), family, effort_equals(channel, vocab_channel[EFFORT_SELFSERVICE]), amount);
	add_to(sum_of(ctx, area, method), family, effort_equals(channel, vocab_channel[EFFORT_SELFSERVICE]), amount);
	return 0;
}

void apart_add(struct apart *apart, const struct picture *picture)
{
	picture_scan(picture, "apart", on_cell, apart);
}

void apart_add_apart(struct apart *apart, const struct apart *more)
{
	for (size_t i = 0; i < more->n; i++) {
		const struct apart_sum *one = &more->list[i];
		struct apart_sum *sum = sum_of(apart, str_of(one->scope), str_of(one->method));

		if (sum == NULL)
			continue;
		sum->n += one->n;
		sum->self += one->self;
		sum->assisted += one->assisted;
		sum->other += one->other;
	}
}

static int by_scope(const void *va, const void *vb)
{
	const struct apart_sum *a = va, *b = vb;
	bool is_a = strcmp(a->scope, "all") == 0, is_b = strcmp(b->scope, "all") == 0;
	int order = strcmp(a->scope, b->scope);

	if (is_a != is_b)
		return is_a ? -1 : 1;
	return order != 0 ? order : strcmp(a->method, b->method);
}

void apart_sort(struct apart *apart)
{
	if (apart->n > 0)
		qsort(apart->list, apart->n, sizeof(*apart->list), by_scope);
}
