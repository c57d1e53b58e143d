/* SPDX-License-Identifier: MPL-2.0 */
/* Any bytes as a journal's segment, in three ways told by the first byte: behind a good header; as the
 * records of blocks whose checksums are right; as changes to a segment that was whole. Reading ends, tells no
 * number that was not defined and nothing out of range, and says how many blocks there are the same way
 * twice. */
#include "../unit/journal_disk.h"

#include "journal/block.h"
#include "journal/segment.h"

#define DIR  "/j"
#define PATH DIR "/0000000000000001.wal"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "fuzz_journal: %s\n", what);
		abort();
	}
}

struct told {
	uint8_t municipalities[CELL_MUNICIPALITIES], standings[STANDINGS_MAX];
	uint8_t *names; /* owned */
	size_t names_len;
	uint64_t last, blocks, effects, damages, sum;
};

static void look_at(struct told *told, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		told->sum = told->sum * 31 + (uint8_t)bytes[i];
}

static int on_municipality(void *ctx, uint16_t number, const char *code)
{
	struct told *told = ctx;

	must(number < CELL_MUNICIPALITIES && !told->municipalities[number], "a municipality twice");
	told->municipalities[number] = 1;
	look_at(told, code, strlen(code));
	return 0;
}

static int on_standing(void *ctx, uint16_t number, const struct standing_text *text)
{
	struct told *told = ctx;

	must(number < STANDINGS_MAX && !told->standings[number], "a standing twice");
	must(text->groups_len <= SCOPE_GROUPS_MAX, "too many groups");
	told->standings[number] = 1;
	look_at(told, text->task, strlen(text->task));
	for (size_t i = 0; i < text->groups_len; i++)
		look_at(told, text->groups[i], strlen(text->groups[i]));
	return 0;
}

static int on_name(void *ctx, uint32_t number, const struct name_text *text)
{
	struct told *told = ctx;

	must(text->municipality < CELL_MUNICIPALITIES && told->municipalities[text->municipality],
	     "a name of a municipality that is not defined");
	must(text->dimension < DIMENSIONS, "a name without a dimension");
	must(number < told->names_len && !told->names[number], "a name out of range, or twice");
	told->names[number] = 1;
	look_at(told, text->name.ptr, text->name.len);
	return 0;
}

static int on_effect(void *ctx, const struct effect *effect)
{
	struct told *told = ctx;
	struct cell cell = cell_unpack(effect->cell);

	must(cell.municipality < CELL_MUNICIPALITIES && told->municipalities[cell.municipality],
	     "an effect of a municipality that is not defined");
	must(told->standings[cell.standing], "an effect of a standing that is not defined");
	must(cell.channel < EFFORT_CHANNELS && cell.outcome < EFFORT_OUTCOMES, "a cell out of range");
	must(effect->count > 0 && effect->seconds >= 0, "an effect that is none");
	for (int d = 0; d < DIMENSIONS; d++)
		must(effect->names[d] == RECORD_NO_NAME ||
			     (effect->names[d] < told->names_len && told->names[effect->names[d]]),
		     "an effect of a name that is not defined");
	told->effects++;
	return 0;
}

static void check_part(const struct told *told, const struct change_part *part)
{
	struct cell cell = cell_unpack(part->cell);

	must(cell.municipality < CELL_MUNICIPALITIES && told->municipalities[cell.municipality] &&
		     told->standings[cell.standing],
	     "a part of a change whose words are not defined");
	must(cell.channel < EFFORT_CHANNELS && cell.outcome < EFFORT_OUTCOMES, "a part out of range");
	must(part->count >= 0 ? part->seconds >= 0 : part->seconds <= 0, "seconds against their count");
	for (int d = 0; d < DIMENSIONS; d++)
		must(part->names[d] == RECORD_NO_NAME ||
			     (part->names[d] < told->names_len && told->names[part->names[d]]),
		     "a part with a name that is not defined");
}

static int on_change(void *ctx, const struct change *change)
{
	struct told *told = ctx;

	must(change->kind <= CHANGE_METER && change->parts_len <= CHANGE_PARTS, "a change that is none");
	must(change->tie_len <= CHANGE_TIE && change->count >= 0, "a change out of range");
	if (change_has_record(change->kind)) {
		check_part(told, &change->record);
		must(change->record.count > 0, "an errand's record of nothing");
	}
	for (size_t i = 0; i < change->parts_len; i++)
		check_part(told, &change->parts[i]);
	told->effects++;
	return 0;
}

static int on_mark(void *ctx, const struct mark *mark)
{
	struct told *told = ctx;

	must(mark->kind == MARK_CUT || mark->kind == MARK_FREEZE, "a mark that is none");
	told->sum += mark->position;
	return 0;
}

static int on_block(void *ctx, uint64_t sequence, int64_t at, size_t len)
{
	struct told *told = ctx;

	must(sequence > told->last, "blocks that go back");
	told->last = sequence;
	told->sum += (uint64_t)at + len;
	told->blocks++;
	return 0;
}

static void on_damage(void *ctx, const struct damage *damage)
{
	struct told *told = ctx;

	must(damage->from <= damage->to && damage->first_block <= damage->last_block, "damage turned round");
	told->damages++;
}

static void read_segment(struct mem_disk *disk, struct told *told)
{
	const struct replay replay = { told,      on_municipality, on_standing, on_name,
				       on_effect, on_mark,         on_block,    on_damage, on_change };
	struct segment_head head;
	struct segment_end end;
	size_t len;
	int r;

	mem_disk_bytes(disk, PATH, &len);
	*told = (struct told){ .names_len = len / RECORD_NAME_MIN + 1 };
	told->names = mem_must(calloc(1, told->names_len));
	r = segment_read(&disk->table, PATH, &replay, &head, &end);
	must(r == 0 || r == -EPROTONOSUPPORT, "reading fails");
	must(r != 0 || (end.at <= (int64_t)len && end.damages == told->damages), "an end that is none");
	free(told->names);
}

/* --- segments of bytes --- */

static const struct segment_head head = {
	.number = 1, .writer = "0123456789abcdef", .nonce = 5, .first_block = 1
};

struct builder {
	struct mem_disk *disk;
	int fd;
	int64_t at;
	uint64_t sequence;
};

static struct builder begin(void)
{
	struct builder builder = { mem_disk_new(), -1, SEGMENT_HEAD_BYTES, 1 };
	const char *what;

	builder.disk->table.make_folder(builder.disk, DIR);
	builder.fd = segment_create(&builder.disk->table, DIR, &head, &what);
	must(builder.fd >= 0, "no segment");
	return builder;
}

static void add(struct builder *builder, const void *bytes, size_t len)
{
	must(disk_write_all(&builder->disk->table, builder->fd, bytes, len, builder->at) == 0, "no write");
	builder->at += (int64_t)len;
}

static bool once(void *ctx, struct block_piece *ret)
{
	struct block_piece *piece = ctx;

	*ret = *piece;
	piece->bytes = NULL;
	return ret->bytes != NULL;
}

static void add_block(struct builder *builder, const uint8_t *records, size_t len)
{
	struct block_piece piece = { records, len };
	uint8_t frame[BLOCK_HEAD_BYTES];

	block_head_write(frame, head.nonce, builder->at, builder->sequence++, once, &piece);
	add(builder, frame, sizeof(frame));
	add(builder, records, len);
}

/* Blocks of the lengths that single bytes say. */
static void add_blocks(struct builder *builder, const uint8_t *data, size_t size)
{
	while (size > 0) {
		size_t len = data[0];

		data++;
		size--;
		len = len > size ? size : len;
		add_block(builder, data, len);
		data += len;
		size -= len;
	}
}

/* A few blocks with everything in them. */
static void add_good(struct builder *builder)
{
	struct cell cell = { .municipality = 3, .day = 20770, .standing = 9 };
	struct effect effect = { .id = 1, .cell = cell_pack(&cell), .count = 1, .seconds = 60 };
	const struct standing_text standing = { .task = "area/task", .groups = { "group" }, .groups_len = 1 };
	const struct mark mark = { .position = 7, .kind = MARK_FREEZE };
	struct change_part part = { .booked = 1, .booked_day = 9, .cell = effect.cell, .count = -1, .seconds = -60 };
	struct change taking = { .kind = CHANGE_CORRECTION, .id = 77, .about = 1, .count = 1, .parts_len = 1 };

	for (uint32_t i = 0; i < 4; i++) {
		const struct name_text name = { 3, BY_UNIT, 20758, { "unit", 4 } };
		uint32_t names[DIMENSIONS] = { RECORD_NO_NAME, i, RECORD_NO_NAME, RECORD_NO_NAME,
					       RECORD_NO_NAME, RECORD_NO_NAME };
		uint8_t bytes[256 + RECORD_CHANGE_MAX];
		size_t len = record_put_municipality(bytes, 3, "0751");

		len += record_put_standing(bytes + len, 9, &standing);
		len += record_put_name(bytes + len, i, &name);
		effect.id++;
		len += record_put_effect(bytes + len, &effect, names);
		memcpy(part.names, names, sizeof(names));
		taking.parts[0] = part;
		taking.record = part;
		taking.record.count = 1;
		taking.record.seconds = 0;
		len += record_put_change(bytes + len, &taking);
		taking.kind = i % 2 == 0 ? CHANGE_ERRAND : CHANGE_CORRECTION;
		len += record_put_mark(bytes + len, &mark);
		add_block(builder, bytes, len);
	}
}

/* Each four bytes: a place, how far from it, and what to put there. */
static void change(struct builder *builder, const uint8_t *data, size_t size)
{
	size_t len;
	uint8_t *bytes = mem_disk_bytes(builder->disk, PATH, &len);

	for (size_t i = 0; i + 4 <= size; i += 4) {
		size_t from = ((size_t)data[i] << 8 | data[i + 1]) % len, n = data[i + 2];

		for (size_t at = from; at <= from + n && at < len; at++)
			bytes[at] ^= data[i + 3];
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct told first, again;
	struct builder builder;

	if (size == 0)
		return 0;
	builder = begin();
	if (data[0] % 3 == 0)
		add(&builder, data + 1, size - 1);
	else if (data[0] % 3 == 1)
		add_blocks(&builder, data + 1, size - 1);
	else
		add_good(&builder);
	if (data[0] % 3 == 2)
		change(&builder, data + 1, size - 1);
	read_segment(builder.disk, &first);
	read_segment(builder.disk, &again);
	must(first.sum == again.sum && first.blocks == again.blocks && first.effects == again.effects,
	     "another reading, another journal");
	mem_disk_free(builder.disk);
	return 0;
}
