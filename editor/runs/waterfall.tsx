/** One run as bars over its time: when each step was given its message and when it was done. Only what is in sight exists. */
import { useEffect, useRef, useState } from 'react'
import type { Run } from '../../server/api/runs.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { VirtualLines, type VirtualLinesHandle } from '../shared/virtual-lines.tsx'
import { lengthOf, type Step } from './steps.ts'
import { useDurations, useRunsText } from './use-runs-text.ts'

const ROW_PX = 32
const MARKS = [0, 0.25, 0.5, 0.75, 1]

export interface WaterfallProps {
  run: Run
  steps: readonly Step[]
  chosen: number | undefined
  onChoose: (seq: number) => void
}

export function Waterfall({ run, steps, chosen, onChoose }: WaterfallProps) {
  const text = useRunsText()
  const format = formats(useLanguage())
  const durationOf = useDurations()
  const list = useRef<VirtualLinesHandle>(null)
  const now = useNow(run.state === 'active' && run.waitsFor === undefined)
  const length = lengthOf(run, now)
  const place = steps.findIndex(({ hop }) => hop.seq === chosen)
  useEffect(() => {
    if (place >= 0) list.current?.show(place)
  }, [place])
  const percent = (ms: number) => `${Math.min(100, (ms / length) * 100)}%`

  return (
    <div className="runs-waterfall" style={{ '--runs-rows': steps.length } as never}>
      <div className="runs-scale cw-numbers" aria-hidden>
        <span />
        <span className="runs-scale-marks">
          {MARKS.map((mark) => (
            <span key={mark} style={{ left: `${mark * 100}%` }}>
              {durationOf(length * mark)}
            </span>
          ))}
        </span>
        <span />
      </div>
      <VirtualLines
        ref={list}
        className="runs-bars"
        label={text.timeline}
        count={steps.length}
        rowHeight={ROW_PX}
        testId="waterfall"
        onKeyDown={(event) => {
          const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
          const next = steps[(place < 0 && step > 0 ? -1 : place) + step]
          if (!step || !next) return
          event.preventDefault()
          onChoose(next.hop.seq)
        }}
        row={(index) => {
          const step = steps[index] as Step
          const { hop, name, tookMs } = step
          const took = tookMs === undefined ? '' : durationOf(tookMs)
          return (
            <button
              key={hop.seq}
              type="button"
              className="runs-bar-row"
              tabIndex={hop.seq === chosen || (chosen === undefined && index === 0) ? 0 : -1}
              aria-pressed={hop.seq === chosen}
              aria-label={text.stepRow({ number: format.number(hop.seq + 1), name, outcome: text.outcome[hop.outcome], at: durationOf(hop.atMs), took })}
              onClick={() => onChoose(hop.seq)}
              data-outcome={hop.outcome}
              data-testid={`step-${hop.seq}`}
            >
              <span className="runs-bar-name">{name}</span>
              <span className="runs-bar-track">
                <span
                  className="runs-bar"
                  data-open={tookMs === undefined || undefined}
                  style={{ left: percent(hop.atMs), width: tookMs === undefined ? percent(length - hop.atMs) : percent(tookMs) }}
                />
              </span>
              <span className="runs-bar-time cw-numbers">{hop.outcome === 'failed' ? text.outcome.failed : took || text.outcome[hop.outcome]}</span>
            </button>
          )
        }}
      />
    </div>
  )
}

/** The time, every second while something goes on. */
function useNow(isGoingOn: boolean): number | undefined {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!isGoingOn) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [isGoingOn])
  return isGoingOn ? now : undefined
}
