/* SPDX-License-Identifier: MPL-2.0 */
/* Unpacking with several threads: the same lines, events and keys in the same order as one thread makes of them, read
 * after read, whatever lines there are: bad, empty, tiny, escaped, as long as they may be. */
#include "danish_zone.h"
#include "run/crew.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#define READ  (256 * 1024)
#define READS 40

static struct conf conf = { .late_limit_ms = CONF_NEVER, .future_limit_ms = CONF_NEVER };
static struct snapshot snapshot = { .conf = &conf };
static struct core core;
static const struct parcel_terms terms = { &snapshot, &core, { "hello", 5 }, 1780000000000 };
static char text[READ + DECODE_PADDING];
static uint32_t seed;

static void set_up(void)
{
	const uint8_t key[32] = { 7 };

	danish_zone(&snapshot.zone);
	snapshot.municipality[751] = 1;
	key_maker_init(&core.keys, key);
	core.settings.limits.late_ms = CORE_NEVER;
	seed = 1;
}

static uint32_t chance(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static int write_event(char *to, size_t size, int number, const char *note)
{
	return snprintf(to, size,
			"{\"id\":\"%d\",\"time\":\"2026-%02u-10T12:00:00Z\",\"municipality\":\"%s\",\"channel\":"
			"\"phone\",\"service\":\"caf\\u00e9%d\",\"kle\":\"23.05.10\"%s%s}\n",
			number, 1 + chance(12), chance(9) == 0 ? "0752" : "0751", number,
			chance(2) == 0 ? ",\"source\":\"s\"" : "", note);
}

static int write_line(char *to, size_t size, int number)
{
	static char note[DECODE_MAX_LINE + 1];

	switch (chance(40)) {
	case 0:
		return snprintf(to, size, "{\"id\":%d}\n", number);
	case 1:
		return snprintf(to, size, "\r\n\n");
	case 2:
		return snprintf(to, size, "x\n");
	case 3:
		snprintf(note, sizeof(note), ",\"note\":\"%*d\"", (int)chance(60000), number);
		return write_event(to, size, number, note);
	default:
		return write_event(to, size, number, "");
	}
}

/* Whole lines, so many bytes at most. */
static size_t write_read(size_t most)
{
	static int number;
	char line[2 * DECODE_MAX_LINE];
	size_t len = 0;

	for (;;) {
		int n = write_line(line, sizeof(line), ++number);

		if (len + (size_t)n > most)
			return len;
		memcpy(text + len, line, (size_t)n);
		len += (size_t)n;
	}
}

/* Everything that is known of a line, as a number that depends on all before it. */
static uint64_t add(uint64_t h, uint64_t x)
{
	return (h ^ x) * UINT64_C(0x9e3779b97f4a7c15) + (h >> 31);
}

static uint64_t add_text(uint64_t h, struct effort_str s)
{
	for (size_t i = 0; i < s.len; i++)
		h = add(h, (unsigned char)s.ptr[i]);
	return add(h, s.len);
}

static uint64_t add_line(uint64_t h, const struct parcel *p, const struct parcel_line *l)
{
	h = add(add(h, (uint64_t)(l->line.ptr - text)), l->line.len);
	h = add_text(add_text(add(h, l->code), l->source), l->id);
	h = add(add_text(h, (struct effort_str){ l->field, strlen(l->field) }), l->is_expected);
	h = add(h, l->event >= 0);
	if (l->event < 0)
		return h;

	const struct effort_event *ev = &p->events[l->event];

	h = add_text(add(add(h, (uint64_t)ev->time_ms), (uint64_t)ev->day), ev->service);
	return add(add(h, p->keys[l->event].id), p->keys[l->event].content);
}

static size_t parcels; /* that the last read came in */

static uint64_t take(struct crew *crew, size_t len, size_t *ret_lines)
{
	struct parcel *p;
	uint64_t h = len;

	*ret_lines = parcels = 0;
	crew_take(crew, &terms, text, len);
	while ((p = crew_next(crew)) != NULL) {
		ck_assert_uint_le(p->lines_len, PARCEL_LINES);
		for (size_t i = 0; i < p->lines_len; i++)
			h = add_line(h, p, &p->lines[i]);
		*ret_lines += p->lines_len;
		parcels++;
	}
	ck_assert_ptr_null(crew_next(crew)); /* and no more */
	return h;
}

static void compare(struct crew *one, struct crew *many, size_t len)
{
	size_t lines, again;
	uint64_t h = take(one, len, &lines);

	ck_assert_uint_eq(take(many, len, &again), h);
	ck_assert_uint_eq(again, lines);
}

START_TEST(the_same_as_one)
{
	struct crew *one = crew_new(1), *many = crew_new(_i);

	for (int i = 0; i < READS; i++)
		compare(one, many, write_read(chance(4) == 0 ? chance(READ) : READ));
	crew_free(one);
	crew_free(many);
}
END_TEST

/* Pieces are cut by bytes; of lines this small there are more in one than a parcel holds. */
START_TEST(tiny_lines)
{
	struct crew *one = crew_new(1), *many = crew_new(3);
	size_t lines;

	for (size_t i = 0; i < READ; i++)
		text[i] = i % 2 == 0 ? 'x' : '\n';
	compare(one, many, READ);
	take(many, READ, &lines);
	ck_assert_uint_eq(lines, READ / 2);
	memset(text, '\n', READ);
	take(many, READ, &lines);
	ck_assert_uint_eq(lines, 0);
	crew_free(one);
	crew_free(many);
}
END_TEST

/* A line of the greatest length is longer than a piece. */
START_TEST(longest_lines)
{
	struct crew *one = crew_new(1), *many = crew_new(4);
	size_t lines;

	memset(text, ' ', READ);
	for (size_t i = DECODE_MAX_LINE - 1; i < READ; i += DECODE_MAX_LINE)
		text[i] = '\n';
	compare(one, many, READ);
	take(many, READ, &lines);
	ck_assert_uint_eq(lines, READ / DECODE_MAX_LINE);
	ck_assert_uint_eq(parcels, READ / DECODE_MAX_LINE); /* something to share out */
	take(one, READ, &lines);
	ck_assert_uint_eq(parcels, 1);
	crew_free(one);
	crew_free(many);
}
END_TEST

START_TEST(nothing_at_all)
{
	struct crew *crew = crew_new(2);
	size_t lines;

	take(crew, 0, &lines);
	ck_assert_uint_eq(lines, 0);
	crew_free(crew);
	crew_free(NULL);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { tiny_lines, longest_lines, nothing_at_all };
	TCase *tcase = suite_case("crew", set_up, NULL);

	tcase_add_loop_test(tcase, the_same_as_one, 1, CREW_MAX + 1);
	SUITE_ADD(tcase, tests);
	return suite_run("run/crew", tcase);
}
