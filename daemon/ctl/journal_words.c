/* SPDX-License-Identifier: MPL-2.0 */
/* See journal_words.h: one table of open addressing for all three kinds of number. */
#include "ctl/journal_words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct slot {
	uint64_t key; /* kind and number, never 0 */
	char *text;   /* owned */
};

struct journal_words {
	struct slot *slots; /* owned; a power of two */
	size_t room, used;
};

enum kind { MUNICIPALITY = 1, STANDING, NAME };

static uint64_t key_of(enum kind kind, uint32_t number)
{
	return (uint64_t)kind << 32 | number;
}

static struct slot *find(const struct journal_words *words, uint64_t key)
{
	size_t i = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (words->room - 1);

	while (words->slots[i].key != 0 && words->slots[i].key != key)
		i = (i + 1) & (words->room - 1);
	return &words->slots[i];
}

struct journal_words *journal_words_new(void)
{
	struct journal_words *words = calloc(1, sizeof(*words));

	if (words == NULL)
		return NULL;
	words->room = 1024;
	words->slots = calloc(words->room, sizeof(*words->slots));
	if (words->slots == NULL) {
		free(words);
		return NULL;
	}
	return words;
}

void journal_words_clear(struct journal_words *words)
{
	for (size_t i = 0; i < words->room; i++) {
		free(words->slots[i].text);
		words->slots[i] = (struct slot){ 0, NULL };
	}
	words->used = 0;
}

void journal_words_free(struct journal_words *words)
{
	if (words == NULL)
		return;
	journal_words_clear(words);
	free(words->slots);
	free(words);
}

static int grow(struct journal_words *words)
{
	struct journal_words wider = { NULL, words->room * 2, words->used };

	if (words->used * 2 < words->room)
		return 0;
	wider.slots = calloc(wider.room, sizeof(*wider.slots));
	if (wider.slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < words->room; i++)
		if (words->slots[i].key != 0)
			*find(&wider, words->slots[i].key) = words->slots[i];
	free(words->slots);
	*words = wider;
	return 0;
}

static int set(struct journal_words *words, uint64_t key, struct effort_str text)
{
	char *copy = strndup(text.len == 0 ? "" : text.ptr, text.len);
	struct slot *slot;

	if (copy == NULL || grow(words) < 0) {
		free(copy);
		return -ENOMEM;
	}
	slot = find(words, key);
	words->used += slot->key == 0;
	free(slot->text);
	*slot = (struct slot){ key, copy };
	return 0;
}

int journal_words_municipality(struct journal_words *words, uint16_t number, const char *code)
{
	return set(words, key_of(MUNICIPALITY, number), str_of(code));
}

int journal_words_standing(struct journal_words *words, uint16_t number, const char *task)
{
	return set(words, key_of(STANDING, number), str_of(task));
}

int journal_words_name(struct journal_words *words, uint32_t number, struct effort_str name)
{
	return set(words, key_of(NAME, number), name);
}

const char *journal_words_get_municipality(const struct journal_words *words, uint16_t number)
{
	return find(words, key_of(MUNICIPALITY, number))->text;
}

const char *journal_words_get_standing(const struct journal_words *words, uint16_t number)
{
	return find(words, key_of(STANDING, number))->text;
}

const char *journal_words_get_name(const struct journal_words *words, uint32_t number)
{
	return find(words, key_of(NAME, number))->text;
}
