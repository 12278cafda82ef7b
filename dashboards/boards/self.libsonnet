// vexport itself: whether it runs, what it costs, and whether it keeps up with the kernel.
local d = import '../lib/dashboard.libsonnet';
local p = import '../lib/panels.libsonnet';

local labels = { host: d.host };
// Metrics of processes that others have too, for vexport's targets only.
local own = ' and on (job, instance) vexport_build_info{%(host)s}' % labels;

function(config) d.dashboard(
  config,
  'vexport-self',
  'vexport / vexport itself',
  'Whether vexport runs, what it costs, and whether it keeps up with the kernel.',
  [],
  [
    d.row('At a glance', 4, [
      p.stat('Answering',
             'Targets that answered the last scrape, of all.',
             'percentunit',
             'avg(up{%(host)s})' % labels,
             defaults=p.thresholds([['red', null], ['green', 1]])),
      p.stat('Youngest process',
             'Time since the last start.',
             's',
             'time() - max(process_start_time_seconds{%(host)s}%(own)s)' % (labels { own: own })),
      p.stat('Memory',
             'Resident, of the host where it is most.',
             'bytes',
             'max(process_resident_memory_bytes{%(host)s}%(own)s)' % (labels { own: own })),
      p.stat('Series refused',
             'Series of links that are left out because the budget is used up.',
             'none',
             'sum(vexport_series_refused{%(host)s})' % labels,
             defaults=p.zeroIsGood),
      p.stat('Configuration',
             'Whether the configuration could be used the last time it was read, on all hosts.',
             'none',
             'min(vexport_config_last_reload_successful{%(host)s})' % labels,
             defaults=p.words({ '0': ['refused', 'red'], '1': ['in force', 'green'] })),
      p.stat('Missing features',
             'What kernels or rights do not allow, on all hosts. `vexport check` there says why.',
             'none',
             'sum(vexport_feature{%(host)s} == bool 0)' % labels,
             defaults=p.warnAbove(1)),
    ]),
    d.row('What it costs', 8, [
      p.lines('Processor', 'Share of one processor.', 'percentunit', [
        p.series('rate(process_cpu_seconds_total{%(host)s}[$__rate_interval])%(own)s' % (labels { own: own }), '{{instance}}'),
      ]),
      p.lines('Memory', 'Resident.', 'bytes', [
        p.series('process_resident_memory_bytes{%(host)s}%(own)s' % (labels { own: own }), '{{instance}}'),
      ]),
      p.lines('Descriptors', 'Open files and sockets, of those allowed.', 'percentunit', [
        p.series('process_open_fds{%(host)s} / process_max_fds{%(host)s}%(own)s' % (labels { own: own }), '{{instance}}'),
      ], defaults=p.warnAbove(config.maxDescriptorRatio)),
      p.lines('Threads', 'Of the process. Their number does not grow with that of links.', 'none', [
        p.series('process_threads{%(host)s}%(own)s' % (labels { own: own }), '{{instance}}'),
      ]),
    ]),
    d.row('Scrapes', 8, [
      p.lines('Time of scrapes', 'As Prometheus measures it.', 's', [
        p.series('scrape_duration_seconds{%(host)s}' % labels, '{{instance}}'),
      ]),
      p.lines('Samples', 'On each page, and so in each scrape.', 'none', [
        p.series('scrape_samples_scraped{%(host)s}' % labels, '{{instance}}'),
      ]),
      p.lines('Age of counters', 'How old the reading was when it was scraped.', 's', [
        p.series('vexport_tick_age_seconds{%(host)s}' % labels, '{{instance}}'),
      ], defaults=p.warnAbove(config.maxReadingAgeSeconds)),
      p.lines('Time of readings', 'How long reading all counters took.', 's', [
        p.series('vexport_tick_duration_seconds{%(host)s}' % labels, '{{instance}}'),
      ]),
    ]),
    d.row("The kernel's events", 8, [
      p.lines('Messages', 'Events received per second, by what they are about.', 'cps', [
        p.series('sum by (instance, family) (rate(vexport_netlink_messages_total{%(host)s}[$__rate_interval]))' % labels,
                 '{{instance}} {{family}}'),
      ]),
      p.lines('Losses', 'In the last five minutes: times the buffer for events overflowed, dumps made to catch up, and events'
                        + ' that could not be read.', 'none', [
        p.series('increase(vexport_netlink_overruns_total{%(host)s}[5m])' % labels, '{{instance}} overruns'),
        p.series('increase(vexport_netlink_resyncs_total{%(host)s}[5m])' % labels, '{{instance}} resyncs'),
        p.series('increase(vexport_netlink_malformed_messages_total{%(host)s}[5m])' % labels, '{{instance}} malformed'),
      ]),
      p.lines('Inferred changes', 'Changes per second that no message told, found by comparing.', 'cps', [
        p.series('rate(vexport_netlink_inferred_events_total{%(host)s}[$__rate_interval])' % labels, '{{instance}}'),
      ]),
      p.lines('Room for events', 'The buffer, as the kernel accounts for it: about double what was asked for.', 'bytes', [
        p.series('vexport_netlink_receive_buffer_bytes{%(host)s}' % labels, '{{instance}}'),
      ]),
    ]),
    d.row('Dumps', 8, [
      p.lines('Dumps', 'Asked of the kernel per second, by type.', 'cps', [
        p.series('sum by (instance, type) (rate(vexport_netlink_dumps_total{%(host)s}[$__rate_interval]))' % labels,
                 '{{instance}} {{type}}'),
      ]),
      p.lines('Time of dumps', "How long the last dump of all links took, waiting for the kernel's lock included, and the last"
                               + ' one that made up for a loss.', 's', [
        p.series('vexport_netlink_link_dump_duration_seconds{%(host)s}' % labels, '{{instance}} links'),
        p.series('vexport_netlink_resync_duration_seconds{%(host)s}' % labels, '{{instance}} resync'),
      ]),
      p.lines('Dumps gone wrong', 'In the last five minutes. Torn ones are repeated.', 'none', [
        p.series('increase(vexport_netlink_torn_dumps_total{%(host)s}[5m])' % labels, '{{instance}} torn'),
        p.series('increase(vexport_netlink_failed_dumps_total{%(host)s}[5m])' % labels, '{{instance}} failed'),
      ]),
      p.lines('Since links were compared', "Time since all links were last compared with the kernel's.", 's', [
        p.series('time() - vexport_inventory_verified_timestamp_seconds{%(host)s}' % labels, '{{instance}}'),
      ]),
    ]),
    d.row('Looking for owners', 8, [
      p.lines('Processor', 'Share of one processor that the helper takes, which looks at processes.', 'percentunit', [
        p.series('rate(vexport_owners_cpu_seconds_total{%(host)s}[$__rate_interval])' % labels, '{{instance}}'),
      ]),
      p.lines('Age', 'How old the knowledge of owners is.', 's', [
        p.series('vexport_owners_age_seconds{%(host)s}' % labels, '{{instance}}'),
      ]),
      p.lines('Processes', 'Those that were looked at, and those that are hidden from vexport.', 'none', [
        p.series('vexport_owners_processes{%(host)s}' % labels, '{{instance}} seen'),
        p.series('vexport_owners_hidden_processes{%(host)s}' % labels, '{{instance}} hidden'),
      ]),
      p.lines('Restarts', 'Helpers that ended, in the last five minutes. Another takes their place.', 'none', [
        p.series('increase(vexport_owners_helper_restarts_total{%(host)s}[5m])' % labels, '{{instance}}'),
      ]),
    ]),
    d.row('History', 7, [
      p.lines('Reach', 'How far back ticks are held, by tier.', 's', [
        p.series('vexport_history_seconds{%(host)s}' % labels, '{{instance}} {{tier}}'),
      ]),
      p.lines('Memory of the history', 'By tier, files on a tmpfs included.', 'bytes', [
        p.series('sum by (instance, tier) (vexport_history_bytes{%(host)s})' % labels, '{{instance}} {{tier}}'),
      ], stacked=true),
      p.lines('Samples', 'Held, of all counters of all links. The links held are living and dead ones.', 'none', [
        p.series('sum by (instance) (vexport_history_samples{%(host)s})' % labels, '{{instance}} samples'),
        p.series('vexport_history_links{%(host)s}' % labels, '{{instance}} links'),
      ]),
      p.lines('Left out', 'In the last five minutes: ticks without room, ticks not after the one before, and blocks dropped at'
                          + ' the bounds. Blocks that have no file wait for the disk.', 'none', [
        p.series('increase(vexport_history_dropped_ticks_total{%(host)s}[5m])' % labels, '{{instance}} no room'),
        p.series('increase(vexport_history_late_ticks_total{%(host)s}[5m])' % labels, '{{instance}} late'),
        p.series('sum by (instance) (increase(vexport_history_evictions_total{%(host)s}[5m]))' % labels,
                 '{{instance}} evicted'),
        p.series('vexport_history_unwritten_blocks{%(host)s}' % labels, '{{instance}} without a file'),
      ]),
    ]),
    d.row('Collectors', 7, [
      p.table('Collectors', 'Whether the last run succeeded, how long it took, and when the last good one was.', [
        p.rows('vexport_collector_success{%(host)s}' % labels),
        p.rows('vexport_collector_duration_seconds{%(host)s}' % labels),
        p.rows('time() - vexport_collector_last_success_timestamp_seconds{%(host)s}' % labels),
      ], [
        ['instance', 'Host'],
        ['collector', 'Collector'],
        ['Value #A', 'Works'],
        ['Value #B', 'Duration'],
        ['Value #C', 'Since success'],
      ], {
        Works: p.words({ '0': ['no', 'red'], '1': ['yes', 'green'] }),
        Duration: { unit: 's' },
        'Since success': { unit: 's' },
      }),
      p.table('Features',
              'What vexport can do there. `vexport check` on the host says why not.',
              [
                p.rows('vexport_feature{%(host)s}' % labels),
              ],
              [['instance', 'Host'], ['feature', 'Feature'], ['Value', 'Works']],
              { Works: p.words({ '0': ['no', 'orange'], '1': ['yes', 'green'] }) }),
      p.table('Versions', 'Of vexport and of the compiler that built it.', [
        p.rows('vexport_build_info{%(host)s}' % labels),
      ], [['instance', 'Host'], ['version', 'Version'], ['swift_version', 'Swift']]),
    ]),
  ]
)
