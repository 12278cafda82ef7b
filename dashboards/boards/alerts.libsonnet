// What vexport found, what it alerts of, and how telling of it goes.
local d = import '../lib/dashboard.libsonnet';
local p = import '../lib/panels.libsonnet';

local labels = { host: d.host, links: d.links };

function(config) d.dashboard(
  config,
  'vexport-alerts',
  'vexport / Alerts and findings',
  "What vexport found wrong with links, the alerts of its own rules and of Prometheus', and their delivery.",
  [d.variables.netns],
  [
    d.row('Now', 4, [
      p.stat('Findings',
             'Links that something is wrong with, severity info included.',
             'none',
             'sum(vexport_findings{%(host)s})' % labels,
             defaults=p.warnAbove(1)),
      p.stat('Warnings',
             'Findings that mean that something does not work or is left over.',
             'none',
             'sum(vexport_finding{%(links)s, severity="warning"}) or vector(0)' % labels,
             defaults=p.warnAbove(1)),
      p.stat('Firing',
             "Alerts of vexport's own rules.",
             'none',
             'sum(vexport_alerts{%(host)s, state="firing"}) or vector(0)' % labels,
             defaults=p.zeroIsGood),
      p.stat('Pending',
             'Alerts whose condition has not lasted for long enough.',
             'none',
             'sum(vexport_alerts{%(host)s, state="pending"}) or vector(0)' % labels),
      p.stat('Waiting to be told',
             'Notifications in the outbox.',
             'none',
             'sum(vexport_notifications_queue{%(host)s})' % labels,
             defaults=p.warnAbove(10)),
      p.stat('Outbox',
             'Whether alerts and notifications are saved for a restart on all hosts.',
             'none',
             'min(vexport_notifications_outbox_success{%(host)s})' % labels,
             defaults=p.words({ '0': ['fails', 'red'], '1': ['works', 'green'] })),
    ]),
    d.row('Findings', 8, [
      p.lines('Findings by class',
              'How many links have a finding of the class. docs/findings.md tells what each means.',
              'none',
              [p.series('sum by (class) (vexport_findings{%(host)s}) > 0' % labels, '{{class}}')],
              stacked=true)
      + { width: 10 },
      p.table('Findings', "A link's name opens its dashboard; `vexport explain` on the host tells the evidence.", [
        p.rows('vexport_finding{%(links)s}' % labels),
      ], [
        ['instance', 'Host'],
        ['netns', 'Namespace'],
        ['device', 'Link'],
        ['class', 'Class'],
        ['severity', 'Severity'],
      ], { Link: p.toLink() }) + { width: 14 },
    ]),
    d.row('Flapping', 8, [
      p.lines('Flap penalties',
              'The ten highest. From 2000 on, by default, a link counts as flapping, until it is below 750.',
              'none',
              [p.series('topk(10, vexport_link_flap_penalty{%(links)s})' % labels, '{{instance}} {{netns}} {{device}}')],
              defaults=p.thresholds([['green', null], ['orange', 750], ['red', 2000]])),
      // Not their increase: the series begins with the first flap, which would not be one.
      p.lines('Flaps', 'Ten links with most losses of carrier while both ends were up, since vexport has known them.', 'none', [
        p.series('topk(10, vexport_link_flaps_total{%(links)s})' % labels, '{{instance}} {{netns}} {{device}}'),
      ]),
    ]),
    d.row('Alerts', 8, [
      p.lines("Alerts of vexport's rules", 'Pending and firing, by rule.', 'none', [
        p.series('sum by (alertname, state) (vexport_alerts{%(host)s})' % labels, '{{alertname}} {{state}}'),
      ], stacked=true),
      p.table('Alerts of Prometheus', 'Those that come with these dashboards. docs/runbooks.md tells what to do.', [
        p.rows('ALERTS{alertname=~"Vexport.*", instance=~"$instance"}'),
      ], [
        ['alertname', 'Alert'],
        ['alertstate', 'State'],
        ['severity', 'Severity'],
        ['instance', 'Host'],
        ['netns', 'Namespace'],
        ['device', 'Link'],
      ]),
    ]),
    d.row('Delivery', 8, [
      p.lines('Delivered', 'Notifications that receivers took, per second.', 'cps', [
        p.series('sum by (receiver) (rate(vexport_notifications_total{%(host)s}[$__rate_interval]))' % labels, '{{receiver}}'),
      ]),
      p.lines('Failed and dropped',
              'Tries that failed, most of which are repeated, and notifications given up, per second.',
              'cps',
              [
                p.series('sum by (receiver) (rate(vexport_notifications_failed_total{%(host)s}[$__rate_interval]))' % labels,
                         '{{receiver}} failed'),
                p.series('sum by (receiver) (rate(vexport_notifications_dropped_total{%(host)s}[$__rate_interval]))' % labels,
                         '{{receiver}} dropped'),
              ]),
      p.lines('Waiting', 'Notifications that wait for a receiver. At 1000 the oldest goes.', 'none', [
        p.series('sum by (receiver) (vexport_notifications_queue{%(host)s})' % labels, '{{receiver}}'),
      ], stacked=true),
      p.lines('Time to deliver', 'How long the last try took, by receiver.', 's', [
        p.series('max by (receiver) (vexport_notifications_duration_seconds{%(host)s})' % labels, '{{receiver}}'),
      ]),
    ]),
  ]
)
