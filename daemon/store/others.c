/* SPDX-License-Identifier: MPL-2.0 */
/* Which other writers have a part in the hashes of a place, as probes have seen: who brings a lost hash back says in it
 * for whom it waits, also when Redis has forgotten everything. Known as long as this process lives; at most OTHERS_MAX
 * names, past which a hash waits for those it has. Grows with what there are positions of. */
#include "store/inside.h"

#include <errno.h>
#include <string.h>

int others_init(struct store *store)
{
	store->others = positions_new();
	return store->others ? 0 : -ENOMEM;
}

void others_stop(struct store *store)
{
	positions_free(store->others);
}

/* A bit for each name; 0: there is no room. */
static uint64_t bit_of(struct store *store, const char *name, size_t len)
{
	size_t i = 0;

	while (i < store->others_len && (strncmp(store->others_name[i], name, len) != 0 || store->others_name[i][len] != '\0'))
		i++;
	if (i == store->others_len) {
		if (i == OTHERS_MAX || len >= sizeof(store->others_name[i]))
			return 0;
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

void others_note(struct store *store, struct place_key key, const char *list)
{
	uint64_t known = positions_get(store->others, key), found = known;

	while (*list) {
		size_t len = strcspn(list, ",");

		if (len > 3 && !is_us(store, list, len))
			found |= bit_of(store, list, len);
		list += len + (list[len] == ',');
	}
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
