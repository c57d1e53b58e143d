/* SPDX-License-Identifier: MPL-2.0 */
/* What the tests of the configuration share: faults as one text, small files in a folder that is removed at
 * the end, and the comparison with an expectation file. */
#ifndef CONF_TESTING_H
#define CONF_TESTING_H

#include "suite.h"

#include "base/error.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DATA SOURCE_DIR "/tests/data/conf"

/* Every fault on its line with its hint below, the source tree's path left out. The caller frees it. */
static inline char *faults_text(const struct faults *faults)
{
	char *text = NULL, *at;
	size_t size = 0, root = strlen(SOURCE_DIR "/");
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < faults->n; i++) {
		fprintf(out, "%s\n", faults->list[i].text);
		if (faults->list[i].hint != NULL)
			fprintf(out, "    %s\n", faults->list[i].hint);
	}
	if (faults->more > 0)
		fprintf(out, "and %zu more\n", faults->more);
	fclose(out);
	while ((at = strstr(text, SOURCE_DIR "/")) != NULL)
		memmove(at, at + root, strlen(at + root) + 1);
	return text;
}

static inline char *file_text(const char *path)
{
	char *text = calloc(1, 1 << 20);
	FILE *in = fopen(path, "rb");

	ck_assert_msg(in != NULL, "cannot open %s", path);
	ck_assert_uint_lt(fread(text, 1, (1 << 20) - 1, in), (1 << 20) - 1);
	fclose(in);
	return text;
}

/* Compares with NAME.expect beside NAME.conf; with CONF_TEST_WRITE set in the environment writes it instead,
 * for a person to read before it is committed. */
static inline void expect_faults(const char *conf_path, const struct faults *faults)
{
	char path[4096], *got = faults_text(faults), *want;

	snprintf(path, sizeof(path), "%.*s.expect", (int)(strlen(conf_path) - 5), conf_path);
	if (getenv("CONF_TEST_WRITE") != NULL) {
		FILE *out = fopen(path, "w");

		fputs(got, out);
		fclose(out);
	}
	want = file_text(path);
	ck_assert_msg(strcmp(got, want) == 0, "%s:\n--- expected\n%s--- got\n%s", path, want, got);
	free(want);
	free(got);
}

/* Calls run for every *.conf of a folder, sorted; returns their number. */
static inline int each_conf(const char *dir, void (*run)(const char *path))
{
	struct dirent **entries;
	int n = scandir(dir, &entries, NULL, alphasort), seen = 0;

	ck_assert_int_gt(n, 0);
	for (int i = 0; i < n; i++) {
		char path[4096];
		size_t len = strlen(entries[i]->d_name);

		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		if (len > 5 && strcmp(entries[i]->d_name + len - 5, ".conf") == 0) {
			run(path);
			seen++;
		}
		free(entries[i]);
	}
	free(entries);
	return seen;
}

#endif
