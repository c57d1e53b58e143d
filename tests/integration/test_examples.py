#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""The senders of etc/examples, through a proxy that cuts their connections, to effortd: each event is counted exactly
once. Arguments: which of them (all without). Exits 77 when the toolchain of one is missing, and says so."""
import contextlib
import os
import pty
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tty

from ack_server import AckServer, Cut
from harness import ROOT, SLOW, Effortd, event, line

EXAMPLES = os.path.join(ROOT, "etc", "examples")
EVENTS = 4000


def compiled(folder):
    program = os.path.join(folder, "sender")
    subprocess.run([shutil.which("cc") or "gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program,
                    os.path.join(EXAMPLES, "sender.c")], check=True)
    return [program]


def has_java_compiler():
    """java Sender.java needs the module that a bare runtime lacks."""
    if not shutil.which("java"):
        return False
    modules = subprocess.run(["java", "--list-modules"], capture_output=True, text=True)
    return "jdk.compiler" in modules.stdout


# name: (is it there, the command)
SENDERS = {
    "sh": (lambda: shutil.which("bash"), lambda _: [os.path.join(EXAMPLES, "sender.sh")]),
    "c": (lambda: shutil.which("cc") or shutil.which("gcc"), compiled),
    "python": (lambda: True, lambda _: [sys.executable, os.path.join(EXAMPLES, "sender.py")]),
    "node": (lambda: shutil.which("node"), lambda _: ["node", os.path.join(EXAMPLES, "sender.mjs")]),
    "java": (has_java_compiler, lambda _: ["java", os.path.join(EXAMPLES, "Sender.java")]),
    "php": (lambda: shutil.which("php"), lambda _: ["php", os.path.join(EXAMPLES, "sender.php")]),
}


class Proxy:
    """To 127.0.0.1:port; ends each of the first connections after some bytes in one direction or the other."""

    def __init__(self, port, cuts):
        self.to, self.cuts, self.connections = port, list(cuts), 0
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.port = self.sock.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        try:
            while True:
                conn, _ = self.sock.accept()
                self.connections += 1
                up, down = self.cuts.pop(0) if self.cuts else (None, None)
                try:
                    there = socket.create_connection(("127.0.0.1", self.to))
                except OSError:
                    conn.close()
                    continue
                for pair in ((conn, there, up), (there, conn, down)):
                    threading.Thread(target=self.carry, args=pair, daemon=True).start()
        except OSError:
            pass

    def carry(self, come, go, left):
        try:
            while left is None or left > 0:
                data = come.recv(min(left, 65536) if left is not None else 65536)
                if not data:
                    go.shutdown(socket.SHUT_WR)
                    return
                go.sendall(data)
                left = None if left is None else left - len(data)
        except OSError:
            pass
        for one in (come, go):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.sock.close()


def counted(e):
    cells = e.cells("effort:{0751}:d:2026-03-10")
    return sum(n for field, n in cells.items() if field.startswith("n:"))


def with_effortd(command):
    """Cut eight times, with two lines that are refused."""
    cuts = random.Random(20261122)
    plan = [(cuts.randrange(30, 50000), cuts.choice((None, cuts.randrange(10, 200)))) for _ in range(8)]
    lines = [line(event()) for _ in range(EVENTS)]
    lines[100:100] = ['{"id":', line(event(channel="smoke"))]
    with Effortd() as e:
        proxy = Proxy(e.port, plan)
        p = subprocess.run(command + ["127.0.0.1", str(proxy.port)], input=("\n".join(lines) + "\n").encode(),
                           capture_output=True, timeout=120 * SLOW)
        proxy.close()
        said = p.stderr.decode()
        assert p.returncode == 1, (p.returncode, said)
        assert "line 101 refused: " in said and "E_JSON" in said, said
        assert "line 102 refused: " in said and "E_CHANNEL" in said, said
        assert said.count("refused: ") == 2, said
        assert proxy.connections == len(plan) + 1, (proxy.connections, said)
        e.wait_settled()
        assert counted(e) == EVENTS, (counted(e), said)
        status = e.status()
        assert status["accepted"] == EVENTS, status


def without_trouble(command):
    """All is good: one connection, exit code 0, nothing said; and lines are sent as they come."""
    with AckServer() as server:
        p = subprocess.Popen(command + ["127.0.0.1", str(server.port)], stdin=subprocess.PIPE, stderr=subprocess.PIPE)
        for i in range(3):
            p.stdin.write((line(event(id="e%d" % i)) + "\r\n\n").encode())
            p.stdin.flush()
            wait(lambda n=i: len(server.accepted) > n, "line %d is held back" % i)
        p.stdin.write(line(event(id="e3")).encode())  # and no line end
        _, said = p.communicate(timeout=30 * SLOW)
        assert (p.returncode, said) == (0, b""), (p.returncode, said)
        assert server.accepted == ["e0", "e1", "e2", "e3"], server.accepted
        assert server.connections == 1, server.connections


def from_a_file(command):
    """A regular file of more than a MiB, which fills every buffer to its last byte: no line is cut in two."""
    ids = ["f%05d" % i for i in range(12000)]
    with AckServer(batch=100) as server, tempfile.TemporaryFile() as file:
        file.write("".join(line(event(id=one)) + "\n" for one in ids).encode())
        assert file.tell() > 1 << 20, file.tell()
        file.seek(0)
        p = subprocess.run(command + ["127.0.0.1", str(server.port)], stdin=file, capture_output=True, timeout=120 * SLOW)
        assert (p.returncode, p.stderr) == (0, b""), p
        assert server.accepted == ids, len(server.accepted)


def in_pieces(command):
    """Lines of which the second half comes a moment later, with the first half of the next: none is held back, none is
    joined with its neighbour. Pauses of about .05 s, where a sender may stop waiting for more."""
    pauses, ids = random.Random(20261123), ["p%02d" % i for i in range(60)]
    halves = [[b"", b""]]
    for one in ids:
        data = line(event(id=one)).encode() + b"\n"
        halves.append([data[:-1 - len(halves) % 3], data[-1 - len(halves) % 3:]])
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(AckServer()) for _ in range(5)]
        senders = [stack.enter_context(subprocess.Popen(command + ["127.0.0.1", str(server.port)], stdin=subprocess.PIPE,
                                                        stderr=subprocess.PIPE)) for server in servers]
        for before, now in zip(halves, halves[1:] + [[b"", b""]]):
            for p in senders:
                p.stdin.write(before[1] + now[0])
                p.stdin.flush()
            time.sleep(pauses.uniform(.0485, .0515))
            if now is halves[2]:
                wait(lambda: all(server.accepted for server in servers), "the first line is held back")
        for p, server in zip(senders, servers):
            said = last_words(p)
            assert (p.returncode, said) == (0, b""), (p.returncode, said)
            assert server.accepted == ids, server.accepted


def last_words(p):
    """Its input ends, and then itself; one that does not is killed."""
    try:
        return p.communicate(timeout=30 * SLOW)[1]
    except subprocess.TimeoutExpired:
        p.kill()
        raise


def wait(happens, what):
    end = time.monotonic() + 30 * SLOW
    while not happens():
        assert time.monotonic() < end, what
        time.sleep(.01)


def without_input(command):
    """Nothing but the end, at once and while effortd is away: a good end."""
    with AckServer() as server:
        p = subprocess.run(command + ["127.0.0.1", str(server.port)], stdin=subprocess.DEVNULL, capture_output=True,
                           timeout=20 * SLOW)
        assert (p.returncode, p.stderr) == (0, b""), p
    with subprocess.Popen(command + ["127.0.0.1", str(server.port)], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as p:
        p.stdin.write(b"\n")
        p.stdin.flush()
        time.sleep(1)
        p.stdin.close()
        p.stdin = None
        with AckServer(port=server.port):
            said = last_words(p)
        assert p.returncode == 0, (p.returncode, said)


def same_bytes(command):
    """Only a line feed ends a line, and every other byte goes out as it came."""
    lines = [b'{"id":"cr",\r"n":1}', '{"id":"ls","n":"\u2028\u2029\x85\x0b\x0c\x1c"}'.encode(), b'{"id":"\xc3"}\xff', b" "]
    with AckServer() as server:
        heard, judge = [], server.judge
        server.judge = lambda one: heard.append(one) or judge(one)
        p = subprocess.run(command + ["127.0.0.1", str(server.port)], input=b"\n".join(lines), capture_output=True,
                           timeout=60 * SLOW)
        assert p.returncode == 1, p
        assert heard == lines, heard


def broken_input(command):
    """Input that cannot be read further is not its end: what came as whole lines is settled, and the exit code tells."""
    inputs = [(open("/proc/self/mem", "rb", buffering=0), [])]  # EIO at once: nothing lies at address 0
    if command[0] != "node":  # which takes any hang-up of a terminal for the end
        inputs.append((hung_up(line(event(id="whole")) + "\n" + line(event(id="half"))[:50]), ["whole"]))
    for stdin, expected in inputs:
        with AckServer() as server, stdin:
            p = subprocess.run(command + ["127.0.0.1", str(server.port)], stdin=stdin, capture_output=True,
                               timeout=20 * SLOW)
            assert p.returncode == 74 and b"standard input" in p.stderr and b"refused" not in p.stderr, p
            assert server.accepted == expected, server.accepted


def hung_up(written):
    """One side of a terminal, the other of which wrote this and is gone: reading gives it, and then EIO."""
    ours, other = pty.openpty()
    tty.setraw(other)
    os.write(other, written.encode())
    os.close(other)
    return open(ours, "rb", buffering=0)


def declined(command):
    with AckServer(cuts=[Cut(instead=b'{"error":"E_AUTH","detail":"who are you"}\n')] * 2) as server:
        p = subprocess.run(command + ["127.0.0.1", str(server.port)], input=(line(event()) + "\n").encode(),
                           capture_output=True, timeout=60 * SLOW)
        assert p.returncode == 75 and b"who are you" in p.stderr, p
        assert server.connections == 1, server.connections


def main(names):
    failed, missing = 0, 0
    with tempfile.TemporaryDirectory(prefix="effort-examples-") as folder:
        for name in names or SENDERS:
            is_there, command_of = SENDERS[name]
            if not is_there():
                print("skipped %s: its toolchain is not installed" % name, flush=True)
                missing += 1
                continue
            command = command_of(folder)
            for test in (without_trouble, from_a_file, in_pieces, without_input, same_bytes, broken_input, declined,
                         with_effortd):
                t0 = time.monotonic()
                try:
                    test(command)
                    print("ok      %s %s (%.1f s)" % (name, test.__name__, time.monotonic() - t0), flush=True)
                except Exception as fault:  # a test that stumbles has failed, whatever over
                    print("FAILED  %s %s: %r" % (name, test.__name__, fault), flush=True)
                    failed += 1
    return 1 if failed else 77 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
