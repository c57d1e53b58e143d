/* SPDX-License-Identifier: MPL-2.0 */
/* Damaged configuration files, thousands of them, from a fixed seed: no crash, no hang, and whatever is
 * refused is refused with a fault; what the scan accepts and libconfig does not still gets its line. Under
 * ASan in tests/run. */
#include "conf/area_file.h"
#include "conf/settings.h"

#include "conf_testing.h"

#define ROUNDS 3000

static uint64_t state = 42;

static uint32_t draw(uint32_t below)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % below;
}

static const char *const pieces[] = { "{",          "}",
				      "(",          ")",
				      "[",          "]",
				      "=",          ":",
				      ";",          ",",
				      "\"",         "\\",
				      "#",          "/*",
				      "*/",         "//",
				      "\n",         " ",
				      "4294967296", "0x",
				      "L",          "1e9",
				      ".",          "-",
				      "true",       "@include \"x\"",
				      "\xff",       "\xc3\xa6",
				      "\"\"",       "a",
				      "late_limit", "name = \"x\";" };

#define PIECES (sizeof(pieces) / sizeof(pieces[0]))

/* Removes, doubles or inserts something at a few random places. */
static size_t mutate(char *text, size_t len, size_t cap)
{
	for (uint32_t n = 1 + draw(4); n > 0; n--) {
		size_t at = draw((uint32_t)len + 1), run = draw(12);
		const char *piece = pieces[draw(PIECES)];

		if (draw(3) == 0) {
			run = run > len - at ? len - at : run;
			memmove(text + at, text + at + run, len - at - run);
			len -= run;
		} else if (len + strlen(piece) < cap) {
			memmove(text + at + strlen(piece), text + at, len - at);
			memcpy(text + at, piece, strlen(piece));
			len += strlen(piece);
		}
	}
	return len;
}

static char *uncommented(const char *path)
{
	char *text = file_text(path), *to = text;

	for (char *p = text; *p != '\0'; p++)
		if (!(*p == '#' && p[1] >= 'a' && p[1] <= 'z'))
			*to++ = *p;
	*to = '\0';
	return text;
}

START_TEST(main_file)
{
	char *good = uncommented(SOURCE_DIR "/etc/effortd.conf");
	size_t cap = strlen(good) + 256, accepted = 0, refused = 0;
	char *text = malloc(cap);

	for (int i = 0; i < ROUNDS; i++) {
		size_t len = strlen(good);
		struct faults faults = { 0 };
		struct arena arena = { 0 };
		struct settings settings;
		struct tree tree;
		int r;

		memcpy(text, good, len);
		len = mutate(text, len, cap);
		r = tree_open_text(&tree, "mutated", text, len, &faults);
		if (r == 0) {
			r = settings_read(&settings, &arena, &tree, "/", NULL, 0, &faults);
			tree_close(&tree);
		}
		ck_assert_msg(r == 0 || faults.n > 0, "refused without a fault:\n%.*s", (int)len, text);
		ck_assert_msg(r < 0 || faults.n == 0, "accepted with a fault");
		accepted += r == 0;
		refused += r < 0;
		arena_done(&arena);
		faults_done(&faults);
	}
	ck_assert_uint_gt(accepted, ROUNDS / 100);
	ck_assert_uint_gt(refused, ROUNDS / 10);
	free(text);
	free(good);
}
END_TEST

START_TEST(area)
{
	char *good = file_text(DATA "/areas/daycare.conf"), path[] = "/tmp/effort-area-XXXXXX";
	size_t cap = strlen(good) + 256;
	char *text = malloc(cap);
	int fd = mkstemp(path);

	for (int i = 0; i < ROUNDS; i++) {
		size_t len = strlen(good);
		struct faults faults = { 0 };
		struct area_def *def = NULL;

		memcpy(text, good, len);
		len = mutate(text, len, cap);
		ck_assert_int_eq(ftruncate(fd, 0), 0);
		ck_assert_int_eq(pwrite(fd, text, len, 0), (ssize_t)len);
		ck_assert((area_file_read(path, "/p", &def, &faults) == 0) == (faults.n == 0));
		area_file_free(def);
		faults_done(&faults);
	}
	close(fd);
	unlink(path);
	free(text);
	free(good);
}
END_TEST

/* Depth, width and number of faults are bounded. */
START_TEST(extremes)
{
	size_t cap = 1 << 20;
	char *text = malloc(cap);
	struct faults faults = { 0 };
	struct tree tree;

	memset(text, '(', cap);
	memcpy(text, "a=", 2);
	ck_assert_int_lt(tree_open_text(&tree, "deep", text, cap, &faults), 0);
	ck_assert_ptr_nonnull(strstr(faults.list[0].text, "in one another"));
	faults_done(&faults);
	for (size_t i = 0; i < cap; i += 8) {
		char line[16];

		snprintf(line, sizeof(line), "a%04zx=1\n", i / 8 % 0x10000);
		memcpy(text + i, line, 8);
	}
	ck_assert_int_lt(tree_open_text(&tree, "wide", text, cap, &faults), 0);
	ck_assert_ptr_nonnull(strstr(faults.list[0].text, "settings in one group"));
	faults_done(&faults);
	free(text);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		main_file,
		area,
		extremes,
	};

	return RUN_TESTS("conf/mutation", tests);
}
