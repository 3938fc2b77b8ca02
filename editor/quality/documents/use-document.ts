/** One document with what somebody writes in it before it is saved. */
import { notifications } from '@mantine/notifications'
import { useEffect, useState } from 'react'
import { getDocument, moveDocument, type QualityDocument, saveDocument } from '../../../server/api/quality/documents/routes.ts'
import type { MoveName } from '../../../server/api/quality/documents/workflow.ts'
import { sameJson } from '../../../server/api/same-json.ts'
import { ApiError, call } from '../../shared/api.ts'
import { useLive } from '../../shared/live.ts'
import { useLoad } from '../../shared/use-load.ts'
import { tidy } from './specs.ts'
import { useDocumentsText } from './use-documents-text.ts'

type Content = Readonly<Record<string, unknown>>

export interface OpenDocument {
  document: QualityDocument | undefined
  /** What is shown and written in. */
  content: Content
  isDirty: boolean
  /** Somebody else has written in it since this one began to. */
  isOvertaken: boolean
  isBusy: boolean
  problem: string | undefined
  write: (part: Record<string, unknown>) => void
  discard: () => void
  save: () => Promise<void>
  /** Saves first what is not saved. True when it was made. */
  move: (move: MoveName, reason: string | undefined) => Promise<boolean>
}

/** Changes of any document: what is shown is asked for anew. */
export const useChanges = (): number => useLive('quality-documents', (_known, change) => ({ revision: change.revision })).value?.revision ?? 0

export function useDocument(id: string): OpenDocument {
  const text = useDocumentsText()
  const changes = useChanges()
  const { value, error, refresh } = useLoad(`${id} ${changes}`, () => call(getDocument, { params: { id } }))
  // what came back from a change is newer than what was read before it
  const [latest, setLatest] = useState<QualityDocument>()
  const [draft, setDraft] = useState<{ revision: number; content: Content }>()
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  useEffect(() => {
    if (value) setLatest((before) => (before?.id === value.id && before.revision > value.revision ? before : value))
  }, [value])
  const document = latest?.id === id ? latest : undefined
  const saved = (document?.content ?? {}) as Content
  const content = draft?.content ?? saved
  const isDirty = draft !== undefined && !sameJson(tidy(draft.content), tidy(saved))

  const keep = async (): Promise<QualityDocument> => {
    if (!document) throw new Error('There is no document to save.')
    if (!draft || !isDirty) return document
    const next = await call(saveDocument, { params: { id }, body: { content: tidy(draft.content), revision: draft.revision } })
    setLatest(next)
    setDraft(undefined)
    return next
  }
  const attempt = async (work: () => Promise<void>): Promise<boolean> => {
    setBusy(true)
    setProblem(undefined)
    try {
      await work()
      return true
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure
      setProblem(failure.message)
      if (failure.code === 'document-changed') refresh()
      return false
    } finally {
      setBusy(false)
    }
  }
  return {
    document,
    content,
    isDirty,
    isOvertaken: isDirty && draft.revision !== document?.revision,
    isBusy,
    problem: problem ?? (document ? undefined : error),
    write: (part) => document && setDraft({ revision: draft?.revision ?? document.revision, content: { ...content, ...part } }),
    discard() {
      setDraft(undefined)
      setProblem(undefined)
    },
    async save() {
      if (await attempt(async () => void (await keep()))) notifications.show({ message: text.detail.saved })
    },
    move: (move, reason) =>
      attempt(async () => {
        const { revision } = await keep()
        const next = await call(moveDocument, { params: { id }, body: { move, revision, ...(reason?.trim() ? { reason: reason.trim() } : {}) } })
        setLatest(next)
        notifications.show({ message: text.detail.done(next.number, text.states[next.state]) })
      }),
  }
}
