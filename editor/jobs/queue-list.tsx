/** The waiting jobs of a queue in their order: any number of them, put elsewhere by mouse, finger or keys. */
import { GripVertical } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import { type JobQueue, placeJob, type QueuedJob } from '../../server/api/jobs.ts'
import { call } from '../shared/api.ts'
import { formats, useLanguage } from '../shared/text/index.ts'
import { VirtualLines, type VirtualLinesHandle } from '../shared/virtual-lines.tsx'
import type { Ask } from './dialogs/asked.ts'
import { JobMenu } from './job-menu.tsx'
import { JobRow } from './job-row.tsx'
import { nameOf } from './queue-name.ts'
import { placeOf, shiftOf } from './reorder.ts'
import type { Rights } from './rights.ts'
import { useAct } from './use-act.ts'
import { useJobsText } from './use-jobs-text.ts'
import type { QueueRows } from './use-rows.ts'

const ROW = 60
/** So near to the edge of the list, what is dragged scrolls it. */
const EDGE = 40
const SCROLL_STEP = 12

/** A job that is picked up: from where, and where it would go. */
interface Picked {
  job: QueuedJob
  from: number
  to: number
  by: 'pointer' | 'keys'
}

interface QueueListProps extends Rights {
  queue: JobQueue
  rows: QueueRows
  onAsk: Ask
  onChanged: (queue?: string) => void
}

export function QueueList({ queue, rows: { total, rows, see, shift, problem }, mayManage, mayMove, onAsk, onChanged }: QueueListProps) {
  const text = useJobsText()
  const format = formats(useLanguage())
  const act = useAct()
  const list = useRef<VirtualLinesHandle>(null)
  const [picked, pick] = useState<Picked>()
  const [said, say] = useState('')
  const scrolling = useRef<ReturnType<typeof setInterval>>(undefined)
  const count = total ?? 0
  const number = (place: number) => format.number(place + 1)

  const put = (job: QueuedJob, from: number, to: number) => {
    const place = placeOf(rows, from, to)
    if (!place) return say(text.left(job.name))
    shift(from, to)
    say(text.dropped(job.name, number(to)))
    void act(() => call(placeJob, { params: { jobId: job.id }, body: place })).then(() => onChanged(queue.queue))
  }
  /** @param to a place newer than the one that is drawn */
  const drop = (to = picked?.to) => {
    clearInterval(scrolling.current)
    if (picked && to !== undefined) {
      // others may have come or gone meanwhile
      const now = rows.findIndex((row) => row?.id === picked.job.id)
      put(picked.job, now < 0 ? picked.from : now, to)
    }
    settle()
  }
  const leave = () => {
    clearInterval(scrolling.current)
    if (picked) say(text.left(picked.job.name))
    settle()
  }
  /** Whoever moved it by keys goes on from where it is now. */
  const settle = () => {
    if (picked?.by === 'keys') back.current = picked.job.id
    pick(undefined)
  }
  const back = useRef<string>(undefined)
  const whole = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (back.current === undefined || picked) return
    const grip = whole.current?.querySelector<HTMLElement>(`[data-testid="grip-${back.current}"]`)
    if (!grip) return
    back.current = undefined
    grip.focus()
  })
  // somebody goes elsewhere with the keyboard: it stays where it was
  useEffect(() => {
    if (picked?.by !== 'keys') return
    const gone = (event: FocusEvent) => {
      if (whole.current?.contains(event.target as Node)) return
      say(text.left(picked.job.name))
      pick(undefined)
    }
    document.addEventListener('focusin', gone)
    return () => document.removeEventListener('focusin', gone)
  }, [picked, text])

  /** The row below a point of the window. */
  const rowAt = (box: HTMLElement, clientY: number) =>
    Math.max(0, Math.min(count - 1, Math.floor((clientY - box.getBoundingClientRect().top + box.scrollTop) / ROW)))

  /** Where the pointer is let go: a quick hand is ahead of what is drawn. */
  const dropAt = (event: PointerEvent<HTMLDivElement>) => {
    if (picked?.by !== 'pointer') return
    const box = event.currentTarget.querySelector<HTMLElement>('.virtual-lines')
    drop(box ? rowAt(box, event.clientY) : undefined)
  }

  const dragging = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.querySelector<HTMLElement>('.virtual-lines')
    if (!box || picked?.by !== 'pointer') return
    const { clientY } = event
    const goTo = () => {
      const to = rowAt(box, clientY)
      pick((was) => was && { ...was, to })
    }
    goTo()
    clearInterval(scrolling.current)
    const { top, bottom } = box.getBoundingClientRect()
    const step = clientY < top + EDGE ? -SCROLL_STEP : clientY > bottom - EDGE ? SCROLL_STEP : 0
    if (step)
      scrolling.current = setInterval(() => {
        box.scrollTop += step
        goTo()
      }, 16)
  }

  const pickByKeys = (event: KeyboardEvent<HTMLButtonElement>, job: QueuedJob, index: number) => {
    if (picked || (event.key !== ' ' && event.key !== 'Enter')) return
    event.preventDefault()
    event.stopPropagation()
    // the row itself may go out of sight: the list hears the keys
    event.currentTarget.closest<HTMLElement>('.virtual-lines')?.focus()
    pick({ job, from: index, to: index, by: 'keys' })
    say(text.picked(job.name, number(index), format.number(count)))
  }
  const moveByKeys = (event: KeyboardEvent) => {
    if (picked?.by !== 'keys') return
    const steps: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, PageUp: -10, PageDown: 10, Home: -count, End: count }
    const step = steps[event.key]
    if (event.key === ' ' || event.key === 'Enter') drop()
    else if (event.key === 'Escape') leave()
    else if (step !== undefined) {
      const to = Math.max(0, Math.min(count - 1, picked.to + step))
      pick({ ...picked, to })
      list.current?.show(to)
      say(text.wouldGo(number(to), format.number(count)))
    } else return
    event.preventDefault()
  }

  if (problem) return <p className="list-problem">{problem}</p>
  if (total === undefined) return <div className="list-skeleton" aria-hidden />
  if (total === 0)
    return (
      <div className="jobs-empty" data-testid="queue-empty">
        <h3>{text.empty(nameOf(queue, text))}</h3>
        <p>{text.emptyText[queue.kind]}</p>
      </div>
    )
  return (
    <div ref={whole} className="jobs-list-box" onPointerMove={dragging} onPointerUp={dropAt} onPointerCancel={() => picked?.by === 'pointer' && leave()}>
      <p className="jobs-said" aria-live="assertive">
        {said}
      </p>
      <p id="jobs-grip-help" className="jobs-said">
        {text.gripHelp}
      </p>
      <VirtualLines
        ref={list}
        className="jobs-list"
        count={count}
        rowHeight={ROW}
        label={text.order}
        onSight={see}
        onKeyDown={moveByKeys}
        testId="queue-list"
        row={(index) => {
          const job = rows[index]
          const isPicked = picked !== undefined && job?.id === picked.job.id
          const shiftBy = picked && !isPicked ? shiftOf(index, picked.from, picked.to) : 0
          return (
            <div key={job?.id ?? index} className="jobs-slot" style={{ height: ROW }} data-testid={job ? `job-${job.id}` : undefined} data-place={index}>
              <div
                className="jobs-row"
                data-left={isPicked || undefined}
                data-late={job?.isLate || undefined}
                style={shiftBy ? { transform: `translateY(${shiftBy * ROW}px)` } : {}}
              >
                {job && (
                  <>
                    {mayManage ? (
                      <button
                        type="button"
                        className="jobs-grip"
                        aria-label={text.grip(job.name, number(index))}
                        aria-describedby="jobs-grip-help"
                        aria-pressed={isPicked}
                        data-testid={`grip-${job.id}`}
                        onPointerDown={(event) => {
                          if (event.button !== 0) return
                          // by the list, since this row may go out of sight on the way
                          whole.current?.setPointerCapture(event.pointerId)
                          pick({ job, from: index, to: index, by: 'pointer' })
                        }}
                        onKeyDown={(event) => pickByKeys(event, job, index)}
                      >
                        <GripVertical size={20} aria-hidden />
                      </button>
                    ) : (
                      <span />
                    )}
                    <JobRow job={job} index={index} isHeld={queue.mode === 'held'} />
                    <JobMenu
                      job={job}
                      isFirst={index === 0}
                      isLast={index === count - 1}
                      mayManage={mayManage}
                      mayMove={mayMove}
                      onStep={(by) => put(job, index, index + by)}
                      onAsk={onAsk}
                      onChanged={onChanged}
                    />
                  </>
                )}
              </div>
              {picked?.to === index && (
                <div className="jobs-row" data-picked aria-hidden>
                  <span className="jobs-grip">
                    <GripVertical size={20} aria-hidden />
                  </span>
                  <JobRow job={picked.job} index={index} isHeld={queue.mode === 'held'} />
                  <span />
                </div>
              )}
            </div>
          )
        }}
      />
    </div>
  )
}
