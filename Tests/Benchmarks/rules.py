"""What all rules cost a tick: what was observed is looked at, evaluated, and what to tell of it decided."""

import json

from lab import compile_core, run
from report import Report, table

BOUND_MS = 10
# Others than BOUND_MS.
BOUNDS_MS = {"nothing changes": 0.1, "a restart looks back into the history": 200}


def measure(stack, arguments):
    """Run the ticks in memory: the kernel is no part of it."""
    program = compile_core(stack, "Rules/main.swift")
    results = [json.loads(line) for line in run(program, str(arguments.links)).splitlines()]
    rows = [(f"rules over {arguments.links:,} links, ms a tick", "median", "worst")]
    rows += [(result["what"], f"{result['median']:.3f}", f"{result['worst']:.3f}") for result in results]
    report = Report(table(rows), {"links": arguments.links, "ticks": results})
    for result in results:
        bound = BOUNDS_MS.get(result["what"], BOUND_MS)
        report.require(
            result["median"] <= bound, f"{result['what']}: {result['median']:.3f} ms a tick, above {bound}")
    return report
