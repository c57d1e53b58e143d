#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""effortctl compare against a real effortd: the figures of exact ratios, who is left out and why, equal tasks, and small
numbers that are neither shown nor can be computed."""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from harness import BUILD, ROOT, Effortd, event, run, wait

LABEL = "season:2026-autumn"
AT = "2026-09-10T12:00:00+02:00"
A, B = "school-enrolment", "daycare-admission"


def contacts(municipality, self_, others, task=None, kle="23.05.10", assisted=0):
    for channel, count, more in (("selfservice", self_, {}), ("phone", others, {}),
                                 ("selfservice", assisted, {"assisted": True})):
        if count > 0:
            yield event(municipality=municipality, channel=channel, count=count, time=AT, task=task,
                        kle=None if task else kle, **more)


def with_peers(folder):
    path = os.path.join(folder, "municipalities.conf")
    shutil.copy(os.path.join(ROOT, "etc", "municipalities.conf"), path)
    with open(path, "a", encoding="utf-8") as f:
        f.write('peers = ( { id = "near"; da = "Nær"; en = "Near"; municipalities = [ "0101", "0751" ]; } );\n')
    return path


def counted(*sets, **settings):
    e = Effortd(settings=settings)
    events = [ev for s in sets for ev in s]
    e.send(*events)
    e.wait_counted(len(events))
    return e


def compare(e, *args):
    return json.loads(e.ctl("compare", "--json", "--label", LABEL, *args).stdout)


def ready():
    e = Effortd()
    wait(lambda: e.status()["redis"]["state"] == "ready", "Redis to be ready")
    return e


def task_ids(e):
    """Two tasks of one area, as the daemon knows them."""
    names = sorted(json.loads(e.ctl("shares", "dk", "--json").stdout)["task_names"])
    return "school", [n.split("/")[1] for n in names if n.startswith("school/") and n != "school/-"][:2]


def test_rank_quartiles_best_and_own_gap():
    with counted(contacts("0101", 60, 40), contacts("0751", 800, 200, assisted=50), contacts("0461", 90, 10),
                 contacts("0851", 70, 30)) as e:
        doc = compare(e, "--scope", "all", "0751")
        rows = [(m["rank"], m["code"], m["n"], m["share"], m["to_best_pp"]) for m in doc["municipalities"]]
        assert rows == [(1, "0461", 100, "90.00", "0.00"), (2, "0751", 1050, "76.19", "-13.81"),
                        (3, "0851", 100, "70.00", "-20.00"), (4, "0101", 100, "60.00", "-30.00")], rows
        assert (doc["least"], doc["median"], doc["best"], doc["reporting"]) == ("60.00", "73.10", "90.00", 4), doc
        assert (doc["first_quartile"], doc["third_quartile"]) == ("67.50", "79.64"), doc
        assert doc["all"] == {"n": 1350, "share": "75.56"}, doc  # a ratio of sums; the mean of shares is 74.05
        assert doc["own"] == {"code": "0751", "rank": 2, "share": "76.19", "to_best_pp": "-13.81", "to_median_pp": "3.09"}, doc
        assert doc["definition"] == "kl-2014" and doc["label"] == LABEL and doc["left_out"] == [], doc
        doc = compare(e, "--scope", "all", "--measure", "selfservice_incl_assisted")
        assert doc["municipalities"][1]["share"] == "80.95", doc
        text = e.ctl("compare", "--label", LABEL, "--scope", "all", "Aarhus", "--lang", "da").stdout
        assert re.search(r"(?m)^2 +Aarhus \* +1\.050 +76,19 % +-13,81$", text), text
        assert "Aarhus er nummer 2 af 4: -13,81 procentpoint til den bedste, +3,09 til medianen." in " ".join(text.split()), text
        assert "selvbetjeningsgrad" in text and "efterår 2026" in text.lower(), text


def test_peers():
    with tempfile.TemporaryDirectory(prefix="effort-compare-") as folder, \
            counted(contacts("0101", 60, 40), contacts("0751", 80, 20), contacts("0461", 90, 10),
                    municipalities=with_peers(folder)) as e:
        doc = compare(e, "--scope", "all", "--with", "Odense,0851", "0751")
        assert [m["code"] for m in doc["municipalities"]] == ["0461", "0751"], doc
        assert [(x["code"], x["reason"]) for x in doc["left_out"]] == [("0851", "no-data")], doc
        text = e.ctl("compare", "--label", LABEL, "--scope", "all", "--with", "0851", "0751", "--lang", "da").stdout
        assert "1 kommune: laveste 80,00" in " ".join(text.split()), text
        doc = compare(e, "--scope", "all", "--group", "near", "0751")
        assert [m["code"] for m in doc["municipalities"]] == ["0751", "0101"], doc
        p = e.ctl("compare", "--group", "nobody", check=False)
        assert p.returncode == 64 and "no peer group 'nobody'" in p.stderr, p
        for bad, word in ((["--scope", "All!"], "not a scope"), (["--measure", "volume"], "cannot be compared"),
                          (["--suppress", "0"], "no limit"), (["--label", "x", "--window", "day"], "exclude"),
                          (["--window", "yaer"], "year")):
            p = e.ctl("compare", *bad, check=False)
            assert p.returncode == 64 and word in p.stderr, p
        p = e.ctl("compare", "--scope", "nonsense", check=False)
        assert p.returncode == 1 and "no such scope" in p.stderr, p


def test_a_reload_while_redis_is_read():
    with tempfile.TemporaryDirectory(prefix="effort-compare-") as folder, \
            counted(contacts("0101", 30, 70), contacts("0147", 20, 180), contacts("0851", 90, 210),
                    municipalities=with_peers(folder)) as e:
        path = os.path.join(folder, "municipalities.conf")
        for command in (["compare", "--label", LABEL, "--scope", "all"], ["shares", "--label", LABEL]):
            with open(path, encoding="utf-8") as f:
                before = f.read()
            e.redis("CLIENT", "PAUSE", "2000", "ALL")
            p = subprocess.Popen([os.path.join(BUILD, "bin", "effortctl"), "--run-dir", e.run, *command, "--json"],
                                 stdout=subprocess.PIPE, text=True)
            time.sleep(.5)  # it waits for Redis now
            with open(path, "w", encoding="utf-8") as f:
                f.write(re.sub(r'(?m)^.*code = "0101".*$', "", before).replace('"0101", ', ""))
            e.p.send_signal(signal.SIGHUP)
            wait(lambda: "msg=reloaded" in e.log(), "the reload")
            rows = json.loads(p.communicate()[0])["municipalities"]
            found = sorted((m["code"], m["name"], m["n"] if "n" in m else int(m["share"]["all.n"])) for m in rows if m["code"] != "dk")
            assert found == [("0147", "Frederiksberg", 200), ("0851", "Aalborg", 300)], found
            with open(path, "w", encoding="utf-8") as f:
                f.write(before)
            e.log_from = os.path.getsize(e.log_path)
            e.p.send_signal(signal.SIGHUP)
            wait(lambda: "msg=reloaded" in e.log(), "the reload back")
            e.log_from = os.path.getsize(e.log_path)


def test_who_counts_otherwise_is_named_and_left_out():
    with counted(contacts("0101", 60, 40), contacts("0751", 80, 20), contacts("0461", 90, 10), contacts("0851", 70, 30),
                 contacts("0561", 10, 0, kle="99.99.99"), contacts("0607", 5, 5)) as e:
        e.send(event(municipality="0665", kind="information", time=AT))
        e.wait_received(12)
        e.wait_settled()
        for code, fields in (("0101", ("definition", "local-2026")), ("0461", ("incomplete", "1", "missing", "phones,post")),
                             ("0851", ("break", "2026-10-01")), ("0607", ("period", "2026-spring"))):
            e.redis("HSET", "effort:{%s}:share:%s" % (code, LABEL), *fields)
        doc = compare(e, "--scope", "all", "0751")
        assert [m["code"] for m in doc["municipalities"]] == ["0561", "0751"], doc
        told = {x["code"]: (x["reason"], x["detail"]) for x in doc["left_out"]}
        assert told == {"0101": ("definition", "local-2026"), "0461": ("incomplete", "phones,post"), "0851": ("break", "2026-10-01"),
                        "0607": ("period", "2026-spring"), "0665": ("no-contacts", "")}, told
        text = e.ctl("compare", "--label", LABEL, "--scope", "all", "--lang", "da").stdout
        assert "Odense: ufuldstændig: intet fra phones,post" in text and "København: opgjort efter en anden definition (local-2026)" in text, text


def test_equal_tasks():
    with ready() as e:
        area, (one, two) = task_ids(e)
        e.send(*contacts("0101", 60, 40, task=one), *contacts("0751", 50, 50, task=one), *contacts("0751", 900, 0, task=two))
        e.wait_counted(5)
        doc = compare(e, "--scope", area)
        assert [(m["code"], m["n"]) for m in doc["municipalities"]] == [("0751", 1000), ("0101", 100)], doc
        doc = compare(e, "--scope", area, "--equal-tasks")
        assert [(m["code"], m["n"], m["share"]) for m in doc["municipalities"]] == [("0101", 100, "60.00"), ("0751", 100, "50.00")]
        assert doc["tasks"] == ["%s/%s" % (area, one)] and "%s/%s" % (area, two) in doc["other_tasks"], doc
        doc = compare(e, "--scope", "%s/%s" % (area, two))
        assert [m["code"] for m in doc["municipalities"]] == ["0751"], doc


def test_case_20_tasks_with_intended_attendance_stand_under_no_target():
    """They are not in the default scope, group:target, however many they are."""
    with ready() as e:
        with_target = json.loads(e.ctl("compare", "--json").stdout)
        assert with_target["scope"] == "group:target" and with_target["municipalities"] == [], with_target
        e.send(*contacts("0751", 50, 50, kle="99.99.99"), *contacts("0101", 90, 10))
        e.wait_counted(4)
        doc = compare(e)
        assert [m["code"] for m in doc["municipalities"]] == ["0101"], doc
        assert [(x["code"], x["reason"]) for x in doc["left_out"]] == [("0751", "no-contacts")], doc


def test_small_numbers_are_not_shown():
    with counted(contacts("0101", 3, 1), contacts("0751", 80, 20), contacts("0461", 90, 10), contacts("0851", 37, 3)) as e:
        doc = compare(e, "--scope", "all", "0751")
        assert [(m["code"], m["n"]) for m in doc["municipalities"]] == [("0461", 100), ("0751", 100)], doc
        assert {(x["code"], x["reason"]) for x in doc["left_out"]} == {("0101", "too-small"), ("0851", "too-small")}, doc
        assert doc["all"] == {"n": 200, "share": "85.00"}, doc  # of those shown: the others' numbers are in nothing told
        text = e.ctl("compare", "--label", LABEL, "--scope", "all").stdout
        assert "København: not shown: one of its numbers is from 1 to below 5" in text and "244" not in text, text
        assert "Those shown together 85.00% of 200" in " ".join(text.split()), text
        open_ = compare(e, "--scope", "all", "--suppress", "1")
        assert open_["all"]["n"] == 244 and open_["municipalities"][0]["code"] == "0851", open_
        e.send(*contacts("0101", 1, 1), *contacts("0851", 0, 1))  # still small: the attacker sees no difference
        e.wait_counted(8 + 3)
        assert compare(e, "--scope", "all", "0751") == doc


run(*[test for name, test in sorted(globals().items()) if name.startswith("test_")])
