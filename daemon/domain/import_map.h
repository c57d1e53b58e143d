/* SPDX-License-Identifier: MPL-2.0 */
/* How the columns of somebody else's table become events: plain data between the reader of map files
 * (conf/import_map) and those who read rows by it (import_row). Constant once read; everything is owned by
 * whoever read it. */
#ifndef DOMAIN_IMPORT_MAP_H
#define DOMAIN_IMPORT_MAP_H

#include "base/amount.h"
#include "base/error.h"
#include "domain/span.h"
#include "event/key.h"

#include <stdbool.h>

#define IMPORT_COLUMNS_MAX 64
#define IMPORT_VALUES_MAX  1000 /* of one column */
#define IMPORT_FOLDED      200  /* bytes of a column's name or a value, folded */

/* What a column can say beside an event's own members (enum key): the parts that make its day. */
enum import_part {
	IMPORT_DATE = KEYS, /* a day, with or without a time of day */
	IMPORT_CLOCK,       /* the time of day of `date` */
	IMPORT_YEAR,
	IMPORT_WEEK,
	IMPORT_MONTH,
	IMPORT_QUARTER,
	IMPORT_FROM, /* first day of a period */
	IMPORT_TO,   /* its last day */
	IMPORT_FIELDS,
	IMPORT_NOTHING = -1 /* the column is only a key, or only tells which rows to skip */
};

/* "date" "clock" "year" "week" "month" "quarter" "from" "to", or the event's own name. */
const char *import_field_name(int field);
/* The field called so; -2: none. */
int import_field_find(const char *name);

struct import_value {
	const char *from; /* folded (base/letters.h) */
	const char *to;
};

struct import_column {
	const char *name, *folded;
	int field; /* enum key, enum import_part */
	const struct import_value *values;
	size_t values_len;
	const char *otherwise;   /* for values that are not in the table; NULL: as they are */
	const char *empty;       /* for empty cells; NULL: not given */
	const char *const *skip; /* folded; rows with such a value are no data ("I alt") */
	size_t skip_len;
	bool is_key;
	struct place place;
};

enum import_duration {
	IMPORT_SECONDS,
	IMPORT_MINUTES,
	IMPORT_HOURS,
	IMPORT_CLOCKED /* h:mm:ss or m:ss */,
	IMPORT_DURATIONS
};
extern const char *const import_duration_name[IMPORT_DURATIONS];

struct import_map {
	const char *path;
	const char *source;
	char separator; /* '\0': found in the first line */
	int encoding;   /* enum encoding; -1: found out */
	struct amount_form numbers;
	bool has_header;
	int skip_lines; /* before the header */
	enum span_date date;
	enum span_weeks weeks;
	enum span_spread spread;
	int32_t clock_s; /* time of day of what has only a day */
	enum import_duration duration;
	const char *constants[KEYS]; /* NULL: none */
	struct import_column columns[IMPORT_COLUMNS_MAX];
	size_t columns_len;
	bool has_key;            /* some column is_key */
	const char *const *drop; /* folded names of columns that are not even looked at */
	size_t drop_len;
	const char *salt; /* key of the ids' hash; "" unless given */
};

#endif
