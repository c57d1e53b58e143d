#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Runs a command and lets nothing outlive it: guard.py COMMAND...

Everything the command starts stays below this process, whatever becomes of its parents, sessions or environment: it is
their subreaper. What has lost its parent and goes on for ORPHAN_S seconds while the command runs (it may hold a pipe somebody
reads to its end), and what is still there when the command has ended, is named on standard output and killed.

Exits 0 when nothing was left, 1 when something was; the command's own exit code is not looked at. SIGTERM and SIGINT
end the command and all below it."""
import ctypes
import os
import signal
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
ORPHAN_S = 20  # a private Redis may need some seconds after its effortd was killed
LAST_S = 3     # for what is ending by itself


def processes():
    """{pid: (parent, state, name)}"""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, errors="replace") as f:
                    command, fields = f.read().rsplit(")", 1)
            except OSError:
                continue
            state, parent = fields.split()[:2]
            found[int(name)] = (int(parent), state, command.split("(", 1)[1])
    return found


def below(root):
    """The living ones below a process."""
    known, found, has_grown = processes(), {}, True
    while has_grown:
        has_grown = False
        for pid, (parent, state, command) in known.items():
            if pid not in found and (parent == root or parent in found):
                found[pid], has_grown = (parent, state, command), True
    return {pid: it for pid, it in found.items() if it[1] not in "ZX"}


def describe(pid, command):
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as f:
            return f.read().replace(b"\0", b" ").decode(errors="replace").strip() or command
    except OSError:
        return command


def end(pids, what):
    for pid, (_, _, command) in pids.items():
        print("LEFT RUNNING %s: %d %s" % (what, pid, describe(pid, command)), flush=True)
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return len(pids)


def reap():
    """Collects orphans that have ended; the command's own end is Popen's to see."""
    for pid, (parent, state, _) in processes().items():
        if state == "Z" and parent == os.getpid() and pid != child.pid:
            os.waitpid(pid, os.WNOHANG)


def watch():
    """Until the command has ended; returns how many orphans had to be ended."""
    since, ended = {}, 0
    while child.poll() is None:
        now = time.monotonic()
        orphans = {pid: it for pid, it in below(os.getpid()).items() if it[0] == os.getpid() and pid != child.pid}
        since = {pid: since.get(pid, now) for pid in orphans}
        ended += end({pid: it for pid, it in orphans.items() if now - since[pid] > ORPHAN_S}, "without its parent")
        reap()
        time.sleep(0.2)
    return ended


def sweep(patience_s):
    """After the end of the command."""
    until = time.monotonic() + patience_s
    while below(os.getpid()) and time.monotonic() < until:
        time.sleep(0.1)
    ended = 0
    while True:  # what is killed may leave children of its own
        left = below(os.getpid())
        if not left:
            return ended
        ended += end(left, "at the end")
        time.sleep(0.1)


def stop(*_):
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, signal.SIG_IGN)
    child.terminate()
    sweep(1)
    sys.exit(1)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise SystemExit("guard.py: prctl: %s" % os.strerror(ctypes.get_errno()))
    child = subprocess.Popen(sys.argv[1:])
    for sig in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sig, stop)
    sys.exit(1 if watch() + sweep(LAST_S) else 0)
