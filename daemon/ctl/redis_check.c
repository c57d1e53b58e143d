/* SPDX-License-Identifier: MPL-2.0 */
/* See redis.h: one answer, judged and told. */
#include "ctl/redis.h"

#include "ctl/answer.h"
#include "ctl/figure.h"

#include <string.h>

#define LABEL          15
#define LAG_WARNING_S  10.0
#define LAG_CRITICAL_S 60.0
#define LAG_REFUSED_S  1.0 /* with an error of Redis: it is there and takes nothing */

static const char *count(struct ctl *ctl, const json_t *doc, const char *name)
{
	return figure_count(ctl, answer_int(doc, name));
}

static const char *many(struct ctl *ctl, const json_t *doc, const char *name, enum word noun)
{
	return figure_many(ctl, answer_int(doc, name), noun);
}

static double lag_s(const json_t *doc)
{
	return json_number_value(json_object_get(doc, "lag_s"));
}

static bool is_ready(const json_t *doc)
{
	return strcmp(answer_text(doc, "state"), "ready") == 0;
}

static bool is_late(const json_t *doc)
{
	return lag_s(doc) >= LAG_WARNING_S ||
	       (lag_s(doc) >= LAG_REFUSED_S && answer_text(doc, "error")[0] != '\0');
}

/* What Redis loses of it does not come back, or not all of it. */
static bool has_lost_totals(const json_t *doc)
{
	return answer_int(doc, "set_aside") > 0 || answer_int(doc, "unwhole") > 0;
}

static enum redis_level level_of(const json_t *doc)
{
	if (answer_text(doc, "state")[0] == '\0')
		return REDIS_UNKNOWN;
	if (!is_ready(doc) || lag_s(doc) >= LAG_CRITICAL_S)
		return REDIS_CRITICAL;
	if (is_late(doc) || answer_int(doc, "repairing") > 0 || answer_int(doc, "waiting") > 0 || has_lost_totals(doc) ||
	    json_array_size(answer_array(doc, "advice")) > 0)
		return REDIS_WARNING;
	return REDIS_FINE;
}

/* The worst thing, in one line. */
static void headline(struct page *piece, struct ctl *ctl, const json_t *doc)
{
	const char *error = answer_text(doc, "error");
	const char *lag = figure_decimal(ctl, ctl_note(ctl, "%.1f", lag_s(doc)));

	if (answer_text(doc, "state")[0] == '\0')
		page_word(piece, W_R_NO_STATE);
	else if (!is_ready(doc))
		page_fill(piece, W_R_AWAY, answer_redis_state(ctl, doc), answer_text(doc, "address"),
			  error[0] == '\0' ? word_text(W_NO_REASON, ctl->is_danish) : error);
	else if (answer_int(doc, "repairing") > 0)
		page_fill(piece, W_R_REPAIRING, many(ctl, doc, "repairing", W_N_PERIODS), lag);
	else if (is_late(doc))
		page_fill(piece, W_R_LATE, lag,
			  error[0] == '\0' ? word_text(W_NO_REASON, ctl->is_danish) : error);
	else if (answer_int(doc, "waiting") > 0)
		page_fill(piece, W_R_WAIT, many(ctl, doc, "waiting", W_N_PERIODS), lag);
	else if (has_lost_totals(doc))
		page_word(piece, W_R_LOST_TOTALS);
	else if (json_array_size(answer_array(doc, "advice")) > 0)
		page_word(piece, W_R_ADVICE);
	else
		page_fill(piece, W_R_FINE, lag);
}

static void line(struct page *page, enum word label, enum style style, struct page *piece)
{
	page_style(page, STYLE_STRONG);
	page_column(page, word_text(label, page->ctl->is_danish), LABEL);
	page_style(page, style);
	page_paragraph(page, piece, LABEL);
	page_style(page, STYLE_PLAIN);
}

/* effortd says it in English; in Danish by its kind, where that is known here. */
static const char *advice_text(struct ctl *ctl, const json_t *doc, size_t i)
{
	static const struct {
		const char *kind;
		enum word word;
	} kinds[] = { { "eviction", W_R_EVICTION },
		      { "persistence", W_R_PERSISTENCE },
		      { "encoding", W_R_ENCODING } };
	const char *kind = json_string_value(json_array_get(answer_array(doc, "advice_kinds"), i));
	const char *text = json_string_value(json_array_get(answer_array(doc, "advice"), i));

	for (size_t k = 0; ctl->is_danish && kind != NULL && k < sizeof kinds / sizeof kinds[0]; k++)
		if (strcmp(kinds[k].kind, kind) == 0)
			return word_text(kinds[k].word, true);
	return text == NULL ? "?" : text;
}

static void details(struct page *page, struct page *piece, struct ctl *ctl, const json_t *doc)
{
	page_fill(piece, W_R_SERVER_IS, answer_text(doc, "version"), answer_text(doc, "address"));
	line(page, W_ST_REDIS, STYLE_PLAIN, piece);
	page_fill(piece, W_R_WRITER_IS, answer_text(doc, "writer"),
		  ctl_note(ctl, "%lld", (long long)answer_int(doc, "position")));
	line(page, W_R_WRITER, STYLE_PLAIN, piece);
	page_fill(piece, W_R_PERIODS_ARE, many(ctl, doc, "periods", W_N_PERIODS),
		  many(ctl, doc, "probed", W_N_PROBES), many(ctl, doc, "gaps", W_N_GAPS),
		  count(ctl, doc, "repairs"));
	if (answer_is_true(doc, "auditing"))
		page_word(piece, W_R_AUDITING);
	line(page, W_R_PERIODS, STYLE_PLAIN, piece);
	if (answer_int(doc, "waiting") > 0) {
		page_fill(piece, W_R_WAITING_FOR, many(ctl, doc, "waiting", W_N_PERIODS), answer_text(doc, "waiting_for"));
		line(page, W_R_WAITING_LABEL, STYLE_WARN, piece);
	}
	if (has_lost_totals(doc)) {
		page_fill(piece, W_R_TOTALS_ARE, many(ctl, doc, "set_aside", W_N_TOTALS), many(ctl, doc, "unwhole", W_N_PERIODS));
		line(page, W_R_TOTALS, STYLE_WARN, piece);
	}
	for (size_t i = 0; i < json_array_size(answer_array(doc, "advice")); i++) {
		page_add(piece, advice_text(ctl, doc, i));
		line(page, W_R_ADVICE_LABEL, STYLE_WARN, piece);
	}
}

enum redis_level redis_judge(struct page *page, struct ctl *ctl, const json_t *doc)
{
	static const enum word levels[] = { W_R_LEVEL_FINE, W_R_LEVEL_WARNING, W_R_LEVEL_CRITICAL,
					    W_R_LEVEL_UNKNOWN };
	static const enum style styles[] = { STYLE_GOOD, STYLE_WARN, STYLE_BAD, STYLE_BAD };
	enum redis_level level = level_of(doc);
	struct page piece;

	page_init(&piece, ctl);
	page_word(&piece, levels[level]);
	headline(&piece, ctl, doc);
	page_style(page, styles[level]);
	page_paragraph(page, &piece, 2);
	page_style(page, STYLE_PLAIN);
	details(page, &piece, ctl, doc);
	page_done(&piece);
	return level;
}
