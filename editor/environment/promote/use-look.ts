/** What taking a promotion would do, asked again a moment after something was chosen. */
import { useCallback, useEffect, useState } from 'react'
import { type FlowNode, getFlows } from '../../../server/api/flows.ts'
import { lookAtPromotion, type PromotionPreview, type TakeRequest } from '../../../server/api/promotions.ts'
import { call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'

const WAIT_MS = 250

export interface Look {
  preview: PromotionPreview | undefined
  /** The flows that it is reckoned from. */
  before: readonly FlowNode[]
  error: unknown
  /** What is shown is of something else than what is chosen. */
  isLooking: boolean
  again: () => void
}

export function useLook(promotionId: string, request: TakeRequest): Look {
  const key = JSON.stringify(request)
  const rev = useLive('flows', (_, change) => change).value?.rev
  const [looked, setLooked] = useState<{ preview: PromotionPreview; before: readonly FlowNode[]; key: string }>()
  const [error, setError] = useState<unknown>()
  const [asked, ask] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is the request; `rev` and `asked` say to look again
  useEffect(() => {
    const gone = new AbortController()
    const look = async () => {
      try {
        const preview = await call(lookAtPromotion, { params: { promotionId }, body: request, signal: gone.signal })
        const before = (await call(getFlows, { signal: gone.signal })).flows as FlowNode[]
        if (gone.signal.aborted) return
        setLooked({ preview, before, key })
        setError(undefined)
      } catch (problem) {
        if (!gone.signal.aborted) setError(problem)
      }
    }
    const timer = setTimeout(() => void look(), WAIT_MS)
    return () => {
      clearTimeout(timer)
      gone.abort()
    }
  }, [promotionId, key, rev, asked])
  return {
    preview: looked?.preview,
    before: looked?.before ?? [],
    error,
    isLooking: error === undefined && looked?.key !== key,
    again: useCallback(() => ask((count) => count + 1), []),
  }
}
