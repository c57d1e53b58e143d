/* SPDX-License-Identifier: MPL-2.0 */
/* The schema table: every setting of the main file, once. It drives checking, defaults, `-s`, `-T`, what a
 * reload may change, and the test that holds etc/effortd.conf to it. Constant. */
#ifndef CONF_SCHEMA_H
#define CONF_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schema_type {
	TYPE_INT,      /* a plain number */
	TYPE_COUNT,    /* "4M", "256k": decimal thousands; a plain number as well */
	TYPE_SIZE,     /* "4GiB", "256MiB", "10MB": bytes */
	TYPE_DURATION, /* "20ms", "35d" */
	TYPE_STRING,   /* min and max are lengths */
	TYPE_ENUM,     /* one of words */
	TYPE_PATH,     /* made absolute */
	TYPE_ADDRESS,  /* address:port, unix path, or one of words */
	TYPE_URL,      /* of a Redis */
	TYPE_ZONE,     /* name of a time zone */
	TYPE_PREFIX,   /* of Redis keys */
	TYPE_SOURCES,  /* the list `sources`; never a text, nor those below */
	TYPE_PERIODS,  /* the list `periods` */
	TYPE_DEFINITIONS /* the list `definitions` */
};

enum schema_effect {
	EFFECT_RELOAD, /* a reload applies it */
	EFFECT_RESTART /* only a restart does */
};

/* What the number of a setting becomes in struct conf. */
enum schema_store {
	STORE_NOT,
	STORE_TEXT,  /* const char *, NULL when the text is empty or says stderr */
	STORE_INT,   /* int */
	STORE_INT64, /* int64_t: a count, a size */
	STORE_MS,    /* int64_t milliseconds */
	STORE_US     /* int64_t microseconds */
};

struct schema_key {
	const char *name; /* "redis.url" */
	enum schema_type type;
	const char *default_text;
	int64_t min,
		max; /* of the number; durations in microseconds; of strings the length; both 0: no bound */
	const char *words; /* separated by blanks: the values of an enum, or words other types take as well */
	enum schema_effect effect;
	enum schema_store store;
	size_t offset;    /* in struct conf; STORE_NOT: 0 */
	const char *help; /* one sentence */
};

extern const struct schema_key schema_keys[];
extern const size_t schema_len;

/* Index of a setting by its full name; -1: none. */
int schema_find(const char *name);
/* True when some setting begins with "name.": it is a group. */
bool schema_is_group(const char *name);

/* Fills names (room for max) with what may stand in a group ("" the file itself), groups once; returns their
 * number. buf holds the text of the names. */
size_t schema_members(const char *group, const char **names, size_t max, char *buf, size_t size);

/* "reload", "restart", "reserved". */
const char *schema_effect_name(enum schema_effect);

/* The limits and allowed words in words for people: "20ms to 10s, or never". Empty when there are none. */
void schema_limits(const struct schema_key *, char *buf, size_t size);

/* Places of an installation; the build sets them (EFFORT_DATADIR, EFFORT_PLUGINDIR). */
extern const char schema_data_dir[], schema_plugin_dir[];

#endif
