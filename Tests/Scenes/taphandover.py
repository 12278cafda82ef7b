#!/usr/bin/env python3
"""Opens a tap and hands the descriptor to a program by its number, as libvirt does: taphandover.py IFNAME PROGRAM ARG...

In the program's arguments, {} stands for the number. Says `ready` before."""
import fcntl
import os
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TAP_NO_PI = 0x1002

tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", sys.argv[1].encode(), IFF_TAP_NO_PI))
os.set_inheritable(tap, True)
print("ready", flush=True)
program = sys.argv[2]
os.execvp("/bin/sleep" if program.startswith("qemu") else program, [word.replace("{}", str(tap)) for word in sys.argv[2:]])
