#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Several effortd on one Redis: what one does, by itself or asked to, never takes away what another has put there, and
what a hash lacks of another is told. Two writers, A and B, each with a journal of its own."""
import contextlib
import json
import os
import signal
import time

from harness import ROOT, SLOW, Effortd, days_ago, event, run, wait

DAY = "day:2026-03-10"


@contextlib.contextmanager
def two(settings=None, **of_b):
    """A with the Redis of both, and B; B is cleaned up first."""
    with Effortd(dict({"probe_interval": "1s"}, **(settings or {}))) as a:
        with Effortd(dict(a.settings, **{"state_dir": a.folder + "/b-state", "run_dir": a.folder + "/b-run", **of_b}),
                     redis="unix://" + a.server.sock) as b:
            yield a, b


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
    with two() as (a, b):
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


def rebuild_without_others():
    """Asked for all the same: what is missing is told, until B is back."""
    with two() as (a, b):
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


def rebuild_leaves_what_stands_of_lost_totals():
    """B runs, but its totals have lost something: what Redis has of it could not be brought back whole."""
    with two({"probe_interval": "60s"}) as (a, b):
        both_count(a, b)
        name = writer_of(b)
        a.redis("HSET", "effort:{0751}:share:" + DAY, "_r", "_w:%s:lost" % name, "rebuilding", "1")
        p = a.ctl("redis", "rebuild", "--period", DAY, check=False)
        assert p.returncode == 1 and name in p.stdout, p
        assert a.share(label=DAY)["all.n"] == "110"


def rebuild_while_both_run():
    with two() as (a, b):
        both_count(a, b)
        a.redis("HSET", "effort:{0751}:share:" + DAY, "all.n", "7")
        assert a.ctl("redis", "rebuild", "--period", DAY).returncode == 0
        wait(lambda: a.share(label=DAY)["all.n"] == "110" and a.share(label=DAY)["rebuilding"] == "0", "both parts")


def config_of(e, name, text):
    """The minimal configuration with more in it, in a file of e."""
    path = os.path.join(e.folder, name)
    with open(os.path.join(ROOT, "etc", "minimal.conf")) as f:
        lines = [line for line in f if not line.startswith(("areas_dir", "plugins:"))]
    with open(path, "w") as f:
        f.write("".join(lines).replace('= "', '= "%s/etc/' % ROOT) + text)
    return path


def efforts_of_another_writer_stay():
    """B knows nothing of A's effort, and is reloaded and started anew."""
    with two({"follow_interval": "200ms"}) as (a, b):
        both_count(a, b)
        now = days_ago(0).isoformat(timespec="seconds")
        a.send(event(time=now))
        b.send(event(time=now))
        mine = os.path.join(a.folder, "mine.conf")
        with open(mine, "w") as f:
            f.write('efforts = ( { id = "mine"; title = "T"; municipality = "0751"; scope = "all"; from = "%s"; category = "campaign"; } );'
                    % days_ago(10).date())
        a.config = config_of(a, "a.conf", "")
        a.settings["efforts"] = mine
        a.stop()
        a.start()
        there = lambda: a.redis.keys("effort:{0751}:effort:mine")  # noqa: E731
        wait(there, "A's effort")
        b.ctl("reload")
        for _ in range(40):
            assert there(), "the reload of B took A's effort"
            time.sleep(.05)
        b.stop()
        b.start()
        for _ in range(40):
            assert there(), "the start of B took A's effort"
            time.sleep(.05)
        with open(mine, "w") as f:
            f.write("efforts = ();")
        a.ctl("reload")
        wait(lambda: not there(), "A to take away its own")
        b.ctl("reload")
        time.sleep(1)
        assert a.redis("EXISTS", "effort:{0751}:target:kl-80"), "what both put stays"


def a_period_whose_days_are_gone_stays():
    """Nobody could make its shares again."""
    period = 'periods = ( { id = "p"; from = "%s"; to = "%s"; title = "P"; } );\n' % (days_ago(70).date(), days_ago(60).date())
    key = "effort:{0751}:share:period:p"
    with two({"follow_interval": "200ms", "retention.day": "400d"}) as (a, b):
        contacts = lambda: a.redis("HGET", key, "all.contacts")  # noqa: E731
        both_count(a, b)
        b.stop()
        a.stop()
        a.config = config_of(a, "a.conf", period)
        a.start()
        a.send(*[event(time=days_ago(65).isoformat(timespec="seconds")) for _ in range(5)])
        wait(lambda: contacts() == "5", "the period")
        a.remembered()
        a.stop()
        a.settings["retention.day"] = b.settings["retention.day"] = "30d"
        b.config = config_of(a, "b.conf", "")
        a.start()
        b.start()
        day = "effort:{0751}:d:%s" % days_ago(65).date()
        wait(lambda: not a.redis("EXISTS", day), "its days to go")
        time.sleep(3)
        b.ctl("reload")
        time.sleep(2)
        assert contacts() == "5", "B has taken it"
        a.stop()
        a.config = b.config
        a.start()
        wait(lambda: contacts() is None, "A to take away its own")


def the_longest_retention_holds():
    """B keeps days for 30 days, A for ever: B leaves those of both alone and goes on counting in them, and says so."""
    old = days_ago(60)
    at = old.isoformat(timespec="seconds")
    key, cells = "effort:{0751}:share:day:%s" % old.date(), "effort:{0751}:d:%s" % old.date()
    with two({"retention.day": "never"}, **{"retention.day": "400d"}) as (a, b):
        both_count(a, b)
        a.send(*[event(time=at) for _ in range(5)])
        b.send(*[event(time=at) for _ in range(3)])
        a.wait_counted(15)
        b.wait_counted(103)
        b.stop()
        b.settings["retention.day"] = "30d"
        b.start()
        wait(lambda: "keeps days or weeks" in b.log(), "B to say that they differ")
        wait(lambda: "keeps days or weeks" in a.log(), "A to say that they differ")
        end = time.monotonic() + 7 * SLOW
        while time.monotonic() < end:  # a clock that was wrong for a moment, an older Redis: who runs is not gone
            a.redis("HSET", "effort:_writers", writer_of(a), "%s 5 5  " % days_ago(40).date())
            time.sleep(0.2)
        b.send(event(time=at))
        a.send(event(time=at))
        b.wait_counted(1)
        a.wait_counted(16)
        h = a.redis.hgetall(key)
        assert (h.get("all.contacts"), h.get("rebuilding"), a.redis("HGET", cells, "_n")) == ("10", "0", "10"), h
        a.redis("DEL", key, cells)
        wait(lambda: a.redis("HMGET", key, "all.contacts", "rebuilding") == ["10", "0"], "both to bring it back")
        a.remembered()
        a.stop()
        a.settings["retention.day"] = "30d"
        a.start()
        wait(lambda: not a.redis("EXISTS", key, cells), "a day nobody keeps to go")
        wait(lambda: "for the same time again" in b.log(), "B to say that they agree")


@contextlib.contextmanager
def known_for_long():
    """Redis has known it for long; it is stopped, and keeps days for 30 days when it starts."""
    with Effortd() as e:
        e.send(event())
        e.wait_counted(1)
        e.remembered()
        e.stop()
        e.settings["retention.day"] = "30d"
        yield e


def a_watermark_that_cannot_be_written_is_told():
    with known_for_long() as e:
        e.server.p.send_signal(signal.SIGSTOP)
        e.start()
        in_the_way = e.state + "/journal/writer.new"
        os.mkdir(in_the_way)
        e.server.p.send_signal(signal.SIGCONT)
        wait(lambda: "what is kept no more" in e.log() and "Is a directory" in e.log(), "what is wrong to be told")
        os.rmdir(in_the_way)
        e.send(event())
        e.wait_counted(1)


def who_comes_first_waits_for_the_others():
    """Redis forgets everything while both are down; the one that keeps days for a shorter time is there first."""
    at = days_ago(60)
    key = "effort:{0751}:share:day:%s" % at.date()
    with two({"retention.day": "never"}, **{"retention.day": "30d"}) as (a, b):
        a.send(*[event(time=at.isoformat(timespec="seconds")) for _ in range(5)])
        b.send(*[event(time=at.isoformat(timespec="seconds")) for _ in range(3)])
        wait(lambda: a.redis("HGET", key, "all.contacts") == "8", "both to have counted")
        b.run = b.settings["run_dir"]
        name = writer_of(b)
        a.stop()
        b.stop()
        a.redis("FLUSHALL")
        b.start()
        for _ in range(2):
            wait(lambda: a.redis("HEXISTS", "effort:_writers", name), "B to have spoken")
            time.sleep(1)
            b.stop()
            b.start()
        a.start()
        wait(lambda: a.redis("HMGET", key, "all.contacts", "rebuilding") == ["8", "0"], "both to bring it back")


def those_that_are_gone_make_room():
    with Effortd() as e:
        e.stop()
        for i in range(48):
            e.redis("HSET", "effort:_writers", "%016x" % i, "2025-01-01 400 1095  ")
        e.redis("HSET", "effort:_writers", "f" * 16, "%s - 1095  " % days_ago(0).date())
        e.start()
        wait(lambda: "keeps days or weeks" in e.log() and "f" * 16 in e.log(), "the one that is not gone to be known")


def with_more_than_can_be_known_nothing_goes():
    with known_for_long() as e:
        for i in range(49):
            e.redis("HSET", "effort:_writers", "%016x" % i, "%s 30 1095  " % days_ago(0).date())
        e.start()
        wait(lambda: "more effortd write to this redis" in e.log(), "it to be told")
        e.server.p.send_signal(signal.SIGSTOP)  # while they are asked again
        time.sleep(6 * SLOW)
        e.server.p.send_signal(signal.SIGCONT)
        time.sleep(1)
        assert "\nday-kept -" in open(e.state + "/journal/writer").read()
        e.redis("HDEL", "effort:_writers", "%016x" % 7)
        e.stop()
        e.start()
        wait(lambda: "\nday-kept -" not in open(e.state + "/journal/writer").read(), "48 others to be known")
        assert "more effortd write" not in e.log()


def what_was_to_go_goes_after_a_crash():
    """effortd ends between noting that days are kept no more and deleting them."""
    with Effortd({"retention.day": "never"}, redis_options=("--appendonly", "yes", "--appendfsync", "always")) as e:
        e.config = config_of(e, "e.conf", 'retention: { day = "never"; };')
        del e.settings["retention.day"]
        e.send(*[event(time=days_ago(40 + n).isoformat(timespec="seconds")) for n in range(5)])
        e.wait_counted(5)
        e.remembered()
        e.stop()
        e.start()
        e.send(event())
        e.wait_counted(1)
        days = ["effort:{0751}:d:%s" % days_ago(40 + n).date() for n in range(5)]
        e.server.kill()
        e.redis_ = None
        wait(lambda: "redis away" in e.log(), "Redis to be missed")
        config_of(e, "e.conf", 'retention: { day = "30d"; };')
        e.ctl("reload")
        wait(lambda: "\nday-kept -" not in open(e.state + "/journal/writer").read(), "it to be noted")
        e.kill()
        e.server.start()
        assert e.redis("EXISTS", *days) == 5
        e.start()
        wait(lambda: e.redis("EXISTS", *days) == 0, "the days to go")


def what_one_misses_all_say():
    """A expects a source and misses it; B knows nothing of it and writes the same hashes."""
    with two({"follow_interval": "200ms", "sources.phones.expected_every": "1s"}) as (a, b):
        b.stop()
        del b.settings["sources.phones.expected_every"]
        b.start()
        both_count(a, b)
        now = days_ago(0).isoformat(timespec="seconds")
        a.send(event(source="phones", time=now))
        b.send(event(time=now))
        said = lambda: tuple(a.redis("HMGET", "effort:{0751}:share:day", "incomplete", "missing"))  # noqa: E731
        wait(lambda: said() == ("1", "phones"), "A to miss it")
        time.sleep(10)
        for _ in range(120):
            assert said() == ("1", "phones"), "B does not say so"
            time.sleep(.05)
        a.stop()
        a.redis_ = None
        wait(lambda: said() == ("0", None), "B, of which nothing is missing, to be the only one", 30)


def what_one_hears_is_missing_nowhere():
    """Both expect a source that sends to A alone."""
    with two({"sources.phones.expected_every": "4s"}) as (a, b):
        both_count(a, b)
        b.send(event(time=days_ago(0).isoformat(timespec="seconds")))
        for second in range(22):
            a.send(event(source="phones", time=days_ago(0).isoformat(timespec="seconds")))
            time.sleep(1)
            said = a.redis("HMGET", "effort:{0751}:share:day", "incomplete", "missing")
            assert second < 14 or said == ["0", None], said
        assert "source silent" in b.log(), "B misses it by itself"
        b.stop()
        with open(b.settings["state_dir"] + "/silences") as book:
            assert "phones" not in book.read(), "what is noted for days that end is what all say"
        b.start()
        wait(lambda: a.redis("HGET", "effort:{0751}:share:day", "missing") == "phones", "both to miss it")


if __name__ == "__main__":
    run(rebuild_leaves_a_stopped_writer_alone, rebuild_without_others, rebuild_leaves_what_stands_of_lost_totals,
        rebuild_while_both_run, efforts_of_another_writer_stay, a_period_whose_days_are_gone_stays,
        the_longest_retention_holds, a_watermark_that_cannot_be_written_is_told,
        who_comes_first_waits_for_the_others, those_that_are_gone_make_room, with_more_than_can_be_known_nothing_goes,
        what_was_to_go_goes_after_a_crash, what_one_misses_all_say,
        what_one_hears_is_missing_nowhere)
