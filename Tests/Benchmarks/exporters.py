"""The exporters under measurement: started in a namespace, scraped over a connection that is kept."""

import gzip
import http.client
import os
import random
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

from lab import PREFIX, Failure, inside
from usage import cpu_ms_between, read_cpu

VEXPORT_PORT = 10119
NODE_EXPORTER_PORT = 9100
SETTLE_SECONDS = 0.05  # what a scrape leaves to be done after its last byte counts as its cost
PAUSE_SECONDS = (0.3, 0.4)  # over sampling.max_age (250 ms), so that scrapes do not share a tick
WARM_UP_SCRAPES = 3


@dataclass
class Exporter:
    """A running exporter and the connection it is scraped over."""

    name: str
    process: subprocess.Popen
    connection: http.client.HTTPConnection


@dataclass
class Scrapes:
    """The scrapes of an exporter in one coding, and what they cost."""

    exporter: Exporter
    coding: str  # identity or gzip
    cpu_ms: list = field(default_factory=list)
    wall_ms: list = field(default_factory=list)
    packed_bytes: int = 0
    body: str = ""


def start(stack, name, namespace, port, ready, command, environment=None):
    """Start an exporter in a namespace and wait until it answers the path `ready`; `stack` ends it."""
    log = stack.enter_context(tempfile.TemporaryFile("w+"))
    # ip becomes the command it runs, so the process id is the exporter's.
    command = ["ip", "netns", "exec", namespace, *command]
    process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **(environment or {})})
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


def start_vexport(stack, namespace, path, *options, namespaces="own", environment=None, store=None):
    """Start vexport with default settings but for `options` and the place of its history; it watches its own namespace only
    unless told otherwise."""
    command = [path, "serve", "--web.listen-address", f"127.0.0.1:{VEXPORT_PORT}", "--socket", ""]
    store = store or stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX))
    stack.callback(shutil.rmtree, "/run/vexport/history" + store.replace("/", "-"), ignore_errors=True)
    command += ["--storage.path", store, "--links.namespaces", namespaces, *options]
    return start(stack, "vexport", namespace, VEXPORT_PORT, "/-/ready", command, environment)


def everything(stack):
    """Write a configuration that leaves no series out, as node_exporter does not; return its path."""
    config = stack.enter_context(tempfile.NamedTemporaryFile("w", suffix=".yaml"))
    config.write("links: {detail: full, series_budget: 10000000}\n")
    config.flush()
    return config.name


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


def get(connection, path, coding="identity"):
    """Ask for a page in a coding and return its body as it comes."""
    connection.putrequest("GET", path, skip_accept_encoding=True)
    if coding != "identity":
        connection.putheader("Accept-Encoding", coding)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        connection.close()
        raise Failure(f"GET {path}: {response.status} {response.reason}")
    if response.getheader("Content-Encoding", "identity") != coding:
        raise Failure(f"GET {path}: not in the coding {coding}")
    return body


def scrape(scrapes):
    """Scrape once and note the cost."""
    exporter = scrapes.exporter
    before = read_cpu(exporter.process.pid)
    started = time.perf_counter()
    body = get(exporter.connection, "/metrics", scrapes.coding)
    scrapes.wall_ms.append((time.perf_counter() - started) * 1e3)
    time.sleep(SETTLE_SECONDS)
    scrapes.cpu_ms.append(cpu_ms_between(before, read_cpu(exporter.process.pid)))
    scrapes.packed_bytes = len(body)
    scrapes.body = (gzip.decompress(body) if scrapes.coding == "gzip" else body).decode()


def scrape_in_turn(kinds, count, before_each=lambda: None):
    """Make the kinds of scrapes in turn, so that whatever else the machine does falls on all; forget the warm-up."""
    for round_ in range(WARM_UP_SCRAPES + count):
        for scrapes in kinds:
            if round_ == WARM_UP_SCRAPES:
                scrapes.cpu_ms.clear()
                scrapes.wall_ms.clear()
            before_each()
            time.sleep(random.uniform(*PAUSE_SECONDS))
            scrape(scrapes)


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
