/* SPDX-License-Identifier: MPL-2.0 */
/* See sip.h. After J.-P. Aumasson and D. J. Bernstein, "SipHash: a fast short-input PRF" (2012), with the
 * authors' extension to 128 bits. */
#include "base/sip.h"

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static uint64_t load(const uint8_t *p, size_t n)
{
	uint64_t word = 0;

	for (size_t i = 0; i < n; i++)
		word |= (uint64_t)p[i] << (8 * i);
	return word;
}

static void rounds(struct state *s, int n)
{
	for (; n > 0; n--) {
		s->v0 += s->v1;
		s->v2 += s->v3;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 = rotate(s->v0, 32);
		s->v2 += s->v1;
		s->v0 += s->v3;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 = rotate(s->v2, 32);
	}
}

static void compress(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	rounds(s, 2);
	s->v0 ^= word;
}

static void finish(struct state *s, uint8_t ret[8])
{
	uint64_t word;

	rounds(s, 4);
	word = s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
	for (int i = 0; i < 8; i++)
		ret[i] = (uint8_t)(word >> (8 * i));
}

void sip_hash(const uint8_t key[16], const void *bytes, size_t len, uint8_t ret[16])
{
	uint64_t k0 = load(key, 8), k1 = load(key + 8, 8);
	struct state s = { k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
			   k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573) };
	const uint8_t *p = bytes;
	size_t left = len;

	for (; left >= 8; left -= 8, p += 8)
		compress(&s, load(p, 8));
	compress(&s, load(p, left) | (uint64_t)len << 56);
	s.v2 ^= 0xee;
	finish(&s, ret);
	s.v1 ^= 0xdd;
	finish(&s, ret + 8);
}
