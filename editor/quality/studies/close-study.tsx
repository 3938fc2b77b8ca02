/** A person's verdict on a study, and taking it back. */
import { Button, SegmentedControl, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { closeStudy, reopenStudy, STUDY_VERDICTS, type Study } from '../../../server/api/quality/studies.ts'
import { call } from '../../shared/api.ts'
import { useDoing } from '../../shared/use-doing.ts'
import { Refusal } from '../refusal.tsx'
import { useStudyText } from './words.ts'

export function CloseStudy({
  study,
  proposal,
  onDone,
  onCancel,
}: {
  study: Study
  proposal: (typeof STUDY_VERDICTS)[number]
  onDone: () => void
  onCancel: () => void
}) {
  const { closing: text, verdicts } = useStudyText()
  const [verdict, setVerdict] = useState(proposal)
  const [words, setWords] = useState('')
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, run } = useDoing()
  const isGood = words.trim().length >= 3
  const close = () => {
    setTried(true)
    if (!isGood) return
    void run(() => call(closeStudy, { params: { id: study.id }, body: { verdict, text: words.trim(), revision: study.revision } }).then(onDone))
  }
  return (
    <div className="quality-form">
      <fieldset>
        <legend>{text.title}</legend>
        <p>{text.text}</p>
        <SegmentedControl
          aria-label={text.verdict}
          value={verdict}
          onChange={(value) => setVerdict(STUDY_VERDICTS.find((one) => one === value) ?? proposal)}
          data={STUDY_VERDICTS.map((value) => ({ value, label: verdicts[value] }))}
          data-testid="verdict"
        />
        <Textarea
          label={text.words}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          error={isTried && !isGood ? text.wordsMissing : undefined}
          maxLength={2000}
          autosize
          minRows={2}
          data-testid="closing-words"
        />
        <Refusal>{problem}</Refusal>
        <div className="quality-actions">
          <Button onClick={close} loading={isBusy} data-testid="do-close">
            {text.do}
          </Button>
          <Button variant="default" onClick={onCancel}>
            {text.cancel}
          </Button>
        </div>
      </fieldset>
    </div>
  )
}

export function ReopenStudy({ study, onDone, onCancel }: { study: Study; onDone: () => void; onCancel: () => void }) {
  const text = useStudyText()
  const [reason, setReason] = useState('')
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, run } = useDoing()
  const isGood = reason.trim().length >= 3
  const reopen = () => {
    setTried(true)
    if (isGood) void run(() => call(reopenStudy, { params: { id: study.id }, body: { reason: reason.trim() } }).then(onDone))
  }
  return (
    <footer className="quality-foot">
      <Refusal>{problem}</Refusal>
      <TextInput
        label={text.closing.reopenReason}
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={isTried && !isGood ? text.form.reasonMissing : undefined}
        data-testid="reopen-reason"
      />
      <Button onClick={reopen} loading={isBusy} data-testid="do-reopen">
        {text.reopen}
      </Button>
      <Button variant="default" onClick={onCancel}>
        {text.closing.cancel}
      </Button>
    </footer>
  )
}
