/**
 * What was changed in a form and is not in the flows yet. It goes there with Done, when one goes elsewhere, and when the form
 * is left; all of one form is one step of the history. What is discarded can be brought back for a while.
 */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { change } from '../model/commands.ts'
import type { FlowNode } from '../model/raw.ts'
import { useWorkspace } from '../use-workspace.ts'
import type { SecretValues } from './secrets.ts'
import { useConfigText } from './text.ts'

const BRING_BACK_MS = 10_000
let last = 0

export interface FormDraft {
  /** The object as the form has it. */
  values: FlowNode
  isDirty: boolean
  set: (changes: Record<string, unknown>) => void
  /** New passwords: those waiting for a deploy, and those typed here. */
  secrets: SecretValues
  setSecrets: (values: Readonly<Record<string, string | undefined>>) => void
  apply: () => void
  discard: () => void
}

export function useDraft(node: FlowNode, name: string): FormDraft {
  const text = useConfigText()
  const { model, secrets: store } = useWorkspace('model')
  const [draft, setDraft] = useState<Record<string, unknown>>({})
  const [secretDraft, setSecretDraft] = useState<Record<string, string | undefined>>({})
  useSyncExternalStore(store.watch, store.version)
  const current = useRef({ draft, secretDraft, isDropped: false, step: {} })
  current.current.draft = draft
  current.current.secretDraft = secretDraft
  const isDirty = Object.keys(draft).length > 0 || Object.keys(secretDraft).length > 0

  const put = useCallback(
    (changes: Record<string, unknown>, newSecrets: Record<string, string | undefined>) => {
      if (Object.keys(changes).length > 0) change(model, node.id, changes, current.current.step)
      if (Object.keys(newSecrets).length > 0) store.set(node.id, newSecrets)
    },
    [model, node.id, store],
  )
  const apply = useCallback(() => {
    const state = current.current
    // leaving a form that was discarded takes the focus out of it, too
    if (state.isDropped) return
    put(state.draft, state.secretDraft)
    state.draft = {}
    state.secretDraft = {}
    setDraft({})
    setSecretDraft({})
  }, [put])
  // leaving is done, not lost: undo takes it back
  useEffect(() => {
    const state = current.current
    return () => {
      if (!state.isDropped) put(state.draft, state.secretDraft)
    }
  }, [put])
  // closing the page would lose what is only in the form
  useEffect(() => {
    if (!isDirty) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isDirty])

  const discard = () => {
    const state = current.current
    state.isDropped = true
    if (!isDirty) return
    const { draft: changes, secretDraft: newSecrets } = state
    last += 1
    const id = `discarded-${last}`
    notifications.show({
      id,
      autoClose: BRING_BACK_MS,
      message: (
        <span className="config-discarded">
          {text.discarded(name)}
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              put(changes, newSecrets)
              notifications.hide(id)
            }}
            data-testid="bring-back"
          >
            {text.bringBack}
          </Button>
        </span>
      ),
    })
  }
  return {
    values: useMemo(() => ({ ...node, ...draft }), [node, draft]),
    isDirty,
    set: useCallback((changes) => setDraft((before) => ({ ...before, ...changes })), []),
    secrets: { ...store.of(node.id), ...secretDraft },
    setSecrets: useCallback((values) => setSecretDraft((before) => ({ ...before, ...values })), []),
    apply,
    discard,
  }
}
