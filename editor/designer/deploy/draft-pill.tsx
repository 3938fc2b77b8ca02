/** Whether what is drawn is safe: saved as the draft, on its way, or in trouble; a click says more. */
import { Button, Popover, UnstyledButton } from '@mantine/core'
import { CloudCheck, CloudOff, CloudUpload, Files } from 'lucide-react'
import { useState, useSyncExternalStore } from 'react'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { useSession } from '../use-session.ts'
import { useWorkspace } from '../use-workspace.ts'
import type { DraftState } from './draft-keeper.ts'
import { useDeployText } from './text.ts'

export function DraftPill() {
  const text = useDeployText().draft
  const session = useSession()
  const { model } = useWorkspace('model')
  const format = formats(useLanguage())
  const { draft } = session
  const [isOpen, setOpen] = useState(false)
  const state = useSyncExternalStore(draft.watch, () => draft.state)
  if (session.load.is !== 'loaded' || (state.is === 'none' && model.dirty.size === 0)) return null
  const label = labelOf(state, text, (at) => format.time(at))
  const Icon = state.is === 'saved' ? CloudCheck : state.is === 'failed' ? CloudOff : state.is === 'stale' ? Files : CloudUpload
  const asks = state.is === 'failed' || state.is === 'stale'
  /** What was chosen is seen behind it. */
  const choose = (act: () => void) => () => {
    setOpen(false)
    act()
  }
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={320} shadow="md">
      <Popover.Target>
        <UnstyledButton onClick={() => setOpen(!isOpen)} className="draft-pill" data-state={state.is} aria-label={label} data-testid="draft" title={label}>
          <Icon size={16} aria-hidden />
          {asks && <span>{label}</span>}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <div className="draft-says">
          <strong>{label}</strong>
          {state.is === 'failed' && (
            <p>
              {state.message} {text.failedText}
            </p>
          )}
          {state.is === 'stale' && (
            <>
              <p>{text.staleText}</p>
              <Button variant="default" onClick={choose(() => void session.open())} data-testid="draft-other">
                {text.useOther}
              </Button>
              <Button variant="default" onClick={choose(() => draft.overwrite())} data-testid="draft-keep">
                {text.keepThis}
              </Button>
            </>
          )}
          <p>{text.what}</p>
          {model.dirty.size > 0 && (
            <>
              <Button variant="default" onClick={choose(() => session.comparison.begin({ is: 'running' }))} data-testid="draft-compare">
                {text.show}
              </Button>
              <Button variant="subtle" color="gray" onClick={choose(() => session.discard())} data-testid="draft-discard">
                {text.discard}
              </Button>
            </>
          )}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

function labelOf(state: DraftState, text: ReturnType<typeof useDeployText>['draft'], time: (at: Date) => string): string {
  switch (state.is) {
    case 'saved':
      return text.saved(time(state.at))
    case 'failed':
      return text.failed
    case 'stale':
      return text.stale
    case 'none':
      return text.none
    case 'saving':
      return text.saving
  }
}
