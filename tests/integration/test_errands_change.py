#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Errands while something changes under them: another errand.window by a reload, a definition of the share or a task's
hand-over between their records. Whatever comes when, what is counted in the end is made anew here from all of it."""
import os
import random
import sys
from datetime import datetime, timedelta, timezone

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import ROOT, Effortd, event, run, wait  # noqa: E402
from test_errands import fold, picture, restart  # noqa: E402
from test_life import faketime  # noqa: E402
from test_policy import LOCAL, daemon  # noqa: E402

CHANNELS = ("selfservice", "digitalpost", "web", "email", "chat", "phone", "letter", "counter", "system")


def moment(day, hour):
    return (datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=1))) + timedelta(days=day, hours=hour)).isoformat()


def windows_come_and_go():
    """Each errand has one record a round; before each another window is in force. In the end: as if the last one always had
    been. Errands of 32 records and a great many parts are among them."""
    dice = random.Random(20261122)
    rounds = [[] for _ in range(32)]
    for i in range(120):
        n = 32 if i < 10 else dice.randint(2, 7)
        times = [moment(k, dice.randint(0, 20)) if i < 10 else moment(dice.randint(0, 25), dice.randint(0, 20)) for k in range(n)]
        dice.shuffle(times)
        for k in range(n):
            # The last record of each comes in the last round.
            rounds[k - n].append(event(id="e%d-%d" % (i, k), errand="e%d" % i, channel=dice.choice(CHANNELS[:6]), time=times[k],
                                       unit="u%d" % dice.randint(0, 5), duration_s=dice.choice((None, 60, 90))))
    taken = [event(id="undo-" + x["id"], corrects=x["id"]) for x in dice.sample([x for r in rounds[:-1] for x in r], 40)]
    with Effortd({"errand.window": "36h"}) as e:
        e.send(*[x for r in rounds for x in r])
        e.send(*taken)
        e.wait_counted(sum(map(len, rounds)) + len(taken))
        want = picture(e)
        assert e.status()["refused"] == 0
    with Effortd(start=False) as e:
        with open(e.config) as f:
            text = f.read()
        e.config = os.path.join(e.folder, "effortd.conf")
        for name in ("municipalities", "tasks", "targets", "efforts"):
            e.settings[name] = os.path.join(ROOT, "etc", name + ".conf")

        def configure(window):
            with open(e.config, "w") as f:
                f.write('%s\nerrand: { window = "%s"; };\n' % (text, window))
        configure("14d")
        e.start()
        for k, some in enumerate(rounds):
            configure("36h" if k == 31 else dice.choice(("1h", "12h", "30h", "36h", "3d", "14d")))
            if k % 10 == 3:
                restart(e)
            elif k % 10 == 7:
                fold(e)
            else:
                e.ctl("reload")
            e.send(*some)
            if k == 30:
                e.send(*taken)
            e.wait_settled()
        assert e.status()["refused"] == 0 and e.status()["errands"]["full"] == 0, e.status()
        got = picture(e)
        assert got == want, {k: (got.get(k), want.get(k)) for k in set(got) | set(want) if got.get(k) != want.get(k)}
        configure("14d")
        e.ctl("reload")
        e.wait_settled()
        assert picture(e) == want, "a reload alone moves nothing"


# --- days of which each counts otherwise ---

def own_rule(lead, day, assisted):
    """n, self and digital of one contact by the shipped definition, and by LOCAL from 22 November 2026 on."""
    if lead["task"] == "eu-health-card" and day >= "2015-05-01":
        return 0, 0, 0
    outcome, channel = lead["outcome"], lead["channel"]
    if day >= "2026-11-22":
        n = (lead["kind"] in ("transaction", "information", "case") and channel not in ("web", "system", "email") and
             outcome in ("completed", "forwarded", "abandoned") and not lead["exempt"])
        own = channel in ("selfservice", "digitalpost")
    else:
        n = lead["kind"] == "transaction" and channel not in ("web", "system") and outcome in ("completed", "forwarded")
        own = channel == "selfservice"
    is_assisted = assisted and channel == "selfservice"
    return int(n), int(n and own and not is_assisted), int(n and channel in ("selfservice", "digitalpost"))


def counted(records):
    """The contact of an errand, all of whose records lie within the window: its day, area, unit, and what it adds."""
    order = ("selfservice", "digitalpost", "web", "email", "chat", "phone", "letter", "counter", "system")
    lead = min(records, key=lambda r: (order.index(r["channel"]), r["time"], r["id"]))
    day = min(r["time"] for r in records)[:10]
    assisted = any("assisted" in r for r in records)
    return day, lead, own_rule(lead, day, assisted)


def any_record(dice, i, k, days):
    fields = {"id": "e%d-%d" % (i, k), "errand": "e%d" % i, "kle": None, "unit": "u%d" % dice.randint(0, 3), "exempt": dice.random() < .2,
              "time": "%sT%02d:00:00%s" % (dice.choice(days), dice.randint(1, 22), "+01:00" if days[0] > "2020" else "+02:00"),
              "channel": dice.choice(CHANNELS), "kind": dice.choice(("transaction", "transaction", "information", "case")),
              "task": dice.choice(("school-enrolment", "eu-health-card", "daycare-admission")),
              "outcome": dice.choice(("completed", "forwarded", "abandoned", "rejected"))}
    if fields["channel"] == "selfservice" and dice.random() < .3:
        fields["assisted"] = "counter"
    return event(**fields)


def check(e, errands):
    want = {}

    def add(key, values):
        want[key] = tuple(a + b for a, b in zip(want.get(key, (0, 0, 0, 0)), values))
    for records in errands.values():
        if records:
            day, lead, sums = counted(records)
            area = {"s": "school", "e": "administration", "d": "daycare"}[lead["task"][0]]
            for scope in ("all", area):
                add(("day:" + day, scope), (1,) + sums)
                add(("month:" + day[:7], scope), (1,) + sums)
            add((day[:7], lead["unit"]), (1,) + sums)
    for (label, scope), sums in sorted(want.items()):
        if ":" in label:
            h = e.share(label=label)
            got = tuple(int(h.get("%s.%s" % (scope, f), 0)) for f in ("contacts", "n", "self", "digital"))
            assert got == sums, (label, scope, got, sums)
        else:
            h = e.redis.hgetall("effort:{0751}:by:unit:%s" % label)
            got = tuple(int(h.get("%s.%s" % (scope, f), 0)) for f in ("contacts", "n", "self"))
            assert got == sums[:3], (label, scope, got, sums)
    total = {label: int(e.share(label=label)["all.contacts"]) for label in ("month:2026-11", "month:2015-04", "month:2015-05")}
    assert total == {k: want.get((k, "all"), (0,))[0] for k in total}, (total, "contacts on days that have none")


def is_right(e, errands):
    try:
        check(e, errands)
    except AssertionError:
        return False
    return True


def on_both_sides_of_a_definition_and_of_a_hand_over():
    """Records of one errand on both sides of a midnight at which the definition changes, or a task goes to the state: the
    contact counts by the rule of its earliest day, whichever record came first, and whatever was taken back."""
    dice = random.Random(5)
    errands = {i: [any_record(dice, i, k, ("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23") if i % 2 else
                              ("2015-04-29", "2015-04-30", "2015-05-01", "2015-05-02"))
                   for k in range(dice.randint(2, 4))] for i in range(300)}
    records = [r for i in errands for r in errands[i]]
    dice.shuffle(records)
    taken = dice.sample(records, 120)
    with daemon(LOCAL % "2026-11-22", **{"retention.day": "30y"}) as e:
        e.start()
        sent = {i: [] for i in errands}
        for part in range(4):
            some = records[part::4]
            e.send(*some)
            for r in some:
                sent[int(r["errand"][1:])].append(r)
            e.wait_settled()
            check(e, sent)
            if part == 1:
                e.stop()
                e.env.update(faketime("@2026-11-23 12:00:00"))
                e.start()
            else:
                fold(e)
        e.send(*[event(id="undo-" + r["id"], corrects=r["id"]) for r in taken])
        for r in taken:
            sent[int(r["errand"][1:])].remove(r)
        e.wait_settled()
        assert e.status()["refused"] == 0, e.ctl("sources").stdout
        check(e, sent)
        e.redis("FLUSHALL")
        restart(e)
        wait(lambda: is_right(e, sent), "the repair", 60)


def of_a_task_that_is_gone():
    """The leading record's task has left the configuration when an earlier record comes, of a day with another definition."""
    with daemon(LOCAL % "2026-11-22") as e:
        areas = os.path.join(e.folder, "areas")
        os.mkdir(areas)

        def write(task):
            with open(os.path.join(areas, "school.conf"), "w") as f:
                f.write('area = "school"; plugin = "table"; order = 1; name: { da = "x"; en = "x"; }; kle = ( "17" );\n'
                        'tasks = ( { id = "%s"; da = "x"; en = "x"; kle = [ "17.01" ]; } );\n' % task)
        write("old")
        e.settings["areas_dir"] = areas
        e.start()
        e.send(event(channel="selfservice", kind="information", errand="x", kle="17.01.05", time="2026-11-22T09:00:00+01:00"))
        e.wait_settled()
        assert e.share(label="day:2026-11-22")["school.n"] == "1"
        write("new")
        e.ctl("reload")
        e.send(event(channel="phone", kind="information", errand="x", kle="17.01.05", time="2026-11-21T09:00:00+01:00"))
        e.wait_settled()
        h = e.share(label="day:2026-11-21")
        assert (h["school.contacts"], h["school.information"], h["school.n"]) == ("1", "1", "0"), h
        assert e.redis.hgetall("effort:{0751}:tasks:day:2026-11-21")["school/old.contacts"] == "1"
        assert e.share(label="day:2026-11-22")["school.contacts"] == "0"


if __name__ == "__main__":
    run(windows_come_and_go, on_both_sides_of_a_definition_and_of_a_hand_over, of_a_task_that_is_gone)
