#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""The same event again: at once, on two connections, after restarts, at the edges of the window, with the clock put forward
and back. It counts once.

    duplicates.py --events 10000000     the large size"""
import datetime
import glob
import os
import threading
import time

from client import Client
from load import far
from rig import SLOW, Rig, Skip, event, options, run, wait


def many(o):
    """A million lines and more, 10 to 50 % of them a second time, while effortd is killed and stopped in turn."""
    said = []
    for dup, share in ((10, .2), (30, .3), (50, .5)):
        t0, events = time.monotonic(), int(o.events * share)
        with Rig({"dedup.max_ids": "100000"} if dup == 30 else None, seed=o.seed + dup) as rig:
            p = rig.load(dup=dup, conns=8, silent=1, cut_ms=1000, max_events=events, window=4000, patience_s=120)
            for k in range(1, 6):
                wait(lambda: p.counts()["started"] >= events * k // 6, "the load", 300)
                if k % 2:
                    rig.kill()
                else:
                    rig.stop()
                rig.start()
            wait(lambda: p.counts()["started"] >= events, "the load", 300)
            rig.settle(90)
            n = p.counts()
            said.append("%d lines, %d of them duplicates (%.0f s)" % (n["lines"], n["duplicates"] + n["resends"], time.monotonic() - t0))
    return "; ".join(said)


def total(rig):
    """Contacts of all days, as the country has them."""
    return sum(int(rig.redis("HGET", k, "_n")) for k in rig.redis.keys("effort:{dk}:d:*"))


def now_text(seconds=0, now=None):
    return ((now or datetime.datetime.now(datetime.timezone.utc)) + datetime.timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def on_two_connections_at_once(o):
    """Two clients send the same thousand ids in the same moment; together they are told a thousand were accepted."""
    with Rig(seed=o.seed, reader=False) as rig:
        stamp, rounds = now_text(-5), 20
        for k in range(rounds):
            events = [event(id="both-%d-%d" % (k, i), time=stamp) for i in range(1000)]
            with Client(rig) as a, Client(rig) as b:
                threads = [threading.Thread(target=c.send, args=e) for c, e in ((a, events), (b, events[::-1]))]
                for t in threads:
                    t.start()
                for t in threads:
                    t.join()
                got = [x + y for x, y in zip(a.settled(), b.settled())]
                assert got == [1000, 1000, 0], got
        wait(lambda: total(rig) == 1000 * rounds, "%d contacts" % (1000 * rounds))
        rig.books()
        return "%d ids" % (1000 * rounds)


def conflicts(o):
    """The same id with another content is refused, however different, before and after a restart."""
    with Rig(seed=o.seed, reader=False) as rig:
        first = event(id="x", time=now_text(-5))
        others = [dict(first, channel="email"), dict(first, count=2), dict(first, municipality="0101"), dict(first, time=now_text(-6)),
                  dict(first, unit="u"), dict(first, kle="28.09.40"), dict(first, kind="information")]
        for restart in (None, rig.kill, rig.stop):
            if restart:
                restart()
                rig.start()
            with Client(rig) as c:
                assert c.one(first) == ("duplicate" if restart else "accepted")
                for other in others:
                    assert c.one(other) == "E_CONFLICT", other
                assert c.one(first) == "duplicate"
                assert c.one(dict(first, source="another")) == ("duplicate" if restart else "accepted")
                # members in another order, and what does not count, are the same event
                assert c.one(dict(reversed(first.items()), note="hello")) == "duplicate"
        wait(lambda: total(rig) == 2, "two contacts")
        return "%d kinds of other content" % len(others)


def at_the_edges_of_the_window(o):
    """Sent in time, again a moment after the window has closed: refused, never counted anew, restarted or not."""
    with Rig({"late_limit": "1h", "dedup.window": "1h"}, seed=o.seed, reader=False) as rig:
        edge, n = 3600, 40
        events = [event(id="edge-%d" % i, time=now_text(-edge + 1 + i / 10)) for i in range(n)]
        with Client(rig) as c:
            took = [c.one(e) for e in events]
        assert set(took) == {"accepted"}, took
        seen, until = set(), time.monotonic() + 6.5
        while time.monotonic() < until:
            with Client(rig) as c:
                seen.update(c.one(e) for e in events)
            if len(seen) > 1:
                rig.rng.choice([rig.restart, lambda: None])()
            time.sleep(.2)
        assert seen == {"duplicate", "E_TOO_OLD"}, seen
        wait(lambda: total(rig) == n, "%d contacts" % n)
        return "%d events over the edge" % n


def faketime(folder):
    lib = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    if not lib:
        raise Skip("the package libfaketime is missing")
    return {"LD_PRELOAD": lib[0], "FAKETIME_TIMESTAMP_FILE": os.path.join(folder, "clock"), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC", "ASAN_OPTIONS": "verify_asan_link_order=0"}


class Clocked(Rig):
    """An effortd whose clock can be set."""

    def __init__(self, offset="+0", **more):
        self.offset = offset
        super().__init__(reader=False, **more)

    def start(self):
        self.env.update(faketime(self.folder))
        self.clock(self.offset)
        return super().start()

    def clock(self, offset):
        self.offset = offset
        path = os.path.join(self.folder, "clock")
        with open(path + ".new", "w") as f:
            f.write(offset + "\n")
        os.rename(path + ".new", path)


def clock_steps(o):
    """Forward and back by an hour, a day, forty days; restarts in between: nothing counts twice, and the horizon never goes back."""
    with Clocked(seed=o.seed) as rig:
        events = [event(id="step-%d" % i, time=now_text(-60 - i)) for i in range(50)]
        with Client(rig) as c:
            assert {c.one(e) for e in events} == {"accepted"}
        answers = {}
        for k, offset in enumerate(["+1h", "+0", "-1h", "+0", "+1d", "-1d", "+40d", "+0", "-1h", "+0", "-40d", "+0"]):
            rig.clock(offset)
            if offset == "+40d":
                time.sleep(1.5)  # what is old is forgotten
            if k % 3 == 1:
                rig.restart()
            elif k % 3 == 2:
                rig.stop()
                rig.start()
            with Client(rig) as c:
                got = {c.one(e) for e in events}
            answers[k, offset] = got
            assert got <= {"duplicate", "E_TOO_OLD", "E_FUTURE"}, "after %s: %s (%s)" % (offset, got, answers)
        assert rig.p.poll() is None
        wait(lambda: total(rig) == 50, "50 contacts")
        assert total(rig) == 50, total(rig)
        return "%d steps: %s" % (len(answers), ", ".join("%s %s" % (o_, "/".join(sorted(a))) for (_, o_), a in answers.items()))


def again(rig):
    rig.stop()
    rig.start()


def a_limit_that_is_lowered_and_raised(o):
    """What was forgotten under the lower one is refused under the higher one, also when nothing was sent meanwhile."""
    with Rig({"late_limit": "35d"}, seed=o.seed, reader=False) as rig:
        old = event(id="old", time=now_text(-10 * 86400))
        with Client(rig) as c:
            assert c.one(old) == "accepted"
        again(rig)
        with Client(rig) as c:
            assert c.one(event(id="young", time=now_text(-60))) == "accepted"
        for limit in ("35d", "1d", "35d"):
            rig.settings["late_limit"] = limit
            again(rig)
            time.sleep(1.5)  # what is old is forgotten
        with Client(rig) as c:
            assert c.one(old) == "E_TOO_OLD"
            assert c.one(event(id="new", time=now_text(-60))) == "accepted"
        wait(lambda: total(rig) == 3, "3 contacts")
        return "old stays old"


def a_start_with_the_clock_ahead(o):
    """By days or months, on a journal that is idle too: set right again nothing counts twice, and what is new is taken."""
    for days in (2, 40, 60):
        for is_idle in (False, True):
            with Clocked(seed=o.seed) as rig:
                sent = event(id="sent", time=now_text(-3600))
                with Client(rig) as c:
                    assert c.one(sent) == "accepted"
                again(rig)
                if not is_idle:
                    with Client(rig) as c:
                        assert c.one(event(id="other", time=now_text(-60))) == "accepted"
                again(rig)
                rig.clock("+%dd" % days)
                for _ in range(2):
                    again(rig)
                    time.sleep(1.2)
                rig.clock("+0")
                time.sleep(1.2)
                for k in range(2):
                    with Client(rig) as c:
                        assert c.one(sent) == "duplicate", (days, is_idle, k)
                        assert c.one(event(id="new-%d" % k, time=now_text(-1))) == "accepted", (days, is_idle, k)
                    again(rig)
                wait(lambda: total(rig) == 3 + (not is_idle), "contacts")
    return "6 starts"


def year_end_and_summer_time(o):
    """Everything sent twice while the local year ends, and while an hour is left out or comes twice; exact by the calendar."""
    for moment in ("2026-12-31T22:59:56", "2027-03-28T00:59:56", "2026-10-25T00:59:56"):
        now = datetime.datetime.fromisoformat(moment + "+00:00")
        offset = "%+d" % (now - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        with Clocked(offset=offset, seed=o.seed) as rig:
            expected = {}
            with Client(rig) as c:
                for i in range(-6, 8):
                    for zone in (0, 1, 2):
                        at = (now + datetime.timedelta(seconds=i)).astimezone(datetime.timezone(datetime.timedelta(hours=zone)))
                        e = event(id="turn-%d-%d" % (i, zone), time=at.isoformat())
                        assert c.one(e) == "accepted", e
                        day = at.astimezone(local()).date().isoformat()
                        expected[day] = expected.get(day, 0) + 1
                        assert c.one(e) == "duplicate", e
            time.sleep(5)
            rig.restart()
            with Client(rig) as c:
                for i in range(-6, 8):
                    for zone in (0, 1, 2):
                        at = (now + datetime.timedelta(seconds=i)).astimezone(datetime.timezone(datetime.timedelta(hours=zone)))
                        assert c.one(event(id="turn-%d-%d" % (i, zone), time=at.isoformat())) == "duplicate"
            rig.wait_settled()
            got = {k.split(":")[-1]: int(rig.redis("HGET", k, "_n")) for k in rig.redis.keys("effort:{0751}:d:*")}
            assert got == expected, (moment, got, expected)
    return "three turns"


def local():
    from load import ZONE
    return ZONE


def any_age(o):
    """late_limit = never: ids are remembered by arrival; old years, both changes of summer time, restarts."""
    with Rig({"late_limit": "never", "future_limit": "never", "retention.day": "never", "retention.week": "never"}, seed=o.seed) as rig:
        p = rig.load(dup=40, conns=6, silent=1, moments=far, max_events=60000, cut_ms=700)
        for k in range(1, 5):
            wait(lambda: p.counts()["started"] >= 12000 * k, "the load")
            rig.restart()
        wait(lambda: p.counts()["started"] >= 60000, "the load")
        return rig.settle()


def small_memory(o):
    """Room for a thousand ids in memory: the others are found on disk."""
    with Rig({"dedup.max_ids": "1000"}, seed=o.seed) as rig:
        p = rig.load(dup=40, conns=4, silent=0, max_events=40000, cut_ms=700)
        for k in range(1, 5):
            wait(lambda: p.counts()["started"] >= 8000 * k, "the load", 60 * SLOW)
            rig.restart()
        wait(lambda: p.counts()["started"] >= 40000, "the load", 60 * SLOW)
        return rig.settle()


if __name__ == "__main__":
    run(options(__doc__, events=1000000), many, on_two_connections_at_once, conflicts, at_the_edges_of_the_window, clock_steps,
        a_limit_that_is_lowered_and_raised, a_start_with_the_clock_ahead, year_end_and_summer_time, any_age, small_memory)
