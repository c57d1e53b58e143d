/* SPDX-License-Identifier: MPL-2.0 */
/* Numbers, words and hashes of the base: decimal comma and thousands point (case 23 of the sources), Danish
 * letters (case 22), and the keyed hash against its authors' vectors. */
#include "suite.h"

#include "base/amount.h"
#include "base/letters.h"
#include "base/sip.h"

#include <errno.h>
#include <string.h>

static int parse(const struct amount_form *form, const char *text, int decimals, int64_t *ret)
{
	return amount_parse(form, text, strlen(text), decimals, ret);
}

static void is(const struct amount_form *form, const char *text, int decimals, int64_t want)
{
	int64_t got = -1;

	ck_assert_msg(parse(form, text, decimals, &got) == 0, "\"%s\" is refused", text);
	ck_assert_msg(got == want, "\"%s\" is %lld", text, (long long)got);
}

static void is_refused(const struct amount_form *form, const char *text, int decimals, int code)
{
	int64_t got = 77;

	ck_assert_msg(parse(form, text, decimals, &got) == code, "\"%s\" gives another code", text);
	ck_assert_int_eq(got, 77);
}

START_TEST(case_23_decimal_comma_and_thousands_point)
{
	is(&amount_danish, "1.234", 0, 1234);
	is(&amount_danish, "1.234,5", 2, 123450);
	is(&amount_danish, "-742.000", 0, -742000);
	is(&amount_danish, "1.234.567,00", 0, 1234567);
	is(&amount_danish, "12", 2, 1200);
	is(&amount_danish, "0,07", 2, 7);
	is(&amount_danish, " 1 234 567 ", 0, 1234567);
	is(&amount_danish,
	   "1\xc2\xa0"
	   "234,5",
	   1, 12345);
	is(&amount_plain, "1234.5", 1, 12345);
	is(&amount_plain, "+7", 0, 7);
	is(&(struct amount_form){ '.', ',' }, "1,234.5", 1, 12345);
}
END_TEST

START_TEST(what_could_be_read_in_two_ways_is_refused)
{
	is_refused(&amount_danish, "1.5", 2, -EINVAL);
	is_refused(&amount_danish, "1.2345", 2, -EINVAL);
	is_refused(&amount_danish, "1234.567", 2, -EINVAL);
	is_refused(&amount_danish, "1.234 567", 0, -EINVAL);
	is_refused(&amount_danish, "1,234,567", 2, -EINVAL);
	is_refused(&amount_plain, "1,5", 2, -EINVAL);
	is_refused(&amount_danish, "", 0, -EINVAL);
	is_refused(&amount_danish, "1,", 0, -EINVAL);
	is_refused(&amount_danish, ",5", 1, -EINVAL);
	is_refused(&amount_danish, "1e3", 0, -EINVAL);
	is_refused(&amount_danish, "--1", 0, -EINVAL);
	is_refused(&amount_danish, "2,5", 0, -EDOM);
	is_refused(&amount_danish, "9999999999999999", 0, -ERANGE);
	is_refused(&amount_danish, "999999999999999", 6, -ERANGE);
}
END_TEST

static void folds(const char *text, const char *want)
{
	char got[64];

	letters_fold(text, strlen(text), got, sizeof(got));
	ck_assert_str_eq(got, want);
}

static void slugs(const char *text, bool is_lower, const char *want)
{
	char got[65];

	ck_assert_uint_eq(letters_slug(text, strlen(text), is_lower, got, sizeof(got)), strlen(want));
	ck_assert_str_eq(got, want);
}

START_TEST(case_22_danish_letters)
{
	folds("  ÆLDRE \t Omr\xc3\xa5"
	      "det\xc2\xa0",
	      "ældre området");
	folds("TLF.", "tlf.");
	folds("", "");
	folds("\xc2\xa0", "");
	slugs("Ældre & Sundhed", false, "Aeldre-Sundhed");
	slugs("Borgerservice Nørreport", true, "borgerservice-noerreport");
	slugs(" kø 12 ", false, "koe-12");
	slugs("a/b:c_d.e", false, "a/b:c_d.e");
	slugs("&&", false, "");
}
END_TEST

START_TEST(a_slug_that_does_not_fit_is_none)
{
	char got[8];

	ck_assert_uint_eq(letters_slug("abcdefgh", 8, false, got, sizeof(got)), 0);
}
END_TEST

START_TEST(the_hash_is_siphash)
{
	static const uint8_t empty[16] = { 0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6,
					   0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93 };
	static const uint8_t one[16] = { 0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44,
					 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc, 0x45 };
	uint8_t key[16], got[16];

	for (uint8_t i = 0; i < 16; i++)
		key[i] = i;
	sip_hash(key, key, 0, got);
	ck_assert_mem_eq(got, empty, 16);
	sip_hash(key, key, 1, got);
	ck_assert_mem_eq(got, one, 16);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { case_23_decimal_comma_and_thousands_point,
				       what_could_be_read_in_two_ways_is_refused, case_22_danish_letters,
				       a_slug_that_does_not_fit_is_none, the_hash_is_siphash };

	return RUN_TESTS("base/amount", tests);
}
