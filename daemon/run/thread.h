/* SPDX-License-Identifier: MPL-2.0 */
/* Starts the threads that help the loop: they block all signals, which are the loop's, and have a name by which top and
 * gdb show them. Joining is for whoever starts one. */
#ifndef RUN_THREAD_H
#define RUN_THREAD_H

#include <pthread.h>

/* name: at most 15 bytes. 0 or a negative errno. */
int thread_start(pthread_t *ret, const char *name, void *(*run)(void *ctx), void *ctx);

#endif
