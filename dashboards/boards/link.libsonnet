// One link: its traffic, its losses, its states, and what is at its other end.
local d = import '../lib/dashboard.libsonnet';
local p = import '../lib/panels.libsonnet';

local labels = { link: d.device, host: d.host, links: d.links, on: d.on };

local rate(counter, factor='') =
  'rate(%(counter)s{%(link)s}[$__rate_interval])%(factor)s' % labels { counter: counter, factor: factor };

// What the other end's counter grows by, of a pair that is in one namespace: both ends have series then. The far end's
// series get this end's name, which vexport_veth_info has.
local farRate(counter) =
  ('label_replace(rate(%(counter)s{%(links)s}[$__rate_interval]), "peer", "$1", "device", "(.*)")'
   + ' * on (job, instance, netns, peer) group_left ()'
   + ' vexport_veth_info{%(link)s, peer_netns=""}') % labels { counter: counter };

function(config) d.dashboard(
  config,
  'vexport-link',
  'vexport / Link and pair',
  'One link and, where it is an end of a veth, the pair.',
  [d.variables.netns, d.variables.link],
  [
    d.row('State', 4, [
      p.label('Kind', 'What the kernel says that it is.', 'vexport_link_info{%(link)s}' % labels, 'kind'),
      p.label('Master', 'The bridge or other link that it is a port of.', 'vexport_link_info{%(link)s}' % labels, 'master'),
      p.label('Workload',
              'Who holds the tap, or lives at the other end of the veth.',
              'vexport_tap_info{%(link)s} or vexport_veth_info{%(link)s}' % labels,
              'workload'),
      p.stat('Set',
             'Whether somebody set it up (IFF_UP).',
             'none',
             'vexport_link_admin_up{%(link)s}' % labels,
             defaults=p.upDown),
      p.stat('Carrier',
             'A tap has one while it is read, a veth while its peer is up.',
             'none',
             'vexport_link_carrier{%(link)s}' % labels,
             defaults=p.words({ '0': ['none', 'red'], '1': ['yes', 'green'] })),
      p.stat('Findings',
             'What vexport found wrong with it.',
             'none',
             'sum(vexport_finding{%(link)s}) or vector(0)' % labels,
             defaults=p.zeroIsGood),
      p.stat('MTU', 'The largest packet that it takes, in bytes.', 'none', 'vexport_link_mtu_bytes{%(link)s}' % labels),
      p.stat('Operational state',
             'RFC 2863. Taps and veths between namespaces mislead: go by the carrier.',
             'none',
             'vexport_link_operstate{%(link)s}' % labels,
             defaults=p.words({
               '0': ['unknown', 'text'],
               '1': ['not present', 'text'],
               '2': ['down', 'text'],
               '3': ['lower layer down', 'text'],
               '4': ['testing', 'text'],
               '5': ['dormant', 'text'],
               '6': ['up', 'text'],
             })),
    ]),
    d.row('Traffic', 8, [
      p.lines('Traffic', 'Received above the axis, sent below, as the host sees it: what a tap receives is what its guest'
                         + ' sends.', 'bps', [
        p.series(rate('vexport_link_receive_bytes_total', ' * 8'), 'received'),
        p.series(rate('vexport_link_transmit_bytes_total', ' * 8'), 'sent'),
      ], mirrored='sent'),
      p.lines('Packets', 'Received above the axis, sent below.', 'pps', [
        p.series(rate('vexport_link_receive_packets_total'), 'received'),
        p.series(rate('vexport_link_receive_multicast_packets_total'), 'of them multicast'),
        p.series(rate('vexport_link_transmit_packets_total'), 'sent'),
      ], mirrored='sent'),
    ]),
    d.row('Losses', 8, [
      p.lines('Dropped and bad packets', 'What did not get through, per second.', 'pps', [
        p.series(rate('vexport_link_receive_dropped_packets_total'), 'dropped when received'),
        p.series(rate('vexport_link_transmit_dropped_packets_total'), 'dropped when sent'),
        p.series(rate('vexport_link_receive_nohandler_packets_total'), 'received with nobody to take them'),
        p.series(rate('vexport_link_receive_errors_total'), 'bad when received'),
        p.series(rate('vexport_link_transmit_errors_total'), 'failed to be sent'),
      ]),
      p.lines('Share dropped', 'Dropped packets of all that were to be sent or were received.', 'percentunit', [
        p.series(
          ('(%s + %s) / (%s + %s + %s > 0)') % [
            rate('vexport_link_receive_dropped_packets_total'),
            rate('vexport_link_transmit_dropped_packets_total'),
            rate('vexport_link_receive_packets_total'),
            rate('vexport_link_transmit_packets_total'),
            rate('vexport_link_transmit_dropped_packets_total'),
          ], 'dropped'
        ),
      ], defaults=p.warnAbove(config.maxLossRatio)),
      p.lines('Changes of carrier', 'In the last five minutes. A veth that is made or deleted has one too.', 'none', [
        p.series('increase(vexport_link_carrier_down_total{%(link)s}[5m])' % labels, 'lost'),
        p.series('increase(vexport_link_carrier_up_total{%(link)s}[5m])' % labels, 'regained'),
        p.series('increase(vexport_link_carrier_changes_total{%(link)s}[5m])' % labels, 'all changes'),
      ]),
    ]),
    d.row('Flapping', 7, [
      p.lines('Flap penalty', 'Of a link that has flapped: each flap adds to it, and it halves in a minute. From 2000 on, by'
                              + ' default, the link counts as flapping, until it is below 750.', 'none', [
        p.series('vexport_link_flap_penalty{%(link)s}' % labels, 'penalty'),
      ], defaults=p.thresholds([['green', null], ['orange', 750], ['red', 2000]])),
      // Not their increase: the series begins with the first flap, which would not be one.
      p.lines('Flaps', 'Losses of carrier while both ends were up, since vexport has known the link, and those of them while it'
                       + ' counted as flapping.', 'none', [
        p.series('vexport_link_flaps_total{%(link)s}' % labels, 'flaps'),
        p.series('vexport_link_flaps_damped_total{%(link)s}' % labels, 'damped'),
      ]),
    ]),
    d.row('The other end of a veth', 7, [
      p.table('Peer', 'The other end, and its namespace. A pair in two namespaces has series at one end only.', [
        p.rows('vexport_veth_info{%(link)s}' % labels),
        p.rows('vexport_veth_peer_in_other_namespace{%(link)s}' % labels),
      ], [
        ['instance', 'Host'],
        ['netns', 'Namespace'],
        ['device', 'This end'],
        ['peer', 'Other end'],
        ['peer_netns', 'Its namespace'],
        ['Value #B', 'Elsewhere'],
      ], { 'Other end': p.toLink('Its namespace', 'Other end'), Elsewhere: p.yesNo }),
      p.lines('Both ends', 'What goes in here comes out there. Only of a pair in one namespace.', 'pps', [
        p.series(rate('vexport_link_transmit_packets_total'), 'sent here'),
        p.series(farRate('vexport_link_receive_packets_total'), 'received there'),
        p.series(farRate('vexport_link_receive_dropped_packets_total'), 'dropped there'),
      ]),
    ]),
    d.row('Taps and tuns', 5, [
      p.table('Tap', 'How it was made: the user that may attach, and options.', [
        p.rows('vexport_tap_info{%(link)s}' % labels),
      ], [
        ['instance', 'Host'],
        ['device', 'Tap'],
        ['mode', 'Mode'],
        ['owner_uid', 'User'],
        ['group_gid', 'Group'],
        ['multi_queue', 'Multi-queue'],
        ['vnet_header', 'virtio header'],
      ]) + { width: 12 },
      p.stat('Persists',
             'Whether it outlives the process that holds it.',
             'none',
             'vexport_tap_persistent{%(link)s}' % labels,
             defaults=p.yesNo) + { width: 4 },
      p.lines('Queues', 'Of a multi-queue tap.', 'none', [
        p.series('vexport_tap_queues{%(link)s}' % labels, 'in use'),
        p.series('vexport_tap_disabled_queues{%(link)s}' % labels, 'detached'),
      ]) + { width: 8 },
    ]),
    d.row('All about it', 6, [
      p.table('Findings', 'What is wrong, by class. docs/findings.md explains the classes.', [
        p.rows('vexport_finding{%(link)s}' % labels),
      ], [['instance', 'Host'], ['netns', 'Namespace'], ['device', 'Link'], ['class', 'Class'], ['severity', 'Severity']]),
      p.table('Addresses', "From the kernel's description of the link.", [
        p.rows('vexport_link_info{%(link)s}' % labels),
      ], [
        ['instance', 'Host'],
        ['netns', 'Namespace'],
        ['address', 'Address'],
        ['broadcast', 'Broadcast'],
        ['alias', 'Alias'],
      ]),
    ]),
  ]
)
