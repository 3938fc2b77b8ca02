/** What an import would do, asked again a moment after something was changed. */
import { useCallback, useEffect, useState } from 'react'
import { type FlowNode, getFlows } from '../../../server/api/flows.ts'
import { type ImportPreview, type ImportRequest, previewTemplate } from '../../../server/api/templates/index.ts'
import { type ApiError, call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { asApiError } from '../use-templates.ts'

const WAIT_MS = 300

interface Looked {
  preview: ImportPreview
  /** The flows that it is reckoned from. */
  before: readonly FlowNode[]
  /** What was asked. */
  key: string
}

export interface Preview {
  looked: Looked | undefined
  error: ApiError | undefined
  /** What is shown is of something else than what stands in the form. */
  isLooking: boolean
  again: () => void
}

export function usePreview(templateId: string, request: ImportRequest): Preview {
  const key = JSON.stringify(request)
  const rev = useLive('flows', (_, change) => change).value?.rev
  const [looked, setLooked] = useState<Looked>()
  const [error, setError] = useState<ApiError>()
  const [asked, ask] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is the request; `rev` and `asked` say to look again
  useEffect(() => {
    const gone = new AbortController()
    const look = async () => {
      try {
        const preview = await call(previewTemplate, { params: { templateId }, body: request, signal: gone.signal })
        const before = (await call(getFlows, { signal: gone.signal })).flows as FlowNode[]
        if (gone.signal.aborted) return
        setLooked({ preview, before, key })
        setError(undefined)
      } catch (problem) {
        if (!gone.signal.aborted) setError(asApiError(problem))
      }
    }
    const timer = setTimeout(() => void look(), WAIT_MS)
    return () => {
      clearTimeout(timer)
      gone.abort()
    }
  }, [templateId, key, rev, asked])
  return { looked, error, isLooking: !error && looked?.key !== key, again: useCallback(() => ask((count) => count + 1), []) }
}
