/** What the board knows of the queues, kept current by what is told live: at most a few questions a second, however many jobs change. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { type JobQueue, listQueue, listQueues, type QueuedJob } from '../../server/api/jobs.ts'
import type { Job } from '../../server/api/work.ts'
import { call } from '../shared/api.ts'
import { live, useLine } from '../shared/live.ts'

/** Jobs of a machine on its timeline. */
const ON_LANE = 60
const GATHER_MS = 300
/** Times that were computed go out of date by themselves. */
const ANEW_MS = 15_000

export interface Board {
  queues: JobQueue[] | undefined
  /** The first jobs of each machine's queue. */
  next: ReadonlyMap<string, readonly QueuedJob[]>
  /** Grows with every change of a queue: who shows its rows reads them again. */
  versions: ReadonlyMap<string, number>
  problem: string | undefined
  isStale: boolean
  /** When it was last read. */
  now: number
  refresh: (queue?: string) => void
}

export function useBoard(): Board {
  const [known, setKnown] = useState<Omit<Board, 'isStale' | 'refresh'>>({
    queues: undefined,
    next: new Map(),
    versions: new Map(),
    problem: undefined,
    now: Date.now(),
  })
  const shown = useRef(known.queues)
  shown.current = known.queues
  const dirty = useRef(new Set<string>())
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const isReading = useRef(false)

  const read = useCallback(async () => {
    timer.current = undefined
    if (isReading.current) return
    isReading.current = true
    const changed = new Set(dirty.current)
    dirty.current.clear()
    try {
      const queues = await call(listQueues)
      const lanes = queues.filter(({ kind, queue }) => kind === 'machine' && (changed.has('') || changed.has(queue)))
      const read = await Promise.all(
        lanes.map(
          async ({ queue, waiting }) => [queue, waiting ? (await call(listQueue, { params: { queue }, query: { limit: ON_LANE } })).jobs : []] as const,
        ),
      )
      setKnown((was) => {
        const versions = new Map(was.versions)
        for (const { queue } of queues) if (changed.has('') || changed.has(queue)) versions.set(queue, (versions.get(queue) ?? 0) + 1)
        return { queues, next: new Map([...was.next, ...read]), versions, problem: undefined, now: Date.now() }
      })
    } catch (error) {
      for (const queue of changed) dirty.current.add(queue)
      setKnown((was) => ({ ...was, problem: (error as Error).message }))
    } finally {
      isReading.current = false
      if (dirty.current.size && timer.current === undefined) timer.current = setTimeout(read, ANEW_MS / 3)
    }
  }, [])

  const refresh = useCallback(
    (queue = '') => {
      dirty.current.add(queue)
      timer.current ??= setTimeout(read, GATHER_MS)
    },
    [read],
  )

  useEffect(() => {
    const changed = (job: Job) => {
      // what runs tells how far it is many times a second
      if (job.state !== 'active' || !shown.current?.some(({ active }) => active.some(({ id }) => id === job.id))) return refresh(job.queue)
      setKnown((was) => ({
        ...was,
        queues: was.queues?.map((each) => (each.queue === job.queue ? { ...each, active: each.active.map((one) => (one.id === job.id ? job : one)) } : each)),
      }))
    }
    const ends = [
      live().subscribe('jobs', () => refresh(), changed),
      live().subscribe(
        'job-queues',
        () => {},
        ({ queue }) => refresh(queue),
      ),
    ]
    const anew = setInterval(() => refresh(), ANEW_MS)
    return () => {
      for (const end of ends) end()
      clearInterval(anew)
      clearTimeout(timer.current)
      timer.current = undefined
    }
  }, [refresh])

  return { ...known, isStale: useLine().state !== 'connected', refresh }
}
