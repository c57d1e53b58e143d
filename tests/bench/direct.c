/* SPDX-License-Identifier: MPL-2.0 */
/* What stands in place of a daemon when an application counts in Redis by itself: one pipelined HINCRBY for
 * each dimension of each event. The events are read before the clock starts, so this is the peer at its best:
 * it neither receives, nor parses, nor validates, nor can send anything again without counting it twice.
 *
 *     bench_direct [-d 1|4] [-n LINES] SOCKET FILE
 *
 * Prints "go" when the events are in memory, and ends when Redis has answered everything. */
#include <hiredis/hiredis.h>

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIPELINE   1000
#define PARTS      4
#define PART_BYTES 16

/* municipality, channel, kle, kind */
struct contact {
	char part[PARTS][PART_BYTES];
};

static const char *const members[PARTS] = { "\"municipality\":\"", "\"channel\":\"", "\"kle\":\"",
					    "\"kind\":\"" };
static struct contact *contacts; /* owned */
static size_t contacts_len, contacts_cap;

static void die(const char *why)
{
	fprintf(stderr, "bench_direct: %s\n", why);
	exit(1);
}

static void read_part(const char *line, const char *member, char dst[PART_BYTES])
{
	const char *from = strstr(line, member);
	size_t n;

	if (from == NULL)
		die("a line lacks a member");
	from += strlen(member);
	n = strcspn(from, "\"");
	if (n >= PART_BYTES)
		die("a member is too long");
	memcpy(dst, from, n);
	dst[n] = '\0';
}

static void read_contacts(const char *path, long lines_max)
{
	FILE *f = fopen(path, "r");
	char line[4096];

	if (f == NULL)
		die(path);
	while ((lines_max < 0 || contacts_len < (size_t)lines_max) && fgets(line, sizeof(line), f) != NULL) {
		if (contacts_len == contacts_cap) {
			contacts_cap = contacts_cap * 2 + 65536;
			contacts = realloc(contacts, contacts_cap * sizeof(*contacts));
			if (contacts == NULL)
				die("out of memory");
		}
		for (int i = 0; i < PARTS; i++)
			read_part(line, members[i], contacts[contacts_len].part[i]);
		contacts_len++;
	}
	fclose(f);
}

static void increment(redisContext *redis, const char *prefix, const char *name, const char *field)
{
	char key[2 * PART_BYTES];
	size_t prefix_len = strlen(prefix), name_len = strlen(name);
	const char *words[] = { "HINCRBY", key, field, "1" };
	const size_t lens[] = { 7, prefix_len + name_len, strlen(field), 1 };

	memcpy(key, prefix, prefix_len);
	memcpy(key + prefix_len, name, name_len);
	redisAppendCommandArgv(redis, 4, (const char **)words, lens);
}

/* Commands appended. */
static int append(redisContext *redis, const struct contact *c, int dimensions)
{
	increment(redis, "live:", c->part[0], c->part[1]);
	if (dimensions == 1)
		return 1;
	increment(redis, "kle:", c->part[0], c->part[2]);
	increment(redis, "kind:", c->part[0], c->part[3]);
	increment(redis, "country", "", c->part[1]);
	return 4;
}

static void take_answers(redisContext *redis, int n)
{
	void *reply;

	while (n-- > 0) {
		if (redisGetReply(redis, &reply) != REDIS_OK)
			die(redis->errstr);
		freeReplyObject(reply);
	}
}

int main(int argc, char **argv)
{
	int option, dimensions = 1, waiting = 0;
	long lines_max = -1;
	redisContext *redis;

	while ((option = getopt(argc, argv, "d:n:")) != -1) {
		if (option == 'd')
			dimensions = atoi(optarg);
		else if (option == 'n')
			lines_max = atol(optarg);
		else
			return 64;
	}
	if (argc - optind != 2 || (dimensions != 1 && dimensions != 4))
		return 64;
	read_contacts(argv[optind + 1], lines_max);
	redis = redisConnectUnix(argv[optind]);
	if (redis == NULL || redis->err)
		die("no Redis");
	printf("go\n");
	fflush(stdout);
	for (size_t i = 0; i < contacts_len; i++) {
		waiting += append(redis, &contacts[i], dimensions);
		if (waiting >= PIPELINE) {
			take_answers(redis, waiting);
			waiting = 0;
		}
	}
	take_answers(redis, waiting);
	redisFree(redis);
	free(contacts);
	return 0;
}
