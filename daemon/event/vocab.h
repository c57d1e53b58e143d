/* SPDX-License-Identifier: MPL-2.0 */
/* The closed word lists of an event, in the order of the enums of <effort/plugin.h>: the words senders write,
 * Redis fields are made of and people read. Pure; constant data. */
#ifndef EVENT_VOCAB_H
#define EVENT_VOCAB_H

#include <effort/plugin.h>

extern const char *const vocab_channel[EFFORT_CHANNELS];
extern const char *const vocab_kind[EFFORT_KINDS];
extern const char *const vocab_direction[2];
extern const char *const vocab_population[4];
extern const char *const vocab_assisted[7]; /* [0] is "false", [1] "true": JSON literals there, not strings */
extern const char *const vocab_outcome[EFFORT_OUTCOMES];
extern const char
	*const vocab_form[4]; /* [0] is "none": what is shown when no form was given; never accepted */

/* Danish words for channels, as shown to people. */
extern const char *const vocab_channel_da[EFFORT_CHANNELS];

/* Index of the word in one of the lists above; -1: not in it. */
int vocab_find(const char *const *list, size_t n, struct effort_str word);

#endif
