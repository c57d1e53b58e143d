/* SPDX-License-Identifier: MPL-2.0 */
/* See by_arrival.h. The file is the day's number, or "still". */
#include "journal/by_arrival.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME	  "by-arrival"
#define PATH_BYTES 4224
#define FILE_MAX  64

static void note_path(char path[PATH_BYTES], const char *dir)
{
	snprintf(path, PATH_BYTES, "%s/" NAME, dir);
}

static int32_t day_of(const char *text, size_t len)
{
	char line[FILE_MAX + 1] = "";
	int32_t day;
	int end = 0;

	memcpy(line, text, len);
	if (sscanf(line, "%" SCNd32 "\n%n", &day, &end) != 1 || (size_t)end != len)
		return BY_ARRIVAL_STILL;
	return day;
}

int by_arrival_read(struct by_arrival *note, const struct disk *disk, const char *dir)
{
	char path[PATH_BYTES];
	void *text;
	size_t len;
	int r;

	*note = (struct by_arrival){ .until = BY_ARRIVAL_STILL };
	note_path(path, dir);
	r = disk_load(disk, path, FILE_MAX, &text, &len);
	note->is_any = r == 0 || r == -EFBIG;
	if (r < 0)
		return r == -ENOENT || r == -EFBIG ? 0 : r;
	note->until = day_of(text, len);
	free(text);
	return 0;
}

static int remove_note(const struct disk *disk, const char *path, const char *dir)
{
	int r = disk->remove(disk->ctx, path);

	return r == 0 ? disk->sync_folder(disk->ctx, dir) : r == -ENOENT ? 0 : r;
}

int by_arrival_write(const struct by_arrival *note, const struct disk *disk, const char *dir)
{
	char path[PATH_BYTES], text[FILE_MAX];

	note_path(path, dir);
	if (!note->is_any)
		return remove_note(disk, path, dir);
	if (note->until == BY_ARRIVAL_STILL)
		snprintf(text, sizeof(text), "still\n");
	else
		snprintf(text, sizeof(text), "%" PRId32 "\n", note->until);
	return disk_replace(disk, path, text, strlen(text));
}
