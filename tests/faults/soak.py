#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Minutes of mixed faults, seeded: kills, stops, Redis gone, forgetful or stalled, a failing and a slow disk, reloads. At the end
every count is exact; in between, memory and descriptors of a quiet daemon are where they were.

    soak.py --minutes 20        the soak; without minutes it is skipped"""
import errno
import os
import signal
import sys
import time

from disk import ShimRig
from rig import SKIPPED, options, run, stop_and_continue
from shim import DELAY, FOR_EVER, SYNC, WRITE


ID_FILES = 37 * 9  # open at most: of each day of the window eight, and one they are joined to


def link(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""


def watched(rig):
    """(MiB resident, descriptors other than of id files, those of id files)"""
    with open("/proc/%d/status" % rig.p.pid) as f:
        rss = [int(l.split()[1]) for l in f if l.startswith("VmRSS")][0]
    folder = "/proc/%d/fd/" % rig.p.pid
    files = [link(folder + fd) for fd in os.listdir(folder)]
    ids = sum("/ids/" in f for f in files)
    return rss // 1024, len(files) - ids, ids


def judge(rig, done, first, more_mib):
    now = watched(rig)
    print("%d faults, %d events, resident %d MiB, %d descriptors and %d of id files" % (done, rig.acked(), *now), flush=True)
    first = first or now
    assert now[0] < first[0] + more_mib and now[1] <= first[1] + 8 and now[2] <= ID_FILES, (first, now)
    return first


def disk_fault(rig):
    rig.shim.fail(rig.rng.choice([SYNC, WRITE, SYNC | WRITE]), at=1, count=rig.rng.choice([1, 3, FOR_EVER]),
                  error=rig.rng.choice([errno.EIO, errno.ENOSPC]))
    time.sleep(rig.rng.uniform(.05, 2))
    rig.shim.off()


def slow_disk(rig):
    rig.shim.fail(SYNC, at=1, count=FOR_EVER, mode=DELAY, delay_us=rig.rng.randrange(1000, 800000))
    time.sleep(2)
    rig.shim.off()


def redis_killed(rig):
    rig.server.kill()
    time.sleep(rig.rng.uniform(0, 2))
    rig.server.start()


def keys_lost(rig):
    keys = rig.redis.keys("effort:{*")
    for key in rig.rng.sample(keys, min(len(keys), 10)):
        rig.redis("DEL", key)


def reloaded(rig):
    rig.p.send_signal(signal.SIGHUP)


FAULTS = [lambda rig: rig.restart(), lambda rig: (rig.stop(), rig.start()), redis_killed, keys_lost, disk_fault, slow_disk, reloaded,
          lambda rig: rig.redis("FLUSHALL"), lambda rig: stop_and_continue(rig.server.p, 3), lambda rig: stop_and_continue(rig.p, 1)]


def mixed(o):
    with ShimRig({"dedup.max_ids": "200000"}, seed=o.seed, mode="everysec") as rig:
        p = rig.load(dup=20, rate=2000, conns=6, cut_ms=3000, max_events=200000000)
        until, done, first = time.monotonic() + 60 * o.minutes, 0, None
        while time.monotonic() < until:
            rig.rng.choice(FAULTS)(rig)
            done += 1
            rig.wait_acked(rig.acked() + 500, 60)
            time.sleep(rig.rng.uniform(0, 2))
            if done % 25 == 0:
                p.say("pause")
                rig.restart()
                p.say("go")
                rig.wait_acked(rig.acked() + 20000, 60)
                first = judge(rig, done, first, 64)
        return "%d faults; %s" % (done, rig.settle(120))


def quiet(o):
    """One daemon that is never restarted, with everything around it failing: memory and descriptors stay where they were."""
    faults = [redis_killed, keys_lost, disk_fault, slow_disk, reloaded, lambda rig: rig.redis("FLUSHALL")]
    with ShimRig({"dedup.max_ids": "50000"}, seed=o.seed + 1) as rig:
        rig.load(dup=50, rate=2000, conns=6, cut_ms=500, max_events=200000000)
        until, done, first = time.monotonic() + 60 * o.minutes / 2, 0, None
        while time.monotonic() < until:
            rig.rng.choice(faults)(rig)
            done += 1
            rig.wait_acked(rig.acked() + 500, 60)
            if done % 20 == 0:
                first = judge(rig, done, first, 96)
        return "%d faults; %s" % (done, rig.settle(120))


if __name__ == "__main__":
    got = options(__doc__, minutes=0.0)
    if got.minutes == 0:
        print("skipped: a soak takes minutes; call it with --minutes 20")
        sys.exit(SKIPPED)
    run(got, mixed, quiet)
