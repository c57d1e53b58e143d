/* SPDX-License-Identifier: MPL-2.0 */
/* Loading: what goes into struct conf, overrides, origins, paths, places of an ordinary user, sources,
 * restart. */
#include "conf/conf.h"

#include "conf_testing.h"

#include <sys/stat.h>

static char dir[64];

static void make_dir(void)
{
	strcpy(dir, "/tmp/effort-conf-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
	static const char *const names[] = { "effortd.conf", "other.conf", "targets.conf", "big.conf",
					     "efforts.conf" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	rmdir(dir);
}

static const char *put(const char *name, const char *text)
{
	static char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	out = fopen(path, "w");
	fputs(text, out);
	fclose(out);
	return path;
}

static struct faults faults, warnings;

static struct conf *try(const char *file, const char *const *pairs)
{
	struct conf_override overrides[24] = { { "areas_dir", DATA "/areas" },
					       { "tasks", SOURCE_DIR "/etc/tasks.conf" },
					       { "municipalities", SOURCE_DIR "/etc/municipalities.conf" },
					       { "targets", SOURCE_DIR "/etc/targets.conf" } };
	size_t n = 4;

	faults_done(&faults);
	faults_done(&warnings);
	for (; pairs != NULL && *pairs != NULL; pairs += 2)
		overrides[n++] = (struct conf_override){ pairs[0], pairs[1] };
	return conf_load(file, overrides, n, &faults, &warnings);
}

static struct conf *load(const char *file, const char *const *pairs)
{
	struct conf *conf = try(file, pairs);

	if (conf == NULL)
		ck_abort_msg("%s", faults_text(&faults));
	return conf;
}

#define PAIRS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void expect_text(const struct faults *list, const char *want)
{
	char *got = faults_text(list);

	ck_assert_str_eq(got, want);
	free(got);
}

START_TEST(file_values)
{
	struct conf *conf =
		load(put("effortd.conf", "late_limit = \"never\"; future_limit = \"2h\";\n"
					 "listen: { ndjson = \"[::1]:0\"; max_connections = 12; };\n"
					 "limits: { cells = 5000; names = 10L; };\n"
					 "log: { level = \"debug\"; format = \"json\"; file = \"x.log\"; };\n"
					 "redis: { private_port = 0; user = \"\"; };\n"
					 "plugins: { budget = \"7us\"; };\n"
					 "state_dir = \"./state\";\n"),
		     NULL);
	char path[128];

	ck_assert_int_eq(conf->late_limit_ms, CONF_NEVER);
	ck_assert_int_eq(conf->future_limit_ms, 7200000);
	ck_assert_str_eq(conf->listen_ndjson, "[::1]:0");
	ck_assert_int_eq(conf->max_connections, 12);
	ck_assert_int_eq(conf->max_per_address, 0);
	ck_assert_int_eq(conf->limits_cells, 5000);
	ck_assert_int_eq(conf->limits_names, 10);
	ck_assert_int_eq(conf->log_level, 7);
	ck_assert(conf->log_is_json);
	snprintf(path, sizeof(path), "%s/x.log", dir);
	ck_assert_str_eq(conf->log_file, path);
	snprintf(path, sizeof(path), "%s/state", dir);
	ck_assert_str_eq(conf->state_dir, path);
	ck_assert_int_eq(conf->redis_private_port, CONF_PORT_ANY);
	ck_assert_ptr_null(conf->redis_user);
	ck_assert_ptr_null(conf->redis_password_file);
	ck_assert_int_eq(conf->plugin_budget_us, 7);
	ck_assert_int_eq(conf->log_heartbeat_ms, 60000);
	conf_free(conf);
}
END_TEST

START_TEST(defaults)
{
	struct conf *conf = load(NULL, NULL);

	ck_assert_str_eq(conf->listen_ndjson, "127.0.0.1:7020");
	ck_assert_str_eq(conf->redis_url, "private");
	ck_assert_str_eq(conf->redis_prefix, "effort:");
	ck_assert_str_eq(conf->timezone, "Europe/Copenhagen");
	ck_assert_int_eq(conf->late_limit_ms, INT64_C(35) * 86400000);
	ck_assert_int_eq(conf->future_limit_ms, 600000);
	ck_assert_int_eq(conf->flush_interval_ms, 20);
	ck_assert_int_eq(conf->share_interval_ms, 200);
	ck_assert_int_eq(conf->limits_names, 256);
	ck_assert_int_eq(conf->redis_private_port, 0);
	ck_assert_int_eq(conf->log_level, 6);
	ck_assert(!conf->log_is_json);
	ck_assert_ptr_null(conf->log_file);
	ck_assert_uint_eq(conf->sources_len, 0);
	conf_free(conf);
}
END_TEST

/* The command line of the contract, and the values its scripts set. */
START_TEST(overrides)
{
	struct conf *conf =
		load(put("effortd.conf", "late_limit = \"1d\"; limits: { names = 3; };\n"),
		     PAIRS("late_limit", "never", "limits.names", "7", "dedup.max_ids", "16M", "dedup.window",
			   "2d", "journal.quota", "1GiB", "listen.tls", "off", "limits.names", "8"));

	ck_assert_int_eq(conf->late_limit_ms, CONF_NEVER);
	ck_assert_int_eq(conf->limits_names, 8);
	conf_free(conf);
	conf = load(NULL,
		    PAIRS("state_dir", "some/dir", "listen.ndjson", "x/y.sock", "redis.password_file", "pw"));
	ck_assert_int_eq(conf->state_dir[0], '/');
	ck_assert_ptr_nonnull(strstr(conf->state_dir, "/some/dir"));
	ck_assert_int_eq(conf->listen_ndjson[0], '/');
	ck_assert_int_eq(conf->redis_password_file[0], '/');
	conf_free(conf);
}
END_TEST

START_TEST(bad_overrides)
{
	ck_assert_ptr_null(
		try(NULL, PAIRS("late_limt", "1d", "log.levle", "info", "log", "info", "nonsense.x", "1",
				"late_limit", "35", "sources", "x", "sources.x.expected", "1h", "sources.x",
				"1h", "redis.url", "redis://u:geheim@h:1", "limits.names", "true")));
	expect_text(&faults, "-s late_limt: unknown setting 'late_limt'\n"
			     "    did you mean 'late_limit'? Known here: state_dir, run_dir, areas_dir, "
			     "tasks, municipalities, targets, "
			     "timezone, late_limit, future_limit, flush_interval, share_interval, follow_interval, listen, "
			     "redis, plugins, workers, limits, probe_interval, dedup, errand, journal, dlq, retention, log, "
			     "sources, periods, definitions, efforts\n"
			     "-s log.levle: unknown setting 'log.levle'\n"
			     "    did you mean 'level'? Known here: level, format, file, heartbeat\n"
			     "-s log: is not a single setting\n"
			     "-s nonsense.x: unknown setting 'nonsense.x'\n"
			     "    known here: state_dir, run_dir, areas_dir, tasks, municipalities, targets, "
			     "timezone, late_limit, "
			     "future_limit, flush_interval, share_interval, follow_interval, listen, redis, plugins, workers, limits, "
			     "probe_interval, dedup, errand, journal, dlq, retention, "
			     "log, sources, periods, definitions, efforts\n"
			     "-s late_limit: late_limit: \"35\" is not a time with a unit\n"
			     "    write a whole number and a unit (us ms s m h d w y), such as \"20ms\" or "
			     "\"35d\"; allowed: 1s to 100y, "
			     "or never\n"
			     "-s sources: is not a single setting\n"
			     "    write -s sources.NAME.expected_every=1h\n"
			     "-s sources.x.expected: a source has no setting 'expected'\n"
			     "    known here: expected_every, default_kind, default_task, areas, method\n"
			     "-s sources.x: the member is missing\n"
			     "    write -s sources.NAME.expected_every=1h\n"
			     "-s redis.url: redis.url: a password does not belong in the configuration\n"
			     "    put the password in a file and name the file in redis.password_file\n"
			     "-s limits.names: limits.names: \"true\" is not a whole number\n"
			     "    write a whole number; allowed: 1 to 65536\n");
}
END_TEST

START_TEST(sources)
{
	struct conf *conf =
		load(put("effortd.conf", "sources = (\n"
					 "  { name = \"borger.dk\"; expected_every = \"1h\"; default_kind = "
					 "\"case\"; areas = [ \"school\", \"daycare\" ]; },\n"
					 "  { name = \"phone\"; default_task = \"daycare-visit\"; } );\n"),
		     PAIRS("sources.borger.dk.expected_every", "5m", "sources.new.one.default_kind",
			   "unknown", "sources.phone.areas", "school,daycare"));

	ck_assert_uint_eq(conf->sources_len, 3);
	ck_assert_str_eq(conf->sources[0].name, "borger.dk");
	ck_assert_int_eq(conf->sources[0].expected_every_ms, 300000);
	ck_assert_int_eq(conf->sources[0].default_kind, 2);
	ck_assert_uint_eq(conf->sources[0].areas_len, 2);
	ck_assert_str_eq(conf->sources[0].areas[1], "daycare");
	ck_assert_int_eq(conf->sources[0].place.line, 2);
	ck_assert_int_eq(conf->sources[1].expected_every_ms, 0);
	ck_assert_int_eq(conf->sources[1].default_kind, -1);
	ck_assert_str_eq(conf->sources[1].default_task, "daycare-visit");
	ck_assert_str_eq(conf->sources[1].areas[1], "daycare");
	ck_assert_str_eq(conf->sources[2].name, "new.one");
	ck_assert_int_eq(conf->sources[2].default_kind, 3);
	conf_free(conf);
}
END_TEST

START_TEST(places_of_a_user)
{
	struct conf *conf;

	if (geteuid() == 0 && seteuid(65534) != 0)
		return;
	setenv("XDG_STATE_HOME", "/home/x/state", 1);
	setenv("XDG_RUNTIME_DIR", "/run/user/9", 1);
	conf = load(NULL, NULL);
	ck_assert_str_eq(conf->state_dir, "/home/x/state/effortd");
	ck_assert_str_eq(conf->run_dir, "/run/user/9/effortd");
	conf_free(conf);
	unsetenv("XDG_STATE_HOME");
	setenv("XDG_RUNTIME_DIR", "relative", 1);
	setenv("HOME", "/home/x", 1);
	conf = load(NULL, NULL);
	ck_assert_str_eq(conf->state_dir, "/home/x/.local/state/effortd");
	ck_assert_int_eq(strncmp(conf->run_dir, "/tmp/effortd-", 13), 0);
	conf_free(conf);
	ck_assert_int_eq(seteuid(getuid()), 0);
}
END_TEST

START_TEST(places_of_root)
{
	struct conf *conf;

	if (geteuid() != 0)
		return;
	conf = load(NULL, NULL);
	ck_assert_str_eq(conf->state_dir, "/var/lib/effortd");
	ck_assert_str_eq(conf->run_dir, "/run/effortd");
	conf_free(conf);
}
END_TEST

START_TEST(faults_of_all_files_at_once)
{
	char path[128], want[1024];

	put("targets.conf", "targets = ( { id = 1; } ;\n");
	snprintf(path, sizeof(path), "%s/targets.conf", dir);
	put("effortd.conf", "late_limit = \"x\";\nmunicipalities = \"none.conf\";\n");
	snprintf(want, sizeof(want), "%s/effortd.conf", dir);
	{
		struct conf_override o[] = { { "areas_dir", DATA "/bad_areas" },
					     { "tasks", SOURCE_DIR "/etc/tasks.conf" },
					     { "targets", path } };

		faults_done(&faults);
		ck_assert_ptr_null(conf_load(want, o, 3, &faults, &warnings));
	}
	char *got = faults_text(&faults);
	ck_assert_ptr_nonnull(strstr(got, "effortd.conf:1:1: late_limit: \"x\" is not a time with a unit"));
	ck_assert_ptr_nonnull(strstr(got, "none.conf: there is no such file"));
	ck_assert_ptr_nonnull(strstr(got, "targets.conf:1:25: syntax error: ';' inside a list"));
	ck_assert_ptr_nonnull(strstr(got, "bad_areas/empty.conf: an area file needs 'area'"));
	ck_assert_ptr_nonnull(strstr(got, "bad_areas/forms.conf:1:1:"));
	free(got);
}
END_TEST

START_TEST(whole_files)
{
	char *big = malloc((1 << 20) + 2), want[256];
	const char *path;

	ck_assert_ptr_null(try("/nonexistent/effortd.conf", NULL));
	expect_text(&faults, "/nonexistent/effortd.conf: there is no such file\n"
			     "    check the path; relative paths in a file start at that file's folder\n");
	ck_assert_ptr_null(try(dir, NULL));
	snprintf(want, sizeof(want), "%s: is a folder, not a file\n    name a file in it\n", dir);
	expect_text(&faults, want);
	memset(big, ' ', 1 << 20);
	big[1 << 20] = '\0';
	conf_free(load(put("big.conf", big), NULL));
	strcpy(big + (1 << 20), " ");
	path = put("big.conf", big);
	ck_assert_ptr_null(try(path, NULL));
	snprintf(want, sizeof(want), "%s: the file is too large\n    a configuration file is at most 1 MiB\n",
		 path);
	expect_text(&faults, want);
	free(big);
}
END_TEST

/* What can be wrong in them is in test_conf_effort_list.c. */
START_TEST(efforts_of_the_file_and_of_the_registry)
{
	static const char effort[] = "efforts = ( { id = \"%s\"; title = \"T\"; category = \"campaign\"; municipality = "
				     "\"0751\"; scope = \"all\"; from = \"2026-01-01\"; } );\n";
	char text[512], path[128], want[512];
	struct conf *conf;

	snprintf(text, sizeof(text), effort, "registered");
	put("efforts.conf", text);
	snprintf(text, sizeof(text), effort, "written");
	snprintf(path, sizeof(path), "%s", put("other.conf", text));
	conf = load(NULL, PAIRS("efforts", path, "state_dir", dir));
	ck_assert_uint_eq(conf->efforts_len, 2);
	ck_assert_str_eq(conf->efforts[0].id, "written");
	ck_assert(!conf->efforts[0].is_registered);
	ck_assert_str_eq(conf->efforts[1].id, "registered");
	ck_assert(conf->efforts[1].is_registered);
	conf_free(conf);

	snprintf(text, sizeof(text), effort, "written");
	put("efforts.conf", text);
	ck_assert_ptr_null(try(NULL, PAIRS("efforts", path, "state_dir", dir)));
	snprintf(want, sizeof(want),
		 "%s/efforts.conf:1:13: the effort written stands here a second time; the first is in %s:1\n"
		 "    give one of the two another id\n",
		 dir, path);
	expect_text(&faults, want);
}
END_TEST

START_TEST(printing)
{
	struct conf *conf =
		load(put("effortd.conf", "\nlate_limit = \"2d\";\nredis: { prefix = \"a:\"; };\n"
					 "sources = ( { name = \"b\\\"c\"; expected_every = \"1m\"; } );\n"),
		     PAIRS("limits.names", "9"));
	char *text = NULL, want[256];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	conf_print(conf, out);
	fclose(out);
	snprintf(want, sizeof(want), "\nlate_limit = \"2d\";  # %s/effortd.conf:2; reload\n", dir);
	ck_assert_msg(strstr(text, want) != NULL, "%s", text);
	snprintf(want, sizeof(want), "\nredis.prefix = \"a:\";  # %s/effortd.conf:3; restart\n", dir);
	ck_assert_ptr_nonnull(strstr(text, want));
	ck_assert_ptr_nonnull(strstr(text, "\nlimits.names = 9;  # -s; restart\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nlisten.max_connections = 10000;  # default; reload\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nredis.private_port = \"off\";  # default; restart\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nerrand.max = \"1M\";  # default; reload\n"));
	snprintf(want, sizeof(want),
		 "\nsources: name = \"b\\\"c\"; expected_every = \"60000ms\";  # %s/effortd.conf:4; "
		 "reload\n",
		 dir);
	ck_assert_msg(strstr(text, want) != NULL, "%s", text);
	free(text);
	conf_free(conf);
}
END_TEST

/* What the definitions are printed as, in the form of a file. */
static const char *definitions_of(const struct conf *conf)
{
	static char list[4096];
	size_t len = 0, size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	conf_print(conf, out);
	fclose(out);
	len += (size_t)sprintf(list, "definitions = (");
	for (const char *at = text; (at = strstr(at, "definitions: ")) != NULL;) {
		at += strlen("definitions: ");
		len += (size_t)sprintf(list + len, "%s\n{ %.*s }", len > 20 ? "," : "", (int)strcspn(at, "#"), at);
	}
	sprintf(list + len, " );\n");
	free(text);
	return list;
}

START_TEST(definitions_are_printed_as_they_are_read)
{
	struct conf *conf = load(put("effortd.conf",
				     "definitions = ( { id = \"a\"; left_out = [ ]; kinds = [ \"transaction\", \"case\" ]; },\n"
				     "{ id = \"b\"; from = \"2027-01-01\"; left_out = [ \"web\", \"other\" ]; exempt = \"out\";\n"
				     "digital = [ \"selfservice\" ]; populations = [ \"business\" ]; } );\n"),
				 NULL);
	struct conf *again = load(put("other.conf", definitions_of(conf)), NULL);

	ck_assert_uint_eq(again->definitions_len, 2);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_str_eq(again->definitions[i].id, conf->definitions[i].id);
		ck_assert_int_eq(again->definitions[i].from, conf->definitions[i].from);
		ck_assert_msg(share_rule_is_same(&again->definitions[i].rule, &conf->definitions[i].rule), "%s",
			      definitions_of(conf));
	}
	ck_assert_ptr_nonnull(strstr(definitions_of(conf), "left_out = [ \"web\", \"other\" ]; "));
	conf_free(conf);
	conf_free(again);
}
END_TEST

START_TEST(restart)
{
	struct conf *old = load(put("effortd.conf", "redis: { prefix = \"a:\"; };\n"), NULL);
	struct conf *same = load(
		put("effortd.conf", "# moved\nredis: { prefix = \"a:\"; }; late_limit = \"1d\";\n"), NULL);
	struct conf *new =
		load(put("effortd.conf", "redis: { prefix = \"b:\"; };\n"), PAIRS("state_dir", "/x"));
	struct faults list = { 0 };
	char want[512];

	ck_assert_uint_eq(conf_needs_restart(old, same, &list), 0);
	ck_assert_uint_eq(conf_needs_restart(old, new, &list), 2);
	snprintf(want, sizeof(want),
		 "-s state_dir: state_dir: \"/x\" instead of \"%s\" needs a restart\n    restart effortd, or "
		 "set it back\n"
		 "%s/effortd.conf:1:10: redis.prefix: \"b:\" instead of \"a:\" needs a restart\n"
		 "    restart effortd, or set it back\n",
		 old->state_dir, dir);
	expect_text(&list, want);
	faults_done(&list);
	conf_free(old);
	conf_free(same);
	conf_free(new);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		file_values,
		defaults,
		overrides,
		bad_overrides,
		sources,
		places_of_a_user,
		places_of_root,
		faults_of_all_files_at_once,
		whole_files,
		efforts_of_the_file_and_of_the_registry,
		printing,
		definitions_are_printed_as_they_are_read,
		restart,
	};

	return RUN_TESTS_WITHIN("conf/load", tests, make_dir, remove_dir);
}
