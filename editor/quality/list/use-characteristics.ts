/** The characteristics as the server has them: read again a moment after something was entered or changed. */
import { useEffect, useRef, useState } from 'react'
import { type Characteristic, listQualityCharacteristics, listSignals, type SignalView } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { type LiveList, useLiveList } from '../../shared/use-live-list.ts'

/** A gauge that sends ten values a second must not make ten lists a second. */
const EVERY_MS = 700
const SIGNALS = 1000

/** A characteristic with what the chart said of its newest point. */
export interface ListedCharacteristic extends Characteristic {
  newestSignals: readonly SignalView[]
}

export function useCharacteristics(): LiveList<ListedCharacteristic> {
  const news = useNews()
  return useLiveList({ value: { revision: news.count }, isStale: news.isStale }, async () => {
    const [list, signals] = await Promise.all([
      call(listQualityCharacteristics, { query: { retired: true } }),
      call(listSignals, { query: { limit: SIGNALS } }),
    ])
    const newest = new Map<string, SignalView[]>()
    for (const signal of signals) newest.set(signal.characteristicId, [...(newest.get(signal.characteristicId) ?? []), signal])
    return list.map((one) => ({ ...one, newestSignals: (newest.get(one.id) ?? []).filter(({ subgroup }) => subgroup >= one.points) }))
  })
}

/** Counts that there is news, of one characteristic or of any; not more often than people read. */
export function useNews(characteristicId?: string): { count: number; isStale: boolean } {
  const { value, isStale } = useLive<'quality', { seen?: number }>('quality', (before, news) =>
    characteristicId !== undefined && news.characteristicId !== undefined && news.characteristicId !== characteristicId
      ? before
      : { seen: (before.seen ?? 0) + 1 },
  )
  const seen = value?.seen ?? 0
  const [count, setCount] = useState(0)
  const toldAt = useRef(0)
  useEffect(() => {
    if (seen === 0) return
    const timer = setTimeout(
      () => {
        toldAt.current = performance.now()
        setCount((before) => before + 1)
      },
      Math.max(0, toldAt.current + EVERY_MS - performance.now()),
    )
    return () => clearTimeout(timer)
  }, [seen])
  return { count, isStale }
}
