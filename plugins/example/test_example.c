/* SPDX-License-Identifier: MPL-2.0 */
/* The decisions of the example, tried without any host: the plugin's source is included, an instance is made
 * by hand. Needs nothing but a C compiler: cc -I<where effort/plugin.h is> test_example.c && ./a.out What
 * goes through open() and the area file is tried by effort-plugin-check. */
#include "example.c"

#include <stdio.h>

static int failed;

static void expect(const char *what, struct effort_verdict got, struct effort_verdict wanted)
{
	if (memcmp(&got, &wanted, sizeof(got)) == 0)
		return;
	failed++;
	fprintf(stderr, "%s: expected answer %d class %u, got answer %d class %u\n", what, wanted.answer,
		(unsigned)wanted.class_id, got.answer, (unsigned)got.class_id);
}

static struct effort_str str(const char *text)
{
	return (struct effort_str){ text, strlen(text) };
}

/* An event of the counter that the area's lists call class 1. */
static struct effort_event event(const char *service, const char *unit)
{
	return (struct effort_event){ .struct_size = sizeof(struct effort_event),
				      .count = 1,
				      .listed = 1,
				      .channel = EFFORT_COUNTER,
				      .service = str(service),
				      .unit = str(unit) };
}

int main(void)
{
	const struct library lib = { .children = 7, .automatic = 1, .unit_len = 8, .unit = "children" };
	struct effort_event ev = event("desk", "");

	expect("a listed task", decide(&lib, &ev), effort_count(1));
	ev = event("desk", "children");
	expect("the children's desk", decide(&lib, &ev), effort_count(7));
	ev = event("desk", "childrens");
	expect("a unit that only begins like it", decide(&lib, &ev), effort_count(1));
	ev.outcome = EFFORT_FORWARDED;
	expect("passed on", decide(&lib, &ev), effort_not_mine());
	ev = event("renewal/nightly", "children");
	expect("a renewal at the counter", decide(&lib, &ev), effort_count(7));
	ev.channel = EFFORT_SYSTEM;
	expect("a renewal by a system", decide(&lib, &ev), effort_reject(1));
	return failed > 0;
}
