/* SPDX-License-Identifier: MPL-2.0 */
/* The log: one line per happening, logfmt or JSON, to stderr or a file.
 *
 *   LOG(LOG_INFO, "run", "ready", F_STR("version", v), F_INT("areas", n));
 *   ts=2026-11-22T00:43:11.123Z level=info sys=run msg=ready version=0.1.0 areas=8
 *
 * Under systemd lines begin with their severity as <N>. Untrusted bytes are escaped: a line is always one
 * line. Each message (its text is constant) of LOG is held to LOG_BURST lines in LOG_WINDOW_MS; what was left
 * out is told as suppressed= on the next line of that message. The only global state of the program; main
 * thread, but for log_crash(). Library layers never log: they return errors. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <effort/plugin.h>

#include <stddef.h>
#include <stdint.h>

#define LOG_ERROR   3
#define LOG_WARNING 4
#define LOG_INFO    6
#define LOG_DEBUG   7

#define LOG_BURST     50
#define LOG_WINDOW_MS 10000

struct log_field {
	const char *key;
	enum { LOG_FIELD_TEXT, LOG_FIELD_INT, LOG_FIELD_FIXED } type;
	int decimals;
	struct effort_str text;
	int64_t number;
};

#define F_STR(k, v)  log_text((k), (v))
#define F_TEXT(k, s) ((struct log_field){ .key = (k), .type = LOG_FIELD_TEXT, .text = (s) })
#define F_INT(k, v)  ((struct log_field){ .key = (k), .type = LOG_FIELD_INT, .number = (int64_t)(v) })
/* v in units of 10^-d: F_FIXED("share", 7912, 2) is share=79.12 */
#define F_FIXED(k, v, d)                                                                                     \
	((struct log_field){ .key = (k), .type = LOG_FIELD_FIXED, .number = (int64_t)(v), .decimals = (d) })

#define LOG(level, sys, ...) LOG_WITH_FIELDS(level, sys, __VA_ARGS__, { 0 })
/* The same without a rate, for lines whose own logic bounds them: none of these may be left out. */
#define LOG_ALL(level, sys, ...) LOG_ALL_WITH_FIELDS(level, sys, __VA_ARGS__, { 0 })
#define LOG_WITH_FIELDS(level, sys, msg, ...)                                                                \
	log_write((level), (sys), (msg), true, (const struct log_field[]){ __VA_ARGS__ })
#define LOG_ALL_WITH_FIELDS(level, sys, msg, ...)                                                            \
	log_write((level), (sys), (msg), false, (const struct log_field[]){ __VA_ARGS__ })

struct log_field log_text(const char *key, const char *value); /* NULL value: "" */

struct log_settings {
	int level;
	bool is_json;
	const char *file; /* NULL: stderr */
};

/* Opens or changes the log. 0 or a negative errno: the file cannot be opened and nothing has changed. */
int log_open(const struct log_settings *);
void log_reopen(void); /* after a rotation */
void log_close(void);

/* fields end with one whose key is NULL. is_rated: held to the message's rate. */
void log_write(int level, const char *sys, const char *msg, bool is_rated, const struct log_field *fields);

/* For signal handlers: one line of constant parts, no allocation. */
void log_crash(const char *msg, const char *key, const char *value);

#endif
