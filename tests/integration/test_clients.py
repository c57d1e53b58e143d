#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Senders nobody here wrote, and senders that behave badly."""
import os
import shutil
import socket
import struct
import subprocess
import threading

from harness import ROOT, SLOW, Effortd, event, line, run, wait


def netcat_and_socat():
    with Effortd() as e:
        for client in (["nc", "-N", "127.0.0.1", str(e.port)], ["socat", "-u", "-", "TCP:127.0.0.1:%d" % e.port]):
            text = "".join(line(event()) + "\n" for _ in range(1000)).encode()
            subprocess.run(client, input=text, check=True, timeout=60)
        e.wait_counted(2000)
        assert e.share("dk", label="day:2026-03-10")["all.n"] == "2000"


def the_cloudevents_sdk():
    folder = os.environ.get("EFFORT_NODE_MODULES", os.path.join(ROOT, "build", "node", "node_modules"))
    assert shutil.which("node") and os.path.isdir(os.path.join(folder, "cloudevents")), \
        "the CloudEvents SDK is missing in %s: tests/run installs it (npm ci)" % folder
    with Effortd() as e:
        subprocess.run(["node", os.path.join(ROOT, "tests", "integration", "cloudevents", "send.mjs"), str(e.port), "500"],
                       check=True, timeout=60, env=dict(os.environ, NODE_PATH=folder))
        e.wait_counted(500)
        share = e.share(label="day:2026-03-10")
        assert share["all.n"] == "500" and share["all.self"] == "500", share
        assert e.status()["refused"] == 0


def half_close_and_partial_line():
    with Effortd() as e:
        with e.connect() as s:
            s.sendall((line(event()) + "\n" + line(event())[:40]).encode())
            s.shutdown(socket.SHUT_WR)
            assert s.recv(100) == b"", "not one byte to a client that said no hello"
        e.wait_counted(2)
        assert [x["codes"] for x in __import__("json").loads(e.ctl("sources", "--json").stdout)["sources"] if x["refused"]] == [{"E_PARTIAL": 1}]


def never_reads_and_closes_at_once():
    """1 MiB, then close() without reading: 1,000 times (100 with a sanitizer), not one event lost."""
    times = 1000 if SLOW == 1 else 100
    with Effortd() as e:
        one = (line(event(id="run-IIII-line-LLLL")) + "\n").encode()
        per = 2**20 // len(one)
        data = b"".join(one.replace(b"LLLL", b"%04d" % k) for k in range(per))
        for i in range(times):
            with e.connect() as s:
                s.sendall(data.replace(b"IIII", b"%04d" % i))
        e.wait_counted(times * per, 240)
        assert e.share(label="day:2026-03-10")["all.n"] == str(times * per)
        assert e.status()["refused"] == 0


def bytes_one_by_one_and_a_reset():
    with Effortd() as e:
        with e.connect() as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for b in (line(event()) + "\r\n\r\n" + line(event()) + "\n").encode():
                s.send(bytes([b]))
        s = e.connect()
        s.sendall((line(event()) + "\n").encode())
        e.wait_received(3)  # what has not been read dies with the connection
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
        e.wait_counted(3)
        assert e.share(label="day:2026-03-10")["all.n"] == "3"


def a_thousand_connections_at_once():
    with Effortd() as e:
        conns = [e.connect() for _ in range(1000)]
        for c in conns:
            c.sendall((line(event()) + "\n").encode())
        e.wait_counted(1000)
        for c in conns:
            c.setblocking(False)
            try:
                assert c.recv(1) is None, "silence"
            except BlockingIOError:
                pass
            c.close()
        assert e.share(label="day:2026-03-10")["all.n"] == "1000"


def slow_clients_do_not_hold_up_others():
    with Effortd({"listen.line_timeout": "1s"}) as e:
        slow = [e.connect() for _ in range(200)]
        for c in slow:
            c.sendall(b'{"id":')
        e.send(*[event() for _ in range(1000)])
        wait(lambda: e.status()["accepted"] == 1000, "the good client's events", 10)
        wait(lambda: e.status()["connections"] == 0, "slow clients to be closed", 20)
        assert e.status()["refused"] == 200
        for c in slow:
            c.close()


def hello():
    with Effortd() as e:
        with e.connect() as s:
            s.sendall(b'{"hello":1,"source":"known"}\n' + (line(event(source=None)) + "\n").encode())
            assert s.recv(200) == b'{"ok":1,"max_line":65536,"window":10000}\n'
            s.shutdown(socket.SHUT_WR)
        e.wait_counted(1)
        assert e.redis.hgetall("effort:{0751}:sources").keys() == {"known"}
        for bad, code in ((b'{"hello":1,"acks":"yes"}', b"E_TYPE"), (b'{"hello":1,"token":"abc"}', b"E_AUTH"),
                          (b'{"hello":2}', b"E_VALUE"), (b'{"hello":1,"source":"a b"}', b"E_SOURCE"),
                          (b'{"hello":1,"source":"x-010199-0000"}', b"E_CPR")):
            with e.connect() as s:
                s.sendall(bad + b"\n")
                answer = b""
                while piece := s.recv(1000):
                    answer += piece
                assert b'"error":"%s"' % code in answer and answer.endswith(b"\n"), answer
        with e.connect() as s:  # only the first line can be a hello, and a line that is too long is one
            s.sendall(b"x" * 70000 + b'\n{"hello":1,"acks":true}\n')
            s.shutdown(socket.SHUT_WR)
            assert s.recv(1000) == b""
        assert e.status()["refused"] == 2


def many_senders_in_parallel():
    with Effortd() as e:
        def work(k):
            for _ in range(5):
                e.send(*[event(municipality="0101", channel="selfservice", unit="u%d" % k) for _ in range(200)])
        threads = [threading.Thread(target=work, args=(k,)) for k in range(20)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        e.wait_counted(20000)
        assert e.share("0101", label="day:2026-03-10")["all.self"] == "20000"
        units = e.redis.hgetall("effort:{0101}:by:unit:2026-03")
        assert all(units["u%d.n" % k] == "1000" for k in range(20)), units


if __name__ == "__main__":
    run(netcat_and_socat, the_cloudevents_sdk, half_close_and_partial_line, bytes_one_by_one_and_a_reset,
        a_thousand_connections_at_once, slow_clients_do_not_hold_up_others, hello, many_senders_in_parallel,
        never_reads_and_closes_at_once)
