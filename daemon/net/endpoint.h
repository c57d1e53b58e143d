/* SPDX-License-Identifier: MPL-2.0 */
/* A listening socket and where it came from: an address and port, a Unix path, or the service manager. Owns
 * the descriptor and the socket file. Knows no loop and accepts nothing.
 *
 * A Unix socket file is made with mode 0660 whatever the umask, never wider in between. A file left behind by
 * a dead process is replaced; one that somebody answers on, and anything that is no socket, is left alone. */
#ifndef NET_ENDPOINT_H
#define NET_ENDPOINT_H

#include "base/error.h"

#include <sys/types.h>

#define ENDPOINT_PATH_MAX    108 /* with NUL: what the kernel takes */
#define ENDPOINT_ADDRESS_MAX 112
#define ENDPOINT_BACKLOG     4096

struct endpoint {
	int fd;                             /* nonblocking, close-on-exec */
	char address[ENDPOINT_ADDRESS_MAX]; /* "127.0.0.1:41233", "[::1]:7020", "/run/x.sock" */
	char path[ENDPOINT_PATH_MAX]; /* the socket file that is ours to remove; "" when there is none */
	dev_t dev;
	ino_t ino;
};

/* spec: "127.0.0.1:7020", "[::1]:0" (port 0: any free one), "[::]:7020" (IPv4 too), "/path", "systemd" (the
 * passed socket named "ndjson", else the first), "systemd:NAME". Host names are refused: an address must not
 * depend on a lookup. replaced: the socket this one takes over from, or -1; it may hold an overlapping
 * address (0.0.0.0 after 127.0.0.1). */
int endpoint_open(const char *spec, int replaced, struct endpoint *ret, struct error *reterr);
int endpoint_open_path(const char *path, struct endpoint *ret, struct error *reterr);

/* Removes the socket file if it is still ours. */
void endpoint_close(struct endpoint *);

#endif
