# SPDX-License-Identifier: MPL-2.0
"""What is sent in the fault tests, and how: templates of events whose counts are known (oracle.py says what Redis must
hold), lines that must be refused, and the producer program (producer.c) as an object. One seed, one load."""
import datetime
import json
import os
import random
import struct
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "integration"))
from harness import BUILD, SLOW, ZONE  # noqa: E402,F401

MUNICIPALITIES = ["0751", "0101", "0461", "0851", "0561"]
CHANNELS = "selfservice digitalpost email letter phone counter video sms chat social web system other".split()

# kle or task, "<area>/<task>", groups, municipal, under the target: from the area files, for dates after 2016.
TASKS = [
    ("kle", "23.05.10", "administration/moving", ("borgerservice", "kl-figure-14", "waves", "target"), True, True),
    ("kle", "29.03.06", "administration/eu-health-card", ("borgerservice", "health", "kl-figure-14", "waves", "udk"), False, False),
    ("kle", "28.09.40", "daycare/daycare-admission", ("waves", "target"), True, True),
    ("kle", "28.15.16", "daycare/club-admission", (), True, False),
    ("kle", "17.20.01", "school/school-enrolment", ("waves", "target"), True, True),
    ("task", "home-nursing", "eldercare/home-nursing", ("health",), True, False),
    ("task", "music-school", "other/music-school", ("culture",), True, False),
    ("kle", "02.34.02", "technical/building-permit", ("waves", "target"), True, True),
    ("kle", "27.12.04", "social/social-advice", (), True, False),
    ("task", "sick-pay", "employment/sick-pay", ("waves", "target"), True, True),
    ("kle", "99.99.99", "unclassified/-", (), True, False),
]

# Code, line; % becomes a number. Numbers that read as CPR numbers are synthetic and end in 0000.
BAD = [
    ("E_JSON", '{"id":"bad-%",'),
    ("E_JSON", "<13>Nov 21 10:15:30 host app: bad %"),
    ("E_MUNICIPALITY", '{"id":"bad-%","source":"borger.dk","time":"2026-03-10T12:00:00Z","municipality":"9999","channel":"phone","kle":"23.05.10"}'),
    ("E_CHANNEL", '{"id":"bad-%","source":"borger.dk","time":"2026-03-10T12:00:00Z","municipality":"0751","channel":"fax","kle":"23.05.10"}'),
    ("E_CPR", '{"id":"bad-%","source":"borger.dk","time":"2026-03-10T12:00:00Z","municipality":"0751","channel":"phone","kle":"23.05.10","x":"010199-0000"}'),
    ("E_MISSING", '{"id":"bad-%","source":"borger.dk","municipality":"0751","channel":"phone","kle":"23.05.10"}'),
    ("E_KLE", '{"id":"bad-%","source":"borger.dk","time":"2026-03-10T12:00:00Z","municipality":"0751","channel":"phone","kle":"23.5"}'),
]


def near(rng, now):
    """Moments of the last month: today, yesterday and a few days more, midnight's edges among them."""
    def at(days_ago):
        midnight = datetime.datetime.combine(now.astimezone(ZONE).date() - datetime.timedelta(days=days_ago), datetime.time(), ZONE)
        roll = rng.random()
        if roll < .1:
            return midnight
        if roll < .2 and days_ago > 0:
            return midnight + datetime.timedelta(hours=23, minutes=59, seconds=59)
        return midnight + datetime.timedelta(seconds=rng.randrange(82800))
    earliest = now - datetime.timedelta(days=33)
    while True:
        moment = at(rng.choice([0, 0, 0, 1, 1, 2, 5, 9, 20, 31])).astimezone(rng.choice([ZONE, datetime.timezone.utc]))
        if earliest < moment <= now - datetime.timedelta(seconds=30):
            return moment


def far(rng, now):
    """Moments of any age: year ends and changes of summer time too (late_limit = never)."""
    if rng.random() < .5:
        return near(rng, now)
    return datetime.datetime.fromisoformat(rng.choice([
        "2024-12-31T23:59:59+01:00", "2025-01-01T00:00:00+01:00", "2025-03-30T00:30:00+01:00", "2025-03-30T03:00:00+02:00",
        "2025-10-26T02:30:00+02:00", "2025-10-26T02:30:00+01:00", "2025-12-31T22:59:59+00:00", "2025-12-31T23:00:00+00:00",
        "2026-02-28T12:00:00+01:00", "2026-06-30T23:59:59+02:00", "2026-07-01T00:00:00+02:00"]))


class Template:
    """The content of an event, its local day and what it stands for."""

    def __init__(self, fields, task, moment):
        self.fields, self.task, self.moment = fields, task, moment
        self.day = moment.astimezone(ZONE).date()
        self.rest = json.dumps(fields, separators=(",", ":"))[1:]


def one(rng, now, moments):
    task = rng.choice(TASKS)
    moment = moments(rng, now)
    e = {"source": rng.choice(["borger.dk", "telefoni", "aula", "digitalpost"]), "time": moment.isoformat(),
         "municipality": rng.choice(MUNICIPALITIES), "channel": rng.choice(["selfservice"] * 8 + CHANNELS), task[0]: task[1],
         "unit": "unit-%d" % rng.randrange(12)}
    if rng.random() < .4:
        e["kind"] = rng.choice(["transaction", "information", "case", "unknown"])
    if rng.random() < .2:
        e["outcome"] = rng.choice(["completed", "forwarded", "misdirected", "abandoned", "rejected", "no_show"])
    if rng.random() < .1:
        e["population"] = rng.choice(["authority", "internal", "citizen"] + ["business"] * 3 * (task[1] != "sick-pay"))
    if e["channel"] == "selfservice" and rng.random() < .2:
        e["assisted"] = rng.choice([True, "counter", "library"])
    if rng.random() < .05:
        e["exempt"] = True
    if rng.random() < .1:
        e["count"] = rng.randrange(1, 50)
    if rng.random() < .2:
        e["duration_s"] = rng.randrange(1, 900)
    if rng.random() < .2:
        e["portal"] = "portal-%d" % rng.randrange(4)
    if rng.random() < .05:
        e["handled_by"] = "0%d" % rng.choice([101, 751])
    if rng.random() < .05:
        e["direction"] = "out"
        e["form"] = rng.choice(["digital", "remoteprint", "physical"])
        if e["form"] == "physical":
            e["reason"] = rng.choice(["exempt", "no-mailbox"])
    return Template(e, task, moment)


def templates(seed, n=600, moments=near, now=None):
    """n templates in pairs: 2k and 2k+1 have source and time in common and differ in content."""
    rng, found = random.Random(seed), []
    now = now or datetime.datetime.now(datetime.timezone.utc)
    for _ in range(n // 2):
        a = one(rng, now, moments)
        fields = dict(a.fields, channel="phone" if a.fields["channel"] != "phone" else "email")
        fields.pop("assisted", None)
        found += [a, Template(fields, a.task, a.moment)]
    return found


# As in producer.c, struct counters.
COUNTERS = ("started acked lines duplicates bad conflicts connects lost accepted duplicate refused nacks faults ack_ms_max "
            "oldest_ms resends silent rated").split()


class Producer:
    """The producer program at work. counts() reads its ledger while it runs."""

    def __init__(self, folder, address, seed=1, name="e", moments=near, conns=5, silent=1, dup=20, bad=5, conflict=2, cut_ms=0,
                 window=1000, rate=0, max_events=4000000, patience_s=60, now=None, n_templates=600):
        self.folder, self.name = folder, name
        self.templates = templates(seed, n_templates, moments, now)
        path = lambda what: os.path.join(folder, "%s.%s" % (name, what))  # noqa: E731
        with open(path("templates"), "w") as f:
            f.writelines("%d %s\n" % (i ^ 1, t.rest) for i, t in enumerate(self.templates))
        with open(path("bad"), "w") as f:
            f.writelines("%s %s\n" % b for b in BAD)
        self.ledger, self.max = path("ledger"), max_events
        self.p = subprocess.Popen(
            [os.path.join(BUILD, "bin", "faults_producer"), "--templates", path("templates"), "--bad", path("bad"),
             "--address", address, "--ledger", self.ledger, "--run", name, "--seed", str(seed), "--max", str(max_events),
             "--rate", str(rate), "--conns", str(conns), "--silent", str(silent), "--dup", str(dup), "--bad-permille", str(bad),
             "--conflict-permille", str(conflict), "--cut-ms", str(cut_ms), "--window", str(window),
             "--patience", str(patience_s * SLOW)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.report = None

    def counts(self):
        try:
            with open(self.ledger, "rb") as f:
                values = struct.unpack("%dQ" % len(COUNTERS), f.read(8 * len(COUNTERS)))
        except (OSError, struct.error):
            values = [0] * len(COUNTERS)
        return dict(zip(COUNTERS, values))

    def say(self, word):
        self.p.stdin.write(word.encode() + b"\n")
        self.p.stdin.flush()

    def finish(self):
        """No more new events; waits until every one is acknowledged. Nothing strange may have been heard."""
        self.say("finish")
        out = self.p.stdout.read()
        code = self.p.wait()
        self.report = json.loads(out) if out else {"faults": [], "events": []}
        counts = self.counts()
        assert code != 2, "%s: not every event was acknowledged: %s" % (self.name, counts)
        assert code == 0 and not self.report["faults"], "%s: exit %d %s %s" % (self.name, code, self.report["faults"][:3], counts)
        assert counts["accepted"] <= counts["started"], "told more events accepted than there are: %s" % counts
        return counts

    def truth(self):
        """[(template, number of events that have it)]"""
        return [(t, n) for t, n in zip(self.templates, self.report["events"]) if n]

    def stop(self):
        if self.p.poll() is None:
            self.p.kill()
        self.p.wait()
        self.p.stdin.close()
        self.p.stdout.close()
