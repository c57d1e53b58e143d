#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""A dashboard that never sleeps: reads share hashes every 50 ms until its standard input ends, and says what was never to be
seen: a numerator and a denominator of different moments, areas that do not sum to all, channels that do not sum to n, a
share that is not the ratio, a count that went down.

    reader.py SOCKET [--shared] KEY...      prints one JSON object: {"reads":N,"rebuilding":N,"absent":N,"faults":[...]}

A count may go down only inside rebuilding=1, after the hash was absent, and where Redis itself went away in between (it may
have come back with less; that is what the daemon has to find). With --shared (several writers) also where the part of one of them is
gone: after a FLUSHALL the first cannot know of the others."""
import json
import os
import select
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration"))
from harness import Redis  # noqa: E402
from oracle import CHANNEL_SUMS, SUMS, basis_points, percent  # noqa: E402

PERIOD_S = .05
ADDED = SUMS + CHANNEL_SUMS


def scopes_of(h):
    return [f[:-len(".contacts")] for f in h if f.endswith(".contacts")]


def ratio_faults(h, scope):
    n, own = int(h.get(scope + ".n", 0)), int(h.get(scope + ".self", 0))
    incl, digital = own + int(h.get(scope + ".assisted", 0)), int(h.get(scope + ".digital", 0))
    for field, part in (("share", own), ("share_incl_assisted", incl), ("share_digital", digital)):
        want = percent(basis_points(part, n)) if n else None
        if h.get("%s.%s" % (scope, field)) != want:
            yield "%s.%s is %s, with %d of %d it is %s" % (scope, field, h.get("%s.%s" % (scope, field)), part, n, want)
    if n != sum(int(h.get("%s.%s" % (scope, c), 0)) for c in CHANNEL_SUMS):
        yield "the channels of %s do not sum to n = %d" % (scope, n)


def picture_faults(h):
    """What is wrong with one HGETALL, seen for itself."""
    scopes = scopes_of(h)
    areas = [s for s in scopes if s != "all" and ":" not in s]
    for scope in scopes:
        yield from ratio_faults(h, scope)
    for f in ADDED if scopes else ():
        total, both = int(h.get("all." + f, 0)), sum(int(h.get("%s.%s" % (s, f), 0)) for s in areas)
        if total != both:
            yield "all.%s is %d, its areas sum to %d" % (f, total, both)


class Reader:
    def __init__(self, sock, keys):
        self.sock, self.redis, self.last = sock, None, {}
        self.is_shared, self.keys = "--shared" in keys, [k for k in keys if k != "--shared"]
        self.seen = {"reads": 0, "rebuilding": 0, "absent": 0, "away": 0, "faults": []}

    def fault(self, text):
        if len(self.seen["faults"]) < 20:
            self.seen["faults"].append(text)

    def judge(self, key, h):
        self.seen["reads"] += 1
        for text in picture_faults(h):
            self.fault("%s: %s" % (key, text))
        n = {f: int(v) for f, v in h.items() if f.endswith((".contacts", ".n", ".self"))}
        period, before, writers = self.last.get(key, (None, {}, ()))
        if h.get("rebuilding") == "1":
            self.seen["rebuilding"] += 1
        elif self.is_shared and any(w not in h for w in writers):
            self.seen["rebuilding"] += 1  # who comes first after a FLUSHALL cannot know the others
        elif period == h.get("period"):
            for f, v in before.items():
                if n.get(f, 0) < v:
                    self.fault("%s: %s went down from %d to %d (as_of %s)" % (key, f, v, n.get(f, 0), h.get("as_of")))
                    break
        self.last[key] = (h.get("period"), {} if h.get("rebuilding") == "1" else n, [f for f in h if f.startswith("_w:")])

    def look(self):
        try:
            self.redis = self.redis or Redis(self.sock)
            for key in self.keys:
                h = self.redis.hgetall(key)
                if h:
                    self.judge(key, h)
                else:
                    self.seen["absent"] += 1
                    self.last.pop(key, None)
        except (OSError, RuntimeError, ValueError) as away:
            if isinstance(away, ValueError):
                self.fault("not a number: %s" % away)
            if self.redis:
                self.redis.close()
            self.redis, self.last = None, {}
            self.seen["away"] += 1

    def run(self):
        while not select.select([sys.stdin], [], [], PERIOD_S)[0]:
            self.look()
        print(json.dumps(self.seen), flush=True)


if __name__ == "__main__":
    Reader(sys.argv[1], sys.argv[2:]).run()
