/* SPDX-License-Identifier: MPL-2.0 */
/* The constant parts of the event layer: word lists, codes and their texts, the lexicon, and the two ways to
 * read a block. */
#include "event/block.h"
#include "event/key.h"
#include "event/vocab.h"
#include "event/words.h"
#include "test_event_case.h"

START_TEST(lists)
{
	ck_assert_int_eq(vocab_find(vocab_channel, EFFORT_CHANNELS, (struct effort_str){ "letter", 6 }),
			 EFFORT_LETTER);
	ck_assert_int_eq(vocab_find(vocab_channel, EFFORT_CHANNELS, (struct effort_str){ "letters", 7 }), -1);
	ck_assert_int_eq(vocab_find(vocab_channel, EFFORT_CHANNELS, (struct effort_str){ "", 0 }), -1);
	for (int i = 0; i < EFFORT_CHANNELS; i++) {
		ck_assert_ptr_nonnull(vocab_channel[i]);
		ck_assert_ptr_nonnull(vocab_channel_da[i]);
	}
	for (int i = 0; i < KEYS; i++)
		ck_assert_ptr_nonnull(key_name[i]);
}
END_TEST

/* The codes are public: names, order of nothing, one sentence each, in two languages. */
START_TEST(codes)
{
	static const char all[] =
		"E_JSON E_UTF8 E_TOO_LONG E_DEPTH E_DUPLICATE_KEY E_MISSING E_TYPE E_ID E_SOURCE E_TIME "
		"E_TOO_OLD E_FUTURE E_MUNICIPALITY E_CHANNEL E_KLE E_TASK E_VALUE E_CPR E_CONFLICT "
		"E_CORRECTS E_REJECTED E_FORBIDDEN E_AUTH E_PARTIAL E_RATE";
	char names[sizeof all + 16] = "";

	for (int i = 1; i < CODES; i++) {
		const struct code_text *t = code_text((enum code)i);
		const char *const sentences[] = { t->meaning_en, t->meaning_da, t->remedy_en, t->remedy_da };

		sprintf(names + strlen(names), "%s%s", i > 1 ? " " : "", t->name);
		for (size_t k = 0; k < 4; k++) {
			size_t len = strlen(sentences[k]);

			ck_assert_msg(len > 20 && sentences[k][len - 1] == '.', "%s %zu", t->name, k);
		}
		ck_assert_int_eq(code_find(t->name), i);
		ck_assert_int_eq(code_find(t->name + 2), i);
	}
	ck_assert_str_eq(names, all);
	ck_assert_str_eq(code_name(CODE_OK), "OK");
	ck_assert_int_eq(code_find("e_cpr"), E_CPR);
	ck_assert_int_eq(code_find("cpr"), E_CPR);
	ck_assert_int_eq(code_find("E_"), -1);
	ck_assert_int_eq(code_find(""), -1);
	ck_assert_int_eq(code_find("E_CPRS"), -1);
	ck_assert_int_eq(code_find("OK"), -1);
}
END_TEST

static int find(const struct lexicon *lx, const char *word)
{
	char text[64] = { 0 };

	memset(text, 'x', sizeof text);
	memcpy(text, word, strlen(word));
	return lexicon_find(lx, text, strlen(word));
}

START_TEST(lexicons)
{
	struct words w;
	struct lexicon lx;
	static const char *const twice[] = { "a", "a" };
	static const char *const too_long[] = { "12345678901234567" };
	static const char *const longest[] = { "1234567890123456", "12345679" };
	static const char *const alike[] = { "1234567890123456", "1234567890123457" };

	ck_assert_int_eq(words_init(&w), 0);
	for (int i = 0; i < KEYS; i++)
		ck_assert_int_eq(find(&w.key, key_name[i]), i);
	for (int i = 0; i < EFFORT_CHANNELS; i++)
		ck_assert_int_eq(find(&w.channel, vocab_channel[i]), i);
	ck_assert_int_eq(find(&w.key, ""), -1);
	ck_assert_int_eq(find(&w.key, "i"), -1);
	ck_assert_int_eq(find(&w.key, "idx"), -1);
	ck_assert_int_eq(find(&w.key, "datacontenttypes"), -1);
	ck_assert_int_eq(find(&w.key, "datacontenttypes and more"), -1);
	ck_assert_int_eq(lexicon_init(&lx, longest, 2), 0);
	ck_assert_int_eq(find(&lx, longest[0]), 0);
	ck_assert_int_eq(find(&lx, longest[1]), 1);
	ck_assert_int_lt(lexicon_init(&lx, too_long, 1), 0);
	ck_assert_int_lt(lexicon_init(&lx, twice, 2), 0);
	ck_assert_int_lt(lexicon_init(&lx, alike, 2), 0);
}
END_TEST

START_TEST(blocks)
{
	uint32_t state = 1;

	for (int i = 0; i < 100000; i++) {
		char bytes[BLOCK];

		for (size_t k = 0; k < BLOCK; k++) {
			state = state * 1664525 + 1013904223;
			bytes[k] = (char)(state >> 24);
		}

		struct block a = block_read(bytes);
		struct block b = block_read_portable(bytes, BLOCK);

		struct block half = block_read32(bytes);

		ck_assert(a.digits == b.digits && a.odd == b.odd);
		ck_assert(half.digits == (uint32_t)b.digits && half.odd == (uint32_t)b.odd);
		ck_assert(block_quotes(bytes) == block_quotes_portable(bytes));
		ck_assert(block_find32(bytes, '"') == (uint32_t)block_quotes_portable(bytes));
		ck_assert_uint_eq(block_count(a.odd), (unsigned)__builtin_popcountll(a.odd));
	}
	ck_assert_uint_eq(block_within(1), 1);
	ck_assert_uint_eq(block_within(63), UINT64_MAX >> 1);
	ck_assert_uint_eq(block_within(64), UINT64_MAX);
	ck_assert_uint_eq(block_within(65536), UINT64_MAX);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { lists, codes, lexicons, blocks };

	return RUN_TESTS("event vocab", tests);
}
