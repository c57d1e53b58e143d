/* SPDX-License-Identifier: MPL-2.0 */
/* See accounts.h. */
#include "run/accounts.h"

#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static struct account **place_of(struct accounts *accounts, struct effort_str name, uint64_t hash)
{
	size_t i = hash % (2 * ACCOUNTS_MAX);

	while (accounts->index[i] != NULL &&
	       !str_same((struct effort_str){ accounts->index[i]->name, accounts->index[i]->name_len }, name))
		i = (i + 1) % (2 * ACCOUNTS_MAX);
	return &accounts->index[i];
}

static struct account *open_account(struct accounts *accounts, struct effort_str name, uint64_t hash,
				    struct account **place)
{
	struct account *account = calloc(1, sizeof(*account));

	if (account == NULL)
		return NULL;
	account->name = strndup(name.ptr, name.len);
	if (account->name == NULL) {
		free(account);
		return NULL;
	}
	account->name_len = name.len;
	account->hash = hash;
	accounts->list[accounts->n++] = account;
	*place = account;
	return account;
}

static struct account *open_named(struct accounts *accounts, const char *name)
{
	struct effort_str s = str_of(name);
	uint64_t hash = XXH3_64bits(s.ptr, s.len);

	return open_account(accounts, s, hash, place_of(accounts, s, hash));
}

int accounts_init(struct accounts *accounts)
{
	memset(accounts, 0, sizeof(*accounts));
	accounts->list = calloc(ACCOUNTS_MAX, sizeof(struct account *));
	if (accounts->list == NULL)
		return -ENOMEM;
	accounts->unknown = open_named(accounts, ACCOUNT_UNKNOWN);
	accounts->other = accounts->unknown == NULL ? NULL : open_named(accounts, ACCOUNT_OTHER);
	if (accounts->other == NULL) {
		accounts_done(accounts);
		return -ENOMEM;
	}
	accounts->last = accounts->unknown;
	return 0;
}

void accounts_done(struct accounts *accounts)
{
	for (size_t i = 0; i < accounts->n; i++) {
		free(accounts->list[i]->name);
		free(accounts->list[i]);
	}
	free(accounts->list);
	memset(accounts, 0, sizeof(*accounts));
}

struct account *accounts_of(struct accounts *accounts, struct effort_str source)
{
	struct account **place, *account = accounts->last;
	uint64_t hash;

	if (source.len == 0)
		return accounts->unknown;
	if (account->name_len == source.len && memcmp(account->name, source.ptr, source.len) == 0)
		return account;
	hash = XXH3_64bits(source.ptr, source.len);
	place = place_of(accounts, source, hash);
	account = *place;
	if (account == NULL && accounts->n < ACCOUNTS_MAX)
		account = open_account(accounts, source, hash, place);
	if (account == NULL)
		return accounts->other;
	accounts->last = account;
	return account;
}

static const struct conf_source *find_source(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->sources_len; i++)
		if (strcmp(conf->sources[i].name, name) == 0)
			return &conf->sources[i];
	return NULL;
}

static void configure(struct account *account, const struct conf_source *source, int64_t now_ms)
{
	if (account->conf == NULL && source != NULL)
		account->watched_ms = now_ms;
	if (source == NULL || source->expected_every_ms == 0)
		account->is_silent = false;
	account->conf = source;
}

/* --- room for what is configured --- */

/* Of those that are not configured the one that was not heard for longest. */
static size_t find_longest_unheard(const struct accounts *accounts)
{
	size_t found = accounts->n;

	for (size_t i = 0; i < accounts->n; i++) {
		const struct account *account = accounts->list[i];

		if (account != accounts->unknown && account != accounts->other && account->conf == NULL &&
		    (found == accounts->n || account->last_ms < accounts->list[found]->last_ms))
			found = i;
	}
	return found;
}

static void add_up(struct account *to, const struct account *from)
{
	to->received += from->received;
	to->accepted += from->accepted;
	to->duplicate += from->duplicate;
	to->refused += from->refused;
	to->merged += from->merged;
	to->doubtful += from->doubtful;
	to->last_ms = from->last_ms > to->last_ms ? from->last_ms : to->last_ms;
	to->good_ms = from->good_ms > to->good_ms ? from->good_ms : to->good_ms;
	for (size_t i = 0; i < CODES; i++) {
		to->codes[i] += from->codes[i];
		if (to->unlogged[i] == 0)
			to->first_line[i] = from->first_line[i];
		to->unlogged[i] += from->unlogged[i];
	}
}

static void index_anew(struct accounts *accounts)
{
	memset(accounts->index, 0, sizeof(accounts->index));
	for (size_t i = 0; i < accounts->n; i++) {
		struct account *account = accounts->list[i];

		*place_of(accounts, (struct effort_str){ account->name, account->name_len }, account->hash) = account;
	}
}

/* From now on that source is one of the others. */
static void make_room(struct accounts *accounts)
{
	size_t i = find_longest_unheard(accounts);
	struct account *account;

	if (i == accounts->n)
		return;
	account = accounts->list[i];
	add_up(accounts->other, account);
	accounts->list[i] = accounts->list[--accounts->n];
	accounts->last = accounts->unknown;
	index_anew(accounts);
	free(account->name);
	free(account);
}

static void open_configured(struct accounts *accounts, const struct conf_source *source, int64_t now_ms)
{
	struct account *account = accounts_of(accounts, str_of(source->name));

	if (strcmp(account->name, source->name) == 0)
		configure(account, source, now_ms);
}

void accounts_configure(struct accounts *accounts, const struct conf *conf, int64_t now_ms)
{
	for (size_t i = 0; i < accounts->n; i++)
		configure(accounts->list[i], find_source(conf, accounts->list[i]->name), now_ms);
	for (size_t i = 0; i < conf->sources_len; i++) {
		struct effort_str name = str_of(conf->sources[i].name);

		if (accounts->n == ACCOUNTS_MAX && *place_of(accounts, name, XXH3_64bits(name.ptr, name.len)) == NULL)
			make_room(accounts);
		open_configured(accounts, &conf->sources[i], now_ms);
	}
}

struct name_hint *account_hint(const struct accounts *accounts, struct account *account, uint16_t municipality)
{
	return account == accounts->other ? NULL : &account->hints[municipality % ACCOUNT_HINTS];
}

void account_accepted(struct accounts *accounts, struct account *account, int64_t now_ms)
{
	accounts->received++;
	accounts->accepted++;
	account->received++;
	account->accepted++;
	account->last_ms = account->good_ms = now_ms;
}

void account_merged(struct accounts *accounts, struct account *account, uint64_t contacts)
{
	account->merged += contacts;
	accounts->merged += contacts;
}

void account_duplicate(struct accounts *accounts, struct account *account, int64_t now_ms)
{
	accounts->received++;
	accounts->duplicate++;
	account->received++;
	account->duplicate++;
	account->last_ms = account->good_ms = now_ms;
}

void account_refused(struct accounts *accounts, struct account *account, enum code code, uint64_t line,
		     int64_t now_ms)
{
	accounts->received++;
	accounts->refused++;
	account->received++;
	account->refused++;
	account->codes[code]++;
	account->last_ms = now_ms;
	if (account->unlogged[code]++ == 0)
		account->first_line[code] = line;
}
