/* SPDX-License-Identifier: MPL-2.0 */
/* The library area: what it knows that its lists cannot say. (Say it here; begin with what is ambiguous.) */
#include <effort/plugin.h>

#include <stdlib.h>

/* Built by open(), constant afterwards. */
struct library {
	uint32_t card; /* a task of the area file */
};

static int open_library(const struct effort_host *host, struct effort_setup *setup, void **ret_instance)
{
	struct library *lib = calloc(1, sizeof(*lib));

	if (lib == NULL)
		return host->fail(setup, "no memory");
	if (host->find_class(setup, "library-card", &lib->card) < 0) {
		free(lib);
		return host->fail(setup, "the area file has no task library-card");
	}
	*ret_instance = lib;
	return 0;
}

/* Pure: the same event always gets the same verdict. */
static struct effort_verdict decide(const struct library *lib, const struct effort_event *ev)
{
	if (effort_starts(ev->unit, "library/cards"))
		return effort_count(lib->card);
	return effort_count(ev->listed);
}

EFFORT_DEFINE_BATCH(classify, struct library, decide)

static void close_library(void *instance)
{
	free(instance);
}

const struct effort_plugin effort_plugin = {
	EFFORT_PLUGIN_HEADER,   .name = "library",
	.version = "0.1",       .summary = "the municipal library",
	.open = open_library,   .classify = classify,
	.close = close_library,
};
