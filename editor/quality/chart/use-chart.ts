/** The chart of a characteristic: read once, then what is entered is put in as it is told; anything else that changes reads it again. */
import { useEffect, useRef, useState } from 'react'
import { type Characteristic, type ChartView, getChart } from '../../../server/api/quality/index.ts'
import { ApiError, call } from '../../shared/api.ts'
import { live } from '../../shared/live.ts'
import { notAnyMore, soon } from '../../shared/soon.ts'
import { type Entered, withEntered } from './entered.ts'

/** Which points. */
export interface ChartRange {
  last: number
  from?: string
  to?: string
  lot?: string
}

export const EVERYTHING = 100_000
/** Several changes in a row make one reading. */
const AGAIN_AFTER_MS = 400

export interface LiveChart {
  view: ChartView | undefined
  error: string | undefined
  isLoading: boolean
  refresh: () => void
}

export function useChart({ id, revision, limitId }: Characteristic, range: ChartRange): LiveChart {
  const [state, setState] = useState<{ key: string; view: ChartView | undefined; error: string | undefined }>({ key: '', view: undefined, error: undefined })
  const current = useRef(state)
  current.current = state
  const [asked, ask] = useState(0)
  const key = JSON.stringify([id, range])
  // narrowed to a time or a lot, nobody but the server knows whether a new point belongs to it
  const isNarrow = range.from !== undefined || range.to !== undefined || range.lot !== undefined
  const latest = useRef(range)
  latest.current = range
  // biome-ignore lint/correctness/useExhaustiveDependencies: definition, limits and `asked` say that it is another one
  useEffect(() => {
    const stop = new AbortController()
    call(getChart, { params: { id }, query: latest.current, signal: stop.signal }).then(
      (view) => setState({ key, view, error: undefined }),
      (error: unknown) => {
        if (stop.signal.aborted) return
        if (!(error instanceof ApiError)) throw error
        setState((before) => ({ key, view: before.key === key ? before.view : undefined, error: error.message }))
      },
    )
    return () => stop.abort()
  }, [key, revision, limitId, asked])

  useEffect(() => {
    let entered: Entered[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const again = () => {
      clearTimeout(timer)
      timer = setTimeout(() => ask((count) => count + 1), AGAIN_AFTER_MS)
    }
    const takeIn = () => {
      const fresh = entered
      entered = []
      const before = current.current
      if (!before.view) return
      let view: ChartView | undefined = before.view
      for (const news of fresh) view = view && withEntered(view, news, latest.current.last)
      // something in between was missed, or it changes what is there
      if (!view) return again()
      current.current = { ...before, view }
      setState(current.current)
    }
    let hasSeen = false
    const end = live().subscribe(
      'quality',
      () => {
        // what was told while the line was lost is not told again
        if (hasSeen) again()
        hasSeen = true
      },
      (news) => {
        if (news.kind === 'changed') {
          if (news.characteristicId === undefined || news.characteristicId === id) again()
        } else if (news.characteristicId === id) {
          if (isNarrow) return again()
          entered.push(news)
          soon(takeIn)
        }
      },
    )
    return () => {
      clearTimeout(timer)
      notAnyMore(takeIn)
      end()
    }
  }, [id, isNarrow])
  return { view: state.view, error: state.error, isLoading: state.key !== key, refresh: () => ask((count) => count + 1) }
}
