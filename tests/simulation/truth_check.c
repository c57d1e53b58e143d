/* SPDX-License-Identifier: MPL-2.0 */
/* See truth.h: what is, compared with what must be. */
#include "truth_inside.h"

#include "event/vocab.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text_of(const struct object *object, const char *field)
{
	const struct text *text = object_get(object, field, strlen(field));

	return text == NULL ? NULL : text->bytes;
}

static bool is_counter(const struct text *field)
{
	return field != NULL && field->bytes[0] != '_' && !truth_is_once(field->bytes);
}

/* A count that corrections brought to nothing, or a field of a scope or name that has no contacts and is not there
 * at all. */
static bool is_nothing(const struct table *texts, const struct object *object, const struct text *name,
		       const struct text *value)
{
	const char *channel = strstr(name->bytes, ".ch."), *dot = channel != NULL ? channel : strrchr(name->bytes, '.');
	const struct text *contacts;
	char field[192];

	if (dot == NULL)
		return strcmp(value->bytes, "0") == 0;
	snprintf(field, sizeof(field), "%.*s.contacts", (int)(dot - name->bytes), name->bytes);
	contacts = table_get(texts, field, strlen(field));
	return contacts != NULL && strcmp(contacts->bytes, "0") == 0 && text_of(object, field) == NULL;
}

static bool is_all_nothing(const struct table *texts)
{
	for (size_t i = 0; i < texts->used; i++) {
		const struct text *name = texts->entries[i].name, *value = texts->entries[i].value;
		size_t len = strlen(".target");

		if (strcmp(value->bytes, "0") != 0 &&
		    (name->len < len || strcmp(name->bytes + name->len - len, ".target") != 0))
			return false;
	}
	return true;
}

static bool compare_fields(const char *key, const struct table *texts, const struct object *object,
			   char why[TRUTH_WHY])
{
	for (size_t i = 0; i < texts->used; i++) {
		const struct text *name = texts->entries[i].name, *value = texts->entries[i].value;
		const char *is = text_of(object, name->bytes);

		if (is == NULL && is_nothing(texts, object, name, value))
			continue;
		if (is == NULL || strcmp(is, value->bytes) != 0) {
			snprintf(why, TRUTH_WHY, "%s %s is %s, not %s", key, name->bytes,
				 is == NULL ? "absent" : is, value->bytes);
			return false;
		}
	}
	for (size_t i = 0; i < object->table.used; i++) {
		const struct text *name = object->table.entries[i].name, *value = object->table.entries[i].value;

		if (is_counter(name) && table_get(texts, name->bytes, name->len) == NULL) {
			snprintf(why, TRUTH_WHY, "%s has a field too many: %s %s", key, name->bytes, value->bytes);
			return false;
		}
	}
	return true;
}

static bool is_text(const char *key, const struct object *object, const char *field, const char *must,
		    char why[TRUTH_WHY])
{
	const char *is = text_of(object, field);

	if (is != NULL && strcmp(is, must) == 0)
		return true;
	snprintf(why, TRUTH_WHY, "%s %s is %s, not %s", key, field, is == NULL ? "absent" : is, must);
	return false;
}

/* The fields once per hash. */
static bool has_head(const char *key, const struct object *object, struct period period, char why[TRUTH_WHY])
{
	char label[PERIOD_LABEL], from[24], to[24];

	period_label(period, label);
	snprintf(from, sizeof(from), "%" PRId64, zone_midnight_ms(&contact_zone, period.first));
	snprintf(to, sizeof(to), "%" PRId64, zone_midnight_ms(&contact_zone, period.end));
	return is_text(key, object, "period", strchr(label, ':') + 1, why) && is_text(key, object, "from", from, why) &&
	       is_text(key, object, "to", to, why) && is_text(key, object, "schema", "1", why) &&
	       is_text(key, object, "rebuilding", "0", why) && is_text(key, object, "incomplete", "0", why) &&
	       is_text(key, object, "definition", "kl-series", why) &&
	       is_text(key, object, "target_id", "kl-80", why);
}

static bool holds_hash(const char *key, const struct expected *expected, const struct object *object,
		       char why[TRUTH_WHY])
{
	struct table texts = { 0 };
	bool holds;

	truth_write(expected, &texts);
	if (object == NULL && !is_all_nothing(&texts)) {
		snprintf(why, TRUTH_WHY, "%s is not there, it must have %s and %zu more fields", key,
			 texts.entries[0].name->bytes, texts.len - 1);
		holds = false;
	} else if (object == NULL) {
		holds = true;
	} else {
		holds = object->kind == KIND_HASH && compare_fields(key, &texts, object, why);
		if (holds && (expected->kind == EXPECT_SHARE || expected->kind == EXPECT_TASKS) &&
		    !is_all_nothing(&texts))
			holds = has_head(key, object, expected->period, why);
	}
	truth_drop_texts(&texts);
	return holds;
}

/* Cells, labelled shares and names: the keys that are nothing but counts. */
static bool is_counted_key(const char *key)
{
	const char *kind = strchr(key, '}');

	if (kind == NULL)
		return false;
	kind += 2;
	if (strncmp(kind, "share:", 6) == 0 || strncmp(kind, "tasks:", 6) == 0)
		return strchr(kind + 6, ':') != NULL;
	return strncmp(kind, "d:", 2) == 0 || strncmp(kind, "m:", 2) == 0 || strncmp(kind, "y:", 2) == 0 ||
	       strncmp(kind, "by:", 3) == 0;
}

static bool has_no_strangers(const struct truth *truth, const struct keys *keys, char why[TRUTH_WHY])
{
	for (size_t i = 0; i < keys->table.used; i++) {
		const struct text *key = keys->table.entries[i].name;
		const struct object *object = keys->table.entries[i].value;

		if (key == NULL || !is_counted_key(key->bytes) ||
		    table_get(&truth->hashes, key->bytes, key->len) != NULL)
			continue;
		for (size_t k = 0; k < object->table.used; k++)
			if (is_counter(object->table.entries[k].name)) {
				snprintf(why, TRUTH_WHY, "%s must not be there, with %s", key->bytes,
					 object->table.entries[k].name->bytes);
				return false;
			}
	}
	return true;
}

static bool holds_running(const struct truth *truth, const struct keys *keys, const char *code, const char *kind,
			  struct period period, char why[TRUTH_WHY])
{
	struct expected none = { .kind = EXPECT_SHARE, .period = period };
	const struct expected *expected;
	char key[128], label[PERIOD_LABEL], labelled[128];
	const struct object *object;
	int n;

	period_label(period, label);
	n = snprintf(labelled, sizeof(labelled), "effort:{%s}:%s:%s", code, kind, label);
	expected = table_get(&truth->hashes, labelled, (size_t)n);
	n = snprintf(key, sizeof(key), "effort:{%s}:%s:%s", code, kind, window_name[period.window]);
	object = keys_get(keys, key, (size_t)n);
	if (expected == NULL)
		expected = &none;
	return holds_hash(key, expected, object, why);
}

bool truth_holds(const struct truth *truth, const struct keys *keys, int64_t now_ms, char why[TRUTH_WHY])
{
	const char *const codes[] = { contact_view.codes[0], contact_view.codes[1], contact_view.codes[2], "dk" };
	int32_t today = zone_day(&contact_zone, now_ms);

	for (size_t i = 0; i < truth->hashes.used; i++) {
		const struct text *key = truth->hashes.entries[i].name;

		if (!holds_hash(key->bytes, truth->hashes.entries[i].value, keys_get(keys, key->bytes, key->len),
				why))
			return false;
	}
	for (int c = 0; c < CONTACT_MUNICIPALITIES + 1; c++)
		for (int w = 0; w < WINDOWS; w++)
			if (!holds_running(truth, keys, codes[c], "share", period_of((enum window)w, today), why) ||
			    !holds_running(truth, keys, codes[c], "tasks", period_of((enum window)w, today), why))
				return false;
	return has_no_strangers(truth, keys, why);
}

/* --- at every moment --- */

static int64_t number_of(const struct object *object, const char *scope, const char *name)
{
	size_t n = strlen(scope), len = strlen(name);
	char field[192];
	const struct text *text;

	memcpy(field, scope, n);
	field[n] = '.';
	memcpy(field + n + 1, name, len);
	text = object_get(object, field, n + 1 + len);
	return text == NULL ? 0 : strtoll(text->bytes, NULL, 10);
}

static bool agrees(bool is_right, const char *key, const char *scope, const char *what, char why[TRUTH_WHY])
{
	if (!is_right)
		snprintf(why, TRUTH_WHY, "%s: %s of scope %s are of different moments", key, what, scope);
	return is_right;
}

/* The share that is shown is that of the sums that are shown. */
static bool shows_its_share(const char *key, const struct object *object, const char *scope, char why[TRUTH_WHY])
{
	static const char *const derived[] = { "share", "share_incl_assisted", "share_digital", "gap_pp", "move", "met" };
	struct table texts = { 0 };
	int64_t sums[OF_ALL] = { 0 };
	bool is_right = true;

	for (int i = 0; i < OF_CHANNELS; i++)
		sums[i] = number_of(object, scope, truth_field[i]);
	truth_write_derived(scope, sums, &texts);
	for (size_t i = 0; i < sizeof(derived) / sizeof(*derived); i++) {
		char field[320];
		const char *is;
		const struct text *must;

		snprintf(field, sizeof(field), "%s.%s", scope, derived[i]);
		is = text_of(object, field);
		must = table_get(&texts, field, strlen(field));
		is_right &= (is == NULL) == (must == NULL) && (is == NULL || strcmp(is, must->bytes) == 0);
	}
	truth_drop_texts(&texts);
	return agrees(is_right, key, scope, "sums and shares", why);
}

static bool channels_are_n(const char *key, const struct object *object, const char *scope, char why[TRUTH_WHY])
{
	int64_t sum = 0;

	for (int c = 0; c < EFFORT_CHANNELS; c++) {
		char name[32] = "ch.";

		memcpy(name + 3, vocab_channel[c], strlen(vocab_channel[c]) + 1);
		sum += number_of(object, scope, name);
	}
	return agrees(sum == number_of(object, scope, "n"), key, scope, "n and the channels", why);
}

static bool is_consistent(const char *key, const struct object *object, char why[TRUTH_WHY])
{
	static const char suffix[] = ".contacts";
	bool has_areas = strstr(key, ":share:") != NULL;
	int64_t n = 0, self = 0, contacts = 0;

	for (size_t i = 0; i < object->table.used; i++) {
		const struct text *field = object->table.entries[i].name;
		char scope[160];

		if (field == NULL || field->len < sizeof(suffix) ||
		    strcmp(field->bytes + field->len - (sizeof(suffix) - 1), suffix) != 0)
			continue;
		snprintf(scope, sizeof(scope), "%.*s", (int)(field->len - (sizeof(suffix) - 1)), field->bytes);
		if (!shows_its_share(key, object, scope, why) ||
		    (has_areas && !channels_are_n(key, object, scope, why)))
			return false;
		if (strcmp(scope, "all") == 0 || strncmp(scope, "group:", 6) == 0)
			continue;
		n += number_of(object, scope, "n");
		self += number_of(object, scope, "self");
		contacts += number_of(object, scope, "contacts");
	}
	return !has_areas || agrees(n == number_of(object, "all", "n") && self == number_of(object, "all", "self") &&
					    contacts == number_of(object, "all", "contacts"),
				    key, "all", "sums and those of the areas", why);
}

bool truth_key_is_consistent(const struct keys *keys, const char *key, size_t len, char why[TRUTH_WHY])
{
	const struct object *object = keys_get(keys, key, len);
	char text[160];

	snprintf(text, sizeof(text), "%.*s", (int)len, key);
	if (object == NULL || object->kind != KIND_HASH ||
	    (strstr(text, "}:share:") == NULL && strstr(text, "}:tasks:") == NULL))
		return true;
	return is_consistent(text, object, why);
}

bool truth_is_consistent(const struct keys *keys, char why[TRUTH_WHY])
{
	for (size_t i = 0; i < keys->table.used; i++) {
		const struct text *key = keys->table.entries[i].name;

		if (key != NULL && (strstr(key->bytes, "}:share:") != NULL || strstr(key->bytes, "}:tasks:") != NULL) &&
		    !is_consistent(key->bytes, keys->table.entries[i].value, why))
			return false;
	}
	return true;
}

bool truth_bounds(const struct truth *truth, const struct keys *keys, char why[TRUTH_WHY])
{
	for (size_t i = 0; i < keys->table.used; i++) {
		const struct text *key = keys->table.entries[i].name;
		const struct expected *expected =
			key == NULL ? NULL : table_get(&truth->hashes, key->bytes, key->len);
		const struct object *object = keys->table.entries[i].value;

		if (expected == NULL || expected->kind != EXPECT_CELLS || object->kind != KIND_HASH)
			continue;
		for (size_t k = 0; k < object->table.used; k++) {
			const struct text *field = object->table.entries[k].name,
					  *value = object->table.entries[k].value;

			if (!is_counter(field) ||
			    strtoll(value->bytes, NULL, 10) <=
				    (int64_t)(intptr_t)table_get(&expected->fields, field->bytes, field->len))
				continue;
			snprintf(why, TRUTH_WHY, "%s %s is %s: more than was ever sent", key->bytes, field->bytes,
				 value->bytes);
			return false;
		}
	}
	return true;
}
