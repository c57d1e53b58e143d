/* SPDX-License-Identifier: MPL-2.0 */
/* See resend.h. */
#include "run/resend.h"

#include "base/log.h"
#include "journal/unsent.h"
#include "run/core_inside.h"
#include "run/place.h"
#include "run/renewal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the file --- */

static int find_first(void *ctx, const char *name)
{
	uint64_t *first = ctx, number = segment_number(name);

	if (number != 0 && (*first == 0 || number < *first))
		*first = number;
	return 0;
}

/* What lies between the file and the journal is in neither. */
static int is_next_to_journal(const struct core *core, uint64_t segment, bool *ret)
{
	const struct disk *disk = core->settings.disk;
	uint64_t first = 0;
	int r = disk->list(disk->ctx, core->journal_dir, find_first, &first);

	*ret = first != 0 && first <= segment + 1;
	return r < 0 ? r : 0;
}

static int judge_read(struct core *core, int r, struct error *reterr)
{
	bool is_next = false;

	if (r == -EBADMSG) {
		core->found.damages++;
		LOG(LOG_ERROR, "journal", "what redis lacks was noted in a file that is damaged; it is looked for instead",
		    F_STR("what", reterr->text));
	} else if (r < 0 && r != -ENOENT) {
		return r;
	}
	if (r == 0) {
		r = is_next_to_journal(core, core->unsent->segment, &is_next);
		if (r < 0)
			return error_set(reterr, r, "%s: %s", core->journal_dir, strerror(-r));
	}
	if (is_next)
		return 0;
	if (r == 0)
		LOG(LOG_WARNING, "journal", "segments are gone behind what was folded before redis had it; it is looked for there",
		    F_INT("segment", core->unsent->segment));
	resend_free(core);
	if (r == -ENOENT)
		return 0;
	r = unsent_remove(core->settings.disk, core->totals_dir);
	return r < 0 ? error_set(reterr, r, "%s/unsent: cannot be removed: %s", core->totals_dir, strerror(-r)) : 0;
}

static int forget_former(void *ctx, const char *name)
{
	const struct core *core = ctx;
	char path[TOTALS_PATH_MAX];

	if (strcmp(name, core->identity.writer) == 0)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", core->totals_root, name);
	(void)!unsent_remove(core->settings.disk, path);
	return 0;
}

int resend_read(struct core *core, struct error *reterr)
{
	const struct disk *disk = core->settings.disk;

	/* Under a name we have left it is nobody's: what Redis lacked then went with us. One that stays does no harm. */
	(void)!disk->list(disk->ctx, core->totals_root, forget_former, core);
	core->unsent = calloc(1, sizeof(*core->unsent));
	if (core->unsent == NULL || unsent_init(core->unsent) < 0) {
		resend_free(core);
		return error_set(reterr, -ENOMEM, "out of memory");
	}
	return judge_read(core, unsent_read(core->unsent, core->settings.disk, core->totals_dir, reterr), reterr);
}

void resend_free(struct core *core)
{
	if (core->unsent != NULL)
		unsent_done(core->unsent);
	free(core->unsent);
	core->unsent = NULL;
}

bool resend_place(const struct core *core, const char *code, int dimension, int32_t period, uint64_t *ret)
{
	return core->unsent != NULL && unsent_place(core->unsent, code, dimension, period, ret);
}

bool resend_has(const struct core *core, uint64_t segment)
{
	return core->unsent != NULL && segment <= core->unsent->segment;
}

/* --- the ledger --- */

static void tell_nobody(void *ctx, const struct name_record *record, const struct name_amount *more)
{
	(void)ctx;
	(void)record;
	(void)more;
}

struct taking {
	struct ledger *ledger;
	struct young *apart; /* gains the same; NULL: nothing does */
};

static int on_amount(void *ctx, const char *code, const struct standing_text *text, const struct cell *given,
		     int64_t count, int64_t seconds)
{
	const struct taking *taking = ctx;
	struct ledger *ledger = taking->ledger;
	struct amount amount = { .count = count, .seconds = seconds };
	struct cell cell = *given;
	int municipality = ledger_municipality(ledger, code), standing = place_standing(ledger->standings, text);
	int r;

	if (municipality < 0 || standing < 0)
		return municipality < 0 ? municipality : standing;
	cell.municipality = (uint16_t)municipality;
	cell.standing = (uint16_t)standing;
	amount.cell = cell_pack(&cell);
	r = taking->apart == NULL ? 0 : young_reserve(taking->apart, 1, 0);
	if (r == 0 && taking->apart != NULL)
		young_cell(taking->apart, &amount);
	return r < 0 ? r : tally_add(&ledger->next, amount.cell, count, seconds);
}

/* A name that finds no memory is missing in a list of names, never in a count. */
static int on_name(void *ctx, const char *code, enum dimension dimension, int32_t period, struct effort_str name,
		   const struct name_amount *amount, int64_t last_ms)
{
	const struct taking *taking = ctx;
	struct names *names = taking->ledger->names;
	int municipality = ledger_municipality(taking->ledger, code);
	uint32_t number;

	if (municipality < 0)
		return municipality;
	if (names_add_known(names, (uint16_t)municipality, dimension, period, name, *amount, last_ms, &number) == 0 &&
	    taking->apart != NULL && young_reserve(taking->apart, 0, 1) == 0)
		young_name(taking->apart, names_get(names, number), amount);
	return 0;
}

static int take(struct ledger *ledger, const struct totals *totals, struct young *apart)
{
	struct taking taking = { ledger, apart };
	const struct totals_visit visit = { .ctx = &taking, .on_amount = on_amount, .on_name = on_name };
	int r = totals_visit(totals, &visit);

	/* It is folded: none of it is young. */
	names_cut(ledger->names, tell_nobody, NULL);
	return r;
}

static int take_run(struct core *core, const struct totals *totals, uint64_t behind)
{
	/* Whose it is was not known to earlier versions: before everything. */
	struct young *apart = young_new(core->ledger.names, behind == IDENTITY_UNKNOWN ? 0 : behind + 1);
	int r = apart == NULL ? -ENOMEM : take(&core->ledger, totals, apart);

	if (apart != NULL)
		renewal_keep_apart(core, apart);
	return r;
}

static int take_runs(struct core *core)
{
	const struct unsent *unsent = core->unsent;
	int r = 0;

	for (size_t i = 0; i < unsent->earlier_len && r == 0; i++)
		r = take_run(core, unsent->earlier[i].sums, unsent->earlier[i].behind);
	core->resent_segment = unsent->segment;
	return r < 0 ? r : take_run(core, unsent->next, unsent->behind);
}

/* What was read back of these segments stays young, as long as they are to be folded again. */
static int drop_read_back(struct ledger *ledger, uint64_t segment)
{
	int r = ledger_cut(ledger, segment);

	if (r < 0)
		return r;
	ledger_settle(ledger);
	ledger_freeze(ledger);
	ledger_settle(ledger);
	return 0;
}

int resend_load(struct core *core, uint64_t segment, int64_t now_ms)
{
	struct ledger *ledger = &core->ledger;
	int r = drop_read_back(ledger, segment);

	if (r == 0)
		r = take(ledger, core->unsent->frozen, NULL);
	if (r < 0)
		return r;
	ledger_freeze(ledger);
	r = take_runs(core);
	if (ledger_waits(ledger)) /* of what is frozen the flush knows */
		ledger->oldest_ms = now_ms;
	core->batch = core->unsent->from;
	return r;
}
