#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""What units, portals and answering municipalities come to: resolved at the first contact, forwarded, helped."""
import json

from harness import Effortd, event, run, wait

APRIL = "2026-04-10T12:00:00+02:00"


def contact(n, channel, unit="library", **more):
    return event(**dict({"channel": channel, "count": n, "unit": unit}, **more))


def names(e, label="month:2026-03", by="unit", place="751"):
    rows = json.loads(e.ctl("measures", place, "--label", label, "--by", by, "--json").stdout)["names"]
    return {row.pop("name"): row for row in rows}


def rates_per_unit():
    with Effortd() as e:
        sent = [contact(30, "phone"), contact(10, "phone", outcome="forwarded"), contact(5, "phone", outcome="abandoned"),
                contact(20, "counter", kind="case"), contact(6, "selfservice", portal="borger.dk"),
                contact(4, "selfservice", assisted="library"), contact(2, "selfservice", assisted="library", kind="information"),
                contact(8, "email"), contact(7, "counter", "town-hall/1.sal", outcome="forwarded"),
                contact(3, "phone", None), contact(9, "phone", population="internal"), contact(40, "phone", time=APRIL)]
        e.send(*sent)
        e.wait_counted(len(sent))
        got = names(e)
        assert set(got) == {"library", "town-hall/1.sal"}, got
        assert got["library"] == {"contacts": "85", "n": "58", "self": "6", "share": "10.34", "handled": "60", "forwarded": "10",
                                  "assisted": "4", "first_contact_resolution": "83.33", "forward_rate": "16.67",
                                  "assistance_rate": "40.00"}, got
        assert got["town-hall/1.sal"]["first_contact_resolution"] == "0.00", got
        assert "assistance_rate" not in got["town-hall/1.sal"], got
        spring = names(e, "season:2026-spring")["library"]
        assert (spring["handled"], spring["first_contact_resolution"]) == ("100", "90.00"), spring
        assert names(e, "month:2026-04", place="dk")["library"]["contacts"] == "40"
        assert names(e, "year:2025") == {}
        assert names(e, by="portal") == {"borger.dk": {"contacts": "6", "n": "6", "self": "6", "share": "100.00"}}
        assert set(names(e, by="source")) == {"test"}
        text = " ".join(e.ctl("measures", "751", "--label", "month:2026-03", "--by", "unit", "--lang", "da").stdout.split())
        assert "library 85 10,34 % 83,33 % 16,67 % 40,00 %" in text, text
        assert "henvendelser efter enhed. Enhed " in text, text
        text = e.ctl("measures", "751", "--label", "month:2026-03", "--by", "handled_by", "--lang", "da").stdout
        assert "efter hvem der svarede." in text and "handled_by" not in text, text
        for asked in (["--label", "week:2026-W11"], ["--window", "day"]):
            p = e.ctl("measures", "751", *asked, "--by", "unit", "--lang", "da", check=False)
            assert p.returncode == 64 and "navne tælles pr. måned" in p.stderr and "Spørg om en måned" in p.stderr, p
        assert e.ctl("measures", "751", "--by", "person", check=False).returncode == 64


def they_are_taken_back_and_survive():
    with Effortd({"probe_interval": "1s"}) as e:
        first = contact(30, "phone")
        e.send(first, contact(10, "phone", outcome="forwarded"))
        e.wait_counted(2)
        e.send(contact(20, "letter", corrects=first["id"]))
        e.wait_counted(3)
        assert names(e)["library"]["first_contact_resolution"] == "50.00", names(e)
        mistake = contact(4, "phone", "desk")
        e.send(mistake)
        e.wait_counted(1)
        assert set(names(e)) == {"library", "desk"}, names(e)
        e.send(contact(4, "letter", corrects=mistake["id"]))
        e.wait_counted(1)
        wait(lambda: set(names(e)) == {"library"}, "nobody of the desk is left")
        e.kill()
        e.start()
        e.send(contact(10, "phone"))
        e.wait_counted(1)
        want = e.redis.hgetall("effort:{0751}:by:unit_end:2026-03")
        assert want["resolved/library.contacts"] == "20" and want["forwarded/library.contacts"] == "10", want
        for _ in range(2):  # folded into totals
            e.stop()
            e.start()
        e.redis("DEL", "effort:{0751}:by:unit_end:2026-03", "effort:{0751}:by:unit:2026-03")
        wait(lambda: e.redis.hgetall("effort:{0751}:by:unit_end:2026-03").get("resolved/library.contacts") == "20",
             "the loss to be repaired", 60)
        wait(lambda: names(e)["library"]["first_contact_resolution"] == "66.67", "the unit's own too", 60)


if __name__ == "__main__":
    run(rates_per_unit, they_are_taken_back_and_survive)
