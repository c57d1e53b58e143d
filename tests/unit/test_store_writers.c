/* SPDX-License-Identifier: MPL-2.0 */
/* Who writes: two writers on one Redis, the next process with the same batch, another process under our name,
 * positions. */
#include "store_losses.h"

START_TEST(test_two_writers)
{
	struct snapshot snapshot;

	bed_open_other(&bed, &other, "w2");
	count_some(&bed, 3, 3);
	bed_send_and_wait(&bed, bed_noon(day));
	count_some(&other, 5, 2);
	bed_send_and_wait(&other, bed_noon(day));
	heal();
	check_all();
	/* One key: both bring theirs. */
	bed_do(&bed, "DEL effort:{0751}:share:year:2026 effort:{dk}:m:2026-11 effort:{dk}:by:unit:2026-11");
	heal();
	check_all();
	/* Everything. */
	bed_do(&bed, "FLUSHALL");
	heal();
	check_all();
	/* An older state, in which only one of them has lost something. */
	take_snapshot(&snapshot);
	count_some(&bed, 2, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	put_back(&snapshot, NULL);
	drop_snapshot(&snapshot);
	heal();
	check_all();
	/* Both of them. */
	take_snapshot(&snapshot);
	count_some(&bed, 2, 2);
	count_some(&other, 1, 3);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_send_and_wait(&other, bed_noon(day));
	put_back(&snapshot, NULL);
	drop_snapshot(&snapshot);
	heal();
	check_all();
	ck_assert_int_eq(bed.foreign + other.foreign, 0);
}
END_TEST

START_TEST(test_two_writers_under_load)
{
	unsigned seed = 3;

	bed_open_other(&bed, &other, "w2");
	for (int round = 1; round <= 25; round++) {
		count_some(&bed, 1 + round % 3, 1 + round % 2);
		count_some(&other, 1 + round % 4, 2);
		bed_send(&bed, bed_noon(day));
		bed_send(&other, bed_noon(day));
		if (round % 5 == 0)
			bed_do(&bed, "FLUSHALL");
		else
			lose_something(&seed);
		bed_until(&bed, bed.settled == round && other.settled == round);
	}
	heal();
	check_all();
}
END_TEST

/* While the other writer is away what it had is missing, and says so. */
START_TEST(test_rebuilding)
{
	bed_open_other(&bed, &other, "w2");
	count_some(&bed, 3, 1);
	bed_send_and_wait(&bed, bed_noon(day));
	count_some(&other, 5, 1);
	bed_send_and_wait(&other, bed_noon(day));
	other.is_lazy = true;
	/* All of the period is gone but one hash: its neighbour knows who was there. */
	bed_do(&bed, "DEL effort:{0751}:share:week:2026-W47");
	bed_run(&bed, PROBE_MS * 4);
	bed_is(&bed, "1", "HGET effort:{0751}:share:week:2026-W47 rebuilding");
	bed_is(&bed, "1", "HGET effort:{0751}:share:week rebuilding");
	bed_is(&bed, "_w:w2", "HGET effort:{0751}:share:week:2026-W47 _r");
	bed_is(&bed, "0", "HGET effort:{0751}:tasks:week:2026-W47 rebuilding");
	other.is_lazy = false;
	bed_repair(&other, (struct place_key){ 1, WINDOW_WEEK, period_of(WINDOW_WEEK, day).first });
	bed_until(&bed, other.repaired == 1);
	bed_is(&bed, "0", "HGET effort:{0751}:share:week rebuilding");
	bed_is(&bed, "(nil)", "HGET effort:{0751}:share:week:2026-W47 _r");
	heal();
	check_all();
}
END_TEST

/* The process dies with a batch half applied; the next one sends the same batch again. */
START_TEST(test_resent_by_another_process)
{
	for (int cut = 0; cut < 8; cut++) {
		int ready = bed.ready, settled = bed.settled;
		uint64_t position;

		count_some(&bed, 1 + cut, 3);
		bed_freeze(&bed, bed_noon(day));
		bed_submit(&bed);
		/* Some answers have come, some calls are applied and not answered, some were never sent. */
		for (int i = 0; i < cut && bed.settled == settled; i++)
			event_base_loop(bed.base, EVLOOP_ONCE);
		if (cut % 2)
			usleep(20000);
		store_close(bed.store);
		position = bed.position;
		bed_open_store(&bed, bed.url);
		bed.position = position; /* of the batch on its way */
		bed_until(&bed, bed.ready > ready);
		if (bed.settled == settled)
			bed_submit(&bed);
		bed_until(&bed, bed.settled > settled);
		bed.position = bed.run_first[bed.runs - 1];
		heal();
		check_all();
	}
	ck_assert_int_eq(bed.foreign, 0);
}
END_TEST

/* All positions of a call's chain, seen from Redis: at every call of a batch of three days the connection is
 * cut before or after it was applied. */
START_TEST(test_cut_at_every_call)
{
	for (int cut = 0; cut < 12; cut++) {
		int ready = bed.ready;

		count_some(&bed, 1 + cut, 3);
		bed_send(&bed, bed_noon(day));
		for (int i = 0; i < cut && store_is_busy(bed.store); i++)
			event_base_loop(bed.base, EVLOOP_ONCE);
		bed_do(&bed, "CLIENT KILL TYPE normal SKIPME yes");
		bed_until(&bed, bed.ready > ready && bed.settled == cut + 1);
		heal();
		check_all();
	}
	ck_assert_int_eq(bed.gaps, 0);
}
END_TEST

/* Positions: whatever a batch of several days has changed holds the batch's own, even one afterwards. */
START_TEST(test_positions)
{
	char text[32];

	count_some(&bed, 1, 3);
	bed_send_and_wait(&bed, bed_noon(day));
	ck_assert_uint_eq(bed.position % 2, 0);
	snprintf(text, sizeof(text), "%" PRIu64, bed.position);
	bed_is(&bed, text, "HGET effort:{0751}:d:2026-11-19 _w:w1");
	bed_is(&bed, text, "HGET effort:{0751}:share:day:2026-11-20 _w:w1");
	bed_is(&bed, text, "HGET effort:{0751}:tasks:day:2026-11-21 _w:w1");
	bed_is(&bed, text, "HGET effort:{0751}:share:week:2026-W47 _w:w1");
	bed_is(&bed, text, "HGET effort:{dk}:y:2026 _w:w1");
	bed_is(&bed, text, "HGET effort:{0751}:by:unit:2026-11 _w:w1");
	bed_is(&bed, text, "HGET effort:{0751}:share:day _w:w1");
	ck_assert_uint_eq(positions_get(bed.positions, (struct place_key){ 1, WINDOW_DAY, day - 2 }),
			  bed.position);
	ck_assert_uint_eq(
		positions_get(bed.positions, (struct place_key){ CELL_COUNTRY, WINDOW_DAY, day - 1 }),
		bed.position);
	ck_assert_uint_eq(positions_get(bed.positions, (struct place_key){ 1, PLACE_NAMES + BY_UNIT,
									   day_of_date(2026, 11, 1) }),
			  bed.position);
	ck_assert_uint_eq(positions_len(bed.positions), 4 * (3 + 5) + 2 * 2);
}
END_TEST

static void lower(void *ctx, struct place_key key, uint64_t position)
{
	(void)ctx;
	(void)!positions_set(bed.positions, key, position - 3);
}

/* After a start journal marks stand in for positions that only Redis knows: lower ones are learned. */
START_TEST(test_learns_positions)
{
	for (int round = 0; round < 3; round++) {
		size_t cursor = 0;

		count_some(&bed, 2, 3);
		bed_send_and_wait(&bed, bed_noon(day));
		store_set_probe_interval(bed.store, round == 1 ? PROBE_MS : 3600000);
		positions_walk(bed.positions, &cursor, SIZE_MAX, lower, NULL);
		if (round == 1)
			heal(); /* by probes; else by the next batch's calls */
	}
	count_some(&bed, 2, 3);
	bed_send_and_wait(&bed, bed_noon(day));
	store_set_probe_interval(bed.store, PROBE_MS);
	heal();
	check_all();
	ck_assert_int_eq(bed.gaps, 0);
	ck_assert_int_eq(bed.foreign, 0);
}
END_TEST

/* What was left in the middle of a batch that nobody sends is written anew: odd positions say so, later than what is
 * known of the place or not. */
START_TEST(test_middle_of_a_batch)
{
	size_t cursor = 0;

	count_some(&bed, 2, 3);
	bed_send_and_wait(&bed, bed_noon(day));
	positions_walk(bed.positions, &cursor, SIZE_MAX, lower, NULL);
	bed_do(&bed, "HSET effort:{0751}:share:month:2026-11 _w:w1 %" PRIu64, bed.position - 1);
	bed_do(&bed, "HSET effort:{0751}:share:month:2026-11 all.n 1");
	heal();
	check_all();
	ck_assert_int_eq(bed.gaps, 1);
	/* So is one that a call finds. */
	store_set_probe_interval(bed.store, 3600000);
	positions_walk(bed.positions, &cursor, SIZE_MAX, lower, NULL);
	bed_do(&bed, "HSET effort:{dk}:tasks:year:2026 _w:w1 %" PRIu64, bed.position - 1);
	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	store_set_probe_interval(bed.store, PROBE_MS);
	heal();
	check_all();
	ck_assert_int_eq(bed.gaps, 2);
}
END_TEST

/* Somebody else counts under our name: found by probes; by a call of a batch of which other calls were
 * applied; by all calls of a batch. A batch is in Redis whole or not at all when it is told; then nothing is
 * sent until there is another name, and nothing is counted twice. */
START_TEST(test_foreign)
{
	static const char *const codes[] = { "0751", "0101", "0851", "dk" };
	bool is_probed = _i == 0, is_whole;
	size_t half;
	char before[32];

	store_set_probe_interval(bed.store, is_probed ? PROBE_MS : 3600000);
	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	half = bed.contacts_len;
	for (int i = 0; i < (_i == 2 ? 4 : 1); i++)
		bed_do(&bed, "HSET effort:{%s}:share:month:2026-11 _w:w1 77", codes[i]);
	if (!is_probed) {
		count_some(&bed, 4, 2);
		bed_send(&bed, bed_noon(day));
	}
	bed_until(&bed, bed.foreign > 0);
	ck_assert_uint_eq(bed.found, 77);
	ck_assert_int_eq(bed.gaps, 0);
	is_whole = !store_is_busy(bed.store);
	ck_assert(is_whole == (_i != 2));
	snprintf(before, sizeof(before), "%s", bed_text(&bed, "HGET effort:{0751}:y:2026 _n"));
	bed_run(&bed, 400);
	ck_assert_int_eq(bed.foreign, 1);
	bed_is(&bed, before, "HGET effort:{0751}:y:2026 _n");
	if (!is_whole) {
		/* The new writer begins with what the old one had not brought there. */
		for (size_t i = half; i < bed.contacts_len; i++) {
			const struct bed_contact *contact = &bed.contacts[i];

			ck_assert(store_is_pending(bed.store, contact->cell.municipality, contact->cell.day));
			ck_assert_int_eq(tally_add(&bed.tally, cell_pack(&contact->cell), contact->count, 0),
					 0);
		}
		ck_assert(store_is_pending(bed.store, CELL_COUNTRY, day));
		names_thaw(bed.names);
	}
	positions_clear(bed.positions);
	bed_begin_run(&bed);
	store_rename(bed.store, "w1b", bed.position);
	ck_assert(!store_is_busy(bed.store));
	bed_run(&bed, 50);
	count_some(&bed, 4, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_run(&bed, is_probed ? 3 * PROBE_MS : 50);
	bed_check(&bed, day);
	ck_assert_int_eq(bed.foreign, 1);
	ck_assert_int_eq(bed.gaps, 0);
}
END_TEST

static void is_written(const char *field, const char *expected)
{
	char command[64];

	snprintf(command, sizeof(command), "HGET effort:_claim:w1 %s", field);
	bed_is(&bed, expected, command);
}

/* What a copy of the journal that parted after the first run has written down. */
static void write_copy_down(void)
{
	char runs[64];

	snprintf(runs, sizeof(runs), "77:9 %" PRIu64 ":0 5:0", bed.run_first[0]);
	bed_do(&bed, "HSET effort:_claim:w1 run 77 sent 79 runs %s", runs);
}

/* Two processes begin under one name: the second one finds the first one's run there and sends nothing, not even where
 * no hash tells it yet. A run of its own from before is no other process. */
START_TEST(test_name_is_taken)
{
	char text[64];
	int ready = bed.ready;

	snprintf(text, sizeof(text), "%" PRIu64, bed.run_first[0]);
	is_written("run", text);
	store_close(bed.store);
	bed_open_store(&bed, bed.url);
	bed_until(&bed, bed.ready > ready);
	ck_assert_int_eq(bed.foreign, 0);
	snprintf(text, sizeof(text), "%" PRIu64 ":1 %" PRIu64 ":0", bed.run_first[1], bed.run_first[0]);
	is_written("runs", text);
	bed_is(&bed, "-1", "PTTL effort:_claim:w1");
	write_copy_down();
	store_close(bed.store);
	bed_open_store(&bed, bed.url);
	count_some(&bed, 3, 2);
	bed_send(&bed, bed_noon(day));
	bed_until(&bed, bed.foreign > 0);
	bed_run(&bed, 100);
	ck_assert_uint_eq(bed.found, 77);
	ck_assert_int_eq(bed.foreign, 1);
	bed_is(&bed, "0", "EXISTS effort:{dk}:y:2026");
	ck_assert(store_is_pending(bed.store, CELL_COUNTRY, day));
	ck_assert_uint_eq(bed.common, bed.run_first[0]);
	ck_assert_uint_eq(bed.block, 9);
	is_written("run", "77");
	is_written("sent", "79");
	names_thaw(bed.names);
	positions_clear(bed.positions);
	bed_begin_run(&bed);
	store_rename(bed.store, "w1b", bed.position);
	for (size_t i = 0; i < bed.contacts_len; i++) {
		const struct bed_contact *contact = &bed.contacts[i];

		ck_assert_int_eq(tally_add(&bed.tally, cell_pack(&contact->cell), contact->count, 0), 0);
	}
	count_some(&bed, 4, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	bed_run(&bed, 50);
	bed_check(&bed, day);
	ck_assert_int_eq(bed.foreign, 1);
}
END_TEST

/* The copy comes while we run: not even the very next batch is sent, though no hash tells of the other one. */
START_TEST(test_name_is_taken_while_we_run)
{
	char before[32];

	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	snprintf(before, sizeof(before), "%s", bed_text(&bed, "HGET effort:{dk}:y:2026 _w:w1"));
	write_copy_down();
	count_some(&bed, 4, 2);
	bed_send(&bed, bed_noon(day));
	bed_until(&bed, bed.foreign > 0);
	ck_assert_uint_eq(bed.common, bed.run_first[0]);
	ck_assert_uint_eq(bed.block, 9);
	ck_assert(store_is_pending(bed.store, CELL_COUNTRY, day));
	is_written("run", "77");
	bed_is(&bed, before, "HGET effort:{dk}:y:2026 _w:w1");
}
END_TEST

/* A run takes the place of one before it only where it has all that was sent: before a batch its position stands there. */
START_TEST(test_all_that_was_sent_is_known)
{
	char text[64];

	count_some(&bed, 3, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	snprintf(text, sizeof(text), "%" PRIu64, bed.position);
	is_written("sent", text);
	for (int is_known = 1; is_known >= 0; is_known--) {
		int ready = bed.ready;
		size_t last = bed.runs - 1;

		snprintf(text, sizeof(text), "%" PRIu64, bed.run_last[last] + (is_known ? 0 : 2));
		bed_do(&bed, "HSET effort:_claim:w1 sent %s", text);
		store_close(bed.store);
		bed_open_store(&bed, bed.url);
		bed_until(&bed, bed.ready > ready);
		bed_run(&bed, 150);
		ck_assert_int_eq(bed.foreign, !is_known);
		is_written("sent", text);
		snprintf(text, sizeof(text), "%" PRIu64, bed.run_first[last + (is_known ? 1 : 0)]);
		is_written("run", text);
	}
	ck_assert_uint_eq(bed.found, bed.run_last[bed.runs - 2] + 2);
	ck_assert_uint_eq(bed.common, bed.run_first[bed.runs - 2]);
	ck_assert_uint_eq(bed.block, STORE_NO_BLOCK);
}
END_TEST

/* A new name need not be durable before its first batch is: whoever dies before that leaves nothing that stays. */
START_TEST(test_new_name_is_written_down_with_its_first_batch)
{
	char text[64];
	int ready = bed.ready;

	bed_begin_run(&bed);
	store_rename(bed.store, "w1b", bed.position);
	bed_drain(&bed, bed_noon(day));
	bed_is(&bed, "1", "EXISTS effort:writer:w1b");
	bed_is(&bed, "0", "EXISTS effort:_claim:w1b");
	bed_is(&bed, "0", "HEXISTS effort:definitions w1b");
	bed_do(&bed, "CLIENT KILL TYPE normal");
	bed_until(&bed, bed.ready > ready);
	bed_drain(&bed, bed_noon(day));
	bed_is(&bed, "0", "EXISTS effort:_claim:w1b");
	count_some(&bed, 4, 2);
	bed_send_and_wait(&bed, bed_noon(day));
	snprintf(text, sizeof(text), "%" PRIu64, bed.position);
	bed_is(&bed, text, "HGET effort:_claim:w1b sent");
	bed_drain(&bed, bed_noon(day) + 10000);
	bed_is(&bed, "1", "HEXISTS effort:definitions w1b");
	bed_check(&bed, day);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		test_two_writers,       test_two_writers_under_load,
		test_rebuilding,        test_resent_by_another_process,
		test_cut_at_every_call, test_positions,
		test_learns_positions,
		test_middle_of_a_batch, test_name_is_taken, test_name_is_taken_while_we_run, test_all_that_was_sent_is_known,
		test_new_name_is_written_down_with_its_first_batch,
	};
	TCase *tcase = suite_case("store/writers", setup, teardown);

	SUITE_ADD(tcase, tests);
	tcase_add_loop_test(tcase, test_foreign, 0, 3);
	return suite_run("store/writers", tcase);
}
