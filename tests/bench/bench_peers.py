# SPDX-License-Identifier: MPL-2.0
"""What is measured: effortd and the peers, each as a program that takes lines on a port and counts in a Redis of its own.
Starts them in a folder of their own, says what is not installed and how to get it, and reads what they have counted.
Owns no measuring (run) and no figures (bench_report)."""
import glob
import os
import re
import shutil
import socket
import subprocess

from harness import BUILD, Effortd, RedisServer, wait

HERE = os.path.dirname(os.path.abspath(__file__))
DAY = "2026-03-10"  # of all events


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def is_listening(port):
    want = ":%04X" % port
    with open("/proc/net/tcp") as f:
        return any(l.split()[1].endswith(want) and l.split()[3] == "0A" for l in f if "local" not in l)


def version(argv, env=None):
    text = subprocess.run(argv, capture_output=True, text=True, env=dict(os.environ, **(env or {})))
    found = re.search(r"\d+\.\d+(\.\d+)?", text.stdout + text.stderr)
    return found.group(0) if found else "?"


class Daemon:
    """effortd with everything on: strict JSON, personal data, all plugins, deduplication, journal, all cells and shares."""
    what, install = "all promises on", "build it: cmake --preset release -DEFFORT_TESTS=ON && cmake --build --preset release"

    def __init__(self, name, has_acks=False, settings=None, config=None):
        self.name, self.slow, self.load = name, 1, ["-a"] if has_acks else []
        self.settings, self.config = {"dedup.max_ids": "16M", **(settings or {})}, config
        self.effortd = self.port = None

    def missing(self):
        return not os.path.exists(os.path.join(BUILD, "bin", "effortd"))

    def version(self):
        return version([os.path.join(BUILD, "bin", "effortd"), "--version"])

    def start(self, folder):
        self.effortd = Effortd(self.settings, self.config)
        self.redis_server, self.process, self.port = self.effortd.server, self.effortd.p, self.effortd.port

    def stop(self):
        if self.effortd:
            self.effortd.clean_up()
        self.effortd = None

    def total(self, redis):
        """Of the municipalities: the country's is a little ahead of them."""
        days = redis.keys("effort:{0*}:d:" + DAY)
        return sum(int(n or 0) for n in redis.together([("HGET", key, "_n") for key in days]))

    def counts(self, redis):
        found = {}
        for key in redis.keys("effort:{0*}:d:*"):
            for field, n in redis.hgetall(key).items():
                if field.startswith("n:"):
                    place = key[8:12], field.split("/")[-2]
                    found[place] = found.get(place, 0) + int(n)
        return found

    def probe(self, redis, event):
        return int(redis("HGET", "effort:{%s}:share:day:%s" % (event["municipality"], DAY), "all.contacts") or 0)


class Peer:
    """A program that does HINCRBY live:<municipality> <channel> for each event, or for sums of them."""
    load = []

    def __init__(self, name, what, slow, install):
        self.name, self.what, self.slow, self.install = name, what, slow, install

    def start(self, folder):
        self.redis_port, self.port = free_port(), free_port()
        self.redis_server = RedisServer(folder, "--port", str(self.redis_port), "--bind", "127.0.0.1")
        argv, env = self.command(folder)
        with open(os.path.join(folder, "log"), "wb") as log:
            self.process = subprocess.Popen(argv, env=dict(os.environ, **env), stdout=log, stderr=log, cwd=folder)
        wait(lambda: self.process.poll() is not None or is_listening(self.port), self.name + " to listen")
        if self.process.poll() is not None:
            raise AssertionError("%s did not start: %s" % (self.name, open(folder + "/log").read()[-500:]))

    def stop(self):
        if getattr(self, "process", None):
            if self.process.poll() is None:
                self.process.terminate()
                try:
                    self.process.wait(5)
                except subprocess.TimeoutExpired:
                    self.process.kill()
            self.process.wait()
        if getattr(self, "redis_server", None):
            self.redis_server.stop()

    def total(self, redis):
        return sum(self.counts(redis).values())

    def counts(self, redis):
        return {(key[5:], field): int(n) for key in redis.keys("live:*") for field, n in redis.hgetall(key).items()}

    def probe(self, redis, event):
        return int(redis("HGET", "live:" + event["municipality"], event["channel"]) or 0)


class Script(Peer):
    def __init__(self, name, what, slow, install, *argv):
        super().__init__(name, what, slow, install)
        self.argv = argv

    def missing(self):
        return shutil.which(self.argv[0]) is None

    def version(self):
        return version([self.argv[0], "--version"])

    def command(self, folder):
        return [*self.argv, str(self.port), str(self.redis_port)], {}


class Packaged(Peer):
    """A program of a package, installed or unpacked into a folder (root), with a configuration of ours."""

    def __init__(self, name, what, slow, install, root, program, modules, config, workers):
        super().__init__(name, what, slow, install)
        self.root, self.config, self.workers = root, config, workers
        where = [os.path.join(root, "usr/sbin", program)] if root else []
        self.program = next((p for p in where + ["/usr/sbin/" + program] if os.path.exists(p)), None)
        under = root if self.program in where else ""
        self.modules = next(iter(glob.glob(under + "/usr/lib/" + modules)), None)
        libraries = [os.path.join(root, d) for d in ("usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib/syslog-ng")]
        self.env = {"LD_LIBRARY_PATH": ":".join(libraries)} if under else {}

    def missing(self):
        return self.program is None or self.modules is None

    def filled(self, folder):
        text = open(os.path.join(HERE, "peers", self.config)).read()
        path = os.path.join(folder, self.config)
        with open(path, "w") as f:
            f.write(text.format(port=self.port, redis=self.redis_port, folder=folder, workers=self.workers))
        return path


class Rsyslog(Packaged):
    def __init__(self, root, workers):
        super().__init__("rsyslog" + (", %d workers" % workers if workers > 1 else ""), "one HINCRBY an event", 10,
                         "rsyslog rsyslog-hiredis", root, "rsyslogd", "*/rsyslog/omhiredis.so", "rsyslog.conf", workers)

    def version(self):
        return version([self.program, "-v"], self.env)

    def command(self, folder):
        return [self.program, "-n", "-f", self.filled(folder), "-i", folder + "/pid",
                "-M", os.path.dirname(self.modules)], self.env


class SyslogNg(Packaged):
    def __init__(self, root, workers):
        super().__init__("syslog-ng" + (", %d workers" % workers if workers > 1 else ""), "one HINCRBY an event", 10,
                         "syslog-ng-core syslog-ng-mod-redis", root, "syslog-ng", "syslog-ng/*/libredis.so",
                         "syslog-ng.conf", workers)

    def version(self):
        return version([self.program, "--module-path", os.path.dirname(self.modules), "--version"], self.env)

    def command(self, folder):
        return [self.program, "-F", "-f", self.filled(folder), "--module-path", os.path.dirname(self.modules), "--no-caps",
                "-R", folder + "/persist", "-p", folder + "/pid", "-c", folder + "/control"], self.env


class Direct(Peer):
    """No daemon: bench_direct is its own sender."""

    def __init__(self, dimensions):
        super().__init__("HINCRBY, %d dimension%s" % (dimensions, "s" if dimensions > 1 else ""),
                         "pipelines of 1,000, events read before the clock starts", 2, "built with the tests")
        self.dimensions, self.port = dimensions, None

    def missing(self):
        return not os.path.exists(os.path.join(BUILD, "bin", "bench_direct"))

    def version(self):
        return "hiredis"

    def start(self, folder):
        self.process, self.redis_server = None, RedisServer(folder)

    def sender(self, path, lines):
        self.process = subprocess.Popen([os.path.join(BUILD, "bin", "bench_direct"), "-d", str(self.dimensions), "-n", str(lines),
                                         self.redis_server.sock, path], stdout=subprocess.PIPE, text=True)
        return self.process


def all_of(root):
    batch = [os.path.join(HERE, "peers", "batch." + ending) for ending in ("py", "js")]
    return [Daemon("effortd"), Daemon("effortd, acknowledged", has_acks=True),
            Rsyslog(root, 1), Rsyslog(root, 2), SyslogNg(root, 1), SyslogNg(root, 2),
            Script("Python script", "sums, a pipeline each 100 ms", 5, "python3", "/usr/bin/python3", batch[0]),
            Script("Node.js script", "sums, a pipeline each 100 ms", 2, "nodejs", "node", batch[1]),
            Direct(1), Direct(4)]
