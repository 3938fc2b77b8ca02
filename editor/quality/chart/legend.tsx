/** What the shapes of a chart mean. Drawn here as the canvas draws them. */
import { useChartsText } from '../use-quality-text.ts'

const SHAPES = {
  beyond: <path d="M8 2 14 8 8 14 2 8Z" className="legend-alarm" />,
  rule: <path d="M8 2 14 13H2Z" className="legend-warning" />,
  outOfTolerance: <rect x="2.5" y="2.5" width="11" height="11" className="legend-square" />,
  excluded: <path d="M8 3.5a4.5 4.5 0 1 0 .01 0M3.5 3.5l9 9M3.5 12.5l9-9" className="legend-excluded" />,
  noted: <path d="M2 4h12v7H9l-1 3-1-3H2Z" className="legend-noted" />,
  limit: <path d="M0 8h16" className="legend-limit" />,
  tolerance: <path d="M0 8h16" className="legend-tolerance" />,
} as const

export function Legend({ hasTolerance }: { hasTolerance: boolean }) {
  const { legend } = useChartsText().chart
  return (
    <ul className="quality-legend">
      {(Object.keys(SHAPES) as (keyof typeof SHAPES)[])
        .filter((shape) => hasTolerance || (shape !== 'tolerance' && shape !== 'outOfTolerance'))
        .map((shape) => (
          <li key={shape}>
            <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden>
              {SHAPES[shape]}
            </svg>
            {legend[shape]}
          </li>
        ))}
    </ul>
  )
}
