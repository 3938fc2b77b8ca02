/** The balloon that is asked for now: its value, or whether it conforms. */
import { Button, TextInput } from '@mantine/core'
import { useRef, useState } from 'react'
import { openDocument } from '../../../server/api/quality/documents/routes.ts'
import { addInspectionResult, type Inspection } from '../../../server/api/quality/index.ts'
import { call } from '../../shared/api.ts'
import { type Num, NumberField } from '../../shared/number-field.tsx'
import { useDoing } from '../../shared/use-doing.ts'
import { newEntryId } from '../entry-id.ts'
import { Refusal } from '../refusal.tsx'
import { toleranceInWords, useChartsText, useFormats } from '../use-quality-text.ts'
import { type Asked, Found } from './found.tsx'
import { useInspectionText } from './words.ts'

/** What some characteristics ask for besides the value; serial number and lot are those of the inspection. */
const MORE = [
  { asked: 'machine', field: 'machineId' },
  { asked: 'program', field: 'program' },
  { asked: 'tool', field: 'tool' },
] as const

export function BalloonEntry({
  asked: { balloon, piece, result, measured },
  inspection,
  onTaken,
}: {
  asked: Asked
  inspection: Inspection
  onTaken: (next: Inspection) => void
}) {
  const all = useInspectionText()
  const text = all.form
  const charts = useChartsText()
  const format = useFormats()
  const [value, setValue] = useState<Num>('')
  const [size, setSize] = useState<Num>('')
  const [comment, setComment] = useState('')
  const [nonconformance, setNonconformance] = useState(result?.nonconformance ?? '')
  const [isAgain, setAgain] = useState(false)
  const [more, setMore] = useState<Partial<Record<(typeof MORE)[number]['field'], string>>>({})
  // the same until it was kept: a press whose answer was lost is not a second measurement
  const resultId = useRef(newEntryId())
  const { isBusy, problem, run } = useDoing()
  const keep = (given: { value?: number; size?: number; isConforming?: boolean }) =>
    void run(async () => {
      const typed = Object.fromEntries(Object.entries(more).filter(([, entry]) => entry?.trim()))
      const body = {
        resultId: resultId.current,
        balloon: balloon.number,
        piece,
        ...given,
        ...typed,
        ...(comment.trim() ? { text: comment.trim() } : {}),
        ...(nonconformance.trim() ? { nonconformance: nonconformance.trim() } : {}),
      }
      onTaken(await call(addInspectionResult, { params: { id: inspection.id }, body }))
      resultId.current = newEntryId()
      setAgain(false)
    })
  const isMeasured = balloon.kind === 'measured'
  const serial = inspection.serials[piece - 1]
  /** A report with what is known here; its number goes into the field and is kept with the result. */
  const openReport = () =>
    void run(async () => {
      const { number, part, partRevision } = { number: inspection.number, ...inspection.plan }
      const said = [measured?.name, balloon.requirement].filter(Boolean).join(': ')
      const value = result?.value === undefined ? text.not : `${format.number(result.value, measured?.decimals ?? 3)} ${measured?.unit ?? ''}`.trim()
      const content = {
        title: `${number}, ${all.plan.balloon} ${balloon.number}: ${said}`.slice(0, 200),
        part: [part, partRevision].filter(Boolean).join(' / ').slice(0, 120),
        found: value,
        requirement: [said, measured && toleranceInWords(charts.head, format.number, measured)].filter(Boolean).join(' '),
        quantity: 1,
        ...(serial === undefined ? {} : { serials: [serial] }),
        ...(inspection.lot === undefined ? {} : { lot: inspection.lot }),
        ...(inspection.workOrder === undefined ? {} : { workOrder: inspection.workOrder }),
        ...(result?.measurementId === undefined ? {} : { links: [{ kind: 'measurement', id: result.measurementId, text: `${said} ${value}`.slice(0, 300) }] }),
      }
      // pressed again, or by somebody else of the same name: the same report
      const key = `${inspection.id}-${balloon.number.replaceAll(/[^A-Za-z0-9]/g, '_')}-${piece}-${result?.measurementId ?? 'judged'}`.slice(0, 80)
      const opened = await call(openDocument, { body: { kind: 'ncr', content, key } })
      setNonconformance(opened.number)
      const kept = isMeasured ? {} : { isConforming: false }
      const body = {
        resultId: resultId.current,
        balloon: balloon.number,
        piece,
        ...kept,
        ...(comment.trim() ? { text: comment.trim() } : {}),
        nonconformance: opened.number,
      }
      onTaken(await call(addInspectionResult, { params: { id: inspection.id }, body }))
      resultId.current = newEntryId()
    })
  const asksValue = isMeasured && (!result || isAgain)
  const isOut = result !== undefined && !result.isConforming
  return (
    <form
      className="inspection-now"
      onSubmit={(event) => {
        event.preventDefault()
        if (asksValue) {
          if (value !== '') keep({ value, ...(size === '' ? {} : { size }) })
        } else if (result) keep(isMeasured ? {} : { isConforming: result.isConforming })
      }}
      data-testid="balloon-entry"
      data-balloon={balloon.number}
      data-piece={piece}
    >
      <h2>
        {all.plan.balloon} {balloon.number}
        {inspection.quantity > 1 && `, ${text.piece} ${serial ?? piece}`}
      </h2>
      <p>
        {[measured?.name, balloon.requirement].filter(Boolean).join(': ')}
        {measured && <strong className="cw-numbers"> {toleranceInWords(charts.head, format.number, measured)}</strong>}
      </p>
      {balloon.instruction && <p className="quality-dim">{balloon.instruction}</p>}
      {balloon.tooling && <p className="quality-dim">{balloon.tooling}</p>}
      {result && (
        <p>
          <Found result={result} measured={measured} />
        </p>
      )}
      <Refusal>{problem}</Refusal>
      {asksValue && MORE.some(({ asked }) => measured?.asks.includes(asked)) && (
        <div className="quality-row">
          {MORE.filter(({ asked }) => measured?.asks.includes(asked)).map(({ asked, field }) => (
            <TextInput
              key={field}
              label={text.asks[asked]}
              value={more[field] ?? ''}
              onChange={(event) => setMore({ ...more, [field]: event.currentTarget.value })}
              maxLength={64}
            />
          ))}
        </div>
      )}
      <div className="inspection-now-value">
        {asksValue && <NumberField label={text.value} unit={measured?.unit ?? ''} value={value} onChange={setValue} digits={9} testId="balloon-value" />}
        {asksValue && measured?.isCount && <NumberField label={text.size} value={size} onChange={setSize} digits={0} min={1} />}
        {isOut && !asksValue && (
          <TextInput
            label={text.nonconformance}
            description={text.nonconformanceHelp}
            value={nonconformance}
            onChange={(event) => setNonconformance(event.currentTarget.value)}
            maxLength={80}
            data-testid="balloon-nonconformance"
          />
        )}
        <TextInput label={text.comment} value={comment} onChange={(event) => setComment(event.currentTarget.value)} maxLength={500} />
      </div>
      <div className="quality-actions">
        {!isMeasured && (
          <>
            <Button onClick={() => keep({ isConforming: true })} loading={isBusy} data-testid="balloon-conforms">
              {text.conforms}
            </Button>
            <Button variant="default" onClick={() => keep({ isConforming: false })} loading={isBusy} data-testid="balloon-not">
              {text.not}
            </Button>
          </>
        )}
        {(asksValue || result) && (
          <Button type="submit" variant={isMeasured ? 'filled' : 'default'} loading={isBusy} disabled={asksValue && value === ''} data-testid="balloon-keep">
            {text.keep}
          </Button>
        )}
        {isOut && !asksValue && nonconformance.trim() === '' && (
          <Button variant="default" onClick={openReport} loading={isBusy} data-testid="balloon-open-report">
            {text.openReport}
          </Button>
        )}
        {isMeasured && result && !isAgain && (
          <Button variant="default" onClick={() => setAgain(true)}>
            {text.again}
          </Button>
        )}
      </div>
    </form>
  )
}
