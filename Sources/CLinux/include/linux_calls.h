// System calls that glibc declares only under _GNU_SOURCE, which a header that Swift imports must not define.
#pragma once

/// setns(2): moves the calling thread into the network namespace that an open file stands for. 0, or -1 and errno.
int join_network_namespace(int descriptor);
