#!/bin/bash
# A compute node in miniature, in the network namespace that it is run in:
#
#   QEMU -> vnet0 (persistent tap) -> qbr0 (bridge) -> qvb0, qvo0 (veth) -> br-int (Open vSwitch) -> gw0 (veth) -> GATEWAY
#
# chain.sh up DIRECTORY GATEWAY   GATEWAY is another namespace's name; sockets and process ids are kept in DIRECTORY
# chain.sh down DIRECTORY
#
# QEMU runs no system: the ROM of its network card asks for an address by DHCP, again and again. Open vSwitch has its userspace
# datapath, which needs no kernel module. Neither touches the machine's own.
set -eu
directory=$2
db=unix:$directory/db.sock
export OVS_RUNDIR=$directory OVS_LOGDIR=$directory OVS_DBDIR=$directory OVS_SYSCONFDIR=$directory

# Starts a daemon with nothing of what the caller keeps open: a test takes that for the script still running.
alone() (
  for descriptor in /proc/self/fd/*; do
    [ "${descriptor##*/}" -le 2 ] || eval "exec ${descriptor##*/}>&-"
  done
  exec "$@" < /dev/null >> "$directory/log" 2>&1
)

start_switch() {
  local common="--detach --no-chdir -vconsole:off"
  ovsdb-tool create "$directory/conf.db" /usr/share/openvswitch/vswitch.ovsschema
  alone ovsdb-server "$directory/conf.db" --remote="p$db" --unixctl="$directory/ovsdb.ctl" \
    --pidfile="$directory/ovsdb-server.pid" --log-file="$directory/ovsdb-server.log" $common
  ovs-vsctl --db="$db" --no-wait init
  alone ovs-vswitchd "$db" --unixctl="$directory/vswitchd.ctl" --pidfile="$directory/ovs-vswitchd.pid" \
    --log-file="$directory/ovs-vswitchd.log" $common
  ovs-vsctl --db="$db" --timeout=10 add-br br-int -- set bridge br-int datapath_type=netdev fail_mode=standalone
}

start_machine() {
  ip tuntap add dev vnet0 mode tap
  ip link set vnet0 master qbr0 up
  alone qemu-system-x86_64 -accel tcg -m 32 -nographic -nodefaults -boot n -daemonize -pidfile "$directory/qemu.pid" \
    -name guest=instance-00000077,debug-threads=on -uuid 629b29b9-b0fb-4766-b27d-f4a686d5cbda \
    -netdev tap,id=net0,ifname=vnet0,script=no,downscript=no \
    -device virtio-net-pci,netdev=net0,mac=52:54:00:77:00:0b
}

case $1 in
up)
  mkdir -p "$directory"
  ip -batch - <<BATCH
link add qbr0 type bridge forward_delay 0
link set qbr0 up
link add qvb0 type veth peer name qvo0
link set qvb0 master qbr0 up
link set qvo0 up
link add gw0 type veth peer name eth0 netns $3
link set gw0 up
BATCH
  ip -n "$3" addr add 10.77.0.1/24 dev eth0
  ip -n "$3" link set eth0 up
  start_switch
  ip link set br-int up
  ovs-vsctl --db="$db" --timeout=10 add-port br-int qvo0 -- add-port br-int gw0
  start_machine
  ;;
down)
  # Swift's threads start programs with SIGTERM blocked.
  [ ! -f "$directory/qemu.pid" ] || kill -9 "$(cat "$directory/qemu.pid")" || true
  [ ! -S "$directory/vswitchd.ctl" ] || ovs-appctl -t "$directory/vswitchd.ctl" exit --cleanup
  [ ! -S "$directory/ovsdb.ctl" ] || ovs-appctl -t "$directory/ovsdb.ctl" exit
  rm -rf "$directory"
  ;;
esac
