#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""No personal data anywhere: synthetic numbers that read as CPR numbers are planted in every field, in unknown ones, in keys,
escaped and as numbers, in lines that are whole and lines that are not; afterwards nothing effortd or Redis wrote holds one:
Redis' dump and append-only file, journal, totals, ids, dead letters, the log."""
import datetime
import json
import os
import random
import re
import tempfile

from client import Client
from rig import Rig, event, line, options, run, wait

FIELDS = ["id", "source", "municipality", "channel", "kle", "task", "service", "kind", "direction", "population", "outcome", "form", "reason",
          "unit", "handled_by", "portal", "errand", "corrects", "note", "data"]


def planted(rng):
    """A date of 2099 and four digits that end in 000x: nobody's number."""
    return "%02d%02d99" % (rng.randrange(1, 29), rng.randrange(1, 13)), "%03d0" % rng.randrange(1000)


def written(rng, date, tail):
    return rng.choice(["%s-%s", "%s%s", "%s %s", "%s.%s", "x%s-%sx", "cpr:%s%s", "<%s-%s>", "a b %s-%s c"]) % (date, tail)


def escaped(text):
    return "".join("\\u%04x" % ord(c) for c in text)


def lines(rng, n, stamp):
    """Lines and the numbers planted in them."""
    found, numbers = [], []
    for i in range(n):
        date, tail = planted(rng)
        numbers.append((date, tail))
        text, e = written(rng, date, tail), event(id="p-%d" % i, time=stamp, unit="u")
        how = rng.randrange(8)
        field = rng.choice(FIELDS)
        if how == 0:
            found.append(line(dict(e, **{field: text})))
        elif how == 1:
            found.append(line(dict(e, **{text: "x"})))
        elif how == 2:
            found.append(line(dict(e, deep={"er": [1, {"x": text}]})))
        elif how == 3:
            found.append(line(dict(e, **{field: "MARK"})).replace("MARK", escaped(text)))
        elif how == 4:  # a bare number; JSON allows no leading zero
            date = "1" + date[1:]
            numbers[-1] = (date, tail)
            found.append(line(e)[:-1] + ',"number":%s%s}' % (date, tail))
        elif how == 5:  # not JSON, or cut off
            found.append(line(dict(e, **{field: text}))[:-2])
        elif how == 6:  # twice the same key: refused before it is searched
            found.append('{"id":"x","id":"%s","note":"%s"}' % (text, text))
        else:
            found.append(line(dict(e, pad="y" * 66000, note=text)))
    return found, numbers


NUMBER = re.compile(rb"(?<!\d)(\d{4}99)[-. ]?(\d{3}0)(?!\d)")


def search(folder, numbers, skip=()):
    """Every file below a folder; returns where a planted number stands, and how many bytes were read."""
    wanted, hits, read = {(d.encode(), t.encode()) for d, t in numbers}, [], 0
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            if not os.path.isfile(path) or name in skip:
                continue
            with open(path, "rb") as f:
                data = f.read()
            read += len(data)
            hits += ["%s: %s at %d" % (path, m.group().decode(), m.start()) for m in NUMBER.finditer(data) if m.groups() in wanted]
    return hits, read


def nowhere(o):
    rng = random.Random(o.seed)
    stamp = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=1)).isoformat()
    with Rig({"log.level": "debug", "log.heartbeat": "1s"}, seed=o.seed, mode="always", reader=False) as rig:
        rig.load(rate=3000)
        rig.wait_acked(500)
        found, numbers = lines(rng, o.lines, stamp)
        told = {}
        with Client(rig) as c:
            for part in range(0, len(found), 100):
                c.send(*found[part:part + 100])
                c.settled()
            for code in c.codes.values():
                told[code] = told.get(code, 0) + 1
        with rig.connect() as s:  # without acks; the last line without its end
            s.sendall(("\n".join(found[:200]) + '\n{"id":"' + "-".join(numbers[0])).encode())
        said = rig.settle()
        assert told.get("E_CPR", 0) * 3 > o.lines, told
        wait(lambda: os.path.isdir(os.path.join(rig.state, "deadletters")), "dead letters")
        rig.ctl("dlq", "list", check=False)
        rig.redis("SAVE")
        rig.stop()
        own = [p.name + "." + x for p in rig.producers for x in ("templates", "bad", "ledger")]
        with tempfile.TemporaryDirectory() as other:
            with open(os.path.join(other, "x"), "w") as f:
                f.write("x %s-%s" % numbers[0])
            assert search(other, numbers)[0], "the search must be able to find"
        hits, read = search(rig.folder, numbers, own)
        assert not hits, "%d places:\n  %s" % (len(hits), "\n  ".join(hits[:20]))
        return "%d lines, codes %s, %d bytes searched; %s" % (o.lines, json.dumps(told), read, said)


if __name__ == "__main__":
    run(options(__doc__, lines=4000), nowhere)
