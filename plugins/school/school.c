/* SPDX-License-Identifier: MPL-2.0 */
/* Skole. Decides the border towards daycare and the social area: the school's own leisure scheme (SFO) is
 * school by number; the after-school centre (fritidshjem) and the club stand in daycare's law and are school
 * only where a school or its leisure scheme handled them; the special youth education (STU) likewise towards
 * social. README.md has the reasons; words and task dates are in school.conf. */
#include "../common/decide.h"

static const struct rule rules[] = {
	{ "28.12", true }, /* after-school centres */
	{ "28.15", true }, /* clubs */
	{ "54.18", true }, /* special youth education */
	{ NULL, false },
};

struct school {
	struct evidence evidence;
	uint32_t after_school;
};

static struct effort_verdict decide(const struct school *school, const struct effort_event *ev)
{
	if (decide_leaves(rules, &school->evidence, ev))
		return effort_not_mine();
	if (ev->listed == EFFORT_NO_TASK && effort_equals(ev->kle, "28.12.28"))
		return effort_count(school->after_school);
	return effort_count(ev->listed);
}

EFFORT_DEFINE_BATCH(classify, struct school, decide)

static void close_school(void *instance)
{
	struct school *school = instance;

	if (school != NULL)
		evidence_done(&school->evidence);
	free(school);
}

static int open_school(const struct effort_host *host, struct effort_setup *setup, void **ret_instance)
{
	static const struct effort_class after_school = {
		.struct_size = sizeof(after_school),
		.flags = EFFORT_CLASS_TARGET,
		.label = "after-school-centre-at-school",
		.name_da = "Optagelse i fritidshjem ved skolen",
		.name_en = "Admission to an after-school centre run by a school",
		.in_force = "2013-12-01",
		.wave = 2,
	};
	struct school *school = calloc(1, sizeof(*school));
	int r = school == NULL ? -ENOMEM : evidence_load(host, setup, &school->evidence);

	if (r == 0)
		r = decide_class(host, setup, &after_school, &school->after_school);
	if (r != 0) {
		close_school(school);
		return r;
	}
	*ret_instance = school;
	return 0;
}

static const struct effort_option options[] = {
	EVIDENCE_OPTIONS,
	{ .type = EFFORT_OPTION_END },
};

/* No samples here: what is evidence depends on the area file, so they stand there. */
EFFORT_EXPORT const struct effort_plugin effort_plugin = {
	EFFORT_PLUGIN_HEADER,
	.name = "school",
	.version = "1.0",
	.summary = "School: leisure schemes and youth education at the border to daycare and social",
	.options = options,
	.open = open_school,
	.classify = classify,
	.close = close_school,
};
