#!/usr/bin/env python3
"""Opens a tap and holds it, as QEMU does: taphold.py IFNAME [QUEUES] [--wait]. Says `ready`, ends when it is killed.

With --wait it says `waiting` first, and goes on when it is given a line."""
import fcntl
import os
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP_NO_PI = 0x1002
IFF_MULTI_QUEUE = 0x100

if sys.argv[-1] == "--wait":
    sys.argv.pop()
    print("waiting", flush=True)
    sys.stdin.readline()
name = sys.argv[1]
queues = int(sys.argv[2]) if len(sys.argv) > 2 else 0
flags = IFF_TAP_NO_PI | (IFF_MULTI_QUEUE if queues else 0)
held = []
for _ in range(queues or 1):
    queue = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(queue, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    held.append(queue)
print("ready", flush=True)
time.sleep(600)
