/* SPDX-License-Identifier: MPL-2.0 */
/* Administration og Borgerservice. Decides what is no citizen's contact at all and is therefore kept out of
 * every share (IGNORE, shown under ignored:): the municipality's own staff in internal self-service whose
 * system does not say `population: internal`, probes and mass mailings fed in by mistake, and calls a
 * switchboard only passed on. Also which of the disputed cash benefits (32) and health subjects (29) the
 * citizen service handled. Outgoing and internal traffic that says so is counted: the daemon keeps it apart
 * from the citizens' share. README.md has the reasons; words and task dates are in administration.conf. */
#include "../common/decide.h"

static const struct rule rules[] = {
	{ "29", true },        { "29.03", false }, { "32", true },        { "32.03", false },
	{ "32.06", false },    { "32.64", false }, { "32.21.28", false }, { "32.30.08", false },
	{ "32.42.08", false }, { NULL, false },
};

/* The municipality as an employer and its systems: true where the user can only be staff. */
static const struct rule staff_subjects[] = {
	{ "81", true },     { "81.02", false }, /* recruitment: applicants are citizens */
	{ "81.03", false }, { "81.22", false }, /* pensioned staff are citizens */
	{ "85", true },     { "85.10", false }, /* data protection: anyone may ask */
	{ "87", true },     { NULL, false },
};

struct administration {
	struct evidence evidence;
	struct words internal_portals, not_contacts, switchboards;
	uint32_t internal_work, not_contact, switchboard;
};

static bool is_internal_work(const struct administration *administration, const struct effort_event *ev)
{
	if (ev->population != EFFORT_CITIZEN || ev->direction != EFFORT_IN)
		return false;
	if (words_begin(&administration->internal_portals, ev->portal))
		return true;
	return (ev->channel == EFFORT_SELFSERVICE || ev->channel == EFFORT_SYSTEM) &&
	       rules_dispute(staff_subjects, ev->kle);
}

static bool is_passed_on(const struct administration *administration, const struct effort_event *ev)
{
	return ev->channel == EFFORT_PHONE && ev->outcome == EFFORT_FORWARDED &&
	       (words_begin(&administration->switchboards, ev->service) ||
		words_begin(&administration->switchboards, ev->unit));
}

static struct effort_verdict decide(const struct administration *administration,
				    const struct effort_event *ev)
{
	if (words_begin(&administration->not_contacts, ev->service))
		return effort_ignore(administration->not_contact);
	if (is_passed_on(administration, ev))
		return effort_ignore(administration->switchboard);
	if (is_internal_work(administration, ev))
		return effort_ignore(administration->internal_work);
	if (decide_leaves(rules, &administration->evidence, ev))
		return effort_not_mine();
	return effort_count(ev->listed);
}

EFFORT_DEFINE_BATCH(classify, struct administration, decide)

static void close_administration(void *instance)
{
	struct administration *administration = instance;

	if (administration != NULL) {
		evidence_done(&administration->evidence);
		words_done(&administration->internal_portals);
		words_done(&administration->not_contacts);
		words_done(&administration->switchboards);
	}
	free(administration);
}

static int load_words(const struct effort_host *host, struct effort_setup *setup,
		      struct administration *administration)
{
	int r = evidence_load(host, setup, &administration->evidence);

	if (r == 0)
		r = words_load(host, setup, "internal_portals", &administration->internal_portals);
	if (r == 0)
		r = words_load(host, setup, "not_contacts", &administration->not_contacts);
	if (r == 0)
		r = words_load(host, setup, "switchboards", &administration->switchboards);
	return r;
}

static int find_class(const struct effort_host *host, struct effort_setup *setup, const char *label,
		      const char *name_da, const char *name_en, uint32_t *ret_id)
{
	struct effort_class class = {
		.struct_size = sizeof(class), .label = label, .name_da = name_da, .name_en = name_en
	};

	return decide_class(host, setup, &class, ret_id);
}

static int find_classes(const struct effort_host *host, struct effort_setup *setup,
			struct administration *administration)
{
	int r = find_class(host, setup, "internal-work", "Medarbejderes egne sager",
			   "Staff in internal self-service", &administration->internal_work);

	if (r == 0)
		r = find_class(host, setup, "not-a-contact", "Ikke en henvendelse", "Not a contact",
			       &administration->not_contact);
	if (r == 0)
		r = find_class(host, setup, "switchboard", "Omstilling", "Switchboard",
			       &administration->switchboard);
	return r;
}

static int open_administration(const struct effort_host *host, struct effort_setup *setup,
			       void **ret_instance)
{
	struct administration *administration = calloc(1, sizeof(*administration));
	int r = administration == NULL ? -ENOMEM : load_words(host, setup, administration);

	if (r == 0)
		r = find_classes(host, setup, administration);
	if (r != 0) {
		close_administration(administration);
		return r;
	}
	*ret_instance = administration;
	return 0;
}

static const struct effort_option options[] = {
	EVIDENCE_OPTIONS,
	{ .name = "internal_portals",
	  .type = EFFORT_LIST,
	  .help = "What the portals begin with that only staff can enter" },
	{ .name = "not_contacts",
	  .type = EFFORT_LIST,
	  .help = "What the services begin with that are no contacts: probes, mass mailings" },
	{ .name = "switchboards",
	  .type = EFFORT_LIST,
	  .help = "What switchboards (service or unit) begin with whose forwarded calls another system "
		  "counts" },
	{ .type = EFFORT_OPTION_END },
};

static const struct effort_sample samples[] = {
	{ .event = "\"kle\":\"81.27.01\",\"channel\":\"selfservice\"",
	  .answer = EFFORT_IGNORE,
	  .expect = "internal-work" },
	{ .event = NULL },
};

EFFORT_EXPORT const struct effort_plugin effort_plugin = {
	EFFORT_PLUGIN_HEADER,
	.name = "administration",
	.version = "1.0",
	.summary = "Administration and citizen service: what is no citizen's contact, disputed benefits",
	.options = options,
	.open = open_administration,
	.classify = classify,
	.close = close_administration,
	.samples = samples,
};
