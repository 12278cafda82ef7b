#define _GNU_SOURCE
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

int host_capabilities(uint64_t *permitted) {
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) != 0) return errno;
    *permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
    return 0;
}

int host_keep_capabilities(uint64_t kept) {
    struct __user_cap_data_struct data[2];
    if (syscall(SYS_capget, &header, data) != 0) return errno;
    // Needs CAP_SETPCAP; who lacks it can't pass on what it has dropped either, unless by a file's capabilities.
    for (int capability = 0; capability < 64; capability++) {
        if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) != 1 || kept >> capability & 1) continue;
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EPERM) return errno;
    }
    // Ambient ones go with the inheritable ones.
    for (int half = 0; half < 2; half++) {
        uint32_t mask = (uint32_t)(kept >> (32 * half));
        data[half].permitted &= mask;
        data[half].effective = data[half].permitted;
        data[half].inheritable &= mask;
    }
    return syscall(SYS_capset, &header, data) == 0 ? 0 : errno;
}

int host_no_new_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;
}

pid_t host_fork(void) {
    return fork();
}

int host_pidfd_open(pid_t pid) {
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

// What a copy of the descriptor answers. No copy outlives this.
static int ask(int pidfd, int descriptor, unsigned long question, void *answer) {
    int copy = (int)syscall(SYS_pidfd_getfd, pidfd, descriptor, 0);
    if (copy < 0) return -1;
    int result = ioctl(copy, question, answer);
    int saved = errno;
    close(copy);
    errno = saved;
    return result;
}

int host_tun_namespace(int pidfd, int descriptor) {
    return ask(pidfd, descriptor, TUNGETDEVNETNS, NULL);
}

int host_socket_namespace(int pidfd, int descriptor) {
    return ask(pidfd, descriptor, SIOCGSKNS, NULL);
}

int host_tap_name(int pidfd, int descriptor, char name[static 16]) {
    struct ifreq request = {0};
    if (ask(pidfd, descriptor, TUNGETIFF, &request) != 0) return -1;
    memcpy(name, request.ifr_name, 16);
    return 0;
}

int host_character_device(const char *path, uint32_t *major, uint32_t *minor) {
    struct statx status;
    if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_TYPE, &status) != 0 || !S_ISCHR(status.stx_mode)) return -1;
    *major = status.stx_rdev_major;
    *minor = status.stx_rdev_minor;
    return 0;
}

ssize_t host_send(int socket, const void *packet, size_t size, int passed) {
    struct iovec part = {.iov_base = (void *)packet, .iov_len = size};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (passed >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &passed, sizeof(int));
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

ssize_t host_receive(int socket, void *packet, size_t size, int *passed) {
    struct iovec part = {.iov_base = packet, .iov_len = size};
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    *passed = -1;
    ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (count < 0) return count;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS
        && header->cmsg_len == CMSG_LEN(sizeof(int)))
        memcpy(passed, CMSG_DATA(header), sizeof(int));
    return count;
}
