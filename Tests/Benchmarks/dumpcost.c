/*
 * dumpcost: what the kernel's answer alone costs, the floor to compare vexport with.
 *
 *     dumpcost DUMPS [PAUSE_MS]
 *
 * Asks for the 64-bit counters of every link of the network namespace it runs in (RTM_GETSTATS with
 * IFLA_STATS_LINK_64), DUMPS times, PAUSE_MS apart, finds the counters in each message and does nothing with them.
 * Prints the processor time of this process per dump and per link as one line of JSON.
 *
 *     cc -O2 -o dumpcost dumpcost.c -lmnl
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

/* The kernel fills about 31 KB per message however large the buffer. */
static char buffer[64 * 1024];

struct totals {
	unsigned int links;
	uint64_t received_bytes; /* keeps the compiler from leaving out the reading of the counters */
};

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static double cpu_microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static int count_link(const struct nlmsghdr *message, void *data)
{
	struct totals *totals = data;
	const struct nlattr *attribute;

	totals->links++;
	mnl_attr_for_each(attribute, message, sizeof(struct if_stats_msg)) {
		if (mnl_attr_get_type(attribute) == IFLA_STATS_LINK_64) {
			const struct rtnl_link_stats64 *counters = mnl_attr_get_payload(attribute);

			totals->received_bytes += counters->rx_bytes;
		}
	}
	return MNL_CB_OK;
}

static struct totals dump(struct mnl_socket *socket, unsigned int sequence)
{
	struct totals totals = {0};
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct if_stats_msg *filter;
	int more = MNL_CB_OK;

	request->nlmsg_type = RTM_GETSTATS;
	request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->nlmsg_seq = sequence;
	filter = mnl_nlmsg_put_extra_header(request, sizeof(*filter));
	filter->filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_LINK_64);
	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		fail("RTM_GETSTATS request");

	while (more == MNL_CB_OK) {
		ssize_t size = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));

		if (size < 0)
			fail("RTM_GETSTATS answer");
		more = mnl_cb_run(buffer, size, sequence, mnl_socket_get_portid(socket), count_link, &totals);
	}
	if (more < 0)
		fail("RTM_GETSTATS answer");
	return totals;
}

int main(int argc, char **argv)
{
	int dumps = argc > 1 ? atoi(argv[1]) : 0;
	int pause_ms = argc > 2 ? atoi(argv[2]) : 0;
	struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000000L};
	struct mnl_socket *socket;
	struct totals totals;
	double used = 0;

	if (dumps < 1 || pause_ms < 0) {
		fprintf(stderr, "usage: dumpcost DUMPS [PAUSE_MS]\n");
		return 2;
	}
	socket = mnl_socket_open(NETLINK_ROUTE);
	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		fail("netlink socket");

	dump(socket, 1); /* the first one pays for touching the buffer's pages */
	for (int i = 0; i < dumps; i++) {
		double started;

		if (pause_ms)
			nanosleep(&pause, NULL);
		started = cpu_microseconds();
		totals = dump(socket, 2 + i);
		used += cpu_microseconds() - started;
	}
	printf("{\"links\": %u, \"dumps\": %d, \"cpu_us_per_dump\": %.1f, \"cpu_us_per_link\": %.3f}\n", totals.links,
	       dumps, used / dumps, used / dumps / totals.links);
	mnl_socket_close(socket);
	return 0;
}
