#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Targets and measures as dashboards read them: real effortd, real Redis, a day of 2026 by a faked clock where the day
matters. Events carry an area's task, so every number here can be added up by hand."""
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import ROOT, Effortd, event, run, wait  # noqa: E402
from test_life import faketime  # noqa: E402

NOON = "2026-11-21T12:00:00+01:00"


def targets_file(e, text):
    path = os.path.join(e.folder, "targets.conf")
    with open(path, "w") as f:
        f.write(text)
    e.settings["targets"] = path


MAIN = """{ id = "kl-80"; measure = "selfservice"; scope = "group:target"; value = %s; comparator = ">=";
  from = "2012-12-01"; due = "2015-12-31"; }"""


def target(**fields):
    def text(value):
        return '"%s"' % value if isinstance(value, str) and not value.startswith("(") else str(value)
    return "{ %s }" % " ".join("%s = %s;" % (k, text(v)) for k, v in fields.items())


def config(*targets, main="80.0"):
    return "targets = (\n%s\n);\n" % ",\n".join([MAIN % main, *targets])


def daemon(*targets, when="@2026-11-21 12:00:00", **settings):
    e = Effortd(start=False, env=faketime(when), settings=dict({"follow_interval": "200ms"}, **settings))
    targets_file(e, config(*targets))
    return e


def contact(n, channel, task="school-enrolment", **more):
    return event(**dict({"time": NOON, "kle": None, "task": task, "channel": channel, "count": n}, **more))


def seen(e, id, municipality="0751", **want):
    """The hash of a target once its fields are as wanted; None: absent."""
    key = "effort:{%s}:target:%s" % (municipality, id)

    def is_there():
        got = e.redis.hgetall(key)
        return got and all(got.get(k) == v for k, v in want.items())
    try:
        wait(is_there, "%s %s" % (key, want))
    except AssertionError as fault:
        raise AssertionError("%s\nit holds %s" % (fault, e.redis.hgetall(key)))
    return e.redis.hgetall(key)


def the_main_target_in_contacts():
    with daemon() as e:
        e.start()
        e.send(contact(6800, "selfservice"), contact(2000, "phone"), contact(1100, "counter"),
               contact(100, "letter", exempt=True), contact(500, "phone", kind="information"),
               contact(300, "counter", task="school-transport"))
        got = seen(e, "kl-80", n="10000", actual="68.00")
        want = {"value": "80.00", "gap_pp": "-12.00", "move": "1200", "add": "6000", "movable": "3100", "met": "0",
                "verdict": "missed", "part": "6800", "period": "year:2026", "due": "2015-12-31", "from": "2012-12-01",
                "definition": "kl-2014", "schema": "1", "comparator": ">=", "incomplete": "0"}
        assert {k: got.get(k) for k in want} == want, got
        assert "reason" not in got and "break" not in got, got
        share = e.share(window="year")
        assert share["group:target.share"] == got["actual"] and share["all.move"] == got["move"], share
        assert seen(e, "kl-80", "dk", n="10000")["actual"] == "68.00"
        assert not e.redis("EXISTS", "effort:{0101}:target:kl-80")
        e.send(contact(1200, "selfservice"), contact(1, "phone"))
        got = seen(e, "kl-80", n="11201")
        # 8,000 of 11,201 is 71.42; exactly 80 needs 961 more to move
        assert (got["actual"], got["move"], got["met"]) == ("71.42", "961", "0"), got


def three_targets_of_80_percent_are_three_numbers():
    with Effortd(start=False, env=faketime("@2026-11-21 12:00:00"), settings={"follow_interval": "200ms"}) as e:
        e.settings["targets"] = os.path.join(ROOT, "etc", "targets.conf")
        e.start()
        e.send(contact(60, "selfservice"), contact(20, "digitalpost"), contact(20, "phone"),
               contact(100, "phone", kind="information"))
        assert seen(e, "kl-80", n="100")["actual"] == "60.00"
        assert seen(e, "kl-80-contacts", n="200")["actual"] == "30.00"
        got = seen(e, "agreement-80-digital", n="100")
        assert (got["actual"], got["met"], got["verdict"]) == ("80.00", "1", "met"), got
        for id in ("agreement-transactions-80", "agreement-information-50"):
            got = seen(e, id, reason="no_baseline", verdict="too_early")
            assert "actual" not in got and "met" not in got and "gap_pp" not in got, got


def every_kind_of_target():
    with daemon(
            target(id="of-contacts", measure="selfservice_of_contacts", scope="school", value=50.0, comparator=">=",
                   **{"from": "2026-01-01"}),
            target(id="desk", measure="in_person", scope="school", value=10.0, comparator="<=", **{"from": "2026-01-01"}),
            target(id="calls", measure="volume", scope="school", channel="phone", value=50, comparator="<=",
                   window="day", **{"from": "2026-01-01"}),
            target(id="mailbox", measure="outgoing_digital", scope="all", value=88.0, comparator=">=", **{"from": "2026-01-01"}),
            target(id="first", measure="first_contact_resolution", scope="school", channel="phone", value=75.0,
                   comparator=">=", **{"from": "2026-01-01"}),
            target(id="aarhus", municipality="0751", measure="digital", scope="all", value=90.0, comparator=">=",
                   due="2027-12-31", **{"from": "2026-01-01"}),
            target(id="later", measure="digital", scope="all", value=90.0, comparator=">=", **{"from": "2026-12-01"}),
            target(id="few", measure="selfservice", scope="daycare", value=80.0, comparator=">=", **{"from": "2026-01-01"}),
            target(id="nothing", measure="selfservice", scope="eldercare", value=80.0, comparator=">=",
                   **{"from": "2026-01-01"})) as e:
        e.start()
        out = dict(direction="out", channel="letter", kind=None)
        e.send(contact(60, "selfservice"), contact(10, "selfservice", assisted="counter"), contact(15, "counter"),
               contact(10, "phone"), contact(5, "phone", outcome="forwarded"), contact(30, "phone", kind="case"),
               contact(6, "phone", outcome="misdirected"), contact(7, "phone", municipality="0101"),
               contact(5, "selfservice", task="daycare-admission"),
               contact(88, **dict(out, form="digital")), contact(9, **dict(out, form="remoteprint")),
               contact(3, **dict(out, form="physical", reason="no-mailbox")), contact(40, **dict(out, channel="phone")))
        got = seen(e, "of-contacts", n="136")
        assert (got["actual"], got["part"]) == ("44.12", "60"), got
        got = seen(e, "desk", n="100")
        assert (got["actual"], got["gap_pp"], got["move"], got["met"]) == ("15.00", "-5.00", "5", "0"), got
        got = seen(e, "calls", actual="51")
        assert (got["gap"], got["verdict"], got["period"]) == ("-1", "missed", "day:2026-11-21") and "n" not in got, got
        got = seen(e, "mailbox", n="100")
        assert (got["actual"], got["verdict"]) == ("88.00", "met"), got
        got = seen(e, "first", n="45")
        assert (got["actual"], got["part"]) == ("88.89", "40"), got
        assert seen(e, "aarhus", actual="71.43")["verdict"] == "on_track"
        assert not e.redis("EXISTS", "effort:{0101}:target:aarhus") and not e.redis("EXISTS", "effort:{dk}:target:aarhus")
        assert seen(e, "later", verdict="not_started", reason="not_started").get("actual") is None
        got = seen(e, "few", reason="few_contacts", verdict="too_early")
        assert got["actual"] == "100.00" and got["n"] == "5", got
        got = seen(e, "nothing", reason="no_contacts", verdict="too_early")
        assert "actual" not in got and "met" not in got, got
        assert seen(e, "calls", "0101", actual="7")["verdict"] == "on_track"


def case_14_a_task_that_left_for_udbetaling_danmark():
    """From 2015-05-01 it is no longer the municipality's: its contacts leave n, and the year has a break."""
    with daemon(target(id="all", measure="selfservice", scope="administration", value=50.0, comparator=">=",
                       to="2015-12-31", **{"from": "2013-01-01"})) as e:
        e.start()
        e.send(contact(100, "phone", task="eu-health-card", time="2015-04-30T12:00:00+02:00"),
               contact(100, "phone", task="eu-health-card", time="2015-05-01T12:00:00+02:00"),
               contact(100, "selfservice", task="moving", time="2015-06-01T12:00:00+02:00"))
        got = seen(e, "all", n="200")
        assert (got["actual"], got["verdict"], got["period"]) == ("50.00", "met", "year:2015"), got
        assert "2015-05-01:authority:administration/eu-health-card" in got["break"], got


def case_19_a_target_changed_in_the_middle_of_the_year_is_not_applied_backwards():
    with daemon() as e:
        e.start()
        e.send(contact(85, "selfservice"), contact(15, "phone"))
        assert seen(e, "kl-80", n="100")["met"] == "1"
        targets_file(e, config(main="90.0"))
        e.ctl("reload")
        e.send(contact(1, "phone", time="2026-03-11T12:00:00+01:00"))
        got = seen(e, "kl-80", n="101", value="80.00", met="1", next_value="90.00", next_from="2026-11-22")
        # days and months that are gone are not held to it either, those that come are
        assert e.share(label="day:2026-03-11")["all.target"] == "80.00"
        e.send(contact(1, "phone", time="2026-11-23T12:00:00+01:00"))
        wait(lambda: e.share(label="day:2026-11-23").get("all.target") == "90.00", "tomorrow's target")
        e.stop()
        e.start()
        assert seen(e, "kl-80", n="102")["value"] == "80.00"
        assert e.share(label="day:2026-03-11")["all.target"] == "80.00"
    # the next year begins with it; a year that was begun with 80 and changed has a break
    with daemon(when="@2026-12-30 12:00:00") as e:
        e.start()
        e.send(contact(85, "selfservice"), contact(15, "phone"))
        seen(e, "kl-80", n="100", value="80.00")
        targets_file(e, config(main="90.0"))
        e.stop()
        e.env.update(faketime("@2026-12-31 12:00:00"))
        e.start()
        seen(e, "kl-80", value="80.00", next_value="90.00", next_from="2027-01-01")
        e.stop()
        e.env.update(faketime("@2027-01-02 12:00:00"))
        e.start()
        e.send(contact(1, "phone", time="2027-01-01T12:00:00+01:00"))
        got = seen(e, "kl-80", n="1")
        assert (got["value"], got["period"]) == ("90.00", "year:2027") and "next_value" not in got, got


def another_definition_begins_at_midnight_with_a_break():
    t = dict(id="t", measure="digital", scope="school", value=50.0, comparator=">=", **{"from": "2026-01-01"})
    with daemon(target(**t)) as e:
        e.start()
        e.send(contact(60, "selfservice"), contact(40, "phone", task=None, kle="27.36.08"))
        seen(e, "t", n="60")
        targets_file(e, config(target(**dict(t, scope="all"))))
        e.ctl("reload")
        e.send(contact(40, "phone"))
        seen(e, "kl-80", n="100")
        time.sleep(1)
        got = e.redis.hgetall("effort:{0751}:target:t")
        assert (got["n"], got["scope"]) == ("60", "school"), got
        e.stop()
        e.env.update(faketime("@2026-11-22 12:00:00"))
        e.start()
        e.send(contact(10, "phone", time="2026-11-22T11:00:00+01:00"))
        got = seen(e, "t", scope="all", n="10")
        assert got["break"] == "2026-11-22:definition" and got["period"] == "2026-11-22..2026-12-31", got


def a_target_that_is_gone_takes_its_hash_along():
    with daemon(target(id="t", measure="digital", scope="all", value=50.0, comparator=">=", **{"from": "2026-01-01"})) as e:
        e.start()
        e.send(contact(1, "phone"))
        seen(e, "t", n="1")
        targets_file(e, config())
        e.ctl("reload")
        wait(lambda: not e.redis("EXISTS", "effort:{0751}:target:t"), "the hash to go")
        assert e.redis("EXISTS", "effort:{0751}:target:kl-80")


def a_reduction_is_held_against_whole_years():
    with daemon(target(id="t", measure="reduction_transactions", scope="all", value=80.0, comparator=">=",
                       baseline="year:2024", due="2027-12-31", **{"from": "2024-06-01"})) as e:
        e.start()
        e.send(contact(1000, "phone", time="2024-03-01T12:00:00+01:00"), contact(500, "selfservice", time="2024-03-01T12:00:00+01:00"))
        seen(e, "t", reason="no_contacts")
        e.send(contact(250, "phone", time="2025-03-01T12:00:00+01:00"), contact(900, "selfservice", time="2025-03-01T12:00:00+01:00"),
               contact(1, "phone"))
        got = seen(e, "t", n="1000", actual="75.00")
        want = {"gap_pp": "-5.00", "move": "50", "met": "0", "verdict": "on_track", "period": "year:2025", "baseline": "year:2024"}
        assert {k: got.get(k) for k in want} == want and "add" not in got, got
        e.send(contact(50, "phone", time="2025-03-02T12:00:00+01:00"))
        seen(e, "t", actual="70.00")


def a_silent_source_makes_it_incomplete():
    with daemon(**{"sources.borger.dk.expected_every": "2s"}) as e:
        e.start()
        e.send(contact(1, "phone"))
        seen(e, "kl-80", n="1", incomplete="1", missing="borger.dk")


def other_measures_of_running_and_closed_periods():
    with daemon() as e:
        e.start()
        out = dict(direction="out", channel="letter", kind=None)
        spring = "2026-03-02T12:00:00+01:00"
        e.send(contact(60, "selfservice"), contact(20, "selfservice", assisted="counter"), contact(10, "counter"),
               contact(30, "phone", duration_s=120), contact(10, "phone", outcome="forwarded"),
               contact(5, "phone", outcome="misdirected"), contact(7, "phone", kind="case"), contact(4, "letter", exempt=True),
               contact(5, "phone", task=None, kle="99.99.99", time=spring),
               contact(88, **dict(out, form="digital")), contact(9, **dict(out, form="remoteprint")),
               contact(3, **dict(out, form="physical", reason="no-mailbox")))

        def measures(window):
            return e.redis.hgetall("effort:{0751}:measures:" + window)
        wait(lambda: measures("year").get("all.contacts") == "151", "the measures of the year")
        got = measures("day")
        want = {"all.contacts": "146", "all.handled": "57", "all.forwarded": "10", "all.first_contact_resolution": "82.46",
                "all.forward_rate": "17.54", "all.assistance_rate": "25.00", "all.in_person": "7.46", "all.case": "7",
                "all.misdirected": "5", "all.exempt": "4", "all.outgoing_digital": "88.00", "school.contacts": "146",
                "all.out_remoteprint": "9", "all.out_physical": "3", "reason:no-mailbox": "3", "all.unclassified_share": "0.00",
                "period": "day:2026-11-21", "schema": "1", "definition": "kl-2014"}
        assert {k: got.get(k) for k in want} == want, got
        for window in ("week", "month", "quarter", "season"):
            got = measures(window)
            assert got["all.contacts"] == "146" and got["period"].startswith(window), got
        year = measures("year")
        assert year["all.unclassified_share"] == "3.31" and year["unclassified.contacts"] == "5", year
        assert "school.unclassified_share" not in year and "unclassified.in_person" in year, year
        doc = json.loads(e.ctl("measures", "751", "--label", "season:2026-spring", "--json").stdout)
        assert doc["measures"]["all.contacts"] == "5" and doc["label"] == "season:2026-spring" and doc["is_whole"], doc
        doc = json.loads(e.ctl("measures", "751", "--window", "year", "--json").stdout)
        assert {k: v for k, v in doc["measures"].items()} == {k: v for k, v in year.items() if "." in k or ":" in k}, doc
        text = " ".join(e.ctl("measures", "Aarhus", "--lang", "da").stdout.split())
        for word in ("november 2026", "146 henvendelser", "82,46 %", "88,00 %", "no-mailbox 3", "5 fejlhenvendelser"):
            assert word in text, (word, text)
        assert "no contacts" in e.ctl("measures", "751", "--label", "year:2020").stdout
        assert e.ctl("measures", "751", "--label", "year:x", check=False).returncode == 64


def effortctl_tells_how_they_stand():
    with daemon(target(id="mine", measure="reduction_information", scope="all", value=50.0, comparator=">=",
                       da="Halvt så mange spørgsmål om alt det, der står på hjemmesiden", en="Half the questions",
                       **{"from": "2026-01-01"})) as e:
        e.start()
        e.send(contact(6800, "selfservice"), contact(3200, "phone"))
        seen(e, "kl-80", n="10000")
        text = e.ctl("targets", "Aarhus").stdout
        for word in ("Targets of Aarhus", "80.00%", "68.00%", "-12.00", "1,200", "missed", "Half the questions",
                     "not set up", "Half the questions: give it a `baseline` in targets.conf"):
            assert word in text, (word, text)
        text = e.ctl("targets", "--municipality", "751", "--lang", "da").stdout
        for word in ("Mål for Aarhus", "80,00 %", "-12,00", "1.200", "ikke opfyldt", "\nkl-80 ", "\nmine ",
                     "\n  Halvt så mange spørgsmål om alt det, der står på hjemmesiden"):  # too long for a column of 80
            assert word in text, (word, text)
        assert max(map(len, text.splitlines())) <= 80, text
        text = " ".join(e.ctl("targets", "751", "--explain", "kl-80").stdout.split())
        for word in ("in Tasks under the target", "6,800 of 10,000 contacts is 68.00%", "1,200 contacts would have to go another way",
                     "6,000 more by self-service", "due by Thursday 31 December 2015", "Verdict: missed", "kl-2014"):
            assert word in text, (word, text)
        doc = json.loads(e.ctl("targets", "751", "--json").stdout)
        assert [t["id"] for t in doc["targets"]] == ["kl-80", "mine"] and doc["municipality"]["name"] == "Aarhus", doc
        assert doc["targets"][0]["hash"]["verdict"] == "missed" and doc["targets"][1]["hash"]["reason"] == "no_baseline", doc
        p = e.ctl("targets", "751", "--explain", "nothing", check=False)
        assert p.returncode == 1 and "no target of this id" in p.stderr, p
        assert e.ctl("targets", "751", "0101", check=False).returncode == 64
        assert "Examples:" in e.ctl("targets", "--help").stdout
        again = e.ctl("targets", "751", "--explain", "kl-80").stdout
        assert " ".join(again.split()) == text, "the same report printed twice is the same"


def faults_are_told_where_areas_are_known():
    with daemon(target(id="t", measure="digital", scope="skole", value=50.0, comparator=">=", **{"from": "2026-01-01"}),
                target(id="u", measure="digital", scope="administration/passport-attendance", value=50.0, comparator=">=",
                       **{"from": "2026-01-01"})) as e:
        p = subprocess.run(e.argv("-t"), capture_output=True, text=True, cwd=ROOT)
        assert p.returncode == 78, p
        assert 'target t: there is no scope "skole"' in p.stderr and "hint:" in p.stderr, p.stderr
        assert "attendance in person is intended" in p.stderr, p.stderr


def two_writers_write_the_same():
    with daemon() as e:
        e.start()
        other = Effortd(start=False, redis=e.settings["redis.url"], env=faketime("@2026-11-21 12:00:00"),
                        settings={"follow_interval": "200ms", "targets": e.settings["targets"]})
        with other:
            other.start()
            e.send(contact(70, "selfservice"))
            other.send(contact(30, "phone"))
            got = seen(e, "kl-80", n="100")
            assert got["actual"] == "70.00", got
            time.sleep(1.5)
            again = e.redis.hgetall("effort:{0751}:target:kl-80")
            assert {k: v for k, v in again.items() if k != "as_of"} == {k: v for k, v in got.items() if k != "as_of"}


if __name__ == "__main__":
    run(the_main_target_in_contacts, three_targets_of_80_percent_are_three_numbers, every_kind_of_target,
        case_14_a_task_that_left_for_udbetaling_danmark,
        case_19_a_target_changed_in_the_middle_of_the_year_is_not_applied_backwards,
        another_definition_begins_at_midnight_with_a_break, a_target_that_is_gone_takes_its_hash_along,
        a_reduction_is_held_against_whole_years, a_silent_source_makes_it_incomplete,
        other_measures_of_running_and_closed_periods, effortctl_tells_how_they_stand, faults_are_told_where_areas_are_known, two_writers_write_the_same)
