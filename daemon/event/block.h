/* SPDX-License-Identifier: MPL-2.0 */
/* 64 bytes at a time: where the quotes and digits are, and whether there is anything that needs a closer
 * look. SSE2 where the compiler has it (every x86-64), plain C elsewhere; the tests of what is read
 * with it run on both (EVENT_PORTABLE). Reads whole blocks: DECODE_PADDING bytes behind a text must be readable. */
#ifndef EVENT_BLOCK_H
#define EVENT_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__) && !defined(EVENT_PORTABLE)
#include <emmintrin.h>
#define BLOCK_SSE2 1
#endif

#define BLOCK 64

/* Bit i stands for byte i. */
struct block {
	uint64_t digits;
	uint64_t odd; /* control bytes, DEL, backslashes and bytes above 127 */
};

/* The first byte is the lowest, on every machine. */
static inline uint64_t block_load64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof v);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

static inline unsigned block_lowest(uint64_t bits)
{
	return (unsigned)__builtin_ctzll(bits);
}

static inline unsigned block_count(uint64_t bits)
{
#ifdef __POPCNT__
	return (unsigned)__builtin_popcountll(bits);
#else
	/* Without the instruction the builtin is a call. */
	bits -= bits >> 1 & 0x5555555555555555;
	bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return (unsigned)(bits * 0x0101010101010101 >> 56);
#endif
}

/* Eight bytes compared with a form in which '0' stands for any digit and `fixed` marks the bytes that are
 * given; the first byte is the lowest. Each digit becomes its value, a given byte 0. *ret_bad is 0 when all
 * fits, else the bits that do not. */
static inline uint64_t block_match(uint64_t text, uint64_t form, uint64_t fixed, uint64_t *ret_bad)
{
	uint64_t digit = ~fixed & 0x0f0f0f0f0f0f0f0f;
	uint64_t values = text ^ form;
	/* A digit and 6 stay below 16. */
	uint64_t above = (values & digit) + (digit & 0x0606060606060606);

	*ret_bad = (values | above) & ~digit;
	return values & digit;
}

/* The bits of a block that belong to a text of which `left` bytes remain, at least 1. */
static inline uint64_t block_within(size_t left)
{
	return UINT64_MAX >> (left < BLOCK ? BLOCK - left : 0);
}

static inline struct block block_read_portable(const char *p, unsigned n)
{
	struct block b = { 0, 0 };

	for (unsigned i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		b.digits |= (uint64_t)(c >= '0' && c <= '9') << i;
		b.odd |= (uint64_t)(c < 0x20 || c > 0x7e || c == '\\') << i;
	}
	return b;
}

static inline uint64_t block_quotes_portable(const char *p)
{
	uint64_t quotes = 0;

	for (unsigned i = 0; i < BLOCK; i++)
		quotes |= (uint64_t)(p[i] == '"') << i;
	return quotes;
}

#ifdef BLOCK_SSE2

static inline __m128i block_load16(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline uint32_t block_join32(__m128i a, __m128i b)
{
	return (uint32_t)_mm_movemask_epi8(a) | (uint32_t)_mm_movemask_epi8(b) << 16;
}

static inline uint64_t block_join(__m128i a, __m128i b, __m128i c, __m128i d)
{
	return block_join32(a, b) | (uint64_t)block_join32(c, d) << 32;
}

static inline __m128i block_quotes16(__m128i x)
{
	return _mm_cmpeq_epi8(x, _mm_set1_epi8('"'));
}

static inline __m128i block_digits16(__m128i x)
{
	__m128i value = _mm_sub_epi8(x, _mm_set1_epi8('0'));

	return _mm_cmpeq_epi8(_mm_min_epu8(value, _mm_set1_epi8(9)), value);
}

static inline __m128i block_odd16(__m128i x)
{
	/* Signed and one up, so that DEL and all above it fall below the space too. */
	__m128i is_outside = _mm_cmplt_epi8(_mm_add_epi8(x, _mm_set1_epi8(1)), _mm_set1_epi8(' ' + 1));

	return _mm_or_si128(is_outside, _mm_cmpeq_epi8(x, _mm_set1_epi8('\\')));
}

/* The BLOCK bytes at p. */
static inline struct block block_read(const char *p)
{
	__m128i a = block_load16(p), b = block_load16(p + 16), c = block_load16(p + 32),
		d = block_load16(p + 48);

	return (struct block){
		block_join(block_digits16(a), block_digits16(b), block_digits16(c), block_digits16(d)),
		block_join(block_odd16(a), block_odd16(b), block_odd16(c), block_odd16(d)),
	};
}

/* Half a block. */
static inline struct block block_read32(const char *p)
{
	__m128i a = block_load16(p), b = block_load16(p + 16);

	return (struct block){ block_join32(block_digits16(a), block_digits16(b)),
			       block_join32(block_odd16(a), block_odd16(b)) };
}

/* The quotes among them. */
static inline uint64_t block_quotes(const char *p)
{
	return block_join(block_quotes16(block_load16(p)), block_quotes16(block_load16(p + 16)),
			  block_quotes16(block_load16(p + 32)), block_quotes16(block_load16(p + 48)));
}

/* Which of 32 bytes are c. */
static inline uint32_t block_find32(const char *p, char c)
{
	__m128i each = _mm_set1_epi8(c);

	return block_join32(_mm_cmpeq_epi8(block_load16(p), each),
			    _mm_cmpeq_epi8(block_load16(p + 16), each));
}

/* Which of 32 bytes are the same. */
static inline uint32_t block_same32(const char *a, const char *b)
{
	return block_join32(_mm_cmpeq_epi8(block_load16(a), block_load16(b)),
			    _mm_cmpeq_epi8(block_load16(a + 16), block_load16(b + 16)));
}

#else

static inline struct block block_read(const char *p)
{
	return block_read_portable(p, BLOCK);
}

static inline struct block block_read32(const char *p)
{
	return block_read_portable(p, BLOCK / 2);
}

static inline uint64_t block_quotes(const char *p)
{
	return block_quotes_portable(p);
}

static inline uint32_t block_find32(const char *p, char c)
{
	uint32_t found = 0;

	for (unsigned i = 0; i < 32; i++)
		found |= (uint32_t)(p[i] == c) << i;
	return found;
}

static inline uint32_t block_same32(const char *a, const char *b)
{
	uint32_t same = 0;

	for (unsigned i = 0; i < 32; i++)
		same |= (uint32_t)(a[i] == b[i]) << i;
	return same;
}

#endif
#endif
