#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""effortctl journal, redis and status beside a real effortd with a real Redis: the files it writes are read as it wrote
them, also after it was killed, and what Redis lost or somebody changed there is found and put right."""

import glob
import json
import os
import signal

from harness import Effortd, event, run, wait

SCOPE = "effort:{0751}:share:day:2026-03-10"


def journal(daemon, *args, check=True):
    return daemon.ctl("journal", *args, "--state-dir", daemon.state, check=check)


def effects(daemon):
    lines = [json.loads(line) for line in journal(daemon, "dump").stdout.splitlines()]
    return [line for line in lines if line["record"] == "effect"]


def test_journal_beside_the_daemon():
    with Effortd() as daemon:
        sent = [event(channel="selfservice", unit="Borgerservice"), event(count=3), event(municipality="0101")]
        daemon.send(*sent)
        daemon.wait_counted(3)
        info = json.loads(daemon.ctl("journal", "info", "--json").stdout)  # asks the daemon where
        assert (info["is_running"], info["state_dir"], info["damages"]) == (True, daemon.state, 0), info
        assert sum(s["effects"] for s in info["segments"]) == 3, info
        found = effects(daemon)
        assert sorted((e["municipality"], e["channel"], e["count"]) for e in found) == [
            ("0101", "phone", 1), ("0751", "phone", 3), ("0751", "selfservice", 1)], found
        assert {e["day"] for e in found} == {"2026-03-10"} and {e["names"]["source"] for e in found} == {"test"}, found
        assert "Borgerservice" in {e["names"].get("unit") for e in found}, found
        text = journal(daemon, "dump").stdout
        assert not any(e["id"] in text for e in sent)
        assert "everything is whole" in " ".join(journal(daemon, "verify", "--lang", "en").stdout.split())
        p = journal(daemon, "repair", "--write", "--lang", "en", check=False)
        assert p.returncode == 69 and "Stop effortd first" in p.stderr, p


def test_journal_after_a_kill_and_after_an_end():
    with Effortd() as daemon:
        daemon.send(*[event() for _ in range(500)])
        daemon.wait_counted(500)
        daemon.kill()
        assert len(effects(daemon)) == 500
        p = journal(daemon, "verify", "--json", check=False)
        kinds = {f["kind"] for f in json.loads(p.stdout)["findings"]}
        assert kinds <= {"torn_tail", "unfinished"}, p.stdout
        daemon.start()
        daemon.send(*[event() for _ in range(10)])
        daemon.wait_counted(10)
        daemon.stop()
        info = json.loads(journal(daemon, "verify", "--json").stdout)
        assert info["ok"] and not info["is_running"], info


def test_a_flipped_byte_is_told():
    with Effortd() as daemon:
        for _ in range(20):
            daemon.send(event())
        daemon.wait_counted(20)
        daemon.kill()
        folder = os.path.join(daemon.state, "journal")
        path = os.path.join(folder, sorted(n for n in os.listdir(folder) if n.endswith(".wal"))[0])
        at = json.loads(journal(daemon, "info", "--json").stdout)["segments"][0]
        assert at["effects"] > 5, at
        with open(path, "r+b") as f:
            f.seek(400)
            byte = f.read(1)
            f.seek(400)
            f.write(bytes([byte[0] ^ 1]))
        p = journal(daemon, "verify", "--lang", "da", check=False)
        assert p.returncode == 1 and "et beskadiget sted" in " ".join(p.stdout.split()) and path in p.stdout, p
        assert 0 < len(effects(daemon)) <= 20  # a block of a mark alone holds no event
        daemon.start()  # and effortd starts all the same, and says so
        wait(lambda: daemon.status()["journal"]["damages"] > 0, "the damage in status")
        assert "effortctl journal verify" in " ".join(daemon.ctl("status", "--lang", "en").stdout.split())


def test_status_shows_the_journal():
    with Effortd() as daemon:
        daemon.send(event(), event(), "{not json")
        daemon.wait_counted(3)
        wait(lambda: daemon.status()["deadletters"].get("lines") == 1, "the refused line to be written")
        with daemon.connect() as s:
            s.sendall(b'{"hello":1,"acks":true}\n')
            assert s.recv(100).startswith(b'{"ok":1')
            assert daemon.status()["acks"] == {"connections": 1, "unsettled": 0}
            out = " ".join(daemon.ctl("status", "--lang", "en").stdout.split())
        for words in ("acks 1 connection", "journal fine,", "known ids 2 ids in memory", "dead letters 1 line kept in", "; 1 written since"):
            assert words in out, out
        assert "paused" not in out, out
        out = " ".join(daemon.ctl("status", "--lang", "da").stdout.split())
        for words in ("journal i orden,", "kendte id'er 2 id'er i hukommelsen", "afviste 1 linje gemt i"):
            assert words in out, out


def test_redis_check():
    with Effortd() as daemon:
        daemon.send(event())
        daemon.wait_counted(1)
        p = daemon.ctl("redis", "check", "--json", check=False)
        doc = json.loads(p.stdout)
        assert (doc["state"], doc["lag_s"], p.returncode) == ("ready", 0, 1 if doc["advice"] else 0), p
        assert doc["periods"] > 0 and doc["position"] > 0, doc
        wait(lambda: daemon.ctl("redis", "check", check=False).returncode == 1, "advice about a Redis without a disk")
        p = daemon.ctl("redis", "check", "--lang", "da", check=False)
        assert "råd Redis gemmer intet på disken" in " ".join(p.stdout.split()) and "Redis keeps" not in p.stdout, p
        daemon.server.kill()
        wait(lambda: daemon.ctl("redis", "check", check=False).returncode == 2, "redis check to be critical")
        assert "CRITICAL: Redis is away" in daemon.ctl("redis", "check", "--lang", "en", check=False).stdout


def test_a_redis_that_hangs():
    with Effortd({"redis.timeout": "500ms"}) as daemon:
        daemon.server.p.send_signal(signal.SIGSTOP)
        try:
            for command in ("status",), ("redis", "check"):
                wait(lambda: "does not answer" in " ".join(daemon.ctl(*command, "--lang", "en", check=False).stdout.split()),
                     "effortctl %s to say what Redis does" % " ".join(command))
        finally:
            daemon.server.p.send_signal(signal.SIGCONT)
        wait(lambda: daemon.status()["redis"]["state"] == "ready", "Redis to be ready again")


def test_redis_audit_finds_what_is_lost():
    with Effortd(settings={"probe_interval": "1h"}) as daemon:
        daemon.send(*[event(channel="selfservice") for _ in range(5)])
        daemon.wait_counted(5)
        before = daemon.redis.hgetall(SCOPE)
        out = daemon.ctl("redis", "audit", "--lang", "en").stdout
        assert "nothing missing" in " ".join(out.split()), out
        daemon.redis("DEL", SCOPE)
        doc = json.loads(daemon.ctl("redis", "audit", "--json").stdout)
        assert doc["ok"] and doc["gaps"] >= 1 and doc["repairing"] == 0, doc
        after = daemon.redis.hgetall(SCOPE)
        assert after["all.n"] == before["all.n"] == "5", after


def test_redis_rebuild_puts_right_what_somebody_changed():
    with Effortd(settings={"probe_interval": "1h"}) as daemon:
        daemon.send(*[event(channel="selfservice") for _ in range(5)], event(municipality="0101"))
        daemon.wait_counted(6)
        daemon.redis("HSET", SCOPE, "all.n", "4711")
        p = daemon.ctl("redis", "rebuild", "--municipality", "0751", "--period", "day:2026-03-10", "--json")
        assert json.loads(p.stdout)["periods"] >= 1, p
        assert daemon.share(label="day:2026-03-10")["all.n"] == "5"
        assert daemon.ctl("redis", "rebuild", "--municipality", "0999", check=False).returncode == 1
        daemon.ctl("redis", "rebuild", "--all", "--yes")
        assert daemon.share(label="day:2026-03-10")["all.n"] == "5"
        assert daemon.share("0101", label="day:2026-03-10")["all.n"] == "1"


def test_redis_rebuild_of_totals_that_are_lost():
    with Effortd(settings={"probe_interval": "1h"}) as daemon:
        daemon.send(*[event(channel="selfservice") for _ in range(5)])
        daemon.wait_counted(5)
        daemon.stop()
        daemon.start()  # folds what the run before has left
        wait(lambda: glob.glob(daemon.state + "/totals/*/2026-03-10"), "totals")
        daemon.stop()
        path, = glob.glob(daemon.state + "/totals/*/2026-03-10")
        with open(path, "rb") as f:
            whole = f.read()
        with open(path, "wb") as f:
            f.write(whole[:-1] + bytes([whole[-1] ^ 1]))
        daemon.start()
        wait(lambda: daemon.status()["redis"]["state"] == "ready", "Redis")
        p = daemon.ctl("redis", "rebuild", "--period", "year:2026", "--json", check=False)
        assert p.returncode == 1 and json.loads(p.stdout)["unwhole"] >= 1, p
        daemon.stop()
        daemon.ctl("journal", "repair", "--write", "--state-dir", daemon.state, check=False)
        assert glob.glob(path + ".damaged*"), os.listdir(os.path.dirname(path))
        p = daemon.ctl("journal", "verify", "--json", "--state-dir", daemon.state, check=False)
        assert p.returncode == 1 and "lost_totals" in [f["kind"] for f in json.loads(p.stdout)["findings"]], p
        daemon.start()
        wait(lambda: daemon.status()["redis"]["state"] == "ready", "Redis")
        p = daemon.ctl("redis", "check", check=False)
        assert p.returncode == 1 and "1 file of totals set aside" in " ".join(p.stdout.split()), p
        assert daemon.ctl("redis", "rebuild", "--period", "day:2026-03-10", check=False).returncode == 1
        assert daemon.share(label="day:2026-03-10")["all.n"] == "5", "what Redis holds stands"
        daemon.stop()
        for aside in glob.glob(path + ".damaged*"):
            os.remove(aside)
        with open(path, "wb") as f:
            f.write(whole)
        daemon.start()
        wait(lambda: daemon.status()["redis"]["state"] == "ready", "Redis")
        assert "set aside" not in daemon.ctl("redis", "check", check=False).stdout
        daemon.ctl("redis", "rebuild", "--period", "day:2026-03-10")
        assert daemon.share(label="day:2026-03-10")["all.n"] == "5"
        daemon.ctl("journal", "verify", "--state-dir", daemon.state)


if __name__ == "__main__":
    run(test_journal_beside_the_daemon, test_journal_after_a_kill_and_after_an_end, test_a_flipped_byte_is_told,
        test_status_shows_the_journal, test_redis_check, test_a_redis_that_hangs,
        test_redis_audit_finds_what_is_lost, test_redis_rebuild_puts_right_what_somebody_changed,
        test_redis_rebuild_of_totals_that_are_lost)
