/** Sending a kept message again; where a machine may move, only when somebody says so by keeping a button pressed. */
import { Modal } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { replayRun } from '../../server/api/runs.ts'
import { ApiError, call } from '../shared/api.ts'
import { HoldToConfirm } from '../shared/machine/hold-to-confirm.tsx'
import { useRunsText } from './use-runs-text.ts'

export interface Replays {
  /** @param seq from this step @defaultValue from the beginning */
  begin: (seq?: number) => void
  isBusy: boolean
  dialog: React.ReactNode
}

export function useReplay(runId: string, onBegun: (runId: string) => void): Replays {
  const text = useRunsText()
  const [isBusy, setBusy] = useState(false)
  /** What waits for a yes. */
  const [asked, setAsked] = useState<{ seq: number | undefined }>()

  const send = async (seq: number | undefined, mayMove: boolean) => {
    setBusy(true)
    try {
      const begun = await call(replayRun, { params: { runId }, body: { ...(seq === undefined ? {} : { seq }), ...(mayMove ? { mayMove } : {}) } })
      setAsked(undefined)
      notifications.show({ message: text.replayed })
      onBegun(begun.runId)
    } catch (problem) {
      if (problem instanceof ApiError && problem.code === 'motion-ahead' && !mayMove) setAsked({ seq })
      else {
        setAsked(undefined)
        notifications.show({ color: 'red', message: (problem as Error).message })
      }
    } finally {
      setBusy(false)
    }
  }

  return {
    begin: (seq) => void send(seq, false),
    isBusy,
    dialog: (
      <Modal opened={asked !== undefined} onClose={() => setAsked(undefined)} title={text.moves} closeButtonProps={{ 'aria-label': text.cancel }}>
        <p>{text.movesText}</p>
        <HoldToConfirm
          label={text.movesLabel}
          says={asked?.seq === undefined ? text.replaySays : text.retrySays}
          hint={text.movesHint}
          isDisabled={isBusy}
          testId="replay-may-move"
          onConfirm={() => asked && void send(asked.seq, true)}
        />
      </Modal>
    ),
  }
}
