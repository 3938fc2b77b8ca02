/** The waiting jobs of one queue, read page by page as they come into sight. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { listQueue, type QueuedJob } from '../../server/api/jobs.ts'
import { call } from '../shared/api.ts'
import { moved, type Rows } from './reorder.ts'

const PAGE = 100

export interface QueueRows {
  total: number | undefined
  rows: Rows
  problem: string | undefined
  /** Which rows are in sight. */
  see: (first: number, last: number) => void
  /** Shows a job at another place, until the server has told. */
  shift: (from: number, to: number) => void
}

/** @param version another one: what is in sight is read again */
export function useRows(queue: string, version: number): QueueRows {
  const [known, setKnown] = useState<{ queue: string; total: number | undefined; rows: (QueuedJob | undefined)[]; problem: string | undefined }>({
    queue,
    total: undefined,
    rows: [],
    problem: undefined,
  })
  const sight = useRef({ first: 0, last: PAGE - 1 })
  const reading = useRef(new Map<number, number>())
  const current = useRef({ queue, version })
  current.current = { queue, version }

  const readPage = useCallback((page: number) => {
    const asked = { ...current.current }
    if (reading.current.get(page) === asked.version) return
    reading.current.set(page, asked.version)
    call(listQueue, { params: { queue: asked.queue }, query: { offset: page * PAGE, limit: PAGE } }).then(
      ({ total, jobs }) => {
        if (asked.queue !== current.current.queue || asked.version !== current.current.version) return
        setKnown((was) => {
          const rows = was.queue === asked.queue ? was.rows.slice(0, total) : []
          rows.length = total
          for (let index = 0; index < PAGE && page * PAGE + index < total; index += 1) rows[page * PAGE + index] = jobs[index]
          return { queue: asked.queue, total, rows, problem: undefined }
        })
      },
      (error: Error) => {
        reading.current.delete(page)
        setKnown((was) => ({ ...was, problem: error.message }))
      },
    )
  }, [])

  const see = useCallback(
    (first: number, last: number) => {
      sight.current = { first, last }
      for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page += 1) readPage(page)
    },
    [readPage],
  )

  // biome-ignore lint/correctness/useExhaustiveDependencies: another queue or version is what is read
  useEffect(() => {
    reading.current.clear()
    // what is out of sight may be others now; it is read when it comes into sight
    see(sight.current.first, sight.current.last)
  }, [queue, version, see])

  const isOther = known.queue !== queue
  return {
    total: isOther ? undefined : known.total,
    rows: isOther ? [] : known.rows,
    problem: known.problem,
    see,
    shift: (from, to) => setKnown((was) => ({ ...was, rows: [...moved(was.rows, from, to)] })),
  }
}
