/* SPDX-License-Identifier: MPL-2.0 */
/* What the producer is to send, and the books about it: settings, shapes of events, lines that must be
 * refused, the ledger (a mapped file), what strange things were heard. One thread; globals, as a program of
 * one purpose may have them. Everything that cannot be set up ends the program. */
#ifndef FAULTS_PLAN_H
#define FAULTS_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_ROOM 2048

enum { SENT = 1, ACKED = 2 }; /* an event's byte in the ledger */

struct shape {
	char *rest; /* the line behind its id */
	size_t len;
	uint32_t sibling; /* same source and time, other content */
	uint64_t events;  /* that have it */
};

struct bad {
	char *line;
	char code[24];
};

/* Order matters: load.py reads them by position. */
struct counters {
	uint64_t started, acked, lines, duplicates, bad, conflicts, connects, lost, accepted, duplicate,
		refused, nacks, faults, ack_ms_max, oldest_ms, resends, silent, rated;
};

struct settings {
	const char *templates, *bad, *address, *ledger, *run;
	uint64_t seed, max, rate, conns, silent, dup, bad_permille, conflict_permille, cut_ms, window,
		patience;
};

extern struct settings set;
extern struct shape *shapes;
extern size_t shapes_len;
extern struct bad *bads;
extern size_t bads_len;
extern volatile struct counters *count;
extern volatile uint8_t *state; /* a byte for each event */

/* Reads the options, the files they name, and maps the ledger. */
void plan_parse(int argc, char **argv);
/* Prints the one JSON object. */
void plan_report(double seconds);
/* Something strange was heard: counted, the first ones kept for the report. */
__attribute__((format(printf, 1, 2))) void plan_fault(const char *format, ...);
__attribute__((noreturn)) void plan_die(const char *what);

uint64_t plan_mix(uint64_t x);
uint64_t plan_roll(uint64_t n); /* below n */
uint32_t plan_shape(uint64_t number);
/* Half of the events may be sent again after their ack. */
bool plan_may_repeat(uint64_t number);

/* Numbers to send again, first in, first out; those acknowledged meanwhile are left out. */
void plan_push(uint64_t number);
bool plan_pop(uint64_t *ret);
bool plan_is_empty(void);

#endif
