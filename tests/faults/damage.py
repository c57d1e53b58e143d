#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""A state folder with damage in it: flipped bits, torn and zeroed ends, files missing, swapped or copied. effortd starts within
five seconds, says what is wrong, uses the rest, never counts more than there was, and goes on; whatever Redis holds then.

    damage.py --damages 2000      (every byte of a small journal: tests/unit)"""
import glob
import os
import random
import shutil
import signal
import time

from rig import SLOW, Rig, options, run, wait


def files(folder):
    return sorted(os.path.join(base, name) for base, _, names in os.walk(folder) for name in names
                  if not name.endswith((".lock", "lock")) and "/redis" not in base)


def by_folder(state, paths):
    """There are many files of ids and few segments: each folder gets its share of the damage."""
    groups = {}
    for path in paths:
        groups.setdefault(os.path.relpath(path, state).rpartition("/")[0].split("/")[0], []).append(path)
    return list(groups.values())


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


def counts(rig):
    """Contacts by hash: of the days, and of the shares of every period."""
    found = {k: int(rig.redis("HGET", k, "_n") or 0) for k in rig.redis.keys("effort:{*}:d:*")}
    found.update({k: int(rig.redis("HGET", k, "all.n") or 0) for k in rig.redis.keys("effort:{*}:share:*:*")})
    return found


class State:
    """A state folder as a kill left it, and Redis' keys of the same moment in a database of their own."""

    def __init__(self, rig, number):
        self.rig, self.database, self.folder = rig, number, os.path.join(rig.folder, "kept-%d" % number)
        shutil.copytree(rig.state, self.folder, symlinks=True)
        self.move(0, number)
        rig.start()
        wait(lambda: rig.status()["redis"]["state"].lower() == "ready", "Redis")
        self.contacts, self.truth = settled_total(rig), counts(rig)
        rig.kill()

    def move(self, begin, end):
        redis = self.rig.redis
        redis("SELECT", end)
        redis("FLUSHDB")
        redis("SELECT", begin)
        for key in redis.keys("*"):
            redis("COPY", key, key, "DB", end)
        redis("SELECT", 0)

    def put_back(self, database):
        """database: Redis' keys are those of this one; None: it has lost all."""
        shutil.rmtree(self.rig.state)
        shutil.copytree(self.folder, self.rig.state, symlinks=True)
        if database is None:
            self.rig.redis("FLUSHDB")
        else:
            self.move(database, 0)


def states(rig, seed):
    """Everything in Redis; and killed with a batch on its way there, more in the journal behind it and what Redis lacks folded."""
    # Three kinds of file in one folder: folded totals, id files, and segments that are not folded yet.
    for k in range(3):
        rig.load(rate=20000, dup=10, max_events=6000, name="e%d" % k, conns=3, silent=0)
        wait(lambda: rig.producers[-1].counts()["started"] >= 6000, "the load")
        rig.finish_load()
        rig.exact()
        if k < 2:
            rig.restart()
    rig.kill()
    found = [State(rig, 1)]
    rng = random.Random(seed)
    for number in (2, 3):
        rig.start()
        p = rig.load(rate=5000, dup=10, max_events=1000000, name="f%d" % number, conns=3, silent=0)
        time.sleep(.5 + rng.random())
        rig.server.p.send_signal(signal.SIGSTOP)
        time.sleep(rng.random())
        rig.kill()
        for _ in range(0 if number == 2 else 2):
            rig.start()
            time.sleep(.5)
            rig.kill()
        p.stop()
        rig.server.p.send_signal(signal.SIGCONT)
        found.append(State(rig, number))
    return found


def sampled(o):
    with Rig(seed=o.seed, reader=False) as rig:
        kept, least = states(rig, o.seed), {}
        rng, told, slowest, silent = random.Random(o.seed), 0, 0, []
        for k in range(o.damages):
            state = rng.choice(kept)
            database = rng.choice([None, state.database, state.database, rng.randrange(state.database) + 1])
            state.put_back(database)
            all_files = [f for f in files(rig.state) if os.path.getsize(f)]
            path = rng.choice(rng.choice(by_folder(rig.state, all_files)))
            others = [f for f in all_files if f != path and os.path.dirname(f) == os.path.dirname(path)] or [f for f in all_files if f != path]
            what = "%d:%s of state %d, redis %s: %s" % (
                k, os.path.relpath(path, rig.state), state.database, database, rng.choice(DAMAGES)(rng, path, others))
            t0 = time.monotonic()
            assert rig.start_maybe(seconds=10), "damage %s: it did not start:\n%s" % (what, rig.log()[-2000:])
            slowest = max(slowest, time.monotonic() - t0)
            assert time.monotonic() - t0 < 5 * SLOW, "damage %s: %.1f s" % (what, time.monotonic() - t0)
            wait(lambda: rig.status()["redis"]["state"].lower() == "ready", "Redis")
            before = settled_total(rig)
            log = rig.log().replace("damages=0", "")
            is_told = any(w in log for w in ("amage", "missing", "set aside"))
            told += is_told
            more = ["%s: %d, there were %d" % (key, n, state.truth.get(key, 0)) for key, n in counts(rig).items() if n > state.truth.get(key, 0)]
            assert not more, "damage %s:\n  %s\n%s" % (what, "\n  ".join(more[:20]), rig.log()[-3000:])
            least[database is None] = min(least.get(database is None, 1), before / state.contacts)
            if before < state.contacts and not is_told:
                silent.append("%s: %d of %d contacts gone" % (what, state.contacts - before, state.contacts))
            rig.send(one_more(k))
            wait(lambda: settled_total(rig) == before + 1, "one more event after %s" % what)
            rig.kill()
        # A file of totals that is gone altogether leaves no trace.
        silent = [s for s in silent if not s.split(":")[1].startswith("totals/") or not s.split(": ")[1].startswith("removed")]
        assert not silent, "lost without a word:\n  " + "\n  ".join(silent)
        return "%d damages, %d told, slowest start %.2f s, at worst %.0f %% of the contacts left, %.0f %% where Redis had lost its own" % (
            o.damages, told, slowest, 100 * least.get(False, 1), 100 * least.get(True, 1))


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
        p = rig.ctl("redis", "rebuild", "--all", "--yes", "--wait", "60", check=False)
        assert p.returncode == 1, "a rebuild of damaged totals ends as if all were well: %s" % p
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
