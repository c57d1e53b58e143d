/* SPDX-License-Identifier: MPL-2.0 */
/* How a run says what it does (with --verbose) and that something is wrong: a failure ends the process that runs
 * it; who started it reads why. */
#ifndef SIMULATION_FAILURE_H
#define SIMULATION_FAILURE_H

#define FAILURE_TEXT 2048

/* Where the reason is written before the process ends; FAILURE_TEXT bytes. */
void failure_into(char *text);
void failure(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
