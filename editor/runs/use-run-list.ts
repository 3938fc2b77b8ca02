/** The list: what the server finds, page by page, and what happens meanwhile on top of it. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { type RunSummary, searchRuns } from '../../server/api/runs.ts'
import { call } from '../shared/api.ts'
import { upsertBy, useLive } from '../shared/live.ts'
import { filterRuns, mergeRuns, type RunFilter } from './run-filter.ts'

const PAGE = 100
/** Words are looked for on and on by themselves until so many are found, or so far back. */
const ENOUGH = 20
const MOST_STRETCHES = 40
/** Typing is not a question yet. */
const PAUSE_MS = 200

export interface RunList {
  runs: RunSummary[]
  /** Undefined while nothing has come yet. */
  isKnown: boolean
  isStale: boolean
  isAtEnd: boolean
  isLoading: boolean
  /** How far back was looked for words, when that is less than all. */
  lookedBackTo: string | undefined
  error: string | undefined
  more: () => void
}

interface Pages {
  runs: RunSummary[]
  before: string | undefined
  lookedBackTo: string | undefined
  isKnown: boolean
}
const NOTHING: Pages = { runs: [], before: undefined, lookedBackTo: undefined, isKnown: false }

export function useRunList(filter: RunFilter): RunList {
  const live = useLive(
    'runs',
    upsertBy((run) => run.id),
  )
  const [pages, setPages] = useState(NOTHING)
  const [isLoading, setLoading] = useState(false)
  const [error, setError] = useState<string>()
  const { text, state, trigger, flow, job, from, to } = filter
  const asking = useRef<AbortController>(undefined)

  const ask = useCallback(
    (before: string | undefined, known: RunSummary[], stretch = 1) => {
      asking.current?.abort()
      const leaving = new AbortController()
      asking.current = leaving
      setLoading(true)
      const words = text.trim()
      call(searchRuns, {
        query: {
          limit: PAGE,
          ...(words ? { text: words } : {}),
          ...(state ? { state } : {}),
          ...(trigger === undefined ? {} : { trigger }),
          ...(flow === undefined ? {} : { flowId: flow }),
          ...(job === undefined ? {} : { job }),
          ...(from === undefined ? {} : { from }),
          ...(to === undefined ? {} : { to }),
          ...(before === undefined ? {} : { before }),
        },
        signal: leaving.signal,
      }).then(
        (found) => {
          if (leaving.signal.aborted) return
          const all = mergeRuns(found.runs, known)
          setPages({ runs: all, before: found.before, lookedBackTo: words ? found.lookedBackTo : undefined, isKnown: true })
          setError(undefined)
          if (words && found.before !== undefined && all.length - known.length < ENOUGH && stretch < MOST_STRETCHES) ask(found.before, all, stretch + 1)
          else setLoading(false)
        },
        (problem: Error) => {
          if (leaving.signal.aborted) return
          setError(problem.message)
          setLoading(false)
        },
      )
    },
    [text, state, trigger, flow, job, from, to],
  )

  useEffect(() => {
    const timer = setTimeout(() => ask(undefined, []), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [ask])
  useEffect(() => () => asking.current?.abort(), [])

  // of what happens now, only what belongs above or into the part that was read
  const oldest = pages.before === undefined ? '' : (pages.runs.at(-1)?.startedAt ?? '')
  const runs = filterRuns(
    mergeRuns(
      // whether a run has to do with a job only the server knows; what is read already is kept up to date
      (live.value ?? []).filter(({ id, startedAt }) => startedAt >= oldest && (job === undefined || pages.runs.some((run) => run.id === id))),
      pages.runs,
    ),
    filter,
  )
  return {
    runs,
    isKnown: pages.isKnown || runs.length > 0,
    isStale: live.isStale,
    isAtEnd: pages.isKnown && pages.before === undefined,
    isLoading,
    lookedBackTo: pages.lookedBackTo,
    error,
    more: () => {
      if (!isLoading && pages.before !== undefined) ask(pages.before, pages.runs)
    },
  }
}
