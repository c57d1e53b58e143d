#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
"""Redis functions of several versions on one Redis, as while one effortd after the other is upgraded: each calls its own,
and what nobody calls any more goes away. "Another version" is an altered copy of the functions that are loaded."""
import re
import time

from harness import Effortd, days_ago, event, run, wait
from test_writers import DAY, both_count, two

OTHER = "e" * 16
OF_BEFORE = "#!lua name=effort\nredis.register_function('effort_apply', function() return {0, 15, {}} end)"
SOMEBODY_ELSES = "#!lua name=effort_mine\nredis.register_function('mine', function() return 1 end)"


def libraries(e):
    return sorted(row[1] for row in e.redis("FUNCTION", "LIST"))


def load_other(e):
    """What another version loads when it starts: takes the same arguments for other amounts, and keeps the positions."""
    amount = "amount[sum] = tonumber(argv[at + 1])"
    code = next(row[7] for row in e.redis("FUNCTION", "LIST", "WITHCODE") if amount in row[7])
    code = code.replace(re.search(r'VERSION = "([0-9a-f]{16})"', code)[1], OTHER)
    return e.redis("FUNCTION", "LOAD", "REPLACE", code.replace(amount, amount + " * 2"))


def each_calls_its_own():
    """The functions of another version come between two batches: counts stay exact, and a lost hash comes back whole."""
    with two() as (a, b):
        both_count(a, b)
        load_other(a)
        a.send(*[event() for _ in range(5)])
        b.send(*[event() for _ in range(50)])
        a.wait_counted(15)
        b.wait_counted(150)
        wait(lambda: a.share(label=DAY)["all.n"] == "165", "the counts of both")
        a.redis("DEL", "effort:{0751}:share:" + DAY)
        load_other(a)
        wait(lambda: (a.share(label=DAY).get("all.n"), a.share(label=DAY).get("rebuilding")) == ("165", "0"), "the lost hash")
        own = [name for name in libraries(a) if not name.endswith(OTHER)]
        a.redis("FUNCTION", "DELETE", own[0])
        a.send(event())
        wait(lambda: a.share(label=DAY)["all.n"] == "166", "the functions to be there again")


def looks(e):
    stats = e.redis("INFO", "commandstats")
    found = re.search(r"cmdstat_function\|list:calls=(\d+)", stats)
    return int(found[1]) if found else 0


def looked_again(e):
    """As often as it takes to delete something."""
    seen = looks(e)
    wait(lambda: looks(e) > seen + 2, "three more looks at the functions", 40)
    time.sleep(1)


def what_nobody_calls_goes():
    """Another writer runs that calls functions of its version, then it does not; a third version nobody calls."""
    with Effortd() as e:
        e.send(event())
        e.wait_counted(1)
        own = libraries(e)
        other = load_other(e)
        e.redis("FUNCTION", "LOAD", OF_BEFORE)
        e.redis("FUNCTION", "LOAD", SOMEBODY_ELSES)
        e.redis("HSET", "effort:_writers", "other", "%s 400 1095" % days_ago(0).date())
        e.redis("HSET", "effort:writer:other", "version", "0.0.9", "_functions", other)
        wait(lambda: "effort" not in libraries(e), "what nobody calls to go", 40)
        assert libraries(e) == sorted(own + [other, "effort_mine"]), libraries(e)
        wait(lambda: "were deleted\" library=effort\n" in e.log(), "the log to say so")
        e.redis("DEL", "effort:writer:other")
        wait(lambda: other not in libraries(e), "what nobody calls any more to go", 40)
        load_other(e)  # called by somebody who is not seen: it stays
        looked_again(e)
        assert libraries(e) == sorted(own + [other, "effort_mine"]), libraries(e)
        e.send(event())
        e.wait_counted(2)


def what_a_writer_of_before_calls_stays():
    with Effortd() as e:
        e.redis("FUNCTION", "LOAD", OF_BEFORE)
        e.redis("HSET", "effort:_writers", "other", "%s 400 1095" % days_ago(0).date())
        e.redis("HSET", "effort:writer:other", "version", "0.0.9")
        looked_again(e)
        assert "effort" in libraries(e), libraries(e)
        e.redis("DEL", "effort:writer:other")
        wait(lambda: "effort" not in libraries(e), "what nobody calls any more to go", 40)


def without_the_permission():
    """Refused once, to look or to delete: the old one stays, nobody tries again, and nothing else is the worse for it."""
    for command in "list", "delete":
        with Effortd() as e:
            e.redis("FUNCTION", "LOAD", OF_BEFORE)
            e.redis("ACL", "SETUSER", "default", "-function|" + command)
            wait(lambda: any("function|" + command in row for row in e.redis("ACL", "LOG")), "the refusal", 40)
            seen = looks(e)
            e.send(*[event() for _ in range(10)])
            e.wait_counted(10)
            time.sleep(6)
            assert looks(e) == seen, (looks(e), seen)
            assert "redis refuses" not in e.log() and e.status()["redis"]["state"] == "ready"
            e.redis("ACL", "SETUSER", "default", "+function|" + command)
            assert "effort" in libraries(e)


if __name__ == "__main__":
    run(each_calls_its_own, what_nobody_calls_goes, what_a_writer_of_before_calls_stays, without_the_permission)
