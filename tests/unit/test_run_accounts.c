/* SPDX-License-Identifier: MPL-2.0 */
/* Whose hints an account keeps: a source's own, and nobody's where several sources share one account; and that a source
 * which is configured has one of its own, however many there are. */
#include "run/accounts.h"
#include "suite.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

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

static void use_up(void)
{
	char source[32];

	for (int i = 0; i < ACCOUNTS_MAX; i++) {
		snprintf(source, sizeof(source), "source-%d", i);
		account_accepted(&accounts, of(source), 1000 + i);
	}
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
	use_up();
	ck_assert_ptr_eq(of("one more"), accounts.other);
	ck_assert_ptr_null(account_hint(&accounts, of("one more"), 3));
	ck_assert_ptr_null(account_hint(&accounts, of(ACCOUNT_OTHER), 3));
	ck_assert_ptr_nonnull(account_hint(&accounts, of("source-7"), 3));
}
END_TEST

static uint64_t received(void)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < accounts.n; i++)
		sum += accounts.list[i]->received;
	return sum;
}

START_TEST(a_configured_source_takes_the_place_of_the_longest_unheard)
{
	static struct conf_source sources[] = { { .name = "source-0" }, { .name = "week45", .method = 1, .expected_every_ms = 1 } };
	static struct conf conf = { .sources = sources, .sources_len = 2 };
	struct account *account;

	use_up();
	account_refused(&accounts, of("source-1"), E_VALUE, 7, 1001);
	ck_assert_ptr_eq(of("week45"), accounts.other);
	ck_assert_uint_eq(accounts.other->received, 2);
	accounts_configure(&accounts, &conf, 9000);
	account = of("week45");
	ck_assert_ptr_eq(account->conf, &sources[1]);
	ck_assert_int_eq(account->watched_ms, 9000);
	ck_assert_ptr_nonnull(account_hint(&accounts, account, 3));
	ck_assert_ptr_eq(of("source-0")->conf, &sources[0]);
	/* source-1 was the longest unheard of those that are not configured: what it had is in _other */
	ck_assert_ptr_eq(of("source-1"), accounts.other);
	ck_assert_uint_eq(accounts.other->received, 4);
	ck_assert_uint_eq(accounts.other->accepted, 3);
	ck_assert_uint_eq(accounts.other->refused, 1);
	ck_assert_uint_eq(accounts.other->codes[E_VALUE], 1);
	ck_assert_uint_eq(accounts.other->first_line[E_VALUE], 7);
	ck_assert_uint_eq(accounts.n, ACCOUNTS_MAX);
	ck_assert_uint_eq(received(), accounts.received);
	ck_assert_uint_eq(of("source-2")->received, 1);
	ck_assert_uint_eq(of("source-4093")->received, 1);
}
END_TEST

/* One configuration after another, each with as many sources as there can be, all of them new. */
START_TEST(configured_sources_that_change_take_no_more_room)
{
	static struct conf_source sources[1000];
	static char names[1000][32];
	static struct conf conf = { .sources = sources, .sources_len = 1000 };

	use_up();
	for (int round = 0; round < 6; round++) {
		for (int i = 0; i < 1000; i++) {
			snprintf(names[i], sizeof(names[i]), "round-%d-%d", round, i);
			sources[i].name = names[i];
		}
		accounts_configure(&accounts, &conf, 9000 + round);
		for (int i = 0; i < 1000; i++)
			ck_assert_ptr_eq(of(names[i])->conf, &sources[i]);
		ck_assert_uint_eq(accounts.n, ACCOUNTS_MAX);
	}
	ck_assert_uint_eq(received(), accounts.received);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { each_source_has_its_own_hints, sources_of_one_account_have_none,
				  a_configured_source_takes_the_place_of_the_longest_unheard,
				  configured_sources_that_change_take_no_more_room };

	return RUN_TESTS_WITHIN("run/accounts", tests, set_up, tear_down);
}
