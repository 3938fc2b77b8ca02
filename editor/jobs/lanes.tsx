/** The machines on one time axis: what each runs, what is next, when it should be done, what will be late. */
import { SegmentedControl } from '@mantine/core'
import { Clock, Drill, Pause, TriangleAlert } from 'lucide-react'
import type { JobQueue } from '../../server/api/jobs.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { shortTime } from './short-time.ts'
import { axisOf, type Bar, HORIZONS, type Horizon, laneOf, ticksOf } from './timeline.ts'
import type { Board } from './use-board.ts'
import { useJobsText } from './use-jobs-text.ts'

export interface LanesProps {
  board: Board
  horizon: Horizon
  onHorizon: (horizon: Horizon) => void
  chosen: string | undefined
  onChoose: (queue: string) => void
}

export function Lanes({ board, horizon, onHorizon, chosen, onChoose }: LanesProps) {
  const text = useJobsText()
  const machines = board.queues?.filter(({ kind }) => kind === 'machine') ?? []
  const axis = axisOf(board.now, horizon)
  const at = (time: number) => `${((time - axis.begin) / (axis.end - axis.begin)) * 100}%`
  if (!machines.length)
    return (
      <section className="jobs-empty">
        <h2>{text.noMachines}</h2>
        <p>{text.noMachinesText}</p>
        <a href="/machines">{text.toMachines}</a>
      </section>
    )
  return (
    <section className="jobs-lanes" aria-label={text.timeline}>
      <header>
        <SegmentedControl
          aria-label={text.horizon}
          size="xs"
          value={horizon}
          onChange={(value) => onHorizon(value as Horizon)}
          data={(Object.keys(HORIZONS) as Horizon[]).map((value) => ({ value, label: text.horizons[value] }))}
        />
        <Axis axis={axis} at={at} now={board.now} horizon={horizon} />
      </header>
      <ul>
        {machines.map((queue) => (
          <li key={queue.queue}>
            <LaneHead queue={queue} isChosen={queue.queue === chosen} onChoose={() => onChoose(queue.queue)} />
            <Track board={board} queue={queue} horizon={horizon} nowAt={at(board.now)} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Axis({ axis, at, now, horizon }: { axis: { begin: number; end: number }; at: (time: number) => string; now: number; horizon: Horizon }) {
  const text = useJobsText()
  const language = useLanguage()
  const locale = language === 'de' ? 'de-DE' : 'en-GB'
  const format = new Intl.DateTimeFormat(locale, horizon === 'd7' ? { weekday: 'short', day: '2-digit' } : { hour: '2-digit', minute: '2-digit' })
  const ticks = ticksOf(axis).filter((tick) => Math.abs(tick - now) > (axis.end - axis.begin) * 0.05 && tick < axis.end - (axis.end - axis.begin) * 0.04)
  return (
    <div className="jobs-axis cw-numbers" aria-hidden>
      {ticks.map((tick) => (
        <span key={tick} style={{ left: at(tick) }}>
          {format.format(tick)}
        </span>
      ))}
      <strong style={{ left: at(now) }}>{text.now}</strong>
    </div>
  )
}

function LaneHead({ queue, isChosen, onChoose }: { queue: JobQueue; isChosen: boolean; onChoose: () => void }) {
  const text = useJobsText()
  const format = formats(useLanguage())
  return (
    <button type="button" className="jobs-lane-head" aria-pressed={isChosen} onClick={onChoose} data-testid={`lane-${queue.queue}`}>
      <span className="jobs-lane-name">
        <Drill size={16} aria-hidden />
        <strong>{queue.name}</strong>
        {queue.mode !== 'open' && (
          <span className="jobs-mark" data-tone="action">
            <Pause size={14} aria-hidden />
            {text.mode[queue.mode]}
          </span>
        )}
        {queue.late > 0 && (
          <span className="jobs-mark" data-tone="warning">
            <TriangleAlert size={14} aria-hidden />
            {text.late(format.number(queue.late))}
          </span>
        )}
      </span>
      <span className="jobs-lane-facts cw-numbers">
        {queue.waiting > 0 ? text.waits(format.number(queue.waiting)) : queue.active.length ? (queue.active[0]?.name ?? '') : text.freeNow}
        {queue.endAt !== undefined && queue.waiting > 0 && queue.mode !== 'held' && ` · ${text.doneAt(shortTime(queue.endAt, format))}`}
        {queue.waiting === 0 && queue.activeEndAt !== undefined && ` · ${text.doneAt(shortTime(queue.activeEndAt, format))}`}
      </span>
    </button>
  )
}

function Track({ board, queue, horizon, nowAt }: { board: Board; queue: JobQueue; horizon: Horizon; nowAt: string }) {
  const text = useJobsText()
  const format = formats(useLanguage())
  const { bars, beyond } = laneOf(queue, board.next.get(queue.queue) ?? [], { now: board.now, horizon })
  return (
    <div className="jobs-track" data-mode={queue.mode}>
      <span className="jobs-now" style={{ left: nowAt }} aria-hidden />
      {bars.map((bar) => (
        <BarView key={bar.job.id} bar={bar} />
      ))}
      {beyond > 0 && (
        <span className="jobs-beyond cw-numbers">{queue.unknown ? text.moreUnknown(format.number(beyond)) : text.more(format.number(beyond))}</span>
      )}
    </div>
  )
}

function BarView({ bar: { job, from, to, isActive, isLate, isCut, done, dueAt } }: { bar: Bar }) {
  const text = useJobsText()
  const format = formats(useLanguage())
  const facts = [
    job.name,
    isActive ? text.state.active : undefined,
    job.estimateS === undefined ? undefined : text.takes(format.span(job.estimateS)),
    job.dueAt === undefined ? undefined : text.due(shortTime(job.dueAt, format)),
    isLate ? text.lateOne : undefined,
  ]
  const title = facts.filter(Boolean).join(', ')
  return (
    <>
      <span
        className="jobs-bar"
        role="img"
        aria-label={title}
        title={title}
        data-active={isActive || undefined}
        data-late={isLate || undefined}
        data-cut={isCut || undefined}
        style={{ left: `${from * 100}%`, width: `max(3px, ${(to - from) * 100}%)` }}
        data-testid={`bar-${job.id}`}
      >
        {done !== undefined && <span className="jobs-bar-done" style={{ width: `${done * 100}%` }} />}
        <span className="jobs-bar-name">
          {isLate && <TriangleAlert size={12} aria-hidden />}
          {job.name}
        </span>
      </span>
      {dueAt !== undefined && isLate && (
        <span className="jobs-due" style={{ left: `${dueAt * 100}%` }} title={text.due(shortTime(job.dueAt ?? '', format))}>
          <Clock size={12} aria-hidden />
        </span>
      )}
    </>
  )
}
