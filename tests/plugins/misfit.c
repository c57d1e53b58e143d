/* SPDX-License-Identifier: MPL-2.0 */
/* The plugin that gets everything wrong, one thing at a time: CMakeLists.txt builds it once for each way, by
 * defining one of the macros below. Without any it is a plugin without fault, which the tests check too. */
#include <effort/plugin.h>

#include <signal.h>

#include <stdlib.h>
#include <unistd.h>

#ifndef MAGIC
#define MAGIC EFFORT_PLUGIN_MAGIC
#endif
#ifndef MAJOR
#define MAJOR EFFORT_ABI_MAJOR
#endif
#ifndef MINOR
#define MINOR 0
#endif
#ifndef SIZE
#define SIZE sizeof(struct effort_plugin)
#endif
#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef NAME
#define NAME "misfit"
#endif
#ifndef VERSION
#define VERSION "1.0"
#endif
#ifndef OPEN
#define OPEN open_fine
#endif
#ifndef CLASSIFY
#define CLASSIFY classify_fine
#endif
#ifndef CLOSE
#define CLOSE close_fine
#endif
#ifndef OPTIONS
#define OPTIONS options_fine
#endif
#ifndef SAMPLES
#define SAMPLES NULL
#endif
#ifndef SYMBOL
#define SYMBOL effort_plugin
#endif

#define MAYBE __attribute__((unused))

/* ---- open ---- */

MAYBE static int open_fine(const struct effort_host *host, struct effort_setup *setup, void **ret_instance)
{
	uint16_t reason;

	*ret_instance = NULL;
	return host->declare_reason(setup, "not-today", &reason);
}

MAYBE static int open_fails(const struct effort_host *host, struct effort_setup *setup, void **ret_instance)
{
	(void)ret_instance;
	return host->fail(setup, "the list of %s is not there", "libraries");
}

MAYBE static int open_fails_mute(const struct effort_host *host, struct effort_setup *setup,
				 void **ret_instance)
{
	(void)host;
	(void)setup;
	(void)ret_instance;
	return -13;
}

MAYBE static int declare(const struct effort_host *host, struct effort_setup *setup, const char *label,
			 const char *date)
{
	const struct effort_authority authority = { "2012-12-01", "ministry" };
	const struct effort_class class = { .struct_size = sizeof(class),
					    .label = label,
					    .in_force = date,
					    .authorities = &authority,
					    .authorities_len = date != NULL };
	uint32_t id;

	return host->declare_class(setup, &class, &id);
}

MAYBE static int open_bad_class(const struct effort_host *host, struct effort_setup *setup,
				void **ret_instance)
{
	(void)ret_instance;
	return declare(host, setup, "Not A Label", NULL);
}

MAYBE static int open_bad_dates(const struct effort_host *host, struct effort_setup *setup,
				void **ret_instance)
{
	(void)ret_instance;
	return declare(host, setup, "dated", "2012-13-01");
}

MAYBE static int open_taken_class(const struct effort_host *host, struct effort_setup *setup,
				  void **ret_instance)
{
	(void)ret_instance;
	return declare(host, setup, "first", NULL);
}

/* Declares until the host has had enough; then all is well, as a bounded host must say so and go on. */
MAYBE static int open_greedy(const struct effort_host *host, struct effort_setup *setup, void **ret_instance)
{
	char label[] = "class-0000";
	int result = 0, n = 0;

	(void)ret_instance;
	for (; result == 0 && n < 10000; n++) {
		label[6] = (char)('0' + n / 1000);
		label[7] = (char)('0' + n / 100 % 10);
		label[8] = (char)('0' + n / 10 % 10);
		label[9] = (char)('0' + n % 10);
		result = declare(host, setup, label, NULL);
	}
	return result;
}

/* ---- classify: _wrong ones treat events of channel phone wrongly, so that one batch shows both ---- */

MAYBE static void classify_fine(const void *instance, const struct effort_event *const *events, size_t n,
				struct effort_verdict *verdicts)
{
	(void)instance;
	for (size_t i = 0; i < n; i++)
		verdicts[i] = effort_count(events[i]->listed);
}

#define DEFINE_WRONG(name, wrong)                                                                            \
	MAYBE static void name(const void *instance, const struct effort_event *const *events, size_t n,     \
			       struct effort_verdict *verdicts)                                              \
	{                                                                                                    \
		classify_fine(instance, events, n, verdicts);                                                \
		for (size_t i = 0; i < n; i++) {                                                             \
			if (events[i]->channel == EFFORT_PHONE) {                                            \
				wrong;                                                                       \
			}                                                                                    \
		}                                                                                            \
	}

DEFINE_WRONG(classify_unknown_class, verdicts[i].class_id = 4711)
DEFINE_WRONG(classify_unknown_answer, verdicts[i].answer = 77)
DEFINE_WRONG(classify_unknown_reason, verdicts[i] = effort_reject(2))
DEFINE_WRONG(classify_reserved, verdicts[i].reserved[1] = 1)
DEFINE_WRONG(classify_rejects, verdicts[i] = effort_reject(1))
DEFINE_WRONG(classify_ignores, verdicts[i] = effort_ignore(events[i]->listed))
DEFINE_WRONG(classify_not_mine, verdicts[i] = effort_not_mine())
/* Uses up the stack: eight megabytes last some two thousand calls. */
static int recurse(int depth)
{
	volatile char room[4096];

	room[0] = (char)depth;
	return depth < 0 ? 0 : recurse(depth + 1) + room[0];
}

DEFINE_WRONG(classify_recurse, verdicts[i].class_id = (uint32_t)recurse(1))
DEFINE_WRONG(classify_crash, raise(SIGSEGV))
DEFINE_WRONG(classify_writes_event, ((struct effort_event *)(uintptr_t)events[i])->listed = 0)
DEFINE_WRONG(classify_position, verdicts[i].class_id = i % 2 == 0 ? events[i]->listed : 0)
DEFINE_WRONG(classify_overreads,
	     verdicts[i].class_id = events[i]->unit.ptr[events[i]->unit.len] == 'x' ? 0 : events[i]->listed)

static unsigned calls;
DEFINE_WRONG(classify_impure, verdicts[i].class_id = calls++ % 2 == 0 ? events[i]->listed : 0)

/* Never changes an answer: only the look at static data can find it. */
static unsigned long counted;
DEFINE_WRONG(classify_counts, counted++)

/* Writes nothing for those by phone. */
MAYBE static void classify_too_few(const void *instance, const struct effort_event *const *events, size_t n,
				   struct effort_verdict *verdicts)
{
	(void)instance;
	for (size_t i = 0; i < n; i++) {
		if (events[i]->channel != EFFORT_PHONE)
			verdicts[i] = effort_count(events[i]->listed);
	}
}

/* One verdict more than asked for. */
MAYBE static void classify_too_many(const void *instance, const struct effort_event *const *events, size_t n,
				    struct effort_verdict *verdicts)
{
	classify_fine(instance, events, n, verdicts);
	verdicts[n] = effort_count(0);
}

MAYBE static void classify_slow(const void *instance, const struct effort_event *const *events, size_t n,
				struct effort_verdict *verdicts)
{
	classify_fine(instance, events, n, verdicts);
	usleep(20000);
}

MAYBE static void classify_hang(const void *instance, const struct effort_event *const *events, size_t n,
				struct effort_verdict *verdicts)
{
	classify_fine(instance, events, n, verdicts);
	for (;;)
		pause();
}

/* ---- the rest ---- */

MAYBE static void close_fine(void *instance)
{
	(void)instance;
}

MAYBE static const struct effort_option options_fine[] = {
	{ .name = "strict", .type = EFFORT_BOOL, .default_value = "false" },
	{ .name = "threshold",
	  .type = EFFORT_INT,
	  .default_value = "80",
	  .min = 1,
	  .max = 100,
	  .help = "in percent" },
	{ .type = EFFORT_OPTION_END },
};

MAYBE static const struct effort_option options_bad_type[] = {
	{ .name = "strict", .type = 99 },
	{ .type = EFFORT_OPTION_END },
};

MAYBE static const struct effort_option options_bad_default[] = {
	{ .name = "threshold", .type = EFFORT_INT, .default_value = "800", .min = 1, .max = 100 },
	{ .type = EFFORT_OPTION_END },
};

MAYBE static const struct effort_option options_required[] = {
	{ .name = "unit",
	  .type = EFFORT_STRING,
	  .flags = EFFORT_OPTION_REQUIRED,
	  .help = "the unit that answers" },
	{ .type = EFFORT_OPTION_END },
};

MAYBE static const struct effort_sample samples_wrong[] = {
	{ "\"task\":\"nobody-has-it\"", EFFORT_COUNT, 0, NULL },
	{ "\"task\":\"nobody-has-it\"", EFFORT_REJECT, 0, "not-today" },
	{ NULL, 0, 0, NULL },
};

MAYBE static const struct effort_sample samples_no_event[] = {
	{ "\"task\":\"nobody-has-it\",\"channel\":\"pigeon\"", EFFORT_COUNT, 0, NULL },
	{ NULL, 0, 0, NULL },
};

extern EFFORT_EXPORT const struct effort_plugin SYMBOL;
const struct effort_plugin SYMBOL = {
	.magic = MAGIC,
	.abi_major = MAJOR,
	.abi_minor = MINOR,
	.struct_size = SIZE,
	.flags = FLAGS,
	.name = NAME,
	.version = VERSION,
	.summary = "a fixture of the tests",
	.options = OPTIONS,
	.open = OPEN,
	.classify = CLASSIFY,
	.close = CLOSE,
	.samples = SAMPLES,
};
