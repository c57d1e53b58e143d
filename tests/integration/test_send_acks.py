#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""effortctl send --acks: every line settles exactly once, whatever happens to the connection, to the server or to
effortctl itself; refused lines are told."""

import json
import os
import pty
import re
import socket
import subprocess
import time
import unittest

import harness
from ack_server import AckServer, Cut
from acked_case import Acked, events, ids, text
from ctl_harness import EFFORTCTL, environment, event


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
