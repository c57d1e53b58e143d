/* SPDX-License-Identifier: MPL-2.0 */
/* Families of ids and their files on a disk in memory. Included by one file of a program. */
#ifndef TESTS_JOURNAL_IDS_H
#define TESTS_JOURNAL_IDS_H

#include "suite.h"

#include "journal/ids_inside.h"

#include "journal_disk.h"

#define DAY 20778

/* For what is asked very often: without a word to the runner each time. */
#define MUST(claim)                                                                                          \
	do {                                                                                                 \
		if (!(claim))                                                                                \
			ck_abort_msg("%s", #claim);                                                          \
	} while (0)

static struct mem_disk *disk;

static inline void set_up(void)
{
	disk = mem_disk_new();
	mem_make_folder(disk, "/ids");
}

static inline void tear_down(void)
{
	mem_disk_free(disk);
}

/* The i-th id of a family; spread over everything. */
static inline uint64_t id_of(uint64_t family, uint64_t i)
{
	uint64_t state = family << 40 ^ i;

	return mem_random(&state);
}

static inline uint32_t content_of(uint64_t id)
{
	return (uint32_t)(id >> 7);
}

static inline struct id_entry *entries_of(uint64_t family, size_t n, int32_t day)
{
	struct id_entry *entries = calloc(n + 1, sizeof(*entries));

	for (size_t i = 0; i < n; i++)
		entries[i] = (struct id_entry){ id_of(family, i), content_of(id_of(family, i)), day };
	return entries;
}

static inline void write_family(uint64_t segment, uint64_t family, size_t n, int32_t day)
{
	struct id_entry *entries = entries_of(family, n, day);
	size_t days = 99;

	ck_assert_int_eq(ids_write(&disk->table, "/ids", segment, entries, n, &days), 0);
	ck_assert_uint_eq(days, n > 0);
	free(entries);
}

static inline const char *path_of(int32_t day, uint64_t segment)
{
	static char path[IDS_PATH_MAX];

	ids_path(path, "/ids", day, segment);
	return path;
}

static inline struct ids *open_ids(int32_t day, uint64_t segment)
{
	struct error err = { "" };
	struct ids *ids = ids_open(&disk->table, path_of(day, segment), &err);

	ck_assert_msg(ids != NULL, "%s", err.text);
	return ids;
}

static inline void check_found(struct ids *ids, uint64_t family, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t content = 0;

		MUST(ids_find(ids, id_of(family, i), &content) == 1);
		MUST(content == content_of(id_of(family, i)));
	}
}

struct seen {
	uint64_t before;
	size_t n;
};

static inline int see(void *ctx, uint64_t id, uint32_t content)
{
	struct seen *seen = ctx;

	MUST(content == content_of(id));
	MUST(seen->n == 0 || id > seen->before);
	seen->before = id;
	seen->n++;
	return 0;
}

#endif
