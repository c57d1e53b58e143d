/* SPDX-License-Identifier: MPL-2.0 */
/* See plan.h. */
#include "plan.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE       4096
#define FAULTS_MAX 20

struct settings set = { .run = "e", .seed = 1, .max = 1000000, .conns = 4, .window = 1000, .patience = 60 };
struct shape *shapes;
size_t shapes_len;
struct bad *bads;
size_t bads_len;
volatile struct counters *count;
volatile uint8_t *state;

static uint64_t dice;
static uint64_t *again; /* a ring */
static size_t again_first, again_n, again_cap;
static char fault_text[FAULTS_MAX][512];
static int fault_texts;

uint64_t plan_mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t plan_roll(uint64_t n)
{
	dice = plan_mix(dice);
	return dice % n;
}

void plan_die(const char *what)
{
	fprintf(stderr, "producer: %s: %s\n", what, strerror(errno));
	exit(3);
}

void plan_fault(const char *format, ...)
{
	va_list args;

	count->faults++;
	if (fault_texts == FAULTS_MAX)
		return;
	va_start(args, format);
	vsnprintf(fault_text[fault_texts++], sizeof(fault_text[0]), format, args);
	va_end(args);
}

uint32_t plan_shape(uint64_t number)
{
	return (uint32_t)(plan_mix(set.seed ^ plan_mix(number)) % shapes_len);
}

bool plan_may_repeat(uint64_t number)
{
	return plan_mix(number ^ 0x5eed) & 1;
}

/* --- files --- */

static char *load(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t len = 0, cap = 0;

	if (f == NULL)
		plan_die(path);
	do {
		cap += 1 << 20;
		text = realloc(text, cap + 1);
		if (text == NULL)
			plan_die("memory");
		len += fread(text + len, 1, cap - len, f);
	} while (len == cap);
	text[len] = '\0';
	fclose(f);
	return text;
}

/* "<sibling> <rest of the line>" each. */
static void load_shapes(void)
{
	char *at = load(set.templates), *line;

	while ((line = strsep(&at, "\n")) != NULL && *line != '\0') {
		char *rest = strchr(line, ' ');

		if (rest == NULL || strlen(rest) > LINE_ROOM - 100)
			exit(3);
		shapes = realloc(shapes, (shapes_len + 1) * sizeof(*shapes));
		shapes[shapes_len++] =
			(struct shape){ rest + 1, strlen(rest + 1), (uint32_t)strtoul(line, NULL, 10), 0 };
	}
}

/* "<code> <line>" each; "%" in the line becomes a number of its own. */
static void load_bads(void)
{
	char *at = set.bad != NULL ? load(set.bad) : NULL, *line;

	while (at != NULL && (line = strsep(&at, "\n")) != NULL && *line != '\0') {
		char *rest = strchr(line, ' ');

		if (rest == NULL || strlen(rest) > LINE_ROOM - 100)
			exit(3);
		*rest = '\0';
		bads = realloc(bads, (bads_len + 1) * sizeof(*bads));
		bads[bads_len].line = rest + 1;
		snprintf(bads[bads_len++].code, sizeof(bads[0].code), "%s", line);
	}
}

static void map_ledger(void)
{
	int fd = open(set.ledger, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	void *map;

	if (fd < 0 || ftruncate(fd, (off_t)(PAGE + set.max)) < 0)
		plan_die(set.ledger);
	map = mmap(NULL, PAGE + set.max, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		plan_die(set.ledger);
	close(fd);
	count = map;
	state = (volatile uint8_t *)map + PAGE;
}

static void put_text(const char *text)
{
	putchar('"');
	for (; *text != '\0'; text++)
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text >= 0x20)
			putchar(*text);
	putchar('"');
}

void plan_report(double seconds)
{
	printf("{\"seed\":%llu,\"seconds\":%.1f,\"faults\":[", (unsigned long long)set.seed, seconds);
	for (int i = 0; i < fault_texts; i++) {
		if (i > 0)
			putchar(',');
		put_text(fault_text[i]);
	}
	printf("],\"events\":[");
	for (size_t i = 0; i < shapes_len; i++)
		printf(i > 0 ? ",%llu" : "%llu", (unsigned long long)shapes[i].events);
	printf("]}\n");
}

/* --- what is to be sent again --- */

void plan_push(uint64_t number)
{
	if (again_n == again_cap) {
		size_t cap = again_cap > 0 ? 2 * again_cap : 4096;
		uint64_t *ring = malloc(cap * sizeof(*ring));

		if (ring == NULL)
			plan_die("memory");
		for (size_t i = 0; i < again_n; i++)
			ring[i] = again[(again_first + i) % again_cap];
		free(again);
		again = ring;
		again_cap = cap;
		again_first = 0;
	}
	again[(again_first + again_n++) % again_cap] = number;
}

bool plan_pop(uint64_t *ret)
{
	while (again_n > 0) {
		*ret = again[again_first];
		again_first = (again_first + 1) % again_cap;
		again_n--;
		if (!(state[*ret] & ACKED))
			return true;
	}
	return false;
}

bool plan_is_empty(void)
{
	return again_n == 0;
}

/* --- options --- */

static const struct {
	const char *name;
	const char **text;
	uint64_t *number;
} known[] = {
	{ "templates", &set.templates, NULL },
	{ "bad", &set.bad, NULL },
	{ "address", &set.address, NULL },
	{ "ledger", &set.ledger, NULL },
	{ "run", &set.run, NULL },
	{ "seed", NULL, &set.seed },
	{ "max", NULL, &set.max },
	{ "rate", NULL, &set.rate },
	{ "conns", NULL, &set.conns },
	{ "silent", NULL, &set.silent },
	{ "dup", NULL, &set.dup },
	{ "bad-permille", NULL, &set.bad_permille },
	{ "conflict-permille", NULL, &set.conflict_permille },
	{ "cut-ms", NULL, &set.cut_ms },
	{ "window", NULL, &set.window },
	{ "patience", NULL, &set.patience },
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

void plan_parse(int argc, char **argv)
{
	struct option options[KNOWN + 1] = { 0 };
	int o;

	for (size_t i = 0; i < KNOWN; i++)
		options[i] = (struct option){ known[i].name, required_argument, NULL, (int)i };
	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o < 0 || (size_t)o >= KNOWN)
			exit(64);
		if (known[o].text != NULL)
			*known[o].text = optarg;
		else
			*known[o].number = strtoull(optarg, NULL, 10);
	}
	if (set.templates == NULL || set.address == NULL || set.ledger == NULL || set.conns < 1 ||
	    set.window < 1)
		exit(64);
	dice = plan_mix(set.seed);
	load_shapes();
	load_bads();
	map_ledger();
}
