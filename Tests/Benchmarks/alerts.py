"""How long it takes from a veth's lost carrier to the webhook's request, with group_wait 0 and a drop every two seconds."""

import fcntl
import http.server
import json
import socket
import statistics
import struct
import tempfile
import threading
import time

from exporters import start_vexport
from lab import Failure, add_pairs, inside, make_namespace
from report import Report, table

BOUND_MS = 100
PERIOD_SECONDS = 2
RULE = "NoCarrier"
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


class Receiver:
    """A webhook in a namespace, which notes when it was told that the rule's alert fires or is over.

    It hears of more: the pairs' second ends lead nowhere, which is a finding.
    """

    def __init__(self, stack, namespace):
        self.told = {"firing": [], "resolved": []}
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                now = time.monotonic()
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                if body["groupLabels"]["alertname"] == RULE:
                    receiver.told[body["status"]].append(now)

            def log_message(self, *_):
                pass

        with inside(namespace):
            self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        stack.callback(self.server.shutdown)

    def wait(self, status, count):
        """Wait until it was told so often of one status; return when that was, the last time."""
        deadline = time.monotonic() + 10
        while len(self.told[status]) < count:
            if time.monotonic() > deadline:
                raise Failure(f"told {len(self.told[status])} times of {status}, not {count}")
            time.sleep(0.005)
        return self.told[status][count - 1]


class Switch:
    """Takes a link up and down, by a call that takes microseconds."""

    def __init__(self, stack, namespace, link):
        with inside(namespace):
            self.socket = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.link = link.encode()

    def set(self, is_up):
        """Do it; return when it was asked for."""
        request = fcntl.ioctl(self.socket, SIOCGIFFLAGS, struct.pack("16sh14x", self.link, 0))
        flags = struct.unpack("16sh14x", request)[1]
        flags = flags | IFF_UP if is_up else flags & ~IFF_UP
        now = time.monotonic()
        fcntl.ioctl(self.socket, SIOCSIFFLAGS, struct.pack("16sh14x", self.link, flags))
        return now


def measure(stack, arguments):
    """Drop the carrier of one of many links over and over."""
    namespace = make_namespace(stack, "near")
    add_pairs(arguments.links // 2, namespace, namespace)
    receiver = Receiver(stack, namespace)
    directory = stack.enter_context(tempfile.TemporaryDirectory())
    config = f"""
storage: {{path: {directory}}}
rules: [{{alert: {RULE}, event: carrier_down, links: {{name: veth0}}}}, {{alert: LinkFlapping, enabled: false}}]
route: {{receiver: ops, group_wait: 0s, group_interval: 1s}}
receivers: [{{name: ops, webhook: [{{url: "http://127.0.0.1:{receiver.port}/"}}]}}]
"""
    with open(f"{directory}/config.yaml", "w", encoding="utf-8") as file:
        file.write(config)
    start_vexport(stack, namespace, arguments.vexport, "--config.file", file.name)
    switch = Switch(stack, namespace, "peer0")
    time.sleep(3)  # the first ticks still take memory
    delays = []
    for count in range(1, arguments.seconds // PERIOD_SECONDS + 1):
        dropped = switch.set(False)
        delays.append((receiver.wait("firing", count) - dropped) * 1e3)
        switch.set(True)
        receiver.wait("resolved", count)
        time.sleep(max(0, dropped + PERIOD_SECONDS - time.monotonic()))
    # Of fewer than a hundred, the 99th percentile is the worst.
    worst = max(delays) if len(delays) < 100 else statistics.quantiles(delays, n=100)[98]
    rows = (
        (f"drop to request, {arguments.links:,} links, {len(delays)} drops", "ms"),
        ("median", f"{statistics.median(delays):.2f}"),
        ("99th percentile", f"{worst:.2f}"),
    )
    report = Report(table(rows), {"links": arguments.links, "delays_ms": [round(delay, 3) for delay in delays]})
    report.require(worst < BOUND_MS, f"a drop is told after {worst:.1f} ms, above {BOUND_MS}")
    return report
