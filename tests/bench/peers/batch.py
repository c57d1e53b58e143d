#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""A counter as a script, at its best: whole blocks are split and read with json, sums are kept in a dict, and each tenth of
a second what has changed goes to Redis in one pipeline. Nothing is validated, nothing known twice, nothing kept when it dies.

    batch.py PORT REDIS_PORT"""
import asyncio
import collections
import json
import sys

sums = collections.Counter()


class Lines(asyncio.Protocol):
    rest = b""

    def data_received(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            try:
                e = json.loads(line)
                sums[e["municipality"], e["channel"]] += 1
            except (ValueError, KeyError, TypeError):
                pass


def command(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


async def flush(redis_port):
    reader, writer = await asyncio.open_connection("127.0.0.1", redis_port)
    while True:
        await asyncio.sleep(.1)
        batch = list(sums.items())
        sums.clear()
        for (municipality, channel), n in batch:
            writer.write(command(b"HINCRBY", b"live:" + municipality.encode(), channel.encode(), b"%d" % n))
        for _ in batch:
            answer = await reader.readline()
            if not answer.startswith(b":"):
                raise SystemExit("Redis says: %r" % answer)


async def main():
    port, redis_port = map(int, sys.argv[1:3])
    server = await asyncio.get_running_loop().create_server(Lines, "127.0.0.1", port)
    await asyncio.gather(server.serve_forever(), flush(redis_port))


asyncio.run(main())
