/** The newest values of characteristics whose lines are in sight: few questions at a time, and none twice for the same data. */
import { useEffect, useState } from 'react'
import { type Characteristic, type ChartView, getChart } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'

/** Enough for a small picture. */
const POINTS = 30
const AT_ONCE = 4
const MOST_KEPT = 500

const kept = new Map<string, Promise<ChartView>>()
const waiting: (() => void)[] = []
let running = 0

function recentOf({ id, measured, revision, limitId }: Characteristic): Promise<ChartView> {
  const key = [id, measured, revision, limitId].join('/')
  const known = kept.get(key)
  if (known) return known
  const asked = inTurn(() => call(getChart, { params: { id }, query: { last: POINTS } }))
  kept.set(key, asked)
  // what failed is asked again
  asked.catch(() => kept.delete(key))
  const [oldest] = kept.keys()
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest)
  return asked
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((mine) => waiting.push(mine))
  running += 1
  try {
    return await work()
  } finally {
    running -= 1
    waiting.shift()?.()
  }
}

/** @param isSeen nothing is asked for lines out of sight */
export function useRecent(characteristic: Characteristic, isSeen: boolean): ChartView | undefined {
  const [view, setView] = useState<ChartView>()
  const { id, measured, revision, limitId } = characteristic
  // biome-ignore lint/correctness/useExhaustiveDependencies: these say whether it has changed
  useEffect(() => {
    if (!isSeen || measured === 0) return
    let isGone = false
    recentOf(characteristic).then(
      (found) => isGone || setView(found),
      // the line goes without its picture; the list says what is wrong
      () => {},
    )
    return () => {
      isGone = true
    }
  }, [id, measured, revision, limitId, isSeen])
  return measured === 0 ? undefined : view
}
