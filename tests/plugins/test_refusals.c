/* SPDX-License-Identifier: MPL-2.0 */
/* Every reason to refuse a plugin at start has its own sentence, which names the file and what to do. */
#include "trial.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#define REFUSED(test, plugin, sentence)                                                                      \
	START_TEST(test)                                                                                     \
	{                                                                                                    \
		struct area_def def = trial_def(plugin);                                                     \
		trial_refused(&def, sentence);                                                               \
	}                                                                                                    \
	END_TEST

#define AT(plugin) "library.conf:1:1: area library: " FIXTURES "/" plugin ".so: "

REFUSED(wrong_magic, "wrong_magic",
	AT("wrong_magic") "wrong magic 0x12345678, expected 0x45464f50; write the header with "
			  "EFFORT_PLUGIN_HEADER")
REFUSED(wrong_major, "wrong_major",
	AT("wrong_major") "built for plugin ABI 2.0, this effortd speaks 1.1; rebuild it against "
			  "effort-plugin 1.x")
REFUSED(new_minor, "new_minor",
	AT("new_minor") "needs plugin ABI 1.9, this effortd speaks 1.1; use a newer effortd or let the "
			"plugin need less")
REFUSED(short_struct, "short_struct",
	AT("short_struct") "its descriptor is 48 bytes, plugin ABI 1.0 has 80; rebuild it")
/* clang's address sanitizer makes the object longer than it is. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DESCRIPTOR "128"
#endif
#endif
#ifndef DESCRIPTOR
#define DESCRIPTOR "80"
#endif
REFUSED(lying_size, "lying_size",
	AT("lying_size") "its descriptor says it is 4096 bytes and is " DESCRIPTOR
			 "; write the header with EFFORT_PLUGIN_HEADER")
REFUSED(unknown_flags, "unknown_flags",
	AT("unknown_flags") "sets flags 0x4, which this effortd does not know")
REFUSED(no_name, "no_name", AT("no_name") "has no name")
REFUSED(no_open, "no_open", AT("no_open") "has no function open; every plugin has open, classify and close")
REFUSED(no_classify, "no_classify",
	AT("no_classify") "has no function classify; every plugin has open, classify and close")
REFUSED(no_close, "no_close",
	AT("no_close") "has no function close; every plugin has open, classify and close")
REFUSED(no_symbol, "no_symbol", AT("no_symbol") "exports no symbol effort_plugin; is it a plugin of effortd?")
REFUSED(absent, "absent", AT("absent") "No such file or directory")
REFUSED(open_fails, "open_fails", AT("open_fails") "open failed: the list of libraries is not there")
REFUSED(open_fails_mute, "open_fails_mute", AT("open_fails_mute") "open failed: Permission denied")
REFUSED(bad_class, "bad_class", AT("bad_class") "class: \"Not A Label\" is not a class label")
REFUSED(taken_class, "taken_class", AT("taken_class") "open failed: declare_class(\"first\"): File exists")
REFUSED(greedy, "greedy", AT("greedy") "open failed: declare_class(\"class-1022\"): No space left on device")
REFUSED(bad_option_default, "bad_option_default",
	"library.conf:1:1: area library: " FIXTURES
	"/bad_option_default.so: the default \"800\" of its option \"threshold\" is not "
	"a whole number in range")
REFUSED(bad_option_type, "bad_option_type",
	"library.conf:1:1: area library: " FIXTURES
	"/bad_option_type.so: row 1 of its option table has no name, or a type or flag "
	"this effortd does not know")
REFUSED(required_option, "required_option",
	"library.conf:1:1: area library: plugin required_option needs the option \"unit\"")
REFUSED(sample_wrong, "sample_wrong",
	"library.conf:1:1: area library: sample 2 of " FIXTURES
	"/sample_wrong.so: expected reject not-today, got count -")
REFUSED(sample_no_event, "sample_no_event",
	"library.conf:1:1: area library: sample 1 of " FIXTURES
	"/sample_no_event.so is not an event: E_CHANNEL channel "
	"one of the words of this field")

START_TEST(bad_dates)
{
	struct area_def def = trial_def("bad_dates");

	ck_assert_ptr_null(trial_new(&def, 1));
	ck_assert_uint_eq(trial_faults.n, 2);
	ck_assert_str_eq(trial_faults.list[0].text,
			 AT("bad_dates") "class dated: in_force \"2012-13-01\" is not a date");
	ck_assert_str_eq(trial_faults.list[1].text,
			 AT("bad_dates") "class dated: unknown authority \"ministry\"");
}
END_TEST

/* ---- the file itself ---- */

static void copy(const char *from, const char *to, mode_t mode)
{
	char bytes[4096];
	size_t n;
	FILE *in = fopen(from, "re"), *out = fopen(to, "we");

	ck_assert(in != NULL && out != NULL);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		ck_assert_uint_eq(fwrite(bytes, 1, n, out), n);
	fclose(in);
	fclose(out);
	ck_assert_int_eq(chmod(to, mode), 0);
}

/* The fixture under another name in the trial's own folder, tried and removed. */
static void refused_in_trial(const char *name, mode_t file_mode, mode_t folder_mode, const char *why)
{
	struct area_def def = trial_def(name);
	char path[200], sentence[600];

	def.dir = trial_dir;
	snprintf(path, sizeof(path), "%s/%s.so", trial_dir, name);
	copy(FIXTURES "/fine.so", path, file_mode);
	chmod(trial_dir, folder_mode);
	snprintf(sentence, sizeof(sentence), "library.conf:1:1: area library: %s: %s", path, why);
	trial_refused(&def, sentence);
	chmod(trial_dir, 0700);
	unlink(path);
}

START_TEST(writable)
{
	refused_in_trial("loose", 0666, 0700, "the file is writable by others (mode 0666); chmod go-w it");
	refused_in_trial("loose", 0664, 0700, "the file is writable by others (mode 0664); chmod go-w it");
	refused_in_trial("loose", 0644, 0777, "its folder is writable by others (mode 0777); chmod go-w it");
}
END_TEST

START_TEST(sticky_folder)
{
	struct area_def def = trial_def("sticky");
	struct areas *as;
	char path[200];

	def.dir = trial_dir;
	snprintf(path, sizeof(path), "%s/sticky.so", trial_dir);
	copy(FIXTURES "/fine.so", path, 0644);
	chmod(trial_dir, 01777);
	as = trial_new(&def, 1);
	chmod(trial_dir, 0700);
	unlink(path);
	ck_assert_ptr_nonnull(as);
	areas_free(as);
}
END_TEST

START_TEST(foreign_owner)
{
	struct area_def def = trial_def("foreign");
	char path[200], sentence[600];

	if (geteuid() != 0)
		return; /* only root can give a file away */
	def.dir = trial_dir;
	snprintf(path, sizeof(path), "%s/foreign.so", trial_dir);
	copy(FIXTURES "/fine.so", path, 0644);
	ck_assert_int_eq(chown(path, 12345, 12345), 0);
	snprintf(sentence, sizeof(sentence),
		 "library.conf:1:1: area library: %s: the file belongs to user 12345, neither to root nor to "
		 "us; chown it",
		 path);
	trial_refused(&def, sentence);
	unlink(path);
}
END_TEST

START_TEST(not_a_file)
{
	struct area_def def = trial_def("thing");
	char path[200], sentence[600];

	def.dir = trial_dir;
	snprintf(path, sizeof(path), "%s/thing.so", trial_dir);
	ck_assert_int_eq(symlink(FIXTURES "/fine.so", path), 0);
	snprintf(sentence, sizeof(sentence),
		 "library.conf:1:1: area library: %s: a symbolic link; name the file itself", path);
	trial_refused(&def, sentence);
	unlink(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	snprintf(sentence, sizeof(sentence), "library.conf:1:1: area library: %s: not a regular file", path);
	trial_refused(&def, sentence);
	unlink(path);
}
END_TEST

START_TEST(not_elf)
{
	struct area_def def = trial_def("text");
	char path[200], sentence[600], bytes[200] = "\177ELF";
	FILE *file;

	def.dir = trial_dir;
	snprintf(path, sizeof(path), "%s/text.so", trial_dir);
	file = fopen(path, "we");
	for (int i = 0; i < 100; i++)
		fputs("no code", file);
	fclose(file);
	chmod(path, 0600);
	snprintf(sentence, sizeof(sentence),
		 "library.conf:1:1: area library: %s: not a shared object (no ELF header)", path);
	trial_refused(&def, sentence);
	file = fopen(path, "we");
	fwrite(bytes, 1, sizeof(bytes), file);
	fclose(file);
	/* The loader's own words follow. */
	ck_assert_ptr_null(trial_new(&def, 1));
	snprintf(sentence, sizeof(sentence),
		 "library.conf:1:1: area library: %s: the loader refuses it: ", path);
	ck_assert_msg(strncmp(trial_faults.list[0].text, sentence, strlen(sentence)) == 0, "%s",
		      trial_faults.list[0].text);
	unlink(path);
}
END_TEST

/* ---- what is loaded ---- */

/* Replacing the file in place must change the next set and leave the running one alone. */
START_TEST(replaced)
{
	struct area_def def = trial_def("plugin");
	struct effort_event ev = trial_event("20.01.10", EFFORT_COUNTER), *events[1] = { &ev };
	struct area_status status;
	struct outcome out;
	struct areas *old, *new;
	char path[200];

	def.dir = trial_dir;
	snprintf(path, sizeof(path), "%s/plugin.so", trial_dir);
	copy(FIXTURES "/fine.so", path, 0644);
	old = trial_new(&def, 1);
	ck_assert_ptr_nonnull(old);
	copy(FIXTURES "/second.so", path, 0644); /* truncates, as cp does */
	new = trial_new(&def, 1);
	ck_assert_ptr_nonnull(new);
	areas_status(old, 0, &status);
	ck_assert_str_eq(status.version, "1.0");
	areas_status(new, 0, &status);
	ck_assert_str_eq(status.version, "2.0");
	ck_assert_int_eq(truncate(path, 0), 0);
	areas_classify(old, events, 1, &out, trial_now_us);
	ck_assert_str_eq(areas_class(old, out.class)->label, "first");
	areas_free(old);
	areas_free(new);
	unlink(path);
}
END_TEST

/* How many mapped objects are our copies (in a folder, or in memory where the folder is noexec). */
static int mapped_copies(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[600];
	int n = 0;

	while (fgets(line, sizeof(line), maps) != NULL)
		n += strstr(line, " r-xp ") != NULL &&
		     (strstr(line, "plugins-private") != NULL || strstr(line, "effort-plugin") != NULL);
	fclose(maps);
	return n;
}

START_TEST(same_content_once)
{
	struct area_def defs[2] = { trial_def("fine"), trial_def("fine") };
	struct areas *as, *again;
	int before = mapped_copies();

	defs[1].id = "archive";
	defs[1].claims_len = defs[1].tasks_len = 0;
	as = trial_new(defs, 2);
	again = trial_new(defs, 1);
	ck_assert(as != NULL && again != NULL);
	ck_assert_int_eq(mapped_copies(), before + 1);
	areas_free(as);
	areas_free(again);
}
END_TEST

/* Debian mounts /run noexec: there the private copy stays in memory. Needs a mount of our own; where that is
 * not allowed, nothing is claimed. */
START_TEST(noexec_run_dir)
{
	struct area_def def = trial_def("fine");
	int status;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) < 0 ||
		    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("tmpfs", trial_dir, "tmpfs", MS_NOEXEC | MS_NOSUID | MS_NODEV, "mode=0700") < 0)
			_exit(77);
		_exit(trial_new(&def, 1) != NULL && trial_new(&def, 1) != NULL && mapped_copies() == 1 ? 0
												       : 1);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		fprintf(stderr, "noexec_run_dir: not tried, no mount allowed here\n");
	else
		ck_assert_int_eq(WEXITSTATUS(status), 0);
}
END_TEST

/* All areas' faults come together. */
START_TEST(all_at_once)
{
	struct area_def defs[3] = { trial_def("no_open"), trial_def("fine"), trial_def("no_close") };

	defs[1].id = "archive";
	defs[2].id = "museum";
	defs[2].claims_len = defs[2].tasks_len = 0;
	ck_assert_ptr_null(trial_new(defs, 3));
	/* 20 and 20.01.10 are claimed twice, the task stands twice, two plugins are refused. */
	ck_assert_uint_eq(trial_faults.n, 5);
}
END_TEST

static struct area_option option(const char *name, enum area_value_type type)
{
	return (struct area_option){ .name = name, .type = type, .place = { "library.conf", 9, 2 } };
}

START_TEST(bad_options)
{
	struct area_def def = trial_def("fine");
	struct area_option options[4] = { option("strickt", AREA_VALUE_BOOL),
					  option("strict", AREA_VALUE_INT),
					  option("threshold", AREA_VALUE_INT),
					  option("threshold", AREA_VALUE_INT) };

	options[2].integer = 101;
	options[3].integer = 50;
	def.options = options;
	def.options_len = 4;
	ck_assert_ptr_null(trial_new(&def, 1));
	ck_assert_uint_eq(trial_faults.n, 4);
	ck_assert_str_eq(trial_faults.list[0].text,
			 "library.conf:9:2: area library: plugin fine has no option \"strickt\"");
	ck_assert_str_eq(trial_faults.list[0].hint, "did you mean \"strict\"?");
	ck_assert_str_eq(trial_faults.list[1].text,
			 "library.conf:9:2: area library: option \"strict\" must be true or false");
	ck_assert_str_eq(trial_faults.list[2].text,
			 "library.conf:9:2: area library: option \"threshold\" is 101, allowed is 1 to 100");
	ck_assert_str_eq(trial_faults.list[3].text,
			 "library.conf:9:2: area library: option \"threshold\" is given twice");
}
END_TEST

START_TEST(area_samples)
{
	struct area_def def = trial_def("fine");
	struct area_sample samples[] = {
		{ "\"kle\":\"20.01.10\"", "count", "first", { "library.conf", 20, 2 } },
		{ "\"kle\":\"20.01.11\"", "count", "first", { "library.conf", 21, 2 } },
		{ "\"kle\":\"20.01.11\"", "maybe", "first", { "library.conf", 22, 2 } },
	};
	struct areas *as;

	def.samples = samples;
	def.samples_len = 1;
	as = trial_new(&def, 1);
	ck_assert_ptr_nonnull(as);
	areas_free(as);
	def.samples_len = 3;
	ck_assert_ptr_null(trial_new(&def, 1));
	ck_assert_uint_eq(trial_faults.n, 2);
	ck_assert_str_eq(trial_faults.list[0].text,
			 "library.conf:21:2: area library: sample 2: expected count first, got count -");
	ck_assert_str_eq(trial_faults.list[1].text,
			 "library.conf:22:2: area library: sample 3: unknown answer \"maybe\"");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("refusals");
	TCase *tc = tcase_create("refusals");

	tcase_add_checked_fixture(tc, trial_start, trial_end);
	tcase_add_test(tc, wrong_magic);
	tcase_add_test(tc, wrong_major);
	tcase_add_test(tc, new_minor);
	tcase_add_test(tc, short_struct);
	tcase_add_test(tc, lying_size);
	tcase_add_test(tc, unknown_flags);
	tcase_add_test(tc, no_name);
	tcase_add_test(tc, no_open);
	tcase_add_test(tc, no_classify);
	tcase_add_test(tc, no_close);
	tcase_add_test(tc, no_symbol);
	tcase_add_test(tc, absent);
	tcase_add_test(tc, open_fails);
	tcase_add_test(tc, open_fails_mute);
	tcase_add_test(tc, bad_class);
	tcase_add_test(tc, bad_dates);
	tcase_add_test(tc, taken_class);
	tcase_add_test(tc, greedy);
	tcase_add_test(tc, bad_option_type);
	tcase_add_test(tc, bad_option_default);
	tcase_add_test(tc, required_option);
	tcase_add_test(tc, bad_options);
	tcase_add_test(tc, sample_wrong);
	tcase_add_test(tc, sample_no_event);
	tcase_add_test(tc, area_samples);
	tcase_add_test(tc, writable);
	tcase_add_test(tc, sticky_folder);
	tcase_add_test(tc, foreign_owner);
	tcase_add_test(tc, not_a_file);
	tcase_add_test(tc, not_elf);
	tcase_add_test(tc, replaced);
	tcase_add_test(tc, same_content_once);
	tcase_add_test(tc, noexec_run_dir);
	tcase_add_test(tc, all_at_once);
	suite_add_tcase(suite, tc);
	return trial_run(suite);
}
