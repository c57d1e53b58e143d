/* SPDX-License-Identifier: MPL-2.0 */
/* What a journal is made of: effects of accepted events, changes of what earlier ones counted, the words their
 * numbers stand for, and marks.
 *
 * A segment is a file of blocks; a block is what one commit made durable: a header with its sequence number
 * and a checksum that is seeded with the segment's own nonce and the block's place, and records. Numbers in
 * effects (municipality and standing in the cell, names) are those of the writing process; each segment
 * defines every number before it uses it, so that a segment is understood by itself. Numbers of names are the
 * segment's own, dense from 0 and never used again in it, so every definition holds for all of the segment
 * and stands in it more than once: a damaged block takes no word from the others.
 *
 * No event's text is in here: ids are keyed hashes; names (sources, units, portals, reasons) are what the
 * counters hold too. */
#ifndef JOURNAL_RECORD_H
#define JOURNAL_RECORD_H

#include "count/names.h"
#include "count/standing.h"
#include "count/tally.h"

#define RECORD_NO_NAME UINT32_MAX

/* One accepted event. */
struct effect {
	uint64_t id;      /* keyed hash of (source, id) */
	uint32_t content; /* keyed hash of everything else the event says */
	int32_t id_day;   /* day (UTC, since 1970, 0..65535) its id is filed under: dedup.h */
	uint64_t cell;    /* cell_pack() */
	int64_t time_ms;  /* of the event, within +-2^43 */
	int64_t count;    /* 1 .. 2^20-1 */
	int64_t seconds;  /* 0 .. 2^32-1 */
	/* Numbers of name records (writing), of the segment's names (reading); RECORD_NO_NAME. */
	uint32_t names[DIMENSIONS];
};

/* Part of a change: so much more of a cell, or less of it (count negative, and the seconds with it). count 0:
 * nothing is counted, its names were seen. */
struct change_part {
	uint64_t booked;    /* the id under which it is booked: bookings.h */
	int32_t booked_day; /* day that id is filed under; 0: it is not booked */
	uint64_t cell;
	int64_t time_ms; /* of the event it belongs to */
	int64_t count;   /* within +-2^31-1 */
	int64_t seconds; /* 0, or with the sign of count; within +-2^32-1 */
	uint32_t names[DIMENSIONS];
	uint8_t days; /* more than 1: evenly over so many days of one month, of which the cell's is the last */
};

#define CHANGE_PARTS 65 /* of each record of an errand what was counted and what is now, and one that is seen */
#define CHANGE_TIE   40

enum change_kind {
	CHANGE_CARRIED,    /* of no event: what a new writer takes over */
	CHANGE_CORRECTION, /* takes back of an earlier event */
	CHANGE_ERRAND,     /* one record of an errand, and what it changed of the contact */
	CHANGE_METER       /* one reading of a meter, and what it changed of what was counted between readings */
};

/* Whether it has a record of its own. */
static inline bool change_has_record(enum change_kind kind)
{
	return kind >= CHANGE_ERRAND;
}

/* A part that is spread over days, day by day. */
static inline int change_days(const struct change_part *part)
{
	return part->days > 1 ? part->days : 1;
}
struct change_part change_on_day(const struct change_part *, int i);

/* One accepted event that changes what earlier ones have counted: all of it in one record, so that no part of it
 * can be without the others. */
struct change {
	enum change_kind kind;
	uint64_t id; /* as of an effect */
	uint32_t content;
	int32_t id_day; /* 0: there is no event */
	int64_t time_ms;
	/* Correction: the id it takes back of and the day that is filed under. Errand: its key. */
	uint64_t about;
	int32_t about_day;
	int64_t count, seconds; /* correction: what is taken; at least 0 */
	/* Errand: what the event says by itself (count, seconds, cell, names, time), when it arrived, how many records
	 * of the errand were remembered then, and the beginning of its id, which decides between equals. */
	struct change_part record;
	int64_t arrival_ms;
	uint8_t known;
	size_t tie_len;
	char tie[CHANGE_TIE];
	size_t parts_len;
	struct change_part parts[CHANGE_PARTS];
};

/* A place in the journal with a number of its own: everything before it is counted at this position, and
 * this is the number Redis keeps in _w:<writer>. Positions grow; each start leaves a random gap before its
 * first. */
enum mark_kind {
	MARK_CUT,   /* a segment ends here */
	MARK_FREEZE /* a batch for Redis ends here; so the batch before it was settled */
};

struct mark {
	uint64_t position;
	enum mark_kind kind;
	int64_t now_ms;     /* wall clock when it was written */
	int64_t horizon_ms; /* events before it are refused for good: their ids may be forgotten */
	uint64_t settled;   /* every batch up to this position is known to be in Redis whole */
};

struct standing_text {
	const char *task; /* "<area>/<task>" */
	const char *groups[SCOPE_GROUPS_MAX];
	size_t groups_len;
	bool is_municipal, is_target;
};

struct name_text {
	uint16_t municipality; /* number, defined before */
	uint8_t dimension;
	int32_t period;
	struct effort_str name;
};

/* Why part of a segment is not there. */
struct damage {
	uint64_t segment;
	int64_t from, to;                 /* bytes of the file */
	uint64_t first_block, last_block; /* sequence numbers that are missing; 0, 0: not known */
	/* Constant text: "header", "checksum", "torn tail", "blocks missing", "segment missing", "record",
	 * "words missing" (effects whose numbers are defined nowhere), "another writer's". */
	const char *what;
	bool is_inside; /* what lay here was on disk for certain: a whole block of the segment follows, or this begins with its
			   header, which was */
};

/* Takes what a segment tells, in its order; a word comes once, before it is used. NULL members are skipped; a
 * negative result ends the reading and is returned. Text lives for the call. */
struct replay {
	void *ctx;
	int (*on_municipality)(void *ctx, uint16_t number, const char *code);
	int (*on_standing)(void *ctx, uint16_t number, const struct standing_text *);
	int (*on_name)(void *ctx, uint32_t number, const struct name_text *);
	int (*on_effect)(void *ctx, const struct effect *);
	int (*on_mark)(void *ctx, const struct mark *);
	int (*on_block)(void *ctx, uint64_t sequence, int64_t at, size_t len); /* before its records */
	void (*on_damage)(void *ctx, const struct damage *);
	int (*on_change)(void *ctx, const struct change *);
};

/* --- bytes: record.c --- */

enum record_kind {
	RECORD_EFFECT = 1,
	RECORD_MUNICIPALITY,
	RECORD_STANDING,
	RECORD_NAME,
	RECORD_MARK,
	RECORD_CHANGE
};

#define RECORD_EFFECT_MIN       32
#define RECORD_EFFECT_MAX       (RECORD_EFFECT_MIN + 4 + 4 * DIMENSIONS)
#define RECORD_PART_LEN         (36 + 4 * DIMENSIONS)
#define RECORD_CHANGE_MAX       (56 + CHANGE_TIE + (1 + CHANGE_PARTS) * RECORD_PART_LEN)
#define RECORD_MUNICIPALITY_LEN 8
#define RECORD_MARK_LEN         40
#define RECORD_NAME_MIN         16
#define RECORD_TEXT_MAX         UINT16_MAX /* of a name, and of all words of a standing */

/* Each writes one record and returns its length. names: the segment's numbers. */
size_t record_put_effect(uint8_t to[RECORD_EFFECT_MAX], const struct effect *,
			 const uint32_t names[DIMENSIONS]);
/* Names of its parts are the segment's numbers. */
size_t record_put_change(uint8_t to[RECORD_CHANGE_MAX], const struct change *);
size_t record_put_mark(uint8_t to[RECORD_MARK_LEN], const struct mark *);
size_t record_put_municipality(uint8_t to[RECORD_MUNICIPALITY_LEN], uint16_t number, const char code[5]);
/* Length of the record (put with its text, which is cut at RECORD_TEXT_MAX). */
size_t record_standing_len(const struct standing_text *);
size_t record_put_standing(uint8_t *to, uint16_t number, const struct standing_text *);
size_t record_name_len(const struct name_text *);
size_t record_put_name(uint8_t *to, uint32_t number, const struct name_text *);

struct record {
	enum record_kind kind;
	uint32_t number; /* of what is defined */
	char code[5];
	union {
		struct effect effect;
		struct change change;
		struct mark mark;
		struct standing_text standing; /* text lies in the bytes that were read */
		struct name_text name;
	};
};

/* Reads the record at the beginning of bytes. Its length; 0: that is none, or parts of it are out of range
 * (whether its numbers are defined is not looked at). */
size_t record_read(const uint8_t *bytes, size_t len, struct record *ret);

#endif
