/* SPDX-License-Identifier: MPL-2.0 */
/* See command.h. */
#include "store/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALL "FCALL"

void command_init(struct command *command)
{
	memset(command, 0, sizeof(*command));
	command->version[0] = '_';
	library_version(command->version + 1);
}

void command_done(struct command *command)
{
	free(command->bytes);
	free(command->ends);
	memset(command, 0, sizeof(*command));
}

void command_clear(struct command *command)
{
	command->bytes_len = 0;
	command->n = 0;
	command->failed = false;
}

static bool grow(struct command *command, size_t len)
{
	if (command->bytes_cap - command->bytes_len < len) {
		size_t cap = (command->bytes_len + len) * 2 + 4096;
		char *bytes = realloc(command->bytes, cap);

		if (!bytes)
			return false;
		command->bytes = bytes;
		command->bytes_cap = cap;
	}
	if (command->n == command->cap) {
		size_t cap = command->cap * 2 + 256;
		size_t *ends = realloc(command->ends, cap * sizeof(*ends));

		if (!ends)
			return false;
		command->ends = ends;
		command->cap = cap;
	}
	return true;
}

void command_add(struct command *command, const char *bytes, size_t len)
{
	if (command->failed || !grow(command, len)) {
		command->failed = true;
		return;
	}
	if (len)
		memcpy(command->bytes + command->bytes_len, bytes, len);
	command->bytes_len += len;
	command->ends[command->n++] = command->bytes_len;
}

static bool is_call(const struct command *command)
{
	return command->n == 1 && command->bytes_len == sizeof(CALL) - 1 &&
	       memcmp(command->bytes, CALL, sizeof(CALL) - 1) == 0;
}

/* The argument just added is a function's name. */
static void add_version(struct command *command)
{
	size_t len = sizeof(command->version) - 1;

	if (command->failed || !grow(command, len)) {
		command->failed = true;
		return;
	}
	memcpy(command->bytes + command->bytes_len, command->version, len);
	command->bytes_len += len;
	command->ends[command->n - 1] = command->bytes_len;
}

void command_puts(struct command *command, const char *text)
{
	bool is_function = is_call(command);

	command_add(command, text, strlen(text));
	if (is_function)
		add_version(command);
}

void command_int(struct command *command, int64_t value)
{
	char buf[24];
	char *at = buf + sizeof(buf);
	uint64_t v = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		*--at = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	if (value < 0)
		*--at = '-';
	command_add(command, at, (size_t)(buf + sizeof(buf) - at));
}

void command_printf(struct command *command, const char *fmt, ...)
{
	char buf[512], *text = buf;
	va_list args, again;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	if (n >= (int)sizeof(buf)) {
		text = malloc((size_t)n + 1);
		n = text == NULL ? -1 : vsnprintf(text, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	if (n < 0)
		command->failed = true;
	else
		command_add(command, text, (size_t)n);
	if (text != buf)
		free(text);
}

static size_t digits(size_t value)
{
	size_t n = 1;

	while (value >= 10) {
		value /= 10;
		n++;
	}
	return n;
}

/* "*12\r\n" */
static size_t header_len(size_t n)
{
	return digits(n) + 3;
}

static char *put_header(char *at, char kind, size_t n)
{
	char *end = at + header_len(n);

	*at = kind;
	for (char *digit = end - 3; digit > at; digit--, n /= 10)
		*digit = (char)('0' + n % 10);
	memcpy(end - 2, "\r\n", 2);
	return end;
}

static size_t formatted_len(const struct command *command)
{
	size_t len = header_len(command->n), begin = 0;

	for (size_t i = 0; i < command->n; begin = command->ends[i++])
		len += header_len(command->ends[i] - begin) + command->ends[i] - begin + 2;
	return len;
}

int command_format(struct command *command, char **ret_bytes, size_t *ret_len)
{
	size_t len = formatted_len(command), begin = 0;
	char *bytes, *at;

	if (command->failed || (bytes = malloc(len)) == NULL)
		return -ENOMEM;
	at = put_header(bytes, '*', command->n);
	for (size_t i = 0; i < command->n; begin = command->ends[i++]) {
		size_t arg_len = command->ends[i] - begin;

		at = put_header(at, '$', arg_len);
		if (arg_len > 0)
			memcpy(at, command->bytes + begin, arg_len);
		memcpy(at + arg_len, "\r\n", 2);
		at += arg_len + 2;
	}
	*ret_bytes = bytes;
	*ret_len = len;
	return 0;
}

size_t command_offset(const struct command *command, size_t arg)
{
	size_t at = header_len(command->n), begin = 0;

	for (size_t i = 0; i < arg; begin = command->ends[i++])
		at += header_len(command->ends[i] - begin) + command->ends[i] - begin + 2;
	return at + header_len(command->ends[arg] - begin);
}

int command_append(struct command *command, char **bytes, size_t *len, size_t *ret_shift)
{
	size_t old_n = strtoul(*bytes + 1, NULL, 10), more_len, head, old_head = header_len(old_n), more_head;
	char *more, *whole;

	if (command_format(command, &more, &more_len) < 0)
		return -ENOMEM;
	more_head = header_len(command->n);
	head = header_len(old_n + command->n);
	whole = malloc(*len + more_len + 32);
	if (!whole) {
		free(more);
		return -ENOMEM;
	}
	put_header(whole, '*', old_n + command->n);
	memcpy(whole + head, *bytes + old_head, *len - old_head);
	memcpy(whole + head + *len - old_head, more + more_head, more_len - more_head);
	*len += head - old_head + more_len - more_head;
	free(more);
	free(*bytes);
	*bytes = whole;
	*ret_shift = head - old_head;
	return 0;
}
