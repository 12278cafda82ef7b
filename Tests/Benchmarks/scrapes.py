"""What a scrape costs, plain and gzip, beside node_exporter's netdev and netclass collectors with the same links."""

import re

from exporters import Scrapes, everything, samples, scrape_in_turn, start_node_exporter, start_vexport
from lab import Traffic, add_pairs, make_namespace
from report import Report, spread, table
from usage import resident_mb

LEAST_RATIO = {"identity": 50, "gzip": 40}
BOUND_LINKS = (1000, 5000)  # the numbers of links that the ratios are promised for
MEMORY_LINKS, MEMORY_RATIO = 5000, 2
SMALL_LINKS, SMALL_MEMORY_MB = 100, 30
DEVICE = re.compile(r'[{,]device="((?:[^"\\]|\\.)*)"')


def measure(stack, arguments):
    """Scrape both exporters in turn, in both codings. The far ends of the links are in another namespace, and before each
    scrape bytes and packets of every link move, both ways: what vexport has compressed of them does not hold any more."""
    near, far = make_namespace(stack, "near"), make_namespace(stack, "far")
    add_pairs(arguments.links, near, far)
    traffic = Traffic(stack, arguments.links, near, far)
    vexport = start_vexport(stack, near, arguments.vexport, "--config.file", everything(stack))
    node_exporter = start_node_exporter(stack, near)
    codings = ("identity", "gzip")
    kinds = [Scrapes(exporter, coding) for coding in codings for exporter in (vexport, node_exporter)]
    scrape_in_turn(kinds, arguments.scrapes, traffic.flow)
    found = {coding: [summary(scrapes) for scrapes in kinds if scrapes.coding == coding] for coding in codings}
    report = Report(lay_out(arguments.links, found))
    for coding, pair in found.items():
        ours, theirs = pair
        ratio = theirs["cpu_ms"]["median"] / ours["cpu_ms"]["median"]
        report.figures[coding] = {"vexport": ours, "node_exporter": theirs, "ratio": round(ratio, 1)}
        least = LEAST_RATIO[coding] if arguments.links in BOUND_LINKS else 0
        report.require(ratio >= least, f"{coding}: node_exporter takes {ratio:.1f} of vexport's CPU, below {least}")
        report.require(
            ours["links"] == arguments.links + 1, f"{coding}: {ours['links']} of {arguments.links + 1} links are shown")
        report.require(
            ours["link_series"] >= theirs["link_series"],
            f"{coding}: {ours['link_series']} link series, fewer than node_exporter's {theirs['link_series']}")
    require_memory(report, arguments.links, *(sum(resident_mb(e.process.pid)) for e in (vexport, node_exporter)))
    return report


def require_memory(report, links, ours, theirs):
    """Note the bounds on memory, where there is one for this many links."""
    report.figures["resident_mb"] = {"vexport": round(ours, 2), "node_exporter": round(theirs, 2)}
    if links == MEMORY_LINKS:
        report.require(ours * MEMORY_RATIO <= theirs, f"{ours:.1f} MB resident, over half of node_exporter's {theirs:.1f}")
    if links <= SMALL_LINKS:
        report.require(ours < SMALL_MEMORY_MB, f"{ours:.1f} MB resident, not below {SMALL_MEMORY_MB}")


def summary(scrapes):
    """Sum up the scrapes of one kind."""
    devices = [match[1] for match in map(DEVICE.search, samples(scrapes.body)) if match]
    anonymous, file_backed = resident_mb(scrapes.exporter.process.pid)
    return {
        "cpu_ms": spread(scrapes.cpu_ms),
        "wall_ms": spread(scrapes.wall_ms),
        "series": len(samples(scrapes.body)),
        "link_series": len(devices),
        "links": len(set(devices)),
        "bytes": scrapes.packed_bytes,
        "rss_anon_mb": round(anonymous, 2),
        "rss_file_mb": round(file_backed, 2),
    }


def lay_out(links, found):
    """Lay out what was found, a column for each exporter and coding."""
    columns = [found[coding][place] for coding in found for place in (0, 1)]
    titles = [f"{name}{suffix}" for suffix in ("", ", gzip") for name in ("vexport", "node_exporter")]
    rows = [(f"{links:,} links with far ends elsewhere", *(title.replace("node_exporter", "node_exp.") for title in titles))]
    for title, key in (("CPU ms a scrape", "cpu_ms"), ("wall ms a scrape", "wall_ms")):
        for which in ("median", "min", "max"):
            rows.append((f"{title}, {which}", *(f"{column[key][which]:.2f}" for column in columns)))
    for title, key in (("series", "series"), ("  of links", "link_series"), ("bytes", "bytes")):
        rows.append((title, *(f"{column[key]:,}" for column in columns)))
    for title, key in (("RssAnon MB", "rss_anon_mb"), ("RssFile MB", "rss_file_mb")):
        rows.append((title, *(f"{column[key]:.1f}" for column in columns)))
    ratios = [theirs["cpu_ms"]["median"] / ours["cpu_ms"]["median"] for ours, theirs in found.values()]
    rows.append(("CPU, node_exporter / vexport, medians", *(cell for ratio in ratios for cell in (f"{ratio:.1f}", ""))))
    return table(rows)
