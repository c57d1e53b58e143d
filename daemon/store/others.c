/* SPDX-License-Identifier: MPL-2.0 */
/* Which other writers have a part in the hashes of a place, as probes have seen: who brings a lost hash back says in it
 * for whom it waits, also when Redis has forgotten everything. And whom the hashes of a place wait for, as they said when
 * they were looked at last. Known as long as this process lives; at most OTHERS_MAX
 * names, past which a hash waits for those it has. Grows with what there are positions of. */
#include "store/inside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAMELESS (UINT64_C(1) << 63)
#define LOST	 ":lost"
#define LOST_LEN (sizeof(LOST) - 1)

int others_init(struct store *store)
{
	store->others = positions_new();
	store->waits = positions_new();
	return store->others && store->waits ? 0 : -ENOMEM;
}

void others_stop(struct store *store)
{
	positions_free(store->others);
	positions_free(store->waits);
}

/* A bit for each name, and one for those there is no room for. */
static uint64_t bit_of(struct store *store, const char *name, size_t len)
{
	size_t i = 0;

	while (i < store->others_len && (strncmp(store->others_name[i], name, len) != 0 || store->others_name[i][len] != '\0'))
		i++;
	if (i == store->others_len) {
		if (i == OTHERS_MAX || len >= sizeof(store->others_name[i]))
			return NAMELESS;
		memcpy(store->others_name[i], name, len);
		store->others_name[i][len] = '\0';
		store->others_len++;
	}
	return UINT64_C(1) << i;
}

static bool is_us(const struct store *store, const char *name, size_t len)
{
	return len == strlen(store->writer) + 3 && memcmp(name + 3, store->writer, len - 3) == 0;
}

uint64_t others_bits(struct store *store, const char *list)
{
	uint64_t found = 0;

	while (*list) {
		size_t len = strcspn(list, ","), name = len;

		/* "_w:<id>:lost" */
		if (len > LOST_LEN && memcmp(list + len - LOST_LEN, LOST, LOST_LEN) == 0)
			name -= LOST_LEN;
		if (name > 3 && !is_us(store, list, name))
			found |= bit_of(store, list, name);
		list += len + (list[len] == ',');
	}
	return found;
}

void others_note(struct store *store, struct place_key key, const char *list)
{
	uint64_t known = positions_get(store->others, key), found = known | others_bits(store, list);

	/* Without memory it is seen again. */
	if (found != known)
		(void)!positions_set(store->others, key, found);
}

void others_list(const struct store *store, struct place_key key, char ret[OTHERS_TEXT])
{
	uint64_t known = positions_get(store->others, key);
	size_t len = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < store->others_len; i++) {
		size_t more = strlen(store->others_name[i]);

		if (!(known >> i & 1))
			continue;
		ret[len] = len == 0 ? ' ' : ',';
		memcpy(ret + len + 1, store->others_name[i], more + 1);
		len += 1 + more;
	}
}

void others_wait(struct store *store, struct place_key key, const char *list)
{
	uint64_t bits = others_bits(store, list);

	if (bits != 0)
		(void)!positions_set(store->waits, key, positions_get(store->waits, key) | bits);
}

void others_wait_no_more(struct store *store, struct place_key key)
{
	positions_remove(store->waits, key);
}

static void names_of(const struct store *store, uint64_t bits, char *ret, size_t size)
{
	size_t len = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < store->others_len && len < size; i++)
		if (bits >> i & 1)
			len += (size_t)snprintf(ret + len, size - len, "%s%s", len == 0 ? "" : ",",
						store->others_name[i] + 3);
	if (bits & NAMELESS && len < size)
		snprintf(ret + len, size - len, "%s...", len == 0 ? "" : ",");
}

static void add_bits(void *ctx, struct place_key key, uint64_t bits)
{
	(void)key;
	*(uint64_t *)ctx |= bits;
}

void store_waits_for(const struct store *store, char *ret, size_t size)
{
	uint64_t bits = 0;
	size_t cursor = 0;

	positions_walk(store->waits, &cursor, SIZE_MAX, add_bits, &bits);
	names_of(store, bits, ret, size);
}

void store_withheld_for(const struct store *store, char *ret, size_t size)
{
	names_of(store, store->withheld_for, ret, size);
}
