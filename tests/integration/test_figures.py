#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Published figures that must come out exactly: the UK tax-disc month, KL's figure 14, and the edges of the target."""
import os

from harness import ROOT, Effortd, event, run

# April 2012, by task and channel (UK government, tax disc volumetrics): (task, channel, assisted, volume)
TAX_DISC = [("v85", "counter", False, 9861), ("v85", "selfservice", False, 4572), ("v890", "counter", False, 1017),
            ("v10", "selfservice", False, 121592), ("v10", "counter", False, 68658), ("v10", "selfservice", True, 595827),
            ("v11-fleets", "selfservice", False, 92497), ("v11", "selfservice", False, 1500286),
            ("v11", "counter", False, 13059), ("v11", "selfservice", True, 1266699)]


def tax_disc_lines():
    """3,674,068 single transactions, spread over the days of the month, in blocks ready to send."""
    block, number = [], 0
    for task, channel, assisted, volume in TAX_DISC:
        tail = '","municipality":"0751","channel":"%s","task":"%s"%s}\n' % (
            channel, task, ',"assisted":true' if assisted else "")
        heads = ['","source":"dvla","time":"2012-04-%02dT%02d:00:00+02:00' % (1 + d, 8 + d % 10) for d in range(30)]
        for i in range(volume):
            number += 1
            block.append('{"id":"t-%d%s%s' % (number, heads[i % 30], tail))
            if len(block) == 2000:
                yield "".join(block).encode()
                block = []
    yield "".join(block).encode()


def the_tax_disc_month():
    areas = os.path.join(ROOT, "tests", "data", "taxdisc", "areas")
    with Effortd({"areas_dir": areas, "retention.day": "never"}) as e:
        with e.connect() as s:
            for block in tax_disc_lines():
                s.sendall(block)
        e.wait_counted(3674068, 300)
        share, cells = e.share(label="month:2012-04"), e.cells("effort:{0751}:m:2012-04")
        expected = {}
        for task, channel, assisted, volume in TAX_DISC:
            for family in ["n", "assisted"] if assisted else ["n"]:
                field = "%s:taxdisc/%s/%s/transaction" % (family, task, channel)
                expected[field] = expected.get(field, 0) + volume
        assert cells == expected, cells
        assert share["all.n"] == "3674068" and share["all.self"] == "1718947", share
        assert share["all.assisted"] == "1862526"
        assert share["all.share"] == "46.79" and share["all.share_incl_assisted"] == "97.48"
        days = [e.share(label="day:2012-04-%02d" % d) for d in range(1, 31)]
        assert sum(int(d["all.n"]) for d in days) == 3674068
        assert e.status()["accepted"] == 3674068


def kl_figure_14():
    seasons = [("2011-10-25", "2011-autumn", 47), ("2012-04-24", "2012-spring", 46), ("2012-10-23", "2012-autumn", 56),
               ("2013-04-23", "2013-spring", 69), ("2013-10-22", "2013-autumn", 68)]
    kle = ["29.03.04", "29.03.06", "23.05.10", "29.03.12"]
    with Effortd() as e:
        for day, _, percent in seasons:
            events = []
            for i in range(100):
                channel = "selfservice" if i < percent else ["phone", "counter", "letter", "email"][i % 4]
                events.append(event(time=day + "T10:00:00+02:00", kle=kle[i % 4], channel=channel, count=100))
            e.send(*events)
        e.wait_counted(500)
        for _, label, percent in seasons:
            share = e.share(label="season:" + label)
            assert share["group:kl-figure-14.n"] == "10000", share
            assert share["group:kl-figure-14.share"] == "%d.00" % percent, (label, share["group:kl-figure-14.share"])
            assert share["all.share"] == "%d.00" % percent


def edges_of_the_target():
    """79.99, 80.00 and 80.01 percent of 10,000; 79.996 is not shown as the 80 it misses; nothing is not zero."""
    cases = [("0751", 7999, 2001, "79.99", "0", "1", "-0.01"), ("0101", 8000, 2000, "80.00", "1", "0", "0.00"),
             ("0461", 8001, 1999, "80.01", "1", "0", "0.01")]
    with Effortd() as e:
        for municipality, own, other, *_ in cases:
            e.send(event(municipality=municipality, channel="selfservice", count=own),
                   event(municipality=municipality, channel="phone", count=other))
        e.send(event(municipality="0851", channel="selfservice", count=79996),
               event(municipality="0851", channel="phone", count=20004),
               event(municipality="0561", channel="phone", kind="information", count=5))
        e.wait_counted(9)
        for municipality, _, _, share, met, move, gap in cases:
            s = e.share(municipality, label="day:2026-03-10")
            got = tuple(s["group:target." + f] for f in ("share", "met", "move", "gap_pp", "target_n"))
            assert got == (share, met, move, gap, "10000"), (municipality, got)
        near = e.share("0851", label="day:2026-03-10")
        assert near["all.share"] == "79.99" and near["all.met"] == "0" and near["all.move"] == "4", near
        none = e.share("0561", label="day:2026-03-10")
        assert none["all.contacts"] == "5" and none["all.n"] == "0" and none["all.information"] == "5"
        for absent in ("all.share", "all.share_incl_assisted", "all.share_digital", "all.gap_pp", "all.move", "all.met"):
            assert absent not in none, absent


def sums_hold_over_everything():
    """Areas sum to all, channels to n, municipalities to the country, for every window."""
    kle = [l.split("\t")[0] for l in open(os.path.join(ROOT, "tests", "data", "kle-areas.tsv")) if l[0].isdigit()]
    channels = "selfservice digitalpost email letter phone counter video sms chat social web system other".split()
    with Effortd() as e:
        e.send(*[event(kle=kle[i % len(kle)], channel=channels[i % 13], municipality=["0751", "0101", "0461"][i % 3],
                       kind=["transaction", "information", "case", "unknown"][i // 7 % 4], count=1 + i % 5,
                       time="2026-0%d-1%dT12:00:00+02:00" % (4 + i % 3, i % 9)) for i in range(3000)])
        e.wait_counted(3000)
        labels = [k.split(":share:")[1] for k in e.redis.keys("effort:{dk}:share:*:*")]
        assert len(labels) > 10, labels
        for label in labels:
            country = {}
            for code in ("0751", "0101", "0461"):
                s = e.share(code, label=label)
                areas = [f[:-9] for f in s if f.endswith(".contacts") and not f.startswith(("all.", "group:"))]
                for field in ("contacts", "n", "self", "assisted", "digital", "exempt", "target_n"):
                    total = sum(int(s[a + "." + field]) for a in areas)
                    assert total == int(s.get("all." + field, 0)), (code, label, field)
                    country[field] = country.get(field, 0) + total
                for scope in ["all"] * bool(s) + areas:
                    assert sum(int(s["%s.ch.%s" % (scope, c)]) for c in channels) == int(s[scope + ".n"])
            dk = e.share("dk", label=label)
            for field, total in country.items():
                assert int(dk["all." + field]) == total, (label, field)
            assert "unclassified" in {f.split(".")[0] for f in dk} or label.startswith("day")


if __name__ == "__main__":
    run(kl_figure_14, edges_of_the_target, sums_hold_over_everything, the_tax_disc_month)
