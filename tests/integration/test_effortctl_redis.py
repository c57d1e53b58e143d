#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""effortctl redis, and what status says of journal, ids, acks and refused lines, against a fake daemon: what monitoring and
people read in Danish and English, and that audit and rebuild wait for the end."""

import json
import time
import unittest

from ctl_harness import Case, answers, status_doc


def redis_doc(**more):
    doc = {"ok": True, "state": "ready", "address": "unix:///run/effortd/redis.sock", "version": "7.0.15",
           "writer": "0123456789abcdef", "position": 123456789012, "periods": 812, "gaps": 3, "repairs": 3, "repairing": 0,
           "probed": 98765, "auditing": False, "lag_s": 0.0, "advice": [], "advice_kinds": [], "error": ""}
    doc.update(more)
    return doc


class Busy:
    """Has work for some questions after it was asked to do something."""

    def __init__(self, rounds=3, found=0, answer=None, periods=7, unwhole=0, **others):
        self.rounds, self.found, self.answer, self.left, self.asked = rounds, found, answer, 0, []
        self.periods, self.unwhole, self.others = periods, unwhole, others

    def __call__(self, request):
        if request["cmd"] != "redis":
            self.asked.append(request)
            if self.answer is not None:
                return self.answer
            self.left = self.rounds
            return {"ok": True, "periods": self.periods} if request["cmd"] == "redis-rebuild" else {"ok": True}
        self.left = max(0, self.left - 1)
        if self.left > 0:
            return redis_doc(auditing=self.left > 1, repairing=self.left, gaps=3 + self.found)
        done = bool(self.asked)
        return redis_doc(probed=98765 + 500 * done, gaps=3 + self.found * done, repairs=3 + self.found * done,
                         unwhole=2 + self.unwhole * done, **(self.others if done else {}))


class Check(Case):
    def check(self, code, *words, lang="en", **more):
        self.ctl("redis", "check", "--lang", lang, answer=answers(redis=redis_doc(**more)))
        self.assertEqual(self.code, code, self.out + self.err)
        for word in words:
            self.assertIn(word, self.flat())
        self.assertTrue(all(len(line) <= 80 for line in self.out.splitlines()), self.out)

    def test_fine(self):
        self.check(0, "OK: Redis has what is counted; lag 0.0 s", "812 periods kept", "98,765 hashes looked at",
                   "0123456789abcdef at position 123456789012", "7.0.15 at unix:///run")
        self.check(0, "OK: Redis har det, der er talt", "812 perioder holdes", "3 huller, 3 repareret", lang="da")
        self.assertEqual(self.requests, [{"cmd": "redis"}])

    def test_warnings(self):
        self.check(1, "WARNING: 2 periods in Redis are being repaired", repairing=2)
        self.check(1, "WARNING: Redis is 12.5 s behind; last error: OOM", lag_s=12.5, error="OOM")
        self.check(1, "WARNING: Redis has what is counted, but is not set up to keep it", "advice maxmemory-policy is allkeys-lru",
                   advice=["maxmemory-policy is allkeys-lru"])
        advice = ["maxmemory-policy allkeys-lru: set noeviction", "nothing on disk", "from a later effortd"]
        kinds = ["eviction", "persistence", "novelty"]
        self.check(1, *("advice " + text for text in advice), advice=advice, advice_kinds=kinds)
        self.check(1, "råd Redis smider måske tal væk", "noeviction", "råd Redis gemmer intet på disken", "råd from a later effortd",
                   advice=advice, advice_kinds=kinds, lang="da")
        self.check(1, "ADVARSEL: Redis er 12,5 s bagud", lag_s=12.5, lang="da")

    def test_totals_that_are_lost(self):
        self.check(1, "WARNING: totals here are damaged: what Redis loses of them cannot be brought back whole",
                   "totals 2 files of totals set aside; since the start 0 periods not repaired whole", "effortctl journal verify",
                   set_aside=2, unwhole=0)
        self.check(1, "ADVARSEL: totaler her er beskadiget", "1 fil med totaler lagt til side; siden starten 3 perioder ikke repareret helt",
                   set_aside=1, unwhole=3, lang="da")
        self.check(1, "WARNING: 2 periods in Redis are being repaired", "totals 1 file of totals set aside", repairing=2, set_aside=1)
        self.check(0, "OK: ", set_aside=0, unwhole=0)
        self.assertNotIn("set aside", self.out)

    def test_waiting_for_another_writer(self):
        self.check(1, "WARNING: 4 periods in Redis wait for the part of another writer", "waiting 4 periods for writer 00ff", waiting=4,
                   waiting_for="00ff")
        self.check(1, "ADVARSEL: 4 perioder i Redis venter på en anden skrivers del", waiting=4, waiting_for="00ff", lang="da")

    def test_critical(self):
        self.check(2, "CRITICAL: Redis is away (waiting) at unix:///run/effortd/redis.sock: Connection refused",
                   state="waiting", error="Connection refused")
        self.check(2, "CRITICAL: Redis is 60.0 s behind", lag_s=60.0)
        self.check(2, "KRITISK: Redis er væk (forbinder)", state="connecting", lang="da")
        self.check(2, "KRITISK: Redis er væk (prøver igen)", state="backoff", lang="da")
        self.check(2, "CRITICAL: Redis is away (connected, but it does not answer) at", ": no answer in time", state="loading",
                   error="no answer in time")

    def test_unknown(self):
        self.ctl("redis", "check")
        self.fails(3, "no effortd answers")
        self.ctl("redis", "check", answer=lambda request: b"nonsense\n")
        self.fails(3, "makes no sense")
        self.ctl("redis", "check", answer=answers(redis={"ok": False, "error": "no such command", "hint": "upgrade"}))
        self.fails(3, "no such command")
        self.ctl("redis", "check", answer=answers(redis={"ok": True}))
        self.assertEqual(self.code, 3)
        self.assertIn("UNKNOWN:", self.out)

    def test_json(self):
        self.ctl("redis", "check", "--json", answer=answers(redis=redis_doc(repairing=1)))
        self.assertEqual(self.code, 1)
        self.assertEqual(json.loads(self.out), redis_doc(repairing=1))


class Work(Case):
    def test_audit_waits_and_finds_nothing(self):
        daemon = Busy()
        self.ctl("redis", "audit", answer=daemon)
        self.passes()
        self.assertEqual(daemon.asked, [{"cmd": "redis-audit"}])
        self.assertIn("Everything is there: 500 hashes looked at, nothing missing.", self.flat())
        self.assertGreater(len(self.requests), 3)

    def test_audit_finds_and_mends(self):
        self.ctl("redis", "audit", answer=Busy(found=2))
        self.passes()
        self.assertIn("500 hashes looked at, 2 gaps found, 2 repaired: Redis has everything again.", self.flat())
        self.ctl("redis", "audit", "--lang", "da", answer=Busy(found=2))
        self.assertIn("2 huller fundet, 2 repareret", self.flat())
        self.ctl("redis", "audit", "--json", answer=Busy(found=2))
        self.assertEqual(json.loads(self.out), {"ok": True, "probed": 500, "gaps": 2, "repairs": 2, "unwhole": 0,
                                                "withheld": 0, "waiting": 0, "repairing": 0})

    def test_audit_does_not_wait_for_ever(self):
        start = time.monotonic()
        self.ctl("redis", "audit", "--wait", "1", answer=Busy(rounds=10 ** 6))
        self.assertEqual(self.code, 1)
        self.assertIn("Not done after", self.out)
        self.assertLess(time.monotonic() - start, 20)

    def test_rebuild(self):
        for args, request in [(["--municipality", "751"], {"municipality": "0751"}),
                              (["--municipality", "dk", "--period", "day:2026-11-21"],
                               {"municipality": "dk", "period": "day:2026-11-21"}),
                              (["--period", "year:2026"], {"period": "year:2026"}), (["--all", "--yes"], {})]:
            daemon = Busy()
            self.ctl("redis", "rebuild", *args, answer=daemon)
            self.passes()
            self.assertEqual(daemon.asked, [dict(request, cmd="redis-rebuild")])
            self.assertIn("7 periods written to Redis again.", self.out)
        self.ctl("redis", "rebuild", "--all", "--yes", "--json", answer=Busy())
        self.assertEqual(json.loads(self.out)["periods"], 7)

    def test_rebuild_of_totals_that_are_lost(self):
        for args, more, words, danish in (
                (["--all", "--yes"], {"unwhole": 3}, "The totals of 3 periods are damaged or set aside", "Totalerne for 3 perioder er"),
                (["--period", "day:2026-11-21"], {"periods": 0}, "knows nothing of day:2026-11-21", "kender intet til day:2026-11-21")):
            for lang, told in (("en", words), ("da", danish)):
                self.ctl("redis", "rebuild", *args, "--lang", lang, answer=Busy(**more))
                self.assertEqual(self.code, 1, self.out + self.err)
                self.assertIn(told, self.flat())
                self.assertIn("effortctl journal verify", self.flat())
            self.ctl("redis", "rebuild", *args, "--json", answer=Busy(**more))
            self.assertEqual((self.code, json.loads(self.out)["ok"]), (1, False))

    def test_rebuild_of_what_others_have_a_part_in(self):
        withheld = {"withheld": 3, "withheld_for": "00ff,11ff"}
        self.ctl("redis", "rebuild", "--all", "--yes", answer=Busy(**withheld))
        self.assertEqual(self.code, 1)
        for words in ("3 periods left as they are", "00ff,11ff", "--without-others"):
            self.assertIn(words, self.flat())
        self.ctl("redis", "rebuild", "--all", "--yes", "--lang", "da", answer=Busy(**withheld))
        self.assertIn("3 perioder står, som de var", self.flat())
        self.ctl("redis", "rebuild", "--all", "--yes", "--json", answer=Busy(**withheld))
        self.assertEqual((self.code, json.loads(self.out)["withheld"]), (1, 3))
        daemon = Busy(waiting=2, waiting_for="00ff")
        self.ctl("redis", "rebuild", "--period", "year:2026", "--without-others", answer=daemon)
        self.passes()
        self.assertEqual(daemon.asked, [{"cmd": "redis-rebuild", "period": "year:2026", "without_others": True}])
        self.assertIn("2 periods not complete", self.flat())
        self.ctl("redis", "rebuild", "--period", "year:2026", answer=Busy(waiting=2, waiting_for="00ff"))
        self.passes()
        self.assertIn("7 periods written to Redis again.", self.out)

    def test_audit_tells_who_is_waited_for(self):
        for lang, words in (("en", "2 periods not complete"), ("da", "2 perioder er ikke komplette")):
            self.ctl("redis", "audit", "--lang", lang, answer=Busy(waiting=2, waiting_for="00ff"))
            self.assertEqual(self.code, 1)
            self.assertIn(words, self.flat())
            self.assertIn("00ff", self.flat())
        self.ctl("redis", "audit", "--without-others")
        self.fails(64, "--without-others belongs to effortctl redis rebuild")

    def test_rebuild_is_not_done_by_chance(self):
        self.ctl("redis", "rebuild")
        self.fails(64, "which hashes", "--all --yes")
        self.ctl("redis", "rebuild", "--all")
        self.fails(64, "keeps Redis busy", "--yes")
        self.ctl("redis", "rebuild", "--all", "--yes", "--period", "day:2026-11-21")
        self.fails(64, "--all goes with neither")
        for period in ("yesterday", "day:", "dag:2026-11-21", 'day:"}', "day:" + "1" * 60):
            self.ctl("redis", "rebuild", "--period", period)
            if period != "day:":
                self.fails(64, "not a period")

    def test_refusal(self):
        no = {"ok": False, "error": "Redis is away", "hint": "try again"}
        self.ctl("redis", "audit", answer=Busy(answer=no))
        self.fails(1, "effortd says: Redis is away\n  try again\n")

    def test_wrong_use(self):
        self.ctl("redis")
        self.fails(64, "which action")
        self.ctl("redis", "chekc")
        self.fails(64, "no action 'chekc'", "Did you mean 'check'?")
        self.ctl("redis", "frobnicate")
        self.fails(64, "check, audit or rebuild")
        self.ctl("redis", "check", "--all")
        self.fails(64, "--all belongs to effortctl redis rebuild")
        self.ctl("redis", "check", "more")
        self.fails(64, "one argument too many")
        self.ctl("redis", "audit", "--wait", "soon")
        self.fails(64, "not a number of seconds")


def busy_doc(**more):
    return status_doc(**{**{
        "journal": {"state": "fine", "why": "", "segment": 9, "segments": 2, "bytes": 1 << 20, "pending_bytes": 0,
                    "commits": 100, "commit_us": 1400, "commit_max_us": 20300, "replayed": 5, "damages": 0},
        "dedup": {"memory_ids": 123456, "disk_ids": 4000000, "memory_bytes": 4 << 20, "oldest_day": "2026-10-18"},
        "acks": {"connections": 2, "unsettled": 17},
        "deadletters": {"kept": 68, "dropped": 0, "bytes": 20480, "error": ""}, "paused": ""}, **more})


class Status(Case):
    def status(self, *words, lang="en", **more):
        self.ctl("status", "--lang", lang, answer=answers(status=busy_doc(**more)))
        self.passes()
        for word in words:
            self.assertIn(word, self.flat())
        self.assertTrue(all(len(line) <= 80 for line in self.out.splitlines()), self.out)

    def test_fine(self):
        self.status("journal fine, 1.0 MiB in 2 segments; commit 1.4 ms, longest 20.3 ms",
                    "known ids 123,456 ids in memory (4.0 MiB), 4,000,000 on disk, from 2026-10-18 on",
                    "acks 2 connections ask for them; 17 lines unsettled", "dead letters 68 lines written since the start; the files hold 20.0 KiB")
        self.assertNotIn("paused", self.out)
        self.status("journal i orden, 1,0 MiB i 2 segmenter", "kendte id'er 123.456 id'er i hukommelsen (4,0 MiB)",
                    "afviste 68 linjer skrevet siden starten; filerne fylder 20,0 KiB", lang="da")

    def test_dead_letters_are_counted(self):
        dead = {"kept": 68, "dropped": 0, "lines": 1234, "bytes": 20480, "error": ""}
        self.status("dead letters 1,234 lines kept in 20.0 KiB; 68 written since the start", deadletters=dead)
        self.status("afviste 1.234 linjer gemt i 20,0 KiB; 68 skrevet siden starten", lang="da", deadletters=dead)

    def test_each_reason_to_pause_says_what_to_do(self):
        for reason, english, danish in [
                ("cells", "Bring Redis back", "Få Redis tilbage"), ("journal", "the disk cannot keep up", "kan ikke følge med"),
                ("disk", "Make room on the disk", "Skaf plads"), ("quota", "raise journal.quota", "hæv journal.quota"),
                ("dead letters", "Stop the sender", "Stop den afsender"), ("memory", "no memory", "ikke mere hukommelse"),
                ("something new", "reading is paused: something new.", "holder pause: something new.")]:
            self.status("PAUSED", english, "Nothing is lost: senders wait", "; reading is paused", paused=reason)
            self.status("PAUSE", danish, "Intet er tabt", lang="da", paused=reason)

    def test_journal_in_trouble(self):
        journal = dict(busy_doc()["journal"], pending_bytes=3 << 20, why="/var/lib/effortd/journal: Input/output error")
        self.status("journal BEHIND: the disk is slow, 3.0 MiB wait", journal=dict(journal, state="behind"))
        self.status("STALLED: /var/lib/effortd/journal: Input/output error; 3.0 MiB wait", journal=dict(journal, state="stalled"))
        self.status("DISK FULL: /var/lib", journal=dict(journal, state="full"))
        self.status("OVER journal.quota: 1.0 MiB in 2 segments", journal=dict(journal, state="over_quota"))
        self.status("2 damages found at the start: effortctl journal verify", journal=dict(journal, state="fine", damages=2))
        self.status("STÅR STILLE:", lang="da", journal=dict(journal, state="stalled"))

    def test_dead_letters_in_trouble(self):
        dead = {"kept": 68, "dropped": 12, "bytes": 20480, "error": "No space left on device"}
        self.status("68 lines written since the start; the files hold 20.0 KiB; 12 dropped since the start:", "raise dlq.quota",
                    "; last error: No space left on device", deadletters=dead)
        self.status("68 linjer skrevet siden starten; filerne fylder 20,0 KiB; 12 kasseret siden starten:", "hæv dlq.quota",
                    lang="da", deadletters=dead)

    def test_odd_documents(self):
        for odd in ({"journal": 3}, {"journal": {}}, {"dedup": []}, {"deadletters": {"kept": "x"}}, {"paused": 7}):
            self.ctl("status", answer=answers(status=status_doc(**odd)))
            self.passes()


if __name__ == "__main__":
    unittest.main()
