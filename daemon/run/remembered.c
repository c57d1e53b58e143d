/* SPDX-License-Identifier: MPL-2.0 */
/* See remembered.h. */
#include "run/remembered.h"

#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void remembered_init(struct remembered *file, const struct disk *disk, const char *state_dir, const struct word_lines *form)
{
	*file = (struct remembered){ .disk = disk, .form = form };
	snprintf(file->path, sizeof(file->path), "%s/%s", state_dir, form->name);
}

static bool parse(char *text, bool (*on_line)(void *ctx, const char *line), bool (*is_whole)(void *ctx), void *ctx)
{
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0')
		if (!on_line(ctx, line))
			return false;
	return is_whole(ctx);
}

bool remembered_read(struct remembered *file, bool (*on_line)(void *ctx, const char *line),
		     bool (*is_whole)(void *ctx), void *ctx)
{
	char *text = NULL;
	bool is_checked = true;
	int r = word_lines_load(file->form, file->disk, file->path, &text, &is_checked);

	if (r == 0 && !parse(text, on_line, is_whole, ctx))
		r = -EBADMSG;
	file->is_due = r == 0 && !is_checked;
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

	text_init(&text, file->form->max);
	word_lines_begin(file->form, &text);
	return text;
}

void remembered_write(struct remembered *file, struct text *text)
{
	int r;

	if (!text->is_cut)
		word_lines_end(text);
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
