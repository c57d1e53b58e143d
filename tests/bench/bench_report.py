# SPDX-License-Identifier: MPL-2.0
"""Figures of a sitting as a table (text that is also Markdown) and as a plot (SVG): medians, ranges, ratios to effortd. Says on
which machine, with which versions, and how busy the machine was with other things. Owns no measuring."""
import math
import os
import platform
import statistics
import time
from xml.sax.saxutils import escape


def busy_cores(seconds=2):
    """How many cores were used over some seconds, by whatever runs here."""
    def used():
        ticks = list(map(int, open("/proc/stat").readline().split()[1:9]))
        return sum(ticks) - ticks[3] - ticks[4]
    before = used()
    time.sleep(seconds)
    return (used() - before) / os.sysconf("SC_CLK_TCK") / seconds


def machine(busy):
    model = next((l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine())
    memory = int(open("/proc/meminfo").readline().split()[1]) / 1048576
    quiet = "quiet" if busy < .1 else "NOT quiet: compare nothing but ratios, and those with care"
    return "%s, %d cores, %.0f GiB, kernel %s; before the first run others used %.2f cores (%s)" % (
        model, os.cpu_count(), memory, platform.release().split("-")[0], busy, quiet)


def middle(rows, key):
    return statistics.median(r[key] for r in rows)


def spread(rows, key, form):
    values = [r[key] for r in rows]
    text = form % statistics.median(values)
    return text if len(values) == 1 else "%s (%s-%s)" % (text, form % min(values), form % max(values))


def times(ours, theirs):
    return "" if not theirs else "%.1fx" % (ours / theirs)


def table(header, lines):
    widths = [max(len(str(l[i])) for l in [header] + lines) for i in range(len(header))]
    def row(cells):
        return "| " + " | ".join(str(c).ljust(w) for c, w in zip(cells, widths)) + " |"
    return "\n".join([row(header), "|" + "|".join("-" * (w + 2) for w in widths) + "|"] + [row(l) for l in lines])


def rates(results, wrong):
    """results: [(name, events, [row])]; wrong: {name: why there is no figure}; the ratios say how many times effortd is ahead."""
    header = ["program", "events", "k events/s", "own CPU us/event", "Redis CPU us/event", "peak MB",
              "rate", "own CPU", "own + Redis CPU"]
    lines, first = [], next((rows for name, _, rows in results if name == "effortd" and rows), None)
    for name, events, rows in results:
        if name in wrong:
            lines.append([name, "%d" % events, wrong[name][:60]] + [""] * 6)
            continue
        ratios = ["", "", ""]
        if first and rows is not first:
            ratios = [times(middle(first, "rate"), middle(rows, "rate")), times(middle(rows, "own"), middle(first, "own")),
                      times(middle(rows, "both"), middle(first, "both"))]
        lines.append([name, "%d" % events, spread(rows, "rate", "%.0f"), spread(rows, "own", "%.2f"), spread(rows, "redis", "%.2f"),
                      "%.0f" % middle(rows, "peak_mb") if middle(rows, "peak_mb") else ""] + ratios)
    return table(header, lines)


def curve(name, points):
    """points: [(label, [row])], the first one being what the others are compared with."""
    header = [name, "own CPU us/event", "of the first", "Redis CPU us/event", "k events/s", "peak MB"]
    first = middle(points[0][1], "own")
    return table(header, [[label, spread(rows, "own", "%.2f"), "%.2fx" % (middle(rows, "own") / first), spread(rows, "redis", "%.2f"),
                           spread(rows, "rate", "%.0f"), "%.0f" % middle(rows, "peak_mb")] for label, rows in points])


def latencies(results):
    header = ["program", "measure", "p50 ms", "p99 ms"]
    return table(header, [[name, what, spread(rows, "p50", "%.2f"), spread(rows, "p99", "%.2f")] for name, what, rows in results])


BAR, GAP, LEFT, WIDTH = 18, 8, 190, 460
COLOURS = {"rate": "#1f6f8b", "own": "#8b3a1f", "redis": "#8b7a1f"}
PANELS = [("rate", "thousand events a second (more is better)", "%.0f"), ("own", "own CPU, us an event (less is better)", "%.2f"),
          ("redis", "Redis' CPU, us an event (less is better)", "%.2f")]


def panel(top, key, title, form, bars):
    low = math.floor(math.log10(min(v for _, v in bars) * .8))
    high = math.ceil(math.log10(max(v for _, v in bars)) + 1e-9)
    def x(value):
        return LEFT + WIDTH * (math.log10(value) - low) / max(1, high - low)
    bottom = top + 22 + len(bars) * (BAR + GAP)
    out = ['<text x="%d" y="%d" font-weight="bold">%s, logarithmic</text>' % (LEFT, top + 10, escape(title))]
    for power in range(low, high + 1):
        out.append('<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#ccc"/>' % (x(10 ** power), x(10 ** power), top + 18, bottom))
        out.append('<text x="%.1f" y="%d" text-anchor="middle" fill="#666">%g</text>' % (x(10 ** power), bottom + 14, 10 ** power))
    for i, (name, value) in enumerate(bars):
        y = top + 22 + i * (BAR + GAP)
        out.append('<text x="%d" y="%d" text-anchor="end">%s</text>' % (LEFT - 8, y + 13, escape(name)))
        out.append('<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>' % (LEFT, y, max(1, x(value) - LEFT), BAR, COLOURS[key]))
        out.append('<text x="%.1f" y="%d">%s</text>' % (x(value) + 4, y + 13, form % value))
    return out, bottom + 40


def drawing(parts, top, caption):
    parts.append('<text x="10" y="%d" fill="#666" font-size="10">%s</text>' % (top, escape(caption)))
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">\n'
            '<rect width="100%%" height="100%%" fill="white"/>\n%s\n</svg>\n' % (LEFT + WIDTH + 90, top + 16, "\n".join(parts)))


def plot(results, wrong, caption):
    parts, top = [], 20
    for key, title, form in PANELS:
        bars = [(name, middle(rows, key)) for name, _, rows in results if name not in wrong and rows and middle(rows, key) > 0]
        if bars:
            more, top = panel(top, key, title, form, bars)
            parts += more
    return drawing(parts, top, caption)


def plot_curves(curves, caption):
    """curves: [(name, [(label, [row])])]"""
    parts, top = [], 20
    for name, points in curves:
        bars = [(label, middle(rows, "own")) for label, rows in points]
        more, top = panel(top, "own", name + ": own CPU, us an event", "%.2f", bars)
        parts += more
    return drawing(parts, top, caption)
