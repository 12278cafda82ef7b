"""Draws a dashboard as SVG from what its own queries returned, so that people see it without Grafana."""
import collections
import html

from boards import filled, legend

COLUMN, ROW, GAP = 50, 30, 6
COLOURS = ("#7eb26d", "#eab839", "#6ed0e0", "#ef843c", "#e24d42", "#1f78c1", "#ba43a9", "#705da0", "#508642", "#cca300")
NAMED = {"green": "#299c46", "red": "#d44a3a", "orange": "#ed8128", "yellow": "#eab839", "text": "#3b3f46"}
STYLE = (
    "text{font:12px sans-serif;fill:#3b3f46}.t{font-weight:bold}.s{font-size:10px;fill:#7b8087}.n{font-size:26px}"
    ".h{font-size:14px;font-weight:bold}.p{fill:#fff;stroke:#d8dce1}.g{stroke:#e8eaee}.l{fill:none;stroke-width:1.5}")
TEXT_WIDTH = 7  # of a letter, about


def shown(value, unit):
    """A number as people read it."""
    if unit == "percentunit":
        return f"{value * 100:.3g} %"
    if unit == "none":
        return f"{value:.6g}"
    if unit == "s" and abs(value) >= 1:
        return f"{value:.3g} s"
    steps = [(1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki")] if unit == "bytes" else [(1e9, "G"), (1e6, "M"), (1e3, "k")]
    steps += [(1, "")] + [(1e-3, "m"), (1e-6, "µ")] * (unit == "s")
    factor, letter = next((step for step in steps if abs(value) >= step[0]), (1, ""))
    suffix = {"bps": "b/s", "bytes": "B", "pps": "p/s", "cps": "/s", "s": "s"}.get(unit, "")
    return f"{value / factor:.3g} {letter}{suffix}".rstrip()


def word(value, defaults):
    """What a value is called and coloured: by words, else by thresholds."""
    for mapping in defaults.get("mappings", []):
        found = mapping["options"].get(f"{value:g}")
        if found:
            return found["text"], NAMED[found["color"]]
    steps = [step for step in defaults.get("thresholds", {}).get("steps", []) if step["value"] is None or value >= step["value"]]
    return shown(value, defaults.get("unit", "none")), NAMED[steps[-1]["color"] if steps else "text"]


def text(x, y, content, style="", anchor="start", colour=None, width=None):
    """A text, cut to a width."""
    if width is not None and len(content) * TEXT_WIDTH > width:
        content = content[:max(1, int(width / TEXT_WIDTH) - 1)] + "…"
    fill = f' style="fill:{colour}"' if colour else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" class="{style}" text-anchor="{anchor}"{fill}>{html.escape(content)}</text>'


def stacked(series):
    """Each line on top of those before it."""
    sums = collections.Counter()
    for name, points in series:
        sums.update(dict(points))
        yield name, [(at, sums[at]) for at, _ in points]


class Picture:
    """One dashboard, for one choice of its variables' values."""

    def __init__(self, stack, board, values):
        self.stack, self.board, self.values = stack, board, values

    def svg(self):
        """All of it."""
        parts = [part for panel in self.board["panels"] for part in self.panel(panel)]
        height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in self.board["panels"]) * ROW + 40
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {24 * COLUMN} {height}" width="{24 * COLUMN}">',
            f"<style>{STYLE}</style>", '<rect width="100%" height="100%" fill="#f4f5f7"/>',
            text(8, 24, self.board["title"], "h"), '<g transform="translate(0,36)">', *parts, "</g>", "</svg>", ""])

    def panel(self, panel):
        """One panel, or the heading of a row."""
        place = panel["gridPos"]
        x, y, width, height = place["x"] * COLUMN, place["y"] * ROW, place["w"] * COLUMN, place["h"] * ROW
        if panel["type"] == "row":
            return [text(8, y + 20, filled(panel["title"], self.values), "h")]
        draw = {"timeseries": self.lines, "stat": self.stat, "table": self.table, "state-timeline": self.states}
        inner = (width - 2 * GAP, height - 2 * GAP)
        return [
            f'<g transform="translate({x + GAP},{y + GAP})">', f'<rect class="p" width="{inner[0]}" height="{inner[1]}"/>',
            text(8, 16, panel["title"], "t", width=inner[0] - 12), *draw[panel["type"]](panel, *inner), "</g>"]

    def latest(self, target):
        """What a query returns now."""
        return self.stack.latest(filled(target["expr"], self.values))

    def history(self, panel):
        """The lines of all queries of a panel, each with its name."""
        step = max(1, int(self.stack.age() / 50))
        return [
            (legend(target["legendFormat"], labels), points) for target in panel["targets"]
            for labels, points in self.stack.history(filled(target["expr"], self.values), step)]

    def stat(self, panel, width, height):
        """A number, a word, or a label."""
        found = self.latest(panel["targets"][0])
        if not found:
            return [text(width / 2, height / 2 + 20, panel["fieldConfig"]["defaults"]["noValue"], "n", "middle")]
        content, colour = word(found[0][1], panel["fieldConfig"]["defaults"])
        if panel["options"]["textMode"] == "name":
            content, colour = legend(panel["targets"][0]["legendFormat"], found[0][0]) or "-", None
        return [text(width / 2, height / 2 + 20, content, "n", "middle", colour)]

    def lines(self, panel, width, height):
        """Lines, stacked or mirrored as the panel says, between the axis' ends, and what they are called."""
        series = self.history(panel)
        defaults = panel["fieldConfig"]["defaults"]
        mirrored = {
            name for name, _ in series for override in panel["fieldConfig"]["overrides"]
            if name.endswith(override["matcher"]["options"].removeprefix(".*"))}
        if defaults["custom"]["stacking"]["mode"] == "normal":
            series = stacked(series)
        series = [(name, [(at, -value if name in mirrored else value) for at, value in points]) for name, points in series]
        values = [value for _, points in series for _, value in points] or [0]
        low, high = min(0, *values), max(0, *values) or 1
        left, top, right, bottom = 56, 28, width - 10, height - 34
        begin = min((points[0][0] for _, points in series), default=0)
        end = max((points[-1][0] for _, points in series), default=0) + 1

        def place(at, value):
            across = left + (at - begin) / (end - begin) * (right - left)
            return f"{across:.0f},{bottom - (value - low) / (high - low) * (bottom - top):.0f}"

        levels = {value: place(begin, value).split(",")[1] for value in (low, high)}
        if high > 0.1 * (high - low) and low:
            levels[0] = place(begin, 0).split(",")[1]
        for value, level in levels.items():
            yield f'<path class="g" d="M{left},{level}H{right:.0f}"/>'
            yield text(left - 4, float(level) + 4, shown(abs(value), defaults["unit"]), "s", "end")
        across = left
        for number, (name, points) in enumerate(series):
            colour = COLOURS[number % len(COLOURS)]
            yield f'<polyline class="l" stroke="{colour}" points="{" ".join(place(*point) for point in points)}"/>'
            length = 24 + len(name) * TEXT_WIDTH
            if across + length < width:
                yield f'<rect x="{across:.0f}" y="{height - 16}" width="10" height="4" fill="{colour}"/>'
                yield text(across + 14, height - 10, name, "s")
                across += length

    def states(self, panel, width, height):
        """A bar for each series, in the colours of its states."""
        series = self.history(panel)
        size = min(26, (height - 36) / max(1, len(series)))
        begin, end = min((points[0][0] for _, points in series), default=0), self.stack.begin + self.stack.age()
        for number, (name, points) in enumerate(series):
            y = 28 + number * size
            yield text(8, y + size / 2 + 4, name, "s", width=90)
            ends = [at for at, _ in points[1:]] + [end]
            for (at, value), until in zip(points, ends):
                across = [100 + (one - begin) / (end - begin) * (width - 110) for one in (at, until)]
                yield (f'<rect x="{across[0]:.0f}" y="{y:.0f}" width="{across[1] - across[0] + 1:.0f}" height="{size - 4:.0f}"'
                       f' fill="{word(value, panel["fieldConfig"]["defaults"])[1]}"/>')

    def table(self, panel, width, height):
        """As many rows as there is room for."""
        names = panel["transformations"][-1]["options"]["renameByName"]
        order = panel["transformations"][-1]["options"]["indexByName"]
        columns = sorted(names, key=order.get)
        special = {one["matcher"]["options"]: {p["id"]: p["value"] for p in one["properties"]}
                   for one in panel["fieldConfig"]["overrides"]}
        rows = {}
        for target in panel["targets"]:
            value = "Value" if len(panel["targets"]) == 1 else f"Value #{target['refId']}"
            for labels, number in self.latest(target):
                key = tuple(labels.get(label, "") for label in ("instance", "netns", "device", "collector", "feature", "class"))
                rows.setdefault(key, {}).update({**labels, value: number})
        step = (width - 16) / len(columns)
        for number, column in enumerate(columns):
            yield text(8 + number * step, 36, names[column], "t", width=step - 10)
        for line, row in enumerate(sorted(rows.items())[:int((height - 44) / 18)]):
            for number, column in enumerate(columns):
                content, colour = row[1].get(column, ""), None
                if isinstance(content, float):
                    content, colour = word(content, special.get(names[column], {}))
                yield text(8 + number * step, 54 + line * 18, content, colour=colour, width=step)
