/* SPDX-License-Identifier: MPL-2.0 */
/* Socialområdet. Decides where home help, housing and aids belong to the social area and not to eldercare:
 * only with evidence (unit, service or portal of the area), because most of them are asked for by the
 * elderly. What it does not take there, eldercare takes. Aids it takes count as its own task of the second
 * wave. README.md has the reasons; words and task dates are in social.conf. */
#include "../common/decide.h"

/* Asked before eldercare at the disputed ones. */
static const struct rule rules[] = {
	{ "27.36", true },     /* personal and practical help */
	{ "27.36.12", false }, /* social-pedagogical support */
	{ "27.36.14", false }, /* support in one's own home */
	{ "27.45", true },     /* housing for the elderly and for people with a handicap */
	{ "27.60", true },     /* aids, consumer goods, changes to the home */
	{ "27.60.20", false }, /* a car as an aid */
	{ NULL, false },
};

/* The aids for which self-service is obligatory since 1 December 2013. */
static const char *const wave_aids[] = { "27.60.04", "27.60.08", "27.60.16" };

struct social {
	struct evidence evidence;
	uint32_t aids;
};

static bool is_wave_aid(struct effort_str kle)
{
	for (size_t i = 0; i < sizeof(wave_aids) / sizeof(wave_aids[0]); i++)
		if (effort_equals(kle, wave_aids[i]))
			return true;
	return false;
}

static struct effort_verdict decide(const struct social *social, const struct effort_event *ev)
{
	if (decide_leaves(rules, &social->evidence, ev))
		return effort_not_mine();
	if (ev->listed == EFFORT_NO_TASK && is_wave_aid(ev->kle))
		return effort_count(social->aids);
	return effort_count(ev->listed);
}

EFFORT_DEFINE_BATCH(classify, struct social, decide)

static void close_social(void *instance)
{
	struct social *social = instance;

	if (social != NULL)
		evidence_done(&social->evidence);
	free(social);
}

static int open_social(const struct effort_host *host, struct effort_setup *setup, void **ret_instance)
{
	static const struct effort_class aids = {
		.struct_size = sizeof(aids),
		.flags = EFFORT_CLASS_TARGET,
		.label = "assistive-aids-disability",
		.name_da = "Hjælpemidler (handicap)",
		.name_en = "Assistive aids (disability)",
		.in_force = "2013-12-01",
		.wave = 2,
	};
	struct social *social = calloc(1, sizeof(*social));
	int r = social == NULL ? -ENOMEM : evidence_load(host, setup, &social->evidence);

	if (r == 0)
		r = decide_class(host, setup, &aids, &social->aids);
	if (r != 0) {
		close_social(social);
		return r;
	}
	*ret_instance = social;
	return 0;
}

static const struct effort_option options[] = {
	EVIDENCE_OPTIONS,
	{ .type = EFFORT_OPTION_END },
};

/* No samples here: what is evidence depends on the area file, so they stand there. */
EFFORT_EXPORT const struct effort_plugin effort_plugin = {
	EFFORT_PLUGIN_HEADER, .name = "social",
	.version = "1.0",     .summary = "Social area: takes disputed help, housing and aids with evidence",
	.options = options,   .open = open_social,
	.classify = classify, .close = close_social,
};
