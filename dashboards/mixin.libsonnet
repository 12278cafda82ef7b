// vexport's dashboards and rules, in the layout that monitoring mixins share: `grafanaDashboards`, `prometheusAlerts`
// and `prometheusRules`. config.libsonnet has what can be changed.
(import 'config.libsonnet') +
{
  grafanaDashboards+:: {
    'vexport-host.json': (import 'boards/host.libsonnet')($._config),
    'vexport-link.json': (import 'boards/link.libsonnet')($._config),
    'vexport-bridge.json': (import 'boards/bridge.libsonnet')($._config),
    'vexport-workload.json': (import 'boards/workload.libsonnet')($._config),
    'vexport-alerts.json': (import 'boards/alerts.libsonnet')($._config),
    'vexport-self.json': (import 'boards/self.libsonnet')($._config),
  },

  prometheusAlerts+:: (import 'rules/alerts.libsonnet')($._config),
  prometheusRules+:: (import 'rules/recording.libsonnet')($._config),
}
