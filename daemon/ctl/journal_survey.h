/* SPDX-License-Identifier: MPL-2.0 */
/* A look at everything a state_dir keeps besides Redis: segments, totals, id files, dead letters and who the
 * writer is, with all that is not as it should be as a list of findings. Reads only, holds no lock, and takes
 * files that come and go while effortd runs as they are. */
#ifndef CTL_JOURNAL_SURVEY_H
#define CTL_JOURNAL_SURVEY_H

#include "base/text.h"
#include "journal/disk.h"
#include "journal/identity.h"
#include "journal/segment.h"

#define SURVEY_FINDINGS 10000 /* more are counted */

enum finding_kind {
	FOUND_TAIL,        /* the end of the last segment was being written */
	FOUND_BLOCKS,      /* a damaged place inside a segment */
	FOUND_CUT,         /* a segment that ends before its last block */
	FOUND_HEADER,      /* nothing of the segment can be read */
	FOUND_MISSING,     /* a segment is not there */
	FOUND_VERSION,     /* a segment of a later effortd */
	FOUND_DAY,         /* totals of a day */
	FOUND_MONTH,       /* totals of the names of a month */
	FOUND_IDS,         /* an id file */
	FOUND_BOOKINGS,    /* a file of what ids were counted for */
	FOUND_ERRANDS,     /* the file of errands, or of meters */
	FOUND_TARGETS,     /* what targets have been */
	FOUND_DEFINITIONS, /* which definitions of the share have been in force */
	FOUND_SILENCES,    /* who was silent when days ended */
	FOUND_UNSENT,      /* what Redis lacks of what was folded */
	FOUND_WRITER_COPY, /* one of the two copies of who the writer is */
	FOUND_WRITER,      /* both of them */
	FOUND_UNREADABLE,  /* a file that the disk or its rights do not give */
	FOUND_LOST_TOTALS, /* totals that were set aside: the period has less here than was counted */
	FOUND_STRAY,       /* a file that was never finished; no damage */
	FOUND_SET_ASIDE,   /* a damaged file kept for a look; no damage any more */
	FINDINGS
};

struct finding {
	enum finding_kind kind;
	char *file;                       /* owned; absolute */
	int64_t from, to;                 /* bytes; to 0: the whole file */
	uint64_t segment;                 /* of what was folded or is missing; 0: none */
	uint64_t first_block, last_block; /* missing; 0, 0: not known */
	uint64_t last_segment;            /* of several that are missing; 0: one */
	int64_t since_ms, until_ms;       /* of the events beside what is lost; INT64_MIN: not known */
	int error;                        /* negative errno, where the system said why; 0 */
	char detail[200];                 /* the reader's or the system's own words, English; "" */
};

struct survey_segment {
	uint64_t number;
	int64_t bytes;
	bool has_head;
	struct segment_head head;
	struct segment_end end;
	uint64_t blocks, effects, damages;
	int64_t contacts;
	int64_t first_ms, last_ms; /* of its events; INT64_MAX, INT64_MIN: none */
	int64_t written_ms;        /* of its last mark; INT64_MIN */
	int64_t horizon_ms;
};

/* The totals of one writer. */
struct survey_totals {
	char writer[33];
	size_t days, months;
	int32_t first_day, last_day, first_month, last_month; /* INT32_MAX, INT32_MIN: none */
	uint64_t last_segment;
	int64_t bytes;
};

struct survey_ids {
	size_t files;
	uint64_t ids;
	int32_t first_day, last_day;
	int64_t bytes;
};

struct survey {
	char state_dir[4000];
	bool is_running; /* an effortd holds state_dir's lock */
	bool has_journal;
	struct identity *identity;       /* owned; NULL: there is none that can be read */
	struct survey_segment *segments; /* owned; by number */
	size_t segments_len;
	struct survey_totals *totals; /* owned */
	size_t totals_len;
	struct survey_ids ids;
	size_t deadletter_files;
	int64_t segment_bytes, memory_bytes, deadletter_bytes, bytes; /* memory: what survey_memory() looks at */
	int64_t horizon_ms;       /* INT64_MIN: none */
	struct finding *findings; /* owned */
	size_t findings_len, findings_more;
	size_t damages; /* findings that are damage */
	bool is_cut;    /* no memory: not everything was looked at */
};

/* The folders of a state_dir. */
#define SURVEY_JOURNAL     "journal"
#define SURVEY_TOTALS      "totals"
#define SURVEY_IDS         "ids"
#define SURVEY_BOOKINGS    "bookings"
#define SURVEY_ERRANDS     "errands" /* a file, as is: */
#define SURVEY_METERS      "meters"
#define SURVEY_UNSENT      "unsent" /* in each writer's totals */
#define SURVEY_DEADLETTERS "deadletters"

/* is_thorough: totals and id files are read whole; without it their headers. Segments are always read whole:
 * there are few. 0 or -ENOMEM; whatever is wrong with a file is a finding. */
int survey_new(const char *state_dir, bool is_thorough, struct survey **ret);
void survey_free(struct survey *);

bool finding_is_damage(enum finding_kind);

/* ---- for the parts of the survey ---- */

/* A finding to fill in, of the whole file; never NULL. */
struct finding *survey_add(struct survey *, enum finding_kind, const char *file);

struct survey_names {
	char **list; /* owned, sorted */
	size_t n, room;
};
/* What is in a folder; nothing when it is not there. 0 or a negative errno. */
int survey_list(const char *path, struct survey_names *ret);
void survey_names_done(struct survey_names *);
int64_t survey_size(const char *path); /* 0: not there */
/* Notes files that are no data: never finished, or set aside. True: it was one. */
bool survey_is_aside(struct survey *, const char *path);

void survey_segments(struct survey *);
void survey_totals(struct survey *, bool is_thorough);
void survey_ids(struct survey *, bool is_thorough);
/* Bookings, errands, meters, what has been in force, what Redis lacks. */
void survey_memory(struct survey *, bool is_thorough);
void survey_deadletters(struct survey *);
/* Notes a file that cannot be read: damaged as this kind, or unreadable. what: the reader's words; NULL. */
void survey_unread(struct survey *, enum finding_kind, const char *file, int error, const char *what);
void survey_writer(struct survey *);

#endif
