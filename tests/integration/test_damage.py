#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""The journal is damaged where a batch ended or what only Redis has lay: nothing is counted twice, and Redis keeps what it has."""
import json
import os
import signal
import struct
import subprocess
import time

from harness import BUILD, ROOT, Effortd, event, run, wait
from test_redis_faults import DAY, SOON, CutProxy, exact_count, segments, unsent


def a_batch_whose_end_is_damaged_is_not_sent_again():
    """Events of one segment, the end of their batch in the next, which nobody can read: Redis has them, and they count once."""
    with Effortd({"redis.timeout": "1s"}) as e:
        e.server.p.send_signal(signal.SIGSTOP)
        e.send(*[event(channel="selfservice", unit="u") for _ in range(100)])
        e.wait_durable(100)
        e.kill()
        e.server.p.send_signal(signal.SIGCONT)
        second = os.path.join(e.state, "journal", "0000000000000002.wal")
        e.start()
        while e.share(label=DAY).get("all.n") != "100" or e.redis.hgetall("effort:{0751}:by:unit:2026-03").get("u.n") != "100":
            time.sleep(.001)
        e.kill()
        e.server.p.send_signal(signal.SIGSTOP)
        e.start()
        wait(lambda: len(segments(e)) <= 2, "the first to be folded")
        e.kill()
        with open(second, "r+b") as f:
            f.seek(20)
            f.write(b"damaged")
        e.server.p.send_signal(signal.SIGCONT)
        e.start()
        e.send(*[event(channel="selfservice", unit="u") for _ in range(10)])
        wait(lambda: e.share(label=DAY).get("all.n") == "110", "ten more")
        e.wait_settled()
        time.sleep(1)
        assert e.share(label=DAY)["all.n"] == "110" and e.redis.hgetall("effort:{0751}:by:unit:2026-03")["u.n"] == "110"


def dump(e):
    """The journal's effects and marks, each with the number of its block."""
    found = subprocess.run([os.path.join(BUILD, "bin", "effortctl"), "journal", "dump", "--state-dir", e.state],
                           capture_output=True, text=True, check=True)
    records = [json.loads(text) for text in found.stdout.splitlines()]
    return [r for r in records if r.get("record") == "mark" or "block" in r]


def freezes(e):
    return [r["block"] for r in dump(e) if r.get("kind") == "freeze" and r["record"] == "mark"]


def spoil_block(path, number):
    """Flips bits in the middle of a block (from 1): nothing of it can be used."""
    with open(path, "r+b") as f:
        data = f.read()
        at = data.find(b"\xfe\xb1\x0c\xff", 1)
        for _ in range(number - 1):
            at = data.find(b"\xfe\xb1\x0c\xff", at + 32 + struct.unpack_from("<I", data, at + 4)[0])
        at += 32 + struct.unpack_from("<I", data, at + 4)[0] // 2
        f.seek(at)
        f.write(bytes([data[at] ^ 0x5a]))


def batches_in_redis(e):
    """Events in pairs, until a block holds the end of the last batch and nothing else. That block, and how many events. The
    second of a pair is on the disk while its batch keeps its distance from the first one's."""
    for n in range(2, 100, 2):
        e.send(event(channel="selfservice", unit="u"))
        e.send(event(channel="selfservice", unit="u"))
        e.wait_counted(n)
        e.wait_settled()
        block = freezes(e)[-1]
        if sum(r["block"] == block for r in dump(e)) == 1:
            return block, n
    raise AssertionError("no batch ended in a block of its own: %s" % dump(e))


def goes_on_from(e, total):
    e.start()
    e.send(*[event(channel="selfservice", unit="u") for _ in range(10)])
    wait(lambda: e.share(label=DAY).get("all.n") == str(total + 10), "%d and ten more" % total)
    time.sleep(1)
    exact_count(e, total + 10)


def a_batch_whose_end_lies_in_a_damaged_block_is_not_sent_again():
    with Effortd(SOON) as e:
        block, n = batches_in_redis(e)
        e.stop()
        spoil_block(segments(e)[0], block)
        goes_on_from(e, n)


def leave_one_refused(e):
    """The last batch is refused by Redis; the end of the one before is damaged then. How many events there are."""
    block, n = batches_in_redis(e)
    e.redis("CONFIG", "SET", "maxmemory", "1")
    e.send(event(channel="selfservice", unit="u"))
    wait(lambda: freezes(e)[-1] > block, "the end of the last batch")
    e.kill()
    spoil_block(segments(e)[0], block)
    return n + 1


def what_follows_a_damaged_end_is_brought_from_the_totals():
    with Effortd(SOON) as e:
        n = leave_one_refused(e)
        e.redis("CONFIG", "SET", "maxmemory", "0")
        goes_on_from(e, n)


def the_same_when_it_is_folded_before_redis_has_it():
    with Effortd(SOON) as e:
        n = leave_one_refused(e)
        first = segments(e)[0]
        for _ in range(4):
            e.start()
            e.kill()
        e.start()
        wait(lambda: not os.path.exists(first), "the journal to be folded")
        e.kill()
        e.redis("CONFIG", "SET", "maxmemory", "0")
        goes_on_from(e, n)


def a_batch_that_lacks_a_day_is_not_sent_again():
    """Of three days in a batch Redis has two, effortd is killed, and something is damaged among what came first: were the
    rest sent again under the batch's position, its calls would be taken for others of it."""
    third = "effort:{0751}:d:2026-03-12"
    with Effortd({"redis.timeout": "60s"}) as e:
        e.send(event(time="2026-03-10T12:00:00+01:00"))
        e.wait_counted(1)
        e.stop()
        e.redis("SET", third, "refuses what is counted there")
        e.server.p.send_signal(signal.SIGSTOP)
        e.start()
        for n, more in enumerate(({"time": "2026-03-12T12:00:00+01:00", "count": 100}, {"municipality": "0101"})):
            e.send(event(**more))
            e.wait_durable(n + 1)
        e.kill()
        e.start()
        e.send(event(time="2026-03-10T13:00:00+01:00"), event(time="2026-03-11T12:00:00+01:00", count=10))
        e.wait_durable(2)
        before = segments(e)[-2]
        e.server.p.send_signal(signal.SIGCONT)
        month = lambda: e.redis("HGET", "effort:{0751}:share:month:2026-03", "all.contacts")  # noqa: E731
        wait(lambda: month() == "12", "the first two days")
        e.kill()
        e.redis("DEL", third)
        spoil_block(before, 2)
        e.start()
        wait(lambda: e.redis("HGET", third, "_n") == "100", "the third day")
        e.wait_settled()
        wait(lambda: month() == "112", "all of the month, which is %s" % month(), 10)
        time.sleep(.5)
        assert month() == "112"


def leave_one_behind_the_end(e, proxy):
    """Redis has a batch whose end lies in a block of its own; effortd has not heard of it and is killed with one more event
    in the journal, in no batch and behind no mark. That end is damaged then. How many events there are."""
    for n in range(1, 50):
        proxy.is_holding = True
        e.send(event(channel="selfservice", unit="u"))
        wait(lambda: len(freezes(e)) == n and e.share(label=DAY).get("all.n") == str(n), "a batch in Redis")
        block = freezes(e)[-1]
        if sum(r["block"] == block for r in dump(e)) == 1:
            break
        proxy.is_holding = False
        e.wait_settled()
    e.send(event(channel="selfservice", unit="u"))
    wait(lambda: dump(e)[-1]["block"] > block and dump(e)[-1]["record"] == "effect", "one more event")
    e.kill()
    proxy.is_holding = False
    spoil_block(segments(e)[0], block)
    return n + 1


def what_follows_the_last_damage_is_brought_from_the_totals():
    with Effortd({"redis.timeout": "60s"}, start=False) as e:
        proxy = CutProxy(e.server.sock)
        e.settings["redis.url"] = "redis://127.0.0.1:%d" % proxy.port
        e.start()
        wait(lambda: e.status()["redis"]["state"].lower() == "ready", "Redis")
        goes_on_from(e, leave_one_behind_the_end(e, proxy))
        proxy.on = False


def spoil_header(e, path):
    with open(path, "r+b") as f:
        f.write(b"\0")


def spoil_and_repair(e, path):
    spoil_header(e, path)
    e.ctl("journal", "repair", "--state-dir", e.state, "--write")
    assert not os.path.exists(path), "it was set aside"


def a_last_segment_that_is_lost_is_nobody_elses():
    """What Redis has of it was counted here: its positions are ours, the name stays, and so do the totals."""
    for lose in (spoil_header, spoil_and_repair, lambda _, path: os.truncate(path, 5)):
        with Effortd(SOON) as e:
            e.send(*[event(channel="selfservice", unit="u") for _ in range(40)])
            e.wait_counted(40)
            e.stop()
            e.start()
            lost = [event(channel="selfservice", unit="u") for _ in range(20)]
            e.send(*lost)
            e.wait_durable(20)
            e.wait_settled()
            wait(lambda: len(segments(e)) == 1, "the first run's to be folded")
            e.kill()
            lose(e, segments(e)[0])
            e.start()
            e.send(*lost)  # nobody knows their ids any more; Redis has them twice until it must be rebuilt
            e.send(event(channel="selfservice", unit="u"))
            e.wait_settled()
            assert "another process counts" not in e.log(), (lose, e.log())
            for _ in range(2):  # what is lost stays lost: later starts see it no more
                e.kill()
                e.start()
                e.wait_settled()
            assert e.share(label=DAY)["all.n"] == "81"
            e.redis("FLUSHALL")
            wait(lambda: e.share(label=DAY).get("all.n") == "61", "everything the journal and the totals have")
            exact_count(e, 61)


def a_start_that_ends_after_it_set_the_last_segment_aside():
    """What that one brought to Redis is sent by no later start."""
    with Effortd(SOON) as e:
        e.send(event())
        e.wait_counted(1)
        os.makedirs("%s/totals/%s/%s.new" % (e.state, list(e.redis.hgetall("effort:_writers"))[0], DAY))  # nothing can be folded
        e.server.p.send_signal(signal.SIGSTOP)
        for n in (5, 7):  # the first in the batch on its way, the second in none when the segment ends
            e.send(*[event() for _ in range(n)])
            time.sleep(0.3)
        e.wait_durable(13)
        e.kill()
        e.start()
        e.server.p.send_signal(signal.SIGCONT)
        wait(lambda: e.share(label=DAY).get("all.n") == "13", "everything in Redis")
        e.kill()
        last = segments(e)[-1]
        spoil_header(e, last)
        os.mkdir(last.replace("2.wal", "3.wal.new"))  # the next one cannot be begun
        assert subprocess.call(e.argv(), stderr=subprocess.DEVNULL, env=e.env, cwd=ROOT) != 0
        assert not os.path.exists(last), "it was set aside"
        os.rmdir(last.replace("2.wal", "3.wal.new"))
        e.start()
        e.wait_settled()
        time.sleep(1)
        assert e.share(label=DAY)["all.n"] == "13"


def away_until_folded(e):
    """Redis stands still, and the journal is folded meanwhile. How many events there are."""
    e.send(*[event(channel="selfservice", unit="u") for _ in range(100)])
    e.wait_counted(100)
    e.server.p.send_signal(signal.SIGSTOP)
    for n in range(4):
        e.send(*[event(channel="selfservice", unit="u") for _ in range(50)])
        e.wait_durable(50)
        first = segments(e)[0]
        e.kill()
        e.start()
    wait(lambda: not os.path.exists(first) and unsent(e), "the journal to be folded")
    return 300


def writers(e):
    return [field for field in e.redis.hgetall("effort:{0751}:share:" + DAY) if field.startswith("_w:")]


def a_damaged_header_behind_what_was_folded_while_redis_was_away():
    """Redis has all of it when effortd is killed, and nobody can read the segments behind what was folded: it stays who it is,
    sends nothing twice, and what its totals hold comes back when Redis loses it."""
    with Effortd(SOON) as e:
        n = away_until_folded(e)
        e.server.p.send_signal(signal.SIGCONT)
        wait(lambda: e.share(label=DAY).get("all.n") == str(n), "everything in Redis")
        e.wait_settled()
        names = writers(e)
        e.kill()
        assert unsent(e), "nothing is kept of what was folded"
        lost = sum(r["record"] == "effect" for r in dump(e))
        for path in segments(e):
            with open(path, "r+b") as f:
                f.seek(20)
                f.write(b"damaged")
        goes_on_from(e, n)
        assert writers(e) == names, (writers(e), names)
        e.redis("DEL", "effort:{0751}:share:" + DAY)
        wait(lambda: e.share(label=DAY).get("all.n") == str(n + 10 - lost), "what was folded of the lost hash")


def a_damaged_header_before_redis_is_back():
    """The same while Redis lacks all of it; the segment behind can be read, and says that no batch ended in the damaged one: all
    but what that held comes to Redis."""
    with Effortd(SOON) as e:
        n = away_until_folded(e)
        e.kill()
        damaged = segments(e)[-2]
        lost = sum(r["record"] == "effect" and "%016d" % r["segment"] in damaged for r in dump(e))
        assert lost > 0 and unsent(e), (lost, unsent(e), segments(e))
        with open(damaged, "r+b") as f:
            f.seek(20)
            f.write(b"damaged")
        e.server.p.send_signal(signal.SIGCONT)
        goes_on_from(e, n - lost)


def what_only_redis_has_of_a_damaged_place_stays():
    """The ends of two batches and all of the second are damaged; a third in another municipality follows. What the first
    changed was changed by the second, too, which nobody else knows of."""
    with Effortd(SOON) as e:
        first, n = batches_in_redis(e)
        e.send(*[event(channel="selfservice", unit="u") for _ in range(7)])
        e.wait_counted(n + 7)
        e.wait_settled()
        second = freezes(e)[-1]
        e.send(event(channel="selfservice", unit="u", municipality="0101"))
        e.wait_counted(n + 8)
        e.wait_settled()
        e.kill()
        for block in range(first, second + 1):
            spoil_block(segments(e)[0], block)
        for k in range(3):
            e.start()
            assert k > 0 or "part of the journal is damaged" in e.log(), e.log()
            e.wait_settled()
            time.sleep(.5)
            found = [e.share(m, label=DAY)["all.n"] for m in ("0751", "0101", "dk")]
            assert found == [str(n + 7), "1", str(n + 8)], found
            e.kill()


if __name__ == "__main__":
    run(a_batch_whose_end_is_damaged_is_not_sent_again, a_batch_whose_end_lies_in_a_damaged_block_is_not_sent_again,
        a_batch_that_lacks_a_day_is_not_sent_again,
        what_follows_a_damaged_end_is_brought_from_the_totals, the_same_when_it_is_folded_before_redis_has_it,
        what_follows_the_last_damage_is_brought_from_the_totals, a_last_segment_that_is_lost_is_nobody_elses,
        a_start_that_ends_after_it_set_the_last_segment_aside, a_damaged_header_behind_what_was_folded_while_redis_was_away,
        a_damaged_header_before_redis_is_back, what_only_redis_has_of_a_damaged_place_stays)
