#!/usr/bin/env python3
"""Opens a tap and speaks on it, as a virtual machine does: guest.py IFNAME MAC. Says `ready`, ends when it is killed."""
import fcntl
import os
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP_NO_PI = 0x1002

name, mac = sys.argv[1:3]
tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP_NO_PI))
frame = b"\xff" * 6 + bytes.fromhex(mac.replace(":", "")) + b"\x88\xb5"
print("ready", flush=True)
while True:
    os.write(tap, frame.ljust(60, b"\0"))
    time.sleep(0.03)
