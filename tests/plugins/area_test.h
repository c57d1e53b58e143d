/* SPDX-License-Identifier: MPL-2.0 */
/* A small stand-in for the plugin host, so that an area can be tested alone: the test includes the plugin's
 * .c, this header reads the area file with libconfig, gives the plugin its tasks and options, says what the
 * area's own lists name an event, and compares verdicts. It knows one area: which of several areas is asked
 * first is the real host's work and tested there (test_areas.c). Include it after the plugin's .c. Every
 * failure ends the test. */
#ifndef AREA_TEST_H
#define AREA_TEST_H

#include <effort/plugin.h>

#include <check.h>
#include <ctype.h>
#include <errno.h>
#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AREA_CLASSES_MAX 200

/* The host's side of one open(). */
struct effort_setup {
	config_t conf;
	const char *labels[AREA_CLASSES_MAX]; /* by class id; 0 is "-" */
	uint32_t flags[AREA_CLASSES_MAX];
	char *declared[AREA_CLASSES_MAX]; /* what the plugin declared, to be freed */
	uint32_t classes;
	char failure[512];
	void *instance;
};

#define STR(text) ((struct effort_str){ (text), sizeof(text) - 1 })
#define EVENT(...)                                                                                           \
	((struct effort_event){ .struct_size = sizeof(struct effort_event), .count = 1, __VA_ARGS__ })

static inline struct effort_str area_str(const char *text)
{
	return (struct effort_str){ text != NULL ? text : "", text != NULL ? strlen(text) : 0 };
}

/* ---- the host functions ---- */

static inline void host_log(struct effort_setup *, enum effort_level, const char *fmt, ...) EFFORT_PRINTF(3, 4);
static inline int host_fail(struct effort_setup *, const char *fmt, ...) EFFORT_PRINTF(2, 3);

static inline void host_log(struct effort_setup *setup, enum effort_level level, const char *fmt, ...)
{
	(void)setup;
	(void)level;
	(void)fmt;
}

static inline int host_fail(struct effort_setup *setup, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(setup->failure, sizeof(setup->failure), fmt, args);
	va_end(args);
	return -EINVAL;
}

static inline struct effort_str host_area(struct effort_setup *setup)
{
	const char *area = "";

	config_lookup_string(&setup->conf, "area", &area);
	return area_str(area);
}

static inline int host_find_class(struct effort_setup *setup, const char *label, uint32_t *ret_id)
{
	for (uint32_t i = 1; i < setup->classes; i++) {
		if (strcmp(setup->labels[i], label) == 0) {
			*ret_id = i;
			return 0;
		}
	}
	return -ENOENT;
}

static inline int host_declare_class(struct effort_setup *setup, const struct effort_class *class,
				     uint32_t *ret_id)
{
	uint32_t taken;

	ck_assert_uint_eq(class->struct_size, sizeof(*class));
	ck_assert_ptr_nonnull(class->name_da);
	ck_assert_ptr_nonnull(class->name_en);
	if (host_find_class(setup, class->label, &taken) == 0)
		return -EEXIST;
	ck_assert_uint_lt(setup->classes, AREA_CLASSES_MAX);
	setup->declared[setup->classes] = strdup(class->label);
	setup->labels[setup->classes] = setup->declared[setup->classes];
	setup->flags[setup->classes] = class->flags;
	*ret_id = setup->classes++;
	return 0;
}

static inline int host_declare_reason(struct effort_setup *setup, const char *label, uint16_t *ret_id)
{
	(void)setup;
	(void)label;
	*ret_id = 1;
	return 0;
}

static inline bool host_has_option(const char *option)
{
	for (const struct effort_option *o = effort_plugin.options; o != NULL && o->type != EFFORT_OPTION_END;
	     o++) {
		if (strcmp(o->name, option) == 0)
			return true;
	}
	return false;
}

static inline config_setting_t *host_option(struct effort_setup *setup, const char *option)
{
	config_setting_t *group = config_lookup(&setup->conf, "options");

	return group != NULL ? config_setting_get_member(group, option) : NULL;
}

static inline int host_get_bool(struct effort_setup *setup, const char *option, bool *ret)
{
	config_setting_t *value = host_option(setup, option);

	if (!host_has_option(option))
		return -ENOENT;
	*ret = value != NULL && config_setting_get_bool(value);
	return 0;
}

static inline int host_get_int(struct effort_setup *setup, const char *option, int64_t *ret)
{
	config_setting_t *value = host_option(setup, option);

	if (!host_has_option(option))
		return -ENOENT;
	*ret = value != NULL ? config_setting_get_int64(value) : 0;
	return 0;
}

static inline int host_get_string(struct effort_setup *setup, const char *option, struct effort_str *ret)
{
	config_setting_t *value = host_option(setup, option);

	for (const struct effort_option *o = effort_plugin.options; o != NULL && o->type != EFFORT_OPTION_END;
	     o++) {
		if (strcmp(o->name, option) == 0) {
			*ret = area_str(value != NULL ? config_setting_get_string(value) : o->default_value);
			return 0;
		}
	}
	return -ENOENT;
}

static inline int host_get_item(struct effort_setup *setup, const char *option, size_t i,
				struct effort_str *ret)
{
	config_setting_t *value = host_option(setup, option);

	if (!host_has_option(option))
		return -ENOENT;
	if (value == NULL || i >= (size_t)config_setting_length(value))
		return -ERANGE;
	*ret = area_str(config_setting_get_string_elem(value, (int)i));
	return 0;
}

static const struct effort_host area_host = {
	.struct_size = sizeof(area_host),
	.abi_major = EFFORT_ABI_MAJOR,
	.abi_minor = EFFORT_ABI_MINOR,
	.log = host_log,
	.fail = host_fail,
	.area = host_area,
	.declare_class = host_declare_class,
	.find_class = host_find_class,
	.declare_reason = host_declare_reason,
	.get_bool = host_get_bool,
	.get_int = host_get_int,
	.get_string = host_get_string,
	.get_item = host_get_item,
};

/* ---- one area ---- */

/* Reads plugins/<area>/<area>.conf and declares its tasks; the plugin is not opened yet. */
static inline struct effort_setup *area_read(const char *area)
{
	struct effort_setup *setup = calloc(1, sizeof(*setup));
	config_setting_t *tasks;
	char path[512];

	snprintf(path, sizeof(path), "%.*s../../plugins/%s/%s.conf",
		 (int)(strrchr(__FILE__, '/') - __FILE__ + 1), __FILE__, area, area);
	config_init(&setup->conf);
	if (config_read_file(&setup->conf, path) != CONFIG_TRUE)
		ck_abort_msg("%s:%d: %s", path, config_error_line(&setup->conf),
			     config_error_text(&setup->conf));
	setup->labels[0] = "-";
	setup->classes = 1;
	tasks = config_lookup(&setup->conf, "tasks");
	for (int i = 0; tasks != NULL && i < config_setting_length(tasks); i++) {
		ck_assert_uint_lt(setup->classes, AREA_CLASSES_MAX);
		config_setting_lookup_string(config_setting_get_elem(tasks, (unsigned)i), "id",
					     &setup->labels[setup->classes++]);
	}
	return setup;
}

/* Replaces a list option before area_start(); the words end with NULL. */
static inline void area_set_list(struct effort_setup *setup, const char *option, const char *const *words)
{
	config_setting_t *group = config_lookup(&setup->conf, "options"), *list;

	ck_assert(host_has_option(option));
	config_setting_remove(group, option);
	list = config_setting_add(group, option, CONFIG_TYPE_ARRAY);
	for (; *words != NULL; words++)
		config_setting_set_string_elem(list, -1, *words);
}

static inline void area_set_bool(struct effort_setup *setup, const char *option, bool value)
{
	ck_assert(host_has_option(option));
	config_setting_set_bool(host_option(setup, option), value);
}

static inline int area_start(struct effort_setup *setup)
{
	return effort_plugin.open(&area_host, setup, &setup->instance);
}

static inline struct effort_setup *area_open(const char *area)
{
	struct effort_setup *setup = area_read(area);
	int r = area_start(setup);

	if (r != 0)
		ck_abort_msg("open: %d %s", r, setup->failure);
	return setup;
}

static inline void area_close(struct effort_setup *setup)
{
	effort_plugin.close(setup->instance);
	for (size_t i = 0; i < AREA_CLASSES_MAX; i++)
		free(setup->declared[i]);
	config_destroy(&setup->conf);
	free(setup);
}

/* ---- what the area's own lists say ---- */

static inline uint32_t area_listed_kle(struct effort_setup *setup, struct effort_str kle)
{
	config_setting_t *tasks = config_lookup(&setup->conf, "tasks");
	size_t best = 0;
	uint32_t listed = EFFORT_NO_TASK;

	for (int i = 0; tasks != NULL && i < config_setting_length(tasks); i++) {
		config_setting_t *numbers =
			config_setting_get_member(config_setting_get_elem(tasks, (unsigned)i), "kle");
		for (int k = 0; numbers != NULL && k < config_setting_length(numbers); k++) {
			const char *number = config_setting_get_string_elem(numbers, k);
			if (strlen(number) > best && effort_starts(kle, number)) {
				best = strlen(number);
				listed = (uint32_t)i + 1;
			}
		}
	}
	return listed;
}

static inline uint32_t area_listed(struct effort_setup *setup, const struct effort_event *ev)
{
	config_setting_t *services = config_lookup(&setup->conf, "services");
	uint32_t listed;

	for (uint32_t i = 1; i < setup->classes; i++) {
		if (ev->task.len > 0 && effort_equals(ev->task, setup->labels[i]))
			return i;
	}
	for (int i = 0; services != NULL && i < config_setting_length(services); i++) {
		const char *service = "", *task = "";
		config_setting_t *row = config_setting_get_elem(services, (unsigned)i);
		config_setting_lookup_string(row, "service", &service);
		config_setting_lookup_string(row, "task", &task);
		if (ev->service.len > 0 && effort_equals(ev->service, service) &&
		    host_find_class(setup, task, &listed) == 0)
			return listed;
	}
	return area_listed_kle(setup, ev->kle);
}

/* ---- verdicts ---- */

static inline struct effort_verdict area_ask(struct effort_setup *setup, struct effort_event ev)
{
	const struct effort_event *events[1] = { &ev };
	struct effort_verdict verdict = { 0 };

	ev.listed = area_listed(setup, &ev);
	effort_plugin.classify(setup->instance, events, 1, &verdict);
	ck_assert_uint_eq(verdict.reserved[0], 0);
	ck_assert_uint_lt(verdict.class_id, setup->classes);
	return verdict;
}

/* label: of COUNT and IGNORE; NULL where it does not matter. */
static inline void area_expect(struct effort_setup *setup, struct effort_event ev, enum effort_answer answer,
			       const char *label)
{
	struct effort_verdict verdict = area_ask(setup, ev);

	ck_assert_msg(verdict.answer == answer, "kle %.*s service %.*s: answer %u, expected %d",
		      (int)ev.kle.len, ev.kle.len > 0 ? ev.kle.ptr : "", (int)ev.service.len,
		      ev.service.len > 0 ? ev.service.ptr : "", verdict.answer, (int)answer);
	if (label != NULL)
		ck_assert_str_eq(setup->labels[verdict.class_id], label);
}

/* ---- samples ---- */

static inline int area_word(const char *const *list, const char *word)
{
	for (int i = 0; list[i] != NULL; i++) {
		if (strcmp(list[i], word) == 0)
			return i;
	}
	ck_abort_msg("unknown word: %s", word);
	return -1;
}

static inline bool area_set_text(struct effort_event *ev, const char *key, const char *value)
{
	struct {
		const char *key;
		struct effort_str *field;
	} texts[] = {
		{ "facet", &ev->facet },           { "task", &ev->task },
		{ "service", &ev->service },       { "unit", &ev->unit },
		{ "handled_by", &ev->handled_by }, { "portal", &ev->portal },
		{ "source", &ev->source },         { "reason", &ev->reason },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(texts[i].key, key) == 0) {
			*texts[i].field = area_str(value);
			return true;
		}
	}
	return false;
}

static inline void area_set_member(struct effort_event *ev, const char *key, const char *value)
{
	static const char *const channels[] = { "selfservice", "digitalpost", "email", "letter", "phone",
						"counter",     "video",       "sms",   "chat",   "social",
						"web",         "system",      "other", NULL };
	static const char *const kinds[] = { "transaction", "information", "case", "unknown", NULL };
	static const char *const populations[] = { "citizen", "business", "authority", "internal", NULL };
	static const char *const outcomes[] = { "completed", "forwarded", "misdirected", "abandoned",
						"rejected",  "no_show",   NULL };
	static const char *const directions[] = { "in", "out", NULL };
	static const char *const forms[] = { "none", "digital", "remoteprint", "physical", NULL };

	if (strcmp(key, "kle") == 0)
		ev->kle = (struct effort_str){ value, strcspn(value, " ") };
	else if (strcmp(key, "channel") == 0)
		ev->channel = (uint8_t)area_word(channels, value);
	else if (strcmp(key, "kind") == 0)
		ev->kind = (uint8_t)area_word(kinds, value);
	else if (strcmp(key, "population") == 0)
		ev->population = (uint8_t)area_word(populations, value);
	else if (strcmp(key, "outcome") == 0)
		ev->outcome = (uint8_t)area_word(outcomes, value);
	else if (strcmp(key, "direction") == 0)
		ev->direction = (uint8_t)area_word(directions, value);
	else if (strcmp(key, "form") == 0)
		ev->form = (uint8_t)area_word(forms, value);
	else if (!area_set_text(ev, key, value))
		ck_abort_msg("unknown member in a sample: %s", key);
}

static inline void area_check_file_sample(struct effort_setup *setup, config_setting_t *sample)
{
	static const char *const answers[] = { "unanswered", "count", "ignore", "reject", "not_mine", NULL };
	struct effort_event ev = EVENT(.channel = EFFORT_SELFSERVICE);
	const char *answer = NULL, *expect = NULL;

	for (int i = 0; i < config_setting_length(sample); i++) {
		config_setting_t *member = config_setting_get_elem(sample, (unsigned)i);
		const char *key = config_setting_name(member), *value = config_setting_get_string(member);
		if (strcmp(key, "answer") == 0)
			answer = value;
		else if (strcmp(key, "expect") == 0)
			expect = value;
		else
			area_set_member(&ev, key, value);
	}
	ck_assert_ptr_nonnull(answer);
	area_expect(setup, ev, (enum effort_answer)area_word(answers, answer), expect);
}

/* Cuts the text between the next two quotes out of *at; NULL: no more. */
static inline char *area_quoted(char **at)
{
	char *start = strchr(*at, '"'), *end = start != NULL ? strchr(start + 1, '"') : NULL;

	if (end == NULL)
		return NULL;
	*end = '\0';
	*at = end + 1;
	return start + 1;
}

/* The members of these areas' samples are all text without escapes. */
static inline void area_check_plugin_sample(struct effort_setup *setup, const struct effort_sample *sample)
{
	struct effort_event ev = EVENT(.channel = EFFORT_SELFSERVICE);
	char text[1024], *at = text, *key, *value;

	ck_assert_uint_lt(strlen(sample->event), sizeof(text));
	strcpy(text, sample->event);
	while ((key = area_quoted(&at)) != NULL) {
		value = area_quoted(&at);
		ck_assert_ptr_nonnull(value);
		area_set_member(&ev, key, value);
	}
	area_expect(setup, ev, (enum effort_answer)sample->answer, sample->expect);
}

/* Every sample of the area file and of the plugin. */
static inline void area_check_samples(struct effort_setup *setup)
{
	config_setting_t *list = config_lookup(&setup->conf, "samples");

	ck_assert_ptr_nonnull(list);
	ck_assert_int_gt(config_setting_length(list), 0);
	for (int i = 0; i < config_setting_length(list); i++)
		area_check_file_sample(setup, config_setting_get_elem(list, (unsigned)i));
	for (const struct effort_sample *s = effort_plugin.samples; s != NULL && s->event != NULL; s++)
		area_check_plugin_sample(setup, s);
}

/* ---- the tasks ---- */

static inline config_setting_t *area_task(struct effort_setup *setup, const char *id)
{
	uint32_t class;

	ck_assert_msg(host_find_class(setup, id, &class) == 0, "no task %s", id);
	return config_setting_get_elem(config_lookup(&setup->conf, "tasks"), class - 1);
}

static inline bool area_in_group(config_setting_t *task, const char *group)
{
	config_setting_t *groups = config_setting_get_member(task, "groups");

	for (int i = 0; groups != NULL && i < config_setting_length(groups); i++) {
		if (strcmp(config_setting_get_string_elem(groups, i), group) == 0)
			return true;
	}
	return false;
}

static inline void area_check_task(config_setting_t *task)
{
	static const char *const in_force_by_wave[] = { NULL, "2012-12-01", "2013-12-01", "2014-12-01",
							"2015-12-01" };
	const char *id = "", *da = "", *en = "", *in_force = NULL;
	int wave = 0, is_target = 0, is_attendance = 0;

	config_setting_lookup_string(task, "id", &id);
	config_setting_lookup_string(task, "da", &da);
	config_setting_lookup_string(task, "en", &en);
	config_setting_lookup_string(task, "in_force", &in_force);
	config_setting_lookup_int(task, "wave", &wave);
	config_setting_lookup_bool(task, "target", &is_target);
	config_setting_lookup_bool(task, "attendance", &is_attendance);
	ck_assert_msg(strlen(id) > 0 && strlen(id) <= 48, "id \"%s\"", id);
	for (const char *c = id; *c != '\0'; c++)
		ck_assert_msg(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-',
			      "id \"%s\"", id);
	ck_assert_msg(*da != '\0' && *en != '\0', "%s: no name", id);
	ck_assert_msg(wave >= 0 && wave <= 4, "%s: wave %d", id, wave);
	if (wave == 0)
		ck_assert_msg(in_force == NULL && !is_target,
			      "%s: in force or under the target without a wave", id);
	else
		ck_assert_msg(in_force != NULL && strcmp(in_force, in_force_by_wave[wave]) == 0,
			      "%s: date in force", id);
	ck_assert_msg(!area_in_group(task, "target") && !area_in_group(task, "waves") &&
			      !area_in_group(task, "udk"),
		      "%s: names a group that follows from its wave, target and authority", id);
	ck_assert_msg(!(is_attendance && is_target),
		      "%s: attendance is intended, so it stands under no target", id);
}

/* Everything that holds for every task of every area. */
static inline void area_check_tasks(struct effort_setup *setup)
{
	config_setting_t *tasks = config_lookup(&setup->conf, "tasks");
	uint32_t class;

	for (int i = 0; i < config_setting_length(tasks); i++) {
		area_check_task(config_setting_get_elem(tasks, (unsigned)i));
		ck_assert_int_eq(host_find_class(setup, setup->labels[i + 1], &class), 0);
		ck_assert_msg(class == (uint32_t)i + 1, "task %s stands twice", setup->labels[i + 1]);
	}
}

/* One task of the waves: KLE number (NULL: none), wave, whether it stands under the main target. */
static inline void area_expect_wave(struct effort_setup *setup, const char *id, const char *kle, int wave,
				    bool is_target)
{
	config_setting_t *task = area_task(setup, id);
	int found_wave = 0, found_target = 0;
	uint32_t class;

	config_setting_lookup_int(task, "wave", &found_wave);
	config_setting_lookup_bool(task, "target", &found_target);
	ck_assert_msg(found_wave == wave, "%s: wave %d, expected %d", id, found_wave, wave);
	ck_assert_msg((found_target != 0) == is_target, "%s: target %d", id, found_target);
	if (kle == NULL)
		return;
	ck_assert_int_eq(host_find_class(setup, id, &class), 0);
	ck_assert_msg(area_listed_kle(setup, area_str(kle)) == class, "%s: KLE %s means another task", id,
		      kle);
}

/* Who has the task from a day on; NULL, NULL: municipal always. */
static inline void area_expect_authority(struct effort_setup *setup, const char *id, const char *from,
					 const char *who)
{
	config_setting_t *authority = config_setting_get_member(area_task(setup, id), "authority"), *entry;
	const char *found_from = "", *found_who = "";

	if (from == NULL) {
		ck_assert_msg(authority == NULL, "%s: has an authority", id);
		return;
	}
	ck_assert_msg(authority != NULL, "%s: no authority", id);
	entry = config_setting_get_elem(authority, 0);
	config_setting_lookup_string(entry, "from", &found_from);
	config_setting_lookup_string(entry, "who", &found_who);
	ck_assert_str_eq(found_from, from);
	ck_assert_str_eq(found_who, who);
}

/* ---- running ---- */

/* Ends main(): runs the tests, in one process so that sanitizers see all. */
static inline int area_run(const char *area, const TTest *const *tests)
{
	Suite *suite = suite_create(area);
	TCase *tcase = tcase_create(area);
	SRunner *runner;
	int failed;

	for (; *tests != NULL; tests++)
		tcase_add_test(tcase, *tests);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
