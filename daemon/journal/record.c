/* SPDX-License-Identifier: MPL-2.0 */
/* See record.h. Little-endian, nothing aligned:
 *
 *	effect	     kind 1, parts 1 (bit 0: seconds; bit 1+d: a name of dimension d), id_day 2, content 4,
 *		     id 8, cell 8, time 44 bits and count 20 bits; then seconds 4, names 4 each, where there
 *		     are
 *	municipality kind 1, 0, number 2, code 4
 *	standing     kind 1, bits 1 (municipal, target), number 2, text length 2, groups 1, 0; then the task
 *		     and the groups, each with its NUL
 *	name	     kind 1, dimension 1, municipality 2, number 4, period 4, length 2, 0 0; then the name
 *	mark	     kind 1, mark kind 1, 0 x 6, position 8, now 8, horizon 8, settled 8
 *	change	     kind 1, change kind 1, parts 1, fresh 1, content 4, id 8, time 8, about 8, arrival 8,
 *		     count 4, seconds 4, id_day 2, about_day 2, tie length 1, 0 x 3; then the tie; then the
 *		     record of an errand and the parts, each: booked 8, cell 8, time 8, count 4 (signed),
 *		     seconds 4 (its sign is the count's), booked_day 2, 0 0, names 4 each
 */
#include "journal/record.h"

#include "count/meter.h"

#include <string.h>

#define CHANGE_LEN    56
#define STANDING_HEAD 8
#define TIME_BITS     44
#define TIME_MASK     ((UINT64_C(1) << TIME_BITS) - 1)
#define HAS_SECONDS   1
#define NAME_BIT(d)   (2u << (d))
#define IS_MUNICIPAL  1
#define IS_TARGET     2

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "journal files are little-endian");
_Static_assert(DIMENSIONS <= 7, "the parts of an effect have one byte");

size_t record_put_effect(uint8_t to[RECORD_EFFECT_MAX], const struct effect *e,
			 const uint32_t names[DIMENSIONS])
{
	uint32_t parts = e->seconds != 0 ? HAS_SECONDS : 0, seconds = (uint32_t)e->seconds;
	uint64_t moment = ((uint64_t)e->time_ms & TIME_MASK) | (uint64_t)e->count << TIME_BITS, first;
	size_t len = RECORD_EFFECT_MIN;

	if (parts != 0) {
		memcpy(to + len, &seconds, 4);
		len += 4;
	}
	for (int d = 0; d < DIMENSIONS; d++) {
		if (names[d] == RECORD_NO_NAME)
			continue;
		parts |= NAME_BIT(d);
		memcpy(to + len, &names[d], 4);
		len += 4;
	}
	first = RECORD_EFFECT | parts << 8 | (uint64_t)(uint16_t)e->id_day << 16 | (uint64_t)e->content << 32;
	memcpy(to, &first, 8);
	memcpy(to + 8, &e->id, 8);
	memcpy(to + 16, &e->cell, 8);
	memcpy(to + 24, &moment, 8);
	return len;
}

static uint8_t *put(uint8_t *to, uint64_t value, size_t len)
{
	memcpy(to, &value, len);
	return to + len;
}

static uint8_t *put_part(uint8_t *to, const struct change_part *part)
{
	to = put(to, part->booked, 8);
	to = put(to, part->cell, 8);
	to = put(to, (uint64_t)part->time_ms, 8);
	to = put(to, (uint64_t)part->count, 4);
	to = put(to, (uint64_t)(part->count < 0 ? -part->seconds : part->seconds), 4);
	to = put(to, (uint64_t)part->booked_day, 2);
	to = put(to, part->days, 2);
	for (int d = 0; d < DIMENSIONS; d++)
		to = put(to, part->names[d], 4);
	return to;
}

struct change_part change_on_day(const struct change_part *part, int i)
{
	struct change_part piece = *part;
	struct cell cell = cell_unpack(part->cell);
	int days = change_days(part);

	if (days == 1)
		return piece;
	cell.day -= days - 1 - i;
	piece.cell = cell_pack(&cell);
	piece.count = meter_part(part->count, i, days);
	piece.days = 1;
	return piece;
}

size_t record_put_change(uint8_t to[RECORD_CHANGE_MAX], const struct change *c)
{
	uint8_t *at = to;

	at = put(at, RECORD_CHANGE | (uint64_t)c->kind << 8 | (uint64_t)c->parts_len << 16 |
			     (uint64_t)c->known << 24 | (uint64_t)c->content << 32, 8);
	at = put(at, c->id, 8);
	at = put(at, (uint64_t)c->time_ms, 8);
	at = put(at, c->about, 8);
	at = put(at, (uint64_t)c->arrival_ms, 8);
	at = put(at, (uint64_t)c->count, 4);
	at = put(at, (uint64_t)c->seconds, 4);
	at = put(at, (uint64_t)c->id_day, 2);
	at = put(at, (uint64_t)c->about_day, 2);
	at = put(at, c->tie_len, 4);
	memcpy(at, c->tie, c->tie_len);
	at += c->tie_len;
	if (change_has_record(c->kind))
		at = put_part(at, &c->record);
	for (size_t i = 0; i < c->parts_len; i++)
		at = put_part(at, &c->parts[i]);
	return (size_t)(at - to);
}

size_t record_put_mark(uint8_t to[RECORD_MARK_LEN], const struct mark *mark)
{
	memset(to, 0, 8);
	to[0] = RECORD_MARK;
	to[1] = (uint8_t)mark->kind;
	memcpy(to + 8, &mark->position, 8);
	memcpy(to + 16, &mark->now_ms, 8);
	memcpy(to + 24, &mark->horizon_ms, 8);
	memcpy(to + 32, &mark->settled, 8);
	return RECORD_MARK_LEN;
}

size_t record_put_municipality(uint8_t to[RECORD_MUNICIPALITY_LEN], uint16_t number, const char code[5])
{
	to[0] = RECORD_MUNICIPALITY;
	to[1] = 0;
	memcpy(to + 2, &number, 2);
	memcpy(to + 4, code, 4);
	return RECORD_MUNICIPALITY_LEN;
}

/* Groups whose names still fit, and the length of all text. */
static size_t standing_text_len(const struct standing_text *text, size_t *ret_groups)
{
	size_t len = strlen(text->task) + 1, i;

	for (i = 0; i < text->groups_len; i++) {
		size_t more = strlen(text->groups[i]) + 1;

		if (len + more > RECORD_TEXT_MAX)
			break;
		len += more;
	}
	*ret_groups = i;
	return len;
}

size_t record_standing_len(const struct standing_text *text)
{
	size_t groups;

	return STANDING_HEAD + standing_text_len(text, &groups);
}

size_t record_put_standing(uint8_t *to, uint16_t number, const struct standing_text *text)
{
	size_t groups, at = STANDING_HEAD, len = standing_text_len(text, &groups);
	uint16_t len16 = (uint16_t)len;

	to[0] = RECORD_STANDING;
	to[1] = (uint8_t)((text->is_municipal ? IS_MUNICIPAL : 0) | (text->is_target ? IS_TARGET : 0));
	memcpy(to + 2, &number, 2);
	memcpy(to + 4, &len16, 2);
	to[6] = (uint8_t)groups;
	to[7] = 0;
	at = (size_t)((uint8_t *)stpcpy((char *)to + at, text->task) - to) + 1;
	for (size_t i = 0; i < groups; i++)
		at = (size_t)((uint8_t *)stpcpy((char *)to + at, text->groups[i]) - to) + 1;
	return at;
}

static size_t name_len(const struct name_text *text)
{
	return text->name.len < RECORD_TEXT_MAX ? text->name.len : RECORD_TEXT_MAX;
}

size_t record_name_len(const struct name_text *text)
{
	return RECORD_NAME_MIN + name_len(text);
}

size_t record_put_name(uint8_t *to, uint32_t number, const struct name_text *text)
{
	uint16_t len = (uint16_t)name_len(text);

	to[0] = RECORD_NAME;
	to[1] = text->dimension;
	memcpy(to + 2, &text->municipality, 2);
	memcpy(to + 4, &number, 4);
	memcpy(to + 8, &text->period, 4);
	memcpy(to + 12, &len, 2);
	memset(to + 14, 0, 2);
	if (len > 0)
		memcpy(to + RECORD_NAME_MIN, text->name.ptr, len);
	return (size_t)RECORD_NAME_MIN + len;
}

/* --- reading --- */

/* The words a cell's numbers stand for are indexed with by those who count: none may be out of range. */
static bool is_cell(uint64_t packed)
{
	struct cell cell = cell_unpack(packed);

	return cell.municipality < CELL_MUNICIPALITIES && cell.channel < EFFORT_CHANNELS &&
	       cell.kind < EFFORT_KINDS && cell.outcome < EFFORT_OUTCOMES &&
	       cell.assisted <= EFFORT_ASSISTED_STAFF && cell.hours <= CELL_CLOSED &&
	       (packed & 7) == 0; /* bits of no field */
}

static size_t read_effect(const uint8_t *bytes, size_t len, struct effect *ret)
{
	uint64_t word[4];
	size_t at = RECORD_EFFECT_MIN;
	uint32_t seconds = 0;

	if (len < RECORD_EFFECT_MIN || len < RECORD_EFFECT_MIN + 4 * (size_t)__builtin_popcount(bytes[1]) ||
	    bytes[1] >= NAME_BIT(DIMENSIONS))
		return 0;
	memcpy(word, bytes, RECORD_EFFECT_MIN);
	*ret = (struct effect){ .id = word[1],
				.content = (uint32_t)(word[0] >> 32),
				.id_day = (uint16_t)(word[0] >> 16),
				.cell = word[2],
				.time_ms = (int64_t)(word[3] << (64 - TIME_BITS)) >> (64 - TIME_BITS),
				.count = (int64_t)(word[3] >> TIME_BITS) };
	if ((bytes[1] & HAS_SECONDS) != 0) {
		memcpy(&seconds, bytes + at, 4);
		at += 4;
	}
	ret->seconds = seconds;
	for (int d = 0; d < DIMENSIONS; d++) {
		ret->names[d] = RECORD_NO_NAME;
		if ((bytes[1] & NAME_BIT(d)) == 0)
			continue;
		memcpy(&ret->names[d], bytes + at, 4);
		at += 4;
	}
	return ret->count > 0 && is_cell(ret->cell) ? at : 0;
}

static uint64_t fetch(const uint8_t *from, size_t len)
{
	uint64_t value = 0;

	memcpy(&value, from, len);
	return value;
}

#define TIME_MAX (INT64_C(1) << (TIME_BITS - 1))

static bool read_part(const uint8_t *from, struct change_part *ret)
{
	int64_t seconds = (int64_t)fetch(from + 28, 4);

	*ret = (struct change_part){ .booked = fetch(from, 8),
			      .cell = fetch(from + 8, 8),
			      .time_ms = (int64_t)fetch(from + 16, 8),
			      .count = (int32_t)fetch(from + 24, 4),
			      .booked_day = (int32_t)fetch(from + 32, 2),
			      .days = from[34] };
	ret->seconds = ret->count < 0 ? -seconds : seconds;
	for (int d = 0; d < DIMENSIONS; d++)
		ret->names[d] = (uint32_t)fetch(from + 36 + 4 * (size_t)d, 4);
	return is_cell(ret->cell) && ret->days <= 31 && cell_day(ret->cell) > ret->days - CELL_DAYS &&
	       ret->count > INT32_MIN && ret->time_ms >= -TIME_MAX &&
	       ret->time_ms < TIME_MAX;
}

static void read_change_head(const uint8_t *from, struct change *ret)
{
	*ret = (struct change){ .kind = (enum change_kind)from[1],
				.parts_len = from[2],
				.known = from[3],
				.content = (uint32_t)fetch(from + 4, 4),
				.id = fetch(from + 8, 8),
				.time_ms = (int64_t)fetch(from + 16, 8),
				.about = fetch(from + 24, 8),
				.arrival_ms = (int64_t)fetch(from + 32, 8),
				.count = (int32_t)fetch(from + 40, 4),
				.seconds = (int64_t)fetch(from + 44, 4),
				.id_day = (int32_t)fetch(from + 48, 2),
				.about_day = (int32_t)fetch(from + 50, 2),
				.tie_len = (size_t)fetch(from + 52, 4) };
}

static size_t read_change(const uint8_t *bytes, size_t len, struct change *ret)
{
	size_t at = CHANGE_LEN, parts;

	if (len < CHANGE_LEN)
		return 0;
	read_change_head(bytes, ret);
	parts = ret->parts_len + change_has_record(ret->kind);
	if (ret->kind > CHANGE_METER || ret->parts_len > CHANGE_PARTS || ret->tie_len > CHANGE_TIE ||
	    ret->count < 0 || ret->time_ms < -TIME_MAX || ret->time_ms >= TIME_MAX ||
	    len - at < ret->tie_len + parts * RECORD_PART_LEN)
		return 0;
	memcpy(ret->tie, bytes + at, ret->tie_len);
	at += ret->tie_len;
	for (size_t i = 0; i < parts; i++, at += RECORD_PART_LEN) {
		bool has_record = change_has_record(ret->kind);
		struct change_part *to = has_record && i == 0 ? &ret->record : &ret->parts[i - has_record];

		if (!read_part(bytes + at, to))
			return 0;
	}
	return change_has_record(ret->kind) && ret->record.count < 1 ? 0 : at;
}

static size_t read_mark(const uint8_t *bytes, size_t len, struct mark *ret)
{
	if (len < RECORD_MARK_LEN || bytes[1] > MARK_FREEZE)
		return 0;
	*ret = (struct mark){ .kind = (enum mark_kind)bytes[1] };
	memcpy(&ret->position, bytes + 8, 8);
	memcpy(&ret->now_ms, bytes + 16, 8);
	memcpy(&ret->horizon_ms, bytes + 24, 8);
	memcpy(&ret->settled, bytes + 32, 8);
	return RECORD_MARK_LEN;
}

static size_t read_municipality(const uint8_t *bytes, size_t len, struct record *ret)
{
	uint16_t number;

	if (len < RECORD_MUNICIPALITY_LEN)
		return 0;
	memcpy(&number, bytes + 2, 2);
	ret->number = number;
	memcpy(ret->code, bytes + 4, 4);
	ret->code[4] = '\0';
	return number < CELL_MUNICIPALITIES && strlen(ret->code) == 4 ? RECORD_MUNICIPALITY_LEN : 0;
}

/* One word of a standing; NULL: no NUL where it must end. */
static const char *word(const char **at, const char *end)
{
	const char *text = *at, *nul = memchr(text, '\0', (size_t)(end - text));

	if (nul == NULL)
		return NULL;
	*at = nul + 1;
	return text;
}

static size_t read_standing(const uint8_t *bytes, size_t len, struct record *ret)
{
	struct standing_text *text = &ret->standing;
	uint16_t number, text_len;
	const char *at = (const char *)bytes + STANDING_HEAD, *end;

	if (len < STANDING_HEAD)
		return 0;
	memcpy(&number, bytes + 2, 2);
	memcpy(&text_len, bytes + 4, 2);
	if (number >= STANDINGS_MAX || bytes[6] > SCOPE_GROUPS_MAX || len < STANDING_HEAD + (size_t)text_len)
		return 0;
	ret->number = number;
	end = at + text_len;
	*text = (struct standing_text){ .groups_len = bytes[6],
					.is_municipal = (bytes[1] & IS_MUNICIPAL) != 0,
					.is_target = (bytes[1] & IS_TARGET) != 0 };
	text->task = word(&at, end);
	for (size_t i = 0; i < text->groups_len && text->task != NULL; i++) {
		text->groups[i] = word(&at, end);
		if (text->groups[i] == NULL)
			return 0;
	}
	return text->task != NULL && at == end ? STANDING_HEAD + (size_t)text_len : 0;
}

static size_t read_name(const uint8_t *bytes, size_t len, struct record *ret)
{
	uint16_t name;

	if (len < RECORD_NAME_MIN)
		return 0;
	memcpy(&ret->number, bytes + 4, 4);
	memcpy(&name, bytes + 12, 2);
	ret->name = (struct name_text){ .dimension = bytes[1],
					.name = { (const char *)bytes + RECORD_NAME_MIN, name } };
	memcpy(&ret->name.municipality, bytes + 2, 2);
	memcpy(&ret->name.period, bytes + 8, 4);
	return bytes[1] < DIMENSIONS && ret->name.municipality < CELL_MUNICIPALITIES &&
			       len >= (size_t)RECORD_NAME_MIN + name
		       ? (size_t)RECORD_NAME_MIN + name
		       : 0;
}

size_t record_read(const uint8_t *bytes, size_t len, struct record *ret)
{
	if (len == 0)
		return 0;
	ret->kind = (enum record_kind)bytes[0];
	switch (ret->kind) {
	case RECORD_EFFECT:
		return read_effect(bytes, len, &ret->effect);
	case RECORD_MUNICIPALITY:
		return read_municipality(bytes, len, ret);
	case RECORD_STANDING:
		return read_standing(bytes, len, ret);
	case RECORD_NAME:
		return read_name(bytes, len, ret);
	case RECORD_MARK:
		return read_mark(bytes, len, &ret->mark);
	case RECORD_CHANGE:
		return read_change(bytes, len, &ret->change);
	}
	return 0;
}
