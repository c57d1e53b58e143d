/* SPDX-License-Identifier: MPL-2.0 */
/* The area that decides nothing: every event counts as what the lists of its area file say. For areas whose
 * knowledge is all in the file. One option: what becomes of events whose task the lists do not name. Keeps
 * one immutable byte per area; knows no class of its own. */
#include <effort/plugin.h>

#include <stdlib.h>

struct table {
	bool is_picky; /* what is not listed is not ours */
};

static const struct effort_option options[] = {
	{ .name = "unlisted",
	  .type = EFFORT_STRING,
	  .default_value = "count",
	  .help = "events whose task is not listed: \"count\" them under the area, or \"not_mine\" to offer "
		  "them to the "
		  "next area" },
	{ .type = EFFORT_OPTION_END },
};

static int open_table(const struct effort_host *host, struct effort_setup *setup, void **ret_instance)
{
	struct effort_str unlisted;
	struct table *table;

	if (host->get_string(setup, "unlisted", &unlisted) < 0)
		return host->fail(setup, "this effortd does not hand over the option unlisted");
	if (!effort_equals(unlisted, "count") && !effort_equals(unlisted, "not_mine"))
		return host->fail(setup, "unlisted is \"%.*s\"; it can be \"count\" or \"not_mine\"",
				  (int)unlisted.len, unlisted.ptr);
	table = malloc(sizeof(*table));
	if (table == NULL)
		return host->fail(setup, "no memory");
	table->is_picky = effort_equals(unlisted, "not_mine");
	*ret_instance = table;
	return 0;
}

static inline struct effort_verdict decide(const struct table *table, const struct effort_event *ev)
{
	if (ev->listed == EFFORT_NO_TASK && table->is_picky)
		return effort_not_mine();
	return effort_count(ev->listed);
}

EFFORT_DEFINE_BATCH(classify, struct table, decide)

static void close_table(void *instance)
{
	free(instance);
}

const struct effort_plugin effort_plugin = {
	EFFORT_PLUGIN_HEADER, .name = "table",
	.version = "1.0",     .summary = "counts events as the area file lists them",
	.options = options,   .open = open_table,
	.classify = classify, .close = close_table,
};
