// What those who vendor the mixin may want to change, as in
// `(import 'vexport/mixin.libsonnet') + { _config+:: { vexportSelector: 'job="links"' } }`.
{
  _config+:: {
    // The targets that should be vexport, even while they are down.
    vexportSelector: 'job="vexport"',

    // Where the documentation is published. Alerts get a runbook_url below it; without one, `runbook` is a path in it.
    docsUrl: null,

    // Windows of rates and times that a condition must last, for a scrape interval of 15 s to 1 min.
    rateWindow: '5m',
    lossWindow: '30m',
    shortWait: '5m',
    longWait: '15m',

    // From here on alerts fire.
    maxLossRatio: 0.01,
    minLossPerSecond: 1,
    maxReadingAgeSeconds: 30,
    maxRestarts: 2,
    maxDescriptorRatio: 0.8,

    // All dashboards carry it, and their menu lists what carries it: an Open vSwitch one would join so.
    dashboardTag: 'vexport',
  },
}
