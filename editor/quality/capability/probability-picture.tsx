/** Values against normal scores: on the line they would be normally distributed. */
import type { NormalPlot } from '../../../nodes/quality/engine/describe/index.ts'
import { normalQuantile } from '../../../nodes/quality/engine/distributions/index.ts'
import { niceDistance } from '../plot/panel.ts'
import { thinned } from './study.ts'

const WIDTH = 640
const HEIGHT = 340
const LEFT = 58
const EDGE = 10
const FOOT = 30
const MOST = 1500
const SHARES = [0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999]

export function ProbabilityPicture({
  plot,
  say,
  percent,
  label,
}: {
  plot: NormalPlot
  say: (value: number) => string
  percent: (share: number) => string
  label: string
}) {
  const points = thinned(plot.points, MOST)
  const values = [plot.points[0]?.value ?? 0, plot.points.at(-1)?.value ?? 1]
  const reach = Math.max(Math.abs(plot.points[0]?.z ?? 3), 2.6) + 0.2
  const room = ((values[1] as number) - (values[0] as number)) * 0.05
  const low = (values[0] as number) - room
  const high = (values[1] as number) + room
  const x = (value: number) => LEFT + ((value - low) / (high - low)) * (WIDTH - LEFT - EDGE)
  const y = (z: number) => EDGE + ((reach - z) / (2 * reach)) * (HEIGHT - EDGE - FOOT)
  const onLine = (value: number) => (value - plot.mean) / plot.standardDeviation
  const distance = niceDistance(high - low, 6)
  const ticks: number[] = []
  // a label at the very edge would be cut off
  for (let tick = Math.ceil(low / distance) * distance; tick <= high; tick += distance) if (x(tick) > LEFT + 20 && x(tick) < WIDTH - 30) ticks.push(tick)
  const dots = points.map(({ value, z }) => `M${x(value).toFixed(1)} ${y(z).toFixed(1)}h0`).join('')
  return (
    <svg className="quality-picture" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} data-testid="probability">
      <clipPath id="probability-area">
        <rect x={LEFT} y={EDGE} width={WIDTH - LEFT - EDGE} height={HEIGHT - EDGE - FOOT} />
      </clipPath>
      {SHARES.map((share) => {
        const z = normalQuantile(share)
        return (
          Math.abs(z) < reach && (
            <g key={share}>
              <line x1={LEFT} x2={WIDTH - EDGE} y1={y(z)} y2={y(z)} className="picture-grid" />
              <text x={LEFT - 6} y={y(z) + 4} textAnchor="end">
                {percent(share)}
              </text>
            </g>
          )
        )
      })}
      {ticks.map((tick) => (
        <text key={tick} x={x(tick)} y={HEIGHT - FOOT + 18} textAnchor="middle">
          {say(tick)}
        </text>
      ))}
      <g clipPath="url(#probability-area)">
        <line x1={x(low)} x2={x(high)} y1={y(onLine(low))} y2={y(onLine(high))} className="picture-curve" />
        <path d={dots} className="picture-dots" />
      </g>
    </svg>
  )
}
