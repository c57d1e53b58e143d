#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""A mixed national file: 98 municipalities, several days across a year end and both changes of summer time, other key
orders, CloudEvents, bad lines of every kind. Every cell must equal the truth, every bad line must have its code."""
import collections
import datetime
import json
import os
import random
import re
import sys
import uuid

from harness import ROOT, Effortd, run

CHANNELS = "selfservice digitalpost email letter phone counter video sms chat social web system other".split()
OUTCOMES = ["completed"] * 12 + ["forwarded", "misdirected", "abandoned", "rejected", "no_show"]
# The days, with the two offsets Copenhagen has on them: a year end, both changes, an ordinary summer day.
DAYS = {"2025-12-31": "+01:00", "2026-01-01": "+01:00", "2026-03-28": "+01:00", "2026-03-30": "+02:00",
        "2026-07-01": "+02:00", "2026-10-24": "+02:00", "2026-10-26": "+01:00"}


def municipalities():
    text = open(os.path.join(ROOT, "etc", "municipalities.conf")).read()
    return re.findall(r'code\s*=\s*"(\d{4})"', text)


def kle_truth():
    rows = [l.rstrip("\n").split("\t") for l in open(os.path.join(ROOT, "tests", "data", "kle-areas.tsv"))]
    return {r[0]: "%s/%s" % (r[1], r[2]) for r in rows if r[0][:1].isdigit() and len(r) >= 3}


def moment(rng):
    """A time written with some offset, and the local day it belongs to; on the days of change also within the odd hours."""
    if rng.random() < .1:
        # 29 March 2026: 01:59:59+01:00 is followed by 03:00+02:00; 25 October: 02:xx comes twice
        text, day = rng.choice([("2026-03-29T00:30:00+01:00", "2026-03-29"), ("2026-03-29T03:00:00+02:00", "2026-03-29"),
                                ("2026-03-28T23:30:00Z", "2026-03-29"), ("2026-03-29T21:59:59Z", "2026-03-29"),
                                ("2026-03-29T22:00:00Z", "2026-03-30"), ("2026-10-25T02:30:00+02:00", "2026-10-25"),
                                ("2026-10-25T02:30:00+01:00", "2026-10-25"), ("2026-10-24T22:00:00Z", "2026-10-25"),
                                ("2026-10-25T22:59:59.999Z", "2026-10-25"), ("2026-10-25T23:00:00Z", "2026-10-26"),
                                ("2025-12-31T23:00:00Z", "2026-01-01"), ("2025-12-31T22:59:59Z", "2025-12-31"),
                                ("2026-01-01T04:00:00+05:45", "2025-12-31")])
        return text, day
    day, offset = rng.choice(list(DAYS.items()))
    return "%sT%02d:%02d:%02d.%03d%s" % (day, rng.randrange(24), rng.randrange(60), rng.randrange(60), rng.randrange(1000), offset), day


def one(rng, codes, kles):
    text, day = moment(rng)
    e = {"id": str(uuid.UUID(int=rng.getrandbits(128), version=4)), "time": text, "municipality": rng.choice(codes),
         "channel": rng.choice(CHANNELS), "kle": rng.choice(kles), "source": rng.choice(["borger.dk", "aula", "telefon"])}
    if rng.random() < .5:
        e["kind"] = rng.choice(["transaction", "information", "case", "unknown"])
    if rng.random() < .2:
        e["outcome"] = rng.choice(OUTCOMES)
    if rng.random() < .1:
        e["population"] = rng.choice(["business", "authority", "internal", "citizen"])
    if e["channel"] == "selfservice" and rng.random() < .2:
        e["assisted"] = rng.choice([True, "counter", "library"])
    if rng.random() < .05:
        e["exempt"] = True
    if rng.random() < .1:
        e["count"] = rng.randrange(1, 50)
    if rng.random() < .1:
        e["direction"] = "out"
        if rng.random() < .8:
            e["form"] = rng.choice(["digital", "remoteprint", "physical"])
    return e, day


def decided(e, listed):
    """What the areas' plugins decide beyond the number (their READMEs): the task, and whether it is a contact at all."""
    kle, kind, channel = e["kle"], e.get("kind", "transaction"), e["channel"]
    incoming, population = e.get("direction", "in") == "in", e.get("population", "citizen")
    if kle.startswith(("15.17", "15.20.01", "15.20.20")) and channel in ("counter", "video") and kind == "transaction" and incoming:
        return "employment/jobcentre-meeting", True
    if kle == "32.30.04" and population == "business":
        return "employment/sick-pay-employer", True
    if kle[:2] in ("81", "85", "87") and not kle.startswith(("81.02", "81.03", "81.22", "85.10")) and channel in ("selfservice", "system") and population == "citizen" and incoming:
        return "administration/internal-work", False
    return listed, True


def cells_of(e, listed):
    """The counters one event adds to, by the contract."""
    area_task, is_contact = decided(e, listed)
    if not is_contact:
        return {"ignored:%s/%s/%s" % (area_task, e["channel"], e.get("kind", "transaction")): e.get("count", 1)}
    kind, count = e.get("kind", "transaction"), e.get("count", 1)
    if e.get("direction") == "out":
        return {"out:%s/%s/%s" % (area_task, e["channel"], e.get("form", "none")): count}
    label = "%s/%s/%s" % (area_task, e["channel"], kind)
    population = e.get("population", "citizen")
    if population in ("authority", "internal"):
        return {"internal:" + label: count}
    cells = {"n:" + label: count}
    if e.get("outcome", "completed") != "completed":
        cells[e["outcome"] + ":" + label] = count
    if e.get("assisted"):
        cells["assisted:" + label] = count
    if e.get("exempt"):
        cells["exempt:" + label] = count
    if population == "business":
        cells["business:" + label] = count
    return cells


def write(e, rng):
    """The event as a line: native in some key order, or as a CloudEvent."""
    roll = rng.random()
    if roll < .2:
        envelope = {"specversion": "1.0", "type": "dk.kommune.contact", "id": e["id"], "source": e["source"], "time": e["time"],
                    "data": {k: v for k, v in e.items() if k not in ("id", "source", "time")}}
        items = list(envelope.items())
        rng.shuffle(items)
        return json.dumps(dict(items))
    if roll < .4:
        items = list(e.items())
        rng.shuffle(items)
        return json.dumps(dict(items), separators=(", ", " : "))
    return json.dumps(e, separators=(",", ":"))


BAD = [  # what is done to a good event, and the code it must be refused with
    (lambda e: json.dumps(e)[:-10], "E_JSON"),
    (lambda e: json.dumps(e) + "}", "E_JSON"),
    (lambda e: json.dumps(e).replace('"id"', '"\x01id"', 1), "E_JSON"),
    (lambda e: "<13>Nov 21 10:15:30 host app: hello", "E_JSON"),
    (lambda e: json.dumps(e).replace('"source"', '"id"', 1), "E_DUPLICATE_KEY"),
    (lambda e: json.dumps(dict(e, x=[[[[[[[[[1]]]]]]]]])), "E_DEPTH"),
    (lambda e: json.dumps(dict(e, municipality="9999")), "E_MUNICIPALITY"),
    (lambda e: json.dumps(dict(e, municipality=751)), "E_TYPE"),
    (lambda e: json.dumps({k: v for k, v in e.items() if k != "channel"}), "E_MISSING"),
    (lambda e: json.dumps({k: v for k, v in e.items() if k != "kle"}), "E_MISSING"),
    (lambda e: json.dumps(dict(e, channel="fax")), "E_CHANNEL"),
    (lambda e: json.dumps(dict(e, kle="23.5.10")), "E_KLE"),
    (lambda e: json.dumps(dict(e, task="Not A Task")), "E_TASK"),
    (lambda e: json.dumps(dict(e, time="2026-02-30T10:00:00+01:00")), "E_TIME"),
    (lambda e: json.dumps(dict(e, time="2026-02-20T10:00:00")), "E_TIME"),
    (lambda e: json.dumps(dict(e, id="")), "E_ID"),
    (lambda e: json.dumps(dict(e, source="two words")), "E_SOURCE"),
    (lambda e: json.dumps(dict(e, count=0)), "E_VALUE"),
    (lambda e: json.dumps(dict(e, note="010199-0000")), "E_CPR"),
    (lambda e: json.dumps(dict(e, note=101990000)).replace("101990000", "0101990000"), "E_JSON"),
    (lambda e: json.dumps(dict(e, note=3101990000)), "E_CPR"),
    (lambda e: json.dumps(e).replace("T", "\udcff", 1), "E_UTF8"),
    (lambda e: '{"x":"' + "y" * 66000 + '"}', "E_TOO_LONG"),
]


def every_cell_equals_the_truth(n=120000, seed=11):
    rng, codes, truth_of = random.Random(seed), municipalities(), kle_truth()
    assert len(codes) == 98 and len(truth_of) > 60, (len(codes), len(truth_of))
    kles = sorted(truth_of)
    truth = collections.defaultdict(collections.Counter)
    bad = collections.Counter()
    with Effortd() as e:
        with e.connect() as s:
            lines = []
            for i in range(n):
                ev, day = one(rng, codes, kles)
                if rng.random() < .02:
                    make, code = BAD[i % len(BAD)]
                    lines.append(make(ev))
                    bad[code] += 1
                else:
                    lines.append(write(ev, rng))
                    for cell, count in cells_of(ev, truth_of[ev["kle"]]).items():
                        for key in ("d:" + day, "m:" + day[:7], "y:" + day[:4]):
                            truth["effort:{%s}:%s" % (ev["municipality"], key)][cell] += count
                            truth["effort:{dk}:" + key][cell] += count
                if len(lines) == 500 or i == n - 1:
                    s.sendall(("\r\n" if i % 3 == 0 else "\n\n").join(lines).encode("utf-8", "surrogateescape") + b"\n")
                    lines = []
        e.wait_counted(n, 180)
        for key, cells in truth.items():
            got = e.cells(key)
            assert got == cells, "%s: %s" % (key, sorted((got.items() - cells.items()) | (cells.items() - got.items()))[:8])
            n_sum = sum(v for f, v in got.items() if f.startswith("n:"))
            assert int(e.redis("HGET", key, "_n") or 0) == n_sum, key
        keys = e.redis.keys("effort:{*}:d:*") + e.redis.keys("effort:{*}:m:*") + e.redis.keys("effort:{*}:y:*")
        assert sorted(keys) == sorted(truth), "no other keys"
        refused = collections.Counter()
        sources = json.loads(e.ctl("sources", "--json").stdout)["sources"]
        for source in sources:
            assert source["received"] == source["accepted"] + source["duplicate"] + source["refused"], source
            refused.update(source["codes"])
        assert refused == bad, (refused - bad, bad - refused)
        status = e.status()
        assert status["received"] == n and status["refused"] == sum(bad.values())
        everything = e.log() + str([e.redis.hgetall(k) for k in e.redis.keys("effort:*") if e.redis("TYPE", k) == "hash"])
        assert "010199" not in everything and "310199" not in everything, "personal data must not be anywhere"
    sys.stdout.write("        %d lines, %d refused, %d counters\n" % (n, sum(bad.values()), sum(map(len, truth.values()))))


if __name__ == "__main__":
    run(every_cell_equals_the_truth)
