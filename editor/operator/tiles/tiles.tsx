/** What flows show: values with their limits, and charts. */
import { ArrowDown, ArrowUp, OctagonAlert, TriangleAlert } from 'lucide-react'
import { memo, useEffect, useMemo, useState } from 'react'
import type { PanelTile } from '../../../server/api/panel.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { usePanelText } from '../use-operator-text.ts'
import { type ChartLine, chartLine, HEIGHT, WIDTH } from './chart-line.ts'
import { isOld, toneOf } from './tone-of.ts'

/** Often enough to see that a value has grown old. */
const LOOK_MS = 1_000

export function Tiles({ tiles, isStale }: { tiles: readonly PanelTile[]; isStale: boolean }) {
  const text = usePanelText().tiles
  const [now, setNow] = useState(() => Date.now())
  const canAge = tiles.some(({ staleAfterS }) => staleAfterS)
  useEffect(() => {
    if (!canAge) return
    const timer = setInterval(() => setNow(Date.now()), LOOK_MS)
    return () => clearInterval(timer)
  }, [canAge])
  if (!tiles.length) return null
  return (
    <section className="op-tiles-of-flows" aria-label={text.label} data-testid="flow-tiles">
      {tiles.map((tile) => (
        <ShownTile key={tile.nodeId} tile={tile} isStale={isStale || isOld(tile, now)} />
      ))}
    </section>
  )
}

/** Of a hundred that are shown a few change at a time. */
const ShownTile = memo(Tile)

function Tile({ tile, isStale }: { tile: PanelTile; isStale: boolean }) {
  const text = usePanelText().tiles
  const format = formats(useLanguage())
  const { tone, side } = toneOf(tile)
  const Icon = tone === 'alarm' ? OctagonAlert : TriangleAlert
  const Side = side === 'low' ? ArrowDown : ArrowUp
  const { value } = tile
  const shown =
    value === undefined
      ? '–'
      : typeof value === 'number'
        ? format.number(value, tile.decimals)
        : typeof value === 'boolean'
          ? value
            ? text.yes
            : text.no
          : value
  return (
    <div className="op-flow-tile" data-kind={tile.kind} data-tone={isStale ? 'normal' : tone} data-testid={`tile-of-${tile.nodeId}`}>
      <span>{tile.label}</span>
      <strong className={`cw-numbers ${isStale ? 'cw-stale' : ''}`}>
        {shown} <small>{tile.unit}</small>
      </strong>
      {tone !== 'normal' && !isStale && (
        <em>
          <Icon size={18} aria-hidden />
          <Side size={18} aria-hidden /> {side === 'low' ? text.tooLow : text.tooHigh}
        </em>
      )}
      {isStale && tile.at && <em className="cw-stale">{text.asOf(format.time(tile.at))}</em>}
      {tile.kind === 'chart' && <Chart tile={tile} />}
    </div>
  )
}

/** Drawn once a second: less than a pixel of most charts. */
const DRAW_MS = 1_000

/** The time runs to the right; its limits are drawn across. */
function Chart({ tile }: { tile: PanelTile }) {
  const text = usePanelText().tiles
  const beat = Math.floor((tile.points?.at(-1)?.[0] ?? 0) / DRAW_MS)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `beat` says when to draw
  const line = useMemo(() => chartLine(tile), [tile.nodeId, beat])
  if (!line) return <p className="op-why">{text.noPoints}</p>
  return <ChartPicture line={line} label={tile.label} unit={tile.unit} decimals={tile.decimals} />
}

const ChartPicture = memo(function ChartPicture(props: { line: ChartLine; label: string; unit: string | undefined; decimals: number }) {
  const { line, label, unit, decimals } = props
  const text = usePanelText().tiles
  const format = formats(useLanguage())
  return (
    <figure className="op-chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={text.chart(label)}>
        {line.limits.map((y) => (
          <line key={y} x1={0} x2={WIDTH} y1={y} y2={y} className="op-chart-limit" />
        ))}
        <polyline points={line.points} />
      </svg>
      <figcaption className="cw-numbers">
        <span>{format.time(new Date(line.begin))}</span>
        <span>
          {format.number(line.low, decimals)} … {format.number(line.high, decimals)} {unit}
        </span>
        <span>{format.time(new Date(line.end))}</span>
      </figcaption>
    </figure>
  )
})
