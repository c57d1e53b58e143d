/* SPDX-License-Identifier: MPL-2.0 */
/* Any bytes as a text: the fast search must find exactly what the plain definition finds, with and without an
 * excuse. */
#include "naive_cpr.h"

#include "event/cpr.h"
#include "event/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + DECODE_PADDING);
	/* 11 December as a number, and a moment of Unix time */
	struct cpr_excuse excuse = { 1112612345 };

	if (size > 0)
		memcpy(text, data, size);
	memset(text + size, '0', DECODE_PADDING);

	bool is_same = cpr_find(text, size, NULL) == naive_cpr(text, size, NULL) &&
		       cpr_find(text, size, &excuse) == naive_cpr(text, size, &excuse.time_s);

	if (!is_same) {
		fprintf(stderr, "fuzz_cpr: found another: %.*s\n", (int)size, text);
		abort();
	}
	free(text);
	return 0;
}
