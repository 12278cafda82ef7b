// libmnl, and the kernel headers whose constants its users need beside it. Nothing is defined here.
// Never define _GNU_SOURCE in this file, nor include linux/if_bridge.h (it brings linux/in6.h): both clash with Swift's own
// view of glibc.
#include <libmnl/libmnl.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
