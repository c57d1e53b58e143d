/* SPDX-License-Identifier: MPL-2.0 */
/* The answer to a gap, as effortd's run layer gives it from its totals, here from the plain list of what the
 * bed has counted and sent. Included by store_bed.h only. */
#ifndef TESTS_STORE_TRUTH_H
#define TESTS_STORE_TRUTH_H

struct bed_sum {
	struct bed *bed;
	struct place_key key;
	struct spread_cell reasons[BED_NAMES];
	size_t reasons_len;
	int given;
};

static bool bed_is_of(uint16_t municipality, struct place_key key)
{
	return key.municipality == CELL_COUNTRY || key.municipality == municipality;
}

static int bed_give(void *ctx, const struct spread_group *sums)
{
	struct bed_sum *sum = ctx;
	struct spread_group group = *sums;

	if (sums->municipality != sum->key.municipality)
		return 0;
	group.reasons = sum->reasons;
	group.reasons_len = sum->reasons_len;
	sum->given++;
	return store_repair(sum->bed->store, sum->key, sum->bed->position, &group, !sum->bed->has_lost);
}

static void bed_sum_reasons(struct bed_sum *sum, struct period period)
{
	for (size_t i = 0; i < sum->bed->named_sent; i++) {
		const struct bed_name *named = &sum->bed->named[i];
		struct spread_cell *cell = &sum->reasons[sum->reasons_len];

		if (named->dimension != BY_REASON || named->period < period.first ||
		    named->period >= period.end || !bed_is_of(named->municipality, sum->key))
			continue;
		snprintf(cell->field, sizeof(cell->field), "reason:%s", named->name);
		cell->amount = named->amount.contacts;
		for (size_t k = 0; k <= sum->reasons_len; k++)
			if (k == sum->reasons_len) {
				sum->reasons_len++;
				break;
			} else if (strcmp(sum->reasons[k].field, cell->field) == 0) {
				sum->reasons[k].amount += cell->amount;
				break;
			}
	}
}

static void bed_repair_period(struct bed *bed, struct place_key key)
{
	struct period period = period_of((enum window)key.place, key.first);
	static struct bed_sum sum;
	struct amount *amounts;
	struct tally tally;

	sum = (struct bed_sum){ .bed = bed, .key = key };
	ck_assert_int_eq(tally_init(&tally, 65536), 0);
	for (size_t i = 0; i < bed->sent_len; i++) {
		struct cell cell = bed->contacts[i].cell;

		if (cell.day < period.first || cell.day >= period.end || !bed_is_of(cell.municipality, key))
			continue;
		cell.day = period.first;
		if (key.municipality == CELL_COUNTRY)
			cell.municipality = 0; /* spread() makes the country of it */
		ck_assert_int_eq(tally_add(&tally, cell_pack(&cell), bed->contacts[i].count, 0), 0);
	}
	bed_sum_reasons(&sum, period);
	amounts = calloc(tally.used + 1, sizeof(*amounts));
	ck_assert_int_eq(spread(amounts, tally_sorted(&tally, amounts), bed->standings, bed_give, &sum), 0);
	if (sum.given == 0) {
		struct spread_group none = { .municipality = key.municipality, .day = key.first };

		ck_assert_int_eq(store_repair(bed->store, key, bed->position, &none, !bed->has_lost), 0);
	}
	free(amounts);
	tally_done(&tally);
}

static void bed_repair_names(struct bed *bed, struct place_key key)
{
	struct name_record records[BED_NAMES], *list[BED_NAMES];
	size_t n = 0;

	for (size_t i = 0; i < bed->named_sent; i++) {
		const struct bed_name *named = &bed->named[i];
		struct effort_str name = { named->name, strlen(named->name) };
		size_t k = 0;

		if (named->dimension != key.place - PLACE_NAMES || named->period != key.first ||
		    !bed_is_of(named->municipality, key))
			continue;
		while (k < n && (records[k].name.len != name.len ||
				 memcmp(records[k].name.ptr, name.ptr, name.len) != 0))
			k++;
		if (k == n) {
			records[n] = (struct name_record){ .name = name };
			list[n] = &records[n];
			n++;
		}
		records[k].frozen.contacts += named->amount.contacts;
		records[k].frozen.n += named->amount.n;
		records[k].frozen.self += named->amount.self;
		if (named->last_ms > records[k].last_ms)
			records[k].last_ms = named->last_ms;
	}
	ck_assert_int_eq(store_repair_names(bed->store, key, bed->position,
					    (const struct name_record *const *)list, n, !bed->has_lost),
			 0);
}

static void bed_repair(struct bed *bed, struct place_key key)
{
	if (key.place >= PLACE_NAMES)
		bed_repair_names(bed, key);
	else
		bed_repair_period(bed, key);
}

#endif
