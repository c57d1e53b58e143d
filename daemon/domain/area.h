/* SPDX-License-Identifier: MPL-2.0 */
/* One service area as its area file describes it: which KLE prefixes, tasks and services are its own, which
 * plugin decides, with which options. Plain data between the reader of files (conf) and the host of plugins
 * (classify). All pointers are owned by whoever built the definition and are constant after that. */
#ifndef DOMAIN_AREA_H
#define DOMAIN_AREA_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AREA_MAX        64   /* areas in one configuration, unclassified not counted: bits of a set */
#define AREA_TASKS_MAX  512  /* tasks in one area */
#define AREA_GROUPS_MAX 32   /* groups in one configuration */
#define AREA_CLAIMS_MAX 4096 /* KLE prefixes in one area, those of its tasks included */
#define AREA_NAME_MAX   48   /* bytes of an id */

/* A KLE prefix the area claims: "27", "27.36" or "27.36.08". Longest wins. */
struct area_claim {
	const char *prefix;
	bool is_shared; /* other areas may claim the same prefix; asked in `order` (lowest first, then by area
			   id) */
	int order;
	struct place place;
};

struct area_authority {
	const char *from; /* "YYYY-MM-DD" or NULL */
	const char *who;  /* "municipal", "udk", "state" */
};

struct area_task {
	const char *id, *name_da, *name_en;
	const char *const *kle; /* full or shorter KLE numbers that mean this task */
	size_t kle_len;
	int wave;             /* 0: none */
	const char *in_force; /* "YYYY-MM-DD" or NULL */
	bool is_target;       /* stands under the main target from in_force on */
	bool is_attendance;   /* attendance in person intended */
	const struct area_authority *authorities;
	size_t authorities_len;
	const char *const *groups;
	size_t groups_len;
	struct place place;
};

/* (source, service) -> task. source "*": any source. task NULL: the area is known, the task is not. */
struct area_service {
	const char *source, *service, *task;
	struct place place;
};

enum area_value_type { AREA_VALUE_BOOL, AREA_VALUE_INT, AREA_VALUE_STRING, AREA_VALUE_LIST };

/* One plugin option as written; checked against the plugin's own table by the host. */
struct area_option {
	const char *name;
	enum area_value_type type;
	bool boolean;
	int64_t integer;
	const char *string;
	const char *const *list;
	size_t list_len;
	struct place place;
};

/* A sample of the area file: JSON members of an event and what must come out. */
struct area_sample {
	const char *event;  /* members without braces, as effort_sample.event */
	const char *answer; /* "count", "ignore", "reject", "not_mine" */
	const char *expect; /* task label, reason, or "-" */
	struct place place;
};

struct area_def {
	const char *id, *name_da, *name_en;
	int order;          /* in lists for people */
	const char *plugin; /* file name in plugins.dir without ".so": "table" */
	const char *dir;    /* plugins.dir in force */
	struct place place;

	const struct area_claim *claims;
	size_t claims_len;
	const struct area_task *tasks;
	size_t tasks_len;
	const struct area_service *services;
	size_t services_len;
	const struct area_option *options;
	size_t options_len;
	const struct area_sample *samples;
	size_t samples_len;
};

/* A named set of tasks across areas. */
struct group_def {
	const char *id, *name_da, *name_en;
	int order;
	struct place place;
};

#endif
