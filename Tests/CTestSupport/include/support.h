#pragma once
#include <linux/netlink.h>
// Makes the calling thread enter the network namespace whose file is at path. setns is a GNU extension, which Swift's
// glibc does not show. Returns 0, or -1 with errno set.
int enter_network_namespace(const char *path);
