"""What a process uses: processor time and memory."""

import contextlib
import pathlib
import re
import time
from dataclasses import dataclass


@dataclass
class CPU:
    """What a process has used so far: ns by thread (exact, but blind to ended threads), and by its clock."""

    threads: dict
    clock: int


def read_cpu(pid):
    """Read it. The threads' share is the first field of schedstat: time on a CPU, user and system."""
    threads = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            threads[task.name] = int((task / "schedstat").read_text().split()[0])
    return CPU(threads, time.clock_gettime_ns((~pid << 3) | 2))  # what clock_getcpuclockid(3) makes of a pid


def cpu_ms_between(before, after):
    """Return the CPU time used between two readings; if a thread ended between them, the clock knows its share."""
    if before.threads.keys() <= after.threads.keys():
        return (sum(after.threads.values()) - sum(before.threads.values())) / 1e6
    return (after.clock - before.clock) / 1e6


def resident_mb(pid):
    """Return the anonymous and the file-backed memory of a process in MB (10^6 bytes)."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return tuple(int(re.search(rf"^{key}:\s+(\d+) kB$", status, re.M)[1]) * 1024 / 1e6 for key in ("RssAnon", "RssFile"))
