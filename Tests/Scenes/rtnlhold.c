// Holds RTNL, the kernel's one lock for all changes and dumps of links: rtnlhold IFNAME SECONDS.
//
// The kernel reads the argument of an ethtool command with RTNL held. Here that argument lies in a page that is not
// there, and this program, which has to provide it (userfaultfd), takes its time.
//
// Says `held` and, when it is over, `released`. Needs root. The lock is free as soon as this program is dead.
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static long page;
static char *memory;  // two pages, of which the second is missing
static int faults;
static double seconds;

static void check(int succeeded, const char *what) {
    if (succeeded) return;
    fprintf(stderr, "rtnlhold: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void *provide_late(void *unused) {
    struct uffd_msg fault;
    check(read(faults, &fault, sizeof fault) == sizeof fault, "wait for the fault");
    puts("held");
    fflush(stdout);
    usleep(seconds * 1e6);
    struct uffdio_zeropage zeros = {.range = {.start = (unsigned long)memory + page, .len = page}};
    check(ioctl(faults, UFFDIO_ZEROPAGE, &zeros) == 0, "provide the page");
    return unused;
}

int main(int count, char **words) {
    errno = EINVAL;
    check(count == 3, "usage: rtnlhold IFNAME SECONDS");
    seconds = atof(words[2]);
    page = sysconf(_SC_PAGESIZE);
    faults = syscall(SYS_userfaultfd, O_CLOEXEC);
    check(faults >= 0, "userfaultfd");
    struct uffdio_api api = {.api = UFFD_API};
    check(ioctl(faults, UFFDIO_API, &api) == 0, "UFFDIO_API");
    memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(memory != MAP_FAILED, "mmap");
    struct uffdio_register missing = {
        .range = {.start = (unsigned long)memory + page, .len = page}, .mode = UFFDIO_REGISTER_MODE_MISSING};
    check(ioctl(faults, UFFDIO_REGISTER, &missing) == 0, "UFFDIO_REGISTER");

    // The kernel reads the command's number before it takes the lock, and what follows the number after that.
    __u32 *command = (__u32 *)(memory + page - sizeof *command);
    *command = ETHTOOL_SGRO;
    pthread_t provider;
    check(pthread_create(&provider, NULL, provide_late, NULL) == 0, "start a thread");
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_data = (void *)command};
    strncpy(request.ifr_name, words[1], IFNAMSIZ - 1);
    check(ioctl(any, SIOCETHTOOL, &request) == 0, "ETHTOOL_SGRO");
    pthread_join(provider, NULL);
    puts("released");
}
