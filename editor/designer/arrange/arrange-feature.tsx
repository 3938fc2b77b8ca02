/** Everything that arranges flows: its actions, why an edit was refused, who folded what up. */
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useMe } from '../../shared/me.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { useActions, useHost } from '../host/use-host.ts'
import { changeTab } from '../model/commands.ts'
import { textOf } from '../model/raw.ts'
import './arrange.css'
import { ColourDialog } from './colour-dialog.tsx'
import { groupActions } from './group-actions.ts'
import { placeActions } from './place-actions.ts'
import { runLayout } from './run-layout.ts'
import { subflowActions } from './subflow-actions.ts'
import { tabActions } from './tab-actions.ts'
import { useArrangeText } from './text.ts'
import { wireActions } from './wire-actions.ts'

export function ArrangeFeature() {
  const host = useHost()
  const text = useArrangeText()
  const { me } = useMe()
  const [coloured, setColoured] = useState<readonly string[]>()
  const layOut = useLayout()
  const person = me?.userId

  useEffect(() => {
    if (person !== undefined) host.workspace.collapsed.keepFor(person)
  }, [host, person])
  useRefusals()
  useActions(
    useMemo(
      () => [
        ...groupActions({ host, text, chooseColour: setColoured }),
        ...subflowActions({ host, text }),
        ...wireActions({ host, text }),
        ...placeActions({ host, text, layOut }),
        ...tabActions({ host, text }),
      ],
      [host, text, layOut],
    ),
  )
  if (!coloured) return null
  return (
    <ColourDialog
      groups={coloured}
      onClose={() => {
        setColoured(undefined)
        host.focus()
      }}
    />
  )
}

/** A layout that takes longer than a moment says so, and can be ended. */
function useLayout(): () => void {
  const host = useHost()
  const text = useArrangeText()
  const running = useRef<AbortController>(undefined)
  useEffect(() => () => running.current?.abort(), [])
  return useCallback(() => {
    running.current?.abort()
    const abort = new AbortController()
    running.current = abort
    const slow = setTimeout(() => {
      notifications.show({
        id: 'layout',
        loading: true,
        autoClose: false,
        withCloseButton: false,
        title: text.layout.busy,
        message: (
          <Button size="compact-sm" variant="default" onClick={() => abort.abort()} data-testid="layout-cancel">
            {text.layout.cancel}
          </Button>
        ),
      })
    }, 400)
    void runLayout(host, abort.signal)
      .then((count) => host.say(text.said.moved(count)))
      .catch((error: unknown) => {
        if (abort.signal.aborted) return
        notifications.show({ color: 'red', title: text.layout.failed, message: error instanceof Error ? error.message : String(error) })
      })
      .finally(() => {
        clearTimeout(slow)
        notifications.hide('layout')
      })
  }, [host, text])
}

/** Says why the model took an edit back. */
function useRefusals(): void {
  const host = useHost()
  const { workspace } = host
  const text = useArrangeText().refused
  const common = useCommonText()
  useEffect(
    () =>
      workspace.model.onRefused((refusal) => {
        const id = refusal.why === 'locked' ? refusal.place : refusal.subflow
        const node = workspace.model.get(id)
        const name = (node && (textOf(node, 'label') || textOf(node, 'name'))) || id
        const message = text[refusal.why](name)
        host.say(message)
        notifications.show({
          id: 'edit-refused',
          closeButtonProps: { 'aria-label': common.close },
          title: text.title,
          message: (
            <>
              {message}{' '}
              {refusal.why === 'locked' && (
                <Button
                  size="compact-sm"
                  variant="light"
                  onClick={() => {
                    changeTab(workspace.model, id, { locked: undefined })
                    notifications.hide('edit-refused')
                    host.focus()
                  }}
                  data-testid="unlock"
                >
                  {text.unlock}
                </Button>
              )}
            </>
          ),
        })
      }),
    [host, workspace, text, common],
  )
}
