// System calls that glibc has no function for, or that Swift can't call: syscall(2) is variadic, and
// setns(2) is declared under _GNU_SOURCE only, which no header that Swift imports may define.
#ifndef VEXPORT_SYSTEM_CALLS
#define VEXPORT_SYSTEM_CALLS
#include <linux/bpf.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// Moves the calling thread into the network namespace that an open file stands for. 0, or -1 and errno.
static inline int vexport_enter_network_namespace(int file) { return (int)syscall(SYS_setns, file, CLONE_NEWNET); }

// How many programs are attached to a link at a place (enum bpf_attach_type); negative when the kernel won't say.
static inline int vexport_attached_programs(unsigned index, unsigned place) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.query.target_fd = index;  // a union with target_ifindex since Linux 6.6
  attributes.query.attach_type = place;
  if (syscall(SYS_bpf, BPF_PROG_QUERY, &attributes, sizeof attributes) != 0) return -1;
  return (int)attributes.query.prog_cnt;
}
#endif
