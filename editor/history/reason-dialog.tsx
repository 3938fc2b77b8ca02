/** A dialog that asks why before something is done: refusing a change, ending a protection, putting a version back. */
import { Button, Modal, Textarea } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { useCommonText } from '../shared/theme.tsx'
import { useHistoryText } from './use-history-text.ts'

/** As the API bounds it. */
const [SHORTEST, LONGEST] = [3, 500]

export interface ReasonDialogProps {
  title: string
  /** What will be done. */
  says?: string
  /** Nothing is done without a reason. */
  isNeeded: boolean
  /** The button that does it. */
  does: string
  isBusy?: boolean
  /** Why it could not be done. */
  problem?: ReactNode
  onClose: () => void
  /** @param reason without spaces around it; empty only where none is needed */
  onConfirm: (reason: string) => void
  testId: string
}

/** In tests: `<testId>-dialog`, `<testId>-reason`, `<testId>-now`. */
export function ReasonDialog({ title, says, isNeeded, does, isBusy = false, problem, onClose, onConfirm, testId }: ReasonDialogProps) {
  const text = useHistoryText()
  const common = useCommonText()
  const [written, setWritten] = useState('')
  const reason = written.trim()
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': text.close }} data-testid={`${testId}-dialog`}>
      {says !== undefined && <p>{says}</p>}
      <Textarea
        label={isNeeded ? text.requests.why : common.reason.label}
        withAsterisk={isNeeded}
        value={written}
        maxLength={LONGEST}
        autosize
        minRows={2}
        onChange={(event) => setWritten(event.currentTarget.value)}
        data-autofocus
        data-testid={`${testId}-reason`}
      />
      {problem}
      <div className="history-buttons">
        <Button variant="default" onClick={onClose}>
          {text.cancel}
        </Button>
        <Button loading={isBusy} disabled={isNeeded && reason.length < SHORTEST} onClick={() => onConfirm(reason)} data-testid={`${testId}-now`}>
          {does}
        </Button>
      </div>
    </Modal>
  )
}
