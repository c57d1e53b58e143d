/* SPDX-License-Identifier: MPL-2.0 */
/* See claims.h. Owns the rules of claiming. Everything is gathered, sorted by prefix and area, merged per
 * area and then compared across areas. */
#include "classify/claims.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint32_t kle_key(const char *text, size_t len)
{
	uint32_t number = 0;

	if (len != 2 && len != 5 && len != 8)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (i % 3 == 2) {
			if (text[i] != '.')
				return 0;
			continue;
		}
		if (text[i] < '0' || text[i] > '9')
			return 0;
		number = number * 10 + (uint32_t)(text[i] - '0');
	}
	return KLE_KEY((len + 1) / 3, number);
}

static void key_text(uint32_t key, char text[static 9])
{
	unsigned level = KLE_LEVEL(key), number = KLE_NUMBER(key);

	memset(text, 0, 9);
	for (unsigned i = level; i-- > 0; number /= 100) {
		text[i * 3] = (char)('0' + number / 10 % 10);
		text[i * 3 + 1] = (char)('0' + number % 10);
		if (i + 1 < level)
			text[i * 3 + 2] = '.';
	}
}

/* ---- gathering ---- */

static void gather_one(struct claims *all, const char *text, struct claim claim, const char *area,
		       struct faults *faults)
{
	claim.key = kle_key(text, strlen(text));
	if (claim.key == 0) {
		fault_add(faults, claim.place,
			  "write two digits, or two or three such pairs joined by dots: \"27.36.08\"",
			  "area %s: \"%s\" is not a KLE number", area, text);
		return;
	}
	all->list[all->len++] = claim;
}

static size_t area_claims(const struct area_def *def)
{
	size_t n = def->claims_len;

	for (size_t i = 0; i < def->tasks_len; i++)
		n += def->tasks[i].kle_len;
	return n;
}

static void gather_area(struct claims *all, const struct area_def *def, uint16_t area, struct faults *faults)
{
	for (size_t i = 0; i < def->claims_len; i++) {
		const struct area_claim *c = &def->claims[i];
		struct claim claim = { .area = area,
				       .is_shared = c->is_shared,
				       .is_explicit = true,
				       .order = c->order,
				       .place = c->place };
		gather_one(all, c->prefix, claim, def->id, faults);
	}
	for (size_t i = 0; i < def->tasks_len; i++) {
		const struct area_task *t = &def->tasks[i];
		struct claim claim = { .area = area, .listed = (uint16_t)(i + 1), .place = t->place };
		for (size_t k = 0; k < t->kle_len; k++)
			gather_one(all, t->kle[k], claim, def->id, faults);
	}
}

/* ---- merging ---- */

/* By prefix, area, written claims first, then in the order of the tasks. */
static int compare_gathered(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->area != y->area)
		return x->area < y->area ? -1 : 1;
	if (x->is_explicit != y->is_explicit)
		return x->is_explicit ? -1 : 1;
	return (x->listed > y->listed) - (x->listed < y->listed);
}

static void merge_into(struct claim *into, const struct claim *from, const struct area_def *def,
		       struct faults *faults)
{
	char text[9];

	key_text(from->key, text);
	if (from->is_explicit) {
		fault_add(faults, from->place, "remove one of them",
			  "area %s: claims %s twice (first at line %d)", def->id, text, into->place.line);
		return;
	}
	if (into->listed != 0) {
		fault_add(faults, from->place,
			  "give the number to one task and let a service or the plugin decide",
			  "area %s: KLE %s stands under two tasks, %s and %s", def->id, text,
			  def->tasks[into->listed - 1].id, def->tasks[from->listed - 1].id);
		return;
	}
	into->listed = from->listed;
}

/* One claim per prefix and area. */
static void merge(struct claims *all, const struct area_def *defs, struct faults *faults)
{
	size_t kept = 0;

	for (size_t i = 0; i < all->len; i++) {
		struct claim *last = kept > 0 ? &all->list[kept - 1] : NULL;
		if (last != NULL && last->key == all->list[i].key && last->area == all->list[i].area)
			merge_into(last, &all->list[i], &defs[last->area], faults);
		else
			all->list[kept++] = all->list[i];
	}
	all->len = kept;
}

/* ---- across areas ---- */

static void report_clash(const struct claim *a, const struct claim *b, const struct area_def *defs,
			 struct faults *faults)
{
	char text[9];

	key_text(a->key, text);
	fault_add(faults, b->place, "let one area have it, or write it as a claim with shared = true in both",
		  "areas %s (%s:%d) and %s (%s:%d) both claim KLE %s and do not both share it",
		  defs[a->area].id, a->place.file != NULL ? a->place.file : "?", a->place.line,
		  defs[b->area].id, b->place.file != NULL ? b->place.file : "?", b->place.line, text);
}

static void check_shared(const struct claim *list, size_t n, const struct area_def *defs,
			 struct faults *faults)
{
	const struct claim *alone = NULL;

	for (size_t i = 0; i < n && alone == NULL; i++)
		alone = list[i].is_shared ? NULL : &list[i];
	if (alone == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct claim *other = &list[i];
		if (other < alone)
			report_clash(other, alone, defs, faults);
		else if (other > alone)
			report_clash(alone, other, defs, faults);
	}
}

/* qsort_r's context: ties in order go by area id. */
static int compare_asking(const void *a, const void *b, void *context)
{
	const struct area_def *defs = context;
	const struct claim *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return strcmp(defs[x->area].id, defs[y->area].id);
}

int claims_init(struct claims *all, const struct area_def *defs, size_t n, struct faults *faults)
{
	size_t max = 0, end;

	for (size_t i = 0; i < n; i++)
		max += area_claims(&defs[i]);
	all->len = 0;
	all->list = calloc(max + 1, sizeof(*all->list));
	if (all->list == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (area_claims(&defs[i]) > AREA_CLAIMS_MAX)
			fault_add(faults, defs[i].place, NULL,
				  "area %s: more than %d KLE prefixes, those of its tasks included",
				  defs[i].id, AREA_CLAIMS_MAX);
		gather_area(all, &defs[i], (uint16_t)i, faults);
	}
	qsort(all->list, all->len, sizeof(*all->list), compare_gathered);
	merge(all, defs, faults);
	for (size_t i = 0; i < all->len; i = end) {
		for (end = i + 1; end < all->len && all->list[end].key == all->list[i].key; end++)
			;
		if (end - i > 1) {
			check_shared(&all->list[i], end - i, defs, faults);
			qsort_r(&all->list[i], end - i, sizeof(*all->list), compare_asking, (void *)defs);
		}
	}
	return 0;
}

void claims_done(struct claims *all)
{
	free(all->list);
	all->list = NULL;
	all->len = 0;
}
