/* SPDX-License-Identifier: MPL-2.0 */
/* See router.h. Owns three lookups: two hash tables (task; source and service) and a tree of KLE numbers with
 * a hundred branches a level, where every node already holds the whole chain of claimants, the inherited ones
 * included, so that a lookup is at most three steps and no search. */
#include "classify/router.h"

#include "base/str.h"
#include "classify/claims.h"

#define XXH_INLINE_ALL
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* ---- words: (first, second) -> claimant ---- */

struct word {
	struct effort_str first, second; /* first.ptr NULL: free */
	struct claimant claimant;
	struct place place;
};

struct words {
	struct word *slots; /* owned; a power of two, at most half full */
	size_t mask;
};

/* Three branches a pair of digits: chain and, where longer prefixes are claimed, the block below. */
struct node {
	uint32_t block; /* first of the hundred nodes below; 0: none */
	uint32_t chain; /* start in chains; 0: nobody */
};

struct router {
	struct words tasks, services;
	struct node *nodes; /* owned; the first hundred are the main groups */
	size_t nodes_len, nodes_cap;
	struct claimant
		*chains; /* owned; at each start a head whose `area` is the length, then the claimants */
	size_t chains_len, chains_cap;
};

static size_t hash_of(struct effort_str first, struct effort_str second)
{
	uint64_t seed = second.len > 0 ? XXH3_64bits(second.ptr, second.len) : 0;

	return (size_t)XXH3_64bits_withSeed(first.ptr, first.len, seed);
}

static int words_init(struct words *words, size_t n)
{
	size_t size = 16;

	while (size < 2 * n)
		size *= 2;
	words->slots = calloc(size, sizeof(*words->slots));
	words->mask = size - 1;
	return words->slots != NULL ? 0 : -ENOMEM;
}

/* The slot of the pair, or the free one where it would stand. */
static struct word *words_slot(const struct words *words, struct effort_str first, struct effort_str second)
{
	for (size_t i = hash_of(first, second);; i++) {
		struct word *word = &words->slots[i & words->mask];
		if (word->first.ptr == NULL ||
		    (str_same(word->first, first) && str_same(word->second, second)))
			return word;
	}
}

static const struct claimant *words_find(const struct words *words, struct effort_str first,
					 struct effort_str second)
{
	const struct word *word = words_slot(words, first, second);

	return word->first.ptr != NULL ? &word->claimant : NULL;
}

/* ---- building ---- */

static void add_task(struct router *r, const struct area_def *defs, size_t area, size_t task,
		     struct faults *faults)
{
	const struct area_task *t = &defs[area].tasks[task];
	struct word *word = words_slot(&r->tasks, str_of(t->id), str_of(""));

	if (word->first.ptr != NULL) {
		const struct area_def *other = &defs[word->claimant.area];
		fault_add(faults, t->place, "task ids are unique across areas: rename one",
			  "task %s stands in area %s and in area %s (%s:%d)", t->id, defs[area].id, other->id,
			  word->place.file != NULL ? word->place.file : "?", word->place.line);
		return;
	}
	*word = (struct word){ .first = str_of(t->id),
			       .second = str_of(""),
			       .place = t->place,
			       .claimant = { (uint16_t)area, (uint16_t)(task + 1) } };
}

static uint16_t find_task(const struct area_def *def, const char *id)
{
	for (size_t i = 0; i < def->tasks_len; i++) {
		if (strcmp(def->tasks[i].id, id) == 0)
			return (uint16_t)(i + 1);
	}
	return 0;
}

static void add_service(struct router *r, const struct area_def *defs, size_t area,
			const struct area_service *s, struct faults *faults)
{
	struct word *word = words_slot(&r->services, str_of(s->service), str_of(s->source));
	uint16_t listed = s->task != NULL ? find_task(&defs[area], s->task) : 0;

	if (s->task != NULL && listed == 0) {
		fault_add(faults, s->place, "name a task of the same area file",
			  "area %s: service %s names the unknown task %s", defs[area].id, s->service,
			  s->task);
		return;
	}
	if (word->first.ptr != NULL) {
		fault_add(faults, s->place, "one pair of source and service means one task",
			  "service %s of source %s stands in area %s and in area %s (%s:%d)", s->service,
			  s->source, defs[area].id, defs[word->claimant.area].id,
			  word->place.file != NULL ? word->place.file : "?", word->place.line);
		return;
	}
	*word = (struct word){ .first = str_of(s->service),
			       .second = str_of(s->source),
			       .place = s->place,
			       .claimant = { (uint16_t)area, listed } };
}

/* A hundred nodes that start with what their parent has. Returns the first, 0: no memory. */
static uint32_t add_block(struct router *r, uint32_t chain)
{
	size_t first = r->nodes_len;

	if (first + 100 > r->nodes_cap) {
		size_t cap = r->nodes_cap > 0 ? r->nodes_cap * 2 : 1600;
		struct node *nodes = reallocarray(r->nodes, cap, sizeof(*nodes));
		if (nodes == NULL)
			return 0;
		r->nodes = nodes;
		r->nodes_cap = cap;
	}
	for (size_t i = first; i < first + 100; i++)
		r->nodes[i] = (struct node){ 0, chain };
	r->nodes_len += 100;
	return (uint32_t)first;
}

/* The node of a prefix, made where it is missing; UINT32_MAX: no memory. Prefixes come shortest first, so
 * what a new block inherits is complete. */
static uint32_t make_node(struct router *r, uint32_t key)
{
	static const uint32_t scale[4] = { 0, 1, 100, 10000 };
	uint32_t level = KLE_LEVEL(key), number = KLE_NUMBER(key), at = number / scale[level];

	for (uint32_t i = level - 1; i > 0; i--) {
		if (r->nodes[at].block == 0) {
			uint32_t block = add_block(r, r->nodes[at].chain);
			if (block == 0)
				return UINT32_MAX;
			r->nodes[at].block = block;
		}
		at = r->nodes[at].block + number / scale[i] % 100;
	}
	return at;
}

static uint16_t inherited(const struct claimant *chain, uint16_t area)
{
	for (uint16_t i = 1; i <= chain->area; i++) {
		if (chain[i].area == area)
			return chain[i].listed;
	}
	return 0;
}

/* Writes one node's chain: its own claimants in their order, then those of the shorter prefix not yet named.
 */
static int add_chain(struct router *r, struct node *node, const struct claim *claims, size_t n)
{
	struct claimant *head, *parent;
	uint64_t named = 0;

	if (r->chains_len + AREA_MAX + 1 > r->chains_cap) {
		size_t cap = r->chains_cap * 2 + AREA_MAX + 1;
		struct claimant *chains = reallocarray(r->chains, cap, sizeof(*chains));
		if (chains == NULL)
			return -ENOMEM;
		r->chains = chains;
		r->chains_cap = cap;
	}
	head = &r->chains[r->chains_len];
	parent = &r->chains[node->chain];
	head->area = 0;
	head->listed = 0;
	for (size_t i = 0; i < n; i++) {
		uint16_t listed =
			claims[i].listed != 0 ? claims[i].listed : inherited(parent, claims[i].area);
		head[++head->area] = (struct claimant){ claims[i].area, listed };
		named |= UINT64_C(1) << claims[i].area;
	}
	for (uint16_t i = 1; i <= parent->area; i++) {
		if ((named >> parent[i].area & 1) == 0)
			head[++head->area] = parent[i];
	}
	node->chain = (uint32_t)r->chains_len;
	r->chains_len += head->area + 1u;
	return 0;
}

static int build_tree(struct router *r, const struct claims *claims)
{
	size_t end;

	r->chains_cap = 64;
	r->chains_len = 1;
	r->chains = calloc(r->chains_cap, sizeof(*r->chains)); /* chain 0: nobody */
	if (r->chains == NULL || (add_block(r, 0) == 0 && r->nodes == NULL))
		return -ENOMEM;
	for (size_t i = 0; i < claims->len; i = end) {
		uint32_t at = make_node(r, claims->list[i].key);
		for (end = i + 1; end < claims->len && claims->list[end].key == claims->list[i].key; end++)
			;
		if (at == UINT32_MAX || add_chain(r, &r->nodes[at], &claims->list[i], end - i) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int fill(struct router *r, const struct area_def *defs, size_t n, struct faults *faults)
{
	size_t tasks = 0, services = 0;

	for (size_t i = 0; i < n; i++) {
		tasks += defs[i].tasks_len;
		services += defs[i].services_len;
	}
	if (words_init(&r->tasks, tasks) < 0 || words_init(&r->services, services) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		for (size_t t = 0; t < defs[i].tasks_len; t++)
			add_task(r, defs, i, t, faults);
		for (size_t s = 0; s < defs[i].services_len; s++)
			add_service(r, defs, i, &defs[i].services[s], faults);
	}
	return 0;
}

struct router *router_new(const struct area_def *defs, size_t n, struct faults *faults)
{
	struct router *r = calloc(1, sizeof(*r));
	struct claims claims = { NULL, 0 };
	size_t before = faults->n + faults->more;

	if (r == NULL || claims_init(&claims, defs, n, faults) < 0 || fill(r, defs, n, faults) < 0)
		fault_add(faults, (struct place){ 0 }, NULL, "no memory for the claims of %zu areas", n);
	else if (faults->n + faults->more == before && build_tree(r, &claims) < 0)
		fault_add(faults, (struct place){ 0 }, NULL, "no memory for the claims of %zu areas", n);
	claims_done(&claims);
	if (faults->n + faults->more == before)
		return r;
	router_free(r);
	return NULL;
}

void router_free(struct router *r)
{
	if (r == NULL)
		return;
	free(r->tasks.slots);
	free(r->services.slots);
	free(r->nodes);
	free(r->chains);
	free(r);
}

/* ---- lookups ---- */

static uint32_t pair(const char *digits)
{
	uint32_t value = (uint32_t)(digits[0] - '0') * 10 + (uint32_t)(digits[1] - '0');

	return value < 100 ? value : 0;
}

/* Head of the chain of the longest claimed prefix. The event's number has the form of one: 2, 5 or 8
 * characters. */
static const struct claimant *find_chain(const struct router *r, struct effort_str kle)
{
	const struct node *node;

	if (kle.len < 2)
		return r->chains;
	node = &r->nodes[pair(kle.ptr)];
	for (size_t i = 3; i + 2 <= kle.len && node->block != 0; i += 3)
		node = &r->nodes[node->block + pair(kle.ptr + i)];
	return &r->chains[node->chain];
}

static const struct claimant *find_service(const struct router *r, const struct effort_event *ev)
{
	const struct claimant *found = words_find(&r->services, ev->service, ev->source);

	return found != NULL ? found : words_find(&r->services, ev->service, (struct effort_str){ "*", 1 });
}

static bool is_asked(uint64_t asked, const struct claimant *c)
{
	return (asked >> c->area & 1) != 0;
}

bool router_next(const struct router *r, const struct effort_event *ev, uint64_t asked,
		 struct claimant *ret_claimant)
{
	const struct claimant *found, *chain;

	found = ev->task.len > 0 ? words_find(&r->tasks, ev->task, (struct effort_str){ "", 0 }) : NULL;
	if (found != NULL && !is_asked(asked, found)) {
		*ret_claimant = *found;
		return true;
	}
	chain = find_chain(r, ev->kle);
	found = ev->service.len > 0 ? find_service(r, ev) : NULL;
	if (found != NULL && !is_asked(asked, found)) {
		*ret_claimant = *found;
		if (found->listed == 0)
			ret_claimant->listed = inherited(chain, found->area);
		return true;
	}
	for (uint16_t i = 1; i <= chain->area; i++) {
		if (!is_asked(asked, &chain[i])) {
			*ret_claimant = chain[i];
			return true;
		}
	}
	return false;
}

uint16_t router_listed(const struct router *r, const struct effort_event *ev, uint16_t area)
{
	const struct claimant *found;

	found = ev->task.len > 0 ? words_find(&r->tasks, ev->task, (struct effort_str){ "", 0 }) : NULL;
	if (found != NULL && found->area == area)
		return found->listed;
	found = ev->service.len > 0 ? find_service(r, ev) : NULL;
	if (found != NULL && found->area == area && found->listed != 0)
		return found->listed;
	return inherited(find_chain(r, ev->kle), area);
}

bool router_is_mismatch(const struct router *r, const struct effort_event *ev)
{
	const struct claimant *task, *chain;

	if (ev->task.len == 0 || ev->kle.len == 0)
		return false;
	task = words_find(&r->tasks, ev->task, (struct effort_str){ "", 0 });
	chain = find_chain(r, ev->kle);
	if (task == NULL || chain->area == 0)
		return false;
	for (uint16_t i = 1; i <= chain->area; i++) {
		if (chain[i].area == task->area)
			return chain[i].listed != 0 && chain[i].listed != task->listed;
	}
	return true;
}
