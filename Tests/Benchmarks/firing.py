"""What alerts cost that go on firing: memory, the file, processor time, and what is written when one of them flaps."""

import pathlib
import tempfile
import time

from alerts import Receiver, Switch
from exporters import get, start_vexport
from lab import Failure, add_pairs, make_namespace, run
from report import Report, table
from usage import cpu_ms_between, read_cpu, resident_mb

# Of a change of one alert, whatever the number of the others.
WRITE_BOUND_KB = 100
RULE = "NoCarrier"


def written_bytes(pid):
    """Return how many bytes a process has written to disks."""
    fields = pathlib.Path(f"/proc/{pid}/io").read_text().split()
    return int(fields[fields.index("write_bytes:") + 1])


def wait_for_alerts(exporter, count):
    """Wait until so many alerts of the rule fire."""
    line = f'vexport_alerts{{alertname="{RULE}",state="firing"}} {count}'
    deadline = time.monotonic() + 60
    while line not in get(exporter.connection, "/metrics").decode():
        if time.monotonic() > deadline:
            raise Failure(f"not {count} alerts after a minute")
        time.sleep(0.2)


def measure(stack, arguments):
    """Let all but one of the near ends lose their carrier, and then that one over and over."""
    namespace = make_namespace(stack, "near")
    add_pairs(arguments.links, namespace, namespace)
    receiver = Receiver(stack, namespace)
    directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
    config = directory / "config.yaml"
    # With the interval of five minutes no message is sent while one flaps: what is written then is how far alerts are.
    # Findings are switched off: how many there are of what leads nowhere is not the question here.
    findings = ["VethPeerDown", "VethUnplumbed", "LinkFlapping", "MTUMismatch"]
    rules = [f"{{alert: {name}, enabled: false}}" for name in findings]
    config.write_text(f"""
storage: {{path: {directory}}}
rules: [{{alert: {RULE}, event: carrier_down, links: {{name: "veth*"}}}}, {", ".join(rules)}]
route: {{receiver: ops, group_wait: 1s}}
receivers: [{{name: ops, webhook: [{{url: "http://127.0.0.1:{receiver.port}/"}}]}}]
""", encoding="utf-8")
    exporter = start_vexport(
        stack, namespace, arguments.vexport, "--config.file", str(config), store=str(directory))
    pid = exporter.process.pid
    time.sleep(5)

    def used(seconds):
        """Return the CPU ms a second."""
        before = read_cpu(pid)
        time.sleep(seconds)
        return cpu_ms_between(before, read_cpu(pid)) / seconds

    memory, idle = [resident_mb(pid)[0]], [used(10)]
    standing = arguments.links - 1
    storm = read_cpu(pid)
    downs = "\n".join(f"link set peer{number} down" for number in range(1, arguments.links))
    run("ip", "-n", namespace, "-batch", "-", stdin=downs)
    wait_for_alerts(exporter, standing)
    time.sleep(5)  # all is told and stored
    storm_ms = cpu_ms_between(storm, read_cpu(pid))
    memory.append(resident_mb(pid)[0])
    idle.append(used(10))
    switch = Switch(stack, namespace, "peer0")
    before, written = read_cpu(pid), written_bytes(pid)
    for _ in range(arguments.seconds):
        switch.set(False)
        time.sleep(0.5)
        switch.set(True)
        time.sleep(0.5)
    flapping = cpu_ms_between(before, read_cpu(pid)) / arguments.seconds
    kilobytes = (written_bytes(pid) - written) / arguments.seconds / 1e3
    size = sum(file.stat().st_size for file in directory.glob("alerts.db*")) / 1e6
    figures = {
        "alerts": standing, "resident_anonymous_mb": memory, "idle_cpu_ms": idle, "storm_cpu_ms": storm_ms,
        "flapping_cpu_ms": flapping, "flapping_written_kb": kilobytes, "file_mb": size,
    }
    report = Report(
        table([
            (f"{arguments.links:,} links, {standing:,} alerts that fire", ""),
            ("MB anonymous before, with them", f"{memory[0]:.1f}", f"{memory[1]:.1f}"),
            ("CPU ms a second before, with them", f"{idle[0]:.2f}", f"{idle[1]:.2f}"),
            ("CPU ms of all beginning at once", f"{storm_ms:.0f}"),
            ("CPU ms a second while one more flaps", f"{flapping:.2f}"),
            ("kB written a second while one more flaps", f"{kilobytes:.0f}"),
            ("MB of alerts.db and its log", f"{size:.1f}"),
        ]), figures)
    report.require(
        kilobytes < WRITE_BOUND_KB, f"{kilobytes:.0f} kB are written for one flapping alert, above {WRITE_BOUND_KB}")
    return report
