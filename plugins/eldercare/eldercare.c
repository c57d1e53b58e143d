/* SPDX-License-Identifier: MPL-2.0 */
/* Ældreområdet. Home help, care homes, housing, aids, nursing and rehabilitation are the area's own by
 * number. In the rest of the social main groups (27, 34) and of health (29) it takes only what its own units,
 * services or portals handled: a relief stay for a child given by the home care, prevention among the
 * elderly. README.md has the reasons; words and task dates are in eldercare.conf. */
#include "../common/decide.h"

static const struct rule rules[] = {
	{ "27", true },
	{ "27.35.04", false }, /* preventive home visits are for citizens of 75 and more */
	{ "27.36", false },    /* what social has left: home help */
	{ "27.39.04", false }, /* free choice of who gives home help */
	{ "27.39.12", false }, /* exchange of granted home help */
	{ "27.42", false },    /* care homes */
	{ "27.45", false },    /* what social has left: housing for the elderly */
	{ "27.60", false },    /* what social has left: aids */
	{ "29", true },
	{ "29.18", false }, /* what the health centre has left: home nursing */
	{ "29.21", false }, /* what the health centre has left: rehabilitation */
	{ "34", true },     /* the home care also helps families with a child with a handicap */
	{ NULL, false },
};

static struct effort_verdict decide(const struct evidence *evidence, const struct effort_event *ev)
{
	return decide_leaves(rules, evidence, ev) ? effort_not_mine() : effort_count(ev->listed);
}

EFFORT_DEFINE_BATCH(classify, struct evidence, decide)

static void close_eldercare(void *instance)
{
	if (instance != NULL)
		evidence_done(instance);
	free(instance);
}

static int open_eldercare(const struct effort_host *host, struct effort_setup *setup, void **ret_instance)
{
	struct evidence *evidence = calloc(1, sizeof(*evidence));
	int r = evidence == NULL ? -ENOMEM : evidence_load(host, setup, evidence);

	if (r != 0) {
		free(evidence);
		return r;
	}
	*ret_instance = evidence;
	return 0;
}

static const struct effort_option options[] = {
	EVIDENCE_OPTIONS,
	{ .type = EFFORT_OPTION_END },
};

/* No samples here: what is evidence depends on the area file, so they stand there. */
EFFORT_EXPORT const struct effort_plugin effort_plugin = {
	EFFORT_PLUGIN_HEADER, .name = "eldercare",
	.version = "1.0",     .summary = "Eldercare: own by number, elsewhere in 27, 29 and 34 with evidence",
	.options = options,   .open = open_eldercare,
	.classify = classify, .close = close_eldercare,
};
