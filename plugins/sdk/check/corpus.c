/* SPDX-License-Identifier: MPL-2.0 */
/* See corpus.h. */
#include "corpus.h"

#include "event/decode.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEMORY (8u << 20)
#define PAGE   4096u

static const char word_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/-";

/* splitmix64: the same seed, the same events, on every machine. */
static uint64_t next(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static uint32_t below(uint64_t *state, size_t n)
{
	return (uint32_t)(next(state) % n);
}

int corpus_init(struct corpus *c)
{
	memset(c, 0, sizeof(*c));
	c->size = MEMORY;
	c->memory = mmap(NULL, c->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	c->batch = calloc(CORPUS_MAX, sizeof(*c->batch));
	if (c->memory == MAP_FAILED || c->batch == NULL)
		return -1;
	c->events = (struct effort_event *)c->memory;
	c->used = CORPUS_MAX * sizeof(*c->events);
	return 0;
}

void corpus_done(struct corpus *c)
{
	if (c->memory != NULL && c->memory != MAP_FAILED)
		munmap(c->memory, c->size);
	free(c->batch);
	memset(c, 0, sizeof(*c));
}

struct effort_str *corpus_text(struct effort_event *ev, size_t i)
{
	struct effort_str *const texts[CORPUS_TEXTS] = {
		&ev->id,     &ev->source,   &ev->municipality, &ev->kle,  &ev->facet,
		&ev->task,   &ev->service,  &ev->reason,       &ev->unit, &ev->handled_by,
		&ev->portal, &ev->corrects, &ev->errand,
	};
	return texts[i];
}

/* Copies bytes into the corpus' pages; no text at all when they are full. */
static struct effort_str keep(struct corpus *c, const char *bytes, size_t len)
{
	char *at = c->memory + c->used;

	if (len > c->size - c->used)
		len = 0;
	memcpy(at, bytes, len);
	c->used += len;
	return (struct effort_str){ at, len };
}

static void add(struct corpus *c, const struct effort_event *from, const struct router *router)
{
	struct effort_event *ev = &c->events[c->len];

	*ev = *from;
	ev->struct_size = sizeof(*ev);
	for (size_t i = 0; i < CORPUS_TEXTS; i++) {
		struct effort_str *text = corpus_text(ev, i);
		*text = keep(c, text->len > 0 ? text->ptr : "", text->len);
	}
	ev->listed = router_listed(router, ev, 0);
	c->batch[c->len++] = ev;
}

/* ---- from a file ---- */

bool corpus_add_file(struct corpus *c, const char *path, const struct router *router, size_t *ret_line,
		     char why[static 200])
{
	struct decoder *decoder = decoder_new(2 * DECODE_MAX_LINE);
	char *line = malloc(DECODE_MAX_LINE + 2 + DECODE_PADDING);
	FILE *file = fopen(path, "re");
	bool is_fine = decoder != NULL && line != NULL && file != NULL;
	struct effort_event event;
	struct refusal refusal;

	*ret_line = 0;
	if (!is_fine)
		snprintf(why, 200, "cannot be opened");
	while (is_fine && c->len < CORPUS_MAX && fgets(line, DECODE_MAX_LINE + 2, file) != NULL) {
		size_t len = strcspn(line, "\r\n");
		++*ret_line;
		if (len == 0)
			continue;
		memset(line + len, 0, DECODE_PADDING);
		decoder_reset(decoder);
		is_fine = decode_line(decoder, line, len, (struct effort_str){ "", 0 }, &event, &refusal) ==
			  CODE_OK;
		if (!is_fine) {
			snprintf(why, 200, "%s %s %s", code_name(refusal.code), refusal.field,
				 refusal.detail);
			break;
		}
		event.day = (int32_t)(event.time_ms / 86400000);
		add(c, &event, router);
	}
	if (file != NULL)
		fclose(file);
	free(line);
	decoder_free(decoder);
	return is_fine;
}

/* ---- made up ---- */

/* One of the texts an area's file knows, or none. */
static const char *listed_kle(const struct area_def *def, uint64_t *state)
{
	if (def->tasks_len > 0 && below(state, 2) == 0) {
		const struct area_task *task = &def->tasks[below(state, def->tasks_len)];
		if (task->kle_len > 0)
			return task->kle[below(state, task->kle_len)];
	}
	return def->claims_len > 0 ? def->claims[below(state, def->claims_len)].prefix : "99";
}

static const char *option_text(const struct area_def *def, uint64_t *state)
{
	const struct area_option *o =
		def->options_len > 0 ? &def->options[below(state, def->options_len)] : NULL;

	if (o != NULL && o->type == AREA_VALUE_STRING)
		return o->string;
	if (o != NULL && o->type == AREA_VALUE_LIST && o->list_len > 0)
		return o->list[below(state, o->list_len)];
	return "";
}

/* Three pairs of digits that begin with the prefix. */
static void make_kle(char kle[static 9], const char *prefix, uint64_t *state)
{
	snprintf(kle, 9, "%02u.%02u.%02u", below(state, 100), below(state, 100), below(state, 100));
	memcpy(kle, prefix, strnlen(prefix, 8));
}

/* A known text, often with something behind it, cut to what the contract allows and to its letters. */
static void make_word(char word[static 65], const char *known, uint64_t *state)
{
	size_t len = 0, extra = below(state, 4) == 0 ? 1 + below(state, 20) : 0;

	for (; known[len] != '\0' && len < 64; len++)
		word[len] = strchr(word_letters, known[len]) != NULL ? known[len] : '-';
	while (extra-- > 0 && len < 64)
		word[len++] = word_letters[below(state, sizeof(word_letters) - 1)];
	word[len] = '\0';
}

static void make_numbers(struct effort_event *ev, uint64_t *state)
{
	ev->time_ms = INT64_C(1325372400000) + (int64_t)below(state, 400000000) * 1000;
	ev->day = (int32_t)(ev->time_ms / 86400000);
	ev->channel = (uint8_t)below(state, EFFORT_CHANNELS);
	ev->kind = (uint8_t)below(state, EFFORT_KINDS);
	ev->direction = below(state, 5) == 0 ? EFFORT_OUT : EFFORT_IN;
	ev->population = (uint8_t)below(state, EFFORT_INTERNAL + 1);
	ev->assisted =
		ev->channel == EFFORT_SELFSERVICE ? (uint8_t)below(state, EFFORT_ASSISTED_STAFF + 1) : 0;
	ev->outcome = (uint8_t)below(state, EFFORT_OUTCOMES);
	ev->form = ev->direction == EFFORT_OUT ? (uint8_t)below(state, EFFORT_FORM_PHYSICAL + 1) : 0;
	ev->flags = below(state, 8);
	ev->duration_ms = (ev->flags & EFFORT_EVENT_DURATION) != 0 ? below(state, 3600000) : 0;
	ev->count = below(state, 10) == 0 ? 1 + below(state, 1000000) : 1;
}

static struct effort_str str(const char *text)
{
	return (struct effort_str){ text, strlen(text) };
}

static void make_one(struct corpus *c, const struct area_def *def, const struct router *router,
		     uint64_t *state)
{
	char kle[9], service[65], unit[65], portal[65], source[65] = "made", facet[4] = "";
	struct effort_event ev = { .id = str("made"), .municipality = str("0751") };
	const struct area_service *s =
		def->services_len > 0 ? &def->services[below(state, def->services_len)] : NULL;

	make_numbers(&ev, state);
	make_kle(kle, below(state, 4) == 0 ? "" : listed_kle(def, state), state);
	make_word(service, s != NULL && below(state, 2) == 0 ? s->service : option_text(def, state), state);
	make_word(unit, option_text(def, state), state);
	make_word(portal, below(state, 3) == 0 ? "borger.dk" : option_text(def, state), state);
	if (s != NULL && strcmp(s->source, "*") != 0 && below(state, 2) == 0)
		make_word(source, s->source, state);
	snprintf(facet, sizeof(facet), "%c%02u", "GPK"[below(state, 3)], below(state, 100));
	ev.source = str(source);
	if (below(state, 4) != 0)
		ev.kle = str(kle);
	if (ev.kle.len > 0 && below(state, 3) == 0)
		ev.facet = str(facet);
	if (def->tasks_len > 0 && below(state, 4) == 0)
		ev.task = str(def->tasks[below(state, def->tasks_len)].id);
	if (below(state, 2) == 0 || (ev.kle.len == 0 && ev.task.len == 0))
		ev.service = str(service[0] != '\0' ? service : "desk");
	if (below(state, 2) == 0)
		ev.unit = str(unit);
	if (below(state, 2) == 0)
		ev.portal = str(portal);
	add(c, &ev, router);
}

void corpus_add_made(struct corpus *c, const struct area_def *def, const struct router *router, uint64_t seed,
		     size_t n)
{
	uint64_t state = seed;

	for (size_t i = 0; i < n && c->len < CORPUS_MAX; i++)
		make_one(c, def, router, &state);
}

/* ---- mutations ---- */

static void mutate_kle(struct effort_str *text, char *room, uint64_t *state)
{
	if (text->len == 8)
		memcpy(room, text->ptr, 9 - 1);
	else
		make_kle(room, "", state);
	room[below(state, 3) * 3 + below(state, 2)] = (char)('0' + below(state, 10));
	*text = (struct effort_str){ room, 8 };
}

/* Empty, cut, one letter changed, or other letters of any allowed length. */
static struct effort_str mutate_word(struct effort_str text, char room[static 64], uint64_t *state)
{
	size_t len = text.len < 64 ? text.len : 64;

	memcpy(room, text.ptr, len);
	switch (below(state, 4)) {
	case 0:
		return (struct effort_str){ "", 0 };
	case 1:
		return (struct effort_str){ room, len > 0 ? 1 + below(state, len) : 0 };
	case 2:
		if (len > 0)
			room[below(state, len)] = word_letters[below(state, sizeof(word_letters) - 1)];
		return (struct effort_str){ room, len };
	default:
		len = 1 + below(state, 64);
		for (size_t i = 0; i < len; i++)
			room[i] = word_letters[below(state, sizeof(word_letters) - 1)];
		return (struct effort_str){ room, len };
	}
}

static void mutate_task(struct effort_str *text, char room[static 64], uint64_t *state)
{
	size_t len = 1 + below(state, 48);

	for (size_t i = 0; i < len; i++)
		room[i] = "abcdefghijklmnopqrstuvwxyz0123456789-"[below(state, 37)];
	*text = (struct effort_str){ room, len };
}

void corpus_mutate(struct corpus *c, const struct router *router, uint64_t seed)
{
	uint64_t state = seed;
	char room[6][64];

	for (size_t i = 0; i < c->len; i++) {
		struct effort_event *ev = &c->events[i];
		struct effort_str *const words[] = { &ev->service, &ev->unit, &ev->portal, &ev->handled_by };
		if (below(&state, 2) == 0)
			make_numbers(ev, &state);
		if (below(&state, 2) == 0)
			mutate_kle(&ev->kle, room[4], &state);
		if (below(&state, 8) == 0)
			mutate_task(&ev->task, room[5], &state);
		for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++)
			*words[k] = mutate_word(*words[k], room[k], &state);
		for (size_t k = 0; k < CORPUS_TEXTS; k++) {
			struct effort_str *text = corpus_text(ev, k);
			*text = keep(c, text->ptr, text->len);
		}
		ev->listed = router_listed(router, ev, 0);
	}
}

bool corpus_protect(struct corpus *c)
{
	return mprotect(c->memory, c->size, PROT_READ) == 0;
}

/* ---- edges ---- */

int edge_init(struct edge *e)
{
	size_t size = (CORPUS_TEXTS + 1) * 2 * PAGE;

	e->memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (e->memory == MAP_FAILED)
		return -1;
	for (size_t i = 0; i <= CORPUS_TEXTS; i++) {
		if (mprotect(e->memory + (2 * i + 1) * PAGE, PAGE, PROT_NONE) < 0)
			return -1;
	}
	return 0;
}

void edge_done(struct edge *e)
{
	munmap(e->memory, (CORPUS_TEXTS + 1) * 2 * PAGE);
}

/* The end of the i-th readable page. */
static char *end_of(struct edge *e, size_t i)
{
	return e->memory + (2 * i + 1) * PAGE;
}

const struct effort_event *edge_put(struct edge *e, const struct effort_event *from)
{
	e->event = (struct effort_event *)(end_of(e, CORPUS_TEXTS) - sizeof(*from));
	*e->event = *from;
	for (size_t i = 0; i < CORPUS_TEXTS; i++) {
		struct effort_str *text = corpus_text(e->event, i);
		char *at = end_of(e, i) - text->len;
		memcpy(at, text->ptr, text->len);
		text->ptr = at;
	}
	return e->event;
}
