import type { Counts } from '../stream/result.ts'
import type { Shown } from './board.ts'
import { ranked, shownName } from './counts.ts'
import { fitted } from './line.ts'

const width = 80
const rule = (character: string): string => character.repeat(width)
/** Rows of a section. */
const most = 8

/** 1234567 as `1,234,567`. */
const grouped = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')

/** Whole milliseconds as `1h 30m`, `5m`, `10s`, `1.500s`. */
const lengthText = (milliseconds: number): string => {
  const seconds = Math.floor(milliseconds / 1_000)
  const rest = milliseconds % 1_000
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [rest === 0 ? seconds % 60 : `${seconds % 60}.${String(rest).padStart(3, '0')}`, 's'],
  ] as const
  return (
    parts
      .filter(([amount]) => amount !== 0)
      .map(([amount, unit]) => `${amount}${unit}`)
      .join(' ') || '0s'
  )
}

const shade = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar of at most `columns` columns, in eighths. */
const bar = (share: number, columns: number): string => {
  const eighths = Math.round(share * columns * 8)
  return '█'.repeat(eighths >> 3) + (shade[eighths & 7] ?? '')
}

const percent = (count: number, total: number): string =>
  total === 0 ? '–' : `${((100 * count) / total).toFixed(1)}%`

const section = (title: string, { counts, total }: { counts: Counts; total: number }): string[] => {
  const entries = ranked(counts)
  const highest = entries[0]?.[1] ?? 0
  const rows = entries.slice(0, most).map(([name, count]) => {
    const label = `   ${fitted(shownName(name), 24)} ${grouped(count).padStart(13)} ${percent(count, total).padStart(7)}  `
    return (label + bar(highest === 0 ? 0 : count / highest, 28)).trimEnd()
  })
  const more = entries.length > most ? [`   … and ${grouped(entries.length - most)} more`] : []
  return ['', ` ${title}`, ...(rows.length > 0 ? rows : ['   none']), ...more]
}

const row = (name: string, value: string, note = ''): string =>
  `   ${name.padEnd(24)} ${value.padStart(13)}  ${note}`.trimEnd()

const overview = ({ start, end, result }: Shown): string[] => {
  const tenths = Math.round((result.total_events * 10_000) / (end - start))
  const perSecond = `${grouped(Math.floor(tenths / 10))}.${tenths % 10}/s`
  const estimate = result.exact ? '' : 'estimate'
  return [
    '',
    ' OVERVIEW',
    row('Events', grouped(result.total_events), ` ${perSecond}`),
    row('Unique users', grouped(result.unique_users), ` ${estimate}`),
    row('Unique sessions', grouped(result.unique_sessions), ` ${estimate}`),
    row('Average duration', `${grouped(result.avg_duration_ms)} ms`),
    ...(result.late_events > 0 ? [row('Late', grouped(result.late_events), ' not counted above')] : []),
    ...(result.invalid_events > 0
      ? [row('Invalid', grouped(result.invalid_events), ' not counted above')]
      : []),
  ]
}

/** `2026-01-31 23:55:00 → 2026-02-01 00:00:00`, the second date only when it differs. */
const span = (from: string, to: string): string => {
  const parts = (instant: string): [string, string] => [
    instant.slice(0, 10),
    instant.slice(11).replace(/(\.0+)?Z$/, ''),
  ]
  const [day, time] = parts(from)
  const [lastDay, lastTime] = parts(to)
  return `${day} ${time} → ${day === lastDay ? '' : `${lastDay} `}${lastTime}`
}

const marks = ({ result, repeated }: Shown): string =>
  [
    result.clipped ? 'clipped' : '',
    result.exact ? '' : 'estimate',
    repeated ? 'second result for this window' : '',
  ]
    .filter((mark) => mark !== '')
    .map((mark) => ` · ${mark}`)
    .join('')

/** One window as text of 80 columns for the log, between two lines of `═`. */
export const windowText = (window: Shown): string => {
  const { result } = window
  const counted = (counts: Counts) => ({ counts, total: result.total_events })
  const when = `${span(result.window_start, result.window_end)} UTC (${lengthText(window.end - window.start)})`
  return [
    rule('═'),
    ` CLICKSTREAM METRICS · ${fitted(result.pipeline, 56).trimEnd()}`,
    ` ${when}${marks(window)}`,
    rule('─'),
    ...overview(window).slice(1),
    ...section('EVENT TYPES', counted(result.event_types)),
    ...section('DEVICES', counted(result.devices)),
    ...section('TOP REFERRERS', counted(result.top_referrers)),
    ...section('TOP PAGES', counted(result.top_pages)),
    rule('═'),
    '',
  ].join('\n')
}
