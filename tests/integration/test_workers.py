#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""workers = N: whatever comes, and in whatever pieces, several threads make of it what one makes: every count, every
acknowledgement, every refusal with its line, every dead letter; also while it is reloaded, stopped and started."""
import glob
import json
import os
import random
import socket
import threading
import time

from harness import SLOW, Effortd, event, line, run, wait

CODES = ("0751", "0101", "0461", "0999")  # the last is nobody's
KINDS = ("transaction", "information", "case")
CHANNELS = ("phone", "selfservice", "email")
LIMIT = 65536


def enveloped(e):
    return {"specversion": "1.0", "id": e["id"], "source": "/kiosk/1", "type": "dk.kommune.effort.contact.v1",
            "time": e["time"], "data": {"municipality": e["municipality"], "channel": e["channel"], "kle": e["kle"]}}


def bad(rng, i):
    """A line that is refused, or nothing at all."""
    long = "y" * rng.randrange(LIMIT - 9, LIMIT + 9) if rng.random() < .02 else "{}"
    return rng.choice(('{"id":%d' % i, "x", "", line(event(id="bad%d" % i, channel="smoke")), line(event(id=None)),
                       line(event(id="cpr%d" % i, service="010199-0000")), "[" * rng.randrange(1, 40), long))


def lines(n, seed):
    """n lines of everything there is; ids depend on the seed alone, so that two streams of one seed are the same."""
    rng, out, good = random.Random(seed), [], []
    for i in range(n):
        e = event(id="%d-%d" % (seed, i), source="s%d" % rng.randrange(5), kind=rng.choice(KINDS), count=rng.randrange(1, 9),
                  municipality=rng.choice(CODES if i % 9 == 0 else CODES[:3]), channel=rng.choice(CHANNELS),
                  kle=rng.choice(("23.05.10", "28.09.00", "27.12.16")),
                  time="2026-03-%02dT12:00:%02d+01:00" % (rng.randrange(1, 29), i % 60))
        draw = rng.random()
        if draw < .08:
            out.append(bad(rng, i))
        elif draw < .16 and good:  # the same again, or something else under its id
            out.append(dict(rng.choice(good), **({} if rng.random() < .7 else {"count": 77})))
        elif draw < .20 and good:
            first = rng.choice(good)
            out.append(dict(e, source=first["source"], corrects=first["id"], count=1))
        elif draw < .24:
            out.append(dict(e, errand="errand%d" % rng.randrange(50), count=1))
        elif draw < .30:
            out.append(enveloped(e))
        else:
            good.append(dict(e, unit="caf\u00e9 %d" % rng.randrange(40)) if draw < .4 else e)
            out.append(good[-1])
    return "".join(line(e).replace("\u00e9", "\\u00e9") + rng.choice(("\n", "\n", "\r\n")) for e in out).encode()


def settle(e, data, **hello):
    """Sends all of it at once and reads every answer: (refusals in order, last acknowledgement)."""
    with e.connect() as s:
        s.settimeout(60 * SLOW)
        answers = s.makefile("rb")
        s.sendall((json.dumps(dict({"hello": 1, "acks": True}, **hello)) + "\n").encode())
        answers.readline()
        sender = threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR)))
        sender.start()
        told = [json.loads(text) for text in answers]
        sender.join()
    return [t for t in told if "nack" in t], [t for t in told if "ack" in t][-1]


def threads(e):
    names = []
    for path in glob.glob("/proc/%d/task/*/comm" % e.p.pid):
        with open(path) as f:
            names.append(f.read().strip())
    return names.count("effortd-unpack")


def counted(e):
    """Everything in Redis that is made of counts. What was taken back to nothing is there or not, as batches fell."""
    told = {}
    for kind in ("d", "m", "by"):
        for key in e.redis.keys("effort:{*}:%s:*" % kind):
            told.update(((key, f), v) for f, v in e.redis.hgetall(key).items() if not f.startswith("_") and v != "0")
    assert told
    return told


def letters(e):
    """Dead letters, line by line, without their moment and what the state folder's key makes of them."""
    told = []
    for path in sorted(glob.glob(os.path.join(e.state, "deadletters", "*.ndjson"))):
        with open(path) as f:
            told += [{k: v for k, v in json.loads(text).items() if k not in ("at", "hash")} for text in f]
    return told


def books(e):
    s = e.status()
    return {k: s[k] for k in ("received", "accepted", "duplicate", "refused", "unclassified")}


def all_of(workers, data, stream):
    with Effortd({"workers": str(workers)}) as e:
        assert threads(e) == workers - 1, threads(e)
        told = settle(e, data, source="hello")
        e.send(*stream)
        e.wait_counted(told[1]["ack"] + len(stream))
        got = told, books(e), counted(e)
        e.stop()
        got += (letters(e),)
    return got


def differ(mine, theirs):
    return [pair for pair in zip(mine, theirs) if pair[0] != pair[1]][:5]


def the_same_as_one():
    data, stream = lines(20000 // (3 if SLOW > 1 else 1), 1), [event(id="t%d" % i) for i in range(3000)]
    one = all_of(1, data, stream)
    assert len(one[0][0]) > 1000 and one[1]["duplicate"] > 200, one[1]
    for workers in (2, 4, 8):
        many = all_of(workers, data, stream)
        assert many[0] == one[0], (workers, differ(many[0][0], one[0][0]), many[0][1], one[0][1])
        assert many[1] == one[1], (workers, many[1], one[1])
        assert many[2] == one[2], (workers, sorted(many[2].items() ^ one[2].items())[:10])
        assert many[3] == one[3], (workers, differ(many[3], one[3]))


def at_once_and_while_reloaded():
    """Many connections, some without acks that are cut in the middle of a line, reloads all the while."""
    with Effortd({"workers": "4"}) as e:
        told, streams = {}, {seed: lines(4000, seed) for seed in range(10, 16)}

        def one(seed):
            if seed % 2:
                told[seed] = settle(e, streams[seed])
                return
            with e.connect() as s:
                s.sendall(streams[seed] + b'{"id":"cut')

        senders = [threading.Thread(target=one, args=(seed,)) for seed in streams]
        for t in senders:
            t.start()
        while any(t.is_alive() for t in senders):
            e.ctl("reload")
        for t in senders:
            t.join()
        want = sum(len([x for x in s.split(b"\n") if x.strip(b"\r")]) for s in streams.values()) + 3
        e.wait_counted(want)
        got = books(e)
        assert got["received"] == want == got["accepted"] + got["duplicate"] + got["refused"], (want, got)
        assert got["refused"] >= 3 + sum(len(nacks) for nacks, _ in told.values()), got
        for seed, (nacks, last) in told.items():
            assert last["refused"] == len(nacks), (seed, last)


def stopped_and_killed_under_load():
    """What was acknowledged is counted, once, whenever it ended; all of it is sent again after each end."""
    data, n = "".join(line(event(id="k%d" % i, municipality=CODES[i % 3])) + "\n" for i in range(30000)).encode(), 30000
    rng = random.Random(5)
    with Effortd({"workers": "3"}) as e:
        for end in (e.kill, e.stop) * 3:
            def push():
                try:
                    with e.connect() as s:
                        s.sendall(data)
                except OSError:
                    pass  # it ended

            sender = threading.Thread(target=push)
            sender.start()
            time.sleep(rng.uniform(.01, .15))
            end()
            sender.join()
            e.start()
        nacks, last = settle(e, data)
        assert (nacks, last["ack"], last["refused"]) == ([], n, 0), last
        e.wait_settled()
        for code in CODES[:3]:
            got = e.share(code, label="day:2026-03-10")["all.n"]
            assert got == str(n // 3), (code, got)


if __name__ == "__main__":
    run(the_same_as_one, at_once_and_while_reloaded, stopped_and_killed_under_load)
