/* SPDX-License-Identifier: MPL-2.0 */
/* Øvrige: culture, leisure, business and what health is left. A real area with its own main groups, not the
 * drawer for what is unknown: that stays unclassified. Decides that library loans are no applications (there
 * are tens of millions, and they would hide every other share of the area), and takes nursing and
 * rehabilitation from eldercare where a health centre handled them. README.md has the reasons; words and task
 * dates are in other.conf. */
#include "../common/decide.h"

static const struct rule rules[] = {
	{ "29.18", true }, /* nursing clinics of a health centre */
	{ "29.21", true }, /* rehabilitation in a health centre */
	{ NULL, false },
};

struct other {
	struct evidence evidence;
	bool counts_loans;
	uint32_t loan, clinic, training;
};

static bool is_loan(const struct other *other, const struct effort_event *ev)
{
	/* A sender that names the task knows better than its KLE number. */
	return ev->listed == other->loan || (ev->task.len == 0 && effort_starts(ev->kle, "21.01"));
}

/* The disputed numbers carry no task in the area file: with one, they would not be disputed. */
static uint32_t task_of(const struct other *other, const struct effort_event *ev)
{
	if (ev->listed != EFFORT_NO_TASK)
		return ev->listed;
	if (effort_starts(ev->kle, "29.18"))
		return other->clinic;
	return effort_starts(ev->kle, "29.21") ? other->training : EFFORT_NO_TASK;
}

static struct effort_verdict decide(const struct other *other, const struct effort_event *ev)
{
	if (decide_leaves(rules, &other->evidence, ev))
		return effort_not_mine();
	if (!is_loan(other, ev))
		return effort_count(task_of(other, ev));
	/* By every channel alike: to leave out the machines only would turn the share against self-service.
	 */
	if (ev->kind == EFFORT_TRANSACTION && !other->counts_loans)
		return effort_ignore(other->loan);
	return effort_count(other->loan);
}

EFFORT_DEFINE_BATCH(classify, struct other, decide)

static void close_other(void *instance)
{
	struct other *other = instance;

	if (other != NULL)
		evidence_done(&other->evidence);
	free(other);
}

static int find_class(const struct effort_host *host, struct effort_setup *setup, const char *label,
		      const char *name_da, const char *name_en, uint32_t *ret_id)
{
	struct effort_class class = {
		.struct_size = sizeof(class), .label = label, .name_da = name_da, .name_en = name_en
	};

	return decide_class(host, setup, &class, ret_id);
}

static int find_classes(const struct effort_host *host, struct effort_setup *setup, struct other *other)
{
	int r = find_class(host, setup, "library-loan", "Lån på biblioteket", "Library loan", &other->loan);

	if (r == 0)
		r = find_class(host, setup, "nursing-clinic", "Sygeplejeklinik", "Nursing clinic",
			       &other->clinic);
	if (r == 0)
		r = find_class(host, setup, "health-centre-training", "Genoptræning i sundhedscenter",
			       "Rehabilitation in a health centre", &other->training);
	return r;
}

static int open_other(const struct effort_host *host, struct effort_setup *setup, void **ret_instance)
{
	struct other *other = calloc(1, sizeof(*other));
	int r = other == NULL ? -ENOMEM : evidence_load(host, setup, &other->evidence);

	if (r == 0)
		r = host->get_bool(setup, "count_loans", &other->counts_loans);
	if (r == 0)
		r = find_classes(host, setup, other);
	if (r != 0) {
		close_other(other);
		return r;
	}
	*ret_instance = other;
	return 0;
}

static const struct effort_option options[] = {
	EVIDENCE_OPTIONS,
	{ .name = "count_loans",
	  .type = EFFORT_BOOL,
	  .default_value = "false",
	  .help = "Whether library loans, renewals and reservations count as transactions" },
	{ .type = EFFORT_OPTION_END },
};

static const struct effort_sample samples[] = {
	{ .event = "\"kle\":\"21.01.16\",\"kind\":\"information\"",
	  .answer = EFFORT_COUNT,
	  .expect = "library-loan" },
	{ .event = NULL },
};

EFFORT_EXPORT const struct effort_plugin effort_plugin = {
	EFFORT_PLUGIN_HEADER,
	.name = "other",
	.version = "1.0",
	.summary = "Other: culture, leisure, business and health; library loans are no applications",
	.options = options,
	.open = open_other,
	.classify = classify,
	.close = close_other,
	.samples = samples,
};
