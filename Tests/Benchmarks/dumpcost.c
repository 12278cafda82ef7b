/*
 * dumpcost: what the kernel's answer alone costs, the floor to compare vexport with.
 *
 *     dumpcost BURSTS DUMPS PERIOD_MS
 *
 * Asks for the 64-bit counters of every link of the network namespace it runs in (RTM_GETSTATS with
 * IFLA_STATS_LINK_64), finds the counters in each message and does nothing with them. Every PERIOD_MS it makes one dump,
 * which finds the kernel's counters as far from the caches as whoever dumps that seldom does, and then DUMPS more back to
 * back. Prints the processor time of the one and the mean of the others, in microseconds, as a line of JSON a burst.
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

static double cost_of_dump(struct mnl_socket *socket, struct totals *totals)
{
	static unsigned int sequence;
	double started = cpu_microseconds();

	*totals = dump(socket, ++sequence);
	return cpu_microseconds() - started;
}

int main(int argc, char **argv)
{
	int bursts = argc > 3 ? atoi(argv[1]) : 0;
	int dumps = argc > 3 ? atoi(argv[2]) : 0;
	int period_ms = argc > 3 ? atoi(argv[3]) : -1;
	struct mnl_socket *socket;
	struct timespec next;
	struct totals totals;

	if (bursts < 1 || dumps < 1 || period_ms < 0) {
		fprintf(stderr, "usage: dumpcost BURSTS DUMPS PERIOD_MS\n");
		return 2;
	}
	socket = mnl_socket_open(NETLINK_ROUTE);
	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		fail("netlink socket");

	cost_of_dump(socket, &totals); /* pays for touching the buffer's pages */
	clock_gettime(CLOCK_MONOTONIC, &next);
	for (int i = 0; i < bursts; i++) {
		double seldom, often;

		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		next.tv_nsec += period_ms * 1000000L;
		next.tv_sec += next.tv_nsec / 1000000000;
		next.tv_nsec %= 1000000000;
		seldom = cost_of_dump(socket, &totals);
		often = 0;
		for (int j = 0; j < dumps; j++)
			often += cost_of_dump(socket, &totals) / dumps;
		printf("{\"links\": %u, \"us_seldom\": %.1f, \"us_back_to_back\": %.1f}\n", totals.links, seldom, often);
	}
	mnl_socket_close(socket);
	return 0;
}
