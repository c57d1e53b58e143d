/* SPDX-License-Identifier: MPL-2.0 */
/* Lines of a file or pipe for one who has something else to wait for too: reads once when told so, and hands
 * out the lines that are whole. Finds them as the daemon does (event/frame). Owns its buffer and descriptor.
 */
#ifndef CTL_SEND_INPUT_H
#define CTL_SEND_INPUT_H

#include "ctl/ctl.h"
#include "event/frame.h"

#include <stdint.h>

#define INPUT_BUFFER (256 * 1024)

enum input_found { INPUT_NONE /* read more */, INPUT_LINE, INPUT_TOO_LONG };

struct input {
	int fd;
	const char *name; /* borrowed; "stdin" */
	struct frame frame;
	const char *at, *end;
	uint64_t number; /* line ends seen */
	bool has_ended, had_no_lf;
	char buf[INPUT_BUFFER];
};

/* file "-": standard input. CTL_OK or CTL_IO, said. */
int input_open(struct ctl *, struct input *, const char *file);
void input_close(struct input *);
/* One read. At the end a last line without LF gets one. CTL_OK or CTL_IO, said. */
int input_read(struct ctl *, struct input *);
enum input_found input_next(struct input *, struct effort_str *ret_line, uint64_t *ret_number);

#endif
