#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Redis goes away, forgets, refuses, stalls: while effortd lives nothing is lost and nothing is counted twice."""
import glob
import os
import select
import shutil
import signal
import socket
import threading
import time

from harness import SLOW, Effortd, Redis, event, line, run, wait

DAY = "day:2026-03-10"
SOON = {"probe_interval": "200ms", "redis.timeout": "1s"}


class Trickle(threading.Thread):
    """Sends `total` events in small pieces over about `seconds`."""

    def __init__(self, e, total, seconds):
        super().__init__()
        self.e, self.total, self.seconds = e, total, seconds
        self.start()

    def run(self):
        for _ in range(100):
            self.e.send(*[event(channel="selfservice", unit="u") for _ in range(self.total // 100)])
            time.sleep(self.seconds / 100)


def exact(e, total):
    e.wait_counted(total, 60)
    share, dk = e.share(label=DAY), e.share("dk", label=DAY)
    assert share["all.n"] == share["all.self"] == dk["all.n"] == str(total), (share["all.n"], dk["all.n"], total)
    assert e.cells("effort:{0751}:d:2026-03-10")["n:administration/moving/selfservice/transaction"] == total
    assert e.redis.hgetall("effort:{0751}:by:unit:2026-03")["u.n"] == str(total)


def killed_and_started_again_with_every_write_on_disk():
    with Effortd(redis_options=("--appendonly", "yes", "--appendfsync", "always")) as e:
        sender = Trickle(e, 20000, 4)
        for _ in range(5):
            time.sleep(.3)
            wait(lambda: e.status()["redis"]["state"] == "ready", "Redis to be ready")
            e.server.kill()
            time.sleep(.2)
            e.server.start()
        sender.join()
        exact(e, 20000)
        assert e.status()["redis"]["reconnects"] >= 3


def stopped_for_a_while():
    with Effortd({"redis.timeout": "1s"}) as e:
        sender = Trickle(e, 10000, 3)
        for _ in range(2):
            time.sleep(.3)
            e.server.p.send_signal(signal.SIGSTOP)
            time.sleep(1.5)
            e.server.p.send_signal(signal.SIGCONT)
        sender.join()
        exact(e, 10000)


class CutProxy(threading.Thread):
    """Stands before Redis; now and then lets calls through, keeps their replies back, and closes: Redis has counted,
    effortd does not know. While it is holding it keeps replies to batches back and closes nothing.
    While it is mute it takes connections and says nothing."""

    def __init__(self, sock, cuts=0, is_mute=False):
        super().__init__(daemon=True)
        self.upstream, self.cuts, self.is_mute, self.unanswered, self.on = sock, cuts, is_mute, [], True
        self.is_holding, self.held = False, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.start()

    def run(self):
        links, next_cut, done = {}, time.monotonic() + .5, 0
        while self.on:
            while self.held and not self.is_holding:
                delivered(*self.held.pop(0))
            ready = select.select([self.listener] + list(links), [], [], .01)[0]
            cutting = time.monotonic() > next_cut and done < self.cuts
            for s in ready:
                if s is self.listener:
                    self.link(links)
                elif s in links:
                    other, to_redis = links[s]
                    data = received(s)
                    is_kept = data and not to_redis and is_of_batch(data)
                    if is_kept and self.is_holding:
                        self.held.append((other, data))
                        continue
                    if is_kept and cutting:
                        done, next_cut, data = done + 1, time.monotonic() + .3, b""
                    if not data or not delivered(other, data):
                        for x in (s, other):
                            links.pop(x, None)
                            x.close()
        for x in [self.listener] + self.unanswered:
            x.close()

    def link(self, links):
        client = self.listener.accept()[0]
        if self.is_mute:
            self.unanswered.append(client)
            return
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(self.upstream)
        except OSError:  # Redis is away: so is what stands before it
            client.close()
            server.close()
            return
        links[client], links[server] = (server, True), (client, False)


def is_of_batch(data):
    """With an answer of effort_apply, which begins with a number; that of effort_claim, asked before each batch, does not."""
    return b"*2\r\n:" in data or b"*3\r\n:" in data


def received(s):
    """What has come; nothing when the other end has gone, however it went."""
    try:
        return s.recv(1 << 20)
    except OSError:
        return b""


def delivered(s, data):
    try:
        s.sendall(data)
    except OSError:
        return False
    return True


def replies_cut():
    with Effortd(start=False) as e:
        proxy = CutProxy(e.server.sock, 8)
        e.settings["redis.url"] = "redis://127.0.0.1:%d" % proxy.port
        e.start()
        Trickle(e, 20000, 4).join()
        exact(e, 20000)
        redis = e.status()["redis"]
        assert redis["skipped"] > 0, "a call that Redis already had must have been sent again: %s" % redis
        proxy.on = False


def not_a_word_for_a_while():
    """Connections are taken and nothing is said on them: others are tried until one is answered."""
    with Effortd({"redis.timeout": "1s"}, start=False) as e:
        proxy = CutProxy(e.server.sock, is_mute=True)
        e.settings["redis.url"] = "redis://127.0.0.1:%d" % proxy.port
        e.start()
        e.send(*[event(channel="selfservice", unit="u") for _ in range(100)])
        wait(lambda: len(proxy.unanswered) >= 3, "a third attempt")
        proxy.is_mute = False
        exact(e, 100)
        proxy.on = False


def the_function_is_forgotten():
    with Effortd() as e:
        e.send(*[event(channel="selfservice", unit="u") for _ in range(100)])
        e.wait_counted(100)
        e.redis("FUNCTION", "FLUSH")
        e.send(*[event(channel="selfservice", unit="u") for _ in range(100)])
        exact(e, 200)


def refusals_that_end():
    """OOM and NOPERM: the counts are kept, said to be kept, and sent when Redis takes them."""
    with Effortd() as e:
        e.send(*[event(channel="selfservice", unit="u") for _ in range(50)])
        e.wait_counted(50)
        e.redis("CONFIG", "SET", "maxmemory", "1")
        e.send(*[event(channel="selfservice", unit="u") for _ in range(50)])
        wait(lambda: "redis refuses" in e.log(), "the refusal in the log")
        assert e.status()["cells_waiting"] > 0
        e.redis("CONFIG", "SET", "maxmemory", "0")
        exact(e, 100)


def away_for_long_in_bounded_memory():
    """Redis is not there from the start: reading stops at limits.cells, at most one read (256 KiB) later, and goes on
    by itself. Every event is a cell of its own, ten times what may wait."""
    limit = 2000
    with Effortd({"limits.cells": str(limit)}) as e:
        e.server.kill()
        events = [line(event(municipality=m, kle=k, channel=c, time="2026-%02d-%02dT12:00:00+01:00" % (month, d)))
                  for m in ("0751", "0101", "0461", "0851") for k in ("23.05.10", "17.20.01", "28.09.40", "02.34.02", "15.20.04")
                  for c in ("phone", "selfservice", "letter", "counter", "email") for month in range(1, 9) for d in range(1, 29)]
        one_read = 256 * 1024 // min(len(x) + 1 for x in events) + 1
        assert len(events) > 4 * (limit + one_read), (len(events), one_read)
        thread = threading.Thread(target=lambda: e.send(*events))
        thread.start()
        wait(lambda: "reading paused" in e.log(), "reading to stop")
        time.sleep(.3 * SLOW)
        status = e.status()
        assert status["paused"]
        assert limit <= status["cells_waiting"] < limit + one_read, status["cells_waiting"]
        e.server.start()
        e.redis_ = None
        thread.join()
        e.wait_counted(len(events), 60)
        total = sum(
            int(e.redis("HGET", k, "_n")) for k in e.redis.keys("effort:{0*}:d:*"))
        assert total == len(events), total
        assert "reading goes on" in e.log()


def started_before_redis():
    with Effortd() as e:
        e.stop()
        e.server.kill()
        e.start()
        e.send(*[event(channel="selfservice", unit="u") for _ in range(100)])
        e.wait_received(100)
        time.sleep(.3 * SLOW)
        e.server.start()
        e.redis_ = None
        exact(e, 100)


def restarts_go_on_where_they_were():
    with Effortd() as e:
        for n in range(1, 4):
            e.send(*[event(channel="selfservice", unit="u") for _ in range(100)])
            e.wait_counted(100)
            assert e.share(label=DAY)["all.n"] == str(100 * n)
            e.stop()
            e.start()


def two_writers_add_up():
    with Effortd() as a, Effortd({"redis.url": "unix://" + a.server.sock}, redis="none") as b:
        for e in (a, b, a, b):
            e.send(*[event(channel="selfservice", unit="u") for _ in range(250)])
        a.wait_counted(500)
        b.wait_counted(500)
        assert a.share(label=DAY)["all.n"] == "1000"
        wait(lambda: len(a.redis.keys("effort:writer:*")) == 2, "both writers to show themselves")


def a_hash_waits_for_writers_that_have_not_looked():
    """Redis forgets everything while one of two writers stands still: what the other brings back says rebuilding until
    the first has brought its own."""
    fast = {"probe_interval": "200ms"}
    with Effortd(fast) as a, Effortd({"redis.url": "unix://" + a.server.sock, **fast}, redis="none") as b:
        for e in (a, b):
            e.send(*[event(channel="selfservice", unit="u") for _ in range(250)])
            e.wait_counted(250)
        key = "effort:{0751}:share:" + DAY
        wait(lambda: "," in (a.redis.hgetall(key).get("_ws") or ""), "a probe that sees both")
        time.sleep(1)
        b.p.send_signal(signal.SIGSTOP)
        try:
            a.redis("FLUSHALL")
            wait(lambda: a.share(label=DAY).get("all.n") == "250", "what one of them has")
            time.sleep(.5)
            assert a.share(label=DAY)["rebuilding"] == "1", "it takes itself for the only one"
        finally:
            b.p.send_signal(signal.SIGCONT)
        wait(lambda: a.share(label=DAY).get("all.n") == "500" and a.share(label=DAY)["rebuilding"] == "0", "both")


def a_tick_before_the_loss_is_noticed():
    """What it makes anew of running hashes is never taken for counts."""
    with Effortd({"probe_interval": "8s"}) as e:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        e.send(*[event(time=now) for _ in range(100)])
        e.wait_counted(100)
        e.redis("FLUSHALL")
        seen, until = set(), time.monotonic() + 20 * SLOW
        while time.monotonic() < until:
            h = e.share()
            seen.add((h.get("all.n"), h.get("rebuilding")))
            if h.get("all.n") == "100" and h["rebuilding"] == "0":
                break
            time.sleep(.01)
        assert (None, "0") not in seen and (None, "1") in seen and ("100", "0") in seen, seen


def segments(e):
    return sorted(glob.glob(os.path.join(e.state, "journal", "*.wal")))


def unsent(e):
    return glob.glob(os.path.join(e.state, "totals", "*", "unsent"))


def folded_while_redis_is_away():
    """Redis stands still, effortd is killed again and again, its journal is folded meanwhile: what Redis lacks is sent as it
    was, nothing is brought back from the totals, and Redis says nothing of rebuilding."""
    with Effortd({"redis.timeout": "1s"}) as e:
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
        e.kill()
        former = os.path.join(e.state, "totals", "0123456789abcdef")
        os.mkdir(former)
        shutil.copy(unsent(e)[0], former)  # of a name that was left: nobody's
        e.server.p.send_signal(signal.SIGCONT)
        e.start()
        wait(lambda: e.share(label=DAY).get("all.n") == "300", "everything in Redis")
        e.send(*[event(channel="selfservice", unit="u") for _ in range(10)])
        wait(lambda: not unsent(e), "nothing to be kept any more")
        exact_count(e, 310)
        assert "from the totals" not in e.log() and "up to date" not in e.log(), e.log()


def what_was_frozen_lags_no_longer_than_it_waits():
    """A lone batch that was folded before Redis had it: once it is there, nothing waits and nothing lags."""
    with Effortd({"redis.timeout": "1s"}) as e:
        e.send(event(channel="selfservice", unit="u"))
        e.wait_counted(1)
        e.wait_settled()
        e.server.p.send_signal(signal.SIGSTOP)
        e.send(event(channel="selfservice", unit="u"))
        e.wait_durable(2)
        time.sleep(.5)  # it is frozen
        for _ in range(6):
            e.kill()
            e.start()
            if "what was folded before" in e.log():
                break
            time.sleep(.7)
        assert "what was folded before" in e.log(), e.log()
        e.server.p.send_signal(signal.SIGCONT)
        wait(lambda: e.share(label=DAY).get("all.n") == "2", "everything in Redis")
        wait(lambda: e.status()["lag_s"] == 0, "nothing to lag", 5)
        exact_count(e, 2)


def exact_count(e, total):
    e.wait_settled()
    assert e.share(label=DAY)["all.n"] == str(total), e.share(label=DAY)["all.n"]
    assert e.redis.hgetall("effort:{0751}:by:unit:2026-03")["u.n"] == str(total)


def one_read_is_one_picture():
    """A reader that polls never sees a numerator and a denominator of different moments, nor a decrease."""
    with Effortd() as e:
        sender, last = Trickle(e, 30000, 3), 0
        reader = Redis(e.server.sock)
        while sender.is_alive():
            s = reader.hgetall("effort:{0751}:share:" + DAY)
            if not s:
                continue
            n, own = int(s["all.n"]), int(s["all.self"])
            assert n == own == int(s["administration.n"]) == int(s["all.ch.selfservice"]) and s["all.share"] == "100.00", s
            assert n >= last, (n, last)
            last = n
        reader.close()
        exact(e, 30000)


if __name__ == "__main__":
    assert os.path.exists("/usr/bin/redis-server")
    run(killed_and_started_again_with_every_write_on_disk, stopped_for_a_while, replies_cut, not_a_word_for_a_while,
        the_function_is_forgotten, refusals_that_end, away_for_long_in_bounded_memory, started_before_redis,
        restarts_go_on_where_they_were, two_writers_add_up,
        a_hash_waits_for_writers_that_have_not_looked, a_tick_before_the_loss_is_noticed, folded_while_redis_is_away,
        what_was_frozen_lags_no_longer_than_it_waits, one_read_is_one_picture)
