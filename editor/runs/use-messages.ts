/** What steps were given, fetched when somebody looks, and kept while the run is shown. */
import { useEffect, useState } from 'react'
import { getRunMessages, type StepMessage } from '../../server/api/runs.ts'
import { call } from '../shared/api.ts'

/**
 * @param seqs the steps that are looked at
 * @returns by number of the step; undefined while they are fetched
 */
export function useMessages(runId: string, seqs: readonly number[], isAllowed: boolean): ReadonlyMap<number, StepMessage> | undefined {
  const [known, setKnown] = useState<{ key: string; messages: ReadonlyMap<number, StepMessage> }>()
  const key = `${runId} ${seqs.slice(0, 100).join(',')}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is what the numbers are
  useEffect(() => {
    if (!isAllowed) return
    if (seqs.length === 0) return setKnown({ key, messages: new Map() })
    const leaving = new AbortController()
    call(getRunMessages, { params: { runId }, query: { seq: seqs.slice(0, 100).join(',') }, signal: leaving.signal }).then(
      (messages) => setKnown({ key, messages: new Map(messages.map((message) => [message.seq, message])) }),
      () => leaving.signal.aborted || setKnown({ key, messages: new Map() }),
    )
    return () => leaving.abort()
  }, [key, isAllowed])
  return known?.key === key ? known.messages : undefined
}

/** Fetches all of a run, for a comparison. */
export function useAllMessages(runId: string, isAllowed: boolean): ReadonlyMap<number, StepMessage> {
  const [messages, setMessages] = useState<ReadonlyMap<number, StepMessage>>(new Map())
  useEffect(() => {
    if (!isAllowed) return
    const leaving = new AbortController()
    call(getRunMessages, { params: { runId }, signal: leaving.signal }).then(
      (found) => setMessages(new Map(found.map((message) => [message.seq, message]))),
      // without them, ways and times are compared all the same
      () => {},
    )
    return () => leaving.abort()
  }, [runId, isAllowed])
  return messages
}
