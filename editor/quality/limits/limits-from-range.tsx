/** Control limits from points that were chosen on the chart. */
import { Button, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { setControlLimits } from '../../../server/api/quality/index.ts'
import { ApiError, call } from '../../shared/api.ts'
import { useChartsText } from '../use-quality-text.ts'

const SHORTEST_REASON = 3

export interface LimitsFromRangeProps {
  characteristicId: string
  /** Numbers of the first and the last point. */
  from: number
  to: number
  onDone: () => void
  onCancel: () => void
}

export function LimitsFromRange({ characteristicId, from, to, onDone, onCancel }: LimitsFromRangeProps) {
  const { limits: text, form } = useChartsText()
  const [phase, setPhase] = useState('')
  const [reason, setReason] = useState('')
  const [isTried, setTried] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string>()
  const isPhaseMissing = phase.trim() === ''
  const isReasonShort = reason.trim().length < SHORTEST_REASON
  const save = async () => {
    setTried(true)
    if (isPhaseMissing || isReasonShort) return
    setBusy(true)
    setRefusal(undefined)
    try {
      await call(setControlLimits, {
        params: { id: characteristicId },
        body: { phase: phase.trim(), limits: { source: 'data', from, to }, reason: reason.trim() },
      })
      notifications.show({ message: text.done })
      onDone()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setRefusal(error.message)
      setBusy(false)
    }
  }
  return (
    <form
      className="quality-mark"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
      data-testid="limits-from-range"
    >
      <p className="quality-dim">
        {text.fromData(String(from), String(to))}. {text.holds}
      </p>
      <div className="quality-row">
        <TextInput
          label={text.phase}
          description={text.phaseHint}
          value={phase}
          onChange={(event) => setPhase(event.currentTarget.value)}
          error={isTried && isPhaseMissing ? form.errors.missing : undefined}
          maxLength={120}
          withAsterisk
          data-testid="limits-phase"
        />
        <TextInput
          label={text.reason}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={isTried && isReasonShort ? form.errors.reason : undefined}
          maxLength={500}
          withAsterisk
          data-testid="limits-reason"
        />
      </div>
      {refusal && (
        <p className="quality-problem" role="alert">
          {refusal}
        </p>
      )}
      <div className="quality-actions">
        <Button type="submit" size="xs" loading={isBusy} data-testid="limits-set">
          {text.set}
        </Button>
        <Button size="xs" variant="default" onClick={onCancel}>
          {text.cancel}
        </Button>
      </div>
    </form>
  )
}
