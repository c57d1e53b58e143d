/* SPDX-License-Identifier: MPL-2.0 */
/* See id_files.h. */
#include "journal/id_files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS_MAX 8 /* at a folder that changes meanwhile */
#define PATH_LEN  4200
#define ASIDE     "damaged-"

int id_folder_init(struct id_folder *folder, const struct disk *disk, const char *dir)
{
	*folder = (struct id_folder){ .disk = disk, .dir = strdup(dir) };
	return folder->dir == NULL ? -ENOMEM : disk->make_folder(disk->ctx, dir);
}

void id_folder_done(struct id_folder *folder)
{
	free(folder->dir);
	*folder = (struct id_folder){ 0 };
}

static int path_of(const struct id_folder *folder, const char *prefix, const char *name, char path[PATH_LEN])
{
	int n = snprintf(path, PATH_LEN, "%s/%s%s", folder->dir, prefix, name);

	return n < 0 || n >= PATH_LEN ? -ENAMETOOLONG : 0;
}

/* --- listing --- */

struct look {
	int32_t first, last;
	struct id_files files;
};

static int note(void *ctx, const char *name)
{
	struct look *look = ctx;
	struct id_files *files = &look->files;
	struct id_file file = { .ids = NULL };

	if (!ids_name(name, &file.day, &file.segment) || file.day < look->first || file.day > look->last ||
	    strlen(name) >= sizeof(file.name))
		return 0;
	if (files->n == files->cap) {
		size_t cap = files->cap * 2 + 16;
		struct id_file *list = realloc(files->list, cap * sizeof(*list));

		if (list == NULL)
			return -ENOMEM;
		files->list = list;
		files->cap = cap;
	}
	memcpy(file.name, name, strlen(name) + 1);
	files->list[files->n++] = file;
	return 0;
}

static int newest_first(const void *a, const void *b)
{
	const struct id_file *x = a, *y = b;

	if (x->day != y->day)
		return x->day > y->day ? -1 : 1;
	return (x->segment < y->segment) - (x->segment > y->segment);
}

static bool is_same(const struct id_files *a, const struct id_files *b)
{
	bool is = a->n == b->n;

	for (size_t i = 0; is && i < a->n; i++)
		is = strcmp(a->list[i].name, b->list[i].name) == 0;
	return is;
}

static int look_once(const struct id_folder *folder, struct look *look)
{
	int r = folder->disk->list(folder->disk->ctx, folder->dir, note, look);

	if (r < 0)
		return r;
	if (look->files.n > 1)
		qsort(look->files.list, look->files.n, sizeof(*look->files.list), newest_first);
	return 0;
}

int id_files_read(const struct id_folder *folder, int32_t first, int32_t last, struct id_files *ret)
{
	struct look before = { .first = first, .last = last };
	int r = look_once(folder, &before);

	/* A folder that is written to while it is read may hide one of two files of which the second
	 * replaced the first. */
	for (int i = 0; r == 0 && i < LOOKS_MAX; i++) {
		struct look look = { .first = first, .last = last };

		r = look_once(folder, &look);
		if (r == 0 && is_same(&look.files, &before.files)) {
			id_files_done(&before.files);
			*ret = look.files;
			return 0;
		}
		id_files_done(&before.files);
		before = look;
	}
	id_files_done(&before.files);
	return r < 0 ? r : -EAGAIN;
}

void id_files_done(struct id_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		id_file_close(&files->list[i]);
	free(files->list);
	*files = (struct id_files){ 0 };
}

/* --- one file --- */

static void set_aside(struct id_folder *folder, const struct id_file *file)
{
	char from[PATH_LEN], to[PATH_LEN];

	folder->damaged++;
	error_set(&folder->damage, 0, "%s/%s: damaged; set aside as " ASIDE "%s", folder->dir, file->name,
		  file->name);
	/* Where that fails it will be met again, and told again. */
	if (path_of(folder, "", file->name, from) == 0 && path_of(folder, ASIDE, file->name, to) == 0)
		folder->disk->rename(folder->disk->ctx, from, to);
}

int id_file_open(struct id_folder *folder, struct id_file *file)
{
	char path[PATH_LEN];
	int r = path_of(folder, "", file->name, path);

	if (r < 0)
		return r;
	errno = 0;
	file->ids = ids_open(folder->disk, path, NULL);
	if (file->ids != NULL)
		return 0;
	r = errno > 0 ? -errno : -EIO;
	if (r == -EBADMSG)
		set_aside(folder, file);
	return r;
}

void id_file_close(struct id_file *file)
{
	if (file->ids != NULL)
		ids_close(file->ids);
	file->ids = NULL;
}

struct salvage {
	struct id_entry *entries; /* owned */
	size_t n, cap;
	int32_t day;
};

static int take(void *ctx, uint64_t id, uint32_t content)
{
	struct salvage *salvage = ctx;

	if (salvage->n == salvage->cap)
		return -EFBIG;
	salvage->entries[salvage->n++] = (struct id_entry){ id, content, salvage->day };
	return 0;
}

int id_file_mend(struct id_folder *folder, struct id_file *file)
{
	struct salvage salvage = { .cap = ids_len(file->ids), .day = file->day };
	size_t days;
	int r = -ENOMEM;

	salvage.entries = malloc((salvage.cap + 1) * sizeof(*salvage.entries));
	if (salvage.entries != NULL)
		r = ids_each(file->ids, take, &salvage);
	id_file_close(file);
	set_aside(folder, file);
	if (r == 0 || r == -EBADMSG)
		r = ids_write(folder->disk, folder->dir, file->segment, salvage.entries, salvage.n, &days);
	free(salvage.entries);
	if (r == 0)
		r = salvage.n == 0 ? -ENOENT : id_file_open(folder, file);
	return r;
}

/* --- removing --- */

struct removal {
	const struct id_folder *folder;
	int32_t before;
	int result;
};

static int remove_old(void *ctx, const char *name)
{
	struct removal *removal = ctx;
	const struct disk *disk = removal->folder->disk;
	const char *plain = strncmp(name, ASIDE, strlen(ASIDE)) == 0 ? name + strlen(ASIDE) : name;
	char path[PATH_LEN];
	uint64_t segment;
	int32_t day;
	int r;

	if (!ids_name(plain, &day, &segment) || day >= removal->before)
		return 0;
	r = path_of(removal->folder, "", name, path);
	if (r == 0)
		r = disk->remove(disk->ctx, path);
	if (r < 0 && r != -ENOENT && removal->result == 0)
		removal->result = r;
	return 0;
}

int id_folder_remove(const struct id_folder *folder, int32_t before_day)
{
	struct removal removal = { .folder = folder, .before = before_day };
	int r = folder->disk->list(folder->disk->ctx, folder->dir, remove_old, &removal);

	return r < 0 ? r : removal.result;
}
