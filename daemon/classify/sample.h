/* SPDX-License-Identifier: MPL-2.0 */
/* Samples: events with known answers, in plugins and area files, run when an area has been opened. Owns the
 * composing of a whole event line from a few members; decoding is the event layer's, so a sample obeys the
 * same rules as any event. Main thread only. */
#ifndef CLASSIFY_SAMPLE_H
#define CLASSIFY_SAMPLE_H

#include "classify/area.h"
#include "classify/router.h"

#define SAMPLE_LINE_MAX 8192

/* A whole event of the members given (id, source, time, municipality and channel are filled in where they are
 * missing). Returns its length, 0: too long. line has room for SAMPLE_LINE_MAX bytes and the decoder's
 * padding. */
size_t sample_compose(const char *members, char *line);

/* Runs the samples of the plugin and of the area file; every mismatch is a fault with its number. Returns how
 * many ran. */
size_t samples_run(struct area *, uint16_t index, const struct router *, struct faults *);

#endif
