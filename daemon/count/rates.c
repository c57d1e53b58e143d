/* SPDX-License-Identifier: MPL-2.0 */
/* See rates.h. One walk over the cells of a picture. */
#include "count/rates.h"

#include "base/str.h"
#include "count/measure.h"
#include "domain/share.h"
#include "event/vocab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_S 3600

void rates_init(struct rates *rates)
{
	memset(rates, 0, sizeof(*rates));
	strcpy(rates->scopes[0].name, "all");
	rates->n = 1;
}

/* The scope of an area; 0 for one that finds no room: it is in "all" only. */
static size_t scope_of(struct rates *rates, struct effort_str area)
{
	size_t i = 1;

	while (i < rates->n && !effort_equals(area, rates->scopes[i].name))
		i++;
	if (i < rates->n || area.len > AREA_NAME_MAX || rates->n == RATES_SCOPES_MAX)
		return i < rates->n ? i : 0;
	memcpy(rates->scopes[i].name, area.ptr, area.len);
	rates->n++;
	return i;
}

static void add(struct rates *rates, size_t scope, enum rate_sum sum, int64_t amount)
{
	rates->scopes[0].sums[sum] += amount;
	if (scope != 0)
		rates->scopes[scope].sums[sum] += amount;
}

/* --- cells --- */

struct cell_parts {
	struct effort_str family, area, channel, last;
};

/* "<family>:<area>/<task>/<channel>/<last>" */
static bool take_apart(struct effort_str field, struct cell_parts *ret)
{
	const char *colon = memchr(field.ptr, ':', field.len), *end = field.ptr + field.len, *slash[3];
	size_t n = 0;

	if (colon == NULL)
		return false;
	for (const char *at = colon + 1; at < end; at++)
		if (*at == '/' && n++ < 3)
			slash[n - 1] = at;
	if (n != 3)
		return false;
	ret->family = (struct effort_str){ field.ptr, (size_t)(colon - field.ptr) };
	ret->area = (struct effort_str){ colon + 1, (size_t)(slash[0] - colon - 1) };
	ret->channel = (struct effort_str){ slash[1] + 1, (size_t)(slash[2] - slash[1] - 1) };
	ret->last = (struct effort_str){ slash[2] + 1, (size_t)(end - slash[2] - 1) };
	return true;
}

static bool is_desk(const struct cell_parts *cell)
{
	return effort_equals(cell->channel, vocab_channel[EFFORT_PHONE]) ||
	       effort_equals(cell->channel, vocab_channel[EFFORT_COUNTER]);
}

/* Contacts that did not end well are not handled. */
static void add_lost(struct rates *rates, const struct cell_parts *cell, enum rate_sum sum, int64_t amount)
{
	size_t scope = scope_of(rates, cell->area);

	add(rates, scope, sum, amount);
	if (is_desk(cell))
		add(rates, scope, RATE_HANDLED, -amount);
}

static void add_post(struct rates *rates, const struct cell_parts *cell, int64_t amount)
{
	int form = vocab_find(vocab_form, 4, cell->last);
	size_t scope = scope_of(rates, cell->area);

	if (form == EFFORT_FORM_NONE && effort_equals(cell->channel, vocab_channel[EFFORT_DIGITALPOST]))
		form = EFFORT_FORM_DIGITAL;
	if (form == EFFORT_FORM_NONE && effort_equals(cell->channel, vocab_channel[EFFORT_LETTER]))
		form = EFFORT_FORM_PHYSICAL;
	if (form == EFFORT_FORM_DIGITAL)
		add(rates, scope, RATE_OUT_DIGITAL, amount);
	else if (form == EFFORT_FORM_REMOTEPRINT)
		add(rates, scope, RATE_OUT_REMOTEPRINT, amount);
	else if (form == EFFORT_FORM_PHYSICAL)
		add(rates, scope, RATE_OUT_PHYSICAL, amount);
}

/* Areas are found here too: every contact has a cell n:. */
static void add_work(struct rates *rates, const struct cell_parts *cell, int64_t amount)
{
	int channel = vocab_find(vocab_channel, EFFORT_CHANNELS, cell->channel);
	bool is_lost = effort_equals(cell->family, "abandoned") || effort_equals(cell->family, "no_show");

	if (channel >= 0 && (is_lost || effort_equals(cell->family, "n")))
		add(rates, scope_of(rates, cell->area), RATE_WORK + channel, is_lost ? -amount : amount);
}

static void add_self_hours(struct rates *rates, const struct cell_parts *cell, int64_t amount)
{
	if (!effort_equals(cell->channel, vocab_channel[EFFORT_SELFSERVICE]))
		return;
	if (effort_equals(cell->family, "open"))
		add(rates, scope_of(rates, cell->area), RATE_SELF_OPEN, amount);
	else if (effort_equals(cell->family, "closed"))
		add(rates, scope_of(rates, cell->area), RATE_SELF_CLOSED, amount);
}

static int on_cell(void *ctx, struct effort_str field, int64_t amount)
{
	static const struct {
		const char *family;
		enum rate_sum sum;
	} lost[] = { { "misdirected", RATE_MISDIRECTED }, { "abandoned", RATE_ABANDONED }, { "rejected", RATE_REJECTED },
		     { "no_show", RATE_NO_SHOW } },
	  plain[] = { { "seconds", RATE_SECONDS }, { "internal", RATE_INTERNAL }, { "ignored", RATE_IGNORED },
		      { "open", RATE_OPEN }, { "closed", RATE_CLOSED } };
	struct rates *rates = ctx;
	struct cell_parts cell;

	if (!take_apart(field, &cell))
		return 0;
	if (effort_equals(cell.family, "n") && is_desk(&cell))
		add(rates, scope_of(rates, cell.area), RATE_HANDLED, amount);
	else if (effort_equals(cell.family, "forwarded") && is_desk(&cell))
		add(rates, scope_of(rates, cell.area), RATE_FORWARDED, amount);
	else if (effort_equals(cell.family, "out"))
		add_post(rates, &cell, amount);
	for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++)
		if (effort_equals(cell.family, lost[i].family))
			add_lost(rates, &cell, lost[i].sum, amount);
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (effort_equals(cell.family, plain[i].family))
			add(rates, scope_of(rates, cell.area), plain[i].sum, amount);
	add_work(rates, &cell, amount);
	add_self_hours(rates, &cell, amount);
	return 0;
}

/* --- sums --- */

static void add_sums(struct rates *rates, const struct picture *picture)
{
	static const struct {
		const char *name;
		enum rate_sum sum;
	} sums[] = { { "contacts", RATE_CONTACTS }, { "information", RATE_INFORMATION }, { "case", RATE_CASE }, { "n", RATE_N },
		     { "self", RATE_SELF },	    { "assisted", RATE_ASSISTED },	 { "exempt", RATE_EXEMPT },
		     { "ch.counter", RATE_COUNTER } };

	for (size_t scope = 0; scope < rates->n; scope++)
		for (size_t i = 0; i < sizeof(sums) / sizeof(*sums); i++)
			rates->scopes[scope].sums[sums[i].sum] +=
				picture_sum(picture, rates->scopes[scope].name, sums[i].name);
}

void rates_add(struct rates *rates, const struct picture *picture)
{
	struct rates one;

	rates_init(&one);
	picture_scan(picture, "", on_cell, &one);
	apart_add(&one.apart, picture);
	add_sums(&one, picture);
	rates_add_rates(rates, &one);
}

void rates_add_rates(struct rates *rates, const struct rates *more)
{
	apart_add_apart(&rates->apart, &more->apart);
	for (size_t i = 0; i < more->n; i++) {
		size_t scope = i == 0 ? 0 : scope_of(rates, str_of(more->scopes[i].name));

		for (int sum = 0; sum < RATE_SUMS && (scope > 0 || i == 0); sum++)
			rates->scopes[scope].sums[sum] += more->scopes[i].sums[sum];
	}
}

/* --- fields --- */

struct giving {
	const char *scope;
	void (*on_rate)(void *ctx, const char *name, enum rate_form, int64_t value);
	void *ctx;
};

static void give(const struct giving *g, const char *name, enum rate_form form, int64_t value)
{
	char field[AREA_NAME_MAX + 64];

	snprintf(field, sizeof(field), "%s.%s", g->scope, name);
	g->on_rate(g->ctx, field, form, value);
}

static void give_percent(const struct giving *g, const char *name, int64_t part, int64_t n)
{
	struct measured m = { true, part, n, 0 };

	if (n > 0)
		give(g, name, RATE_PERCENT, measured_basis_points(&m, -1));
}

/* Contacts whose opening hours are not known are neither in nor out. */
static void give_hours(const struct giving *g, const int64_t *v)
{
	if (v[RATE_OPEN] + v[RATE_CLOSED] == 0)
		return;
	give(g, "hours_known", RATE_NUMBER, v[RATE_OPEN] + v[RATE_CLOSED]);
	give(g, "outside_hours", RATE_NUMBER, v[RATE_CLOSED]);
	give_percent(g, "outside_hours_share", v[RATE_CLOSED], v[RATE_OPEN] + v[RATE_CLOSED]);
	give_percent(g, "outside_hours_selfservice_share", v[RATE_SELF_CLOSED], v[RATE_SELF_OPEN] + v[RATE_SELF_CLOSED]);
}

static void give_scope(const struct giving *g, const int64_t *v)
{
	static const struct {
		const char *name;
		enum rate_sum sum;
	} counts[] = { { "contacts", RATE_CONTACTS }, { "information", RATE_INFORMATION }, { "case", RATE_CASE },
		       { "n", RATE_N }, { "exempt", RATE_EXEMPT }, { "handled", RATE_HANDLED }, { "forwarded", RATE_FORWARDED },
		       { "misdirected", RATE_MISDIRECTED }, { "abandoned", RATE_ABANDONED }, { "rejected", RATE_REJECTED },
		       { "no_show", RATE_NO_SHOW }, { "out_digital", RATE_OUT_DIGITAL },
		       { "out_remoteprint", RATE_OUT_REMOTEPRINT }, { "out_physical", RATE_OUT_PHYSICAL },
		       { "internal", RATE_INTERNAL }, { "ignored", RATE_IGNORED } };
	int64_t out = v[RATE_OUT_DIGITAL] + v[RATE_OUT_REMOTEPRINT] + v[RATE_OUT_PHYSICAL];

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		give(g, counts[i].name, RATE_NUMBER, v[counts[i].sum]);
	give_percent(g, "first_contact_resolution", v[RATE_HANDLED] - v[RATE_FORWARDED], v[RATE_HANDLED]);
	give_percent(g, "forward_rate", v[RATE_FORWARDED], v[RATE_HANDLED]);
	give_percent(g, "assistance_rate", v[RATE_ASSISTED], v[RATE_SELF] + v[RATE_ASSISTED]);
	give_percent(g, "in_person", v[RATE_COUNTER], v[RATE_N]);
	give_percent(g, "information_share", v[RATE_INFORMATION], v[RATE_CONTACTS]);
	give_percent(g, "case_share", v[RATE_CASE], v[RATE_CONTACTS]);
	give_percent(g, "exempt_share", v[RATE_EXEMPT], v[RATE_N]);
	give_percent(g, "outgoing_digital", v[RATE_OUT_DIGITAL], out);
	give_hours(g, v);
	if (v[RATE_SECONDS] > 0)
		give(g, "hours", RATE_HOURS, v[RATE_SECONDS] / HOUR_S * 100 + (v[RATE_SECONDS] % HOUR_S * 100 + HOUR_S / 2) / HOUR_S);
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const char *const *)a), (*(const char *const *)b));
}

/* Numbers of the scopes but [0] in the order of their names. */
static size_t sort_scopes(const struct rates *rates, size_t ret[RATES_SCOPES_MAX])
{
	const char *names[RATES_SCOPES_MAX];
	size_t n = rates->n - 1;

	for (size_t i = 0; i < n; i++)
		names[i] = rates->scopes[i + 1].name;
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++)
		for (size_t scope = 1; scope < rates->n; scope++)
			if (names[i] == rates->scopes[scope].name)
				ret[i] = scope;
	return n;
}

static int64_t unclassified_contacts(const struct rates *rates)
{
	for (size_t i = 1; i < rates->n; i++)
		if (strcmp(rates->scopes[i].name, "unclassified") == 0)
			return rates->scopes[i].sums[RATE_CONTACTS];
	return 0;
}

/* One measurement beside the others of its scope. */
static void give_method(const struct giving *g, const struct apart_sum *sum)
{
	char scope[AREA_NAME_MAX + sizeof(".method.") + APART_METHOD_MAX];
	struct giving method = { scope, g->on_rate, g->ctx };

	snprintf(scope, sizeof(scope), "%s.method.%s", sum->scope, sum->method);
	give(&method, "n", RATE_NUMBER, sum->n);
	give(&method, "self", RATE_NUMBER, sum->self);
	give(&method, "assisted", RATE_NUMBER, sum->assisted);
	give(&method, "other", RATE_NUMBER, sum->other);
	give_percent(&method, "share", sum->self, sum->n);
	give_percent(&method, "share_incl_assisted", sum->self + sum->assisted, sum->n);
}

/* What the shares are made of, as one measurement among the others. */
static struct apart_sum shares_of(const struct rates *rates, const char *scope)
{
	struct apart_sum sum = { .method = "shares" };

	strcpy(sum.scope, scope);
	for (size_t i = 0; i < rates->n; i++) {
		const int64_t *v = rates->scopes[i].sums;

		if (strcmp(rates->scopes[i].name, scope) != 0)
			continue;
		sum.n = v[RATE_N];
		sum.self = v[RATE_SELF];
		sum.assisted = v[RATE_ASSISTED];
		sum.other = v[RATE_CONTACTS] - v[RATE_N];
	}
	return sum;
}

static void give_methods(const struct giving *g, const struct rates *rates)
{
	struct apart apart = rates->apart;

	apart_sort(&apart);
	for (size_t i = 0; i < apart.n; i++) {
		if (i == 0 || strcmp(apart.list[i].scope, apart.list[i - 1].scope) != 0) {
			struct apart_sum shares = shares_of(rates, apart.list[i].scope);

			give_method(g, &shares);
		}
		give_method(g, &apart.list[i]);
	}
}

void rates_each(const struct rates *rates,
		void (*on_rate)(void *ctx, const char *name, enum rate_form, int64_t value), void *ctx)
{
	size_t order[RATES_SCOPES_MAX], n = sort_scopes(rates, order);
	struct giving g = { "all", on_rate, ctx };

	give_scope(&g, rates->scopes[0].sums);
	give_percent(&g, "unclassified_share", unclassified_contacts(rates), rates->scopes[0].sums[RATE_CONTACTS]);
	for (size_t i = 0; i < n; i++) {
		g.scope = rates->scopes[order[i]].name;
		give_scope(&g, rates->scopes[order[i]].sums);
	}
	give_methods(&g, rates);
}

/* --- with reference data --- */

static int64_t rounded(int64_t part, int64_t n)
{
	return part / n + (part % n * 2 >= n);
}

/* Contacts per 1,000, in hundredths. */
static void give_per_1000(const struct giving *g, const char *name, int64_t contacts, int64_t persons)
{
	int64_t part;

	if (!__builtin_mul_overflow(contacts, 100000, &part))
		give(g, name, RATE_DECIMAL, rounded(part, persons));
}

static bool add_product(int64_t *sum, int64_t a, int64_t b)
{
	int64_t product;

	return !__builtin_mul_overflow(a, b, &product) && !__builtin_add_overflow(*sum, product, sum);
}

/* What is configured for some channels only is said to be of their contacts only. */
static void give_work(const struct giving *g, const int64_t *v, const struct reference *reference, int32_t day)
{
	int64_t minutes = 0, timed = 0, ore = 0, priced = 0;

	for (int channel = 0; channel < EFFORT_CHANNELS; channel++) {
		const struct reference_cost *cost = reference_cost(reference, channel, day);
		int64_t contacts = v[RATE_WORK + channel];

		if (cost == NULL)
			continue;
		timed += cost->has_minutes ? contacts : 0;
		priced += cost->has_price ? contacts : 0;
		if (!add_product(&minutes, contacts, cost->minutes) || !add_product(&ore, contacts, cost->ore))
			return;
	}
	if (timed > 0) {
		give(g, "work_contacts", RATE_NUMBER, timed);
		give(g, "work_hours", RATE_HOURS, rounded(minutes, 60));
	}
	if (priced > 0) {
		give(g, "cost_contacts", RATE_NUMBER, priced);
		give(g, "cost_kroner", RATE_KRONER, ore);
	}
}

void rates_each_reference(const struct rates *rates, const struct reference *reference, int32_t day,
			  void (*on_rate)(void *ctx, const char *name, enum rate_form, int64_t value), void *ctx)
{
	size_t order[RATES_SCOPES_MAX], n = sort_scopes(rates, order);
	int64_t inhabitants = 0, children = 0;
	bool has_inhabitants = reference_number(reference, REFERENCE_INHABITANTS, day, &inhabitants);
	bool has_children = reference_number(reference, REFERENCE_CHILDREN, day, &children);
	struct giving g = { "all", on_rate, ctx };

	if (has_inhabitants)
		give(&g, "inhabitants", RATE_NUMBER, inhabitants);
	if (has_children)
		give(&g, "children", RATE_NUMBER, children);
	for (size_t i = 0; i <= n; i++) {
		const int64_t *v = rates->scopes[i == 0 ? 0 : order[i - 1]].sums;

		g.scope = i == 0 ? "all" : rates->scopes[order[i - 1]].name;
		if (has_inhabitants)
			give_per_1000(&g, "contacts_per_1000", v[RATE_CONTACTS], inhabitants);
		if (has_children && strcmp(g.scope, "daycare") == 0)
			give_per_1000(&g, "contacts_per_1000_children", v[RATE_CONTACTS], children);
		give_work(&g, v, reference, day);
	}
}
