/* SPDX-License-Identifier: MPL-2.0 */
/* The plugin of the frozen header runs under today's host, also when the event struct has grown since. */
#include "trial.h"

/* Events of a later minor version: longer, with the same beginning. */
struct grown_event {
	struct effort_event event;
	uint64_t later[8];
};

static struct outcome ask(struct areas *as, struct effort_event ev)
{
	struct grown_event grown = { ev, { 1, 2, 3, 4, 5, 6, 7, 8 } };
	struct effort_event *events[1] = { &grown.event };
	struct outcome out;

	grown.event.struct_size = sizeof(grown);
	areas_classify(as, events, 1, &out, trial_now_us);
	return out;
}

static void counts(struct areas *as, struct effort_event ev, const char *label)
{
	struct outcome out = ask(as, ev);

	ck_assert_int_eq(out.answer, EFFORT_COUNT);
	ck_assert_str_eq(areas_class(as, out.class)->label, label);
}

START_TEST(runs)
{
	static const char *const list[] = { "u1", "u2" };
	struct area_option units = { .name = "units", .type = AREA_VALUE_LIST, .list = list, .list_len = 2 };
	struct area_def def = trial_def("plugin_1_0");
	struct effort_event ev = trial_event("20.01.10", EFFORT_PHONE);
	const struct class_info *info;
	struct area_status status;
	struct outcome out;
	struct areas *as;

	def.options = &units;
	def.options_len = 1;
	as = trial_new(&def, 1);
	ck_assert_msg(as != NULL, "%s", trial_faults.n > 0 ? trial_faults.list[0].text : "?");
	counts(as, ev, "first");
	ev.kle = trial_str("20.02.10");
	counts(as, ev, "-");
	ev.unit = trial_str("u2");
	counts(as, ev, "declared");
	ev.population = EFFORT_INTERNAL;
	out = ask(as, ev);
	ck_assert_int_eq(out.answer, EFFORT_IGNORE);
	ev.portal = trial_str("elsewhere");
	out = ask(as, ev);
	ck_assert_uint_eq(out.class, 0);
	ev.count = 1001;
	out = ask(as, ev);
	ck_assert_int_eq(out.answer, EFFORT_REJECT);
	ck_assert_str_eq(out.reason, "too-many");
	/* unclassified, the area's "-", its task, the declared class */
	ck_assert_uint_eq(areas_classes(as), 4);
	info = areas_class(as, 3);
	ck_assert_str_eq(info->name_en, "Declared");
	ck_assert(info->is_target && !info->is_attendance);
	ck_assert_int_eq(info->wave, 1);
	ck_assert_int_eq(info->in_force, 15675);
	ck_assert_uint_eq(info->authorities_len, 2);
	ck_assert(info->authorities[0].from == INT32_MIN && info->authorities[0].is_municipal);
	ck_assert(info->authorities[1].from == 15614 && !info->authorities[1].is_municipal);
	ck_assert_str_eq(info->authorities[1].who, "udk");
	areas_status(as, 0, &status);
	ck_assert_uint_eq(status.faults, 0);
	areas_free(as);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("frozen");
	TCase *tc = tcase_create("frozen");

	tcase_add_checked_fixture(tc, trial_start, trial_end);
	tcase_add_test(tc, runs);
	suite_add_tcase(suite, tc);
	return trial_run(suite);
}
