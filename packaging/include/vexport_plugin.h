// Plugins for vexport as shared libraries.
//
// A library exports one function, vexport_plugin(). vexport loads it in a process of its own (`vexport plugin-host`), without
// rights, so that a crash costs nothing but this plugin:
//
//   plugins:
//     - {name: sensors, library: /usr/lib/vexport/plugins/sensors.so, hooks: [collect]}
//
// Threads: vexport calls all functions from one thread, one after the other. A library may have threads of its own, but these
// must not call what a sink has.
//
// Ownership: what vexport passes (texts, links, sinks) belongs to vexport and is valid until the function returns; what is to
// be kept must be copied. What the library passes to a sink belongs to the library; vexport copies it before the call returns.
// vexport frees nothing that a library has allocated.
//
// Texts are UTF-8 and end with a NUL. Standard output is vexport's: what is printed there goes to the log, like what is
// printed to standard error. docs/plugins.md tells of hooks, limits and restarts.
#ifndef VEXPORT_PLUGIN_H
#define VEXPORT_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The version of all that is declared here. It changes with every change: vexport refuses a library of another version.
#define VEXPORT_PLUGIN_ABI 1

// Where a function puts what it has to say. Valid during that call.
struct vexport_sink {
  // Appends to the metrics, in Prometheus' text format. Of collect.
  void (*write)(struct vexport_sink *sink, const char *bytes, size_t count);
  // Puts a label on the link. Of enrich.
  void (*label)(struct vexport_sink *sink, const char *name, const char *value);
  // Says why the function is going to return another value than 0. The last reason counts.
  void (*fail)(struct vexport_sink *sink, const char *reason);
};

// A link, as far as it is known. Texts that are not known are NULL.
struct vexport_link {
  // No other link ever has this number, before or after.
  uint64_t number;
  int32_t ifindex;
  const char *device;
  // The label of its network namespace; NULL for vexport's own.
  const char *netns;
  // tap, tun, veth, bridge, openvswitch, physical, or the kernel's name for another.
  const char *kind;
  const char *alias;
  const char *address;
  // The bridge or other link that it is a port of.
  const char *master;
  // A veth's other end.
  const char *peer;
  // Who is at its far end, what that is (vm, container, pod, service, process), and its UUID or other id.
  const char *workload;
  const char *workload_kind;
  const char *workload_id;
};

// What a library does. Functions that it does not have are NULL. All but observe and close return 0, or another value when
// they failed.
struct vexport_plugin {
  // VEXPORT_PLUGIN_ABI.
  uint32_t abi;
  // Called first. `name` is the plugin's in the configuration. `*state` is passed to all other functions.
  int (*open)(const char *name, void **state, struct vexport_sink *sink);
  // Has metrics.
  int (*collect)(void *state, struct vexport_sink *sink);
  // Has labels for a link.
  int (*enrich)(void *state, const struct vexport_link *link, struct vexport_sink *sink);
  // Is told of events or findings: a line of the protocol in docs/plugins.md, JSON.
  void (*observe)(void *state, const char *line);
  // Delivers a notification: a line of the protocol, JSON, with the member `notification`.
  int (*deliver)(void *state, const char *line, struct vexport_sink *sink);
  // Called last, when vexport ends the plugin.
  void (*close)(void *state);
};

// What the library exports. What it returns must stay as it is while the library is loaded.
const struct vexport_plugin *vexport_plugin(void);

// The name by which vexport looks for it.
#define VEXPORT_PLUGIN_SYMBOL "vexport_plugin"

#ifdef __cplusplus
}
#endif
#endif
