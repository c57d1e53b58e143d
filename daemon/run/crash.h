/* SPDX-License-Identifier: MPL-2.0 */
/* When a plugin crashes or hangs: the process ends with a note that names the area, and an area that has done
 * so three times in ten minutes starts disabled. The note is one line appended to state_dir/crashes ("<unix
 * seconds> <area>"), written by the signal handler from memory prepared before. */
#ifndef RUN_CRASH_H
#define RUN_CRASH_H

#include "base/error.h"

#include <stdint.h>

#define CRASH_TIMES    3
#define CRASH_WINDOW_S 600

/* Opens the note and installs the handlers for SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT, and the watch
 * that ends the process when one call into a plugin lasts longer than hang_limit_ms. 0 or a negative errno.
 */
int crash_init(const char *state_dir, int64_t hang_limit_ms, struct error *reterr);
void crash_set_hang_limit(int64_t hang_limit_ms);
void crash_done(void);

/* Areas that crashed CRASH_TIMES times within the window before now, NULL-terminated; owned by this file,
 * valid until crash_done. */
const char *const *crash_disabled(const char *state_dir, int64_t now_s);

#endif
