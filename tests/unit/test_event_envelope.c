/* SPDX-License-Identifier: MPL-2.0 */
/* The CloudEvents 1.0 envelope: what it must say, what comes from it and what from its data. */
#include "test_event_case.h"

START_TEST(envelopes)
{
	static const struct {
		const char *line;
		enum code code;
		const char *field;
	} cases[] = {
		{ CE ",\"data\":{" CE_DATA "}}", CODE_OK, "" },
		{ CE ",\"datacontenttype\":\"application/json\",\"data\":{" CE_DATA "}}", CODE_OK, "" },
		{ CE
		  ",\"datacontenttype\":\"Application/vnd.kommune+JSON ; charset=utf-8\",\"data\":{" CE_DATA
		  "}}",
		  CODE_OK, "" },
		{ CE ",\"datacontenttype\":\"text/plain\",\"data\":{" CE_DATA "}}", E_VALUE,
		  "datacontenttype" },
		{ CE ",\"datacontenttype\":\"json\",\"data\":{" CE_DATA "}}", E_VALUE, "datacontenttype" },
		{ CE ",\"datacontenttype\":\"/json\",\"data\":{" CE_DATA "}}", E_VALUE, "datacontenttype" },
		{ CE ",\"datacontenttype\":\"application/xjson\",\"data\":{" CE_DATA "}}", E_VALUE,
		  "datacontenttype" },
		{ CE ",\"datacontenttype\":null,\"data\":{" CE_DATA "}}", E_TYPE, "datacontenttype" },
		{ CE ",\"subject\":\"s\",\"dataschema\":\"x\",\"traceparent\":\"00-aa\",\"data\":{" CE_DATA
		     "}}",
		  CODE_OK, "" },
		{ CE ",\"data\":{" CE_DATA ",\"id\":7,\"source\":null,\"time\":[]}}", CODE_OK, "" },
		{ CE ",\"municipality\":7,\"channel\":null,\"data\":{" CE_DATA "}}", CODE_OK, "" },
		{ CE ",\"data\":{" CE_DATA ",\"data\":{\"channel\":\"sms\"}}}", CODE_OK, "" },
		{ CE ",\"data\":{" CE_DATA ",\"specversion\":\"2.0\",\"type\":1}}", CODE_OK, "" },
		{ "{\"data\":{" CE_DATA "},\"time\":\"2026-11-21T10:15:30Z\",\"type\":\"t\",\"source\":\"s\","
		  "\"id\":\"a\",\"specversion\":\"1.0\"}",
		  CODE_OK, "" },
		{ CE ",\"data\":{" CE_DATA ",\"channel\":\"sms\"}}", E_DUPLICATE_KEY, "" },
		{ CE ",\"data\":{" CE_DATA "},\"data\":{}}", E_DUPLICATE_KEY, "" },
		{ CE "}", E_MISSING, "data" },
		{ CE ",\"data\":null}", E_TYPE, "data" },
		{ CE ",\"data\":\"{}\"}", E_TYPE, "data" },
		{ CE ",\"data\":[]}", E_TYPE, "data" },
		{ CE ",\"data\":{}}", E_MISSING, "municipality" },
		{ CE "," CE_DATA ",\"data\":{}}", E_MISSING, "municipality" },
		{ CE ",\"data_base64\":\"e30=\"}", E_VALUE, "data_base64" },
		{ CE ",\"data_base64\":\"e30=\",\"data\":{" CE_DATA "}}", E_VALUE, "data_base64" },
		{ CE ",\"data\":{\"municipality\":751,\"channel\":\"chat\",\"service\":\"bot\"}}", E_TYPE,
		  "municipality" },
		{ CE ",\"data\":{\"municipality\":\"751\",\"channel\":\"fax\",\"service\":\"bot\"}}",
		  E_CHANNEL, "channel" },
		{ CE ",\"data\":{" CE_DATA ",\"x\":\"0101990000\"}}", E_CPR, "" },
		{ CE ",\"data\":{" CE_DATA ",\"unit\":\"0101990000\"}}", E_CPR, "unit" },
		{ CE ",\"subject\":\"010199-0000\",\"data\":{" CE_DATA "}}", E_CPR, "" },
		{ "{\"specversion\":\"0.3\",\"id\":\"a\",\"source\":\"s\",\"type\":\"t\",\"time\":\"2026-11-"
		  "21T10:15:30Z\",\"data\":{" CE_DATA "}}",
		  E_VALUE, "specversion" },
		{ "{\"specversion\":1.0,\"id\":\"a\",\"source\":\"s\",\"type\":\"t\",\"time\":\"2026-11-"
		  "21T10:15:30Z\",\"data\":{" CE_DATA "}}",
		  E_TYPE, "specversion" },
		{ "{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"s\",\"time\":\"2026-11-21T10:15:30Z\","
		  "\"data\":{" CE_DATA "}}",
		  E_MISSING, "type" },
		{ "{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"s\",\"type\":\"\",\"time\":\"2026-11-"
		  "21T10:15:30Z\",\"data\":{" CE_DATA "}}",
		  E_VALUE, "type" },
		{ "{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"s\",\"type\":1,\"time\":\"2026-11-"
		  "21T10:15:30Z\",\"data\":{" CE_DATA "}}",
		  E_TYPE, "type" },
		{ "{\"specversion\":\"1.0\",\"source\":\"s\",\"type\":\"t\",\"time\":\"2026-11-21T10:15:"
		  "30Z\",\"data\":{" CE_DATA ",\"id\":\"a\"}}",
		  E_MISSING, "id" },
		{ "{\"specversion\":\"1.0\",\"id\":\"a\",\"source\":\"s\",\"type\":\"t\",\"data\":{" CE_DATA
		  ",\"time\":\"2026-11-21T10:15:30Z\"}}",
		  E_MISSING, "time" },
		/* without specversion none of these words means anything */
		{ BASE ",\"data\":7,\"type\":null,\"datacontenttype\":[],\"data_base64\":{}}", CODE_OK, "" },
		{ BASE ",\"data\":{\"channel\":7}}", CODE_OK, "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct decoded d = decode_text(cases[i].line);

		ck_assert_msg(d.code == cases[i].code, "%s: %s", code_name(d.code), cases[i].line);
		if (d.code != CODE_OK)
			ck_assert_msg(strcmp(d.refusal.field, cases[i].field) == 0, "%s: %s", d.refusal.field,
				      cases[i].line);
		decoded_done(&d);
	}
}
END_TEST

START_TEST(envelope_values)
{
	struct decoded d = decode_text(CE ",\"channel\":\"sms\",\"data\":{" CE_DATA
					  ",\"id\":\"other\",\"source\":\"o\",\"duration_s\":3}}");

	ck_assert_int_eq(d.code, CODE_OK);
	ck_assert(str_is(d.event.id, "a"));
	ck_assert(str_is(d.event.source, "/s"));
	ck_assert_int_eq(d.event.channel, EFFORT_CHAT);
	ck_assert_int_eq(d.event.duration_ms, 3000);
	ck_assert_int_eq(d.event.time_ms, 1795256130000);
	decoded_done(&d);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { envelopes, envelope_values };

	return RUN_TESTS("event envelope", tests);
}
