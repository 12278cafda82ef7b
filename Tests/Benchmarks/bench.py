#!/usr/bin/env python3
"""Measure what vexport costs, on real veth links, beside node_exporter and the kernel's own floor.

    bench.py scrapes      CPU and memory of scrapes, plain and gzip, beside node_exporter's netdev and netclass collectors
    bench.py ticks        CPU of a tick, beside bare RTM_GETSTATS dumps of the same links
    bench.py minutes      CPU of five minutes with a scrape every 15 s, beside node_exporter
    bench.py alerts       ms from a lost carrier to the webhook's request
    bench.py firing       memory, CPU, and what is written with many alerts that fire
    bench.py rules        ms a tick of all rules, with traffic, with changes, with a storm and with nothing new
    bench.py owners       CPU of looking for owners among many processes (--links), and s until a new guest's is known
    bench.py netdata      CPU and memory of remembering every second, beside netdata's database
    bench.py history      CPU and memory of a long run with the history, its bound, and what a killed daemon leaves
    bench.py plugins      ms of an answer, CPU of fifty plugins, and scrapes with hostile ones
    bench.py rendering    ns a series of rendering, beside a loop in C
    bench.py allocations  how often memory is allocated in ticks and scrapes, with few links and with many

Run as root. The links live in network namespaces of its own, which are deleted at the end. Needs iproute2, a C compiler,
libmnl-dev and, for comparisons with them, prometheus-node-exporter and netdata-core.

Exit status: 0 all bounds hold, 1 one does not, 2 the measurement could not be made.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys

import alerts
import allocations
import firing
import history
import minutes
import netdata
import owners
import plugins
import rendering
import rules
import scrapes
import ticks
from lab import ROOT, Failure

MEASUREMENTS = {
    "scrapes": (scrapes.measure, 1000, 0),
    "ticks": (ticks.measure, 10000, 20),
    "minutes": (minutes.measure, 1000, 300),
    "alerts": (alerts.measure, 1000, 100),
    "firing": (firing.measure, 2001, 20),
    "rules": (rules.measure, 10000, 0),
    "owners": (owners.measure, 1000, 60),
    "netdata": (netdata.measure, 1000, 60),
    "history": (history.measure, 10000, 600),
    "plugins": (plugins.measure, 1000, 60),
    "rendering": (rendering.measure, 10000, 0),
    "allocations": (allocations.measure, 5000, 10),
}
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measurement", choices=MEASUREMENTS)
    parser.add_argument("--vexport", default=str(ROOT / ".build/release/vexport"), help="the binary (default: %(default)s)")
    parser.add_argument("--links", type=int, help="near ends of veth pairs, or all ends where no far ones are elsewhere")
    parser.add_argument("--scrapes", type=int, default=20, help="scrapes of each kind (default: %(default)s)")
    parser.add_argument(
        "--seconds", type=int, help="how long to watch (default: depends on the measurement, 10 to 600)")
    arguments = parser.parse_args()
    _, links, seconds = MEASUREMENTS[arguments.measurement]
    arguments.links = links if arguments.links is None else arguments.links
    arguments.seconds = seconds if arguments.seconds is None else arguments.seconds
    if arguments.links < 2 or arguments.scrapes < 1 or (seconds and arguments.seconds < 2):
        parser.error("--links and --seconds are at least 2, --scrapes at least 1")
    return arguments


def check_requirements(arguments):
    """Fail early, with what to do."""
    if os.geteuid() != 0:
        raise Failure("making network namespaces needs root")
    if not os.access(arguments.vexport, os.X_OK):
        raise Failure(f"no program {arguments.vexport}: build it by `make release`, or name it by --vexport")
    if arguments.measurement in ("scrapes", "minutes") and not shutil.which("prometheus-node-exporter"):
        raise Failure("no prometheus-node-exporter: apt install prometheus-node-exporter")
    if arguments.measurement == "netdata" and not shutil.which("netdata"):
        raise Failure("no netdata: apt install --no-install-recommends netdata-core")


def main():
    """Measure, report, and clean up whatever happens."""
    arguments = parse_arguments()
    for number in SIGNALS:
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        check_requirements(arguments)
        with contextlib.ExitStack() as stack:
            report = MEASUREMENTS[arguments.measurement][0](stack, arguments)
            for number in SIGNALS:
                signal.signal(number, signal.SIG_IGN)  # cleaning up is not to be interrupted
    except Failure as failure:
        print(f"bench.py: {failure}", file=sys.stderr)
        return 2
    print("\n".join(report.lines))
    for failure in report.failures:
        print(f"FAILED: {failure}")
    print(json.dumps({"measurement": arguments.measurement, **report.figures, "failures": report.failures}), flush=True)
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
