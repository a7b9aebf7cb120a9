/** For each alert a story of a day when it fires and is over again; promtool plays it, a value a minute. */
export interface Story {
  alert: string
  /** Series and values in promtool's notation: `0+2x10` are 0, 2, 4 … 20, `_x5` is absent for five minutes. */
  series: Record<string, string>
  /** Minutes: not yet, firing, over. */
  before: number
  firing: number
  over: number
  /** Of the alert that fires, beside its severity. */
  labels: Record<string, string>
}

const shop = { namespace: 'kafka', pipeline: 'shop' }
const of = '{namespace="kafka",pipeline="shop",pod="shop-0"}'
const clickstream = (name: string, labels = of): string => `clickstream_${name}${labels}`
const window = {
  [clickstream('window_slide_seconds')]: '300x60',
  [clickstream('window_grace_seconds')]: '10x60',
  [clickstream('window_idle_timeout_seconds')]: '30x60',
}
const controller = '{namespace="kafka",controller="clickstreampipeline",pod="operator-0"}'
const commits = (name: string, labels: string): string =>
  `clickstream_commit_duration_seconds_${name}{namespace="kafka",pipeline="shop",pod="shop-0",work="task",${labels}}`

export const stories: readonly Story[] = [
  {
    alert: 'ClickstreamOperatorAbsent',
    series: { [`controller_runtime_max_concurrent_reconciles${controller}`]: '8x10 _x20 8x30' },
    before: 12,
    firing: 25,
    over: 32,
    labels: { controller: 'clickstreampipeline' },
  },
  {
    alert: 'ClickstreamPipelineNotReady',
    series: {
      'clickstream_pipeline_ready{namespace="kafka",pipeline="shop"}': '1x5 0x20 1x30',
      'clickstream_pipeline_suspended{namespace="kafka",pipeline="shop"}': '0x60',
      'clickstream_pipeline_ready{namespace="kafka",pipeline="resting"}': '0x60',
      'clickstream_pipeline_suspended{namespace="kafka",pipeline="resting"}': '1x60',
    },
    before: 14,
    firing: 20,
    over: 28,
    labels: shop,
  },
  {
    alert: 'ClickstreamReconcileErrors',
    series: { [`controller_runtime_reconcile_errors_total${controller}`]: '0x10 0+1x20 20x60' },
    before: 20,
    firing: 30,
    over: 70,
    labels: { namespace: 'kafka', controller: 'clickstreampipeline' },
  },
  {
    alert: 'ClickstreamReconcileStuck',
    series: {
      'workqueue_longest_running_processor_seconds{namespace="kafka",name="clickstreampipeline",controller="clickstreampipeline"}':
        '0x5 0+60x20 0x30',
    },
    before: 9,
    firing: 15,
    over: 30,
    labels: { namespace: 'kafka', name: 'clickstreampipeline' },
  },
  {
    alert: 'ClickstreamEventsUnaccounted',
    series: { [clickstream('unaccounted_events')]: '0x5 -3x10 0x30' },
    before: 6,
    firing: 10,
    over: 18,
    labels: { ...shop, pod: 'shop-0' },
  },
  {
    alert: 'ClickstreamResultsTwice',
    series: {
      [clickstream('duplicate_panes_total')]: '0x10 1x60',
      [clickstream('windows_repeated_total')]: '0x60',
    },
    before: 9,
    firing: 15,
    over: 30,
    labels: shop,
  },
  {
    alert: 'ClickstreamWorkStopped',
    series: { [clickstream('work_stopped')]: '0x5 1x10 0x30' },
    before: 6,
    firing: 10,
    over: 18,
    labels: { ...shop, pod: 'shop-0' },
  },
  {
    alert: 'ClickstreamProcessorAbsent',
    series: {
      [clickstream('freshness_seconds')]: '60x60',
      [clickstream('partitions_assigned')]: '3x5 _x25 3x30',
    },
    before: 9,
    firing: 20,
    over: 35,
    labels: shop,
  },
  {
    alert: 'ClickstreamResultsStale',
    series: { ...window, [clickstream('freshness_seconds')]: '100x5 400x5 500x10 100x30' },
    before: 11,
    firing: 16,
    over: 25,
    labels: shop,
  },
  {
    alert: 'ClickstreamWatermarkBehind',
    series: { ...window, [clickstream('watermark_lag_seconds')]: '40x5 170x20 40x30' },
    before: 9,
    firing: 15,
    over: 30,
    labels: shop,
  },
  {
    alert: 'ClickstreamLateEvents',
    series: {
      [clickstream('events_total')]: '0+600x100',
      [clickstream('late_events_total')]: '0x10 0+60x30 1800x60',
    },
    before: 15,
    firing: 30,
    over: 60,
    labels: shop,
  },
  {
    alert: 'ClickstreamInvalidEvents',
    series: {
      [clickstream('events_total')]: '0+600x100',
      [clickstream('invalid_events_total')]: '0x10 0+60x30 1800x60',
    },
    before: 15,
    firing: 30,
    over: 60,
    labels: shop,
  },
  {
    alert: 'ClickstreamEventsNotSent',
    series: {
      [clickstream('events_skipped_total')]: '0x10 0+50x20 1000x30',
      [clickstream('events_abandoned_total')]: '0x60',
    },
    before: 13,
    firing: 20,
    over: 40,
    labels: shop,
  },
  {
    alert: 'ClickstreamCommitsSlow',
    series: {
      [commits('bucket', 'outcome="committed",le="1"')]: '0+60x10 600x30 600+60x60',
      [commits('bucket', 'outcome="committed",le="2.5"')]: '0+60x100',
      [commits('bucket', 'outcome="committed",le="+Inf"')]: '0+60x100',
    },
    before: 15,
    firing: 30,
    over: 60,
    labels: { ...shop, work: 'task' },
  },
  {
    alert: 'ClickstreamCommitsFail',
    series: { [commits('count', 'outcome="failed"')]: '0x10 0+1x30 30x60' },
    before: 15,
    firing: 30,
    over: 60,
    labels: { ...shop, work: 'task' },
  },
  {
    alert: 'ClickstreamRebalancing',
    series: { [clickstream('rebalances_total')]: '1x10 1+1x30 31x60' },
    before: 12,
    firing: 30,
    over: 70,
    labels: shop,
  },
]
