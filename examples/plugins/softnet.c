// A plugin for vexport as a shared library: packets that the kernel dropped before any link's counter saw them, since a CPU's
// backlog was full, and how often a CPU had to stop with work left. Source: /proc/net/softnet_stat.
//
//   cc -shared -fPIC -O2 -Wall -o softnet.so softnet.c
//   plugins: [{name: softnet, library: /usr/lib/vexport/plugins/softnet.so}]
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <vexport_plugin.h>

enum { most_cpus = 1024 };

static void add(struct vexport_sink *sink, const char *text) { sink->write(sink, text, strlen(text)); }

static void add_family(struct vexport_sink *sink, const char *name, const char *help, const unsigned *values, int count) {
  char text[256];
  snprintf(text, sizeof text, "# HELP %s %s\n# TYPE %s counter\n", name, help, name);
  add(sink, text);
  for (int cpu = 0; cpu < count; cpu++) {
    snprintf(text, sizeof text, "%s{cpu=\"%d\"} %u\n", name, cpu, values[cpu]);
    add(sink, text);
  }
}

static int collect(void *state, struct vexport_sink *sink) {
  (void)state;
  static unsigned dropped[most_cpus], squeezed[most_cpus];
  FILE *file = fopen("/proc/net/softnet_stat", "re");
  if (file == NULL) {
    sink->fail(sink, strerror(errno));
    return 1;
  }
  char line[512];
  int count = 0;
  while (count < most_cpus && fgets(line, sizeof line, file) != NULL)
    if (sscanf(line, "%*x %x %x", &dropped[count], &squeezed[count]) == 2) count++;
  fclose(file);
  add_family(sink, "softnet_dropped_packets_total", "Packets dropped since the CPU's backlog was full.", dropped, count);
  add_family(sink, "softnet_squeezed_total", "Times the CPU had to stop with packets left.", squeezed, count);
  return 0;
}

const struct vexport_plugin *vexport_plugin(void) {
  static const struct vexport_plugin plugin = {.abi = VEXPORT_PLUGIN_ABI, .collect = collect};
  return &plugin;
}
