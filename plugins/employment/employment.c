/* SPDX-License-Identifier: MPL-2.0 */
/* Beskæftigelse. Decides three things: a meeting in person with the jobcentre counts as such and stands under
 * no target, while booking it does not; an employer's claim for sick pay is not the citizen's application;
 * and which of the disputed cash benefits (32), youth guidance (17.27) and adult courses (54) the jobcentre
 * handled. README.md has the reasons; words and task dates are in employment.conf. */
#include "../common/decide.h"

static const struct rule rules[] = {
	{ "17.27", true }, /* municipal youth effort: at the schools or in the jobcentre */
	{ "32", true },    /* cash benefits */
	{ "32.24", false }, { "32.27", false },
	{ "32.30", false }, { "54", true }, /* Danish courses, basic education */
	{ NULL, false },
};

/* Subjects where turning up means the conversation the law asks for. */
static const char *const meeting_subjects[] = { "15.17", "15.20.01", "15.20.20" };

struct employment {
	struct evidence evidence;
	struct words employer_portals;
	uint32_t meeting, sick_pay_employer;
};

static bool is_meeting(const struct effort_event *ev)
{
	if (ev->channel != EFFORT_COUNTER && ev->channel != EFFORT_VIDEO)
		return false;
	if (ev->kind != EFFORT_TRANSACTION || ev->direction != EFFORT_IN)
		return false;
	for (size_t i = 0; i < sizeof(meeting_subjects) / sizeof(meeting_subjects[0]); i++)
		if (effort_starts(ev->kle, meeting_subjects[i]))
			return true;
	return false;
}

static bool is_employers_sick_pay(const struct employment *employment, const struct effort_event *ev)
{
	return effort_equals(ev->kle, "32.30.04") &&
	       (ev->population == EFFORT_BUSINESS || words_begin(&employment->employer_portals, ev->portal));
}

static struct effort_verdict decide(const struct employment *employment, const struct effort_event *ev)
{
	if (decide_leaves(rules, &employment->evidence, ev))
		return effort_not_mine();
	/* A sender that names the task knows better than its KLE number. */
	if (ev->task.len == 0 && is_employers_sick_pay(employment, ev))
		return effort_count(employment->sick_pay_employer);
	if (ev->task.len == 0 && is_meeting(ev))
		return effort_count(employment->meeting);
	return effort_count(ev->listed);
}

EFFORT_DEFINE_BATCH(classify, struct employment, decide)

static void close_employment(void *instance)
{
	struct employment *employment = instance;

	if (employment != NULL) {
		evidence_done(&employment->evidence);
		words_done(&employment->employer_portals);
	}
	free(employment);
}

static int find_classes(const struct effort_host *host, struct effort_setup *setup,
			struct employment *employment)
{
	static const struct effort_class meeting = {
		.struct_size = sizeof(meeting),
		.flags = EFFORT_CLASS_ATTENDANCE,
		.label = "jobcentre-meeting",
		.name_da = "Samtale i jobcentret",
		.name_en = "Meeting in the jobcentre",
	};
	static const struct effort_class employer = {
		.struct_size = sizeof(employer),
		.label = "sick-pay-employer",
		.name_da = "Sygedagpenge: arbejdsgivers anmeldelse og refusion",
		.name_en = "Sick pay: report and claim of an employer",
	};
	int r = decide_class(host, setup, &meeting, &employment->meeting);

	return r == 0 ? decide_class(host, setup, &employer, &employment->sick_pay_employer) : r;
}

static int open_employment(const struct effort_host *host, struct effort_setup *setup, void **ret_instance)
{
	struct employment *employment = calloc(1, sizeof(*employment));
	int r = employment == NULL ? -ENOMEM : evidence_load(host, setup, &employment->evidence);

	if (r == 0)
		r = words_load(host, setup, "employer_portals", &employment->employer_portals);
	if (r == 0)
		r = find_classes(host, setup, employment);
	if (r != 0) {
		close_employment(employment);
		return r;
	}
	*ret_instance = employment;
	return 0;
}

static const struct effort_option options[] = {
	EVIDENCE_OPTIONS,
	{ .name = "employer_portals",
	  .type = EFFORT_LIST,
	  .help = "What the portals begin with through which only employers report sick pay" },
	{ .type = EFFORT_OPTION_END },
};

static const struct effort_sample samples[] = {
	{ .event = "\"kle\":\"15.20.20\",\"channel\":\"counter\"",
	  .answer = EFFORT_COUNT,
	  .expect = "jobcentre-meeting" },
	{ .event = "\"kle\":\"32.30.04\",\"channel\":\"selfservice\",\"population\":\"business\"",
	  .answer = EFFORT_COUNT,
	  .expect = "sick-pay-employer" },
	{ .event = NULL },
};

EFFORT_EXPORT const struct effort_plugin effort_plugin = {
	EFFORT_PLUGIN_HEADER,
	.name = "employment",
	.version = "1.0",
	.summary = "Employment: meetings in person, employers' sick pay, disputed benefits",
	.options = options,
	.open = open_employment,
	.classify = classify,
	.close = close_employment,
	.samples = samples,
};
