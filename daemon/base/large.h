/* SPDX-License-Identifier: MPL-2.0 */
/* Blocks of many megabytes that are touched all over: the kernel is asked to back them with large pages. That saves a
 * fault for every 4 KiB of a new block, and most of what finding its pages costs whoever reads it out of order. Where the
 * kernel does not, nothing is different. Any thread; no state. */
#ifndef BASE_LARGE_H
#define BASE_LARGE_H

#include <stddef.h>

/* A block of malloc() or realloc(), of which at least nearly all will be used. Small ones are left as they are. */
void large_advise(void *block, size_t bytes);

#endif
