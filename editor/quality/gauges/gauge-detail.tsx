/** One gauge: how it stands, its calibrations, what was changed of it. */
import '../characteristic.css'
import './gauges.css'
import '../list/list.css'
import '../form/form.css'
import { Button } from '@mantine/core'
import { CalendarPlus, Pencil } from 'lucide-react'
import { useState } from 'react'
import { listConnections } from '../../../server/api/connections.ts'
import { type Calibration, type Gauge, getGauge } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { useLoad } from '../../shared/use-load.ts'
import { BackTo } from '../back-to.tsx'
import { Refusal } from '../refusal.tsx'
import { useFormats } from '../use-quality-text.ts'
import { Calibrate } from './calibrate.tsx'
import { ChangeGauge } from './gauge-form.tsx'
import { Shows } from './gauge-list.tsx'
import { GaugePill } from './state-pill.tsx'
import { dayOf, inDays, useGaugeText } from './words.ts'

/** @param newest as the list has it: when that is another one, all is read again */
export function GaugeDetail({ id, newest, onChanged, onBack }: { id: string; newest: Gauge | undefined; onChanged: () => void; onBack: () => void }) {
  const text = useGaugeText()
  const format = useFormats()
  const { me } = useMe()
  const [open, setOpen] = useState<'change' | 'calibrate'>()
  const { value, error, refresh } = useLoad(`${id} ${newest?.revision} ${newest?.calibration?.id}`, () => call(getGauge, { params: { id } }))
  const mayEdit = may(me, 'quality.edit')
  const done = () => {
    setOpen(undefined)
    refresh()
    onChanged()
  }
  const day = (at: string) => format.day(dayOf(at))
  const known = value ?? (newest && { gauge: newest, calibrations: newest.calibration ? [newest.calibration] : [], revisions: [] })
  return (
    <section className="quality-pad quality-narrow" aria-labelledby="gauge-title">
      <BackTo label={text.back} onBack={onBack} />
      <Refusal>{error}</Refusal>
      {!known && !error && <div className="list-skeleton" aria-hidden />}
      {known && (
        <>
          <header className="quality-head">
            <h1 id="gauge-title">{known.gauge.definition.name}</h1>
            <GaugePill gauge={known.gauge} />
            {mayEdit && (
              <div className="quality-actions">
                <Button
                  leftSection={<CalendarPlus size={16} aria-hidden />}
                  onClick={() => setOpen('calibrate')}
                  disabled={open !== undefined}
                  data-testid="note-calibration"
                >
                  {text.calibration.add}
                </Button>
                <Button
                  variant="default"
                  leftSection={<Pencil size={16} aria-hidden />}
                  onClick={() => setOpen('change')}
                  disabled={open !== undefined}
                  data-testid="change-gauge"
                >
                  {text.edit}
                </Button>
              </div>
            )}
          </header>
          {!known.gauge.definition.isRetired && (known.gauge.state === 'failed' || known.gauge.state === 'overdue') && (
            <p className="quality-problem">{known.gauge.state === 'failed' ? text.failedText : text.overdueText}</p>
          )}
          {open === 'change' ? <ChangeGauge gauge={known.gauge} onDone={done} onCancel={() => setOpen(undefined)} /> : <Facts gauge={known.gauge} />}
          {open === 'calibrate' && <Calibrate gauge={known.gauge} onDone={done} onCancel={() => setOpen(undefined)} />}
          <h2>{text.calibration.title}</h2>
          {known.calibrations.length === 0 ? <p className="quality-dim">{text.calibration.none}</p> : <Calibrations list={known.calibrations} />}
          {known.revisions.length > 0 && (
            <>
              <h2>{text.history.title}</h2>
              <ol className="quality-history">
                {known.revisions.map(({ revision, by, at, reason }) => (
                  <li key={revision}>
                    <strong>{text.history.revision(String(revision))}</strong>
                    <span>{by}</span>
                    <time dateTime={at}>{day(at)}</time>
                    <q>{reason}</q>
                  </li>
                ))}
              </ol>
            </>
          )}
        </>
      )}
    </section>
  )
}

function Facts({ gauge }: { gauge: Gauge }) {
  const text = useGaugeText()
  const format = useFormats()
  const { me } = useMe()
  const { definition } = gauge
  const connections = useLoad(definition.connectionId !== undefined && may(me, 'connections.view') ? 'connections' : undefined, () =>
    call(listConnections),
  ).value
  const { kind, maker, serial, unit, resolution, place, connectionId, channel, intervalDays } = definition
  const connection =
    connectionId &&
    [connections?.find(({ id }) => id === connectionId)?.name ?? connectionId, channel && `${text.form.channel} ${channel}`].filter(Boolean).join(', ')
  const facts = {
    kind,
    maker,
    serial,
    unit,
    resolution: resolution === undefined ? undefined : `${String(resolution)} ${unit ?? ''}`,
    place,
    interval: intervalDays === undefined ? undefined : text.every(format.number(intervalDays)),
    connection,
  }
  return (
    <dl className="gauges-facts">
      {(Object.keys(facts) as (keyof typeof facts)[]).map((key) =>
        facts[key] ? (
          <div key={key}>
            <dt>{text.facts[key]}</dt>
            <dd>{facts[key]}</dd>
          </div>
        ) : null,
      )}
      {connectionId && (
        <div>
          <dt>{text.columns.reading}</dt>
          <dd className="cw-numbers">
            <Shows gauge={gauge} />
          </dd>
        </div>
      )}
    </dl>
  )
}

function Calibrations({ list }: { list: readonly Calibration[] }) {
  const { calibration: text, days } = useGaugeText()
  const format = useFormats()
  return (
    <div className="quality-scroll">
      <table className="quality-list gauges-calibrations cw-numbers">
        <thead>
          <tr>
            {(['at', 'result', 'due', 'certificate', 'lab', 'comment'] as const).map((column) => (
              <th key={column} scope="col">
                {text.columns[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {list.map(({ id, at, dueAt, passed, certificate, lab, comment, by, enteredAt }, index) => (
            <tr key={id} data-testid="calibration">
              <th scope="row">
                {format.day(dayOf(at))}
                <small>{text.by(by, format.day(dayOf(enteredAt)))}</small>
              </th>
              <td>{passed ? text.passed : <strong className="quality-problem">{text.failed}</strong>}</td>
              <td>
                {passed && format.day(dayOf(dueAt))}
                {passed && index === 0 && <small>{inDays(days, dueAt)}</small>}
              </td>
              <td>{certificate}</td>
              <td>{lab}</td>
              <td>{comment}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
