#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Named counting periods: sums of days, also when configured afterwards; restated by late contacts; what is no longer kept is
said. Real effortd, real Redis, a faked clock."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import ROOT, Effortd, event, run, wait  # noqa: E402
from test_life import faketime  # noqa: E402

# What depends on the moment or the name and not on what was counted.
HEAD = {"as_of", "lag_s", "period", "from", "to", "restated_at", "title", "definition", "target_id", "schema", "rebuilding",
        "incomplete", "missing", "reason"}


def contact(n, channel, day, task="school-enrolment", **more):
    zone = "+02:00" if "03-29" <= day[5:] < "10-26" else "+01:00"
    return event(**dict({"time": day + "T12:00:00" + zone, "kle": None, "task": task, "channel": channel, "count": n}, **more))


def configure(e, *periods):
    """periods: id, from, to, title."""
    with open(os.path.join(ROOT, "etc", "minimal.conf")) as f:
        text = f.read()
    rows = ["{ id = \"%s\"; from = \"%s\"; to = \"%s\"; title = \"%s\"; }" % p for p in periods]
    e.config = os.path.join(e.folder, "effortd.conf")
    for name in ("municipalities", "tasks", "targets", "efforts"):
        e.settings[name] = os.path.join(ROOT, "etc", name + ".conf")
    with open(e.config, "w") as f:
        f.write(text + "\nperiods = ( %s );\n" % ",\n".join(rows))


def daemon(*periods, when="@2026-11-22 12:00:00", **settings):
    e = Effortd(start=False, env=faketime(when), settings=dict({"follow_interval": "200ms"}, **settings))
    configure(e, *periods)
    return e


def hash_of(e, id, kind="share", municipality="0751"):
    return e.redis.hgetall("effort:{%s}:%s:period:%s" % (municipality, kind, id))


def seen(e, id, municipality="0751", **want):
    """The share hash once its fields are as wanted; dots are written _."""
    def is_there():
        got = hash_of(e, id, municipality=municipality)
        return got and all(got.get(k.replace("_", ".", 1) if k.startswith("all_") else k) == v for k, v in want.items())
    try:
        wait(is_there, "%s %s" % (id, want))
    except AssertionError as fault:
        raise AssertionError("%s\nit holds %s" % (fault, hash_of(e, id, municipality=municipality)))
    return hash_of(e, id, municipality=municipality)


def numbers(h):
    return {k: v for k, v in h.items() if k not in HEAD and not k.startswith("_")}


def three_weeks_are_the_sum_of_their_days():
    with daemon(("2026-efteraar", "2026-10-05", "2026-10-25", "Efterår 2026")) as e:
        e.start()
        e.send(contact(50, "selfservice", "2026-10-05"), contact(10, "selfservice", "2026-10-14", assisted="counter"),
               contact(40, "phone", "2026-10-25"), contact(7, "phone", "2026-10-20", kind="information"),
               contact(3, "letter", "2026-10-12", task="daycare-admission"),
               contact(900, "selfservice", "2026-10-04"), contact(900, "selfservice", "2026-10-26"),
               contact(5, "selfservice", "2026-10-07", municipality="0101"))
        got = seen(e, "2026-efteraar", all_n="103")
        want = {"all.contacts": "110", "all.information": "7", "all.self": "50", "all.assisted": "10", "all.ch.phone": "40",
                "all.share": "48.54", "all.share_incl_assisted": "58.25", "school.n": "100", "daycare.n": "3",
                "school.share": "50.00", "school.target": "80.00", "school.gap_pp": "-30.00", "school.move": "30",
                "school.met": "0", "period": "period:2026-efteraar", "title": "Efterår 2026", "incomplete": "0",
                "definition": "kl-2014", "target_id": "kl-80", "schema": "1", "rebuilding": "0",
                "from": "1791151200000", "to": "1792969200000"}  # 5 October 00:00 +02:00, 26 October 00:00 +01:00
        assert {k: got.get(k) for k in want} == want, got
        assert "restated_at" not in got and "reason" not in got, got
        tasks = hash_of(e, "2026-efteraar", "tasks")
        assert tasks["school/school-enrolment.n"] == "100" and tasks["daycare/daycare-admission.move"] == "3", tasks
        assert not [k for k in tasks if ".ch." in k or k.startswith("all")], tasks
        assert seen(e, "2026-efteraar", "dk", all_n="108")["all.self"] == "55"
        # a late one counts where it happened, and is told
        e.send(contact(2, "phone", "2026-10-25"))
        got = seen(e, "2026-efteraar", all_n="105")
        assert got["restated_at"] == got["as_of"] and hash_of(e, "2026-efteraar", "tasks")["restated_at"] == got["as_of"]
        # one of another week of the month is none of it
        e.send(contact(1, "phone", "2026-10-26"))
        wait(lambda: e.share(label="month:2026-10")["all.n"] == "1906", "the month")
        wait(lambda: hash_of(e, "2026-efteraar")["_seen"] != got["_seen"], "another look")
        after = hash_of(e, "2026-efteraar")
        assert numbers(after) == numbers(got) and after["restated_at"] == got["restated_at"], after


def a_period_over_a_month_has_the_numbers_of_the_month():
    with daemon(("october", "2026-10-01", "2026-10-31", "October"), ("autumn", "2026-07-01", "2026-12-31", "Autumn"),
                ("long", "2024-01-01", "2026-12-31", "Three years")) as e:
        e.start()
        events = [contact(1 + i % 7, channel, "2026-10-%02d" % (1 + i % 31), task=task, exempt=i % 5 == 0, kind=kind)
                  for i, (channel, task, kind) in enumerate(
                      (c, t, k) for c in ("selfservice", "digitalpost", "phone", "counter", "letter", "web")
                      for t in ("school-enrolment", "moving", "daycare-admission", "eu-health-card")
                      for k in ("transaction", "information", "unknown"))]
        e.send(*events)
        e.wait_counted(len(events))
        month = e.share(label="month:2026-10")
        for id, label in (("october", "month:2026-10"), ("autumn", "season:2026-autumn")):
            seen(e, id, all_contacts=month["all.contacts"])
            assert numbers(hash_of(e, id)) == numbers(e.share(label=label)), id
            tasks = e.redis.hgetall("effort:{0751}:tasks:" + label)
            assert numbers(hash_of(e, id, "tasks")) == numbers(tasks), id
        assert seen(e, "long", all_contacts=month["all.contacts"])["all.n"] == month["all.n"]
        areas = {k.split(".")[0] for k in month if k.endswith(".contacts") and ":" not in k} - {"all"}
        got = hash_of(e, "october")
        assert sum(int(got[a + ".n"]) for a in areas) == int(got["all.n"])


def configured_afterwards_changed_and_taken_out():
    with daemon(probe_interval="200ms") as e:
        e.start()
        e.send(contact(60, "selfservice", "2026-04-20"), contact(40, "phone", "2026-04-30"),
               contact(8, "phone", "2026-11-22"))
        e.wait_counted(3)
        configure(e, ("spring", "2026-04-13", "2026-05-03", "Spring"), ("now", "2026-11-16", "2026-12-06", "Now"),
                  ("later", "2027-01-04", "2027-01-24", "Later"))
        e.ctl("reload")
        assert seen(e, "spring", all_n="100")["all.share"] == "60.00"
        got = seen(e, "now", all_n="8")
        assert hash_of(e, "later") == {} and "restated_at" not in got
        e.send(contact(2, "selfservice", "2026-11-22"))
        assert "restated_at" not in seen(e, "now", all_n="10", all_share="20.00")  # it runs
        # what Redis loses comes back
        e.redis("FLUSHALL")
        e.send(contact(1, "phone", "2026-11-22"))  # finds it out
        seen(e, "now", all_n="11")
        assert seen(e, "spring", all_n="100")["school.self"] == "60"
        # other days under the same name; a month with data but none in the period
        configure(e, ("spring", "2026-04-13", "2026-04-26", "Spring"), ("empty", "2026-04-01", "2026-04-07", "Empty"))
        e.ctl("reload")
        assert "restated_at" not in seen(e, "spring", all_n="60", all_share="100.00")
        got = seen(e, "empty", title="Empty")
        assert numbers(got) == {}, got
        wait(lambda: hash_of(e, "now") == {} and hash_of(e, "now", "tasks") == {}, "the one taken out to go")
        # a fault leaves what is in force
        configure(e, ("spring", "2026-04-26", "2026-04-13", "Spring"))
        p = e.ctl("reload", check=False)
        assert p.returncode != 0 and "ends before it begins" in p.stdout + p.stderr, p
        assert seen(e, "spring", all_n="60")


def days_that_are_gone_are_said_and_not_zero():
    old, kept = ("old", "2026-08-03", "2026-08-23", "Old"), ("kept", "2026-08-01", "2026-08-31", "Whole months are kept")
    with daemon(("made", "2026-08-03", "2026-08-23", "Made in time"), **{"retention.day": "400d"}) as e:
        e.start()
        e.send(contact(60, "selfservice", "2026-08-04"), contact(40, "phone", "2026-08-20"))
        before = seen(e, "made", all_n="100")
        e.settings["retention.day"] = "60d"
        configure(e, ("made", "2026-08-03", "2026-08-23", "Made in time"), old, kept)
        e.remembered()
        e.stop()
        e.start()
        got = seen(e, "old", reason="days_gone")
        assert numbers(got) == {} and numbers(hash_of(e, "old", "tasks")) == {}, got
        assert seen(e, "kept", all_n="100")["all.share"] == "60.00"
        assert numbers(hash_of(e, "made")) == numbers(before)
        said = " ".join(e.ctl("shares", "0751", "--label", "period:old", "--lang", "en").stdout.split())
        assert "the numbers are not known" in said and "no applications" not in said, said


def effortctl_shows_and_compares_them():
    periods = [("2011-e", "2011-10-24", "2011-11-13", "Uge 43-45 2011"), ("2012-f", "2012-04-23", "2012-05-13", "Forår 2012"),
               ("2012-e", "2012-10-22", "2012-11-11", "Uge 43-45 2012"), ("2026-e", "2026-11-16", "2026-12-06", "Efterår 2026"),
               ("2025-e", "2025-11-17", "2025-12-07", "Efterår 2025"),
               ("long-" * 9 + "id", "2012-04-23", "2012-04-29", "Uge 17 2012")]
    with daemon(*periods, **{"retention.day": "never"}) as e:
        e.start()
        for day, share in (("2011-10-27", 47), ("2012-04-26", 46), ("2012-10-25", 56)):
            e.send(contact(share, "selfservice", day), contact(100 - share, "phone", day))
        e.send(contact(30, "selfservice", "2025-11-20"), contact(70, "phone", "2025-11-20"),
               contact(900, "selfservice", "2025-11-24"), contact(1, "selfservice", "2026-11-20"), contact(1, "phone", "2026-11-21"))
        seen(e, "2012-e", all_n="100")
        doc = json.loads(e.ctl("shares", "0751", "--label", "period:2012-e", "--compare", "--json").stdout)
        assert (doc["title"], doc["first"], doc["last"], doc["window"]) == ("Uge 43-45 2012", "2012-10-22", "2012-11-11", "period")
        got = doc["compare"]
        assert (got["previous"]["label"], got["previous"]["change"]["all"]["share"]) == ("period:2012-f", "10.00"), got
        assert (got["year_earlier"]["label"], got["year_earlier"]["change"]["all"]["share"]) == ("period:2011-e", "9.00"), got
        said = " ".join(e.ctl("shares", "0751", "--label", "period:2012-e", "--compare", "--lang", "da").stdout.split())
        assert "Aarhus, Uge 43-45 2012 (mandag 22. oktober 2012 - søndag 11. november 2012)" in said, said
        assert "Før: Forår 2012 Året før: Uge 43-45 2011" in said and "+10,00" in said and "+9,00" in said, said
        # one that runs: seven days of the one a year before, not its second week
        seen(e, "2026-e", all_n="2")
        got = json.loads(e.ctl("shares", "0751", "--label", "period:2026-e", "--compare", "--json").stdout)["compare"]
        assert got["year_earlier"]["is_part"] and got["year_earlier"]["last"] == "2025-11-23", got
        assert got["year_earlier"]["change"]["all"]["share"] == "20.00", got
        said = " ".join(e.ctl("shares", "0751", "--label", "period:2026-e", "--lang", "en").stdout.split())
        assert "6 December 2026) up to " in said and "Efterår 2025 as a whole." in said, said
        assert " as a whole" not in e.ctl("shares", "0751", "--label", "period:2012-e", "--lang", "en").stdout
        got = json.loads(e.ctl("shares", "0751", "--label", "period:2011-e", "--compare", "--json").stdout)["compare"]
        assert got["previous"] == got["year_earlier"] == {"reason": "no_such_period"}, got
        assert "Uge 43-45 2012" in e.ctl("shares", "--label", "period:2012-e").stdout
        for command in ("export", "compare"):
            said = " ".join(e.ctl(command, "0751", "--label", "period:2012-e", "--lang", "da").stdout.split())
            assert "Uge 43-45 2012" in said and "2012-e" not in said, (command, said)
        said = e.ctl("export", "0751", "--label", "period:2012-e", "--format", "html", "--lang", "da").stdout
        assert "Uge 43-45 2012" in said.split("</h1>")[0].split("<h1>")[1], said
        long = "period:" + "long-" * 9 + "id"
        said = " ".join(e.ctl("export", "0751", "--label", long, "--lang", "da").stdout.split())
        assert "Uge 17 2012" in said and "46" in said, said
        rows = e.ctl("export", "0751", "--label", "period:2012-e", "--format", "csv", "--lang", "en").stdout.splitlines()[1:]
        assert {row.split(",")[2] for row in rows} == {"period:2012-e 2012-10-22/2012-11-11"}, rows[:3]
        said = " ".join(e.ctl("measures", "0751", "--label", "period:2012-e", "--lang", "da").stdout.split())
        assert "Aarhus, Uge 43-45 2012 (mandag 22. oktober 2012 - søndag 11. november 2012): 100 henvendelser" in said, said
        month = json.loads(e.ctl("measures", "0751", "--label", "month:2012-10", "--json").stdout)["measures"]
        doc = json.loads(e.ctl("measures", "0751", "--label", "period:2012-e", "--json").stdout)
        assert doc["measures"] == month and (doc["title"], doc["last"]) == ("Uge 43-45 2012", "2012-11-11"), doc
        for command, label, words in (("measures", "period:" + "x" * 60, "period:ID"), ("shares", "day:_", "period:ID"), ("export", "x", "period:ID"), ("compare", "x", "period:ID")):
            p = e.ctl(command, "0751", "--label", label, "--lang", "en", check=False)
            assert p.returncode == 64 and words in " ".join(p.stderr.split()), (command, p)
        for command in ("shares", "measures"):
            p = e.ctl(command, "0751", "--label", "period:2013-e", "--lang", "da", check=False)
            assert p.returncode == 1 and "De opsatte: 2011-e, 2012-f" in " ".join(p.stderr.split()), p
        p = e.ctl("measures", "0751", "--label", "period:2012-e", "--by", "unit", check=False)
        assert p.returncode == 64 and "by month" in p.stderr, p


if __name__ == "__main__":
    run(three_weeks_are_the_sum_of_their_days, a_period_over_a_month_has_the_numbers_of_the_month,
        configured_afterwards_changed_and_taken_out, days_that_are_gone_are_said_and_not_zero,
        effortctl_shows_and_compares_them)
