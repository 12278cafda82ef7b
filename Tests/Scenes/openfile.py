#!/usr/bin/env python3
"""Opens a file and holds it: openfile.py PATH [PROGRAM ARG...]. Says `ready`, ends when it is killed.

With --path before PATH it only names the file (O_PATH), as anybody may."""
import os
import sys
import time

words = sys.argv[1:]
flags = os.O_RDWR
if words[0] == "--path":
    flags, words = os.O_PATH, words[1:]
held = os.open(words[0], flags)
os.set_inheritable(held, True)
print("ready", flush=True)
if words[1:]:
    os.execvp(words[1], words[1:])
time.sleep(600)
