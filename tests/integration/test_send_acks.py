#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""effortctl send --acks: every line settles exactly once, whatever happens to the connection, to the server or to
effortctl itself; refused lines are told; the spool keeps what is not settled."""

import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import harness
from ack_server import AckServer, Cut
from ctl_harness import EFFORTCTL, Case, environment, event


def events(n, first=0, **more):
    return [event(id="e%06d" % i, **more) for i in range(first, first + n)]


def ids(n, first=0):
    return ["e%06d" % i for i in range(first, first + n)]


def text(lines):
    return b"".join(line + b"\n" for line in lines)


class Acked(Case):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="effort-acks-")
        self.spool = os.path.join(self.folder, "spool")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def send(self, server, lines, *more):
        return self.ctl("send", "--acks", "--to", server if isinstance(server, str) else server.address, *more,
                        stdin=text(lines) if isinstance(lines, list) else lines)

    def spooled(self):
        return sorted(name for name in os.listdir(self.spool) if name.startswith("events-"))

    def settled_file(self):
        with open(os.path.join(self.spool, "settled"), encoding="ascii") as f:
            return int(f.read().split()[0])

    def start(self, *args, stdin=subprocess.PIPE):
        return subprocess.Popen([EFFORTCTL, "send", "--acks", *args], stdin=stdin, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, env=environment())


class Lines(Acked):
    def test_all_settled(self):
        with AckServer() as server:
            self.send(server, events(1000))
            self.passes()
            self.assertEqual(server.accepted, ids(1000))
            self.assertEqual(server.hellos, [{"hello": 1, "acks": True}])
        self.assertIn("1,000 lines confirmed by %s: 1,000 accepted, 0 duplicate, 0 refused" % server.address, self.err)

    def test_refused_lines_are_told(self):
        lines = events(3) + [b"", b"{not json", event(id="bad \"1\"", channel="smoke")] + events(1, 3)
        with AckServer() as server:
            self.send(server, lines)
            self.assertEqual(self.code, 1)
            self.assertEqual(server.accepted, ids(4))
        self.assertIn('stdin:5: E_JSON: not "one" of the words\n', self.err)
        self.assertIn('stdin:6: E_CHANNEL: not "one" of the words (id bad "1")\n', self.err)
        self.assertIn("4 accepted, 0 duplicate, 2 refused: E_JSON 1, E_CHANNEL 1", self.err)

    def test_refused_lines_are_told_up_to_a_hundred(self):
        with AckServer() as server:
            self.send(server, [b"bad"] * 250 + events(1))
        self.assertEqual(self.code, 1)
        self.assertEqual(self.err.count("E_JSON: "), 100)
        self.assertIn("counted and not listed", self.err)
        self.assertIn("1 accepted, 0 duplicate, 250 refused: E_JSON 250", self.err)

    def test_json_and_danish(self):
        with AckServer() as server:
            self.send(server, events(2) + events(1) + [b"bad"], "--json")
            self.assertEqual(json.loads(self.out), {"to": server.address, "accepted": 2, "duplicate": 1, "refused": 1,
                                                    "waiting": 0, "codes": {"E_JSON": 1}})
            self.assertEqual(self.code, 1)
            self.send(server, events(1), "--lang", "da")
            self.passes()
            self.assertIn("1 linje bekræftet af %s: 0 accepteret, 1 dublet, 0 afvist" % server.address, self.err)

    def test_odd_lines(self):
        """Carriage returns, empty lines, a line of the greatest length and one beyond it, and no end at the end."""
        longest = event(id="long", note="")
        longest = longest.replace(b'"note": ""', b'"note": "%s"' % (b"x" * (65536 - len(longest))))
        self.assertEqual(len(longest), 65536)
        data = b"\r\n\n" + events(1)[0] + b"\r\r\n" + longest + b"\r\n" + b"y" * 200000 + b"\n" + events(1, 1)[0]
        with AckServer() as server:
            self.send(server, data)
            self.assertEqual(server.accepted, ["e000000", "long", "e000001"])
        self.assertEqual(self.code, 1)
        self.assertIn("stdin:5: E_TOO_LONG: more than 65,536 bytes; not sent", self.err)
        self.assertIn("stdin ends without a line feed", self.err)

    def test_files(self):
        names = [os.path.join(self.folder, name) for name in ("a.ndjson", "b.ndjson")]
        for name, first in zip(names, (0, 10)):
            with open(name, "wb") as f:
                f.write(text(events(10, first)) + b"[]\n")
        with AckServer() as server:
            self.ctl("send", "--acks", "--to", server.address, *names)
            self.assertEqual(server.accepted, ids(20))
            self.assertEqual(re.findall(r"(?m)^\S*/([ab])\.ndjson:(\d+): E_JSON", self.err), [("a", "11"), ("b", "11")])
            self.ctl("send", "--acks", "--to", server.address, names[0], os.path.join(self.folder, "none"))
            self.fails(74, "No such file", "11 lines confirmed")

    def test_one_event_of_options(self):
        with AckServer() as server:
            self.ctl("send", "--acks", "--to", server.address, "--municipality", "0751", "--channel", "phone",
                     "--kle", "23.05.10", "--id", "one")
            self.passes()
            self.assertEqual(server.accepted, ["one"])

    def test_window_is_kept(self):
        with AckServer(window=10, batch=1) as server:
            self.send(server, events(500))
            self.passes()
            self.assertEqual(server.accepted, ids(500))
            self.assertLessEqual(server.most_underway, 10)

    def test_more_than_one_window(self):
        with AckServer(batch=3000) as server:
            self.send(server, events(25000))
            self.passes()
            self.assertEqual(len(server.accepted), 25000)

    def test_lines_that_come_one_by_one(self):
        """Nothing is held back until the input ends."""
        with AckServer() as server:
            p = self.start("--to", server.address)
            for i, line in enumerate(events(5)):
                p.stdin.write(line + b"\n")
                p.stdin.flush()
                harness.wait(lambda n=i + 1: len(server.accepted) == n, "line %d" % i)
            p.stdin.close()
            self.assertEqual(p.wait(20), 0)
            self.assertEqual(server.connections, 1)
            p.stdout.close()
            p.stderr.close()

    def test_progress_on_a_terminal(self):
        master, slave = pty.openpty()
        with AckServer(batch=1) as server:
            p = subprocess.Popen([EFFORTCTL, "send", "--acks", "--to", server.address], stdin=subprocess.PIPE,
                                 stdout=slave, stderr=slave, env=environment(TERM="xterm"))
            os.close(slave)
            p.stdin.write(text(events(100)))
            p.stdin.flush()
            seen = b""
            while b"100 confirmed, 0 refused, 0 on their way" not in seen:
                seen += os.read(master, 4096)
            p.stdin.close()
            self.assertEqual(p.wait(20), 0)
        os.close(master)


class Cuts(Acked):
    """The connection ends everywhere; each event counts once all the same, and each refusal is told once."""

    LINES = events(3) + [b"bad"] + events(2, 3)

    def check(self, cut, settled=ids(5)):
        with AckServer(cuts=[cut], batch=2) as server:
            self.send(server, self.LINES, "--timeout", "20")
            self.assertEqual(self.code, 1, self.err)
            self.assertEqual(server.accepted, settled, vars(cut))
            self.assertEqual(self.err.count("E_JSON: "), 1)
            self.assertRegex(self.err, r"\n6 lines confirmed.*, 1 refused: E_JSON 1\n")
            counts = re.search(r": (\d+) accepted, (\d+) duplicate", self.err)
            self.assertEqual(int(counts[1]) + int(counts[2]), 5)
        return server

    def test_before_and_instead_of_the_hello(self):
        self.check(Cut(before_hello=True))
        self.check(Cut(before_hello=True, reset=True))
        for odd in (b"\n", b"garbage\n", b"[]\n", b'{"ok":1', b'{"ack":1}\n', b"x" * 20000,
                    b'{"error":"E_RATE","detail":"later"}\n'):
            self.check(Cut(instead=odd))

    def test_in_every_answer_byte(self):
        with AckServer(batch=2) as server:
            self.send(server, self.LINES)
        for at in range(0, 240, 7):
            self.check(Cut(after_out=at, reset=at % 2 == 1))

    def test_in_the_lines(self):
        whole = sum(len(line) + 1 for line in self.LINES)
        for at in list(range(1, whole, 41)) + [whole - 1, whole]:
            self.check(Cut(after_in=at, reset=at % 2 == 1))

    def test_durable_but_not_told(self):
        """All was counted, no ack came: all of it is a duplicate the second time."""
        server = self.check(Cut(silent=True, after_in=sum(len(line) + 1 for line in self.LINES)))
        self.assertEqual(server.duplicates, 5)
        self.assertIn("0 accepted, 5 duplicate, 1 refused", self.err)

    def test_acks_that_make_no_sense(self):
        for ack in ({"ack": 7, "accepted": 7, "duplicate": 0, "refused": 0},
                    {"ack": 2, "accepted": 1, "duplicate": 0, "refused": 0},
                    {"nack": 99, "id": "", "code": "E_JSON", "detail": ""}, {"nack": 0}, {"what": 1}):
            hello = b'{"ok":1,"max_line":65536,"window":10}\n'
            self.check(Cut(instead=hello + json.dumps(ack).encode() + b"\n"))

    def test_again_and_again(self):
        cuts = [Cut(after_out=60 + 97 * i, after_in=3001 + 61 * i) for i in range(25)]
        with AckServer(cuts=cuts, batch=3) as server:
            self.send(server, events(2000))
            self.passes()
            self.assertEqual(server.accepted, ids(2000))
            self.assertEqual(server.connections, 26)
        self.assertNotIn("trying again", self.err)

    def test_server_comes_and_goes(self):
        server = AckServer(cuts=[Cut(after_out=400)], batch=2)
        port = server.port
        p = self.start("--to", server.address, "--timeout", "60")
        p.stdin.write(text(events(20)))
        p.stdin.flush()
        harness.wait(lambda: len(server.accepted) >= 6, "some lines")
        server.close()
        p.stdin.write(text(events(20, 20)))
        p.stdin.close()
        p.stdin = None
        time.sleep(1)
        with AckServer(port=port, accepted=server.accepted) as again:
            _, err = p.communicate(timeout=60)
            self.assertEqual(p.returncode, 0, err)
            self.assertEqual(sorted(again.accepted), ids(40))
        self.assertEqual(err.count(b"trying again"), 1)
        self.assertIn(b"answers again", err)

    def test_gives_up(self):
        with AckServer(cuts=[Cut(silent=True)]) as server:
            t0 = time.monotonic()
            self.send(server, events(3), "--timeout", "1.5")
            self.assertLess(time.monotonic() - t0, 10 * harness.SLOW)
        self.fails(75, "has not confirmed anything for", "not confirmed: 3 lines", "Send the same lines again later")
        self.send(server.address, events(3), "--timeout", ".5")
        self.fails(75, "Connection refused; trying again", "not confirmed: 3 lines")

    def test_a_refused_hello_is_final(self):
        with AckServer(cuts=[Cut(instead=b'{"error":"E_AUTH","detail":"no\\u001b token"}\n')]) as server:
            self.send(server, events(3))
            self.fails(75, "declines: E_AUTH: no  token; not confirmed: 3 lines")
            self.assertEqual(server.connections, 1)


class Spool(Acked):
    def test_nothing_stays(self):
        with AckServer() as server:
            self.send(server, events(50) + [b"bad"], "--spool", self.spool)
            self.assertEqual(self.code, 1)
            self.assertEqual(self.spooled(), [])
            self.assertEqual(os.stat(self.spool).st_mode & 0o777, 0o700)

    def test_what_is_not_settled_is_sent_first(self):
        with AckServer(cuts=[Cut(after_out=120, reset=True)] + [Cut(before_hello=True)] * 999, batch=1) as server:
            self.send(server, events(100), "--spool", self.spool, "--timeout", "1")
            self.fails(75, "The rest is in %s" % self.spool)
            settled = re.search(r"(\d+) lines? confirmed", self.err)
            self.assertEqual(settled[1], "1")
        with AckServer(accepted=server.accepted) as server:
            self.send(server, events(10, 100), "--spool", self.spool)
            self.passes()
            self.assertIn("Sent first from %s: 99 lines" % self.spool, self.err)
            self.assertEqual(server.accepted, ids(110))
            self.send(server, b"", "--spool", self.spool)
            self.passes()
            self.assertIn("0 lines confirmed", self.err)
        self.assertEqual(self.spooled(), [])

    def test_killed(self):
        """SIGKILL at any moment: what has reached the spool is settled by the runs after it."""
        accepted, spooled = [], set()
        for round_ in range(12):
            cuts, before = [Cut(silent=True)] if round_ % 3 == 0 else [Cut(after_out=2000)], len(accepted)
            with AckServer(cuts=cuts, batch=1, accepted=accepted) as server:
                p = self.start("--to", server.address, "--spool", self.spool)
                p.stdin.write(text(events(500, round_ * 1000)))
                p.stdin.flush()
                harness.wait(lambda: len(accepted) > before, "something")
                time.sleep(.003 * round_)
                p.kill()
                p.communicate()
            for name in self.spooled():
                with open(os.path.join(self.spool, name), "rb") as f:
                    spooled |= {json.loads(line)["id"] for line in f.read().splitlines(True) if line.endswith(b"\n")}
        with AckServer(cuts=[Cut(after_out=500)], accepted=accepted) as server:
            self.send(server, b"", "--spool", self.spool)
            self.passes()
        self.assertEqual(self.spooled(), [])
        self.assertGreater(len(spooled), 500)
        self.assertEqual(spooled - set(accepted), set())

    def test_killed_without_acks_loses_nothing(self):
        with AckServer(cuts=[Cut(silent=True)]) as server:
            p = self.start("--to", server.address, "--spool", self.spool)
            p.stdin.write(text(events(3000)))
            p.stdin.flush()
            harness.wait(lambda: len(server.accepted) == 3000, "all lines")
            p.kill()
            p.communicate()
        with AckServer() as server:
            self.send(server, b"", "--spool", self.spool)
            self.passes()
            self.assertEqual(server.accepted, ids(3000))

    def test_many_files(self):
        with AckServer(cuts=[Cut(silent=True)]) as server:
            p = self.start("--to", server.address, "--spool", self.spool, "--timeout", "2")
            p.communicate(text(events(4000, note="n" * 1000)))
            self.assertEqual(p.returncode, 75)
        self.assertGreater(len(self.spooled()), 3)
        with AckServer(batch=500) as server:
            self.send(server, b"", "--spool", self.spool)
            self.passes()
            self.assertEqual(server.accepted, ids(4000))
        self.assertEqual(self.spooled(), [])

    def test_interrupted(self):
        for sig in (signal.SIGINT, signal.SIGTERM):
            with AckServer(cuts=[Cut(silent=True)]) as server:
                p = self.start("--to", server.address, "--spool", self.spool)
                p.stdin.write(text(events(10)))
                p.stdin.flush()
                harness.wait(lambda: len(server.accepted) == 10, "all lines")
                p.send_signal(sig)
                _, err = p.communicate(timeout=20)
                self.assertEqual(p.returncode, 75, err)
                self.assertRegex(err.decode(), r"interrupted; not confirmed: \d+ lines\n  Send the same lines again later")
        with AckServer() as server:
            p = self.start("--to", server.address, "--spool", self.spool)
            harness.wait(lambda: len(server.accepted) == 10, "all lines")
            harness.wait(lambda: self.settled_file() >= 2, "the ack")
            p.send_signal(signal.SIGINT)  # nothing waits, but the input has not ended
            p.wait(20)
            _, err = p.communicate(timeout=20)
            self.assertEqual(p.returncode, 75, err)

    def test_interrupted_while_nothing_waits(self):
        """What has not been read is not settled either: the rest of an input, and the files after it."""
        second = os.path.join(self.folder, "second.ndjson")
        with open(second, "wb") as f:
            f.write(text(events(1, 1)))
        for sig, files in ((signal.SIGINT, []), (signal.SIGTERM, ["-", second])):
            with AckServer() as server:
                p = self.start("--to", server.address, *files)
                p.stdin.write(text(events(1)))
                p.stdin.flush()
                harness.wait(lambda: len(server.accepted) == 1, "the line")
                time.sleep(.2)
                p.send_signal(sig)
                p.wait(20)
                _, err = p.communicate(timeout=20)
                self.assertEqual(p.returncode, 75, err)
                self.assertIn(b"interrupted before the end of stdin; what had been read is confirmed\n  Send the same", err)
                self.assertIn(b"1 line confirmed", err)
                self.assertEqual(server.accepted, ids(1))
        with AckServer() as server:
            p = self.start("--to", server.address, "-", second)
            p.stdin.write(text(events(1)))
            p.stdin.close()
            p.stdin = None
            _, err = p.communicate(timeout=20)
            self.assertEqual((p.returncode, server.accepted), (0, ids(2)), err)

    def test_odd_folders(self):
        os.mkdir(self.spool)
        for name, content in (("events-0000000003.ndjson", text(events(2)) + b'{"id":"torn'), ("events-x.ndjson", b"x"),
                              ("settled", b"garbage"), ("events-0000000007.ndjson", text(events(1, 2))),
                              ("events-0000000009.ndjson", b""), ("note.txt", b"mine")):
            with open(os.path.join(self.spool, name), "wb") as f:
                f.write(content)
        with AckServer() as server:
            self.send(server, events(1, 3), "--spool", self.spool)
            self.passes()
            self.assertEqual(server.accepted, ids(4))
        self.assertEqual(sorted(os.listdir(self.spool)), ["events-x.ndjson", "lock", "note.txt", "settled"])

    def test_note_of_another_time(self):
        """A note that does not point behind a line of its file is not believed."""
        os.mkdir(self.spool)
        for note, expected in (("3 5\n", ids(3)), ("3 %d\n" % (len(events(1)[0]) + 1), ids(2, 1)), ("3 99999\n", ids(3)),
                               ("2 17\n", ids(3)), ("4 0\n", ids(3)), ("4294967295 9\n", ids(3))):
            for name, content in (("events-0000000003.ndjson", text(events(3))), ("settled", note.encode())):
                with open(os.path.join(self.spool, name), "wb") as f:
                    f.write(content)
            with AckServer() as server:
                self.send(server, b"", "--spool", self.spool)
                self.passes()
                self.assertEqual(server.accepted, expected, note)

    def test_files_before_the_note(self):
        """What lies before the file that the note points into is sent, not only removed."""
        first, end = events(2), len(events(1)[0]) + 1
        self.fill({"events-0000000002.ndjson": text(first), "events-0000000005.ndjson": text(events(2, 2)),
                   "settled": b"5 %d\n" % end})
        with AckServer() as server:
            self.send(server, b"", "--spool", self.spool)
            self.passes()
            self.assertEqual(server.accepted[:2], ids(2))
            self.assertIn("e000003", server.accepted)
        self.assertEqual(self.spooled(), [])

    def fill(self, files):
        os.mkdir(self.spool)
        for name, content in files.items():
            with open(os.path.join(self.spool, name), "wb") as f:
                f.write(content)

    def test_a_file_that_cannot_be_read(self):
        """The run ends before the input is read; no file goes unsent, and all is sent once it can be read."""
        def folder(path):
            os.unlink(path)
            os.mkdir(path)

        for round_, (spoil, why) in enumerate(((folder, "Is a directory"),
                                               (lambda path: os.truncate(path, (64 << 20) + 1), "File too large"),
                                               (lambda path: os.chmod(path, 0), "Permission denied"))):
            self.spool = os.path.join(self.folder, "spool%d" % round_)
            names = ["events-%010d.ndjson" % i for i in (1, 2, 3)]
            self.fill({name: text(events(2, 2 * i)) for i, name in enumerate(names)})
            second = os.path.join(self.spool, names[1])
            spoil(second)
            with AckServer() as server:
                args = ["send", "--acks", "--to", server.address, "--spool", self.spool]
                if os.geteuid() == 0:  # who may read everything is no test of it
                    self.give_away(65534)
                self.as_user(65534, args, text(events(1, 6)))
                self.fails(74, "the spool %s cannot be used: %s: %s" % (self.spool, names[1], why))
                self.assertEqual(server.accepted, ids(2))
                self.assertEqual(self.spooled(), names)
                os.chmod(second, 0o777)
                if os.path.isdir(second):
                    os.rmdir(second)
                with open(second, "wb") as f:
                    f.write(text(events(2, 2)))
                os.chmod(second, 0o666)
                self.as_user(65534, args, text(events(1, 6)))
                self.passes()
                self.assertEqual(server.accepted, ids(7))
            self.assertEqual(self.spooled(), [])

    def test_lines_of_nothing(self):
        """Nothing is sent of them and nothing confirmed, so they are not kept, nor left by an earlier run."""
        nothing = b"\r\r\n"
        with AckServer() as server:
            for lines in (text(events(1)) + nothing, nothing, b"\r\r" * 40000 + b"\n"):
                self.send(server, lines, "--spool", self.spool)
                self.assertEqual(self.spooled(), [], self.err)
            shutil.rmtree(self.spool)
            self.fill({"events-0000000001.ndjson": nothing + text(events(1, 1)) + b"\r\n\n"})
            self.send(server, b"", "--spool", self.spool)
            self.passes()
            self.assertEqual((self.spooled(), server.accepted), ([], ids(2)))

    def test_a_damaged_line(self):
        """One that is too long to be ours is told, counted and settled; what is around it is sent."""
        self.fill({"events-0000000001.ndjson": text(events(2) + [b"\0" * 70000] + events(1, 2)),
                   "events-0000000002.ndjson": text([b"x" * 65537] + events(1, 3) + [b"y" * 65537])})
        with AckServer(batch=1) as server:
            self.send(server, events(1, 4), "--spool", self.spool)
            self.assertEqual(self.code, 1, self.err)
            self.assertEqual(server.accepted, ids(5))
            for number in (3, 5, 7):
                self.assertIn("%s:%d: E_TOO_LONG: more than 65,536 bytes; not sent\n" % (self.spool, number), self.err)
            self.assertIn("5 accepted, 0 duplicate, 3 refused: E_TOO_LONG 3", self.err)
            self.assertEqual(self.spooled(), [])
            self.send(server, b"", "--spool", self.spool)
            self.passes()
        self.assertNotIn("Sent first", self.err)

    def test_a_damaged_line_behind_one_that_waits(self):
        """It is not settled before what lies before it."""
        self.fill({"events-0000000001.ndjson": text(events(2) + [b"\0" * 70000] + events(1, 2))})
        with AckServer(cuts=[Cut(silent=True)]) as server:
            self.send(server, b"", "--spool", self.spool, "--timeout", ".3")
            self.fails(75, "not confirmed: 2 lines")
        with AckServer() as server:
            self.send(server, b"", "--spool", self.spool)
            self.assertEqual((self.code, server.accepted), (1, ids(3)), self.err)
        self.assertEqual(self.spooled(), [])

    def give_away(self, user):
        os.chmod(self.folder, 0o755)
        os.chown(self.spool, user, user)
        for name in os.listdir(self.spool):
            os.chown(os.path.join(self.spool, name), user, user)

    def as_user(self, user, args, lines):
        """effortctl as this user where we are root; else as who we are."""
        who = dict(user=user, group=user, extra_groups=[]) if os.geteuid() == 0 else {}
        try:
            done = subprocess.run([EFFORTCTL, *args], input=lines, capture_output=True, timeout=60, env=environment(), **who)
        except PermissionError:
            self.skipTest("the build is not for every user to run")
        self.code, self.out, self.err = done.returncode, done.stdout.decode(), done.stderr.decode()

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_files_of_root_in_a_folder_of_another(self):
        """A run with sudo leaves files that the owner of the folder can read, and his own run sends them."""
        os.mkdir(self.spool)
        self.give_away(65534)
        self.send("127.0.0.1:1", events(3), "--spool", self.spool, "--timeout", ".2")
        self.fails(75, "The rest is in")
        for name in os.listdir(self.spool):
            found = os.stat(os.path.join(self.spool, name))
            self.assertEqual((found.st_uid, found.st_gid, found.st_mode & 0o777), (65534, 65534, 0o600), name)
        with AckServer() as server:
            self.as_user(65534, ["send", "--acks", "--to", server.address, "--spool", self.spool], text(events(1, 3)))
            self.passes()
            self.assertEqual(server.accepted, ids(4))

    def test_taken(self):
        with AckServer() as server:
            p = self.start("--to", server.address, "--spool", self.spool)
            p.stdin.write(text(events(1)))
            p.stdin.flush()
            harness.wait(lambda: len(server.accepted) == 1, "a line")
            self.send(server, events(1), "--spool", self.spool)
            self.fails(69, "another effortctl uses the spool")
            p.communicate(timeout=20)

    def test_no_room(self):
        """The disk fails: what has been read is sent all the same, and the exit code tells."""
        with AckServer() as server:
            self.send(server, events(1), "--spool", os.path.join(self.folder, "no", "such"))
            self.fails(74, "the spool", "No such file or directory")
            p = subprocess.run(["bash", "-c", "ulimit -f 8; trap '' XFSZ; exec \"$@\"", "-", EFFORTCTL, "send", "--acks",
                                "--to", server.address, "--spool", self.spool], input=text(events(1000)),
                               capture_output=True, env=environment(), timeout=60)
            self.assertEqual(p.returncode, 74, p.stderr)
            self.assertIn(b"File too large", p.stderr)
            self.assertGreater(len(server.accepted), 0)
            self.assertEqual(server.accepted, ids(len(server.accepted)))

    def test_no_room_and_nobody_there(self):
        """Not all that waits is in the spool: it is not said to be, and 74 tells that lines are only with their sender."""
        p = subprocess.run(["bash", "-c", "ulimit -f 8; trap '' XFSZ; exec \"$@\"", "-", EFFORTCTL, "send", "--acks",
                            "--to", "127.0.0.1:1", "--timeout", ".2", "--spool", self.spool], input=text(events(1000)),
                           capture_output=True, env=environment(), timeout=60)
        self.assertEqual(p.returncode, 74, p.stderr)
        self.assertIn(b"File too large", p.stderr)
        self.assertIn(b"Send the same lines again", p.stderr)
        self.assertNotIn(b"The rest is in", p.stderr)


class Usage(Acked):
    def test_options(self):
        self.ctl("send", "--spool", "x", stdin=b"")
        self.fails(64, "--spool needs --acks")
        self.ctl("send", "--timeout", "3", stdin=b"")
        self.fails(64, "--timeout needs --acks")
        for odd in ("soon", "-1", "", "1e99", "nan"):
            self.ctl("send", "--acks", "--timeout", odd, "--to", "127.0.0.1:1", stdin=b"")
            self.fails(64, "not a number of seconds")
        self.ctl("send", "--acks", "--to", "nowhere", stdin=b"")
        self.fails(64, "is not an address")


class Real(Acked):
    """With effortd itself."""

    def test_exactly_once(self):
        kle = dict(time="2026-03-10T12:00:00+01:00")
        with harness.Effortd() as e:
            to = "127.0.0.1:%d" % e.port
            self.send(to, events(5000, **kle) + [event(id="bad", channel="smoke"), b"{"] + events(10, **kle))
            self.assertEqual(self.code, 1, self.err)
            self.assertIn("5,012 lines confirmed by %s: 5,000 accepted, 10 duplicate, 2 refused" % to, self.err)
            self.assertRegex(self.err, r"stdin:5001: E_CHANNEL: \S.* \(id bad\)\n")
            self.assertRegex(self.err, r"stdin:5002: E_JSON: \S")
            self.send(to, [event(id="bad", count=0), event(id="bad", channel=None), b"{"], "--lang", "da")
            self.assertIn("stdin:1: E_VALUE: count: ventet et helt tal fra 1 til 1000000 (id bad)\n", self.err)
            self.assertIn("stdin:2: E_MISSING: Et obligatorisk felt mangler. (id bad)\n", self.err)
            self.assertNotRegex(self.err, "expected|is missing")
            self.send(to, events(5000, **kle))
            self.assertIn("0 accepted, 5,000 duplicate", self.err)
            e.wait_settled()
            self.assertEqual(self.counted(e), 5000)

    def counted(self, e):
        return sum(n for f, n in e.cells("effort:{0751}:d:2026-03-10").items() if f.startswith("n:"))

    def test_effortd_ends_in_the_middle(self):
        """SIGKILL three times, SIGTERM once: the sender goes on, and each event counts once."""
        to = os.path.join(self.folder, "events.sock")
        with harness.Effortd({"listen.ndjson": to}) as e:
            p = self.start("--to", to, "--timeout", "120", stdin=subprocess.PIPE)
            for round_ in range(5):
                p.stdin.write(text(events(3000, 3000 * round_, time="2026-03-10T12:00:00+01:00")))
                p.stdin.flush()
                e.wait_received(1000)
                if round_ < 3:
                    e.kill()
                    e.start()
                elif round_ == 3:
                    e.stop()
                    e.start()
            out, err = p.communicate(timeout=120)
            self.assertEqual(p.returncode, 0, err)
            self.assertIn(b"15,000 lines confirmed", err)
            e.wait_settled()
            self.assertEqual(self.counted(e), 15000)

    def test_lines_that_never_became_one(self):
        """A line too long and one without its end have their numbers and nacks like any other."""
        one = event(time="2026-03-10T12:00:00+01:00")
        with harness.Effortd() as e, e.connect() as s:
            s.sendall(b'{"hello":1,"acks":true}\n\n' + one + b"\r\n" + b"x" * 70000 + b"\n" + one + b"\n" + one[:50])
            s.shutdown(socket.SHUT_WR)
            heard = [json.loads(line) for line in s.makefile("rb").read().splitlines()]
        self.assertEqual(heard[0], {"ok": 1, "max_line": 65536, "window": 10000})
        self.assertEqual([(d["nack"], d["code"]) for d in heard if "nack" in d], [(2, "E_TOO_LONG"), (4, "E_PARTIAL")])
        self.assertEqual(heard[-1], {"ack": 4, "accepted": 1, "duplicate": 1, "refused": 2})

    def test_acks_of_a_drain(self):
        """effortd that is told to end still confirms what it has read; who has half-closed hears all of it too."""
        with harness.Effortd() as e:
            with e.connect() as staying, e.connect() as ending:
                for s in (staying, ending):
                    s.sendall(b'{"hello":1,"acks":true}\n' + text([event(time="2026-03-10T12:00:00+01:00") for _ in range(100)]))
                ending.shutdown(socket.SHUT_WR)
                heard = ending.makefile("rb").read().splitlines()
                self.assertEqual(json.loads(heard[-1]), {"ack": 100, "accepted": 100, "duplicate": 0, "refused": 0})
                e.stop()
                heard = staying.makefile("rb").read().splitlines()
                self.assertEqual(json.loads(heard[-1])["ack"], 100)


if __name__ == "__main__":
    unittest.main()
