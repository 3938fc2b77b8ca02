/** The gauge at hand: what it shows, asking it, and whether its readings are entered at once. */
import { Ruler, TriangleAlert } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { convert, unitOf } from '../../../nodes/quality/engine/units/index.ts'
import { type Characteristic, type Gauge, type GaugeLine, type GaugeReading, readGauge } from '../../../server/api/quality/index.ts'
import { lineOf } from '../../quality/gauges/use-lines.ts'
import { ApiError, call } from '../../shared/api.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { Problem } from '../operator-dialog.tsx'
import { useEntryText } from './words.ts'

/** A reading as it is to be entered. */
export interface Taken {
  value: number
  /** In the unit of the characteristic, with what the gauge resolves. */
  shown: string
  gaugeId: string | undefined
}

const AT_ONCE = 'cellwright-entry-at-once'
const isAtOnce = () => {
  try {
    return localStorage.getItem(AT_ONCE) === 'yes'
  } catch {
    // storage may be forbidden: then it is chosen each time
    return false
  }
}

export function GaugeBox(props: {
  characteristic: Characteristic
  gauges: readonly Gauge[]
  lines: readonly GaugeLine[]
  isStale: boolean
  /** @param isAtOnce enter it without a further press */
  onReading: (taken: Taken, isAtOnce: boolean) => void
}) {
  const { characteristic, gauges, lines, isStale, onReading } = props
  const text = useEntryText().gauge
  const { definition } = characteristic
  const gauge = gauges.find(({ id }) => id === definition.gaugeId)
  const [atOnce, setAtOnce] = useState(isAtOnce)
  const own = gauge?.definition.connectionId === undefined ? undefined : lineOf(gauge.definition, lines)
  // without a gauge of its own every connected one may be the one in the hand
  const shown: { line: GaugeLine; gauge: Gauge | undefined }[] = own
    ? [{ line: own, gauge }]
    : gauge
      ? []
      : lines.map((line) => ({
          line,
          gauge: gauges.find((one) => one.definition.connectionId === line.connectionId && lineOf(one.definition, [line])?.reading !== undefined),
        }))
  if (!gauge && shown.length === 0) return null
  const choose = (isOn: boolean) => {
    setAtOnce(isOn)
    try {
      localStorage.setItem(AT_ONCE, isOn ? 'yes' : 'no')
    } catch {
      // storage may be forbidden: it then lasts as long as the page
    }
  }
  return (
    <section className="op-gauge" aria-labelledby="gauge-at-hand">
      <h3 id="gauge-at-hand">
        <Ruler size={20} aria-hidden /> {text.title}
        {gauge ? `: ${gauge.definition.name}` : ''}
      </h3>
      {gauge && <Calibrated gauge={gauge} />}
      {shown.map(({ line, gauge: of }) => (
        <Line
          key={line.connectionId}
          line={line}
          gauge={of}
          isNamed={gauge === undefined}
          isStale={isStale}
          definition={definition}
          onReading={(taken, isNew) => onReading(taken, isNew && atOnce)}
          isOwn={gauge !== undefined}
        />
      ))}
      {own && (
        <label className="op-gauge-once">
          <input type="checkbox" checked={atOnce} onChange={({ currentTarget: { checked } }) => choose(checked)} data-testid="at-once" /> {text.atOnce}
        </label>
      )}
    </section>
  )
}

function Calibrated({ gauge: { state, definition } }: { gauge: Gauge }) {
  const text = useEntryText().gauge
  const said =
    state === 'overdue'
      ? text.overdue(definition.name)
      : state === 'failed'
        ? text.failed(definition.name)
        : state === 'never'
          ? text.never(definition.name)
          : undefined
  if (!said) return null
  return (
    <p className="op-entry-note" data-state="warning">
      <TriangleAlert size={20} aria-hidden /> <span>{said}</span>
    </p>
  )
}

function Line(props: {
  line: GaugeLine
  gauge: Gauge | undefined
  isNamed: boolean
  isStale: boolean
  isOwn: boolean
  definition: Characteristic['definition']
  onReading: (taken: Taken, isNew: boolean) => void
}) {
  const { line, gauge, isNamed, isStale, isOwn, definition, onReading } = props
  const text = useEntryText().gauge
  const format = formats(useLanguage())
  const [isAsking, setAsking] = useState(false)
  const [problem, setProblem] = useState<string>()
  const { reading, refused, connectionId } = line
  const isFresh = line.isThere && !isStale
  const value = reading && valueIn(reading, definition.unit)
  const say = (one: GaugeReading) => `${format.number(one.value, one.decimals)} ${one.unit}`
  const taken = (one: GaugeReading, number: number): Taken => ({
    value: number,
    shown: one.unit === definition.unit || unitOf(one.unit) === unitOf(definition.unit) ? number.toFixed(one.decimals) : String(number),
    gaugeId: gauge?.id,
  })
  // what was there when the mask was opened is of another part
  const known = useRef(reading?.id)
  const latest = useRef(onReading)
  latest.current = onReading
  // biome-ignore lint/correctness/useExhaustiveDependencies: each reading once
  useEffect(() => {
    if (!reading || known.current === reading.id) return
    known.current = reading.id
    setProblem(undefined)
    if (isOwn && value !== undefined) latest.current(taken(reading, value), true)
  }, [reading?.id])
  const ask = async () => {
    setAsking(true)
    setProblem(undefined)
    try {
      const answer = await call(readGauge, { params: { connectionId } })
      // it is told live as well: whichever comes first counts, once
      if (isOwn && known.current === answer.id) return
      known.current = answer.id
      const number = valueIn(answer, definition.unit)
      if (number === undefined) setProblem(text.otherUnit(answer.unit, definition.unit))
      else onReading(taken(answer, number), isOwn)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.message)
    } finally {
      setAsking(false)
    }
  }
  return (
    <div className="op-gauge-line" data-testid={`line-${connectionId}`}>
      <span className={isFresh ? 'cw-numbers' : 'cw-numbers cw-stale'}>
        {isNamed && <em>{line.name} </em>}
        {reading ? (
          <>
            <strong>{say(reading)}</strong> {format.time(reading.at)}
          </>
        ) : (
          isFresh && text.waiting
        )}
        {!isFresh && ` ${text.away}`}
      </span>
      <span className="op-gauge-keys">
        {!isOwn && reading && value !== undefined && (
          <button type="button" className="op-plain" disabled={!isFresh} onClick={() => onReading(taken(reading, value), false)} data-testid="take-over">
            {text.use}
          </button>
        )}
        <button type="button" className="op-plain" disabled={!isFresh || isAsking} onClick={() => void ask()} data-testid="read-gauge">
          {isAsking ? text.reading : text.read}
        </button>
      </span>
      {reading && value === undefined && <Problem>{text.otherUnit(reading.unit, definition.unit)}</Problem>}
      {refused && <Problem>{`${text.refused}: ${refused.text}`}</Problem>}
      <Problem>{problem}</Problem>
    </div>
  )
}

/** In the unit of the characteristic; undefined where the two do not measure the same. */
function valueIn({ value, unit }: GaugeReading, wanted: string): number | undefined {
  return wanted === '' ? value : convert(value, unit, wanted)
}
