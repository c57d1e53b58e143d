# SPDX-License-Identifier: MPL-2.0
"""A client with acks of thirty lines, for tests that say one thing at a time.

    with Client(rig) as c:
        c.send(event(id="a"), event(id="a"))
        assert c.settled(2) == (1, 1, 0)"""
import json
import socket

from rig import SLOW, line


class Client:
    def __init__(self, rig, **hello):
        self.s = socket.create_connection(("127.0.0.1", rig.port))
        self.s.settimeout(20 * SLOW)
        self.f = self.s.makefile("rb")
        self.sent, self.last, self.codes = 0, (0, 0, 0, 0), {}
        self.s.sendall((json.dumps(dict({"hello": 1, "acks": True}, **hello)) + "\n").encode())
        self.hello = json.loads(self.f.readline())

    def send(self, *events):
        self.s.sendall("".join(line(e) + "\n" for e in events).encode())
        self.sent += len(events)

    def settled(self, n=None):
        """Reads until n lines (all sent, without) are settled: (accepted, duplicate, refused), cumulative."""
        n = self.sent if n is None else n
        while self.last[0] < n:
            text = self.f.readline()
            if not text:
                raise ConnectionError("closed after %s" % (self.last,))
            answer = json.loads(text)
            if "nack" in answer:
                self.codes[answer["nack"]] = answer["code"]
            else:
                self.last = (answer["ack"], answer["accepted"], answer["duplicate"], answer["refused"])
        return self.last[1:]

    def one(self, e):
        """What became of one event: "accepted", "duplicate" or the code."""
        before = self.last
        self.send(e)
        self.settled()
        if self.last[3] > before[3]:
            return self.codes[self.sent]
        return "accepted" if self.last[1] > before[1] else "duplicate"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.f.close()
        self.s.close()
