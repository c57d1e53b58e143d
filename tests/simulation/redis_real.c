/* SPDX-License-Identifier: MPL-2.0 */
/* See redis_real.h. */
#include "redis_real.h"

#include "suite.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

void real_start(struct real *real)
{
	pid_t parent = getpid();

	snprintf(real->dir, sizeof(real->dir), "/tmp/effort-model-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(real->dir));
	snprintf(real->socket, sizeof(real->socket), "%s/s", real->dir);
	real->pid = fork();
	ck_assert_int_ge(real->pid, 0);
	if (real->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", real->socket, "--dir",
			       real->dir, "--save", "", "--logfile", "log", (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 500; i++) {
		real->redis = redisConnectUnix(real->socket);
		if (real->redis != NULL && real->redis->err == 0)
			return;
		if (real->redis != NULL)
			redisFree(real->redis);
		usleep(10000);
	}
	ck_abort_msg("redis-server does not answer");
}

void real_stop(struct real *real)
{
	char path[128];

	redisFree(real->redis);
	kill(real->pid, SIGKILL);
	waitpid(real->pid, NULL, 0);
	unlink(real->socket);
	snprintf(path, sizeof(path), "%s/log", real->dir);
	unlink(path);
	rmdir(real->dir);
}

/* An answer as one line of text. Pairs of a hash in the order of their names. */
struct line {
	char text[65536];
	size_t len;
};

static void put(struct line *line, const char *bytes, size_t len)
{
	ck_assert_uint_lt(line->len + len, sizeof(line->text));
	memcpy(line->text + line->len, bytes, len);
	line->len += len;
	line->text[line->len] = '\0';
}

static int compare_elements(const void *left, const void *right)
{
	const redisReply *const *a = left, *const *b = right;
	const char *x = (*a)->str != NULL ? (*a)->str : "", *y = (*b)->str != NULL ? (*b)->str : "";

	return strcmp(x, y);
}

static bool are_strings(const redisReply *reply)
{
	for (size_t i = 0; i < reply->elements; i++)
		if (reply->element[i]->type != REDIS_REPLY_STRING)
			return false;
	return reply->elements > 0;
}

static void write_reply(struct line *line, const redisReply *reply, size_t sort)
{
	char number[32];

	switch (reply->type) {
	case REDIS_REPLY_ARRAY:
		if (sort > 0 && are_strings(reply))
			qsort(reply->element, reply->elements / sort, sort * sizeof(*reply->element),
			      compare_elements);
		put(line, "[", 1);
		for (size_t i = 0; i < reply->elements; i++)
			write_reply(line, reply->element[i], sort);
		put(line, "]", 1);
		return;
	case REDIS_REPLY_INTEGER:
		snprintf(number, sizeof(number), ":%lld ", reply->integer);
		put(line, number, strlen(number));
		return;
	case REDIS_REPLY_NIL:
		put(line, "nil ", 4);
		return;
	case REDIS_REPLY_ERROR:
		put(line, "-", 1);
		put(line, reply->str, strcspn(reply->str, " "));
		return;
	case REDIS_REPLY_STATUS:
		put(line, "+", 1);
		break;
	default:
		put(line, "'", 1);
	}
	put(line, reply->str, (size_t)reply->len);
	put(line, " ", 1);
}

static redisReply *parse(const struct answer *answer)
{
	redisReader *reader = redisReaderCreate();
	void *reply = NULL;

	ck_assert_int_eq(redisReaderFeed(reader, answer->bytes, answer->len), REDIS_OK);
	ck_assert_int_eq(redisReaderGetReply(reader, &reply), REDIS_OK);
	ck_assert_ptr_nonnull(reply);
	redisReaderFree(reader);
	return reply;
}

/* How many elements go together where the order means nothing; 0: it does. */
static size_t sort_of(size_t argc, const char *const *argv)
{
	for (size_t i = 0; i < argc; i++) {
		if (strcmp(argv[i], "HGETALL") == 0)
			return 2;
		if (strcmp(argv[i], "HKEYS") == 0 || strcmp(argv[i], "HVALS") == 0 || strcmp(argv[i], "KEYS") == 0)
			return 1;
	}
	return 0;
}

void real_compare(struct real *real, struct server *server, int64_t now_ms, size_t argc,
		  const char *const *argv, const size_t *lens)
{
	static struct line ours, theirs;
	static struct arg args[16384];
	struct answer answer = { 0 };
	size_t sort = sort_of(argc, argv);
	redisReply *reply;

	ck_assert_uint_le(argc, sizeof(args) / sizeof(*args));
	for (size_t i = 0; i < argc; i++)
		args[i] = (struct arg){ argv[i], lens[i] };
	server_run(server, args, argc, now_ms, &answer);
	ours.len = theirs.len = 0;
	reply = parse(&answer);
	write_reply(&ours, reply, sort);
	freeReplyObject(reply);
	answer_done(&answer);
	reply = redisCommandArgv(real->redis, (int)argc, (const char **)argv, lens);
	ck_assert_msg(reply != NULL, "%s", real->redis->errstr);
	write_reply(&theirs, reply, sort);
	freeReplyObject(reply);
	ck_assert_msg(ours.len == theirs.len && memcmp(ours.text, theirs.text, ours.len) == 0,
		      "%s %s %s %s %s %s %s %s: the model answers %.300s\nand Redis %.300s", argv[0],
		      argc > 1 ? argv[1] : "", argc > 3 ? argv[3] : "", argc > 4 ? argv[4] : "", argc > 5 ? argv[5] : "",
		      argc > 6 ? argv[6] : "", argc > 7 ? argv[7] : "", argc > 8 ? argv[8] : "", ours.text,
		      theirs.text);
}

/* Everything in a key as a command that answers it; NULL: none. */
static const char *reader_of(enum kind kind)
{
	static const char *const readers[] = { "GET", "HGETALL", NULL, "XRANGE" };

	return readers[kind];
}

static void compare_scores(struct real *real, const struct text *key, const struct object *object)
{
	redisReply *all = redisCommand(real->redis, "ZRANGE %b 0 -1 WITHSCORES", key->bytes, (size_t)key->len);

	ck_assert_uint_eq(all->elements, object->table.len * 2);
	for (size_t i = 0; i + 1 < all->elements; i += 2) {
		const struct text *score = object_get(object, all->element[i]->str, (size_t)all->element[i]->len);

		ck_assert_msg(score != NULL, "%s: %s is only in Redis", key->bytes, all->element[i]->str);
		ck_assert_double_eq(strtod(score->bytes, NULL), strtod(all->element[i + 1]->str, NULL));
	}
	freeReplyObject(all);
}

void real_compare_keys(struct real *real, struct server *server)
{
	const struct table *table = &server->keys.table;

	real_compare(real, server, 0, 2, (const char *[]){ "KEYS", "*" }, (size_t[]){ 4, 1 });
	for (size_t i = 0; i < table->used; i++) {
		const struct text *key = table->entries[i].name;
		const struct object *object = table->entries[i].value;

		if (key == NULL)
			continue;
		if (object->kind == KIND_ZSET) {
			compare_scores(real, key, object);
			continue;
		}
		real_compare(real, server, 0, object->kind == KIND_STREAM ? 4 : 2,
			     (const char *[]){ reader_of(object->kind), key->bytes, "-", "+" },
			     (size_t[]){ strlen(reader_of(object->kind)), key->len, 1, 1 });
	}
}
