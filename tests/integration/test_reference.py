#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Reference data of municipalities: what is made with it, for which day, and that nothing is made without. All numbers of
persons, minutes and kroner are invented."""
import json
import os

from harness import ROOT, Effortd, event, run, wait


def municipalities(e, reference):
    with open(os.path.join(ROOT, "etc", "municipalities.conf")) as f:
        shipped = f.read()
    path = os.path.join(e.folder, "municipalities.conf")
    with open(path, "w") as f:
        f.write(shipped + "\nreference = ( %s );\n" % reference)
    e.settings["municipalities"] = path


def contact(n, channel, time="2026-03-10T12:00:00+01:00", **more):
    return event(**dict({"time": time, "channel": channel, "count": n}, **more))


def measures(e, *args, place="751", label="month:2026-03"):
    return json.loads(e.ctl("measures", place, "--label", label, "--json", *args).stdout)["measures"]


def per_1000_inhabitants_hours_and_kroner():
    with Effortd(start=False) as e:
        municipalities(e, """{ municipality = "0751";
            inhabitants = ( { from = "2026-01-01"; number = "50.000"; }, { from = "2025-01-01"; number = 40000; } );
            children = ( { from = "2026-01-01"; number = 3000; } );
            costs = ( { channel = "phone"; from = "2026-01-01"; minutes = "6,5"; kroner = 45; } ); }""")
        e.start()
        e.send(contact(100, "phone"), contact(10, "phone", outcome="abandoned"), contact(90, "selfservice"),
               contact(6, "phone", kle="28.09.40"), contact(20, "phone", municipality="0101"),
               contact(80, "letter", time="2025-03-10T12:00:00+01:00"))
        e.wait_counted(6)
        got = measures(e)
        want = {"all.inhabitants": "50000", "all.contacts": "206", "all.contacts_per_1000": "4.12", "all.children": "3000",
                "daycare.contacts_per_1000": "0.12", "daycare.contacts_per_1000_children": "2.00", "all.work_contacts": "106",
                "all.work_hours": "11.48", "all.cost_contacts": "106", "all.cost_kroner": "4770.00"}
        assert {k: got.get(k) for k in want} == want, got
        got = measures(e, label="year:2025")
        assert got["all.contacts_per_1000"] == "2.00" and "all.work_hours" not in got and "all.children" not in got, got
        for place, label in (("101", "month:2026-03"), ("dk", "month:2026-03"), ("751", "year:2024")):
            got = measures(e, place=place, label=label)
            assert not [k for k in got if "1000" in k or "work" in k or "cost" in k or "inhabitants" in k], got
        text = " ".join(e.ctl("measures", "751", "--label", "month:2026-03", "--lang", "da").stdout.split())
        for words in ("Post dig. Timer Pr. 1.000 I alt - - 4,12", "pr. 1.000 indbyggere: 4,12, af 50.000",
                      "11,48 timer til 106", "4.770 kr. til 106", "Dagtilbud 6"):
            assert words in text, (words, text)
        for place, there in (("751", True), ("101", False)):
            args = ("export", place, "--label", "month:2026-03", "--suppress", "1")
            report = json.loads(e.ctl(*args, "--format", "json").stdout)
            report = (report if isinstance(report, list) else report["reports"])[0]
            assert report.get("population") == ({"inhabitants": 50000, "contacts_per_1000": "4.12"} if there else None), report
            for form in ("csv", "text", "html"):
                assert ("per 1,000 inhabitants" in e.ctl(*args, "--format", form, "--lang", "en").stdout or
                        "contacts_per_1000" in e.ctl(*args, "--format", form, "--lang", "en").stdout) == there, form
        text = e.ctl("measures", "101", "--label", "month:2026-03").stdout
        assert "1,000" not in text and "kr." not in text, text


HOURS = """{ municipality = "0751"; closed = [ "2026-03-11" ];
    hours = ( { from = "2026-03-02"; monday = "09:00-15:00"; tuesday = "09:00-15:00"; wednesday = "09:00-15:00"; },
              { from = "2026-03-02"; channel = "phone"; tuesday = "08:00-10:00"; },
              { from = "2026-03-02"; unit = "library"; tuesday = "16:00-20:00"; } ); }"""
OPEN, CLOSED = "open", "closed"


def outside_opening_hours():
    """By the local clock of the event, to the minute, by the nearest hours, and once and for all."""
    with Effortd(start=False) as e:
        municipalities(e, HOURS)
        e.start()
        sent = [  # 2026-03-10 is a Tuesday; Denmark is an hour ahead of UTC
            (contact(1, "selfservice", "2026-03-10T09:00:00+01:00"), OPEN),
            (contact(2, "selfservice", "2026-03-10T08:59:59+01:00"), CLOSED),
            (contact(4, "selfservice", "2026-03-10T14:30:00Z"), CLOSED),  # half past three
            (contact(8, "counter", "2026-03-10T09:30:00+01:00"), OPEN),
            (contact(16, "phone", "2026-03-10T10:30:00+01:00"), CLOSED),
            (contact(32, "phone", "2026-03-10T16:30:00+01:00", unit="library"), OPEN),
            (contact(64, "selfservice", "2026-03-11T10:00:00+01:00"), CLOSED),  # a closed day
            (contact(128, "counter", "2026-03-01T10:00:00+01:00"), None),  # before the hours
            (contact(256, "counter", "2026-03-10T10:00:00+01:00", municipality="0101"), None),
            (contact(512, "counter", "2026-03-10T03:00:00+01:00", population="internal"), None),
            (contact(1024, "letter", "2026-03-10T03:00:00+01:00", direction="out"), None)]
        e.send(*(s for s, _ in sent))
        e.wait_counted(len(sent))
        cells = e.cells("effort:{0751}:m:2026-03")

        def cell(family, channel):
            return sum(v for f, v in cells.items() if f.startswith(family + ":") and "/%s/" % channel in f)
        got = {family + channel: cell(family, channel) for family in (OPEN, CLOSED) for channel in ("selfservice", "counter", "phone")}
        assert got == {"openselfservice": 1, "opencounter": 8, "openphone": 32, "closedselfservice": 70, "closedcounter": 0,
                       "closedphone": 16}, (got, cells)
        want = {"all.hours_known": "127", "all.outside_hours": "86", "all.outside_hours_share": "67.72",
                "all.outside_hours_selfservice_share": "98.59"}
        for place in ("751", "dk"):
            got = measures(e, place=place)
            assert {k: got.get(k) for k in want} == want, got
        assert "all.outside_hours" not in measures(e, place="101")
        text = " ".join(e.ctl("measures", "751", "--label", "month:2026-03", "--lang", "da").stdout.split())
        assert "Uden for åbningstid: 86 af 127" in text, text
        # corrected, restarted and with other hours: what was counted stays where it was counted
        e.send(contact(64, "selfservice", "2026-03-11T10:00:00+01:00", corrects=sent[6][0]["id"]))
        e.wait_counted(len(sent) + 1)
        assert measures(e)["all.outside_hours"] == "22"
        municipalities(e, HOURS.replace("08:00-10:00", "08:00-12:00"))
        e.ctl("reload")
        e.kill()
        e.start()
        e.send(contact(1, "phone", "2026-03-10T10:30:00+01:00"))
        e.wait_counted(1)
        got = measures(e)
        assert (got["all.outside_hours"], got["all.hours_known"]) == ("22", "64"), got


def what_is_wrong_is_told_with_its_line():
    with Effortd(start=False) as e:
        municipalities(e, '{ municipality = "0751"; inhabitants = ( { from = "2026-01-01"; number = 367.095; } ); }')
        try:
            e.start()
        except AssertionError as fault:
            assert "municipalities.conf:" in str(fault) and "write it as 367095" in str(fault), fault
        else:
            raise AssertionError("367.095 inhabitants were taken")


if __name__ == "__main__":
    run(per_1000_inhabitants_hours_and_kroner, outside_opening_hours, what_is_wrong_is_told_with_its_line)
