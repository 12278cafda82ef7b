#!/usr/bin/env python3
"""Measure how long vexport takes from its start to a good scrape, and its memory then, on a host with 100 links.

Run as root. The links live in a network namespace of its own, which is deleted at the end.

Exit status: 0 all bounds hold, 1 one does not, 2 the measurement could not be made.
"""

import contextlib
import http.client
import statistics
import subprocess
import sys
import tempfile
import time

from exporters import VEXPORT_PORT, connect, get, stop
from lab import PREFIX, Failure, add_pairs, make_namespace
from usage import resident_mb

SMALL_PAIRS = 50
STARTS = 20
START_LIMIT_MS = 200
MEMORY_LIMIT_MB = 30
LAST_LINK = f'vexport_link_carrier{{device="veth{SMALL_PAIRS - 1}"}} 1'


def good_scrape(namespace):
    """Scrape over a connection of its own: true once the page has the links."""
    try:
        with contextlib.closing(connect(namespace, VEXPORT_PORT)) as connection:
            return LAST_LINK in get(connection, "/metrics").decode()
    except (OSError, http.client.HTTPException, Failure):
        return False


def measure_start(namespace, path, directory):
    """Start vexport, return the ms until a good scrape was read and the MB resident after it."""
    command = [
        path, "serve", "--web.listen-address", f"127.0.0.1:{VEXPORT_PORT}", "--socket", f"{directory}/socket",
        "--storage.path", f"{directory}/store", "--links.namespaces", "own",  # whatever else lives on this machine
    ]
    started = time.perf_counter()
    # ip becomes the command it runs, so the process id is vexport's.
    process = subprocess.Popen(["ip", "netns", "exec", namespace, *command], stderr=subprocess.DEVNULL)
    try:
        while not good_scrape(namespace):
            if process.poll() is not None or time.perf_counter() - started > 30:
                raise Failure("vexport does not get ready")
            time.sleep(0.001)
        return (time.perf_counter() - started) * 1e3, sum(resident_mb(process.pid))
    finally:
        stop(process)


def main():
    """Measure, report, and clean up whatever happens."""
    path, = sys.argv[1:]
    try:
        with contextlib.ExitStack() as stack:
            namespace = make_namespace(stack, "start")
            add_pairs(SMALL_PAIRS, namespace, namespace)
            directory = stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX))
            starts = [measure_start(namespace, path, directory) for _ in range(STARTS)]
    except Failure as failure:
        print(f"start.py: {failure}", file=sys.stderr)
        return 2
    milliseconds, megabytes = zip(*starts)
    print(f"{2 * SMALL_PAIRS + 1} links, {STARTS} starts")
    print(f"ms from start to a good scrape: median {statistics.median(milliseconds):.0f}, max {max(milliseconds):.0f}")
    print(f"MB resident after it: max {max(megabytes):.1f}")
    failures = [
        text
        for holds, text in (
            (max(milliseconds) < START_LIMIT_MS, f"not below {START_LIMIT_MS} ms"),
            (max(megabytes) < MEMORY_LIMIT_MB, f"not below {MEMORY_LIMIT_MB} MB"),
        )
        if not holds
    ]
    for failure in failures:
        print(f"FAILED: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
