/** Bars of the values with the tolerance and the two normal curves: within subgroups, and of all values. */
import { niceDistance } from '../plot/panel.ts'
import { normalDensity, type Study } from './study.ts'

const WIDTH = 640
const HEIGHT = 340
const LEFT = 8
const RIGHT = 8
const TOP = 30
const FOOT = 30
const CURVE_STEPS = 120

export function HistogramPicture({ study, say, unit, label }: { study: Study; say: (value: number) => string; unit: string; label: string }) {
  const { histogram, capability: found } = study
  const { tolerance, mean, within, overall, count } = found
  const sides = [tolerance.lower, tolerance.upper].filter((limit) => limit !== undefined)
  const edges = [...sides, histogram.bars[0]?.from ?? 0, histogram.bars.at(-1)?.to ?? 1, mean - 3.5 * overall.sigma, mean + 3.5 * overall.sigma]
  const room = (Math.max(...edges) - Math.min(...edges)) * 0.04
  const low = Math.min(...edges) - room
  const high = Math.max(...edges) + room
  // a density times this is a height in counts
  const area = count * histogram.width
  const most = Math.max(
    ...histogram.bars.map((bar) => bar.count),
    area * normalDensity(mean, mean, within.sigma),
    area * normalDensity(mean, mean, overall.sigma),
  )
  const x = (value: number) => LEFT + ((value - low) / (high - low)) * (WIDTH - LEFT - RIGHT)
  const y = (value: number) => HEIGHT - FOOT - (value / (most * 1.05)) * (HEIGHT - TOP - FOOT)
  const curve = (sigma: number) =>
    Array.from({ length: CURVE_STEPS + 1 }, (_, index) => {
      const value = low + ((high - low) * index) / CURVE_STEPS
      return `${x(value).toFixed(1)},${y(area * normalDensity(value, mean, sigma)).toFixed(1)}`
    }).join(' ')
  const distance = niceDistance(high - low, 6)
  const ticks: number[] = []
  // a label at the very edge would be cut off
  for (let tick = Math.ceil(low / distance) * distance; tick <= high; tick += distance) if (x(tick) > LEFT + 20 && x(tick) < WIDTH - 30) ticks.push(tick)
  return (
    <svg className="quality-picture" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} data-testid="histogram">
      {ticks.map((tick) => (
        <text key={tick} x={x(tick)} y={HEIGHT - FOOT + 18} textAnchor="middle">
          {say(tick)}
        </text>
      ))}
      <line x1={LEFT} x2={WIDTH - RIGHT} y1={HEIGHT - FOOT} y2={HEIGHT - FOOT} className="picture-axis" />
      {histogram.bars.map((bar) => (
        <rect
          key={bar.from}
          x={x(bar.from) + 0.5}
          width={Math.max(1, x(bar.to) - x(bar.from) - 1)}
          y={y(bar.count)}
          height={HEIGHT - FOOT - y(bar.count)}
          className="picture-bar"
        />
      ))}
      <polyline points={curve(overall.sigma)} className="picture-curve" data-which="overall" />
      <polyline points={curve(within.sigma)} className="picture-curve" />
      {(
        [
          ['LSL', tolerance.lower],
          ['USL', tolerance.upper],
        ] as const
      ).map(
        ([name, limit]) =>
          limit !== undefined && (
            <g key={name}>
              <line x1={x(limit)} x2={x(limit)} y1={TOP - 4} y2={HEIGHT - FOOT} className="picture-tolerance" />
              <text x={x(limit)} y={TOP - 10} textAnchor={name === 'LSL' ? 'start' : 'end'}>
                {name} {say(limit)} {unit}
              </text>
            </g>
          ),
      )}
      {tolerance.target !== undefined && <line x1={x(tolerance.target)} x2={x(tolerance.target)} y1={TOP} y2={HEIGHT - FOOT} className="picture-target" />}
    </svg>
  )
}
