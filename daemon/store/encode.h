/* SPDX-License-Identifier: MPL-2.0 */
/* What is counted, written as calls of the Redis functions in etc/redis/effort.lua: names of keys, order of
 * arguments. The only C code that knows either; the other side is that file. No state, no connection. */
#ifndef STORE_ENCODE_H
#define STORE_ENCODE_H

#include "store/command.h"
#include "store/store.h"

/* The moment and the view a call is written for. Everything is borrowed. */
struct scene {
	const char *prefix, *writer;
	const struct store_view *view;
	int64_t now_ms, lag_ms;
	const char *missing;
	size_t names_per_key;
	struct period running[WINDOWS]; /* filled by scene_set() */
};

void scene_set(struct scene *, int64_t now_ms);
/* "0751" or "dk". */
const char *scene_code(const struct scene *, uint16_t municipality);
/* "2026-11-21", "2026-W47": the label without its window. */
void scene_label(struct period, char label[PERIOD_LABEL]);
/* The area ids shown as scopes, "unclassified" among them, each as one argument. Returns how many. */
size_t scene_areas(const struct scene *, struct command *);

/* Parts that several calls have in common: moment, lag, silent sources, definition, target; and label, from,
 * to, flags of one window. */
void encode_once_per_hash(struct command *, const struct scene *);
void encode_window(struct command *, const struct scene *, struct period, const char *label, bool is_running);

/* FCALL effort_apply of one group. */
void encode_group(struct command *, const struct scene *, const struct spread_group *, uint64_t position);

/* FCALL effort_names of records of one municipality, dimension and month; FCALL effort_cells of records of
 * one municipality and day when the dimension is BY_REASON. */
struct encode_name {
	uint16_t municipality;
	uint8_t dimension;
	int32_t period;
	const char *name;
	size_t name_len;
	struct name_amount amount;
	int64_t last_ms;
};
void encode_names(struct command *, const struct scene *, const struct encode_name *, size_t n,
		  uint64_t position);

/* FCALL effort_tick of one municipality. seen: it is known to have data; tell: answer all running shares. */
struct encode_tick {
	uint16_t municipality;
	bool is_seen, is_told, has_minute;
};
void encode_tick(struct command *, const struct scene *, const struct encode_tick *);

/* FCALL effort_series: the entries of closed periods, first days ascending. */
void encode_series(struct command *, const struct scene *, uint16_t municipality, enum window,
		   const int32_t *first, size_t n);

/* FCALL effort_rank: shares of municipalities in the window of the first entry, sorted by scope. */
struct rank_entry;
void encode_rank(struct command *, const struct scene *, const struct rank_entry *, size_t n);
/* Number of the scope among those that have a ranking, from 1; 0: it has none. */
size_t encode_rank_scope(const struct scene *, const char *scope);

/* FCALL effort_index of one index: "municipalities", "areas", "tasks", "groups". */
#define ENCODE_INDEXES 4
void encode_index(struct command *, const struct scene *, int index);

#endif
