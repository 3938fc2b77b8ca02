/** The last values of something as a small line, with its limits. No axis: the number stands beside it. */
import './sparkline.css'

export interface SparklineProps {
  values: readonly number[]
  lower?: number | undefined
  upper?: number | undefined
  label: string
}

const WIDTH = 120
const HEIGHT = 36
const EDGE = 3

export function Sparkline({ values, lower, upper, label }: SparklineProps) {
  const all = [...values, ...(lower === undefined ? [] : [lower]), ...(upper === undefined ? [] : [upper])]
  const low = Math.min(...all)
  const span = Math.max(...all) - low || 1
  const x = (index: number) => EDGE + (values.length > 1 ? (index / (values.length - 1)) * (WIDTH - 2 * EDGE) : (WIDTH - 2 * EDGE) / 2)
  const y = (value: number) => HEIGHT - EDGE - ((value - low) / span) * (HEIGHT - 2 * EDGE)
  const last = values.at(-1)
  return (
    <svg className="cw-sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} preserveAspectRatio="none">
      {[lower, upper].map((limit) => limit !== undefined && <line key={limit} x1={0} x2={WIDTH} y1={y(limit)} y2={y(limit)} className="cw-sparkline-limit" />)}
      {values.length > 1 && <polyline points={values.map((value, index) => `${x(index)},${y(value)}`).join(' ')} />}
      {last !== undefined && <circle cx={x(values.length - 1)} cy={y(last)} r={3} />}
    </svg>
  )
}
