# SPDX-License-Identifier: MPL-2.0
"""A listener that acknowledges as effortd does (contract, section 3), keeps ids as effortd does, and fails as told:
what the tests of acknowledged senders talk to. Standard library only.

    with AckServer(cuts=[Cut(after_out=40)]) as server:
        ...a sender...
    assert server.accepted == ids
"""
import contextlib
import json
import socket
import struct
import threading


class Cut:
    """How one connection ends early. after_in: bytes read of the lines; after_out: bytes written, the answer to the hello
    among them; before_hello: at once; silent: reads, and says nothing from then on. reset: with an RST."""

    def __init__(self, after_in=None, after_out=None, before_hello=False, silent=False, reset=False, instead=None):
        self.after_in, self.after_out, self.before_hello = after_in, after_out, before_hello
        self.silent, self.reset, self.instead = silent, reset, instead


class AckServer:
    """cuts: one a connection, in turn; afterwards it behaves. batch: lines acknowledged together at most."""

    def __init__(self, cuts=(), window=10000, batch=7, port=0, accepted=None):
        self.cuts, self.window, self.batch = list(cuts), window, batch
        self.accepted = accepted if accepted is not None else []  # ids in order, each once
        self.known = set(self.accepted)
        self.duplicates = self.connections = self.most_underway = 0
        self.hellos = []
        self.sock = socket.create_server(("127.0.0.1", port))
        self.port = self.sock.getsockname()[1]
        self.address = "127.0.0.1:%d" % self.port
        self.open = set()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                conn, _ = self.sock.accept()
                self.connections += 1
                self.open.add(conn)
                cut = self.cuts.pop(0) if self.cuts else Cut()
                with contextlib.suppress(OSError, EOFError):
                    Talk(self, conn, cut).run()
                if cut.reset:
                    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.open.discard(conn)
                conn.close()

    def judge(self, line):
        """(what, id, code)"""
        try:
            e = json.loads(line)
            ident = e["id"]
        except (ValueError, KeyError, TypeError):
            return "refused", "", "E_JSON"
        if e.get("channel") == "smoke":
            return "refused", ident, "E_CHANNEL"
        if ident in self.known:
            self.duplicates += 1
            return "duplicate", ident, ""
        self.known.add(ident)
        self.accepted.append(ident)
        return "accepted", ident, ""

    def close(self):
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        for conn in list(self.open):
            with contextlib.suppress(OSError):
                conn.shutdown(socket.SHUT_RDWR)
        self.thread.join(5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Talk:
    """One connection."""

    def __init__(self, server, conn, cut):
        self.server, self.conn, self.cut = server, conn, cut
        self.written = self.read = 0
        self.sums = {"accepted": 0, "duplicate": 0, "refused": 0}
        self.lines = 0
        self.rest = b""

    def say(self, doc):
        data = json.dumps(doc, separators=(",", ":")).encode() + b"\n" if isinstance(doc, dict) else doc
        limit = self.cut.after_out
        if limit is not None and self.written + len(data) > limit:
            self.conn.sendall(data[:limit - self.written])
            raise EOFError
        self.conn.sendall(data)
        self.written += len(data)

    def receive(self):
        size = 65536
        if self.cut.after_in is not None:
            size = self.cut.after_in - self.read
            if size <= 0:
                raise EOFError
        data = self.conn.recv(size)
        self.read += len(data)
        return data

    def lines_of(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [line for line in (one.rstrip(b"\r") for one in lines) if line]

    def take(self, lines):
        for at in range(0, len(lines), self.server.batch):
            nacks = []
            for line in lines[at:at + self.server.batch]:
                self.lines += 1
                what, ident, code = self.server.judge(line)
                self.sums[what] += 1
                if what == "refused":
                    nacks.append({"nack": self.lines, "id": ident, "code": code, "detail": "not \"one\" of the words"})
            if self.cut.silent:
                continue
            for nack in nacks:
                self.say(nack)
            self.say({"ack": self.lines, **self.sums})

    def run(self):
        if self.cut.before_hello:
            return
        data = b""
        while b"\n" not in data:
            part = self.conn.recv(4096)
            if not part:
                return
            data += part
        hello, _, data = data.partition(b"\n")
        self.server.hellos.append(json.loads(hello))
        if self.cut.instead is not None:
            self.say(self.cut.instead)
            return
        self.say({"ok": 1, "max_line": 65536, "window": self.server.window})
        while True:
            lines = self.lines_of(data)
            self.server.most_underway = max(self.server.most_underway, len(lines))
            self.take(lines)
            data = self.receive()
            if not data:
                return
