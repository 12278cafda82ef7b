"""Reads dashboards, and does to their expressions what Grafana does before it asks Prometheus."""
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "dashboards/out"


def load():
    """All dashboards by their file's name."""
    return {path.name: json.loads(path.read_text()) for path in sorted(OUT.glob("*.json"))}


def panels(board):
    """Those that show something, rows left out."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def variables(board):
    """The query variables, in their order."""
    return [one for one in board["templating"]["list"] if one["type"] == "query"]


def expressions(board):
    """Every expression of a dashboard, with where it is."""
    for panel in panels(board):
        for target in panel["targets"]:
            yield f"panel {panel['title']!r}, query {target['refId']}", target["expr"]
    for one in variables(board):
        yield f"variable {one['name']}", one["definition"]
    for annotation in board["annotations"]["list"]:
        yield f"annotation {annotation['name']}", annotation["expr"]


def filled(expression, values, interval="5s"):
    """An expression with values in the place of variables."""
    values = {"__rate_interval": interval, **values}
    return re.sub(r"\$([a-z_]+)", lambda match: values[match[1]], expression)  # and not $1 of label_replace


def legend(template, labels):
    """What Grafana calls a series."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: labels.get(match[1], ""), template).strip()


def legend_labels(target):
    """The labels that a series' name is made of."""
    return set(re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")))


def columns(panel):
    """The labels that a table shows."""
    names = panel["transformations"][-1]["options"]["renameByName"]
    return {name for name in names if not name.startswith("Value")}
