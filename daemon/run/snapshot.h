/* SPDX-License-Identifier: MPL-2.0 */
/* Configuration, areas and everything derived from them as one immutable unit. A reload builds a new one
 * beside the one in force and swaps the pointer between two batches; the old one is freed after that. Counts
 * never point into a snapshot: they refer to the ledger's numbers. Main thread. */
#ifndef RUN_SNAPSHOT_H
#define RUN_SNAPSHOT_H

#include "classify/classify.h"
#include "conf/conf.h"
#include "run/definition_book.h"
#include "run/ledger.h"
#include "run/target_set.h"
#include "store/store.h"

/* How a class stands from a day on. */
struct stand {
	int32_t from;
	uint16_t standing;
};

struct class_stands {
	const struct stand *stands; /* by date; [0].from is INT32_MIN */
	size_t len;
};

struct snapshot {
	struct conf *conf;   /* owned */
	struct areas *areas; /* owned */
	struct zone zone;
	struct target_set *targets; /* owned */
	const struct reference *hours[CELL_MUNICIPALITIES]; /* borrowed from conf, by ledger's index; NULL: none */
	uint16_t municipality[10000]; /* by code: ledger's index + 1; 0: not configured */
	struct class_stands *classes; /* owned; by class number, then as many for each method of conf */
	struct stand *stands;         /* owned */
	struct store_view view;
	void *view_memory[3]; /* owned: what the view's lists lie in */
};

struct snapshot_settings {
	const char *copies_dir;	       /* where private copies of plugins are made */
	const char *const *disabled;   /* ids of areas whose plugin is not to run, NULL-terminated, or NULL */
	const struct target_book *book; /* what targets have been; NULL: nothing is remembered */
	const struct definition_book *definitions; /* what definitions have been; NULL: nothing is remembered */
	int64_t now_ms;
};

/* Takes conf over (also on failure). NULL and faults on any fault. */
struct snapshot *snapshot_new(struct conf *, struct ledger *, const struct snapshot_settings *, struct faults *);
void snapshot_free(struct snapshot *);

/* Whether it was open when the event came in, by the hours of its municipality (ledger's index) on its day. */
enum cell_hours snapshot_hours(const struct snapshot *, const struct effort_event *, uint16_t municipality);

/* Whether a class is in a group, or under "target" on any day. */
bool snapshot_is_in_group(const struct snapshot *, uint32_t class, const char *group);

/* The ledger's standing of a class on a local day. method: of conf_source. */
uint16_t snapshot_standing(const struct snapshot *, uint32_t class, int32_t day, int method);
/* The same for the task of a standing; a task that is not known here any more keeps it, but for the day's definition. */
uint16_t snapshot_standing_on(const struct snapshot *, struct ledger *, uint16_t standing, int32_t day);
/* The same standing under the definition of the share of a day, and the day before which that is the same one. */
uint16_t snapshot_ruled_on(const struct snapshot *, struct ledger *, uint16_t standing, int32_t day, int32_t *ret_until);

#endif
