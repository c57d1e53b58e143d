#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""effortd is killed, again and again, under load: nothing acknowledged is lost, nothing counts twice.

at_random    SIGKILL 2 to 200 ms after it was ready, now and then while it is starting
at_syscalls  SIGKILL at the Nth call of the system calls that write, force to disk, rename, remove and send (strace)

    kills.py --kills 10000 --points 5000     for a night"""
import glob
import os
import subprocess
import time

from rig import Rig, Skip, options, run

WORKERS = int(os.environ.get("EFFORT_WORKERS", "1"))
SYSCALLS = ["pwrite64", "fdatasync", "fsync", "rename,renameat,renameat2", "unlink,unlinkat", "sendto,sendmsg,writev", "write", "openat", "ftruncate,fallocate"]


def woken(pid):
    """How often the threads that decode have had something to do."""
    n = 0
    for task in glob.glob("/proc/%d/task/*" % pid):
        with open(task + "/comm") as comm, open(task + "/status") as status:
            if comm.read().strip() == "effortd-unpack":
                n += int(next(line for line in status if line.startswith("voluntary_ctxt")).split()[1])
    return n


def at_random(o):
    """With several workers as fast as it takes it: what a rate brings is too little at a time to be shared out."""
    with Rig(seed=o.seed, mode="everysec") as rig:
        rig.load(dup=20, conns=6, silent=1, cut_ms=1500, rate=10000 if WORKERS == 1 else 0)
        early = wakes = 0
        for _ in range(o.kills):
            if rig.rng.random() < .2:  # dies while it is starting
                rig.kill()
                rig.spawn()
                time.sleep(rig.rng.uniform(.001, .12))
                early += "msg=ready" not in rig.log()
            else:
                time.sleep(rig.rng.uniform(.002, .2))
            wakes += woken(rig.p.pid)
            rig.restart()
            if rig.p.poll() is not None:
                raise AssertionError("it ended by itself:\n" + rig.log())
        assert WORKERS == 1 or wakes > o.kills, "the threads that decode had nothing to do: %d" % wakes
        return "%d kills, %d more before it was ready; %s" % (o.kills, early, rig.settle())


def traced(syscalls, n):
    """Starts a program so that it dies at its Nth such call; the tracer is a grandchild that ends with it."""
    return ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + syscalls, "-e", "inject=%s:signal=KILL:when=%d" % (syscalls, n)]


def may_trace():
    try:
        p = subprocess.run(["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=write", "-e", "inject=write:signal=KILL:when=1",
                            "/bin/echo", "x"], capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as why:
        raise Skip("strace does not run: %s" % why)
    if p.returncode != -9:
        raise Skip("strace may not trace here (exit %d): %s" % (p.returncode, p.stderr.decode().strip()[:200]))


def at_syscalls(o):
    may_trace()
    with Rig(seed=o.seed + 1, mode="none") as rig:
        rig.load(dup=20, conns=4, silent=1, rate=4000)
        struck, each = {}, -(-o.points // len(SYSCALLS))
        for k in range(o.points):
            syscalls, n = SYSCALLS[k % len(SYSCALLS)], k // len(SYSCALLS) + 1
            if n > each // 2:  # further out, so that the paths of a running daemon are met too
                n += rig.rng.randrange(20)
            rig.kill()
            ready = rig.start_maybe(traced(syscalls, n))
            until = time.monotonic() + .4
            while ready and rig.p.poll() is None and time.monotonic() < until:
                time.sleep(.005)
            if rig.p.poll() is not None:
                struck[syscalls.split(",")[0]] = struck.get(syscalls.split(",")[0], 0) + 1
        rig.kill()
        rig.start()
        said = ", ".join("%s %d" % item for item in sorted(struck.items()))
        assert sum(struck.values()) * 3 > o.points, "too few points were met: " + said
        return "%d points, met: %s; %s" % (o.points, said, rig.settle())


if __name__ == "__main__":
    assert os.path.exists("/usr/bin/redis-server")
    run(options(__doc__, kills=200, points=100), at_random, at_syscalls)
