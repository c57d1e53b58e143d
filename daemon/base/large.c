/* SPDX-License-Identifier: MPL-2.0 */
/* See large.h. */
#include "base/large.h"

#include <stdint.h>
#include <sys/mman.h>

#define LARGE_BYTES ((size_t)4 << 20) /* less has few large pages in it, if any */
#define PAGE_BYTES  4096

/* From the page that the block begins in, for realloc() moves only what is of one kind. */
void large_advise(void *block, size_t bytes)
{
	uintptr_t from = (uintptr_t)block & ~(uintptr_t)(PAGE_BYTES - 1);
	uintptr_t to = ((uintptr_t)block + bytes + PAGE_BYTES - 1) & ~(uintptr_t)(PAGE_BYTES - 1);

	if (block != NULL && bytes >= LARGE_BYTES)
		(void)!madvise((void *)from, to - from, MADV_HUGEPAGE);
}
