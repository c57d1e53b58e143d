/* SPDX-License-Identifier: MPL-2.0 */
/* What is counted, written as calls of the Redis functions in etc/redis: names of keys, order of arguments.
 * The only C code that knows either; the other side are those files. No state, no connection. */
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

/* Parts that several calls have in common: moment, lag, silent sources, definition, target's id; and label, from,
 * to, flags of one window. */
void encode_once_per_hash(struct command *, const struct scene *);
void encode_window(struct command *, const struct scene *, struct period, const char *label, bool is_running);

/* The hashes of a place: bits. Names have HASH_CELLS alone, weeks, quarters and seasons no HASH_CELLS. */
enum hash { HASH_CELLS = 1, HASH_SHARE = 2, HASH_TASKS = 4 };

struct place_hash {
	struct place_key key;
	enum hash hash;
};

/* All hashes of a place. */
unsigned encode_hashes(struct place_key);
/* The key of one of them, as an argument. */
void encode_key(struct command *, const struct scene *, struct place_key, enum hash);
/* True: the place is the running period (or names of the running month). */
bool scene_is_running(const struct scene *, struct place_key);

/* Arguments left open: a call's position, and behind it what each of its hashes must hold before. They are
 * filled in where they lie in the formatted command: ENCODE_MARK bytes each, ENCODE_STRIDE apart. */
#define ENCODE_MARK   16
#define ENCODE_STRIDE (ENCODE_MARK + sizeof("\r\n$16\r\n") - 1)
void encode_mark(char *at, uint64_t position); /* of a hash: 0, it must hold nothing */
void encode_skip(char *at);                    /* the hash is left alone */
void encode_any(char *at);                     /* whatever it holds */
/* WINDOWS digits, 1 where bit w is set; of a call: another one of the batch is to change the same period of window w. */
void encode_windows(char *at, unsigned windows);

/* FCALL effort_apply of one group. Returns the argument that is the batch's position; behind what the hashes must hold
 * (ENCODE_HASHES of them) lie the call's own position, and encode_windows(). */
#define ENCODE_HASHES 15
#define ENCODE_OWN    (ENCODE_HASHES + 1)
#define ENCODE_MORE   (ENCODE_HASHES + 2)
size_t encode_group(struct command *, const struct scene *, const struct spread_group *);
/* The hashes of a group's call, by number from 0. */
struct place_hash encode_group_hash(uint16_t municipality, int32_t day, size_t number);

/* FCALL effort_names of records of one municipality, dimension and month: one hash. How: they are added; are
 * all there is; or are so even where the hash holds the position, unless a writer that is not among the living has a part
 * in it; or even then; or are all that is left. living: as writers_living() tells them. Returns the argument that is
 * the position;
 * what the hash must hold is open only when they are added. */
enum encode_how { ENCODE_ADD, ENCODE_RESET, ENCODE_FORCE, ENCODE_MUST, ENCODE_KEEP };
struct encode_name {
	uint16_t municipality;
	uint8_t dimension;
	int32_t period;
	const char *name;
	size_t name_len;
	struct name_amount amount;
	int64_t last_ms;
};
size_t encode_names(struct command *, const struct scene *, struct place_key, const struct encode_name *,
		    size_t n, enum encode_how, const char *living);
/* Cells of reasons: further arguments of a group's call. */
void encode_reasons(struct command *, const struct encode_name *, size_t n);

/* FCALL effort_reset of one place, not of names. others: as others_list() tells them. Returns the argument that is its
 * position. */
size_t encode_reset(struct command *, const struct scene *, struct place_key, const struct spread_group *,
		    enum encode_how, const char *others, const char *living);

/* FCALL effort_probe of one municipality: hashes; running windows with their copies (bit w: window w); the
 * further keys of encode_probe_more() where is_whole. */
struct encode_probe {
	uint16_t municipality;
	const struct place_hash *hashes;
	size_t hashes_len;
	unsigned windows;
	bool is_whole;
};
void encode_probe(struct command *, const struct scene *, const struct encode_probe *);
/* In the order of their answers: sources, four series, and of the country all rankings. */
#define ENCODE_PROBE_SERIES 1
#define ENCODE_PROBE_RANKS  5

/* FCALL effort_tick of one municipality. seen: it is known to have data; tell: answer all running shares. */
struct encode_tick {
	uint16_t municipality;
	bool is_seen, is_told, has_minute;
	unsigned due; /* bit w: something has been counted in the running period of window w */
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

/* The country's rankings in a window, as keys, and how many they are. */
size_t encode_ranked_len(const struct scene *);
void encode_ranked_keys(struct command *, const struct scene *, enum window);

/* FCALL effort_index of one index: "municipalities", "areas", "tasks", "groups". */
#define ENCODE_INDEXES 4
void encode_index(struct command *, const struct scene *, int index);

#endif
