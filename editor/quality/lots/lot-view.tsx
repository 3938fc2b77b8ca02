/** One lot: how many to take, what was found, the verdict. Big enough to be used at the bench. */
import '../characteristic.css'
import '../form/form.css'
import './lots.css'
import { Button, Textarea, TextInput } from '@mantine/core'
import { CircleCheck, Minus, OctagonX, Plus } from 'lucide-react'
import { useRef, useState } from 'react'
import { correctLot, getLot, getSamplingPlan, judgeLot, type Lot, type SamplingDefinition, withdrawLot } from '../../../server/api/quality/lots.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { type Num, NumberField } from '../../shared/number-field.tsx'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { BackTo } from '../back-to.tsx'
import { newEntryId } from '../entry-id.ts'
import { Refusal } from '../refusal.tsx'
import { useNews } from '../use-news.ts'
import { useFormats } from '../use-quality-text.ts'
import { LotPill } from './pills.tsx'
import { useSamplingText } from './words.ts'

export function LotView({ id, onBack }: { id: string; onBack: () => void }) {
  const text = useSamplingText()
  const format = useFormats()
  const { me } = useMe()
  const news = useNews('sampling')
  const { value: lot, error, refresh } = useLoad(`${id} ${news}`, () => call(getLot, { params: { id } }))
  const plan = useLoad(lot && `plan ${lot.planId}`, () => call(getSamplingPlan, { params: { id: lot?.planId ?? '' } }))
  const [open, setOpen] = useState<'correct' | 'withdraw'>()
  const definition = plan.value?.plan.definition
  const done = () => {
    setOpen(undefined)
    refresh()
  }
  return (
    <section className="quality-pad quality-narrow sampling-lot" aria-labelledby="lot-title">
      <BackTo label={text.result.back} onBack={onBack} />
      <Refusal>{error ?? plan.error}</Refusal>
      {!lot && !error && <div className="list-skeleton" aria-hidden />}
      {lot && (
        <>
          <header className="quality-head">
            <div>
              <h1 id="lot-title">{text.result.title(lot.number)}</h1>
              <p className="quality-dim">
                {lot.planName} · {text.result.of(format.number(lot.size))}
                {lot.submission > 1 && ` · ${text.history.again(String(lot.submission))}`}
              </p>
            </div>
            <LotPill state={lot.state} />
          </header>
          <Numbers lot={lot} />
          {definition?.instruction && (
            <p className="sampling-instruction">
              <strong>{text.result.instruction}:</strong> {definition.instruction}
            </p>
          )}
          {lot.result && <Found lot={lot} />}
          {lot.withdrawn && (
            <p>
              {text.result.withdrawn}: {lot.withdrawn.reason} ({lot.withdrawn.by}, {format.dateTime(lot.withdrawn.at)})
            </p>
          )}
          {lot.state === 'open' && may(me, 'quality.enter') && definition && open === undefined && (
            <Enter lot={lot} definition={definition} onDone={done} isCorrection={false} />
          )}
          {open === 'correct' && definition && <Enter lot={lot} definition={definition} onDone={done} onCancel={() => setOpen(undefined)} isCorrection />}
          {open === 'withdraw' && <Withdraw lot={lot} onDone={done} onCancel={() => setOpen(undefined)} />}
          {open === undefined && (
            <div className="quality-actions sampling-after">
              {lot.result && may(me, 'quality.edit') && (
                <Button variant="default" onClick={() => setOpen('correct')} data-testid="correct-lot">
                  {text.result.correct}
                </Button>
              )}
              {lot.state === 'open' && may(me, 'quality.enter') && (
                <Button variant="default" onClick={() => setOpen('withdraw')} data-testid="withdraw-lot">
                  {text.result.withdraw}
                </Button>
              )}
            </div>
          )}
        </>
      )}
    </section>
  )
}

/** How many to take, and what decides. */
function Numbers({ lot: { sampling } }: { lot: Lot }) {
  const text = useSamplingText()
  const format = useFormats()
  const { sample, accept, reject, codeLetter, planLetter, severity } = sampling
  return (
    <>
      <dl className="sampling-numbers cw-numbers">
        <div data-main>
          <dt>{text.result.sample}</dt>
          <dd data-testid="lot-sample">
            {format.number(sample)} <span>{text.result.items}</span>
          </dd>
        </div>
        <div>
          <dt>{text.result.accept}</dt>
          <dd>{accept}</dd>
        </div>
        <div>
          <dt>{text.result.reject}</dt>
          <dd>{reject}</dd>
        </div>
      </dl>
      <p className="quality-dim">
        {text.result.letter(codeLetter, text.severities[severity])}. {planLetter !== codeLetter && text.result.other(planLetter)}{' '}
        {reject > accept + 1 && text.result.gap}
      </p>
    </>
  )
}

function Found({ lot: { result, state, corrected } }: { lot: Lot }) {
  const text = useSamplingText()
  const format = useFormats()
  if (!result) return null
  return (
    <div className="sampling-verdict" data-state={state === 'accepted' ? 'good' : 'alarm'} role="status" data-testid="lot-verdict">
      {state === 'accepted' ? <CircleCheck size={28} aria-hidden /> : <OctagonX size={28} aria-hidden />}
      <div>
        <strong>{state === 'accepted' ? text.result.accepted : text.result.rejected}</strong>
        <p>
          {text.history.columns.found}: {format.number(result.nonconforming)}
          {result.defects.length > 0 && ` (${result.defects.map(({ kind, count }) => `${kind} ${format.number(count)}`).join(', ')})`}
        </p>
        {result.switchReason && (
          <p>{text.result.changed(result.isDiscontinued ? text.discontinued.toLowerCase() : text.severities[result.severityAfter].toLowerCase())}</p>
        )}
        {!result.counts && <p>{text.result.uncounted}</p>}
        {result.comment && <p>{result.comment}</p>}
        <p className="quality-dim">
          {result.by}, {format.dateTime(result.at)}
        </p>
        {corrected.map(({ nonconforming, reason, by, at }) => (
          <p key={at} className="quality-dim">
            {text.result.corrected(format.number(nonconforming), by, reason)}
          </p>
        ))}
      </div>
    </div>
  )
}

interface EnterProps {
  lot: Lot
  definition: SamplingDefinition
  onDone: () => void
  onCancel?: () => void
  isCorrection: boolean
}

function Enter({ lot, definition, onDone, onCancel, isCorrection }: EnterProps) {
  const text = useSamplingText().result
  const [count, setCount] = useState<Num>(isCorrection ? (lot.result?.nonconforming ?? 0) : 0)
  const [kinds, setKinds] = useState<Readonly<Record<string, Num>>>(() => Object.fromEntries((lot.result?.defects ?? []).map((one) => [one.kind, one.count])))
  const [comment, setComment] = useState('')
  const [isTried, setTried] = useState(false)
  const entryId = useRef(newEntryId())
  const { isBusy, problem, run } = useDoing()
  const { id, sampling } = lot
  const isReasonGood = comment.trim().length >= 3
  const put = (next: Num) => {
    entryId.current = newEntryId()
    setCount(next)
  }
  const step = (by: number) => put(Math.max(0, (count === '' ? 0 : count) + by))
  const all = [...new Set([...definition.defects, ...Object.keys(kinds)])]
  const enter = () => {
    setTried(true)
    if (count === '' || (isCorrection && !isReasonGood)) return
    const defects = all.flatMap((kind) => {
      const of = kinds[kind]
      return typeof of === 'number' && of > 0 ? [{ kind, count: of }] : []
    })
    const body = { entryId: entryId.current, nonconforming: count, defects }
    void run(async () => {
      if (isCorrection) await call(correctLot, { params: { id }, body: { ...body, reason: comment.trim() } })
      else await call(judgeLot, { params: { id }, body: { ...body, ...(comment.trim() ? { comment: comment.trim() } : {}) } })
      onDone()
    })
  }
  const isAccepting = count !== '' && count < sampling.reject
  return (
    <form
      className="quality-form sampling-enter"
      onSubmit={(event) => {
        event.preventDefault()
        enter()
      }}
    >
      <fieldset>
        <legend>{isCorrection ? text.correct : text.enter}</legend>
        <div className="sampling-count">
          <Button type="button" variant="default" onClick={() => step(-1)} disabled={count === '' || count === 0} aria-label={text.less} data-testid="one-less">
            <Minus size={24} aria-hidden />
          </Button>
          <NumberField
            label={definition.counts === 'items' ? text.found : text.foundCounts}
            value={count}
            onChange={put}
            digits={0}
            min={0}
            max={definition.counts === 'items' ? sampling.sample : 10_000_000}
            testId="nonconforming"
          />
          <Button type="button" variant="default" onClick={() => step(1)} aria-label={text.more} data-testid="one-more">
            <Plus size={24} aria-hidden />
          </Button>
        </div>
        {all.length > 0 && (
          <div>
            <p className="quality-dim">{text.kinds}</p>
            <div className="quality-row">
              {all.map((kind) => (
                <NumberField
                  key={kind}
                  label={kind}
                  value={kinds[kind] ?? ''}
                  onChange={(next) => {
                    entryId.current = newEntryId()
                    setKinds({ ...kinds, [kind]: next })
                  }}
                  digits={0}
                  min={0}
                />
              ))}
            </div>
          </div>
        )}
        <Textarea
          label={isCorrection ? text.reason : text.comment}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
          maxLength={500}
          autosize
          error={isTried && isCorrection && !isReasonGood ? text.reasonMissing : undefined}
          data-testid="lot-comment"
        />
        <Refusal>{problem}</Refusal>
        <div className="sampling-says">
          <p role="status" data-state={count === '' ? undefined : isAccepting ? 'good' : 'alarm'} data-testid="will">
            {count !== '' && (isAccepting ? text.willAccept : text.willReject)}
          </p>
          <div className="quality-actions">
            {onCancel && (
              <Button type="button" variant="default" onClick={onCancel}>
                {text.cancel}
              </Button>
            )}
            <Button type="submit" loading={isBusy} disabled={count === ''} data-testid="enter-result">
              {isCorrection ? text.correct : text.enter}
            </Button>
          </div>
        </div>
      </fieldset>
    </form>
  )
}

function Withdraw({ lot, onDone, onCancel }: { lot: Lot; onDone: () => void; onCancel: () => void }) {
  const text = useSamplingText().result
  const [reason, setReason] = useState('')
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, run } = useDoing()
  const isGood = reason.trim().length >= 3
  const withdraw = () => {
    setTried(true)
    if (isGood) void run(() => call(withdrawLot, { params: { id: lot.id }, body: { reason: reason.trim() } }).then(onDone))
  }
  return (
    <footer className="quality-foot">
      <Refusal>{problem}</Refusal>
      <TextInput
        label={text.reason}
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={isTried && !isGood ? text.reasonMissing : undefined}
        data-testid="withdraw-reason"
      />
      <Button onClick={withdraw} loading={isBusy} data-testid="do-withdraw">
        {text.withdraw}
      </Button>
      <Button variant="default" onClick={onCancel}>
        {text.cancel}
      </Button>
    </footer>
  )
}
