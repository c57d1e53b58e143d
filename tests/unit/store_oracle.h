/* SPDX-License-Identifier: MPL-2.0 */
/* The oracle of the store's tests: every field a share or tasks hash must have, made by brute force from the
 * plain list of counted contacts in struct bed, and compared with what Redis holds. Shares no code with the
 * store, nor with domain/share.c. Included by store_bed.h only. */
#ifndef TESTS_STORE_ORACLE_H
#define TESTS_STORE_ORACLE_H

struct bed_field {
	char name[96], value[64];
};

struct bed_hash {
	struct bed_field fields[2048];
	size_t n;
};

__attribute__((format(printf, 4, 5))) static void bed_expect(struct bed_hash *hash, const char *scope,
							     const char *name, const char *fmt, ...)
{
	struct bed_field *field = &hash->fields[hash->n++];
	va_list args;

	snprintf(field->name, sizeof(field->name), "%s.%s", scope, name);
	va_start(args, fmt);
	vsnprintf(field->value, sizeof(field->value), fmt, args);
	va_end(args);
}

/* Hundredths of a percent by long division in integers: rounded half up, and one less where that would reach
 * a target which the exact ratio misses. Written on its own, not with domain/share.h. */
static void bed_percent(struct bed_hash *hash, const char *scope, const char *name, int64_t part, int64_t n,
			int64_t minus, bool has_target)
{
	int64_t exact = part * 10000 / n, rest = part * 10000 % n;
	int64_t bp = exact + (rest * 2 >= n ? 1 : 0);

	if (has_target && exact < 8000 && bp == 8000)
		bp = 7999;
	bp -= minus;
	bed_expect(hash, scope, name, "%s%" PRId64 ".%02" PRId64, bp < 0 ? "-" : "",
		   (bp < 0 ? -bp : bp) / 100, (bp < 0 ? -bp : bp) % 100);
}

struct bed_sums {
	int64_t contacts, information, cases, unknown, n, self, assisted, digital, exempt, target_n,
		target_self, movable;
	int64_t channel[EFFORT_CHANNELS];
};

static void bed_add(struct bed_sums *s, const struct cell *cell, bool is_target, int64_t count)
{
	if (cell->is_ignored || cell->direction == EFFORT_OUT || cell->population >= EFFORT_AUTHORITY)
		return;
	s->contacts += count;
	s->information += cell->kind == EFFORT_INFORMATION ? count : 0;
	s->cases += cell->kind == EFFORT_CASE ? count : 0;
	s->unknown += cell->kind == EFFORT_KIND_UNKNOWN ? count : 0;
	if (cell->kind != EFFORT_TRANSACTION || cell->channel == EFFORT_WEB ||
	    cell->channel == EFFORT_SYSTEM || cell->outcome > EFFORT_FORWARDED)
		return;
	s->n += count;
	s->channel[cell->channel] += count;
	s->exempt += cell->is_exempt ? count : 0;
	if (cell->channel == EFFORT_SELFSERVICE)
		*(cell->assisted ? &s->assisted : &s->self) += count;
	if (cell->channel <= EFFORT_DIGITALPOST)
		s->digital += count;
	if (!is_target)
		return;
	s->target_n += count;
	s->target_self += cell->channel == EFFORT_SELFSERVICE && !cell->assisted ? count : 0;
	s->movable += cell->channel != EFFORT_SELFSERVICE && !cell->is_exempt ? count : 0;
}

static void bed_expect_scope(struct bed_hash *hash, const char *scope, const struct bed_sums *s, bool is_task,
			     bool has_target)
{
	int64_t move = 8000 * s->target_n - 10000 * s->target_self;
	char name[32];

	bed_expect(hash, scope, "contacts", "%" PRId64, s->contacts);
	bed_expect(hash, scope, "information", "%" PRId64, s->information);
	bed_expect(hash, scope, "case", "%" PRId64, s->cases);
	bed_expect(hash, scope, "unknown", "%" PRId64, s->unknown);
	bed_expect(hash, scope, "n", "%" PRId64, s->n);
	bed_expect(hash, scope, "self", "%" PRId64, s->self);
	bed_expect(hash, scope, "assisted", "%" PRId64, s->assisted);
	bed_expect(hash, scope, "digital", "%" PRId64, s->digital);
	bed_expect(hash, scope, "exempt", "%" PRId64, s->exempt);
	bed_expect(hash, scope, "target_n", "%" PRId64, s->target_n);
	bed_expect(hash, scope, "target_self", "%" PRId64, s->target_self);
	bed_expect(hash, scope, "movable", "%" PRId64, s->movable);
	for (int c = 0; c < EFFORT_CHANNELS && !is_task; c++) {
		snprintf(name, sizeof(name), "ch.%s", vocab_channel[c]);
		bed_expect(hash, scope, name, "%" PRId64, s->channel[c]);
	}
	if (has_target)
		bed_expect(hash, scope, "target", "80.00");
	if (s->n) {
		bed_percent(hash, scope, "share", s->self, s->n, 0, has_target);
		bed_percent(hash, scope, "share_incl_assisted", s->self + s->assisted, s->n, 0, has_target);
		bed_percent(hash, scope, "share_digital", s->digital, s->n, 0, has_target);
	}
	if (!has_target || !s->target_n)
		return;
	bed_percent(hash, scope, "gap_pp", s->target_self, s->target_n, 8000, true);
	bed_expect(hash, scope, "move", "%" PRId64, move > 0 ? (move + 9999) / 10000 : 0);
	bed_expect(hash, scope, "met", move > 0 ? "0" : "1");
}

struct bed_scopes {
	const char *names[64];
	struct bed_sums sums[64];
	size_t n;
};

static bool bed_is_in(const struct bed_contact *contact, int municipality, struct period period)
{
	return (municipality < 0 || contact->cell.municipality == municipality) &&
	       contact->cell.day >= period.first && contact->cell.day < period.end;
}

static void bed_sum_scopes(const struct bed *bed, int municipality, struct period period, bool is_tasks,
			   struct bed_scopes *scopes)
{
	for (size_t i = 0; i < bed->contacts_len; i++) {
		const struct bed_contact *contact = &bed->contacts[i];
		const struct standing *standing = standings_get(bed->standings, contact->cell.standing);
		const char *own[3] = { is_tasks ? standings_task(bed->standings, standing->task) : "all",
				       is_tasks ? NULL : standings_area(bed->standings, standing->area),
				       is_tasks || !standing->groups ? NULL : "group:waves" };

		if (!bed_is_in(contact, municipality, period))
			continue;
		for (int k = 0; k < 3; k++) {
			size_t s = 0;

			if (!own[k])
				continue;
			while (s < scopes->n && strcmp(scopes->names[s], own[k]) != 0)
				s++;
			if (s == scopes->n)
				scopes->names[scopes->n++] = own[k];
			bed_add(&scopes->sums[s], &contact->cell, standing->is_target, contact->count);
		}
	}
}

/* All fields of scopes that the period's hash must have. municipality -1: the country. */
static void bed_truth(const struct bed *bed, int municipality, struct period period, bool is_tasks,
		      struct bed_hash *hash)
{
	struct bed_scopes scopes = { { "all" }, .n = is_tasks ? 0 : 1 };

	hash->n = 0;
	bed_sum_scopes(bed, municipality, period, is_tasks, &scopes);
	if (bed->other)
		bed_sum_scopes(bed->other, municipality, period, is_tasks, &scopes);
	for (size_t s = 0; s < scopes.n; s++)
		if (scopes.sums[s].contacts || (s == 0 && !is_tasks))
			bed_expect_scope(hash, scopes.names[s], &scopes.sums[s], is_tasks,
					 period.end > bed->view.target_from);
}

/* Cells: every field the d:, m: or y: hash must have. */
__attribute__((format(printf, 3, 4))) static void bed_cell(struct bed_hash *hash, int64_t amount, const char *fmt, ...)
{
	char name[96];
	va_list args;
	size_t i = 0;

	va_start(args, fmt);
	vsnprintf(name, sizeof(name), fmt, args);
	va_end(args);
	while (i < hash->n && strcmp(hash->fields[i].name, name) != 0)
		i++;
	if (i == hash->n) {
		snprintf(hash->fields[i].name, sizeof(name), "%s", name);
		snprintf(hash->fields[i].value, sizeof(hash->fields[i].value), "0");
		hash->n++;
	}
	amount += atoll(hash->fields[i].value);
	snprintf(hash->fields[i].value, sizeof(hash->fields[i].value), "%" PRId64, amount);
}

static void bed_cells_of(struct bed_hash *hash, const struct cell *cell, const char *task, int64_t count)
{
	const char *channel = vocab_channel[cell->channel], *kind = vocab_kind[cell->kind];

	if (cell->is_ignored) {
		bed_cell(hash, count, "ignored:%s/%s/%s", task, channel, kind);
		return;
	}
	if (cell->direction == EFFORT_OUT) {
		bed_cell(hash, count, "out:%s/%s/%s", task, channel, vocab_form[cell->form]);
		return;
	}
	if (cell->population >= EFFORT_AUTHORITY) {
		bed_cell(hash, count, "internal:%s/%s/%s", task, channel, kind);
		return;
	}
	bed_cell(hash, count, "_n");
	bed_cell(hash, count, "n:%s/%s/%s", task, channel, kind);
	if (cell->outcome != EFFORT_COMPLETED)
		bed_cell(hash, count, "%s:%s/%s/%s", vocab_outcome[cell->outcome], task, channel, kind);
	if (cell->assisted != EFFORT_UNASSISTED)
		bed_cell(hash, count, "assisted:%s/%s/%s", task, channel, kind);
	if (cell->is_exempt)
		bed_cell(hash, count, "exempt:%s/%s/%s", task, channel, kind);
	if (cell->population == EFFORT_BUSINESS)
		bed_cell(hash, count, "business:%s/%s/%s", task, channel, kind);
	if (cell->hours != CELL_HOURS_UNKNOWN)
		bed_cell(hash, count, "%s:%s/%s/%s", cell->hours == CELL_OPEN ? "open" : "closed", task, channel, kind);
}

static void bed_sum_cells(const struct bed *bed, int municipality, struct period period,
			  struct bed_hash *hash)
{
	for (size_t i = 0; i < bed->contacts_len; i++) {
		const struct bed_contact *contact = &bed->contacts[i];
		const struct standing *standing = standings_get(bed->standings, contact->cell.standing);

		if (bed_is_in(contact, municipality, period))
			bed_cells_of(hash, &contact->cell, standings_task(bed->standings, standing->task),
				     contact->count);
	}
	for (size_t i = 0; i < bed->named_len; i++) {
		const struct bed_name *named = &bed->named[i];

		if (named->dimension == BY_REASON && named->period >= period.first &&
		    named->period < period.end && (municipality < 0 || named->municipality == municipality))
			bed_cell(hash, named->amount.contacts, "reason:%s", named->name);
	}
}

static bool bed_is_once_per_hash(const char *name)
{
	static const char *const known[] = { "as_of",       "lag_s",      "rebuilding", "incomplete",
					     "missing",     "period",     "from",       "to",
					     "restated_at", "definition", "target_id",  "schema" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(known[i], name) == 0)
			return true;
	return name[0] == '_';
}

static const char *bed_get(const redisReply *hash, const char *name)
{
	for (size_t i = 0; i + 1 < hash->elements; i += 2)
		if (strcmp(hash->element[i]->str, name) == 0)
			return hash->element[i + 1]->str;
	return NULL;
}

/* One hash against the truth: every expected field with its value, no other field. */
static void bed_check_hash(struct bed *bed, const char *key, int municipality, struct period period,
			   bool is_tasks)
{
	static struct bed_hash truth;
	redisReply *hash = bed_ask(bed, "HGETALL %s", key);
	static const char *const once[] = { "as_of", "lag_s", "rebuilding", "incomplete", "period",
					    "from",  "to",    "definition", "target_id",  "schema" };
	char label[PERIOD_LABEL], number[32];
	size_t scoped = 0;

	bed_truth(bed, municipality, period, is_tasks, &truth);
	for (size_t i = 0; i < truth.n; i++) {
		const char *value = bed_get(hash, truth.fields[i].name);

		ck_assert_msg(value && strcmp(value, truth.fields[i].value) == 0, "%s %s: %s, expected %s",
			      key, truth.fields[i].name, value ? value : "(absent)", truth.fields[i].value);
	}
	for (size_t i = 0; i + 1 < hash->elements; i += 2)
		scoped += !bed_is_once_per_hash(hash->element[i]->str);
	ck_assert_msg(scoped == truth.n, "%s has %zu scope fields, expected %zu", key, scoped, truth.n);
	for (size_t i = 0; i < sizeof(once) / sizeof(*once); i++)
		ck_assert_msg(bed_get(hash, once[i]) != NULL, "%s has no %s", key, once[i]);
	period_label(period, label);
	ck_assert_str_eq(bed_get(hash, "period"), strchr(label, ':') + 1);
	snprintf(number, sizeof(number), "%" PRId64, zone_midnight_ms(&bed_zone, period.first));
	ck_assert_str_eq(bed_get(hash, "from"), number);
	snprintf(number, sizeof(number), "%" PRId64, zone_midnight_ms(&bed_zone, period.end));
	ck_assert_str_eq(bed_get(hash, "to"), number);
	ck_assert_str_eq(bed_get(hash, "schema"), "1");
	ck_assert_str_eq(bed_get(hash, "rebuilding"), "0");
	ck_assert_str_eq(bed_get(hash, "definition"), "kl-series");
	ck_assert_str_eq(bed_get(hash, "target_id"), "kl-80");
	freeReplyObject(hash);
}

/* Every cell with its value, nothing else but bookkeeping; and nobody is waited for. */
static void bed_check_cells(struct bed *bed, const char *key, int municipality, struct period period)
{
	static struct bed_hash truth;
	redisReply *hash = bed_ask(bed, "HGETALL %s", key);
	size_t cells = 0;

	truth.n = 0;
	bed_cell(&truth, 0, "_n");
	bed_sum_cells(bed, municipality, period, &truth);
	if (bed->other)
		bed_sum_cells(bed->other, municipality, period, &truth);
	for (size_t i = 0; i < truth.n; i++) {
		const char *value = bed_get(hash, truth.fields[i].name);

		ck_assert_msg(value && strcmp(value, truth.fields[i].value) == 0, "%s %s: %s, expected %s",
			      key, truth.fields[i].name, value ? value : "(absent)", truth.fields[i].value);
	}
	for (size_t i = 0; i + 1 < hash->elements; i += 2)
		cells += hash->element[i]->str[0] != '_' || strcmp(hash->element[i]->str, "_n") == 0;
	ck_assert_msg(cells == truth.n, "%s has %zu cells, expected %zu", key, cells, truth.n);
	ck_assert_ptr_null(bed_get(hash, "_r"));
	freeReplyObject(hash);
}

/* The areas' ranking is what the running hash says. */
static void bed_check_rank(struct bed *bed, const char *code, int w)
{
	redisReply *hash = bed_ask(bed, "HGETALL %s{%s}:share:%s", bed->prefix, code, window_name[w]);
	size_t areas = 0;
	const char *score;
	char area[64];

	for (size_t i = 0; i + 1 < hash->elements; i += 2) {
		const char *name = hash->element[i]->str, *dot = strstr(name, ".share");

		if (!dot || strcmp(dot, ".share") != 0 || strncmp(name, "all.", 4) == 0 || strchr(name, ':'))
			continue;
		areas++;
		snprintf(area, sizeof(area), "%.*s", (int)(dot - name), name);
		score = bed_text(bed, "ZSCORE %s{%s}:rank:%s %s", bed->prefix, code, window_name[w], area);
		ck_assert_msg(fabs(atof(score) - atof(hash->element[i + 1]->str)) < 1e-9,
			      "%s{%s}:rank:%s %s: %s, expected %s", bed->prefix, code, window_name[w], area,
			      score, hash->element[i + 1]->str);
	}
	ck_assert_uint_eq(
		(size_t)atoi(bed_text(bed, "ZCARD %s{%s}:rank:%s", bed->prefix, code, window_name[w])),
		areas);
	freeReplyObject(hash);
}

/* An earlier contact has the same municipality and day. */
static bool bed_is_repeated(const struct bed *bed, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (bed->contacts[k].cell.municipality == bed->contacts[i].cell.municipality &&
		    bed->contacts[k].cell.day == bed->contacts[i].cell.day)
			return true;
	return false;
}

static void bed_check_period(struct bed *bed, int municipality, struct period period, int32_t today)
{
	const char *code = municipality < 0 ? "dk" : bed_codes[municipality], *own;
	bool is_running = period_of(period.window, today).first == period.first;
	char key[128], label[PERIOD_LABEL];

	period_label(period, label);
	own = strchr(label, ':') + 1;
	snprintf(key, sizeof(key), "%s{%s}:share:%s", bed->prefix, code, label);
	bed_check_hash(bed, key, municipality, period, false);
	snprintf(key, sizeof(key), "%s{%s}:tasks:%s", bed->prefix, code, label);
	bed_check_hash(bed, key, municipality, period, true);
	if (period.window == WINDOW_DAY || period.window == WINDOW_MONTH || period.window == WINDOW_YEAR) {
		snprintf(key, sizeof(key), "%s{%s}:%c:%s", bed->prefix, code, label[0], own);
		bed_check_cells(bed, key, municipality, period);
	}
	if (!is_running)
		return;
	snprintf(key, sizeof(key), "%s{%s}:share:%s", bed->prefix, code, window_name[period.window]);
	bed_check_hash(bed, key, municipality, period, false);
	snprintf(key, sizeof(key), "%s{%s}:tasks:%s", bed->prefix, code, window_name[period.window]);
	bed_check_hash(bed, key, municipality, period, true);
	bed_check_rank(bed, code, period.window);
}

/* Everything Redis holds about the days counted so far, labelled and running as of today. */
SHARED static void bed_check(struct bed *bed, int32_t today)
{
	for (size_t i = 0; i < bed->contacts_len; i++)
		for (int w = 0; w < WINDOWS && !bed_is_repeated(bed, i); w++) {
			struct period period = period_of((enum window)w, bed->contacts[i].cell.day);

			bed_check_period(bed, bed->contacts[i].cell.municipality, period, today);
			bed_check_period(bed, -1, period, today);
		}
}

#endif
