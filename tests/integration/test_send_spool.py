#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""effortctl send --acks: the spool keeps what is not settled, whatever happens to effortctl, to the server or to the folder."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
import unittest

import harness
from ack_server import AckServer, Cut
from acked_case import Acked, events, ids, text
from ctl_harness import EFFORTCTL, environment


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


if __name__ == "__main__":
    unittest.main()
