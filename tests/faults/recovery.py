#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""How long until it accepts again: after SIGKILL with a large journal that could not be folded, and with many ids to remember.
Under five seconds, and every count is exact afterwards.

    recovery.py --mib 1024 --max-ids 16 --ids 4000000     the sizes promised

A journal that cannot be folded does not grow for ever: reading pauses at twice dedup.max_ids ids that are in no file yet. So with
the default of 4 (million) it stays under 400 MiB, and the first of the two ends shortly before; with 16 there is room for 1 GiB."""
import os
import time

from disk import ShimRig
from rig import BUILD, SLOW, Rig, options, run, wait
from shim import FOR_EVER, OPEN, RENAME


def journal_bytes(rig):
    return sum(os.path.getsize(os.path.join(base, n)) for base, _, names in os.walk(os.path.join(rig.state)) for n in names
               if "journal" in base)


def start_timed(rig, limit_s=5):
    t0 = time.monotonic()
    rig.start()
    ready = time.monotonic() - t0
    goal = rig.acked() + 100
    rig.wait_acked(goal)
    took = time.monotonic() - t0
    assert took < limit_s * SLOW, "accepting again after %.1f s (ready after %.1f s)" % (took, ready)
    return took


def from_the_cache(rig):
    """The pages of the state folder out of memory, where we may."""
    for base, _, names in os.walk(rig.state):
        for n in names:
            with open(os.path.join(base, n), "rb") as f:
                os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def large_journal(o):
    """Killed with unfolded journal of that size, or as much as there can be: Redis is away, and the totals cannot be written."""
    paused_at = 2000000 * o.max_ids  # not quite
    settings = {"journal.quota": "%dMiB" % (2 * o.mib + 64), "dedup.max_ids": "%dM" % o.max_ids}
    with ShimRig(settings, seed=o.seed, reader=False) as rig:
        p = rig.load(dup=0, conns=6, silent=0, bad=0, conflict=0, window=5000, max_events=40000000, patience_s=120)
        rig.wait_acked(1000)
        rig.server.kill()
        rig.shim.fail(OPEN | RENAME, count=FOR_EVER, only="/totals/")
        wait(lambda: journal_bytes(rig) >= o.mib << 20 or p.counts()["acked"] >= paused_at * 15 // 16, "%d MiB of journal" % o.mib, 600)
        size, acked = journal_bytes(rig), p.counts()["acked"]
        rig.kill()
        rig.shim.off()
        from_the_cache(rig)
        took = start_timed(rig)
        rig.server.start()
        said = rig.settle(120)
        return "%d MiB on disk, %d events: accepting after %.2f s; %s" % (size >> 20, acked, took, said)


def many_ids(o):
    """Killed, and stopped, with that many ids in the window."""
    with Rig({"dedup.max_ids": "8M"}, seed=o.seed, reader=False) as rig:
        p = rig.load(dup=0, conns=6, silent=0, bad=0, conflict=0, window=5000, max_events=o.ids + 2000, patience_s=120)
        rig.wait_acked(o.ids, 600)
        p.say("pause")
        rig.kill()
        from_the_cache(rig)
        p.say("go")
        t0 = time.monotonic()
        rig.start()
        killed = time.monotonic() - t0
        assert killed < 5 * SLOW, "ready after %.1f s" % killed
        rig.stop()
        from_the_cache(rig)
        t0 = time.monotonic()
        rig.start()
        stopped = time.monotonic() - t0
        assert stopped < 5 * SLOW, "ready after %.1f s" % stopped
        with open("/proc/%d/status" % rig.p.pid) as f:
            rss = [int(l.split()[1]) for l in f if l.startswith("VmRSS")][0]
        said = rig.settle(120)
        return "%d ids: ready %.2f s after SIGKILL, %.2f s after SIGTERM, resident %d MiB; %s" % (o.ids, killed, stopped, rss // 1024, said)


if __name__ == "__main__":
    assert os.path.exists(os.path.join(BUILD, "bin", "libfaults_shim.so")), "build faults_shim first"
    run(options(__doc__, mib=128, max_ids=4, ids=500000), large_journal, many_ids)
