/* SPDX-License-Identifier: MPL-2.0 */
/* See identity.h. The file is lines of words:
 *
 *	effortd-writer 1
 *	writer 0123456789abcdef
 *	key <64 hex digits>
 *	incarnation 12
 *	day-kept 20413
 *	week-kept -
 *	day-gone 20413
 *	week-gone -
 *	run 1 41823 0 0
 *	run 3129847120 3129847119 7 8812
 *	check 0123456789abcdef
 *
 * where the last line is XXH3-64 of everything before it. The last run's end is not known while it lasts. */
#include "journal/identity.h"

#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define PATH_BYTES 4224
#define FILE_MAX   (1 << 20)
#define FIRST_LINE "effortd-writer 1\n"
#define CHECK_LEN  (6 + 16 + 1) /* "check ", digits, newline */
#define WRITER_LEN 16
#define GAP        (UINT64_C(1) << 32) /* between two runs, at most */

static const struct identity nobody = {
	.day_kept = INT32_MIN, .week_kept = INT32_MIN, .day_gone = INT32_MIN, .week_gone = INT32_MIN
};

static int random_bytes(void *to, size_t len)
{
	return getrandom(to, len, 0) == (ssize_t)len ? 0 : -EIO;
}

static void new_writer(struct identity *identity)
{
	uint64_t seed = XXH3_64bits(identity->writer, sizeof(identity->writer)), chance = 0;

	(void)random_bytes(&chance, sizeof(chance)); /* without it the key is still nobody else's */
	snprintf(identity->writer, sizeof(identity->writer), "%016" PRIx64,
		 XXH3_64bits_withSeed(identity->key, sizeof(identity->key), seed ^ chance));
}

/* --- reading --- */

static bool has_day(const char *value, int32_t *ret)
{
	char *end;
	long day;

	if (strcmp(value, "-") == 0) {
		*ret = INT32_MIN;
		return true;
	}
	errno = 0;
	day = strtol(value, &end, 10);
	*ret = (int32_t)day;
	return errno == 0 && *end == '\0' && end != value && day > INT32_MIN && day <= INT32_MAX;
}

static bool has_writer(const char *value, char writer[33])
{
	if (strlen(value) != WRITER_LEN || strspn(value, "0123456789abcdef") != WRITER_LEN)
		return false;
	memcpy(writer, value, WRITER_LEN + 1);
	return true;
}

static bool has_key(const char *value, uint8_t key[32])
{
	if (strlen(value) != 64 || strspn(value, "0123456789abcdef") != 64)
		return false;
	for (int i = 0; i < 32; i++) {
		const char pair[3] = { value[2 * i], value[2 * i + 1], '\0' };

		key[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return true;
}

/* "first last behind block"; those of earlier versions end sooner. */
static bool has_run(const char *value, struct identity *identity)
{
	struct identity_run run = { .behind = IDENTITY_UNKNOWN, .block = IDENTITY_UNKNOWN };
	int end = 0, more = 0, rest = 0;

	if (identity->runs_len == IDENTITY_RUNS ||
	    sscanf(value, "%" SCNu64 " %" SCNu64 "%n", &run.first, &run.last, &end) != 2)
		return false;
	if (value[end] != '\0' && sscanf(value + end, " %" SCNu64 "%n", &run.behind, &more) != 1)
		return false;
	end += more;
	if (value[end] != '\0' && sscanf(value + end, " %" SCNu64 "%n", &run.block, &rest) != 1)
		return false;
	if (value[end + rest] != '\0')
		return false;
	identity->runs[identity->runs_len++] = run;
	return true;
}

static bool has_number(const char *value, uint64_t *ret)
{
	int end = 0;

	return sscanf(value, "%" SCNu64 "%n", ret, &end) == 1 && value[end] == '\0';
}

/* One line of the file: its name, and its value behind a space. Bits of *seen: lines there must be. */
static bool take_line(struct identity *identity, char *line, unsigned *seen)
{
	char *value = strchr(line, ' ');

	if (value == NULL)
		return false;
	*value++ = '\0';
	if (strcmp(line, "run") == 0)
		return has_run(value, identity);
	if (strcmp(line, "writer") == 0)
		return *seen |= 1, has_writer(value, identity->writer);
	if (strcmp(line, "key") == 0)
		return *seen |= 2, has_key(value, identity->key);
	if (strcmp(line, "incarnation") == 0)
		return *seen |= 4, has_number(value, &identity->incarnation);
	if (strcmp(line, "day-kept") == 0)
		return has_day(value, &identity->day_kept);
	if (strcmp(line, "week-kept") == 0)
		return has_day(value, &identity->week_kept);
	if (strcmp(line, "day-gone") == 0)
		return has_day(value, &identity->day_gone);
	if (strcmp(line, "week-gone") == 0)
		return has_day(value, &identity->week_gone);
	return false;
}

static bool has_check(const char *text, size_t len)
{
	char check[CHECK_LEN + 1];

	if (len < sizeof(FIRST_LINE) - 1 + CHECK_LEN || memcmp(text, FIRST_LINE, sizeof(FIRST_LINE) - 1) != 0)
		return false;
	snprintf(check, sizeof(check), "check %016" PRIx64 "\n", XXH3_64bits(text, len - CHECK_LEN));
	return memcmp(text + len - CHECK_LEN, check, CHECK_LEN) == 0;
}

static bool parse(struct identity *identity, char *text, size_t len)
{
	char *line = text + sizeof(FIRST_LINE) - 1, *end = text + len - CHECK_LEN;
	unsigned seen = 0;

	if (!has_check(text, len))
		return false;
	*identity = nobody;
	while (line < end) {
		char *newline = memchr(line, '\n', (size_t)(end - line));

		if (newline == NULL)
			return false;
		*newline = '\0';
		if (!take_line(identity, line, &seen))
			return false;
		line = newline + 1;
	}
	return seen == 7;
}

/* 0, -ENOENT, -EBADMSG, or a negative errno of the disk. */
static int read_copy(struct identity *identity, const struct disk *disk, const char *dir, const char *name)
{
	char path[PATH_BYTES];
	void *text;
	size_t len;
	int r;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	r = disk_load(disk, path, FILE_MAX, &text, &len);
	if (r < 0)
		return r == -EFBIG ? -EBADMSG : r;
	r = parse(identity, text, len) ? 0 : -EBADMSG;
	free(text);
	return r;
}

static int make_new(struct identity *identity)
{
	*identity = nobody;
	if (random_bytes(identity->key, sizeof(identity->key)) < 0)
		return -EIO;
	new_writer(identity);
	return 0;
}

int identity_read(struct identity *identity, const struct disk *disk, const char *dir, bool *ret_is_new,
		  const char **ret_damage)
{
	int r = read_copy(identity, disk, dir, "writer"), copy;

	*ret_is_new = false;
	*ret_damage = NULL;
	if (r == 0 || (r != -EBADMSG && r != -ENOENT && r != -EIO))
		return r;
	copy = read_copy(identity, disk, dir, "writer.copy");
	if (copy == 0) {
		*ret_damage = r == -ENOENT ? "its file is missing; the copy is used"
					   : "its file is damaged; the copy is used";
		return 0;
	}
	/* What cannot be read now may be there: who began anew would take every known id for a new one. */
	if (r == -EIO || (copy != -EBADMSG && copy != -ENOENT))
		return r == -EIO ? r : copy;
	if (r == -EBADMSG || copy == -EBADMSG)
		*ret_damage = "its file and the copy are damaged; this is a new writer now";
	*ret_is_new = true;
	return make_new(identity);
}

/* --- writing --- */

static void put_day(struct text *text, const char *name, int32_t day)
{
	if (day == INT32_MIN)
		text_printf(text, "%s -\n", name);
	else
		text_printf(text, "%s %" PRId32 "\n", name, day);
}

static void put(struct text *text, const struct identity *identity)
{
	text_puts(text, FIRST_LINE);
	text_printf(text, "writer %s\nkey ", identity->writer);
	for (int i = 0; i < 32; i++)
		text_printf(text, "%02x", identity->key[i]);
	text_printf(text, "\nincarnation %" PRIu64 "\n", identity->incarnation);
	put_day(text, "day-kept", identity->day_kept);
	put_day(text, "week-kept", identity->week_kept);
	put_day(text, "day-gone", identity->day_gone);
	put_day(text, "week-gone", identity->week_gone);
	for (size_t i = 0; i < identity->runs_len; i++)
		text_printf(text, "run %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", identity->runs[i].first,
			    identity->runs[i].last, identity->runs[i].behind, identity->runs[i].block);
	if (!text->is_cut)
		text_printf(text, "check %016" PRIx64 "\n", XXH3_64bits(text->ptr, text->len));
}

int identity_write(const struct identity *identity, const struct disk *disk, const char *dir)
{
	char path[PATH_BYTES];
	struct text text;
	int r;

	text_init(&text, FILE_MAX);
	put(&text, identity);
	r = text.is_cut ? -ENOMEM : 0;
	snprintf(path, sizeof(path), "%s/writer", dir);
	if (r == 0)
		r = disk_replace(disk, path, text.ptr, text.len);
	snprintf(path, sizeof(path), "%s/writer.copy", dir);
	if (r == 0)
		r = disk_replace(disk, path, text.ptr, text.len);
	text_done(&text);
	return r;
}

void identity_renew(struct identity *identity)
{
	new_writer(identity);
	identity->runs_len = 0;
}

/* --- runs --- */

/* The two oldest become one: what lies between them was nobody's. */
static void make_room(struct identity *identity)
{
	struct identity_run *runs = identity->runs;

	if (identity->runs_len < IDENTITY_RUNS)
		return;
	runs[0].last = runs[1].last;
	memmove(&runs[1], &runs[2], (IDENTITY_RUNS - 2) * sizeof(*runs));
	identity->runs_len--;
}

uint64_t identity_begin_run(struct identity *identity, uint64_t last, uint64_t behind, uint64_t block)
{
	struct identity_run *now = identity->runs_len == 0 ? NULL : &identity->runs[identity->runs_len - 1];
	uint64_t gap = 0, first = last;

	if (now != NULL && last >= now->first) {
		now->last = last + IDENTITY_TAIL;
	} else if (now != NULL) {
		/* It never made a mark, or its journal is lost: then nobody knows how far it went. */
		now->last = now->first - 1;
		first = now->first + GAP;
	}
	if (random_bytes(&gap, sizeof(gap)) < 0)
		gap = 0;
	first += IDENTITY_TAIL + 2 + gap % GAP;
	first += first & 1;
	make_room(identity);
	identity->runs[identity->runs_len++] = (struct identity_run){ first, first - 1, behind, block };
	identity->incarnation++;
	return first;
}

void identity_saw(struct identity *identity, uint64_t position)
{
	for (size_t i = identity->runs_len; i-- > 0;) {
		struct identity_run *run = &identity->runs[i];

		if (position < run->first)
			continue;
		if (i + 1 < identity->runs_len && run->last < position + IDENTITY_TAIL)
			run->last = position + IDENTITY_TAIL;
		return;
	}
}

size_t identity_run_at(const struct identity *identity, uint64_t position)
{
	for (size_t i = identity->runs_len; i-- > 0;)
		if (position >= identity->runs[i].first)
			return i;
	return SIZE_MAX;
}

bool identity_is_own(const struct identity *identity, uint64_t position, uint64_t current)
{
	size_t at = identity_run_at(identity, position);

	if (at == SIZE_MAX)
		return false;
	return position <= (at + 1 == identity->runs_len ? current : identity->runs[at].last);
}

uint64_t identity_behind(const struct identity *identity, uint64_t segment)
{
	for (size_t i = identity->runs_len; i-- > 0;)
		if (identity->runs[i].behind < segment)
			return identity->runs[i].behind;
	return 0;
}

size_t identity_find_run(const struct identity *identity, uint64_t first)
{
	size_t at = identity_run_at(identity, first);

	if (at == SIZE_MAX || identity->runs[at].first == first)
		return at;
	return at == 0 && identity->runs_len > 1 && first <= identity->runs[0].last ? 0 : SIZE_MAX;
}
