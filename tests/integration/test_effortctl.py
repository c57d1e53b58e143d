#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""effortctl's command line, how it reaches the daemon, and what status, sources, plugins and reload show, against a fake
daemon: what people read in Danish and English, what scripts read, and a daemon that is away, silent or talks nonsense."""

import glob
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import unittest

from ctl_harness import COMMANDS, EFFORTCTL, NOW, ROOT, Case, Daemon, answers, environment, status_doc


class CommandLine(Case):
    def test_no_command(self):
        self.ctl()
        self.fails(64, "no command given")
        self.assertEqual(self.out, "")

    def test_typo_gets_the_nearest_command(self):
        for typo, meant in [("stauts", "status"), ("share", "shares"), ("vaildate", "validate"), ("sned", "send")]:
            self.ctl(typo)
            self.fails(64, f"no command '{typo}'", f"Did you mean '{meant}'?")

    def test_nothing_near(self):
        self.ctl("frobnicate")
        self.fails(64, "Commands: status shares")

    def test_names_of_later_versions(self):
        with open(os.path.join(ROOT, "daemon/ctl/main.c"), encoding="utf-8") as f:
            later = re.search(r"later\[\] = \{(.*?)\}", f.read(), re.S).group(1)
        for name in re.findall(r'"(\w+)"', later):
            self.ctl(name)
            self.fails(64, f"effortctl: '{name}' is not in this version\n")
            self.ctl("help")
            self.assertNotRegex(self.out, rf"(?m)^  {name} ")

    def test_typo_in_an_option(self):
        self.ctl("shares", "--widnow", "day")
        self.fails(64, "no option --widnow", "Did you mean '--window'?")

    def test_option_without_value_and_flag_with_one(self):
        self.ctl("--json=1", "status")
        self.fails(64, "--json takes no value")
        done = subprocess.run([EFFORTCTL, "shares", "--window"], capture_output=True, env=environment())
        self.assertEqual(done.returncode, 64)
        self.assertIn(b"--window needs a value", done.stderr)

    def test_help_is_on_stdout_and_complete(self):
        self.ctl("help")
        self.passes()
        self.assertEqual(self.err, "")
        for name in COMMANDS:
            self.assertRegex(self.out, rf"(?m)^  {name} ")
        for code in (0, 1, 64, 66, 69, 70, 74, 78):
            self.assertRegex(self.out, rf"\b{code} ")
        self.assertEqual(self.ctl("--help"), self.ctl("help"))

    def test_each_command_has_help_in_both_languages(self):
        for name in COMMANDS:
            english, danish = self.ctl(name, "--help", "--lang", "en"), self.ctl(name, "--help", "--lang=da")
            self.passes()
            self.assertTrue(english.startswith(f"effortctl {name}"), english)
            self.assertTrue(danish.startswith(f"effortctl {name}"), danish)
            self.assertNotEqual(english, danish)
            self.assertLessEqual(max(map(len, (english + danish).splitlines())), 80)
            wide = self.ctl(name, "--help", "--lang", "en", env={"COLUMNS": "200"})
            self.assertEqual(wide.split(), english.split())
            self.assertEqual(self.ctl("help", name, "--lang", "da"), danish)

    def test_a_next_step_is_wrapped(self):
        for lang in ("en", "da"):
            self.ctl("compare", "--label", "foo", "--lang", lang)
            self.assertEqual(self.code, 64)
            self.assertIn("period:ID", self.err)
            self.assertLessEqual(max(map(len, self.err.splitlines())), 80)

    def test_version(self):
        self.assertRegex(self.ctl("--version"), r"^effortctl \d+\.\d+\.\d+\n$")

    def test_language_by_locale(self):
        self.ctl("stauts", env={"LC_ALL": "da_DK.UTF-8"})
        self.fails(64, "der findes ingen kommando", "Mente du 'status'?")
        self.ctl("stauts", env={"LC_ALL": "", "LC_MESSAGES": "da_DK.UTF-8", "LANG": "en_US.UTF-8"})
        self.fails(64, "der findes ingen")
        self.ctl("stauts", env={"LC_ALL": "", "LANG": "da"})
        self.fails(64, "der findes ingen")
        self.ctl("stauts", "--lang", "en", env={"LC_ALL": "da_DK.UTF-8"})
        self.fails(64, "there is no")
        self.ctl("status", "--lang", "sv")
        self.fails(64, "--lang sv")

    def test_words_have_the_same_values_in_both_languages(self):
        for path in sorted(glob.glob(os.path.join(ROOT, "daemon/ctl/words*.def"))):
            with open(path, encoding="utf-8") as f:
                text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
            literal = r'((?:\s*"(?:[^"\\]|\\.)*")+)'
            found = re.findall(r"WORD\((W_\w+)," + literal + "," + literal + r"\)", text)
            self.assertGreater(len(found), 5)
            self.assertEqual(len(found), text.count("WORD("))
            for word, english, danish in found:
                self.assertEqual(set(re.findall(r"\{\d\}", english)), set(re.findall(r"\{\d\}", danish)), word)


class Reaching(Case):
    def test_no_daemon(self):
        for command in ("status", "shares", "sources", "plugins", "reload"):
            self.ctl(command)
            self.fails(69, "no effortd answers at /nonexistent/effortd/control.sock", "--run-dir")
            self.assertEqual(self.out, "")

    def test_a_socket_nobody_listens_at(self):
        with tempfile.TemporaryDirectory() as folder:
            with socket.socket(socket.AF_UNIX) as s:
                s.bind(os.path.join(folder, "control.sock"))
            self.ctl("status", run_dir=folder)
            self.fails(69, "no effortd answers")

    def test_run_dir_from_the_environment(self):
        daemon = Daemon(answers())
        try:
            done = subprocess.run([EFFORTCTL, "status"], capture_output=True,
                                  env=environment(EFFORTD_RUN_DIR=daemon.dir))
            self.assertEqual(done.returncode, 0, done.stderr)
        finally:
            daemon.close()

    def test_default_place(self):
        env = environment(XDG_RUNTIME_DIR="/nonexistent/xdg")
        done = subprocess.run([EFFORTCTL, "status"], capture_output=True, env=env)
        place = b"/run/effortd" if os.geteuid() == 0 else b"/nonexistent/xdg/effortd"
        self.assertIn(b"at " + place + b"/control.sock", done.stderr)
        self.assertEqual(done.returncode, 69)

    def test_too_long_a_path(self):
        self.ctl("status", run_dir="/" + "x" * 150)
        self.fails(64, "longer than the path of a socket")

    def test_garbage(self):
        for raw in (b"hello\n", b"{}\n", b"[1]\n", b'{"ok":"yes"}\n', b'{"ok":true\n', b"\xff\xfe\n", b"\n",
                    b'{"ok":true}{"ok":true}\n', b"[" * 5000 + b"\n"):
            self.ctl("status", answer=lambda request, raw=raw: raw)
            self.fails(70, "makes no sense")
            self.assertEqual(self.out, "")

    def test_no_answer_at_all(self):
        self.ctl("status", answer=lambda request: b"")
        self.fails(69, "without an answer")
        self.ctl("status", answer=lambda request: b'{"ok":tr')
        self.fails(69, "without an answer")

    def test_silence(self):
        start = time.monotonic()
        self.ctl("status", answer=lambda request: None)
        self.fails(69, "has not answered")
        self.assertLess(time.monotonic() - start, 20)

    def test_endless_answer(self):
        self.ctl("status", answer=lambda request: b'{"ok":true,"x":"' + b"x" * (17 << 20))
        self.fails(70, "makes no sense")

    def test_refusal(self):
        no = {"ok": False, "error": "busy with something", "hint": "wait a little"}
        self.ctl("status", answer=answers(status=no))
        self.fails(1, "effortd says: busy with something\n  wait a little\n")
        self.ctl("status", "--json", answer=answers(status=no))
        self.fails(1)
        self.assertEqual(json.loads(self.out), no)
        self.ctl("status", answer=answers(status={"ok": False}))
        self.fails(1, "no reason given")

    def test_odd_documents_do_not_crash(self):
        odd = [{"ok": True}, {"ok": True, "redis": 3, "silent": "x", "listeners": [], "config": None, "target": 1},
               {"ok": True, "silent": [1, None], "listeners": {"ndjson": 7020}, "lag_s": "x", "version": 1}]
        for doc in odd:
            self.ctl("status", answer=answers(status=doc))
            self.passes()
        odd = [{"ok": True}, {"ok": True, "share": [], "tasks": 1, "areas": {}, "before": 7, "municipality": "x"},
               {"ok": True, "share": {"all.n": "x", "all.share": "nan", "group:target.n": "9" * 40, "daycare.n": "5",
                                      "daycare.share": "1e9", "as_of": "-"},
                "tasks": {"a/b.move": "x", ".move": "3", "x" * 300 + ".move": "3", "c/d.move": "7"},
                "areas": [1, {}, {"id": "daycare"}] + [{"id": f"a{i}"} for i in range(200)], "label": "month:x"}]
        for doc in odd:
            self.ctl("shares", "dk", answer=answers(shares=doc))
            self.passes()
            self.ctl("shares", answer=answers(ranking=doc))
            self.passes()
        self.ctl("shares", answer=answers(ranking={"ok": True, "municipalities": [1, {}, {"code": "0751"}]}))
        self.passes()
        for command in ("sources", "plugins"):
            self.ctl(command, answer=answers(**{command: {"ok": True, command: [1], "areas": [{}], "sources": [{}]}}))
            self.passes()


class Status(Case):
    def test_english(self):
        self.ctl("status", answer=answers())
        self.passes()
        text = self.flat()
        self.assertIn("effortd 0.1.0 running, pid 4711, since Saturday 21 November, 13:00 (1 h 5 min)", text)
        self.assertIn("3,674,068 received = 3,674,000 accepted + 0 duplicate + 68 refused; of the accepted 12 unclassified", text)
        self.assertIn("ndjson 127.0.0.1:41233; 3 connections", text)
        self.assertIn("ready, 7.0.15 (private) at unix:///run/effortd/redis.sock; lag 0.2 s, 0 cells waiting", text)
        self.assertIn("silent sources none", text)
        self.assertIn("80.00% (kl-80)", text)
        self.assertTrue(all(len(line) <= 80 for line in self.out.splitlines()), self.out)

    def test_danish(self):
        self.ctl("status", "--lang", "da", answer=answers())
        text = self.flat()
        self.assertIn("0.1.0 kører, pid 4711, siden lørdag 21. november kl. 13.00 (1 t 5 min)", text)
        self.assertIn("3.674.068 modtaget = 3.674.000 accepteret", text)
        self.assertIn("80,00 % (kl-80)", text)
        self.assertIn("forsinkelse 0,2 s", text)

    def test_one_of_each(self):
        config = dict(status_doc()["config"], reloads=1)
        doc = status_doc(connections=1, cells_waiting=1, areas=1, tasks=1, plugins=1, municipalities=1, duplicate=1,
                         config=config)
        self.ctl("status", answer=answers(status=doc))
        for words in ("accepted + 1 duplicate +", "; 1 connection ", "1 cell waiting", "areas 1 with 1 task, 1 plugin; "
                      "1 municipality; Europe", "reloaded 1 time "):
            self.assertIn(words, self.flat())
        self.ctl("status", "--lang", "da", answer=answers(status=doc))
        for words in ("accepteret + 1 dublet +", "; 1 forbindelse ", "1 celle venter", "områder 1 med 1 opgave, 1 plugin; "
                      "1 kommune; Europe", "genindlæst 1 gang "):
            self.assertIn(words, self.flat())
        doc["redis"] = dict(doc["redis"], state="waiting")
        self.ctl("status", answer=answers(status=doc))
        self.assertIn("1 cell waits in memory until it is back", self.flat())

    def test_redis_away_and_silent_sources(self):
        redis = dict(status_doc()["redis"], state="waiting", error="Connection refused")
        self.ctl("status", answer=answers(status=status_doc(redis=redis, lag_s=42.5, cells_waiting=1500, paused=True,
                                                            silent=["borger.dk", "callcenter"])))
        self.passes()
        text = self.flat()
        self.assertIn("AWAY (waiting) at unix:///run/effortd/redis.sock: Connection refused; lag 42.5 s, "
                      "1,500 cells wait in memory", text)
        self.assertIn("silent sources borger.dk, callcenter", text)
        redis = dict(redis, state="loading", error="no answer in time")
        for lang, words in (("en", "AWAY (connected, but it does not answer) at"), ("da", "VÆK (forbundet, men den svarer ikke) på")):
            self.ctl("status", "--lang", lang, answer=answers(status=status_doc(redis=redis)))
            self.assertIn(words, self.flat())
            self.assertNotIn("loading", self.flat())
        self.assertIn("reading is paused", text)

    def test_failed_reload_and_draining(self):
        config = dict(status_doc()["config"], last_reload_ok=False)
        self.ctl("status", answer=answers(status=status_doc(config=config, state="draining")))
        self.assertIn("the last reload failed", self.flat())
        self.assertIn("is stopping", self.flat())

    def test_the_first_reload_failed(self):
        config = dict(status_doc()["config"], reloads=0, last_reload_ok=False)
        for lang, words in (("en", "reloaded 0 times; the last reload failed"),
                            ("da", "genindlæst 0 gange; den seneste genindlæsning mislykkedes")):
            self.ctl("status", "--lang", lang, answer=answers(status=status_doc(config=config)))
            self.assertIn(words, self.flat())
            self.assertIn("effortctl reload", self.flat())

    def test_json_is_the_document_as_it_is(self):
        raw = json.dumps(status_doc(extra={"new": [1, 2]}), indent=None, separators=(", ", " : ")).encode()
        self.ctl("status", "--json", answer=lambda request: raw + b"\n")
        self.passes()
        self.assertEqual(self.raw, raw + b"\n")
        self.assertEqual(self.err, "")


class Lists(Case):
    SOURCES = {"ok": True, "sources": [
        {"name": "borger.dk", "received": 12345, "accepted": 12340, "duplicate": 0, "refused": 5, "last_ms": NOW,
         "expected_every_s": 300, "is_silent": False, "codes": {"E_JSON": 3, "E_TIME": 2}},
        {"name": "callcenter", "received": 1, "accepted": 1, "duplicate": 0, "refused": 0, "last_ms": NOW - 3_600_000,
         "expected_every_s": 600, "is_silent": True, "codes": {}},
        {"name": "_unknown", "received": 0, "accepted": 0, "duplicate": 0, "refused": 0, "last_ms": 0,
         "expected_every_s": 0, "is_silent": False, "codes": {}},
        {"name": "https://a.very.long.name.example/" + "x" * 90, "received": 7, "accepted": 7, "duplicate": 0,
         "refused": 0, "last_ms": NOW, "expected_every_s": 0, "is_silent": False, "codes": {}}]}
    PLUGINS = {"ok": True, "mismatches": 2, "areas": [
        {"id": "daycare", "da": "Dagtilbud", "en": "Daycare", "order": 1, "plugin": "table", "version": "1.0",
         "classes": 9, "claims": 12, "services": 3, "events": 1000, "faults": 0, "slow": 0, "breaker": "closed",
         "is_disabled": False},
        {"id": "social", "da": "Socialområdet", "en": "Social services", "order": 4, "plugin": "social", "version": "1.0",
         "classes": 9, "claims": 12, "services": 3, "events": 10, "faults": 2, "slow": 10, "breaker": "open",
         "is_disabled": False},
        {"id": "other", "da": "Øvrige", "en": "Other", "order": 8, "plugin": "other", "version": "1.0", "classes": 1,
         "claims": 1, "events": 0, "faults": 3, "slow": 0, "breaker": "closed", "is_disabled": True}]}

    def test_sources(self):
        self.ctl("sources", answer=answers(sources=self.SOURCES), env={"COLUMNS": "110"})
        self.passes()
        self.assertRegex(self.out, r"borger\.dk +12,345 +12,340 +0 +5 +Saturday 21 November, 14:05 +reporting\n"
                                   r"  E_JSON 3, E_TIME 2\n")
        self.assertRegex(self.out, r"callcenter .*! SILENT \(10 min\)\n")
        self.assertRegex(self.out, r"_unknown .* never")
        self.assertTrue(all(len(line) <= 110 for line in self.out.splitlines()), self.out)
        self.assertTrue(self.out.endswith("\nCounts and last events are since effortd's start.\n"), self.out)
        self.ctl("sources", "--lang", "da", answer=answers(sources=self.SOURCES), env={"COLUMNS": "120"})
        self.assertRegex(self.out, r"callcenter .*lørdag 21\. november kl\. 13\.05 +! TAVS \(10 min\)\n")
        self.assertTrue(self.out.endswith("\nTal og seneste hændelser er siden effortds start.\n"), self.out)
        self.ctl("sources", "--json", answer=answers(sources=self.SOURCES))
        self.assertEqual(json.loads(self.out), self.SOURCES)
        new = dict(self.SOURCES["sources"][0], received=0, accepted=0, refused=0, last_ms=0, codes={}, expected_every_s=600)
        self.ctl("sources", "--lang", "da", answer=answers(sources={"ok": True, "sources": [new]}))
        self.assertRegex(self.out, r"borger\.dk .* aldrig +ventes\n")

    def test_sources_on_a_small_screen(self):
        self.ctl("sources", answer=answers(sources=self.SOURCES))
        self.assertRegex(self.out, r"borger\.dk +12,345 +12,340 +0 +5 +21 Nov 14:05 +reporting\n  E_JSON 3, E_TIME 2\n")
        self.assertRegex(self.out, r"callcenter .* 21 Nov 13:05 +! SILENT\n  nothing for more than 10 min\n")
        self.ctl("sources", "--lang", "da", answer=answers(sources=self.SOURCES))
        self.assertRegex(self.out, r"callcenter .* 21\. nov\. 13\.05 +! TAVS\n  intet i mere end 10 min\n")

    def test_lists_fit_80_columns(self):
        codes = {"E_" + "X" * i: 10 ** 6 for i in range(3, 20)}
        big = dict(self.SOURCES["sources"][1], name="a.source.with.a.name", received=99_999_999, accepted=99_999_998,
                   refused=1_234_567, codes=codes, last_ms=NOW - 52 * 86_400_000, expected_every_s=86_340)
        long = dict(self.PLUGINS["areas"][1], da="Administration og Borgerservice", en="Administration and citizen service",
                    plugin="administration", version="1.10.0", events=12_345_678, faults=1234, breaker="open")
        for lang in ("da", "en"):
            for charset in ("C.UTF-8", "C"):
                for docs in ({"sources": self.SOURCES, "plugins": self.PLUGINS},
                             {"sources": {"ok": True, "sources": [big]},
                              "plugins": {"ok": True, "mismatches": 1, "areas": [long]}}):
                    for command in ("sources", "plugins"):
                        self.ctl(command, "--lang", lang, answer=answers(**docs), env={"LC_ALL": charset})
                        self.passes()
                        self.assertEqual([line for line in self.out.splitlines() if len(line) > 80], [])
        self.ctl("sources", answer=answers(sources={"ok": True, "sources": [big]}))
        for number in ("99,999,999", "99,999,998", "1,234,567", "30 Sep 15:05", "! SILENT", "23 h 59 min"):
            self.assertIn(number, self.flat())

    def test_no_sources(self):
        self.ctl("sources", answer=answers(sources={"ok": True, "sources": []}))
        self.passes()
        self.assertIn("No source has sent anything yet.", self.out)

    def test_plugins(self):
        self.ctl("plugins", answer=answers(plugins=self.PLUGINS))
        self.passes()
        self.assertRegex(self.out, r"Daycare +table 1\.0 +9 +12 +1,000 +0 +0 +working\n")
        self.assertRegex(self.out, r"Social services +.*! too slow\n")
        self.assertNotRegex(self.out, r"(?m) $")
        self.assertRegex(self.out, r"Other +.*! disabled\n")
        self.assertIn("2 events named a task and a KLE number", self.out)
        self.ctl("plugins", answer=answers(plugins=dict(self.PLUGINS, mismatches=1)))
        self.assertIn("1 event named a task and a KLE number", self.out)
        self.ctl("plugins", "--lang", "da", answer=answers(plugins=dict(self.PLUGINS, mismatches=1)))
        self.assertIn("\n1 hændelse angav en opgave", self.out)
        self.ctl("plugins", "--json", answer=answers(plugins=self.PLUGINS))
        self.assertEqual(json.loads(self.out), self.PLUGINS)

    def test_reload(self):
        self.ctl("reload", answer=answers(reload={"ok": True, "areas": 8, "tasks": 60}))
        self.passes()
        self.assertEqual((self.out, self.err), ("", "Configuration reloaded: 8 areas, 60 tasks.\n"))
        self.ctl("reload", answer=answers(reload={"ok": True, "areas": 1, "tasks": 1}))
        self.assertEqual(self.err, "Configuration reloaded: 1 area, 1 task.\n")
        faults = {"ok": False, "error": "2 faults", "hint": "the old configuration stays in force", "faults": [
            {"text": "/etc/effortd.conf:3:1: unknown setting 'lissten'", "hint": "did you mean 'listen'?"},
            {"text": "/etc/effortd.conf:9:5: late_limit: not a time", "hint": ""}]}
        self.ctl("reload", answer=answers(reload=faults))
        self.fails(78)
        self.assertEqual(self.err, "/etc/effortd.conf:3:1: unknown setting 'lissten'\n  did you mean 'listen'?\n"
                                   "/etc/effortd.conf:9:5: late_limit: not a time\n"
                                   "effortctl: the configuration has faults; the old one stays in force\n"
                                   "  Mend them and reload again.\n")
        self.ctl("reload", "--lang", "da", answer=answers(reload=faults))
        self.assertIn("effortctl: konfigurationen har fejl; den gamle gælder fortsat\n  Ret dem", self.err)
        busy = {"ok": False, "error": "busy", "hint": "ask again later"}
        self.ctl("reload", answer=answers(reload=busy))
        self.fails(78, "effortd says: busy")
        self.ctl("reload", "--json", answer=answers(reload=faults))
        self.assertEqual((self.code, json.loads(self.out)), (78, faults))


if __name__ == "__main__":
    unittest.main()
