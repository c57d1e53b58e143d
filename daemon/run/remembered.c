/* SPDX-License-Identifier: MPL-2.0 */
/* See remembered.h. */
#include "run/remembered.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define VERSION		  2
#define VERSION_UNCHECKED 1

#define CHECK_LEN (6 + 16 + 1) /* "check ", digits, newline */

void remembered_init(struct remembered *file, const struct disk *disk, const char *state_dir, const char *name,
		     const char *kind, size_t max)
{
	*file = (struct remembered){ .disk = disk, .kind = kind, .max = max };
	snprintf(file->path, sizeof(file->path), "%s/%s", state_dir, name);
}

/* The last line: of everything before it. */
static void put_check(struct text *text)
{
	text_printf(text, "check %016" PRIx64 "\n", XXH3_64bits(text->ptr, text->len));
}

static bool has_check(const char *bytes, size_t len)
{
	char check[CHECK_LEN + 1];

	if (len < CHECK_LEN)
		return false;
	snprintf(check, sizeof(check), "check %016" PRIx64 "\n", XXH3_64bits(bytes, len - CHECK_LEN));
	return memcmp(bytes + len - CHECK_LEN, check, CHECK_LEN) == 0;
}

static bool is_version(const struct remembered *file, const char *text, int version)
{
	char first[64];

	snprintf(first, sizeof(first), "%s %d\n", file->kind, version);
	return strncmp(text, first, strlen(first)) == 0;
}

static bool parse(struct remembered *file, char *text, size_t len, bool (*on_line)(void *ctx, const char *line),
		  bool (*is_whole)(void *ctx), void *ctx)
{
	bool is_unchecked = is_version(file, text, VERSION_UNCHECKED);
	char *rest = text, *line;

	if (!is_unchecked && (!is_version(file, text, VERSION) || !has_check(text, len)))
		return false;
	if (!is_unchecked)
		text[len - CHECK_LEN] = '\0';
	strsep(&rest, "\n");
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0')
		if (!on_line(ctx, line))
			return false;
	if (!is_whole(ctx))
		return false;
	file->is_due = is_unchecked;
	return true;
}

bool remembered_read(struct remembered *file, bool (*on_line)(void *ctx, const char *line),
		     bool (*is_whole)(void *ctx), void *ctx)
{
	void *text = NULL;
	size_t len;
	int r = disk_load(file->disk, file->path, file->max, &text, &len);

	if (r == 0 && !parse(file, text, len, on_line, is_whole, ctx))
		r = -EBADMSG;
	file->is_lost = r < 0 && r != -ENOENT;
	if (file->is_lost)
		LOG(LOG_WARNING, "run", "what has been in force is not known: it counts as it is configured",
		    F_STR("file", file->path), F_STR("why", strerror(-r)),
		    F_STR("next", "stop effortd and put the file back from a backup; without one there is nothing to do: what is "
				  "in force from now on is remembered"));
	free(text);
	return r == 0;
}

struct text remembered_begin(const struct remembered *file)
{
	struct text text;

	text_init(&text, file->max);
	text_printf(&text, "%s %d\n", file->kind, VERSION);
	return text;
}

void remembered_write(struct remembered *file, struct text *text)
{
	int r;

	if (!text->is_cut)
		put_check(text);
	r = text->is_cut ? -ENOMEM : disk_replace(file->disk, file->path, text->ptr, text->len);
	if (r < 0)
		LOG(LOG_WARNING, "run", "what is in force cannot be remembered", F_STR("file", file->path),
		    F_STR("why", strerror(-r)));
	file->is_lost = false;
	file->is_due = r < 0;
	text_done(text);
}

bool remembered_day(const char *word, int32_t *ret)
{
	char *end;
	long day;

	if (strcmp(word, "-") == 0) {
		*ret = INT32_MIN;
		return true;
	}
	errno = 0;
	day = strtol(word, &end, 10);
	*ret = (int32_t)day;
	return errno == 0 && end != word && *end == '\0' && day > INT32_MIN && day <= INT32_MAX;
}

void remembered_put_day(struct text *text, int32_t day)
{
	if (day == INT32_MIN)
		text_puts(text, "-");
	else
		text_printf(text, "%" PRId32, day);
}
