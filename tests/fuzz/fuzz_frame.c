/* SPDX-License-Identifier: MPL-2.0 */
/* Any bytes as a stream, cut at places the first byte decides: the lines must be those of the stream in one
 * piece, and every byte must be accounted for. */
#include "event/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct tally {
	size_t lines, bytes;
	uint64_t hash;
};

static void add(struct tally *t, struct effort_str line)
{
	t->lines++;
	t->bytes += line.len;
	for (size_t i = 0; i < line.len; i++)
		t->hash = (t->hash ^ (unsigned char)line.ptr[i]) * 1099511628211u;
	t->hash = (t->hash ^ '\n') * 1099511628211u;
}

static struct tally feed(const char *bytes, size_t len, size_t step)
{
	char *kept = malloc(len + 1);
	size_t kept_len = 0;
	struct frame f = { 0 };
	struct tally t = { 0 };

	for (size_t at = 0; at < len; at += step) {
		size_t n = len - at < step ? len - at : step;

		memcpy(kept + kept_len, bytes + at, n);
		kept_len += n;

		const char *p = kept;
		struct effort_str line;

		while (frame_next(&f, &p, kept + kept_len, &line) == FRAME_LINE)
			add(&t, line);
		kept_len -= (size_t)(p - kept);
		memmove(kept, p, kept_len);
	}
	t.bytes += frame_end(&f, kept, kept + kept_len);
	free(kept);
	return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2 || size > DECODE_MAX_LINE)
		return 0;

	struct tally whole = feed((const char *)data + 1, size - 1, size);
	struct tally pieces = feed((const char *)data + 1, size - 1, data[0] % 31u + 1);

	if (memcmp(&whole, &pieces, sizeof whole) != 0) {
		fprintf(stderr, "fuzz_frame: other lines in pieces\n");
		abort();
	}
	return 0;
}
