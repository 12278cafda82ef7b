#define _GNU_SOURCE
#include "vexport_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { stack_size = 64 << 10 };

struct child {
  struct vexport_spawn *spawn;
  pid_t parent;
  int error;
};

static int fail(struct child *child, const char *what) {
  child->error = errno;
  child->spawn->failed = what;
  _exit(127);
}

// Close on exec is not enough: a library may have opened something without it.
static void close_all_above(int last) {
  if (syscall(SYS_close_range, last + 1, ~0U, 0) == 0) return;
  struct rlimit limit = {.rlim_cur = 1024};
  getrlimit(RLIMIT_NOFILE, &limit);
  for (int descriptor = last + 1; descriptor < (int)limit.rlim_cur; descriptor++) close(descriptor);
}

// Where sessions share processors by group (CONFIG_SCHED_AUTOGROUP), the niceness of a process only counts inside its own.
// Source: sched(7).
static void be_nice_as_a_session(void) {
  int file = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  // Without it scrapes wait a little longer, no more.
  ssize_t count = write(file, "10", 2);
  (void)count;
  close(file);
}

// Needs CAP_SETPCAP. Without it, no_new_privs keeps a program from gaining what is left in the bounding set.
static void drop_bounding_set(void) {
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
    prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

static int drop_capabilities(void) {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[2];
  memset(none, 0, sizeof none);
  return (int)syscall(SYS_capset, &header, none);
}

// Runs in vexport's memory, while the thread that called is stopped: only system calls from here on. Those for users are
// not glibc's, which would have vexport's other threads follow.
static int run(void *argument) {
  struct child *child = argument;
  struct vexport_spawn *spawn = child->spawn;
  // glibc's sigaction leaves out the signals that it uses itself, which may be ignored all the same.
  static const char kernel_default[64];
  for (int number = 1; number < _NSIG; number++) syscall(SYS_rt_sigaction, number, kernel_default, NULL, _NSIG / 8);
  if (setsid() < 0) fail(child, "setsid");
  be_nice_as_a_session();
  if (dup2(spawn->input, 0) < 0 || dup2(spawn->output, 1) < 0 || dup2(spawn->error, 2) < 0) fail(child, "dup2");
  close_all_above(2);
  struct rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail(child, "prctl PR_SET_NO_NEW_PRIVS");
  drop_bounding_set();
  if (spawn->switches_user) {
    if (syscall(SYS_setgroups, spawn->group_count, spawn->groups) != 0) fail(child, "setgroups");
    if (syscall(SYS_setresgid, spawn->group, spawn->group, spawn->group) != 0) fail(child, "setresgid");
    if (syscall(SYS_setresuid, spawn->user, spawn->user, spawn->user) != 0) fail(child, "setresuid");
  }
  if (drop_capabilities() != 0) fail(child, "capset");
  // After a change of user, which clears it. vexport may have ended before.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) fail(child, "prctl PR_SET_PDEATHSIG");
  if (getppid() != child->parent) _exit(127);
  if (chdir("/") != 0) fail(child, "chdir /");
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execve(spawn->program, spawn->arguments, spawn->environment);
  return fail(child, "execve");
}

int vexport_spawn(struct vexport_spawn *spawn, pid_t *pid, int *pidfd) {
  void *stack = mmap(NULL, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) {
    spawn->failed = "mmap";
    return errno;
  }
  struct child child = {.spawn = spawn, .parent = getpid()};
  // A signal must not run one of vexport's handlers in the child.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  pid_t result = clone(run, (char *)stack + stack_size, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &child, pidfd);
  int error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  munmap(stack, stack_size);
  if (result < 0) {
    spawn->failed = "clone";
    return error;
  }
  if (child.error != 0) {
    while (syscall(SYS_wait4, result, NULL, 0, NULL) < 0 && errno == EINTR) continue;
    close(*pidfd);
    return child.error;
  }
  *pid = result;
  return 0;
}

int vexport_pipe(int *read_end, int *write_end, int reads_here) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return errno;
  for (int i = 0; i < 2; i++) {
    if (ends[i] > 2) continue;
    int moved = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
    int error = errno;
    close(ends[i]);
    ends[i] = moved;
    if (moved < 0) {
      close(ends[1 - i]);
      return error;
    }
  }
  *read_end = ends[0];
  *write_end = ends[1];
  fcntl(reads_here ? ends[0] : ends[1], F_SETFL, O_NONBLOCK);
  return 0;
}

int vexport_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 ? 0 : errno; }

int vexport_has_capability(int capability) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  if (syscall(SYS_capget, &header, data) != 0) return 0;
  return data[capability / 32].effective >> (capability % 32) & 1;
}
