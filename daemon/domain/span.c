/* SPDX-License-Identifier: MPL-2.0 */
/* See span.h. Every form is read as a row of tokens: numbers, letters, and what stands between them. */
#include "domain/span.h"

#include <string.h>

#define EXCEL_EPOCH (-25569) /* 1899-12-30 */
#define DAY_S       86400
#define TOKENS      8

const char *const span_date_name[SPAN_DATES] = { "auto", "mm-dd-yyyy", "dd-mm-yy", "yyyymmdd", "excel" };
const char *const span_weeks_name[SPAN_WEEKS] = { "iso", "excel-monday", "excel-sunday" };
const char *const span_spread_name[SPAN_SPREADS] = { "days", "workdays", "first" };

/* --- tokens --- */

struct token {
	const char *text;
	size_t len;
	bool is_number;
	int value;  /* of a number of up to eight digits */
	char after; /* the sign behind it, blanks aside; '\0': none */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool read_token(const char **at, const char *end, struct token *ret)
{
	const char *p = *at;

	*ret = (struct token){ .text = p, .is_number = is_digit(*p) };
	if (!ret->is_number && !is_letter(*p))
		return false;
	for (; p < end && (ret->is_number ? is_digit(*p) : is_letter(*p)); p++)
		if (ret->is_number && p - ret->text < 8)
			ret->value = ret->value * 10 + (*p - '0');
	ret->len = (size_t)(p - ret->text);
	for (; p < end && !is_digit(*p) && !is_letter(*p); p++)
		if (*p != ' ' && ret->after == '\0')
			ret->after = *p;
		else if (*p != ' ' && !(ret->after == '.' && *p == '.'))
			return false;
	*at = p;
	return !ret->is_number || ret->len <= 8;
}

/* Number of tokens; 0: too many, or something else among them. */
static size_t read_tokens(const char *text, size_t len, struct token *ret)
{
	const char *end = text + len;
	size_t n = 0;

	while (text < end && *text == ' ')
		text++;
	while (text < end) {
		if (n == TOKENS || !read_token(&text, end, &ret[n]))
			return 0;
		n++;
	}
	/* Nothing but a full stop ends a text ("uge 47."). */
	return n > 0 && (ret[n - 1].after == '\0' || ret[n - 1].after == '.') ? n : 0;
}

static bool is_word(const struct token *t, const char *word)
{
	size_t len = strlen(word);

	if (t->is_number || t->len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((t->text[i] | 0x20) != (word[i] | 0x20))
			return false;
	return true;
}

static bool is_one_of(const struct token *t, const char *const *words)
{
	for (; *words != NULL; words++)
		if (is_word(t, *words))
			return true;
	return false;
}

static bool is_year(const struct token *t)
{
	return t->is_number && t->len == 4 && t->value >= 1900 && t->value <= 2199;
}

/* --- dates --- */

static bool make_day(int year, int month, int day, int32_t *ret)
{
	struct date back;

	if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	*ret = day_of_date(year, month, day);
	back = date_of_day(*ret);
	return back.month == month && back.day == day;
}

/* Three numbers with the same sign between them. */
static bool is_triple(const struct token *t, size_t n)
{
	return n >= 3 && t[0].is_number && t[1].is_number && t[2].is_number && t[0].after == t[1].after &&
	       t[0].after != '\0' && strchr("-./", t[0].after) != NULL;
}

static bool is_short(const struct token *t)
{
	return t->len <= 2;
}

static bool date_of_tokens(enum span_date form, const struct token *t, size_t n, int32_t *ret_day,
			   size_t *ret_used)
{
	*ret_used = form == SPAN_COMPACT ? 1 : 3;
	if (form == SPAN_COMPACT)
		return t[0].is_number && t[0].len == 8 &&
		       make_day(t[0].value / 10000, t[0].value / 100 % 100, t[0].value % 100, ret_day);
	if (!is_triple(t, n) || !is_short(&t[1]))
		return false;
	if (form == SPAN_AUTO && is_year(&t[0]) && is_short(&t[2]))
		return make_day(t[0].value, t[1].value, t[2].value, ret_day);
	if (form == SPAN_DMY2)
		return is_short(&t[0]) && t[2].len == 2 &&
		       make_day(2000 + t[2].value, t[1].value, t[0].value, ret_day);
	if (!is_short(&t[0]) || !is_year(&t[2]))
		return false;
	return form == SPAN_MDY ? make_day(t[2].value, t[0].value, t[1].value, ret_day)
				: make_day(t[2].value, t[1].value, t[0].value, ret_day);
}

/* "46347", "46347,5", "46347.25": the fraction is the time of day. */
static bool excel_date(const char *text, size_t len, int32_t *ret_day, int32_t *ret_second)
{
	int64_t whole = 0, fraction = 0, scale = 1;
	size_t i = 0;

	for (; i < len && is_digit(text[i]) && i < 6; i++)
		whole = whole * 10 + (text[i] - '0');
	if (i == 0 || whole < 2 || whole > 109574)
		return false;
	*ret_day = (int32_t)(EXCEL_EPOCH + whole);
	*ret_second = -1;
	if (i == len)
		return true;
	if ((text[i] != ',' && text[i] != '.') || ++i == len)
		return false;
	for (; i < len; i++) {
		if (!is_digit(text[i]))
			return false;
		if (scale < INT64_C(1000000000000)) {
			fraction = fraction * 10 + (text[i] - '0');
			scale *= 10;
		}
	}
	*ret_second = (int32_t)((fraction * DAY_S + scale / 2) / scale);
	if (*ret_second >= DAY_S)
		*ret_second = DAY_S - 1;
	return true;
}

static bool clock_of_tokens(const struct token *t, size_t n, int32_t *ret)
{
	for (size_t i = 0; i < n; i++)
		if (!t[i].is_number || !is_short(&t[i]) ||
		    (i + 1 < n && t[i].after != ':' && t[i].after != '.'))
			return false;
	if (n < 2 || n > 3 || t[0].value > 23 || t[1].value > 59 || (n == 3 && t[2].value > 59))
		return false;
	*ret = t[0].value * 3600 + t[1].value * 60 + (n == 3 ? t[2].value : 0);
	return true;
}

bool span_parse_clock(const char *text, size_t len, int32_t *ret_second)
{
	struct token t[TOKENS];

	return clock_of_tokens(t, read_tokens(text, len, t), ret_second);
}

bool span_parse_date(enum span_date form, const char *text, size_t len, int32_t *ret_day, int32_t *ret_second)
{
	struct token t[TOKENS];
	size_t n, used, at;

	if (form == SPAN_EXCEL)
		return excel_date(text, len, ret_day, ret_second);
	n = read_tokens(text, len, t);
	if (n == 0 || !date_of_tokens(form, t, n, ret_day, &used))
		return false;
	*ret_second = -1;
	if (n == used)
		return true;
	/* "T14:05", "kl. 14.05" */
	at = used + (is_word(&t[used], "t") || is_word(&t[used], "kl"));
	return clock_of_tokens(t + at, n - at, ret_second);
}

/* --- periods --- */

/* A number and a year in either order, with words from `names` anywhere. numbers: what is left. */
static bool number_and_year(const char *text, size_t len, const char *const *names, int *ret_year,
			    int *ret_number)
{
	struct token t[TOKENS];
	size_t n = read_tokens(text, len, t), numbers = 0;
	int year = 0;

	if (n == 0)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (is_year(&t[i]) && year == 0) {
			year = t[i].value;
		} else if (t[i].is_number && is_short(&t[i]) && numbers == 0) {
			*ret_number = t[i].value;
			numbers++;
		} else if (!is_one_of(&t[i], names)) {
			return false;
		}
	}
	*ret_year = year;
	return numbers == 1;
}

bool span_parse_week(const char *text, size_t len, int *ret_year, int *ret_week)
{
	static const char *const names[] = { "w", "u", "uge", "week", NULL };

	return number_and_year(text, len, names, ret_year, ret_week) && *ret_week >= 1 && *ret_week <= 54;
}

bool span_parse_quarter(const char *text, size_t len, int *ret_year, int *ret_quarter)
{
	static const char *const names[] = { "q", "k", "kv", "kvartal", "quarter", NULL };

	return number_and_year(text, len, names, ret_year, ret_quarter) && *ret_quarter >= 1 &&
	       *ret_quarter <= 4;
}

/* The month a word names, from 1; 0: none. Danish and English, whole or the first three letters. */
static int month_of(const struct token *t)
{
	static const char *const names[12][4] = {
		{ "januar", "january", "jan" },
		{ "februar", "february", "feb" },
		{ "marts", "march", "mar" },
		{ "april", "apr" },
		{ "maj", "may" },
		{ "juni", "june", "jun" },
		{ "juli", "july", "jul" },
		{ "august", "aug" },
		{ "september", "sep", "sept" },
		{ "oktober", "october", "okt", "oct" },
		{ "november", "nov" },
		{ "december", "dec" },
	};

	for (int month = 0; month < 12; month++)
		for (int i = 0; i < 4 && names[month][i] != NULL; i++)
			if (is_word(t, names[month][i]))
				return month + 1;
	return 0;
}

bool span_parse_month(const char *text, size_t len, int *ret_year, int *ret_month)
{
	static const char *const names[] = { "m", "md", NULL };
	struct token t[TOKENS];
	size_t n = read_tokens(text, len, t);

	for (size_t i = 0; i < n && n <= 2; i++) {
		int month = t[i].is_number ? 0 : month_of(&t[i]);
		const struct token *other = n == 2 ? &t[1 - i] : NULL;

		if (month == 0)
			continue;
		*ret_month = month;
		*ret_year = other != NULL ? other->value : 0;
		return other == NULL || is_year(other);
	}
	return number_and_year(text, len, names, ret_year, ret_month) && *ret_month >= 1 && *ret_month <= 12;
}

static bool is_good_year(int year)
{
	return year >= 1900 && year <= 2199;
}

/* The Monday of ISO week 1. */
static int32_t iso_first(int year)
{
	int32_t fourth = day_of_date(year, 1, 4);

	return fourth - (weekday_of_day(fourth) - 1);
}

bool span_of_week(enum span_weeks weeks, int year, int week, struct span *ret)
{
	int32_t new_year, next_year, first;
	int offset;

	if (!is_good_year(year) || week < 1)
		return false;
	new_year = day_of_date(year, 1, 1);
	next_year = day_of_date(year + 1, 1, 1);
	if (weeks == SPAN_ISO) {
		*ret = (struct span){ iso_first(year) + 7 * (week - 1), iso_first(year) + 7 * week };
		return ret->end <= iso_first(year + 1);
	}
	offset = weekday_of_day(new_year) - 1;
	if (weeks == SPAN_EXCEL_SUNDAY)
		offset = (offset + 1) % 7;
	first = new_year - offset + 7 * (week - 1);
	if (first >= next_year)
		return false;
	ret->first = first < new_year ? new_year : first;
	ret->end = first + 7 > next_year ? next_year : first + 7;
	return true;
}

bool span_of_month(int year, int month, struct span *ret)
{
	if (!is_good_year(year) || month < 1 || month > 12)
		return false;
	ret->first = day_of_date(year, month, 1);
	ret->end = month == 12 ? day_of_date(year + 1, 1, 1) : day_of_date(year, month + 1, 1);
	return true;
}

bool span_of_quarter(int year, int quarter, struct span *ret)
{
	struct span last;

	if (quarter < 1 || quarter > 4 || !span_of_month(year, quarter * 3 - 2, ret) ||
	    !span_of_month(year, quarter * 3, &last))
		return false;
	ret->end = last.end;
	return true;
}

/* --- booking --- */

static bool is_workday(int32_t day)
{
	return weekday_of_day(day) <= 5;
}

/* Workdays among the first n days. */
static int64_t workdays(struct span span, int32_t n)
{
	int64_t whole = n / 7 * 5;

	for (int32_t i = n / 7 * 7; i < n; i++)
		whole += is_workday(span.first + i);
	return whole;
}

int64_t span_share(enum span_spread spread, struct span span, int64_t count, int32_t i)
{
	int32_t n = span.end - span.first;
	int64_t days = n, before = i;

	if (i < 0 || i >= n)
		return 0;
	if (spread == SPAN_FIRST)
		return i == 0 ? count : 0;
	if (spread == SPAN_WORKDAYS && workdays(span, n) > 0) {
		if (!is_workday(span.first + i))
			return 0;
		days = workdays(span, n);
		before = workdays(span, i);
	}
	return count / days + (before < count % days);
}
