#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""What a reader can compute from a report of effortctl export: many small municipalities at random, with tasks that overlapping
groups share. The reader knows which tasks a scope has, and adds and takes off the numbers shown in any way; no number of a scope,
shown or not, and nothing that is left of one beside others may come out small: by linear algebra of its own."""

import json
import os
import random
import socket
import subprocess

from harness import ROOT, Effortd, event, run, wait

PRIME = 1000003
SPRING, AUTUMN, YEAR, MONTH = "season:2026-spring", "season:2026-autumn", "year:2026", "month:2026-03"
MARCH, MAY, SEPTEMBER = "2026-03-10T12:00:00+01:00", "2026-05-10T12:00:00+02:00", "2026-09-10T12:00:00+02:00"
COVERS = {SPRING: (MARCH, MAY), AUTUMN: (SEPTEMBER,), YEAR: (MARCH, MAY, SEPTEMBER), MONTH: (MARCH,)}
WAYS = {"self": ("selfservice", False), "assisted": ("selfservice", True), "post": ("digitalpost", False),
        "phone": ("phone", False), "counter": ("counter", False)}
MEMBERS = {"contacts": set(WAYS), "n": set(WAYS), "self": {"self"}, "assisted": {"assisted"}, "digital": {"self", "assisted", "post"},
           "ch.selfservice": {"self", "assisted"}, "ch.digitalpost": {"post"}, "ch.phone": {"phone"}, "ch.counter": {"counter"}}
BELOW = 5


def reduced(rows):
    """The rows' space modulo the prime: its reduced rows and the column each begins with."""
    rows, fronts, done = [list(r) for r in rows], [], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((i for i in range(done, len(rows)) if rows[i][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        factor = pow(rows[done][column], PRIME - 2, PRIME)
        rows[done] = [x * factor % PRIME for x in rows[done]]
        for i, row in enumerate(rows):
            if i != done and row[column]:
                rows[i] = [(x - row[column] * y) % PRIME for x, y in zip(row, rows[done])]
        fronts.append(column)
        done += 1
    return rows[:done], fronts


def is_in(space, wanted):
    rows, fronts = space
    left = list(wanted)
    for row, front in zip(rows, fronts):
        if left[front]:
            factor = left[front]
            left = [(x - factor * y) % PRIME for x, y in zip(left, row)]
    return not any(left)


def shown(rep):
    """Each number shown: its scope, period, the ways it counts, and the number."""
    for scope in rep["scopes"]:
        for member, ways in MEMBERS.items():
            if isinstance(scope.get(member), int):
                yield scope["id"], rep["label"], ways, scope[member]
    for season in rep["seasons"]:
        for scope in season["scopes"]:
            for member in ("n", "self"):
                if isinstance(scope.get(member), int):
                    yield scope["id"], season["label"], MEMBERS[member], scope[member]


def sets(rep, tasks_of):
    """What must not come out small: every number of every scope, shown or not, what self-service, assisted or not, digital post and the
    digital channels leave of it, what one scope has more than another within it, and what a shown total leaves of its parts."""
    ids, label = [s["id"] for s in rep["scopes"]], rep["label"]
    scopes = {s["id"]: s for s in rep["scopes"]}
    told = ("contacts", "n", "self", "assisted", "digital", "ch.selfservice", "ch.digitalpost")
    left = {"others": MEMBERS["n"] - {"self"}, "rest": MEMBERS["n"] - MEMBERS["digital"],
            "not selfservice": MEMBERS["n"] - MEMBERS["ch.selfservice"]}
    tasks = {i: tasks_of(i) for i in ids}
    for i in ids:
        is_area = scopes[i]["kind"] in ("all", "area")
        for ways in [MEMBERS[m] for m in MEMBERS if is_area or m in told] + list(left.values()):
            yield tasks[i], ways, label
    for whole in ids:
        for part in ids:
            if "/" not in whole + part and "group:" in whole + part and part != "all" and tasks[part] < tasks[whole]:
                for member in told:
                    yield tasks[whole] - tasks[part], MEMBERS[member], label
    for total in ids:
        parts = [i for i in ids if (scopes[i]["kind"] == "area" if total == "all" else i.startswith(total + "/"))]
        for member in MEMBERS:
            hidden = [tasks[i] for i in parts if scopes[i].get(member, 0) is None]
            if scopes[total].get(member) is not None and hidden:
                yield set().union(*hidden), MEMBERS[member], label
    for season in rep["seasons"]:
        for scope in season["scopes"]:
            for ways in (MEMBERS["n"], MEMBERS["self"], left["others"]):
                yield tasks_of(scope["id"]), ways, season["label"]


def attack(rep, truth, tasks_of):
    """Small sets of contacts that can be computed. truth: (task, way, time) -> count."""
    numbers = [([a for a in truth if a[0] in tasks_of(scope) and a[1] in ways and a[2] in COVERS.get(label, ())], value, scope == "all")
               for scope, label, ways, value in shown(rep)]
    for atoms, value, _ in numbers:
        assert sum(truth[a] for a in atoms) == value, (atoms, value)
    empty = {a for atoms, value, _ in numbers if value == 0 for a in atoms}
    for period in [rep] + rep["seasons"]:  # nobody came to an area that is not there
        areas = {s["id"] for s in period["scopes"]}
        empty |= {a for a in truth if a[2] in COVERS.get(period["label"], ()) and a[0].split("/")[0] not in areas}
    left = [a for a in truth if a not in empty]
    space = reduced([[int(a in atoms) for a in left] for atoms, value, _ in numbers if value])
    totals = reduced([[int(a in atoms) for a in left] for atoms, value, is_total in numbers if value and is_total])
    for tasks, ways, label in sets(rep, tasks_of):
        wanted = [int(a[0] in tasks and a[1] in ways and a[2] in COVERS.get(label, ())) for a in left]
        value = sum(truth[a] for a, is_wanted in zip(left, wanted) if is_wanted)
        if 0 < value < BELOW and is_in(space, wanted) and not is_in(totals, wanted):
            yield value, [a for a, is_wanted in zip(left, wanted) if is_wanted]


class Places:
    """Municipalities counted at random, and which tasks each scope has."""

    def __init__(self, e, seed, codes, tasks, ways, times, values):
        rnd = random.Random(seed)
        names = sorted(n for n in json.loads(e.ctl("shares", "dk", "--json").stdout)["task_names"] if not n.endswith("/-"))
        self.e, self.groups, self.truth, events = e, {}, {}, []
        # those that were handed over are in no share any more
        pool = rnd.sample([n for n in names if n not in self.group("group:udk")], 14)
        for code in codes:
            self.truth[code] = {(task, way, time): rnd.choice(values)
                                for task in rnd.sample(pool, tasks) for way in ways for time in times}
            for (task, way, time), count in self.truth[code].items():
                channel, assisted = WAYS[way]
                if count:
                    events.append(event(municipality=code, time=time, kle=None, task=task.split("/")[1], channel=channel,
                                        count=count, **({"assisted": True} if assisted else {})))
        before = e.status()["received"]
        e.send(*events)
        e.wait_counted(before + len(events))

    def group(self, scope):
        if scope not in self.groups:
            self.groups[scope] = set(ask(self.e, {"cmd": "compare", "scope": scope, "label": SPRING, "municipality": "dk"})["task_names"])
        return self.groups[scope]

    def tasks_of(self, scope):
        every = {a[0] for truth in self.truth.values() for a in truth}
        if scope == "all":
            return every
        if scope.startswith("group:"):
            return self.group(scope)
        return {t for t in every if t == scope or t.startswith(scope + "/")}


def ask(e, question):
    """The daemon's answer on its control socket."""
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(os.path.join(e.run, "control.sock"))
        s.sendall(json.dumps(question).encode() + b"\n")
        return json.loads(s.makefile().readline())


def attack_all(e, label, places):
    told = 0
    for code, truth in places.truth.items():
        p = e.ctl("export", code, "--label", label, "--format", "json", "--lang", "en", check=False)
        if p.returncode != 0:
            assert "could be computed" in p.stderr or "nothing has been counted" in p.stderr, p
            continue
        told += 1
        found = list(attack(json.loads(p.stdout)[0], truth, places.tasks_of))
        assert not found, (code, found[:3], truth)
    assert told > len(places.truth) * 2 // 3, "%d of %d reports" % (told, len(places.truth))


CODES = ["0101", "0147", "0151", "0153", "0155", "0157", "0159", "0161", "0163", "0165", "0167", "0169", "0173", "0175", "0183", "0185",
         "0187", "0190", "0201", "0210", "0217", "0219", "0223", "0230", "0240", "0250", "0253", "0259", "0260", "0265"]


def attacked(label, seeds, tasks, ways, times, values, codes=CODES):
    for seed in seeds:
        with Effortd() as e:
            wait(lambda: e.status()["redis"]["state"] == "ready", "Redis to be ready")
            attack_all(e, label, Places(e, seed, codes, tasks, ways, times, values))


def test_no_small_number_of_a_season():
    attacked(SPRING, (1, 2), 4, ("self", "phone", "counter"), (MARCH,), (0, 1, 2, 3, 6, 20, 90))


def test_no_small_number_by_channel():
    attacked(SPRING, (3,), 3, ("self", "assisted", "post", "phone"), (MARCH,), (0, 1, 2, 4, 8, 30))


def test_no_small_number_of_a_year_and_its_seasons():
    attacked(YEAR, (4,), 3, ("self", "phone"), (MARCH, SEPTEMBER), (0, 1, 2, 5, 9, 40))


def test_no_small_number_of_a_month_and_its_season():
    attacked(MONTH, (5,), 3, ("self", "phone"), (MARCH, MAY), (0, 1, 2, 5, 9, 40))


def test_what_is_surely_nothing_gives_nothing_away():
    """A hidden 0 that can only be 0 is as good as shown to who adds and takes off."""
    attacked(SPRING, (22,), 8, ("self", "assisted", "phone"), (MARCH, MAY), (0, 1, 2, 5, 9, 40), CODES[:12])


def test_no_small_number_of_selfservice_assisted_or_not():
    """No channel is told of tasks, and what an area's self-service leaves of one is a number all the same."""
    attacked(SPRING, (21,), 6, ("self", "assisted", "post", "phone", "counter"), (MARCH,), (0, 1, 2, 5, 9, 40), CODES[:12])


def test_a_season_does_not_tell_what_its_only_month_does_not():
    attacked(MONTH, (31,), 6, ("self", "phone", "counter"), (MARCH,), (0, 1, 2, 5, 9, 40), CODES[:12])


def test_the_others_together_are_no_small_number():
    """103 of all less the 100 of one area are the 3 of two others, none of which is shown."""
    with Effortd() as e:
        wait(lambda: e.status()["redis"]["state"] == "ready", "Redis to be ready")
        e.send(*[event(time=MARCH, channel=channel, count=count, kle=kle) for channel, count, kle in
                 (("selfservice", 60, "23.05.10"), ("phone", 40, "23.05.10"), ("phone", 1, "17.20.01"), ("phone", 2, "27.60.04"))])
        e.wait_counted(4)
        rep = json.loads(e.ctl("export", "0751", "--label", SPRING, "--format", "json").stdout)[0]
        n = {s["id"]: s["n"] for s in rep["scopes"] if s["kind"] in ("all", "area")}
        assert n == {"all": 103, "administration": None, "school": None, "eldercare": None}, n


def test_a_report_is_still_read():
    """What protects must not hide it all: of the demo's day at least two of five figures of areas and tasks are shown, most
    areas' shares, and above all how the tasks under the target do."""
    day = subprocess.run(["/usr/bin/python3", os.path.join(ROOT, "etc", "demo.d", "day.py"), "--print"], capture_output=True, text=True,
                         check=True).stdout
    with Effortd() as e:
        wait(lambda: e.status()["redis"]["state"] == "ready", "Redis to be ready")
        with e.connect() as s:
            s.sendall(day.encode())
        e.wait_received(len(day.splitlines()), 60)
        e.wait_settled()
        rep = json.loads(e.ctl("export", "0751", "--window", "month", "--format", "json").stdout)[0]
        figures = [s[m] for s in rep["scopes"] for m in ("contacts", "n", "self", "assisted", "digital", "share")
                   if m in s and s["kind"] in ("area", "task")]
        assert figures.count(None) < 3 * len(figures) / 5, (figures.count(None), len(figures))
        shares = [s["share"] for s in rep["scopes"] if s["kind"] == "area" and "share" in s]
        assert shares.count(None) < len(shares) / 4, shares
        scopes = {s["id"]: s for s in rep["scopes"]}
        assert None not in (scopes["group:target"]["share"], scopes["all"]["gap_pp"], scopes["all"]["move"]), scopes["group:target"]


run(*[test for name, test in sorted(globals().items()) if name.startswith("test_")])
