/* SPDX-License-Identifier: MPL-2.0 */
/* `effortctl send`: files of lines as they are, or one event made of options, to the daemon's listener. */
#include "ctl/send.h"

#include "ctl/acked.h"
#include "ctl/answer.h"
#include "ctl/failure.h"
#include "ctl/figure.h"
#include "ctl/help.h"
#include "ctl/link.h"
#include "event/decode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sending {
	const char *to, *spool, *timeout;
	bool is_dry, wants_acks;
	struct send_fields fields;
	char address[256];
};

int send_find_address(struct ctl *ctl, char *ret, size_t size)
{
	struct reply reply;
	const char *address;
	int r;

	r = link_ask_ok(ctl, "{\"cmd\":\"status\"}", &reply);
	if (r != CTL_OK)
		return r;
	address = answer_text(answer_object(reply.doc, "listeners"), "ndjson");
	if (address[0] == '\0' || strcmp(address, "off") == 0)
		r = ctl_fail(ctl, CTL_REFUSED, W_NO_LISTENER, W_NEXT_LISTENER, "");
	snprintf(ret, size, "%s", address);
	reply_done(&reply);
	return r;
}

static int ask_address(struct ctl *ctl, struct sending *s)
{
	int r;

	if (s->to != NULL)
		return CTL_OK;
	r = send_find_address(ctl, s->address, sizeof s->address);
	s->to = s->address;
	return r;
}

static int send_file(struct ctl *ctl, struct stream *stream, const char *file)
{
	bool is_stdin = strcmp(file, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC), r = CTL_OK;
	char buf[65536];
	ssize_t n = 0;

	if (fd < 0)
		return ctl_fail(ctl, CTL_IO, W_OPEN_FAILED, W_NEXT_FILE, file, failure_text(ctl, errno));
	while (r == CTL_OK && ((n = read(fd, buf, sizeof buf)) > 0 || (n < 0 && errno == EINTR)))
		if (n > 0)
			r = stream_write(ctl, stream, buf, (size_t)n);
	if (r == CTL_OK && n < 0)
		r = ctl_fail(ctl, CTL_IO, W_READ_FAILED, W_NEXT_FILE, file, failure_text(ctl, errno));
	/* Half an object stays refused with a line end too; a whole one is counted. */
	if (r == CTL_OK && stream->is_inside_line) {
		ctl_say(ctl, W_SEND_LF_ADDED, file);
		r = stream_write(ctl, stream, "\n", 1);
	}
	if (!is_stdin)
		close(fd);
	return r;
}

static int send_files(struct ctl *ctl, struct stream *stream, char **files)
{
	int r = files[0] == NULL ? send_file(ctl, stream, "-") : CTL_OK;

	for (; *files != NULL && r == CTL_OK; files++)
		r = send_file(ctl, stream, *files);
	return r;
}

static int print_result(struct ctl *ctl, const struct stream *stream, const char *id)
{
	struct text json;
	int r = CTL_OK;

	if (!ctl->is_json) {
		ctl_say(ctl, W_SENT, figure_many(ctl, stream->lines, W_N_LINES),
			figure_many(ctl, stream->bytes, W_N_BYTES), stream->address);
		return CTL_OK;
	}
	text_init(&json, 4096);
	text_puts(&json, "{");
	text_key_cstr(&json, "to", stream->address);
	text_key_int(&json, "lines", stream->lines);
	text_key_int(&json, "bytes", stream->bytes);
	if (id != NULL)
		text_key_cstr(&json, "id", id);
	text_puts(&json, "}");
	if (puts(json.ptr) == EOF || fflush(stdout) != 0)
		r = ctl_fail_write(ctl);
	text_done(&json);
	return r;
}

/* "2.5" */
static bool parse_seconds(const char *text, int64_t *ret_ms)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end != '\0' || !(seconds >= 0 && seconds <= 1e9))
		return false;
	*ret_ms = (int64_t)(seconds * 1000);
	return true;
}

static int transmit_acked(struct ctl *ctl, struct sending *s, char **files, const struct text *line)
{
	struct send_acked acked = {
		.spool_dir = s->spool, .timeout_ms = ACKED_TIMEOUT_MS, .files = files, .line = line
	};
	int r;

	if (s->timeout != NULL && !parse_seconds(s->timeout, &acked.timeout_ms))
		return ctl_fail(ctl, CTL_USAGE, W_TIMEOUT_BAD, W_NEXT_TIMEOUT, s->timeout);
	r = ask_address(ctl, s);
	acked.to = s->to;
	return r == CTL_OK ? send_acked(ctl, &acked) : r;
}

/* line: the one event; NULL: the files. */
static int transmit(struct ctl *ctl, struct sending *s, char **files, const struct text *line)
{
	struct stream stream;
	int r;

	if (s->wants_acks)
		return transmit_acked(ctl, s, files, line);
	r = ask_address(ctl, s);
	if (r == CTL_OK)
		r = stream_open(ctl, s->to, &stream);
	if (r != CTL_OK)
		return r;
	if (line != NULL)
		r = stream_write(ctl, &stream, line->ptr, line->len);
	else
		r = send_files(ctl, &stream, files);
	if (r != CTL_OK) {
		close(stream.fd);
		return r;
	}
	r = stream_close(ctl, &stream);
	return r == CTL_OK ? print_result(ctl, &stream, line == NULL ? NULL : s->fields.values[0]) : r;
}

static int send_one(struct ctl *ctl, struct sending *s, char **files)
{
	struct text line;
	int r;

	if (files[0] != NULL)
		return ctl_fail(ctl, CTL_USAGE, W_SEND_BOTH, W_NEXT_HELP, files[0]);
	text_init(&line, DECODE_MAX_LINE + 1);
	r = send_build(ctl, &s->fields, &line);
	if (r == CTL_OK && s->is_dry) {
		if (fputs(line.ptr, stdout) == EOF || fflush(stdout) != 0)
			r = ctl_fail_write(ctl);
	} else if (r == CTL_OK) {
		r = transmit(ctl, s, files, &line);
	}
	text_done(&line);
	return r;
}

int send_command(struct ctl *ctl, char **args)
{
	struct sending s = { 0 };
	struct option options[SEND_FIELDS + 6] = { { "--to", &s.to, NULL },
						   { "--dry-run", NULL, &s.is_dry },
						   { "--acks", NULL, &s.wants_acks },
						   { "--spool", &s.spool, NULL },
						   { "--timeout", &s.timeout, NULL } };
	size_t n = send_field_options(&s.fields, options, 5);
	int r;

	options[n] = (struct option){ NULL, NULL, NULL };
	r = options_parse(ctl, options, args);
	if (r != CTL_OK)
		return r;
	if (ctl->wants_help)
		return help_print(ctl, "send");
	if (!s.wants_acks && (s.spool != NULL || s.timeout != NULL))
		return ctl_fail(ctl, CTL_USAGE, W_NEEDS_ACKS, W_NEXT_NEEDS_ACKS,
				s.spool != NULL ? "--spool" : "--timeout");
	if (send_fields_given(&s.fields))
		return send_one(ctl, &s, args);
	if (s.is_dry)
		return ctl_fail(ctl, CTL_USAGE, W_DRY_FILES, W_NEXT_VALIDATE, "");
	return transmit(ctl, &s, args, NULL);
}
