/* SPDX-License-Identifier: MPL-2.0 */
/* What is remembered of errands: a plain list of errands beside it, taken through the same changes; written, read
 * and damaged; bounded. */
#include "suite.h"

#include "journal/errands.h"
#include "journal_disk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define KEYS 40
#define MOST 12 /* records of an errand */
#define PATH "/errands"

static struct errands *errands;
static struct mem_disk *disk;
static uint64_t state;

/* The plain list. */
static struct plain {
	size_t n;
	int64_t arrival_ms;
	struct plain_record {
		uint64_t id;
		int64_t time_ms, count, seconds, counted, counted_seconds;
		unsigned unit, counted_channel;
	} records[MOST];
} plain[KEYS];

static uint32_t dice(uint32_t n)
{
	return (uint32_t)(mem_random(&state) % n);
}

static void set_up(void)
{
	state = 7;
	errands = errands_new();
	disk = mem_disk_new();
	memset(plain, 0, sizeof(plain));
}

static void tear_down(void)
{
	errands_free(errands);
	mem_disk_free(disk);
}

static uint64_t cell_of(struct errands *e, unsigned channel)
{
	const struct standing_text text = { .task = "school/enrolment", .is_municipal = true };
	const struct cell cell = { .municipality = (uint16_t)kinds_municipality(errands_kinds(e), "0751"),
				   .standing = (uint16_t)kinds_standing(errands_kinds(e), &text),
				   .channel = (uint8_t)channel };

	return cell_pack(&cell);
}

static uint32_t unit_of(struct errands *e, unsigned unit)
{
	char name[16];
	uint32_t number;

	snprintf(name, sizeof(name), "u%u", unit);
	ck_assert_int_eq(kinds_text(errands_kinds(e), (struct effort_str){ name, strlen(name) }, &number), 0);
	return number;
}

static int apply(struct errands *e, const struct change *change, unsigned unit)
{
	uint32_t names[DIMENSIONS];

	for (int d = 0; d < DIMENSIONS; d++)
		names[d] = RECORD_NO_NAME;
	if (change->kind == CHANGE_ERRAND)
		names[BY_UNIT] = unit_of(e, unit);
	return errands_apply(e, change, names);
}

/* A record that is counted under itself, what was counted under the one before it taken back. */
static void add(unsigned key, uint64_t id, int64_t arrival_ms, size_t known)
{
	struct plain *p = &plain[key];
	unsigned channel = dice(EFFORT_CHANNELS), unit = dice(50);
	struct change change = { .kind = CHANGE_ERRAND,
				 .id = id,
				 .id_day = 20000,
				 .about = 1000 + key,
				 .arrival_ms = arrival_ms,
				 .known = (uint8_t)known,
				 .tie_len = 1,
				 .tie = "t",
				 .record = { .booked = id,
					     .cell = cell_of(errands, 9),
					     .time_ms = arrival_ms - dice(5),
					     .count = 1 + dice(5),
					     .seconds = dice(100) } };

	if (known == 0)
		p->n = 0;
	if (p->n > 0 && p->records[p->n - 1].counted > 0) {
		struct plain_record *last = &p->records[p->n - 1];

		change.parts[change.parts_len++] =
			(struct change_part){ .booked = last->id,
					      .cell = cell_of(errands, last->counted_channel),
					      .count = -last->counted,
					      .seconds = -last->counted_seconds };
		last->counted = last->counted_seconds = 0;
	}
	change.parts[change.parts_len++] = (struct change_part){
		.booked = id, .cell = cell_of(errands, channel), .count = change.record.count, .seconds = 3
	};
	p->arrival_ms = arrival_ms;
	p->records[p->n++] = (struct plain_record){ .id = id,
						    .time_ms = change.record.time_ms,
						    .count = change.record.count,
						    .seconds = change.record.seconds,
						    .counted = change.record.count,
						    .counted_seconds = 3,
						    .unit = unit,
						    .counted_channel = channel };
	ck_assert_int_eq(apply(errands, &change, unit), 0);
}

static void take_off(unsigned key)
{
	struct plain_record *r = plain[key].n == 0 ? NULL : &plain[key].records[dice((uint32_t)plain[key].n)];
	struct change change = { .kind = CHANGE_CORRECTION, .id = 5, .count = 1 };

	if (r == NULL || r->count == 0)
		return;
	change.about = r->id;
	if (r->counted > 0)
		change.parts[change.parts_len++] = (struct change_part){
			.booked = r->id, .cell = cell_of(errands, r->counted_channel), .count = -1
		};
	r->count--;
	r->counted -= r->counted > 0;
	r->counted_seconds = r->counted == 0 ? 0 : r->counted_seconds;
	if (r->counted == 0 && change.parts_len > 0)
		change.parts[0].seconds = -3;
	ck_assert_int_eq(apply(errands, &change, 0), 0);
}

static bool is_same_record(const struct errands *e, uint32_t number, const struct plain_record *want)
{
	const struct errand_entry *is = errands_get(e, number);
	struct kinds *kinds = errands_kinds((struct errands *)(uintptr_t)e);
	struct effort_str name = kinds_name(kinds, kinds_get(kinds, is->kind)->names[BY_UNIT]);
	char unit[16];

	snprintf(unit, sizeof(unit), "u%u", want->unit);
	return is->id == want->id && is->time_ms == want->time_ms && is->count == want->count &&
	       is->seconds == want->seconds && is->counted == want->counted &&
	       is->counted_seconds == want->counted_seconds && name.len == strlen(unit) &&
	       memcmp(name.ptr, unit, name.len) == 0 && is->tie_len == 1 && is->tie[0] == 't' &&
	       (is->counted == 0 ||
		cell_unpack(kinds_get(kinds, is->counted_kind)->cell).channel == want->counted_channel);
}

static void check_same(const struct errands *e)
{
	size_t records = 0, len = 0;

	for (unsigned key = 0; key < KEYS; key++) {
		uint32_t numbers[MOST];
		size_t n = errands_of(e, 1000 + key, numbers, MOST);
		uint64_t found = 0;

		if (n != plain[key].n)
			ck_abort_msg("errand %u has %zu records, not %zu", key, n, plain[key].n);
		for (size_t i = 0; i < n; i++)
			if (!is_same_record(e, numbers[i], &plain[key].records[i]) ||
			    errands_find(e, plain[key].records[i].id, &found) != errands_get(e, numbers[i]) ||
			    found != 1000 + key)
				ck_abort_msg("errand %u, record %zu", key, i);
		records += n;
		len += n > 0;
	}
	ck_assert_uint_eq(errands_records(e), records);
	ck_assert_uint_eq(errands_len(e), len);
}

static void read_again(void)
{
	struct errands *again;
	uint64_t segment;

	ck_assert_int_eq(errands_write(errands, &disk->table, PATH, 17), 0);
	ck_assert_int_eq(errands_read(&disk->table, PATH, &again, &segment), 0);
	ck_assert_uint_eq(segment, 17);
	errands_free(errands);
	errands = again;
}

static void forget(int64_t before_ms)
{
	size_t n = 0;

	for (unsigned key = 0; key < KEYS; key++)
		if (plain[key].n > 0 && plain[key].arrival_ms < before_ms) {
			plain[key].n = 0;
			n++;
		}
	ck_assert_uint_eq(errands_forget(errands, before_ms), n);
}

/* As many records as fit, the errands with the oldest last record gone. */
static void trim(size_t max)
{
	size_t records = 0;

	for (unsigned key = 0; key < KEYS; key++)
		records += plain[key].n;
	while (records > max) {
		struct plain *oldest = NULL;

		for (unsigned key = 0; key < KEYS; key++)
			if (plain[key].n > 0 && (oldest == NULL || plain[key].arrival_ms < oldest->arrival_ms))
				oldest = &plain[key];
		records -= oldest->n;
		oldest->n = 0;
	}
	errands_trim(errands, max);
}

START_TEST(they_are_what_a_plain_list_of_them_is)
{
	for (uint64_t step = 1; step <= 60000; step++) {
		unsigned key = dice(KEYS);

		switch (dice(200)) {
		case 0:
			forget((int64_t)step * 10 - dice(3000));
			break;
		case 1:
			trim(20 + dice(150));
			break;
		case 2:
			read_again();
			break;
		default:
			if (dice(5) == 0)
				take_off(key);
			else
				add(key, step, (int64_t)step * 10,
				    plain[key].n == MOST || dice(30) == 0 ? 0 : plain[key].n);
		}
		if (step % 7 == 0)
			check_same(errands);
	}
}
END_TEST

/* Names that come and go do not stay in memory, and what is remembered survives that they are dropped. */
START_TEST(words_of_the_forgotten_are_forgotten)
{
	for (uint64_t step = 1; step <= 300000; step++) {
		struct change change = { .kind = CHANGE_ERRAND,
					 .id = step,
					 .about = step,
					 .arrival_ms = (int64_t)step,
					 .record = { .cell = cell_of(errands, 0), .count = 1 } };

		ck_assert_int_eq(apply(errands, &change, (unsigned)step), 0);
		if (step % 1000 == 0)
			errands_forget(errands, (int64_t)step - 500);
	}
	ck_assert_uint_lt(errands_bytes(errands), 8 << 20);
	ck_assert_uint_gt(errands_generation(errands), 0);
	for (uint64_t step = 299600; step <= 300000; step++) {
		uint64_t key;
		const struct errand_entry *entry = errands_find(errands, step, &key);
		const struct kinds *kinds = errands_kinds(errands);
		char want[16];

		snprintf(want, sizeof(want), "u%u", (unsigned)step);
		if (entry == NULL || key != step ||
		    strcmp(kinds_name(kinds, kinds_get(kinds, entry->kind)->names[BY_UNIT]).ptr, want) != 0)
			ck_abort_msg("record %d", (int)step);
	}
}
END_TEST

/* Who does not know all of an errand's records forgets it: to count what is left anew would count twice. */
START_TEST(an_errand_that_is_not_whole_is_none)
{
	add(1, 1, 10, 0);
	add(1, 2, 20, 1);
	add(2, 3, 30, 0);
	check_same(errands);
	add(1, 4, 40, 5);
	plain[1].n = 0;
	check_same(errands);
	add(1, 5, 50, 1);
	plain[1].n = 0;
	check_same(errands);
	add(1, 6, 60, 0);
	add(2, 7, 70, 0);
	check_same(errands);
	ck_assert_uint_eq(plain[2].n, 1);
}
END_TEST

START_TEST(every_flipped_bit_of_the_file_is_noticed)
{
	struct errands *again;
	uint64_t segment;
	void *bytes = NULL;
	size_t len;

	ck_assert_int_eq(errands_read(&disk->table, PATH, &again, &segment), -ENOENT);
	for (unsigned i = 0; i < 30; i++)
		add(i, 100 + i, i, 0);
	ck_assert_int_eq(errands_write(errands, &disk->table, PATH, 17), 0);
	ck_assert_int_eq(disk_load(&disk->table, PATH, SIZE_MAX, &bytes, &len), 0);
	for (size_t bit = 0; bit < len * 8; bit += 3) {
		((uint8_t *)bytes)[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_int_eq(disk_replace(&disk->table, PATH, bytes, len), 0);
		if (errands_read(&disk->table, PATH, &again, &segment) != -EBADMSG)
			ck_abort_msg("bit %zu", bit);
		((uint8_t *)bytes)[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t less = 0; less < len; less++) {
		ck_assert_int_eq(disk_replace(&disk->table, PATH, bytes, less), 0);
		if (errands_read(&disk->table, PATH, &again, &segment) != -EBADMSG)
			ck_abort_msg("%zu bytes", less);
	}
	free(bytes);
}
END_TEST

/* --- no memory --- */

static long memory_left = -1; /* calls until there is none; -1: there always is */

static bool is_out_of_memory(void)
{
	return memory_left >= 0 && memory_left-- == 0;
}

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);

void *__wrap_malloc(size_t len)
{
	return is_out_of_memory() ? NULL : __real_malloc(len);
}

void *__wrap_calloc(size_t n, size_t len)
{
	return is_out_of_memory() ? NULL : __real_calloc(n, len);
}

void *__wrap_realloc(void *bytes, size_t len)
{
	return is_out_of_memory() ? NULL : __real_realloc(bytes, len);
}

/* Damage sets the whole file aside; this passes. */
START_TEST(want_of_memory_is_no_damage)
{
	struct errands *again;
	uint64_t segment;
	long n = 0;
	int r;

	for (unsigned i = 0; i < 30; i++)
		add(i, 100 + i, i, 0);
	ck_assert_int_eq(errands_write(errands, &disk->table, PATH, 17), 0);
	do {
		memory_left = n++;
		r = errands_read(&disk->table, PATH, &again, &segment);
		if (memory_left >= 0)
			break;
		ck_assert_int_eq(r, -ENOMEM);
	} while (true);
	memory_left = -1;
	ck_assert_int_eq(r, 0);
	ck_assert_int_gt(n, 10);
	errands_free(again);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { they_are_what_a_plain_list_of_them_is, words_of_the_forgotten_are_forgotten,
				       an_errand_that_is_not_whole_is_none, every_flipped_bit_of_the_file_is_noticed,
				       want_of_memory_is_no_damage };

	return RUN_TESTS_WITHIN("journal/errands", tests, set_up, tear_down);
}
