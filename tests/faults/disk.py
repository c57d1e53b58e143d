#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""The disk fails, fills up, takes part of a write, or takes seconds: no ack before the disk has confirmed, nothing lost,
nothing twice, and the loop answers all the while.

    disk.py --calls 500      more call indexes"""
import errno
import os
import select
import shutil
import subprocess
import time

from client import Client
from duplicates import now_text, total
from rig import BUILD, SLOW, Rig, Skip, event, options, run, wait
from shim import CUT, DELAY, FAIL, FOR_EVER, OPEN, READ, REMOVE, RENAME, SHORT, SYNC, SYNC_FOLDER, WRITE, Shim

OPS = {"write": WRITE, "sync": SYNC, "sync_folder": SYNC_FOLDER, "rename": RENAME, "open": OPEN, "cut": CUT, "remove": REMOVE, "read": READ}
ALL = WRITE | SYNC | SYNC_FOLDER | RENAME | OPEN | CUT | REMOVE | READ
KINDS = [("write", errno.EIO, FAIL), ("write", errno.ENOSPC, FAIL), ("write", 0, SHORT), ("write", errno.EINTR, FAIL), ("write", errno.EDQUOT, FAIL),
         ("sync", errno.EIO, FAIL), ("sync", errno.ENOSPC, FAIL), ("sync", errno.EINTR, FAIL), ("sync_folder", errno.EIO, FAIL), ("rename", errno.EIO, FAIL),
         ("open", errno.ENOSPC, FAIL), ("open", errno.EMFILE, FAIL), ("cut", errno.ENOSPC, FAIL), ("remove", errno.EIO, FAIL)]


def name_of(kind):
    op, error, mode = kind
    return "%s %s" % (op, "short" if mode == SHORT else errno.errorcode[error])


class ShimRig(Rig):
    """An effortd whose disk obeys; the state folder is what fails."""

    def __init__(self, *args, **more):
        self.shim = None
        super().__init__(*args, **more)

    def start(self):
        if self.shim is None:
            os.makedirs(self.state, exist_ok=True)
            self.shim = Shim(self.folder, self.state)
            self.env.update(self.shim.env())
        return super().start()


def every_call_while_it_runs(o):
    """The Nth call of each kind fails once, and, every third time, goes on failing for a moment."""
    must = {"write", "sync", "open"}  # the others come when something is folded: they are waited for a moment only
    with ShimRig({"dedup.max_ids": "20000", "journal.segment": "256KiB"}, seed=o.seed) as rig:
        p = rig.load(dup=20, rate=6000)
        rig.wait_acked(1000)
        struck = {}
        for k in range(o.calls):
            for kind in KINDS:
                op, error, mode = kind
                rig.shim.fail(OPS[op], at=1 + k % 40, count=1 if k % 3 else 5, error=error, mode=mode)
                until = time.monotonic() + (20 * SLOW if op in must else .15 if op in ("write", "sync") else .05)
                while not rig.shim.get("failed") and time.monotonic() < until:
                    time.sleep(.002)
                if rig.shim.get("failed"):
                    must.discard(op)
                    struck[name_of(kind)] = struck.get(name_of(kind), 0) + 1
                assert rig.p.poll() is None, "it ended at %s, call %d:\n%s" % (name_of(kind), 1 + k % 40, rig.log()[-2000:])
            rig.shim.off()
            if k % 5 == 4:  # makes it fold, rename and remove as well
                goal = p.counts()["acked"] + 100
                rig.wait_acked(goal, 30)
                rig.restart()
        rig.shim.off()
        said = rig.settle(60)
        assert not must, "never called: %s; %s" % (must, struck)
        return "%s; %s" % (", ".join("%s %d" % s for s in sorted(struck.items())), said)


def every_call_of_a_start(o):
    """The Nth call of a start fails: it starts all the same, or says why and ends; never a signal, and never damage."""
    with ShimRig(seed=o.seed) as rig:
        rig.load(dup=20, rate=4000)
        ends, starts, struck = 0, 0, 0
        for n in range(1, o.calls + 1):
            # The first calls are those of opening; what is folded right after it comes far behind.
            k = n if n <= o.calls // 2 else rig.rng.randrange(20, 600)
            for error in (errno.EIO, errno.ENOSPC):
                rig.wait_acked(rig.acked() + 20, 30)
                rig.kill()
                rig.shim.fail(ALL, at=k, count=1 if n % 2 else 3, error=error)
                if rig.start_maybe(env=rig.shim.env()):
                    starts += 1
                    time.sleep(.1)
                    struck += rig.shim.get("failed") > 0
                else:
                    ends += 1
                    assert rig.p.wait() > 0 and "level=error" in rig.log() or "effortd:" in rig.log(), \
                        "call %d, %s: exit %d\n%s" % (k, errno.errorcode[error], rig.p.poll(), rig.log()[-1500:])
                    rig.p = None
                rig.shim.off()
                if rig.p is None:
                    rig.start()
        return "%d started (%d of them with a fault), %d ended with a word; %s" % (starts, struck, ends, rig.settle(60))


def fails_for_seconds(o):
    """While the disk fails nothing is acknowledged; when it works again everything goes on by itself."""
    with ShimRig(seed=o.seed) as rig:
        p = rig.load(dup=10, rate=6000)
        for op, error in ((SYNC, errno.EIO), (WRITE, errno.ENOSPC), (WRITE | SYNC | OPEN, errno.EIO)):
            rig.wait_acked(p.counts()["acked"] + 500, 30)
            rig.shim.fail(op, at=1, count=FOR_EVER, error=error)
            wait(lambda: rig.shim.get("failed") > 0, "the fault")
            assert stands_still(p), "acknowledged while the disk fails"
            before = p.counts()["acked"]
            time.sleep(1)
            assert p.counts()["acked"] == before, "acknowledged while the disk fails"
            rig.status()
            rig.shim.off()
            wait(lambda: p.counts()["acked"] > before, "acks to go on")
        return rig.settle(60)


def slow(o):
    """effortctl is answered while the disk is held, and nothing is acknowledged; then while each call takes its time."""
    with ShimRig(seed=o.seed) as rig:
        p = rig.load(dup=10, rate=6000)
        rig.wait_acked(1000)
        rig.shim.hold(SYNC | WRITE)
        wait(lambda: rig.shim.get("failed") > 0, "a call to begin")
        assert stands_still(p), "acknowledged while the disk is held"
        before, worst = p.counts()["acked"], 0
        for _ in range(20):
            t0 = time.monotonic()
            rig.status()  # an answer that waits for the disk never comes
            worst = max(worst, time.monotonic() - t0)
        assert p.counts()["acked"] == before, "acknowledged while the disk is held"
        rig.shim.fail(SYNC | WRITE, at=1, count=FOR_EVER, mode=DELAY, delay_us=700000)
        for _ in range(3):
            rig.wait_acked(rig.acked() + 1)
            rig.status()
        before = p.counts()["acked"]
        rig.shim.off()
        wait(lambda: p.counts()["acked"] > before + 1000, "acks at full speed")
        return "effortctl status %.0f ms at worst; %s" % (worst * 1000, rig.settle(60))


def is_answered(client, seconds):
    """Something came within that time; nothing is read of it."""
    return bool(select.select([client.s], [], [], seconds)[0])


def nothing_before_the_disk(o):
    """While a sync takes its time: no ack of an event, none of a duplicate that came over another connection, nothing in Redis."""
    for k in range(o.rounds):
        with ShimRig(seed=o.seed + k, reader=False) as rig, Client(rig) as a, Client(rig) as b:
            assert a.one(event(id="first", time=now_text(-9))) == "accepted"
            wait(lambda: total(rig) == 1, "the first one")
            rig.shim.hold(SYNC)
            a.send(event(id="x", time=now_text(-9)))
            wait(lambda: rig.shim.get("failed") > 0, "the sync to begin")
            y = event(id="y", time=now_text(-9))
            b.send(event(id="first", time=now_text(-9), channel="email"), y)
            a.send(y)
            rig.wait_received(5)
            assert not is_answered(a, .3) and not is_answered(b, .05), "answered before the disk was"
            assert total(rig) == 1, "in Redis before it was on disk"
            rig.shim.off()
            a.settled()
            b.settled()
            wait(lambda: total(rig) == 3, "all three")
    return "%d times" % o.rounds


def a_duplicate_waits_for_its_original(o):
    """The same event on another connection, as the only line there, while the original is on its way to the disk."""
    with ShimRig(seed=o.seed, reader=False) as rig:
        for k in range(3 * o.rounds):
            with Client(rig) as a, Client(rig) as b:
                e = event(id="d%d" % k, time=now_text(-9))
                rig.shim.hold(SYNC)
                a.send(e)
                wait(lambda: rig.shim.get("failed") > 0, "the sync to begin")
                b.send(e)
                rig.wait_received(2 * k + 2)
                assert not is_answered(b, .1), "a duplicate was acknowledged before its original was on disk"
                rig.shim.off()
                assert a.settled() == (1, 0, 0) and b.settled() == (0, 1, 0)
        rig.restart()
        wait(lambda: total(rig) == 3 * o.rounds, "every one once")
        return "%d times" % (3 * o.rounds)


def a_segment_is_in_its_folder(o):
    """A folder that cannot be forced to disk is a journal that cannot be relied on: nothing is acknowledged."""
    with ShimRig(seed=o.seed, reader=False) as rig:
        rig.kill()
        rig.shim.fail(SYNC_FOLDER, count=FOR_EVER, only="/journal")
        if rig.start_maybe(env=rig.shim.env()):
            with Client(rig) as c:
                c.send(event(id="x", time=now_text(-9)))
                assert not is_answered(c, 1), "acknowledged in a segment whose name is not on disk"
                assert rig.shim.get("failed") > 0
                rig.shim.off()
                assert c.settled() == (1, 0, 0)
            return "it started, and waited"
        assert rig.p.wait() > 0 and rig.shim.get("failed") > 0, "exit %d\n%s" % (rig.p.wait(), rig.log())
        rig.shim.off()
        rig.start()
        with Client(rig) as c:
            assert c.one(event(id="x", time=now_text(-9))) == "accepted"
        return "it did not start, and said why"


class Tmpfs:
    """A small tmpfs in a mount namespace of its own; who() starts programs in it."""

    def __init__(self, folder, size):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.p = subprocess.Popen(["unshare", "-rm", "sh", "-c", "mount -t tmpfs -o size=%s tmpfs %s && echo mounted && exec cat" % (size, folder)],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.p.stdout.readline() != "mounted\n":
            self.p.wait()
            raise Skip("no tmpfs in a namespace here: " + self.p.stderr.read().strip()[:200])

    def inside(self):
        return ["nsenter", "-t", str(self.p.pid), "-U", "-m", "--preserve-credentials"]

    def path(self, name):
        return "/proc/%d/root%s/%s" % (self.p.pid, self.folder, name)

    def stop(self):
        for f in (self.p.stdin, self.p.stdout, self.p.stderr):
            f.close()
        self.p.wait()


def fill(tmpfs):
    """To the last byte; returns how much."""
    n = 0
    with open(tmpfs.path("filler"), "ab") as f:
        for size in (1 << 20, 4096, 1):
            while True:
                try:
                    n += os.write(f.fileno(), bytes(size))
                except OSError:
                    break
    return n


def full(o):
    """A full disk stops reading, and nothing else; freed, it goes on within a second or two."""
    folder = os.path.join("/tmp", "effort-full-%d" % os.getpid())
    tmpfs = Tmpfs(folder, "48m")
    try:
        with Rig({"state_dir": os.path.join(folder, "state"), "journal.quota": "16MiB"}, seed=o.seed, wrapper=tmpfs.inside()) as rig:
            p = rig.load(dup=10, rate=8000)
            for k in range(3):
                rig.wait_acked(p.counts()["acked"] + 2000, 30)
                fill(tmpfs)
                stalled = stands_still(p)
                rig.status()
                if k == 1:  # killed while it is full: it starts, and waits for room
                    rig.kill()
                    rig.start_maybe(seconds=10)
                os.remove(tmpfs.path("filler"))
                if rig.p is None or rig.p.poll() is not None:
                    rig.start()
                before = p.counts()["acked"]
                wait(lambda: p.counts()["acked"] > before + 100, "acks to go on", 10)
                assert stalled, "the disk was full and acks went on"
            return "stood still and went on three times; " + rig.settle(60)
    finally:
        tmpfs.stop()
        shutil.rmtree(folder, ignore_errors=True)


def stands_still(p, seconds=8):
    """True: for half a second nothing was acknowledged."""
    until = time.monotonic() + seconds * SLOW
    while time.monotonic() < until:
        before = p.counts()["acked"]
        time.sleep(.5)
        if p.counts()["acked"] == before:
            return True
    return False


if __name__ == "__main__":
    assert os.path.exists(os.path.join(BUILD, "bin", "libfaults_shim.so")), "build faults_shim first"
    run(options(__doc__, calls=20, rounds=2), every_call_while_it_runs, every_call_of_a_start, fails_for_seconds, nothing_before_the_disk,
        a_duplicate_waits_for_its_original, a_segment_is_in_its_folder, slow, full)
