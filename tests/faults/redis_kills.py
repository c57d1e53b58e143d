#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Redis dies, stalls, forgets, refuses and answers late, under load and at rest, in all four modes of persistence: afterwards
every count is exact, whatever it had lost.

    redis_kills.py --kills 5000 --rounds 50     for a night"""
import os
import shutil
import signal
import sys
import time

from rig import ROOT, SLOW, Redis, Rig, options, run, stop_and_continue, wait

sys.path.insert(0, os.path.join(ROOT, "tests", "integration"))
from test_redis_faults import CutProxy  # noqa: E402

RATE = 8000


def killed(o):
    """SIGKILL in the four modes; a quarter of the kills each. Without persistence Redis comes back empty."""
    said, each = [], -(-o.kills // 4)
    for mode in ("always", "everysec", "rdb", "none"):
        t0 = time.monotonic()
        with Rig(seed=o.seed, mode=mode) as rig:
            rig.load(dup=10, rate=RATE)
            for _ in range(each):
                time.sleep(rig.rng.uniform(.05, .3))
                if mode == "rdb" and rig.rng.random() < .5:
                    try:
                        rig.redis("BGSAVE")
                        time.sleep(rig.rng.uniform(0, .05))
                    except (OSError, RuntimeError):
                        pass
                rig.server.kill()
                time.sleep(rig.rng.choice([0, 0, rig.rng.uniform(0, .3)]))
                rig.server.start()
            rig.settle()
            said.append("%s %d kills, %d events (%.0f s)" % (mode, each, rig.acked(), time.monotonic() - t0))
    return "; ".join(said)


def both_killed(o):
    """effortd and Redis die at the same time."""
    with Rig(seed=o.seed, mode="rdb") as rig:
        rig.load(dup=10, rate=RATE)
        for _ in range(o.rounds):
            time.sleep(rig.rng.uniform(.05, .4))
            if rig.rng.random() < .5:
                rig.redis("SAVE")
            for die in rig.rng.sample([rig.kill, rig.server.kill], 2):
                die()
            rig.server.start()
            rig.start()
        return rig.settle()


def stopped(o):
    """SIGSTOP: acknowledgements go on as if nothing had happened."""
    with Rig({"redis.timeout": "1s"}, seed=o.seed) as rig:
        p = rig.load(rate=RATE)
        rig.wait_acked(1000)
        for seconds in (.3, 1.5, 3):
            before, worst = p.counts()["acked"], 0
            rig.server.p.send_signal(signal.SIGSTOP)
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                worst = max(worst, p.counts()["oldest_ms"])
                time.sleep(.01)
            rig.server.p.send_signal(signal.SIGCONT)
            assert p.counts()["acked"] > before, "no acks for %.1f s while Redis was stopped" % seconds
            assert seconds < 3 or worst < 2000, "acks waited %d ms while Redis was stopped" % worst
        return rig.settle()


def stalled(o):
    """Redis stands still for less than redis.timeout: what waits for its turn does not wait long for that."""
    with Rig({"redis.timeout": "60s"}, seed=o.seed) as rig:
        rig.load(rate=RATE)
        wait(lambda: rig.redis.keys("effort:{*}:series:day"), "closed days in their series")
        stop_and_continue(rig.server.p, 6)
        rig.wait_acked(rig.acked() + 2000)
        return rig.settle()


def keys_of_each_kind(rig):
    """One key of each kind there is, the country's too."""
    kinds = {}
    for key in rig.redis.keys("effort:{*"):
        code, rest = key[len("effort:"):].split(":", 1)
        kind = (code == "{dk}", rest.split(":")[0], rest.count(":"), rest.split(":")[1] if rest.count(":") and rest[0] != "d" else "")
        kinds.setdefault(kind, []).append(key)
    return [rig.rng.choice(keys) for _, keys in sorted(kinds.items())]


def forgets(rig, key):
    """One of the ways in which Redis can lose a key. A hash that is just being repaired is away already."""
    how = rig.rng.choice(["DEL", "UNLINK", "EXPIRE", "RENAME", "DUMP"])
    if how == "EXPIRE":
        rig.redis("PEXPIRE", key, 1)
    elif how == "RENAME":
        if renamed(rig, key, "elsewhere"):
            rig.redis("DEL", "elsewhere")
    elif how == "DUMP":  # comes back as it was some time ago
        rig.redis("COPY", key, "elsewhere", "REPLACE")
        time.sleep(.3)
        renamed(rig, "elsewhere", key)
    else:
        rig.redis(how, key)


def renamed(rig, key, name):
    """False: there is no such key at this moment."""
    try:
        return rig.redis("RENAME", key, name) == "OK"
    except RuntimeError as answer:
        if "no such key" not in str(answer):
            raise
        return False


def one_key_at_a_time(o):
    """DEL, EXPIRE, RENAME and an older copy of each kind of key, first under load, then at rest."""
    # Without the reader: an older copy put back is a count that goes down, and not ours to announce.
    with Rig(seed=o.seed, reader=False) as rig:
        p = rig.load(rate=RATE)
        rig.wait_acked(5000)
        lost = keys_of_each_kind(rig)
        for key in lost:
            forgets(rig, key)
            time.sleep(.03)
        p.finish()
        rig.exact(60)
        for key in keys_of_each_kind(rig):
            forgets(rig, key)
            lost.append(key)
        rig.exact(90)
        return "%d keys of %d kinds; %s" % (len(lost), len(lost) // 2, rig.settle())


def everything_at_once(o):
    """FLUSHALL and FLUSHDB, under load and at rest; then again before the first repair is done."""
    with Rig(seed=o.seed) as rig:
        p = rig.load(rate=RATE)
        for k in range(o.rounds):
            rig.wait_acked(2000 * (k + 1))
            rig.redis(rig.rng.choice(["FLUSHALL", "FLUSHDB"]))
            time.sleep(rig.rng.uniform(0, .4))
        p.finish()
        rig.exact(60)
        rig.redis("FLUSHALL")
        t0 = time.monotonic()
        rig.exact(60)
        return "%d times, the last repaired in %.1f s; %s" % (o.rounds + 1, time.monotonic() - t0, rig.settle())


def repaired_within_the_probe_interval(o):
    """A lost running period is there again within the interval and a moment; without any event."""
    with Rig(seed=o.seed) as rig:
        rig.load(rate=RATE)
        rig.wait_acked(3000)
        rig.finish_load()
        rig.exact()
        worst = 0
        for key in ("effort:{0751}:share:day", "effort:{0751}:share:month", "effort:{dk}:share:year", "effort:{0101}:tasks:week"):
            code, kind, window = key[len("effort:"):].split(":")
            labelled = [k for k in rig.redis.keys("effort:%s:%s:%s:*" % (code, kind, window))]
            period = rig.redis("HGET", key, "period")
            rig.redis("DEL", [k for k in labelled if k.endswith(":" + period)][0])
            rig.redis("DEL", key)
            t0 = time.monotonic()
            wait(lambda: rig.redis("HGET", key, "all.contacts") or rig.redis("HLEN", key) > 12, key + " to come back", 10)
            worst = max(worst, time.monotonic() - t0)
        assert worst < 3 * SLOW, "a running period came back after %.1f s, probe_interval is 0.2 s" % worst
        rig.exact()
        return "the slowest after %.2f s; %s" % (worst, rig.settle())


def at_thirty_seconds(o):
    """The same with probe_interval as it is by default."""
    if o.quick:
        return "left out: --quick"
    with Rig({"probe_interval": "30s"}, seed=o.seed) as rig:
        rig.load(rate=RATE)
        rig.wait_acked(3000)
        rig.finish_load()
        rig.exact()
        rig.redis("FLUSHALL")
        t0 = time.monotonic()
        rig.exact(60)
        return "repaired after %.1f s; %s" % (time.monotonic() - t0, rig.settle())


def evicted(o):
    """maxmemory with allkeys-random: keys vanish one by one while it goes on counting."""
    with Rig(seed=o.seed) as rig:
        p = rig.load(rate=RATE)
        rig.wait_acked(5000)
        used = int([l for l in rig.redis("INFO", "memory").split() if l.startswith("used_memory:")][0].split(":")[1])
        rig.redis("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
        rig.redis("CONFIG", "SET", "maxmemory", used - 300000)
        time.sleep(2)
        rig.redis("CONFIG", "SET", "maxmemory", 0)
        stats = [l for l in rig.redis("INFO", "stats").split() if l.startswith("evicted_keys:")][0]
        assert int(stats.split(":")[1]) > 0, stats
        p.finish()
        rig.exact(90)
        return "%s; %s" % (stats, rig.settle())


def older_snapshot(o):
    """Redis is started on yesterday's dump: behind what was counted since."""
    with Rig(seed=o.seed) as rig:
        rig.load(rate=RATE)
        for k in range(o.rounds):
            rig.wait_acked(2000 * (2 * k + 1))
            rig.redis("SAVE")
            dump = os.path.join(rig.server.folder, "dump.rdb")
            shutil.copy(dump, dump + ".old")
            rig.wait_acked(2000 * (2 * k + 2))
            if k % 2:
                rig.kill()
            rig.server.kill()
            shutil.copy(dump + ".old", dump)
            rig.server.start()
            if k % 2:
                rig.start()
        return "%d times; %s" % (o.rounds, rig.settle())


def function_gone(o):
    with Rig(seed=o.seed) as rig:
        rig.load(rate=RATE)
        for k in range(o.rounds):
            rig.wait_acked(1000 * (k + 1))
            wait(lambda: rig.redis("FUNCTION", "LIST"), "the functions to be loaded", 10)
            how = ("FLUSH",) if k % 2 else ("DELETE", rig.redis("FUNCTION", "LIST")[0][1])
            wait(lambda: rig.redis("FUNCTION", *how) == "OK", "the function to be there", 10)
        return "%d times; %s" % (o.rounds, rig.settle())


def refusals(o):
    """Everything Redis says instead of doing it; counts are kept and follow when it is over."""
    with Rig({"redis.timeout": "2s"}, seed=o.seed) as rig:
        p = rig.load(rate=RATE)
        broken = os.path.join(rig.folder, "gone")

        def misconf():
            os.mkdir(broken)
            rig.redis("CONFIG", "SET", "dir", broken)
            os.rmdir(broken)
            rig.redis("CONFIG", "SET", "save", "1 1")
            try:
                rig.redis("BGSAVE")
            except RuntimeError:
                pass

        def writable():
            rig.redis("CONFIG", "SET", "save", "")
            rig.redis("CONFIG", "SET", "dir", rig.server.folder)
            wait(lambda: "ok" in rig.redis("BGSAVE").lower() or True, "a snapshot")

        def busy():
            other = Redis(rig.server.sock)
            rig.redis("CONFIG", "SET", "busy-reply-threshold", 50)
            other.s.sendall(b"*3\r\n$4\r\nEVAL\r\n$19\r\nwhile true do end--\r\n$1\r\n0\r\n")

        def not_busy():
            fresh = Redis(rig.server.sock)
            fresh("SCRIPT", "KILL")
            fresh.close()

        faults = {
            "OOM": (lambda: rig.redis("CONFIG", "SET", "maxmemory", 1), lambda: rig.redis("CONFIG", "SET", "maxmemory", 0)),
            "MISCONF": (misconf, writable),
            "READONLY": (lambda: rig.redis("REPLICAOF", "127.0.0.1", 1), lambda: rig.redis("REPLICAOF", "NO", "ONE")),
            "NOREPLICAS": (lambda: rig.redis("CONFIG", "SET", "min-replicas-to-write", 1),
                           lambda: rig.redis("CONFIG", "SET", "min-replicas-to-write", 0)),
            "NOPERM": (lambda: rig.redis("ACL", "SETUSER", "default", "-fcall"), lambda: rig.redis("ACL", "SETUSER", "default", "+@all")),
            "NOPERM inside": (lambda: rig.redis("ACL", "SETUSER", "default", "-hset"), lambda: rig.redis("ACL", "SETUSER", "default", "+@all")),
            "BUSY": (busy, not_busy),
        }
        for name, (begin, end) in faults.items():
            goal = rig.acked() + 2000
            begin()
            rig.wait_acked(goal, 20)
            time.sleep(.3)
            end()
            time.sleep(.2)
            assert rig.p.poll() is None, name
        p.finish()
        rig.exact(60)
        return "%s; %s" % (", ".join(faults), rig.settle())


def loading(o):
    """Redis answers LOADING for seconds after its start."""
    with Rig(seed=o.seed) as rig:
        rig.load(rate=RATE)
        rig.wait_acked(4000)
        rig.redis("SAVE")
        keys = rig.redis("DBSIZE")
        rig.server.kill()
        rig.server.options += ("--key-load-delay", str(2000000 // keys), "--loading-process-events-interval-bytes", "1024")
        rig.server.spawn()
        wait(lambda: is_loading(rig.server.sock), "Redis to be loading")
        goal = rig.acked() + 1000
        rig.wait_acked(goal)
        wait(lambda: rig.server.connect()("PING") == "PONG", "Redis to have loaded", 60)
        return rig.settle()


def is_loading(sock):
    try:
        Redis(sock)("PING")
    except RuntimeError as answer:
        return "LOADING" in str(answer)
    return False


def replies_cut(o):
    """A proxy lets calls through, keeps their replies back and closes."""
    with Rig(seed=o.seed) as rig:
        proxy = CutProxy(rig.server.sock, 10 * o.rounds)
        rig.stop()
        rig.settings["redis.url"] = "redis://127.0.0.1:%d" % proxy.port
        rig.start()
        rig.load(rate=RATE, dup=10)
        until = time.monotonic() + 2 * o.rounds
        while time.monotonic() < until:
            if rig.rng.random() < .1:
                rig.restart()
            time.sleep(.3)
        said = rig.settle()
        proxy.on = False
        return said


def stalled_while_stopping(o):
    """effortd is asked to end while Redis stands still, and started again: what was acknowledged is there."""
    with Rig({"limits.drain": "300ms", "redis.timeout": "60s"}, seed=o.seed) as rig:
        rig.load(rate=RATE)
        for k in range(3):
            rig.wait_acked(1500 * (k + 1))
            rig.server.p.send_signal(signal.SIGSTOP)
            rig.p.terminate()
            rig.p.wait(20 * SLOW)
            rig.server.p.send_signal(signal.SIGCONT)
            rig.start()
        stop_and_continue(rig.server.p, .2)
        return rig.settle()


if __name__ == "__main__":
    run(options(__doc__, kills=200, rounds=5), killed, both_killed, stopped, stalled, one_key_at_a_time, everything_at_once,
        repaired_within_the_probe_interval, evicted, older_snapshot, function_gone, refusals, loading, replies_cut,
        stalled_while_stopping, at_thirty_seconds)
