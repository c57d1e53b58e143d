/* SPDX-License-Identifier: MPL-2.0 */
/* What the tests of deduplication stand on: a folder of their own for id files, ids, and folding as the
 * journal does it. */
#ifndef TESTS_DEDUP_BED_H
#define TESTS_DEDUP_BED_H

#include "suite.h"

#include "journal/dedup.h"
#include "journal/ids.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TODAY 20000

static char dir[64];
static uint64_t seed;

static inline uint64_t dice(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static inline void set_up(void)
{
	strcpy(dir, "/tmp/effort-dedup-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	seed = 1;
}

static inline void tear_down(void)
{
	nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline struct dedup *open_dedup(size_t max_ids, int32_t first_day, bool is_by_arrival)
{
	struct dedup_settings settings = { dir, &disk_real, max_ids, is_by_arrival };
	struct error err = { "" };
	uint64_t damaged = 99;
	struct dedup *d = dedup_open(&settings, first_day, &damaged, &err);

	ck_assert_msg(d != NULL, "%s", err.text);
	ck_assert_msg(damaged == 0, "%s", err.text);
	return d;
}

static inline struct dedup_status status_of(const struct dedup *d)
{
	struct dedup_status status;

	dedup_status(d, &status);
	return status;
}

static inline void tick_all(struct dedup *d)
{
	for (int i = 0; i < 300; i++)
		dedup_tick(d);
}

/* What folding a segment does to the id files. */
static inline void fold(struct dedup *d, uint64_t segment, const struct id_entry *entries, size_t n)
{
	struct id_entry *copy = malloc((n + 1) * sizeof(*copy));
	size_t days;

	memcpy(copy, entries, n * sizeof(*copy));
	ck_assert_int_eq(ids_write(&disk_real, dir, segment, copy, n, &days), 0);
	free(copy);
	if (d != NULL)
		dedup_folded(d, segment);
}

static inline int offer(struct dedup *d, const struct id_entry *e, uint64_t segment)
{
	return dedup_offer(d, e->id, e->content, e->day, segment, true);
}

#define PER_DAY 2000

static inline void fill_day(struct id_entry *entries, int32_t day)
{
	for (size_t i = 0; i < PER_DAY; i++)
		entries[i] = (struct id_entry){ dice(), (uint32_t)dice(), day };
}

static inline void expect_all(struct dedup *d, const struct id_entry *entries, size_t n, int answer)
{
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(offer(d, &entries[i], 1000), answer);
}

static inline int count_files(void *ctx, const char *name)
{
	(void)name;
	++*(int *)ctx;
	return 0;
}

static inline int files(void)
{
	int n = 0;

	ck_assert_int_eq(disk_real.list(disk_real.ctx, dir, count_files, &n), 0);
	return n;
}

#endif
