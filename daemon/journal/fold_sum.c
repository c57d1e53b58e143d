/* SPDX-License-Identifier: MPL-2.0 */
/* See fold.h: what is read of totals files, the sums of a period and the positions of all. */
#include "journal/fold.h"

#include "journal/totals_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int fold_sum(const struct disk *disk, const char *totals_dir, int32_t first, int32_t end, struct totals **ret,
	     uint64_t *ret_damaged, struct error *reterr)
{
	struct totals *sums = totals_new();
	struct error found = { "" };
	uint64_t damaged = 0;
	int r = sums == NULL ? -ENOMEM : 0;

	for (int32_t day = first; day < end && r == 0; day++) {
		char path[TOTALS_PATH_MAX];

		totals_day_path(path, totals_dir, day);
		r = totals_read(sums, disk, path, first, NULL, &found);
		damaged += r == -EBADMSG;
		if (r == -EBADMSG)
			error_set(reterr, 0, "%s", found.text);
		if (r == -EBADMSG || r == -ENOENT)
			r = 0;
	}
	if (r < 0) {
		totals_free(sums);
		return error_set(reterr, r, "%s",
				 r == -ENOMEM ? "no memory for the sums of a period" : found.text);
	}
	*ret = sums;
	*ret_damaged = damaged;
	return 0;
}

/* --- what was set aside --- */

struct looking {
	enum totals_kind kind;
	int32_t first, end;
	bool is_any; /* kind and days do not matter */
	uint64_t found;
};

static int see_aside(void *ctx, const char *name)
{
	const char *tail = strstr(name, ".damaged");
	struct looking *looking = ctx;
	enum totals_kind kind;
	char base[32];
	int32_t day;

	if (tail == NULL || (size_t)(tail - name) >= sizeof(base))
		return 0;
	memcpy(base, name, (size_t)(tail - name));
	base[tail - name] = '\0';
	if (totals_file_name(base, &kind, &day) &&
	    (looking->is_any || (kind == looking->kind && day >= looking->first && day < looking->end)))
		looking->found++;
	return 0;
}

int fold_is_set_aside(const struct disk *disk, const char *totals_dir, bool of_names, int32_t first, int32_t end, bool *ret)
{
	struct looking looking = { .kind = of_names ? TOTALS_MONTH : TOTALS_DAY,
				   .first = first,
				   .end = of_names ? first + 1 : end };
	int r = disk->list(disk->ctx, totals_dir, see_aside, &looking);

	if (r < 0 && r != -ENOENT)
		return r;
	*ret = looking.found > 0;
	return 0;
}

int fold_count_set_aside(const struct disk *disk, const char *totals_dir, uint64_t *ret)
{
	struct looking looking = { .is_any = true };
	int r = disk->list(disk->ctx, totals_dir, see_aside, &looking);

	if (r < 0 && r != -ENOENT)
		return r;
	*ret = looking.found;
	return 0;
}

/* --- positions --- */

struct file {
	int32_t day;
	uint8_t kind; /* enum totals_kind */
};

struct files {
	struct file *list; /* owned */
	size_t n, cap;
};

static int see_file(void *ctx, const char *name)
{
	struct files *files = ctx;
	enum totals_kind kind;
	int32_t day;

	if (!totals_file_name(name, &kind, &day))
		return 0;
	if (files->n == files->cap) {
		size_t cap = files->cap == 0 ? 64 : files->cap * 2;
		struct file *list = realloc(files->list, cap * sizeof(*list));

		if (list == NULL)
			return -ENOMEM;
		files->list = list;
		files->cap = cap;
	}
	files->list[files->n++] = (struct file){ day, (uint8_t)kind };
	return 0;
}

static int read_file(struct totals *totals, const struct disk *disk, const char *dir, const struct file *file,
		     struct error *reterr)
{
	char path[TOTALS_PATH_MAX];

	if (file->kind == TOTALS_DAY)
		totals_day_path(path, dir, file->day);
	else
		totals_month_path(path, dir, file->day);
	return totals_read_positions(totals, disk, path, NULL, reterr);
}

static int read_files(struct totals *totals, const struct disk *disk, const char *dir, struct error *reterr)
{
	struct files files = { 0 };
	struct error found;
	int r = disk->list(disk->ctx, dir, see_file, &files);

	if (r < 0 && r != -ENOENT)
		error_set(reterr, r, "%.400s: cannot be listed: %s", dir, strerror(-r));
	if (r == -ENOENT)
		r = 0;
	for (size_t i = 0; i < files.n && r == 0; i++) {
		r = read_file(totals, disk, dir, &files.list[i], &found);
		if (r < 0)
			error_set(reterr, r, "%s", found.text);
		if (r == -EBADMSG)
			r = 0;
	}
	free(files.list);
	return r;
}

int fold_positions(const struct disk *disk, const char *totals_dir, struct totals **ret, struct error *reterr)
{
	struct totals *totals = totals_new();
	int r;

	if (totals == NULL)
		return error_set(reterr, -ENOMEM, "no memory for positions");
	error_set(reterr, 0, "%s", "");
	r = read_files(totals, disk, totals_dir, reterr);
	if (r < 0)
		totals_free(totals);
	else
		*ret = totals;
	return r;
}
