/* SPDX-License-Identifier: MPL-2.0 */
/* The two clocks. Pure layers get times as arguments and never include this. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_now_ms(void);  /* Unix milliseconds */
int64_t clock_mono_us(void); /* monotonic microseconds; for intervals */
int64_t clock_mono_ms(void);

#endif
