#!/usr/bin/env python3
"""Binds a packet socket to a link and holds it, as a userspace Open vSwitch does: packetsock.py IFNAME."""
import socket
import sys
import time

held = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
held.bind((sys.argv[1], 0))
print("ready", flush=True)
time.sleep(600)
