/** The control limits that hold and held, and giving some that are known. */
import { Button, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { type Characteristic, type ControlLimits, listControlLimits, setControlLimits } from '../../../server/api/quality/index.ts'
import { ApiError, call } from '../../shared/api.ts'
import { may, useMe } from '../../shared/me.ts'
import { type Num, NumberField } from '../../shared/number-field.tsx'
import { useLoad } from '../../shared/use-load.ts'
import { isOfCounts } from '../form/draft.ts'
import { type ChartsText, phaseInWords, useChartsText, useFormats } from '../use-quality-text.ts'

const SHORTEST_REASON = 3

export function LimitsSide({ characteristic, onChanged }: { characteristic: Characteristic; onChanged: () => void }) {
  const { limits: text } = useChartsText()
  const format = useFormats()
  const { me } = useMe()
  const { id, limitId, definition } = characteristic
  const known = useLoad(`${id}/${limitId}`, () => call(listControlLimits, { params: { id } }))
  const [isGiving, give] = useState(false)
  return (
    <section aria-labelledby="limits-title">
      <header className="quality-head">
        <div>
          <h2 id="limits-title">{text.title}</h2>
          <p className="quality-dim quality-lead">{text.lead}</p>
        </div>
        {may(me, 'quality.edit') && !isGiving && (
          <Button variant="default" onClick={() => give(true)} data-testid="give-limits">
            {text.give}
          </Button>
        )}
      </header>
      {isGiving && (
        <GiveLimits
          characteristic={characteristic}
          onCancel={() => give(false)}
          onDone={() => {
            give(false)
            known.refresh()
            onChanged()
          }}
        />
      )}
      {known.error && <p className="quality-problem">{known.error}</p>}
      {known.value?.length === 0 && (
        <p>
          {text.none} {definition.chart.autoLimitsAfter !== null && text.auto(format.number(definition.chart.autoLimitsAfter))}
        </p>
      )}
      {known.value && known.value.length > 0 && <LimitsTable limits={known.value} characteristic={characteristic} />}
    </section>
  )
}

function LimitsTable({ limits, characteristic }: { limits: readonly ControlLimits[]; characteristic: Characteristic }) {
  const all = useChartsText()
  const { limits: text } = all
  const format = useFormats()
  const { decimals } = characteristic.definition
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
    <section className="quality-scroll" tabIndex={0} aria-label={text.title}>
      <table className="quality-table cw-numbers" data-testid="limits-table">
        <thead>
          <tr>
            {(['phase', 'validFrom', 'source', 'figures', 'by', 'reason'] as const).map((column) => (
              <th key={column} scope="col">
                {text.columns[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {limits.map(({ id, phase, validFrom, source, basis, given, by, at, reason }) => (
            <tr key={id} data-current={id === characteristic.limitId || undefined}>
              <th scope="row">{phaseInWords(all, phase)}</th>
              <td>{format.dateTime(validFrom)}</td>
              <td>{source === 'data' && basis ? text.fromPoints(String(basis.from), String(basis.to), format.number(basis.points)) : text.given}</td>
              <td>
                {given.center !== undefined && (
                  <span>
                    {text.center} {format.number(given.center, decimals + 2)}
                  </span>
                )}
                {given.sigma !== undefined && (
                  <span>
                    {text.sigma} {format.number(given.sigma, decimals + 3)}
                  </span>
                )}
              </td>
              <td>
                {by}
                <small>{format.dateTime(at)}</small>
              </td>
              <td>{reasonInWords(text, reason)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function GiveLimits({ characteristic, onDone, onCancel }: { characteristic: Characteristic; onDone: () => void; onCancel: () => void }) {
  const { limits: text, form } = useChartsText()
  const { definition } = characteristic
  const isCounted = isOfCounts(definition.chart.kind)
  const [phase, setPhase] = useState('')
  const [reason, setReason] = useState('')
  const [center, setCenter] = useState<Num>('')
  const [sigma, setSigma] = useState<Num>('')
  const [isTried, setTried] = useState(false)
  const [isBusy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string>()
  const isWrong = {
    phase: phase.trim() === '',
    reason: reason.trim().length < SHORTEST_REASON,
    center: center === '',
    sigma: !isCounted && !(typeof sigma === 'number' && sigma > 0),
  }
  const save = async () => {
    setTried(true)
    if (Object.values(isWrong).includes(true)) return
    setBusy(true)
    setRefusal(undefined)
    try {
      await call(setControlLimits, {
        params: { id: characteristic.id },
        body: {
          phase: phase.trim(),
          limits: { source: 'given', given: { center: Number(center), ...(isCounted ? {} : { sigma: Number(sigma) }) } },
          reason: reason.trim(),
        },
      })
      notifications.show({ message: text.done })
      onDone()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setRefusal(error.message)
      setBusy(false)
    }
  }
  const wrong = (field: keyof typeof isWrong) => (isTried && isWrong[field] ? form.errors.missing : undefined)
  return (
    <form
      className="quality-mark"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <p className="quality-dim">{text.holdsNow}</p>
      <div className="quality-row">
        <NumberField
          label={isCounted ? text.rate : text.centerOf}
          unit={isCounted ? '' : definition.unit}
          value={center}
          onChange={setCenter}
          digits={isCounted ? 6 : definition.decimals + 2}
          error={wrong('center')}
          testId="limits-center"
        />
        {!isCounted && (
          <NumberField
            label={text.sigmaOf}
            unit={definition.unit}
            value={sigma}
            onChange={setSigma}
            digits={definition.decimals + 3}
            min={0}
            error={wrong('sigma')}
            testId="limits-sigma"
          />
        )}
      </div>
      <div className="quality-row">
        <TextInput
          label={text.phase}
          description={text.phaseHint}
          value={phase}
          onChange={(event) => setPhase(event.currentTarget.value)}
          error={wrong('phase')}
          maxLength={120}
          data-testid="limits-phase"
        />
        <TextInput
          label={text.reason}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={wrong('reason')}
          maxLength={500}
          data-testid="limits-reason"
        />
      </div>
      {refusal && (
        <p className="quality-problem" role="alert">
          {refusal}
        </p>
      )}
      <div className="quality-actions">
        <Button type="submit" loading={isBusy} data-testid="limits-set">
          {text.set}
        </Button>
        <Button variant="default" onClick={onCancel}>
          {text.cancel}
        </Button>
      </div>
    </form>
  )
}

/** Why there are limits; those that the server made by itself say so in the reader's language. */
function reasonInWords(text: ChartsText['limits'], reason: string): string {
  const [, points] = /^Made by itself from the first (\d+) points$/.exec(reason) ?? []
  return points === undefined ? reason : text.byItself(points)
}
