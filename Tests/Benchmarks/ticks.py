"""What a tick costs while nobody scrapes, beside bare RTM_GETSTATS dumps of the same links in the same seconds."""

import statistics
import time

from exporters import start_vexport
from kernel import BareDumps
from lab import Failure, add_pairs, make_namespace
from report import Report, table
from usage import cpu_ms_between, read_cpu

DUMPS = 5  # back to back, in the middle of each second
BOUND = 1.5
BOUND_LINKS = 10000  # and more; below, what a daemon does once a second however few links there are counts most
LEAST_TICK_MS = 0.05  # a second without as much has no tick in it


def next_tick(pid):
    """Return when the next tick is seen: the daemon does nothing else of that length."""
    before = read_cpu(pid)
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        time.sleep(0.005)
        after = read_cpu(pid)
        if cpu_ms_between(before, after) > LEAST_TICK_MS:
            return time.monotonic()
        before = after
    raise Failure("no tick within 3 s")


def measure(stack, arguments):
    """Measure ticks and dumps by turns: half a second lies between a tick and the dumps it is compared with.

    The bound is on dumps back to back. One dump a second, as ticks are, is told as well: after a second the kernel finds
    little of its counters in the caches.
    """
    namespace = make_namespace(stack, "near")
    add_pairs(arguments.links // 2, namespace, namespace)
    vexport = start_vexport(stack, namespace, arguments.vexport)
    dumps = BareDumps(stack, namespace, arguments.seconds, DUMPS, 1000)
    time.sleep(3)  # the first ticks still take memory
    tick = next_tick(vexport.process.pid)
    time.sleep(max(0, tick + 0.5 - time.monotonic()))
    dumps.start()
    costs, edge, before = [], tick + 0.75, None
    for _ in range(arguments.seconds + 1):
        time.sleep(max(0, edge - time.monotonic()))
        after = read_cpu(vexport.process.pid)
        if before:
            costs.append(cpu_ms_between(before, after))
        edge, before = edge + 1, after
    bursts = dumps.finish()
    if min(costs) < LEAST_TICK_MS:
        raise Failure(f"a second without a tick: {min(costs)} ms of CPU")
    floor, seldom = ([burst[key] / 1e3 for burst in bursts] for key in ("us_back_to_back", "us_seldom"))
    # Burst i is half a second before the tick that `costs[i]` is of.
    ratio = statistics.median(cost / dump for cost, dump in zip(costs, floor))
    seldom_ratio = statistics.median(cost / dump for cost, dump in zip(costs, seldom))
    rows = (
        (f"{bursts[0]['links']:,} links, medians of {len(costs)} s", "CPU ms", "a tick to that"),
        ("a tick", f"{statistics.median(costs):.2f}", ""),
        ("a bare dump, back to back", f"{statistics.median(floor):.2f}", f"{ratio:.2f}"),
        ("a bare dump, one a second", f"{statistics.median(seldom):.2f}", f"{seldom_ratio:.2f}"),
    )
    report = Report(table(rows))
    report.figures = {
        "links": bursts[0]["links"],
        "tick_ms": [round(cost, 3) for cost in costs],
        "dump_ms": [round(dump, 3) for dump in floor],
        "seldom_dump_ms": [round(dump, 3) for dump in seldom],
        "ratio": round(ratio, 3),
        "seldom_ratio": round(seldom_ratio, 3),
    }
    report.require(
        ratio <= BOUND or arguments.links < BOUND_LINKS,
        f"a tick costs {ratio:.2f} of a bare dump back to back, above {BOUND}")
    return report
