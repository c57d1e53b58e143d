/* SPDX-License-Identifier: MPL-2.0 */
/* A machine's disk: tests/unit/journal_disk.h, and over it what a simulation adds: the machine dies at a given
 * operation, or is dead already, so that nothing more happens to the disk; and faults that end by themselves. */
#ifndef SIMULATION_FAKE_DISK_H
#define SIMULATION_FAKE_DISK_H

#include "journal_disk.h"

struct fake_disk {
	struct disk table; /* what the product gets */
	struct mem_disk *mem; /* owned */
	bool is_dead;	   /* nothing happens any more */
	/* Operations that change something until the machine dies in the middle of one; 0: it does not. */
	uint64_t dies_in;
	bool has_died;	   /* it just did: whoever runs the machine ends it */
	/* One of `fails_of` operations fails like this; 0: none. */
	uint32_t fails_of;
	int fail_error;
	uint64_t chance; /* state of its own random numbers */
	uint64_t operations, failures;
};

void fake_disk_init(struct fake_disk *);
void fake_disk_done(struct fake_disk *);
void fake_disk_replace(struct fake_disk *, struct mem_disk *); /* with another's content; owned */
bool fake_disk_has_open(const struct fake_disk *);

#endif
