/* SPDX-License-Identifier: MPL-2.0 */
/* Function libraries of other versions (library.h), which an upgrade leaves in Redis: each OLDS_MS they are listed, and what
 * no writer that runs calls, OLDS_LOOKS looks in a row, is deleted: one that has just come is heard of by then. Each writer
 * says with its signs of life which one it calls ("_functions"); one that does not is from before they had versions. Only names
 * that effortd gives are looked at: what else lies in Redis is somebody else's.
 *
 * Who calls a library that is deleted all the same loads it again (session.c), so nothing is lost but a moment. A process
 * deletes each one once: one that is there again is called by somebody who is not seen from here, with another prefix or in
 * another database, and two effortds do not take each other's away for ever. For the same reason nothing is looked at in the
 * first OLDS_MS of a connection, while others may still be on their way back, and where there may be writers that are not
 * known (OTHERS_MAX). Without the permission for it nothing is deleted until the next connection. */
#include "store/inside.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>

#define OLDS_MS	   5000
#define OLDS_LOOKS 3

void olds_init(struct store *store)
{
	library_name(store->library);
}

void olds_ready(struct store *store)
{
	store->olds_ms = clock_mono_ms() + OLDS_MS;
	store->is_olds_refused = false;
	for (size_t i = 0; i < store->olds_len; i++)
		store->olds[i].unused = 0;
}

/* Not while they are being asked: one that has just come may be among them. */
static bool are_writers_known(const struct store *store)
{
	return store->has_lives && store->lives_out == 0 && !store->are_too_many;
}

static bool is_family(const char *name)
{
	size_t family = strlen(LIBRARY_FAMILY);

	if (strncmp(name, LIBRARY_FAMILY, family) != 0)
		return false;
	return name[family] == '\0' || (name[family] == '_' && strlen(name) == LIBRARY_NAME_LEN &&
					strspn(name + family + 1, "0123456789abcdef") == LIBRARY_VERSION_LEN);
}

static struct old_library *find_or_add(struct store *store, const char *name)
{
	struct old_library *old = store->olds;

	while (old < store->olds + store->olds_len && strcmp(old->name, name) != 0)
		old++;
	if (old < store->olds + store->olds_len)
		return old;
	if (store->olds_len == OLDS_MAX)
		return NULL;
	store->olds_len++;
	*old = (struct old_library){ .is_there = false };
	snprintf(old->name, sizeof(old->name), "%s", name);
	return old;
}

static void see(struct store *store, const char *name)
{
	struct old_library *old;

	if (!is_family(name) || strcmp(name, store->library) == 0)
		return;
	old = find_or_add(store, name);
	if (old != NULL)
		old->is_there = !old->is_deleted;
}

static bool is_refused(struct store *store, const struct redisReply *reply)
{
	store->is_olds_refused |= reply->type == REDIS_REPLY_ERROR && strncmp(reply->str, "NOPERM", 6) == 0;
	return reply->type == REDIS_REPLY_ERROR;
}

/* --- deleting --- */

static void on_deleted(void *ctx, uint64_t i, const struct redisReply *reply)
{
	struct store *store = ctx;

	if (reply == NULL || is_refused(store, reply))
		return;
	store->olds[i].is_deleted = true;
	LOG(LOG_INFO, "store", "redis functions that nobody calls any more were deleted",
	    F_STR("library", store->olds[i].name));
}

static void delete_unused(struct store *store)
{
	for (size_t i = 0; i < store->olds_len; i++) {
		struct old_library *old = &store->olds[i];

		old->unused = old->is_there && !old->is_used ? old->unused + 1 : 0;
		if (old->unused < OLDS_LOOKS)
			continue;
		command_clear(&store->command);
		command_puts(&store->command, "FUNCTION");
		command_puts(&store->command, "DELETE");
		command_puts(&store->command, old->name);
		if (session_send(store, on_deleted, i) < 0)
			return;
	}
}

/* --- who calls which --- */

static void on_user(void *ctx, uint64_t is_last, const struct redisReply *reply)
{
	struct store *store = ctx;
	const char *name = LIBRARY_FAMILY;

	if (reply == NULL || store->state != STATE_READY)
		return;
	if (reply->type == REDIS_REPLY_STRING)
		name = reply->str;
	else if (reply->type != REDIS_REPLY_NIL)
		store->are_olds_unclear = true;
	for (size_t i = 0; i < store->olds_len; i++)
		store->olds[i].is_used |= strcmp(store->olds[i].name, name) == 0;
	if (is_last && !store->are_olds_unclear)
		delete_unused(store);
}

/* living: as writers_living() tells them, "_w:<id>,_w:<id>". */
static void ask_users(struct store *store, const char *living)
{
	for (const char *at = living; *at != '\0';) {
		size_t len = strcspn(at, ",");
		bool is_last = at[len] == '\0';

		command_clear(&store->command);
		command_puts(&store->command, "HGET");
		command_printf(&store->command, "%swriter:%.*s", store->prefix, (int)len - 3, at + 3);
		command_puts(&store->command, "_functions");
		if (session_send(store, on_user, is_last) < 0)
			return;
		at += len + !is_last;
	}
}

/* { "library_name", name, ... } of each. */
static void see_all(struct store *store, const struct redisReply *reply)
{
	for (size_t i = 0; i < reply->elements; i++) {
		const struct redisReply *library = reply->element[i];

		for (size_t k = 0; library->type == REDIS_REPLY_ARRAY && k + 1 < library->elements; k += 2)
			if (library->element[k]->type == REDIS_REPLY_STRING &&
			    library->element[k + 1]->type == REDIS_REPLY_STRING &&
			    strcmp(library->element[k]->str, "library_name") == 0)
				see(store, library->element[k + 1]->str);
	}
}

static void on_list(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct store *store = ctx;
	char living[OTHERS_TEXT];
	bool is_any = false;

	(void)arg;
	if (reply == NULL || store->state != STATE_READY || is_refused(store, reply) || reply->type != REDIS_REPLY_ARRAY)
		return;
	for (size_t i = 0; i < store->olds_len; i++)
		store->olds[i].is_there = store->olds[i].is_used = false;
	store->are_olds_unclear = false;
	see_all(store, reply);
	for (size_t i = 0; i < store->olds_len; i++) {
		is_any |= store->olds[i].is_there;
		if (!store->olds[i].is_there)
			store->olds[i].unused = 0;
	}
	if (!is_any)
		return;
	if (!are_writers_known(store)) {
		store->olds_ms = clock_mono_ms(); /* at once again */
		return;
	}
	writers_living(store, living);
	if (living[0] != '\0')
		ask_users(store, living);
	else
		delete_unused(store);
}

void olds_look(struct store *store)
{
	if (!are_writers_known(store) || store->is_olds_refused || clock_mono_ms() < store->olds_ms)
		return;
	store->olds_ms = clock_mono_ms() + OLDS_MS;
	command_clear(&store->command);
	command_puts(&store->command, "FUNCTION");
	command_puts(&store->command, "LIST");
	command_puts(&store->command, "LIBRARYNAME");
	command_puts(&store->command, LIBRARY_FAMILY "*");
	session_send(store, on_list, 0);
}
