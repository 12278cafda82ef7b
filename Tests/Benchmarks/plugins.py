"""What plugins cost: how fast one that runs all the time answers, what fifty take of a core, and what hostile ones do to
scrapes."""

import os
import pathlib
import re
import signal
import statistics
import tempfile
import time

from exporters import get, start_vexport
from lab import PREFIX, ROOT, add_pairs, make_namespace, run
from report import Report, table
from usage import read_cpu

ROUND_TRIP_BOUND_MS = 2
FIFTY = 50
CORE_BOUND_PERCENT = 2
SLOWER_BOUND_PERCENT = 10
ROUNDS = 5
SCRAPES = 400
PAUSE_SECONDS = 0.03
HOSTILE_INTERVAL = "5s"  # a third of the default
TICK = os.sysconf("SC_CLK_TCK")

# In Python, of those that run all the time.
HELLO = "import json, signal, sys, time\nsys.stdin.readline()\n"
SAY_HELLO = HELLO + 'print(json.dumps({"type": "hello", "protocol": 1}), flush=True)\n'
HOSTILE = {
    "hang": "exec sleep 600",
    "crash": "kill -SEGV $$",
    "flood": "exec cat /dev/zero",
    "rubbish": "exec head -c 500000 /dev/urandom",
    "half": "printf 'half 1\\nhal'",
    "many": "seq -f 'many{n=\"%.0f\"} 1' 20000",
    "twice": "yes 'twice 1' | head -n 20000",
    "leak": "setsid sleep 600 > /dev/null 2>&1 & setsid sleep 600 > /dev/null 2>&1 & echo 'leaks 1'",
    "deaf": "trap '' TERM; while :; do sleep 1; done",
    "stream_hang": HELLO + "time.sleep(600)",
    "stream_flood": SAY_HELLO + "while True: print()",
    "stream_long": SAY_HELLO + "while True: print('x' * 65536, end='')",
    "stream_late": SAY_HELLO + "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "for line in sys.stdin:\n time.sleep(1.5)\n"
    " print(json.dumps({'type': 'result', 'id': json.loads(line)['id'], 'text': ''}), flush=True)",
    "stream_foreign": SAY_HELLO + "for line in sys.stdin:\n"
    " for number in range(90): print(json.dumps({'type': 'result', 'id': number, 'text': 'x 1\\n'}), flush=True)",
    "stream_close": SAY_HELLO + "sys.stdin.close(); time.sleep(600)",
}


class Site:
    """A daemon whose configuration changes while it runs."""

    def __init__(self, stack, arguments):
        self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX))
        os.chmod(self.directory, 0o755)
        namespace = make_namespace(stack, "near")
        add_pairs(arguments.links // 2, namespace, namespace)
        self.config = pathlib.Path(self.directory) / "config.yaml"
        self.config.write_text("")
        self.daemon = start_vexport(stack, namespace, arguments.vexport, "--config.file", str(self.config))
        library = f"{self.directory}/softnet.so"
        run("cc", "-shared", "-fPIC", "-O2", f"-I{ROOT}/packaging/include", "-o", library,
            str(ROOT / "examples/plugins/softnet.c"))
        self.library = library
        time.sleep(3)  # the first ticks still take memory

    def write(self, name, text):
        """Write a program and return its path."""
        path = pathlib.Path(self.directory) / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def use(self, plugins):
        """Have the daemon run these plugins, and no others."""
        self.config.write_text(
            "sampling: {max_age: 10ms}\nplugins:\n" + "".join(f"  - {{{plugin}}}\n" for plugin in plugins) if plugins
            else "sampling: {max_age: 10ms}\n")
        self.daemon.process.send_signal(signal.SIGHUP)
        time.sleep(3)

    def page(self):
        """Scrape."""
        return get(self.daemon.connection, "/metrics").decode()

    def cpu_seconds(self):
        """What the daemon has used, and what it and its children have, those that have ended too."""
        pid = self.daemon.process.pid
        own = read_cpu(pid).clock / 1e9
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ended = (int(fields[13]) + int(fields[14])) / TICK
        children = (child for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children")
                    for child in path.read_text().split())
        return own, own + ended + sum(read_cpu(int(child)).clock for child in children) / 1e9


def measure_round_trips(site, seconds, report):
    """Ask five libraries once a second."""
    site.use([f"name: p{number}, library: {site.library}, interval: 1s, timeout: 1s" for number in range(5)])
    times = []
    for _ in range(seconds):
        times += [float(found) * 1e3 for found in re.findall(r"vexport_plugin_duration_seconds{.*} (\S+)", site.page())]
        time.sleep(1)
    slowest = statistics.quantiles(times, n=100)[98]
    report.lines += table([
        (f"request to answer, 5 plugins, {len(times)} answers", "ms"),
        ("median", f"{statistics.median(times):.2f}"), ("99th percentile", f"{slowest:.2f}")])
    report.figures["round_trip_ms"] = {"median": statistics.median(times), "p99": slowest, "answers": len(times)}
    report.require(slowest < ROUND_TRIP_BOUND_MS, f"an answer takes {slowest:.2f} ms, above {ROUND_TRIP_BOUND_MS}")


def measure_fifty(site, seconds, report):
    """Compare the CPU time with fifty plugins and with none, scraped every 15 s."""
    shell = site.write("shell", "#!/bin/sh\necho \"$VEXPORT_PLUGIN 1\"\n")
    kinds = {
        "none": [],
        "stream": [f"name: p{number}, library: {site.library}" for number in range(FIFTY)],
        "interval": [f"name: p{number}, command: [{shell}]" for number in range(FIFTY)],
    }
    rows = [(f"CPU over {seconds} s, a scrape every 15 s", "vexport %", "with children %")]
    used = {}
    for kind, plugins in kinds.items():
        site.use(plugins)
        time.sleep(5)
        before = site.cpu_seconds()
        for _ in range(seconds // 15):
            time.sleep(15)
            site.page()
        used[kind] = [(after - was) / seconds * 100 for was, after in zip(before, site.cpu_seconds())]
        rows.append((f"{len(plugins)} plugins, {kind}", *(f"{share:.2f}" for share in used[kind])))
    report.lines += table(rows)
    report.figures["core_percent"] = used
    more = used["stream"][1] - used["none"][1]
    report.require(
        more < CORE_BOUND_PERCENT, f"{FIFTY} plugins take {more:.2f} % of a core, above {CORE_BOUND_PERCENT}")


def measure_hostile(site, report):
    """Scrape with hostile plugins and without, in turn."""
    plugins = []
    for name, text in HOSTILE.items():
        is_stream = name.startswith("stream")
        path = site.write(name, ("#!/usr/bin/env python3\n" if is_stream else "#!/bin/sh\n") + text + "\n")
        mode = "stream" if is_stream else "interval"
        plugins.append(f"name: {name}, command: [{path}], mode: {mode}, interval: {HOSTILE_INTERVAL}, timeout: 1s")
    times = {"without": [], "with": []}
    for _ in range(ROUNDS):
        for kind, chosen in (("without", []), ("with", plugins)):
            site.use(chosen)
            for _ in range(SCRAPES):
                started = time.perf_counter()
                body = site.page()
                times[kind].append((time.perf_counter() - started) * 1e3)
                time.sleep(PAUSE_SECONDS)
    down = re.findall(r'vexport_plugin_up{plugin="(.*)"} 0', body)
    slowest = {kind: statistics.quantiles(values, n=100)[98] for kind, values in times.items()}
    slower = (slowest["with"] / slowest["without"] - 1) * 100
    report.lines += table([
        (f"a scrape, {ROUNDS * SCRAPES} of each", "median ms", "p99 ms"),
        *((f"{kind} {len(plugins)} hostile plugins", f"{statistics.median(values):.2f}", f"{slowest[kind]:.2f}")
          for kind, values in times.items())])
    report.figures["hostile"] = {"p99_ms": slowest, "slower_percent": slower, "down": down}
    report.require(slower < SLOWER_BOUND_PERCENT, f"scrapes take {slower:.1f} % longer, above {SLOWER_BOUND_PERCENT}")
    report.require(len(down) >= 8, f"only {down} are told as down")


def measure(stack, arguments):
    """Measure all three."""
    site = Site(stack, arguments)
    report = Report([], {"links": arguments.links}, [])
    measure_round_trips(site, arguments.seconds, report)
    measure_fifty(site, arguments.seconds, report)
    measure_hostile(site, report)
    site.use([])
    return report
