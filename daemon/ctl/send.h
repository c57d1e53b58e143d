/* SPDX-License-Identifier: MPL-2.0 */
/* The parts of `effortctl send`: one event made of options, and the way to the daemon's listener. */
#ifndef CTL_SEND_H
#define CTL_SEND_H

#include "base/error.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/options.h"

#include <stdint.h>

#define SEND_FIELDS 32

/* The fields of an event that options can give; values[0] is its id. */
struct send_fields {
	const char *values[SEND_FIELDS];
	bool is_exempt;
	char id[40], time[40];
};

/* Adds an option for each field behind options[n] (room for SEND_FIELDS more); returns the new n. */
size_t send_field_options(struct send_fields *, struct option *options, size_t n);
/* Some field was given: the event is made of options. */
bool send_fields_given(const struct send_fields *);

/* Writes the event as one line with its line end, id, source and time filled in where they were not given,
 * after the decoder and (where the configuration is at hand) the daemon's own rules have accepted it. CTL_OK,
 * CTL_REFUSED with the code explained on stderr, or CTL_INTERNAL. */
int send_build(struct ctl *, struct send_fields *, struct text *ret_line);

/* Where the daemon listens for events, by its own word. CTL_OK, or said. */
int send_find_address(struct ctl *, char *ret, size_t size);

/* One stream of lines to an address: host:port, [host]:port or a unix path. */
struct stream {
	int fd;
	const char *address; /* borrowed */
	int64_t lines, bytes;
	bool is_inside_line;
};

/* Is it an address at all? CTL_OK or CTL_USAGE, said. */
int stream_check(struct ctl *, const char *address);
/* Connects; timeout_ms 0: as long as the system tries. 0, or a negative errno with the reason in the reader's words. */
int stream_dial(const struct ctl *, const char *address, int64_t timeout_ms, int *ret_fd, struct error *reterr);
int stream_open(struct ctl *, const char *address, struct stream *ret);
/* CTL_OK or CTL_IO, said. */
int stream_write(struct ctl *, struct stream *, const char *bytes, size_t len);
/* Half-closes, waits until the other side has read everything and closed too, shows what it said. */
int stream_close(struct ctl *, struct stream *);

/* `--acks`: files, or the one line, at least once (acked.h), through a spool where there is one. */
struct send_acked {
	const char *to, *spool_dir; /* spool_dir NULL: none */
	int64_t timeout_ms;
	char **files;            /* empty: standard input; or */
	const struct text *line; /* the one event; NULL: the files */
};
int send_acked(struct ctl *, const struct send_acked *);

#endif
