/* SPDX-License-Identifier: MPL-2.0 */
/* SipHash-2-4 with 128 bits: a short keyed hash. The same bytes under the same key are the same hash on every
 * machine and in every version; without the key nobody can try out which bytes a hash came from. Pure. */
#ifndef BASE_SIP_H
#define BASE_SIP_H

#include <stddef.h>
#include <stdint.h>

void sip_hash(const uint8_t key[16], const void *bytes, size_t len, uint8_t ret[16]);

#endif
