// Starts a program without any of vexport's rights. No library does: between the new process and its program, posix_spawn(3)
// and the packages built on it run nothing that takes capabilities away, and starting vexport itself in between, to do it,
// costs more than the plugin's own work.
#ifndef VEXPORT_SPAWN
#define VEXPORT_SPAWN
#include <sys/types.h>

struct vexport_spawn {
  const char *program;
  char *const *arguments;
  char *const *environment;
  // Become its standard input, output and error. All above 2, all closed on exec.
  int input, output, error;
  // Whether to become another user. It has the groups.
  int switches_user;
  uid_t user;
  gid_t group;
  const gid_t *groups;
  size_t group_count;
  // What failed, when something did.
  const char *failed;
};

// Starts it, in a session of its own, with nothing open but those three, no capability and no way to get one, and an end
// when the calling thread ends. Returns 0, or an errno.
int vexport_spawn(struct vexport_spawn *spawn, pid_t *pid, int *pidfd);

// A pipe whose ends are above 2 and closed on exec; this process' end does not block. Returns 0, or an errno.
int vexport_pipe(int *read_end, int *write_end, int reads_here);

// Processes whose parents have ended become children of this process instead of init's.
int vexport_adopt_orphans(void);

// 1 when the calling thread has the capability in effect.
int vexport_has_capability(int capability);
#endif
