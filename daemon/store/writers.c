/* SPDX-License-Identifier: MPL-2.0 */
/* The other writers of this Redis: each says in effort:_writers, with its signs of life, the day and for how many days it
 * keeps day and week hashes ("2026-11-21 400 1095", "-" for ever), and behind that the sources it expects, those it misses and
 * those it hears: missing is what one of those that run misses and none hears, in one order, so that all say the same of the
 * hashes they share. What stands there outlives a writer that is stopped; whether it runs says its effort:writer:<id>, asked
 * behind it. One that does not run and has said nothing for WRITERS_GONE_DAYS is gone for good. At most OTHERS_MAX are known,
 * those that are gone make room; what one said is remembered as long as this process lives, also when Redis has forgotten it.
 * Where Redis has forgotten all of it, effort:_young stands for WRITERS_HEARD_MS beside what is said anew: so long nobody takes
 * what there is for all. */
#include "store/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SAYING (DAY_LEN + 2 * 12 + 3 + 2 * STORE_MISSING)

static struct other_writer *find(const struct store *store, const char *name, size_t len)
{
	for (size_t i = 0; i < store->writers_len; i++)
		if (strncmp(store->writers[i].name, name, len) == 0 && store->writers[i].name[len] == '\0')
			return (struct other_writer *)&store->writers[i];
	return NULL;
}

static bool is_long_ago(const struct store *store, int32_t day)
{
	return day == INT32_MIN || store->known_day - day > WRITERS_GONE_DAYS;
}

static bool is_gone(const struct store *store, const struct other_writer *writer)
{
	if (strcmp(writer->name, store->writer) == 0)
		return true;
	return writer->said == INT32_MIN || (!writer->lives && is_long_ago(store, writer->said));
}

/* A place for one that has said something on this day. Who is gone makes room for who is not. */
static struct other_writer *find_room(struct store *store, int32_t day)
{
	if (store->writers_len < OTHERS_MAX)
		return &store->writers[store->writers_len++];
	for (size_t i = 0; i < store->writers_len && !is_long_ago(store, day); i++)
		if (is_gone(store, &store->writers[i]))
			return &store->writers[i];
	return NULL;
}

static struct other_writer *find_or_add(struct store *store, const char *name, int32_t day)
{
	struct other_writer *writer = find(store, name, strlen(name));

	if (writer != NULL || strlen(name) >= sizeof(writer->name))
		return writer;
	writer = find_room(store, day);
	if (writer == NULL)
		return NULL;
	*writer = (struct other_writer){ .said = INT32_MIN };
	snprintf(writer->name, sizeof(writer->name), "%s", name);
	return writer;
}

/* --- what is said --- */

static const char *days_text(int32_t days, char buf[12])
{
	if (days == STORE_FOR_EVER)
		return "-";
	snprintf(buf, 12, "%d", days);
	return buf;
}

static void say(const struct store *store, char ret[SAYING])
{
	char day[12], week[12];

	snprintf(ret, SAYING, "%.*s %s %s %s %s", DAY_LEN, DAY_STR(store->known_day),
		 days_text(store->keeps_day, day), days_text(store->keeps_week, week),
		 store->own_missing, store->own_heard);
}

static bool read_days(const char **at, int32_t *ret)
{
	char *end;

	if (**at != ' ')
		return false;
	if ((*at)[1] == '-') {
		*ret = STORE_FOR_EVER;
		*at += 2;
		return true;
	}
	*ret = (int32_t)strtol(*at + 1, &end, 10);
	if (end == *at + 1 || *ret < 0)
		return false;
	*at = end;
	return true;
}

/* "missing,... heard,..." */
static void hear_sources(struct other_writer *writer, const char *at)
{
	int len = (int)strcspn(at, " ");

	snprintf(writer->missing, sizeof(writer->missing), "%.*s", len, at);
	if (at[len] == ' ')
		snprintf(writer->heard, sizeof(writer->heard), "%s", at + len + 1);
}

/* What cannot be read is from a later effortd: the day alone, and that it keeps nothing longer. A clock that was wrong for a
 * moment, or a Redis that is an older one again, ends nobody: the day never goes back, nor does one of before shorten what is
 * kept. */
static void hear(struct store *store, const char *name, const char *saying, bool *are_too_many)
{
	const char *at = saying + DAY_LEN;
	int32_t day, keeps_day = 0, keeps_week = 0;
	struct other_writer *writer;

	if (strcmp(name, store->writer) == 0 || strlen(saying) < DAY_LEN || !day_parse(saying, DAY_LEN, &day))
		return;
	writer = find_or_add(store, name, day);
	if (writer == NULL) {
		*are_too_many |= !is_long_ago(store, day);
		return;
	}
	writer->missing[0] = writer->heard[0] = '\0';
	if (!read_days(&at, &keeps_day) || !read_days(&at, &keeps_week))
		keeps_day = keeps_week = 0;
	else if (*at == ' ')
		hear_sources(writer, at + 1);
	if (day >= writer->said || keeps_day > writer->keeps_day)
		writer->keeps_day = keeps_day;
	if (day >= writer->said || keeps_week > writer->keeps_week)
		writer->keeps_week = keeps_week;
	if (day > writer->said)
		writer->said = day;
}

/* --- what is missing --- */

struct name {
	const char *at;
	size_t len;
};

static int compare(struct name a, struct name b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_name(const void *a, const void *b)
{
	return compare(*(const struct name *)a, *(const struct name *)b);
}

static size_t count_names(const char *list)
{
	size_t n = *list != '\0';

	for (; *list != '\0'; list++)
		n += *list == ',';
	return n;
}

static size_t add_names(struct name *to, const char *list)
{
	size_t n = 0;

	for (const char *at = list; *at != '\0'; at += strcspn(at, ","), at += *at == ',')
		if (*at != ',')
			to[n++] = (struct name){ at, strcspn(at, ",") };
	return n;
}

static const char *missing_of(const struct other_writer *writer)
{
	return writer->missing;
}

static const char *heard_of(const struct other_writer *writer)
{
	return writer->heard;
}

static bool runs(const struct store *store, size_t i)
{
	return store->writers[i].lives && !is_gone(store, &store->writers[i]);
}

/* What this writer and all that run say, in order. NULL: no memory. */
static struct name *gather(const struct store *store, const char *own, const char *(*list_of)(const struct other_writer *),
			   size_t *ret_n)
{
	size_t most = 1 + count_names(own), n;
	struct name *names;

	for (size_t i = 0; i < store->writers_len; i++)
		most += count_names(list_of(&store->writers[i]));
	names = malloc(most * sizeof(*names));
	if (names == NULL)
		return NULL;
	n = add_names(names, own);
	for (size_t i = 0; i < store->writers_len; i++)
		if (runs(store, i))
			n += add_names(names + n, list_of(&store->writers[i]));
	qsort(names, n, sizeof(*names), by_name);
	*ret_n = n;
	return names;
}

/* Writes those of `missing` that are not among `heard`, each once, as far as there is room. */
static void write_missing(struct store *store, const struct name *missing, size_t n, const struct name *heard, size_t heard_n)
{
	size_t len = 0, h = 0;

	store->missing[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && compare(missing[i - 1], missing[i]) == 0)
			continue;
		while (h < heard_n && compare(heard[h], missing[i]) < 0)
			h++;
		if (h < heard_n && compare(heard[h], missing[i]) == 0)
			continue;
		if (len + missing[i].len + 2 > sizeof(store->missing))
			return;
		len += (size_t)snprintf(store->missing + len, sizeof(store->missing) - len, "%s%.*s", len == 0 ? "" : ",",
					(int)missing[i].len, missing[i].at);
	}
}

void writers_missing(struct store *store)
{
	size_t n = 0, heard_n = 0;
	struct name *missing = gather(store, store->own_missing, missing_of, &n);
	struct name *heard = gather(store, store->own_heard, heard_of, &heard_n);

	/* Without memory it is found out with the next sign of life. */
	if (missing != NULL && heard != NULL)
		write_missing(store, missing, n, heard, heard_n);
	free(missing);
	free(heard);
}

/* --- asking --- */

static bool is_answer(const struct store *store, const struct redisReply *reply, uint64_t serial)
{
	return reply != NULL && store->state == STATE_READY && (uint32_t)serial == store->writers_serial;
}

static void on_life(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct store *store = ctx;

	if (!is_answer(store, reply, arg & UINT32_MAX))
		return;
	store->writers[arg >> 32].lives = reply->type == REDIS_REPLY_INTEGER && reply->integer == 1;
	if (--store->lives_out > 0)
		return;
	store->has_lives = true;
	writers_missing(store);
}

static void ask_life(struct store *store, size_t i)
{
	command_clear(&store->command);
	command_puts(&store->command, "EXISTS");
	command_printf(&store->command, "%swriter:%s", store->prefix, store->writers[i].name);
	if (session_send(store, on_life, (uint64_t)i << 32 | store->writers_serial) == 0)
		store->lives_out++;
}

static void on_writers(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct store *store = ctx;
	bool are_too_many = false;

	if (!is_answer(store, reply, arg))
		return;
	if (reply->type != REDIS_REPLY_ARRAY) {
		session_refused(store, reply);
		return;
	}
	for (size_t i = 0; i + 1 < reply->elements; i += 2) {
		const struct redisReply *name = reply->element[i], *saying = reply->element[i + 1];

		if (name->type == REDIS_REPLY_STRING && saying->type == REDIS_REPLY_STRING)
			hear(store, name->str, saying->str, &are_too_many);
	}
	store->are_too_many = are_too_many;
	store->has_writers = true;
	for (size_t i = 0; i < store->writers_len && store->state == STATE_READY; i++)
		if (!is_gone(store, &store->writers[i]))
			ask_life(store, i);
	if (store->lives_out == 0) {
		store->has_lives = true;
		writers_missing(store);
	}
}

/* The answer behind that one. Who has only asked has made nothing young. */
static void on_young(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	struct store *store = ctx;
	bool is_said = arg >> 32 != 0;

	if (!is_answer(store, reply, arg & UINT32_MAX) || !store->has_writers)
		return;
	store->has_heard |= is_said && reply->type == REDIS_REPLY_INTEGER && reply->integer == 0;
	if (store->owner.on_writers != NULL)
		store->owner.on_writers(store->owner.ctx);
}

static void ask_young(struct store *store, bool is_said)
{
	command_clear(&store->command);
	command_puts(&store->command, "EXISTS");
	command_printf(&store->command, "%s_young", store->prefix);
	session_send(store, on_young, (uint64_t)is_said << 32 | store->writers_serial);
}

void writers_send(struct store *store)
{
	bool is_ours = !store->is_unclaimed && !store->is_foreign;
	char saying[SAYING];

	store->writers_serial++;
	store->lives_out = 0;
	say(store, saying);
	command_clear(&store->command);
	if (is_ours) {
		command_puts(&store->command, "FCALL");
		command_puts(&store->command, "effort_agree");
		command_puts(&store->command, "2");
	} else {
		command_puts(&store->command, "HGETALL");
	}
	command_printf(&store->command, "%s_writers", store->prefix);
	if (is_ours) {
		command_printf(&store->command, "%s_young", store->prefix);
		command_puts(&store->command, store->writer);
		command_puts(&store->command, saying);
		command_int(&store->command, WRITERS_HEARD_MS);
	}
	if (session_send(store, on_writers, store->writers_serial) == 0)
		ask_young(store, is_ours);
}

void writers_ready(struct store *store)
{
	store->has_writers = store->has_lives = false;
	for (size_t i = 0; i < store->writers_len; i++)
		store->writers[i].lives = false;
	writers_send(store);
}

void writers_living(const struct store *store, char ret[OTHERS_TEXT])
{
	size_t len = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < store->writers_len; i++)
		if (runs(store, i))
			len += (size_t)snprintf(ret + len, OTHERS_TEXT - len, "%s_w:%s", len == 0 ? "" : ",",
						store->writers[i].name);
}

static void on_left(void *ctx, uint64_t arg, const struct redisReply *reply)
{
	(void)ctx;
	(void)arg;
	(void)reply;
}

/* A clean end does not look like life for as long as the key would last. */
void writers_leave(struct store *store)
{
	if (store->state != STATE_READY || store->is_foreign)
		return;
	command_clear(&store->command);
	command_puts(&store->command, "DEL");
	command_printf(&store->command, "%swriter:%s", store->prefix, store->writer);
	if (session_send(store, on_left, 0) == 0)
		link_push(store->link);
}

/* --- what others are told --- */

void store_ask_writers(struct store *store)
{
	if (store->state != STATE_READY)
		return;
	store->has_lives = false;
	store->withheld_for = 0;
	writers_send(store);
}

bool store_knows_writers(const struct store *store)
{
	return store->has_lives;
}

void store_set_retention(struct store *store, int32_t day, int32_t week, int32_t today)
{
	store->keeps_day = day;
	store->keeps_week = week;
	store->known_day = today;
}

bool store_others_keep(const struct store *store, struct store_keeping *ret)
{
	*ret = (struct store_keeping){ .is_whole = store->has_heard && !store->are_too_many,
					.are_too_many = store->are_too_many };
	for (size_t i = 0; i < store->writers_len; i++) {
		const struct other_writer *writer = &store->writers[i];

		if (is_gone(store, writer))
			continue;
		if (ret->other[0] == '\0' &&
		    (writer->keeps_day != store->keeps_day || writer->keeps_week != store->keeps_week)) {
			snprintf(ret->other, sizeof(ret->other), "%s", writer->name);
			ret->other_day = writer->keeps_day;
			ret->other_week = writer->keeps_week;
		}
		ret->day = writer->keeps_day > ret->day ? writer->keeps_day : ret->day;
		ret->week = writer->keeps_week > ret->week ? writer->keeps_week : ret->week;
	}
	return store->has_writers;
}

const char *store_writer(const struct store *store)
{
	return store->writer;
}

void store_gone_writers(const struct store *store, char *ret, size_t size)
{
	size_t len = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < store->writers_len && len < size; i++)
		if (is_gone(store, &store->writers[i]) && strcmp(store->writers[i].name, store->writer) != 0)
			len += (size_t)snprintf(ret + len, size - len, "%s%s", len == 0 ? "" : ",",
						store->writers[i].name);
}

bool store_has_others(const struct store *store)
{
	size_t i = 0;

	while (i < store->writers_len && is_gone(store, &store->writers[i]))
		i++;
	return i < store->writers_len;
}
