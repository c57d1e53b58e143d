/* SPDX-License-Identifier: MPL-2.0 */
/* The fields of an event: every form rule with its code, the defaults, what a
 * refusal tells, and which fault is told when there are several. */
#include "event/vocab.h"
#include "test_event_case.h"

/* Like BASE, but with one member replaced. */
static void expect_member(const char *name, const char *value, enum code code)
{
	static const char *const base[][2] = {
		{ "id", "\"a-1\"" },
		{ "source", "\"borger.dk\"" },
		{ "time", "\"2026-11-21T10:15:30+01:00\"" },
		{ "municipality", "\"0751\"" },
		{ "channel", "\"selfservice\"" },
		{ "kle", "\"23.05.10\"" },
	};
	char line[2048] = "{\"x\":0";
	bool is_in_base = false;

	for (size_t i = 0; i < sizeof base / sizeof base[0]; i++) {
		bool is_it = strcmp(base[i][0], name) == 0;

		is_in_base |= is_it;
		if (is_it && value == NULL)
			continue;
		sprintf(line + strlen(line), ",\"%s\":%s", base[i][0], is_it ? value : base[i][1]);
	}
	if (!is_in_base)
		sprintf(line + strlen(line), ",\"%s\":%s", name, value);
	strcat(line, "}");

	struct decoded d = decode_text(line);

	ck_assert_msg(d.code == code, "%s, not %s: %s", code_name(d.code), code_name(code), line);
	if (code != CODE_OK)
		ck_assert_msg(strcmp(d.refusal.field, name) == 0, "field %s: %s", d.refusal.field, line);
	decoded_done(&d);
}

struct field_case {
	const char *name, *value;
	enum code code;
};

static void expect_members(const struct field_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		expect_member(cases[i].name, cases[i].value, cases[i].code);
}

#define EXPECT_MEMBERS(cases) expect_members(cases, sizeof cases / sizeof cases[0])
#define X16                   "xxxxxxxxxxxxxxxx"
#define X48                   X16 X16 X16
#define X64                   X48 X16
#define X128                  X64 X64

START_TEST(forms)
{
	static const struct field_case cases[] = {
		{ "id", NULL, E_MISSING },
		{ "id", "\"x\"", CODE_OK },
		{ "id", "\"with space ~!\"", CODE_OK },
		{ "id", "\"" X128 "\"", CODE_OK },
		{ "id", "\"" X128 "x\"", E_ID },
		{ "id", "\"\"", E_ID },
		{ "id", "\"\xc3\xa6\"", E_ID },
		{ "id", "\"a\\tb\"", E_ID },
		{ "id", "\"a\x7f\"", E_ID },
		{ "id", "17", E_TYPE },
		{ "id", "null", E_TYPE },

		{ "source", NULL, E_MISSING },
		{ "source", "\"/k\\u00f8benhavn/callcenter?x=1#y\"", CODE_OK },
		{ "source", "\"K\xc3\xb8\"", CODE_OK },
		{ "source", "\"" X128 "\"", CODE_OK },
		{ "source", "\"" X128 "x\"", E_SOURCE },
		{ "source", "\"\"", E_SOURCE },
		{ "source", "\" \"", E_SOURCE },
		{ "source", "\"a b\"", E_SOURCE },
		{ "source", "\"abcdefgh ij\"", E_SOURCE },
		{ "source", "\"abcdefg \"", E_SOURCE },
		{ "source", "\"a\\nb\"", E_SOURCE },
		{ "source", "\"a\x7f\"", E_SOURCE },
		{ "source", "\"a\xc2\xa0\"", E_SOURCE },
		{ "source", "\"a\xe2\x80\xae\"", E_SOURCE },
		{ "source", "[]", E_TYPE },

		{ "time", NULL, E_MISSING },
		{ "time", "\"2026-11-21T10:15:30Z\"", CODE_OK },
		{ "time", "\"2026-11-21T10:15:30\"", E_TIME },
		{ "time", "\"\"", E_TIME },
		{ "time", "1795252530", E_TYPE },

		{ "municipality", NULL, E_MISSING },
		{ "municipality", "\"751\"", CODE_OK },
		{ "municipality", "\"9999\"", E_MUNICIPALITY },
		{ "municipality", "\"7510\"", E_MUNICIPALITY },
		{ "municipality", "\"00751\"", E_MUNICIPALITY },
		{ "municipality", "\"75\"", E_MUNICIPALITY },
		{ "municipality", "\"\"", E_MUNICIPALITY },
		{ "municipality", "\"07a1\"", E_MUNICIPALITY },
		{ "municipality", "\"75 \"", E_MUNICIPALITY },
		{ "municipality", "\"Aarhus\"", E_MUNICIPALITY },
		{ "municipality", "751", E_TYPE },

		{ "channel", NULL, E_MISSING },
		{ "channel", "\"Selfservice\"", E_CHANNEL },
		{ "channel", "\"selfservice \"", E_CHANNEL },
		{ "channel", "\"selfservic\"", E_CHANNEL },
		{ "channel", "\"\"", E_CHANNEL },
		{ "channel", "\"a channel with a very long name\"", E_CHANNEL },
		{ "channel", "1", E_TYPE },

		{ "kle", NULL, E_MISSING },
		{ "kle", "\"23.05.00\"", CODE_OK },
		{ "kle", "\"99.99.99\"", CODE_OK },
		{ "kle", "\"23.05.10 G01\"", CODE_OK },
		{ "kle",
		  "\"23.05.10 \xc3\x98"
		  "01\"",
		  CODE_OK },
		{ "kle", "\"23.05.10 g01\"", E_KLE },
		{ "kle",
		  "\"23.05.10 \xc3\xb8"
		  "01\"",
		  E_KLE },
		{ "kle", "\"23.05.10  G01\"", E_KLE },
		{ "kle", "\"23.05.10G01\"", E_KLE },
		{ "kle", "\"23.05.10 G1\"", E_KLE },
		{ "kle", "\"23.05.10 G011\"", E_KLE },
		{ "kle", "\"23.05.10 \"", E_KLE },
		{ "kle", "\"23.05\"", E_KLE },
		{ "kle", "\"23\"", E_KLE },
		{ "kle", "\"\"", E_KLE },
		{ "kle", "\"23-05-10\"", E_KLE },
		{ "kle", "\"2a.05.10\"", E_KLE },
		{ "kle", "\"23.05.100\"", E_KLE },
		{ "kle", "23.05", E_TYPE },

		{ "task", "\"folkepension\"", CODE_OK },
		{ "task", "\"a-1\"", CODE_OK },
		{ "task", "\"" X48 "\"", CODE_OK },
		{ "task", "\"" X48 "x\"", E_TASK },
		{ "task", "\"\"", E_TASK },
		{ "task", "\"Task\"", E_TASK },
		{ "task", "\"a_b\"", E_TASK },
		{ "task", "\"l\xc3\xa6se\"", E_TASK },
		{ "task", "null", E_TYPE },

		{ "service", "\"AZaz09._:/-\"", CODE_OK },
		{ "service", "\"" X64 "\"", CODE_OK },
		{ "service", "\"" X64 "x\"", E_VALUE },
		{ "service", "\"a b\"", E_VALUE },
		{ "service", "\"a\\u0020b\"", E_VALUE },
		{ "service", "\"\"", E_VALUE },
		{ "service", "{}", E_TYPE },
		{ "unit", "\"BS/1\"", CODE_OK },
		{ "unit", "\"a,b\"", E_VALUE },
		{ "unit", "false", E_TYPE },
		{ "handled_by", "\"0101\"", CODE_OK },
		{ "handled_by", "\"\xc3\xa5\"", E_VALUE },
		{ "portal", "\"nemrefusion\"", CODE_OK },
		{ "portal", "\"#\"", E_VALUE },

		{ "kind", "\"information\"", CODE_OK },
		{ "kind", "\"unknown\"", CODE_OK },
		{ "kind", "\"Case\"", E_VALUE },
		{ "kind", "\"\"", E_VALUE },
		{ "kind", "null", E_TYPE },
		{ "direction", "\"in\"", CODE_OK },
		{ "direction", "\"outgoing\"", E_VALUE },
		{ "direction", "1", E_TYPE },
		{ "population", "\"internal\"", CODE_OK },
		{ "population", "\"person\"", E_VALUE },
		{ "outcome", "\"no_show\"", CODE_OK },
		{ "outcome", "\"no-show\"", E_VALUE },

		{ "assisted", "true", CODE_OK },
		{ "assisted", "false", CODE_OK },
		{ "assisted", "\"library\"", CODE_OK },
		{ "assisted", "\"true\"", E_VALUE },
		{ "assisted", "\"false\"", E_VALUE },
		{ "assisted", "\"home\"", E_VALUE },
		{ "assisted", "1", E_TYPE },
		{ "assisted", "null", E_TYPE },
		{ "exempt", "true", CODE_OK },
		{ "exempt", "\"true\"", E_TYPE },
		{ "exempt", "0", E_TYPE },

		{ "duration_s", "0", CODE_OK },
		{ "duration_s", "-0", CODE_OK },
		{ "duration_s", "12.5", CODE_OK },
		{ "duration_s", "31536000", CODE_OK },
		{ "duration_s", "31536001", E_VALUE },
		{ "duration_s", "-1", E_VALUE },
		{ "duration_s", "1e300", E_VALUE },
		{ "duration_s", "\"12\"", E_TYPE },
		{ "count", "1", CODE_OK },
		{ "count", "1000000", CODE_OK },
		{ "count", "1e3", CODE_OK },
		{ "count", "2.0", CODE_OK },
		{ "count", "0", E_VALUE },
		{ "count", "-1", E_VALUE },
		{ "count", "1000001", E_VALUE },
		{ "count", "1.5", E_VALUE },
		{ "count", "0.9999999999999999999999", E_VALUE },
		{ "count", "\"1\"", E_TYPE },
		{ "count", "null", E_TYPE },

		{ "corrects", "\"a 0\"", CODE_OK },
		{ "corrects", "\"" X128 "x\"", E_VALUE },
		{ "corrects", "\"\"", E_VALUE },
		{ "errand", "\"" X64 "\"", CODE_OK },
		{ "errand", "\"" X64 "x\"", E_VALUE },
		{ "errand", "\"\xc3\xa6\"", E_VALUE },
		{ "errand", "7", E_TYPE },

		{ "meter", "\"frank-1\"", E_VALUE },
		{ "meter", "7", E_TYPE },
		{ "reading", "\"7\"", E_TYPE },
	};
	EXPECT_MEMBERS(cases);
}
END_TEST

START_TEST(words)
{
	static const struct {
		const char *name;
		const char *const *list;
		size_t n;
	} lists[] = {
		{ "channel", vocab_channel, EFFORT_CHANNELS }, { "kind", vocab_kind, EFFORT_KINDS },
		{ "population", vocab_population, 4 },         { "outcome", vocab_outcome, EFFORT_OUTCOMES },
		{ "direction", vocab_direction, 2 },           { "assisted", vocab_assisted + 2, 5 },
	};

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		for (size_t k = 0; k < lists[i].n; k++) {
			char value[64];

			snprintf(value, sizeof value, "\"%s\"", lists[i].list[k]);
			expect_member(lists[i].name, value, CODE_OK);
		}
	}
}
END_TEST

START_TEST(rules_between_fields)
{
	expect_with("\"assisted\":true", E_VALUE);
	expect_with("\"assisted\":\"counter\"", E_VALUE);
	expect_with("\"assisted\":false", CODE_OK);
	expect_with("\"form\":\"digital\"", E_VALUE);
	expect_with("\"form\":\"digital\",\"direction\":\"in\"", E_VALUE);
	expect_with("\"form\":\"digital\",\"direction\":\"out\"", CODE_OK);
	expect_with("\"form\":\"none\",\"direction\":\"out\"", E_VALUE);
	expect_with("\"form\":\"physical\",\"direction\":\"out\",\"reason\":\"exempt-citizen\"", CODE_OK);
	expect_with("\"form\":\"physical\",\"direction\":\"out\"", CODE_OK);
	expect_with("\"form\":\"physical\",\"direction\":\"out\",\"reason\":\"Exempt\"", E_VALUE);
	expect_with("\"form\":\"digital\",\"direction\":\"out\",\"reason\":\"exempt-citizen\"", E_VALUE);
	expect_with("\"reason\":\"exempt-citizen\"", E_VALUE);
	expect_with("\"reading\":7", E_MISSING);
	expect_with("\"level\":7", E_MISSING);
	expect_with("\"meter\":\"frank-1\",\"reading\":0", CODE_OK);
	expect_with("\"meter\":\"frank-1\",\"reading\":999999999", CODE_OK);
	expect_with("\"meter\":\"frank-1\",\"reading\":1000000000", E_VALUE);
	expect_with("\"meter\":\"frank-1\",\"reading\":1.5", E_VALUE);
	expect_with("\"meter\":\"frank-1\",\"reading\":-1", E_VALUE);
	expect_with("\"meter\":\"frank-1\",\"level\":87.12", CODE_OK);
	expect_with("\"meter\":\"frank-1\",\"level\":10000000", E_VALUE);
	expect_with("\"meter\":\"frank-1\",\"level\":1,\"reading\":1", E_VALUE);
	expect_with("\"meter\":\"frank 1\",\"reading\":1", E_VALUE);
	expect_with("\"meter\":\"frank-1\",\"reading\":1,\"count\":2", E_VALUE);
	expect_with("\"meter\":\"frank-1\",\"reading\":1,\"errand\":\"e\"", E_VALUE);
	expect_with("\"meter\":\"frank-1\",\"reading\":1,\"corrects\":\"e\"", E_VALUE);
}
END_TEST

#define FULL                                                                                                 \
	"{\"id\":\"a-1\",\"source\":\"s\",\"time\":\"1970-01-01T01:00:00.5+01:00\",\"municipality\":"        \
	"\"751\","                                                                                           \
	"\"channel\":\"selfservice\",\"kle\":\"23.05.10 G01\",\"task\":\"t-1\",\"service\":\"S:1\","         \
	"\"kind\":\"case\",\"direction\":\"out\",\"population\":\"business\",\"assisted\":\"phone\","        \
	"\"exempt\":true,\"outcome\":\"forwarded\",\"form\":\"physical\",\"reason\":\"r\",\"unit\":\"u\","   \
	"\"handled_by\":\"h\",\"portal\":\"p\",\"duration_s\":1.2345,\"count\":12,\"corrects\":\"a 0\","     \
	"\"errand\":\"e 1\"}"

START_TEST(every_field)
{
	struct decoded d = decode_text(FULL);
	const struct effort_event *ev = &d.event;

	ck_assert_int_eq(d.code, CODE_OK);
	ck_assert_uint_eq(ev->struct_size, sizeof *ev);
	ck_assert_uint_eq(ev->flags, EFFORT_EVENT_KIND_GIVEN | EFFORT_EVENT_EXEMPT | EFFORT_EVENT_DURATION);
	ck_assert_int_eq(ev->time_ms, 500);
	ck_assert_int_eq(ev->day, 0);
	ck_assert_uint_eq(ev->listed, EFFORT_NO_TASK);
	ck_assert_int_eq(ev->count, 12);
	ck_assert_int_eq(ev->duration_ms, 1235);
	ck_assert_uint_eq(ev->channel, EFFORT_SELFSERVICE);
	ck_assert_uint_eq(ev->kind, EFFORT_CASE);
	ck_assert_uint_eq(ev->direction, EFFORT_OUT);
	ck_assert_uint_eq(ev->population, EFFORT_BUSINESS);
	ck_assert_uint_eq(ev->assisted, EFFORT_ASSISTED_PHONE);
	ck_assert_uint_eq(ev->outcome, EFFORT_FORWARDED);
	ck_assert_uint_eq(ev->form, EFFORT_FORM_PHYSICAL);
	ck_assert(str_is(ev->id, "a-1") && str_is(ev->source, "s") && str_is(ev->municipality, "0751"));
	ck_assert(str_is(ev->kle, "23.05.10") && str_is(ev->facet, "G01") && str_is(ev->task, "t-1"));
	ck_assert(str_is(ev->service, "S:1") && str_is(ev->reason, "r") && str_is(ev->unit, "u"));
	ck_assert(str_is(ev->handled_by, "h") && str_is(ev->portal, "p"));
	ck_assert(str_is(ev->corrects, "a 0") && str_is(ev->errand, "e 1"));
	decoded_done(&d);
}
END_TEST

START_TEST(defaults)
{
	struct decoded d = decode_text(BASE "}");
	const struct effort_event *ev = &d.event;

	ck_assert_int_eq(d.code, CODE_OK);
	ck_assert_uint_eq(ev->flags, 0);
	ck_assert_int_eq(ev->count, 1);
	ck_assert_int_eq(ev->duration_ms, 0);
	ck_assert_uint_eq(ev->kind, EFFORT_TRANSACTION);
	ck_assert_uint_eq(ev->direction, EFFORT_IN);
	ck_assert_uint_eq(ev->population, EFFORT_CITIZEN);
	ck_assert_uint_eq(ev->assisted, EFFORT_UNASSISTED);
	ck_assert_uint_eq(ev->outcome, EFFORT_COMPLETED);
	ck_assert_uint_eq(ev->form, EFFORT_FORM_NONE);
	ck_assert_uint_eq(ev->reserved, 0);

	const struct effort_str absent[] = { ev->facet,      ev->task,   ev->service,  ev->reason, ev->unit,
					     ev->handled_by, ev->portal, ev->corrects, ev->errand };

	for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
		ck_assert_uint_eq(absent[i].len, 0);
		ck_assert_ptr_nonnull(absent[i].ptr);
	}
	decoded_done(&d);
}
END_TEST

START_TEST(durations)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "0", 0 },
		{ "1", 1000 },
		{ "1234567", 1234567000 },
		{ "12345678", 12345678000 },
		{ "0.1", 100 },
		{ "0.0005", 1 },
		{ "0.00049999999999999999", 0 },
		{ "1.9995", 2000 },
		{ "2.675", 2675 },
		{ "1e3", 1000000 },
		{ "1.5E-3", 2 },
		{ "1e-300", 0 },
		{ "0.000e5", 0 },
		{ "31536000.000", 31536000000 },
		{ "0.1000000000000000000000000000000000000000001", 100 },
		{ "100000000000e-9", 100000 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char line[1024];

		snprintf(line, sizeof line, BASE ",\"duration_s\":%s}", cases[i].text);

		struct decoded d = decode_text(line);

		ck_assert_msg(d.code == CODE_OK && d.event.duration_ms == cases[i].ms, "%s: %s %lld",
			      cases[i].text, code_name(d.code), (long long)d.event.duration_ms);
		decoded_done(&d);
	}
}
END_TEST

START_TEST(default_source)
{
	static const char line[] = "{\"id\":\"a\",\"time\":\"2026-11-21T10:15:30Z\",\"municipality\":\"751\","
				   "\"channel\":\"phone\",\"task\":\"t\"}";
	struct decoded d = decode_bytes(line, sizeof line - 1, (struct effort_str){ "identity", 8 });

	ck_assert_int_eq(d.code, CODE_OK);
	ck_assert(str_is(d.event.source, "identity"));
	decoded_done(&d);

	d = decode_bytes(BASE "}", sizeof(BASE "}") - 1, (struct effort_str){ "identity", 8 });
	ck_assert_int_eq(d.code, CODE_OK);
	ck_assert(str_is(d.event.source, "borger.dk"));
	decoded_done(&d);

	expect(line, E_MISSING);
	d = decode_bytes("{", 1, (struct effort_str){ "identity", 8 });
	ck_assert_int_eq(d.code, E_JSON);
	ck_assert(str_is(d.refusal.source, "identity"));
	decoded_done(&d);
}
END_TEST

/* Which of several faults is told. */
START_TEST(precedence)
{
	expect(BASE ",\"channel\":7,\"unit\":\"0101990000\"", E_DUPLICATE_KEY);
	expect(BASE ",\"unit\":\"0101990000\"", E_JSON);
	expect(BASE ",\"unit\":\"0101990000\",\"x\":\"\xff\"}", E_UTF8);
	expect("{\"unit\":\"0101990000\"}", E_CPR);
	expect("{\"id\":7,\"unit\":\"0101990000\"}", E_CPR);
	expect("{\"id\":7}", E_MISSING);
	expect_with("\"assisted\":7,\"service\":\"a b\"", E_TYPE);
}
END_TEST

struct named_case {
	const char *line;
	enum code code;
	const char *source, *id;
};

/* A refusal names source and id as far as they were read, are in form and nobody's number. */
START_TEST(named)
{
	static const struct named_case cases[] = {
		{ BASE ",\"kind\":\"x\"}", E_VALUE, "borger.dk", "a-1" },
		{ BASE ",\"kind\":", E_JSON, "borger.dk", "a-1" },
		{ BASE ",\"id\":1}", E_DUPLICATE_KEY, "borger.dk", "a-1" },
		{ "{\"source\":\"s\",\"id\":\"i", E_JSON, "s", "" },
		{ "{\"source\":\"a b\",\"id\":\"i\"}", E_MISSING, "", "i" },
		{ "{\"source\":\"0101990000\",\"id\":\"i\",", E_JSON, "", "i" },
		{ "{\"source\":\"s\",\"id\":\"0101990000\",", E_JSON, "s", "" },
		{ "{\"source\":\"0101990000\",\"id\":\"i\"}", E_CPR, "", "" },
		{ "{\"source\":\"s\",\"id\":\"i\",\"x\":\"0101990000\"}", E_CPR, "s", "" },
		{ "{\"source\":7,\"id\":[]}", E_MISSING, "", "" },
		{ CE ",\"data\":{}}", E_MISSING, "/s", "a" },
		{ "nonsense", E_JSON, "", "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct decoded d = decode_text(cases[i].line);

		ck_assert_msg(d.code == cases[i].code, "%s: %s", code_name(d.code), cases[i].line);
		ck_assert_msg(str_is(d.refusal.source, cases[i].source), "source: %s", cases[i].line);
		ck_assert_msg(str_is(d.refusal.id, cases[i].id), "id: %s", cases[i].line);
		decoded_done(&d);
	}
}
END_TEST

/* Views live until the scratch is reset, for as many lines as it was made for. */
START_TEST(scratch)
{
	static const char line[] = "{\"id\":\"\\u0061-1\",\"source\":\"s\",\"time\":\"2026-11-21T10:15:30Z\","
				   "\"municipality\":\"751\",\"channel\":\"phone\",\"task\":\"t\"}"
				   "                    "
				   "                                                    ";
	size_t lines = 65536 * 2 / (sizeof line - 1);
	struct decoder *decoder = decoder_new(65536 * 2);
	struct effort_event *events = calloc(lines, sizeof *events);
	struct refusal refusal;

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < lines; i++)
			ck_assert_int_eq(decode_line(decoder, line, sizeof line - 1 - 64, NO_SOURCE,
						     &events[i], &refusal),
					 CODE_OK);
		for (size_t i = 0; i < lines; i++)
			ck_assert(str_is(events[i].id, "a-1") && str_is(events[i].municipality, "0751"));
		decoder_reset(decoder);
	}
	free(events);
	decoder_free(decoder);
}
END_TEST

/* A line does not depend on the lines before it. */
START_TEST(no_memory)
{
	static const char *const lines[] = {
		BASE "}",
		BASE ",\"duration_s\":5}",
		FULL,
		"{",
		BASE ",\"x\":\"\\u0041\"}",
		CE ",\"data\":{" CE_DATA "}}",
		BASE ",\"unit\":\"0101990000\"}",
		"{}",
		BASE ",\"duration_s\":\"5\"}",
		BASE ",\"duration_s\":5",
	};
	const size_t n = sizeof lines / sizeof lines[0];
	struct decoder *decoder = decoder_new(1 << 20);

	for (size_t i = 0; i < n * n * n; i++) {
		const char *line = lines[i < n ? i : (i * 7919 / n) % n];
		char padded[1024] = { 0 };
		struct effort_event event;
		struct refusal refusal;

		strcpy(padded, line);

		struct decoded alone = decode_text(line);
		enum code code = decode_line(decoder, padded, strlen(line), NO_SOURCE, &event, &refusal);

		ck_assert_int_eq(code, alone.code);
		if (code == CODE_OK) {
			ck_assert_int_eq(event.duration_ms, alone.event.duration_ms);
			ck_assert_uint_eq(event.flags, alone.event.flags);
			ck_assert_uint_eq(event.channel, alone.event.channel);
			ck_assert_uint_eq(event.errand.len, alone.event.errand.len);
		} else {
			ck_assert_uint_eq(refusal.at, alone.refusal.at);
			ck_assert_str_eq(refusal.field, alone.refusal.field);
		}
		decoded_done(&alone);
	}
	decoder_free(decoder);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		forms,          words,     rules_between_fields, every_field, defaults, durations,
		default_source, precedence,  named,    scratch,
		no_memory,
	};

	return RUN_TESTS("event decode", tests);
}
