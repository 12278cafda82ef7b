// A bridge: its ports, their states and traffic, and its spanning tree.
local d = import '../lib/dashboard.libsonnet';
local p = import '../lib/panels.libsonnet';

local labels = { bridge: d.device, links: d.links, on: d.on };

// `expression` of all links, for those that are ports of the bridge.
local ofPorts(expression) =
  ('%(expression)s * %(on)s group_left () vexport_bridge_port_info{%(links)s, bridge="$device"}')
  % labels { expression: expression };

local portRate(counter, factor='') =
  ofPorts('rate(%(counter)s{%(links)s}[$__rate_interval])%(factor)s' % labels { counter: counter, factor: factor });

local portStates = p.words({
  '0': ['disabled', 'text'],
  '1': ['listening', 'yellow'],
  '2': ['learning', 'yellow'],
  '3': ['forwarding', 'green'],
  '4': ['blocking', 'red'],
});

function(config) d.dashboard(
  config,
  'vexport-bridge',
  'vexport / Bridge',
  "One bridge of the kernel's and its ports.",
  [d.variables.netns, d.variables.bridge],
  [
    d.row('State', 4, [
      p.stat('Carrier',
             'A bridge has one while a port of it has.',
             'none',
             'vexport_link_carrier{%(bridge)s}' % labels,
             defaults=p.words({ '0': ['none', 'red'], '1': ['yes', 'green'] })),
      p.stat('Ports', 'Links whose master it is.', 'none', 'count(vexport_bridge_port_info{%(links)s, bridge="$device"})' % labels),
      p.stat('Not forwarding',
             'Ports with a carrier that do not forward.',
             'none',
             ('sum((%s) * %s (vexport_link_carrier{%s} == bool 1))')
             % [ofPorts('(vexport_bridge_port_state{%(links)s} != bool 3)' % labels), d.on, d.links],
             defaults=p.zeroIsGood),
      p.stat('Learned addresses',
             'Entries that it has learned. Linux 6.7 and later tell.',
             'none',
             'vexport_bridge_fdb_learned_entries{%(bridge)s}' % labels),
      p.stat('Spanning tree', 'Who runs it.', 'none', 'vexport_bridge_stp_state{%(bridge)s}' % labels, defaults=p.words({
        '0': ['off', 'text'],
        '1': ['kernel', 'text'],
        '2': ['daemon', 'text'],
      })),
      p.stat('Topology change',
             'While one lasts, learned addresses age fast and traffic is flooded.',
             'none',
             'vexport_bridge_topology_change{%(bridge)s}' % labels,
             defaults=p.words({ '0': ['no', 'green'], '1': ['yes', 'orange'] })),
      p.stat('VLAN filtering',
             'Whether it filters by VLAN.',
             'none',
             'vexport_bridge_vlan_filtering{%(bridge)s}' % labels,
             defaults=p.yesNo),
      p.stat('Multicast snooping',
             'Whether it snoops IGMP and MLD.',
             'none',
             'vexport_bridge_multicast_snooping{%(bridge)s}' % labels,
             defaults=p.yesNo),
    ]),
    d.row('Traffic of its ports', 8, [
      p.lines('Into the bridge', 'What ports receive: from guests and containers, and from the uplink.', 'bps', [
        p.series(portRate('vexport_link_receive_bytes_total', ' * 8'), '{{device}}'),
      ]),
      p.lines('Out of the bridge', 'What ports send.', 'bps', [
        p.series(portRate('vexport_link_transmit_bytes_total', ' * 8'), '{{device}}'),
      ]),
    ]),
    d.row('Losses and floods', 8, [
      p.lines('Dropped packets', 'By port, in both directions.', 'pps', [
        p.series(
          ofPorts(('(rate(vexport_link_receive_dropped_packets_total{%(links)s}[$__rate_interval])'
                   + ' + rate(vexport_link_transmit_dropped_packets_total{%(links)s}[$__rate_interval]))') % labels),
          '{{device}}'
        ),
      ]),
      p.lines('Multicast received', 'By port. Broadcasts are among it.', 'pps', [
        p.series(portRate('vexport_link_receive_multicast_packets_total'), '{{device}}'),
      ]),
      p.lines('The bridge itself', 'What is for the host, above the axis, and from it, below.', 'bps', [
        p.series('rate(vexport_link_receive_bytes_total{%(bridge)s}[$__rate_interval]) * 8' % labels, 'received'),
        p.series('rate(vexport_link_transmit_bytes_total{%(bridge)s}[$__rate_interval]) * 8' % labels, 'sent'),
      ], mirrored='sent'),
    ]),
    d.row('Ports', 8, [
      p.states('States of ports', 'Blocking is healthy between bridges, and not in front of a workload.', [
        p.series(ofPorts('vexport_bridge_port_state{%(links)s}' % labels), '{{device}}'),
      ], portStates) + { width: 10 },
      p.table('Ports', "Their states and settings. A port's name opens its dashboard.", [
        p.rows(ofPorts('vexport_bridge_port_number{%(links)s}' % labels)),
        p.rows(ofPorts('vexport_bridge_port_state{%(links)s}' % labels)),
        p.rows(ofPorts('vexport_bridge_port_path_cost{%(links)s}' % labels)),
        p.rows(ofPorts('vexport_bridge_port_learning{%(links)s}' % labels)),
        p.rows(ofPorts('vexport_bridge_port_unicast_flood{%(links)s}' % labels)),
        p.rows(ofPorts('vexport_bridge_port_isolated{%(links)s}' % labels)),
        p.rows(ofPorts('vexport_bridge_port_hairpin{%(links)s}' % labels)),
      ], [
        ['instance', 'Host'],
        ['netns', 'Namespace'],
        ['device', 'Link'],
        ['Value #A', 'Number'],
        ['Value #B', 'State'],
        ['Value #C', 'Cost'],
        ['Value #D', 'Learns'],
        ['Value #E', 'Floods'],
        ['Value #F', 'Isolated'],
        ['Value #G', 'Hairpin'],
      ], {
        Link: p.toLink(),
        State: portStates,
        Learns: p.yesNo,
        Floods: p.yesNo,
        Isolated: p.yesNo,
        Hairpin: p.yesNo,
      }) + { width: 14 },
    ]),
    d.row('Addresses and multicast', 8, [
      p.lines('Learned addresses', 'Behind each port.', 'none', [
        p.series(ofPorts('vexport_bridge_port_fdb_learned_entries{%(links)s}' % labels), '{{device}}'),
      ]),
      p.lines('Multicast of its ports',
              'By port, received above the axis, sent below. Where the bridge counts it (mcast_stats_enabled).',
              'bps',
              [
                p.series(portRate('vexport_bridge_port_multicast_receive_bytes_total', ' * 8'), '{{device}} received'),
                p.series(portRate('vexport_bridge_port_multicast_transmit_bytes_total', ' * 8'), '{{device}} sent'),
              ],
              mirrored='.*sent'),
    ]),
    d.row('Changes of the spanning tree', 6, [
      p.lines('Ports that begin to forward', 'A port that does so again and again has a cable or a loop to look at.', 'cps', [
        p.series(portRate('vexport_bridge_port_forwarding_transitions_total'), '{{device}}'),
      ]),
      p.lines('Ports that begin to block', 'Where the kernel runs the spanning tree.', 'cps', [
        p.series(portRate('vexport_bridge_port_blocking_transitions_total'), '{{device}}'),
      ]),
      p.lines('Topology changes announced by others', 'Each makes the bridge forget addresses fast.', 'cps', [
        p.series(portRate('vexport_bridge_port_receive_topology_changes_total'), '{{device}}'),
      ]),
    ]),
    d.row('Spanning tree', 6, [
      p.table('Identity', 'The bridge, and the root of its tree.', [
        p.rows('vexport_bridge_info{%(bridge)s}' % labels),
      ], [
        ['instance', 'Host'],
        ['netns', 'Namespace'],
        ['device', 'Bridge'],
        ['bridge_id', 'Identifier'],
        ['root_id', 'Root'],
      ]) + { width: 12 },
      p.stat('Root port',
             'The number of the port towards the root, 0 on the root itself.',
             'none',
             'vexport_bridge_root_port{%(bridge)s}' % labels) + { width: 6 },
      p.stat('Cost to the root', '0 on the root itself.', 'none', 'vexport_bridge_root_path_cost{%(bridge)s}' % labels)
      + { width: 6 },
    ]),
  ]
)
