/* SPDX-License-Identifier: MPL-2.0 */
/* One Redis command being put together, argument by argument. Owns copies of all arguments; reused for many
 * commands. Running out of memory is remembered and told once, by command_format().
 *
 * Who calls a function writes "FCALL" and its name; command_puts() puts the version of the library built in behind the
 * name, here and nowhere else, so nobody can call a function of another version (library.h). */
#ifndef STORE_COMMAND_H
#define STORE_COMMAND_H

#include "store/library.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct command {
	char *bytes; /* owned: the arguments, one after the other */
	size_t bytes_len, bytes_cap;
	size_t *ends; /* owned: where each argument ends */
	size_t n, cap;
	bool failed;
	char version[1 + LIBRARY_VERSION_LEN + 1]; /* "_<version>" */
};

void command_init(struct command *);
void command_done(struct command *);

void command_clear(struct command *);
void command_add(struct command *, const char *bytes, size_t len);
void command_puts(struct command *, const char *);
void command_int(struct command *, int64_t);
void command_printf(struct command *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The command as the bytes to send, to be freed with free(). 0 or -ENOMEM. */
int command_format(struct command *, char **ret_bytes, size_t *ret_len);
/* Where the argument begins in the formatted command. */
size_t command_offset(const struct command *, size_t arg);
/* Adds the arguments at hand to a formatted command. Everything in it moves by *ret_shift bytes. 0 or -ENOMEM
 * (then it is as it was). */
int command_append(struct command *, char **bytes, size_t *len, size_t *ret_shift);

#endif
