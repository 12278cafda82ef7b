// Preloaded into vexport: as long as the file that VEXPORT_REFUSE names exists, the kernel seems to refuse requests for
// counters.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <unistd.h>

ssize_t mnl_socket_sendto(const struct mnl_socket *socket, const void *request, size_t size) {
  static ssize_t (*send)(const struct mnl_socket *, const void *, size_t);
  if (!send) send = dlsym(RTLD_NEXT, "mnl_socket_sendto");
  const char *file = getenv("VEXPORT_REFUSE");
  if (file && ((const struct nlmsghdr *)request)->nlmsg_type == RTM_GETSTATS && access(file, F_OK) == 0) {
    errno = EPERM;
    return -1;
  }
  return send(socket, request, size);
}
