/* SPDX-License-Identifier: MPL-2.0 */
/* See log.h. */
#include "base/log.h"

#include "base/clock.h"
#include "base/str.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES  131072
#define FIELD_MAX_BYTES 1000 /* of one value; six times that when all of it is escaped */
#define MESSAGES        128  /* messages whose rate is watched */

struct rate {
	const char *msg;
	int64_t window_ms;
	unsigned lines, suppressed;
};

static struct {
	int level, fd;
	bool is_json, has_prefix;
	char *file; /* owned */
	struct text line;
	struct rate rates[MESSAGES];
} the_log = { .level = LOG_INFO, .fd = STDERR_FILENO };

static const char *level_name(int level)
{
	return level <= LOG_ERROR     ? "error"
	       : level == LOG_WARNING ? "warning"
	       : level == LOG_INFO    ? "info"
				      : "debug";
}

static int open_file(const char *file)
{
	return open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
}

static void use_file(char *file, int fd)
{
	if (the_log.file != NULL)
		close(the_log.fd);
	free(the_log.file);
	the_log.file = file;
	the_log.fd = fd;
}

int log_open(const struct log_settings *settings)
{
	if (settings->file != NULL) {
		char *file = strdup(settings->file);
		int fd = file == NULL ? -1 : open_file(file);

		if (fd < 0) {
			free(file);
			return -errno;
		}
		use_file(file, fd);
	} else {
		use_file(NULL, STDERR_FILENO);
	}
	the_log.level = settings->level;
	the_log.is_json = settings->is_json;
	the_log.has_prefix = settings->file == NULL && getenv("JOURNAL_STREAM") != NULL;
	return 0;
}

void log_reopen(void)
{
	int fd = the_log.file == NULL ? -1 : open_file(the_log.file);

	if (fd < 0)
		return;
	close(the_log.fd);
	the_log.fd = fd;
}

void log_close(void)
{
	use_file(NULL, STDERR_FILENO);
	text_done(&the_log.line);
}

struct log_field log_text(const char *key, const char *value)
{
	return (struct log_field){ .key = key,
				   .type = LOG_FIELD_TEXT,
				   .text = str_of(value == NULL ? "" : value) };
}

static bool is_plain(struct effort_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f)
			return false;
	}
	return s.len > 0;
}

static void put_number(struct text *line, const struct log_field *field)
{
	int64_t unit = 1, size = field->number < 0 ? -field->number : field->number;

	if (field->type == LOG_FIELD_INT) {
		text_printf(line, "%" PRId64, field->number);
		return;
	}
	for (int i = 0; i < field->decimals; i++)
		unit *= 10;
	text_printf(line, "%s%" PRId64 ".%0*" PRId64, field->number < 0 ? "-" : "", size / unit,
		    field->decimals, size % unit);
}

static void put_field(struct text *line, const struct log_field *field)
{
	struct effort_str text = field->text;

	if (text.len > FIELD_MAX_BYTES)
		text.len = FIELD_MAX_BYTES;
	if (the_log.is_json)
		text_key(line, field->key);
	else
		text_printf(line, " %s=", field->key);
	if (field->type != LOG_FIELD_TEXT)
		put_number(line, field);
	else if (!the_log.is_json && is_plain(text))
		text_add(line, text.ptr, text.len);
	else
		text_json(line, text);
}

static void put_fields(struct text *line, const struct log_field *fields)
{
	for (; fields->key != NULL; fields++)
		put_field(line, fields);
}

static void put_time(struct text *line)
{
	int64_t now_ms = clock_now_ms();
	time_t now = (time_t)(now_ms / 1000);
	struct tm tm;

	gmtime_r(&now, &tm);
	text_printf(line,
		    the_log.is_json ? "{\"ts\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\""
				    : "ts=%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		    (int)(now_ms % 1000));
}

/* The message's rate; the oldest one gives way when all places are taken. */
static struct rate *rate_of(const char *msg, int64_t now_ms)
{
	struct rate *oldest = &the_log.rates[0];

	for (int i = 0; i < MESSAGES; i++) {
		struct rate *rate = &the_log.rates[i];

		if (rate->msg == msg)
			return rate;
		if (rate->window_ms < oldest->window_ms)
			oldest = rate;
	}
	*oldest = (struct rate){ .msg = msg, .window_ms = now_ms };
	return oldest;
}

static bool may_say(const char *msg, unsigned *ret_suppressed)
{
	int64_t now_ms = clock_mono_ms();
	struct rate *rate = rate_of(msg, now_ms);

	*ret_suppressed = 0;
	if (now_ms - rate->window_ms >= LOG_WINDOW_MS) {
		*ret_suppressed = rate->suppressed;
		*rate = (struct rate){ .msg = msg, .window_ms = now_ms };
	}
	if (rate->lines >= LOG_BURST) {
		rate->suppressed++;
		return false;
	}
	rate->lines++;
	return true;
}

static void write_all(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(the_log.fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

void log_write(int level, const char *sys, const char *msg, bool is_rated, const struct log_field *fields)
{
	struct text *line = &the_log.line;
	unsigned suppressed = 0;

	if (level > the_log.level || (is_rated && !may_say(msg, &suppressed)))
		return;
	if (line->max == 0)
		text_init(line, LINE_MAX_BYTES);
	text_clear(line);
	if (the_log.has_prefix)
		text_printf(line, "<%d>", level);
	put_time(line);
	put_fields(line,
		   (const struct log_field[]){
			   F_STR("level", level_name(level)), F_STR("sys", sys), F_STR("msg", msg), { 0 } });
	put_fields(line, fields);
	if (suppressed > 0)
		put_fields(line, (const struct log_field[]){ F_INT("suppressed", suppressed), { 0 } });
	text_puts(line, the_log.is_json ? "}\n" : "\n");
	if (line->len > 0)
		write_all(line->ptr, line->len);
}

void log_crash(const char *msg, const char *key, const char *value)
{
	const char *parts[] = { "level=error sys=run msg=\"", msg, "\" ", key, "=\"", value, "\"\n" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		write_all(parts[i], strlen(parts[i]));
}
