/* SPDX-License-Identifier: MPL-2.0 */
/* See recover.h: who the writer is, where the last run ended while it became a new one. */
#include "run/recover.h"

#include "base/log.h"
#include "run/core_inside.h"

#include <errno.h>
#include <string.h>

static int find_last(void *ctx, const char *name)
{
	uint64_t *last = ctx, number = segment_number(name);

	if (number > *last)
		*last = number;
	return 0;
}

/* The segments that bear the name of the last one: the oldest's number, and the first position the name may have used,
 * behind that one, where it is still there and another one's lies before it. Where our own file is lost the name is
 * trusted from the beginning. */
static uint64_t first_of_name(const struct core *core, const struct segment_head *last, uint64_t *ret_position)
{
	const struct disk *disk = core->settings.disk;
	uint64_t number = last->number;
	char path[SEGMENT_PATH_MAX];
	struct segment_head head;

	*ret_position = last->position + 1;
	while (number > 1) {
		segment_path(path, core->journal_dir, number - 1);
		if (segment_head_read(disk, path, &head) < 0 || strcmp(head.writer, last->writer) != 0)
			break;
		*ret_position = head.position + 1;
		number--;
	}
	if (core->found.is_new)
		*ret_position = 1;
	return number;
}

static void note_hole(void *ctx, const struct damage *damage)
{
	*(bool *)ctx |= damage->is_inside || damage->last_block != 0;
}

/* What a new name begins with ends with a mark, and nothing else is taken before that. One at an odd position says that
 * the name was given up (core_give_name_up). Where something whole lies behind what is damaged the mark may have been in it;
 * an end that is torn was never durable. */
static int has_begun(const struct core *core, uint64_t first, uint64_t last, bool *ret)
{
	bool has_hole = false;
	const struct replay replay = { .ctx = &has_hole, .on_damage = note_hole };
	const struct disk *disk = core->settings.disk;
	char path[SEGMENT_PATH_MAX];
	struct segment_head head;
	struct segment_end end;
	int r = 0;

	*ret = core->found.is_new;
	for (uint64_t number = first; number <= last && r == 0 && !*ret; number++) {
		segment_path(path, core->journal_dir, number);
		r = segment_read(disk, path, &replay, &head, &end);
		*ret = r == 0 && ((end.mark.position != 0 && end.mark.position % 2 == 0) || has_hole);
	}
	return r;
}

/* The last run died before all of it was durable: the old name has it still. The newest goes first, so that none is left
 * that does not follow. */
static int take_name_back(const struct core *core, uint64_t first, uint64_t last)
{
	const struct disk *disk = core->settings.disk;
	char path[SEGMENT_PATH_MAX];
	int r = 0;

	LOG(LOG_INFO, "journal", "the last run died while it became a new writer; it goes on where it was",
	    F_STR("writer", core->identity.writer));
	for (uint64_t number = last; number >= first && r == 0; number--) {
		segment_path(path, core->journal_dir, number);
		r = disk->remove(disk->ctx, path);
	}
	return r < 0 ? r : disk->sync_folder(disk->ctx, core->journal_dir);
}

static int take_name_on(struct core *core, const struct segment_head *head, uint64_t first, uint64_t position,
			struct error *reterr)
{
	struct identity *identity = &core->identity;
	int r;

	LOG(LOG_WARNING, "journal", "the last run became a new writer; its name is taken on",
	    F_STR("writer", head->writer), F_STR("before", identity->writer));
	memcpy(identity->writer, head->writer, sizeof(identity->writer));
	identity->runs_len = 1;
	identity->runs[0] = (struct identity_run){ position, head->position + 1, first - 1, IDENTITY_UNKNOWN };
	r = identity_write(identity, core->settings.disk, core->journal_dir);
	return r < 0 ? error_set(reterr, r, "%s/writer: %s", core->journal_dir, strerror(-r)) : 0;
}

/* The header of the last segment. -ENOENT: there is none that can be read. */
static int read_last(struct core *core, struct segment_head *ret, struct error *reterr)
{
	const struct disk *disk = core->settings.disk;
	char path[SEGMENT_PATH_MAX];
	uint64_t last = 0;
	int r = disk->list(disk->ctx, core->journal_dir, find_last, &last);

	if (r < 0)
		return error_set(reterr, r, "%s: %s", core->journal_dir, strerror(-r));
	core->segment_before = last;
	if (last == 0)
		return -ENOENT;
	segment_path(path, core->journal_dir, last);
	r = segment_head_read(disk, path, ret);
	if (r == -EIO)
		return error_set(reterr, r, "%s: %s", path, strerror(-r));
	return r < 0 ? -ENOENT : 0;
}

int recover_name(struct core *core, struct error *reterr)
{
	struct segment_head head;
	uint64_t first, position;
	bool is_begun = false;
	int r = read_last(core, &head, reterr);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (strcmp(head.writer, core->identity.writer) == 0)
		return 0;
	first = first_of_name(core, &head, &position);
	r = has_begun(core, first, head.number, &is_begun);
	if (r == 0 && is_begun)
		return take_name_on(core, &head, first, position, reterr);
	if (r == 0)
		r = take_name_back(core, first, head.number);
	return r < 0 ? error_set(reterr, r, "%s: what a new name begins with: %s", core->journal_dir, strerror(-r))
		     : recover_name(core, reterr);
}
