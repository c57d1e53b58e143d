/* SPDX-License-Identifier: MPL-2.0 */
/* See peer_list.h. */
#include "conf/peer_list.h"

#include "conf/value.h"

#include <errno.h>
#include <string.h>

enum { ID, DA, EN, MUNICIPALITIES, FIELDS };

static const struct field fields[FIELDS] = {
	[ID] = { "id", FIELD_TEXT, true },
	[DA] = { "da", FIELD_TEXT, true },
	[EN] = { "en", FIELD_TEXT, true },
	[MUNICIPALITIES] = { "municipalities", FIELD_TEXTS, true },
};

static bool is_municipality(const struct conf *conf, const char *code)
{
	for (size_t i = 0; i < conf->municipalities_len; i++)
		if (strcmp(conf->municipalities[i].code, code) == 0)
			return true;
	return false;
}

static int check_codes(const struct conf *conf, const struct tree *tree, const config_setting_t *list,
		       const struct conf_peers *peers, struct faults *faults)
{
	int r = 0;

	for (size_t i = 0; i < peers->codes_len; i++) {
		struct place at = tree_place(tree, config_setting_get_elem(list, (unsigned)i));

		if (!is_municipality(conf, peers->codes[i]))
			r = fault_add(faults, at, "write the four digits of one listed above",
				      "\"%.60s\" is not a municipality here", peers->codes[i]);
		for (size_t k = 0; k < i; k++)
			if (strcmp(peers->codes[i], peers->codes[k]) == 0)
				r = fault_add(faults, at, "keep one of the two",
					      "the municipality %.60s stands here a second time",
					      peers->codes[i]);
	}
	return r;
}

static int read_one(const struct conf *conf, struct arena *arena, const struct tree *tree,
		    const config_setting_t *group, struct conf_peers *list, size_t n, struct faults *faults)
{
	const config_setting_t *found[FIELDS];
	struct conf_peers *peers = &list[n];
	int r = tree_fields(tree, group, "a group of peers", fields, FIELDS, found, faults);

	*peers = (struct conf_peers){ .id = tree_text(arena, found[ID], ""),
				      .name_da = tree_text(arena, found[DA], ""),
				      .name_en = tree_text(arena, found[EN], ""),
				      .place = tree_place(tree, group) };
	if (found[ID] != NULL && !value_is_id(peers->id))
		r = fault_add(faults, tree_place(tree, found[ID]), "ids are of a-z, 0-9 and '-', at most 48",
			      "\"%.60s\" is not an id", peers->id);
	for (int name = DA; name <= EN; name++)
		if (found[name] != NULL && !value_is_label(name == DA ? peers->name_da : peers->name_en))
			r = fault_add(faults, tree_place(tree, found[name]), NULL,
				      "a name has 1 to 200 bytes without control characters");
	for (size_t i = 0; i < n; i++)
		if (peers->id[0] != '\0' && strcmp(peers->id, list[i].id) == 0)
			r = fault_add(faults, peers->place, "keep one of the two",
				      "the group %s stands here a second time; the first is in line %d",
				      peers->id, list[i].place.line);
	if (found[MUNICIPALITIES] == NULL)
		return r;
	peers->codes_len = tree_texts(arena, found[MUNICIPALITIES], &peers->codes);
	return check_codes(conf, tree, found[MUNICIPALITIES], peers, faults) < 0 ? -EINVAL : r;
}

int peer_list_read(struct conf *conf, struct arena *arena, const struct tree *tree,
		   const config_setting_t *list, struct faults *faults)
{
	size_t n = list == NULL ? 0 : (size_t)config_setting_length(list);
	struct conf_peers *peers = arena_array(arena, n + 1, sizeof(*peers));
	int r = 0;

	if (n > PEER_GROUPS_MAX)
		return fault_add(faults, tree_place(tree, list), NULL, "more than %d groups of peers",
				 PEER_GROUPS_MAX);
	for (size_t i = 0; i < n; i++)
		if (read_one(conf, arena, tree, config_setting_get_elem(list, (unsigned)i), peers, i,
			     faults) < 0)
			r = -EINVAL;
	conf->peers = peers;
	conf->peers_len = n;
	return r;
}
