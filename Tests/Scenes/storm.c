// Makes links change faster than anybody can follow.
//
//   storm flap PREFIX COUNT SECONDS
//     sets the links PREFIX0, PREFIX1, ... down and up again, all of them, round after round
//   storm churn PREFIX RATE SECONDS [BRIDGE]
//     makes RATE links a second, as veth pairs PREFIX<n> and PREFIX<n>p, and deletes them half a second later;
//     the first of each pair becomes a port of BRIDGE. Those of the last tenth of a second stay.
//
// Says what it did in one line on standard output. Anything that the kernel refuses ends it with status 1.
#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

unsigned int if_nametoindex(const char *name);  // net/if.h clashes with linux/if.h

enum {
    BATCH = 64,         // requests sent at once: the default receive buffer takes 92 verdicts
    REQUEST = 512,      // bytes that a request may have
    SLICES = 10,        // of a second, in each of which links are made
    LIFE = 5,           // slices that a link lives
    FIRST_GROUP = 1000,
};

static int rtnetlink;
static char batch[BATCH * REQUEST];
static size_t used;
static int pending;
static struct nlmsghdr *last;
static long requests;

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("storm: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void sleep_until(double moment) {
    double left = moment - now();
    if (left > 0) usleep(left * 1e6);
}

// Requests: begin, add attributes, and so on; flush sends what has gathered and reads the verdicts.

static void flush(void) {
    static char answer[BATCH * REQUEST];
    if (used == 0) return;
    if (send(rtnetlink, batch, used, 0) != (ssize_t)used) fail("send: %s", strerror(errno));
    while (pending > 0) {
        ssize_t count = recv(rtnetlink, answer, sizeof answer, 0);
        if (count < 0) fail("receive: %s", strerror(errno));
        unsigned length = count;
        for (struct nlmsghdr *header = (void *)answer; NLMSG_OK(header, length);
             header = NLMSG_NEXT(header, length)) {
            int error = ((struct nlmsgerr *)NLMSG_DATA(header))->error;
            if (header->nlmsg_type != NLMSG_ERROR || error != 0) fail("the kernel says: %s", strerror(-error));
            pending--;
        }
    }
    used = 0;
}

static void begin(int type, int flags, struct ifinfomsg link) {
    if (pending == BATCH) flush();
    last = (void *)(batch + used);
    *last = (struct nlmsghdr){
        .nlmsg_len = NLMSG_LENGTH(sizeof link), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags};
    memcpy(NLMSG_DATA(last), &link, sizeof link);
    used += last->nlmsg_len;
    pending++;
    requests++;
}

static struct rtattr *add(int type, const void *data, size_t size) {
    struct rtattr *attribute = (void *)(batch + used);
    *attribute = (struct rtattr){.rta_len = RTA_LENGTH(size), .rta_type = type};
    if (size > 0) memcpy(RTA_DATA(attribute), data, size);
    last->nlmsg_len += RTA_SPACE(size);
    used += RTA_SPACE(size);
    return attribute;
}

static void end(struct rtattr *nest) { nest->rta_len = batch + used - (char *)nest; }

static void add_number(int type, unsigned value) { add(type, &value, sizeof value); }

static void add_text(int type, const char *text) { add(type, text, strlen(text) + 1); }

// Names.

static void write_name(char name[IFNAMSIZ], const char *prefix, long number, const char *suffix) {
    if (snprintf(name, IFNAMSIZ, "%s%ld%s", prefix, number, suffix) >= IFNAMSIZ) fail("%s is too long", prefix);
}

static unsigned index_of(const char *name) {
    unsigned index = if_nametoindex(name);
    if (index == 0) fail("no link is called %s", name);
    return index;
}

// Flapping.

static void flap(const char *prefix, int count, double seconds) {
    unsigned *indexes = calloc(count, sizeof *indexes);
    for (int i = 0; i < count; i++) {
        char name[IFNAMSIZ];
        write_name(name, prefix, i, "");
        indexes[i] = index_of(name);
    }
    double start = now();
    do {
        for (int up = 0; up <= 1; up++) {
            for (int i = 0; i < count; i++) {
                begin(
                    RTM_NEWLINK, 0,
                    (struct ifinfomsg){.ifi_index = indexes[i], .ifi_flags = up ? IFF_UP : 0, .ifi_change = IFF_UP});
            }
            flush();
        }
    } while (now() - start < seconds);
    printf("%ld changes of %d links, %.0f a second\n", requests, count, requests / (now() - start));
    free(indexes);
}

// Churn.

static void create_pair(const char *prefix, long number, unsigned group, unsigned bridge) {
    char name[IFNAMSIZ], peer[IFNAMSIZ];
    struct ifinfomsg up = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP}, far = {0};
    write_name(name, prefix, number, "");
    write_name(peer, prefix, number, "p");
    begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, up);
    add_text(IFLA_IFNAME, name);
    add_number(IFLA_GROUP, group);
    if (bridge != 0) add_number(IFLA_MASTER, bridge);
    struct rtattr *info = add(IFLA_LINKINFO | NLA_F_NESTED, NULL, 0);
    add_text(IFLA_INFO_KIND, "veth");
    struct rtattr *data = add(IFLA_INFO_DATA | NLA_F_NESTED, NULL, 0);
    struct rtattr *far_end = add(VETH_INFO_PEER | NLA_F_NESTED, &far, sizeof far);
    add_text(IFLA_IFNAME, peer);
    end(far_end);
    end(data);
    end(info);
    // Not while it is made: a veth without its other end can't be up.
    begin(RTM_NEWLINK, 0, up);
    add_text(IFLA_IFNAME, peer);
}

static void churn(const char *prefix, int rate, double seconds, const char *bridge_name) {
    unsigned bridge = bridge_name ? index_of(bridge_name) : 0;
    long pairs = 0;
    int slices = seconds * SLICES;
    double start = now();
    for (int slice = 0; slice < slices + LIFE - 1; slice++) {
        sleep_until(start + (double)slice / SLICES);
        if (slice >= LIFE) {
            begin(RTM_DELLINK, 0, (struct ifinfomsg){0});
            add_number(IFLA_GROUP, FIRST_GROUP + slice - LIFE);
        }
        if (slice < slices) {
            for (int i = 0; i < rate / SLICES / 2; i++) create_pair(prefix, pairs++, FIRST_GROUP + slice, bridge);
        }
        flush();
    }
    printf("%ld links made in %.1f s, %.0f a second\n", 2 * pairs, now() - start, 2 * pairs / (now() - start));
}

int main(int count, char **words) {
    int is_flap = count == 5 && strcmp(words[1], "flap") == 0;
    int is_churn = count >= 5 && count <= 6 && strcmp(words[1], "churn") == 0;
    if (!is_flap && !is_churn) fail("usage: storm flap PREFIX COUNT SECONDS | churn PREFIX RATE SECONDS [BRIDGE]");
    rtnetlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (rtnetlink < 0) fail("socket: %s", strerror(errno));
    int one = 1;
    setsockopt(rtnetlink, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);
    int number = atoi(words[3]);
    double seconds = atof(words[4]);
    if (is_flap) flap(words[2], number, seconds);
    else churn(words[2], number, seconds, count == 6 ? words[5] : NULL);
}
