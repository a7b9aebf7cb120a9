/**
 * The chart of events per window: `drawChart(windows, read)` draws one column for each window into #chart, late
 * and invalid events in another colour on top, and calls `read` with the window under the pointer or undefined.
 */
export const chart = /* js */ `
const svgNode = (name, attributes) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value))
  return node
}
const niceCeiling = (value) => {
  if (value <= 4) return 4
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((step) => step >= value)
}
const missed = (window) => window.late_events + window.invalid_events
const column = ({ left, width, top, height, name }) => {
  const radius = Math.min(3, width / 3, height)
  const shape = 'M' + left + ' ' + (top + height) + 'V' + (top + radius) + 'q0 ' + -radius + ' ' + radius + ' ' + -radius +
    'h' + (width - 2 * radius) + 'q' + radius + ' 0 ' + radius + ' ' + radius + 'V' + (top + height) + 'Z'
  return svgNode('path', { d: shape, class: name })
}
const gridLines = (svg, { width, plot, ceiling, gutter }) => {
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    const y = Math.round(plot.bottom - part * plot.height) + 0.5
    svg.append(svgNode('line', { class: 'grid', x1: gutter, x2: width, y1: y, y2: y }))
    const label = svgNode('text', { x: gutter - 8, y: y + 4, 'text-anchor': 'end' })
    if (ceiling > 0) label.textContent = shortNumber(part * ceiling)
    svg.append(label)
  }
}
const timeLabels = (svg, { windows, place, bottom }) => {
  const wanted = Math.max(1, Math.floor((place.step * windows.length) / (wholeMinutes() ? 80 : 110)))
  const every = Math.ceil(windows.length / wanted)
  for (let n = windows.length - 1; n >= 0; n -= every) {
    const x = place.left(n) + place.width / 2
    const label = svgNode('text', { x, y: bottom + 18, 'text-anchor': n === windows.length - 1 && windows.length > 3 ? 'end' : 'middle' })
    if (n === windows.length - 1 && windows.length > 3) label.setAttribute('x', String(place.left(n) + place.width))
    else if (x < 70) continue
    label.textContent = clock(windows[n].window_start)
    svg.append(label)
  }
}
const drawChart = (windows, read) => {
  const host = document.getElementById('chart')
  const width = host.clientWidth
  const height = host.clientHeight
  const gutter = 44
  const plot = { bottom: height - 26, height: height - 36 }
  const highest = Math.max(0, ...windows.map((window) => window.total_events + missed(window)))
  const ceiling = windows.length === 0 ? 0 : niceCeiling(highest)
  const svg = svgNode('svg', { viewBox: '0 0 ' + width + ' ' + height, role: 'img' })
  svg.setAttribute('aria-label', windows.length === 0 ? 'No window yet' : windows.length + ' windows, at most ' + whole(highest) + ' events in one')
  gridLines(svg, { width, plot, ceiling, gutter })
  const step = Math.min(56, (width - gutter) / Math.max(windows.length, 1))
  const start = width - step * windows.length
  const place = { step, width: Math.max(1, step * 0.74), left: (n) => start + n * step + step * 0.13 }
  windows.forEach((window, n) => {
    const tall = (window.total_events / ceiling) * plot.height
    const more = (missed(window) / ceiling) * plot.height
    const left = place.left(n)
    const kind = (n === windows.length - 1 ? ' newest' : '') + (window.clipped ? ' clipped' : '')
    const bar = column({ left, width: place.width, top: plot.bottom - tall, height: tall, name: 'column' + kind })
    if (tall > 0) svg.append(bar)
    if (more > 0) svg.append(svgNode('rect', { class: 'missed', x: left, width: place.width, y: plot.bottom - tall - Math.max(more, 2) - 1, height: Math.max(more, 2), rx: 1 }))
    const target = svgNode('rect', { class: 'target', x: start + n * step, width: step, y: 0, height: plot.bottom })
    target.addEventListener('pointerenter', () => { bar.classList.add('read'); read(window) })
    target.addEventListener('pointerleave', () => { bar.classList.remove('read'); read(undefined) })
    svg.append(target)
  })
  timeLabels(svg, { windows, place, bottom: plot.bottom })
  host.replaceChildren(svg)
}
`
