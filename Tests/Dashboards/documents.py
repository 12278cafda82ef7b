"""What can be told of dashboards and rules without running them."""
import re
import subprocess

import yaml

from boards import OUT, ROOT, expressions, panels

# What Prometheus says of its targets and rules.
PROMETHEUS_OWN = {"up", "scrape_duration_seconds", "scrape_samples_scraped", "ALERTS"}
NAME = re.compile(r"(?<![\w:])(?:(?:vexport|process|scrape)_\w+|instance_\w+:[\w:]+|up\b|ALERTS\b)")
UNITS = {"none", "s", "bps", "pps", "cps", "bytes", "percentunit", "string"}


def rules():
    """All rules by what they are called."""
    loaded = [yaml.safe_load((OUT / f"{name}.yaml").read_text()) for name in ("alerts", "rules")]
    return {
        rule.get("alert") or rule["record"]: rule for file in loaded for group in file["groups"] for rule in group["rules"]}


def catalogue(vexport):
    """The names of all metrics."""
    tables = subprocess.run([vexport, "metrics", "--catalogue"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return set(re.findall(r"^\| `(\w+)`", tables, re.M))


def metrics(expression):
    """The metrics that an expression reads. What is in quotes or braces is not one."""
    return set(NAME.findall(re.sub(r'"[^"]*"|\{[^}]*\}', "", expression)))


def unknown_metrics(boards, vexport):
    """Each metric that nothing has, and where it is used."""
    known = catalogue(vexport) | PROMETHEUS_OWN | {rule["record"] for rule in rules().values() if "record" in rule}
    used = [(f"{name}: {place}", expression) for name, board in boards.items() for place, expression in expressions(board)]
    used += [(f"rule {name}", rule["expr"]) for name, rule in rules().items()]
    for place, expression in used:
        found = metrics(expression)
        if not found:
            yield f"{place} reads no metric: {expression}"
        yield from (f"{place}: {metric} is no metric" for metric in found - known)


def anchors(document):
    """The sections of a page of docs/, as links call them."""
    headings = re.findall(r"^#+ (.*)$", (ROOT / document).read_text(), re.M)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def unexplained(classes):
    """Each alert whose runbook is no section of the documentation. A finding's depends on its class."""
    for name, rule in rules().items():
        if "alert" in rule:
            document, section = rule["annotations"]["runbook"].split("#")
            for one in classes if "$labels.class" in section else [section]:
                if one not in anchors(document):
                    yield f"{name}: {document} has no section {one}"


def untested():
    """Each rule that no unit test asks for."""
    files = [yaml.safe_load(path.read_text()) for path in (ROOT / "dashboards/tests").glob("*.yaml")]
    tests = [test for file in files for test in file["tests"]]
    asked = {one["alertname"] for test in tests for one in test.get("alert_rule_test", []) if one["exp_alerts"]}
    asked |= {one["expr"] for test in tests for one in test.get("promql_expr_test", []) if one["exp_samples"]}
    yield from (f"no test of dashboards/tests has {name}" for name in rules().keys() - asked)


def careless(boards):
    """Panels without a unit or description, overlapping ones, and links that lead nowhere."""
    uids = {board["uid"] for board in boards.values()}
    if len(uids) != len(boards):
        yield "two dashboards have one uid"
    for name, board in boards.items():
        cells = set()
        for panel in panels(board):
            where = f"{name}: {panel['title']!r}"
            if not panel["description"].endswith("."):
                yield f"{where} has no description"
            if panel["fieldConfig"]["defaults"]["unit"] not in UNITS:
                yield f"{where}: {panel['fieldConfig']['defaults']['unit']} is no unit that is used elsewhere"
            place = panel["gridPos"]
            taken = {
                (x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            if taken & cells or place["x"] + place["w"] > 24:
                yield f"{where} lies on another panel or over the edge"
            cells |= taken
            for uid in re.findall(r'/d/([\w-]+)', str(panel)):
                if uid not in uids:
                    yield f"{where} leads to {uid}, which is no dashboard"


def faults(boards, vexport):
    """All of it, but for what findings' classes there are."""
    yield from careless(boards)
    yield from unknown_metrics(boards, vexport)
    yield from untested()
