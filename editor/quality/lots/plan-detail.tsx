/** One sampling plan: how severely the next lot is inspected and why, lots, what the plan does, its changes. */
import '../list/list.css'
import '../characteristic.css'
import '../form/form.css'
import '../capability/capability.css'
import './lots.css'
import { Button, Select, TextInput } from '@mantine/core'
import { Download, Pencil } from 'lucide-react'
import { useState } from 'react'
import { exportLots, getSamplingPlan, type Lot, listLots, type SamplingPlanView, setSeverity } from '../../../server/api/quality/lots.ts'
import { call, urlOf } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { type Num, NumberField } from '../../shared/number-field.tsx'
import { useDoing } from '../../shared/use-doing.ts'
import { useLoad } from '../../shared/use-load.ts'
import { BackTo } from '../back-to.tsx'
import { Refusal } from '../refusal.tsx'
import { hashOf } from '../section.ts'
import { useNews } from '../use-news.ts'
import { useFormats } from '../use-quality-text.ts'
import { OcCurve } from './oc-curve.tsx'
import { LotPill, SeverityPill } from './pills.tsx'
import { ChangePlan } from './plan-form.tsx'
import { TakeLot } from './take-lot.tsx'
import { useSamplingText, whatComes, whyInWords } from './words.ts'

const FIRST_LOTS = 20
const MOST_LOTS = 500
/** For the curve, while no lot was taken up. */
const USUAL_LOT = 500

export function PlanDetail({ id, onLot, onBack }: { id: string; onLot: (lotId: string) => void; onBack: () => void }) {
  const text = useSamplingText()
  const format = useFormats()
  const { me } = useMe()
  const news = useNews('sampling')
  const [isChanging, setChanging] = useState(false)
  const [limit, setLimit] = useState(FIRST_LOTS)
  const { value, error, refresh } = useLoad(`${id} ${news}`, () => call(getSamplingPlan, { params: { id } }))
  const open = useLoad(`open ${id} ${news}`, () => call(listLots, { query: { planId: id, state: 'open' } }))
  const lots = useLoad(`${id} ${news} ${limit}`, () => call(listLots, { query: { planId: id, limit } }))
  const mayEdit = may(me, 'quality.edit')
  const plan = value?.plan
  // those that wait stand above
  const done = lots.value?.filter(({ state }) => state !== 'open')
  return (
    <section className="quality-pad sampling-plan" aria-labelledby="plan-title">
      <BackTo label={text.back} onBack={onBack} />
      <Refusal>{error}</Refusal>
      {!value && !error && <div className="list-skeleton" aria-hidden />}
      {plan && (
        <>
          <header className="quality-head">
            <h1 id="plan-title">{plan.definition.name}</h1>
            <SeverityPill state={plan.state} isRetired={plan.definition.isRetired} />
            <div className="quality-actions">
              <Button
                component="a"
                href={urlOf(exportLots.path, { query: { planId: id } })}
                download
                variant="default"
                leftSection={<Download size={16} aria-hidden />}
                data-testid="lots-csv"
              >
                {text.file}
              </Button>
              {mayEdit && (
                <Button
                  variant="default"
                  leftSection={<Pencil size={16} aria-hidden />}
                  onClick={() => setChanging(true)}
                  disabled={isChanging}
                  data-testid="change-plan"
                >
                  {text.edit}
                </Button>
              )}
            </div>
          </header>
          <Standing plan={plan} />
          {isChanging && (
            <ChangePlan
              plan={plan}
              onDone={() => {
                setChanging(false)
                refresh()
              }}
              onCancel={() => setChanging(false)}
            />
          )}
          {may(me, 'quality.enter') && !plan.state.isDiscontinued && !plan.definition.isRetired && <TakeLot plan={plan} onDone={(lot) => onLot(lot.id)} />}
          {open.value && open.value.length > 0 && (
            <>
              <h2>{text.open.title}</h2>
              <Lots list={open.value} planId={id} testId="open-lots" />
            </>
          )}
          <h2>{text.history.title}</h2>
          <Refusal>{lots.error}</Refusal>
          {done?.length === 0 && <p className="quality-dim">{text.history.none}</p>}
          {done && done.length > 0 && <Lots list={done} planId={id} testId="lots" />}
          {lots.value && lots.value.length === limit && limit < MOST_LOTS && (
            <Button variant="default" mt="sm" onClick={() => setLimit(MOST_LOTS)}>
              {text.history.more}
            </Button>
          )}
          <Curve plan={plan} newest={lots.value?.[0]} />
          {mayEdit && <SetSeverity plan={plan} onDone={refresh} />}
          <h2>{text.changes.title}</h2>
          {value.changes.length === 0 && <p className="quality-dim">{text.changes.none}</p>}
          <ol className="quality-history">
            {value.changes.map((change) => (
              <li key={change.at}>
                <SeverityPill state={change} />
                <span>{change.by}</span>
                <time dateTime={change.at}>{format.dateTime(change.at)}</time>
                <span>{whyInWords(text.why, change)}</span>
              </li>
            ))}
          </ol>
          <h2>{text.revisions.title}</h2>
          <ol className="quality-history">
            {value.revisions.map(({ revision, by, at, reason, definition }) => (
              <li key={revision}>
                <strong>{text.revisions.revision(String(revision))}</strong>
                <span>
                  AQL {definition.aql}, {definition.level}, {definition.edition === 'ansi-z1.4' ? 'ANSI/ASQ Z1.4' : 'ISO 2859-1'}
                </span>
                <span>{by}</span>
                <time dateTime={at}>{format.dateTime(at)}</time>
                <q>{reason}</q>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  )
}

/** How the series stands, in words. */
function Standing({ plan }: { plan: SamplingPlanView }) {
  const text = useSamplingText()
  const format = useFormats()
  return (
    <div className="sampling-standing" data-state={plan.state.isDiscontinued ? 'alarm' : undefined} data-testid="standing">
      <p>
        {whyInWords(text.why, plan.change)}
        {plan.change && <span className="quality-dim"> {text.since(format.dateTime(plan.change.at))}</span>}
      </p>
      {whatComes(text.next, plan).map((line) => (
        <p key={line} className="quality-dim">
          {line}
        </p>
      ))}
    </div>
  )
}

function Lots({ list, planId, testId }: { list: readonly Lot[]; planId: string; testId: string }) {
  const text = useSamplingText()
  const format = useFormats()
  const { columns } = text.history
  return (
    <div className="quality-scroll">
      <table className="quality-list sampling-still cw-numbers" data-testid={testId}>
        <thead>
          <tr>
            {(['lot', 'size', 'inspection', 'sample', 'found', 'verdict', 'by'] as const).map((column) => (
              <th key={column} scope="col">
                {columns[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {list.map((lot) => (
            <tr key={lot.id}>
              <th scope="row">
                <a href={`#${hashOf('sampling', `${encodeURIComponent(planId)}/${encodeURIComponent(lot.id)}`)}`}>{lot.number}</a>
                {lot.submission > 1 && <small>{text.history.again(String(lot.submission))}</small>}
              </th>
              <td>{format.number(lot.size)}</td>
              <td>{text.severities[lot.sampling.severity]}</td>
              <td>
                {format.number(lot.sampling.sample)}
                <small>
                  {lot.sampling.accept} / {lot.sampling.reject}
                </small>
              </td>
              <td>{lot.result ? format.number(lot.result.nonconforming) : '–'}</td>
              <td>
                <LotPill state={lot.state} />
              </td>
              <td>
                {lot.result?.by ?? lot.by}
                <small>{format.dateTime(lot.result?.at ?? lot.at)}</small>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Curve({ plan, newest }: { plan: SamplingPlanView; newest: Lot | undefined }) {
  const text = useSamplingText().curve
  const [typed, setTyped] = useState<Num>()
  const lot = typed ?? newest?.size ?? USUAL_LOT
  return (
    <>
      <h2>{text.title}</h2>
      <div className="sampling-for">
        <NumberField label={text.forLot} unit={text.items} value={lot} onChange={setTyped} digits={0} min={2} max={100_000_000} testId="curve-lot" />
      </div>
      {lot !== '' && lot >= 2 && Number.isInteger(lot) && <OcCurve definition={plan.definition} lot={lot} severity={plan.state.severity} />}
    </>
  )
}

/** For another reason than the rules have, or to begin a discontinued series again. */
function SetSeverity({ plan, onDone }: { plan: SamplingPlanView; onDone: () => void }) {
  const text = useSamplingText()
  const [severity, setTo] = useState<string | null>(null)
  const [reason, setReason] = useState('')
  const [isTried, setTried] = useState(false)
  const { isBusy, problem, run } = useDoing()
  const { isDiscontinued } = plan.state
  const choices = (['normal', 'tightened', 'reduced'] as const).filter(
    (one) => one !== plan.state.severity && (one !== 'reduced' || plan.definition.allowsReduced),
  )
  const chosen = isDiscontinued ? 'tightened' : choices.find((one) => one === severity)
  const isReasonGood = reason.trim().length >= 3
  const set = () => {
    setTried(true)
    if (!chosen || !isReasonGood) return
    void run(async () => {
      await call(setSeverity, { params: { id: plan.id }, body: { severity: chosen, reason: reason.trim(), place: plan.place } })
      setReason('')
      setTo(null)
      setTried(false)
      onDone()
    })
  }
  return (
    <details className="sampling-set" open={isDiscontinued}>
      <summary>{text.severity.title}</summary>
      <p className="quality-dim">{text.severity.text}</p>
      <Refusal>{problem}</Refusal>
      <div className="quality-foot">
        {!isDiscontinued && (
          <Select
            label={text.severity.to}
            value={severity}
            onChange={setTo}
            data={choices.map((value) => ({ value, label: text.severities[value] }))}
            error={isTried && !chosen}
            data-testid="set-severity"
          />
        )}
        <TextInput
          label={text.result.reason}
          value={reason}
          maxLength={500}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={isTried && !isReasonGood ? text.result.reasonMissing : undefined}
          data-testid="severity-reason"
        />
        <Button onClick={set} loading={isBusy} data-testid="do-set-severity">
          {isDiscontinued ? text.severity.resume : text.severity.set}
        </Button>
      </div>
    </details>
  )
}
