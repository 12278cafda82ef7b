"""Prometheus and the daemons that it scrapes, all of this machine's own, in the network namespace of the caller."""
import http.server
import json
import pathlib
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

PROMETHEUS = "http://127.0.0.1:9090"
GOOD, POOR, GONE = 10119, 10120, 10121
RECEIVER = 9000
NOBODY = "65534"
DESCRIPTORS = 48

GOOD_CONFIG = f"""
links: {{detail: full}}
storage: {{path: %s}}
rules: [{{alert: NoCarrier, value: vexport_link_carrier, below: 1, for: 1h}}]
route:
  receiver: ops
  group_by: [...]
  group_wait: 0s
  routes:
    - {{receiver: gone, matchers: ['alertname="LinkFlapping"']}}
    - {{receiver: strict, matchers: ['alertname="VethPeerDown"']}}
receivers:
  - {{name: ops, webhook: [{{url: "http://127.0.0.1:{RECEIVER}/"}}]}}
  - {{name: gone, webhook: [{{url: "http://127.0.0.1:{GONE}/"}}]}}
  - {{name: strict, webhook: [{{url: "http://127.0.0.1:{RECEIVER}/refuse"}}]}}
"""
# Of a user who may nothing, has few descriptors and no place for its alerts.
POOR_CONFIG = f"""
links: {{series_budget: 60}}
storage: {{path: /dev/null/nothing}}
route: {{receiver: ops}}
receivers: [{{name: ops, webhook: [{{url: "http://127.0.0.1:{RECEIVER}/"}}]}}]
"""


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes all alerts, but refuses those that are sent to /refuse."""

    def do_POST(self):
        """Answer one notification."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(400 if self.path == "/refuse" else 200)
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


class Stack:
    """All of it, until `stack` ends it."""

    def __init__(self, stack, vexport, folder, rules):
        self.stack, self.vexport, self.folder = stack, vexport, pathlib.Path(folder)
        receiver = http.server.ThreadingHTTPServer(("127.0.0.1", RECEIVER), Receiver)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        stack.callback(receiver.shutdown)
        self.folder.chmod(0o755)
        (self.folder / "good.yaml").write_text(GOOD_CONFIG % self.folder)
        (self.folder / "poor.yaml").write_text(POOR_CONFIG)
        self.refuse = self.folder / "refuse.so"
        source = pathlib.Path(__file__).with_name("refuse.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-o", self.refuse, source, "-lmnl"], check=True)
        self.good = self.daemon("good", GOOD)
        self.poor = self.start_poor()
        for name, text in rules.items():
            (self.folder / name).write_text(text)
        (self.folder / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": list(rules),
            "scrape_configs": [{
                "job_name": "vexport",
                "static_configs": [
                    {"targets": [f"127.0.0.1:{port}"], "labels": {"instance": name}}
                    for name, port in (("host1", GOOD), ("host2", POOR), ("host3", GONE))
                ],
            }],
        }))
        self.begin = time.time()
        self.spawn(
            "prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
            "--web.listen-address=127.0.0.1:9090", "--log.level=warn")

    def spawn(self, *command):
        """A process that `stack` ends. What it says goes into a file."""
        log = self.stack.enter_context(open(self.folder / f"{pathlib.Path(command[0]).name}.log", "ab"))
        process = subprocess.Popen(command, stdout=log, stderr=log)
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process

    def daemon(self, name, port, *prefix):
        """A vexport with the configuration of that name."""
        return self.spawn(
            *prefix, self.vexport, "serve", f"--config.file={self.folder}/{name}.yaml", "--socket", "",
            f"--web.listen-address=127.0.0.1:{port}")

    def start_poor(self):
        """The vexport that is badly off."""
        return self.daemon(
            "poor", POOR, "env", f"LD_PRELOAD={self.refuse}", f"VEXPORT_REFUSE={self.folder}/refused",
            "prlimit", f"--nofile={DESCRIPTORS}", "setpriv", f"--reuid={NOBODY}", "--clear-groups", "--inh-caps=-all")

    def restart_poor(self):
        """Have it be another process."""
        self.poor.kill()
        self.poor.wait()
        self.poor = self.start_poor()

    def overrun(self, make_events):
        """Keep it from reading while more happens than its buffer for events holds."""
        self.poor.send_signal(signal.SIGSTOP)
        make_events()
        self.poor.send_signal(signal.SIGCONT)

    def break_configuration(self):
        """Have it read a configuration with a mistake."""
        (self.folder / "poor.yaml").write_text("sampling: {intervall: 1s}\n")
        self.poor.send_signal(signal.SIGHUP)

    def refuse_counters(self):
        """Have the kernel seem to refuse its requests for counters."""
        (self.folder / "refused").touch()

    def age(self):
        """Seconds since the start."""
        return time.time() - self.begin

    @staticmethod
    def is_ready():
        """Whether Prometheus answers."""
        try:
            with urllib.request.urlopen(f"{PROMETHEUS}/-/ready"):
                return True
        except urllib.error.URLError:
            return False

    @staticmethod
    def ask(path, **parameters):
        """What Prometheus answers, or its error."""
        try:
            with urllib.request.urlopen(f"{PROMETHEUS}/api/v1/{path}?{urllib.parse.urlencode(parameters)}") as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error)["error"]) from error

    def latest(self, expression):
        """The series that an expression has now, as (labels, value)."""
        return [
            (series["metric"], float(series["value"][1]))
            for series in self.ask("query", query=expression)["result"] if series["value"][1] != "NaN"
        ]

    def history(self, expression, step=1):
        """The series that an expression had since the start, as (labels, [(time, value)])."""
        found = self.ask("query_range", query=expression, start=self.begin, end=time.time(), step=step)["result"]
        series = [(one["metric"], [(at, float(value)) for at, value in one["values"] if value != "NaN"]) for one in found]
        return [one for one in series if one[1]]

    def label_values(self, query):
        """What Grafana makes of label_values(SERIES, LABEL)."""
        selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", query).groups()
        return sorted({labels[label] for labels, _ in self.latest(selector) if label in labels})

    def fired(self):
        """The names of all alerts that have fired."""
        return {labels["alertname"] for labels, _ in self.history('ALERTS{alertstate="firing"}')}
