#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Cases that a naive count gets wrong and that only a running effortd can show, by the number they have in the list of
25 (tests/README.md says where each of them is tested)."""
import json
import os
import shutil

from harness import BUILD, Effortd, event, run

DAY = "day:2026-03-10"
CELLS = "effort:{0751}:d:2026-03-10"


def contacts(n, channel, **fields):
    return event(**dict({"channel": channel, "count": n}, **fields))


def counted(e, *events):
    e.send(*events)
    e.wait_counted(len(events))
    return e.share(label=DAY)


def case_4_assisted_self_service_is_counted_once_and_said():
    with Effortd() as e:
        h = counted(e, contacts(60, "selfservice"), contacts(7, "selfservice", assisted="counter"),
                    contacts(3, "selfservice", assisted="phone"), contacts(30, "phone"))
        assert (h["all.n"], h["all.contacts"]) == ("100", "100"), h
        assert (h["all.self"], h["all.assisted"], h["all.ch.selfservice"], h["all.ch.phone"]) == ("60", "10", "70", "30"), h
        assert (h["all.share"], h["all.share_incl_assisted"]) == ("60.00", "70.00"), h
        assert int(h["all.n"]) == sum(int(v) for f, v in h.items() if f.startswith("all.ch.")), h


def case_5_internal_self_service_is_not_the_citizens():
    with Effortd() as e:
        h = counted(e, contacts(50, "selfservice", population="internal"), contacts(40, "selfservice", population="authority"),
                    contacts(5, "selfservice"), contacts(4, "selfservice", population="business"), contacts(1, "phone"))
        assert (h["all.n"], h["all.self"], h["all.contacts"], h["all.share"]) == ("10", "9", "10", "90.00"), h
        cells = e.cells(CELLS)
        assert sum(v for f, v in cells.items() if f.startswith("internal:")) == 90, cells
        assert sum(v for f, v in cells.items() if f.startswith("n:")) == 10, cells


def case_7_letters_mail_and_video_are_in_the_denominator():
    others = ("email", "letter", "video", "sms", "chat", "social", "other")
    with Effortd() as e:
        h = counted(e, contacts(10, "selfservice"), contacts(10, "digitalpost"), contacts(10, "phone"), contacts(10, "counter"),
                    *(contacts(10, channel) for channel in others))
        # of four channels only it would be 25 %
        assert (h["all.n"], h["all.share"], h["all.share_digital"]) == ("110", "9.09", "18.18"), h
        for channel in others:
            assert h["all.ch." + channel] == "10", (channel, h)


def case_8_an_area_without_a_plugin_does_not_vanish():
    with Effortd(start=False) as e:
        areas = os.path.join(e.folder, "areas")
        shutil.copytree(os.path.join(BUILD, "areas"), areas)
        os.remove(os.path.join(areas, "school.conf"))
        e.settings["areas_dir"] = areas
        e.start()
        h = counted(e, contacts(30, "phone", kle="17.20.01"), contacts(10, "selfservice", kle="17.20.01"),
                    contacts(60, "selfservice", kle="28.09.40"))
        assert "school.n" not in h, h
        assert (h["unclassified.contacts"], h["unclassified.n"], h["unclassified.self"]) == ("40", "40", "10"), h
        assert (h["all.contacts"], h["all.n"], h["all.share"]) == ("100", "100", "70.00"), h
        heads = [s for s in (f[:-2] for f in h if f.endswith(".n")) if s != "all" and not s.startswith("group:")]
        assert sum(int(h[s + ".n"]) for s in heads) == 100, "the areas sum to all: %s" % heads
        assert "unclassified.da" in e.redis.hgetall("effort:index:areas")


def case_9_whose_citizen_and_who_answered_are_two_municipalities():
    with Effortd() as e:
        h = counted(e, contacts(20, "phone", municipality="0751", handled_by="0740"),
                    contacts(5, "phone", municipality="0751", handled_by="ddh"),
                    contacts(75, "selfservice", municipality="0751"))
        assert (h["all.n"], h["all.share"]) == ("100", "75.00"), h
        assert e.redis.keys("effort:{0740}*") == [], "who answers has no contact of its own"
        by = e.redis.hgetall("effort:{0751}:by:handled_by:2026-03")
        assert (by["0740.contacts"], by["0740.n"], by["ddh.contacts"]) == ("20", "20", "5"), by
        dk = e.share("dk", label=DAY)
        assert dk["all.n"] == "100", dk


def case_21_a_batch_of_signups_is_that_many_contacts():
    """Herning's 3,500 sign-ups came as lists: as one event each list would be one contact."""
    with Effortd() as e:
        batch = contacts(3500, "selfservice", duration_s=7000)
        h = counted(e, batch, contacts(1, "phone"), batch)
        assert (h["all.contacts"], h["all.n"], h["all.self"]) == ("3501", "3501", "3500"), h
        status = e.status()
        assert (status["received"], status["accepted"], status["duplicate"]) == (3, 2, 1), status


def case_22_danish_letters_in_names_and_ascii_in_keys():
    with Effortd() as e:
        counted(e, contacts(2, "phone", municipality="0492"), contacts(1, "phone", municipality="0825"),
                contacts(1, "phone", unit="Børn"))
        assert e.redis.hgetall("effort:index:municipalities")["0492.da"] == "Ærø"
        areas = e.redis.hgetall("effort:index:areas")
        assert areas["eldercare.da"] == "Ældre", areas
        for key in e.redis.keys("*"):
            assert key.isascii(), key
            if e.redis("TYPE", key) == "hash" and ":index:" not in key:
                assert all(field.isascii() for field in e.redis.hgetall(key)), key
        shares = e.ctl("shares", "Ærø", "--window", "year", "--lang", "da", check=False).stdout
        assert "Ærø" in shares, shares
        # a unit's id is ASCII: said with the field, and the log stays text
        sources = json.loads(e.ctl("sources", "--json").stdout)["sources"]
        assert [s["codes"] for s in sources if s["name"] == "test"][0] == {"E_VALUE": 1}, sources
        assert "\ufffd" not in e.log()


if __name__ == "__main__":
    run(case_4_assisted_self_service_is_counted_once_and_said, case_5_internal_self_service_is_not_the_citizens,
        case_7_letters_mail_and_video_are_in_the_denominator, case_8_an_area_without_a_plugin_does_not_vanish,
        case_9_whose_citizen_and_who_answered_are_two_municipalities,
        case_21_a_batch_of_signups_is_that_many_contacts, case_22_danish_letters_in_names_and_ascii_in_keys)
