// What Swift can't call: syscall(), ioctl() and prctl() are variadic, capset() has no wrapper, fork() is barred since it takes
// only the calling thread along, control messages are made by macros.
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// The calling thread's capabilities, as bits. Returns 0 or errno.
int host_capabilities(uint64_t *permitted);

// Takes from the calling thread all capabilities but `kept`, for good: from the permitted, effective, inheritable and ambient
// sets, and from the bounding set where it may, so that no program that it starts gets them back. Returns 0 or errno.
int host_keep_capabilities(uint64_t kept);

// No program started from here on gains rights. Returns 0 or errno.
int host_no_new_privileges(void);

// fork(2), for processes with one thread.
pid_t host_fork(void);

// A descriptor for a process; -1 and errno when it is gone.
int host_pidfd_open(pid_t pid);

// The network namespace of a tun's descriptor (TUNGETDEVNETNS) or a socket (SIOCGSKNS) of another process, as an open file;
// -1 and errno when it can't be told.
int host_tun_namespace(int pidfd, int descriptor);
int host_socket_namespace(int pidfd, int descriptor);

// The present name of the tap, or macvtap, that a descriptor of another process is a queue of (TUNGETIFF), of IFNAMSIZ bytes; -1
// when it is of none.
int host_tap_name(int pidfd, int descriptor, char name[static 16]);

// The number of a character device; -1 for anything else. Its file system is not asked, which may not answer.
int host_character_device(const char *path, uint32_t *major, uint32_t *minor);

// sendmsg(2) and recvmsg(2) of one packet and, unless it is -1, one descriptor with it (SCM_RIGHTS). What is received is
// closed on exec.
ssize_t host_send(int socket, const void *packet, size_t size, int passed);
ssize_t host_receive(int socket, void *packet, size_t size, int *passed);
