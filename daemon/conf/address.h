/* SPDX-License-Identifier: MPL-2.0 */
/* The forms of addresses: where effortd listens and where Redis is. Checks only; whoever opens a socket reads
 * them again. Pure. */
#ifndef CONF_ADDRESS_H
#define CONF_ADDRESS_H

#include "base/error.h"

#define ADDRESS_PATH_MAX 107 /* bytes of a unix socket's path */

/* "127.0.0.1:7020", "[::1]:7020", or a path (anything with a '/'). 0, or -EINVAL with message and next step.
 */
int address_check(const char *text, struct error *reterr, struct error *rethint);

/* "redis://[user@]host:port[/db]" or "unix:///path". */
int address_check_url(const char *text, struct error *reterr, struct error *rethint);

#endif
