// Workloads: who is at the far end of taps and veths, and what one of them does. Directions are the workload's own.
local d = import '../lib/dashboard.libsonnet';
local p = import '../lib/panels.libsonnet';

local labels = { host: d.host, links: d.links, one: d.host + ', workload="$workload"', on: d.on };

// The ten busiest workloads, all their links together.
local busiest(counter) =
  'topk(10, sum by (instance, workload) (rate(%(counter)s{%(host)s}[$__rate_interval])) * 8)' % labels { counter: counter };

local rate(counter, factor='') =
  'rate(%(counter)s{%(one)s}[$__rate_interval])%(factor)s' % labels { counter: counter, factor: factor };

// `expression` of all links, for those of the workload.
local ofLinks(expression) =
  '%(expression)s * %(on)s group_left () (0 * vexport_workload_receive_bytes_total{%(one)s} + 1)'
  % labels { expression: expression };

local info = 'vexport_workload_info{%(one)s}' % labels;

function(config) d.dashboard(
  config,
  'vexport-workload',
  'vexport / Workloads',
  'Virtual machines, containers, pods and services by what they send and receive, and one of them in detail.',
  [d.variables.netns, d.variables.workload],
  [
    d.row('All workloads', 8, [
      p.lines('Ten that receive most', 'What the host sends into their links.', 'bps', [
        p.series(busiest('vexport_workload_receive_bytes_total'), '{{instance}} {{workload}}'),
      ]),
      p.lines('Ten that send most', 'What the host receives from their links.', 'bps', [
        p.series(busiest('vexport_workload_transmit_bytes_total'), '{{instance}} {{workload}}'),
      ]),
      p.lines('Workloads by kind', 'How many there are that have a tap or a veth.', 'none', [
        p.series('count by (workload_kind) (vexport_workload_info{%(host)s})' % labels, '{{workload_kind}}'),
      ], stacked=true),
    ]),
    d.row('$workload', 4, [
      p.label('Kind', 'What it is: vm, container, pod, service or process.', info, 'workload_kind'),
      p.label('Run by', 'What runs it, where that is known.', info, 'runtime'),
      p.label("Nova's name", 'What its users call it, of machines of OpenStack.', info, 'instance_name'),
      p.label('Project', 'Whose it is, of machines of OpenStack.', info, 'project'),
      p.label('Flavor', 'How large it is, of machines of OpenStack.', info, 'flavor'),
      p.stat('Findings',
             'What vexport found wrong with its links.',
             'none',
             'sum(%s) or vector(0)' % ofLinks('vexport_finding{%(links)s}' % labels),
             defaults=p.zeroIsGood),
    ]),
    d.row('Traffic of $workload', 8, [
      p.lines('Traffic', 'By link: received by the workload above the axis, sent below.', 'bps', [
        p.series(rate('vexport_workload_receive_bytes_total', ' * 8'), '{{device}} received'),
        p.series(rate('vexport_workload_transmit_bytes_total', ' * 8'), '{{device}} sent'),
      ], mirrored='.*sent'),
      p.lines('Packets', 'By link: received by the workload above the axis, sent below.', 'pps', [
        p.series(rate('vexport_workload_receive_packets_total'), '{{device}} received'),
        p.series(rate('vexport_workload_transmit_packets_total'), '{{device}} sent'),
      ], mirrored='.*sent'),
      p.lines('Dropped on the way to it', 'By link: what it did not read in time, as the host counts it.', 'pps', [
        p.series(
          ofLinks('rate(vexport_link_transmit_dropped_packets_total{%(links)s}[$__rate_interval])' % labels), '{{device}}'
        ),
      ]),
    ]),
    d.row('Links of $workload', 8, [
      p.table('Links', "Its ends on the host. A link's name opens its dashboard.", [
        p.rows(ofLinks('vexport_link_admin_up{%(links)s}' % labels)),
        p.rows(ofLinks('vexport_link_carrier{%(links)s}' % labels)),
        p.rows(ofLinks('vexport_link_mtu_bytes{%(links)s}' % labels)),
      ], [
        ['instance', 'Host'],
        ['netns', 'Namespace'],
        ['device', 'Link'],
        ['Value #A', 'Set'],
        ['Value #B', 'Carrier'],
        ['Value #C', 'MTU'],
      ], { Link: p.toLink(), Set: p.upDown, Carrier: p.upDown }),
    ]),
  ]
)
