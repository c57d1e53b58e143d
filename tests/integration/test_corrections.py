#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Corrections: what an earlier event was counted for is taken back, once, whatever happened in between."""
import json
import os
import random
import time

from harness import Effortd, event, run, wait

DAY = "day:2026-03-10"
PROBED = {"probe_interval": "1s"}


def codes(e, source="test"):
    sources = json.loads(e.ctl("sources", "--json").stdout)["sources"]
    return [s for s in sources if s["name"] == source][0]["codes"]


def correction(of, **fields):
    return event(**dict({"corrects": of["id"], "municipality": "0101", "channel": "letter", "kle": "00.01.00"}, **fields))


def settled(e, received):
    e.wait_counted(received)
    return e.share(label=DAY)


def restart(e):
    e.kill()
    e.start()


def fold(e):
    """A clean start cuts the segment; the next one folds what Redis has."""
    for _ in range(2):
        e.stop()
        e.start()
    wait(lambda: os.listdir(os.path.join(e.state, "bookings")), "the segment to be folded")


def takes_back_what_was_counted_and_nothing_else():
    with Effortd() as e:
        self = event(channel="selfservice", unit="u1", duration_s=60, source="s1", count=10)
        phone = event(channel="phone", unit="u2", duration_s=30, source="test")
        e.send(self, phone)
        assert settled(e, 2)["all.n"] == "11"
        e.send(correction(self, source="s1", count=4))
        h = settled(e, 3)
        assert (h["all.n"], h["all.self"], h["all.contacts"]) == ("7", "6", "7"), h
        assert h["all.share"] == "85.71", h
        d = e.cells("effort:{0751}:d:2026-03-10")
        assert sum(v for f, v in d.items() if f.startswith("n:")) == 7, d
        assert sum(v for f, v in d.items() if f.startswith("seconds:")) == 66, d
        units = e.redis.hgetall("effort:{0751}:by:unit:2026-03")
        assert units["u1.contacts"] == "6" and units["u2.contacts"] == "1", units
        assert "effort:{0101}:d:2026-03-10" not in e.redis.keys("effort:{0101}*"), "its own municipality is of no account"
        e.send(correction(self, source="s1", count=6), correction(phone))
        h = settled(e, 5)
        assert h["all.n"] == "0" and h["all.contacts"] == "0" and "all.share" not in h, h
        assert e.share("dk", label=DAY)["all.n"] == "0"
        assert not [f for f, v in e.cells("effort:{0751}:d:2026-03-10").items() if v < 0]


def refuses_what_it_does_not_know_or_is_too_much():
    with Effortd() as e:
        batch = event(count=3)
        e.send(batch, correction(batch, count=4), correction(event()), correction(batch, source="other"),
               correction(batch, count=2), correction(batch, count=2), correction(batch))
        h = settled(e, 7)
        assert h["all.n"] == "0", h
        s = e.status()
        assert (s["accepted"], s["refused"]) == (3, 4), s
        assert codes(e) == {"E_CORRECTS": 3} and codes(e, "other") == {"E_CORRECTS": 1}
        again = event()
        undo = correction(again)
        e.send(undo, again, undo, undo, dict(undo, count=2))
        assert settled(e, 12)["all.n"] == "0", "first unknown, then taken, then a duplicate, then in conflict"
        s = e.status()
        assert (s["accepted"], s["duplicate"], s["refused"]) == (5, 1, 6), s
        e.send(correction(undo))
        assert settled(e, 13)["all.n"] == "0", "a correction was not counted for anything"


def works_across_restarts_and_folding():
    with Effortd(PROBED) as e:
        first = [event(count=5, duration_s=10 * i, unit="u%d" % i, channel=c)
                 for i, c in enumerate(("selfservice", "phone", "counter", "letter"))]
        e.send(*first)
        assert settled(e, 4)["all.n"] == "20"
        restart(e)
        e.send(*[correction(x) for x in first])
        assert settled(e, 4)["all.n"] == "16", "read back from the journal"
        fold(e)
        e.send(*[correction(x) for x in first])
        assert settled(e, 4)["all.n"] == "12", "out of the files"
        late = event(count=2)
        e.send(late, correction(late))
        assert settled(e, 6)["all.n"] == "13", "nobody asked for an acknowledgement: they must be on disk before the crash"
        restart(e)
        e.send(*[correction(x, count=2) for x in first + [late]])
        h = settled(e, 5)
        assert h["all.n"] == "5", "some in files, some in the journal, some taken in both; one is too much: %s" % h
        e.send(*[correction(x) for x in first + [late]], *[correction(x) for x in first + [late]])
        assert settled(e, 15)["all.n"] == "0"
        e.redis("FLUSHALL")
        wait(lambda: e.redis.hgetall("effort:{0751}:by:unit:2026-03"), "the repair", 60)
        h = e.share(label=DAY)
        assert all(v == "0" for f, v in h.items() if f.endswith(".n")), h


def goes_where_it_was_counted_after_a_reload_moved_the_task():
    with Effortd(start=False) as e:
        areas = os.path.join(e.folder, "areas")
        os.mkdir(areas)

        def claim(daycare, school):
            for name, kle in (("daycare", daycare), ("school", school)):
                with open(os.path.join(areas, name + ".conf"), "w") as f:
                    f.write('area = "%s"; plugin = "table"; order = 1; name: { da = "x"; en = "x"; };\n'
                            'kle = ( "%s" );\n' % (name, kle))
        claim("28", "17")
        e.settings["areas_dir"] = areas
        e.start()
        one = event(kle="28.01.01", count=2)
        e.send(one)
        assert settled(e, 1)["daycare.contacts"] == "2"
        claim("17", "28")
        e.ctl("reload")
        e.send(event(kle="28.01.01"), correction(one))
        h = settled(e, 3)
        assert (h["daycare.contacts"], h["school.contacts"]) == ("1", "1"), h


def what_is_taken_is_exact_after_kills():
    """Events, corrections in part and whole, SIGKILL in between; the sender repeats what was not acknowledged."""
    dice = random.Random(20260310)
    with Effortd(PROBED) as e:
        left, pending, total = {}, [], 0
        for round_ in range(6):
            for _ in range(200):
                x = event(count=dice.randint(1, 9), channel=dice.choice(("selfservice", "phone", "letter")))
                left[x["id"]] = [x, x["count"]]
                pending.append(x)
            for key in dice.sample(sorted(left), 120):
                x, rest = left[key]
                take = dice.randint(1, rest)
                pending.append(correction(x, count=take))
                left[key][1] -= take
                if left[key][1] == 0:
                    del left[key]
            total = sum(rest for _, rest in left.values())
            with e.connect() as s:
                data = "".join(json.dumps(x) + "\n" for x in pending).encode()
                s.sendall(data[:dice.randint(0, len(data))])
                time.sleep(dice.random() * .05)
                restart(e)
            # What was taken before the kill is a duplicate now, and what was not is new.
            e.send(*pending)
            e.wait_counted(len(pending))
            assert e.status()["refused"] == 0, e.status()
            pending = []
            assert int(e.share(label=DAY)["all.contacts"]) == total, (round_, e.share(label=DAY)["all.contacts"], total)
        self = sum(rest for x, rest in left.values() if x["channel"] == "selfservice")
        assert int(e.share(label=DAY)["all.self"]) == self
        fold(e)
        e.redis("FLUSHALL")
        wait(lambda: e.share(label=DAY).get("all.contacts") == str(total), "the repair", 60)
        assert int(e.share(label=DAY)["all.self"]) == self


run(takes_back_what_was_counted_and_nothing_else, refuses_what_it_does_not_know_or_is_too_much,
    works_across_restarts_and_folding, goes_where_it_was_counted_after_a_reload_moved_the_task,
    what_is_taken_is_exact_after_kills)
