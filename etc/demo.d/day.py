#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""One day of contacts to eight municipalities, invented, the same for the same seed, sent to effortd by the systems that
would send it: each over a TCP connection of its own, one JSON object a line. What it tells stands in etc/demo --help.

    day.py PORT [--seconds N] [--seed N] [--live]     sends the day in N seconds, then prints "lines refused"
    day.py --print [--seed N]                         writes the lines to standard output instead

A whole day is told, whatever the clock says: it is laid over the time from local midnight until now, so all of it
counts in today's periods and nothing lies in the future. --live goes on with contacts of this moment until it is ended.

Python, because this is a page of tables to read and change, and its standard library is all it takes."""
import argparse
import datetime
import json
import math
import random
import select
import signal
import socket
import sys
import time
import zoneinfo

CONTACTS = 24000
SILENT_FROM = 0.56  # of the day: early in the afternoon the telephone exchange stops reporting
ZONE = zoneinfo.ZoneInfo("Europe/Copenhagen")

# code, share of all contacts, how much further (or less far) its citizens are than the tables below
MUNICIPALITIES = [
    ("0101", 34, 0.00),   # København
    ("0751", 24, -0.01),  # Aarhus, the one the demo watches
    ("0851", 13, 0.03),   # Aalborg
    ("0461", 12, -0.04),  # Odense
    ("0561", 7, 0.05),    # Esbjerg
    ("0607", 6, 0.10),    # Fredericia
    ("0665", 3, -0.13),   # Lemvig
    ("0825", 1, -0.22),   # Læsø
]

# weight, how the task is named (KLE number, task or service), unassisted self-service, assisted at the counter; what
# is left comes by the channels of the third table
TASKS = [
    # school: clearly over the target
    (70, {"kle": "17.20.01"}, 0.95, 0.02, "post"),
    (50, {"kle": "17.13.10"}, 0.93, 0.02, "phone"),
    # daycare: over it
    (85, {"kle": "28.09.40"}, 0.88, 0.03, "phone"),
    (35, {"service": "friplads"}, 0.82, 0.04, "post"),
    # citizen service: just under it, and helped at the counter
    (190, {"kle": "23.05.10"}, 0.80, 0.08, "counter"),
    (70, {"kle": "29.03.04"}, 0.77, 0.07, "phone"),
    (80, {"kle": "29.03.12"}, 0.74, 0.08, "counter"),
    (70, {"kle": "23.09.02"}, 0.62, 0.20, "counter"),
    (30, {"task": "name-change"}, 0.79, 0.05, "post"),
    (20, {"kle": "32.06.16"}, 0.58, 0.10, "post"),
    # technical: under it
    (35, {"kle": "02.34.02"}, 0.74, 0.01, "mail"),
    (40, {"kle": "05.09.02"}, 0.83, 0.02, "phone"),
    (30, {"kle": "09.13.01"}, 0.62, 0.00, "phone"),
    # aids for the elderly: far under it
    (95, {"kle": "27.60.04", "unit": "visitationen"}, 0.33, 0.08, "phone"),
    # sick pay: near it
    (60, {"kle": "32.30.04"}, 0.78, 0.03, "phone"),
    # aids for the disabled
    (20, {"task": "assistive-aids-disability"}, 0.52, 0.06, "mail"),
    # under no target
    (35, {"service": "tandpleje"}, 0.55, 0.00, "phone"),
    (20, {"service": "musikskole"}, 0.90, 0.00, "mail"),
    (25, {"kle": "07.18.10"}, 0.72, 0.00, "phone"),
    (20, {"kle": "32.21.12"}, 0.40, 0.05, "counter"),
    # what no area takes: a form and a queue nobody has mapped yet, and a main group of KLE nobody claims
    (12, {"service": "ny-formular-17"}, 0.90, 0.00, "mail"),
    (10, {"kle": "13.06.03"}, 0.20, 0.00, "phone"),
]

REST = {
    "phone": [("phone", 70), ("counter", 12), ("letter", 8), ("digitalpost", 10)],
    "counter": [("phone", 30), ("counter", 55), ("letter", 5), ("digitalpost", 10)],
    "post": [("phone", 20), ("counter", 15), ("letter", 35), ("digitalpost", 30)],
    "mail": [("phone", 25), ("email", 40), ("letter", 15), ("digitalpost", 20)],
}

# Which system reports which channel.
SENDERS = {"selfservice": "borger.dk", "digitalpost": "digital-post", "phone": "telefoni", "counter": "borgerservice-koe",
           "letter": "postscanning", "email": "postscanning"}

# Lines as they come from a system nobody has looked after. Each is refused, with its code.
REFUSED = [
    '{"id":"old-%d","source":"gammelt-fagsystem","time":"%s","municipality":"0751","channel":"phone","kle":"23.05.10"',
    '{"id":"old-%d","source":"gammelt-fagsystem","time":"%s","municipality":"0999","channel":"phone","kle":"23.05.10"}',
    '{"id":"old-%d","source":"gammelt-fagsystem","time":"%s","municipality":"0751","channel":"fax","kle":"23.05.10"}',
    '{"id":"old-%d","source":"gammelt-fagsystem","time":"%s","municipality":"0751","channel":"letter"}',
    # no real person's number: it ends in four zeros
    '{"id":"old-%d","source":"gammelt-fagsystem","time":"%s","municipality":"0751","channel":"phone","kle":"23.05.10","note":"010199-0000"}',
]


class Dice(random.Random):
    def pick(self, table):
        return self.choices(table, [row[1] for row in table])[0]

    def moment(self, channel):
        """When in the day (0 to 1) somebody uses a channel: doors and telephones have hours, self-service has evenings."""
        if self.random() < 0.12:
            return self.random()
        if channel == "selfservice" and self.random() < 0.45:
            return min(max(self.gauss(0.84, 0.07), 0), 0.999)
        return min(max(self.gauss(0.50, 0.09), 0), 0.999)


def citizen(dice, weights):
    """A contact of a citizen: the event without id and time."""
    municipality, _, ahead = dice.pick(MUNICIPALITIES)
    _, subject, alone, assisted, rest = dice.choices(TASKS, weights)[0]
    event = {"municipality": municipality, **subject}
    alone = min(max(alone + ahead * (1.2 - alone), 0.02), 0.985)
    roll = dice.random()
    if roll < alone:
        event["channel"] = "selfservice"
    elif roll < alone + assisted:
        event.update(channel="selfservice", assisted="counter", source=SENDERS["counter"])
    else:
        event["channel"] = dice.pick(REST[rest])[0]
        if dice.random() < 0.10:
            event["exempt"] = True
    if event["channel"] == "phone":
        if dice.random() < 0.45:
            event["kind"] = "information"
        event["duration_s"] = round(abs(dice.gauss(240, 120)) + 20)
    return event


def letter_out(dice):
    """Outgoing post: counted, and never in a citizen share."""
    municipality = dice.pick(MUNICIPALITIES)[0]
    event = {"municipality": municipality, "kle": dice.choice(["23.05.10", "28.77.08", "27.60.04", "32.30.04"]),
             "direction": "out", "channel": "digitalpost", "form": "digital", "source": "digital-post"}
    if dice.random() < 0.12:
        event.update(channel="letter", form="physical", reason=dice.choice(["exempt-from-digital-post", "annex-too-large"]))
    return event


def finish(event, number, at):
    event.setdefault("source", SENDERS[event["channel"]])
    return {"id": "demo-%d" % number, "source": event.pop("source"),
            "time": datetime.datetime.fromtimestamp(at, ZONE).isoformat(timespec="milliseconds"), **event}


def dump(event):
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


def day(seed, now):
    """(moment 0 to 1, source, line) in order; and how many of them are refused."""
    dice, weights, lines = Dice(seed), [row[0] for row in TASKS], []
    local = datetime.datetime.fromtimestamp(now, ZONE)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    length = max(now - midnight - 1, 0.5)
    for number in range(CONTACTS):
        event = citizen(dice, weights) if dice.random() < 0.93 else letter_out(dice)
        moment = dice.moment(event["channel"])
        if event["channel"] == "phone" and moment > SILENT_FROM:
            continue  # these calls were answered; nobody reports them
        event = finish(event, number, midnight + moment * length)
        lines.append((moment, event["source"], dump(event)))
    for number in range(45):
        moment = dice.uniform(0.3, 0.7)
        at = datetime.datetime.fromtimestamp(midnight + moment * length, ZONE).isoformat(timespec="milliseconds")
        lines.append((moment, "gammelt-fagsystem", REFUSED[number % len(REFUSED)] % (number, at)))
    lines.sort(key=lambda line: line[0])
    return lines, 45


class Senders:
    """One connection a source, as they would have."""

    def __init__(self, port):
        self.port, self.open = port, {}

    def send(self, source, line):
        if source not in self.open:
            self.open[source] = socket.create_connection(("127.0.0.1", self.port))
        self.open[source].sendall(line.encode() + b"\n")

    def finish(self):
        """The clean end: no more from us, and wait until effortd has read it all and closed too."""
        for s in self.open.values():
            s.shutdown(socket.SHUT_WR)
        for s in self.open.values():
            if select.select([s], [], [], 10)[0]:
                s.recv(1)
            s.close()
        self.open = {}


def replay(senders, lines, seconds):
    start = time.monotonic()
    for moment, source, line in lines:
        ahead = moment * seconds - (time.monotonic() - start)
        if ahead > 0.02:
            time.sleep(ahead)
        senders.send(source, line)


def live(senders, seed):
    """After the day: a few contacts a second, now. The telephone exchange stays silent."""
    dice, weights, number = Dice(seed + 1), [row[0] for row in TASKS], CONTACTS
    while True:
        event = finish(citizen(dice, weights), number, time.time())
        number += 1
        if event["channel"] != "phone":
            senders.send(event["source"], dump(event))
        time.sleep(-math.log(1 - dice.random()) / 4)


def main():
    parser = argparse.ArgumentParser(description="The day of etc/demo.")
    parser.add_argument("port", type=int, nargs="?")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=2012)
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--print", action="store_true")
    wish = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    lines, refused = day(wish.seed, time.time())
    if wish.print or wish.port is None:
        print("\n".join(line for _, _, line in lines))
        return
    senders = Senders(wish.port)
    replay(senders, lines, wish.seconds)
    senders.finish()
    print(len(lines), refused, flush=True)
    if wish.live:
        live(senders, wish.seed)


if __name__ == "__main__":
    main()
