/* SPDX-License-Identifier: MPL-2.0 */
/* The decoder against jansson on the corpus and on many mutations of it: see tests/fuzz/oracle.h for what
 * must agree. */
#include "../fuzz/oracle.h"
#include "test_event_case.h"

#include <dirent.h>

#define LINES_MAX 256
#define LINE_ROOM 4096
#define MUTATIONS 200000

struct corpus {
	size_t n;
	size_t len[LINES_MAX];
	char line[LINES_MAX][LINE_ROOM];
};

static void add_file(struct corpus *c, const char *path)
{
	FILE *f = fopen(path, "rb");

	ck_assert_msg(f != NULL, "%s", path);
	while (c->n < LINES_MAX && fgets(c->line[c->n], LINE_ROOM, f) != NULL) {
		c->len[c->n] = strcspn(c->line[c->n], "\n");
		c->n += c->len[c->n] > 0;
	}
	fclose(f);
}

static struct corpus *read_corpus(void)
{
	static struct corpus c;
	const char *folder = SOURCE_DIR "/tests/data/json";
	DIR *dir = opendir(folder);
	struct dirent *entry;

	ck_assert_ptr_nonnull(dir);
	c.n = 0;
	while ((entry = readdir(dir)) != NULL) {
		char path[1024];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		add_file(&c, path);
	}
	closedir(dir);
	ck_assert_uint_gt(c.n, 50);
	return &c;
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Changes, takes out, puts in or swaps a few pieces; splices with another line now and then. */
static size_t mutate(const struct corpus *c, char *line, size_t len, uint64_t *state)
{
	static const char *const pieces[] = {
		"\"",
		"\\",
		"{",
		"}",
		"[",
		"]",
		":",
		",",
		"0",
		"1",
		"-",
		".",
		"e",
		"\\u0030",
		"\\ud83d",
		"\\ude00",
		"\\u0000",
		"null",
		"true",
		"\"id\":\"x\",",
		"\xc3\xa6",
		"\xff",
		"\x01",
		" ",
		"0101990000",
		"010199-0000",
		"9007199254740993",
		"1e400",
		"\"data\":{",
		"\"specversion\":\"1.0\",",
		"[[[[[[[[",
		"\\\\",
		"\\\"",
	};
	size_t times = 1 + next_random(state) % 3;

	while (times-- > 0 && len > 0) {
		size_t at = next_random(state) % len;
		size_t n = next_random(state) % 8;
		const char *piece = pieces[next_random(state) % (sizeof pieces / sizeof pieces[0])];
		size_t other = next_random(state) % c->n;

		switch (next_random(state) % 6) {
		case 0:
			line[at] = (char)next_random(state);
			break;
		case 1:
			n = n < len - at ? n : len - at;
			memmove(line + at, line + at + n, len - at - n);
			len -= n;
			break;
		case 2:
			n = strlen(piece);
			if (len + n < LINE_ROOM) {
				memmove(line + at + n, line + at, len - at);
				memcpy(line + at, piece, n);
				len += n;
			}
			break;
		case 3:
			line[at] ^= (char)(1 << next_random(state) % 8);
			break;
		case 4:
			line[at] = line[next_random(state) % len];
			break;
		default:
			if (at < c->len[other]) {
				memcpy(line + at, c->line[other] + at, c->len[other] - at);
				len = c->len[other];
			}
		}
	}
	return len;
}

static enum code expect_agreement(struct decoder *decoder, const char *bytes, size_t len)
{
	char *line = malloc(len + DECODE_PADDING);
	struct effort_event event;
	struct refusal refusal;

	memcpy(line, bytes, len);
	memset(line + len, '}', DECODE_PADDING);

	enum code code = decode_line(decoder, line, len, NO_SOURCE, &event, &refusal);
	const char *differs = oracle_compare(code, &event, line, len);

	ck_assert_msg(differs == NULL, "%s (%s): %.*s", differs, code_name(code), (int)len, line);
	decoder_reset(decoder);
	free(line);
	return code;
}

START_TEST(corpus_agrees)
{
	struct corpus *c = read_corpus();
	struct decoder *decoder = decoder_new(0);
	size_t accepted = 0;

	for (size_t i = 0; i < c->n; i++)
		accepted += expect_agreement(decoder, c->line[i], c->len[i]) == CODE_OK;
	ck_assert_uint_gt(accepted, 20);
	decoder_free(decoder);
}
END_TEST

START_TEST(mutations_agree)
{
	struct corpus *c = read_corpus();
	struct decoder *decoder = decoder_new(0);
	uint64_t state = 1181783497276652981;
	size_t of[CODES] = { 0 };

	for (size_t i = 0; i < MUTATIONS; i++) {
		char line[LINE_ROOM];
		size_t from = next_random(&state) % c->n;

		memcpy(line, c->line[from], c->len[from]);

		size_t len = mutate(c, line, c->len[from], &state);

		if (len > 0)
			of[expect_agreement(decoder, line, len)]++;
	}
	/* all of it was worth something */
	static const enum code common[] = { CODE_OK,   E_JSON, E_UTF8, E_DEPTH, E_DUPLICATE_KEY,
					    E_MISSING, E_TYPE, E_CPR,  E_VALUE };

	for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
		ck_assert_msg(of[common[i]] > 100, "%s: %zu", code_name(common[i]), of[common[i]]);
	decoder_free(decoder);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { corpus_agrees, mutations_agree };

	return RUN_TESTS("event jansson", tests);
}
