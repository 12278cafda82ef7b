"""Keeps a network namespace alive from outside it: holdns.py MODE NAME, until it is killed.

Modes: fd (an open descriptor), udp or netlink (a socket), tun (the descriptor of a tap), mount (a bind mount elsewhere),
thread (a thread that is not the leader; NAME is not used, the namespace is a new one), fd-thread (an open descriptor, and
such a thread until a line is read).
"""
import ctypes
import fcntl
import os
import socket
import struct
import sys
import threading
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), "call failed")


def live_elsewhere():
    check(libc.unshare(CLONE_NEWNET))
    print("ready", os.stat("/proc/thread-self/ns/net").st_ino, flush=True)
    time.sleep(600)


def live_there(namespace):
    check(libc.setns(namespace, CLONE_NEWNET))
    print("ready", flush=True)
    sys.stdin.readline()


mode, name = sys.argv[1:3]
if mode == "thread":
    threading.Thread(target=live_elsewhere).start()
    time.sleep(600)
path = f"/run/netns/{name}"
if mode == "mount":
    place = f"/tmp/holdns-{name}"
    open(place, "w").close()
    check(libc.mount(path.encode(), place.encode(), None, 4096, None))  # MS_BIND
    print("ready", flush=True)
    sys.stdin.read()
    check(libc.umount2(place.encode(), 2))
    os.unlink(place)
    sys.exit()
held = os.open(path, os.O_RDONLY)
if mode == "fd-thread":
    threading.Thread(target=live_there, args=[held]).start()
    time.sleep(600)
if mode != "fd":
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    check(libc.setns(held, CLONE_NEWNET))
    os.close(held)
    if mode == "udp":
        held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    elif mode == "netlink":
        held = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    else:
        held = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(held, TUNSETIFF, struct.pack("16sH22x", b"held0", 0x1002))
    check(libc.setns(home, CLONE_NEWNET))
    os.close(home)
print("ready", flush=True)
time.sleep(600)
