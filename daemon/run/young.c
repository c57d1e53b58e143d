/* SPDX-License-Identifier: MPL-2.0 */
/* See young.h. */
#include "run/young.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_SLOTS 64
#define EMPTY	    UINT32_MAX

static struct young_name *new_slots(size_t n)
{
	struct young_name *slots = calloc(n, sizeof(*slots));

	for (size_t i = 0; slots != NULL && i < n; i++)
		slots[i].number = EMPTY;
	return slots;
}

struct young *young_new(struct names *names, uint64_t segment)
{
	struct young *young = calloc(1, sizeof(*young));

	if (young == NULL)
		return NULL;
	young->segment = segment;
	young->names = names;
	young->mask = FIRST_SLOTS - 1;
	young->slots = new_slots(FIRST_SLOTS);
	if (young->slots == NULL || tally_init(&young->cells, SIZE_MAX) < 0) {
		free(young->slots);
		free(young);
		return NULL;
	}
	return young;
}

void young_free(struct young *young)
{
	if (young == NULL)
		return;
	for (size_t i = 0; i <= young->mask; i++)
		if (young->slots[i].number != EMPTY)
			names_unpin(young->names, young->slots[i].number);
	free(young->slots);
	tally_done(&young->cells);
	free(young);
}

static struct young_name *find(struct young_name *slots, size_t mask, uint32_t number)
{
	size_t i = number * UINT64_C(0x9e3779b97f4a7c15) >> 32 & mask;

	while (slots[i].number != number && slots[i].number != EMPTY)
		i = (i + 1) & mask;
	return &slots[i];
}

static int grow(struct young *young)
{
	size_t mask = young->mask * 2 + 1;
	struct young_name *slots = new_slots(mask + 1);

	if (slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i <= young->mask; i++)
		if (young->slots[i].number != EMPTY)
			*find(slots, mask, young->slots[i].number) = young->slots[i];
	free(young->slots);
	young->slots = slots;
	young->mask = mask;
	return 0;
}

int young_reserve(struct young *young, size_t cells, size_t names)
{
	int r = tally_reserve(&young->cells, cells);

	while (r == 0 && (young->used + names) * 2 > young->mask + 1)
		r = grow(young);
	return r;
}

void young_cell(struct young *young, const struct amount *amount)
{
	(void)!tally_add(&young->cells, amount->cell, amount->count, amount->seconds);
}

void young_name(struct young *young, const struct name_record *record, const struct name_amount *amount)
{
	struct young_name *slot = find(young->slots, young->mask, record->number);

	if (slot->number == EMPTY) {
		slot->number = record->number;
		young->used++;
		names_pin(young->names, record->number);
	}
	name_amount_add(&slot->amount, amount);
}

int young_add(struct young *young, const struct young *more)
{
	int r = young_reserve(young, more->cells.used, more->used);

	if (r < 0)
		return r;
	for (size_t i = 0; i <= more->cells.mask; i++)
		if (more->cells.slots[i].cell != TALLY_EMPTY)
			young_cell(young, &more->cells.slots[i]);
	for (size_t i = 0; i <= more->mask; i++)
		if (more->slots[i].number != EMPTY)
			young_name(young, names_get(young->names, more->slots[i].number), &more->slots[i].amount);
	return 0;
}

struct name_amount young_get_name(const struct young *young, uint32_t number)
{
	return find(young->slots, young->mask, number)->amount;
}
