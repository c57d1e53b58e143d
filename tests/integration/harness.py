# SPDX-License-Identifier: MPL-2.0
"""A real effortd with a real redis-server for one test: starts both on free ports or sockets in a folder of its own,
stops them by process id, and reads Redis with a client of thirty lines. Standard library only.

    with Effortd() as e:
        e.send(event(channel="phone", kle="23.05.10"))
        e.wait_counted(1)
        assert e.redis.hgetall("effort:{0751}:share:day")["all.n"] == "1"
"""
import datetime
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
import zoneinfo

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("EFFORT_BUILD", os.path.join(ROOT, "build", "release"))
ZONE = zoneinfo.ZoneInfo("Europe/Copenhagen")  # of effortd, not of the machine
SLOW = 6 if os.environ.get("EFFORT_SLOW") else 1  # sanitizers: everything takes longer


class Redis:
    """RESP2 over a unix socket or TCP; hashes come back as dicts of text."""

    def __init__(self, address, user=None, password=None):
        if isinstance(address, str):
            self.s = socket.socket(socket.AF_UNIX)
            self.s.connect(address)
        else:
            self.s = socket.create_connection(address)
        self.f = self.s.makefile("rb")
        if user:
            self("AUTH", user, password)

    @staticmethod
    def written(args):
        out = b"*%d\r\n" % len(args)
        for a in args:
            a = a if isinstance(a, bytes) else str(a).encode()
            out += b"$%d\r\n%s\r\n" % (len(a), a)
        return out

    def __call__(self, *args):
        self.s.sendall(self.written(args))
        return self.answer()

    def together(self, commands):
        """One write for all of them; the first error is raised."""
        self.s.sendall(b"".join(map(self.written, commands)))
        return [self.answer() for _ in commands]

    def answer(self):
        line = self.f.readline()
        if not line:
            raise ConnectionError("redis closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        if kind == b"$":
            n = int(rest)
            return None if n < 0 else self.f.read(n + 2)[:-2].decode()
        return None if int(rest) < 0 else [self.answer() for _ in range(int(rest))]

    def hgetall(self, key):
        flat = self("HGETALL", key)
        return dict(zip(flat[::2], flat[1::2]))

    def keys(self, pattern):
        return sorted(self("KEYS", pattern))

    def close(self):
        self.f.close()
        self.s.close()


class RedisServer:
    """A redis-server of our own on a unix socket; kept outside effortd, so that it can be killed and stopped."""

    def __init__(self, folder, *options):
        self.folder, self.options = folder, options
        self.sock = os.path.join(folder, "redis.sock")
        self.p = None
        self.start()

    def start(self):
        self.p = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.sock, "--dir", self.folder, "--save", "",
             "--logfile", os.path.join(self.folder, "redis.log"), *self.options])
        wait(lambda: self.connect()("PING") == "PONG", "redis-server to answer")

    def connect(self):
        return Redis(self.sock)

    def kill(self):
        self.p.kill()
        self.p.wait()

    def stop(self):
        if self.p.poll() is None:
            self.p.send_signal(signal.SIGCONT)
            self.p.terminate()
        self.p.wait()


def wait(ready, what, seconds=20):
    """Waits until ready() is true; errors count as not yet."""
    end = time.monotonic() + seconds * SLOW
    while True:
        try:
            if ready():
                return
        except (OSError, RuntimeError, KeyError, ValueError) as fault:
            last = fault
        else:
            last = None
        if time.monotonic() > end:
            raise AssertionError("waited in vain for %s (%s)" % (what, last))
        time.sleep(.02)


def reserve_port():
    """A socket whose port nobody else on this machine is given while it is open, also while nobody listens there: whoever
    comes back to an effortd that was killed must not find another test's."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", 0))
    return s


class Effortd:
    def __init__(self, settings=None, config=None, redis="own", redis_options=(), env=None, start=True, wrapper=()):
        self.folder = tempfile.mkdtemp(prefix="effort-")
        self.state, self.run = os.path.join(self.folder, "state"), os.path.join(self.folder, "run")
        self.config = config or os.path.join(ROOT, "etc", "minimal.conf")
        self.reserved = reserve_port()
        self.settings = {"state_dir": self.state, "run_dir": self.run, "plugins.dir": os.path.join(BUILD, "plugins"),
                         "areas_dir": os.path.join(BUILD, "areas"), "late_limit": "never", "future_limit": "never",
                         "workers": os.environ.get("EFFORT_WORKERS", "1")}
        self.server = None
        if redis == "own":
            self.server = RedisServer(self.folder, *redis_options)
            self.settings["redis.url"] = "unix://" + self.server.sock
        elif redis != "private":
            self.settings["redis.url"] = redis
        self.settings.update(settings or {})
        self.env, self.wrapper = dict(os.environ, **(env or {})), list(wrapper)
        self.log_path, self.log_from = os.path.join(self.folder, "log"), 0
        self.p = self.redis_ = None
        if start:
            try:
                self.start()
            except BaseException:
                self.clean_up()
                raise

    def argv(self, *more):
        args = self.wrapper + [os.path.join(BUILD, "bin", "effortd"), "-c", self.config, *more]
        for key, value in {"listen.ndjson": "127.0.0.1:%d" % self.reserved.getsockname()[1], **self.settings}.items():
            args += ["-s", "%s=%s" % (key, value)]
        return args

    def start(self):
        self.log_from = os.path.getsize(self.log_path) if os.path.exists(self.log_path) else 0
        with open(self.log_path, "ab") as log:
            self.p = subprocess.Popen(self.argv(), stderr=log, stdout=log, env=self.env, cwd=ROOT)
        wait(lambda: "msg=ready" in self.log() or self.p.poll() is not None, "effortd to be ready")
        if self.p.poll() is not None:
            raise AssertionError("effortd did not start:\n" + self.log())
        address = re.findall(r"msg=ready .*listen=(\S+)", self.log())[-1]
        self.port = int(address.rsplit(":", 1)[1]) if ":" in address else address
        return self

    def log(self):
        with open(self.log_path, errors="replace") as f:
            f.seek(self.log_from)
            return f.read()

    @property
    def redis(self):
        if self.redis_ is None:
            private = os.path.join(self.run, "redis.sock")
            self.redis_ = Redis(self.server.sock) if self.server else Redis(private, "dashboard", "any")
        return self.redis_

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port))

    def send(self, *events):
        """Sends events (dicts, or lines as they are) and closes cleanly."""
        data = "".join(line(e) + "\n" for e in events).encode()
        with self.connect() as s:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            while s.recv(4096):
                pass

    def ctl(self, *args, check=True):
        p = subprocess.run([os.path.join(BUILD, "bin", "effortctl"), "--run-dir", self.run, *args],
                           capture_output=True, text=True, env=dict(self.env, LC_ALL="C.UTF-8", NO_COLOR="1"))
        if check and p.returncode != 0:
            raise AssertionError("effortctl %s: exit %d\n%s%s" % (args, p.returncode, p.stdout, p.stderr))
        return p

    def status(self):
        return json.loads(self.ctl("status", "--json").stdout)

    def wait_received(self, n, seconds=20):
        wait(lambda: self.status()["received"] >= n, "%d lines received" % n, seconds)

    def wait_durable(self, n, seconds=20):
        """Until that many lines were received and what they brought is on disk: only then it outlives a kill."""
        def durable():
            s = self.status()
            return s["received"] >= n and s["journal"]["pending_bytes"] == 0
        wait(durable, "%d lines on disk" % n, seconds)

    def wait_settled(self, seconds=60):
        """Until nothing counted waits for Redis any more."""
        def settled():
            s = self.status()
            return s["cells_waiting"] == 0 and s["lag_s"] == 0
        wait(settled, "counts to reach Redis", seconds)

    def wait_counted(self, n, seconds=60):
        self.wait_received(n, seconds)
        self.wait_settled(seconds)

    def share(self, municipality="0751", window="day", label=None):
        return self.redis.hgetall("effort:{%s}:share:%s" % (municipality, label or window))

    def cells(self, key):
        """The exact integers of a d:, m: or y: hash, without bookkeeping."""
        return {f: int(v) for f, v in self.redis.hgetall(key).items() if not f.startswith("_")}

    def stop(self, code=0, seconds=30):
        """SIGTERM; the exit code must be as said."""
        if self.p is not None and self.p.poll() is None:
            self.p.terminate()
        if self.p is not None:
            got = self.p.wait(seconds * SLOW)
            assert got == code, "exit code %d, not %d:\n%s" % (got, code, self.log()[-3000:])
        self.p = None

    def remembered(self):
        """As if Redis had known its writers for long: what is kept no more is let go of at once."""
        wait(lambda: self.redis("EXISTS", "effort:_writers"), "the writers to have spoken")
        self.redis("DEL", "effort:_young")

    def retain(self):
        self.remembered()
        self.stop()
        self.start()

        def noted():
            with open(self.state + "/journal/writer") as f:
                return "\nday-kept -" not in f.read()
        wait(noted, "retention to be noted")

    def kill(self):
        self.p.kill()
        self.p.wait()
        self.p = None

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None and os.path.exists(self.log_path):
            sys.stderr.write("--- log of effortd (last lines)\n" + self.log()[-4000:] + "---\n")
        self.clean_up()

    def clean_up(self):
        try:
            if self.redis_ is not None:
                self.redis_.close()
            if self.p is not None and self.p.poll() is None:
                self.p.terminate()
                try:
                    self.p.wait(20 * SLOW)
                except subprocess.TimeoutExpired:
                    self.p.kill()
                    self.p.wait()
        finally:
            if self.server:
                self.server.stop()
            self.reserved.close()
            shutil.rmtree(self.folder, ignore_errors=True)


def event(**fields):
    """An event with everything required, overridden and extended by fields; None leaves one out."""
    e = {"id": str(uuid.uuid4()), "source": "test", "time": "2026-03-10T12:00:00+01:00", "municipality": "0751",
         "channel": "phone", "kle": "23.05.10"}
    e.update(fields)
    return {k: v for k, v in e.items() if v is not None}


def days_ago(n):
    """This time of the day then, where effortd counts."""
    return datetime.datetime.now(ZONE) - datetime.timedelta(days=n)


def line(e):
    return e if isinstance(e, str) else json.dumps(e, ensure_ascii=False, separators=(",", ":"))


def run(*tests):
    """Runs the tests named on the command line, or all; prints one line each; exits 1 if one fails."""
    wanted, failed = sys.argv[1:], 0
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        t0 = time.monotonic()
        try:
            test()
            print("ok      %s (%.1f s)" % (test.__name__, time.monotonic() - t0), flush=True)
        except Exception as fault:  # a test that stumbles has failed, whatever over
            import traceback
            traceback.print_exc()
            print("FAILED  %s: %s" % (test.__name__, fault), flush=True)
            failed += 1
    sys.exit(1 if failed else 0)
