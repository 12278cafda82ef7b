#!/usr/bin/env python3
"""Records rtnetlink messages of this kernel as byte fixtures for the decoder's tests. Run as root: ./record.py

Every scene is built in a network namespace of its own (prefix vxfix), which is removed at the end whatever happens.
The files beside this script are written only when everything was recorded.

A .hex file is ASCII. First its comments:
    # before: COMMAND what was done earlier in the namespace (events)
    # $ COMMAND       what made the link or the event, in order; tun(...), send(...) and bind(...) are functions in record.py
    # about: ...      what the file is for
    # N: ...          what message N is, decoded here, to be compared with what Swift decodes
    # ip: JSON        what `ip -d -j link show` says of the link in message N, one line per link, in order. Bytes that
                      are not ASCII are written as the Latin-1 character of that number, so \\xff reads \\u00ff
then one paragraph per message, nlmsghdr included, 32 bytes a line. Indexes, MACs, nsids and the sequence (1) and port
id (10119) of answers are fixed; bridge timers, IPv6 timestamps and the events' port ids differ from run to run.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
FAR = "vxfix-far"  # where peers live and links move to
FAR_NSID, HOME_NSID = 7, 9  # FAR in the other namespaces' tables, the other namespace in FAR's: they must not be equal
PORT_ID = 10119

# linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/if_tun.h
NLMSG_ERROR, NLMSG_DONE = 2, 3
RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_NEWSTATS, RTM_GETSTATS = 16, 17, 18, 92, 94
RTM_NEWADDR, RTM_GETADDR, RTM_NEWROUTE, RTM_GETROUTE, RTM_NEWNEIGH, RTM_GETNEIGH = 20, 22, 24, 26, 28, 30
NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, PACKET_SHOW_INFO = 4, 20, 1
NLM_F_REQUEST, NLM_F_DUMP_INTR, NLM_F_DUMP, NLM_F_ACK_TLVS = 0x1, 0x10, 0x300, 0x200
SOL_NETLINK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK = 270, 11, 12
RTMGRP_LINK = 1
IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS, IFLA_STATS_FILTER_LINK_64 = 29, 8, 1
IFLA_STATS_FILTER_XSTATS = 2 | 4  # of bridges and of ports
IFLA_PROTINFO, IFLA_LINKINFO, IFLA_ALT_IFNAME = 12, 18, 53
IFLA_INFO_KIND, IFLA_INFO_SLAVE_KIND, IFLA_INFO_SLAVE_DATA, IFLA_BRPORT_STATE = 1, 4, 5, 1
TUNSETIFF, TUNSETPERSIST, TUNSETOWNER, TUNSETGROUP, TUNSETQUEUE, TUNSETIFINDEX = (
    0x400454CA, 0x400454CB, 0x400454CC, 0x400454CE, 0x400454D9, 0x400454DA)  # fmt: skip
TUN, TAP, MULTI_QUEUE, DETACH_QUEUE, NO_PI, VNET_HDR = 0x1, 0x2, 0x100, 0x400, 0x1000, 0x4000

held = []  # descriptors of taps, tuns and packet sockets; an open one keeps its namespace alive


# --- the namespaces and what is in them


def run(command):
    subprocess.run(["bash", "-c", command], check=True)


def enter(namespace):
    """Moves this process, and so its children and new sockets, into a namespace's file."""
    with open(namespace) as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def scene(name):
    """A fresh namespace `name` to record in, with FAR beside it; IPv6 is off, so that nothing sends by itself."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    for namespace in (name, FAR):
        subprocess.run(["ip", "netns", "del", namespace], stderr=subprocess.DEVNULL)  # left by a killed run
    try:
        for namespace in (FAR, name):
            run(f"ip netns add {namespace}")
            enter(f"/run/netns/{namespace}")
            Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
        run(f"ip netns set {FAR} {FAR_NSID}; ip -n {FAR} netns set {name} {HOME_NSID}")
        yield
    finally:
        while held:
            os.close(held.pop())
        enter(f"/proc/self/fd/{home}")
        os.close(home)
        for namespace in (name, FAR):
            subprocess.run(["ip", "netns", "del", namespace])


def tun(name, index, flags, queues=1, detached=0, persist=False, hold=True):
    """Makes a tap or tun of uid 1000, gid 1001, with a fixed index; holds its queues open unless told otherwise."""
    descriptors = []
    for queue in range(queues):
        descriptor = os.open("/dev/net/tun", os.O_RDWR)
        if queue == 0:
            fcntl.ioctl(descriptor, TUNSETIFINDEX, struct.pack("I", index))
        fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
        descriptors.append(descriptor)
    fcntl.ioctl(descriptors[0], TUNSETOWNER, 1000)
    fcntl.ioctl(descriptors[0], TUNSETGROUP, 1001)
    fcntl.ioctl(descriptors[0], TUNSETPERSIST, int(persist))
    for descriptor in descriptors[:detached]:
        fcntl.ioctl(descriptor, TUNSETQUEUE, struct.pack("16xH22x", DETACH_QUEUE))
    if hold:
        held.extend(descriptors)
    else:
        for descriptor in descriptors:
            os.close(descriptor)


def perform(step):
    """Runs one step of a scene: a shell command, or Python beginning with tun, send or bind."""
    if step.startswith(("tun(", "send(", "bind(")):
        eval(step)
    else:
        run(step)


def send(device, size, count):
    """Sends frames of an EtherType nobody handles, so the receiver counts them as dropped too."""
    frame = bytes.fromhex("52540000001152540000001088b5").ljust(size, b"\0")
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as packet:
        packet.bind((device, 0))
        for _ in range(count):
            packet.send(frame)


def bind(device):
    """Holds a packet socket that takes the frames of a device, as a userspace Open vSwitch does."""
    packet = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    packet.bind((device, 3))
    held.append(packet.detach())


# --- netlink


def open_netlink(groups=0, protocol=socket.NETLINK_ROUTE):
    netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
    netlink.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
    netlink.setsockopt(SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
    netlink.bind((PORT_ID, groups))
    return netlink


def split(datagram):
    """The netlink messages in a datagram."""
    while datagram:
        length = struct.unpack_from("=I", datagram)[0]
        yield datagram[:length]
        datagram = datagram[(length + 3) & ~3 :]


def ask(kind, body, dump, protocol=socket.NETLINK_ROUTE):
    """Sends one request and returns all messages of its answer, the closing DONE or ERROR included."""
    flags = NLM_F_REQUEST | (NLM_F_DUMP if dump else 0)
    with open_netlink(protocol=protocol) as netlink:
        netlink.send(struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body)
        messages = []
        while True:
            for message in split(netlink.recv(65536)):
                messages.append(message)
                kind, flags = struct.unpack_from("=HH", message, 4)
                if flags & NLM_F_DUMP_INTR:
                    raise SystemExit("a dump was torn, though nothing else should run in its namespace: run again")
                if kind in (NLMSG_DONE, NLMSG_ERROR) or not dump:
                    return messages


def link_request(index=0):
    return struct.pack("=BxHiII", socket.AF_UNSPEC, 0, index, 0, 0)


def dump_links():
    """RTM_NEWLINK by interface index."""
    mask = struct.pack("=HHI", 8, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS)
    messages = ask(RTM_GETLINK, link_request() + mask, dump=True)
    return {struct.unpack_from("=i", message, 20)[0]: message for message in messages[:-1]}


def dump_stats():
    return ask(RTM_GETSTATS, struct.pack("=BxHII", 0, 0, 0, IFLA_STATS_FILTER_LINK_64), dump=True)


def dump_bridge_stats():
    return ask(RTM_GETSTATS, struct.pack("=BxHII", 0, 0, 0, IFLA_STATS_FILTER_XSTATS), dump=True)


def dump_forwarding():
    return ask(RTM_GETNEIGH, struct.pack("=BxxxiHBB", socket.AF_BRIDGE, 0, 0, 0, 0), dump=True)


def ip_json(options):
    """What ip says of each link of the namespace, by index, as one line of ASCII JSON."""
    output = subprocess.run(["ip", "-j", *options, "link", "show"], check=True, capture_output=True).stdout
    links = json.loads(output.decode("latin-1"), strict=False)  # ip leaves ESC as it is
    for link in links:
        link.get("linkinfo", {}).get("info_data", {}).pop("user", None)  # the recording machine's name for the uid
    return {link["ifindex"]: json.dumps(link, separators=(",", ":")) for link in links}


def record_events(steps):
    """All link messages that the steps cause in this namespace and, second, in FAR."""
    here = open_netlink(RTMGRP_LINK)
    namespace = os.open("/proc/self/ns/net", os.O_RDONLY)
    enter(f"/run/netns/{FAR}")
    far = open_netlink(RTMGRP_LINK)
    enter(f"/proc/self/fd/{namespace}")
    os.close(namespace)
    for step in steps:
        perform(step)
    settle()
    recorded = []
    for netlink in (here, far):
        messages = []
        with netlink, contextlib.suppress(BlockingIOError):
            while True:
                messages += split(netlink.recv(65536, socket.MSG_DONTWAIT))
        recorded.append(messages)
    return recorded


def settle():
    """The kernel's link watch reports operstates up to a second late; twice that when it has several rounds to go."""
    time.sleep(2.2)


# --- decoding, as far as the comments need it


def attributes(data):
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind & 0x3FFF, data[4:length]
        data = data[(length + 3) & ~3 :]


def describe(message):
    """One line about a message, for the comments."""
    kind, flags = struct.unpack_from("=HH", message, 4)
    if kind in (NLMSG_DONE, NLMSG_ERROR):
        return describe_end(message, kind, flags)
    if kind == RTM_NEWSTATS:
        return f"RTM_NEWSTATS index={struct.unpack_from('=I', message, 20)[0]}"
    if kind in USE_NAMES:
        return USE_NAMES[kind]
    family, index, link_flags = struct.unpack_from("=BxxxiI", message, 16)
    words = [
        {RTM_NEWLINK: "RTM_NEWLINK", RTM_DELLINK: "RTM_DELLINK"}[kind],
        "AF_BRIDGE" if family == socket.AF_BRIDGE else "AF_UNSPEC",
        f"index={index} flags={link_flags:#x}",
    ]
    for kind, value in attributes(message[32:]):
        words += describe_attribute(kind, value)
    return " ".join(words)


def describe_end(message, kind, flags):
    error = struct.unpack_from("=i", message, 16)[0]
    start = 20 if kind == NLMSG_DONE else 20 + struct.unpack_from("=I", message, 20)[0]
    words = [{NLMSG_DONE: "NLMSG_DONE", NLMSG_ERROR: "NLMSG_ERROR"}[kind], f"errno={-error}"]
    if flags & NLM_F_ACK_TLVS:
        words += [f"text={text(value)}" for number, value in attributes(message[start:]) if number == 1]
    return " ".join(words)


def text(value):
    return ascii(value.rstrip(b"\0"))[1:]


def describe_attribute(kind, value):
    numbers = {5: "link", 10: "master", 37: "link_netnsid", 44: "event", 45: "new_netnsid", 49: "new_ifindex",
               35: "carrier_changes", 47: "carrier_up_count", 48: "carrier_down_count"}  # fmt: skip
    if kind == 3:
        yield f"name={text(value)}"
    elif kind == 16:
        yield f"operstate={value[0]}"
    elif kind == 33:
        yield f"carrier={value[0]}"
    elif kind in numbers:
        yield f"{numbers[kind]}={struct.unpack('=i', value)[0]}"
    elif kind == IFLA_PROTINFO:
        yield from (f"protinfo_state={state[0]}" for number, state in attributes(value) if number == IFLA_BRPORT_STATE)
    elif kind == IFLA_LINKINFO:
        for number, info in attributes(value):
            if number == IFLA_INFO_KIND:
                yield f"kind={text(info)}"
            elif number == IFLA_INFO_SLAVE_KIND:
                yield f"slave_kind={text(info)}"
            elif number == IFLA_INFO_SLAVE_DATA:
                yield from (f"slave_state={state[0]}" for part, state in attributes(info) if part == IFLA_BRPORT_STATE)


# --- the files


def fixture(about, steps, messages, ip=(), before=()):
    lines = [f"# recorded by Tests/Fixtures/record.py on Linux {os.uname().release.split('-')[0]}"]
    lines += [f"# before: {step}" for step in before]
    lines += [f"# $ {step}" for step in steps]
    lines += [f"# about: {about}"]
    lines += [f"# {number}: {describe(message)}" for number, message in enumerate(messages, 1)]
    lines += [f"# ip: {line}" for line in ip]
    for message in messages:
        lines += [""] + [message[start : start + 32].hex(" ") for start in range(0, len(message), 32)]
    return "\n".join(lines) + "\n"


def mac(index):
    return f"52:54:00:00:00:{index:02d}"


def pair(name, index, peer, peer_index, rest=""):
    return (f"ip link add {name} index {index} address {mac(index)} type veth "
            f"peer name {peer} index {peer_index} address {mac(peer_index)}{rest}")  # fmt: skip


def up(*names):
    return "; ".join(f"ip link set {name} up" for name in names)


# File name, interface index, what it is for, how the link is made. In order: later links stand on earlier ones.
LINKS = [
    ("link-loopback", 1, "lo has no IFLA_LINKINFO", [up("lo")]),
    ("link-veth", 10, "one end of a pair in one namespace, IFLA_LINK is the peer, both up",
     [pair("veth0", 10, "veth1", 11), up("veth0", "veth1")]),
    ("link-veth-peer", 11, "the other end of link-veth", []),
    ("link-veth-remote", 12, f"the peer is in another namespace, nsid {FAR_NSID}, where it has index 13",
     [pair("veth2", 12, "eth0", 13, f" netns {FAR}"), up("veth2"), f"ip -n {FAR} link set eth0 up"]),
    ("link-tap", 20, "persistent tap of uid 1000, gid 1001 that nobody holds: up without carrier",
     ["tun('tap0', 20, TAP | NO_PI | VNET_HDR, persist=True, hold=False)", f"ip link set tap0 address {mac(20)} up"]),
    ("link-tap-multiqueue", 21, "tap with 2 queues, both held, not persistent: carrier 1, operstate UNKNOWN",
     ["tun('tap1', 21, TAP | NO_PI | VNET_HDR | MULTI_QUEUE, queues=2)", f"ip link set tap1 address {mac(21)} up"]),
    ("link-tap-detached-queue", 22, "as link-tap-multiqueue, with 2 queues attached and 1 detached",
     ["tun('tap2', 22, TAP | NO_PI | MULTI_QUEUE, queues=3, detached=1)", f"ip link set tap2 address {mac(22)} up"]),
    ("link-tun", 23, "persistent tun with packet information: no IFLA_ADDRESS, hardware type ARPHRD_NONE",
     ["tun('tun0', 23, TUN, persist=True, hold=False)"]),
    ("link-bridge", 30, "bridge with STP and two ports (31 and 33), not the MAC of either",
     [f"ip link add br0 index 30 address {mac(30)} type bridge stp_state 1 priority 4096", up("br0"),
      pair("port0", 31, "peer0", 32), pair("port1", 33, "peer1", 34), up("port0", "peer0", "port1"),
      "ip link set port0 master br0; ip link set port1 master br0"]),
    ("link-bridge-port", 31, "veth as port of link-bridge, listening (STP), with unusual port flags",
     ["ip link set port0 type bridge_slave cost 7 priority 9 hairpin on guard on isolated on learning off flood off"]),
    ("link-bridge-port-disabled", 33, "veth as port of link-bridge whose peer is down: no carrier, port state 0", []),
    ("link-bridge-port-forwarding", 36, "veth as forwarding port of a bridge (35) without STP",
     [f"ip link add br1 index 35 address {mac(35)} type bridge", up("br1"), pair("port2", 36, "peer2", 37),
      "ip link set port2 master br1", up("port2", "peer2")]),
    ("link-vxlan", 40, "vxlan with id 42 over veth0",
     [f"ip link add vxlan0 index 40 address {mac(40)} type vxlan id 42 remote 192.0.2.1 dev veth0 dstport 4789"]),
    ("link-macvlan", 41, "macvlan in bridge mode on veth0, IFLA_LINK is the parent",
     [f"ip link add link veth0 name macvlan0 index 41 address {mac(41)} type macvlan mode bridge", up("macvlan0")]),
    ("link-macvtap", 42, "macvtap in bridge mode on veth0: not kind tun, though a process opens it like a tap",
     [f"ip link add link veth0 name macvtap0 index 42 address {mac(42)} type macvtap mode bridge", up("macvtap0")]),
    ("link-ifb", 43, "ifb", [f"ip link add ifb0 index 43 address {mac(43)} type ifb"]),
    ("link-alias", 44, "IFLA_IFALIAS",
     [f"ip link add aliased index 44 address {mac(44)} type ifb", "ip link set aliased alias 'uplink of vm01'"]),
    ("link-alternative-names", 45, "two alternative names, one longer than IFNAMSIZ",
     [f"ip link add named index 45 address {mac(45)} type ifb",
      "ip link property add dev named altname alt0 altname a-name-longer-than-fifteen-bytes"]),
    ("link-hostile-name", 46, 'name, alternative name, alias with \\xff, quote, backslash, ESC, line feed, @everyone',
     [rf"""ip link add $'h\xff"\\\x1b[1m' index 46 address {mac(46)} type ifb""",
      r"""ip link set $'h\xff"\\\x1b[1m' alias $'a\xfe"\\\x1b\n@everyone'""",
      r"""ip link property add dev $'h\xff"\\\x1b[1m' altname $'n\xfd"\\\x1b'"""]),
]  # fmt: skip

STATS = [
    pair("veth0", 10, "veth1", 11), up("veth0", "veth1"),
    "tun('tap0', 20, TAP | NO_PI)", f"ip link set tap0 address {mac(20)} up",
    f"ip link add br0 index 30 address {mac(30)} type bridge",
    "send('veth0', 1000, 5)", "send('veth1', 100, 2)", "send('tap0', 60, 3)",
]  # fmt: skip

# What uses links: addresses, routes, what a bridge has learned, packet sockets.
USES = [
    pair("veth0", 10, "veth1", 11), f"ip link add br0 index 30 address {mac(30)} type bridge",
    pair("port0", 31, "peer0", 32), "ip link set port0 master br0", up("veth0", "veth1", "br0", "port0", "peer0"),
    "sysctl -qw net.ipv6.conf.veth0.disable_ipv6=0 net.ipv6.conf.veth0.addr_gen_mode=1",
    "ip addr add 192.0.2.1/24 dev veth0; ip addr add 2001:db8::1/64 dev veth0 nodad",
    "ip route add 198.51.100.0/24 via 192.0.2.2",
    "ip route add 203.0.113.0/24 nexthop via 192.0.2.2 weight 2 nexthop via 192.0.2.3",
    "ip nexthop add id 5 via 192.0.2.2 dev veth0; ip route add 192.88.99.0/24 nhid 5",
    "bridge fdb add 52:54:00:00:00:99 dev port0 master static", "bind('veth1')",
]  # fmt: skip

# File name, what it is for, and how it is asked for. A sock_diag message has the number of an address.
USE_DUMPS = [
    ("uses-addresses", "RTM_GETADDR dump", RTM_GETADDR, struct.pack("=8x"), socket.NETLINK_ROUTE),
    ("uses-routes", "RTM_GETROUTE dump of IPv4: plain, by two hops, by a next hop object", RTM_GETROUTE,
     struct.pack("=B11x", socket.AF_INET), socket.NETLINK_ROUTE),
    ("uses-routes-6", "RTM_GETROUTE dump of IPv6", RTM_GETROUTE, struct.pack("=B11x", socket.AF_INET6),
     socket.NETLINK_ROUTE),
    ("uses-forwarding", "RTM_GETNEIGH dump of AF_BRIDGE", RTM_GETNEIGH, struct.pack("=B11x", socket.AF_BRIDGE),
     socket.NETLINK_ROUTE),
    ("uses-packet-sockets", "AF_PACKET sock_diag dump", SOCK_DIAG_BY_FAMILY,
     struct.pack("=B7xI8x", socket.AF_PACKET, PACKET_SHOW_INFO), NETLINK_SOCK_DIAG),
]  # fmt: skip
USE_NAMES = {RTM_NEWADDR: "RTM_NEWADDR or SOCK_DIAG_BY_FAMILY", RTM_NEWROUTE: "RTM_NEWROUTE", RTM_NEWNEIGH: "RTM_NEWNEIGH"}

BRIDGES = [
    f"ip link add br0 index 30 address {mac(30)} type bridge mcast_stats_enabled 1 mcast_querier 1 "
    "stp_state 1 forward_delay 200", up("br0"),
    pair("port0", 31, "peer0", 32), "ip link set port0 master br0", up("port0", "peer0"), "sleep 6",
    pair("alone0", 33, "alone1", 34), "tun('tap0', 35, TAP | NO_PI)",
    f"ip link add br1 index 36 address {mac(36)} type bridge", "ip link set tap0 master br1",
    "bridge fdb add 52:54:00:00:00:99 dev port0 master static", "send('peer0', 100, 1)",
]  # fmt: skip

# File name, what it is for, what happens. In order: each event starts where the one before ended.
EVENTS = [
    ("", "",  # not recorded
     [f"ip link add br0 index 30 address {mac(30)} type bridge", up("br0"),
      pair("veth2", 12, "veth3", 13), up("veth2", "veth3"), pair("veth4", 14, "veth5", 15)]),
    ("event-veth-create", "a new pair: the second end comes first and does not know its peer, IFLA_LINK 0",
     [pair("veth0", 10, "veth1", 11)]),
    ("event-up", "both ends go up, one after the other", [up("veth0", "veth1")]),
    ("event-enslave", "veth0 becomes a port of bridge br0 (30), which is up and has no other port",
     ["ip link set veth0 master br0"]),
    ("event-release", "veth0 stops being a port of br0; the AF_BRIDGE RTM_DELLINK deletes nothing",
     ["ip link set veth0 nomaster"]),
    ("event-rename", "veth1, up, becomes renamed1", ["ip link set veth1 name renamed1"]),
    ("event-move", f"veth0 moves to the namespace with nsid {FAR_NSID}", [f"ip link set veth0 netns {FAR}"]),
    ("event-delete", "another pair (12 and 13), both up, is deleted by its first end", ["ip link del veth2"]),
    ("event-delete-down", "a pair (14 and 15) that is down is deleted by its first end: no RTM_NEWLINK before",
     ["ip link del veth4"]),
    ("event-delete-remote", f"the pair of event-move, of which one end is in nsid {FAR_NSID}, is deleted from here",
     ["ip link del renamed1"]),
    ("", "",  # not recorded, and late, because a bridge speaks of its new ports again after its forward delay of 15 s
     [f"ip link add br1 index 31 address {mac(31)} type bridge", pair("veth6", 16, "veth7", 17),
      "ip link set veth6 master br1", up("br1", "veth6", "veth7")]),
    ("event-delete-port", "a port (16) of bridge br1 (31) and its peer (17), all up, are deleted by the port",
     ["ip link del veth6"]),
]  # fmt: skip


def record_links(files):
    with scene("vxfix-links"):
        for _, _, _, steps in LINKS:
            for step in steps:
                perform(step)
        settle()
        messages, ip = dump_links(), ip_json(["-d"])
        for name, index, about, steps in LINKS:
            files[name] = fixture(about, steps, [messages[index]], [ip[index]])
        enter(f"/run/netns/{FAR}")
        about = f"the other end of link-veth-remote, seen from its own namespace, where the first has nsid {HOME_NSID}"
        files["link-veth-remote-peer"] = fixture(about, [], [dump_links()[13]], [ip_json(["-d"])[13]])


def record_stats(files):
    with scene("vxfix-stats"):
        for step in STATS:
            perform(step)
        settle()
        messages, ip = dump_stats(), ip_json(["-s"])
        if messages != dump_stats():
            raise SystemExit("counters moved while they were recorded: run again")
        about = "RTM_GETSTATS dump of IFLA_STATS_LINK_64, DONE included; the JSON has some of the counters (stats64)"
        files["stats-dump"] = fixture(about, STATS, messages, ip.values())


def record_uses(files):
    with scene("vxfix-uses"):
        for step in USES:
            perform(step)
        settle()
        for name, about, kind, body, protocol in USE_DUMPS:
            files[name] = fixture(f"{about}, DONE included", USES, ask(kind, body, True, protocol))


def record_bridges(files):
    with scene("vxfix-bridges"):
        for step in BRIDGES:
            perform(step)
        settle()
        about = "RTM_GETSTATS dump of IFLA_STATS_LINK_XSTATS and _XSTATS_SLAVE, DONE included"
        files["bridge-stats-dump"] = fixture(about, BRIDGES, dump_bridge_stats())
        about = "RTM_GETNEIGH dump of AF_BRIDGE, DONE included; the JSON is bridge's own view of it"
        fdb = subprocess.run(["bridge", "-j", "fdb", "show"], check=True, capture_output=True, text=True).stdout
        ip = [json.dumps(entry, separators=(",", ":")) for entry in json.loads(fdb)]
        files["forwarding-dump"] = fixture(about, BRIDGES, dump_forwarding(), ip)


def record_events_files(files):
    with scene("vxfix-events"):
        before = []
        for name, about, steps in EVENTS:
            here, far = record_events(steps)
            if about:
                files[name] = fixture(about, steps, here, before=before)
            if about and far:
                about = f"what a listener in the namespace with nsid {FAR_NSID} hears of {name}"
                files[f"{name}-far"] = fixture(about, steps, far, before=before)
            before += steps


def record_errors(files):
    with scene("vxfix-errors"):
        strict = "with NETLINK_GET_STRICT_CHK and NETLINK_EXT_ACK"
        for name, about, body, dump in [
            ("error-enodev", "RTM_GETLINK for index 999, which does not exist,", link_request(999), False),
            ("error-extack", "RTM_GETLINK dump with index 999 in its header, error in the DONE,",
             link_request(999), True),
            ("error-extack-request", "RTM_GETLINK with ifi_flags set, error in an NLMSG_ERROR,",
             struct.pack("=BxHiII", 0, 0, 1, 1, 0), False),
        ]:  # fmt: skip
            files[name] = fixture(f"{about} {strict}", [], ask(RTM_GETLINK, body, dump))


def main():
    if os.geteuid() != 0:
        sys.exit("record.py: makes network namespaces, so it must run as root")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("record.py: stopped"))  # so that the namespaces are removed
    files = {}
    for record in (record_links, record_stats, record_uses, record_bridges, record_events_files, record_errors):
        record(files)
    for name, content in files.items():
        (HERE / f"{name}.hex").write_text(content, encoding="ascii")
    print(f"recorded {len(files)} files in {HERE}")


if __name__ == "__main__":
    main()
