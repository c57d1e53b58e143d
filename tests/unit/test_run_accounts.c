/* SPDX-License-Identifier: MPL-2.0 */
/* Whose hints an account keeps: a source's own, and nobody's where several sources share one account. */
#include "run/accounts.h"
#include "suite.h"

#include "base/str.h"

#include <stdio.h>

static struct accounts accounts;

static struct account *of(const char *source)
{
	return accounts_of(&accounts, str_of(source));
}

static void set_up(void)
{
	ck_assert_int_eq(accounts_init(&accounts), 0);
}

static void tear_down(void)
{
	accounts_done(&accounts);
}

START_TEST(each_source_has_its_own_hints)
{
	struct name_hint *hint = account_hint(&accounts, of("phone-a"), 3);

	ck_assert_ptr_nonnull(hint);
	ck_assert_ptr_eq(account_hint(&accounts, of("phone-a"), 3), hint);
	ck_assert_ptr_ne(account_hint(&accounts, of("phone-a"), 4), hint);
	ck_assert_ptr_ne(account_hint(&accounts, of("phone-b"), 3), hint);
	ck_assert_uint_eq(hint->serial, 0);
}
END_TEST

START_TEST(sources_of_one_account_have_none)
{
	char source[32];

	for (int i = 0; i < ACCOUNTS_MAX; i++) {
		snprintf(source, sizeof(source), "source-%d", i);
		of(source);
	}
	ck_assert_ptr_eq(of("one more"), accounts.other);
	ck_assert_ptr_null(account_hint(&accounts, of("one more"), 3));
	ck_assert_ptr_null(account_hint(&accounts, of(ACCOUNT_OTHER), 3));
	ck_assert_ptr_nonnull(account_hint(&accounts, of("source-7"), 3));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { each_source_has_its_own_hints, sources_of_one_account_have_none };

	return RUN_TESTS_WITHIN("run/accounts", tests, set_up, tear_down);
}
