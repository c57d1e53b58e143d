/* SPDX-License-Identifier: MPL-2.0 */
/* See totals.h: bytes to sums, in the form of totals_file.h. Nothing is believed before the checksum fits,
 * and nothing is added before everything has been looked through once. What a file says about lengths is
 * compared with its size before memory is asked for. */
#include "journal/totals_inside.h"

#include "journal/totals_bytes.h"
#include "journal/totals_file.h"

#include <errno.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define FRONT_READ 4096 /* most fronts fit */

struct file {
	const char *path;
	uint8_t *bytes; /* owned */
	size_t len;
	enum totals_kind kind;
	int32_t day;
	size_t front;
	uint64_t segment, size;
	size_t codes, places, groups, standings, cells, names;
};

static int damaged(const struct file *file, struct error *reterr, const char *what)
{
	return error_set(reterr, -EBADMSG, "%s: damaged: %s", file->path, what);
}

/* --- the head --- */

static size_t head_number(const struct file *file, enum totals_head at)
{
	return (size_t)bytes_fetch(file->bytes + at, 4);
}

static void read_head(struct file *file)
{
	file->kind = (enum totals_kind)head_number(file, HEAD_KIND);
	file->day = (int32_t)head_number(file, HEAD_DAY);
	file->front = head_number(file, HEAD_FRONT);
	file->segment = bytes_fetch(file->bytes + HEAD_SEGMENT, 8);
	file->size = bytes_fetch(file->bytes + HEAD_SIZE, 8);
	file->codes = head_number(file, HEAD_CODES);
	file->places = head_number(file, HEAD_PLACES);
	file->groups = head_number(file, HEAD_GROUPS);
	file->standings = head_number(file, HEAD_STANDINGS);
	file->cells = head_number(file, HEAD_CELLS);
	file->names = head_number(file, HEAD_NAMES);
}

static bool is_ours(const struct file *file)
{
	return file->len >= TOTALS_HEAD && memcmp(file->bytes, TOTALS_MAGIC, 8) == 0;
}

static bool is_its_name(const struct file *file)
{
	enum totals_kind kind;
	int32_t day;

	return totals_file_path(file->path, &kind, &day) && kind == file->kind && day == file->day;
}

static bool is_front_possible(const struct file *file)
{
	return file->front >= TOTALS_HEAD && file->front <= file->size - 2 * (size_t)TOTALS_SUM &&
	       file->codes <= CELL_MUNICIPALITIES && file->codes * 4 <= file->front - TOTALS_HEAD &&
	       file->places <= file->front / TOTALS_PLACE_MIN;
}

static bool is_body_possible(const struct file *file)
{
	size_t body = (size_t)file->size - file->front;

	return file->standings <= STANDINGS_MAX && file->standings <= body / TOTALS_WORD_MIN &&
	       file->groups <= body / TOTALS_GROUP_MIN && file->cells <= body / TOTALS_CELL_MIN &&
	       file->names <= body / TOTALS_NAME_MIN;
}

/* --- the front --- */

static int add_code(struct totals *totals, const uint8_t *text)
{
	char code[5] = { (char)text[0], (char)text[1], (char)text[2], (char)text[3] };

	return totals_municipality(totals, code);
}

/* codes: numbers of the totals by numbers of the file; file->codes of them. */
static int add_codes(struct totals *totals, const struct file *file, uint16_t *codes)
{
	for (size_t i = 0; i < file->codes; i++) {
		int number = add_code(totals, file->bytes + TOTALS_HEAD + i * 4);

		if (number < 0)
			return number;
		codes[i] = (uint16_t)number;
	}
	return 0;
}

static bool are_codes_fine(const struct file *file)
{
	return memchr(file->bytes + TOTALS_HEAD, '\0', file->codes * 4) == NULL;
}

/* A day, told from the file's own. */
static int32_t take_period(struct bytes_in *in, const struct file *file)
{
	int64_t distance = bytes_signed(in);

	if (distance < -2 * CELL_DAYS || distance > 2 * CELL_DAYS) {
		in->is_bad = true;
		return 0;
	}
	return (int32_t)(file->day + distance);
}

/* totals NULL: only looks whether it can be read. */
static int walk_places(struct totals *totals, const struct file *file, const uint16_t *codes, int32_t as_day)
{
	struct bytes_in in = { file->bytes + TOTALS_HEAD + file->codes * 4, file->bytes + file->front,
			       false };
	int r = 0;

	for (size_t i = 0; i < file->places && r == 0; i++) {
		uint16_t code = (uint16_t)bytes_below(&in, file->codes);
		int dimension = (int)bytes_below(&in, DIMENSIONS + 1) - 1;
		int32_t period = take_period(&in, file);
		uint64_t position = bytes_number(&in);

		if (in.is_bad)
			return -EBADMSG;
		if (as_day != INT32_MIN && dimension < 0)
			period = as_day;
		if (totals != NULL)
			r = totals_place(totals, codes[code], dimension, period, position);
	}
	return r == 0 && (in.is_bad || in.at != in.end) ? -EBADMSG : r;
}

static int check_front(const struct file *file)
{
	if (bytes_fetch(file->bytes + file->front, TOTALS_SUM) != XXH3_64bits(file->bytes, file->front))
		return -EBADMSG;
	return are_codes_fine(file) ? walk_places(NULL, file, NULL, INT32_MIN) : -EBADMSG;
}

static void saw_segment(struct totals *totals, const struct file *file, uint64_t *ret_segment)
{
	if (file->segment > totals->segment)
		totals->segment = file->segment;
	if (ret_segment != NULL)
		*ret_segment = file->segment;
}

/* --- the body --- */

/* What numbers of the file stand for. */
struct words {
	uint16_t codes[CELL_MUNICIPALITIES];
	uint16_t *standings; /* owned */
	const char **groups; /* owned, of borrowed text */
};

static int words_init(struct words *words, const struct file *file)
{
	words->standings = malloc((file->standings + 1) * sizeof(*words->standings));
	words->groups = malloc((file->groups + 1) * sizeof(*words->groups));
	return words->standings == NULL || words->groups == NULL ? -ENOMEM : 0;
}

static void words_done(struct words *words)
{
	free(words->standings);
	free(words->groups);
}

static struct standing_text take_standing(struct bytes_in *in, const struct words *words, size_t groups)
{
	struct standing_text standing = { .task = bytes_string(in) };
	uint64_t flags = bytes_below(in, 4);

	standing.is_municipal = flags & 1;
	standing.is_target = flags >> 1;
	standing.groups_len = (size_t)bytes_below(in, SCOPE_GROUPS_MAX + 1);
	for (size_t i = 0; i < standing.groups_len; i++) {
		uint64_t number = bytes_below(in, groups);

		standing.groups[i] = in->is_bad ? "" : words->groups[number];
	}
	return standing;
}

static int walk_words(struct totals *totals, const struct file *file, struct bytes_in *in,
		      struct words *words)
{
	int r = 0;

	for (size_t i = 0; i < file->groups; i++)
		words->groups[i] = bytes_string(in);
	for (size_t i = 0; i < file->standings && r >= 0; i++) {
		struct standing_text standing = take_standing(in, words, file->groups);

		if (in->is_bad)
			return -EBADMSG;
		if (totals == NULL)
			continue;
		r = totals_standing(totals, &standing);
		words->standings[i] = (uint16_t)r;
	}
	return r < 0 ? r : 0;
}

static uint64_t as_cell(uint64_t cell, int32_t as_day)
{
	if (as_day == INT32_MIN)
		return cell;
	return (cell & ~(UINT64_C(0x3ffff) << 36)) | ((uint64_t)(as_day + CELL_DAYS) & 0x3ffff) << 36;
}

static int walk_cells(struct totals *totals, const struct file *file, struct bytes_in *in,
		      const struct words *words, int32_t as_day)
{
	uint64_t cell = 0;
	int r = 0;

	for (size_t i = 0; i < file->cells && r == 0; i++) {
		int64_t count, seconds;

		cell += bytes_number(in) << 3;
		count = (int64_t)bytes_number(in);
		seconds = (int64_t)bytes_number(in);
		if (in->is_bad || cell_municipality(cell) >= file->codes ||
		    cell_standing(cell) >= file->standings)
			return -EBADMSG;
		if (totals != NULL)
			r = totals_add(totals,
				       totals_recell(as_cell(cell, as_day),
						     words->codes[cell_municipality(cell)],
						     words->standings[cell_standing(cell)]),
				       count, seconds);
	}
	return r;
}

static int walk_names(struct totals *totals, const struct file *file, struct bytes_in *in,
		      const struct words *words, int32_t as_day)
{
	int r = 0;

	for (size_t i = 0; i < file->names && r == 0; i++) {
		struct totals_name name = { .municipality = (uint16_t)bytes_below(in, file->codes) };

		name.dimension = (uint8_t)bytes_below(in, DIMENSIONS);
		name.period = take_period(in, file);
		name.name.ptr = bytes_text(in, TOTALS_TEXT_MAX, &name.name.len);
		name.amount.events = (int64_t)bytes_number(in);
		name.amount.contacts = (int64_t)bytes_number(in);
		name.amount.n = (int64_t)bytes_number(in);
		name.amount.self = (int64_t)bytes_number(in);
		name.last_ms = bytes_signed(in);
		if (in->is_bad)
			return -EBADMSG;
		if (as_day != INT32_MIN && name.dimension == BY_REASON)
			name.period = as_day;
		if (totals != NULL)
			r = totals_add_name(totals, words->codes[name.municipality],
					    (enum dimension)name.dimension, name.period, name.name,
					    &name.amount, name.last_ms);
	}
	return r;
}

/* All of it; totals NULL: only looks whether it can be read. */
static int walk(struct totals *totals, const struct file *file, struct words *words, int32_t as_day)
{
	struct bytes_in in = { file->bytes + file->front + TOTALS_SUM, file->bytes + file->len - TOTALS_SUM,
			       false };
	int r = totals == NULL ? 0 : add_codes(totals, file, words->codes);

	if (r == 0)
		r = walk_places(totals, file, words->codes, as_day);
	if (r == 0)
		r = walk_words(totals, file, &in, words);
	if (r == 0)
		r = walk_cells(totals, file, &in, words, as_day);
	if (r == 0)
		r = walk_names(totals, file, &in, words, as_day);
	return r == 0 && in.at != in.end ? -EBADMSG : r;
}

/* --- files --- */

static int check(struct file *file, struct error *reterr)
{
	uint64_t version;

	if (file->len < TOTALS_HEAD + 2 * (size_t)TOTALS_SUM || !is_ours(file))
		return damaged(file, reterr, "no totals file, or its beginning is lost");
	if (bytes_fetch(file->bytes + file->len - TOTALS_SUM, TOTALS_SUM) !=
	    XXH3_64bits(file->bytes, file->len - TOTALS_SUM))
		return damaged(file, reterr, "its checksum does not fit");
	version = bytes_fetch(file->bytes + HEAD_VERSION, 4);
	if (version != TOTALS_VERSION)
		return error_set(reterr, -EPROTONOSUPPORT,
				 "%s: format %llu, and this effortd knows %d: use the effortd that wrote it",
				 file->path, (unsigned long long)version, TOTALS_VERSION);
	read_head(file);
	if (file->size != file->len || !is_front_possible(file) || !is_body_possible(file) ||
	    check_front(file) < 0)
		return damaged(file, reterr, "its lengths do not fit");
	return 0;
}

static int load(struct file *file, const struct disk *disk, struct error *reterr)
{
	void *bytes;
	int r = disk_load(disk, file->path, TOTALS_FILE_MAX, &bytes, &file->len);

	if (r == -EFBIG)
		return damaged(file, reterr, "larger than a totals file can be");
	if (r < 0)
		return error_set(reterr, r, "%s: cannot be read: %s", file->path, strerror(-r));
	file->bytes = bytes;
	r = check(file, reterr);
	if (r == 0 && !is_its_name(file))
		return damaged(file, reterr, "it is of another day than its name says");
	return r;
}

static int add_all(struct totals *totals, const struct file *file, int32_t as_day, struct error *reterr)
{
	struct words words;
	int r = words_init(&words, file);

	if (r == 0)
		r = walk(NULL, file, &words, as_day);
	if (r == 0 && totals->cells.used == 0)
		r = tally_reserve(&totals->cells, file->cells);
	if (r == 0)
		r = walk(totals, file, &words, as_day);
	words_done(&words);
	if (r == -EBADMSG)
		return damaged(file, reterr, "what it holds does not fit together");
	return r < 0 ? error_set(reterr, r, "%s: %s", file->path, strerror(-r)) : 0;
}

int totals_add_image(struct totals *totals, const char *path, const uint8_t *bytes, size_t len, struct error *reterr)
{
	struct file file = { .path = path, .bytes = (uint8_t *)(uintptr_t)bytes, .len = len };
	int r = check(&file, reterr);

	return r < 0 ? r : add_all(totals, &file, INT32_MIN, reterr);
}

int totals_read(struct totals *totals, const struct disk *disk, const char *path, int32_t as_day,
		uint64_t *ret_segment, struct error *reterr)
{
	struct file file = { .path = path };
	int r = load(&file, disk, reterr);

	if (r == 0)
		r = add_all(totals, &file, as_day, reterr);
	if (r == 0)
		saw_segment(totals, &file, ret_segment);
	free(file.bytes);
	return r;
}

/* The front alone, as far as it is whole. file->len: of the file; of its bytes only the front is there. */
static int load_front(struct file *file, const struct disk *disk, int fd)
{
	int64_t size = disk->size(disk->ctx, fd);
	size_t len = size < FRONT_READ ? (size_t)(size < 0 ? 0 : size) : FRONT_READ;
	uint8_t *bytes;
	int r;

	if (size < 0)
		return (int)size;
	if (size < TOTALS_HEAD + 2 * TOTALS_SUM || size > TOTALS_FILE_MAX)
		return -EBADMSG;
	file->len = (size_t)size;
	file->bytes = malloc(FRONT_READ);
	if (file->bytes == NULL)
		return -ENOMEM;
	r = disk_read_all(disk, fd, file->bytes, len, 0);
	if (r < 0)
		return r;
	read_head(file);
	if (!is_ours(file) || bytes_fetch(file->bytes + HEAD_VERSION, 4) != TOTALS_VERSION ||
	    file->size != file->len || !is_its_name(file) || !is_front_possible(file))
		return -EBADMSG;
	if (file->front + TOTALS_SUM <= len)
		return 0;
	bytes = realloc(file->bytes, file->front + TOTALS_SUM);
	if (bytes == NULL)
		return -ENOMEM;
	file->bytes = bytes;
	return disk_read_all(disk, fd, bytes + len, file->front + TOTALS_SUM - len, (int64_t)len);
}

static int add_front(struct totals *totals, const struct file *file)
{
	uint16_t codes[CELL_MUNICIPALITIES];
	int r = check_front(file);

	if (r == 0)
		r = add_codes(totals, file, codes);
	return r < 0 ? r : walk_places(totals, file, codes, INT32_MIN);
}

/* What is not whole, or not of this version: all of it tells which. */
static int explain(struct file *file, const struct disk *disk, struct error *reterr)
{
	int r;

	free(file->bytes);
	file->bytes = NULL;
	r = load(file, disk, reterr);
	return r < 0 ? r : damaged(file, reterr, "it cannot be read twice alike");
}

int totals_read_positions(struct totals *totals, const struct disk *disk, const char *path,
			  uint64_t *ret_segment, struct error *reterr)
{
	struct file file = { .path = path };
	int fd = disk->open(disk->ctx, path, DISK_READ);
	int r = fd < 0 ? fd : load_front(&file, disk, fd);

	if (fd >= 0)
		disk->close(disk->ctx, fd);
	if (r == 0)
		r = add_front(totals, &file);
	if (r == -EBADMSG)
		r = explain(&file, disk, reterr);
	else if (r < 0)
		error_set(reterr, r, "%s: cannot be read: %s", path, strerror(-r));
	else
		saw_segment(totals, &file, ret_segment);
	free(file.bytes);
	return r;
}
