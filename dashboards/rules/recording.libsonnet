// Sums that dashboards of many hosts would otherwise count anew each time.
function(config) {
  local labels = { window: config.rateWindow, on: 'on (job, instance, netns, device)' },

  // The sum over a host's links by kind of how fast a counter grows.
  local byKind(name) = {
    record: 'instance_kind:vexport_link_%s:rate%s' % [name, config.rateWindow],
    expr: ('sum by (job, instance, kind) (rate(vexport_link_%(name)s_total[%(window)s])'
           + ' * %(on)s group_left (kind) vexport_link_info)') % labels { name: name },
  },

  groups: [{
    name: 'vexport.rules',
    rules: [
      byKind(name)
      for name in [
        'receive_bytes',
        'transmit_bytes',
        'receive_packets',
        'transmit_packets',
        'receive_dropped_packets',
        'transmit_dropped_packets',
      ]
    ] + [
      {
        record: 'instance_netns_device:vexport_link_dropped_packets:rate%(window)s' % labels,
        expr: ('rate(vexport_link_receive_dropped_packets_total[%(window)s])'
               + ' + rate(vexport_link_transmit_dropped_packets_total[%(window)s])') % labels,
      },
      {
        // What was dropped on its way out is not among the packets sent.
        record: 'instance_netns_device:vexport_link_dropped_packets:ratio_rate%(window)s' % labels,
        expr: ('instance_netns_device:vexport_link_dropped_packets:rate%(window)s'
               + ' / (rate(vexport_link_receive_packets_total[%(window)s])'
               + ' + rate(vexport_link_transmit_packets_total[%(window)s])'
               + ' + rate(vexport_link_transmit_dropped_packets_total[%(window)s]) > 0)') % labels,
      },
      {
        record: 'instance_class:vexport_findings:sum',
        expr: 'sum by (job, instance, class) (vexport_findings)',
      },
    ],
  }],
}
