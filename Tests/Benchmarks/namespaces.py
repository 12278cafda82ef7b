#!/usr/bin/env python3
"""Measure what many network namespaces cost vexport.

    namespaces.py          CPU per scrape with a veth pair into each of many namespaces, beside as many pairs into one
    namespaces.py --idle   CPU share while nobody scrapes and nothing happens
    namespaces.py --events how soon an event in any of a few namespaces is known to whoever waits for it on the socket

Run as root. The links live in network namespaces of its own, which are deleted at the end. Other namespaces of the
machine are watched too, so there should be few.

Exit status: 0 all bounds hold, 1 one does not, 2 the measurement could not be made.
"""

import argparse
import contextlib
import http.client
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from exporters import Scrapes, get, samples, scrape_in_turn, start_vexport, value
from lab import ROOT, Failure, make_namespace, run
from usage import cpu_ms_between, read_cpu

MAXIMUM_RATIO = 1.5
MAXIMUM_IDLE_PERCENT = 2
MAXIMUM_EVENT_MS = 20  # 99 of 100 times
EVENT_NAMESPACES = 10
SETTLE_SECONDS = 3


def add_namespaces(stack, count):
    """Make many namespaces in one go, which `stack` deletes; return their names."""
    names = [make_namespace(stack, "first")]
    names += [f"{names[0]}-{number}" for number in range(1, count)]
    run("ip", "-batch", "-", stdin="\n".join(f"netns add {name}" for name in names[1:]))
    stack.callback(run, "ip", "-batch", "-", stdin="\n".join(f"netns delete {name}" for name in names[1:]))
    return names


def add_pairs(near, names):
    """Make a veth pair from `near` into each of the namespaces, as where packets are routed to containers: both ends up, with
    an address. Vexport looks into others again and again."""
    lines = [f"link add veth{i} type veth peer name eth{i} netns {name}" for i, name in enumerate(names)]
    for i in range(len(names)):
        lines += [f"link set veth{i} up", f"address add 10.0.{i >> 8}.{i & 255}/32 dev veth{i}"]
    run("ip", "-n", near, "-batch", "-", stdin="\n".join(lines))
    for i, name in enumerate(names):
        run("ip", "-n", name, "link", "set", f"eth{i}", "up")


def start_watching_all(stack, namespace, path):
    """Start vexport and let it come to rest. Its page has the links of its own namespace, whatever else the machine has."""
    config = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".yaml"))
    config.write('links: {exclude: [{netns: "?*"}]}\n')
    config.flush()
    vexport = start_vexport(stack, namespace, path, "--config.file", config.name, namespaces="all")
    time.sleep(SETTLE_SECONDS)
    return vexport


def measure_scrapes(arguments):
    """Return the median CPU time of a scrape with many namespaces, and with one."""
    result = {}
    for name, count in (("many", arguments.namespaces), ("one", 1)):
        with contextlib.ExitStack() as stack:
            near = make_namespace(stack, "near")
            names = add_namespaces(stack, count)
            add_pairs(near, names * (arguments.namespaces // count))
            vexport = start_watching_all(stack, near, arguments.vexport)
            scrapes = Scrapes(vexport, "identity")
            scrape_in_turn([scrapes], arguments.scrapes)
            result[name] = {
                "namespaces": int(value(scrapes.body, "vexport_namespaces")),
                "series": len(samples(scrapes.body)),
                "cpu_ms": round(statistics.median(scrapes.cpu_ms), 3),
            }
    result["ratio"] = round(result["many"]["cpu_ms"] / result["one"]["cpu_ms"], 2)
    wrong = [] if result["ratio"] <= MAXIMUM_RATIO else [f"ratio {result['ratio']}, above {MAXIMUM_RATIO}"]
    return result, wrong


def measure_idle(arguments):
    """Return the share of a CPU that vexport takes when it is left alone."""
    with contextlib.ExitStack() as stack:
        near = make_namespace(stack, "near")
        add_pairs(near, add_namespaces(stack, arguments.namespaces))
        vexport = start_watching_all(stack, near, arguments.vexport)
        before, started = read_cpu(vexport.process.pid), time.monotonic()
        time.sleep(arguments.seconds)
        used = cpu_ms_between(before, read_cpu(vexport.process.pid))
        percent = round(used / (time.monotonic() - started) / 10, 2)
    wrong = [] if percent <= MAXIMUM_IDLE_PERCENT else [f"{percent} % of a CPU, above {MAXIMUM_IDLE_PERCENT} %"]
    return {"namespaces": arguments.namespaces, "seconds": arguments.seconds, "cpu_percent": percent}, wrong


class UnixConnection(http.client.HTTPConnection):
    """A connection to a unix socket."""

    def __init__(self, path):
        super().__init__("vexport", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def next_events(connection, last, wait):
    """Return the events after a number, which may be waited for, and the number of the last."""
    page = json.loads(get(connection, f"/api/v1/events?after={last}&wait={wait}"))["data"]
    return page["events"], page["last"]


def open_writers(stack, names):
    """Make a link in each namespace, and start an ip there that does what is written to it at once."""
    writers = []
    for name in names:
        run("ip", "-n", name, "link", "add", "ifb7", "type", "ifb")
        writer = subprocess.Popen(["ip", "-n", name, "-batch", "-"], stdin=subprocess.PIPE, text=True)
        stack.callback(writer.wait)
        stack.callback(writer.stdin.close)
        writers.append(writer)
    return writers


def measure_events(arguments):
    """Return how long it takes from a command until whoever waits has read its event over HTTP: more than the inventory
    takes."""
    latencies = []
    with contextlib.ExitStack() as stack:
        near = make_namespace(stack, "near")
        names = add_namespaces(stack, EVENT_NAMESPACES)
        path = f"{stack.enter_context(tempfile.TemporaryDirectory())}/socket"
        start_vexport(stack, near, arguments.vexport, "--socket", path, namespaces="all")
        writers = open_writers(stack, names)
        time.sleep(SETTLE_SECONDS)
        connection = UnixConnection(path)
        _, last = next_events(connection, 0, 0)
        for number in range(arguments.events):
            started = time.perf_counter()
            writer = writers[number % len(writers)]
            writer.stdin.write(f"link set ifb7 mtu {1000 + number}\n")
            writer.stdin.flush()
            seen = []
            while not any(event["type"] == "mtu_changed" for event in seen):
                seen, last = next_events(connection, last, 10)
                if time.perf_counter() - started > 10:
                    raise Failure("an event did not come in ten seconds")
            latencies.append((time.perf_counter() - started) * 1e3)
    ordered = sorted(latencies)
    p99 = round(ordered[int(len(ordered) * 0.99)], 2)
    wrong = [] if p99 <= MAXIMUM_EVENT_MS else [f"events are known after {p99} ms, above {MAXIMUM_EVENT_MS} ms"]
    return {"events": len(ordered), "p50_ms": round(statistics.median(ordered), 2), "p99_ms": p99}, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vexport", default=str(ROOT / ".build/release/vexport"), help="the program to measure")
    parser.add_argument("--namespaces", type=int, default=1000)
    parser.add_argument("--scrapes", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=65, help="with --idle: more than a minute has all that is done")
    parser.add_argument("--idle", action="store_true")
    parser.add_argument("--events", type=int, nargs="?", const=1000, help="how many of them")
    arguments = parser.parse_args()
    measure = measure_idle if arguments.idle else measure_events if arguments.events else measure_scrapes
    try:
        result, wrong = measure(arguments)
    except Failure as error:
        print(f"namespaces.py: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result, indent=2))
    for text in wrong:
        print(f"namespaces.py: {text}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
