/* SPDX-License-Identifier: MPL-2.0 */
/* One line to one event: strict JSON (RFC 8259, I-JSON's stricter points), the native form and the
 * CloudEvents 1.0 envelope, every form rule of the contract (section 2) and the search for personal data.
 * Nothing is allocated; the event's strings are views into the line, or into the decoder's scratch where an
 * escape had to be undone.
 *
 * Left to others: whether the municipality exists, whether the time is too old or in the future, which local
 * day it is (`day` and `listed` of the event are set to 0 here), and what the event counts as. A decoder
 * belongs to one thread. */
#ifndef EVENT_DECODE_H
#define EVENT_DECODE_H

#include "event/code.h"

#include <effort/plugin.h>

#include <stdbool.h>

#define DECODE_MAX_LINE    65536 /* bytes without the line end */
#define DECODE_MAX_MEMBERS 64
#define DECODE_MAX_DEPTH   8

/* Bytes that must be readable (any value) behind the end of a line: the scanners read in blocks. */
#define DECODE_PADDING 64

struct decoder;

/* Why a line was refused and what may be told about it. */
struct refusal {
	enum code code;
	const char *field;        /* name of the member at fault, constant text; "" when none can be named */
	size_t at;                /* byte offset in the line */
	const char *detail;       /* constant text: what was expected */
	struct effort_str source; /* as far as read and free of personal data, else len 0 */
	struct effort_str id;     /* the same; never given with E_CPR */
};

/* scratch_size: room for unescaped text between two resets; what all lines of one batch hold is always
 * enough. NULL: no memory. */
struct decoder *decoder_new(size_t scratch_size);
void decoder_free(struct decoder *);

/* Forgets the scratch: views of events decoded before end here. */
void decoder_reset(struct decoder *);

/* line: without LF and CR, not empty, DECODE_PADDING readable bytes behind it. default_source: taken when the
 * line names no source (a connection's identity); len 0: there is none and the field is required. Returns
 * CODE_OK and *ret_event, or the code and *ret_refusal; the other one then holds nothing. */
enum code decode_line(struct decoder *, const char *line, size_t len, struct effort_str default_source,
		      struct effort_event *ret_event, struct refusal *ret_refusal);

/* The same in two parts, for many lines that stand one behind the other. First the line at *at, if it is like
 * lines before it and accepted: without looking for its end, *at moves behind its LF, and *ret_line is what
 * decode_line() would have been given. False: nothing is taken, and whatever stands there is for frame_next()
 * and decode_unlike(). */
bool decode_alike(struct decoder *, const char **at, const char *end, struct effort_str default_source,
		  struct effort_event *ret_event, struct effort_str *ret_line);
enum code decode_unlike(struct decoder *, const char *line, size_t len, struct effort_str default_source,
			struct effort_event *ret_event, struct refusal *ret_refusal);

#endif
