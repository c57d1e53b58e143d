/* SPDX-License-Identifier: MPL-2.0 */
/* etc/effortd.conf lists every setting of the schema with its default, help and limits, and no other; the
 * data files of etc/ hold what they should; etc/minimal.conf runs from the source tree. */
#include "conf/conf.h"
#include "conf/schema.h"
#include "conf/tree.h"

#include "conf_testing.h"

#define SAMPLE SOURCE_DIR "/etc/effortd.conf"

/* The default as the sample writes it: that of an installation in /usr. */
static void shown_default(const struct schema_key *key, char *buf, size_t size)
{
	const char *text = key->default_text;
	bool is_bare = key->type >= TYPE_SOURCES ||
		       (key->type == TYPE_INT && strspn(text, "0123456789") == strlen(text));

	if (strncmp(text, schema_data_dir, strlen(schema_data_dir)) == 0)
		snprintf(buf, size, "\"/etc/effortd%s\"", text + strlen(schema_data_dir));
	else if (strcmp(text, schema_plugin_dir) == 0)
		snprintf(buf, size, "\"/usr/lib/effortd/plugins\"");
	else
		snprintf(buf, size, is_bare ? "%s" : "\"%s\"", text);
}

static void shown_block(const struct schema_key *key, char *buf, size_t size)
{
	const char *dot = strrchr(key->name, '.'), *tab = dot != NULL ? "\t" : "";
	char limits[256], value[256];
	int n;

	schema_limits(key, limits, sizeof(limits));
	shown_default(key, value, sizeof(value));
	n = snprintf(buf, size, "%s# %s\n", tab, key->help);
	n += snprintf(buf + n, size - (size_t)n, "%s# %s%s%s\n", tab, limits, limits[0] != '\0' ? ". " : "",
		      key->effect == EFFECT_RELOAD ? "A reload applies it." : "Needs a restart.");
	snprintf(buf + n, size - (size_t)n, "%s#%s = %s;\n", tab, dot != NULL ? dot + 1 : key->name, value);
}

START_TEST(every_setting_is_described)
{
	char *sample = file_text(SAMPLE), block[1024];

	for (size_t i = 0; i < schema_len; i++) {
		shown_block(&schema_keys[i], block, sizeof(block));
		ck_assert_msg(strstr(sample, block) != NULL, "etc/effortd.conf has no such block for %s:\n%s",
			      schema_keys[i].name, block);
	}
	free(sample);
}
END_TEST

/* Takes away the '#' before names. */
static void uncomment(char *text)
{
	char *to = text;

	for (char *p = text; *p != '\0'; p++)
		if (!(*p == '#' && p[1] >= 'a' && p[1] <= 'z' &&
		      (p == text || p[-1] == '\n' || p[-1] == '\t')))
			*to++ = *p;
	*to = '\0';
}

static size_t count_settings(const char *group, const config_setting_t *parent)
{
	size_t n = 0;

	for (int i = 0; i < config_setting_length(parent); i++) {
		const config_setting_t *setting = config_setting_get_elem(parent, (unsigned)i);
		char name[128];

		snprintf(name, sizeof(name), "%s%s%s", group, group[0] != '\0' ? "." : "",
			 config_setting_name(setting));
		if (config_setting_is_group(setting)) {
			n += count_settings(name, setting);
			continue;
		}
		ck_assert_msg(schema_find(name) >= 0, "etc/effortd.conf has %s, the schema has not", name);
		n++;
	}
	return n;
}

START_TEST(no_other_setting_is_described)
{
	char *sample = file_text(SAMPLE);
	struct faults faults = { 0 };
	struct tree tree;

	uncomment(sample);
	if (tree_open_text(&tree, "sample", sample, strlen(sample), &faults) < 0)
		ck_abort_msg("%s", faults_text(&faults));
	ck_assert_uint_eq(count_settings("", config_root_setting(&tree.config)), schema_len);
	tree_close(&tree);
	free(sample);
}
END_TEST

static struct conf *load(const char *file, const struct conf_override *more, size_t n)
{
	struct conf_override overrides[16] = { { "areas_dir", DATA "/areas" },
					       { "tasks", SOURCE_DIR "/etc/tasks.conf" },
					       { "municipalities", SOURCE_DIR "/etc/municipalities.conf" },
					       { "targets", SOURCE_DIR "/etc/targets.conf" } };
	struct faults faults = { 0 }, warnings = { 0 };
	struct conf *conf;

	for (size_t i = 0; i < n; i++)
		overrides[4 + i] = more[i];
	conf = conf_load(file, overrides, 4 + n, &faults, &warnings);
	if (conf == NULL)
		ck_abort_msg("%s", faults_text(&faults));
	ck_assert_uint_eq(warnings.n, 0);
	return conf;
}

static char *printed(const struct conf *conf)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	conf_print(conf, out);
	fclose(out);
	return text;
}

START_TEST(the_sample_changes_nothing)
{
	struct conf *sample = load(SAMPLE, NULL, 0), *defaults = load(NULL, NULL, 0);
	char *a = printed(sample), *b = printed(defaults);

	ck_assert_str_eq(a, b);
	free(a);
	free(b);
	conf_free(sample);
	conf_free(defaults);
}
END_TEST

START_TEST(uncommented_sample_is_accepted)
{
	static const struct conf_override efforts = { "efforts", SOURCE_DIR "/etc/efforts.conf" };
	char *sample = file_text(SAMPLE), path[] = "/tmp/effort-sample-XXXXXX";
	int fd = mkstemp(path);
	struct conf *conf;

	uncomment(sample);
	ck_assert_int_eq(write(fd, sample, strlen(sample)), (ssize_t)strlen(sample));
	close(fd);
	conf = load(path, &efforts, 1);
	ck_assert_int_eq(conf->late_limit_ms, INT64_C(35) * 86400000);
	ck_assert_str_eq(conf->state_dir, "/var/lib/effortd");
	conf_free(conf);
	unlink(path);
	free(sample);
}
END_TEST

START_TEST(data_files)
{
	struct conf *conf = load(NULL, NULL, 0);
	static const char *const groups[] = { "target", "waves",   "kl-figure-14", "borgerservice",
					      "health", "culture", "benefits",     "udk" };

	ck_assert_uint_eq(conf->municipalities_len, 98);
	ck_assert_str_eq(conf->municipalities[0].code, "0101");
	ck_assert_str_eq(conf->municipalities[0].name, "København");
	ck_assert_str_eq(conf->municipalities[97].name, "Hjørring");
	for (size_t i = 1; i < 98; i++)
		ck_assert_int_lt(strcmp(conf->municipalities[i - 1].code, conf->municipalities[i].code), 0);
	ck_assert_uint_eq(conf->groups_len, 8);
	for (size_t i = 0; i < 8; i++)
		ck_assert_str_eq(conf->groups[i].id, groups[i]);
	ck_assert_str_eq(conf->definition, "kl-2014");
	ck_assert_str_eq(conf->main_target->id, "kl-80");
	ck_assert_int_eq(conf->main_target->steps[0].value, 8000);
	ck_assert_int_eq(conf->main_target->from, 15675); /* 2012-12-01 */
	ck_assert_int_eq(conf->main_target->due, 16800);  /* 2015-12-31 */
	conf_free(conf);
}
END_TEST

/* The minimal file with the bundled area files of this build. */
START_TEST(minimal_file)
{
	static const struct conf_override areas = { "areas_dir", BINARY_DIR "/areas" };
	struct faults faults = { 0 }, warnings = { 0 };
	struct conf *conf = conf_load(SOURCE_DIR "/etc/minimal.conf", &areas, 1, &faults, &warnings);

	if (conf == NULL)
		ck_abort_msg("%s", faults_text(&faults));
	ck_assert_str_eq(conf->plugins_dir, SOURCE_DIR "/etc/../build/release/plugins");
	ck_assert_uint_eq(conf->municipalities_len, 98);
	ck_assert_uint_eq(conf->areas_len, 8);
	conf_free(conf);
	conf = conf_load(SOURCE_DIR "/etc/minimal.conf", NULL, 0, &faults, &warnings);
	if (conf != NULL)
		ck_assert_str_eq(conf->areas_dir, SOURCE_DIR "/etc/../build/release/areas");
	else
		ck_assert_ptr_nonnull(strstr(faults.list[0].text, "areas_dir"));
	conf_free(conf);
	faults_done(&faults);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		every_setting_is_described,
		no_other_setting_is_described,
		the_sample_changes_nothing,
		uncommented_sample_is_accepted,
		data_files,
		minimal_file,
	};

	return RUN_TESTS("conf/sample", tests);
}
