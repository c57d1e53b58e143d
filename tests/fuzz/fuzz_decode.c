/* SPDX-License-Identifier: MPL-2.0 */
/* Any bytes as a line: the decoder must agree with jansson and the plain CPR definition (oracle.h), must not
 * read more than the padding behind the line, and must say the same of a line whatever it has read before. */
#include "oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "fuzz_decode: %s\n", what);
		abort();
	}
}

static bool is_same_text(struct effort_str a, struct effort_str b)
{
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

static bool is_same_event(const struct effort_event *a, const struct effort_event *b)
{
	return memcmp(a, b, offsetof(struct effort_event, id)) == 0 && is_same_text(a->id, b->id) &&
	       is_same_text(a->source, b->source) && is_same_text(a->kle, b->kle) &&
	       is_same_text(a->municipality, b->municipality) && is_same_text(a->facet, b->facet) &&
	       is_same_text(a->task, b->task) && is_same_text(a->service, b->service) &&
	       is_same_text(a->reason, b->reason) && is_same_text(a->unit, b->unit) &&
	       is_same_text(a->handled_by, b->handled_by) && is_same_text(a->portal, b->portal) &&
	       is_same_text(a->corrects, b->corrects) && is_same_text(a->errand, b->errand) &&
	       is_same_text(a->meter, b->meter) && a->reading == b->reading;
}

static bool is_same_refusal(const struct refusal *a, const struct refusal *b)
{
	return a->at == b->at && strcmp(a->field, b->field) == 0 && strcmp(a->detail, b->detail) == 0 &&
	       is_same_text(a->source, b->source) && is_same_text(a->id, b->id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct decoder *used, *fresh;
	static unsigned runs;
	const struct effort_str none = { "", 0 };

	if (size == 0)
		return 0;
	if (used == NULL)
		used = decoder_new(0);
	if (runs++ % 64 == 0) {
		decoder_free(fresh);
		fresh = decoder_new(0);
	}

	char *line = malloc(size + DECODE_PADDING);
	struct effort_event event[2];
	struct refusal refusal[2];

	memcpy(line, data, size);
	memset(line + size, data[0], DECODE_PADDING);
	decoder_reset(used);
	decoder_reset(fresh);

	enum code code = decode_line(used, line, size, none, &event[0], &refusal[0]);

	memset(line + size, data[size - 1], DECODE_PADDING);
	must(decode_line(fresh, line, size, none, &event[1], &refusal[1]) == code,
	     "another code with another history");
	must(code == CODE_OK ? is_same_event(&event[0], &event[1])
			     : is_same_refusal(&refusal[0], &refusal[1]),
	     "another verdict with another history");

	const char *differs = oracle_compare(code, &event[0], line, size);

	must(differs == NULL, differs);
	free(line);
	return 0;
}
