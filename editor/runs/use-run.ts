/** One run, read again whenever its line in the list changes, and the flow it ran through. */
import { useEffect, useState } from 'react'
import { getRun, getRunFlow, listRunPins, type Run, type RunFlow, type RunPin, type RunSummary } from '../../server/api/runs.ts'
import { ApiError, call } from '../shared/api.ts'

const asApiError = (error: unknown) => (error instanceof ApiError ? error : new ApiError({ code: 'unknown', status: 0, message: String(error) }))

export function useRun(id: string, summary?: RunSummary): { run: Run | undefined; error: ApiError | undefined; reload: () => void } {
  const [asked, setAsked] = useState(0)
  const [known, setKnown] = useState<{ run: Run | undefined; error: ApiError | undefined }>({ run: undefined, error: undefined })
  const version = summary ? `${summary.state} ${summary.hops} ${summary.endedAt ?? ''} ${summary.waitsFor ?? ''}` : ''
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` says that the run has changed, `asked` that somebody wants it anew
  useEffect(() => {
    const leaving = new AbortController()
    call(getRun, { params: { runId: id }, signal: leaving.signal }).then(
      (run) => setKnown({ run, error: undefined }),
      (error: unknown) => leaving.signal.aborted || setKnown({ run: undefined, error: asApiError(error) }),
    )
    return () => leaving.abort()
  }, [id, version, asked])
  const isKnown = known.run?.id === id || known.error !== undefined
  return { run: isKnown ? known.run : undefined, error: isKnown ? known.error : undefined, reload: () => setAsked((count) => count + 1) }
}

/** @param isWanted false: not fetched yet */
export function useRunFlow(id: string, isWanted: boolean): { flow: RunFlow | undefined; error: string | undefined } {
  const [known, setKnown] = useState<{ flow: RunFlow | undefined; error: string | undefined }>({ flow: undefined, error: undefined })
  useEffect(() => {
    if (!isWanted) return
    const leaving = new AbortController()
    call(getRunFlow, { params: { runId: id }, signal: leaving.signal }).then(
      (flow) => setKnown({ flow, error: undefined }),
      (error: Error) => leaving.signal.aborted || setKnown({ flow: undefined, error: error.message }),
    )
    return () => leaving.abort()
  }, [id, isWanted])
  return known
}

export function usePins(isAllowed: boolean): { pins: RunPin[]; reload: () => void } {
  const [pins, setPins] = useState<RunPin[]>([])
  const [asked, setAsked] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again on demand
  useEffect(() => {
    if (!isAllowed) return
    const leaving = new AbortController()
    // not knowing the pins hides only that a step has one
    call(listRunPins, { signal: leaving.signal }).then(setPins, () => {})
    return () => leaving.abort()
  }, [isAllowed, asked])
  return { pins, reload: () => setAsked((count) => count + 1) }
}
