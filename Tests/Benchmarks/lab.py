"""Network namespaces with veth pairs in them, and traffic over the pairs."""

import contextlib
import ctypes
import os
import pathlib
import random
import socket
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PREFIX = "vxbench"
CLONE_NEWNET = 0x40000000
ETH_P_ARP = 0x0806

libc = ctypes.CDLL(None, use_errno=True)


class Failure(Exception):
    """The measurement could not be made."""


def run(*command, stdin=None):
    """Run a command to its end and return what it printed."""
    try:
        done = subprocess.run(command, input=stdin, capture_output=True, text=True)
    except OSError as error:
        raise Failure(f"{command[0]}: {error.strerror}") from error
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)}: exit status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def compile_program(stack, source, *options):
    """Compile a C file beside this one; return the program's path, which `stack` deletes."""
    program = f"{stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX))}/{pathlib.Path(source).stem}"
    run("cc", "-O2", "-Wall", "-Wextra", "-o", program, str(ROOT / "Tests/Benchmarks" / source), *options)
    return program


def compile_core(stack, source):
    """Compile a Swift file beside this one with VexportCore's sources as one module; return the program's path."""
    program = f"{stack.enter_context(tempfile.TemporaryDirectory(prefix=PREFIX))}/measurement"
    run(str(ROOT / "Tests/Benchmarks/compile-core"), str(ROOT / "Tests/Benchmarks" / source), program)
    return program


def enter(descriptor):
    """Put this thread into the network namespace behind an open descriptor."""
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise Failure(f"setns: {os.strerror(ctypes.get_errno())}")


@contextlib.contextmanager
def inside(namespace):
    """Be in a network namespace for a moment; a socket made there stays there."""
    with open("/proc/self/ns/net", "rb") as home, open(f"/run/netns/{namespace}", "rb") as there:
        enter(there.fileno())
        try:
            yield
        finally:
            enter(home.fileno())


def make_namespace(stack, suffix):
    """Make a network namespace without IPv6, which `stack` deletes; return its name."""
    name = f"{PREFIX}{os.getpid()}{suffix}"
    run("ip", "netns", "add", name)
    stack.callback(run, "ip", "netns", "delete", name)
    with inside(name):
        for scope in ("all", "default"):
            setting = pathlib.Path(f"/proc/sys/net/ipv6/conf/{scope}/disable_ipv6")
            if setting.exists():
                setting.write_text("1")
    run("ip", "-n", name, "link", "set", "lo", "up")
    return name


def add_pairs(count, near, far):
    """Make `count` veth pairs with both ends up, the first ends in `near`, the second in `far` (or there too).

    Each first end has an address, as where packets are routed to containers: one that leads nowhere is an anomaly, which
    vexport looks into again and again.
    """
    create = (f"link add veth{i} type veth peer name peer{i} netns {far}" for i in range(count))
    run("ip", "-n", near, "-batch", "-", stdin="\n".join(create))
    for namespace, end in ((near, "veth"), (far, "peer")):
        run("ip", "-n", namespace, "-batch", "-", stdin="\n".join(f"link set {end}{i} up" for i in range(count)))
    addresses = (f"address add 10.{i >> 16}.{i >> 8 & 255}.{i & 255}/32 dev veth{i}" for i in range(count))
    run("ip", "-n", near, "-batch", "-", stdin="\n".join(addresses))


class Traffic:
    """Moves the bytes and packets of every pair in both directions: one frame of random length from either end.

    The frames are ARP, which a link without an address drops without counting it as dropped.
    """

    def __init__(self, stack, pairs, near, far):
        self.ends = []
        for namespace, end in ((near, "veth"), (far, "peer")):
            with inside(namespace):
                sender = stack.enter_context(socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
            self.ends.append((sender, [f"{end}{i}" for i in range(pairs)]))

    def flow(self):
        """Send the frames; when this returns, the far ends have counted nearly all of them."""
        header = b"\xff" * 6 + b"\x02" + b"\0" * 5 + ETH_P_ARP.to_bytes(2, "big")
        for sender, links in self.ends:
            for link in links:
                sender.sendto(header.ljust(random.randint(60, 1500), b"\0"), (link, ETH_P_ARP))
