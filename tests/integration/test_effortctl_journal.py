#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""effortctl journal on a state_dir that journal_fixture wrote: what is there, what verify says when bytes are flipped, files
cut or gone, what dump shows, and that nothing but repair --write changes anything."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import unittest

from ctl_harness import BUILD, EFFORTCTL, ROOT, Case, environment

FIXTURE = os.path.join(BUILD, "bin", "journal_fixture")
EVENTS, IN_SEGMENT = 250, 50  # as journal_fixture.c has them


def tree(folder):
    """Every file with its contents."""
    found = {}
    for at, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(at, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, folder)] = hashlib.sha256(f.read()).hexdigest()
    return found


class Journal(Case):
    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.mkdtemp(prefix="effort-journal-")
        cls.original = os.path.join(cls.base, "original")
        done = subprocess.run([FIXTURE, cls.original], capture_output=True, check=True, timeout=60)
        cls.writer = json.loads(done.stdout)["writer"]

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.base)

    def setUp(self):
        self.state = tempfile.mkdtemp(dir=self.base)
        shutil.rmtree(self.state)
        shutil.copytree(self.original, self.state)

    def path(self, *parts):
        return os.path.join(self.state, *parts)

    def segment(self, number):
        return self.path("journal", "%016d.wal" % number)

    def totals(self, name):
        return self.path("totals", self.writer, name)

    def ids(self):
        return sorted(os.path.join(self.path("ids"), n) for n in os.listdir(self.path("ids")))

    def flip(self, path, at):
        size = os.path.getsize(path)
        with open(path, "r+b") as f:
            f.seek(at if at >= 0 else size + at)
            byte = f.read(1)
            f.seek(-1, os.SEEK_CUR)
            f.write(bytes([byte[0] ^ 0x40]))

    def journal(self, *args, lang="en"):
        return self.ctl("journal", *args, "--state-dir", self.state, "--lang", lang)

    def verify(self):
        """The findings of verify, after looking at what people read."""
        self.journal("verify")
        code, text = self.code, self.flat()
        doc = json.loads(self.journal("verify", "--json"))
        self.assertEqual(self.code, code)
        self.assertEqual(doc["ok"], code == 0)
        self.assertEqual(doc["damages"], sum(f["is_damage"] for f in doc["findings"]))
        for finding in doc["findings"]:
            self.assertIn(finding["file"], text)
            for member in ("lost", "effortd", "next"):
                self.assertTrue(finding[member])
        return code, {f["kind"]: f for f in doc["findings"]}, text

    def only(self, kind, file):
        code, findings, text = self.verify()
        self.assertEqual((code, list(findings)), (1, [kind]), text)
        self.assertEqual(findings[kind]["file"], file)
        for words in ("Lost:", "effortd:", "Next:", "1 damage."):
            self.assertIn(words, text)
        return findings[kind]


class Whole(Journal):
    def test_info(self):
        doc = json.loads(self.journal("info", "--json"))
        self.passes()
        self.assertEqual([s["number"] for s in doc["segments"]], [2, 3, 4, 5])
        self.assertEqual([s["effects"] for s in doc["segments"]], [IN_SEGMENT] * 4)
        self.assertEqual([s["is_sealed"] for s in doc["segments"]], [True, True, True, False])
        self.assertEqual([s["bytes"] for s in doc["segments"]], [os.path.getsize(self.segment(n)) for n in (2, 3, 4, 5)])
        self.assertEqual((doc["writer"], doc["is_running"], doc["damages"], doc["findings"]), (self.writer, False, 0, []))
        self.assertEqual(doc["horizon"], "2026-10-17T11:00:00.000Z")
        totals, = doc["totals"]
        self.assertEqual((totals["writer"], totals["days"], totals["first_day"], totals["last_segment"]),
                         (self.writer, 1, "2026-11-21", 1))
        self.assertEqual((totals["months"], totals["first_month"]), (1, "2026-11-01"))
        self.assertEqual((doc["ids"]["ids"], doc["ids"]["first_day"]), (IN_SEGMENT, "2026-11-21"))
        self.assertEqual(doc["segments"][0]["first"], "2026-11-21T11:00:51.000Z")

    def test_info_for_people(self):
        self.journal("info")
        self.passes()
        text = self.flat()
        for words in (self.state + "; no effortd is running on it", self.writer, "up to segment 1: 1 day, 2026-11-21 to 2026-11-21",
                      "50 ids in 1 file", "in 4 segments", "none seen"):
            self.assertIn(words, text)
        self.assertRegex(self.out, r"(?m)^ +2 .* 50 .*sealed$")
        self.assertRegex(self.out, r"(?m)^ +5 .* 50 .*last$")
        self.journal("info", lang="da")
        for words in ("ingen effortd kører på den", "samlet", "til og med segment 1: 1 dag", "50 id'er i 1 fil",
                      "i 4 segmenter", "Størrelse", "afsluttet"):
            self.assertIn(words, self.flat())
        for charset in ("C.UTF-8", "C"):
            self.ctl("journal", "info", "--state-dir", self.state, env={"LC_ALL": charset})
            table = self.out[self.out.index("Segment"):]
            self.assertTrue(all(len(line) <= 80 for line in table.splitlines()), self.out)

    def test_verify(self):
        code, findings, text = self.verify()
        self.assertEqual((code, findings), (0, {}), text)
        self.assertIn("Read 4 segments with 200 events, 2 files of totals and 1 id file", text)
        self.assertIn("everything is whole", text)
        self.journal("verify", lang="da")
        self.assertIn("alt er helt", self.flat())

    def test_dump(self):
        lines = [json.loads(line) for line in self.journal("dump").splitlines()]
        self.passes()
        kinds = [line["record"] for line in lines]
        self.assertEqual((kinds.count("segment"), kinds.count("effect"), kinds.count("damage")), (4, 200, 0))
        first = next(line for line in lines if line["record"] == "effect")
        n = IN_SEGMENT + 1
        self.assertEqual({k: first[k] for k in ("segment", "municipality", "day", "task", "channel", "count", "time", "names", "kind",
                                                "id_hash", "content_hash", "id_day", "is_exempt")},
                         {"segment": 2, "municipality": "0101", "day": "2026-11-21", "task": "administration/moving",
                          "channel": first["channel"], "count": 2, "time": "2026-11-21T11:00:51.000Z",
                          "names": {"source": "callcenter"}, "kind": first["kind"],
                          "id_hash": "%016x" % (n * 0x9e3779b97f4a7c15 % 2 ** 64), "content_hash": "%08x" % (n * 7919),
                          "id_day": "2026-11-21", "is_exempt": False})
        marks = [line for line in lines if line["record"] == "mark"]
        self.assertEqual([m["kind"] for m in marks], ["freeze", "cut"] * 3 + ["freeze"])
        self.assertEqual([m["settled"] for m in marks], [m["position"] - 10 for m in marks])
        positions = [m["position"] for m in marks]
        self.assertEqual(positions, sorted(positions))

    def test_dump_a_part(self):
        lines = [json.loads(line) for line in self.journal("dump", "--segment", "3").splitlines()]
        self.assertEqual({line["segment"] for line in lines}, {3})
        self.assertEqual(len(self.journal("dump", "--limit", "7").splitlines()), 7)
        self.journal("dump", "--segment", "77")
        self.fails(66, "no segment 77", "journal info")
        for bad in ("0", "-1", "x", "3x", ""):
            self.journal("dump", "--limit=" + bad)
            self.fails(64, "not a number from 1 on")

    def test_dump_totals(self):
        lines = [json.loads(line) for line in self.journal("dump", "--totals", "2026-11-21").splitlines()]
        self.passes()
        self.assertEqual((lines[0]["record"], lines[0]["last_segment"]), ("totals", 1))
        amounts = [line for line in lines if line["record"] == "amount"]
        self.assertEqual(sum(a["count"] for a in amounts), 75)
        self.assertEqual({a["municipality"] for a in amounts}, {"0101", "0751"})
        self.assertEqual({a["task"] for a in amounts}, {"administration/moving"})
        self.assertTrue(any(line["record"] == "position" for line in lines))
        names = [json.loads(line) for line in self.journal("dump", "--totals", "2026-11").splitlines()]
        self.assertEqual({(n["municipality"], n["name"]): n["events"] for n in names if n["record"] == "name"},
                         {("0101", "callcenter"): 25, ("0751", "borger.dk"): 25})
        self.journal("dump", "--totals", "2025-01-01")
        self.fails(66, "nothing is folded for 2025-01-01")
        for bad in ("2026", "2026-13-01", "today", "2026-13"):
            self.journal("dump", "--totals", bad)
            self.fails(64, "neither a day nor a month")

    def test_nothing_is_changed(self):
        before = tree(self.state)
        self.flip(self.segment(3), 2000)
        self.flip(self.totals("2026-11-21"), -3)
        damaged = tree(self.state)
        self.assertNotEqual(before, damaged)
        for action in (["info"], ["verify"], ["dump"], ["repair"], ["dump", "--totals", "2026-11-21"]):
            self.journal(*action)
        self.assertEqual(tree(self.state), damaged)


class Damaged(Journal):
    def test_a_flipped_byte_in_the_middle(self):
        self.flip(self.segment(3), os.path.getsize(self.segment(3)) // 2)
        found = self.only("damaged_blocks", self.segment(3))
        self.assertEqual(found["segment"], 3)
        self.assertLess(found["from"], os.path.getsize(self.segment(3)) // 2)
        self.assertGreater(found["to"], os.path.getsize(self.segment(3)) // 2)
        self.assertGreaterEqual(found["last_block"], found["first_block"])
        self.journal("verify", lang="da")
        for words in ("et beskadiget sted", "Tabt:", "Næste skridt:", "1 skade."):
            self.assertIn(words, self.flat())
        kinds = [json.loads(line)["record"] for line in self.journal("dump").splitlines()]
        self.passes()
        self.assertEqual(kinds.count("damage"), 1)
        self.assertEqual(kinds.count("effect"), 190)
        self.journal("info")
        self.passes()
        self.assertRegex(self.out, r"(?m)^ +3 .*! damaged$")
        self.assertIn("1 damage; effortctl journal verify", self.flat())

    def test_every_byte_of_a_segment(self):
        size = os.path.getsize(self.segment(4))
        for at in range(0, size, max(1, size // 40)):
            self.flip(self.segment(4), at)
            self.journal("verify")
            self.assertEqual(self.code, 1, "byte %d of %d" % (at, size))
            self.assertIn(self.segment(4), self.flat())
            self.flip(self.segment(4), at)
        self.journal("verify")
        self.passes()

    def test_a_flipped_header(self):
        self.flip(self.segment(4), 20)
        self.only("damaged_header", self.segment(4))

    def test_a_cut_segment(self):
        os.truncate(self.segment(2), os.path.getsize(self.segment(2)) * 2 // 3)
        found = self.only("cut_off", self.segment(2))
        self.assertGreaterEqual(found["last_block"], found["first_block"])
        self.assertGreater(found["first_block"], 0)

    def test_a_torn_end(self):
        os.truncate(self.segment(5), os.path.getsize(self.segment(5)) * 2 // 3)
        found = self.only("torn_tail", self.segment(5))
        self.assertIn("nothing that was acknowledged", found["lost"])

    def test_a_missing_segment(self):
        os.remove(self.segment(3))
        found = self.only("missing_segment", self.segment(3))
        self.assertEqual((found["segment"], found["last_block"] >= found["first_block"]), (3, True))

    def test_an_empty_segment(self):
        with open(self.segment(3), "w"):
            pass
        self.only("damaged_header", self.segment(3))

    def test_totals(self):
        self.flip(self.totals("2026-11-21"), -5)
        found = self.only("damaged_day", self.totals("2026-11-21"))
        self.assertIn("do not rebuild Redis", found["next"])
        self.journal("dump", "--totals", "2026-11-21")
        self.fails(1, "is damaged", "journal verify")

    def test_names_of_a_month(self):
        path = self.totals("names-2026-11")
        os.truncate(path, os.path.getsize(path) - 1)
        self.only("damaged_month", path)

    def test_ids(self):
        path, = self.ids()
        for at in range(0, os.path.getsize(path), 37):
            self.flip(path, at)
            self.only("damaged_ids", path)
            self.flip(path, at)

    def test_bookings(self):
        name, = os.listdir(self.path("bookings"))
        path = self.path("bookings", name)
        for at in range(0, os.path.getsize(path), 41):
            self.flip(path, at)
            self.only("damaged_bookings", path)
            self.flip(path, at)
        self.assertEqual(self.verify()[0], 0)

    def test_errands_meters_and_what_redis_lacks(self):
        for name, kind in (("errands", "damaged_errands"), ("meters", "damaged_errands"),
                           (os.path.join("totals", self.writer, "unsent"), "damaged_unsent")):
            with open(self.path(name), "w") as f:
                f.write("this is none of it")
            self.only(kind, self.path(name))
            os.remove(self.path(name))

    def test_what_has_been_in_force(self):
        for name in ("targets", "definitions", "silences"):
            kind, path = "damaged_" + name, self.path(name)
            for at in range(0, os.path.getsize(path), 7):
                self.flip(path, at)
                self.assertIn("put the file back", self.only(kind, path)["next"])
                self.flip(path, at)
            os.truncate(path, os.path.getsize(path) - 1)
            self.only(kind, path)
            os.truncate(path, 0)
            self.only(kind, path)
            with open(path, "w") as f:
                f.write("effortd-%s 1\n" % name)  # which had no check yet
            self.assertEqual(self.verify()[0], 0)

    def test_writer(self):
        self.flip(self.path("journal", "writer"), 4)
        self.only("writer_copy", self.path("journal", "writer"))
        self.flip(self.path("journal", "writer"), 4)
        os.remove(self.path("journal", "writer.copy"))
        self.only("writer_copy", self.path("journal", "writer.copy"))
        os.remove(self.path("journal", "writer"))
        found = self.only("writer", self.path("journal", "writer"))
        self.assertIn("backup", found["next"])

    def test_several_at_once(self):
        self.flip(self.segment(2), 1500)
        os.remove(self.segment(4))
        self.flip(self.totals("2026-11-21"), -5)
        code, findings, text = self.verify()
        self.assertEqual((code, sorted(findings)), (1, ["damaged_blocks", "damaged_day", "missing_segment"]), text)

    def test_no_rights(self):
        if os.geteuid() == 0:
            return
        os.chmod(self.segment(3), 0)
        found = self.only("unreadable", self.segment(3))
        self.assertIn("denied", found["detail"])


class Repair(Journal):
    def damage(self):
        self.flip(self.totals("2026-11-21"), -5)
        self.flip(self.segment(4), 20)
        self.flip(self.path("journal", "writer"), 4)
        with open(self.path("journal", "0000000000000009.wal.new"), "w") as f:
            f.write("begun")

    def test_it_only_says_what_it_would_do(self):
        self.damage()
        before = tree(self.state)
        self.journal("repair")
        self.passes()
        for words in ("would set aside " + self.segment(4), "would set aside " + self.totals("2026-11-21"), "would remove",
                      "would write " + self.path("journal", "writer"), "4 changes; nothing is changed yet"):
            self.assertIn(words, self.flat())
        self.assertEqual(tree(self.state), before)
        self.journal("repair", lang="da")
        self.assertIn("intet er ændret endnu", self.flat())

    def test_it_does_it(self):
        good = tree(self.state)["journal/writer.copy"]
        self.damage()
        self.journal("repair", "--write")
        self.passes()
        self.assertIn("4 changes made.", self.flat())
        files = tree(self.state)
        self.assertEqual(files["journal/writer"], files["journal/writer.copy"])
        self.assertEqual(files["journal/writer"], good)
        for path in (self.segment(4), self.totals("2026-11-21")):
            self.assertFalse(os.path.exists(path))
            self.assertTrue(os.path.exists(path + ".damaged"))
        self.assertFalse([name for name in files if name.endswith(".new")])
        code, findings, text = self.verify()
        self.assertEqual((code, sorted(findings)), (1, ["lost_totals", "missing_segment", "set_aside"]), text)
        self.journal("repair", "--write")
        self.passes()
        self.assertIn("Nothing to repair here. 2 damages", self.flat())

    def test_json(self):
        self.damage()
        doc = json.loads(self.journal("repair", "--json"))
        self.passes()
        self.assertEqual(sorted(a["action"] for a in doc["actions"]), ["remove", "set_aside", "set_aside", "write_again"])
        self.assertEqual((doc["is_written"], doc["failed"], {a["is_done"] for a in doc["actions"]}), (False, 0, {False}))
        doc = json.loads(self.journal("repair", "--write", "--json"))
        self.assertEqual((doc["is_written"], {a["is_done"] for a in doc["actions"]}), (True, {True}))

    def test_not_beside_a_running_effortd(self):
        self.damage()
        with open(self.path("lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            before = tree(self.state)
            self.journal("repair", "--write")
            self.fails(69, "effortd is running on " + self.state, "Stop effortd first")
            self.assertEqual(tree(self.state), before)
            self.assertTrue(json.loads(self.journal("info", "--json"))["is_running"])
            self.journal("info")
            self.assertIn("effortd is running on it", self.flat())
        self.assertFalse(json.loads(self.journal("info", "--json"))["is_running"])

    def test_where_nothing_can_be_written(self):
        """The true reason, and no advice that does not help; on a file system that is read-only where we may make one."""
        self.damage()
        os.mkdir(self.path("lock"))
        before = tree(self.state)
        self.journal("repair", "--write")
        self.fails(74, "lock: Is a directory", "Check that the folder exists and that you may write in it.")
        self.assertEqual(tree(self.state), before)
        os.rmdir(self.path("lock"))
        read_only = ["unshare", "-m", "sh", "-c", 'mount --bind -o ro "$0" "$0" && exec "$@"', self.state]
        if subprocess.run([*read_only, "true"], capture_output=True).returncode == 0:
            done = subprocess.run([*read_only, EFFORTCTL, "journal", "repair", "--write", "--state-dir", self.state],
                                  capture_output=True, text=True, env=environment(), timeout=60)
            self.assertEqual(done.returncode, 74, done)
            self.assertIn("lock: Read-only file system\n  Check that the folder", done.stderr)

    def test_what_is_being_written_is_no_damage(self):
        os.truncate(self.segment(5), os.path.getsize(self.segment(5)) * 2 // 3)
        with open(self.path("lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.journal("verify")
            self.passes()
        self.journal("verify")
        self.assertEqual(self.code, 1)


class Finding(Journal):
    """Where the files are, and wrong use."""

    def test_by_configuration(self):
        config, etc = os.path.join(self.base, "effortd.conf"), os.path.join(ROOT, "etc")
        with open(config, "w", encoding="utf-8") as f:
            f.write('state_dir = "%s"; areas_dir = "%s/areas"; plugins: { dir = "%s/plugins"; };\n' % (self.state, BUILD, BUILD) +
                    "".join('%s = "%s/%s.conf";\n' % (name, etc, name) for name in ("tasks", "municipalities", "targets")))
        self.ctl("journal", "info", "-c", config)
        self.passes()
        self.assertIn(self.writer, self.out)
        with open(config, "a", encoding="utf-8") as f:
            f.write("stat_dir = 3;\n")
        self.ctl("journal", "info", "-c", config)
        self.fails(78, "stat_dir")

    def test_by_the_running_daemon(self):
        doc = {"ok": True, "state_dir": self.state, "timezone": "Europe/Copenhagen"}
        self.ctl("journal", "info", answer=lambda request: doc)
        self.passes()
        self.assertIn(self.writer, self.out)
        self.assertRegex(self.out, r"(?m)^ +2 .* 21 Nov 12:00 ")

    def test_default_place(self):
        with tempfile.TemporaryDirectory(dir=self.base) as home:
            self.ctl("journal", "info", env={"XDG_STATE_HOME": home})
            place = "/var/lib/effortd" if os.geteuid() == 0 else home + "/effortd"
            if not os.path.exists(place):
                self.fails(66, "there is no folder " + place, "--state-dir")

    def test_nothing_there(self):
        with tempfile.TemporaryDirectory(dir=self.base) as empty:
            for action in ("info", "verify", "repair", "dump"):
                self.ctl("journal", action, "--state-dir", empty)
                self.fails(66, "no journal in " + empty, "--state-dir")
            self.ctl("journal", "repair", "--write", "--state-dir", empty)
            self.fails(66, "no journal in")
            self.assertEqual(os.listdir(empty), [])
        self.ctl("journal", "info", "--state-dir", "/nonexistent/place")
        self.fails(66, "there is no folder /nonexistent/place", "--state-dir")

    def test_wrong_use(self):
        self.ctl("journal")
        self.fails(64, "which action", "info, verify, dump or repair")
        self.ctl("journal", "verfy")
        self.fails(64, "no action 'verfy'", "Did you mean 'verify'?")
        self.ctl("journal", "info", "--limit", "3")
        self.fails(64, "--limit belongs to effortctl journal dump")
        self.ctl("journal", "verify", "--write")
        self.fails(64, "--write belongs to effortctl journal repair")
        self.ctl("journal", "dump", "--totals", "2026-11-21", "--limit", "3")
        self.fails(64, "--totals goes with neither")
        self.ctl("journal", "info", "here")
        self.fails(64, "one argument too many")
        self.ctl("journal", "--lang", "da")
        self.fails(64, "hvilken handling")


if __name__ == "__main__":
    unittest.main()
