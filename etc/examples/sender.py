#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Sends events to effortd, each counted exactly once: python3 sender.py HOST PORT < events.ndjson

Keeps every line until effortd has said that it is settled, and sends what is not settled again over the next
connection. Exit code 0: all settled; 1: all settled, some refused (listed on stderr); 74: standard input could not be
read to its end; 75: effortd declines us.
Python 3.8 or newer, standard library only."""
import json
import os
import random
import select
import socket
import sys
import time
from collections import deque

WINDOW = 10000  # lines underway at most; effortd may want fewer
SILENCE = 30  # seconds without an answer while we wait for one: the connection is dead


class Declined(Exception):
    """effortd does not want us, and will not after a reconnect either."""


class Sender:
    def __init__(self, host, port):
        self.address = (host, port)
        self.unsettled = deque()  # (number, line), oldest first
        self.rest = b""  # of standard input: a line without its end
        self.is_over = self.has_failed = False  # standard input
        self.lines = self.refused = 0
        self.backoff = .1

    def read_input(self):
        """The lines that have come, to be sent."""
        try:
            data = os.read(0, 65536)
        except OSError as fault:
            print("standard input: %s" % fault, file=sys.stderr)
            self.is_over = self.has_failed = True
            return b""
        self.is_over = not data
        parts = (self.rest + (data or b"\n")).split(b"\n")
        self.rest = parts.pop()
        fresh = [line for line in (part.rstrip(b"\r") for part in parts) if line]  # effortd skips empty lines too
        for line in fresh:
            self.lines += 1
            self.unsettled.append((self.lines, line + b"\n"))
        return b"".join(line + b"\n" for line in fresh)

    def settle(self, n, nacks):
        """The n oldest lines are settled; nacks: line of the connection -> why it was refused."""
        for number, _ in [self.unsettled.popleft() for _ in range(n)]:
            self.settled += 1
            nack = nacks.pop(self.settled, None)
            if nack:
                self.refused += 1
                print("line %d refused: %s: %s (id %s)" % (number, nack["code"], nack["detail"], nack["id"]), file=sys.stderr)
        self.backoff = .1

    def converse(self, s):
        """One connection, until all is settled; an exception when it breaks."""
        s.sendall(b'{"hello":1,"acks":true}\n')
        answers = s.makefile("rb")
        welcome = json.loads(answers.readline() or b"{}")
        if welcome.get("error") not in (None, "E_RATE"):
            raise Declined("%(error)s: %(detail)s" % welcome)
        if welcome.get("ok") != 1:
            raise ConnectionError("no welcome")
        window = min(WINDOW, welcome["window"])
        s.setblocking(False)
        # What is not settled goes out again, the same bytes: effortd knows an event by its id and time.
        out = bytearray(b"".join(line for _, line in self.unsettled))
        self.settled, nacks, heard, buffer = 0, {}, time.monotonic(), b""
        while self.unsettled or not self.is_over:
            sources = [s] if self.is_over or len(self.unsettled) >= window else [s, sys.stdin]
            readable, writable, _ = select.select(sources, [s] if out else [], [], 1)
            if sys.stdin in readable:
                heard = heard if self.unsettled else time.monotonic()
                out += self.read_input()
            if writable:
                del out[:s.send(out[:65536])]
            if s in readable:
                data = s.recv(65536)
                if not data:
                    raise ConnectionError("the connection was closed")
                *lines, buffer = (buffer + data).split(b"\n")
                for answer in map(json.loads, lines):
                    if "nack" in answer:
                        nacks[answer["nack"]] = answer
                    else:
                        self.settle(answer["ack"] - self.settled, nacks)
                heard = time.monotonic()
            if self.unsettled and time.monotonic() - heard > SILENCE:
                raise TimeoutError("no answer")

    def run(self):
        while True:
            try:
                with socket.create_connection(self.address, 10) as s:
                    return self.converse(s)
            except (OSError, ValueError, LookupError) as fault:
                print("%s; %d lines wait; trying again" % (fault, len(self.unsettled)), file=sys.stderr)
            # Full jitter: senders that were cut off together do not come back together.
            time.sleep(random.uniform(0, self.backoff))
            self.backoff = min(2 * self.backoff, 5)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print("usage: sender.py HOST PORT < events.ndjson", file=sys.stderr)
        sys.exit(64)
    sender = Sender(sys.argv[1], int(sys.argv[2]))
    try:
        sender.run()
    except Declined as why:
        print("effortd declines: %s" % why, file=sys.stderr)
        sys.exit(75)
    sys.exit(74 if sender.has_failed else 1 if sender.refused else 0)
