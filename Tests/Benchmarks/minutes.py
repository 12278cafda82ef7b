"""What five minutes cost, with a scrape every 15 s and all that goes on between: vexport ticks once a second.

Then vexport stands still for a minute, and bare dumps take the place of its ticks: what no daemon that reads each link once
a second can go below.
"""

import signal
import statistics
import time

from exporters import everything, get, start_node_exporter, start_vexport
from kernel import BareDumps
from lab import Traffic, add_pairs, make_namespace
from report import Report, table
from usage import cpu_ms_between, read_cpu

INTERVAL_SECONDS = 15
FLOOR_SECONDS = 60
SETTLE_SECONDS = 75  # what vexport looks into once, after a link's first half minute
LEAST_RATIO = 10
BOUND_LINKS = 1000  # and more; below, what a daemon does however few links there are counts most


def measure(stack, arguments):
    """Let both exporters run side by side and scrape them as Prometheus does, by gzip."""
    near, far = make_namespace(stack, "near"), make_namespace(stack, "far")
    add_pairs(arguments.links, near, far)
    traffic = Traffic(stack, arguments.links, near, far)
    vexport = start_vexport(stack, near, arguments.vexport, "--config.file", everything(stack))
    exporters = [vexport, start_node_exporter(stack, near)]

    def scrape(exporters, seconds):
        started = time.monotonic()
        for number in range(seconds // INTERVAL_SECONDS):
            traffic.flow()
            for exporter in exporters:
                get(exporter.connection, "/metrics", "gzip")
            time.sleep(max(0, started + (number + 1) * INTERVAL_SECONDS - time.monotonic()))
        return time.monotonic() - started

    scrape(exporters, INTERVAL_SECONDS)
    time.sleep(SETTLE_SECONDS)
    before = [read_cpu(exporter.process.pid) for exporter in exporters]
    seconds = scrape(exporters, arguments.seconds)
    ours, theirs = (
        cpu_ms_between(then, read_cpu(exporter.process.pid)) for then, exporter in zip(before, exporters))
    ratio, scrapes = theirs / ours, arguments.seconds // INTERVAL_SECONDS

    vexport.process.send_signal(signal.SIGSTOP)
    dumps = BareDumps(stack, near, FLOOR_SECONDS, 1, 1000)
    dumps.start()
    scrape(exporters[1:], FLOOR_SECONDS)
    floor = statistics.mean(burst["us_seldom"] for burst in dumps.finish()) / 1e3 * seconds
    vexport.process.send_signal(signal.SIGCONT)
    rows = (
        (f"{arguments.links:,} links, {scrapes} scrapes in {seconds:.0f} s", "vexport", "node_exporter", "bare dumps"),
        ("CPU ms", f"{ours:.0f}", f"{theirs:.0f}", f"{floor:.0f}"),
        ("CPU, % of a core", f"{ours / seconds / 10:.2f}", f"{theirs / seconds / 10:.2f}", f"{floor / seconds / 10:.2f}"),
        ("node_exporter / that", f"{ratio:.1f}", "", f"{theirs / floor:.1f}"),
    )
    report = Report(table(rows))
    report.figures = {
        "links": arguments.links, "seconds": round(seconds, 1), "scrapes": scrapes, "vexport_ms": round(ours, 1),
        "node_exporter_ms": round(theirs, 1), "floor_ms": round(floor, 1), "ratio": round(ratio, 2),
        "floor_ratio": round(theirs / floor, 2)}
    least = LEAST_RATIO if arguments.links >= BOUND_LINKS else 0
    report.require(ratio >= least, f"node_exporter takes {ratio:.1f} of vexport's CPU, below {least}")
    return report
