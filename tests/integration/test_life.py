#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""The life of an effortd: start, configuration faults, reload, midnight, silence, shutdown, its own Redis."""
import datetime
import glob
import json
import os
import re
import signal
import subprocess
import time

from harness import BUILD, ROOT, SLOW, Effortd, Redis, event, line, run, wait


def config(e, text):
    """A configuration file of one's own in the test's folder, with the data files of the tree."""
    path = os.path.join(e.folder, "effortd.conf")
    data = "".join('%s = "%s";\n' % (k, os.path.join(ROOT, "etc", k + ".conf")) for k in ("tasks", "municipalities", "targets"))
    with open(path, "w") as f:
        f.write(data + text)
    e.config = path
    return path


def faults_are_told_all_at_once():
    with Effortd(start=False) as e:
        path = config(e, 'flush_intervall = "20ms";\nlate_limit = "35 elephants";\nlimits: { names = 4294967301; };\n')
        p = subprocess.run(e.argv("-t"), capture_output=True, text=True, cwd=ROOT)
        assert p.returncode == 78, p
        for row, word in ((4, "flush_intervall"), (6, "4294967301")):
            assert re.search(r"%s:%d:\d+: .*%s" % (re.escape(path), row, word), p.stderr), p.stderr
        assert "flush_interval" in p.stderr, "the nearest name is told"
        e.settings.pop("late_limit")
        p = subprocess.run(e.argv("-t"), capture_output=True, text=True, cwd=ROOT)
        assert re.search(r":5:\d+: .*late_limit", p.stderr), p.stderr
        config(e, "")
        p = subprocess.run(e.argv("-t"), capture_output=True, text=True, cwd=ROOT)
        assert p.returncode == 0, p.stderr
        p = subprocess.run(e.argv("-T"), capture_output=True, text=True, cwd=ROOT)
        assert p.returncode == 0 and "flush_interval" in p.stdout, p
        assert subprocess.run([e.argv()[0], "--nonsense"], capture_output=True).returncode == 64


def two_areas_on_one_prefix_are_named():
    with Effortd(start=False) as e:
        areas = os.path.join(e.folder, "areas")
        os.mkdir(areas)
        for name in ("daycare", "school"):
            with open(os.path.join(areas, name + ".conf"), "w") as f:
                f.write('area = "%s"; plugin = "table"; order = 1; name: { da = "x"; en = "x"; };\nkle = ( "28" );\n' % name)
        e.settings["areas_dir"] = areas
        p = subprocess.run(e.argv("-t"), capture_output=True, text=True, cwd=ROOT)
        assert p.returncode == 78 and "daycare" in p.stderr and "school" in p.stderr and "28" in p.stderr, p.stderr


def reload_is_one_transaction():
    with Effortd(start=False) as e:
        e.settings.pop("late_limit")
        config(e, 'late_limit = "never";\n')
        e.start()
        with e.connect() as s:
            s.sendall((line(event()) + "\n").encode())
            e.wait_counted(1)
            config(e, 'late_limit = "never";\nfuture_limit = "fantasy";\nnonsense = 1;\n')
            p = e.ctl("reload", check=False)
            assert p.returncode == 78 and "nonsense" in p.stdout + p.stderr, p
            s.sendall((line(event()) + "\n").encode())
            e.wait_counted(2)
            config(e, 'late_limit = "1d";\n')
            e.settings.pop("future_limit", None)
            e.p.send_signal(signal.SIGHUP)
            wait(lambda: "msg=reloaded" in e.log(), "the reload")
            s.sendall((line(event(time="2011-01-01T00:00:00Z")) + "\n").encode())
            e.wait_received(3)
        assert e.status()["refused"] == 1, "the new limit is in force on the old connection"
        assert json.loads(e.ctl("sources", "--json").stdout)["sources"][0]["codes"] == {"E_TOO_OLD": 1}
        assert e.share("dk", label="day:2026-03-10")["all.n"] == "2"


def reload_never_moves_what_is_counted():
    with Effortd(start=False) as e:
        areas = os.path.join(e.folder, "areas")
        os.mkdir(areas)

        def area(name):
            for f in glob.glob(areas + "/*"):
                os.remove(f)
            with open(os.path.join(areas, name + ".conf"), "w") as f:
                f.write('area = "%s"; plugin = "table"; order = 1; name: { da = "x"; en = "x"; };\nkle = ( "23" );\n' % name)
        area("daycare")
        e.settings["areas_dir"] = areas
        e.start()
        e.send(event())
        e.wait_counted(1)
        area("school")
        e.ctl("reload")
        e.send(event())
        e.wait_counted(2)
        share = e.share(label="day:2026-03-10")
        assert share["daycare.n"] == share["school.n"] == "1" and share["all.n"] == "2", share


def a_storm_of_reloads_loses_nothing():
    with Effortd(start=False) as e:
        config(e, "")
        e.start()
        good, bad = "", "nonsense = 1;\n"
        sent = 0
        for i in range(60):
            config(e, bad if i % 2 else good)
            e.p.send_signal(signal.SIGHUP)
            e.send(*[event() for _ in range(50)])
            sent += 50
        config(e, good)
        e.wait_counted(sent)
        assert e.share("dk", label="day:2026-03-10")["all.n"] == str(sent)
        assert e.status()["config"]["reloads"] > 0


def faketime(when):
    lib = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    assert lib, "the package libfaketime is missing"
    return {"LD_PRELOAD": lib[0], "FAKETIME": when, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC",
            "ASAN_OPTIONS": "verify_asan_link_order=0"}


def a_check_finds_what_a_start_would_stumble_over():
    with Effortd(start=False) as e:
        for setting, word in (("log.file=/nonexistent/x", "log.file"), ("redis.server=/nonexistent", "redis.server"),
                              ("redis.password_file=/nonexistent", "redis.password_file"), ("timezone=Europe/Nowhere", "timezone")):
            more = ["-s", "redis.url=private"] if word == "redis.server" else []
            p = subprocess.run(e.argv("-t") + more + ["-s", setting], capture_output=True, text=True, cwd=ROOT)
            assert p.returncode == 78 and word in p.stderr and "hint:" in p.stderr, (setting, p)
        for row, setting, word in ((4, 'timezone = "Europe/Kopenhagen";', "timezone"),
                                   (4, 'redis: { password_file = "/nonexistent"; };', "redis.password_file"),
                                   (4, 'log: { file = "/nonexistent/x"; };', "log.file")):
            path = config(e, setting + "\n")
            p = subprocess.run(e.argv("-t"), capture_output=True, text=True, cwd=ROOT)
            assert p.returncode == 78 and re.search(r"%s:%d:\d+: .*%s" % (re.escape(path), row, word), p.stderr), p


def a_changed_target_never_reaches_back():
    with Effortd(start=False) as e:
        path = config(e, "")
        targets = os.path.join(e.folder, "targets.conf")
        text = open(os.path.join(ROOT, "etc", "targets.conf")).read()
        with open(targets, "w") as f:
            f.write(text)
        with open(path) as f:
            body = f.read().replace(os.path.join(ROOT, "etc", "targets.conf"), targets)
        with open(path, "w") as f:
            f.write(body)
        e.start()
        yes = event(time="2026-03-10T12:00:00+01:00", channel="selfservice", count=85)
        e.send(yes, event(channel="phone", count=15))
        e.wait_counted(2)
        with open(targets, "w") as f:
            f.write(text.replace("value = 80.0", "value = 90.0"))
        e.ctl("reload")
        coming = time.strftime("%Y-%m-%d", time.localtime(time.time() + 3 * 86400))
        e.send(event(channel="phone", count=1), event(time="2026-03-11T12:00:00+01:00", channel="phone"),
               event(time=coming + "T12:00:00+01:00", channel="phone"))
        e.wait_counted(5)
        old, gone, new = (e.share(label="day:" + d) for d in ("2026-03-10", "2026-03-11", coming))
        assert old["all.target"] == "80.00" and old["all.met"] == "1" and old["all.n"] == "101", old
        assert gone["all.target"] == "80.00", gone  # also a day that had no contacts before the change
        assert new["all.target"] == "90.00", new
        assert e.share(label="month:2026-03")["all.target"] == "80.00"


def set_clock(e, moment):
    """From now on it is that moment, for an effortd whose clock is read from the file."""
    offset = datetime.datetime.fromisoformat(moment).timestamp() - time.time()
    with open(e.env["FAKETIME_TIMESTAMP_FILE"] + ".new", "w") as f:
        f.write("%+.3f\n" % offset)
    os.rename(e.env["FAKETIME_TIMESTAMP_FILE"] + ".new", e.env["FAKETIME_TIMESTAMP_FILE"])


def own_clock(e, moment):
    """Starts at that moment; set_clock() moves it on."""
    e.env.update(faketime(""), FAKETIME_NO_CACHE="1", FAKETIME_TIMESTAMP_FILE=os.path.join(e.folder, "clock"))
    e.env.pop("FAKETIME")
    set_clock(e, moment)


def running_periods_roll_at_local_midnight_without_an_event():
    with Effortd(start=False, settings={"future_limit": "10m"}) as e:
        own_clock(e, "2026-12-31T23:30:00+01:00")
        e.start()
        e.send(event(time="2026-12-31T23:20:00+01:00", channel="selfservice"))
        wait(lambda: e.share().get("all.n") == "1", "the count")
        assert e.share()["period"] == "2026-12-31" and e.share(window="year")["period"] == "2026"
        set_clock(e, "2026-12-31T23:59:58+01:00")
        wait(lambda: e.share().get("period") == "2027-01-01", "the day to roll", 30)
        new = e.share()
        assert "all.n" not in new or new["all.n"] == "0", new
        assert new["from"] == "1798758000000" and new["to"] == "1798844400000", new
        assert e.share(window="year")["period"] == "2027"
        assert e.share(window="week")["period"] == "2026-W53" and e.share(window="week")["all.n"] == "1"
        assert e.share(label="day:2026-12-31")["all.n"] == "1"
        wait(lambda: 'msg="day closed" period=2026-12-31 contacts=1' in e.log(), "the log line")
        wait(lambda: e.redis("XLEN", "effort:{0751}:series:day") == 1, "the series entry")
        entry = e.redis("XRANGE", "effort:{0751}:series:day", "-", "+")[0]
        assert entry[0] == "1798671600000-0" and dict(zip(entry[1][::2], entry[1][1::2]))["all.share"] == "100.00", entry
        e.send(event(time="2027-01-01T00:00:05+01:00", channel="phone"))
        wait(lambda: e.share().get("all.n") == "1", "the first count of the year")
        assert e.share()["all.self"] == "0"


def areas_below_the_target_are_told_once_they_stay_there():
    # a clock a hundred times as fast: five minutes pass in three seconds
    with Effortd(env=faketime("@2026-03-10 09:00:00 x100")) as e:
        e.send(*[event(kle="28.09.40", channel="phone") for _ in range(40)],
               *[event(kle="17.20.01", channel="phone") for _ in range(20)])
        wait(lambda: 'msg="below target" municipality=0751 area=daycare share=0.00 n=40' in e.log(), "the line", 30)
        assert e.log().count('msg="below target"') == 1, "school has fewer than 30 contacts"
        e.send(event(kle="28.09.40", channel="selfservice", count=160))
        wait(lambda: 'msg="target met" municipality=0751 area=daycare share=80.00 n=200' in e.log(), "the way back", 30)
        assert e.log().count('msg="below target"') == 1


def live_means_alive_and_fresh():
    with Effortd() as e:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        e.send(event(time=now))
        e.wait_counted(1)
        wait(lambda: e.redis("GET", "effort:alive") is not None, "effort:alive")
        assert 0 < e.redis("PTTL", "effort:alive") <= 15000
        before = int(e.share()["as_of"])
        wait(lambda: int(e.share()["as_of"]) > before, "as_of to move on without events", 12)
        assert abs(int(e.share()["as_of"]) - time.time() * 1000) < 15000
        assert e.redis("GET", "effort:index:schema") == "1"
        areas = e.redis.hgetall("effort:index:areas")
        assert areas["technical.da"] == "Teknisk område" and "unclassified.da" in areas, areas
        assert e.redis.hgetall("effort:index:municipalities")["0751.da"] == "Aarhus"


def a_silent_source_is_named_and_comes_back():
    with Effortd(start=False) as e:
        config(e, 'sources = ( { name = "talkative"; expected_every = "2s"; } );\n')
        e.start()
        e.send(event(source="talkative"))
        wait(lambda: 'msg="source silent" source=talkative' in e.log(), "silence to be noticed")
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        e.send(event(source="other"), event(source="other", time=now))
        e.wait_counted(3)
        wait(lambda: e.share(window="year").get("incomplete") == "1", "shares to be incomplete")
        assert e.share(window="year")["missing"] == "talkative"
        assert e.share(label="day:2026-03-10")["incomplete"] == "0", "a day that has ended is no less for it"
        assert json.loads(e.ctl("status", "--json").stdout)["silent"] == ["talkative"]
        e.send(event(source="talkative"))
        wait(lambda: 'msg="source back" source=talkative' in e.log(), "its return")


def a_silent_source_concerns_its_areas_and_refusals_are_no_sign_of_life():
    with Effortd({"follow_interval": "200ms"}, start=False) as e:
        config(e, 'sources = ( { name = "enrolment"; expected_every = "2s"; areas = [ "school" ]; } );\n')
        e.start()
        e.send(event(source="enrolment"), event())
        e.wait_counted(2)

        def is_noticed():
            e.send(event(source="enrolment", municipality="9999"))
            return "areas=school" in e.log()
        wait(is_noticed, "a source that is only refused to be silent")
        measures = "effort:{0751}:measures:year"
        e.send(event(time=time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())))
        wait(lambda: e.redis.hgetall(measures).get("school.missing") == "enrolment", "its area to be marked")
        got = e.redis.hgetall(measures)
        assert got["incomplete"] == "1" and got["missing"] == "enrolment" and "technical.missing" not in got, got
        source = [s for s in json.loads(e.ctl("sources", "--json").stdout)["sources"] if s["name"] == "enrolment"][0]
        assert source["is_silent"] and source["areas"] == ["school"] and source["refused"] > 0, source
        assert "school" in e.ctl("sources").stdout
        e.send(event(source="enrolment"))
        wait(lambda: "school.missing" not in e.redis.hgetall(measures), "the area to be whole again")


def what_no_area_takes_is_unclassified():
    with Effortd() as e:
        e.send(event(kle="99.99.99"), event(kle=None, task="no-such-task"), event(kle=None, service="who-knows"), event())
        e.wait_counted(4)
        s = e.share(label="day:2026-03-10")
        assert s["unclassified.n"] == "3" and s["all.n"] == "4" and s["administration.n"] == "1", s
        assert e.status()["unclassified"] == 3 and e.status()["refused"] == 0


def a_correction_of_what_nobody_remembers_is_refused():
    with Effortd() as e:
        e.send(event(id="a"), event(id="b", corrects="z"))
        e.wait_counted(2)
        assert e.share(label="day:2026-03-10")["all.n"] == "1", "never counted as one more contact"
        assert json.loads(e.ctl("sources", "--json").stdout)["sources"][0]["codes"] == {"E_CORRECTS": 1}


def what_is_lost_of_state_dir_is_told_with_what_to_do():
    with Effortd() as e:
        e.send(event())
        e.wait_settled()
        e.stop()
        for name in ("targets", "journal/writer", "journal/writer.copy"):
            path = os.path.join(e.state, name)
            assert os.path.exists(path), os.listdir(e.state)
            with open(path, "wb") as f:
                f.write(b"nothing of what was here\n")
        e.start()
        told = [l for l in e.log().splitlines() if "what has been in force is not known" in l and e.state + "/targets" in l]
        assert told and "next=" in told[0] and "from a backup" in told[0], e.log()
        told = [l for l in e.log().splitlines() if "the writer's file is damaged" in l]
        assert told and "what is sent again is counted again" in told[0] and "journal/writer back from a backup" in told[0], e.log()


def an_end_without_redis_does_not_speak_for_it():
    with Effortd() as e:
        e.send(event())
        e.wait_settled()
        e.server.stop()
        wait(lambda: e.status()["redis"]["state"] != "ready", "effortd to see that Redis is away")
        e.stop()
        assert "redis is away, what it holds is looked at at the next start" in e.log(), e.log()
        assert "everything counted is in Redis" not in e.log()


def shutdown_drains_and_flushes():
    with Effortd() as e:
        with e.connect() as s:
            s.sendall("".join(line(event()) + "\n" for _ in range(20000)).encode())
            e.wait_received(1)
            e.stop()
        assert "everything counted is in Redis" in e.log()
        e.start()
        counted = int(e.share("dk", label="day:2026-03-10")["all.n"])
        assert counted == 20000, counted


def an_end_with_questions_unanswered():
    """Redis hangs while effortctl and the heartbeat wait for its answers; the end comes all the same."""
    with Effortd({"limits.drain": "300ms", "log.heartbeat": "1s", "redis.timeout": "60s"}) as e:
        e.send(event())
        e.wait_counted(1)
        e.server.p.send_signal(signal.SIGSTOP)
        asking = [subprocess.Popen([os.path.join(BUILD, "bin", "effortctl"), "--run-dir", e.run, "shares", "0751"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(3)]
        time.sleep(1.5)
        e.stop()
        for p in asking:
            assert p.wait(20 * SLOW) != 0


def who_was_silent_when_a_period_ended_survives_a_lost_redis():
    """November ends while the phones are silent; then they are back, and Redis loses everything, twice."""
    with Effortd({"probe_interval": "200ms", "follow_interval": "200ms"}, start=False) as e:
        own_clock(e, "2026-11-30T22:30:00+00:00")
        config(e, 'sources = ( { name = "phones"; expected_every = "2s"; areas = [ "school" ]; } );\n'
                  'periods = ( { id = "november"; from = "2026-11-01"; to = "2026-11-30"; title = "November"; } );\n')
        e.start()
        e.send(event(source="phones", time="2026-11-30T22:29:00+00:00"), event(time="2026-11-29T12:00:00+00:00"))
        e.wait_counted(2)
        ended = {"period:november": "phones", "month:2026-11": "phones", "day:2026-11-30": "phones", "day:2026-11-29": None}

        def lacks(label):
            got = e.redis.hgetall("effort:{0751}:share:" + label)
            return got.get("incomplete"), got.get("missing")
        wait(lambda: 'msg="source silent" source=phones' in e.log(), "the phones to be silent")
        set_clock(e, "2026-11-30T22:59:58+00:00")
        wait(lambda: "day closed" in e.log(), "November to end", 60)

        def is_back_and(is_so):
            e.send(event(source="phones", time="2026-11-30T23:00:01+00:00"))
            return is_so()
        wait(lambda: is_back_and(lambda: lacks("day") == ("0", None)), "the phones to be back")
        for restarts in (False, True):
            if restarts:
                e.stop()
                set_clock(e, "2026-12-01T12:00:00+00:00")
                e.start()
            wait(lambda: e.status()["redis"]["state"] == "ready", "Redis to be ready")
            e.redis("FLUSHALL")
            for label, names in ended.items():
                wait(lambda: is_back_and(lambda: lacks(label) == (("1", names) if names else ("0", None))), "%s to lack %s" % (label, names))


def remember_silent(e, runs):
    """The file of who was silent, as it was before it had a check: days since 1970 and names."""
    day = (datetime.date(2026, 12, 1) - datetime.date(1970, 1, 1)).days
    os.makedirs(e.state, exist_ok=True)
    with open(os.path.join(e.state, "silences"), "w") as f:
        f.write("effortd-silences 1\n%d %d -\n" % (day, day) + "".join("%d %d %s\n" % (day + d, day + d, who) for d, who in runs))


def what_nobody_remembers_of_a_period_stays_as_its_hash_has_it():
    """The book of who was silent is full of later days: an ended period is written anew for a late contact, and stays incomplete."""
    with Effortd({"probe_interval": "200ms", "follow_interval": "200ms"}, start=False) as e:
        config(e, 'periods = ( { id = "november"; from = "2026-11-01"; to = "2026-11-30"; title = "November"; } );\n')
        own_clock(e, "2026-12-01T12:00:00+00:00")

        def has(n):
            got = e.share(label="period:november")
            return (got.get("all.n"), got.get("incomplete"), got.get("missing")) == (n, "1", "phones")
        remember_silent(e, [(-1, "phones")])
        e.start()
        e.send(event(time="2026-11-29T12:00:00+00:00"))
        wait(lambda: has("1"), "November to lack the phones")
        e.stop()
        remember_silent(e, [(0, "phones" if d % 2 else "post") for d in range(512)])
        e.start()
        e.send(event(time="2026-11-29T12:00:00+00:00"))
        wait(lambda: has("2"), "November to lack them still")


def a_source_is_not_silent_before_it_is_watched():
    with Effortd(start=False) as e:
        config(e, "")
        e.start()
        time.sleep(1.2)
        config(e, 'sources = ( { name = "late"; expected_every = "1s"; } );\n')
        before = time.time()
        e.ctl("reload")
        wait(lambda: 'msg="source silent" source=late' in e.log(), "its silence")
        told = re.search(r'ts=(\S+)Z .*msg="source silent"', e.log())[1]
        told = datetime.datetime.fromisoformat(told + "+00:00").timestamp()
        assert told - before > .9, "it had had no second yet"
        config(e, "")
        e.ctl("reload")
        time.sleep(.5)
        assert "source back" not in e.log() and e.status()["silent"] == []


def a_reload_with_a_log_that_cannot_be_written_is_refused():
    with Effortd(start=False) as e:
        config(e, "")
        e.start()
        config(e, 'log: { file = "/nonexistent/x"; };\n')
        p = e.ctl("reload", check=False)
        assert p.returncode == 78 and "log.file" in p.stdout + p.stderr, p
        assert "reload refused" in e.log()


def every_refusal_is_told_however_many():
    with Effortd(env=faketime("@2026-03-10 09:00:00 x20"), settings={"late_limit": "never"}) as e:
        e.send(*[event(source="s%d" % (i % 120), channel="fax") for i in range(240)])

        def told():  # twice of a source where a minute ended between its two
            return re.findall(r"msg=refused source=(s\d+) .*\bcount=(\d+) ", e.log())
        wait(lambda: sum(int(count) for _, count in told()) == 240, "every refusal to be told", 30)
        assert len({source for source, _ in told()}) == 120


def a_second_signal_ends_at_once():
    with Effortd({"limits.drain": "60s"}) as e:
        e.server.kill()
        e.send(event())
        e.wait_received(1)
        e.p.terminate()
        time.sleep(.5 * SLOW)
        assert e.p.poll() is None, "it waits for Redis"
        t0 = time.monotonic()
        e.p.terminate()
        assert e.p.wait(20 * SLOW) == 0 and time.monotonic() - t0 < 10 * SLOW
        assert "the next start brings to redis" in e.log() and "contacts=1" in e.log()
        e.p = None


def one_state_dir_one_effortd():
    with Effortd() as e:
        p = subprocess.run(e.argv(), capture_output=True, text=True, cwd=ROOT, timeout=30 * SLOW)
        assert p.returncode == 69 and "another effortd" in p.stderr, p
        assert e.status()["state"] == "running", "the first one is not disturbed"


def old_ids_that_cannot_be_removed_are_told():
    with Effortd() as e:
        e.stop()
        in_the_way = e.state + "/bookings/1-1.10"
        os.makedirs(in_the_way)
        e.start()
        wait(lambda: "cannot be removed" in e.log() and "folder=bookings" in e.log(), "what is in the way to be told")
        e.send(event())
        e.wait_counted(1)
        assert e.log().count("cannot be removed") == 1


def pids_of(folder):
    """redis-servers whose working folder lies in folder."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.readlink("/proc/%s/exe" % pid).endswith("redis-check-rdb") or "redis-server" in open("/proc/%s/cmdline" % pid).read():
                if os.readlink("/proc/%s/cwd" % pid).startswith(folder):
                    found.append(int(pid))
        except OSError:
            pass
    return found


def private_redis():
    with Effortd(redis="private") as e:
        e.send(*[event(channel="selfservice") for _ in range(10)])
        e.wait_counted(10)
        assert e.share(label="day:2026-03-10")["all.n"] == "10"
        assert oct(os.stat(os.path.join(e.run, "redis.sock")).st_mode & 0o777) == "0o660"
        dashboard = Redis(os.path.join(e.run, "redis.sock"), "dashboard", "")
        assert dashboard.hgetall("effort:{0751}:share:day:2026-03-10")["all.n"] == "10"
        for command in (("HSET", "effort:{0751}:share:day", "all.n", "0"), ("FLUSHALL",), ("FCALL", "effort_apply", "0"),
                        ("GET", "other"), ("CONFIG", "GET", "*"),
                        ("ACL", "LIST")):
            for reader, word in ((dashboard, "NOPERM"), (Redis(os.path.join(e.run, "redis.sock")), "NOAUTH")):
                try:
                    reader(*command)
                except RuntimeError as refusal:
                    assert word in str(refusal), refusal
                else:
                    raise AssertionError("%s: without %s" % (command[0], word))
        assert len(pids_of(e.folder)) == 1
        e.kill()
        wait(lambda: not pids_of(e.folder), "the private redis-server to end with effortd")
        e.redis_ = None
        e.start()
        wait(lambda: e.share(label="day:2026-03-10").get("all.n") == "10", "the counts to be there again")
        for _ in range(3):  # killed and started at once: never a second server on the same data
            e.kill()
            e.start()
            assert len(pids_of(e.folder)) <= 2
        wait(lambda: len(pids_of(e.folder)) == 1, "one server")
        os.kill(pids_of(e.folder)[0], signal.SIGKILL)
        e.send(event(channel="selfservice"))
        e.redis_ = None
        wait(lambda: e.share(label="day:2026-03-10").get("all.n") == "11", "a killed private server to come back")
        e.stop()
        assert not pids_of(e.folder), "nothing is left running"


def log_lines_for_those_who_tail():
    with Effortd({"log.heartbeat": "1s"}) as e:
        ready = re.search(r"msg=ready (.*)", e.log()).group(1)
        for key in ("version", "areas", "tasks", "plugins", "targets", "redis", "listen", "replayed", "timezone"):
            assert re.search(r"\b%s=" % key, ready), (key, ready)
        e.send(event(), "this is \x1b[31mnot json")
        wait(lambda: re.search(r"msg=alive received=2 accepted=1 duplicate=0 refused=1", e.log()), "the heartbeat")
        alive = re.findall(r"msg=alive (.*)", e.log())[-1]
        for key in "conns redis lag_s share n target move unclassified_pct below silent".split():
            assert re.search(r"\b%s=" % key, alive), (key, alive)
        assert re.search(r"\bshare=- n=- target=- move=- unclassified_pct=0\.00 ", alive), "of today there is nothing yet: " + alive
        assert "\x1b" not in e.log() and "not json" not in e.log()
        assert e.log().isprintable() or all(l.isprintable() for l in e.log().splitlines())
    with Effortd({"log.heartbeat": "1s", "redis.timeout": "60s"}) as e:
        e.send(event(channel="selfservice", time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())))
        wait(lambda: re.search(r"msg=alive .* share=100\.00 n=1 target=80\.00 move=0 ", e.log()), "figures in the heartbeat")
        e.server.p.send_signal(signal.SIGSTOP)
        try:
            wait(lambda: len(re.findall(r"msg=alive .* redis=ready .* share=- n=- target=- move=- unclassified_pct=- below=",
                                        e.log())) >= 3, "heartbeats while Redis hangs")
        finally:
            e.server.p.send_signal(signal.SIGCONT)
        wait(lambda: "share=100.00" in re.findall(r"msg=alive (.*)", e.log())[-1], "figures again")
    with Effortd(start=False) as e:
        config(e, 'log: { format = "json"; };\n')
        with open(e.log_path, "wb") as log:
            e.p = subprocess.Popen(e.argv(), stderr=log, cwd=ROOT)
        e.log_from = 0
        wait(lambda: '"msg":"ready"' in e.log(), "ready as JSON")
        assert all(json.loads(l)["ts"] for l in e.log().splitlines())


if __name__ == "__main__":
    run(faults_are_told_all_at_once, two_areas_on_one_prefix_are_named, reload_is_one_transaction,
        reload_never_moves_what_is_counted, a_storm_of_reloads_loses_nothing,
        a_check_finds_what_a_start_would_stumble_over, a_changed_target_never_reaches_back,
        running_periods_roll_at_local_midnight_without_an_event, areas_below_the_target_are_told_once_they_stay_there,
        live_means_alive_and_fresh,
        a_silent_source_is_named_and_comes_back, who_was_silent_when_a_period_ended_survives_a_lost_redis,
        what_nobody_remembers_of_a_period_stays_as_its_hash_has_it,
        a_silent_source_concerns_its_areas_and_refusals_are_no_sign_of_life,
        what_no_area_takes_is_unclassified, a_correction_of_what_nobody_remembers_is_refused, shutdown_drains_and_flushes,
        an_end_without_redis_does_not_speak_for_it, what_is_lost_of_state_dir_is_told_with_what_to_do,
        an_end_with_questions_unanswered, a_source_is_not_silent_before_it_is_watched,
        a_reload_with_a_log_that_cannot_be_written_is_refused, every_refusal_is_told_however_many,
        a_second_signal_ends_at_once, one_state_dir_one_effortd, old_ids_that_cannot_be_removed_are_told, private_redis, log_lines_for_those_who_tail)
