#define _GNU_SOURCE
#include "linux_calls.h"
#include <sched.h>

int join_network_namespace(int descriptor) { return setns(descriptor, CLONE_NEWNET); }
