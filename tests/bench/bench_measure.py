# SPDX-License-Identifier: MPL-2.0
"""One run of one program: it is started in a folder of its own, gets the lines of a file, and its CPU time, that of its redis-server
and its memory are read until Redis holds all of them. What lost or added one event gets no figure. Owns no events, no tables."""
import os
import subprocess
import tempfile
import time

from harness import BUILD

LOAD = os.path.join(BUILD, "bin", "bench_load")
STALLED_S = 20


def cpu_s(pid):
    """Of all threads, and of children that have been waited for."""
    fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def peak_mb(pid):
    for l in open("/proc/%d/status" % pid):
        if l.startswith("VmHWM"):
            return int(l.split()[1]) / 1024
    return 0  # it has ended already


def sender_of(peer, path, lines, *options):
    if peer.port is None:
        return peer.sender(path, lines)
    return subprocess.Popen([LOAD, *peer.load, *options, "-n", str(lines), str(peer.port), path], stdout=subprocess.PIPE, text=True)


def wait_total(peer, redis, want):
    """Until Redis holds so many events, or nothing moves any more. Looking costs at most a twentieth. Returns when that was."""
    best = best_at = None
    while True:
        t = time.monotonic()
        total = peer.total(redis)
        if total != best:
            best, best_at = total, t
        if total >= want or t - best_at > STALLED_S:
            return best_at
        time.sleep(max(.005, 20 * (time.monotonic() - t)))


def difference(truth, found):
    lost = sum(max(0, n - found.get(k, 0)) for k, n in truth.items())
    more = sum(max(0, n - truth.get(k, 0)) for k, n in found.items())
    return "" if lost == more == 0 else "%d lost, %d too many" % (lost, more)


def one_load(peer, redis, path, lines, comes_to, *options):
    """What it costs a started program to count lines of a file, of which Redis holds comes_to afterwards: a row. options: the
    sender's."""
    sender = None
    try:
        sender = sender_of(peer, path, lines, *options)
        sender.stdout.readline()
        own, theirs, t0 = cpu_s(peer.process.pid), cpu_s(peer.redis_server.p.pid), time.monotonic()
        shown = wait_total(peer, redis, comes_to) - t0
        peak = peak_mb(peer.process.pid)
        if sender is not peer.process and sender.wait() != 0:
            raise AssertionError("not everything was sent, or acknowledged")
        own, theirs = (cpu_s(peer.process.pid) - own) / lines * 1e6, (cpu_s(peer.redis_server.p.pid) - theirs) / lines * 1e6
        return {"rate": lines / shown / 1000, "own": own, "redis": theirs, "both": own + theirs, "peak_mb": peak}
    finally:
        end_process(sender)


def one_rate(peer, path, lines, truth):
    """One run: (row, "") or (None, what is wrong)."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        try:
            peer.start(folder)
            redis = peer.redis_server.connect()
            row = one_load(peer, redis, path, lines, lines)
            wrong = difference(truth, peer.counts(redis))
            return (None, "counts wrong: " + wrong) if wrong else (row, "")
        except (AssertionError, OSError, RuntimeError) as fault:
            return None, "does not run: " + " ".join(str(fault).split())
        finally:
            peer.stop()


def end_process(process):
    if process is not None:
        if process.poll() is None:
            process.terminate()
        process.wait()
        process.stdout.close()
