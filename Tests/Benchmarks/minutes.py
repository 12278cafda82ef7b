"""What five minutes cost, with a scrape every 15 s and all that goes on between: vexport ticks once a second."""

import time

from exporters import Scrapes, everything, get, start_node_exporter, start_vexport
from lab import Traffic, add_pairs, make_namespace
from report import Report, table
from usage import cpu_ms_between, read_cpu

INTERVAL_SECONDS = 15
SETTLE_SECONDS = 75  # what vexport looks into once, after a link's first half minute
LEAST_RATIO = 10
BOUND_LINKS = 1000  # and more; below, what a daemon does however few links there are counts most


def measure(stack, arguments):
    """Let both exporters run side by side and scrape them as Prometheus does, by gzip."""
    near, far = make_namespace(stack, "near"), make_namespace(stack, "far")
    add_pairs(arguments.links, near, far)
    traffic = Traffic(stack, arguments.links, near, far)
    exporters = [
        start_vexport(stack, near, arguments.vexport, "--config.file", everything(stack)), start_node_exporter(stack, near)]

    def scrape_all():
        traffic.flow()
        for exporter in exporters:
            get(exporter.connection, "/metrics", "gzip")

    scrape_all()
    time.sleep(SETTLE_SECONDS)
    scrapes = arguments.seconds // INTERVAL_SECONDS
    started, before = time.monotonic(), [read_cpu(exporter.process.pid) for exporter in exporters]
    for number in range(scrapes):
        scrape_all()
        time.sleep(max(0, started + (number + 1) * INTERVAL_SECONDS - time.monotonic()))
    ours, theirs = (
        cpu_ms_between(then, read_cpu(exporter.process.pid)) for then, exporter in zip(before, exporters))
    seconds, ratio = time.monotonic() - started, theirs / ours
    rows = (
        (f"{arguments.links:,} links, {scrapes} scrapes in {seconds:.0f} s", "vexport", "node_exporter"),
        ("CPU ms", f"{ours:.0f}", f"{theirs:.0f}"),
        ("CPU, % of a core", f"{ours / seconds / 10:.2f}", f"{theirs / seconds / 10:.2f}"),
        ("node_exporter / vexport", f"{ratio:.1f}", ""),
    )
    report = Report(table(rows))
    report.figures = {
        "links": arguments.links, "seconds": round(seconds, 1), "scrapes": scrapes, "vexport_ms": round(ours, 1),
        "node_exporter_ms": round(theirs, 1), "ratio": round(ratio, 2)}
    least = LEAST_RATIO if arguments.links >= BOUND_LINKS else 0
    report.require(ratio >= least, f"node_exporter takes {ratio:.1f} of vexport's CPU, below {least}")
    return report
