/** Takes up a lot: its number and size. What the plan will ask is said while they are typed. */
import { Button, Checkbox, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { samplingPlan } from '../../../nodes/quality/engine/sampling/index.ts'
import { beginLot, type Lot, type SamplingPlanView } from '../../../server/api/quality/lots.ts'
import { call } from '../../shared/api.ts'
import { type Num, NumberField } from '../../shared/number-field.tsx'
import { useDoing } from '../../shared/use-doing.ts'
import { newEntryId } from '../entry-id.ts'
import { Refusal } from '../refusal.tsx'
import { useFormats } from '../use-quality-text.ts'
import { useSamplingText } from './words.ts'

export function TakeLot({ plan: { id, definition, state }, onDone }: { plan: SamplingPlanView; onDone: (lot: Lot) => void }) {
  const text = useSamplingText().take
  const format = useFormats()
  const [number, setNumber] = useState('')
  const [size, setSize] = useState<Num>('')
  const [isResubmission, setResubmission] = useState(false)
  const [isTried, setTried] = useState(false)
  // the same until it was taken up: a press whose answer was lost is not a second lot
  const entryId = useRef(newEntryId())
  const { isBusy, problem, run } = useDoing()
  const isSizeGood = size !== '' && size >= 2 && Number.isInteger(size)
  const plan = isSizeGood
    ? samplingPlan({ lot: size, level: definition.level, aql: definition.aql, severity: state.severity, edition: definition.edition })
    : undefined
  const take = () => {
    setTried(true)
    if (!isSizeGood || !number.trim()) return
    void run(async () => {
      const lot = await call(beginLot, { params: { id }, body: { entryId: entryId.current, number: number.trim(), size, isResubmission } })
      entryId.current = newEntryId()
      onDone(lot)
    })
  }
  const renew = () => {
    entryId.current = newEntryId()
  }
  return (
    <form
      className="quality-form sampling-take"
      onSubmit={(event) => {
        event.preventDefault()
        take()
      }}
    >
      <fieldset>
        <legend>{text.title}</legend>
        <div className="quality-row">
          <TextInput
            label={text.number}
            value={number}
            onChange={(event) => {
              renew()
              setNumber(event.currentTarget.value)
            }}
            error={isTried && !number.trim() ? text.numberMissing : undefined}
            maxLength={80}
            data-testid="lot-number"
          />
          <NumberField
            label={text.size}
            value={size}
            onChange={(next) => {
              renew()
              setSize(next)
            }}
            digits={0}
            min={2}
            max={100_000_000}
            error={isTried && !isSizeGood ? text.sizeMissing : undefined}
            testId="lot-size"
          />
        </div>
        <Checkbox label={text.again} checked={isResubmission} onChange={(event) => setResubmission(event.currentTarget.checked)} />
        <Refusal>{problem}</Refusal>
        <div className="sampling-says">
          <p role="status" data-testid="lot-says">
            {plan &&
              (plan.isWholeLot
                ? text.whole(String(plan.accept), String(plan.reject))
                : text.says(format.number(plan.sample), String(plan.accept), String(plan.reject)))}
          </p>
          <Button type="submit" loading={isBusy} data-testid="take-lot">
            {text.do}
          </Button>
        </div>
      </fieldset>
    </form>
  )
}
