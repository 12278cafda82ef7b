// Panels as Grafana stores them (dashboard schema 36, Grafana 10.1 and later), from what differs between them.
local datasource = { type: 'prometheus', uid: '${datasource}' };

local letters = 'ABCDEFGHIJ';

// A panel of any type. `queries` are made by the functions below; their order gives them their letters.
local panel(type, title, description, unit, queries, defaults={}, options={}, overrides=[]) = {
  type: type,
  title: title,
  description: description,
  datasource: datasource,
  targets: [queries[i] { refId: letters[i] } for i in std.range(0, std.length(queries) - 1)],
  fieldConfig: { defaults: { unit: unit } + defaults, overrides: overrides },
  options: options,
};

local query(expr, extra) = { datasource: datasource, editorMode: 'code', expr: expr } + extra;

local override(field, properties) = {
  matcher: { id: 'byName', options: field },
  properties: [{ id: id, value: properties[id] } for id in std.objectFields(properties)],
};

{
  datasource:: datasource,

  // A query over the time shown, one line for each series.
  series(expr, legend):: query(expr, { legendFormat: legend, range: true }),
  // A query of the latest value.
  latest(expr, legend=''):: query(expr, { legendFormat: legend, instant: true, range: false }),
  // The latest values with all labels, a row each.
  rows(expr):: query(expr, { format: 'table', instant: true, range: false }),

  // Colours from a value on: [['green', null], ['red', 1]].
  thresholds(steps):: {
    thresholds: { mode: 'absolute', steps: [{ color: step[0], value: step[1] } for step in steps] },
  },
  // Nothing wrong at 0.
  zeroIsGood:: self.thresholds([['green', null], ['red', 1]]),
  warnAbove(value):: self.thresholds([['green', null], ['orange', value]]),

  // Words for values: { '0': ['down', 'red'] }.
  words(table):: {
    mappings: [{
      type: 'value',
      options: { [value]: { text: table[value][0], color: table[value][1] } for value in std.objectFields(table) },
    }],
  },
  yesNo:: self.words({ '0': ['no', 'text'], '1': ['yes', 'text'] }),
  upDown:: self.words({ '0': ['down', 'red'], '1': ['up', 'green'] }),

  // Lines. `stacked` where their sum means something, `mirrored` is a pattern of legends drawn below the axis.
  lines(title, description, unit, queries, stacked=false, mirrored=null, defaults={}):: panel(
    'timeseries',
    title,
    description,
    unit,
    queries,
    {
      custom: {
        drawStyle: 'line',
        fillOpacity: if stacked then 30 else 8,
        lineWidth: 1,
        showPoints: 'never',
        stacking: { mode: if stacked then 'normal' else 'none', group: 'A' },
      },
    } + (if mirrored == null && !std.objectHas(defaults, 'min') then { min: 0 } else {}) + defaults,
    {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    if mirrored == null then [] else [{
      matcher: { id: 'byRegexp', options: mirrored },
      properties: [{ id: 'custom.transform', value: 'negative-Y' }],
    }],
  ),

  // One number or word, in colour where `defaults` has thresholds or words.
  stat(title, description, unit, expr, legend='', defaults={}):: panel(
    'stat',
    title,
    description,
    unit,
    [$.latest(expr, legend)],
    { noValue: '-' } + defaults,
    {
      colorMode: if std.objectHas(defaults, 'thresholds') || std.objectHas(defaults, 'mappings') then 'value' else 'none',
      graphMode: 'none',
      justifyMode: 'auto',
      orientation: 'auto',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      textMode: if legend == '' then 'value' else 'value_and_name',
    },
  ),

  // The text of a label, for infos.
  label(title, description, expr, name):: $.stat(title, description, 'string', expr, '{{%s}}' % name) + {
    options+: { colorMode: 'none', textMode: 'name' },
  },

  // States over time, one bar for each series.
  states(title, description, queries, words):: panel(
    'state-timeline',
    title,
    description,
    'none',
    queries,
    { custom: { fillOpacity: 70, lineWidth: 0 } } + words,
    {
      alignValue: 'left',
      mergeValues: true,
      rowHeight: 0.8,
      showValue: 'auto',
      legend: { displayMode: 'list', placement: 'bottom', showLegend: false, calcs: [] },
      tooltip: { mode: 'single', sort: 'none' },
    },
  ),

  // A row for each series. `columns` are labels, and `Value` or, of several queries, `Value #A`, each with its heading;
  // `fields` has what is special about a column: { heading: { unit: 'bps' } }.
  table(title, description, queries, columns, fields={}):: panel(
    'table',
    title,
    description,
    'none',
    queries,
    { custom: { align: 'auto', filterable: true } },
    { showHeader: true, cellHeight: 'sm', footer: { show: false, reducer: ['sum'], countRows: false } },
    [override(heading, fields[heading]) for heading in std.objectFields(fields)],
  ) + {
    transformations: [
      // First, since rows that differ in what is left out, such as the metric's name, would not be merged.
      { id: 'filterFieldsByName', options: { include: { names: [column[0] for column in columns] } } },
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          indexByName: { [columns[i][0]]: i for i in std.range(0, std.length(columns) - 1) },
          renameByName: { [column[0]]: column[1] for column in columns },
          excludeByName: {},
        },
      },
    ],
  },

  // How a column of names leads to the dashboard of a link: `device` is the heading of that column.
  toLink(netns='Namespace', device='Link'):: {
    links: [{
      title: 'Open the link',
      targetBlank: false,
      url: '/d/vexport-link?${datasource:queryparam}&${__url_time_range}'
           + '&var-instance=${__data.fields.Host}'
           + '&var-netns=${__data.fields.%s}&var-device=${__data.fields["%s"]}' % [netns, device],
    }],
  },
}
