"""A long run with the history: CPU of each second, memory against its bound, and what is there after a kill."""

import os
import signal
import statistics
import tempfile
import time

from exporters import get, start_vexport, value
from lab import PREFIX, Traffic, add_pairs, make_namespace
from report import Report, spread, table
from usage import cpu_ms_between, read_cpu, resident_mb

LIMIT_BYTES = 64 << 20  # storage.memory
TIERS = ("1s", "1m")
REST_MB = 120  # what a daemon with 10,000 links takes beside the history


def held(exporter):
    """Return the seconds, bytes and samples that each tier holds, and how many ticks were left out."""
    body = get(exporter.connection, "/metrics").decode()
    tiers = {
        name: [value(body, f'vexport_history_{name}{{tier="{tier}"}}') for tier in TIERS]
        for name in ("seconds", "bytes", "samples")}
    lost = value(body, "vexport_history_dropped_ticks_total") + value(body, "vexport_history_late_ticks_total")
    return tiers, lost


def measure(stack, arguments):
    """Move every link's counters each second, then kill the daemon and start the next one."""
    near, far = make_namespace(stack, "near"), make_namespace(stack, "far")
    add_pairs(arguments.links, near, far)
    traffic = Traffic(stack, arguments.links, near, far)
    store = stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX))
    vexport = start_vexport(stack, near, arguments.vexport, store=store)
    pid, started = vexport.process.pid, time.monotonic()
    costs, memory, largest, before = [], [], 0, read_cpu(pid)
    for number in range(arguments.seconds):
        traffic.flow()
        time.sleep(max(0, started + number + 1 - time.monotonic()))
        after = read_cpu(pid)
        costs.append(cpu_ms_between(before, after))
        before = after
        if number % 10 == 9:
            memory.append(sum(resident_mb(pid)))
            largest = max(largest, sum(held(vexport)[0]["bytes"]))
            before = read_cpu(pid)
    tiers, lost = held(vexport)
    seconds = time.monotonic() - started
    os.kill(pid, signal.SIGKILL)
    vexport.process.wait()
    again = start_vexport(stack, near, arguments.vexport, store=store)
    time.sleep(2)
    then, _ = held(again)
    rows = (
        (f"{arguments.links:,} links, {seconds:.0f} s", "median", "least", "most"),
        ("CPU ms a second, events and blocks included", *(f"{cost:.1f}" for cost in spread(costs).values())),
        ("MB resident", *(f"{size:.1f}" for size in spread(memory).values())),
        ("MiB of history, at most", f"{largest / 2**20:.1f}", "", ""),
        ("bytes a sample of the last seconds", f"{tiers['bytes'][0] / tiers['samples'][0]:.3f}", "", ""),
        ("seconds held before and after a kill", f"{tiers['seconds'][0]:.0f}", f"{then['seconds'][0]:.0f}", ""),
    )
    report = Report(table(rows))
    report.figures = {
        "links": arguments.links, "seconds": round(seconds, 1), "cpu_ms": spread(costs), "mb": spread(memory),
        "history_bytes": largest, "held_before": tiers["seconds"][0], "held_after": then["seconds"][0], "lost_ticks": lost}
    report.require(largest <= LIMIT_BYTES, f"the history takes {largest} bytes, above {LIMIT_BYTES}")
    report.require(lost == 0, f"{lost:.0f} ticks were left out")
    report.require(
        then["seconds"][0] >= min(tiers["seconds"][0], 600), "after a kill less is held than before it")
    allowed = LIMIT_BYTES / 1e6 + REST_MB
    report.require(max(memory) <= allowed, f"{max(memory):.1f} MB resident, above {allowed:.1f}")
    report.require(statistics.median(costs) < 1000, "a second's work takes longer than a second")
    return report
