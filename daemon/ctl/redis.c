/* SPDX-License-Identifier: MPL-2.0 */
/* See redis.h: the command, its actions, and waiting for effortd to have done what was asked. */
#include "ctl/redis.h"

#include "base/clock.h"
#include "ctl/action.h"
#include "ctl/answer.h"
#include "ctl/figure.h"
#include "ctl/help.h"
#include "ctl/link.h"
#include "ctl/options.h"
#include "ctl/shares.h"
#include "domain/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WAIT_DEFAULT_S 300
#define WAIT_MAX_S     86400
#define POLL_MS        100

struct wish {
	const char *municipality, *period, *wait;
	bool is_all, is_sure, is_without_others;
	int64_t wait_s;
};

/* ---- check ---- */

static int check(struct ctl *ctl, const struct wish *wish)
{
	enum redis_level level;
	struct reply reply;
	struct page page;
	int r = CTL_OK;

	(void)wish;
	page_init(&page, ctl);
	if (link_ask_ok(ctl, "{\"cmd\":\"redis\"}", &reply) != CTL_OK) {
		/* Monitoring shows what stands on standard output. */
		page_word(&page, W_R_LEVEL_UNKNOWN);
		page_word(&page, W_R_NO_STATE);
		page_line(&page);
		if (!ctl->is_json)
			page_write(&page, stdout);
		page_done(&page);
		return REDIS_UNKNOWN;
	}
	level = redis_judge(&page, ctl, reply.doc);
	if (ctl->is_json)
		r = reply_print(ctl, &reply);
	else if (page_write(&page, stdout) != 0)
		r = ctl_fail_write(ctl);
	page_done(&page);
	reply_done(&reply);
	return r == CTL_OK ? (int)level : REDIS_UNKNOWN;
}

/* ---- waiting ---- */

/* What Redis' numbers were at one moment. */
struct state {
	int64_t probed, gaps, repairs, unwhole, withheld, waiting, repairing;
	bool is_auditing, is_ready;
	const char *withheld_for, *waiting_for; /* of the ctl */
};

static int ask(struct ctl *ctl, struct state *ret)
{
	struct reply reply;
	int r = link_ask_ok(ctl, "{\"cmd\":\"redis\"}", &reply);

	if (r != CTL_OK)
		return r;
	*ret = (struct state){
		answer_int(reply.doc, "probed"),       answer_int(reply.doc, "gaps"),
		answer_int(reply.doc, "repairs"),      answer_int(reply.doc, "unwhole"),
		answer_int(reply.doc, "withheld"),     answer_int(reply.doc, "waiting"),
		answer_int(reply.doc, "repairing"),    answer_is_true(reply.doc, "auditing"),
		strcmp(answer_text(reply.doc, "state"), "ready") == 0,
		"", ""
	};
	if (ret->withheld > 0)
		ret->withheld_for = ctl_note(ctl, "%s", answer_text(reply.doc, "withheld_for"));
	if (ret->waiting > 0)
		ret->waiting_for = ctl_note(ctl, "%s", answer_text(reply.doc, "waiting_for"));
	reply_done(&reply);
	return CTL_OK;
}

static void show_progress(struct ctl *ctl, const struct state *before, const struct state *now)
{
	struct page page;

	if (ctl->is_json || !ctl->is_terminal || isatty(STDERR_FILENO) == 0)
		return;
	page_init(&page, ctl);
	text_puts(&page.text, "\r\033[K");
	page_fill(&page, W_R_PROGRESS, figure_many(ctl, now->probed - before->probed, W_N_PROBES),
		  figure_many(ctl, now->repairing, W_N_PERIODS));
	page_write(&page, stderr);
	page_done(&page);
}

static void end_progress(struct ctl *ctl)
{
	if (!ctl->is_json && ctl->is_terminal && isatty(STDERR_FILENO) != 0)
		fputs("\r\033[K", stderr);
}

/* Until there is nothing to be done any more, or wait_s have passed. */
static int wait_until_done(struct ctl *ctl, int64_t wait_s, const struct state *before, struct state *ret)
{
	const struct timespec pause = { 0, POLL_MS * 1000000L };
	int64_t end_ms = clock_mono_ms() + wait_s * 1000;
	int r;

	for (;;) {
		r = ask(ctl, ret);
		if (r != CTL_OK || (!ret->is_auditing && ret->repairing == 0) || clock_mono_ms() >= end_ms)
			break;
		show_progress(ctl, before, ret);
		nanosleep(&pause, NULL);
	}
	end_progress(ctl);
	return r;
}

static int report(struct ctl *ctl, const struct wish *wish, int64_t periods, const struct state *before,
		  const struct state *now)
{
	bool is_done = !now->is_auditing && now->repairing == 0;
	int64_t gaps = now->gaps - before->gaps, repairs = now->repairs - before->repairs;
	int64_t unwhole = now->unwhole - before->unwhole, withheld = now->withheld - before->withheld;
	/* Just written anew it waits for all others, which bring theirs when they look. */
	int64_t waiting = periods < 0 || wish->is_without_others ? now->waiting : 0;
	bool is_good = is_done && unwhole <= 0 && withheld <= 0 && !(periods < 0 && waiting > 0) &&
		       !(periods == 0 && wish->period != NULL);
	struct page page, piece;
	int r = CTL_OK;

	page_init(&page, ctl);
	page_init(&piece, ctl);
	if (ctl->is_json) {
		text_puts(&page.text, "{");
		text_key_bool(&page.text, "ok", is_good);
		if (periods >= 0)
			text_key_int(&page.text, "periods", periods);
		text_key_int(&page.text, "probed", now->probed - before->probed);
		text_key_int(&page.text, "gaps", gaps);
		text_key_int(&page.text, "repairs", repairs);
		text_key_int(&page.text, "unwhole", unwhole);
		text_key_int(&page.text, "withheld", withheld);
		text_key_int(&page.text, "waiting", now->waiting);
		text_key_int(&page.text, "repairing", now->repairing);
		text_puts(&page.text, "}\n");
	} else {
		const char *waited = figure_duration(ctl, wish->wait_s * 1000);

		if (!is_done)
			page_fill(&piece, now->is_ready ? W_R_NOT_DONE : W_R_NOT_DONE_AWAY, waited,
				  figure_many(ctl, now->repairing, W_N_PERIODS));
		else if (unwhole > 0)
			page_fill(&piece, W_R_UNWHOLE, figure_many(ctl, unwhole, W_N_PERIODS));
		else if (withheld > 0)
			page_fill(&piece, W_R_WITHHELD, figure_many(ctl, withheld, W_N_PERIODS), now->withheld_for);
		else if (waiting > 0)
			page_fill(&piece, W_R_INCOMPLETE, figure_many(ctl, waiting, W_N_PERIODS), now->waiting_for);
		else if (!is_good)
			page_fill(&piece, W_R_NOTHING_THERE, wish->period);
		else if (periods >= 0)
			page_fill(&piece, W_R_REBUILT, figure_many(ctl, periods, W_N_PERIODS));
		else if (gaps == 0)
			page_fill(&piece, W_R_AUDIT_WHOLE,
				  figure_many(ctl, now->probed - before->probed, W_N_PROBES));
		else
			page_fill(&piece, W_R_AUDIT_MENDED,
				  figure_many(ctl, now->probed - before->probed, W_N_PROBES),
				  figure_many(ctl, gaps, W_N_GAPS), figure_count(ctl, repairs));
		page_style(&page, is_good ? STYLE_GOOD : STYLE_BAD);
		page_paragraph(&page, &piece, 0);
		page_style(&page, STYLE_PLAIN);
	}
	if (page_write(&page, stdout) != 0)
		r = ctl_fail_write(ctl);
	page_done(&page);
	page_done(&piece);
	return r != CTL_OK ? r : is_good ? CTL_OK : CTL_REFUSED;
}

/* Asks for work and waits for its end. */
static int have_done(struct ctl *ctl, const struct wish *wish, const char *request, bool has_periods)
{
	struct state before, now;
	struct reply reply;
	int64_t periods = -1;
	int r = ask(ctl, &before);

	if (r != CTL_OK)
		return r;
	r = link_ask_ok(ctl, request, &reply);
	if (r != CTL_OK)
		return r;
	if (has_periods)
		periods = answer_int(reply.doc, "periods");
	reply_done(&reply);
	r = wait_until_done(ctl, wish->wait_s, &before, &now);
	return r != CTL_OK ? r : report(ctl, wish, periods, &before, &now);
}

/* ---- audit, rebuild ---- */

static int audit(struct ctl *ctl, const struct wish *wish)
{
	return have_done(ctl, wish, "{\"cmd\":\"redis-audit\"}", false);
}

static bool is_label(const char *text)
{
	const char *colon = strchr(text, ':');
	int window = colon == NULL ? -1 : window_find(text, (size_t)(colon - text));
	int year = colon == NULL ? 0 : atoi(colon + 1);
	char label[PERIOD_LABEL];

	if (window < 0 || year < 1970 || year > 9999)
		return false;
	/* Weeks of a year begin or end up to three days beside it. */
	for (int32_t day = day_of_date(year, 1, 1) - 3; day < day_of_date(year + 1, 1, 4); day++) {
		period_label(period_of((enum window)window, day), label);
		if (strcmp(label, text) == 0)
			return true;
	}
	return false;
}

static int rebuild(struct ctl *ctl, const struct wish *wish)
{
	const char *place = "", *period = "", *others = wish->is_without_others ? ",\"without_others\":true" : "";
	char code[MUNICIPALITY_CODE];
	int r;

	if (wish->municipality == NULL && wish->period == NULL && !wish->is_all)
		return ctl_fail(ctl, CTL_USAGE, W_R_REBUILD_WHAT, W_NEXT_R_REBUILD, "");
	if (wish->is_all && (wish->municipality != NULL || wish->period != NULL))
		return ctl_fail(ctl, CTL_USAGE, W_R_ALL_ALONE, W_NEXT_R_REBUILD, "");
	if (wish->is_all && !wish->is_sure)
		return ctl_fail(ctl, CTL_USAGE, W_R_NOT_SURE, W_NEXT_R_SURE, "");
	if (wish->period != NULL && !is_label(wish->period))
		return ctl_fail(ctl, CTL_USAGE, W_R_PERIOD_BAD, W_NEXT_LABEL, wish->period);
	if (wish->municipality != NULL) {
		r = municipality_find(ctl, wish->municipality, "year", code);
		if (r != CTL_OK)
			return r;
		place = ctl_note(ctl, ",\"municipality\":\"%s\"", code);
	}
	if (wish->period != NULL)
		period = ctl_note(ctl, ",\"period\":\"%s\"", wish->period);
	return have_done(ctl, wish, ctl_note(ctl, "{\"cmd\":\"redis-rebuild\"%s%s%s}", place, period, others), true);
}

/* ---- the command ---- */

enum { CHECK, AUDIT, REBUILD };

static const char *const names[] = { "check", "audit", "rebuild", NULL };
static const struct actions actions = { "redis", names, W_NEXT_REDIS };
static int (*const runs[])(struct ctl *, const struct wish *) = { check, audit, rebuild };

static int check_wish(struct ctl *ctl, struct wish *wish, size_t action)
{
	const char *option = wish->municipality != NULL ? "--municipality"
			     : wish->period != NULL     ? "--period"
			     : wish->is_all             ? "--all"
			     : wish->is_sure            ? "--yes"
			     : wish->is_without_others  ? "--without-others"
							: NULL;
	char *end;

	if (option != NULL && action != REBUILD)
		return ctl_fail(ctl, CTL_USAGE, W_OPTION_OF, W_NEXT_HELP, option, "redis rebuild");
	wish->wait_s = WAIT_DEFAULT_S;
	if (wish->wait == NULL)
		return CTL_OK;
	wish->wait_s = strtoll(wish->wait, &end, 10);
	if (end == wish->wait || *end != '\0' || wish->wait_s < 0 || wish->wait_s > WAIT_MAX_S)
		return ctl_fail(ctl, CTL_USAGE, W_R_WAIT_BAD, W_NEXT_R_WAIT, wish->wait);
	return CTL_OK;
}

int redis_command(struct ctl *ctl, char **args)
{
	struct wish wish = { NULL, NULL, NULL, false, false, false, 0 };
	const struct option own[] = { { "--municipality", &wish.municipality, NULL },
				      { "--period", &wish.period, NULL },
				      { "--wait", &wish.wait, NULL },
				      { "--all", NULL, &wish.is_all },
				      { "--yes", NULL, &wish.is_sure },
				      { "--without-others", NULL, &wish.is_without_others },
				      { NULL, NULL, NULL } };
	size_t action = 0;
	int r = options_parse(ctl, own, args);

	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "redis");
	r = action_find(ctl, &actions, args, &action);
	if (r == CTL_OK)
		r = check_wish(ctl, &wish, action);
	return r == CTL_OK ? runs[action](ctl, &wish) : r;
}
