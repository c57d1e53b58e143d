#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""A state folder with damage in it: flipped bits, torn and zeroed ends, files missing, swapped or copied. effortd starts within
five seconds, says what is wrong, uses the rest, never counts more than there was, and goes on.

    damage.py --damages 2000      (every byte of a small journal: tests/unit)"""
import glob
import os
import random
import shutil
import time

from rig import SLOW, Rig, options, run, wait


def files(folder):
    return sorted(os.path.join(base, name) for base, _, names in os.walk(folder) for name in names
                  if not name.endswith((".lock", "lock")) and "/redis" not in base)


def flip(rng, path, _):
    size = os.path.getsize(path)
    at = rng.randrange(size)
    with open(path, "r+b") as f:
        f.seek(at)
        byte = f.read(1)[0]
        f.seek(at)
        f.write(bytes([byte ^ 1 << rng.randrange(8)]))
    return "a bit of byte %d flipped" % at


def truncate(rng, path, _):
    size = rng.randrange(os.path.getsize(path))
    os.truncate(path, size)
    return "cut to %d" % size


def zero(rng, path, _):
    size = os.path.getsize(path)
    at = rng.randrange(size)
    n = min(size - at, rng.choice([1, 512, 4096]))
    with open(path, "r+b") as f:
        f.seek(at)
        f.write(bytes(n))
    return "%d bytes zeroed at %d" % (n, at)


def remove(_, path, __):
    os.remove(path)
    return "removed"


def swap(rng, path, others):
    other = rng.choice(others)
    os.rename(path, path + ".swap")
    os.rename(other, path)
    os.rename(path + ".swap", other)
    return "swapped with " + os.path.basename(other)


def copy(rng, path, others):
    other = rng.choice(others)
    shutil.copy(path, other)
    return "copied over " + os.path.basename(other)


def garbage(rng, path, _):
    with open(path, "ab") as f:
        n = rng.choice([1, 100, 70000])
        f.write(rng.randbytes(n))
    return "%d bytes of garbage behind" % n


DAMAGES = [flip, flip, flip, truncate, truncate, zero, remove, swap, copy, garbage]


def total(rig):
    return sum(int(rig.redis("HGET", k, "_n") or 0) for k in rig.redis.keys("effort:{dk}:d:*"))


def sampled(o):
    with Rig(seed=o.seed, reader=False) as rig:
        # Three kinds of state in one folder: folded totals, id files, and segments that are not folded yet.
        for k in range(3):
            rig.load(rate=20000, dup=10, max_events=6000, name="e%d" % k, conns=3, silent=0)
            wait(lambda: rig.producers[-1].counts()["started"] >= 6000, "the load")
            rig.finish_load()
            rig.exact()
            if k < 2:
                rig.restart()
        truth = total(rig)
        rig.kill()
        kept = os.path.join(rig.folder, "kept")
        shutil.copytree(rig.state, kept, symlinks=True)
        rng, told, slowest, least, silent = random.Random(o.seed), 0, 0, truth, []
        for k in range(o.damages):
            shutil.rmtree(rig.state)
            shutil.copytree(kept, rig.state, symlinks=True)
            all_files = [f for f in files(rig.state) if os.path.getsize(f)]
            path = rng.choice(all_files)
            others = [f for f in all_files if f != path and os.path.dirname(f) == os.path.dirname(path)] or [f for f in all_files if f != path]
            what = "%s: %s" % (os.path.relpath(path, rig.state), rng.choice(DAMAGES)(rng, path, others))
            rig.redis("FLUSHALL")
            t0 = time.monotonic()
            assert rig.start_maybe(seconds=10), "damage %d, %s: it did not start:\n%s" % (k, what, rig.log()[-2000:])
            slowest = max(slowest, time.monotonic() - t0)
            assert time.monotonic() - t0 < 5 * SLOW, "damage %d, %s: %.1f s" % (k, what, time.monotonic() - t0)
            wait(lambda: rig.status()["redis"]["state"].lower() == "ready", "Redis")
            before = settled_total(rig)
            log = rig.log().replace("damages=0", "")
            is_told = any(w in log for w in ("amage", "missing", "set aside"))
            told += is_told
            assert before <= truth, "damage %d, %s: %d contacts, there were %d" % (k, what, before, truth)
            least = min(least, before)
            if before < truth and not is_told:
                silent.append("%s: %d of %d contacts gone" % (what, truth - before, truth))
            rig.send(one_more(k))
            wait(lambda: settled_total(rig) == before + 1, "one more event after %s" % what)
            rig.kill()
        # A file of totals that is gone altogether leaves no trace.
        silent = [s for s in silent if not s.startswith("totals/") or not s.split(": ")[1].startswith("removed")]
        assert not silent, "lost without a word:\n  " + "\n  ".join(silent)
        return "%d damages, %d told, slowest start %.2f s, %d of %d contacts left at worst" % (o.damages, told, slowest, least, truth)


def a_damaged_day_lowers_nothing(o):
    """The totals of a day are damaged and begun anew: whatever asks for a repair afterwards, Redis keeps what it holds and says
    rebuilding; with the file back and whole it is exact."""
    with Rig(seed=o.seed, reader=False) as rig:
        rig.load(rate=20000, max_events=6000, name="e", silent=0)
        wait(lambda: rig.producers[-1].counts()["started"] >= 6000, "the load")
        rig.finish_load()
        rig.exact()
        rig.stop()
        rig.start()  # folds what the run before has left
        wait(lambda: glob.glob(rig.state + "/totals/*/names-*") and not glob.glob(rig.state + "/journal/*1.wal"), "totals")
        rig.stop()
        path = max(glob.glob(rig.state + "/totals/*/2*"), key=os.path.getsize)
        day = os.path.basename(path)
        with open(path, "rb") as f:
            whole = f.read()
        truth, key = total(rig), "effort:{dk}:share:year:" + day[:4]
        flip(random.Random(o.seed), path, ())
        rig.start()
        wait(lambda: rig.status()["redis"]["state"].lower() == "ready", "Redis")
        rig.ctl("redis", "rebuild", "--all", "--yes", "--wait", "60")
        wait(lambda: "redis holds all counts again" in rig.log(), "the rebuild")
        assert total(rig) == truth, "%d contacts after a rebuild, there were %d" % (total(rig), truth)
        assert rig.redis("HGET", key, "rebuilding") == "1", "a damaged day is in it and nothing says so"
        assert "what redis holds of this period stands" in rig.log(), rig.log()[-2000:]
        rig.stop()
        for aside in glob.glob(path + ".damaged*"):
            os.remove(aside)
        with open(path, "wb") as f:
            f.write(whole)
        rig.start()
        wait(lambda: rig.status()["redis"]["state"].lower() == "ready", "Redis")
        rig.ctl("redis", "rebuild", "--all", "--yes", "--wait", "60")
        rig.exact()
        assert rig.redis("HGET", key, "rebuilding") == "0", "still rebuilding with whole totals"
        return "%s of %d contacts" % (day, truth)


def one_more(k):
    import datetime
    from rig import event
    return event(id="more-%d" % k, time=datetime.datetime.now(datetime.timezone.utc).isoformat())


def repairs_begun(rig):
    return rig.log().count("redis has lost counts") + rig.log().count("redis is brought up to date after the end of the last run")


def settled_total(rig):
    """The same twice in a row."""
    last = -1
    while True:
        rig.wait_settled()
        wait(lambda: repairs_begun(rig) == rig.log().count("redis holds all counts again"), "repairs to be done", 60)
        n = total(rig)
        if n == last:
            return n
        last = n
        time.sleep(.25)


if __name__ == "__main__":
    run(options(__doc__, damages=25), sampled, a_damaged_day_lowers_nothing)
