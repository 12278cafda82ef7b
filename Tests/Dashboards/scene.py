"""A small host full of links, in the network namespace of the caller: what the dashboards should have something to show of.

    blue: eth0 <=> vethblue -> br0 (spanning tree) <- vnet0, a tap that somebody holds and does not read: by its command line
    and libvirt's file a virtual machine of Nova's; in blue lives a process
    qvo0 <=> qvb0 -> qbr0 <- vnet1, a tap with two queues
    behind <=> port -> lab0, in blue; vethgreen there <=> eth0 in green, where a process lives too
    near <=> far, which is down, here and in blue; vethdark <=> dark in blue, which is down; orphan, a tap that nobody holds; lost, a tunnel without a route
"""
import contextlib
import math
import pathlib
import socket
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

LINKS = """
link set lo up
link add vethdark type veth peer name dark netns blue
link add br0 type bridge stp_state 1 forward_delay 200 mcast_snooping 1 mcast_stats_enabled 1
link add vethblue type veth peer name eth0 netns blue
link set vethblue master br0
link add qbr0 type bridge
link add qvo0 type veth peer name qvb0
link set qvb0 master qbr0
link add near type veth peer name far
tuntap add dev orphan mode tap user 1000 group 1000
link add lost type vxlan id 7 remote 203.0.113.1 dstport 4789
link set vnet0 master br0
link set vnet1 master qbr0
link set vnet0 alias instance-0000002a
address add 10.9.0.1/24 dev br0
address add 10.9.1.1/24 dev qvo0
"""
BLUE = """
link set lo up
link set eth0 up
address add 10.9.0.2/24 dev eth0
link add lab0 type bridge
link set lab0 up
link add port type veth peer name behind
link set port master lab0
link set port up
link set behind up
link add near type veth peer name far
link set near up
link add vethgreen type veth peer name eth0 netns green
link set vethgreen up
"""
UP = "vethdark br0 vethblue qbr0 qvo0 qvb0 near orphan lost vnet0 vnet1".split()
# The machine of libvirt's file.
DOMAIN, UUID = "instance-0000002a", "629b29b9-b0fb-4766-b27d-f4a686d5cbda"
FLAPS = 6
ETH_P_ARP = 0x0806
BROADCAST = b"\xff" * 6 + b"\x02" + b"\0" * 5 + ETH_P_ARP.to_bytes(2, "big") + b"\0" * 200


def ip(lines, *options):
    """Run commands of ip in one batch."""
    subprocess.run(["ip", *options, "-batch", "-"], input=lines, text=True, check=True)


class Scene:
    """The links, and a thread that sends packets through them until `stack` ends it."""

    def __init__(self, stack):
        ip("netns add blue\nnetns add green")
        domains = pathlib.Path("/run/libvirt/qemu")
        domains.mkdir(parents=True)
        (domains / f"{DOMAIN}.xml").write_bytes((ROOT / "Tests/Fixtures/libvirt/nova.xml").read_bytes())
        self.hold(stack, "vnet0", "0", "-name", f"guest={DOMAIN}", "-uuid", UUID)
        self.hold(stack, "vnet1", "2")
        ip(LINKS)
        for namespace in ("blue", "green"):
            stack.callback(subprocess.Popen(["ip", "netns", "exec", namespace, "sleep", "600"]).kill)
        ip("\n".join(f"link set {name} up" for name in UP))
        ip(BLUE, "-n", "blue")
        self.over = threading.Event()
        thread = threading.Thread(target=self.send)
        thread.start()
        stack.callback(thread.join)
        stack.callback(self.over.set)

    @staticmethod
    def hold(stack, *arguments):
        """Have a process hold a tap, as QEMU would."""
        command = ["qemu-system-x86_64", ROOT / "Tests/Scenes/taphold.py", *arguments]
        reader = subprocess.Popen(command, executable=sys.executable, stdout=subprocess.PIPE)
        stack.callback(reader.kill)
        assert reader.stdout.readline() == b"ready\n"
        return reader

    def send(self):
        """Frames on the cables, echoes to the container, and a bit more to `lost` than it can send."""
        ping = ["ping", "-q", "-i", "0.02", "10.9.0.2"]
        with contextlib.ExitStack() as stack:
            sender = stack.enter_context(socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
            echo = stack.enter_context(subprocess.Popen(ping, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            stack.callback(echo.kill)
            while not self.over.wait(0.02):
                wave = 1.5 + math.sin(time.monotonic() / 4)
                for name, frames in (("qvo0", 5), ("qvb0", 3), ("br0", 20), ("lost", 2)):
                    for _ in range(int(frames * wave)):
                        with contextlib.suppress(OSError):  # a full queue
                            sender.sendto(BROADCAST, (name, ETH_P_ARP))

    @staticmethod
    def flap():
        """Take the carrier from `qvo0`, and in blue from `port`, faster than anybody can follow."""
        ip("link set qvb0 down\nlink set qvb0 up\n" * FLAPS)
        ip("link set behind down\nlink set behind up\n" * FLAPS, "-n", "blue")

    @staticmethod
    def change_topology():
        """Bring up a port of the bridge with the spanning tree."""
        ip("link set vethblue down\nlink set vethblue up")
