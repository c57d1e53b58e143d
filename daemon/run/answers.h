/* SPDX-License-Identifier: MPL-2.0 */
/* What the parts of the control socket's side share. */
#ifndef RUN_ANSWERS_H
#define RUN_ANSWERS_H

#include "base/text.h"
#include "run/effortd.h"

#include <jansson.h>

#define ANSWER_MAX (16 * 1024 * 1024)

void answer_begin(struct text *); /* {"ok":true; the caller adds members and the closing brace */
/* Sends and frees the text. */
void answer_send(struct effortd *, uint64_t id, struct text *);

/* Why nothing is answered: the word a program reads, and what people read who ask without effortctl (which has its own
 * words for them, in both languages: ctl/refusal.c). */
enum refusal {
#define REFUSAL(name, word, error, hint) name,
#include "run/refusals.def"
#undef REFUSAL
	REFUSALS
};

/* {"ok":false,"code":..,"error":..,"hint":..[,"detail":..]}. detail: what the hint ends with, or NULL. */
void answer_refuse(struct effortd *, uint64_t id, enum refusal, const char *detail);
/* There is no such counting period; those there are. */
void answer_refuse_counting(struct effortd *, uint64_t id);

/* What a municipality, or dk, is called; NULL: it is not configured. This and what follows are answers_asked.c. */
const char *answer_municipality_name(const struct effortd *, const char *code);

/* Municipalities as they are configured when a request comes: it reads Redis for one after the other, and a reload may come
 * in between. */
struct answer_codes {
	size_t n;
	char list[][8];
};

/* only: this one (dk, too); NULL or "": all. free() it. NULL: no memory. */
struct answer_codes *answer_codes_new(const struct effortd *, const char *only);

#define ASKED_LABEL (COUNTING_LABEL > PERIOD_LABEL ? COUNTING_LABEL : PERIOD_LABEL)

/* A period that was asked for. */
struct asked_period {
	int32_t first, end;
	char label[ASKED_LABEL];
	struct period period;		 /* of the calendar, where counting is NULL */
	const struct counting *counting; /* borrowed from the snapshot */
};

/* The one of a label, or without one that of a window which is running now. False: refused. */
bool answer_find_period(struct effortd *, uint64_t id, const char *window, const char *label, struct asked_period *ret);
/* title, first and last of a counting period, which its label does not tell; of NULL nothing. */
void answer_put_counting(struct text *, const struct counting *);

/* Journal, ids, dead letters and why reading is paused, as members of status (answers_core.c). */
void answer_put_core(struct effortd *, struct text *);
/* {"cmd":"redis"}, {"cmd":"redis-audit"}, {"cmd":"redis-rebuild",...} (answers_core.c); the forms are described in
 * ctl/redis.h. */
void answer_redis(struct effortd *, uint64_t id, json_t *request);
void answer_redis_audit(struct effortd *, uint64_t id, json_t *request);
void answer_redis_rebuild(struct effortd *, uint64_t id, json_t *request);

/* {"cmd":"shares",...} (shares.c). */
void answer_shares(struct effortd *, uint64_t id, json_t *request);
/* {"cmd":"efforts"[,"municipality":CODE][,"area":ID][,"id":ID]} (answers_efforts.c). */
void answer_efforts(struct effortd *, uint64_t id, json_t *request);

/* {"cmd":"targets",...} (answers_targets.c). */
void answer_targets(struct effortd *, uint64_t id, json_t *request);
/* {"cmd":"measures",...} (answers_measures.c). */
void answer_measures(struct effortd *, uint64_t id, json_t *request);
/* The same by unit, portal, handled_by or source. head: the begun answer; taken over (answers_names.c). */
void answer_names(struct effortd *, uint64_t id, const char *by, const char *code, struct period, struct text *head);

/* {"cmd":"compare","scope":..,"label":..,"tasks":true[,"municipality":..]} (answers_compare.c): label is a window or a label;
 * answered with scope, task_names, peers and municipalities, each with code, name, sums (of the scope), hash (what
 * stands once in it) and, when asked for, tasks: {"<area>/<task>":[n,self,assisted,digital]}. */
void answer_compare(struct effortd *, uint64_t id, json_t *request);
/* Danish and English name of a scope ("all", "school", "group:target", "school/enrolment"); false: there is no such scope. */
bool answer_find_scope(const struct effortd *, const char *scope, const char **ret_da, const char **ret_en);

#endif
