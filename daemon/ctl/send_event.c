/* SPDX-License-Identifier: MPL-2.0 */
/* One event made of options (send.h). It is decoded here before it is sent, by the daemon's own decoder. */
#include "ctl/send.h"

#include "base/clock.h"
#include "ctl/catalogue.h"
#include "ctl/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum form { FORM_TEXT, FORM_NUMBER, FORM_WORD /* true and false are literals */ };

static const struct field {
	const char *option, *name;
	enum form form;
} fields[] = {
	{ "--id", "id", FORM_TEXT },
	{ "--source", "source", FORM_TEXT },
	{ "--time", "time", FORM_TEXT },
	{ "--municipality", "municipality", FORM_TEXT },
	{ "--channel", "channel", FORM_TEXT },
	{ "--kle", "kle", FORM_TEXT },
	{ "--task", "task", FORM_TEXT },
	{ "--service", "service", FORM_TEXT },
	{ "--kind", "kind", FORM_TEXT },
	{ "--direction", "direction", FORM_TEXT },
	{ "--population", "population", FORM_TEXT },
	{ "--assisted", "assisted", FORM_WORD },
	{ "--outcome", "outcome", FORM_TEXT },
	{ "--form", "form", FORM_TEXT },
	{ "--reason", "reason", FORM_TEXT },
	{ "--unit", "unit", FORM_TEXT },
	{ "--handled-by", "handled_by", FORM_TEXT },
	{ "--portal", "portal", FORM_TEXT },
	{ "--duration", "duration_s", FORM_NUMBER },
	{ "--count", "count", FORM_NUMBER },
	{ "--errand", "errand", FORM_TEXT },
	{ "--corrects", "corrects", FORM_TEXT },
	{ "--meter", "meter", FORM_TEXT },
	{ "--reading", "reading", FORM_NUMBER },
	{ "--level", "level", FORM_NUMBER },
};

#define FIELDS (sizeof fields / sizeof fields[0])
_Static_assert(FIELDS < SEND_FIELDS, "one place is for --exempt");

enum { FIELD_ID, FIELD_SOURCE, FIELD_TIME }; /* places in the table */

size_t send_field_options(struct send_fields *f, struct option *options, size_t n)
{
	for (size_t i = 0; i < FIELDS; i++)
		options[n++] = (struct option){ fields[i].option, &f->values[i], NULL };
	options[n++] = (struct option){ "--exempt", NULL, &f->is_exempt };
	return n;
}

bool send_fields_given(const struct send_fields *f)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (f->values[i] != NULL)
			return true;
	return f->is_exempt;
}

/* A random UUID (RFC 9562, version 4). */
static bool new_id(char *ret, size_t size)
{
	unsigned char b[16];

	if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
		return false;
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(ret, size, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
		 b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		 b[15]);
	return true;
}

static void time_now(char *ret, size_t size)
{
	time_t now = (time_t)(clock_now_ms() / 1000);
	char offset[8];
	struct tm tm;

	localtime_r(&now, &tm);
	strftime(ret, size - 1, "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(offset, sizeof offset, "%z", &tm);
	snprintf(ret + strlen(ret), size - strlen(ret), "%.3s:%.2s", offset, offset + 3);
}

static bool is_number(const char *value)
{
	size_t len = strlen(value);

	return len > 0 && strspn(value, "0123456789.-") == len;
}

static void add_field(struct text *line, const struct field *field, const char *value)
{
	bool is_literal =
		(field->form == FORM_NUMBER && is_number(value)) ||
		(field->form == FORM_WORD && (strcmp(value, "true") == 0 || strcmp(value, "false") == 0));

	if (!is_literal) {
		text_key_cstr(line, field->name, value);
		return;
	}
	text_key(line, field->name);
	text_puts(line, value);
}

static int refused(struct ctl *ctl, const struct refusal *refusal)
{
	struct page page;

	ctl_fail(ctl, CTL_REFUSED, refusal->field[0] == '\0' ? W_SEND_REFUSED : W_SEND_REFUSED_FIELD,
		 W_NEXT_CORRECT, refusal->field, explain_refusal(ctl, refusal));
	page_init(&page, ctl);
	explain_code(&page, ctl, refusal->code);
	page_write(&page, stderr);
	page_done(&page);
	return CTL_REFUSED;
}

/* line: DECODE_PADDING readable bytes behind len. */
static int check(struct ctl *ctl, const char *line, size_t len)
{
	struct decoder *decoder = decoder_new(DECODE_MAX_LINE);
	struct catalogue *catalogue;
	struct effort_event event;
	struct refusal refusal;
	enum code code;

	if (decoder == NULL)
		return ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	code = decode_line(decoder, line, len, (struct effort_str){ "", 0 }, &event, &refusal);
	if (code == CODE_OK) {
		catalogue = catalogue_of_daemon(ctl);
		if (catalogue != NULL)
			code = catalogue_check(catalogue, &event, clock_now_ms(), &refusal);
		catalogue_close(catalogue);
	}
	decoder_free(decoder);
	return code == CODE_OK ? CTL_OK : refused(ctl, &refusal);
}

int send_build(struct ctl *ctl, struct send_fields *f, struct text *ret_line)
{
	char *padded;
	int r;

	if (f->values[FIELD_ID] == NULL && new_id(f->id, sizeof f->id))
		f->values[FIELD_ID] = f->id;
	if (f->values[FIELD_SOURCE] == NULL)
		f->values[FIELD_SOURCE] = "effortctl";
	if (f->values[FIELD_TIME] == NULL) {
		time_now(f->time, sizeof f->time);
		f->values[FIELD_TIME] = f->time;
	}
	text_puts(ret_line, "{");
	for (size_t i = 0; i < FIELDS; i++)
		if (f->values[i] != NULL)
			add_field(ret_line, &fields[i], f->values[i]);
	if (f->is_exempt)
		text_key_bool(ret_line, "exempt", true);
	text_puts(ret_line, "}");
	padded = ret_line->is_cut ? NULL : calloc(1, ret_line->len + DECODE_PADDING);
	if (padded == NULL)
		return ctl_fail(ctl, CTL_INTERNAL, W_NO_MEMORY, W_NEXT_MEMORY, "");
	memcpy(padded, ret_line->ptr, ret_line->len);
	r = check(ctl, padded, ret_line->len);
	free(padded);
	text_puts(ret_line, "\n");
	return r;
}
