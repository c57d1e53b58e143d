#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""effortctl export: the standard report against a real effortd: its figures, its forms, the same bytes twice, and no small
number in it or to be computed from it."""

import csv
import io
import datetime
import json
import os
import random
import re
import shutil
import tempfile
from html.parser import HTMLParser

from harness import Effortd, event, run, wait

SPRING, AUTUMN, YEAR = "season:2026-spring", "season:2026-autumn", "year:2026"
AT = {"2025-spring": "2025-03-10T12:00:00+01:00", "2025-autumn": "2025-10-10T12:00:00+02:00",
      "2026-spring": "2026-03-10T12:00:00+01:00", "2026-autumn": "2026-09-10T12:00:00+02:00"}


EFFORT = """efforts = ( { id = "phones-close"; title = "Telefonen lukker kl. 14"; category = "channel-closure"; municipality = "0751";
	scope = "administration"; from = "2026-07-01"; to = "2026-10-31"; measure = "selfservice";
	baseline = { from = "2026-01-01"; to = "2026-06-30"; }; } );
"""


def ready(**settings):
    e = Effortd(settings=settings)
    wait(lambda: e.status()["redis"]["state"] == "ready", "Redis to be ready")
    return e


def tasks(e):
    names = json.loads(e.ctl("shares", "dk", "--json").stdout)["task_names"]
    return sorted(n for n in names if not n.endswith("/-"))


def contacts(season, self_, others, kle="23.05.10", municipality="0751", **more):
    for channel, count in (("selfservice", self_), ("phone", others)):
        if count > 0:
            yield event(municipality=municipality, time=AT[season], channel=channel, count=count, kle=kle, **more)


def send(e, *sets):
    events = [ev for s in sets for ev in s]
    before = e.status()["received"]
    e.send(*events)
    e.wait_counted(before + len(events))


def export(e, *args, lang="en"):
    return e.ctl("export", *args, "--lang", lang).stdout


def report(e, *args):
    reports = json.loads(export(e, *args, "--format", "json"))
    assert len(reports) == 1, reports
    return reports[0]


def scopes(rep):
    return {s["id"]: s for s in rep["scopes"]}


def seasons(rep):
    return {s["label"]: {x["id"]: x for x in s["scopes"]} for s in rep["seasons"]}


def test_the_figures_of_a_season():
    with ready() as e:
        send(e, contacts("2025-autumn", 560, 440), contacts("2026-spring", 690, 310), contacts("2026-autumn", 680, 320),
             contacts("2026-autumn", 40, 60, kle="17.20.01"), contacts("2026-autumn", 0, 100, kle="99.99.99"),
             [event(time=AT["2026-autumn"], kind="information", count=50), event(time=AT["2026-autumn"], channel="selfservice",
                                                                             assisted=True, count=20)])
        rep = report(e, "Aarhus", "--label", AUTUMN)
        s = scopes(rep)
        assert (s["all"]["contacts"], s["all"]["n"], s["all"]["self"], s["all"]["share"]) == (1270, 1220, 720, "59.02"), s["all"]
        assert (s["administration"]["n"], s["administration"]["share"], s["administration"]["share_incl_assisted"]) == \
            (1020, "66.67", "68.63"), s["administration"]
        assert s["administration"]["change_pp"] == "-2.33", s["administration"]
        assert s["school"]["share"] == "40.00" and "change_pp" not in s["school"]
        assert s["administration/moving"]["n"] == 1020 and s["unclassified"]["ch.phone"] == 100
        assert rep["quality"]["unclassified"] == 100 and rep["quality"]["unclassified_pct"] == "7.87", rep["quality"]
        assert rep["definition"] == "kl-2014" and rep["label"] == AUTUMN and "now_ms" not in json.dumps(rep)
        by = seasons(rep)
        assert list(by) == ["season:2025-autumn", "season:2026-spring", AUTUMN], list(by)
        assert by[AUTUMN]["administration"]["change_year_pp"] == "10.67", by[AUTUMN]["administration"]
        shares = s["all"]["n"], sum(s[a]["n"] for a in ("daycare", "school", "eldercare", "social", "technical", "employment",
                                                        "administration", "other", "unclassified") if a in s)
        assert shares[0] == shares[1], shares


def test_tasks_that_are_not_known_have_their_area():
    with ready() as e:
        send(e, contacts("2026-autumn", 50, 50), contacts("2026-autumn", 40, 60, kle="17.00.00"),
             contacts("2026-autumn", 30, 70, kle="02.00.00"), contacts("2026-autumn", 0, 100, kle="99.99.99"))
        named = {k: x["name"] for k, x in scopes(report(e, "Aarhus", "--label", AUTUMN)).items() if x["kind"] == "task"}
        assert named["school/-"] == "School: Task not known" and named["unclassified/-"] == "Unclassified", named
        assert len(set(named.values())) == len(named) == 4, named


def test_case_1_and_18_a_fall_is_shown_in_percentage_points():
    """Spring to autumn 2013: 69 to 68, one percentage point down, not 1.4 percent."""
    with ready() as e:
        send(e, contacts("2026-spring", 690, 310), contacts("2026-autumn", 680, 320))
        s = scopes(report(e, "0751", "--label", AUTUMN))
        assert s["all"]["change_pp"] == "-1.00", s["all"]
        text = export(e, "0751", "--label", AUTUMN, lang="da")
        assert re.search(r"(?m)^I alt .* -1,00$", text), text


def test_the_same_report_twice_is_the_same_bytes():
    with ready() as e:
        send(e, contacts("2026-spring", 690, 310), contacts("2026-spring", 3, 2, kle="17.20.01"),
             contacts("2026-spring", 50, 10, municipality="0461"))
        once = {f: export(e, "--all", "--label", SPRING, "--format", f, lang="da") for f in ("text", "csv", "json", "html")}
        e.send(event(time=AT["2026-autumn"]), event(time=AT["2026-autumn"], municipality="0461"))
        e.wait_received(7)
        e.wait_settled()
        for form, before in once.items():
            assert export(e, "--all", "--label", SPRING, "--format", form, lang="da") == before, form
        e.stop()
        e.start()
        wait(lambda: e.status()["redis"]["state"] == "ready", "Redis to be ready")
        e.wait_settled()
        for form, before in once.items():
            assert export(e, "--all", "--label", SPRING, "--format", form, lang="da") == before, form


def test_csv():
    with ready() as e:
        send(e, contacts("2026-spring", 690, 310), contacts("2026-spring", 3, 2, kle="17.20.01"))
        danish = export(e, "0751", "--label", SPRING, "--format", "csv", lang="da")
        rows = list(csv.DictReader(io.StringIO(danish.removeprefix("\ufeff")), delimiter=";"))
        assert danish.startswith("\ufeff") and {r["municipality"] for r in rows} == {"0751"}
        one = [r for r in rows if (r["section"], r["id"], r["measure"]) == ("share", "all", "share")]
        assert [(r["value"], r["title"]) for r in one] == [("68,96", "I alt")], one
        hidden = [r for r in rows if (r["section"], r["id"], r["measure"]) == ("share", "school", "self")]
        assert [(r["value"], r["note"]) for r in hidden] == [("", "suppressed")], hidden
        english = list(csv.DictReader(io.StringIO(export(e, "0751", "--label", SPRING, "--format", "csv"))))
        assert [r["value"] for r in english if (r["section"], r["id"], r["measure"]) == ("share", "all", "share")] == ["68.96"]
        assert len(english) == len(rows) and not any(r["value"].startswith(("=", "@", "+")) for r in rows)


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.open, self.text = set(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert not any(k in ("src", "href") or k.startswith("on") for k, _ in attrs), attrs
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.text.append(data)


def test_html_is_whole_and_escapes():
    names = 'municipalities = ( { code = "0751"; name = "A<b>&\\"\' & Søn</section>"; } );'
    folder = tempfile.mkdtemp(prefix="effort-export-")
    try:
        path = os.path.join(folder, "municipalities.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(names)
        with ready(municipalities=path) as e:
            send(e, contacts("2026-spring", 690, 310))
            out = os.path.join(folder, "r.html")
            e.ctl("export", "0751", "--label", SPRING, "--format", "html", "--lang", "da", "--output", out)
            with open(out, encoding="utf-8") as f:
                text = f.read()
            page = Page()
            page.feed(text)
            assert page.open == [] and not page.tags & {"script", "link", "img", "iframe", "object", "b"}, page.tags
            assert "A<b>&\"' & Søn</section>: henvendelser" in "".join(page.text) and '<html lang="da">' in text
            assert sorted(os.listdir(folder)) == ["municipalities.conf", "r.html"]
            p = e.ctl("export", "0751", "--label", SPRING, "--lang", "da", "--output", folder + "/none/r.txt", check=False)
            assert p.returncode == 74 and "/none: findes ikke" in p.stderr and "må skrive i den" in p.stderr, p
    finally:
        shutil.rmtree(folder)


def published(rep):
    """Every number the report shows, by scope and member; None where it is not shown."""
    return {s["id"]: {k: v for k, v in s.items() if isinstance(v, int) or v is None} for s in rep["scopes"]}


def test_small_numbers_are_neither_shown_nor_computable():
    """Many small tables: no number from 1 to 4 below the grand total, and no single hidden part of a shown total."""
    rnd = random.Random(4)
    with ready() as e:
        names = tasks(e)
        send(e, *[[event(time=AT["2026-spring"], kle=None, task=name.split("/")[1], channel=channel, count=count)
                   for name in rnd.sample(names, 60) for channel in ("selfservice", "digitalpost", "phone", "counter")
                   for count in [rnd.choice([0, 0, 1, 2, 3, 4, 6, 20, 300])] if count > 0],
                  [event(time=AT["2026-spring"], kle="99.99.99", count=2)]])
        rep = report(e, "0751", "--label", SPRING)
        shown = published(rep)
        counted = ("contacts", "information", "case", "unknown", "n", "self", "assisted", "digital", "exempt")
        for scope, numbers in shown.items():
            for name, value in numbers.items():
                if scope != "all" and (name in counted or name.startswith("ch.")):
                    assert value is None or value == 0 or value >= 5, (scope, name, value)
        areas = [s["id"] for s in rep["scopes"] if s["kind"] == "area"]
        for name in counted:
            hidden = [a for a in areas if shown[a].get(name, 0) is None]
            assert len(hidden) != 1, (name, hidden)
            for area in areas:
                parts = [t for t in shown if t.startswith(area + "/")]
                hidden = [t for t in parts if shown[t].get(name, 0) is None] + [area] * (shown[area].get(name, 0) is None)
                assert len(hidden) != 1, (name, area, hidden)
        for scope in rep["scopes"]:
            if scope["kind"] == "area":
                channels = [k for k in scope if k.startswith("ch.")]
                hidden = [k for k in channels + ["n"] if scope[k] is None]
                assert len(hidden) != 1, (scope["id"], hidden)
            if scope.get("self", 0) is None or scope.get("n", 0) is None:
                assert scope.get("share") is None, scope
        assert any(v is None for numbers in shown.values() for v in numbers.values())
        for form in ("text", "csv", "html"):
            assert "*" in export(e, "0751", "--label", SPRING, "--format", form) or form == "csv"
        whole = published(report(e, "0751", "--label", SPRING, "--suppress", "1"))
        assert not any(v is None for numbers in whole.values() for v in numbers.values())
        under = ("gap_pp", "move", "met")  # of the tasks under the target, which are no total
        assert {k: v for k, v in whole["all"].items() if k not in under} == \
            {k: v for k, v in shown["all"].items() if k not in under}  # never in totals


def not_by_selfservice(scope):
    """What n and self tell together; None where one of them is not shown."""
    n, self_ = scope.get("n"), scope.get("self")
    return None if n is None or self_ is None else n - self_


def test_a_season_does_not_tell_who_is_not_by_selfservice():
    """A season tells n and self and no channel: their difference is a number, too."""
    with ready() as e:
        send(e, contacts("2026-spring", 17, 3, kle="27.60.04"), contacts("2026-spring", 300, 100),
             contacts("2026-spring", 200, 90, kle="17.20.01"), contacts("2026-spring", 80, 40, kle="99.99.99"),
             contacts("2026-autumn", 30, 10))
        rep = report(e, "0751", "--label", "month:2026-09")
        told = seasons(rep)[SPRING]
        assert "all" in told and told["all"]["n"] == 830, told
        for area, scope in told.items():
            if area != "all":
                assert not_by_selfservice(scope) is None or not_by_selfservice(scope) >= 5, (area, scope)
        assert told["eldercare"]["share"] is None, told
        hidden = [a for a, s in told.items() if s["self"] is None and a not in ("all", "group:target")]
        assert len(hidden) > 1, told
        # what an area has besides its tasks under the target, which may be in no other area
        send(e, [event(time=AT["2025-autumn"], channel=c, count=n, task=t, kle=None, municipality="0461")
                 for c, n, t in (("selfservice", 30, "assistive-aids"), ("phone", 30, "assistive-aids"),
                                 ("phone", 3, "relief"))],
             contacts("2025-autumn", 300, 100, municipality="0461", kle="99.99.99"),
             contacts("2026-spring", 300, 100, municipality="0461"))
        told = seasons(report(e, "0461", "--label", SPRING))["season:2025-autumn"]
        both = [told[i]["n"] for i in ("eldercare", "group:target")]
        assert None in both, told
        # of several channels, none of them alone
        e.send(event(time=AT["2026-autumn"], kle="27.60.04", channel="selfservice", count=17),
               event(time=AT["2026-autumn"], kle="27.60.04", channel="phone", count=2),
               event(time=AT["2026-autumn"], kle="27.60.04", channel="counter", count=1))
        e.wait_counted(20)
        for scope in report(e, "0751", "--label", AUTUMN)["scopes"]:
            if scope["id"] != "all":
                assert not_by_selfservice(scope) is None or not_by_selfservice(scope) == 0 or not_by_selfservice(scope) >= 5, scope


def test_groups_do_not_tell_of_each_other():
    """Many small municipalities: what the whole has to move is not shown where the tasks under the target are not, and no group
    tells of channels that no task does."""
    rnd = random.Random(7)
    codes = ("0101", "0147", "0151", "0153", "0155", "0157", "0159", "0161", "0163", "0165", "0167", "0169", "0173", "0175", "0183", "0185",
             "0187", "0190", "0201", "0210", "0217", "0219", "0223", "0230", "0240", "0250", "0253", "0259", "0260", "0265")
    with ready() as e:
        names, hidden_gaps, told = tasks(e), 0, 0
        send(e, *[[event(time=AT["2026-spring"], municipality=code, kle=None, task=name.split("/")[1], channel=channel, count=count)
                   for name in rnd.sample(names, 4) for channel in ("selfservice", "digitalpost", "phone", "counter")
                   for count in [rnd.choice([0, 0, 3, 5, 12, 30, 90])] if count > 0] for code in codes],
             *[contacts("2026-spring", 400, 300, municipality=code, kle=kle) for code in codes for kle in ("99.99.99", "27.42.00")])
        for code in codes:
            shown, whole = published(report(e, code, "--label", SPRING)), published(report(e, code, "--label", SPRING, "--suppress", "1"))
            groups = [i for i in shown if i.startswith("group:")]
            assert all(shown[g]["ch.phone"] is None and whole[g]["ch.phone"] is not None for g in groups), (code, shown)
            told += len(groups)
            under = shown.get("group:target", {})
            if under.get("n", 0) is None or under.get("self", 0) is None:
                hidden_gaps += 1
                assert shown["all"]["move"] is None and shown["all"]["met"] is None, (code, shown["all"], under)
        assert hidden_gaps > 0 and told > 0, (hidden_gaps, told)


def test_a_year_does_not_tell_what_its_seasons_do_not():
    with ready() as e:
        send(e, contacts("2026-spring", 300, 100), contacts("2026-autumn", 300, 100), contacts("2026-spring", 2, 1, kle="17.20.01"),
             contacts("2026-autumn", 20, 10, kle="17.20.01"))
        rep = report(e, "0751", "--label", YEAR)
        year, by = scopes(rep)["school"], seasons(rep)
        values = [year["n"], by[SPRING]["school"]["n"], by[AUTUMN]["school"]["n"]]
        assert values[1] is None and values.count(None) != 1, values
        values = [year["self"], by[SPRING]["school"]["self"], by[AUTUMN]["school"]["self"]]
        assert values[1] is None and values.count(None) != 1, values
        spring = scopes(report(e, "0751", "--label", SPRING))["school"]
        assert spring["n"] is None and spring["share"] is None, spring


def test_targets_and_efforts():
    folder = tempfile.mkdtemp(prefix="effort-export-")
    try:
        path = os.path.join(folder, "efforts.conf")
        with open(path, "w", encoding="utf-8") as f:
            f.write(EFFORT)
        with ready(efforts=path, follow_interval="1s") as e:
            send(e, contacts("2026-spring", 690, 310), contacts("2026-autumn", 850, 150))
            wait(lambda: e.redis.hgetall("effort:{0751}:target:kl-80").get("actual"), "the targets to be followed up")
            wait(lambda: e.redis.hgetall("effort:{0751}:effort:phones-close").get("after.share"), "the efforts to be followed up")
            rep = report(e, "0751", "--label", AUTUMN, "--now")
            target = {t["id"]: t for t in rep["targets"]}["kl-80"]
            assert (target["value"], target["actual"], target["gap_pp"]) == ("80.00", "77.00", "-3.00"), target
            effort = {x["id"]: x for x in rep["efforts"]}["phones-close"]
            assert effort["title"] == "Telefonen lukker kl. 14" and effort["after.share"] is not None, effort
            assert not any(k.startswith(("ch.", "contacts.")) for k in effort), effort
            for form in ("text", "html"):
                text = export(e, "0751", "--label", AUTUMN, "--now", "--format", form, lang="da")
                assert "31.12.2015" in text and "2015-12-31" not in text, text
                assert "Telefonen lukker kl. 14" in text and "77,00" in text, text
                assert "i gang" in text and "running" not in text and "ikke opfyldt" in text and "missed" not in text, text
                assert form == "text" or ("før-billedet er en anden tid på året" in text and "other_season" not in text), text
            rows = list(csv.DictReader(io.StringIO(export(e, "0751", "--label", AUTUMN, "--now", "--format", "csv"))))
            assert "targets" not in report(e, "0751", "--label", SPRING)
            assert [r["value"] for r in rows if (r["section"], r["id"], r["measure"]) == ("target", "kl-80", "actual")] == ["77.00"]
    finally:
        shutil.rmtree(folder)


def test_refused_and_missing():
    """Who is silent now is missing in the period now running, and not in one that had ended before."""
    with ready(**{"sources.phones.expected_every": "1s"}) as e:
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        send(e, contacts("2025-spring", 30, 10), [event(channel="smoke")])
        wait(lambda: e.status()["silent"] == ["phones"], "the source to be silent")
        send(e, contacts("2025-spring", 30, 10), [event(time=now, channel=channel, count=10) for channel in ("selfservice", "phone")])
        rep = report(e, "0751", "--window", "year", "--refused")
        assert rep["quality"]["incomplete"] and rep["quality"]["missing"] == "phones", rep["quality"]
        assert rep["quality"]["refused"] == {"E_CHANNEL": 1}, rep["quality"]
        assert "refused" not in report(e, "0751", "--window", "year")["quality"]
        assert "no word of phones" in export(e, "0751", "--window", "year")
        assert not report(e, "0751", "--label", "season:2025-spring")["quality"]["incomplete"]


def test_the_seasons_beside_a_week_are_hidden_before_it():
    """Two by telephone came in another week of the season: that is not told, and it is not the week that tells less for it."""
    march, may = AT["2026-spring"], "2026-05-10T12:00:00+02:00"
    counted = [("club-admission", march, 20, 20), ("club-admission", may, 20, 2), ("driving-licence", march, 2, 0),
               ("driving-licence", may, 2, 0), ("sick-pay", march, 0, 2), ("sick-pay", may, 20, 0),
               ("social-advice", march, 9, 0), ("social-advice", may, 0, 20)]
    with ready() as e:
        send(e, [event(time=at, kle=None, task=task, channel=channel, count=count) for task, at, self_, others in counted
                 for channel, count in (("selfservice", self_), ("phone", others)) if count > 0])
        rep = report(e, "0751", "--label", "week:2026-W11")
        week, season = scopes(rep)["daycare"], seasons(rep)[SPRING]["daycare"]
        assert (week["n"], week["self"], week["share"]) == (40, 20, "50.00"), week
        assert None in (season["n"], season["self"]), season


def test_one_that_cannot_be_protected_is_left_out_alone():
    """All there is of one municipality is one small number of one area; the other is written, and the exit code tells."""
    with ready() as e:
        send(e, contacts("2026-spring", 300, 100, municipality="0461"), contacts("2026-spring", 300, 100),
             contacts("2025-autumn", 30, 10), contacts("2026-autumn", 300, 100), [event(time="2026-02-10T12:00:00+01:00", count=3)])
        for places in (["--all"], ["0751", "0461"]):
            p = e.ctl("export", *places, "--label", "month:2026-03", "--format", "json", "--lang", "da", check=False)
            assert p.returncode == 1 and [r["municipality"] for r in json.loads(p.stdout)] == ["0461"], p
            assert "små tal for Aarhus kunne regnes ud" in p.stderr, p.stderr


def test_use():
    with ready() as e:
        for args, code, word in ((["0751", "--all"], 64, "not both"), ([], 64, "--all"), (["0751", "--format", "pdf"], 64, "not a format"),
                                 (["0751", "--label", "x"], 64, "x"), (["0751", "--suppress", "-1"], 64, "no limit"),
                                 (["0751", "--label", SPRING], 1, "nothing has been counted"),
                                 (["0751", "--label", "season:2026-summer"], 1, "no such period")):
            p = e.ctl("export", *args, "--lang", "en", check=False)
            assert p.returncode == code and word in p.stderr, (args, p)
        p = e.ctl("export", "0751", "--lang", "da", check=False)
        assert p.returncode == 1 and "intet er talt for Aarhus, " in " ".join(p.stderr.split()) and "--label" in p.stderr, p
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        send(e, [event(time=now)])
        p = e.ctl("export", "0751", "--lang", "da", check=False)  # a young installation: the last season that is over has nothing
        assert p.returncode == 1 and re.search(r"--window: day \(.*\), .*year \(\d{4}\); ", " ".join(p.stderr.split())), p
        send(e, contacts("2026-spring", 30, 10))
        assert "Denmark" in export(e, "dk", "--label", SPRING)


run(*[test for name, test in sorted(globals().items()) if name.startswith("test_")])
