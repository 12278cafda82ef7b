"""What a measurement found, and which bounds do not hold."""

import statistics
from dataclasses import dataclass, field


@dataclass
class Report:
    """Lines for people, figures for programs, and the bounds that do not hold."""

    lines: list = field(default_factory=list)
    figures: dict = field(default_factory=dict)
    failures: list = field(default_factory=list)

    def require(self, holds, otherwise):
        """Note that a bound must hold, and what to say if it does not."""
        if not holds:
            self.failures.append(otherwise)


def spread(values):
    """Sum up values: median, least, most."""
    return {f.__name__: round(f(values), 3) for f in (statistics.median, min, max)}


def table(rows):
    """Lay out rows of a title and cells."""
    return [f"{title:<44}" + "".join(f"{cell:>16}" for cell in cells) for title, *cells in rows]
