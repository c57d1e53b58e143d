# SPDX-License-Identifier: MPL-2.0
"""What the tests of effortctl share: a fake daemon (a unix socket that answers as the control socket does), a TCP listener
that keeps what it is sent, documents to answer with, and a test case that runs effortctl. Standard library only."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("EFFORT_BUILD", os.path.join(ROOT, "build", "release"))
EFFORTCTL = os.environ.get("EFFORTCTL", os.path.join(BUILD, "bin", "effortctl"))
COMMANDS = ["status", "shares", "send", "validate", "explain", "reload", "plugins", "sources", "journal", "redis", "dlq",
            "import", "efforts", "compare", "export"]
NOW = 1795266300000  # Saturday 21 November 2026, 14:05 in Copenhagen


def scope(name, n, self_, assisted=0, target=None, channels=None, exempt=0):
    """The fields of one scope of a share hash, by the rules of the contract."""
    h = {f"{name}.contacts": n + 3, f"{name}.information": 2, f"{name}.case": 1, f"{name}.unknown": 0,
         f"{name}.n": n, f"{name}.self": self_, f"{name}.assisted": assisted, f"{name}.exempt": exempt}
    channels = dict(channels or {})
    channels["selfservice"] = self_ + assisted
    for channel, count in channels.items():
        h[f"{name}.ch.{channel}"] = count
    if n > 0:
        h[f"{name}.share"] = "%.2f" % (100 * self_ / n)
        h[f"{name}.share_incl_assisted"] = "%.2f" % (100 * (self_ + assisted) / n)
    if target is not None:
        h[f"{name}.target"] = "%.2f" % target
        h[f"{name}.target_n"] = n
        h[f"{name}.target_self"] = self_
        if n > 0:
            h[f"{name}.gap_pp"] = "%.2f" % (100 * self_ / n - target)
            h[f"{name}.move"] = max(0, -int((self_ * 10000 - target * 100 * n) // 10000))
            h[f"{name}.movable"] = n - self_ - assisted - exempt
            h[f"{name}.met"] = int(self_ * 10000 >= target * 100 * n)
    return {k: str(v) for k, v in h.items()}


def once(**more):
    h = {"as_of": str(NOW - 1000), "lag_s": "0.0", "rebuilding": "0", "incomplete": "0", "missing": "",
         "period": "day:2026-11-21", "definition": "kl-2014", "target_id": "kl-80", "schema": "1"}
    h.update(more)
    return h


AREAS = [("daycare", "Dagtilbud", "Daycare"), ("school", "Skole", "School"), ("eldercare", "Ældre", "Eldercare"),
         ("social", "Socialområdet", "Social services"), ("technical", "Teknisk område", "Technical services"),
         ("employment", "Beskæftigelse", "Employment"),
         ("administration", "Administration og Borgerservice", "Administration and citizen service"),
         ("other", "Øvrige", "Other"), ("unclassified", "Uklassificeret", "Unclassified")]


def shares_doc(**more):
    share = once()
    share.update(scope("all", 1234, 838, 60, 80, {"phone": 200, "letter": 96, "counter": 40}))
    share.update(scope("group:target", 1134, 838, 60, 80))
    share.update(scope("daycare", 200, 190, 5, 80, {"phone": 5}))
    share.update(scope("social", 412, 252, 36, 80, {"phone": 90, "letter": 20, "counter": 8, "email": 4, "video": 2}))
    share.update(scope("school", 100, 79, 0, 80, {"digitalpost": 21}))
    share.update(scope("administration", 422, 317, 19, 80, {"counter": 86}))
    share.update(scope("eldercare", 0, 0))
    share.update(scope("unclassified", 100, 0, 0, None, {"phone": 60, "digitalpost": 40}))
    tasks = once()
    tasks.update(scope("social/pension-supplement", 200, 100, 10, 80, exempt=5))
    tasks.update(scope("administration/moving", 300, 200, 10, 80))
    tasks.update(scope("school/enrolment", 100, 79, 0, 80))
    tasks.update(scope("social/rent-support", 50, 30, 0, 80))
    tasks.update(scope("daycare/daycare-admission", 200, 190, 5, 80))
    tasks.update(scope("school/-", 10, 1, 0))
    doc = {"ok": True, "municipality": {"code": "0751", "name": "Aarhus"}, "window": "day", "label": "day:2026-11-21",
           "is_running": True, "is_under_way": True, "now_ms": NOW, "share": share, "tasks": tasks,
           "before": scope("group:target", 1000, 718, 0, 80), "before_label": "day:2026-11-14",
           "areas": [{"id": i, "da": da, "en": en, "order": o} for o, (i, da, en) in enumerate(AREAS)],
           "task_names": {"social/pension-supplement": {"da": "Helbredstillæg", "en": "Health supplement"},
                          "administration/moving": {"da": "Flytning", "en": "Change of address"},
                          "school/enrolment": {"da": "Skoleindskrivning", "en": "School enrolment"}},
           "groups": [{"id": "target", "da": "Under målet", "en": "Under the target", "order": 1}]}
    doc.update(more)
    return doc


def ranking_doc(count=0):
    rows = [("dk", "Danmark", 5000, 3900), ("0101", "København", 900, 700), ("0751", "Aarhus", 1234, 838),
            ("0851", "Aalborg", 50, 45), ("0259", "Køge", 0, 0)]
    rows += [(f"{1000 + i}", f"Kommune{i}", 100 + i, 50) for i in range(count)]
    return {"ok": True, "municipalities": [
        {"code": code, "name": name, "share": {**scope("all", n, s, 0, 80 if n else None), **once()}}
        for code, name, n, s in rows]}


def status_doc(**more):
    doc = {"ok": True, "version": "0.1.0", "pid": 4711, "started_ms": NOW - 3_900_000, "now_ms": NOW, "state": "running",
           "listeners": {"ndjson": "127.0.0.1:41233"}, "state_dir": "/var/lib/effortd", "run_dir": "/run/effortd",
           "config": {"file": "/nonexistent/effortd.conf", "loaded_ms": NOW - 3_900_000, "reloads": 2,
                      "last_reload_ok": True},
           "received": 3674068, "accepted": 3674000, "duplicate": 0, "refused": 68, "unclassified": 12,
           "connections": 3, "paused": False,
           "redis": {"state": "ready", "address": "unix:///run/effortd/redis.sock", "error": "", "version": "7.0.15",
                     "batches": 1, "calls": 1, "cells": 1, "skipped": 0, "reconnects": 0, "batch_us": 900,
                     "is_private": True},
           "lag_s": 0.2, "cells_waiting": 0, "areas": 8, "tasks": 60, "plugins": 5, "municipalities": 98,
           "timezone": "Europe/Copenhagen", "target": {"id": "kl-80", "value": "80.00"}, "silent": []}
    doc.update(more)
    return doc


class Daemon:
    """Answers each request line with what answer(request) gives: a document, raw bytes, or None (says nothing)."""

    def __init__(self, answer):
        self.answer, self.requests, self.held = answer, [], []
        self.dir = tempfile.mkdtemp(prefix="effortctl-")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(self.dir, "control.sock"))
        self.listener.listen(8)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):  # who has gone is not answered
                if self.talk(conn):
                    continue
            conn.close()

    def talk(self, conn):
        """One request; true: the connection is kept."""
        line = b""
        while not line.endswith(b"\n"):
            part = conn.recv(65536)
            if not part:
                return False
            line += part
        request = json.loads(line)
        self.requests.append(request)
        answer = self.answer(request)
        if answer is None:
            self.held.append(conn)
            return True
        conn.sendall(answer if isinstance(answer, bytes) else json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        return False

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)
        for conn in self.held:
            conn.close()
        shutil.rmtree(self.dir)


class Sink:
    """A TCP listener that keeps what it is sent and answers `say` at the end."""

    def __init__(self, say=b""):
        self.say, self.data = say, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        with contextlib.suppress(OSError):
            conn, _ = self.listener.accept()
            with conn:
                while True:
                    part = conn.recv(65536)
                    if not part:
                        break
                    self.data += part
                if self.say:
                    conn.sendall(self.say)

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)


def answers(**docs):
    """A daemon that knows some commands."""

    def answer(request):
        if request["cmd"] == "shares" and "municipality" not in request:
            return docs.get("ranking", ranking_doc())
        return docs.get(request["cmd"], {"status": status_doc(), "shares": shares_doc()}.get(request["cmd"]))

    return answer


def environment(**more):
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "TERM": "dumb", "COLUMNS": "80"}
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"):
        if name in os.environ:
            env[name] = os.environ[name]
    env.update(more)
    return env


def event(**more):
    e = {"id": str(uuid.uuid4()), "source": "test", "time": "2026-11-21T10:15:30+01:00", "municipality": "0751",
         "channel": "phone", "kle": "23.05.10"}
    e.update(more)
    return json.dumps({k: v for k, v in e.items() if v is not None}).encode()


class Case(unittest.TestCase):
    maxDiff = None

    def ctl(self, *args, answer=None, stdin=None, env=None, run_dir=None):
        """Runs effortctl; with `answer` against a fake daemon."""
        daemon = Daemon(answer) if answer else None
        try:
            where = ["--run-dir", run_dir or (daemon.dir if daemon else "/nonexistent/effortd")]
            done = subprocess.run([EFFORTCTL, *args, *where], input=stdin, capture_output=True, timeout=60,
                                  env=environment(**(env or {})))
        finally:
            if daemon:
                self.requests = daemon.requests
                daemon.close()
        self.code, self.raw = done.returncode, done.stdout
        self.out, self.err = done.stdout.decode(), done.stderr.decode()
        self.assertNotIn("Sanitizer", self.err)
        self.assertNotIn("runtime error", self.err)
        return self.out

    def flat(self):
        return re.sub(r"\s+", " ", self.out)

    def fails(self, code, *words):
        self.assertEqual(self.code, code, self.out + self.err)
        for word in words:
            self.assertIn(re.sub(r"\s+", " ", word), re.sub(r"\s+", " ", self.err))  # next steps are wrapped
        # Every error names the next step, on a line of its own.
        self.assertRegex(self.err, r"effortctl: .+\n  \S.+")

    def passes(self):
        self.assertEqual(self.code, 0, self.out + self.err)
