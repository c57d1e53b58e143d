#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Do the instruments of the fault tests see what they are for? A tiny server that speaks the protocol, honest and then lying in
each way that matters, before the producer; a true picture in Redis, then with one thing wrong, before the oracle and the reader."""
import json
import os
import shutil
import socket
import tempfile
import threading
import time

from oracle import Truth, differences, scope_fields, SUMS, CHANNEL_SUMS
from load import Producer
from reader import Reader, picture_faults
from rig import Rig, options, run, wait


class Fake(threading.Thread):
    """Accepts connections, settles lines at once; lie(line number, answers) may change what is answered."""

    def __init__(self, lie=None):
        super().__init__(daemon=True)
        self.lie, self.known, self.listener = lie, {}, socket.create_server(("127.0.0.1", 0))
        self.lock, self.lies = threading.Lock(), 0
        self.start()

    def run(self):
        while True:
            try:
                s = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(s,), daemon=True).start()

    def judge(self, text):
        """"accepted", "duplicate" or a code, by what little a fake has to know."""
        try:
            e = json.loads(text)
        except ValueError:
            return "E_JSON"
        for field, bad, code in (("municipality", "9999", "E_MUNICIPALITY"), ("channel", "fax", "E_CHANNEL"), ("x", "010199-0000", "E_CPR"),
                                 ("kle", "23.5", "E_KLE")):
            if e.get(field) == bad:
                return code
        if "time" not in e:
            return "E_MISSING"
        with self.lock:
            if e["id"] in self.known:
                return "duplicate" if self.known[e["id"]] == text else "E_CONFLICT"
            self.known[e["id"]] = text
            return "accepted"

    def serve(self, s):
        f, n, sums = s.makefile("rb"), 0, {"accepted": 0, "duplicate": 0, "refused": 0}
        has_acks = False
        try:
            for text in f:
                if n == 0 and not has_acks and text.startswith(b'{"hello"'):
                    has_acks = True
                    s.sendall(b'{"ok":1,"max_line":65536,"window":10000}\n')
                    continue
                n += 1
                what, answers = self.judge(text.decode(errors="replace")), []
                if what.startswith("E_"):
                    answers.append({"nack": n, "id": "", "code": what, "detail": ""})
                sums["refused" if what.startswith("E_") else what] += 1
                answers.append(dict({"ack": n}, **sums))
                if self.lie and self.lies == 0 and n > 50:
                    told = self.lie(n, answers, has_acks)
                    self.lies += told is not None
                    answers = answers if told is None else told
                if has_acks or self.lies == 1 and self.lie:
                    s.sendall("".join(json.dumps(a, separators=(",", ":")) + "\n" for a in answers).encode() if has_acks else b"")
        except OSError:
            pass
        s.close()


LIES = {
    "an ack from the future": lambda n, a, h: a + [dict(a[-1], ack=n + 5000, accepted=a[-1]["accepted"] + 5000)] if h else None,
    "sums that do not add up": lambda n, a, h: [dict(a[-1], accepted=a[-1]["accepted"] + 1)] if h else None,
    "a good event refused": lambda n, a, h: [{"nack": n, "code": "E_KLE"}, dict(a[-1], accepted=a[-1]["accepted"] - 1, refused=a[-1]["refused"] + 1)]
    if h and len(a) == 1 and a[-1]["accepted"] else None,
    "a bad line taken": lambda n, a, h: [dict(a[-1], accepted=a[-1]["accepted"] + 1, refused=a[-1]["refused"] - 1)] if h and len(a) == 2 else None,
    "a wrong code": lambda n, a, h: [dict(a[0], code="E_ID"), a[1]] if h and len(a) == 2 else None,
    "an unknown answer": lambda n, a, h: [{"hi": 1}] + a if h else None,
}


def the_producer(o):
    folder = tempfile.mkdtemp(prefix="effort-fake-")
    try:
        for k, (name, lie) in enumerate([("honest", None)] + list(LIES.items())):
            fake = Fake(lie)
            with open(os.path.join(folder, "address"), "w") as f:
                f.write(str(fake.listener.getsockname()[1]))
            p = Producer(folder, os.path.join(folder, "address"), seed=o.seed, name="f%d" % k, max_events=3000, rate=3000,
                         silent=1, conns=4, dup=30, bad=30, conflict=20, cut_ms=300 if lie is None else 0, patience_s=5)
            try:
                while p.counts()["started"] < 3000 and p.p.poll() is None:
                    time.sleep(.01)
                counts = p.finish()
                assert lie is None, "%s was not noticed" % name
                assert counts["acked"] == 3000 == len([i for i in fake.known if i.startswith("f")]), counts
                assert sum(n for _, n in p.truth()) == 3000 and counts["duplicates"] > 300 and counts["conflicts"], counts
            except AssertionError as seen:
                if lie is None or "not noticed" in str(seen):
                    raise
            finally:
                p.stop()
                fake.listener.close()
        return "honest, and %d lies" % len(LIES)
    finally:
        shutil.rmtree(folder)


def the_oracle(o):
    """A true picture is made with effortd itself; then single things are changed."""
    with Rig({"probe_interval": "1h"}, seed=o.seed, reader=False) as rig:
        p = rig.load(max_events=5000, dup=0, n_templates=150)
        rig.wait_acked(3000)
        rig.finish_load()
        rig.exact()
        truth = Truth(rig.producers)
        share = next(k for k in sorted(truth.sums) if ":share:" in k and "{0751}" in k)
        cell = next(k for k in sorted(truth.cells) if k.startswith("{dk}:d:"))
        name = next(k for k in sorted(truth.names) if ":by:unit:" in k)
        field = next(f for f in truth.cells[cell] if f.startswith("n:"))
        changes = [("HINCRBY", cell, field, 1), ("HSET", cell, "n:a/b/c/d", 1), ("HDEL", cell, field), ("HSET", share, "all.n", 1), ("HSET", share, "all.share", "1.00"),
                   ("HSET", share, "strange", 1), ("HSET", share, "strange.n", 1), ("HSET", share, "rebuilding", 1), ("HINCRBY", name, "unit-1.contacts", 1),
                   ("HSET", "{0751}:share:month", "all.contacts", 0), ("SET", "unknown", 1), ("DEL", cell), ("DEL", share), ("HSET", cell, "_n", 0)]
        for command, key, *rest in changes:
            full = "effort:" + key
            before = rig.redis.hgetall(full) if command != "SET" else None
            rig.redis(command, full, *rest)
            assert differences(rig.redis, (), truth), (command, key, rest)
            rig.redis("DEL", full)
            if before:
                rig.redis("HSET", full, *[x for item in before.items() for x in item])
            # effortd may have looked at that moment, and be bringing it back.
            wait(lambda: not differences(rig.redis, (), truth), "%s %s %s to be undone" % (command, key, rest))
        assert p.report["events"]
        return "%d changes" % len(changes)


def the_reader(_):
    sums = {"contacts": 10, "n": 8, "self": 5, "assisted": 1, "digital": 6, "ch.selfservice": 6, "ch.phone": 2}
    good = {}
    for scope in ("all", "school"):
        good.update(scope_fields(scope, sums, SUMS + CHANNEL_SUMS))
    assert not list(picture_faults(good)), list(picture_faults(good))
    for field, value in (("all.n", "9"), ("all.self", "4"), ("all.share", "62.51"), ("school.contacts", "9"), ("all.ch.phone", "3"), ("school.share", None)):
        bad = {k: v for k, v in dict(good, **{field: value}).items() if v is not None}
        assert list(picture_faults(bad)), field
    reader = Reader("/nonexistent", [])
    reader.judge("k", dict(good, period="p"))
    less = {}
    for scope in ("all", "school"):
        less.update(scope_fields(scope, {s: v - 1 if s in ("contacts",) else v for s, v in sums.items()}, SUMS + CHANNEL_SUMS))
    reader.judge("k", dict(less, period="p", rebuilding="1"))
    assert not reader.seen["faults"], reader.seen
    reader.judge("k", dict(good, period="p"))
    reader.judge("k", dict(less, period="p"))
    assert len(reader.seen["faults"]) == 1, reader.seen
    return "seven pictures"


if __name__ == "__main__":
    run(options(__doc__), the_producer, the_reader, the_oracle)
