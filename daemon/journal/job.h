/* SPDX-License-Identifier: MPL-2.0 */
/* Work that may wait for a disk, done off the loop: jobs of one worker run one after the other, in the order
 * they were given. run/worker.c makes workers of threads, a simulation makes them of virtual time. */
#ifndef JOURNAL_JOB_H
#define JOURNAL_JOB_H

struct job {
	void (*work)(struct job *); /* on the worker's thread; touches nothing of the loop's */
	void (*done)(struct job *); /* on the loop's thread, in the order of the jobs; may free the job */
	struct job *next;	    /* the worker's */
};

struct worker {
	void *ctx;
	void (*submit)(void *ctx, struct job *); /* loop's thread; takes the job until done() */
};

#endif
