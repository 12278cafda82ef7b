"""What remembering every second costs, beside Debian's netdata with its own database, of the same links in the same time."""

import contextlib
import json
import os
import tempfile
import time

from exporters import connect, everything, get, start, start_vexport
from lab import PREFIX, Failure, Traffic, add_pairs, make_namespace
from report import Report, table
from usage import cpu_ms_between, read_cpu, resident_mb

NETDATA_PORT = 19999
SETTLE_SECONDS = 30  # netdata makes its charts, and both take memory for the first ticks
LEAST_CPU_RATIO, LEAST_MEMORY_RATIO = 15, 4
BOUND_LINKS = 1000  # and more
# Everything off that is not counters of links at one second in dbengine: the least that it can do.
CONFIGURATION = """
[global]
    run as user = root
[db]
    mode = dbengine
    update every = 1
[directories]
    cache = {directory}/cache
    lib = {directory}/lib
    log = {directory}/log
[logs]
    access = none
[ml]
    enabled = no
[health]
    enabled = no
[statsd]
    enabled = no
[web]
    bind to = 127.0.0.1:19999
[plugins]
    timex = no
    checks = no
    idlejitter = no
    tc = no
    diskspace = no
    cgroups = no
    enable running new plugins = no
    apps = no
    ebpf = no
    go.d = no
    python.d = no
    charts.d = no
    slabinfo = no
    perf = no
    ioping = no
    nfacct = no
    netdata monitoring = no
    netdata monitoring extended = no
    profile = no
    proc = yes
[plugin:proc]
    netdata server resources = no
    /proc/pagetypeinfo = no
{others}
    /proc/net/dev = yes
"""
OTHERS = (
    "/proc/stat /proc/uptime /proc/loadavg /proc/sys/kernel/random/entropy_avail /proc/pressure /proc/interrupts "
    "/proc/softirqs /proc/vmstat /proc/meminfo /sys/kernel/mm/ksm /sys/block/zram /sys/devices/system/edac/mc "
    "/sys/devices/system/node /proc/net/wireless /proc/net/sockstat /proc/net/sockstat6 /proc/net/netstat "
    "/proc/net/snmp /proc/net/snmp6 /proc/net/sctp/snmp /proc/net/softnet_stat /proc/net/ip_vs/stats "
    "/sys/class/infiniband /proc/net/stat/conntrack /proc/net/stat/synproxy /proc/diskstats /proc/mdstat "
    "/proc/net/rpc/nfsd /proc/net/rpc/nfs /proc/spl/kstat/zfs/arcstats /proc/spl/kstat/zfs/pool/state "
    "/sys/fs/btrfs ipc /sys/class/power_supply /sys/class/drm"
)


def start_netdata(stack, namespace):
    """Start netdata, with counters of links only."""
    directory = stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX))
    path = f"{directory}/netdata.conf"
    others = "\n".join(f"    {name} = no" for name in OTHERS.split())
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIGURATION.format(directory=directory, others=others))
    for name in ("cache", "lib", "log"):
        os.mkdir(f"{directory}/{name}")
    return start(stack, "netdata", namespace, NETDATA_PORT, "/api/v1/info", ["netdata", "-D", "-c", path])


def measure(stack, arguments):
    """Let both run side by side while bytes and packets of every link move each second."""
    near, far = make_namespace(stack, "near"), make_namespace(stack, "far")
    add_pairs(arguments.links, near, far)
    traffic = Traffic(stack, arguments.links, near, far)
    programs = [
        start_vexport(stack, near, arguments.vexport, "--config.file", everything(stack)), start_netdata(stack, near)]
    flow(traffic, SETTLE_SECONDS)
    before = [read_cpu(program.process.pid) for program in programs]
    seconds = flow(traffic, arguments.seconds)
    ours, theirs = (
        cpu_ms_between(then, read_cpu(program.process.pid)) / seconds for then, program in zip(before, programs))
    our_memory, their_memory = (sum(resident_mb(program.process.pid)) for program in programs)
    # netdata has closed the connection that nobody used.
    with contextlib.closing(connect(near, NETDATA_PORT)) as connection:
        charts = json.loads(get(connection, "/api/v1/charts"))["charts"]
    dimensions = sum(len(chart["dimensions"]) for name, chart in charts.items() if name.startswith("net"))
    if dimensions < arguments.links:
        raise Failure(f"netdata has {dimensions} dimensions of {arguments.links} links")
    rows = (
        (f"{arguments.links:,} links, {seconds:.0f} s", "vexport", "netdata", "ratio"),
        ("counters a link", "25", f"{dimensions / arguments.links:.1f}", ""),
        ("CPU ms a second", f"{ours:.2f}", f"{theirs:.2f}", f"{theirs / ours:.1f}"),
        ("MB resident", f"{our_memory:.1f}", f"{their_memory:.1f}", f"{their_memory / our_memory:.1f}"),
    )
    report = Report(table(rows))
    report.figures = {
        "links": arguments.links, "vexport_ms": round(ours, 3), "netdata_ms": round(theirs, 3),
        "vexport_mb": round(our_memory, 1), "netdata_mb": round(their_memory, 1), "netdata_dimensions": dimensions}
    if arguments.links >= BOUND_LINKS:
        report.require(theirs / ours >= LEAST_CPU_RATIO, f"netdata takes less than {LEAST_CPU_RATIO} times the CPU")
        report.require(
            their_memory / our_memory >= LEAST_MEMORY_RATIO, f"netdata takes less than {LEAST_MEMORY_RATIO} times the memory")
    return report


def flow(traffic, seconds):
    """Move every link's counters once a second, and return how long it took."""
    started = time.monotonic()
    for number in range(seconds):
        traffic.flow()
        time.sleep(max(0, started + number + 1 - time.monotonic()))
    return time.monotonic() - started
