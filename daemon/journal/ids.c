/* SPDX-License-Identifier: MPL-2.0 */
/* See ids.h. Reading; the form of a file stands in ids_inside.h. */
#include "journal/ids_inside.h"

#include "journal/totals_bytes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t ids_block_sum(const uint8_t *entries, size_t n, int32_t day, uint64_t segment, size_t block)
{
	uint64_t seed =
		((uint64_t)(uint32_t)day << 32 | (uint32_t)block) + segment * UINT64_C(0x9e3779b97f4a7c15);

	return XXH3_64bits_withSeed(entries, n * IDS_ENTRY, seed);
}

uint64_t ids_index_sum(const uint8_t head[IDS_HEAD], const uint8_t *index, size_t len)
{
	return XXH3_64bits_withSeed(index, len, XXH3_64bits(head, IDS_HEAD));
}

void ids_path(char path[IDS_PATH_MAX], const char *dir, int32_t day, uint64_t segment)
{
	snprintf(path, IDS_PATH_MAX, "%s/%" PRId32 ".%" PRIu64, dir, day, segment);
}

/* Decimal digits, without zeros before them. */
static bool take_digits(const char **at, uint64_t max, uint64_t *ret)
{
	const char *from = *at;
	uint64_t value = 0;

	for (; **at >= '0' && **at <= '9'; (*at)++) {
		uint64_t digit = (uint64_t)(**at - '0');

		if (value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*ret = value;
	return *at > from && (*from != '0' || *at == from + 1);
}

bool ids_name(const char *name, int32_t *ret_day, uint64_t *ret_segment)
{
	uint64_t day, segment;

	if (!take_digits(&name, INT32_MAX, &day) || *name++ != '.' ||
	    !take_digits(&name, UINT64_MAX, &segment) || *name != '\0')
		return false;
	*ret_day = (int32_t)day;
	*ret_segment = segment;
	return true;
}

/* --- opening --- */

static size_t blocks_of(uint64_t entries)
{
	return (size_t)((entries + IDS_BLOCK - 1) / IDS_BLOCK);
}

static size_t entries_of(const struct ids *ids, size_t block)
{
	return block + 1 < ids->blocks ? IDS_BLOCK : ids->n - block * IDS_BLOCK;
}

static int64_t place_of(size_t block)
{
	return IDS_HEAD + (int64_t)block * IDS_BLOCK_BYTES;
}

/* Where the index begins. */
static int64_t end_of_blocks(uint64_t entries)
{
	return IDS_HEAD + (int64_t)(entries * IDS_ENTRY + blocks_of(entries) * IDS_SUM);
}

static bool is_size_right(uint64_t entries, int64_t size)
{
	if (entries > (uint64_t)size / IDS_ENTRY)
		return false;
	return size == end_of_blocks(entries) + (int64_t)blocks_of(entries) * 8 + IDS_SUM;
}

static int read_index(struct ids *ids, const uint8_t head[IDS_HEAD])
{
	size_t len = ids->blocks * 8;
	uint8_t *bytes = malloc(len + IDS_SUM);
	int r = bytes == NULL ? -ENOMEM : 0;

	ids->index = calloc(ids->blocks + 1, sizeof(*ids->index));
	if (ids->index == NULL)
		r = -ENOMEM;
	if (r == 0)
		r = disk_read_all(ids->disk, ids->fd, bytes, len + IDS_SUM, end_of_blocks(ids->n));
	if (r == 0 && bytes_fetch(bytes + len, 8) != ids_index_sum(head, bytes, len))
		r = -EBADMSG;
	for (size_t i = 0; i < ids->blocks && r == 0; i++)
		ids->index[i] = bytes_fetch(bytes + i * 8, 8);
	free(bytes);
	return r;
}

static int read_head(struct ids *ids)
{
	uint8_t head[IDS_HEAD];
	int64_t size = ids->disk->size(ids->disk->ctx, ids->fd);
	int r = size < 0 ? (int)size : 0;

	if (r == 0 && size < IDS_HEAD + IDS_SUM)
		r = -EBADMSG;
	if (r == 0)
		r = disk_read_all(ids->disk, ids->fd, head, sizeof(head), 0);
	if (r < 0)
		return r;
	if (memcmp(head, IDS_MAGIC, 8) != 0 || !is_size_right(bytes_fetch(head + IDS_HEAD_ENTRIES, 8), size))
		return -EBADMSG;
	ids->day = (int32_t)bytes_fetch(head + IDS_HEAD_DAY, 4);
	ids->segment = bytes_fetch(head + IDS_HEAD_SEGMENT, 8);
	ids->is_joined = bytes_fetch(head + IDS_HEAD_JOINED, 4) != 0;
	ids->n = (size_t)bytes_fetch(head + IDS_HEAD_ENTRIES, 8);
	ids->blocks = blocks_of(ids->n);
	r = read_index(ids, head);
	if (r == 0 && bytes_fetch(head + IDS_HEAD_VERSION, 4) != IDS_VERSION)
		r = -EPROTONOSUPPORT;
	return r;
}

static bool is_its_name(const struct ids *ids)
{
	const char *slash = strrchr(ids->path, '/');
	int32_t day;
	uint64_t segment;

	return ids_name(slash == NULL ? ids->path : slash + 1, &day, &segment) && day == ids->day &&
	       segment == ids->segment;
}

static int open_file(struct ids *ids)
{
	int r;

	ids->fd = ids->disk->open(ids->disk->ctx, ids->path, DISK_READ);
	if (ids->fd < 0)
		return ids->fd;
	r = read_head(ids);
	return r == 0 && !is_its_name(ids) ? -EBADMSG : r;
}

static void tell(struct error *reterr, int r, const char *path)
{
	if (r == -EBADMSG)
		error_set(reterr, r, "%s: damaged", path);
	else if (r == -EPROTONOSUPPORT)
		error_set(reterr, r, "%s: of a later effortd: use the one that wrote it", path);
	else
		error_set(reterr, r, "%s: cannot be read: %s", path, strerror(-r));
}

int ids_open_file(const struct disk *disk, const char *path, struct ids **ret, struct error *reterr)
{
	struct ids *ids = calloc(1, sizeof(*ids) + strlen(path) + 1);
	int r;

	if (ids == NULL)
		return error_set(reterr, -ENOMEM, "%s: no memory", path);
	ids->disk = disk;
	ids->fd = -1;
	memcpy(ids->path, path, strlen(path) + 1);
	r = open_file(ids);
	if (r < 0) {
		tell(reterr, r, path);
		ids_close(ids);
		return r;
	}
	*ret = ids;
	return 0;
}

struct ids *ids_open(const struct disk *disk, const char *path, struct error *reterr)
{
	struct ids *ids;
	int r = ids_open_file(disk, path, &ids, reterr);

	if (r == 0)
		return ids;
	errno = -r;
	return NULL;
}

void ids_close(struct ids *ids)
{
	if (ids == NULL)
		return;
	if (ids->fd >= 0)
		ids->disk->close(ids->disk->ctx, ids->fd);
	free(ids->index);
	free(ids);
}

size_t ids_len(const struct ids *ids)
{
	return ids->n;
}

/* --- looking up --- */

static uint64_t id_at(const uint8_t *entries, size_t i)
{
	return bytes_fetch(entries + i * 8, 8);
}

static uint32_t content_at(const uint8_t *entries, size_t n, size_t i)
{
	return (uint32_t)bytes_fetch(entries + n * 8 + i * 4, 4);
}

static bool is_whole(const struct ids *ids, const uint8_t *entries, size_t block)
{
	size_t n = entries_of(ids, block);

	return bytes_fetch(entries + n * IDS_ENTRY, IDS_SUM) ==
	       ids_block_sum(entries, n, ids->day, ids->segment, block);
}

/* The last block that begins with this id or before it; `blocks`: none. */
static size_t block_with(const struct ids *ids, uint64_t id)
{
	size_t from = 0, to = ids->blocks;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (ids->index[middle] <= id)
			from = middle + 1;
		else
			to = middle;
	}
	return from == 0 ? ids->blocks : from - 1;
}

static int find_in(const uint8_t *entries, size_t n, uint64_t id, uint32_t *ret_content)
{
	size_t from = 0, to = n;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (id_at(entries, middle) < id)
			from = middle + 1;
		else
			to = middle;
	}
	if (from == n || id_at(entries, from) != id)
		return 0;
	*ret_content = content_at(entries, n, from);
	return 1;
}

int ids_find(struct ids *ids, uint64_t id, uint32_t *ret_content)
{
	uint8_t bytes[IDS_BLOCK_BYTES];
	size_t block = block_with(ids, id), n;
	int r;

	if (block == ids->blocks)
		return 0;
	n = entries_of(ids, block);
	r = disk_read_all(ids->disk, ids->fd, bytes, n * IDS_ENTRY + IDS_SUM, place_of(block));
	if (r < 0)
		return r;
	return is_whole(ids, bytes, block) ? find_in(bytes, n, id, ret_content) : -EBADMSG;
}

/* --- everything --- */

int ids_reader_init(struct ids_reader *reader, struct ids *ids)
{
	*reader = (struct ids_reader){ .ids = ids,
				       .chunk = malloc((size_t)IDS_CHUNK_BLOCKS * IDS_BLOCK_BYTES) };
	return reader->chunk == NULL ? -ENOMEM : 0;
}

void ids_reader_done(struct ids_reader *reader)
{
	free(reader->chunk);
}

static int load_chunk(struct ids_reader *reader)
{
	struct ids *ids = reader->ids;
	size_t blocks = ids->blocks - reader->block;
	size_t len, last;

	if (blocks > IDS_CHUNK_BLOCKS)
		blocks = IDS_CHUNK_BLOCKS;
	last = reader->block + blocks - 1;
	len = (blocks - 1) * IDS_BLOCK_BYTES + entries_of(ids, last) * IDS_ENTRY + IDS_SUM;
	reader->first = reader->block;
	reader->chunk_end = reader->block + blocks;
	return disk_read_all(ids->disk, ids->fd, reader->chunk, len, place_of(reader->block));
}

static const uint8_t *present_block(const struct ids_reader *reader)
{
	return reader->chunk + (reader->block - reader->first) * IDS_BLOCK_BYTES;
}

/* Loads the next block where it is not loaded, and looks whether it is whole. */
static int enter_block(struct ids_reader *reader)
{
	int r = reader->block == reader->chunk_end ? load_chunk(reader) : 0;

	if (r == 0 && !is_whole(reader->ids, present_block(reader), reader->block))
		r = -EBADMSG;
	return r;
}

int ids_reader_next(struct ids_reader *reader, uint64_t *ret_id, uint32_t *ret_content)
{
	const uint8_t *entries;
	uint64_t id = 0;
	size_t n;
	int r = 0;

	if (reader->block == reader->ids->blocks)
		return 0;
	n = entries_of(reader->ids, reader->block);
	if (reader->at == 0)
		r = enter_block(reader);
	entries = present_block(reader);
	if (r == 0)
		id = id_at(entries, reader->at);
	if (r == 0 && reader->is_begun && id <= reader->before)
		r = -EBADMSG;
	if (r == 0) {
		*ret_id = reader->before = id;
		*ret_content = content_at(entries, n, reader->at++);
		reader->is_begun = true;
	}
	if (r == -EBADMSG || reader->at == n) {
		reader->at = 0;
		reader->block++;
	}
	return r == 0 ? 1 : r;
}

int ids_each(struct ids *ids, int (*visit)(void *ctx, uint64_t id, uint32_t content), void *ctx)
{
	struct ids_reader reader;
	bool is_damaged = false;
	int r = ids_reader_init(&reader, ids);

	while (r == 0) {
		uint64_t id = 0;
		uint32_t content = 0;
		int found = ids_reader_next(&reader, &id, &content);

		if (found == 1) {
			r = visit(ctx, id, content);
		} else if (found == -EBADMSG) {
			is_damaged = true;
		} else {
			r = found;
			break;
		}
	}
	ids_reader_done(&reader);
	return r == 0 && is_damaged ? -EBADMSG : r;
}
