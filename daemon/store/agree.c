/* SPDX-License-Identifier: MPL-2.0 */
/* Whether all writers of this Redis count by the same definitions of the share: each says in effort:definitions, with
 * its signs of life, the day and what it counts by, and looks what the others say. One that is gone is held to what it
 * said up to its last day: what it counted is still there. Whoever finds another says so (on_disagreement) until it is
 * over; nothing is refused, for what is counted is counted. */
#include "store/inside.h"

#include <stdio.h>
#include <string.h>

/* The day, and all definitions of our configuration. */
static void say(const struct store *store, char ret[DEFINITION_LINE + 16])
{
	const struct store_view *view = store->scene.view;
	int n = snprintf(ret, 16, "%.*s ", DAY_LEN, DAY_STR(store->scene.running[WINDOW_DAY].first));

	if (view->definitions_len > 0)
		definition_line(view->definitions, view->definitions_len, ret + n);
	else
		snprintf(ret + n, DEFINITION_LINE, "%.*s", DEFINITION_ID_MAX,
			 view->definition == NULL ? "" : view->definition);
}

static bool agrees(const char *ours, const char *theirs)
{
	char until[DAY_LEN + 1] = "9999-12-31";

	if (strlen(theirs) <= DAY_LEN)
		return true;
	if (strncmp(theirs, ours, DAY_LEN) < 0)
		snprintf(until, sizeof(until), "%.*s", DAY_LEN, theirs);
	return definition_line_agrees(ours + DAY_LEN + 1, theirs + DAY_LEN + 1, until);
}

static void tell(struct store *store, const struct store_disagreement *found)
{
	struct store_disagreement *told = &store->disagreement;
	bool is_same = strcmp(told->writer, found->writer) == 0 && strcmp(told->theirs, found->theirs) == 0 &&
		       strcmp(told->ours, found->ours) == 0;

	*told = *found;
	if (!is_same && store->owner.on_disagreement != NULL)
		store->owner.on_disagreement(store->owner.ctx, told);
}

/* By their names; those of the same names that say otherwise, by all they say. */
static void name(struct store_disagreement *found, const char *ours, const char *theirs)
{
	definition_line_names(theirs, found->theirs, sizeof(found->theirs));
	definition_line_names(ours, found->ours, sizeof(found->ours));
	if (strcmp(found->ours, found->theirs) != 0)
		return;
	snprintf(found->theirs, sizeof(found->theirs), "%.*s", DEFINITION_LINE - 1, theirs);
	snprintf(found->ours, sizeof(found->ours), "%.*s", DEFINITION_LINE - 1, ours);
}

static void on_agree(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct store_disagreement found = { .writer = "" };
	char ours[DEFINITION_LINE + 16];
	struct store *store = ctx;

	(void)arg;
	if (reply == NULL || store->state != STATE_READY)
		return;
	if (reply->type != REDIS_REPLY_ARRAY) {
		session_refused(store, reply);
		return;
	}
	say(store, ours);
	for (size_t i = 0; i + 1 < reply->elements && found.writer[0] == '\0'; i += 2) {
		const struct redisReply *writer = reply->element[i], *theirs = reply->element[i + 1];

		if (writer->type != REDIS_REPLY_STRING || theirs->type != REDIS_REPLY_STRING ||
		    strcmp(writer->str, store->writer) == 0 || agrees(ours, theirs->str))
			continue;
		snprintf(found.writer, sizeof(found.writer), "%s", writer->str);
		name(&found, ours + DAY_LEN + 1, theirs->str + DAY_LEN + 1);
	}
	tell(store, &found);
}

void agree_send(struct store *store)
{
	char ours[DEFINITION_LINE + 16];

	say(store, ours);
	command_clear(&store->command);
	command_puts(&store->command, "FCALL");
	command_puts(&store->command, "effort_agree");
	command_puts(&store->command, "1");
	command_printf(&store->command, "%sdefinitions", store->prefix);
	command_puts(&store->command, store->writer);
	command_puts(&store->command, ours);
	session_send(store, on_agree, 0);
}

const struct store_disagreement *store_disagreement(const struct store *store)
{
	return &store->disagreement;
}
