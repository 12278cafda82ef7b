// A dashboard from rows of panels: what all of them share, and where each panel stands.
local panels = import 'panels.libsonnet';

// Grafana's grid is 24 wide. `row` is { title, height, panels }; panels share the width, or say theirs as `width`.
local placed(row, top) =
  local count = std.length(row.panels);
  local share(i) = std.floor((i + 1) * 24 / count) - std.floor(i * 24 / count);
  local widths = [
    if std.objectHas(row.panels[i], 'width') then row.panels[i].width else share(i)
    for i in std.range(0, count - 1)
  ];
  [
    row.panels[i] {
      width:: null,
      gridPos: {
        h: row.height,
        w: widths[i],
        x: std.foldl(function(sum, width) sum + width, widths[:i], 0),
        y: top,
      },
    }
    for i in std.range(0, count - 1)
  ];

local heading(title, top) = {
  type: 'row',
  title: title,
  collapsed: false,
  panels: [],
  gridPos: { h: 1, w: 24, x: 0, y: top },
};

local laidOut(rows) = std.foldl(
  function(done, row) {
    top: done.top + 1 + row.height,
    panels: done.panels + [heading(row.title, done.top)] + placed(row, done.top + 1),
  },
  rows,
  { top: 0, panels: [] },
).panels;

// A variable whose values Prometheus has. `all`: several values, and all of them at first.
local variable(name, label, query, all) = {
  name: name,
  label: label,
  type: 'query',
  datasource: panels.datasource,
  definition: query,
  query: { query: query, refId: 'StandardVariableQuery' },
  refresh: 2,
  regex: '',
  sort: 1,
  hide: 0,
  multi: all,
  includeAll: all,
  skipUrlSync: false,
  options: [],
  current: if all then { selected: true, text: ['All'], value: ['$__all'] } else {},
} + (if all then { allValue: '.*' } else {});

{
  row(title, height, rowPanels):: { title: title, height: height, panels: rowPanels },

  // Labels to select by, as the variables below give them.
  host:: 'job=~"$job", instance=~"$instance"',
  links:: self.host + ', netns=~"$netns"',
  device:: self.links + ', device="$device"',

  // What identifies a link, and so what links' metrics are joined by.
  on:: 'on (job, instance, netns, device)',

  variables:: {
    job: variable('job', 'Job', 'label_values(vexport_build_info, job)', true),
    instance: variable('instance', 'Host', 'label_values(vexport_build_info{job=~"$job"}, instance)', true),
    // Links of the host's own namespace have no netns, which `.*` matches and no single value does.
    netns: variable(
      'netns', 'Namespace', 'label_values(vexport_namespace_info{job=~"$job", instance=~"$instance"}, netns)', true
    ),
    link: variable('device', 'Link', 'label_values(vexport_link_info{%s}, device)' % $.links, false),
    workload: variable('workload', 'Workload', 'label_values(vexport_workload_info{%s}, workload)' % $.host, false),
    bridge: variable('device', 'Bridge', 'label_values(vexport_bridge_info{%s}, device)' % $.links, false),
  },

  // `variables` come after those that choose hosts.
  dashboard(config, uid, title, description, variables, rows):: {
    uid: uid,
    title: title,
    description: description,
    tags: [config.dashboardTag],
    schemaVersion: 36,
    version: 1,
    editable: true,
    graphTooltip: 1,
    timezone: 'browser',
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    links: [{
      type: 'dashboards',
      tags: [config.dashboardTag],
      title: 'vexport',
      asDropdown: true,
      includeVars: true,
      keepTime: true,
      targetBlank: false,
      icon: 'external link',
      tooltip: 'The other dashboards of vexport',
      url: '',
    }],
    annotations: {
      list: [{
        name: 'Alerts',
        datasource: panels.datasource,
        enable: true,
        iconColor: 'red',
        expr: 'ALERTS{alertname=~"Vexport.*", alertstate="firing", instance=~"$instance"}',
        step: '30s',
        titleFormat: '{{alertname}}',
        textFormat: '{{device}}',
      }],
    },
    templating: {
      list: [
        {
          name: 'datasource',
          label: 'Data source',
          type: 'datasource',
          query: 'prometheus',
          refresh: 1,
          regex: '',
          hide: 0,
          multi: false,
          includeAll: false,
          skipUrlSync: false,
          options: [],
          current: {},
        },
        $.variables.job,
        $.variables.instance,
      ] + variables,
    },
    local placedPanels = laidOut(rows),
    panels: [placedPanels[i] { id: i + 1 } for i in std.range(0, std.length(placedPanels) - 1)],
  },
}
