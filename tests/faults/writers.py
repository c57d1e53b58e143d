#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Several instances on one Redis, and journals that are not what they were: a copy started beside the original, an old one
put back. Nothing counts twice, nothing acknowledged is lost, and the log says that the writer is another.

    writers.py --kills 500"""
import os
import shutil
import signal
import time

from rig import Rig, options, run, wait

RATE = 5000


def two(o, **more):
    a = Rig(seed=o.seed, reader=False, **more)
    try:
        b = Rig(seed=o.seed + 50, reader=False, server=a.server)
    except BaseException:
        a.clean_up()
        raise
    return a, b


def judge(a, b):
    """Both loads, one truth."""
    for rig in (a, b):
        rig.finish_load()
        if rig.p is None:
            rig.start()
    a.exact(60, b.producers)
    a.books()
    b.books()
    return "%d and %d events" % (a.acked(), b.acked())


def killed_in_turn(o):
    """Each is killed while the other goes on; now and then both, or Redis."""
    a, b = two(o, mode="rdb")
    try:
        a.load(dup=10, rate=RATE, name="a")
        b.load(dup=10, rate=RATE, name="b", seed=o.seed + 7)
        for k in range(o.kills):
            time.sleep(a.rng.uniform(.01, .2))
            (a, b)[k % 2].restart()
            if k % 10 == 9:
                a.server.kill()
                a.server.start()
        return "%d kills; %s" % (o.kills, judge(a, b))
    finally:
        b.clean_up()
        a.clean_up()


def both_repair(o):
    """Redis forgets everything, or some keys, while both count: each brings its own part, and takes nothing from the other."""
    a, b = two(o)
    try:
        a.watch("--shared")
        a.load(dup=10, rate=RATE, name="a")
        b.load(dup=10, rate=RATE, name="b", seed=o.seed + 7)
        for k in range(o.rounds):
            a.wait_acked(3000 * (k + 1))
            if k % 2:
                a.redis("FLUSHALL")
            else:
                for key in a.rng.sample(a.redis.keys("effort:{*"), 5):
                    a.redis("DEL", key)
            if k % 3 == 2:
                b.restart()
        said = judge(a, b)
        a.redis("FLUSHALL")
        a.exact(60, b.producers)
        seen = a.unwatch()
        assert not seen["faults"], "the reader saw: %s" % "\n  ".join(seen["faults"][:10])
        return "%d times, seen rebuilding %d times; %s" % (o.rounds + 1, seen["rebuilding"], said)
    finally:
        b.clean_up()
        a.clean_up()


def one_gone_for_good(o):
    """A writer is away while Redis forgets: the other goes on and says rebuilding; when the first is back the sum is exact."""
    a, b = two(o)
    try:
        a.load(rate=RATE, name="a")
        b.load(rate=RATE, name="b", seed=o.seed + 7)
        a.wait_acked(3000)
        b.wait_acked(3000)
        a.finish_load()
        b.finish_load()
        a.exact(60, b.producers)
        b.kill()
        key = "effort:{dk}:share:year:%s" % a.redis("HGET", "effort:{dk}:share:year", "period")
        a.redis("DEL", key, "effort:{dk}:share:year")
        wait(lambda: a.redis("HGET", key, "all.contacts"), "what one writer has")
        b.start()
        return judge(a, b)
    finally:
        b.clean_up()
        a.clean_up()


def copied(o, is_clean):
    with Rig(seed=o.seed, reader=False) as a:
        a.load(rate=RATE, name="before", dup=10)
        a.wait_acked(5000)
        a.finish_load()
        a.exact()
        if is_clean:
            a.stop()
        else:
            a.kill()
        b = Rig(seed=o.seed + 50, reader=False, server=a.server)
        try:
            b.stop()  # its own state folder is replaced by the copy, while neither runs
            shutil.rmtree(b.state)
            shutil.copytree(a.state, b.state, symlinks=True)
            a.start()
            b.start()
            a.load(rate=RATE, name="a", seed=o.seed + 3)
            b.load(rate=RATE, name="b", seed=o.seed + 4)
            if not o.hard:  # both live until one has noticed; else they may be killed before that, again and again
                wait(lambda: "counting goes on as a new writer" in a.whole_log() + b.whole_log(), "one to notice the other", 30)
            for k in range(6):
                time.sleep(.3)
                (a, b)[k % 2].restart()
            said = judge(a, b)
            log = a.whole_log() + b.whole_log()
            assert "counting goes on as a new writer" in log, "nothing in the log says so:\n" + log[-2000:]
            a.redis("FLUSHALL")
            a.exact(60, b.producers)
            return said + ", and again after FLUSHALL"
        finally:
            b.clean_up()


def a_copy_of_a_stopped_journal(o):
    return copied(o, True)


def a_copy_of_a_killed_journal(o):
    return copied(o, False)


def copied_while_it_runs(a, b):
    """The state folder of a as it is at this moment, for b, which is stopped."""
    os.kill(a.p.pid, signal.SIGSTOP)
    put_in_place(b, a.state)
    os.kill(a.p.pid, signal.SIGCONT)


def a_copy_of_a_running_journal(o):
    """Redis is away at the copying and some time after it, and the copy comes first: what both hold counts once, and what the
    original took after it, too. Then the other way round: the original has gone on, and the copy finds that it lacks something."""
    with Rig(seed=o.seed, reader=False, mode="always") as a:
        a.load(rate=RATE, name="before")
        a.wait_acked(2000)
        a.finish_load()
        a.exact()
        claim, = a.redis.keys("effort:_claim:*")  # b's comes beside it
        b = Rig(seed=o.seed + 50, reader=False, server=a.server)
        try:
            b.stop()
            a.server.kill()
            a.load(rate=RATE, name="a", seed=o.seed + 1)
            a.wait_acked(a.acked() + 2000)
            copied_while_it_runs(a, b)
            a.wait_acked(a.acked() + 2000)
            os.kill(a.p.pid, signal.SIGSTOP)
            a.server.start()
            run_of_a = a.redis("HGET", claim, "run")
            b.start()
            wait(lambda: a.redis("HGET", claim, "run") != run_of_a, "the copy to write itself down")
            os.kill(a.p.pid, signal.SIGCONT)
            b.load(rate=RATE, name="b", seed=o.seed + 2)
            wait(lambda: "counting goes on as a new writer" in a.log(), "the original to leave the name")
            said = [judge(a, b)]
            assert "counting goes on as a new writer" not in b.whole_log(), "both have left the name"
            assert "is not brought to redis" not in a.whole_log(), "part of what was the original's was left"
            b.stop()
            copied_while_it_runs(a, b)
            a.load(rate=RATE, name="on", seed=o.seed + 3)
            a.wait_acked(a.acked() + 2000)
            a.finish_load()
            a.exact(60, b.producers)
            b.start()
            wait(lambda: "counting goes on as a new writer" in b.log(), "the copy to leave the name")
            b.load(rate=RATE, name="copy", seed=o.seed + 4)
            b.wait_acked(b.acked() + 2000)
            said.append(judge(a, b))
            assert a.log().count("counting goes on as a new writer") == 1, "the original has left the name"
            return "; ".join(said)
        finally:
            b.clean_up()


def an_old_journal_put_back(o):
    """Yesterday's state folder on today's Redis: nothing of today counts twice, new events count."""
    with Rig(seed=o.seed, reader=False) as rig:
        said = []
        for k in range(o.rounds):
            rig.load(rate=RATE, name="x%d" % k, seed=o.seed + 2 * k)
            rig.wait_acked(rig.acked() + 2000)
            rig.finish_load()
            rig.exact()
            rig.stop()
            kept = os.path.join(rig.folder, "kept")
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(rig.state, kept, symlinks=True)
            rig.start()
            rig.load(rate=RATE, name="y%d" % k, seed=o.seed + 2 * k + 1)
            rig.wait_acked(rig.acked() + 2000)
            rig.finish_load()
            rig.exact()
            (rig.stop if k % 2 else rig.kill)()
            shutil.rmtree(rig.state)
            shutil.copytree(kept, rig.state, symlinks=True)
            rig.start()
        rig.load(rate=RATE, name="z", seed=o.seed + 99)
        rig.wait_acked(rig.acked() + 2000)
        said.append(rig.settle())
        log = rig.whole_log()
        assert "counting goes on as a new writer" in log, "nothing in the log says so"
        return "%d times; %s" % (o.rounds, said[0])


def put_in_place(rig, kept):
    shutil.rmtree(rig.state)
    shutil.copytree(kept, rig.state, symlinks=True)


def two_journals(rig, seed):
    """The state folder as it was, in "kept"; what was counted since is in Redis, and effortd is killed."""
    kept = os.path.join(rig.folder, "kept")
    rig.load(rate=RATE, name="before", seed=seed)
    rig.wait_acked(2000)
    rig.finish_load()
    rig.exact()
    rig.stop()
    shutil.copytree(rig.state, kept, symlinks=True)
    rig.start()
    rig.load(rate=RATE, name="since", seed=seed + 1)
    rig.wait_acked(rig.acked() + 2000)
    rig.finish_load()
    rig.exact()
    rig.kill()
    return kept


def a_name_that_is_refused(o):
    """The disk takes everything but the new writer's name: the log says what folding waits for, once, and it goes on."""
    with Rig(seed=o.seed, reader=False) as rig:
        put_in_place(rig, two_journals(rig, o.seed))
        in_the_way = os.path.join(rig.state, "journal", "writer.new")
        os.kill(rig.server.p.pid, signal.SIGSTOP)
        rig.start()
        os.mkdir(in_the_way)
        os.kill(rig.server.p.pid, signal.SIGCONT)
        wait(lambda: "name cannot be written down" in rig.log(), "the log to say so")
        rig.load(rate=RATE, name="refused", seed=o.seed + 2)
        rig.wait_acked(rig.acked() + 2000)
        rig.finish_load()
        rig.exact()
        os.rmdir(in_the_way)
        wait(lambda: "name is written down" in rig.log(), "the name to be written down")
        assert rig.log().count("name cannot be written down") == 1, "told again and again"
        rig.restart()
        return rig.settle()


def a_copy_comes_first_where_redis_has_forgotten(o):
    """What the original had brought there is gone, and the copy has never had it: that is said."""
    with Rig(seed=o.seed, reader=False) as a:
        kept = two_journals(a, o.seed)
        b = Rig(seed=o.seed + 50, reader=False, server=a.server)
        try:
            b.stop()
            put_in_place(b, kept)
            a.redis("FLUSHALL")
            b.start()
            wait(lambda: a.redis.keys("effort:_claim:*"), "the copy to write itself down")
            a.start()
            wait(lambda: "counting goes on as a new writer" in a.log(), "the original to notice the copy")
            assert "redis had forgotten" in a.log(), "nothing in the log says so:\n" + a.log()[-2000:]
            return "told"
        finally:
            b.clean_up()


if __name__ == "__main__":
    run(options(__doc__, kills=40, rounds=4, hard=1), killed_in_turn, both_repair, one_gone_for_good, a_copy_of_a_stopped_journal,
        a_copy_of_a_killed_journal, a_copy_of_a_running_journal, an_old_journal_put_back, a_name_that_is_refused, a_copy_comes_first_where_redis_has_forgotten)
