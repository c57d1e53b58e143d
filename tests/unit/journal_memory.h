/* SPDX-License-Identifier: MPL-2.0 */
/* Memory that runs out at a chosen place: the program's own malloc, calloc, realloc and free stand before the
 * C library's. Included by one file of a program, before journal_disk.h, whose disk keeps out of it. Where a
 * sanitizer has its own memory nothing ever runs out (MEMORY_CAN_FAIL is 0). */
#ifndef TESTS_JOURNAL_MEMORY_H
#define TESTS_JOURNAL_MEMORY_H

#include "suite.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_CAN_FAIL 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define MEMORY_CAN_FAIL 0
#endif
#endif
#ifndef MEMORY_CAN_FAIL
#define MEMORY_CAN_FAIL 1
#endif

static struct {
	int64_t left; /* so many more succeed, then one fails; -1: none fails */
	bool has_failed;
	int64_t live; /* blocks that were not freed */
} memory = { .left = -1 };

/* The n-th allocation from now on fails (0: the next). */
static inline void memory_fail(int64_t n)
{
	memory.left = n;
	memory.has_failed = false;
}

#if MEMORY_CAN_FAIL

/* The C library's own functions come here too: what strdup() takes is freed here. */
#define MEMORY_FOR_ALL __attribute__((visibility("default")))

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void __libc_free(void *);

static bool memory_is_out(void)
{
	if (memory.left < 0 || memory.left-- > 0)
		return false;
	memory.has_failed = true;
	errno = ENOMEM;
	return true;
}

MEMORY_FOR_ALL void *malloc(size_t n)
{
	void *p = memory_is_out() ? NULL : __libc_malloc(n);

	memory.live += p != NULL;
	return p;
}

MEMORY_FOR_ALL void *calloc(size_t n, size_t size)
{
	void *p = memory_is_out() ? NULL : __libc_calloc(n, size);

	memory.live += p != NULL;
	return p;
}

MEMORY_FOR_ALL void *realloc(void *old, size_t n)
{
	void *p = memory_is_out() ? NULL : __libc_realloc(old, n);

	memory.live += p != NULL && old == NULL;
	return p;
}

MEMORY_FOR_ALL void free(void *p)
{
	memory.live -= p != NULL;
	__libc_free(p);
}

static inline char *memory_strdup(const char *text)
{
	char *copy = __libc_malloc(strlen(text) + 1);

	return copy == NULL ? NULL : strcpy(copy, text);
}

/* For journal_disk.h. */
#define malloc  __libc_malloc
#define calloc  __libc_calloc
#define realloc __libc_realloc
#define free    __libc_free
#undef strdup
#define strdup memory_strdup
#include "journal_disk.h"
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef strdup

#endif
#endif
