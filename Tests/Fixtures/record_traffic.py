#!/usr/bin/env python3
"""Records a few minutes of link counters under real traffic into traffic.txt, for the ring's size gates. Run as root:
./record_traffic.py [SECONDS]

A bridge in a network namespace of its own (prefix vxtraf) joins four namespaces by veths and a guest by a tap, whose
frames a thread here carries, as QEMU does. Traffic: iperf3 with TCP unlimited, TCP at 200 Mbit/s and UDP at 5 Mbit/s
both ways, ping floods over veth and tap, pings of 100 ms; one veth and one tap stay idle. Counters are read once a
second with one RTM_GETSTATS dump, as vexport reads them.

The file: comments, `link NAME` lines that number links from 0, then per tick a line `tick MONOTONIC WALL`, each in
nanoseconds since the tick before (the first line: since boot and 1970), and per link whose counters moved
`LINK COLUMN+DIFFERENCE…`, columns as in struct rtnl_link_stats64.
"""

import contextlib
import ctypes
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

SECONDS = int(sys.argv[1]) if len(sys.argv) > 1 else 240
NAMES = ["host", "a", "b", "c", "d", "guest"]
TUNSETIFF, TAP_NO_PI = 0x400454CA, 0x1002
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def inside(name):
    with open(f"/run/netns/vxtraf-{name}") as handle:
        assert libc.setns(handle.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())  # Python 3.12 has os.setns


def ip(name, words):
    subprocess.run(["ip", "-n", f"vxtraf-{name}", *words.split()], check=True)


def start(name, command):
    return subprocess.Popen(["ip", "netns", "exec", f"vxtraf-{name}", *command.split()],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def tap(name, device):
    """Opens a tap in a namespace; called on a thread that may stay there."""
    inside(name)
    handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(handle, TUNSETIFF, struct.pack("16sH22x", device.encode(), TAP_NO_PI))
    return handle


def carry(left, right):
    """Carries frames between two taps: the wire between the host's tap and the guest's device."""
    other = {left: right, right: left}
    while True:
        for handle in select.select([left, right], [], [])[0]:
            with contextlib.suppress(BlockingIOError, OSError):
                for _ in range(64):
                    os.write(other[handle], os.read(handle, 65536))


def counters(handle):
    """One RTM_GETSTATS dump: interface index to its counters."""
    handle.send(struct.pack("=IHHIIBBHII", 28, 94, 0x301, 1, 0, 0, 0, 0, 0, 1))
    rows = {}
    while True:
        data = handle.recv(1 << 18)
        while data:
            length, kind = struct.unpack_from("=IH", data)
            if kind == 3:
                return rows
            assert kind == 92, "no RTM_NEWSTATS"
            index, = struct.unpack_from("=I", data, 20)
            size, = struct.unpack_from("=H", data, 28)
            rows[index] = struct.unpack_from(f"={(size - 4) // 8}Q", data, 32)
            data = data[(length + 3) & ~3:]


def record():
    inside("host")
    names = {index: name for index, name in socket.if_nameindex() if name != "lo"}
    order = sorted(names)
    lines = [f"link {names[index]}" for index in order]
    handle = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    before, clocks = {}, (0, 0)
    due = time.clock_gettime(time.CLOCK_BOOTTIME)
    for number in range(SECONDS):
        due += 1
        time.sleep(max(0, due - time.clock_gettime(time.CLOCK_BOOTTIME)))
        now = (time.clock_gettime_ns(time.CLOCK_BOOTTIME), time.clock_gettime_ns(time.CLOCK_REALTIME))
        rows = counters(handle)
        lines.append(f"tick {now[0] - clocks[0]} {now[1] - clocks[1]}")
        for place, index in enumerate(order):
            old = before.get(index, (0,) * 25)
            moved = [f"{column}{new - was:+d}" for column, (new, was) in enumerate(zip(rows[index], old)) if new != was]
            if moved:
                lines.append(" ".join([str(place), *moved]))
        before, clocks = rows, now
    return lines


def main():
    processes = []
    try:
        for name in NAMES:
            subprocess.run(["ip", "netns", "add", f"vxtraf-{name}"], check=True)
            ip(name, "link set lo up")
        ip("host", "link add br0 type bridge")
        ip("host", "link set br0 up")
        ip("host", "addr add 10.9.0.254/24 dev br0")
        for number, name in enumerate(NAMES[1:5], 1):
            ip("host", f"link add veth-{name} type veth peer name eth0 netns vxtraf-{name}")
            ip("host", f"link set veth-{name} master br0 up")
            ip(name, f"addr add 10.9.0.{number}/24 dev eth0")
            ip(name, "link set eth0 up")
        taps = []
        for name, device in [("host", "tap-guest"), ("guest", "eth0"), ("host", "tap-idle")]:
            thread = threading.Thread(target=lambda n=name, d=device: taps.append(tap(n, d)))
            thread.start()
            thread.join()
        ip("host", "link set tap-guest master br0 up")
        ip("host", "link set tap-idle master br0 up")
        ip("host", "link add veth-idle type veth peer name far")
        ip("host", "link set veth-idle up")
        ip("guest", "addr add 10.9.0.5/24 dev eth0")
        ip("guest", "link set eth0 up")
        threading.Thread(target=carry, args=taps[:2], daemon=True).start()
        for name, ports in [("a", [5201]), ("b", [5201, 5202]), ("c", [5201, 5202]), ("guest", [5201])]:
            processes += [start(name, f"iperf3 -s -p {port}") for port in ports]
        time.sleep(1)
        length = SECONDS + 30
        processes += [
            start("a", f"iperf3 -c 10.9.0.2 -t {length} -b 200M"),
            start("b", f"iperf3 -c 10.9.0.3 -t {length} -u -b 5M --bidir"),
            start("d", f"iperf3 -c 10.9.0.3 -p 5202 -t {length}"),
            start("c", f"iperf3 -c 10.9.0.5 -t {length} -b 20M"),
            start("a", "ping -q -f 10.9.0.5"),
            start("d", "ping -q -f 10.9.0.2"),
            start("b", "ping -q -i 0.1 -s 200 10.9.0.1"),
        ]
        time.sleep(2)
        lines = []
        thread = threading.Thread(target=lambda: lines.extend(record()))
        thread.start()
        thread.join()
        assert len([line for line in lines if line.startswith("tick")]) == SECONDS, "the recording broke off"
        head = [f"# Recorded by record_traffic.py on Linux {os.uname().release}, {SECONDS} ticks. Do not edit."]
        path = Path(__file__).resolve().parent / "traffic.txt"
        path.write_text("\n".join(head + lines) + "\n")
        print(f"{path}: {path.stat().st_size} bytes")
    finally:
        for process in processes:
            process.kill()
            process.wait()
        for name in NAMES:
            subprocess.run(["ip", "netns", "del", f"vxtraf-{name}"], check=False)


main()
