#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""`effortctl shares --compare`: KL's published half-years give their published changes, in percentage points; a period that
runs is compared with as much of the earlier one; nothing is made up where there is no number. Real effortd, real Redis."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Effortd, event, run  # noqa: E402
from test_life import faketime  # noqa: E402

# Self-service among all transactions (KL, De effektive kommuner, 2014): autumn 2011 to autumn 2013.
KL = {"2011-10-27": 47, "2012-04-26": 46, "2012-10-25": 56, "2013-04-25": 69, "2013-10-24": 68}


def contact(n, channel, time, task="school-enrolment", **more):
    return event(**dict({"time": time, "kle": None, "task": task, "channel": channel, "count": n}, **more))


def half(self_, all_, day, **more):
    time = day + "T12:00:00+0%d:00" % (2 if "04-01" <= day[5:] < "10-28" else 1)
    return [contact(n, c, time, **more) for n, c in ((self_, "selfservice"), (all_ - self_, "phone")) if n]


def compared(e, *args, place="0751"):
    return json.loads(e.ctl("shares", place, *args, "--compare", "--json").stdout)["compare"]


def change(doc, which, scope="all", name="share"):
    return doc[which]["change"].get(scope, {}).get(name)


def fill(e, *lists):
    events = [one for some in lists for one in some]
    e.send(*events)
    e.wait_counted(len(events))


def case_1_and_18_autumn_2013_is_a_fall_of_one_point():
    with Effortd(env=faketime("@2026-11-22 12:00:00")) as e:
        fill(e, *(half(share, 100, day) for day, share in KL.items()))
        doc = compared(e, "--window", "season", "--label", "season:2013-autumn")
        assert doc["previous"]["label"] == "season:2013-spring" and doc["year_earlier"]["label"] == "season:2012-autumn"
        assert (change(doc, "previous"), change(doc, "year_earlier")) == ("-1.00", "12.00"), doc
        assert doc["previous"]["share"]["all.share"] == "69.00" and not doc["previous"]["is_part"]
        assert change(doc, "previous", "group:target") == "-1.00" and change(doc, "previous", "school") == "-1.00", doc
        doc = compared(e, "--label", "season:2013-spring")
        assert (change(doc, "previous"), change(doc, "year_earlier")) == ("13.00", "23.00"), doc
        doc = compared(e, "--label", "season:2012-autumn")
        assert (change(doc, "previous"), change(doc, "year_earlier")) == ("10.00", "9.00"), doc
        # the first of the series: nothing before it
        doc = compared(e, "--label", "season:2011-autumn")
        for which in ("previous", "year_earlier"):
            assert doc[which]["reason"] == "no_data" and doc[which]["change"] == {} and doc[which]["share"] == {}, doc
        said = e.ctl("shares", "0751", "--label", "season:2013-autumn", "--compare", "--lang", "da").stdout
        words = " ".join(said.split())
        assert "Ændring i procentpoint: Før: forår 2013 Året før: efterår 2012" in words, said
        assert "I alt 68,00 % 69,00 % -1,00 56,00 % +12,00" in words, said
        assert said == e.ctl("shares", "0751", "--label", "season:2013-autumn", "--compare", "--lang", "da").stdout
        said = " ".join(e.ctl("shares", "0751", "--label", "season:2011-autumn", "--compare", "--lang", "en").stdout.split())
        assert "Before: spring 2011; no numbers from then" in said and "All 47.00% - - - -" in said, said
        # years: one comparison, of sums: 47+0, 102 of 200, 137 of 200
        doc = compared(e, "--label", "year:2013")
        assert change(doc, "previous") == change(doc, "year_earlier") == "17.50", doc
        assert e.ctl("shares", "0751", "--label", "year:2013", "--compare").stdout.count("Year before") == 0


def a_running_period_is_compared_with_as_much_of_the_earlier_one():
    """22 November: what came in December a year ago, or in June, is still to come."""
    with Effortd(env=faketime("@2026-11-22 12:00:00")) as e:
        fill(e, half(60, 100, "2026-07-01"), half(10, 100, "2026-11-22"),           # 70 of 200
             half(50, 100, "2025-07-01"), half(40, 100, "2025-11-22"),              # 90 of 200
             half(900, 1000, "2025-11-23"), half(900, 1000, "2025-12-24"),
             half(30, 100, "2026-01-01"), half(30, 100, "2026-05-25"), half(900, 1000, "2026-05-26"),
             half(7, 10, "2026-07-01", municipality="0101"))
        doc = compared(e, "--window", "season")
        assert (change(doc, "previous"), change(doc, "year_earlier")) == ("5.00", "-10.00"), doc
        got = doc["year_earlier"]
        assert (got["first"], got["last"], got["is_part"]) == ("2025-07-01", "2025-11-22", True), got
        assert (got["share"]["all.n"], got["share"]["all.share"], got["share"]["all.ch.phone"]) == ("200", "45.00", "110")
        assert doc["previous"]["last"] == "2026-05-25", doc
        # the label of the running season is the running season
        assert compared(e, "--label", "season:2026-autumn") == doc
        assert change(compared(e, "--window", "season", place="dk"), "year_earlier") == "-8.33"  # 77 of 210
        said = " ".join(e.ctl("shares", "0751", "--window", "season", "--compare", "--lang", "en").stdout.split())
        assert "Year before: autumn 2025, of it Tuesday 1 July 2025 to Saturday 22 November 2025: as far into it as now" in said
        # the day: the same weekday; no such week 53
        assert compared(e)["year_earlier"]["label"] == "day:2025-11-23"
        doc = compared(e, "--label", "week:2020-W53")
        assert doc["year_earlier"] == {"reason": "no_such_period"} and doc["previous"]["label"] == "week:2020-W52", doc


def days_no_longer_kept_are_said_and_not_guessed():
    with Effortd(env=faketime("@2026-11-22 12:00:00"), settings={"retention.day": "60d"}) as e:
        fill(e, half(60, 100, "2026-11-01"), half(50, 100, "2025-11-02"))
        e.retain()
        doc = compared(e, "--window", "month")
        assert doc["year_earlier"]["reason"] == "days_gone" and doc["year_earlier"]["change"] == {}, doc
        said = " ".join(e.ctl("shares", "0751", "--window", "month", "--compare").stdout.split())
        assert "the single days of then are no longer kept" in said, said
        assert change(compared(e, "--label", "year:2026"), "year_earlier") is None
        p = e.ctl("shares", "--compare", check=False)
        assert p.returncode == 64 and "needs a municipality" in p.stderr, p


def zero_contacts_and_a_rounded_target_make_no_change_up():
    """case 12 and 13: an area without applications then has no change; 79.996 stands as 79.99, so 80.00 is one more."""
    with Effortd(env=faketime("@2026-11-22 12:00:00")) as e:
        fill(e, half(19999, 25000, "2025-10-01"), half(4, 5, "2026-10-01"),
             half(3, 4, "2026-10-01", task="daycare-admission"),
             [contact(5, "phone", "2025-10-01T12:00:00+02:00", task="daycare-admission", kind="information")])
        doc = compared(e, "--label", "month:2026-10")
        assert doc["year_earlier"]["share"]["school.share"] == "79.99", doc
        assert change(doc, "year_earlier", "school") == "0.01", doc
        assert doc["year_earlier"]["share"]["daycare.contacts"] == "5" and "daycare.share" not in doc["year_earlier"]["share"]
        assert change(doc, "year_earlier", "daycare") is None, doc


if __name__ == "__main__":
    run(case_1_and_18_autumn_2013_is_a_fall_of_one_point, a_running_period_is_compared_with_as_much_of_the_earlier_one,
        days_no_longer_kept_are_said_and_not_guessed, zero_contacts_and_a_rounded_target_make_no_change_up)
