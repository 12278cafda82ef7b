"""The kernel's floor: what a bare dump of the counters costs, by dumpcost.c."""

import json
import subprocess

from lab import Failure, compile_program


class BareDumps:
    """Bursts of bare dumps in a namespace, under way."""

    def __init__(self, stack, namespace, bursts, dumps, period_ms):
        self.program = compile_program(stack, "dumpcost.c", "-lmnl")
        self.command = ["ip", "netns", "exec", namespace, self.program, *map(str, (bursts, dumps, period_ms))]
        self.process = None

    def start(self):
        """Begin the first burst."""
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)

    def finish(self):
        """Wait for the last one; return a dictionary a burst."""
        output, _ = self.process.communicate()
        if self.process.returncode != 0:
            raise Failure(f"dumpcost: exit status {self.process.returncode}")
        return [json.loads(line) for line in output.splitlines()]
