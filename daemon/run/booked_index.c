/* SPDX-License-Identifier: MPL-2.0 */
/* See booked_index.h. Open addressing by id, at most half full; an id may stand there more than once. */
#include "run/booked_index.h"

#include "journal/labels.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024
#define NONE	    (-1)
#define KINDS_KEPT  65536

struct slot {
	uint64_t id;
	uint32_t kind, seconds;
	uint32_t segment; /* less the index's first; EMPTY */
	int32_t day;
};

#define EMPTY UINT32_MAX

/* Numbers of whoever wrote what is at hand, the ledger or a segment, in those of the dictionary. */
struct words {
	int municipalities[CELL_MUNICIPALITIES + 1], standings[STANDINGS_MAX];
	uint32_t *names; /* owned; RECORD_NO_NAME: not known */
	size_t names_cap;
};

struct booked_index {
	const struct ledger *ledger; /* borrowed */
	struct kinds *kinds;         /* owned */
	struct slot *slots;          /* owned */
	size_t mask, used;
	uint64_t first;     /* segment */
	uint64_t swept;     /* segments up to it are out */
	struct words words; /* the ledger's */
};

/* --- the table --- */

static struct slot *new_slots(size_t n)
{
	struct slot *slots = malloc(n * sizeof(*slots));

	for (size_t i = 0; slots != NULL && i < n; i++)
		slots[i].segment = EMPTY;
	return slots;
}

static size_t home(uint64_t id, size_t mask)
{
	return (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
}

static void put_slot(struct slot *slots, size_t mask, const struct slot *slot)
{
	size_t i = home(slot->id, mask);

	while (slots[i].segment != EMPTY)
		i = (i + 1) & mask;
	slots[i] = *slot;
}

/* The same in a table of this many places, without segments up to `segment`. */
static int rebuild(struct booked_index *index, size_t mask, uint64_t segment)
{
	struct slot *slots = new_slots(mask + 1);
	size_t used = 0;

	if (slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i <= index->mask; i++) {
		const struct slot *slot = &index->slots[i];

		if (slot->segment == EMPTY || index->first + slot->segment <= segment)
			continue;
		put_slot(slots, mask, slot);
		used++;
	}
	free(index->slots);
	index->slots = slots;
	index->mask = mask;
	index->used = used;
	return 0;
}

static int add(struct booked_index *index, uint64_t id, int32_t day, uint64_t segment, const struct booking_kind *kind,
	       int64_t seconds)
{
	struct slot slot = { .id = id,
			     .seconds = (uint32_t)(seconds < 0 ? -seconds : seconds),
			     .segment = (uint32_t)(segment - index->first),
			     .day = day };
	int r = 0;

	if (segment < index->first || segment - index->first >= EMPTY)
		return -ERANGE;
	if (index->used * 2 > index->mask)
		r = rebuild(index, index->mask * 2 + 1, index->swept);
	if (r == 0)
		r = kinds_add(index->kinds, kind, &slot.kind);
	if (r < 0)
		return r;
	put_slot(index->slots, index->mask, &slot);
	index->used++;
	return 0;
}

/* --- words --- */

static void words_clear(struct words *words)
{
	memset(words->municipalities, 0xff, sizeof(words->municipalities));
	memset(words->standings, 0xff, sizeof(words->standings));
	if (words->names_cap > 0)
		memset(words->names, 0xff, words->names_cap * sizeof(*words->names));
}

/* A cell in the dictionary's numbers; false: a word is missing. */
static bool recell(const struct words *words, uint64_t cell, uint64_t *ret)
{
	struct cell parts = cell_unpack(cell);
	int municipality = words->municipalities[parts.municipality], standing = words->standings[parts.standing];

	parts.municipality = (uint16_t)municipality;
	parts.standing = (uint16_t)standing;
	*ret = cell_pack(&parts);
	return municipality != NONE && standing != NONE;
}

/* --- reading the journal --- */

struct reading {
	struct booked_index *index;
	const struct disk *disk;
	struct words words;
	uint64_t segment;
	uint64_t durable; /* blocks behind it are looked at where they wait */
	bool is_skipped;
};

static int on_municipality(void *ctx, uint16_t number, const char *code)
{
	struct reading *reading = ctx;
	int r = kinds_municipality(reading->index->kinds, code);

	if (r >= 0)
		reading->words.municipalities[number] = r;
	return r < 0 ? r : 0;
}

static int on_standing(void *ctx, uint16_t number, const struct standing_text *text)
{
	struct reading *reading = ctx;
	int r = kinds_standing(reading->index->kinds, text);

	if (r >= 0)
		reading->words.standings[number] = r;
	return r < 0 ? r : 0;
}

static int on_name(void *ctx, uint32_t number, const struct name_text *text)
{
	struct reading *reading = ctx;
	struct words *words = &reading->words;

	if (number > UINT32_C(1) << 24)
		return 0;
	if (number >= words->names_cap) {
		size_t cap = (size_t)number * 2 + 64;
		uint32_t *names = realloc(words->names, cap * sizeof(*names));

		if (names == NULL)
			return -ENOMEM;
		memset(names + words->names_cap, 0xff, (cap - words->names_cap) * sizeof(*names));
		words->names = names;
		words->names_cap = cap;
	}
	return kinds_text(reading->index->kinds, text->name, &words->names[number]);
}

static int book(struct reading *reading, uint64_t id, int32_t day, uint64_t cell, int64_t count, int64_t seconds,
		const uint32_t names[DIMENSIONS])
{
	struct booking_kind kind = { .count = count };

	if (reading->is_skipped || day == 0 || (count == 0 && seconds == 0) ||
	    !recell(&reading->words, cell, &kind.cell))
		return 0;
	for (int d = 0; d < DIMENSIONS; d++)
		kind.names[d] = names[d] < reading->words.names_cap ? reading->words.names[names[d]]
								     : RECORD_NO_NAME;
	return add(reading->index, id, day, reading->segment, &kind, seconds);
}

static int on_effect(void *ctx, const struct effect *e)
{
	return book(ctx, e->id, e->id_day, e->cell, e->count, e->seconds, e->names);
}

static int on_change(void *ctx, const struct change *change)
{
	int r = 0;

	for (size_t i = 0; i < change->parts_len && r == 0; i++) {
		const struct change_part *p = &change->parts[i];

		r = book(ctx, p->booked, p->booked_day, p->cell, p->count, p->seconds, p->names);
	}
	return r;
}

static int on_block(void *ctx, uint64_t sequence, int64_t at, size_t len)
{
	struct reading *reading = ctx;

	(void)at;
	(void)len;
	reading->is_skipped = sequence > reading->durable;
	return 0;
}

static void on_segment(void *ctx, uint64_t number)
{
	struct reading *reading = ctx;

	words_clear(&reading->words);
	reading->segment = number;
	reading->is_skipped = false;
	if (reading->index->first == 0)
		reading->index->first = number;
}

static struct replay replay_to(struct reading *reading)
{
	return (struct replay){ .ctx = reading,
				.on_municipality = on_municipality,
				.on_standing = on_standing,
				.on_name = on_name,
				.on_effect = on_effect,
				.on_block = on_block,
				.on_change = on_change };
}

/* One whose header is damaged, or that has gone meanwhile, tells nothing. */
static int read_file(void *ctx, const char *path, uint64_t number)
{
	struct reading *reading = ctx;
	struct replay replay = replay_to(reading);
	struct segment_head head;
	struct segment_end end;
	int r;

	on_segment(reading, number);
	r = segment_read(reading->disk, path, &replay, &head, &end);
	return r == -ENOENT ? 0 : r;
}

static int read_all(struct booked_index *index, const struct journal *journal, const struct disk *disk)
{
	struct reading *reading = calloc(1, sizeof(*reading));
	struct replay replay = replay_to(reading);
	int r;

	if (reading == NULL)
		return -ENOMEM;
	reading->index = index;
	reading->disk = disk;
	reading->durable = journal_durable(journal);
	r = journal_unfolded(journal, read_file, reading);
	if (r == 0)
		r = journal_undurable(journal, on_segment, &replay);
	free(reading->words.names);
	free(reading);
	return r;
}

/* --- life --- */

struct booked_index *booked_index_new(const struct ledger *ledger, const struct journal *journal,
				      const struct disk *disk)
{
	struct booked_index *index = calloc(1, sizeof(*index));

	if (index == NULL)
		return NULL;
	index->ledger = ledger;
	index->kinds = kinds_new(NULL);
	index->mask = FIRST_SLOTS - 1;
	index->slots = new_slots(FIRST_SLOTS);
	words_clear(&index->words);
	if (index->kinds != NULL && index->slots != NULL && read_all(index, journal, disk) == 0)
		return index;
	booked_index_free(index);
	return NULL;
}

void booked_index_free(struct booked_index *index)
{
	if (index == NULL)
		return;
	kinds_free(index->kinds);
	free(index->slots);
	free(index->words.names);
	free(index);
}

/* --- what is appended --- */

/* The ledger's numbers, learnt as they come. */
static int learn(struct booked_index *index, uint64_t packed)
{
	struct cell cell = cell_unpack(packed);
	int *municipality = &index->words.municipalities[cell.municipality];
	int *standing = &index->words.standings[cell.standing];
	struct standing_text text;

	if (*municipality == NONE)
		*municipality = kinds_municipality(index->kinds, index->ledger->codes[cell.municipality]);
	if (*standing == NONE) {
		text = labels_standing(index->ledger->standings, cell.standing);
		*standing = kinds_standing(index->kinds, &text);
	}
	return *municipality < 0 ? *municipality : *standing < 0 ? *standing : 0;
}

static int append(struct booked_index *index, uint64_t id, int32_t day, uint64_t segment,
		  const struct change_part *part)
{
	struct booking_kind kind = { .count = part->count };
	int r = learn(index, part->cell);

	if (day == 0 || (part->count == 0 && part->seconds == 0))
		return 0;
	for (int d = 0; d < DIMENSIONS && r == 0; d++) {
		kind.names[d] = RECORD_NO_NAME;
		if (part->names[d] != RECORD_NO_NAME)
			r = kinds_text(index->kinds, names_get(index->ledger->names, part->names[d])->name,
				       &kind.names[d]);
	}
	if (r < 0 || !recell(&index->words, part->cell, &kind.cell))
		return r;
	return add(index, id, day, segment, &kind, part->seconds);
}

int booked_index_effect(struct booked_index *index, const struct effect *effect, uint64_t segment)
{
	struct change_part part = { .cell = effect->cell, .count = effect->count, .seconds = effect->seconds };

	memcpy(part.names, effect->names, sizeof(part.names));
	return append(index, effect->id, effect->id_day, segment, &part);
}

int booked_index_change(struct booked_index *index, const struct change *change, uint64_t segment)
{
	int r = 0;

	for (size_t i = 0; i < change->parts_len && r == 0; i++)
		r = append(index, change->parts[i].booked, change->parts[i].booked_day, segment,
			   &change->parts[i]);
	return r;
}

/* --- asking --- */

bool booked_index_is_stale(const struct booked_index *index)
{
	return kinds_len(index->kinds) > KINDS_KEPT + 2 * index->used;
}

int booked_index_find(struct booked_index *index, uint64_t id, uint64_t segment,
		      const struct bookings_visit *visit)
{
	int r = 0;

	if (segment > index->swept) {
		r = rebuild(index, index->mask, segment);
		index->swept = segment;
	}
	for (size_t i = home(id, index->mask); index->slots[i].segment != EMPTY && r == 0;
	     i = (i + 1) & index->mask) {
		const struct slot *slot = &index->slots[i];
		const struct booking_kind *kind = kinds_get(index->kinds, slot->kind);
		int64_t seconds = slot->seconds;

		if (slot->id == id && index->first + slot->segment > segment)
			r = visit->on_booking(visit->ctx, index->kinds, kind, kind->count < 0 ? -seconds : seconds,
					      slot->day);
	}
	return r;
}
