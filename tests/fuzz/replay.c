/* SPDX-License-Identifier: MPL-2.0 */
/* Runs a fuzz target on files instead of under libFuzzer, each file whole and line by line. Fails when there
 * is none. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
	FILE *f = fopen(path, "rb");

	if (f == NULL) {
		perror(path);
		return -1;
	}

	static char bytes[1 << 20];
	size_t len = fread(bytes, 1, sizeof bytes, f);

	fclose(f);
	LLVMFuzzerTestOneInput((const uint8_t *)bytes, len);
	for (char *p = bytes; p < bytes + len;) {
		char *lf = memchr(p, '\n', (size_t)(bytes + len - p));
		char *end = lf != NULL ? lf : bytes + len;

		LLVMFuzzerTestOneInput((const uint8_t *)p, (size_t)(end - p));
		p = end + 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed += replay(argv[i]) != 0;
	printf("%d files\n", argc - 1 - failed);
	return argc > 1 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
