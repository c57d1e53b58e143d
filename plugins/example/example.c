/* SPDX-License-Identifier: MPL-2.0 */
/* The plugin to copy. An imaginary area, the municipal library, shows everything a plugin can do: it has an
 * option, declares a class and a reason beyond the tasks of its area file, decides something, and carries
 * samples that effortd runs at every start. What it knows:
 *   - contacts the lists name count under their task;
 *   - contacts of the configured children's desk count under a class of their own;
 *   - automatic renewals by a system are no contacts and are rejected;
 *   - what the library merely passed on to another unit belongs to the next area that claims it. */
#include <effort/plugin.h>

#include <stdlib.h>
#include <string.h>

#define UNIT_MAX 64 /* what a unit can be long, by the contract */

/* One configured library. Built by open(), constant afterwards: classify() may run in several threads at
 * once. */
struct library {
	uint32_t children;  /* class of the children's desk */
	uint16_t automatic; /* reason for rejecting what no person asked for */
	size_t unit_len;
	char unit[UNIT_MAX]; /* the desk's unit, not NUL-terminated; copied, as text is the host's */
};

static const struct effort_option options[] = {
	{ .name = "children_unit",
	  .type = EFFORT_STRING,
	  .default_value = "library/children",
	  .min = 1,
	  .max = UNIT_MAX,
	  .help = "the `unit` that events of the children's desk carry" },
	{ .type = EFFORT_OPTION_END },
};

static int declare(const struct effort_host *host, struct effort_setup *setup, struct library *lib)
{
	const struct effort_class children = {
		.struct_size = sizeof(children),
		.label = "children",
		.name_da = "Børnebiblioteket",
		.name_en = "Children's library",
	};

	if (host->declare_class(setup, &children, &lib->children) < 0)
		return host->fail(setup,
				  "cannot declare the class children; is it a task of the area file too?");
	if (host->declare_reason(setup, "automatic-renewal", &lib->automatic) < 0)
		return host->fail(setup, "cannot declare the reason automatic-renewal");
	return 0;
}

/* Whatever open() has built must be gone again when it fails: effortd calls close() only after a success. */
static int open_library(const struct effort_host *host, struct effort_setup *setup, void **ret_instance)
{
	struct library *lib = calloc(1, sizeof(*lib));
	struct effort_str unit;
	int result;

	if (lib == NULL)
		return host->fail(setup, "no memory");
	result = declare(host, setup, lib);
	if (result == 0)
		result = host->get_string(setup, "children_unit", &unit);
	if (result < 0) {
		free(lib);
		return result;
	}
	lib->unit_len = unit.len; /* within UNIT_MAX: the host has checked the option's length */
	memcpy(lib->unit, unit.ptr, unit.len);
	*ret_instance = lib;
	return 0;
}

static bool is_childrens_desk(const struct library *lib, const struct effort_event *ev)
{
	return ev->unit.len == lib->unit_len && memcmp(ev->unit.ptr, lib->unit, lib->unit_len) == 0;
}

/* The knowledge. Pure: nothing but the instance and the event, so the same event always gets the same
 * verdict. */
static struct effort_verdict decide(const struct library *lib, const struct effort_event *ev)
{
	if (ev->channel == EFFORT_SYSTEM && effort_starts(ev->service, "renewal"))
		return effort_reject(lib->automatic);
	if (ev->outcome == EFFORT_FORWARDED)
		return effort_not_mine();
	if (is_childrens_desk(lib, ev))
		return effort_count(lib->children);
	return effort_count(ev->listed);
}

EFFORT_DEFINE_BATCH(classify, struct library, decide)

static void close_library(void *instance)
{
	free(instance);
}

/* These hold under every configuration, so they name no task of the area file and no option's value. */
static const struct effort_sample samples[] = {
	{ "\"service\":\"renewal/nightly\",\"channel\":\"system\"", EFFORT_REJECT, 0, "automatic-renewal" },
	{ "\"service\":\"renewal/nightly\",\"channel\":\"selfservice\"", EFFORT_COUNT, 0, NULL },
	{ "\"service\":\"desk\",\"outcome\":\"forwarded\"", EFFORT_NOT_MINE, 0, NULL },
	{ NULL, 0, 0, NULL },
};

const struct effort_plugin effort_plugin = {
	EFFORT_PLUGIN_HEADER, .name = "example",
	.version = "1.0",     .summary = "an imaginary library: the plugin to copy",
	.options = options,   .open = open_library,
	.classify = classify, .close = close_library,
	.samples = samples,
};
