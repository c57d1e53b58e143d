/* SPDX-License-Identifier: MPL-2.0 */
/* Who is asked about an event, in which order, with which listed class; and every way areas can claim
 * wrongly. */
#include "suite.h"

#include "classify/claims.h"
#include "classify/router.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct faults faults;

static void start(void)
{
	memset(&faults, 0, sizeof(faults));
}

static void end(void)
{
	faults_done(&faults);
}

static struct effort_str str(const char *text)
{
	return (struct effort_str){ text, strlen(text) };
}

static struct effort_event event(const char *task, const char *source, const char *service, const char *kle)
{
	return (struct effort_event){ .struct_size = sizeof(struct effort_event),
				      .task = str(task),
				      .source = str(source),
				      .service = str(service),
				      .kle = str(kle) };
}

/* The whole order as text: "0:2 1:0" is area 0 with listed 2, then area 1 with listed 0. */
static const char *order(const struct router *r, struct effort_event ev)
{
	static char text[256];
	struct claimant c;
	uint32_t asked = 0;

	text[0] = '\0';
	while (router_next(r, &ev, asked, &c)) {
		ck_assert((asked >> c.area & 1) == 0);
		asked |= UINT32_C(1) << c.area;
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u:%u",
			 text[0] != '\0' ? " " : "", c.area, c.listed);
		ck_assert_uint_eq(c.listed, router_listed(r, &ev, c.area));
	}
	return text;
}

#define AT(line)                                                                                             \
	{                                                                                                    \
		"areas", line, 1                                                                             \
	}

/* Area 0 "alpha": 27 and 27.36 shared; tasks 1 under 27.36.08, 2 under 23.05. Area 1 "beta": 27 shared, asked
 * first, 27.36 shared and asked second; task 1 under 27.36. Area 2 "gamma": 00 and a task without number. */
static const char *const kle_a1[] = { "27.36.08" }, *const kle_a2[] = { "23.05" },
			 *const kle_b1[] = { "27.36" };
static const struct area_task tasks_a[] = { { .id = "a1", .kle = kle_a1, .kle_len = 1, .place = AT(3) },
					    { .id = "a2", .kle = kle_a2, .kle_len = 1, .place = AT(4) } };
static const struct area_task tasks_b[] = { { .id = "b1", .kle = kle_b1, .kle_len = 1, .place = AT(13) } };
static const struct area_task tasks_c[] = { { .id = "c1", .place = AT(23) } };
static const struct area_claim claims_a[] = { { "27", true, 20, AT(1) },
					      { "27.36", true, 10, AT(2) },
					      { "23.05.10", false, 0, AT(3) } };
static const struct area_claim claims_b[] = { { "27", true, 10, AT(11) }, { "27.36", true, 20, AT(12) } };
static const struct area_claim claims_c[] = { { "00", false, 0, AT(21) } };
static const struct area_service services_a[] = { { "*", "form", "a2", AT(5) },
						  { "kmd", "form", NULL, AT(6) } };
static const struct area_service services_c[] = { { "xflow", "form", "c1", AT(25) },
						  { "*", "desk", NULL, AT(26) } };

static const struct area_def areas[] = {
	{ .id = "alpha",
	  .claims = claims_a,
	  .claims_len = 3,
	  .tasks = tasks_a,
	  .tasks_len = 2,
	  .services = services_a,
	  .services_len = 2 },
	{ .id = "beta", .claims = claims_b, .claims_len = 2, .tasks = tasks_b, .tasks_len = 1 },
	{ .id = "gamma",
	  .claims = claims_c,
	  .claims_len = 1,
	  .tasks = tasks_c,
	  .tasks_len = 1,
	  .services = services_c,
	  .services_len = 2 },
};

START_TEST(kle_order)
{
	struct router *r = router_new(areas, COUNT(areas), &faults);

	ck_assert_ptr_nonnull(r);
	ck_assert_str_eq(order(r, event("", "s", "", "27.99.99")), "1:0 0:0");
	ck_assert_str_eq(order(r, event("", "s", "", "27.36.99")), "0:0 1:1");
	ck_assert_str_eq(order(r, event("", "s", "", "27.36.08")), "0:1 1:1");
	ck_assert_str_eq(order(r, event("", "s", "", "27.36")), "0:0 1:1");
	ck_assert_str_eq(order(r, event("", "s", "", "27")), "1:0 0:0");
	ck_assert_str_eq(order(r, event("", "s", "", "23.05.99")), "0:2");
	/* A longer claim without a task leaves the task of the shorter number in place. */
	ck_assert_str_eq(order(r, event("", "s", "", "23.05.10")), "0:2");
	ck_assert_str_eq(order(r, event("", "s", "", "23.06.10")), "");
	ck_assert_str_eq(order(r, event("", "s", "", "00.00.00")), "2:0");
	ck_assert_str_eq(order(r, event("", "s", "", "99.99.99")), "");
	ck_assert_str_eq(order(r, event("", "s", "", "")), "");
	router_free(r);
}
END_TEST

START_TEST(task_and_service_first)
{
	struct router *r = router_new(areas, COUNT(areas), &faults);

	ck_assert_ptr_nonnull(r);
	ck_assert_str_eq(order(r, event("b1", "s", "", "")), "1:1");
	ck_assert_str_eq(order(r, event("c1", "s", "", "27.36.08")), "2:1 0:1 1:1");
	ck_assert_str_eq(order(r, event("a2", "s", "", "27.36.08")), "0:2 1:1");
	ck_assert_str_eq(order(r, event("nobody", "s", "", "27.99.99")), "1:0 0:0");
	ck_assert_str_eq(order(r, event("", "s", "form", "")), "0:2");
	ck_assert_str_eq(order(r, event("", "xflow", "form", "")), "2:1");
	/* The area by its service, the task by the number. */
	ck_assert_str_eq(order(r, event("", "kmd", "form", "27.36.08")), "0:1 1:1");
	ck_assert_str_eq(order(r, event("", "kmd", "form", "27.36.99")), "0:0 1:1");
	ck_assert_str_eq(order(r, event("b1", "xflow", "form", "00.10.10")), "1:1 2:1");
	ck_assert_str_eq(order(r, event("", "s", "nobody", "")), "");
	ck_assert_str_eq(order(r, event("", "s", "desk", "27.99.99")), "2:0 1:0 0:0");
	router_free(r);
}
END_TEST

START_TEST(mismatches)
{
	struct router *r = router_new(areas, COUNT(areas), &faults);
	struct effort_event ev;

	ck_assert_ptr_nonnull(r);
#define MISMATCH(task, kle) (ev = event(task, "s", "", kle), router_is_mismatch(r, &ev))
	ck_assert(!MISMATCH("a1", "27.36.08"));
	ck_assert(MISMATCH("a2", "27.36.08"));
	ck_assert(!MISMATCH("a2", "27.99.99")); /* its area, no task */
	ck_assert(MISMATCH("c1", "27.99.99"));
	ck_assert(!MISMATCH("c1", "99.99.99"));
	ck_assert(!MISMATCH("nobody", "27.36.08"));
	ck_assert(!MISMATCH("a1", ""));
	ck_assert(!MISMATCH("", "27.36.08"));
	router_free(r);
}
END_TEST

/* A thousand numbers of two areas against a plain search for the longest. */
START_TEST(against_plain_search)
{
	static char texts[2][500][9];
	static struct area_claim claims[2][500];
	struct area_def defs[2] = { { .id = "one", .claims = claims[0] },
				    { .id = "two", .claims = claims[1] } };
	unsigned seed = 7, lens[3] = { 2, 5, 8 };
	struct router *r;

	for (size_t a = 0; a < 2; a++) {
		for (size_t i = 0; i < 500; i++) {
			char *text = texts[a][i];
			bool is_new = true;
			seed = seed * 1103515245 + 12345;
			/* Even first digits for one, odd ones for the other: no clash. */
			snprintf(text, 9, "%u%u.%u%u.%u%u", (seed >> 8) % 5 * 2 + (unsigned)a,
				 (seed >> 11) % 3, (seed >> 13) % 2, (seed >> 15) % 4, (seed >> 17) % 2,
				 (seed >> 19) % 5);
			text[lens[(seed >> 22) % 3]] = '\0';
			for (size_t k = 0; k < defs[a].claims_len; k++)
				is_new &= strcmp(claims[a][k].prefix, text) != 0;
			if (is_new)
				claims[a][defs[a].claims_len++] = (struct area_claim){ .prefix = text };
		}
	}
	r = router_new(defs, 2, &faults);
	ck_assert_ptr_nonnull(r);
	for (unsigned n = 0; n < 1000000; n += 7) {
		char kle[9], expected[8] = "";
		snprintf(kle, sizeof(kle), "%02u.%02u.%02u", n / 10000, n / 100 % 100, n % 100);
		for (size_t a = 0; a < 2; a++) {
			for (size_t k = 0; k < defs[a].claims_len; k++) {
				if (strncmp(kle, claims[a][k].prefix, strlen(claims[a][k].prefix)) == 0)
					snprintf(expected, sizeof(expected), "%zu:0", a);
			}
		}
		ck_assert_str_eq(order(r, event("", "s", "", kle)), expected);
	}
	router_free(r);
}
END_TEST

/* As many areas as there can be, on three levels: each is asked once. */
START_TEST(full_chain)
{
	static const struct area_claim claims[] = { { .prefix = "20", .is_shared = true },
						    { .prefix = "20.01", .is_shared = true },
						    { .prefix = "20.01.10", .is_shared = true } };
	static struct area_def defs[AREA_MAX];
	static char ids[AREA_MAX][8];
	struct effort_event ev = event("", "s", "", "20.01.10");
	struct claimant c;
	uint64_t asked = 0;
	struct router *r;

	for (size_t i = 0; i < AREA_MAX; i++) {
		snprintf(ids[i], sizeof(ids[i]), "a%02zu", AREA_MAX - i);
		defs[i] = (struct area_def){ .id = ids[i], .claims = claims, .claims_len = 3 };
	}
	r = router_new(defs, AREA_MAX, &faults);
	ck_assert_ptr_nonnull(r);
	for (size_t i = AREA_MAX; i-- > 0;) {
		ck_assert(router_next(r, &ev, asked, &c));
		ck_assert_uint_eq(c.area, i); /* ties go by id */
		asked |= UINT64_C(1) << c.area;
	}
	ck_assert(!router_next(r, &ev, asked, &c));
	router_free(r);
}
END_TEST

/* ---- faults ---- */

static void refuses(const struct area_def *defs, size_t n, size_t expected, const char *first)
{
	ck_assert_ptr_null(router_new(defs, n, &faults));
	ck_assert_str_eq(faults.list[0].text, first);
	ck_assert_uint_eq(faults.n, expected);
	faults_done(&faults);
}

START_TEST(clashes)
{
	static const struct area_claim alone[] = { { "27.36", false, 0, { "x.conf", 7, 1 } } };
	static const struct area_claim shared[] = { { "27.36", true, 0, { "y.conf", 8, 1 } } };
	static const struct area_task task[] = {
		{ .id = "t", .kle = kle_b1, .kle_len = 1, .place = { "z.conf", 9, 1 } }
	};
	static const struct area_task other[] = {
		{ .id = "u", .kle = kle_b1, .kle_len = 1, .place = { "w.conf", 10, 1 } }
	};
	struct area_def x = { .id = "x", .claims = alone, .claims_len = 1 };
	struct area_def y = { .id = "y", .claims = shared, .claims_len = 1 };
	struct area_def z = { .id = "z", .tasks = task, .tasks_len = 1 };
	struct area_def w = { .id = "w", .tasks = other, .tasks_len = 1 };
	struct router *r;

	refuses((struct area_def[]){ x, y }, 2, 1,
		"y.conf:8:1: areas x (x.conf:7) and y (y.conf:8) both claim KLE 27.36 and do not both share "
		"it");
	refuses((struct area_def[]){ y, x }, 2, 1,
		"x.conf:7:1: areas y (y.conf:8) and x (x.conf:7) both claim KLE 27.36 and do not both share "
		"it");
	refuses((struct area_def[]){ y, z }, 2, 1,
		"z.conf:9:1: areas y (y.conf:8) and z (z.conf:9) both claim KLE 27.36 and do not both share "
		"it");
	refuses((struct area_def[]){ z, w }, 2, 1,
		"w.conf:10:1: areas z (z.conf:9) and w (w.conf:10) both claim KLE 27.36 and do not both "
		"share it");
	refuses((struct area_def[]){ x, y, z }, 3, 2,
		"y.conf:8:1: areas x (x.conf:7) and y (y.conf:8) both claim KLE 27.36 and do not both share "
		"it");
	/* Each with an own shared claim beside the task's number: fine. */
	z.claims = shared;
	z.claims_len = 1;
	r = router_new((struct area_def[]){ y, z }, 2, &faults);
	ck_assert_ptr_nonnull(r);
	ck_assert_str_eq(order(r, event("", "s", "", "27.36.01")), "0:0 1:1");
	router_free(r);
}
END_TEST

START_TEST(faults_in_one_area)
{
	static const char *const bad[] = { "27.3", "1.2.3", "27.36.08 G01", "aa", "", "27,36", "27.36.0x" };
	static const char *const twice[] = { "27.36.08" };
	static const struct area_claim doubled[] = { { "27", false, 0, AT(1) }, { "27", true, 0, AT(2) } };
	static const struct area_task tasks[] = {
		{ .id = "t", .kle = bad, .kle_len = COUNT(bad), .place = AT(3) }
	};
	static const struct area_task same[] = { { .id = "t", .kle = twice, .kle_len = 1, .place = AT(3) },
						 { .id = "u", .kle = twice, .kle_len = 1, .place = AT(4) } };
	static const struct area_task again[] = { { .id = "t", .place = AT(3) },
						  { .id = "t", .place = AT(4) } };
	static const struct area_service services[] = { { "s", "form", "t", AT(5) },
							{ "s", "form", "u", AT(6) },
							{ "*", "form", "nobody", AT(7) } };

	refuses(&(struct area_def){ .id = "x", .claims = doubled, .claims_len = 2 }, 1, 1,
		"areas:2:1: area x: claims 27 twice (first at line 1)");
	refuses(&(struct area_def){ .id = "x", .tasks = tasks, .tasks_len = 1 }, 1, COUNT(bad),
		"areas:3:1: area x: \"27.3\" is not a KLE number");
	refuses(&(struct area_def){ .id = "x", .tasks = same, .tasks_len = 2 }, 1, 1,
		"areas:4:1: area x: KLE 27.36.08 stands under two tasks, t and u");
	refuses(&(struct area_def){ .id = "x", .tasks = again, .tasks_len = 2 }, 1, 1,
		"areas:4:1: task t stands in area x and in area x (areas:3)");
	refuses(&(struct area_def){ .id = "x",
				    .tasks = same + 1,
				    .tasks_len = 1,
				    .services = services,
				    .services_len = 3 },
		1, 2, "areas:5:1: area x: service form names the unknown task t");
}
END_TEST

START_TEST(twice_across_areas)
{
	static const struct area_task t[] = { { .id = "t", .place = { "x.conf", 3, 1 } } };
	static const struct area_task u[] = { { .id = "t", .place = { "y.conf", 4, 1 } } };
	static const struct area_service s[] = { { "src", "form", NULL, { "x.conf", 5, 1 } } };
	static const struct area_service v[] = { { "src", "form", NULL, { "y.conf", 6, 1 } } };
	struct area_def defs[2] = {
		{ .id = "x", .tasks = t, .tasks_len = 1, .services = s, .services_len = 1 },
		{ .id = "y", .tasks = u, .tasks_len = 1, .services = v, .services_len = 1 }
	};

	ck_assert_ptr_null(router_new(defs, 2, &faults));
	ck_assert_uint_eq(faults.n, 2);
	ck_assert_str_eq(faults.list[0].text, "y.conf:4:1: task t stands in area y and in area x (x.conf:3)");
	ck_assert_str_eq(faults.list[1].text,
			 "y.conf:6:1: service form of source src stands in area y and in area x (x.conf:5)");
}
END_TEST

START_TEST(too_many)
{
	static struct area_claim claims[AREA_CLAIMS_MAX + 1];
	static char texts[AREA_CLAIMS_MAX + 1][9];
	struct area_def def = { .id = "x", .claims = claims, .claims_len = AREA_CLAIMS_MAX };
	struct router *r;

	for (unsigned i = 0; i <= AREA_CLAIMS_MAX; i++) {
		snprintf(texts[i], sizeof(texts[i]), "%02u.%02u.%02u", i % 100, i / 100, i % 97);
		claims[i].prefix = texts[i];
	}
	r = router_new(&def, 1, &faults);
	ck_assert_ptr_nonnull(r);
	ck_assert_str_eq(order(r, event("", "", "", texts[AREA_CLAIMS_MAX - 1])), "0:0");
	router_free(r);
	def.claims_len++;
	refuses(&def, 1, 1, "area x: more than 4096 KLE prefixes, those of its tasks included");
}
END_TEST

START_TEST(keys)
{
	ck_assert_uint_eq(kle_key("27", 2), KLE_KEY(1, 27));
	ck_assert_uint_eq(kle_key("27.36", 5), KLE_KEY(2, 2736));
	ck_assert_uint_eq(kle_key("99.99.99", 8), KLE_KEY(3, 999999));
	ck_assert_uint_eq(kle_key("00", 2), KLE_KEY(1, 0));
	ck_assert_uint_ne(kle_key("00", 2), 0);
	ck_assert_uint_eq(kle_key("2736", 4), 0);
	ck_assert_uint_eq(kle_key("27-36", 5), 0);
	ck_assert_uint_eq(kle_key("/7", 2), 0);
	ck_assert_uint_eq(kle_key(":7", 2), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		keys,       kle_order, task_and_service_first, mismatches,         against_plain_search,
		full_chain, clashes,   faults_in_one_area,     twice_across_areas, too_many,
	};

	return RUN_TESTS_WITHIN("classify/router", tests, start, end);
}
