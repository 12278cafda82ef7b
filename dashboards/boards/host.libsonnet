// What there is on the hosts, what it carries, and what is wrong with it.
local d = import '../lib/dashboard.libsonnet';
local p = import '../lib/panels.libsonnet';

local labels = { host: d.host, links: d.links, on: d.on };

// The sum over links by kind of how fast a counter grows, times `factor`.
local byKind(counter, factor='') =
  ('sum by (kind) (rate(%(counter)s{%(links)s}[$__rate_interval])%(factor)s'
   + ' * %(on)s group_left (kind) vexport_link_info{%(links)s})') % labels { counter: counter, factor: factor };

local busiest(counter, factor='') =
  'topk(10, rate(%(counter)s{%(links)s}[$__rate_interval])%(factor)s)' % labels { counter: counter, factor: factor };

local link = '{{instance}} {{netns}} {{device}}';

function(config) d.dashboard(
  config,
  'vexport-host',
  'vexport / Host overview',
  'Links of hosts by kind, their traffic and their losses, and what vexport found wrong.',
  [d.variables.netns],
  [
    d.row('At a glance', 4, [
      p.stat('Hosts', 'Targets that answered the last scrape.', 'none', 'sum(up{%(host)s})' % labels),
      p.stat('Links',
             'Links that vexport knows, those without series included.',
             'none',
             'sum(vexport_links{%(host)s})' % labels),
      p.stat('Namespaces',
             "Network namespaces, the host's own included.",
             'none',
             'sum(vexport_namespaces{%(host)s})' % labels),
      p.stat('Without a carrier',
             'Links that are set up and have no carrier: nobody is at the other end.',
             'none',
             'sum((vexport_link_admin_up{%(links)s} == bool 1) * (vexport_link_carrier{%(links)s} == bool 0))' % labels,
             defaults=p.warnAbove(1)),
      p.stat('Findings',
             'Links that something is wrong with. The dashboard of alerts and findings tells what.',
             'none',
             'sum(vexport_findings{%(host)s})' % labels,
             defaults=p.warnAbove(1)),
      p.stat('Alerts',
             "Alerts of vexport's own rules that fire.",
             'none',
             'sum(vexport_alerts{%(host)s, state="firing"}) or vector(0)' % labels,
             defaults=p.zeroIsGood),
      p.stat('Age of counters',
             'How old the oldest reading was when it was scraped.',
             's',
             'max(vexport_tick_age_seconds{%(host)s})' % labels,
             defaults=p.warnAbove(config.maxReadingAgeSeconds)),
    ]),
    d.row('Traffic', 8, [
      p.lines('Traffic by kind', 'Received above the axis, sent below, as the host sees it: what a tap receives is what'
                                 + ' its guest sends. A packet that crosses several links counts on each.', 'bps', [
        p.series(byKind('vexport_link_receive_bytes_total', ' * 8'), '{{kind}} received'),
        p.series(byKind('vexport_link_transmit_bytes_total', ' * 8'), '{{kind}} sent'),
      ], mirrored='.*sent'),
      p.lines('Packets by kind', 'Received above the axis, sent below.', 'pps', [
        p.series(byKind('vexport_link_receive_packets_total'), '{{kind}} received'),
        p.series(byKind('vexport_link_transmit_packets_total'), '{{kind}} sent'),
      ], mirrored='.*sent'),
    ]),
    d.row('Busiest links', 8, [
      p.lines('Ten links that receive most', 'A click on a name shows it alone.', 'bps', [
        p.series(busiest('vexport_link_receive_bytes_total', ' * 8'), link),
      ]),
      p.lines('Ten links that send most', 'A click on a name shows it alone.', 'bps', [
        p.series(busiest('vexport_link_transmit_bytes_total', ' * 8'), link),
      ]),
    ]),
    d.row('Losses', 8, [
      p.lines('Dropped packets',
              'Ten links that drop most, in both directions. A tap drops what its guest does not read.',
              'pps',
              [
                p.series(('topk(10, rate(vexport_link_receive_dropped_packets_total{%(links)s}[$__rate_interval])'
                          + ' + rate(vexport_link_transmit_dropped_packets_total{%(links)s}[$__rate_interval]))')
                         % labels, link),
              ]),
      p.lines('Errors', 'Ten links with most bad packets, in both directions. Virtual links rarely have any.', 'pps', [
        p.series(('topk(10, rate(vexport_link_receive_errors_total{%(links)s}[$__rate_interval])'
                  + ' + rate(vexport_link_transmit_errors_total{%(links)s}[$__rate_interval]))') % labels, link),
      ]),
      p.lines('Losses of carrier', 'Ten links that lost their carrier most often in the last five minutes.', 'none', [
        p.series('topk(10, increase(vexport_link_carrier_down_total{%(links)s}[5m]) > 0)' % labels, link),
      ]),
    ]),
    d.row('Coming and going', 8, [
      p.lines('Links by kind', 'Those without series are included.', 'none', [
        p.series('sum by (kind) (vexport_links{%(host)s})' % labels, '{{kind}}'),
      ], stacked=true),
      p.lines('Events by type', 'Changes of links per second, those that vexport inferred included.', 'cps', [
        p.series('sum by (type) (rate(vexport_link_events_total{%(host)s}[$__rate_interval]))' % labels, '{{type}}'),
      ], stacked=true),
      p.lines('Links by namespace', "The ten largest. The host's own has no name.", 'none', [
        p.series('topk(10, vexport_namespace_links{%(links)s})' % labels, '{{instance}} {{netns}}'),
      ]),
    ]),
    d.row('All links', 12, [
      p.table('Links', "What is set up, has a carrier, and how large its packets may be. A link's name opens its dashboard.", [
        p.rows('vexport_link_info{%(links)s}' % labels),
        p.rows('vexport_link_admin_up{%(links)s}' % labels),
        p.rows('vexport_link_carrier{%(links)s}' % labels),
        p.rows('vexport_link_mtu_bytes{%(links)s}' % labels),
      ], [
        ['instance', 'Host'],
        ['netns', 'Namespace'],
        ['device', 'Link'],
        ['kind', 'Kind'],
        ['master', 'Master'],
        ['alias', 'Alias'],
        ['address', 'Address'],
        ['Value #B', 'Set'],
        ['Value #C', 'Carrier'],
        ['Value #D', 'MTU'],
      ], { Link: p.toLink(), Set: p.upDown, Carrier: p.upDown }),
    ]),
  ]
)
