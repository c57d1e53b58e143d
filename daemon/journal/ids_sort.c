/* SPDX-License-Identifier: MPL-2.0 */
/* ids_sort(): a segment's ids by day and id. Few ids, and a lack of memory, only make it slower. */
#include "base/large.h"
#include "journal/deal.h"
#include "journal/ids_inside.h"

#define DEAL_MIN 20000 /* fewer are sorted as they are */
#define DAYS_MAX 65536
#define ENDS     (DAYS_MAX > 2 * DEAL_ENDS ? DAYS_MAX : 2 * DEAL_ENDS)

static int by_day_and_id(const void *va, const void *vb)
{
	const struct id_entry *a = va, *b = vb;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (a->content > b->content) - (a->content < b->content);
}

/* The days in their order, each as it came; what is left to do is each day's ids. */
static void deal_days(const struct id_entry *from, struct id_entry *to, size_t n, int32_t first, size_t *ends,
		      size_t days)
{
	size_t at = 0;

	memset(ends, 0, days * sizeof(*ends));
	for (size_t i = 0; i < n; i++)
		ends[from[i].day - first]++;
	for (size_t i = 0; i < days; i++) {
		size_t here = ends[i];

		ends[i] = at;
		at += here;
	}
	for (size_t i = 0; i < n; i++)
		to[ends[from[i].day - first]++] = from[i];
}

/* One day's, from `spare`, where they lie as they came. */
static void sort_day(struct id_entry *entries, struct id_entry *spare, size_t n, size_t *ends)
{
	memcpy(entries, spare, n * sizeof(*entries));
	if (n >= DEAL_MIN)
		deal(entries, spare, n, sizeof(*entries), by_day_and_id, ends);
	else
		deal_near(entries, n, sizeof(*entries), by_day_and_id);
}

static void sort_days(struct id_entry *entries, struct id_entry *spare, size_t n, size_t *ends)
{
	size_t from = 0;

	while (from < n) {
		size_t to = from + 1;

		while (to < n && spare[to].day == spare[from].day)
			to++;
		sort_day(entries + from, spare + from, to - from, ends);
		from = to;
	}
}

void ids_sort(struct id_entry *entries, size_t n)
{
	int32_t first = INT32_MAX, last = INT32_MIN;
	struct id_entry *spare = NULL;
	size_t *ends = NULL;

	for (size_t i = 0; i < n; i++) {
		first = entries[i].day < first ? entries[i].day : first;
		last = entries[i].day > last ? entries[i].day : last;
	}
	if (n >= DEAL_MIN && (int64_t)last - first < DAYS_MAX) {
		spare = malloc(n * sizeof(*spare));
		ends = malloc(ENDS * sizeof(*ends));
		large_advise(spare, n * sizeof(*spare));
	}
	if (spare != NULL && ends != NULL && first == last) {
		deal(entries, spare, n, sizeof(*entries), by_day_and_id, ends);
	} else if (spare != NULL && ends != NULL) {
		deal_days(entries, spare, n, first, ends, (size_t)(last - first) + 1);
		sort_days(entries, spare, n, ends);
	} else if (n > 0) {
		qsort(entries, n, sizeof(*entries), by_day_and_id);
	}
	free(spare);
	free(ends);
}
