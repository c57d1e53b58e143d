/* SPDX-License-Identifier: MPL-2.0 */
/* Bounds on Redis' replies, checked before hiredis' reader sees a byte: its reader takes any announced length
 * as "more to come". Finds where a reply ends; remembers where it was when bytes are missing. Pure. */
#ifndef STORE_BOUND_H
#define STORE_BOUND_H

#include <stddef.h>
#include <stdint.h>

#define BOUND_ELEMENTS 100000
#define BOUND_BULK     (1 << 20)
#define BOUND_REPLY    (16 << 20) /* bytes of one reply, and of what is buffered */
#define BOUND_LINE     65536      /* a status, error or header line */

struct bound {
	size_t at;         /* bytes of the reply seen */
	int64_t remaining; /* values still to come; 0: at the start of a reply */
	int64_t elements;  /* seen in this reply */
};

/* Length of the whole reply at the start of buf, and ready for the next; 0: more bytes needed (call again
 * with the same start and more); -EPROTO: no Redis reply; -EFBIG: past a bound. */
int64_t bound_scan(struct bound *, const char *buf, size_t len);

#endif
