#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""`effortctl shares` against a fake daemon: the sentence, the areas, the tasks, the ranking, widths, terminals."""

import contextlib
import fcntl
import json
import os
import pty
import re
import struct
import termios
import unittest

from ctl_harness import EFFORTCTL, NOW, Case, Daemon, answers, environment, once, ranking_doc, scope, shares_doc


class Shares(Case):
    def test_opens_with_one_sentence(self):
        self.ctl("shares", "751", answer=answers())
        self.passes()
        self.assertEqual(self.err, "")
        sentence = re.sub(r"\s+", " ", self.out.split("\n\n")[0])
        self.assertEqual(sentence,
                         "Aarhus, Saturday 21 November 2026, 14:04, all sources reporting: 73.90% of 1,134 applications "
                         "and notifications came by self-service, the target is 80.00% and 70 must change channel; "
                         "2.10 percentage points more than Saturday 14 November 2026 as a whole.")
        self.assertEqual(self.requests[-1], {"cmd": "shares", "municipality": "0751", "window": "day"})

    def test_danish_sentence(self):
        self.ctl("shares", "0751", "--lang", "da", answer=answers())
        sentence = re.sub(r"\s+", " ", self.out.split("\n\n")[0])
        self.assertEqual(sentence,
                         "Aarhus, lørdag 21. november 2026 kl. 14.04, alle kilder melder: 73,90 % af 1.134 ansøgninger "
                         "og anmeldelser kom ved selvbetjening, målet er 80,00 %, og 70 skal skifte kanal; 2,10 "
                         "procentpoint mere end lørdag 14. november 2026 som helhed.")

    def rows(self):
        table = self.out.split("\n\n")[1].splitlines()
        return [line for line in table[1:] if not line.startswith(" ")]

    def test_areas_by_what_is_missing_then_unclassified_then_all(self):
        self.ctl("shares", "751", answer=answers())
        names = [re.split(r"\s{2,}", row)[0] for row in self.rows()]
        self.assertEqual([name.split()[0] for name in names[:4]], ["Social", "Administration", "School", "Daycare"])
        self.assertEqual(names[-2:], ["Unclassified", "All"])
        self.assertEqual(set(names[4:-2]), {"Eldercare", "Technical services", "Employment", "Other"})

    def test_cells_of_a_row(self):
        self.ctl("shares", "751", answer=answers())
        self.assertRegex(self.rows()[0], r"^Social services +412 +61\.17% +69\.90% +█+▒*·*│·* +78$")
        self.assertRegex(self.rows()[3], r"^Daycare +200 +95\.00% +97\.50% +█+│█+[▒·]* +met$")
        self.assertRegex(self.rows()[-1], r"^All +1,234 +67\.91% ")

    def test_channels_without_selfservice_largest_first(self):
        self.ctl("shares", "751", answer=answers())
        self.assertIn("\n  by phone 90, letter 20, counter 8, email 4, others 2\n", self.out)
        self.ctl("shares", "751", "--lang", "da", answer=answers())
        self.assertIn("\n  via telefon 90, brev 20, personligt fremmøde 8, e-mail 4, øvrige 2\n", self.out)

    def test_no_data_is_a_dash_with_the_word_and_never_zero(self):
        self.ctl("shares", "751", answer=answers())
        for area in ("Eldercare", "Technical services"):
            row = next(r for r in self.rows() if r.startswith(area))
            self.assertRegex(row, rf"^{area} +none +- +- +-$")
        self.ctl("shares", "751", "--lang", "da", answer=answers())
        self.assertRegex(next(r for r in self.rows() if r.startswith("Ældre")), r"^Ældre +ingen +- +- +-$")

    def test_three_tasks_to_move_first(self):
        self.ctl("shares", "751", answer=answers())
        tasks = re.sub(r"\n {5}", " ", self.out.split("To move first:\n")[1]).splitlines()
        self.assertEqual(tasks, [
            "  1. Health supplement (Social services): 60 must change channel, 85 can; share 50.00% of 200",
            "  2. Change of address (Administration and citizen service): 40 must change channel, 90 can; share "
            "66.67% of 300",
            "  3. social/rent-support (Social services): 10 must change channel, 20 can; share 60.00% of 50"])

    def test_country_in_the_readers_language(self):
        doc = shares_doc(municipality={"code": "dk", "name": "Danmark"})
        self.assertTrue(self.ctl("shares", "dk", answer=answers(shares=doc)).startswith("Denmark, "))
        self.assertTrue(self.ctl("shares", "dk", "--lang", "da", answer=answers(shares=doc)).startswith("Danmark, "))

    def test_more_to_move_than_can(self):
        tasks = once(**scope("social/pension-supplement", 200, 100, 60, 80, exempt=5))
        self.ctl("shares", "751", answer=answers(shares=shares_doc(tasks=tasks)))
        self.assertIn("60 must change channel, only 35 can, so moving them is not enough; share", self.flat())
        self.ctl("shares", "751", "--lang", "da", answer=answers(shares=shares_doc(tasks=tasks)))
        self.assertIn("60 skal skifte kanal, kun 35 kan, så det er ikke nok at flytte dem; andel", self.flat())

    def test_missing_is_of_tasks_under_the_target_alone(self):
        share = {**once(**scope("all", 2000, 1000, 0, 80)), "all.target_n": "1134"}
        for lang, words in (("en", "\nMissing and the target: only tasks under the target, 1,134 of 2,000.\n"),
                            ("da", "\nMangler og målet: kun opgaver under målet, 1.134 af 2.000.\n")):
            self.ctl("shares", "751", "--lang", lang, answer=answers(shares=shares_doc(share=share)))
            self.assertIn(words, self.out)
            self.assertTrue(all(len(line) <= 80 for line in self.out.splitlines()), self.out)
        self.ctl("shares", "751", answer=answers(shares=shares_doc(share={**share, "all.target_n": "2000"})))
        self.assertNotIn("Missing and the target", self.out)

    def test_one_application(self):
        share = once(**scope("group:target", 1, 1, 0, 80))
        self.ctl("shares", "751", answer=answers(shares=shares_doc(share=share)))
        self.assertIn("100.00% of 1 application or notification came by self-service", self.flat())
        self.ctl("shares", "751", "--lang", "da", answer=answers(shares=shares_doc(share=share)))
        self.assertIn("100,00 % af 1 ansøgning eller anmeldelse kom", self.flat())

    def test_closed_period_without_data(self):
        doc = shares_doc(share={}, tasks={}, before={}, is_running=False, is_under_way=False)
        self.ctl("shares", "751", "--label", "day:2026-11-21", answer=answers(shares=doc))
        self.assertIn("Saturday 21 November 2026, no applications and notifications under the target.", self.flat())
        self.ctl("shares", "751", "--label", "day:2026-11-21", "--lang", "da", answer=answers(shares=doc))
        self.assertIn("21. november 2026, ingen ansøgninger og anmeldelser under målet.", self.flat())
        doc["share"] = once(incomplete="1", missing="borger.dk")
        self.ctl("shares", "751", "--label", "day:2026-11-21", answer=answers(shares=doc))
        self.assertIn("2026, without data from borger.dk: no applications", self.flat())

    def test_nothing_to_move(self):
        self.ctl("shares", "751", answer=answers(shares=shares_doc(tasks=once())))
        self.assertIn("No task is missing anything.", self.out)

    def test_just_under_at_and_over_the_target(self):
        for self_, share, met in ((7999, "79.99%", False), (8000, "80.00%", True), (8001, "80.01%", True)):
            share_hash = {**once(), **scope("group:target", 10000, self_, 0, 80), **scope("daycare", 10000, self_, 0, 80)}
            self.ctl("shares", "751", "--lang", "en", answer=answers(shares=shares_doc(share=share_hash)))
            row = next(r for r in self.rows() if r.startswith("Daycare"))
            bar = re.search(r"[█▒·│]+", row).group()
            self.assertIn(share, row)
            self.assertEqual(row.endswith("met"), met)
            if met:
                self.assertIn("so the target of 80.00% is met", self.flat())
            else:
                self.assertTrue(row.endswith(" 1"), row)
                self.assertIn("the target is 80.00% and 1 must change channel", self.flat())
                self.assertNotIn("█", bar.split("│")[1])

    def test_empty_day(self):
        self.ctl("shares", "751", answer=answers(shares=shares_doc(share=once(), tasks={}, before={})))
        self.passes()
        self.assertIn("all sources reporting: no applications and notifications under the target yet.", self.flat())
        self.assertNotIn("0.00%", self.out)

    def test_comparison(self):
        self.ctl("shares", "751", answer=answers(shares=shares_doc(before={})))
        self.assertIn("; no numbers from Saturday 14 November 2026 to compare with.", self.flat())
        self.ctl("shares", "751", answer=answers(shares=shares_doc(before={"group:target.share": "80.00"})))
        self.assertIn("; 6.10 percentage points less than Saturday 14 November 2026 as a whole.", self.flat())
        self.ctl("shares", "751", answer=answers(shares=shares_doc(before={"group:target.share": "73.90"})))
        self.assertIn("; the same as Saturday 14 November 2026 as a whole.", self.flat())

    def test_closed_period_has_no_clock_and_is_not_late(self):
        doc = shares_doc(is_running=False, is_under_way=False)
        doc["share"]["as_of"] = str(NOW - 86_400_000)
        self.ctl("shares", "751", "--label", "day:2026-11-21", answer=answers(shares=doc))
        self.assertIn("Aarhus, Saturday 21 November 2026, all sources", self.flat())
        self.assertNotIn("not live", self.out)
        self.assertNotIn("as a whole", self.out)

    def test_the_running_period_by_its_label(self):
        """A part of a period is held against a whole one; a dated hash that rests is whole up to now, not late."""
        doc = shares_doc(is_running=False, label="month:2026-11", window="month", before_label="month:2026-10")
        doc["share"]["as_of"] = str(NOW - 86_400_000)
        self.ctl("shares", "751", "--label", "month:2026-11", answer=answers(shares=doc))
        self.assertIn("Aarhus, November 2026 up to Saturday 21 November, 14:05, all sources", self.flat())
        self.assertIn("more than October 2026 as a whole.", self.flat())
        self.assertNotIn("not live", self.out)
        doc.update(label="period:e", window="period", title="Efterår 2026", first="2026-11-16", last="2026-12-06",
                   before_label="period:f", before_title="Forår 2026")
        doc["share"]["as_of"] = str(NOW - 60_000)
        self.ctl("shares", "751", "--label", "period:e", "--lang", "da", answer=answers(shares=doc))
        self.assertIn("6. december 2026) til lørdag 21. november kl. 14.04, alle kilder", self.flat())
        self.assertIn("mere end Forår 2026 som helhed.", self.flat())

    def test_other_windows(self):
        for label, before, english, danish in (
                ("week:2026-W47", "week:2026-W46", "week 47 of 2026 up to Saturday 21 November, 14:04",
                 "uge 47, 2026 til lørdag 21. november kl. 14.04"),
                ("month:2026-11", "month:2026-10", "November 2026 up to", "november 2026 til"),
                ("quarter:2026-Q4", "quarter:2026-Q3", "Q4 2026 up to", "4. kvartal 2026 til"),
                ("season:2026-autumn", "season:2026-spring", "autumn 2026 up to", "efterår 2026 til"),
                ("year:2026", "year:2025", ", 2026 up to", ", 2026 til")):
            window = label.split(":")[0]
            doc = shares_doc(label=label, window=window, before_label=before)
            self.ctl("shares", "751", "--window", window, answer=answers(shares=doc))
            self.assertIn(english, self.flat())
            self.assertEqual(self.requests[-1]["window"], window)
            self.ctl("shares", "751", "--window", window, "--lang", "da", answer=answers(shares=doc))
            self.assertIn(danish, self.flat())

    def test_not_live_incomplete_rebuilding(self):
        doc = shares_doc()
        doc["share"].update(as_of=str(NOW - 15_000))
        self.ctl("shares", "751", answer=answers(shares=doc))
        self.assertNotIn("not live", self.out)
        doc["share"].update(as_of=str(NOW - 900_000), incomplete="1", missing="borger.dk,callcenter", rebuilding="1")
        self.ctl("shares", "751", answer=answers(shares=doc))
        text = self.flat()
        self.assertIn("without data from borger.dk, callcenter:", text)
        self.assertIn("! not live since Saturday 21 November, 13:50 (15 min old)", text)
        self.assertIn("! incomplete: silent sources: borger.dk, callcenter", text)
        self.assertIn("! being rebuilt", text)
        self.ctl("shares", "751", "--lang", "da", answer=answers(shares=doc))
        self.assertIn("! ikke live siden lørdag 21. november kl. 13.50 (15 min gammel)", self.flat())
        self.assertIn("! ufuldstændigt: tavse kilder: borger.dk, callcenter", self.flat())

    def test_widths(self):
        for width in (40, 50, 60, 80, 100, 132, 200):
            for lang in ("da", "en"):
                for charset in ("C.UTF-8", "C"):
                    for place in ([], ["751"]):
                        self.ctl("shares", *place, "--lang", lang, answer=answers(),
                                 env={"COLUMNS": str(width), "LC_ALL": charset})
                        self.passes()
                        if width >= 60:
                            wide = [line for line in self.out.splitlines() if len(line) > width]
                            self.assertEqual(wide, [])
        self.ctl("shares", "751", answer=answers(), env={"COLUMNS": "80"})
        self.assertIn("│", self.out)
        self.ctl("shares", "751", answer=answers(), env={"COLUMNS": "132"})
        self.assertIn("Administration and citizen service ", self.out)

    def test_ascii(self):
        self.ctl("shares", "751", "--lang", "da", answer=answers(), env={"LC_ALL": "C"})
        self.passes()
        self.assertTrue(self.out.isascii(), self.out)
        self.assertIn("loerdag 21. november", self.out)
        self.assertRegex(self.out, r"Socialomraadet +412 +61,17 % +69,90 % +#+\+*\.*\|\.* +78")

    def test_header_over_the_mark(self):
        self.ctl("shares", "751", answer=answers(), env={"COLUMNS": "120"})
        header, *rest = self.out.split("\n\n")[1].splitlines()
        self.assertEqual(header.index("target 80") + len("target 80") - 1, rest[0].index("│"))

    def test_json(self):
        raw = json.dumps(shares_doc(), ensure_ascii=False).encode()
        self.ctl("shares", "751", "--json", "--lang", "da", answer=lambda request: raw + b"\n", env={"LC_ALL": "C"})
        self.passes()
        self.assertEqual(self.raw, raw + b"\n")
        self.assertEqual(len(self.requests), 1)

    def test_labels(self):
        for args, window, label in ((["--label", "week:2026-W47"], "week", "week:2026-W47"),
                                    (["--label", "2026-11-20"], "day", "day:2026-11-20"),
                                    (["--window", "month", "--label", "2026-10"], "month", "month:2026-10")):
            self.ctl("shares", "dk", *args, answer=answers())
            self.passes()
            self.assertEqual(self.requests[-1], {"cmd": "shares", "municipality": "dk", "window": window, "label": label})
        self.ctl("shares", "--window", "day", "--label", "week:2026-W47")
        self.fails(64, "does not go with --window day")
        for label in ('x"y', "dya:2026-11-21", "x" * 60):
            self.ctl("shares", "--label", label)
            self.fails(64, "--")
        self.ctl("shares", "--window", "mnoth")
        self.fails(64, "Did you mean 'month'?")

    def test_municipality_by_name(self):
        for name, code in (("Aarhus", "0751"), ("aarhus", "0751"), ("ÅRHUS", "0751"), ("kØge", "0259"), ("koege", "0259"),
                           ("køben", "0101"), ("751", "0751"), ("DK", "dk"), ("danmark", "dk")):
            self.ctl("shares", name, answer=answers())
            self.passes()
            self.assertEqual(self.requests[-1]["municipality"], code, name)
        self.ctl("shares", "aa", answer=answers())
        self.fails(64, "several municipalities begin with 'aa'", "Aarhus (0751)", "Aalborg (0851)")
        self.ctl("shares", "Arhus", answer=answers())
        self.fails(64, "no municipality called 'Arhus'", "Did you mean 'Aarhus'?")
        self.ctl("shares", "Atlantis", answer=answers())
        self.fails(64, "Give the code")
        self.ctl("shares", "751", "851", answer=answers())
        self.fails(64, "'851' is one argument too many")

    def test_ranking(self):
        self.ctl("shares", answer=answers())
        self.passes()
        title, table = self.out.split("\n\n")
        self.assertIn("Saturday 21 November 2026", title)
        rows = [re.split(r"\s{2,}", line.strip()) for line in table.splitlines()[1:]]
        self.assertEqual([row[0] for row in rows], ["Denmark", "1 Aalborg", "2 København", "3 Aarhus", "Køge"])
        self.assertEqual(rows[1][1:4], ["50", "90.00%", "90.00%"])
        self.assertEqual(rows[1][-1], "met")
        self.assertEqual(rows[-1], ["Køge", "none", "-", "-", "-"])
        self.ctl("shares", "--lang", "da", answer=answers())
        self.assertRegex(self.out, r"(?m)^ +Danmark +5\.000 ")

    def test_long_ranking_is_right_in_every_row(self):
        self.ctl("shares", answer=answers(ranking=ranking_doc(99)))
        for i in range(99):
            self.assertRegex(self.out, rf"Kommune{i} +{100 + i} +{'%.2f' % (5000 / (100 + i))}%".replace(".", r"\."))

    def test_ranking_without_data(self):
        self.ctl("shares", "--window", "week", answer=answers(ranking={"ok": True, "municipalities": []}))
        self.passes()
        self.assertIn("No municipality has data for week.", self.out)

    def test_watch_in_a_pipe(self):
        self.ctl("shares", "751", "--watch", "0.1", "--times", "3", answer=answers())
        self.passes()
        self.assertEqual(self.flat().count("70 must change channel"), 3)
        self.assertNotIn("\x1b", self.out)
        self.ctl("shares", "751", "--watch", "0.1", "--times", "2", "--json", answer=answers())
        self.assertEqual(len([json.loads(line) for line in self.out.splitlines()]), 2)
        for bad in (["--watch", "soon"], ["--watch", "0"], ["--watch", "nan"], ["--watch", "1", "--times", "0"]):
            self.ctl("shares", *bad)
            self.fails(64, "--watch 2")

    def test_control_characters_never_reach_the_terminal(self):
        doc = shares_doc(municipality={"code": "0751", "name": "Aar\x1b[31mhus\x07\u009b\u202e\nforged"})
        self.ctl("shares", "751", answer=answers(shares=doc))
        self.assertIsNone(re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", self.out))
        self.assertNotRegex(self.out, r"(?m)^forged")


class Terminal(Case):
    def on_terminal(self, *args, rows=50, columns=80, **env):
        daemon = Daemon(answers())
        pid, fd = pty.fork()
        if pid == 0:
            try:  # the child must not go on as a second test run
                os.execve(EFFORTCTL, [EFFORTCTL, *args, "--run-dir", daemon.dir],
                          {k: v for k, v in environment(**env).items() if k != "COLUMNS"})
            finally:
                os._exit(127)
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        data = b""
        with contextlib.suppress(OSError):
            while True:
                part = os.read(fd, 65536)
                if not part:
                    break
                data += part
        os.close(fd)
        status = os.waitpid(pid, 0)[1]
        daemon.close()
        self.assertEqual(os.waitstatus_to_exitcode(status), 0, data)
        return data.decode()

    def test_colour_only_where_it_is_wanted(self):
        self.assertIn("\x1b[31m", self.on_terminal("shares", "751", TERM="xterm"))
        self.assertNotIn("\x1b", self.on_terminal("shares", "751", TERM="dumb"))
        self.assertNotIn("\x1b", self.on_terminal("shares", "751", TERM="xterm", NO_COLOR="1"))

    def test_watch_redraws_in_place_and_fits(self):
        out = self.on_terminal("shares", "751", "--watch", "0.3", "--times", "3", TERM="xterm", rows=22)
        frames = out.split("\x1b[H")[1:]
        self.assertEqual(len(frames), 3)
        for frame in frames[1:]:
            self.assertLess(frame.count("\n"), 22)
            self.assertIn("Social services", frame)
            self.assertNotIn("by phone", frame)
        out = self.on_terminal("shares", "751", "--watch", "0.3", "--times", "2", TERM="xterm", rows=60)
        self.assertIn("by phone", out.split("\x1b[H")[2])

    def test_watch_on_a_dumb_terminal_is_a_repeated_table(self):
        out = self.on_terminal("shares", "751", "--watch", "0.1", "--times", "2", TERM="dumb")
        self.assertNotIn("\x1b", out)
        self.assertEqual(out.count("To move first:"), 2)


if __name__ == "__main__":
    unittest.main()
