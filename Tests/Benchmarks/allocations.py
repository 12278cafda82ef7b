"""How often vexport takes memory in a tick and in a scrape: however many links there are, about as often."""

import contextlib
import pathlib
import subprocess
import tempfile
import time

from exporters import PAUSE_SECONDS, everything, get, start_vexport, value
from lab import PREFIX, Failure, Traffic, add_pairs, compile_program, make_namespace
from report import Report, table

FEW_LINKS = 100
SCRAPES = 20
# Pages go out in pieces of 256 KB, some 4,000 series, each with what sending it takes.
LEAST_SERIES_A_CALL = 100
TICK_TOLERANCE = 5
PATIENCE_SECONDS = 300
QUIET_SECONDS = 3


class Counter:
    """The calls of a running vexport so far."""

    def __init__(self, stack):
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX))
        self.file = pathlib.Path(directory) / "calls"
        self.file.write_bytes(bytes(8))

    def read(self):
        return int.from_bytes(self.file.read_bytes(), "little")


def measure(stack, arguments):
    """Count with few links and with many, in steady state, while bytes and packets of every link move."""
    shim = compile_program(stack, "allocations.c", "-shared", "-fPIC")
    kinds = ("a tick", "a plain scrape", "a gzip scrape")
    counts = {links: count(arguments, shim, links) for links in (FEW_LINKS, arguments.links)}
    few, many = counts.values()
    rows = [("calls of malloc and its like, least of many", *(f"{links:,} links" for links in counts))]
    rows += [(kind, f"{few[kind]:.0f}", f"{many[kind]:.0f}") for kind in kinds]
    report = Report(table(rows), {str(links): found for links, found in counts.items()})
    report.require(
        many["a tick"] <= few["a tick"] + TICK_TOLERANCE,
        f"a tick takes memory {many['a tick']:.0f} times with many links, {few['a tick']:.0f} times with few")
    for kind in kinds[1:]:
        more, series = many[kind] - few[kind], many["series"] - few["series"]
        report.require(
            more * LEAST_SERIES_A_CALL <= series, f"{kind} of {series} more series takes memory {more:.0f} times more")
    return report


def count(arguments, shim, links):
    """Return the least calls that a tick, a plain and a gzip scrape take with so many links, and the number of series."""
    with contextlib.ExitStack() as stack:
        near, far = make_namespace(stack, "near"), make_namespace(stack, "far")
        add_pairs(links, near, far)
        traffic = Traffic(stack, links, near, far)
        calls = Counter(stack)
        environment = {"LD_PRELOAD": shim, "ALLOCATIONS": str(calls.file)}
        # Somebody lives at the far ends: the links have a workload's series too.
        inhabitant = subprocess.Popen(["ip", "netns", "exec", far, "sleep", "infinity"])
        stack.callback(inhabitant.wait)
        stack.callback(inhabitant.kill)
        vexport = start_vexport(
            stack, near, arguments.vexport, "--config.file", everything(stack), namespaces="all", environment=environment)
        settle(vexport, links)
        found = {}
        for kind, coding in (("a plain scrape", "identity"), ("a gzip scrape", "gzip")):
            counts = []
            for _ in range(SCRAPES):
                traffic.flow()
                time.sleep(PAUSE_SECONDS[1])
                before = calls.read()
                body = get(vexport.connection, "/metrics", coding)
                counts.append(calls.read() - before)
                if coding == "identity":
                    found["series"] = sum(1 for line in body.splitlines() if not line.startswith(b"#"))
            # Most of them hold a tick, and some a scheduled one too.
            found[kind] = min(counts)
        found["a tick"] = min(ticks(calls, arguments.seconds))
        return found


def settle(vexport, links):
    """Return when each link has its workload's traffic on the page, and the kernel has told all of their carriers: it tells
    100 a second."""
    deadline, told = time.monotonic() + PATIENCE_SECONDS, None
    while True:
        page = get(vexport.connection, "/metrics").decode()
        now = value(page, 'vexport_netlink_messages_total{family="link"}')
        if page.count("\nvexport_workload_receive_bytes_total{") >= links and now == told:
            return
        if time.monotonic() > deadline:
            raise Failure("links don't settle")
        told = now
        time.sleep(QUIET_SECONDS)


def ticks(calls, seconds):
    """Return the calls of each second without a scrape."""
    counts = []
    for _ in range(seconds):
        before = calls.read()
        time.sleep(1)
        counts.append(calls.read() - before)
    return counts
