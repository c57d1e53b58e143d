#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Errands: what several systems record of one errand is one contact, whatever the order, with anything in between."""
import itertools
import json
import os
import random
import time

from harness import Effortd, event, run, wait

PROBED = {"probe_interval": "1s"}


def at(day, hour=12, minute=0):
    return "2026-03-%02dT%02d:%02d:00+01:00" % (day, hour, minute)


def picture(e, *municipalities):
    """Everything counted, as cells of the months and names; what came to nothing is left out."""
    found = {}
    for m in municipalities or ("0751",):
        for month in ("2026-03", "2026-04"):
            for f, v in e.cells("effort:{%s}:m:%s" % (m, month)).items():
                if v != 0:
                    found[m, month, f] = v
            for by in ("unit", "source", "portal"):
                for f, v in e.redis.hgetall("effort:{%s}:by:%s:%s" % (m, by, month)).items():
                    if v != "0" and not f.startswith("_") and f.endswith((".contacts", ".n", ".self")):
                        found[m, month, by, f] = int(v)
        for day in range(1, 32):
            for f, v in e.cells("effort:{%s}:d:2026-03-%02d" % (m, day)).items():
                if f.startswith("n:") and v != 0:
                    found[m, day, f] = v
    return found


def restart(e):
    e.kill()
    e.start()


def fold(e):
    for _ in range(2):
        e.stop()
        e.start()


def n_of(p):
    return sum(v for k, v in p.items() if len(k) == 3 and k[1] == "2026-03" and k[2].startswith("n:"))


def a_submission_and_its_message_are_one_contact():
    with Effortd() as e:
        e.send(event(channel="digitalpost", errand="x", time=at(11, 0, 10), duration_s=30, source="post", unit="mail"),
               event(channel="selfservice", errand="x", time=at(10, 23, 50), source="form", unit="web"),
               event(channel="phone", errand="x", municipality="0101"), event(channel="phone", errand="y"),
               event(channel="phone"))
        e.wait_counted(5)
        p = picture(e)
        assert n_of(p) == 3, p
        h = e.share(label="day:2026-03-10")
        assert h["all.self"] == "1" and h["all.ch.digitalpost"] == "0", h
        assert "all.n" not in e.share(label="day:2026-03-11") or e.share(label="day:2026-03-11")["all.n"] == "0"
        assert p["0751", "2026-03", "unit", "web.contacts"] == 1 and ("0751", "2026-03", "unit", "mail.contacts") not in p, p
        s = e.status()
        assert (s["accepted"], s["merged"]) == (5, 1), s
        sources = {x["name"]: x["merged"] for x in json.loads(e.ctl("sources", "--json").stdout)["sources"]}
        assert sources["form"] == 1 and sources["post"] == 0, sources


# Four legs: a floorwalker's ticket, the assisted self-service it helped, the message that came of it, and a call
# three weeks later that is no part of it. The seventh and eighth are linked only by the one between them.
LEGS = [event(channel="counter", errand="a", time=at(2, 9, 0), id="a1", duration_s=600, unit="hall"),
        event(channel="selfservice", errand="a", time=at(2, 9, 20), id="a2", unit="web", kle="23.05.10"),
        event(channel="selfservice", errand="a", time=at(2, 9, 20), id="a3", unit="web2", assisted="library"),
        event(channel="digitalpost", errand="a", time=at(3, 1, 0), id="a4", unit="mail")]
CHAIN = [event(channel="phone", errand="c", time=at(1, 8), id="c1", unit="u1", duration_s=10),
         event(channel="digitalpost", errand="c", time=at(12, 8), id="c2", unit="u2", duration_s=20),
         event(channel="letter", errand="c", time=at(23, 8), id="c3", unit="u3", duration_s=40),
         event(channel="phone", errand="d", time=at(1, 8), id="d1", unit="u1"),
         event(channel="phone", errand="d", time=at(16, 8), id="d2", unit="u2")]


def whatever_the_order():
    """Every order of the legs, each under an errand of its own, restarts and folding in between: the same."""
    dice = random.Random(7)
    with Effortd(PROBED) as e:
        orders, sent = list(itertools.permutations(range(4))), 0
        for legs in (LEGS, CHAIN):
            orders = list(itertools.permutations(range(len(legs))))
            dice.shuffle(orders)
            orders, plans = orders[:24], []
            for i, order in enumerate(orders):
                # The municipality makes them comparable: each order has the same errand in another one.
                plans.append([dict(legs[k], errand="%s-%d" % (legs[k]["errand"], i), id="%s-%d" % (legs[k]["id"], i),
                                   unit="%s-%d" % (legs[k]["unit"], i)) for k in order])
            for step in range(len(legs)):
                e.send(*[plan[step] for plan in plans])
                sent += len(plans)
                e.wait_settled()
                if step % 2 == 0:
                    restart(e)
                else:
                    fold(e)
            units = {}
            for month in ("2026-03",):
                for f, v in e.redis.hgetall("effort:{0751}:by:unit:%s" % month).items():
                    if f.endswith(".contacts") and not f.startswith("_"):
                        unit, number = f[:-len(".contacts")].rsplit("-", 1)
                        units.setdefault(number, {})[unit] = v
            want = {"hall": "0", "web": "1", "web2": "0", "mail": "0"} if legs is LEGS else {"u1": "1", "u2": "2", "u3": "0"}
            for number, found in units.items():
                if (legs is LEGS) == ("web" in found or "web2" in found or "hall" in found or "mail" in found):
                    got = {u: found.get(u, "0") for u in want}
                    assert got == want, (number, orders[int(number)], got)
        h = e.share(label="day:2026-03-02")
        assert (h["all.n"], h["all.assisted"], h["all.self"]) == ("24", "24", "0"), h
        d = e.cells("effort:{0751}:d:2026-03-02")
        assert sum(v for f, v in d.items() if f.startswith("seconds:")) == 24 * 600, d
        h = e.share(label="day:2026-03-01")
        assert (h["all.n"], h["all.ch.digitalpost"], h["all.ch.phone"]) == ("48", "24", "24"), h
        assert sum(v for f, v in e.cells("effort:{0751}:d:2026-03-01").items() if f.startswith("seconds:")) == 24 * 70
        assert e.share(label="day:2026-03-16")["all.n"] == "24", "fifteen days are too far apart"
        e.redis("FLUSHALL")
        wait(lambda: e.share(label="day:2026-03-02").get("all.n") == "24", "the repair", 60)
        assert e.share(label="day:2026-03-02")["all.assisted"] == "24"


def what_is_taken_off_a_record():
    with Effortd() as e:
        self = event(channel="selfservice", errand="x", time=at(10), unit="web")
        post = event(channel="digitalpost", errand="x", time=at(9), unit="mail", duration_s=5)
        call = event(channel="phone", errand="x", time=at(8), unit="call", duration_s=7)
        e.send(self, post, call)
        e.wait_counted(3)
        assert e.share(label="day:2026-03-08")["all.self"] == "1"
        undo = event(corrects=self["id"])
        e.send(undo, undo, event(corrects=self["id"]))
        e.wait_counted(6)
        h = e.share(label="day:2026-03-08")
        assert (h["all.n"], h["all.self"], h["all.ch.digitalpost"]) == ("1", "0", "1"), "the next digital one leads: %s" % h
        restart(e)
        e.send(event(corrects=call["id"]))
        e.wait_counted(1)
        assert e.share(label="day:2026-03-08")["all.n"] == "0"
        assert e.share(label="day:2026-03-09")["all.ch.digitalpost"] == "1", "the period follows the earliest left"
        fold(e)
        e.send(event(channel="selfservice", errand="x", time=at(20), unit="web2"), event(corrects=post["id"]))
        e.wait_counted(2)
        assert e.share(label="day:2026-03-20")["all.self"] == "1" and e.share(label="day:2026-03-09")["all.n"] == "0"
        p = picture(e)
        assert n_of(p) == 1 and p["0751", "2026-03", "unit", "web2.contacts"] == 1, p
        # The middle of a chain goes: the rest falls apart into two.
        e.send(*CHAIN[:3])
        e.send(event(corrects="c2"))
        e.wait_counted(6)
        assert e.share(label="day:2026-03-01")["all.ch.phone"] == "1" and e.share(label="day:2026-03-23")["all.ch.letter"] == "1"


def outgoing_post_and_what_is_too_much_stands_by_itself():
    with Effortd() as e:
        e.send(event(errand="x"), event(errand="x", direction="out", channel="letter", form="physical"),
               event(errand="x", population="internal"))
        e.wait_counted(3)
        d = e.cells("effort:{0751}:d:2026-03-10")
        assert {f.split(":")[0]: v for f, v in d.items()} == {"n": 1, "out": 1, "internal": 1}, d
        e.send(*[event(errand="same") for _ in range(40)])
        e.wait_counted(43)
        s = e.status()
        assert s["errands"]["full"] == 8 and s["merged"] == 31, s
        assert e.share(label="day:2026-03-10")["all.n"] == "10", "one, one of thirty-two, and eight by themselves"


def exact_after_kills():
    """Legs in any order, corrections among them, SIGKILL in between, all sent again: what comes out is what one run
    in the order of their times makes of it."""
    dice = random.Random(20260311)
    events = []
    for i in range(150):
        for k in range(dice.randint(1, 4)):
            events.append(event(id="e%d-%d" % (i, k), errand="e%d" % i, time=at(dice.randint(1, 9), dice.randint(0, 23)),
                                channel=dice.choice(("selfservice", "digitalpost", "phone", "counter", "letter")),
                                unit="u%d" % dice.randint(0, 5), duration_s=dice.choice((None, 60, 90))))
    undone = [event(id="undo-" + x["id"], corrects=x["id"], time=at(12)) for x in dice.sample(events, 60)]
    with Effortd() as e:
        e.send(*sorted(events, key=lambda x: x["time"]))
        e.send(*undone)
        e.wait_counted(len(events) + len(undone))
        assert e.status()["refused"] == 0
        want = picture(e)
        assert 100 < n_of(want) <= 150
    dice.shuffle(events)
    with Effortd(PROBED) as e:
        for part in range(5):
            some = events[part::5]
            data = "".join(json.dumps(x) + "\n" for x in some).encode()
            with e.connect() as s:
                s.sendall(data[:dice.randint(0, len(data))])
                time.sleep(dice.random() * .05)
                restart(e)
            e.send(*some)
            e.wait_counted(len(some))
        with e.connect() as s:
            s.sendall("".join(json.dumps(x) + "\n" for x in undone[:30]).encode())
            time.sleep(dice.random() * .05)
            restart(e)
        fold(e)
        dice.shuffle(undone)
        e.send(*undone)
        e.wait_counted(len(undone))
        assert e.status()["refused"] == 0, e.status()
        got = picture(e)
        assert got == want, {k: (got.get(k), want.get(k)) for k in set(got) | set(want) if got.get(k) != want.get(k)}
        e.redis("FLUSHALL")
        wait(lambda: picture(e) == want, "the repair", 60)


def case_04_a_ticket_and_the_self_service_it_helped_are_one():
    """A floorwalker's ticket and the self-service it helped; the legs of a transferred call, the first one last."""
    with Effortd() as e:
        e.send(event(channel="counter", errand="q17", time=at(9, 10, 0), kind="information", unit="hall", duration_s=300),
               event(channel="selfservice", errand="q17", time=at(9, 10, 5), assisted="counter", unit="web"),
               event(channel="phone", errand="t1", time=at(10, 9, 4), unit="case", duration_s=200),
               event(channel="phone", errand="t1", time=at(10, 9, 1), unit="switch", outcome="forwarded", duration_s=40))
        e.wait_counted(4)
        h = e.share(label="day:2026-03-09")
        assert (h["all.contacts"], h["all.n"], h["all.assisted"], h["all.information"]) == ("1", "1", "1", "0"), h
        h = e.share(label="day:2026-03-10")
        assert (h["all.contacts"], h["all.n"], h["all.ch.phone"]) == ("1", "1", "1"), h
        p = picture(e)
        units = sorted(k[3] for k in p if k[2] == "unit" and k[3].endswith(".contacts"))
        assert units == ["switch.contacts", "web.contacts"], "of equals the earliest leads: %s" % units
        assert sum(v for k, v in p.items() if k[1] == "2026-03" and k[2].startswith("seconds:")) == 540, p


def with_a_reload_in_between():
    """What has been counted keeps its task; the contact has that of its most digital record, whenever that came."""
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
        e.send(event(kle="28.01.01", channel="selfservice", errand="a", time=at(9)),
               event(kle="28.01.01", channel="phone", errand="b", time=at(9)))
        e.wait_counted(2)
        claim("17", "28")
        e.ctl("reload")
        e.send(event(kle="28.01.01", channel="digitalpost", errand="a", time=at(8)),
               event(kle="28.01.01", channel="selfservice", errand="b", time=at(9, 11)))
        e.wait_counted(4)
        h = e.share(label="day:2026-03-08")
        assert (h["all.contacts"], h["daycare.self"]) == ("1", "1") and h.get("school.contacts", "0") == "0", h
        h = e.share(label="day:2026-03-09")
        assert (h["all.contacts"], h["school.self"], h["daycare.contacts"]) == ("1", "1", "0"), h


def no_more_than_the_limit():
    """Past errand.max the oldest are forgotten, in memory and in the file; what is counted stays."""
    with Effortd({"errand.max": "1000"}) as e:
        e.send(*[event(errand="e%d" % i, channel="phone") for i in range(1500)])
        e.wait_counted(1500)
        s = e.status()["errands"]
        assert (s["records"], s["forgotten"]) == (1000, 500), s
        assert "raise errand.max" in e.log()
        fold(e)
        assert e.status()["errands"]["records"] == 1000
        e.send(event(errand="e1499", channel="phone"), event(errand="e0", channel="phone"))
        e.wait_counted(2)
        assert e.share(label="day:2026-03-10")["all.n"] == "1501", "the first is not known any more, the last is"


def stored_only_as_a_keyed_hash():
    secret = "errand-of-somebody"
    with Effortd() as e:
        e.send(event(errand=secret, time=at(1, 8)), event(errand=secret, time=at(1, 10)))
        e.wait_counted(2)
        fold(e)
        assert e.status()["errands"]["records"] == 2 and os.path.exists(os.path.join(e.state, "errands"))
        e.kill()
        for folder, _, names in os.walk(e.state):
            for name in names:
                with open(os.path.join(folder, name), "rb") as f:
                    assert secret.encode() not in f.read(), name
        assert secret not in e.log()


if __name__ == "__main__":
    run(a_submission_and_its_message_are_one_contact, case_04_a_ticket_and_the_self_service_it_helped_are_one,
        whatever_the_order, what_is_taken_off_a_record, with_a_reload_in_between,
        outgoing_post_and_what_is_too_much_stands_by_itself, no_more_than_the_limit, exact_after_kills,
        stored_only_as_a_keyed_hash)
