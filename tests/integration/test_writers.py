#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Several effortd on one Redis: what one does, by itself or asked to, never takes away what another has put there, and
what a hash lacks of another is told. Two writers, A and B, each with a journal of its own."""
import json

from harness import Effortd, event, run, wait

DAY = "day:2026-03-10"


def two(settings=None, **of_b):
    """A with the Redis of both, and B; B is cleaned up first."""
    a = Effortd(dict({"probe_interval": "1s"}, **(settings or {})))
    try:
        return a, Effortd(dict(a.settings, **{"state_dir": a.folder + "/b-state", "run_dir": a.folder + "/b-run", **of_b}),
                          redis="unix://" + a.server.sock)
    except BaseException:
        a.clean_up()
        raise


def both_count(a, b, n_a=10, n_b=100):
    b.run = b.settings["run_dir"]
    a.send(*[event() for _ in range(n_a)])
    b.send(*[event() for _ in range(n_b)])
    a.wait_counted(n_a)
    b.wait_counted(n_b)
    wait(lambda: len(a.redis.keys("effort:writer:*")) == 2, "both to show themselves")
    assert a.share(label=DAY)["all.n"] == str(n_a + n_b)


def writer_of(e):
    return json.loads(e.ctl("redis", "check", "--json", check=False).stdout)["writer"]


def rebuild_leaves_a_stopped_writer_alone():
    """B is stopped: a rebuild on A would wipe its part, and only B could bring it back."""
    a, b = two()
    try:
        both_count(a, b)
        name = writer_of(b)
        b.stop()
        for what in (("--period", DAY), ("--period", "month:2026-03"), ("--all", "--yes")):
            p = a.ctl("redis", "rebuild", *what, check=False)
            assert p.returncode == 1 and name in p.stdout and "--without-others" in p.stdout, (what, p)
            h = a.share(label=DAY)
            assert (h["all.n"], h["rebuilding"]) == ("110", "0"), (what, h)
        assert a.redis("HGET", "effort:{0751}:by:source:2026-03", "test.n") == "110"
        assert a.ctl("redis", "audit").returncode == 0
    finally:
        b.clean_up()
        a.clean_up()


def rebuild_without_others():
    """Asked for all the same: what is missing is told, until B is back."""
    a, b = two()
    try:
        both_count(a, b)
        name = writer_of(b)
        b.stop()
        p = a.ctl("redis", "rebuild", "--period", DAY, "--without-others", check=False)
        assert p.returncode == 0 and name in p.stdout, p
        h = a.share(label=DAY)
        assert (h["all.n"], h["rebuilding"]) == ("10", "1"), h
        p = a.ctl("redis", "audit", check=False)
        assert p.returncode == 1 and name in p.stdout, p
        p = a.ctl("redis", "check", check=False)
        assert p.returncode == 1 and "WARNING" in p.stdout and name in p.stdout, p
        b.start()
        wait(lambda: a.share(label=DAY)["all.n"] == "110" and a.share(label=DAY)["rebuilding"] == "0", "B to be back")
        p = a.ctl("redis", "audit", check=False)
        assert p.returncode == 0, p
    finally:
        b.clean_up()
        a.clean_up()


def rebuild_while_both_run():
    a, b = two()
    try:
        both_count(a, b)
        a.redis("HSET", "effort:{0751}:share:" + DAY, "all.n", "7")
        assert a.ctl("redis", "rebuild", "--period", DAY).returncode == 0
        wait(lambda: a.share(label=DAY)["all.n"] == "110" and a.share(label=DAY)["rebuilding"] == "0", "both parts")
    finally:
        b.clean_up()
        a.clean_up()


if __name__ == "__main__":
    run(rebuild_leaves_a_stopped_writer_alone, rebuild_without_others, rebuild_while_both_run)
