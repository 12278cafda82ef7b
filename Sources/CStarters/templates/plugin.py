#!/usr/bin/env python3
"""The plugin @NAME@ for vexport: it runs all the time. docs/plugins.md describes the lines."""
import json
import sys


def collect(count):
    return (
        "# HELP @METRIC@_answers_total How often @NAME@ was asked for its metrics.\n"
        "# TYPE @METRIC@_answers_total counter\n"
        f"@METRIC@_answers_total {count}\n")


def main():
    count = 0
    for line in sys.stdin:
        request = json.loads(line)
        if request["type"] == "hello":
            answer = {"type": "hello", "protocol": 1, "hooks": ["collect"]}
        elif request["type"] == "collect":
            count += 1
            answer = {"type": "result", "id": request["id"], "text": collect(count)}
        else:
            continue
        print(json.dumps(answer), flush=True)


main()
