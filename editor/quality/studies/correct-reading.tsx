/** Puts a reading right that was entered wrong, with the reason. */
import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import { correctStudyReading, type StudyReading } from '../../../server/api/quality/studies.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { WorkDialog } from '../../shared/work-dialog.tsx'
import { newEntryId } from '../entry-id.ts'
import { Refusal } from '../refusal.tsx'
import { typedNumber } from './typed-number.ts'
import { useStudyText } from './words.ts'

export function CorrectReading({ reading, onDone, onClose }: { reading: StudyReading; onDone: () => void; onClose: () => void }) {
  const text = useStudyText()
  return (
    <WorkDialog title={`${text.report.correct}: ${reading.part}, ${reading.appraiser}, ${reading.trial}`} onClose={onClose} testId="correct-reading">
      <CorrectForm reading={reading} onDone={onDone} onCancel={onClose} />
    </WorkDialog>
  )
}

/** @param onDone what it is now */
export function CorrectForm({ reading, onDone, onCancel }: { reading: StudyReading; onDone: (reading: StudyReading) => void; onCancel: () => void }) {
  const text = useStudyText()
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  const [isTried, setTried] = useState(false)
  const entryId = useRef(newEntryId())
  const { isBusy, problem, run } = useDoing()
  const value = typedNumber(typed)
  const isReasonGood = reason.trim().length >= 3
  const correct = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (value === undefined || !isReasonGood) return
    const body = { entryId: entryId.current, value, reason: reason.trim() }
    void run(() => call(correctStudyReading, { params: { id: reading.id }, body }).then(onDone))
  }
  return (
    <form className="quality-foot" onSubmit={correct}>
      <Refusal>{problem}</Refusal>
      <TextInput
        label={text.enter.takeBackText(reading.part)}
        value={typed}
        onChange={(event) => {
          entryId.current = newEntryId()
          setTyped(event.currentTarget.value)
        }}
        error={isTried && value === undefined ? text.enter.notNumber : undefined}
        inputMode="decimal"
        autoComplete="off"
        data-testid="right-reading"
      />
      <TextInput
        label={text.enter.reason}
        value={reason}
        maxLength={500}
        onChange={(event) => {
          entryId.current = newEntryId()
          setReason(event.currentTarget.value)
        }}
        error={isTried && !isReasonGood ? text.form.reasonMissing : undefined}
        data-testid="right-reason"
      />
      <Button type="submit" loading={isBusy} data-testid="do-correct">
        {text.report.correct}
      </Button>
      <Button variant="default" onClick={onCancel}>
        {text.closing.cancel}
      </Button>
    </form>
  )
}
