/** Begins an inspection: by which plan, and of which parts. */
import { Button, Select, Textarea, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { listInspectionPlans, startInspection } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { type Num, NumberField } from '../../shared/number-field.tsx'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { BackTo } from '../back-to.tsx'
import { newEntryId } from '../entry-id.ts'
import { Refusal } from '../refusal.tsx'
import { hashOf } from '../section.ts'
import { useInspectionText } from './words.ts'

const serialsIn = (typed: string): string[] => [...new Set(typed.split(/[,;\n]/).map((serial) => serial.trim()))].filter(Boolean)

export function StartPage({ planId, onDone, onBack }: { planId: string | undefined; onDone: (id: string) => void; onBack: () => void }) {
  const all = useInspectionText()
  const text = all.start
  const { value: plans, error } = useLoad('plans', () => call(listInspectionPlans))
  const [chosen, setChosen] = useState(planId ?? null)
  const [typed, setTyped] = useState('')
  const [lot, setLot] = useState('')
  const [workOrder, setWorkOrder] = useState('')
  const [quantity, setQuantity] = useState<Num>('')
  // the same until it has begun: a press whose answer was lost is not a second inspection
  const key = useRef(newEntryId())
  const { isBusy, problem, run } = useDoing()
  const serials = serialsIn(typed)
  const count = quantity === '' ? Math.max(1, serials.length) : quantity
  const plan = chosen ?? (plans?.length === 1 ? (plans[0]?.id ?? null) : null)
  const begin = () => {
    if (plan === null) return
    void run(async () => {
      const body = {
        key: key.current,
        planId: plan,
        serials,
        quantity: count,
        ...(lot.trim() ? { lot: lot.trim() } : {}),
        ...(workOrder.trim() ? { workOrder: workOrder.trim() } : {}),
      }
      onDone((await call(startInspection, { body })).id)
    })
  }
  return (
    <section className="quality-pad quality-narrow" aria-labelledby="begin-title">
      <BackTo label={all.back} onBack={onBack} />
      <header className="quality-head">
        <h1 id="begin-title">{text.title}</h1>
      </header>
      <Refusal>{error ?? problem}</Refusal>
      {plans?.length === 0 && (
        <p>
          {text.noPlans} <a href={`#${hashOf('inspection', 'plans/new')}`}>{all.plan.add}</a>
        </p>
      )}
      {plans && plans.length > 0 && (
        <form
          className="quality-form"
          onSubmit={(event) => {
            event.preventDefault()
            begin()
          }}
        >
          <fieldset>
            <Select
              label={text.plan}
              value={plan}
              onChange={setChosen}
              searchable
              data={plans.map(({ id, definition }) => ({
                value: id,
                label: [definition.part, definition.partRevision, definition.partName, definition.isFirstArticle ? all.firstArticle : all.plain]
                  .filter(Boolean)
                  .join(' · '),
              }))}
              withAsterisk
              data-testid="inspection-plan"
            />
            <Textarea
              label={text.serials}
              description={text.serialsHelp}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autosize
              minRows={1}
              maxRows={6}
              data-testid="inspection-serials"
            />
            <div className="quality-row">
              <NumberField
                label={text.quantity}
                value={quantity}
                onChange={setQuantity}
                digits={0}
                min={1}
                max={1000}
                placeholder={String(Math.max(1, serials.length))}
                testId="inspection-quantity"
              />
              <TextInput label={text.lot} value={lot} onChange={(event) => setLot(event.currentTarget.value)} maxLength={120} />
              <TextInput label={text.workOrder} value={workOrder} onChange={(event) => setWorkOrder(event.currentTarget.value)} maxLength={120} />
            </div>
          </fieldset>
          <footer className="quality-foot">
            <Button type="submit" loading={isBusy} disabled={plan === null} data-testid="inspection-begin">
              {text.begin}
            </Button>
            <Button variant="default" onClick={onBack}>
              {text.cancel}
            </Button>
          </footer>
        </form>
      )}
    </section>
  )
}
