/**
 * The page's script. Numbers come from `events`, a stream of server-sent events: `board` with all windows on
 * connecting, `window` with each new one, `summary` every few seconds. Addresses are relative, so the page
 * works behind a proxy's path.
 */
export const script = /* js */ `
const byId = (id) => document.getElementById(id)
const setText = (id, text) => { byId(id).textContent = text }
const whole = (number) => Math.round(number).toLocaleString('en')
const oneDigit = (number) => number.toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const shortNumber = (number) => number.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 1 })
const clock = (instant) => instant.slice(11, wholeMinutes() ? 16 : 19)
const day = (instant) => instant.slice(0, 10)
const milliseconds = (window) => Date.parse(window.window_end) - Date.parse(window.window_start)
const lengthText = (length) => {
  const seconds = length / 1000
  const parts = [[Math.floor(seconds / 86400), 'd'], [Math.floor(seconds / 3600) % 24, 'h'], [Math.floor(seconds / 60) % 60, 'm'], [Math.round(seconds * 1000) / 1000 % 60, 's']]
  return parts.filter(([amount]) => amount > 0).map(([amount, unit]) => amount + unit).join(' ')
}
const durationText = (length) => length >= 1000 ? (length / 1000).toLocaleString('en', { maximumFractionDigits: 2, minimumFractionDigits: 2 }) + ' s' : length + ' ms'

const most = 60
let windows = []
let summary
let heardAt = 0
let source

const wholeMinutes = () => windows.every((window) => window.window_start.slice(17, 19) === '00' && window.window_end.slice(17, 19) === '00')
const named = (name) => name === '__other__' ? 'other' : name
const textNode = (name, className, text) => {
  const node = document.createElement(name)
  node.className = className
  node.textContent = text
  return node
}
const rankRow = ([name, count], { total, highest }) => {
  const row = textNode('li', 'rank', '')
  const label = textNode('span', 'name', named(name))
  label.title = named(name)
  const track = textNode('div', 'track', '')
  const fill = textNode('div', 'fill', '')
  fill.style.width = (100 * count) / highest + '%'
  track.append(fill)
  track.setAttribute('aria-hidden', 'true')
  row.append(label, textNode('span', 'count', whole(count)), textNode('span', 'share', total > 0 ? oneDigit((100 * count) / total) + '%' : '–'), track)
  return row
}
const rankRows = (id, counts, total) => {
  const entries = Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const rows = entries.slice(0, 6).map((entry) => rankRow(entry, { total, highest: entries[0][1] }))
  if (entries.length > 6) rows.push(textNode('li', 'none', 'and ' + whole(entries.length - 6) + ' more'))
  byId(id).replaceChildren(...(rows.length > 0 ? rows : [textNode('li', 'none', 'none')]))
}
const marks = (window) => [window.clipped && 'clipped', !window.exact && 'estimate', window.repeated && 'second result']
  .filter(Boolean).map((mark) => textNode('span', 'mark', mark))

const read = (window) => setText('readout', window === undefined ? readoutOfAll() : clock(window.window_start) + ' · ' + whole(window.total_events) + ' events' +
  (missed(window) > 0 ? ' · ' + whole(window.late_events) + ' late · ' + whole(window.invalid_events) + ' invalid' : '') + (window.clipped ? ' · clipped' : ''))
const readoutOfAll = () => windows.length < 2 ? '' : 'last ' + whole(windows.length) + ' windows, by start in UTC'
const sum = (field) => windows.reduce((total, window) => total + window[field], 0)

const renderWindow = (window) => {
  const length = milliseconds(window)
  setText('window-title', clock(window.window_start) + ' → ' + clock(window.window_end))
  setText('window-day', day(window.window_start) + ' UTC · ' + lengthText(length) + ' window')
  byId('marks').replaceChildren(...marks(window))
  setText('events', whole(window.total_events))
  setText('rate', oneDigit((window.total_events * 1000) / length) + ' per second')
  const about = window.exact ? '' : '≈ '
  setText('users', about + whole(window.unique_users))
  setText('per-user', window.unique_users > 0 ? oneDigit(window.total_events / window.unique_users) + ' events each' : 'none')
  setText('sessions', about + whole(window.unique_sessions))
  setText('per-session', window.unique_sessions > 0 ? oneDigit(window.total_events / window.unique_sessions) + ' events each' : 'none')
  setText('duration', durationText(window.avg_duration_ms))
  setText('late-invalid', whole(window.late_events) + ' · ' + whole(window.invalid_events))
  byId('faults').dataset.state = missed(window) > 0 ? 'some' : 'none'
  rankRows('types', window.event_types, window.total_events)
  rankRows('devices', window.devices, window.total_events)
  rankRows('referrers', window.top_referrers, window.total_events)
  rankRows('pages', window.top_pages, window.total_events)
}
const plural = (number, noun) => whole(number) + ' ' + noun + (number === 1 ? '' : 's')
const renderSummary = () => {
  setText('pipeline', summary.pipeline)
  document.title = summary.pipeline + ' · live'
  setText('totals', [
    summary.totalEvents === null ? 'No window seen yet' : 'Seen: ' + plural(summary.windows, 'window') + ' · ' + plural(summary.totalEvents, 'event'),
    summary.lateEvents !== null && 'in all ' + whole(summary.lateEvents) + ' late · ' + whole(summary.invalidEvents) + ' invalid',
    summary.lag !== null && plural(summary.lag, 'event') + ' to come',
    summary.repeatedWindows > 0 && plural(summary.repeatedWindows, 'window') + ' published twice',
  ].filter(Boolean).join(' · '))
}
const render = () => {
  const newest = windows.at(-1)
  if (newest !== undefined) renderWindow(newest)
  renderSummary()
  renderAge()
  drawChart(windows, read)
  byId('legend').hidden = !windows.some((window) => missed(window) > 0)
  read(undefined)
}
const renderAge = () => {
  if (summary === undefined || summary.freshnessSeconds === null) return
  const seconds = summary.freshnessSeconds + Math.floor((Date.now() - heardAt) / 1000)
  setText('age', 'ended ' + lengthText(Math.max(1, seconds) * 1000) + ' ago')
}

const take = (window) => {
  windows = [...windows.filter((other) => other.window_start !== window.window_start), window]
    .sort((a, b) => (a.window_start < b.window_start ? -1 : 1)).slice(-most)
}
const connection = (state, text) => { byId('connection').dataset.state = state; setText('connection-text', text) }
const heard = (message) => {
  heardAt = Date.now()
  connection('live', 'live')
  const data = JSON.parse(message.data)
  summary = data.summary
  return data
}
const connect = () => {
  source?.close()
  heardAt = Date.now()
  source = new EventSource('events')
  source.addEventListener('board', (message) => { windows = heard(message).windows.slice(-most); render() })
  source.addEventListener('window', (message) => { take(heard(message).window); render() })
  source.addEventListener('summary', (message) => { heard(message); renderSummary(); renderAge() })
  source.addEventListener('error', () => connection('waiting', 'reconnecting'))
}
setInterval(() => {
  renderAge()
  if (Date.now() - heardAt < 15000) return
  connection('lost', 'no connection, trying again')
  connect()
}, 1000)
new ResizeObserver(() => drawChart(windows, read)).observe(byId('chart'))
connect()
`
