/* SPDX-License-Identifier: MPL-2.0 */
/* Totals files that are not whole: nothing of them is believed. */
#include "journal_example.h"

/* --- damage --- */

static void put(const uint8_t *bytes, size_t len)
{
	mem_disk_put(disk, path_of(DAY), bytes, len);
}

static void reject(int wanted)
{
	struct totals *totals = fresh();
	struct error err = { "" };
	char *text;
	int r = totals_read(totals, &disk->table, path_of(DAY), INT32_MIN, NULL, &err);

	ck_assert_msg(r == wanted, "%d: %s", r, err.text);
	ck_assert_ptr_nonnull(strstr(err.text, "/totals/2026-11-21: "));
	text = sums_text(totals);
	ck_assert_str_eq(text, "");
	free(text);
	totals_free(totals);
}

static uint8_t *small_file(size_t *ret_len)
{
	struct totals *totals = example(12, DAY);
	uint8_t *bytes;

	write_day(totals, DAY, 3);
	totals_free(totals);
	bytes = mem_disk_bytes(disk, path_of(DAY), ret_len);
	return memcpy(malloc(*ret_len + 64), bytes, *ret_len);
}

START_TEST(every_flipped_bit_is_noticed)
{
	size_t len;
	uint8_t *bytes = small_file(&len);

	for (size_t i = 0; i < len; i++) {
		for (int bit = 0; bit < 8; bit += 3) {
			bytes[i] ^= (uint8_t)(1 << bit);
			put(bytes, len);
			reject(-EBADMSG);
			bytes[i] ^= (uint8_t)(1 << bit);
		}
	}
	free(bytes);
}
END_TEST

START_TEST(every_other_length_is_noticed)
{
	size_t len;
	uint8_t *bytes = small_file(&len);

	memset(bytes + len, 0, 64);
	for (size_t i = 0; i < len + 64; i++) {
		if (i == len)
			continue;
		put(bytes, i);
		reject(-EBADMSG);
	}
	free(bytes);
}
END_TEST

/* The front alone: whatever is changed there is noticed; what lies behind it does not matter. */
START_TEST(damaged_fronts_are_noticed)
{
	size_t len, front;
	uint8_t *bytes = small_file(&len);

	front = bytes[HEAD_FRONT] + 256u * bytes[HEAD_FRONT + 1] + 8;
	for (size_t i = 0; i < len; i++) {
		struct totals *totals = fresh();
		struct error err;
		int r;

		bytes[i] ^= 0x10;
		put(bytes, len);
		r = totals_read_positions(totals, &disk->table, path_of(DAY), NULL, &err);
		ck_assert_int_eq(r, i < front ? -EBADMSG : 0);
		ck_assert_uint_eq(totals->places_len, i < front ? 0 : 5);
		bytes[i] ^= 0x10;
		totals_free(totals);
	}
	free(bytes);
}
END_TEST

static void seal(uint8_t *bytes, size_t len)
{
	uint64_t front = bytes[HEAD_FRONT] + 256u * bytes[HEAD_FRONT + 1];
	uint64_t sum;

	if (front >= TOTALS_HEAD && front < len - 16) {
		sum = sums_checksum(bytes, front);
		memcpy(bytes + front, &sum, 8);
	}
	sum = sums_checksum(bytes, len - 8);
	memcpy(bytes + len - 8, &sum, 8);
}

/* Bytes nobody wrote, but with right checksums: read or refused, never more than the file can hold. */
START_TEST(nonsense_with_right_checksums_is_survived)
{
	size_t len;
	uint8_t *bytes = small_file(&len), *changed = malloc(len);
	unsigned read = 0;

	for (int round = 0; round < 20000; round++) {
		struct totals *totals = fresh();
		struct error err;
		int r;

		memcpy(changed, bytes, len);
		for (uint64_t n = dice(4); n-- > 0;)
			changed[16 + dice(len - 24)] = dice(3) == 0 ? 0xff : (uint8_t)dice(256);
		seal(changed, len);
		put(changed, len);
		r = totals_read(totals, &disk->table, path_of(DAY), INT32_MIN, NULL, &err);
		ck_assert_msg(r == 0 || r == -EBADMSG, "%d", r);
		read += r == 0;
		totals_read_positions(totals, &disk->table, path_of(DAY), NULL, &err);
		totals_free(totals);
	}
	ck_assert_uint_gt(read, 1000);
	free(changed);
	free(bytes);
}
END_TEST

START_TEST(a_later_version_is_not_called_damaged)
{
	struct totals *totals = fresh();
	struct error err;
	size_t len;
	uint8_t *bytes = small_file(&len);

	bytes[HEAD_VERSION] = 2;
	put(bytes, len);
	reject(-EBADMSG); /* its checksum is wrong */
	seal(bytes, len);
	put(bytes, len);
	reject(-EPROTONOSUPPORT);
	ck_assert_int_eq(totals_read_positions(totals, &disk->table, path_of(DAY), NULL, &err),
			 -EPROTONOSUPPORT);
	totals_free(totals);
	free(bytes);
}
END_TEST

START_TEST(a_file_of_another_day_is_not_taken)
{
	struct totals *totals = example(12, DAY + 1);

	write_day(totals, DAY + 1, 3);
	ck_assert_int_eq(mem_rename(disk, "/totals/2026-11-22", "/totals/2026-11-21"), 0);
	reject(-EBADMSG);
	totals_free(totals);
}
END_TEST

START_TEST(a_failing_disk_is_told_as_such)
{
	struct totals *totals = example(5, DAY), *again = fresh();
	struct error err;

	write_day(totals, DAY, 1);
	for (unsigned skip = 0; skip < 2; skip++) {
		mem_disk_fail(disk, MEM_CALL(MEM_OPEN) | MEM_CALL(MEM_READ), skip, 1, -EACCES);
		ck_assert_int_eq(totals_read(again, &disk->table, path_of(DAY), INT32_MIN, NULL, &err),
				 -EACCES);
		ck_assert_ptr_nonnull(strstr(err.text, "Permission denied"));
		mem_disk_fail(disk, MEM_CALL(MEM_OPEN) | MEM_CALL(MEM_READ), skip, 1, -EACCES);
		ck_assert_int_eq(totals_read_positions(again, &disk->table, path_of(DAY), NULL, &err),
				 -EACCES);
	}
	mem_disk_fail(disk, MEM_CALL(MEM_WRITE), 0, 1, -ENOSPC);
	ck_assert_int_eq(totals_write(totals, &disk->table, path_of(DAY), 2), -ENOSPC);
	mem_disk_fail(disk, 0, 0, 0, 0);
	totals_free(again);
	again = read_day(DAY);
	sums_check_same("after a failed write", again, totals);
	totals_free(again);
	totals_free(totals);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		every_flipped_bit_is_noticed,
		every_other_length_is_noticed,
		damaged_fronts_are_noticed,
		nonsense_with_right_checksums_is_survived,
		a_later_version_is_not_called_damaged,
		a_file_of_another_day_is_not_taken,
		a_failing_disk_is_told_as_such,
	};

	return RUN_TESTS_WITHIN("journal/totals damage", tests, set_up, tear_down);
}
