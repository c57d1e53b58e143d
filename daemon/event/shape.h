/* SPDX-License-Identifier: MPL-2.0 */
/* What lines have in common. A sender writes all its lines alike: braces, names, colons and commas are the
 * same bytes each time and only the values differ. A shape is such a sequence of fixed texts with the values
 * between them, at every level and also those of members we do not know, learnt from a line that was read byte
 * by byte and accepted.
 *
 * Why a line of a known shape needs no second reading: it is the learnt line with each value replaced by
 * another of its kind, a string for a string, a number or word (true, false, null) for a number or word. So
 * it is as valid, has the same names as often, nests as deep and holds no CPR number in its fixed texts,
 * provided that no string has a backslash, a control byte or bad UTF-8, and no value reads as a CPR number.
 * Strings that the form rules hold to a few ASCII characters cannot, nor can whole numbers of at most seven
 * digits, which is nearly every one; all others are searched here.
 *
 * Shapes share their beginnings: at each place one or more texts may follow. Owns a fixed table; when that
 * is full, or there has been no room at one place for long, all is forgotten and learnt anew: a sender whose lines are
 * each of a shape of their own (with names that change) keeps no other out for good. */
#ifndef EVENT_SHAPE_H
#define EVENT_SHAPE_H

#include "event/json.h"

#include <stddef.h>
#include <stdint.h>

#define SHAPE_TEXT     32  /* longest text of a step; a longer one takes several */
#define SHAPE_STEPS    512 /* 60 KiB, touched as far as used */
#define SHAPE_OTHERS   8   /* most texts that may follow at one place */
#define SHAPE_PATIENCE 16  /* lines of unknown shape until the next one is learnt */
#define SHAPE_CROWDED  64  /* times that one could not be learnt for want of room at one place */

/* What follows a text. */
enum shape_value {
	SHAPE_CLOSED,   /* a string whose form rule takes a few ASCII characters only */
	SHAPE_FREE,     /* any other string of a member we know: plain ASCII */
	SHAPE_BARE,     /* a number, true, false or null */
	SHAPE_STRANGER, /* a string that nobody asks for: any characters */
	SHAPE_NOTHING,  /* the rest of a text that is longer than SHAPE_TEXT */
	SHAPE_LINE_END
};

/* A text, and what comes after it. */
struct shape_step {
	char text[SHAPE_TEXT];
	uint32_t len;
	uint32_t text_bits; /* a bit for each of its bytes */
	uint32_t usual_len;
	uint32_t value;              /* enum shape_value */
	uint64_t usual_bit;          /* of usual_len; 0 once a string was of another length */
	struct json_value *to;       /* where the value goes */
	struct shape_step *next;     /* what may follow the value: first of a chain */
	struct shape_step *other;    /* what may stand here instead */
};

/* The members a line of this shape has in its outer object and in `data`. */
struct shape_end {
	uint64_t outer_seen, outer_strings;
	uint64_t data_seen, data_strings;
};

/* Points into itself: stays where it is. All zero at the start but for the two objects. */
struct shapes {
	struct json_object *outer, *data; /* borrowed: lines are learnt from them and read into them */
	unsigned used;
	unsigned missed; /* lines of unknown shape since one was learnt */
	unsigned crowded; /* times there was no room at a place since all was forgotten */
	struct json_value stranger; /* where values go that nobody asks for */
	struct shape_step *first;
	struct shape_step steps[SHAPE_STEPS];
	struct shape_end ends[SHAPE_STEPS];
};

/* Reads a line if its shape is known, none of its strings has a backslash, those of members we know are
 * printable ASCII, and surely no value holds a CPR number. Returns what is behind it; where it ends is not
 * asked, only that its values do so before `end`. NULL: it is to be read byte by byte, and the objects hold
 * rubbish. Anything else is no verdict before the form rules have accepted the values. */
const char *shape_read(struct shapes *, const char *line, const char *end);

/* Learns the shape of an accepted line without escapes, if it has one and it is time for it. */
void shape_learn(struct shapes *, const char *line, const char *end);

#endif
