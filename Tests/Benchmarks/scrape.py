#!/usr/bin/env python3
"""Measure what vexport costs: beside node_exporter and the kernel's own floor, on real veth links.

    scrape.py          CPU per scrape beside node_exporter's netdev and netclass collectors, with the same links in the
                       same run, and vexport's memory with 100 links
    scrape.py --tick   CPU per tick, nobody scraping, beside a bare RTM_GETSTATS dump of the same links

Run as root. The links live in network namespaces of its own, which are deleted at the end. Needs iproute2, a C
compiler with libmnl (libmnl-dev) and, without --tick, prometheus-node-exporter.

Exit status: 0 all bounds hold, 1 one does not, 2 the measurement could not be made.
"""

import argparse
import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PREFIX = "vxbench"
VEXPORT_PORT = 10119
NODE_EXPORTER_PORT = 9100
WARM_UP_SCRAPES = 3
SETTLE_SECONDS = 0.05  # what a scrape leaves to be done after its last byte counts as its cost
PAUSE_SECONDS = (0.3, 0.4)  # over sampling.max_age (250 ms), so that scrapes do not share a tick
SMALL_PAIRS = 50
MEMORY_LIMIT_MB = 20
FLOOR_DUMPS = 100
CLONE_NEWNET = 0x40000000
DEVICE = re.compile(r'[{,]device="((?:[^"\\]|\\.)*)"')

libc = ctypes.CDLL(None, use_errno=True)


class Failure(Exception):
    """The measurement could not be made."""


# Namespaces and links


def run(*command, stdin=None):
    """Run a command to its end and return what it printed."""
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, text=True)
    except OSError as error:
        raise Failure(f"{command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)}: exit status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def enter(descriptor):
    """Put this thread into the network namespace behind an open descriptor."""
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise Failure(f"setns: {os.strerror(ctypes.get_errno())}")


@contextlib.contextmanager
def inside(namespace):
    """Be in a network namespace for a moment; a socket made there stays there."""
    with open("/proc/self/ns/net", "rb") as home, open(f"/run/netns/{namespace}", "rb") as there:
        enter(there.fileno())
        try:
            yield
        finally:
            enter(home.fileno())


def make_namespace(stack, suffix):
    """Make a network namespace without IPv6, which `stack` deletes; return its name."""
    name = f"{PREFIX}{os.getpid()}{suffix}"
    run("ip", "netns", "add", name)
    stack.callback(run, "ip", "netns", "delete", name)
    with inside(name):
        for scope in ("all", "default"):
            setting = pathlib.Path(f"/proc/sys/net/ipv6/conf/{scope}/disable_ipv6")
            if setting.exists():
                setting.write_text("1")
    run("ip", "-n", name, "link", "set", "lo", "up")
    return name


def add_pairs(count, near, far):
    """Make `count` veth pairs with both ends up, the first ends in `near`, the second in `far` (or there too)."""
    create = (f"link add veth{i} type veth peer name peer{i} netns {far}" for i in range(count))
    run("ip", "-n", near, "-batch", "-", stdin="\n".join(create))
    for namespace, end in ((near, "veth"), (far, "peer")):
        run("ip", "-n", namespace, "-batch", "-", stdin="\n".join(f"link set {end}{i} up" for i in range(count)))


# The processes under measurement


@dataclass
class Exporter:
    """A running exporter, the connection it is scraped over, and what its scrapes cost."""

    name: str
    process: subprocess.Popen
    connection: http.client.HTTPConnection
    cpu_ms: list = field(default_factory=list)
    wall_ms: list = field(default_factory=list)
    body: str = ""


def start(stack, name, namespace, port, ready, command):
    """Start an exporter in a namespace and wait until it answers the path `ready`; `stack` ends it."""
    log = stack.enter_context(tempfile.TemporaryFile("w+"))
    # ip becomes the command it runs, so the process id is the exporter's.
    process = subprocess.Popen(["ip", "netns", "exec", namespace, *command], stdout=log, stderr=log)
    stack.callback(stop, process)
    deadline = time.monotonic() + 30
    while True:
        try:
            connection = connect(namespace, port)
            get(connection, ready)
            stack.callback(connection.close)
            return Exporter(name, process, connection)
        except (OSError, Failure) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                raise Failure(f"{name} does not get ready: {error}\n{log.read().strip()}") from error
        time.sleep(0.1)


def start_vexport(stack, namespace, path, *options, namespaces="own"):
    """Start vexport with default settings but for `options`; it watches its own namespace only unless told otherwise."""
    command = [path, "serve", "--web.listen-address", f"127.0.0.1:{VEXPORT_PORT}", "--socket", ""]
    command += ["--links.namespaces", namespaces, *options]
    return start(stack, "vexport", namespace, VEXPORT_PORT, "/-/ready", command)


def start_node_exporter(stack, namespace):
    """Start node_exporter as it reads links cheapest: over netlink, and without metrics about itself."""
    options = (
        "--collector.disable-defaults --collector.netdev --collector.netdev.netlink --collector.netclass "
        "--collector.netclass.netlink --web.disable-exporter-metrics"
    )
    command = ["prometheus-node-exporter", *options.split(), f"--web.listen-address=127.0.0.1:{NODE_EXPORTER_PORT}"]
    return start(stack, "node_exporter", namespace, NODE_EXPORTER_PORT, "/", command)


def stop(process):
    """End a process, by force after five seconds."""
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def connect(namespace, port):
    """Connect to a port inside a namespace. The connection is kept, as Prometheus does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.auto_open = 0  # it would open the next one outside
    with inside(namespace):
        connection.connect()
    return connection


def get(connection, path):
    """Ask for a page, uncompressed, and return its body."""
    connection.putrequest("GET", path, skip_accept_encoding=True)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        connection.close()
        raise Failure(f"GET {path}: {response.status} {response.reason}")
    return body


# Measuring


@dataclass
class CPU:
    """What a process has used so far: ns by thread (exact, but blind to ended threads), and by its clock."""

    threads: dict
    clock: int


def read_cpu(pid):
    """Read it. The threads' share is the first field of schedstat: time on a CPU, user and system."""
    threads = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            threads[task.name] = int((task / "schedstat").read_text().split()[0])
    return CPU(threads, time.clock_gettime_ns((~pid << 3) | 2))  # what clock_getcpuclockid(3) makes of a pid


def cpu_ms_between(before, after):
    """Return the CPU time used between two readings; if a thread ended between them, the clock knows its share."""
    if before.threads.keys() <= after.threads.keys():
        return (sum(after.threads.values()) - sum(before.threads.values())) / 1e6
    return (after.clock - before.clock) / 1e6


def scrape(exporter):
    """Scrape once and note the cost."""
    before = read_cpu(exporter.process.pid)
    started = time.perf_counter()
    body = get(exporter.connection, "/metrics")
    exporter.wall_ms.append((time.perf_counter() - started) * 1e3)
    time.sleep(SETTLE_SECONDS)
    exporter.cpu_ms.append(cpu_ms_between(before, read_cpu(exporter.process.pid)))
    exporter.body = body.decode()
    time.sleep(random.uniform(*PAUSE_SECONDS))


def scrape_in_turn(exporters, scrapes):
    """Scrape the exporters in turn, so that whatever else the machine does falls on all; forget the warm-up."""
    for exporter in exporters * WARM_UP_SCRAPES:
        scrape(exporter)
    for exporter in exporters:
        exporter.cpu_ms.clear()
        exporter.wall_ms.clear()
    for exporter in exporters * scrapes:
        scrape(exporter)


def samples(body):
    """Return the lines of a scrape that are samples."""
    return [line for line in body.splitlines() if line and not line.startswith("#")]


def value(body, series):
    """Return the value of one series of a scrape."""
    for line in samples(body):
        name, _, number = line.rpartition(" ")
        if name == series:
            return float(number)
    raise Failure(f"the scrape has no {series}")


def resident_mb(pid):
    """Return the anonymous and the file-backed memory of a process in MB (10^6 bytes)."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return tuple(int(re.search(rf"^{key}:\s+(\d+) kB$", status, re.M)[1]) * 1024 / 1e6 for key in ("RssAnon", "RssFile"))


def compile_dumpcost(stack):
    """Compile the program that measures the kernel's floor; return its path."""
    directory = stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX))
    program = f"{directory}/dumpcost"
    run("cc", "-O2", "-o", program, str(HERE / "dumpcost.c"), "-lmnl")
    return program


def kernel_floor_ms(program, namespace, dumps, pause_ms=0):
    """Return the CPU time that a bare dump of a namespace's counters takes."""
    output = run("ip", "netns", "exec", namespace, program, str(dumps), str(pause_ms))
    return json.loads(output)["cpu_us_per_dump"] / 1e3


# The two measurements. Each returns what it found and which bounds do not hold


def summary(exporter):
    """Sum up an exporter's scrapes."""
    devices = [match[1] for match in map(DEVICE.search, samples(exporter.body)) if match]
    anonymous, file_backed = resident_mb(exporter.process.pid)
    return {
        "cpu_ms": {f.__name__: round(f(exporter.cpu_ms), 3) for f in (statistics.median, min, max)},
        "wall_ms": {f.__name__: round(f(exporter.wall_ms), 3) for f in (statistics.median, min, max)},
        "series": len(samples(exporter.body)),
        "link_series": len(devices),
        "links": len(set(devices)),
        "bytes": len(exporter.body.encode()),
        "rss_anon_mb": round(anonymous, 2),
        "rss_file_mb": round(file_backed, 2),
    }


def small_host_memory(stack, arguments):
    """Return vexport's resident memory in MB on a host with 100 links, after its scrapes."""
    namespace = make_namespace(stack, "small")
    add_pairs(SMALL_PAIRS, namespace, namespace)
    vexport = start_vexport(stack, namespace, arguments.vexport)
    scrape_in_turn([vexport], arguments.scrapes)
    return {"links": 2 * SMALL_PAIRS + 1, **dict(zip(("rss_anon_mb", "rss_file_mb"), resident_mb(vexport.process.pid)))}


def measure_scrapes(stack, arguments):
    """Measure what a scrape costs vexport, node_exporter and, for the bare counters, the kernel."""
    dumpcost = compile_dumpcost(stack)
    near, far = make_namespace(stack, "near"), make_namespace(stack, "far")
    add_pairs(arguments.links, near, far)
    floor = kernel_floor_ms(dumpcost, near, FLOOR_DUMPS)
    vexport = start_vexport(stack, near, arguments.vexport, "--links.detail", "full")
    node_exporter = start_node_exporter(stack, near)
    scrape_in_turn([vexport, node_exporter], arguments.scrapes)
    result = {
        "vexport": summary(vexport),
        "node_exporter": summary(node_exporter),
        "kernel_floor_ms": round(floor, 3),
        "small": small_host_memory(stack, arguments),
    }
    ours, theirs = result["vexport"], result["node_exporter"]
    result["ratio"] = round(theirs["cpu_ms"]["median"] / ours["cpu_ms"]["median"], 1)
    result["floor_ratio"] = round(ours["cpu_ms"]["median"] / floor, 2)
    small = result["small"]["rss_anon_mb"] + result["small"]["rss_file_mb"]
    return result, [
        text
        for holds, text in (
            (ours["links"] == arguments.links + 1, f"vexport shows {ours['links']} of {arguments.links + 1} links"),
            (
                ours["link_series"] >= theirs["link_series"],
                f"vexport has {ours['link_series']} link series, fewer than node_exporter's {theirs['link_series']}",
            ),
            (result["ratio"] >= arguments.min_ratio, f"ratio {result['ratio']}, below {arguments.min_ratio:g}"),
            (small < MEMORY_LIMIT_MB, f"vexport takes {small:.1f} MB with 100 links, not below {MEMORY_LIMIT_MB}"),
        )
        if not holds
    ]


def measure_ticks(stack, arguments):
    """Measure what a tick costs while nobody scrapes. The bound is on bare dumps back to back. One a second, as ticks
    are, is told as well: after a second the kernel finds little of its counters in the caches."""
    dumpcost = compile_dumpcost(stack)
    namespace = make_namespace(stack, "near")
    add_pairs(arguments.links // 2, namespace, namespace)
    floor = kernel_floor_ms(dumpcost, namespace, FLOOR_DUMPS)
    paced = kernel_floor_ms(dumpcost, namespace, 10, pause_ms=1000)
    vexport = start_vexport(stack, namespace, arguments.vexport)
    scrape_in_turn([vexport], 1)
    started, before = time.monotonic(), read_cpu(vexport.process.pid)
    time.sleep(arguments.tick_seconds)
    after, seconds, ended = read_cpu(vexport.process.pid), time.monotonic() - started, time.time()
    counted_from = vexport.body
    scrape(vexport)
    ticks, dumps = (
        value(vexport.body, series) - value(counted_from, series)
        for series in (f'vexport_netlink_dumps_total{{type="{kind}"}}' for kind in ("stats", "link"))
    )
    if value(vexport.body, "vexport_tick_timestamp_seconds") > ended:
        ticks -= 1  # the one that the last scrape asked for
    tick = cpu_ms_between(before, after) / ticks
    result = {
        "links": arguments.links // 2 * 2 + 1,
        "seconds": round(seconds, 2),
        "ticks": int(ticks),
        "link_dumps": int(dumps),
        "cpu_ms_per_tick": round(tick, 3),
        "kernel_floor_ms": round(floor, 3),
        "kernel_floor_paced_ms": round(paced, 3),
        "ratio": round(tick / floor, 2),
        "paced_ratio": round(tick / paced, 2),
    }
    bound = arguments.max_tick_ratio
    return result, [] if result["ratio"] <= bound else [f"ratio {result['ratio']}, above {bound:g}"]


# Reporting


def scrape_table(result):
    """Lay out the result of `measure_scrapes`."""
    rows = [("", "vexport", "node_exporter")]
    exporters = result["vexport"], result["node_exporter"]
    for title, key in (("CPU ms per scrape", "cpu_ms"), ("wall ms per scrape", "wall_ms")):
        for which in ("median", "min", "max"):
            rows.append((f"{title}, {which}", *(f"{exporter[key][which]:.2f}" for exporter in exporters)))
    for title, key in (("series", "series"), ("  of links", "link_series"), ("links", "links"), ("bytes", "bytes")):
        rows.append((title, *(f"{exporter[key]:,}" for exporter in exporters)))
    for title, key in (("RssAnon MB", "rss_anon_mb"), ("RssFile MB", "rss_file_mb")):
        rows.append((title, *(f"{exporter[key]:.1f}" for exporter in exporters)))
    small = result["small"]
    total = small["rss_anon_mb"] + small["rss_file_mb"]
    return [
        *(f"{title:<28}{ours:>12}{theirs:>16}" for title, ours, theirs in rows),
        f"node_exporter / vexport: {result['ratio']} (CPU, medians)",
        f"vexport / kernel: {result['floor_ratio']} (a bare dump of the counters takes {result['kernel_floor_ms']} ms)",
        f"vexport with {small['links']} links: {total:.1f} MB = RssAnon {small['rss_anon_mb']:.1f} "
        f"+ RssFile {small['rss_file_mb']:.1f}",
    ]


def tick_table(result):
    """Lay out the result of `measure_ticks`."""
    return [
        f"{result['links']:,} links, {result['ticks']} ticks in {result['seconds']} s, nobody scraping, "
        f"{result['link_dumps']} link dumps",
        f"{'CPU ms per tick, vexport':<44}{result['cpu_ms_per_tick']:>8.2f}",
        f"{'CPU ms per bare dump, back to back':<44}{result['kernel_floor_ms']:>8.2f}   ratio {result['ratio']}",
        f"{'CPU ms per bare dump, one a second':<44}{result['kernel_floor_paced_ms']:>8.2f}   ratio "
        f"{result['paced_ratio']}",
    ]


def parse_arguments():
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vexport", default=str(ROOT / ".build/release/vexport"), help="the binary (default: %(default)s)")
    parser.add_argument("--links", type=int, help="veth ends to measure with (default: 1000; 10000 with --tick)")
    parser.add_argument("--scrapes", type=int, default=20, help="scrapes of each exporter (default: %(default)s)")
    parser.add_argument("--min-ratio", type=float, default=50, help="least node_exporter / vexport (default: %(default)s)")
    parser.add_argument("--tick", action="store_true", help="measure the cost of a tick instead")
    parser.add_argument("--tick-seconds", type=float, default=20, help="how long to watch (default: %(default)s)")
    parser.add_argument("--max-tick-ratio", type=float, default=1.5, help="most vexport / kernel (default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.links is None:
        arguments.links = 10000 if arguments.tick else 1000
    if arguments.links < 2 or arguments.scrapes < 1 or arguments.tick_seconds < 2:
        parser.error("--links and --tick-seconds are at least 2, --scrapes at least 1")
    return arguments


def check_requirements(arguments):
    """Fail early, with what to do."""
    if os.geteuid() != 0:
        raise Failure("making network namespaces needs root")
    if not os.access(arguments.vexport, os.X_OK):
        raise Failure(f"no program {arguments.vexport}: build it with `swift build -c release`, or name it by --vexport")
    if not arguments.tick and not shutil.which("prometheus-node-exporter"):
        raise Failure("no prometheus-node-exporter: apt install prometheus-node-exporter")


def main():
    """Measure, report, and clean up whatever happens."""
    arguments = parse_arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        check_requirements(arguments)
        with contextlib.ExitStack() as stack:
            measure = measure_ticks if arguments.tick else measure_scrapes
            result, failures = measure(stack, arguments)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)  # cleaning up is not to be interrupted
    except Failure as failure:
        print(f"scrape.py: {failure}", file=sys.stderr)
        return 2
    print("\n".join(tick_table(result) if arguments.tick else scrape_table(result)))
    for failure in failures:
        print(f"FAILED: {failure}")
    print(json.dumps({**result, "failures": failures}))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
