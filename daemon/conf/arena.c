/* SPDX-License-Identifier: MPL-2.0 */
/* See arena.h. Blocks are chained and filled from the front; what does not fit opens a block of its own size.
 */
#include "conf/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE (16 * 1024)
#define ALIGNMENT  sizeof(max_align_t)

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(max_align_t) unsigned char bytes[];
};

static void no_memory(void)
{
	fputs("effortd: out of memory while reading the configuration\n", stderr);
	abort();
}

static struct arena_block *open_block(struct arena *arena, size_t least)
{
	size_t size = least > BLOCK_SIZE ? least : BLOCK_SIZE;
	struct arena_block *block = calloc(1, sizeof(*block) + size);

	if (block == NULL)
		no_memory();
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->blocks;
	void *ret;

	if (size > SIZE_MAX / 2)
		no_memory();
	size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	if (block == NULL || block->size - block->used < size)
		block = open_block(arena, size);
	ret = block->bytes + block->used;
	block->used += size;
	return ret;
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / 2 / size)
		no_memory();
	return arena_alloc(arena, n * size);
}

char *arena_strdup(struct arena *arena, const char *text)
{
	size_t len = strlen(text);

	return memcpy(arena_alloc(arena, len + 1), text, len + 1);
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list ap, again;
	char *ret;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	ret = arena_alloc(arena, (size_t)n + 1);
	vsnprintf(ret, (size_t)n + 1, fmt, again);
	va_end(again);
	return ret;
}

void arena_done(struct arena *arena)
{
	while (arena->blocks != NULL) {
		struct arena_block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
}
