#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""effortctl with events: explain, validate and send; and that the manual pages and completions are complete."""

import json
import os
import re
import socket
import tempfile
import threading
import unittest
import uuid

from ctl_harness import COMMANDS, ROOT, Case, Sink, answers, event, status_doc


class Explain(Case):
    CODES = ("E_JSON E_UTF8 E_TOO_LONG E_DEPTH E_DUPLICATE_KEY E_MISSING E_TYPE E_ID E_SOURCE E_TIME E_TOO_OLD E_FUTURE "
             "E_MUNICIPALITY E_CHANNEL E_KLE E_TASK E_VALUE E_CPR E_CONFLICT E_CORRECTS E_REJECTED E_FORBIDDEN E_AUTH "
             "E_PARTIAL E_RATE").split()

    def test_every_code_in_both_languages(self):
        for code in self.CODES:
            english = self.ctl("explain", code)
            self.passes()
            for part in ("Meaning:", "What to do:", "Where it is counted:"):
                self.assertIn(part, english)
            danish = self.ctl("explain", code.lower(), "--lang", "da")
            for part in (code, "Betydning:", "Hvad gør man:", "Hvor det tælles:"):
                self.assertIn(part, danish)
            self.assertTrue(all(len(line) <= 80 for line in (english + danish).splitlines()))

    def test_list(self):
        self.assertEqual(re.findall(r"(?m)^E_\w+", self.ctl("explain")), self.CODES)
        doc = json.loads(self.ctl("explain", "--json"))
        self.assertEqual([c["code"] for c in doc["codes"]], self.CODES)
        self.assertTrue(all(c[k][l] for c in doc["codes"] for k in ("meaning", "remedy") for l in ("da", "en")))
        self.assertEqual(json.loads(self.ctl("explain", "time", "--json"))["code"], "E_TIME")

    def test_unknown(self):
        self.ctl("explain", "E_TMIE")
        self.fails(64, "Did you mean 'E_TIME'?")
        self.ctl("explain", "municipalty")
        self.fails(64, "Did you mean 'E_MUNICIPALITY'?")
        self.ctl("explain", "E_WHATEVER")
        self.fails(64, "effortctl explain lists all codes")


class Validate(Case):
    BAD = b"\n".join([event(), b"", event(channel="smoke"), b"{not json", event(time="yesterday"),
                      event(note="010199-0000 secret"), event(municipality=None), b"x" * 70000 + b"secret", event()])

    def test_lines_and_codes_and_never_content(self):
        self.ctl("validate", "--lang", "en", stdin=self.BAD)
        found = re.findall(r"(?m)^stdin:(\d+): (E_\w+)( \w+)?: \S.*$", self.out)
        self.assertEqual(found, [("3", "E_CHANNEL", " channel"), ("4", "E_JSON", ""), ("5", "E_TIME", " time"),
                                 ("6", "E_CPR", found[3][2]), ("7", "E_MISSING", " municipality"), ("8", "E_TOO_LONG", ""),
                                 ("9", "E_PARTIAL", "")])
        self.assertEqual(self.code, 1)
        for secret in ("secret", "smoke", "yesterday", "0101", "not json"):
            self.assertNotIn(secret, self.out + self.err)
        self.assertIn("stdin:3: E_CHANNEL channel: expected one of the words of this field\n", self.out)
        self.assertRegex(self.out, r"stdin:6: E_CPR( note)?: expected no CPR number\n")
        self.assertIn("stdin:7: E_MISSING municipality: expected this field\n", self.out)
        self.assertIn("stdin:9: E_PARTIAL: expected a line feed at the end of the file\n", self.out)
        self.assertIn("8 lines: 1 would be accepted, 7 refused: E_JSON 1, E_TOO_LONG 1", self.err)
        self.assertIn("Checked for form only", self.err)

    def test_danish_has_the_field_and_what_was_expected(self):
        self.ctl("validate", "--lang", "da", stdin=self.BAD)
        self.assertIn("stdin:3: E_CHANNEL channel: ventet et af feltets ord\n", self.out)
        self.assertIn("stdin:7: E_MISSING municipality: ventet en værdi\n", self.out)
        self.assertIn("stdin:9: E_PARTIAL: Filen slutter uden linjeskift.\n", self.out)
        self.assertNotRegex(self.out, "expected|one of|no CPR|Forbindelsen")
        self.ctl("validate", "--lang", "da", stdin=event(count=0) + b"\n")
        self.assertIn("E_VALUE count: ventet et helt tal fra 1 til 1000000\n", self.out)

    def test_one_line(self):
        self.ctl("validate", stdin=event() + b"\n")
        self.assertIn("1 line: 1 would be accepted, 0 refused", self.err)
        self.ctl("validate", "--lang", "da", stdin=event() + b"\n")
        self.assertIn("1 linje: 1 ville blive accepteret", self.err)

    def test_json(self):
        self.ctl("validate", "--json", stdin=self.BAD)
        docs = [json.loads(line) for line in self.out.splitlines()]
        self.assertEqual([d["line"] for d in docs], [3, 4, 5, 6, 7, 8, 9])
        self.assertEqual(docs[0]["code"], "E_CHANNEL")
        self.assertEqual(docs[0]["detail"], "one of the words of this field")
        self.assertTrue(all(set(d) == {"file", "line", "code", "field", "at", "detail"} for d in docs))

    def test_good_file_and_several_files(self):
        with tempfile.TemporaryDirectory() as folder:
            good, bad = os.path.join(folder, "good.ndjson"), os.path.join(folder, "bad\x1b.ndjson")
            with open(good, "wb") as f:
                f.write(event() + b"\r\n\n" + event() + b"\n")
            with open(bad, "wb") as f:
                f.write(b"\n\n[]\n")
            self.ctl("validate", good)
            self.passes()
            self.assertEqual(self.out, "")
            self.assertIn("2 lines: 2 would be accepted, 0 refused", self.err)
            self.ctl("validate", good, bad)
            self.assertEqual(self.code, 1)
            self.assertRegex(self.out, r"/bad\?\.ndjson:3: E_JSON")
            self.ctl("validate", os.path.join(folder, "none"))
            self.fails(74, "No such file")

    def test_empty_input(self):
        self.ctl("validate", stdin=b"")
        self.passes()

    def test_lines_over_the_edge_of_the_buffer(self):
        lines = []
        for i in range(4000):
            lines.append(event(service="s" * (i % 60 + 1)) if i % 400 else b"[%d]" % i)
        self.ctl("validate", stdin=b"\n".join(lines) + b"\n")
        self.assertEqual([int(n) for n in re.findall(r"(?m)^stdin:(\d+): E_JSON", self.out)],
                         [i + 1 for i in range(0, 4000, 400)])
        self.assertIn("4,000 lines: 3,990 would be accepted, 10 refused", self.err)

    def test_very_long_line_then_good_ones(self):
        self.ctl("validate", stdin=b"[" + b"1" * (5 << 20) + b"\n" + event() + b"\n" + b"y" * (3 << 20))
        self.assertEqual(re.findall(r"(?m)^stdin:(\d+): (E_\w+)", self.out), [("1", "E_TOO_LONG"), ("3", "E_PARTIAL")])
        self.assertIn("3 lines: 1 would be accepted", self.err)

    def test_bad_configuration(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "bad.conf")
            with open(path, "w", encoding="utf-8") as f:
                f.write('lissten: { };\n')
            self.ctl("validate", "-c", path, stdin=event() + b"\n")
            self.fails(78, "bad.conf:1:", "effortd -t -c")
            self.assertEqual(self.out, "")


class Send(Case):
    def test_one_event_of_options(self):
        sink = Sink()
        try:
            self.ctl("send", "--municipality", "0751", "--channel", "phone", "--kle", "23.05.10", "--count", "3",
                     "--exempt", "--to", sink.address)
            self.passes()
        finally:
            sink.close()
        doc = json.loads(sink.data)
        self.assertTrue(sink.data.endswith(b"}\n"))
        self.assertEqual(uuid.UUID(doc.pop("id")).version, 4)
        self.assertRegex(doc.pop("time"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$")
        self.assertEqual(doc, {"source": "effortctl", "municipality": "0751", "channel": "phone", "kle": "23.05.10",
                               "count": 3, "exempt": True})
        self.assertRegex(self.err, r"Sent 1 line \(\d+ bytes\) to")
        self.assertIn("without confirmation", self.err)

    def test_assisted_is_a_literal_or_a_word(self):
        base = ["send", "--dry-run", "--municipality", "751", "--channel", "selfservice", "--task", "moving"]
        self.assertIs(json.loads(self.ctl(*base, "--assisted", "true"))["assisted"], True)
        self.assertEqual(json.loads(self.ctl(*base, "--assisted", "library"))["assisted"], "library")
        self.assertEqual(json.loads(self.ctl(*base, "--duration", "2.5"))["duration_s"], 2.5)

    def test_a_meter_and_a_correction_are_fields_too(self):
        base = ["send", "--dry-run", "--municipality", "751", "--channel", "letter", "--direction", "out", "--kle", "23.05.10"]
        doc = json.loads(self.ctl(*base, "--meter", "frank-1", "--reading", "13100"))
        self.assertEqual((doc["meter"], doc["reading"]), ("frank-1", 13100))
        self.assertEqual(json.loads(self.ctl(*base, "--meter", "enrolled", "--level", "87.12"))["level"], 87.12)
        self.assertEqual(json.loads(self.ctl(*base, "--source", "desk", "--corrects", "17"))["corrects"], "17")
        self.ctl(*base, "--meter", "frank-1", "--reading", "13100.5")
        self.fails(1, "reading: expected ", "E_VALUE")
        self.ctl(*base, "--reading", "13100")
        self.fails(1, "E_MISSING")

    def test_what_would_be_refused_is_not_sent(self):
        sink = Sink()
        try:
            for options, code, field in ((["--channel", "smoke"], "E_CHANNEL", "channel"),
                                         (["--channel", "phone", "--count", "many"], "E_TYPE", "count"),
                                         (["--channel", "phone", "--count", "0"], "E_VALUE", "count"),
                                         (["--channel", "phone", "--unit", "010199-0000"], "E_CPR", "unit"),
                                         (["--channel", "phone", "--time", "now"], "E_TIME", "time")):
                self.ctl("send", "--municipality", "0751", "--kle", "23.05.10", *options, "--to", sink.address)
                self.fails(1, "would be refused, so it is not sent", code, "What to do:")
                self.assertIn(f"{field}: expected ", self.err.splitlines()[0])
                self.assertEqual(self.out, "")
        finally:
            sink.close()
        self.assertEqual(sink.data, b"")

    def test_refusal_in_danish(self):
        self.ctl("send", "--municipality", "0751", "--kle", "23.05.10", "--channel", "smoke", "--lang", "da", "--dry-run")
        self.fails(1, "ikke sendt: channel: ventet et af feltets ord\n", "E_CHANNEL")

    def test_files_to_where_the_daemon_listens(self):
        sink = Sink()
        try:
            with tempfile.NamedTemporaryFile(suffix=".ndjson") as f:
                f.write(event() + b"\n" + event())
                f.flush()
                self.ctl("send", f.name, "-", "--json", stdin=event() + b"\n",
                         answer=answers(status=status_doc(listeners={"ndjson": sink.address})))
                self.passes()
                self.assertIn(f"{f.name} ends without a line feed", self.err)
        finally:
            sink.close()
        self.assertEqual(sink.data.count(b"\n"), 3)
        self.assertEqual(json.loads(self.out), {"to": sink.address, "lines": 3, "bytes": len(sink.data)})

    def test_big_file_arrives_whole(self):
        data = b"".join(event() + b"\n" for _ in range(30000))
        sink = Sink()
        try:
            self.ctl("send", "--to", sink.address, stdin=data)
            self.passes()
        finally:
            sink.close()
        self.assertEqual(sink.data, data)
        self.assertIn("Sent 30,000 lines", self.err)

    def test_what_the_listener_says_is_shown(self):
        sink = Sink(b'{"error":"E_VALUE","detail":"no acks here"}\n')
        try:
            self.ctl("send", "--to", sink.address, stdin=b'{"hello":1,"acks":true}\n')
        finally:
            sink.close()
        self.fails(1, "no acks here")

    def test_unix_listener(self):
        with tempfile.TemporaryDirectory() as folder:
            path, got = os.path.join(folder, "events.sock"), []
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind(path)
                listener.listen(1)

                def serve():
                    conn, _ = listener.accept()
                    with conn:
                        while part := conn.recv(65536):
                            got.append(part)

                thread = threading.Thread(target=serve)
                thread.start()
                self.ctl("send", "--to", path, stdin=event() + b"\n")
                thread.join(5)
            self.passes()
            self.assertEqual(b"".join(got).count(b"\n"), 1)

    def test_wrong_addresses(self):
        for address in ("localhost", "a:b:1", ":7020", "127.0.0.1:"):
            self.ctl("send", "--to", address, stdin=event())
            self.fails(64, "is not an address")
        with socket.create_server(("127.0.0.1", 0)) as s:
            port = s.getsockname()[1]
        self.ctl("send", "--to", f"127.0.0.1:{port}", stdin=event())
        self.fails(69, "no connection to")
        self.ctl("send", answer=answers(status=status_doc(listeners={"ndjson": "off"})), stdin=event())
        self.fails(1, "takes no events over TCP")
        self.ctl("send", stdin=event())
        self.fails(69, "no effortd answers")

    def test_mixing(self):
        self.ctl("send", "file", "--channel", "phone")
        self.fails(64, "either files or one event")
        self.ctl("send", "--dry-run", "file")
        self.fails(64, "effortctl validate")


class Documents(Case):
    """Man pages and completions name the commands and options there are."""

    def read(self, name):
        with open(os.path.join(ROOT, "etc", name), encoding="utf-8") as f:
            return f.read()

    def test_manual_and_completions_know_every_command(self):
        manual = self.read("man/effortctl.1")
        for name in COMMANDS:
            self.assertRegex(manual, rf"(?m)^\.It Ic {name}\b", name)
            for shell in ("bash", "zsh", "fish"):
                self.assertRegex(self.read(f"completion/effortctl.{shell}"), rf"\b{name}\b")

    def test_manual_knows_every_option(self):
        manual = self.read("man/effortctl.1")
        for name in COMMANDS:
            for option in re.findall(r"--[a-z-]+", self.ctl(name, "--help")):
                self.assertIn(f"Fl -{option[2:]}", manual, option)

    def test_manual_of_the_configuration_says_what_its_sample_says(self):
        manual = self.read("man/effortd.conf.5").replace("\\-", "-").replace("\\(dq", '"').replace("\\e", "\\")
        manual = manual.split(".Sh SOURCES")[0]
        entries = dict(re.findall(r"(?m)^\.It Va (\S+)\n((?:[^.\n].*\n)+)\.Li (?:.*)$", manual))
        defaults = dict(re.findall(r"(?m)^\.It Va (\S+)\n(?:[^.\n].*\n)+\.Li (.*)$", manual))
        group, notes, seen = "", [], 0
        for line in self.read("effortd.conf").splitlines():
            line = line.strip()
            setting = re.match(r"#(\w+) = (.*);$", line)
            if line.startswith("# "):
                notes.append(line[2:])
                continue
            if setting and notes:
                name = group + setting[1]
                self.assertEqual(" ".join(entries.get(name, "").split()), " ".join(notes) + " Default:", name)
                self.assertEqual(defaults[name], setting[2], name)
                seen += 1
            group = line[:-3] + "." if line.endswith(": {") else "" if line == "};" else group
            notes = []
        self.assertGreater(seen, 40)
        self.assertEqual(len(entries), seen, "a setting that is no more")


if __name__ == "__main__":
    unittest.main()
