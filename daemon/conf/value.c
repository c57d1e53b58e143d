/* SPDX-License-Identifier: MPL-2.0 */
/* See value.h. */
#include "conf/value.h"

#include "conf/address.h"
#include "domain/calendar.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit duration_units[] = {
	{ "us", 1 },
	{ "ms", 1000 },
	{ "s", 1000000 },
	{ "m", INT64_C(60000000) },
	{ "h", INT64_C(3600000000) },
	{ "d", INT64_C(86400000000) },
	{ "w", INT64_C(604800000000) },
	{ "y", INT64_C(31536000000000) },
	{ NULL, 0 },
};

static const struct unit size_units[] = {
	{ "B", 1 },
	{ "kB", 1000 },
	{ "KiB", 1024 },
	{ "MB", 1000000 },
	{ "MiB", 1048576 },
	{ "GB", INT64_C(1000000000) },
	{ "GiB", INT64_C(1073741824) },
	{ "TB", INT64_C(1000000000000) },
	{ "TiB", INT64_C(1099511627776) },
	{ NULL, 0 },
};

static const struct unit count_units[] = {
	{ "", 1 }, { "k", 1000 }, { "M", 1000000 }, { "G", INT64_C(1000000000) }, { NULL, 0 },
};

static const struct unit no_units[] = { { "", 1 }, { NULL, 0 } };

static const struct unit *units_of(enum schema_type type)
{
	switch (type) {
	case TYPE_DURATION:
		return duration_units;
	case TYPE_SIZE:
		return size_units;
	case TYPE_COUNT:
		return count_units;
	default:
		return no_units;
	}
}

static const char *example_of(enum schema_type type)
{
	switch (type) {
	case TYPE_DURATION:
		return "write a whole number and a unit (us ms s m h d w y), such as \"20ms\" or \"35d\"";
	case TYPE_SIZE:
		return "write a whole number and a unit (B kB KiB MB MiB GB GiB TB TiB), such as \"4GiB\"";
	case TYPE_COUNT:
		return "write a whole number, with k, M or G for thousands, millions or milliards, such as "
		       "\"4M\"";
	default:
		return "write a whole number";
	}
}

/* Number and unit; false: not of that form. Saturates at INT64_MAX - 1 (INT64_MAX is "never"). */
static bool parse_amount(const char *text, const struct unit *unit, int64_t *ret)
{
	int64_t n = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++)
		n = n > (INT64_MAX - 10) / 10 ? INT64_MAX - 1 : n * 10 + (*p - '0');
	if (p == text)
		return false;
	while (unit->name != NULL && strcmp(unit->name, p) != 0)
		unit++;
	if (unit->name == NULL)
		return false;
	*ret = n > (INT64_MAX - 1) / unit->factor ? INT64_MAX - 1 : n * unit->factor;
	return true;
}

void value_print(enum schema_type type, int64_t number, char *buf, size_t size)
{
	const struct unit *unit = units_of(type), *best = NULL;

	if (type == TYPE_DURATION && (number == INT64_MAX || number == 0)) {
		snprintf(buf, size, "%s", number == 0 ? "0s" : "never");
		return;
	}
	for (; unit->name != NULL; unit++)
		if (best == NULL || (number != 0 && number % unit->factor == 0 && number / unit->factor > 0))
			best = strcmp(unit->name, "w") == 0 ? best : unit;
	snprintf(buf, size, "%lld%s", (long long)(number / best->factor), best->name);
}

int value_word(const char *words, const char *text)
{
	size_t len = strlen(text);
	int i = 0;

	if (words == NULL || len == 0)
		return -1;
	for (const char *p = words; *p != '\0'; p += strcspn(p, " "), p += *p == ' ', i++)
		if (strcspn(p, " ") == len && memcmp(p, text, len) == 0)
			return i;
	return -1;
}

/* INT, COUNT, SIZE, DURATION. */
static int parse_number(const struct schema_key *key, const char *text, int64_t *ret, struct error *reterr,
			struct error *rethint)
{
	char limits[128];
	int64_t number;

	schema_limits(key, limits, sizeof(limits));
	if (!parse_amount(text, units_of(key->type), &number)) {
		snprintf(rethint->text, sizeof(rethint->text), "%s; allowed: %s", example_of(key->type),
			 limits);
		return error_set(reterr, -EINVAL, "\"%.60s\" is not a %s", text,
				 key->type == TYPE_DURATION ? "time with a unit"
				 : key->type == TYPE_SIZE   ? "size with a unit"
				 : key->type == TYPE_COUNT  ? "count"
							    : "whole number");
	}
	if (number < key->min || number > key->max) {
		snprintf(rethint->text, sizeof(rethint->text), "allowed: %s", limits);
		return error_set(reterr, -EINVAL, "%.60s is too %s", text,
				 number < key->min ? "small" : "large");
	}
	if (key->store == STORE_MS && number % 1000 != 0)
		return error_set(reterr, -EINVAL, "%.60s is not a whole number of milliseconds", text);
	*ret = number;
	return 0;
}

static int parse_enum(const struct schema_key *key, const char *text, int64_t *ret, struct error *reterr,
		      struct error *rethint)
{
	int word = value_word(key->words, text);
	char limits[128];

	if (word >= 0) {
		*ret = word;
		return 0;
	}
	schema_limits(key, limits, sizeof(limits));
	snprintf(rethint->text, sizeof(rethint->text), "allowed: %s", limits);
	return error_set(reterr, -EINVAL, "\"%.60s\" is not one of its values", text);
}

static int parse_string(const struct schema_key *key, const char *text, struct error *reterr)
{
	size_t len = strlen(text);

	if (len == 0 && key->min > 0)
		return error_set(reterr, -EINVAL, "is empty");
	if (len > (size_t)key->max)
		return error_set(reterr, -EINVAL, "is too long: %zu bytes, at most %lld", len,
				 (long long)key->max);
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
		if (*p < 0x20 || *p == 0x7f)
			return error_set(reterr, -EINVAL, "has a control character");
	return 0;
}

/* In a Redis key pattern and in a Cluster hash tag these signs mean something else. */
static int parse_prefix(const struct schema_key *key, const char *text, struct error *reterr,
			struct error *rethint)
{
	error_set(rethint, 0,
		  "1 to 64 printable ASCII signs without blanks, quotes, backslash and { } * ? [ ]");
	if (parse_string(key, text, reterr) < 0)
		return -EINVAL;
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
		if (*p <= 0x20 || *p >= 0x7f || strchr("{}*?[]\\\"'", *p) != NULL)
			return error_set(reterr, -EINVAL,
					 "\"%.60s\" has a sign that cannot stand in a key prefix", text);
	return 0;
}

static int parse_zone(const struct schema_key *key, const char *text, struct error *reterr,
		      struct error *rethint)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";

	if (parse_string(key, text, reterr) < 0)
		return -EINVAL;
	if (text[0] != '/' && strspn(text, allowed) == strlen(text))
		return 0;
	error_set(rethint, 0, "write a name of the time zone database, such as Europe/Copenhagen");
	return error_set(reterr, -EINVAL, "\"%.60s\" is not the name of a time zone", text);
}

/* listen.tls and listen.http take only their word until they are built. */
static int parse_address(const struct schema_key *key, const char *text, struct error *reterr,
			 struct error *rethint)
{
	if (strcmp(key->words, "off") != 0)
		return address_check(text, reterr, rethint);
	error_set(rethint, 0, "set it to off");
	return error_set(reterr, -EINVAL, "%s is not built yet",
			 strstr(key->name, "tls") != NULL ? "TLS" : "HTTP");
}

int value_parse(const struct schema_key *key, const char *text, int64_t *ret_number, struct error *reterr,
		struct error *rethint)
{
	*ret_number = 0;
	rethint->text[0] = '\0';
	if (key->type == TYPE_ENUM)
		return parse_enum(key, text, ret_number, reterr, rethint);
	if (value_word(key->words, text) >= 0) {
		*ret_number = strcmp(text, "never") == 0 ? INT64_MAX : 0;
		return 0;
	}
	switch (key->type) {
	case TYPE_INT:
	case TYPE_COUNT:
	case TYPE_SIZE:
	case TYPE_DURATION:
		return parse_number(key, text, ret_number, reterr, rethint);
	case TYPE_ADDRESS:
		return parse_address(key, text, reterr, rethint);
	case TYPE_URL:
		return address_check_url(text, reterr, rethint);
	case TYPE_ZONE:
		return parse_zone(key, text, reterr, rethint);
	case TYPE_PREFIX:
		return parse_prefix(key, text, reterr, rethint);
	default:
		return parse_string(key, text, reterr);
	}
}

static bool is_made_of(const char *text, const char *allowed, size_t max)
{
	size_t len = strlen(text);

	return len >= 1 && len <= max && strspn(text, allowed) == len;
}

bool value_is_id(const char *text)
{
	return is_made_of(text, "abcdefghijklmnopqrstuvwxyz0123456789-", 48);
}

bool value_is_file(const char *text)
{
	return is_made_of(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", 48);
}

bool value_is_source(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (text[i] <= 0x20 || text[i] >= 0x7f)
			return false;
	return len >= 1 && len <= 128;
}

bool value_is_service(const char *text)
{
	return is_made_of(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/-", 64);
}

bool value_is_kle(const char *text)
{
	size_t len = strlen(text);

	if (len != 2 && len != 5 && len != 8)
		return false;
	for (size_t i = 0; i < len; i++)
		if (i % 3 == 2 ? text[i] != '.' : text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

bool value_is_date(const char *text)
{
	int32_t day;

	return day_parse(text, strlen(text), &day);
}

bool value_is_label(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return len >= 1 && len <= 200;
}
