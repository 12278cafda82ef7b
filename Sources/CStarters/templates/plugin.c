// The plugin @NAME@ for vexport: a shared library. vexport_plugin.h says what its functions may do.
#include <stdio.h>

#include "vexport_plugin.h"

static int collect(void *state, struct vexport_sink *sink) {
  (void)state;
  static unsigned long count;
  char text[256];
  int length = snprintf(text, sizeof text,
                        "# HELP @METRIC@_answers_total How often @NAME@ was asked for its metrics.\n"
                        "# TYPE @METRIC@_answers_total counter\n"
                        "@METRIC@_answers_total %lu\n",
                        ++count);
  sink->write(sink, text, (size_t)length);
  return 0;
}

const struct vexport_plugin *vexport_plugin(void) {
  static const struct vexport_plugin plugin = {.abi = VEXPORT_PLUGIN_ABI, .collect = collect};
  return &plugin;
}
