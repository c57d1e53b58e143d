#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Events a second, CPU and memory of a whole effortd with a redis-server of its own: one connection, 64 KiB writes, as
fast as it is taken; every count is compared with what was sent.

    EFFORT_BUILD=build/release tests/bench/rate.py [--events 5000000] [--runs 5]

Prints each run and the median. Sender, effortd and Redis share the machine: compare ratios within one sitting only."""
import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "integration"))
from harness import Effortd  # noqa: E402
from test_national import kle_truth, municipalities  # noqa: E402

CHANNELS = [("selfservice", 45), ("digitalpost", 22), ("phone", 15), ("email", 10), ("counter", 5), ("letter", 3)]
SENDER = "import socket,sys\ns=socket.create_connection(('127.0.0.1',int(sys.argv[1])))\n" \
         "f=open(sys.argv[2],'rb')\nwhile b:=f.read(65536): s.sendall(b)\n"


def write_events(path, n, seed=1):
    """n native events of about 200 bytes: 98 municipalities, every third KLE number of the table, one day."""
    rng, codes, kles = random.Random(seed), municipalities(), sorted(kle_truth())[::3]
    names, weights = [c for c, _ in CHANNELS], [w for _, w in CHANNELS]
    with open(path, "w") as out:
        for at in range(0, n, 10000):
            k = min(10000, n - at)
            picks = zip(rng.choices(codes, k=k), rng.choices(kles, k=k), rng.choices(names, weights, k=k),
                        rng.choices(["transaction", "information"], k=k))
            for i, (code, kle, channel, kind) in enumerate(picks):
                s = (at + i) * 86000 // n
                out.write('{"id":"%08x-0000-4000-8000-%012x","time":"2026-03-10T%02d:%02d:%02d.%03d+01:00","municipality":"%s",'
                          '"channel":"%s","kle":"%s","kind":"%s","source":"%s","duration_s":%d}\n'
                          % (at + i, seed, s // 3600, s // 60 % 60, s % 60, i % 1000, code, channel, kle, kind,
                             ("borger.dk", "digitalpost", "telefoni")[i % 3], i % 1800))


def cpu_s(pid):
    fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def one(path, n):
    with Effortd() as e:
        own, redis = cpu_s(e.p.pid), cpu_s(e.server.p.pid)
        t0 = time.monotonic()
        sender = subprocess.Popen([sys.executable, "-c", SENDER, str(e.port), path])
        while e.status()["received"] < n:
            time.sleep(.02)
        taken = time.monotonic() - t0
        e.wait_settled()
        shown = time.monotonic() - t0
        sender.wait()
        own, redis = cpu_s(e.p.pid) - own, cpu_s(e.server.p.pid) - redis
        total = sum(int(e.redis("HGET", k, "_n")) for k in e.redis.keys("effort:{dk}:d:*"))
        assert total == n, (total, n)
        rss = [int(l.split()[1]) for l in open("/proc/%d/status" % e.p.pid) if l.startswith("VmHWM")][0]
        return {"M events/s taken": n / taken / 1e6, "M events/s in Redis": n / shown / 1e6, "own CPU s/M": own / n * 1e6,
                "Redis CPU s/M": redis / n * 1e6, "peak RSS MB": rss / 1024}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--events", type=int, default=5000000)
    ap.add_argument("--runs", type=int, default=5)
    a = ap.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "events.ndjson")
        write_events(path, a.events)
        rows = []
        for _ in range(a.runs):
            rows.append(one(path, a.events))
            print("  ".join("%s %.2f" % item for item in rows[-1].items()), flush=True)
    print("median: " + "  ".join("%s %.2f" % (k, statistics.median(r[k] for r in rows)) for k in rows[0]))


if __name__ == "__main__":
    main()
