#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""No memory: the Nth allocation of the running daemon fails, one or many, for N over a range: no crash; every event is counted
exactly or refused in the open, and what was refused counts when it is sent again.

    malloc.py --allocations 20000"""
import os
import time

from client import Client
from disk import ShimRig
from duplicates import now_text, total
from rig import BUILD, event, options, run, wait


def under_load(o):
    """What is refused for want of memory (E_RATE), and what goes down with its connection, is sent again."""
    with ShimRig(seed=o.seed, reader=False) as rig:
        stamp, sent, struck, refused, closed = now_text(-60), 0, 0, 0, 0
        for n in range(1, o.allocations + 1):
            at = 1 + n * 240 // o.allocations  # so many are made until it is all in Redis
            events = [event(id="m-%d-%d" % (n, i), time=stamp, unit="u%d" % (n * 7 + i), municipality=["0751", "0101", "0461"][i % 3],
                            channel=["phone", "email", "letter"][n % 3], source="s%d" % (n % 50)) for i in range(20)]
            rig.shim.fail_allocation(at, count=1 if n % 4 else 3)
            left = events
            for attempt in range(10):
                if attempt == 3:
                    rig.shim.off()
                try:
                    with Client(rig) as c:
                        c.send(*left)
                        c.settled()
                        left = [e for i, e in enumerate(left, 1) if i in c.codes]
                        assert set(c.codes.values()) <= {"E_RATE"}, c.codes
                        refused += len(c.codes)
                except (OSError, ValueError):  # closed for want of memory: sent again
                    closed += 1
                    assert rig.p.poll() is None, "allocation %d: it died:\n%s" % (at, rig.log()[-3000:])
                if not left:
                    break
            assert not left, "allocation %d: never taken" % at
            until = time.monotonic() + .15
            while not rig.shim.get("allocations_failed") and time.monotonic() < until:
                time.sleep(.005)
            struck += rig.shim.get("allocations_failed")
            sent += len(events)
            rig.shim.off()
        assert rig.p.poll() is None
        wait(lambda: total(rig) == sent, "%d contacts" % sent, 30)
        rig.restart()
        rig.redis("FLUSHALL")
        wait(lambda: total(rig) == sent, "%d contacts after a restart and FLUSHALL" % sent, 30)
        assert struck, "no allocation was met"
        return "%d events, %d allocations failed, %d lines refused and sent again, %d connections closed" % (sent, struck, refused, closed)


def with_redis_coming_and_going(o):
    """Allocations of the way to Redis: applying, probing, repairing."""
    with ShimRig(seed=o.seed, reader=False) as rig:
        p = rig.load(rate=4000, bad=0, conflict=0, silent=1)
        rig.wait_acked(500)
        struck = 0
        for n in range(1, o.allocations // 2 + 1):
            rig.shim.fail_allocation(rig.rng.randrange(1, 1300 if n % 10 == 0 else 200), count=1 if n % 3 else 3)
            if n % 20 == 0:
                rig.redis("FLUSHALL")
            elif n % 20 == 10:
                rig.server.kill()
                rig.server.start()
            time.sleep(.3 if n % 10 == 0 else .05)
            struck += rig.shim.get("allocations_failed")
            assert rig.p.poll() is None, "it died:\n" + rig.log()[-3000:]
        rig.shim.off()
        return "%d allocations failed, %d lines refused and sent again; %s" % (struck, p.counts()["rated"], rig.settle(60))


if __name__ == "__main__":
    assert os.path.exists(os.path.join(BUILD, "bin", "libfaults_shim.so")), "build faults_shim first"
    run(options(__doc__, allocations=150), under_load, with_redis_coming_and_going)
