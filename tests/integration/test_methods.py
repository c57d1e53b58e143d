#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Two measurements of the same contacts, a register and a hand count: beside each other, never in the same share."""
import json

from harness import Effortd, event, run, wait
from test_life import config

DAY, CELLS = "day:2026-03-10", "effort:{0751}:m:2026-03"
APART = 'sources = ( { name = "paper"; method = "hand-count"; expected_every = "2s"; } );\n'


def register(n, channel="phone", **fields):
    return event(**dict({"source": "register", "channel": channel, "count": n}, **fields))


def paper(n, channel="phone", **fields):
    return register(n, channel, **dict({"source": "paper"}, **fields))


def measures(e):
    return json.loads(e.ctl("measures", "751", "--label", "month:2026-03", "--json").stdout)["measures"]


def beside_each_other_and_never_mixed():
    with Effortd(start=False) as e:
        config(e, APART)
        e.start()
        e.send(register(60, "selfservice"), register(40), paper(50, "selfservice"), paper(45), paper(5, "selfservice", assisted=True),
               paper(7, kind="case"), paper(9, "letter", direction="out", form="physical", reason="no-mailbox"))
        e.wait_counted(7)
        h = e.share(label=DAY)
        assert (h["all.contacts"], h["all.n"], h["all.self"], h["all.share"]) == ("100", "100", "60", "60.00"), h
        cells = e.cells(CELLS)
        apart = {f.split(":")[0] + "/" + f.split("/")[2]: v for f, v in cells.items() if f.startswith("apart")}
        assert apart == {"apart/selfservice": 55, "apart/phone": 45, "apart_assisted/selfservice": 5, "apart_other/phone": 7,
                         "apart_other/letter": 9}, cells
        assert not [f for f in cells if f.startswith(("out:", "reason:"))], cells
        assert sum(v for f, v in cells.items() if f.startswith("n:")) == 100, cells
        by = e.redis.hgetall("effort:{0751}:by:source:2026-03")
        assert (by["register.contacts"], by["paper.contacts"]) == ("100", "0"), by
        got = measures(e)
        want = {"all.contacts": "100", "all.method.shares.n": "100", "all.method.shares.share": "60.00",
                "all.method.hand-count.n": "100", "all.method.hand-count.share": "50.00",
                "all.method.hand-count.share_incl_assisted": "55.00", "all.method.hand-count.other": "16"}
        assert {k: got.get(k) for k in want} == want, got
        text = " ".join(e.ctl("measures", "751", "--label", "month:2026-03").stdout.split())
        assert "shares 100 60.00% 60.00% hand-count 100 50.00% 55.00%" in text, text
        assert "counted apart: hand-count" in e.ctl("sources").stdout


def its_silence_is_told_and_no_share_lacks_it():
    with Effortd(start=False) as e:
        config(e, APART)
        e.start()
        wait(lambda: 'msg="source silent" source=paper' in e.log(), "its silence to be told")
        e.send(register(100))
        e.wait_counted(1)
        h = e.share(label=DAY)
        assert h["incomplete"] == "0" and "missing" not in h, h


def what_was_apart_stays_apart():
    """Through a correction, a crash, a loss of Redis, and when the source stands among the others from then on."""
    with Effortd({"probe_interval": "1s"}, start=False) as e:
        config(e, APART)
        e.start()
        counted = paper(100)
        e.send(register(100), counted, paper(20, corrects=counted["id"]))
        e.wait_counted(3)
        assert measures(e)["all.method.hand-count.n"] == "80"
        config(e, "")
        e.kill()
        e.start()
        e.send(paper(100), paper(30, corrects=counted["id"]))
        e.wait_counted(2)
        got = measures(e)
        assert (got["all.contacts"], got["all.method.hand-count.n"]) == ("200", "50"), got
        by = e.redis.hgetall("effort:{0751}:by:source:2026-03")
        for _ in range(2):  # folded into totals
            e.stop()
            e.start()
        e.redis("FLUSHALL")
        wait(lambda: e.share(label=DAY).get("all.n") == "200", "Redis to be repaired", 60)
        wait(lambda: measures(e).get("all.method.hand-count.n") == "50", "what is apart too", 60)
        wait(lambda: e.redis.hgetall("effort:{0751}:by:source:2026-03").get("paper.contacts") == by["paper.contacts"] == "100",
             "and the names", 60)


def it_is_in_force_however_many_names_were_used():
    with Effortd(start=False) as e:
        config(e, "")
        e.start()
        e.send(*[event(source="s%d" % i) for i in range(4200)])
        e.wait_counted(4200)
        config(e, APART)
        e.ctl("reload")
        e.send(*[paper(1) for _ in range(10)])
        e.wait_counted(4210)
        assert e.share(label=DAY)["all.contacts"] == "4200", e.share(label=DAY)["all.contacts"]
        wait(lambda: 'msg="source silent" source=paper' in e.log(), "its silence to be told")
        sources = json.loads(e.ctl("sources", "--json").stdout)["sources"]
        assert (len(sources), sum(s["received"] for s in sources)) == (4095, 4210), len(sources)  # but `_unknown`, of which nothing came


def a_method_is_a_short_word():
    with Effortd(start=False) as e:
        for method in ("", "Hand", "shares", "a-word-that-is-too-long"):
            config(e, 'sources = ( { name = "paper"; method = "%s"; } );\n' % method)
            try:
                e.start()
            except AssertionError as fault:
                assert "effortd.conf:4:" in str(fault) and "method: " in str(fault), fault
            else:
                raise AssertionError("method %s was taken" % method)
        e.p = None
        config(e, "sources = ( %s );\n" % ", ".join('{ name = "s%d"; method = "m%d"; }' % (i, i) for i in range(5)))
        try:
            e.start()
        except AssertionError as fault:
            assert "more than 4 methods" in str(fault), fault


if __name__ == "__main__":
    run(beside_each_other_and_never_mixed, its_silence_is_told_and_no_share_lacks_it, what_was_apart_stays_apart,
        it_is_in_force_however_many_names_were_used, a_method_is_a_short_word)
