#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""`effortctl shares --explain`: who entered the share and who was left out, step by step; every contact leaves once, areas add
up to all. Real effortd, real Redis, numbers to be added up by hand."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Effortd, event, run  # noqa: E402
from test_life import faketime  # noqa: E402

NOON = "2026-11-21T12:00:00+01:00"


def contact(n, channel, task="school-enrolment", **more):
    return event(**dict({"time": NOON, "kle": None, "task": task, "channel": channel, "count": n}, **more))


def explained(e, *args, place="0751"):
    return json.loads(e.ctl("shares", place, *args, "--explain", "--json").stdout)["explain"]


EVERYBODY = [
    contact(1000, "selfservice"), contact(200, "selfservice", assisted="counter"), contact(300, "phone"),
    contact(40, "phone", outcome="forwarded"), contact(25, "letter", exempt=True), contact(35, "digitalpost"),
    contact(7, "email", population="business"),
    contact(500, "phone", kind="information"), contact(60, "counter", kind="case"), contact(11, "phone", kind="unknown"),
    contact(70, "web"), contact(80, "system"), contact(9, "phone", outcome="misdirected"),
    contact(13, "selfservice", outcome="abandoned"), contact(14, "counter", outcome="rejected"),
    contact(15, "video", outcome="no_show"), contact(16, "web", outcome="abandoned"),
    contact(90, "selfservice", task="eu-health-card"), contact(3, "phone", task="daycare-admission"),
    contact(1, "phone", task=None, kle="27.36.08"), contact(17, "phone", direction="out"),
    contact(18, "phone", population="authority"), contact(19, "selfservice", population="internal"),
    contact(1000, "phone", municipality="0101"), contact(1000, "phone", time="2026-10-21T12:00:00+02:00")]


def every_contact_leaves_at_one_step():
    with Effortd(env=faketime("@2026-11-22 12:00:00")) as e:
        e.send(*EVERYBODY)
        e.wait_counted(len(EVERYBODY))
        doc = explained(e, "--window", "month")
        got, share = doc["scopes"]["all"], e.share(window="month")
        assert doc["is_whole"] and doc["adds_up"] and doc["definition"] == "kl-2014", doc
        want = {"information": 500, "case": 60, "unknown": 11, "web": 86, "system": 80, "misdirected": 9, "abandoned": 13,
                "rejected": 14, "no_show": 15, "self": 1000, "assisted": 200, "forwarded": 40, "business": 7,
                "outgoing": 17, "internal": 37, "exempt": 25}
        assert {k: got[k] for k in want} == want, got
        # the card is Udbetaling Danmark's: in contacts, not in n
        assert got["handed_over"] == 90 and got["n"] == 1611 and got["other"] == 411, got
        assert got["contacts"] == 2489 and got["digital"] == 1235, got
        for name in ("contacts", "information", "case", "unknown", "n", "self", "assisted", "digital", "exempt"):
            assert str(got[name]) == share["all." + name], (name, got, share)
        out = ("information", "case", "unknown", "web", "system", "misdirected", "abandoned", "rejected", "no_show", "handed_over")
        for scope in doc["scopes"].values():
            assert scope["contacts"] - sum(scope[k] for k in out) == scope["n"], scope
        areas = [v for k, v in doc["scopes"].items() if k != "all"]
        assert len(areas) >= 3 and {k: sum(a[k] for a in areas) for k in got} == got, doc
        assert explained(e, "--window", "month", place="dk")["scopes"]["all"]["contacts"] == 3489
        said = " ".join(e.ctl("shares", "0751", "--window", "month", "--explain", "--lang", "da").stdout.split())
        for words in ("(definition kl-2014)", "Henvendelser fra borgere og virksomheder 2.489", "- generel information 500",
                      "- fejlhenvendelser 9", "= nævneren: ansøgninger og anmeldelser, der tæller 1.611",
                      "heraf selvbetjening uden hjælp: tælleren 1.000", "I alt 2.489 878 1.611 1.000 62,07 %"):
            assert words in said, (words, said)
        # with everything at once, as JSON and as a page
        both = json.loads(e.ctl("shares", "0751", "--label", "month:2026-11", "--compare", "--explain", "--json").stdout)
        assert both["explain"]["scopes"]["all"] == got and both["compare"]["previous"]["share"]["all.n"] == "1000", both
        p = e.ctl("shares", "--explain", check=False)
        assert p.returncode == 64 and "--explain needs a municipality" in p.stderr, p


def nothing_counted_and_days_that_are_gone():
    with Effortd(env=faketime("@2026-11-22 12:00:00"), settings={"retention.day": "30d"}) as e:
        e.send(contact(5, "phone", time="2026-09-16T12:00:00+02:00"))
        e.wait_counted(1)
        e.retain()
        doc = explained(e)
        assert doc["scopes"]["all"]["contacts"] == 0 and doc["adds_up"], doc
        assert not explained(e, "--label", "week:2026-W38")["is_whole"]
        assert "no longer kept" in " ".join(e.ctl("shares", "0751", "--label", "week:2026-W38", "--explain").stdout.split())
        assert explained(e, "--label", "month:2026-09")["scopes"]["school"]["n"] == 5


if __name__ == "__main__":
    run(every_contact_leaves_at_one_step, nothing_counted_and_days_that_are_gone)
