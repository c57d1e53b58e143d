/* SPDX-License-Identifier: MPL-2.0 */
/* See figure.h. */
#include "ctl/figure.h"

#include "domain/calendar.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *figure_count(struct ctl *ctl, int64_t n)
{
	char digits[24], buf[40];
	size_t len =
		(size_t)snprintf(digits, sizeof digits, "%" PRIu64, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
	size_t at = 0;

	if (n < 0)
		buf[at++] = '-';
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf[at++] = ctl->is_danish ? '.' : ',';
		buf[at++] = digits[i];
	}
	buf[at] = '\0';
	return ctl_note(ctl, "%s", buf);
}

const char *figure_many(struct ctl *ctl, int64_t n, enum word noun)
{
	const char *one = word_text(noun, ctl->is_danish), *bar = strchr(one, '|');

	if (n == 1 && bar != NULL)
		return ctl_note(ctl, "1 %.*s", (int)(bar - one), one);
	return ctl_note(ctl, "%s %s", figure_count(ctl, n), bar == NULL ? one : bar + 1);
}

const char *figure_bytes(struct ctl *ctl, int64_t n)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = (double)n / 1024;
	size_t unit = 0;

	if (n < 1024)
		return figure_many(ctl, n, W_N_BYTES);
	while (value >= 999.95 && unit < 3) {
		value /= 1024;
		unit++;
	}
	return ctl_note(ctl, "%s %s", figure_decimal(ctl, ctl_note(ctl, "%.1f", value)), units[unit]);
}

bool figure_hundredths(const char *raw, int64_t *ret)
{
	bool is_negative = raw[0] == '-';
	const char *p = raw + is_negative;
	int64_t value = 0;
	int decimals = 0;
	size_t digits = strspn(p, "0123456789");

	if (digits == 0 || digits > 15)
		return false;
	while (digits-- > 0)
		value = value * 10 + (*p++ - '0');
	if (*p == '.')
		for (p++; decimals < 2 && *p >= '0' && *p <= '9'; decimals++)
			value = value * 10 + (*p++ - '0');
	if (*p != '\0' || (p[-1] == '.'))
		return false;
	for (; decimals < 2; decimals++)
		value *= 10;
	*ret = is_negative ? -value : value;
	return true;
}

const char *figure_decimal(struct ctl *ctl, const char *raw)
{
	size_t digits = strspn(raw, "-0123456789.");
	const char *point = strchr(raw, '.');

	if (digits == 0 || raw[digits] != '\0' || digits > 24)
		return "?";
	if (point == NULL || !ctl->is_danish)
		return ctl_note(ctl, "%s", raw);
	return ctl_note(ctl, "%.*s,%s", (int)(point - raw), raw, point + 1);
}

const char *figure_percent(struct ctl *ctl, const char *raw)
{
	return ctl_note(ctl, ctl->is_danish ? "%s %%" : "%s%%", figure_decimal(ctl, raw));
}

const char *figure_points(struct ctl *ctl, int64_t hundredths)
{
	int64_t all = hundredths < 0 ? -hundredths : hundredths;

	return ctl_note(ctl, "%" PRId64 "%c%02d", all / 100, ctl->is_danish ? ',' : '.', (int)(all % 100));
}

static const char *weekday(const struct ctl *ctl, int iso)
{
	static const char *const en[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
					  "Friday", "Saturday", "Sunday" };
	static const char *const da[] = { "mandag", "tirsdag", "onsdag", "torsdag",
					  "fredag", "lørdag",  "søndag" };

	return (ctl->is_danish ? da : en)[(iso + 6) % 7];
}

static const char *month(const struct ctl *ctl, int number)
{
	static const char *const en[] = { "January",   "February", "March",    "April",
					  "May",       "June",     "July",     "August",
					  "September", "October",  "November", "December" };
	static const char *const da[] = {
		"januar", "februar", "marts",     "april",   "maj",      "juni",
		"juli",   "august",  "september", "oktober", "november", "december"
	};

	return (ctl->is_danish ? da : en)[(number + 11) % 12];
}

void figure_use_zone(const char *name)
{
	if (name[0] == '\0' || name[0] == '/' ||
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			 "0123456789_+-/") != strlen(name))
		return;
	setenv("TZ", name, 1);
	tzset();
}

static struct tm local(int64_t ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm tm = { 0 };

	localtime_r(&seconds, &tm);
	return tm;
}

const char *figure_time(struct ctl *ctl, int64_t ms)
{
	struct tm tm = local(ms);

	return ctl_note(ctl, ctl->is_danish ? "kl. %02d.%02d" : "%02d:%02d", tm.tm_hour, tm.tm_min);
}

const char *figure_day_time(struct ctl *ctl, int64_t ms)
{
	struct tm tm = local(ms);

	return ctl_note(ctl, ctl->is_danish ? "%s %d. %s kl. %02d.%02d" : "%s %d %s, %02d:%02d",
			weekday(ctl, tm.tm_wday), tm.tm_mday, month(ctl, tm.tm_mon + 1), tm.tm_hour,
			tm.tm_min);
}

const char *figure_short(struct ctl *ctl, int64_t ms)
{
	static const char *const en[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	static const char *const da[] = { "jan.", "feb.", "mar.", "apr.", "maj",  "jun.",
					  "jul.", "aug.", "sep.", "okt.", "nov.", "dec." };
	struct tm tm = local(ms);

	return ctl_note(ctl, ctl->is_danish ? "%d. %s %02d.%02d" : "%d %s %02d:%02d", tm.tm_mday,
			(ctl->is_danish ? da : en)[tm.tm_mon], tm.tm_hour, tm.tm_min);
}

const char *figure_duration(struct ctl *ctl, int64_t ms)
{
	int64_t s = ms < 0 ? 0 : ms / 1000;
	const char *hour = ctl->is_danish ? "t" : "h";

	if (s < 60)
		return ctl_note(ctl, "%" PRId64 " s", s);
	if (s < 3600)
		return ctl_note(ctl, "%" PRId64 " min", s / 60);
	if (s < 86400)
		return ctl_note(ctl, "%" PRId64 " %s %" PRId64 " min", s / 3600, hour, s / 60 % 60);
	return ctl_note(ctl, "%" PRId64 " d %" PRId64 " %s", s / 86400, s / 3600 % 24, hour);
}

static const char *day_name(struct ctl *ctl, int32_t day)
{
	struct date date = date_of_day(day);

	return ctl_note(ctl, ctl->is_danish ? "%s %d. %s %d" : "%s %d %s %d",
			weekday(ctl, weekday_of_day(day)), date.day, month(ctl, date.month), date.year);
}

/* The half of a year the counts speak of. */
static const char *season(const struct ctl *ctl, const char *name)
{
	if (!ctl->is_danish)
		return name;
	return strcmp(name, "spring") == 0 ? "forår" : strcmp(name, "autumn") == 0 ? "efterår" : name;
}

const char *figure_period(struct ctl *ctl, const char *label)
{
	const char *colon = strchr(label, ':');
	char word[16];
	int year, part;
	int32_t day;

	if (colon == NULL)
		return label;
	if (strncmp(label, "day:", 4) == 0 && day_parse(colon + 1, strlen(colon + 1), &day))
		return day_name(ctl, day);
	if (sscanf(label, "week:%d-W%d", &year, &part) == 2)
		return ctl_note(ctl, ctl->is_danish ? "uge %d, %d" : "week %d of %d", part, year);
	if (sscanf(label, "month:%d-%d", &year, &part) == 2)
		return ctl_note(ctl, "%s %d", month(ctl, part), year);
	if (sscanf(label, "quarter:%d-Q%d", &year, &part) == 2)
		return ctl_note(ctl, ctl->is_danish ? "%d. kvartal %d" : "Q%d %d", part, year);
	if (sscanf(label, "season:%d-%15[a-z]", &year, word) == 2)
		return ctl_note(ctl, "%s %d", season(ctl, word), year);
	return colon + 1;
}
