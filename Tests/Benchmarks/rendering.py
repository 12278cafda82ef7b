"""What rendering a series costs, beside a loop in C that puts the same page together."""

import tempfile

from lab import PREFIX, compile_core, compile_program, run
from report import Report, table

ROUNDS = 10
TURNS = 5
BOUND = 1.5


def measure(stack, arguments):
    """Let both render the same page by turns, and take the least that either needed."""
    directory = stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX))
    loop = compile_program(stack, "Rendering/rendering.c")
    renderer, page = compile_core(stack, "Rendering/main.swift"), f"{directory}/page"
    ours, theirs = [], []
    for _ in range(TURNS):
        ours.append(float(run(renderer, str(arguments.links), str(ROUNDS), page)))
        theirs.append(float(run(loop, page, str(ROUNDS))))
    ratio = min(ours) / min(theirs)
    rows = (
        (f"counters of {arguments.links:,} links", "vexport", "a loop in C"),
        ("ns a series, least", f"{min(ours):.1f}", f"{min(theirs):.1f}"),
        ("vexport / C", f"{ratio:.2f}", ""),
    )
    report = Report(table(rows), {"vexport_ns": ours, "c_ns": theirs, "ratio": round(ratio, 3)})
    report.require(ratio <= BOUND, f"rendering takes {ratio:.2f} of what C takes, above {BOUND}")
    return report
