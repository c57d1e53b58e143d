/* SPDX-License-Identifier: MPL-2.0 */
/* Segments written by hand, block by block, on a disk in memory; and contacts to put into them. What a
 * contact is made of has small numbers (municipality 0.., standing 0.., names 0..); each segment gives them
 * numbers of its own, so that nobody can rely on those of another. */
#ifndef TESTS_JOURNAL_WAL_H
#define TESTS_JOURNAL_WAL_H

#include "suite.h"

#include "journal/block.h"
#include "journal/segment.h"
#include "journal_disk.h"

#define WAL_MUNICIPALITIES 6
#define WAL_STANDINGS      9
#define WAL_NAMES          7
#define WAL_DIR            "/journal"
#define WAL_WRITER         "0123456789abcdef"

struct wal_contact {
	unsigned municipality, standing;
	int names[DIMENSIONS]; /* -1: none */
	struct cell cell;      /* but for municipality and standing */
	int32_t month;         /* first day of the cell's */
	struct effect effect;  /* but for cell and names */
};

struct wal_name {
	unsigned municipality, dimension, name;
	int32_t period;
};

struct wal {
	struct mem_disk *disk;
	struct segment_head head;
	int fd;
	int64_t at;
	uint64_t sequence;
	uint8_t records[1 << 16]; /* of the block at hand */
	size_t len;
	bool is_defined[WAL_MUNICIPALITIES + WAL_STANDINGS];
	struct wal_name names[1000];
	size_t names_len;
};

static inline void wal_code(char code[5], unsigned municipality)
{
	snprintf(code, 5, "%04u", 900 - municipality * 101);
}

static inline struct standing_text wal_standing(unsigned standing)
{
	static char task[32];
	struct standing_text text = { .task = task,
				      .is_municipal = standing % 4 != 3,
				      .is_target = standing % 3 == 0 };

	snprintf(task, sizeof(task), "area-%u/task-%u", standing % 3, standing / 2);
	if (standing % 2 == 1)
		text.groups[text.groups_len++] = "money";
	if (standing % 3 == 1)
		text.groups[text.groups_len++] = "children";
	return text;
}

static inline struct effort_str wal_name(unsigned name)
{
	static char text[32];
	int len = snprintf(text, sizeof(text), "name-%u", name);

	return (struct effort_str){ text, (size_t)len };
}

static inline uint16_t wal_municipality_number(const struct wal *wal, unsigned municipality)
{
	return (uint16_t)(municipality * 31 + wal->head.number * 7 % 29);
}

static inline uint16_t wal_standing_number(const struct wal *wal, unsigned standing)
{
	return (uint16_t)(standing * 100 + wal->head.number * 13 % 97);
}

/* Begins a segment; its file is durable. */
/* `freeze`: the last MARK_FREEZE before it. */
static inline void wal_begin_behind(struct wal *wal, struct mem_disk *disk, uint64_t number, uint64_t first_block,
				    uint64_t position, uint64_t freeze)
{
	const char *what;

	memset(wal, 0, sizeof(*wal));
	wal->disk = disk;
	wal->head = (struct segment_head){ .number = number,
					   .nonce = number * UINT64_C(0x9e3779b97f4a7c15),
					   .first_block = first_block,
					   .position = position,
					   .freeze = freeze };
	strcpy(wal->head.writer, WAL_WRITER);
	wal->fd = segment_create(&disk->table, WAL_DIR, &wal->head, &what);
	ck_assert_int_ge(wal->fd, 0);
	wal->at = SEGMENT_HEAD_BYTES;
	wal->sequence = first_block;
}

static inline void wal_begin(struct wal *wal, struct mem_disk *disk, uint64_t number, uint64_t first_block,
			     uint64_t position)
{
	wal_begin_behind(wal, disk, number, first_block, position, 0);
}

static inline bool wal_piece(void *ctx, struct block_piece *ret)
{
	struct block_piece *piece = ctx;

	*ret = *piece;
	piece->bytes = NULL;
	return ret->bytes != NULL;
}

/* Ends the block at hand: it is written, and synced. */
static inline void wal_block(struct wal *wal)
{
	uint8_t head[BLOCK_HEAD_BYTES];
	struct block_piece piece = { wal->records, wal->len };
	const struct disk *disk = &wal->disk->table;

	block_head_write(head, wal->head.nonce, wal->at, wal->sequence++, wal_piece, &piece);
	ck_assert_int_eq(disk_write_all(disk, wal->fd, head, sizeof(head), wal->at), 0);
	wal->at += (int64_t)sizeof(head);
	ck_assert_int_eq(disk_write_all(disk, wal->fd, wal->records, wal->len, wal->at), 0);
	wal->at += (int64_t)wal->len;
	wal->len = 0;
	ck_assert_int_eq(disk->sync(disk->ctx, wal->fd), 0);
}

static inline uint8_t *wal_room(struct wal *wal, size_t len)
{
	if (wal->len + len > sizeof(wal->records))
		abort();
	wal->len += len;
	return wal->records + wal->len - len;
}

static inline void wal_end(struct wal *wal)
{
	if (wal->len > 0)
		wal_block(wal);
	wal->disk->table.close(wal->disk->table.ctx, wal->fd);
}

static inline void wal_mark(struct wal *wal, enum mark_kind kind, uint64_t position)
{
	struct mark mark = { .position = position, .kind = kind, .horizon_ms = INT64_MIN };

	record_put_mark(wal_room(wal, RECORD_MARK_LEN), &mark);
}

static inline void wal_define_municipality(struct wal *wal, unsigned municipality)
{
	char code[5];

	if (wal->is_defined[municipality])
		return;
	wal->is_defined[municipality] = true;
	wal_code(code, municipality);
	record_put_municipality(wal_room(wal, RECORD_MUNICIPALITY_LEN),
				wal_municipality_number(wal, municipality), code);
}

static inline void wal_define_standing(struct wal *wal, unsigned standing)
{
	struct standing_text text = wal_standing(standing);

	if (wal->is_defined[WAL_MUNICIPALITIES + standing])
		return;
	wal->is_defined[WAL_MUNICIPALITIES + standing] = true;
	record_put_standing(wal_room(wal, record_standing_len(&text)), wal_standing_number(wal, standing),
			    &text);
}

static inline uint32_t wal_name_number(struct wal *wal, struct wal_name name)
{
	struct name_text text = { wal_municipality_number(wal, name.municipality), (uint8_t)name.dimension,
				  name.period, wal_name(name.name) };
	size_t i = 0;

	while (i < wal->names_len && memcmp(&wal->names[i], &name, sizeof(name)) != 0)
		i++;
	if (i < wal->names_len)
		return (uint32_t)i;
	if (wal->names_len == SUITE_LENGTH(wal->names))
		abort();
	wal->names[wal->names_len++] = name;
	record_put_name(wal_room(wal, record_name_len(&text)), (uint32_t)i, &text);
	return (uint32_t)i;
}

static inline void wal_contact(struct wal *wal, const struct wal_contact *contact)
{
	struct effect effect = contact->effect;
	struct cell cell = contact->cell;
	uint8_t bytes[RECORD_EFFECT_MAX];
	size_t len;

	wal_define_municipality(wal, contact->municipality);
	wal_define_standing(wal, contact->standing);
	cell.municipality = wal_municipality_number(wal, contact->municipality);
	cell.standing = wal_standing_number(wal, contact->standing);
	effect.cell = cell_pack(&cell);
	for (unsigned d = 0; d < DIMENSIONS; d++) {
		effect.names[d] = RECORD_NO_NAME;
		if (contact->names[d] >= 0)
			effect.names[d] = wal_name_number(
				wal, (struct wal_name){ contact->municipality, d, (unsigned)contact->names[d],
							d == BY_REASON ? cell.day : contact->month });
	}
	len = record_put_effect(bytes, &effect, effect.names);
	memcpy(wal_room(wal, len), bytes, len);
}

#endif
