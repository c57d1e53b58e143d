/* SPDX-License-Identifier: MPL-2.0 */
/* See measure.h. What sums can tell is taken from sums; what only cells can tell (resolution, outgoing post,
 * one channel's contacts of all kinds) is added up from the cells of the scope. */
#include "count/measure.h"

#include "base/str.h"
#include "domain/share.h"
#include "event/vocab.h"

#include <stdio.h>
#include <string.h>

#define PERCENT_100 10000

/* --- cells --- */

/* "<family>:<area>/<task>/<channel>/<last>" taken apart; all borrowed from the field. */
struct cell_name {
	struct effort_str task, channel, last; /* task: "<area>/<task>" */
};

static bool cell_name(struct effort_str field, struct cell_name *ret)
{
	const char *colon = memchr(field.ptr, ':', field.len);
	const char *end = field.ptr + field.len, *slash[3];
	size_t n = 0;

	if (colon == NULL)
		return false;
	for (const char *at = colon + 1; at < end; at++) {
		if (*at != '/')
			continue;
		if (n == 3)
			return false;
		slash[n++] = at;
	}
	if (n < 3)
		return false;
	ret->task = (struct effort_str){ colon + 1, (size_t)(slash[1] - colon - 1) };
	ret->channel = (struct effort_str){ slash[1] + 1, (size_t)(slash[2] - slash[1] - 1) };
	ret->last = (struct effort_str){ slash[2] + 1, (size_t)(end - slash[2] - 1) };
	return true;
}

static bool is_group(const struct measure_scope *scope)
{
	return strncmp(scope->scope, "group:", 6) == 0;
}

static bool is_in_scope(const struct measure_scope *scope, struct effort_str task)
{
	size_t len = strlen(scope->scope);

	if (is_group(scope)) {
		for (size_t i = 0; i < scope->tasks_len; i++)
			if (str_same(task, str_of(scope->tasks[i])))
				return true;
		return false;
	}
	if (strcmp(scope->scope, "all") == 0)
		return true;
	return task.len >= len && memcmp(task.ptr, scope->scope, len) == 0 &&
	       (task.len == len || task.ptr[len] == '/');
}

/* Cells of one family in a scope, of some channels (bit: enum effort_channel) and with one last word (a kind or a
 * form; NULL: any), added up. */
struct adding {
	const struct measure_scope *scope;
	uint32_t channels;
	const char *last;
	int64_t sum;
};

#define ANY_CHANNEL (~UINT32_C(0))
#define CHANNEL_BIT(channel) (UINT32_C(1) << (channel))

static int add_cell(void *ctx, struct effort_str field, int64_t amount)
{
	struct adding *adding = ctx;
	struct cell_name name;
	int channel;

	if (!cell_name(field, &name) || !is_in_scope(adding->scope, name.task))
		return 0;
	channel = vocab_find(vocab_channel, EFFORT_CHANNELS, name.channel);
	if (channel < 0 || (adding->channels & CHANNEL_BIT(channel)) == 0)
		return 0;
	if (adding->last != NULL && !str_same(name.last, str_of(adding->last)))
		return 0;
	adding->sum += amount;
	return 0;
}

static int64_t cells(const struct picture *picture, const struct measure_scope *scope, const char *family,
		     uint32_t channels, const char *last)
{
	struct adding adding = { scope, channels, last, 0 };

	picture_scan(picture, family, add_cell, &adding);
	return adding.sum;
}

/* Cells of a group can only be found by its tasks. */
static bool has_cells(const struct measure_scope *scope)
{
	return !is_group(scope) || scope->tasks_len > 0;
}

/* The channel a measure is taken of, as a bit; otherwise when none is named. */
static uint32_t channel_or(const struct measure_scope *scope, uint32_t otherwise)
{
	int channel = scope->channel == NULL ?
			      -1 :
			      vocab_find(vocab_channel, EFFORT_CHANNELS, str_of(scope->channel));

	return channel < 0 ? otherwise : CHANNEL_BIT(channel);
}

/* --- measures --- */

static int64_t sum(const struct picture *picture, const struct measure_scope *scope, enum sum name)
{
	return picture_sum(picture, scope->scope, sum_name[name]);
}

static int64_t channel_n(const struct picture *picture, const struct measure_scope *scope, const char *channel)
{
	char name[32];

	snprintf(name, sizeof(name), "ch.%s", channel);
	return picture_sum(picture, scope->scope, name);
}

static struct measured share(int64_t part, int64_t n)
{
	return (struct measured){ .has_value = n > 0, .part = part, .n = n };
}

/* The main target is measured on what stood under it when it was counted, not on what the group has today. */
static struct measured selfservice(const struct measure_scope *scope, const struct picture *picture)
{
	struct measured m;

	if (strcmp(scope->scope, "group:target") != 0)
		return share(sum(picture, scope, SUM_SELF), sum(picture, scope, SUM_N));
	m = share(picture_sum(picture, "all", sum_name[SUM_TARGET_SELF]),
		  picture_sum(picture, "all", sum_name[SUM_TARGET_N]));
	m.movable = picture_sum(picture, "all", sum_name[SUM_MOVABLE]);
	return m;
}

/* Contacts that were completed or forwarded. */
static int64_t ended_well(const struct picture *picture, const struct measure_scope *scope, uint32_t channels,
			  const char *kind)
{
	static const char *const lost[] = { "misdirected:", "abandoned:", "rejected:", "no_show:" };
	int64_t well = cells(picture, scope, "n:", channels, kind);

	for (size_t i = 0; i < sizeof(lost) / sizeof(*lost); i++)
		well -= cells(picture, scope, lost[i], channels, kind);
	return well;
}

static struct measured first_contact(const struct measure_scope *scope, const struct picture *picture)
{
	uint32_t channels = channel_or(scope, CHANNEL_BIT(EFFORT_PHONE) | CHANNEL_BIT(EFFORT_COUNTER));
	int64_t handled;

	if (!has_cells(scope))
		return (struct measured){ 0 };
	handled = ended_well(picture, scope, channels, NULL);
	return share(handled - cells(picture, scope, "forwarded:", channels, NULL), handled);
}

/* Letters and Digital Post are post whatever is said of their form, other channels when a form is given: calls
 * and text messages that went out are not letters. Remote print ends as paper. */
static struct measured outgoing(const struct measure_scope *scope, const struct picture *picture)
{
	const char *none = vocab_form[EFFORT_FORM_NONE], *digital = vocab_form[EFFORT_FORM_DIGITAL];
	const uint32_t mailbox = CHANNEL_BIT(EFFORT_DIGITALPOST);
	int64_t part, n;

	if (!has_cells(scope))
		return (struct measured){ 0 };
	part = cells(picture, scope, "out:", ANY_CHANNEL, digital) +
	       cells(picture, scope, "out:", mailbox, none);
	n = cells(picture, scope, "out:", ANY_CHANNEL, NULL) -
	    cells(picture, scope, "out:", ANY_CHANNEL & ~mailbox & ~CHANNEL_BIT(EFFORT_LETTER), none);
	return share(part, n);
}

/* What of a channel's contacts stands in n, by cells: tasks hashes have no channels. */
static struct measured task_channel(const struct measure_scope *scope, const struct picture *picture)
{
	uint32_t channels = channel_or(scope, CHANNEL_BIT(EFFORT_COUNTER));
	int64_t n = sum(picture, scope, SUM_N), part = ended_well(picture, scope, channels, vocab_kind[EFFORT_TRANSACTION]);

	/* Part of the period the task was not municipal: its cells do not tell which. */
	return part > n ? (struct measured){ 0 } : share(part, n);
}

static struct measured in_person(const struct measure_scope *scope, const struct picture *picture)
{
	const char *channel = scope->channel == NULL ? vocab_channel[EFFORT_COUNTER] : scope->channel;

	return strchr(scope->scope, '/') != NULL ? task_channel(scope, picture) :
						   share(channel_n(picture, scope, channel),
							 sum(picture, scope, SUM_N));
}

static struct measured volume(const struct measure_scope *scope, const struct picture *picture)
{
	struct measured m = { .has_value = true };

	if (scope->channel == NULL)
		m.part = sum(picture, scope, SUM_CONTACTS);
	else if (has_cells(scope))
		m.part = cells(picture, scope, "n:", channel_or(scope, 0), NULL);
	else
		m.has_value = false;
	return m;
}

/* Self-service is where these contacts should go: it is not among what should fall. */
static int64_t transactions(const struct measure_scope *scope, const struct picture *picture)
{
	if (scope->channel != NULL && strchr(scope->scope, '/') != NULL)
		return ended_well(picture, scope, channel_or(scope, 0), vocab_kind[EFFORT_TRANSACTION]);
	if (scope->channel != NULL)
		return channel_n(picture, scope, scope->channel);
	return sum(picture, scope, SUM_N) - sum(picture, scope, SUM_SELF) - sum(picture, scope, SUM_ASSISTED);
}

static int64_t information(const struct measure_scope *scope, const struct picture *picture)
{
	if (scope->channel != NULL)
		return cells(picture, scope, "n:", channel_or(scope, 0), vocab_kind[EFFORT_INFORMATION]);
	return sum(picture, scope, SUM_INFORMATION);
}

static struct measured reduction(const struct measure_scope *scope, const struct picture *picture,
				 const struct picture *baseline,
				 int64_t (*amount)(const struct measure_scope *, const struct picture *))
{
	int64_t before;

	if (baseline == NULL || (scope->channel != NULL && !has_cells(scope)))
		return (struct measured){ 0 };
	before = amount(scope, baseline);
	return share(before - amount(scope, picture), before);
}

struct measured measure_take(enum measure measure, const struct measure_scope *scope,
			     const struct picture *picture, const struct picture *baseline)
{
	if (picture_is_empty(picture))
		return (struct measured){ 0 };
	switch (measure) {
	case MEASURE_SELFSERVICE:
		return selfservice(scope, picture);
	case MEASURE_SELFSERVICE_INCL_ASSISTED:
		return share(sum(picture, scope, SUM_SELF) + sum(picture, scope, SUM_ASSISTED),
			     sum(picture, scope, SUM_N));
	case MEASURE_DIGITAL:
		return share(sum(picture, scope, SUM_DIGITAL), sum(picture, scope, SUM_N));
	case MEASURE_SELFSERVICE_OF_CONTACTS:
		return share(sum(picture, scope, SUM_SELF), sum(picture, scope, SUM_CONTACTS));
	case MEASURE_REDUCTION_TRANSACTIONS:
		return reduction(scope, picture, baseline, transactions);
	case MEASURE_REDUCTION_INFORMATION:
		return reduction(scope, picture, baseline, information);
	case MEASURE_OUTGOING_DIGITAL:
		return outgoing(scope, picture);
	case MEASURE_FIRST_CONTACT_RESOLUTION:
		return first_contact(scope, picture);
	case MEASURE_IN_PERSON:
		return in_person(scope, picture);
	case MEASURE_VOLUME:
		return volume(scope, picture);
	case MEASURES:
		break;
	}
	return (struct measured){ 0 };
}

/* --- against a target --- */

/* T*n in contacts, taken apart so that nothing overflows: whole ones and ten-thousandths. */
struct wanted {
	int64_t whole, rest; /* rest < 10000 * target_bp */
};

static struct wanted wanted(const struct measured *m, int64_t target_bp)
{
	return (struct wanted){ m->n / PERCENT_100 * target_bp, m->n % PERCENT_100 * target_bp };
}

bool measured_is_least(const struct measured *m, int64_t target_bp)
{
	return measured_move(m, target_bp) == 0;
}

bool measured_is_most(const struct measured *m, int64_t target_bp)
{
	struct wanted most = wanted(m, target_bp);

	return m->part <= most.whole + most.rest / PERCENT_100;
}

/* Digit by digit: part * 10000 may be more than 63 bits. */
static int64_t rounded(const struct measured *m)
{
	int64_t part = m->part < 0 ? -m->part : m->part, bp = part / m->n, rest = part % m->n;

	for (int i = 0; i < 2; i++) {
		bp = bp * 100 + rest * 100 / m->n;
		rest = rest * 100 % m->n;
	}
	bp += rest >= m->n - rest;
	return m->part < 0 ? -bp : bp;
}

int64_t measured_basis_points(const struct measured *m, int64_t target_bp)
{
	int64_t bp = rounded(m);

	return target_bp >= 0 && bp >= target_bp && !measured_is_least(m, target_bp) ? target_bp - 1 : bp;
}

int64_t measured_basis_points_most(const struct measured *m, int64_t target_bp)
{
	int64_t bp = rounded(m);

	return target_bp >= 0 && bp <= target_bp && !measured_is_most(m, target_bp) ? target_bp + 1 : bp;
}

int64_t measured_move(const struct measured *m, int64_t target_bp)
{
	struct wanted least = wanted(m, target_bp);
	int64_t move = least.whole + (least.rest + PERCENT_100 - 1) / PERCENT_100 - m->part;

	return move > 0 ? move : 0;
}

int64_t measured_add(const struct measured *m, int64_t target_bp)
{
	struct wanted least = wanted(m, target_bp);
	int64_t each = PERCENT_100 - target_bp, short_of = least.whole - m->part, add, rest;

	if (measured_is_least(m, target_bp))
		return 0;
	if (each <= 0 || __builtin_mul_overflow(short_of / each, PERCENT_100, &add))
		return -1;
	rest = short_of % each * PERCENT_100 + least.rest;
	return add + (rest > 0 ? (rest + each - 1) / each : rest / each);
}
