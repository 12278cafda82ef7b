"""What looking for owners costs on a full host, in a storm of new taps too, and how soon the owner of a new virtual machine is
known, or of a tap that an old process opens."""

import os
import re
import signal
import statistics
import subprocess
import time

from exporters import get, start_vexport
from lab import ROOT, Failure, inside, make_namespace
from report import Report, table

BOUND_CPU_MS, BOUND_SHARE, BOUND_SECONDS = 50, 0.01, 2
SAVED_SECONDS = 0.5  # of processor time, that looks may take beyond their share (OwnerSchedule.mostCredit)
GUESTS = 10
EVERY_OTHER_HOLDS = 1  # descriptors more than its three: 3,500 of 1,000 processes
# Takes a descriptor by its number, as libvirt's machines do, and stands still.
GUEST = "exec -a qemu-system-x86_64 bash -c 'kill -STOP $$' -name guest={tap} -netdev tap,fd={{}}"


def end(processes):
    """Kill processes and wait for their end."""
    for process in processes:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def start_processes(stack, namespace, count):
    """Start programs that do nothing, with three or four descriptors each, in the daemon's namespace, as most of a host are."""
    null = os.open("/dev/null", os.O_RDWR)
    stack.callback(os.close, null)
    started = []
    stack.callback(end, started)
    for number in range(count):
        open_ones = range(3 + number % 2 * EVERY_OTHER_HOLDS)
        actions = [(os.POSIX_SPAWN_DUP2, null, descriptor) for descriptor in open_ones]
        # What whoever runs this keeps open is not to count.
        actions += [(os.POSIX_SPAWN_CLOSE, descriptor) for descriptor in range(len(open_ones), 64)]
        with inside(namespace):
            started.append(os.posix_spawn("/bin/sleep", ["sleep", "3600"], {}, file_actions=actions))


def read(exporter):
    """The daemon's figures of its looks."""
    page = get(exporter.connection, "/metrics").decode()
    values = re.findall(r"(?m)^vexport_owners_(\w+)(?:\{scope=\"(\w+)\"\})? (\S+)$", page)
    return page, {f"{name}{scope and '_' + scope}": float(value) for name, scope, value in values}


def full_looks(exporter, count):
    """Watch until so many looks at everything have been; return what each cost in ms of processor time."""
    costs, last = [], read(exporter)[1]
    deadline = time.monotonic() + 30 * count
    while len(costs) < count:
        if time.monotonic() > deadline:
            raise Failure(f"only {len(costs)} looks at everything in {30 * count} s")
        time.sleep(0.2)
        now = read(exporter)[1]
        if now["sweeps_total_full"] == last["sweeps_total_full"] + 1 and now["sweeps_total_quick"] == last["sweeps_total_quick"]:
            costs.append((now["cpu_seconds_total"] - last["cpu_seconds_total"]) * 1e3)
        last = now
    return costs


def guests(stack, namespace, exporter):
    """Start programs that hold a tap under QEMU's name, one by one; return in how many seconds each owner was shown."""
    seconds = []
    for number in range(GUESTS):
        tap = f"vnet{number}"
        command = ["python3", str(ROOT / "Tests/Scenes/taphandover.py"), tap, "bash", "-c", GUEST.format(tap=tap)]
        time.sleep(0.37)  # so that looks and starts fall together in every way
        started = time.monotonic()
        guest = subprocess.Popen(["ip", "netns", "exec", namespace, *command], stdout=subprocess.DEVNULL)
        stack.callback(guest.wait)
        stack.callback(guest.kill)
        seconds.append(wait_for_owner(exporter, f'device="{tap}",workload="{tap}",workload_kind="vm"', started))
    return seconds


def wait_for_owner(exporter, labels, started):
    """Wait until a series has these labels; return how long after a moment that was."""
    while labels not in read(exporter)[0]:
        if time.monotonic() - started > 30:
            raise Failure(f"no {labels} after 30 s")
        time.sleep(0.02)
    return time.monotonic() - started


def start_waiting(stack, namespace):
    """Start programs that open a tap each when they are told."""
    started = {}
    for number in range(GUESTS):
        command = ["python3", str(ROOT / "Tests/Scenes/taphold.py"), f"old{number}", "--wait"]
        process = subprocess.Popen(
            ["ip", "netns", "exec", namespace, *command], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        stack.callback(process.wait)
        stack.callback(process.kill)
        started[f"old{number}"] = process
    return started


def old_processes(processes, exporter):
    """Have them open their taps, one by one; return in how many seconds each owner was shown.

    Each takes a look at everything, of which a hundredth of a core pays for one in three seconds.
    """
    seconds = []
    time.sleep(30)  # what was saved up went into looks for the guests
    for tap, process in processes.items():
        time.sleep(4.37)
        started = time.monotonic()
        process.stdin.write("now\n")
        process.stdin.flush()
        seconds.append(wait_for_owner(exporter, f'device="{tap}",workload="python3"', started))
    return seconds


def watch(exporter, seconds):
    """Return the share of a core that looks take, over how long it was watched, and the last figures."""
    before, started = read(exporter)[1], time.monotonic()
    time.sleep(seconds)
    after, elapsed = read(exporter)[1], time.monotonic() - started
    return (after["cpu_seconds_total"] - before["cpu_seconds_total"]) / elapsed, elapsed, after


def watch_storm(namespace, exporter, seconds):
    """The same while taps come and go as fast as a shell can."""
    loop = "while :; do ip tuntap add storm0 mode tap; ip tuntap del storm0 mode tap; done"
    storm = subprocess.Popen(["ip", "netns", "exec", namespace, "sh", "-c", loop])
    try:
        return watch(exporter, seconds)
    finally:
        storm.kill()
        storm.wait()


def measure(stack, arguments):
    """Watch a daemon beside many processes."""
    namespace = make_namespace(stack, "near")
    start_processes(stack, namespace, arguments.links)
    waiting = start_waiting(stack, namespace)
    exporter = start_vexport(stack, namespace, arguments.vexport)
    time.sleep(12)  # what is new is looked at more closely for a while
    costs = full_looks(exporter, 5)
    share, elapsed, after = watch(exporter, arguments.seconds)
    known = guests(stack, namespace, exporter)
    opened = old_processes(waiting, exporter)
    stormy, stormy_elapsed, _ = watch_storm(namespace, exporter, arguments.seconds)
    processes, descriptors = int(after["processes"]), int(after["descriptors"])
    rows = (
        (f"{processes:,} processes, {descriptors:,} descriptors", "median", "worst"),
        ("a look at everything, ms of CPU", f"{statistics.median(costs):.1f}", f"{max(costs):.1f}"),
        (f"all looks of {elapsed:.0f} s, % of a core", f"{share * 100:.2f}", ""),
        (f"all looks of {stormy_elapsed:.0f} s while taps come and go, % of a core", f"{stormy * 100:.2f}", ""),
        ("a new guest's owner is shown after, s", f"{statistics.median(known):.2f}", f"{max(known):.2f}"),
        ("the owner of an old process' new tap, s", f"{statistics.median(opened):.2f}", f"{max(opened):.2f}"),
    )
    report = Report(table(rows))
    report.figures = {
        "processes": processes, "descriptors": descriptors, "full_look_cpu_ms": [round(cost, 2) for cost in costs],
        "share": round(share, 5), "storm_share": round(stormy, 5),
        "known_seconds": [round(value, 3) for value in known], "old_seconds": [round(value, 3) for value in opened]}
    cost, stormy_bound = statistics.median(costs), BOUND_SHARE + SAVED_SECONDS / stormy_elapsed
    report.require(cost <= BOUND_CPU_MS, f"a look at everything takes {cost:.1f} ms of CPU, above {BOUND_CPU_MS}")
    report.require(share <= BOUND_SHARE, f"looks take {share:.2%} of a core, above {BOUND_SHARE:.0%}")
    report.require(stormy <= stormy_bound, f"in a storm looks take {stormy:.2%} of a core, above {stormy_bound:.2%}")
    for seconds in (max(known), max(opened)):
        report.require(seconds <= BOUND_SECONDS, f"an owner is known after {seconds:.2f} s, above {BOUND_SECONDS}")
    return report
