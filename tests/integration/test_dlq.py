#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""effortctl dlq: what list and show make of files of refused events, what replay sends, and all of it with a real effortd:
refused, put right, sent again, counted once."""

import json
import os
import re
import shutil
import tempfile
import time
import unittest

import harness
from ack_server import AckServer, Cut
from ctl_harness import Case, answers, event, status_doc

CPR = "010199-0000"  # made up: nobody has it


def letter(at, code, source="kommune/a", number=1, **more):
    return json.dumps({"at": "2026-11-22T%sZ" % at, "source": source, "code": code, "line": number, "size": 200,
                       "field": "municipality", "detail": "the code of a configured municipality", **more},
                      separators=(",", ":"), ensure_ascii=False)


def kept(at, code, ident, source="kommune/a", **more):
    """A letter with its event whole."""
    return letter(at, code, source, event=json.loads(event(id=ident, source=source, **more)))


class Files(Case):
    def setUp(self):
        self.state = tempfile.mkdtemp(prefix="effort-dlq-")
        self.folder = os.path.join(self.state, "deadletters")
        os.mkdir(self.folder)

    def tearDown(self):
        shutil.rmtree(self.state)

    def write(self, number, *lines, end="\n"):
        with open(os.path.join(self.folder, "%010d.ndjson" % number), "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + end)

    def dlq(self, *args, lang="en", **more):
        return self.ctl("dlq", *args, "--state-dir", self.state, "--lang", lang, **more)

    def some(self):
        self.write(7, kept("08:00:00", "E_MUNICIPALITY", "a1"), kept("08:30:00", "E_MUNICIPALITY", "a2"),
                   letter("08:31:00", "E_JSON", hash="0123456789abcdef", excerpt="{not json ####"))
        self.write(12, kept("09:00:00", "E_MUNICIPALITY", "a3"), kept("09:15:00", "E_TOO_OLD", "b1", source="it-system"),
                   '{"at":"2026-11-22T09:16:00Z","source":"it-system","code":"E_CPR","size":300,"field":"id"}',
                   '{"at":"2026-11-22T09:17:00Z","sour', end="")


class List(Files):
    def test_by_file_source_and_code(self):
        self.some()
        self.dlq("list")
        self.passes()
        self.assertIn("6 refused lines in 2 files; 4 of them are kept whole", self.flat())
        rows = [re.split(r"\s{2,}", row.strip()) for row in self.out.split("\n\n")[1].splitlines()]
        self.assertEqual(rows[0], ["Source", "Code", "File", "Count", "Whole", "Oldest", "Newest"])
        self.assertEqual(rows[1:], [
            ["kommune/a", "E_JSON", "7", "1", "0", "22 Nov 09:31", "22 Nov 09:31"],
            ["kommune/a", "E_MUNICIPALITY", "7", "2", "2", "22 Nov 09:00", "22 Nov 09:30"],
            ["it-system", "E_CPR", "12", "1", "0", "22 Nov 10:16", "22 Nov 10:16"],
            ["it-system", "E_TOO_OLD", "12", "1", "1", "22 Nov 10:15", "22 Nov 10:15"],
            ["kommune/a", "E_MUNICIPALITY", "12", "1", "1", "22 Nov 10:00", "22 Nov 10:00"]])
        self.assertTrue(all(len(row) <= 80 for row in self.out.splitlines()), self.out)
        self.dlq("list", lang="da")
        self.assertIn("6 afviste linjer i 2 filer; 4 af dem er gemt hele", self.flat())

    def test_as_json(self):
        self.some()
        doc = json.loads(self.dlq("list", "--json", "--code", "municipality"))
        self.assertEqual((doc["ok"], doc["files"], doc["letters"], doc["replayable"], doc["damaged"]), (True, 2, 3, 3, 0))
        self.assertEqual(doc["groups"], [
            {"file": "0000000007.ndjson", "source": "kommune/a", "code": "E_MUNICIPALITY", "count": 2, "replayable": 2,
             "oldest": "2026-11-22T08:00:00Z", "newest": "2026-11-22T08:30:00Z"},
            {"file": "0000000012.ndjson", "source": "kommune/a", "code": "E_MUNICIPALITY", "count": 1, "replayable": 1,
             "oldest": "2026-11-22T09:00:00Z", "newest": "2026-11-22T09:00:00Z"}])
        doc = json.loads(self.dlq("list", "--json", "--source", "it-system"))
        self.assertEqual([g["code"] for g in doc["groups"]], ["E_CPR", "E_TOO_OLD"])

    def test_nothing_kept(self):
        for _ in range(2):
            self.dlq("list")
            self.passes()
            self.assertEqual(self.out, "No refused lines found.\n")
            self.assertEqual(json.loads(self.dlq("list", "--json"))["groups"], [])
            if os.path.isdir(self.folder):
                os.rmdir(self.folder)

    def test_lines_that_are_none(self):
        self.write(1, kept("08:00:00", "E_TASK", "a1"), "rubbish", "[]", '{"at":1}', '{"code":7}', "\0\0")
        self.dlq("list")
        self.passes()
        self.assertIn("1 refused line in 1 file;", self.flat())
        self.assertIn("5 lines passed over", self.err)
        for name in ("1.ndjson", "0000000000.ndjson", "0000000002.ndjson.gz", "notes"):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as f:
                f.write(kept("08:00:00", "E_TASK", "a1") + "\n")
        self.assertEqual(json.loads(self.dlq("list", "--json"))["letters"], 1)

    def test_no_control_characters(self):
        self.write(1, kept("08:00:00", "E_TASK", "a1", source="\u001b[2Jx"))
        for action in ("list", "show"):
            self.dlq(action)
            self.passes()
            self.assertNotIn("\x1b", self.out)

    def test_many_sources(self):
        self.write(1, *[kept("08:00:00", "E_TASK", "e%d" % i, source="s%05d" % i) for i in range(1500)])
        self.dlq("list")
        self.assertIn("1,300 more rows before these", self.out)
        self.assertIn("s01499", self.out)
        self.assertEqual(len(json.loads(self.dlq("list", "--json"))["groups"]), 1500)


class Show(Files):
    def test_for_people(self):
        self.some()
        self.dlq("show")
        self.passes()
        heads = [row for row in self.out.splitlines() if not row.startswith(" ")]
        self.assertEqual(heads[0], "22 Nov 09:00  E_MUNICIPALITY  kommune/a")
        self.assertEqual(heads[-1], "22 Nov 10:16  E_CPR  it-system")
        self.assertEqual(len(heads), 6)
        self.assertIn("municipality: the code of a configured municipality (line 1 of its connection, 200 bytes)", self.flat())
        self.assertIn("begins: {not json ####", self.flat())
        self.assertIn("id (300 bytes, nothing of it is kept)", self.flat())
        self.assertIn('{"id": "b1", ', self.flat())
        self.assertTrue(all(len(row) <= 80 for row in self.out.splitlines()), self.out)

    def test_the_latest(self):
        self.write(1, *[kept("08:%02d:00" % i, "E_TASK", "e%02d" % i) for i in range(50)])
        shown = re.findall(r'"id":\s+"(e\d\d)"', self.dlq("show"))
        self.assertEqual(shown, ["e%02d" % i for i in range(30, 50)])
        self.assertIn("The latest 20 of 50 refused lines", self.err)
        shown = re.findall(r'"id":\s+"(e\d\d)"', self.dlq("show", "--limit", "3"))
        self.assertEqual(shown, ["e47", "e48", "e49"])
        for bad in ("0", "-1", "x", "1x", ""):
            self.dlq("show", "--limit=" + bad)
            self.fails(64, "--limit")

    def test_as_kept(self):
        self.some()
        lines = self.dlq("show", "--json").splitlines()
        self.passes()
        self.assertEqual(len(lines), 6)
        self.assertEqual(lines[0], kept("08:00:00", "E_MUNICIPALITY", "a1"))
        lines = self.dlq("show", "--json", "--limit", "2", "--source", "kommune/a").splitlines()
        self.assertEqual([json.loads(line)["code"] for line in lines], ["E_JSON", "E_MUNICIPALITY"])
        self.assertEqual(self.dlq("show", "--json", "--source", "nobody"), "")


class Replay(Files):
    def replay(self, server, *more):
        out = self.dlq("replay", "--to", server.address, *more)
        return json.loads(out) if "--json" in more else out

    def test_each_event_once_and_confirmed(self):
        self.some()
        with AckServer() as server:
            doc = self.replay(server, "--json")
            self.passes()
            self.assertEqual(server.accepted, ["a1", "a2", "a3", "b1"])
            self.assertEqual(doc, {"to": server.address, "letters": 6, "events": 4, "repeated": 0, "not_replayable": 2,
                                   "is_dry": False, "accepted": 4, "duplicate": 0, "refused": 0, "waiting": 0,
                                   "codes": {}})
            self.assertTrue(server.hellos[0]["acks"])
            self.replay(server)
            self.passes()
            self.assertEqual(server.duplicates, 4)
            self.assertIn("4 events confirmed by %s: 0 accepted, 4 duplicate, 0 refused" % server.address, self.err)
            self.assertIn("2 refused lines not sent: not kept whole", self.err)

    def test_what_is_asked_for(self):
        self.some()
        with AckServer() as server:
            self.replay(server, "--code", "E_TOO_OLD")
            self.replay(server, "--code", "e_municipality", "--source", "kommune/a")
            self.replay(server, "--code", "E_CPR")
            self.passes()
            self.assertIn("Nothing to send.", self.err)
            self.replay(server, "--source", "nobody")
            self.assertIn("No refused lines found.", self.err)
            self.assertEqual(server.accepted, ["b1", "a1", "a2", "a3"])

    def test_refused_again(self):
        self.write(1, kept("08:00:00", "E_TASK", "a1"), kept("08:00:00", "E_CHANNEL", "a2", channel="smoke"))
        with AckServer() as server:
            doc = self.replay(server, "--json")
            self.assertEqual((self.code, doc["accepted"], doc["refused"], doc["codes"]), (1, 1, 1, {"E_CHANNEL": 1}))
            self.assertIn("E_CHANNEL: not \"one\" of the words (id a2)", self.err)

    def test_one_event_that_stands_there_often(self):
        self.write(1, *[kept("08:0%d:00" % i, "E_TASK", "a1") for i in range(5)], kept("08:06:00", "E_TASK", "a2"))
        with AckServer() as server:
            doc = self.replay(server, "--json")
            self.assertEqual((doc["events"], doc["repeated"], server.duplicates), (2, 4, 0))

    def test_the_source_of_the_connection(self):
        own, foreign = json.loads(event(id="a1", source="x")), json.loads(event(id="a2", source=None))
        self.write(1, letter("08:00:00", "E_TASK", source="known\"ø", event=own),
                   letter("08:00:00", "E_TASK", source="known\"ø", event=foreign),
                   letter("08:00:00", "E_MISSING", source="_unknown", event=foreign),
                   letter("08:00:00", "E_MISSING", source="known\"ø", event={}),
                   letter("08:00:00", "E_TASK", source="blank", event=0).replace(":0}", ": \t" + json.dumps(foreign) + "}"))
        lines = [json.loads(line) for line in self.dlq("replay", "--dry-run").splitlines()]
        self.passes()
        self.assertEqual([line.get("source") for line in lines], ["x", "known\"ø", None, "known\"ø", "blank"])
        self.assertEqual({**lines[4], "source": None}, {**foreign, "source": None})
        self.assertEqual({**lines[1], "source": None}, {**foreign, "source": None})
        self.assertEqual(lines[3], {"source": "known\"ø"})
        self.assertIn("5 events would be sent.", self.err)
        doc = json.loads(self.dlq("replay", "--dry-run", "--json"))
        self.assertEqual((doc["is_dry"], doc["events"], doc["to"]), (True, 5, None))

    def test_event_as_it_came(self):
        """Byte by byte, also what looks like the end of the letter."""
        odd = '{ "id":"x", "source":"s" ,"event":{"event":1},"n":1.50e0, "t":"}\\u00e6,\\"event\\":" }'
        self.write(1, letter("08:00:00", "E_TASK", source=',"event":{', event=0).replace('"event":0', '"event":' + odd))
        self.assertEqual(self.dlq("replay", "--dry-run"), odd + "\n")

    def test_connections_that_break(self):
        n = 3000
        self.write(1, *[kept("08:00:00", "E_TASK", "e%04d" % i) for i in range(n)])
        with AckServer(cuts=[Cut(before_hello=True), Cut(after_out=300), Cut(after_in=50000), Cut(reset=True)]) as server:
            doc = self.replay(server, "--json")
            self.passes()
            self.assertEqual(server.accepted, ["e%04d" % i for i in range(n)])
            self.assertEqual((doc["events"], doc["waiting"]), (n, 0))

    def test_nobody_there(self):
        self.some()
        self.dlq("replay")
        self.fails(69, "no effortd answers")
        self.dlq("replay", "--to", "nonsense")
        self.fails(64, "not an address")


class Place(Files):
    def test_wrong_use(self):
        for args, words in (([], "which action"), (["lsit"], "Did you mean 'list'"), (["sing"], "list, show or replay"),
                            (["list", "x"], "one argument too many"), (["list", "--limit", "3"], "dlq show"),
                            (["show", "--to", "a:1"], "dlq replay"), (["list", "--dry-run"], "dlq replay"),
                            (["list", "--code", "E_NONE"], "no code 'E_NONE'")):
            self.ctl("dlq", *args, "--lang", "en")
            self.fails(64, words)

    def test_where_the_files_are(self):
        self.some()
        self.ctl("dlq", "list", "--json", answer=answers(status=status_doc(state_dir=self.state)))
        self.passes()
        self.assertEqual(json.loads(self.out)["letters"], 6)
        config = os.path.join(self.state, "effortd.conf")
        with open(os.path.join(harness.ROOT, "etc", "minimal.conf"), encoding="utf-8") as f:
            text = f.read().replace('= "', '= "%s/' % os.path.join(harness.ROOT, "etc"))
        with open(config, "w", encoding="utf-8") as f:
            f.write(text + 'state_dir = "%s";\n' % self.state)
        self.ctl("dlq", "list", "--json", "-c", config)
        self.passes()
        self.assertEqual(json.loads(self.out)["letters"], 6)
        self.dlq("list")
        self.passes()
        self.ctl("dlq", "list", "--state-dir", self.state + "/none", "--lang", "en")
        self.fails(66, "there is no folder")

    def test_help(self):
        for lang, word in (("en", "The events that effortd refused"), ("da", "De hændelser, effortd har afvist")):
            self.ctl("dlq", "--help", "--lang", lang)
            self.passes()
            self.assertIn(word, self.flat())


class Real(unittest.TestCase):
    def test_refused_put_right_and_sent_again(self):
        folder = tempfile.mkdtemp(prefix="effort-dlq-")
        self.addCleanup(shutil.rmtree, folder)
        towns = os.path.join(folder, "municipalities.conf")
        with open(towns, "w", encoding="utf-8") as f:
            f.write('municipalities = ( { code = "0101"; name = "København"; } );\n')
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with harness.Effortd(settings={"municipalities": towns}) as e:
            lines = [harness.event(id="m%02d" % i, time=at, channel="selfservice") for i in range(10)]
            lines += [harness.event(id="fine", time=at, municipality="0101"), "{not json " + CPR,
                      harness.event(id="c", time=at, channel="smoke"), harness.event(id="p", time=at, note=CPR)]
            e.send(*lines)
            e.wait_received(14)

            def letters():
                return json.loads(e.ctl("dlq", "list", "--json").stdout)
            harness.wait(lambda: letters()["letters"] == 13, "the letters to be written")
            codes = {g["code"]: (g["count"], g["replayable"]) for g in letters()["groups"]}
            self.assertEqual(codes, {"E_MUNICIPALITY": (10, 10), "E_JSON": (1, 0), "E_CHANNEL": (1, 1), "E_CPR": (1, 0)})
            shown = e.ctl("dlq", "show", "--json").stdout
            self.assertEqual(len(shown.splitlines()), 13)
            self.assertNotIn("010199", shown)
            shown = " ".join(e.ctl("dlq", "show", "--lang", "da").stdout.split())
            self.assertIn("channel: et af feltets ord (linje 13 på sin forbindelse", shown)

            with open(towns, "a", encoding="utf-8") as f:
                f.seek(0)
                f.truncate()
                f.write('municipalities = ( { code = "0101"; name = "København"; }, { code = "0751"; name = "Aarhus"; } );\n')
            e.ctl("reload")
            doc = json.loads(e.ctl("dlq", "replay", "--code", "E_MUNICIPALITY", "--json").stdout)
            self.assertEqual((doc["events"], doc["accepted"], doc["duplicate"], doc["refused"]), (10, 10, 0, 0))
            again = e.ctl("dlq", "replay", "--json", "--lang", "da", check=False)
            doc = json.loads(again.stdout)
            self.assertIn("E_CHANNEL: channel: ventet et af feltets ord (id c)\n", again.stderr)
            self.assertEqual((again.returncode, doc["accepted"], doc["duplicate"], doc["refused"], doc["codes"]),
                             (1, 0, 10, 1, {"E_CHANNEL": 1}))
            e.wait_settled()
            self.assertEqual(e.share()["all.n"], "10")
            status = e.status()
            self.assertEqual(status["received"], status["accepted"] + status["duplicate"] + status["refused"])

            e.stop()
            harness.wait(lambda: letters_of(e) == 14, "the letters of the end")


    def test_the_log_tells_once_that_letters_are_dropped(self):
        with harness.Effortd(settings={"dlq.quota": "1MiB"}) as e:
            words, sent = "msg=\"dead letters are dropped\"", 0
            for _ in range(2):
                e.send(*(harness.event(id="d%d" % (sent + i), channel="smoke", note="x" * 400) for i in range(4000)))
                sent += 4000
                e.wait_received(sent)
                harness.wait(lambda: e.status()["deadletters"]["kept"] == sent, "the letters to be kept")
                harness.wait(lambda: words in e.log(), "the log to tell it")
            self.assertEqual(e.log().count(words), 1)
            self.assertIn("raise dlq.quota", e.log())
            status = " ".join(e.ctl("status", "--lang", "en").stdout.split())
            self.assertIn("8,000 written since the start; ", status)
            self.assertLess(letters_of(e), 8000)
            e.stop()
            e.start()
            harness.wait(lambda: e.status()["deadletters"].get("lines") == letters_of(e), "what is kept to be counted")
            self.assertIn("%s lines kept in" % format(letters_of(e), ","), " ".join(e.ctl("status", "--lang", "en").stdout.split()))


def letters_of(e):
    return json.loads(e.ctl("dlq", "list", "--json", "--state-dir", e.state).stdout)["letters"]


if __name__ == "__main__":
    unittest.main()
