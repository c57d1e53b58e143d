/* SPDX-License-Identifier: MPL-2.0 */
/* A plugin that uses all of plugin ABI 1.0: every host function, every answer, every field of an event. Built
 * against the frozen header, so that whatever happens to the present one, what authors built with 1.0 keeps
 * running. */
#include "plugin-1.0.h"

#include <stdlib.h>
#include <string.h>

struct frozen {
	uint32_t declared, first;
	uint16_t reason;
	bool ignores_internal;
	int64_t most;
	struct effort_str units[4];
	size_t units_len;
	char text[256], portal[64];
	size_t portal_len;
};

static const struct effort_option options[] = {
	{ "ignores_internal", EFFORT_BOOL, 0, "true", 0, 0, "whether internal contacts are ignored" },
	{ "most", EFFORT_INT, 0, "1000", 1, 1000000, "counts above are rejected" },
	{ "portal", EFFORT_STRING, 0, "elsewhere", 0, 64, "contacts of this portal are not ours" },
	{ "units", EFFORT_LIST, 0, "u1", 0, 4, "units of the declared class" },
	{ NULL, EFFORT_OPTION_END, 0, NULL, 0, 0, NULL },
};

static int read_options(const struct effort_host *host, struct effort_setup *setup, struct frozen *f)
{
	struct effort_str text;
	char *to = f->text;

	if (host->get_bool(setup, "ignores_internal", &f->ignores_internal) < 0 ||
	    host->get_int(setup, "most", &f->most) < 0 || host->get_string(setup, "portal", &text) < 0)
		return host->fail(setup, "an option is missing");
	memcpy(f->portal, text.ptr, text.len);
	f->portal_len = text.len;
	while (f->units_len < 4 && host->get_item(setup, "units", f->units_len, &text) == 0 &&
	       text.len < 64) {
		memcpy(to, text.ptr, text.len);
		f->units[f->units_len++] = (struct effort_str){ to, text.len };
		to += text.len;
	}
	if (host->get_int(setup, "no-such-option", &f->most) == 0)
		return host->fail(setup, "got an option that does not exist");
	return 0;
}

static int declare(const struct effort_host *host, struct effort_setup *setup, struct frozen *f)
{
	static const struct effort_authority authorities[] = { { NULL, "municipal" },
							       { "2012-10-01", "udk" } };
	static const struct effort_class class = { .struct_size = sizeof(class),
						   .flags = EFFORT_CLASS_TARGET,
						   .label = "declared",
						   .name_da = "Erklæret",
						   .name_en = "Declared",
						   .in_force = "2012-12-01",
						   .wave = 1,
						   .authorities_len = 2,
						   .authorities = authorities };

	if (host->declare_class(setup, &class, &f->declared) < 0 ||
	    host->declare_reason(setup, "too-many", &f->reason) < 0)
		return host->fail(setup, "cannot declare");
	if (host->find_class(setup, "first", &f->first) < 0)
		f->first = EFFORT_NO_TASK;
	return 0;
}

static int open_frozen(const struct effort_host *host, struct effort_setup *setup, void **ret_instance)
{
	struct frozen *f = calloc(1, sizeof(*f));
	int result;

	if (f == NULL)
		return -1;
	if (!EFFORT_HAS(host, get_item) || host->abi_major != 1) {
		free(f);
		return host->fail(setup, "the host is no effortd of ABI 1");
	}
	result = declare(host, setup, f);
	if (result == 0)
		result = read_options(host, setup, f);
	if (result < 0) {
		free(f);
		return result;
	}
	host->log(setup, EFFORT_LOG_INFO, "opened for %.*s", (int)host->area(setup).len,
		  host->area(setup).ptr);
	*ret_instance = f;
	return 0;
}

static bool same(struct effort_str a, struct effort_str b)
{
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* Touches every text, so that one at a wrong place would be noticed. */
static size_t letters(const struct effort_event *ev)
{
	return ev->id.len + ev->source.len + ev->municipality.len + ev->kle.len + ev->facet.len +
	       ev->task.len + ev->service.len + ev->reason.len + ev->unit.len + ev->handled_by.len +
	       ev->portal.len + ev->corrects.len + ev->errand.len;
}

static struct effort_verdict decide(const struct frozen *f, const struct effort_event *ev)
{
	if (!EFFORT_HAS(ev, errand) || letters(ev) > 13 * 128)
		return effort_reject(f->reason);
	if (ev->count > f->most)
		return effort_reject(f->reason);
	if (f->portal_len > 0 && same(ev->portal, (struct effort_str){ f->portal, f->portal_len }))
		return effort_not_mine();
	if (ev->population == EFFORT_INTERNAL && f->ignores_internal)
		return effort_ignore(ev->listed);
	for (size_t i = 0; i < f->units_len; i++) {
		if (same(ev->unit, f->units[i]))
			return effort_count(f->declared);
	}
	return effort_count(effort_equals(ev->kle, "20.01.10") ? f->first : ev->listed);
}

EFFORT_DEFINE_BATCH(classify, struct frozen, decide)

static void close_frozen(void *instance)
{
	free(instance);
}

static const struct effort_sample samples[] = {
	{ "\"kle\":\"98.98.98\",\"count\":1000000", EFFORT_REJECT, 0, "too-many" },
	{ NULL, 0, 0, NULL },
};

const struct effort_plugin effort_plugin = {
	EFFORT_PLUGIN_HEADER, .name = "plugin_1_0", .version = "1.0",     .summary = "all of plugin ABI 1.0",
	.options = options,   .open = open_frozen,  .classify = classify, .close = close_frozen,
	.samples = samples,
};
