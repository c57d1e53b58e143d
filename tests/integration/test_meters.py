#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Meters and levels: what a franking machine or a statistics page has counted between two readings, over the days
between them, whatever the order they arrive in; levels are kept and never summed."""
import datetime
import json
import random
import time

from harness import Effortd, event, run, wait

PROBED = {"probe_interval": "1s", "follow_interval": "1s"}
EPOCH = datetime.date(1970, 1, 1)


def when(day, hour=8):
    return "%sT%02d:00:00%s" % (day, hour, "+02:00" if "2026-03-29" <= day <= "2026-10-24" and not (
        day == "2026-03-29" and hour < 3) else "+01:00")


def reading(meter, day, value, hour=8, **more):
    x = event(meter=meter, reading=value, time=when(day, hour), channel="letter", direction="out", form="physical",
              source="post", unit="mailroom", **more)
    return x


def picture(e):
    """Outgoing letters of every day and month that has any, and the unit's events."""
    found = {}
    for key in e.redis("KEYS", "effort:{0751}:[dmy]:*"):
        key = key.decode() if isinstance(key, bytes) else key
        for f, v in e.cells(key).items():
            if v != 0:
                found[key.split("}:")[1], f] = v
    return found


def last_day(x):
    """The last local day a reading covers."""
    day = datetime.date.fromisoformat(x["time"][:10])
    return (day - EPOCH).days - (int(x["time"][11:13]) < 12)


def truth(readings):
    """Readings of one meter in the order of time; differences day by day, month by month exactly."""
    want, field = {}, "out:administration/moving/letter/physical"

    def add(key, n):
        if n:
            want[key, field] = want.get((key, field), 0) + n
    readings = sorted(readings, key=lambda x: x["time"])
    for a, b in zip(readings, readings[1:]):
        count = b["reading"] - a["reading"] if b["reading"] >= a["reading"] else b["reading"]
        end = last_day(b)
        first = min(last_day(a) + 1, end)
        days = [EPOCH + datetime.timedelta(d) for d in range(first, end + 1)]
        n, month_first = len(days), 0
        for i, day in enumerate(days):
            if i + 1 == n or days[i + 1].month != day.month:
                part = count * (i + 1) // n - count * month_first // n
                k = i + 1 - month_first
                for j in range(k):
                    add("d:%s" % days[month_first + j], part * (j + 1) // k - part * j // k)
                add("m:%s" % day.isoformat()[:7], part)
                add("y:%d" % day.year, part)
                month_first = i + 1
    return want


def merged(*truths):
    want = {}
    for t in truths:
        for k, v in t.items():
            want[k] = want.get(k, 0) + v
    return want


def restart(e):
    e.kill()
    e.start()


def fold(e):
    for _ in range(2):
        e.stop()
        e.start()


def case_10_a_monthly_reading_is_booked_over_its_month():
    with Effortd() as e:
        e.send(reading("frank-1", "2026-03-01", 10000), reading("frank-1", "2026-04-01", 13100),
               reading("frank-1", "2026-04-30", 13700, hour=16))
        e.wait_counted(3)
        p = picture(e)
        out = "out:administration/moving/letter/physical"
        assert p["m:2026-03", out] == 3100 and p["m:2026-04", out] == 600 and p["y:2026", out] == 3700, p
        assert all(p["d:2026-03-%02d" % d, out] == 100 for d in range(1, 32)), p
        assert all(p["d:2026-04-%02d" % d, out] == 20 for d in range(1, 31)), p
        assert e.share(label="day:2026-03-10").get("all.contacts", "0") == "0", "outgoing post is in no share"
        s = e.status()
        assert s["meters"] == {"meters": 1, "readings": 3, "resets": 0, "doubtful": 0, "forgotten": 0}, s["meters"]
        e.ctl("journal", "dump")


def case_11_a_reset_or_replaced_meter_gives_no_negative_count():
    with Effortd() as e:
        e.send(reading("frank-1", "2026-03-01", 99000), reading("frank-1", "2026-03-11", 99900),
               reading("frank-1", "2026-03-21", 400), reading("frank-2", "2026-03-21", 5000),
               reading("frank-2", "2026-03-23", 5010))
        e.wait_counted(5)
        p = picture(e)
        out = "out:administration/moving/letter/physical"
        assert p["m:2026-03", out] == 900 + 400 + 10 and p["d:2026-03-12", out] == 40, p
        assert all(v > 0 for v in p.values()), p
        assert e.status()["meters"]["resets"] == 1 and "began anew" in e.log()


def a_mistyped_reading_is_told_and_taken_back():
    with Effortd() as e:
        e.send(reading("frank-1", "2026-03-01", 10000), reading("frank-1", "2026-03-11", 999999999, id="typo"),
               reading("frank-1", "2026-03-21", 10700), event(source="clerk"))
        e.wait_counted(4)
        out = "out:administration/moving/letter/physical"
        assert picture(e)["m:2026-03", out] == 10700, picture(e)
        told = [x for x in e.log().splitlines() if "mistyped" in x]
        assert len(told) == 2 and all("level=warning" in x and "municipality=0751" in x and "meter=frank-1" in x for x in told), told
        assert "day=2026-03-10" in told[0] and "shown=999999999" in told[0] and "counted=0" in told[0], told
        assert "day=2026-03-20" in told[1] and "counted=10700" in told[1], told
        sources = {x["name"]: x["doubtful_readings"] for x in json.loads(e.ctl("sources", "--json").stdout)["sources"]}
        assert (sources["post"], sources["clerk"]) == (2, 0) and e.status()["meters"]["doubtful"] == 2, sources
        assert "readings that may be mistyped: 2" in e.ctl("sources", "--lang", "en").stdout
        e.send(event(corrects="typo", source="post"))
        e.wait_settled()
        wait(lambda: picture(e)["m:2026-03", out] == 700, "the difference of the other two")


def in_any_order_with_kills_folding_and_corrections():
    dice = random.Random(11)
    meters = {}
    for k in range(6):
        value, list_ = 0, []
        for day in sorted(dice.sample(range(0, 200), 12)):
            value = dice.randint(0, 50) if dice.random() < .15 else value + dice.randint(0, 3000)
            list_.append(reading("m%d" % k, (datetime.date(2026, 1, 10) + datetime.timedelta(day)).isoformat(), value,
                                 hour=dice.randint(3, 22), id="m%d-%d" % (k, day)))
        meters[k] = list_
    events = [x for list_ in meters.values() for x in list_]
    undone = dice.sample(events, 15)
    undo = [event(id="undo-" + x["id"], corrects=x["id"], source="post", time=when("2026-08-01")) for x in undone]
    want = merged(*[truth([x for x in list_ if x not in undone]) for list_ in meters.values()])
    dice.shuffle(events)
    with Effortd(PROBED) as e:
        for part in range(4):
            some = events[part::4]
            with e.connect() as s:
                data = "".join(json.dumps(x) + "\n" for x in some).encode()
                s.sendall(data[:dice.randint(0, len(data))])
                time.sleep(dice.random() * .05)
            restart(e)
            e.send(*some)
            e.wait_counted(len(some))
            if part % 2 == 1:
                fold(e)
        got, all_of_them = picture(e), merged(*[truth(list_) for list_ in meters.values()])
        assert got == all_of_them, {k: (got.get(k), all_of_them.get(k)) for k in set(got) | set(all_of_them)
                                    if got.get(k) != all_of_them.get(k)}
        e.send(*undo[:8])
        e.wait_counted(8)
        restart(e)
        e.send(*undo)
        e.wait_counted(15)
        assert e.status()["refused"] == 0, e.status()
        got = picture(e)
        assert got == want, {k: (got.get(k), want.get(k)) for k in set(got) | set(want) if got.get(k) != want.get(k)}
        e.redis("FLUSHALL")
        wait(lambda: picture(e) == want, "the repair", 60)


def only_the_latest_readings_are_remembered():
    with Effortd() as e:
        days = [(datetime.date(2026, 3, 1) + datetime.timedelta(d)).isoformat() for d in range(60)]
        e.send(*[reading("frank-1", d, 10 * i, id="r%d" % i) for i, d in enumerate(days)])
        e.wait_counted(60)
        assert e.status()["meters"]["readings"] == 32
        fold(e)
        assert e.status()["meters"]["readings"] == 32
        before = picture(e)
        e.send(reading("frank-1", days[3], 35, hour=20, id="late"), reading("frank-1", days[-2], 585, hour=20))
        e.wait_counted(2)
        assert sum(v for k, v in picture(e).items() if k[0] == "y:2026") == 590
        assert {k: v for k, v in picture(e).items() if k[0] == "m:2026-03"} == {
            k: v for k, v in before.items() if k[0] == "m:2026-03"}, "what came before those remembered counts nothing"
        e.send(event(corrects="r3", source="post"), event(corrects="late", source="post"))
        e.wait_settled()
        assert e.status()["refused"] == 2


def levels_are_kept_and_never_summed():
    def level(day, value, **more):
        return event(**dict(dict(meter="digital-post-enrolled", level=value, time=when(day), channel="digitalpost",
                                 source="registry"), **more))
    with Effortd(PROBED) as e:
        newest = level("2026-03-21", 87.5)
        e.send(level("2026-03-20", 87.12), level("2026-03-01", 86.5), level("2026-03-10", 12, source="survey"),
               level("2026-03-05", 40.25, municipality="0101"), event(channel="phone"))
        e.wait_counted(5)
        key = "effort:{0751}:levels"

        def levels():
            return {k: v for k, v in e.redis.hgetall(key).items() if "@" in k and not k.endswith(".time")}
        want = {"digital-post-enrolled@registry": "87.12", "digital-post-enrolled@survey": "12.00"}
        wait(lambda: levels() == want, "the levels", 20)
        assert e.redis.hgetall(key)["digital-post-enrolled@registry.time"] == "1773990000000", e.redis.hgetall(key)
        assert e.redis.hgetall("effort:{dk}:levels") == {}
        assert not any("digitalpost" in k[1] for k in picture(e)), "levels are in no count"
        assert e.status()["received"] == e.status()["accepted"] == 5
        foreign = {"queue@elsewhere": "12.00", "queue@elsewhere.time": "1773990000000"}  # of another writer, which knows it
        for field, value in foreign.items():
            e.redis("HSET", key, field, value)
        e.send(newest, event(channel="phone"))
        want.update({"digital-post-enrolled@registry": "87.50", "queue@elsewhere": "12.00"})
        wait(lambda: levels() == want, "the newer level, beside what another one knows", 20)
        assert foreign.items() <= e.redis.hgetall(key).items(), e.redis.hgetall(key)
        restart(e)
        e.redis("DEL", key)
        del want["queue@elsewhere"]
        e.send(event(corrects=newest["id"], source="registry"), event(channel="phone"))
        want["digital-post-enrolled@registry"] = "87.12"
        wait(lambda: levels() == want, "the level before", 20)


def a_level_alone_is_shown_soon():
    with Effortd(PROBED) as e:
        e.send(event())
        e.wait_counted(1)
        time.sleep(3)  # followed up, and nothing is left to do
        level = event(meter="digital-post-enrolled", level=87.5, source="statistik")
        e.send(level)
        wait(lambda: e.redis("HGET", "effort:{0751}:levels", "digital-post-enrolled@statistik") == "87.50", "the level", 10)
        time.sleep(3)
        e.send(event(corrects=level["id"], source="statistik"))
        wait(lambda: not e.redis("EXISTS", "effort:{0751}:levels"), "it to go when it is taken back", 10)


run(case_10_a_monthly_reading_is_booked_over_its_month, case_11_a_reset_or_replaced_meter_gives_no_negative_count,
    a_mistyped_reading_is_told_and_taken_back,
    in_any_order_with_kills_folding_and_corrections, only_the_latest_readings_are_remembered,
    levels_are_kept_and_never_summed, a_level_alone_is_shown_soon)
