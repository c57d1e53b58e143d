/* SPDX-License-Identifier: MPL-2.0 */
/* Tells systemd how we are (sd_notify's datagram protocol; nothing happens outside systemd). Main thread. */
#ifndef RUN_NOTIFY_H
#define RUN_NOTIFY_H

/* "READY=1", "RELOADING=1", "STOPPING=1", "STATUS=...", "WATCHDOG=1"; several joined by newlines. */
void notify(const char *state);

#endif
