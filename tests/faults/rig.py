# SPDX-License-Identifier: MPL-2.0
"""What every fault test stands on: an effortd and a redis-server that can be killed and started again, producers that go on
whatever happens, a reader that polls, and the last judgement (settle). Everything lies in a folder of its own and is stopped
by process id.

    with Rig(seed=options.seed) as rig:
        rig.load(dup=20)
        ... faults ...
        rig.settle()

Suites take --seed, print it, and are longer by option."""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from load import BUILD, MUNICIPALITIES, ROOT, SLOW, Producer, near  # noqa: E402
from harness import Effortd, Redis, RedisServer, event, line, wait  # noqa: E402,F401
from oracle import Truth, differences  # noqa: E402

SKIPPED = 77
PERSISTENCE = {
    "always": ("--appendonly", "yes", "--appendfsync", "always"),
    "everysec": ("--appendonly", "yes", "--appendfsync", "everysec"),
    "rdb": ("--save", "1", "50"),
    "none": (),
}


class Server(RedisServer):
    """A redis-server that has loaded its data when start() returns, and says so with its persistence mode."""

    def __init__(self, folder, mode="none", *options):
        self.mode = mode
        super().__init__(folder, "--enable-debug-command", "local", "--enable-protected-configs", "local",
                         *PERSISTENCE[mode], *options)

    def spawn(self):
        """Starts without waiting for it."""
        self.p = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.sock, "--dir", self.folder, "--save", "",
             "--logfile", os.path.join(self.folder, "redis.log"), *self.options])


class Rig(Effortd):
    def __init__(self, settings=None, seed=1, mode="none", redis_options=(), reader=True, server=None, **more):
        base = {"late_limit": "35d", "future_limit": "10m", "probe_interval": "200ms", "redis.timeout": "2s",
                "limits.drain": "20s"}
        super().__init__(dict(base, **(settings or {})), redis="private", start=False, **more)
        self.rng, self.producers, self.poll, self.starts = random.Random(seed), [], None, 0
        self.seed, self.address = seed, os.path.join(self.folder, "address")
        self.shares_server = server is not None
        try:
            self.server = server or Server(self.folder, mode, *redis_options)
            self.settings.setdefault("redis.url", "unix://" + self.server.sock)
            self.start()
            if reader:
                self.watch()
        except BaseException:
            self.clean_up()
            raise

    # --- the daemon ---

    def start(self):
        """Starts it; producers learn where it listens."""
        super().start()
        self.announce()
        return self

    def announce(self):
        self.starts += 1
        with open(self.address + ".new", "w") as f:
            f.write(str(self.port))
        os.rename(self.address + ".new", self.address)

    def spawn(self, wrapper=(), env=None):
        """Starts it without waiting for anything."""
        self.log_from = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0
        with open(self.log_path, "ab") as log:
            self.p = subprocess.Popen(list(wrapper) + self.argv(), stderr=log, stdout=log, env=dict(self.env, **(env or {})), cwd=ROOT)

    def start_maybe(self, wrapper=(), env=None, seconds=20):
        """Starts it where it may die before it is ready; True: it is ready."""
        self.spawn(wrapper, env)
        until = time.monotonic() + seconds * SLOW
        while time.monotonic() < until:
            if "msg=ready" in self.log():
                self.port = int(self.log().split("msg=ready", 1)[1].split("listen=", 1)[1].split()[0].rsplit(":", 1)[1])
                self.announce()
                return True
            if self.p.poll() is not None:
                return False
            time.sleep(.005)
        raise AssertionError("neither ready nor dead:\n" + self.log()[-3000:])

    def restart(self):
        self.kill()
        self.start()

    def whole_log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    # --- load ---

    def load(self, **options):
        """Another producer; its seed follows from the rig's."""
        options.setdefault("name", "e%d" % len(self.producers))
        options.setdefault("seed", self.seed * 1000 + len(self.producers))
        p = Producer(self.folder, self.address, **options)
        self.producers.append(p)
        return p

    def wait_acked(self, n, seconds=60):
        wait(lambda: sum(p.counts()["acked"] for p in self.producers) >= n, "%d events to be acknowledged" % n, seconds)

    def acked(self):
        return sum(p.counts()["acked"] for p in self.producers)

    # --- the reader ---

    def watch(self, *more):
        keys = list(more) + ["effort:{%s}:share:%s" % (code, window) for code in MUNICIPALITIES[:2] + ["dk"] for window in ("day", "month", "year")]
        self.poll = subprocess.Popen([sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "reader.py"),
                                      self.server.sock, *keys], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def unwatch(self):
        if self.poll is None:
            return {}
        out, _ = self.poll.communicate()
        self.poll = None
        return json.loads(out)

    # --- Redis ---

    @property
    def redis(self):
        """Connects anew where the server was killed since."""
        try:
            if self.redis_ is not None:
                self.redis_("PING")
        except (OSError, RuntimeError):
            self.redis_.close()
            self.redis_ = None
        if self.redis_ is None:
            self.redis_ = Redis(self.server.sock)
        return self.redis_

    # --- the end ---

    def books(self):
        s = self.status()
        assert s["received"] == s["accepted"] + s["duplicate"] + s["refused"], \
            "received %(received)d is not accepted %(accepted)d + duplicate %(duplicate)d + refused %(refused)d" % s
        return s

    def exact(self, seconds=40, extra=()):
        """Waits until Redis holds the truth, all of it and nothing else, and still does a moment later."""
        seconds = min(seconds, float(os.environ.get("EFFORT_PATIENCE", seconds)))
        until, found, truth = time.monotonic() + seconds * SLOW, ["nothing looked at"], Truth(self.producers + list(extra))
        while found:
            try:
                found = differences(self.redis, (), truth)
            except (OSError, RuntimeError) as away:
                found = ["Redis: %s" % away]
            if found and time.monotonic() > until:
                raise AssertionError("seed %d: %d differences, %s:\n  %s" % (self.seed, len(found), self.balance(truth), "\n  ".join(found[:30])))
            if found:
                time.sleep(.1)
        time.sleep(.3)
        found = differences(self.redis, (), truth)
        assert not found, "seed %d: exact for a moment only:\n  %s" % (self.seed, "\n  ".join(found[:30]))

    def balance(self, truth):
        """Whether counts are lost, too many, or only not there yet."""
        try:
            want = sum(scopes["all"]["contacts"] for key, scopes in truth.sums.items() if key.startswith("{dk}:share:day:"))
            got = sum(int(self.redis("HGET", key, "all.contacts") or 0) for key in self.redis.keys("effort:{dk}:share:day:*"))
            s = self.status()
            return "contacts %+d of %d, waiting %d cells, lag %s s, redis %s" % (got - want, want, s["cells_waiting"], s["lag_s"], s["redis"])
        except (OSError, RuntimeError, KeyError, ValueError, AssertionError) as why:
            return "why cannot be told (%s)" % why

    def finish_load(self):
        """Every producer to its end; returns the sum of their counters."""
        total = {}
        for p in self.producers:
            counts = p.finish() if p.report is None else p.counts()
            for k, v in counts.items():
                total[k] = total.get(k, 0) + v
        return total

    def settle(self, seconds=40):
        total = self.finish_load()
        if self.p is None:
            self.start()
        self.exact(seconds)
        self.books()
        seen = self.unwatch()
        assert not seen.get("faults"), "the reader saw: %s" % "\n  ".join(seen["faults"][:10])
        text = "%(started)d events, %(lines)d lines, %(duplicates)d sent again on purpose, %(resends)d after a loss, %(refused)d refused" % total
        return "%s, %d starts, %d reads" % (text, self.starts, seen.get("reads", 0))

    def clean_up(self):
        for p in self.producers:
            p.stop()
        if self.poll is not None:
            self.poll.kill()
            self.poll.communicate()
        if self.shares_server:
            self.server = None
        keep = os.environ.get("EFFORT_KEEP")  # a folder: what a failed test left goes there
        if keep and sys.exc_info()[0] is not None and os.path.isdir(self.folder):
            if self.p is not None and self.p.poll() is None:
                self.kill()
            shutil.copytree(self.folder, os.path.join(keep, os.path.basename(self.folder)), ignore_dangling_symlinks=True,
                            ignore=shutil.ignore_patterns("*.sock", "run"), dirs_exist_ok=True)
        super().clean_up()


def options(doc, **sizes):
    """--seed, --quick, --only TEST, and one option for each size; prints what it is called with."""
    ap = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--quick", action="store_true", help="without what waits for real time")
    ap.add_argument("tests", nargs="*", help="names of tests; all without")
    for name, size in sizes.items():
        ap.add_argument("--" + name.replace("_", "-"), type=type(size), default=size)
    got = ap.parse_args()
    print("%s seed=%d %s" % (os.path.basename(sys.argv[0]), got.seed, " ".join("%s=%s" % (k, getattr(got, k)) for k in sizes)), flush=True)
    return got


class Skip(Exception):
    """This machine cannot do it; the text says why."""


def run(options, *tests):
    """Runs the tests; each returns a line about its size. Exit code 0, 1, or SKIPPED when nothing could run."""
    ok = failed = skipped = 0
    for test in tests:
        if options.tests and test.__name__ not in options.tests:
            continue
        t0 = time.monotonic()
        try:
            said = test(options)
            print("ok      %s (%.1f s): %s" % (test.__name__, time.monotonic() - t0, said or ""), flush=True)
            ok += 1
        except Skip as why:
            print("skipped %s: %s" % (test.__name__, why), flush=True)
            skipped += 1
        except Exception as fault:  # a test that stumbles has failed, whatever over
            traceback.print_exc()
            print("FAILED  %s (%.1f s): %s" % (test.__name__, time.monotonic() - t0, fault), flush=True)
            failed += 1
    sys.exit(1 if failed else SKIPPED if skipped and not ok else 0)


def stop_and_continue(process, seconds):
    process.send_signal(signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        process.send_signal(signal.SIGCONT)


__all__ = ["BUILD", "ROOT", "SLOW", "Effortd", "Producer", "Redis", "Rig", "Server", "Skip", "event", "line", "near", "options",
           "run", "stop_and_continue", "wait"]
