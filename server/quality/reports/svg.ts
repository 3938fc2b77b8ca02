/** Drawings as SVG text, in points, for PDFs: axes, lines, and the few shapes that plots are made of. Every text is escaped. */

export const INK = {
  text: '#2b333d',
  grey: '#5b6470',
  line: '#c4cad2',
  data: '#1f4e79',
  limit: '#5b6470',
  center: '#2f7d4f',
  bad: '#a4161a',
  band1: '#f1f3f6',
  band2: '#e6e9ee',
  bar: '#b9c7d6',
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '')
const n = (value: number): string => String(Math.round(value * 100) / 100)

export interface Stroke {
  color?: string
  width?: number
  dash?: string
}

export const rect = (x: number, y: number, width: number, height: number, fill: string, stroke: string | undefined = undefined): string =>
  `<rect x="${n(x)}" y="${n(y)}" width="${n(Math.max(0, width))}" height="${n(Math.max(0, height))}" fill="${fill}"${stroke ? ` stroke="${stroke}" stroke-width="0.6"` : ''}/>`
export const path = (points: readonly (readonly [number, number])[], { color = INK.data, width = 0.8, dash }: Stroke = {}): string =>
  points.length < 2
    ? ''
    : `<path d="M${points.map(([x, y]) => `${n(x)} ${n(y)}`).join('L')}" fill="none" stroke="${color}" stroke-width="${width}"${dash ? ` stroke-dasharray="${dash}"` : ''}/>`
export const dot = (x: number, y: number, radius: number, fill: string, stroke: string): string =>
  `<circle cx="${n(x)}" cy="${n(y)}" r="${n(radius)}" fill="${fill}" stroke="${stroke}" stroke-width="0.6"/>`
export function words(
  x: number,
  y: number,
  text: string,
  { size = 7, color = INK.text, anchor = 'start' }: { size?: number; color?: string; anchor?: 'start' | 'middle' | 'end' } = {},
): string {
  return `<text x="${n(x)}" y="${n(y)}" font-family="Roboto" font-size="${size}" fill="${color}" text-anchor="${anchor}">${escaped(text)}</text>`
}
export const svgOf = (width: number, height: number, parts: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${n(width)}" height="${n(height)}" viewBox="0 0 ${n(width)} ${n(height)}">${parts.join('')}</svg>`

/** Round numbers within a range, about so many. */
export function ticks(from: number, to: number, about: number): number[] {
  const span = to - from
  if (!(span > 0) || !Number.isFinite(span)) return [from]
  const raw = span / about
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10) * power
  const list: number[] = []
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i += 1) list.push(i * step + 0)
  return list
}

/** How many decimals tell ticks apart. */
export function decimalsOf(values: readonly number[]): number {
  const step = Math.abs((values[1] ?? 1) - (values[0] ?? 0)) || 1
  return Math.min(9, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))
}

/** The smallest and the largest of what is there, with room around; never of no height. */
export function rangeOf(values: Iterable<number | null | undefined>, room = 0.06): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value === null || value === undefined || !Number.isFinite(value)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  if (low > high) return { low: 0, high: 1 }
  const span = high - low || Math.abs(high) * 0.1 || 1
  return { low: low - span * room, high: high + span * room }
}
