/** The mask of one characteristic: its value by keypad, keyboard or gauge, what it asks besides, and what became of it. */
import { Check } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { MachineView } from '../../../server/api/machines.ts'
import { type Characteristic, ENTRY_FIELDS, type Entry, type EntryResult, type Gauge, type GaugeLine, SIZED_KINDS } from '../../../server/api/quality/index.ts'
import { toleranceInWords, useChartsText } from '../../quality/use-quality-text.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { Problem } from '../operator-dialog.tsx'
import { newPressId } from '../press-id.ts'
import { ValuePad, typed as withKey } from '../value-pad.tsx'
import { GaugeBox, type Taken } from './gauge-box.tsx'
import { LockPanel } from './lock.tsx'
import { outbox } from './outbox.ts'
import { Recent } from './recent.tsx'
import { isCovered, useWedge, VALUE_FIELD } from './use-wedge.ts'
import { Verdict } from './verdict.tsx'
import { numberOf } from './wedge.ts'
import { useEntryText } from './words.ts'

type Field = (typeof ENTRY_FIELDS)[number]
type Given = Partial<Record<Field, string>>
/** What stays from one part to the next; a serial number is of one part. */
const STAYS: readonly Field[] = ['lot', 'program', 'tool']

/** A keyboard's keys as the keypad has them. */
const KEYS_OF_PAD: Readonly<Record<string, string>> = { '-': '±', ',': '.' }

export interface MaskProps {
  characteristic: Characteristic
  machine: MachineView
  gauges: readonly Gauge[]
  lines: readonly GaugeLine[]
  isStale: boolean
  /** Whoever is signed in. */
  by: string | undefined
  /** Why nothing can be entered. */
  gate: string | undefined
  given: Given
  onGiven: (given: Given) => void
  /** Something was entered, corrected or answered: lists are read anew. */
  onChanged: () => void
}

export function Mask({ characteristic, machine, gauges, lines, isStale, by, gate, given, onGiven, onChanged }: MaskProps) {
  const text = useEntryText()
  const charts = useChartsText()
  const format = formats(useLanguage())
  const { definition, id } = characteristic
  const [value, setValue] = useState('')
  const [size, setSize] = useState('')
  const [isSizeChosen, setSizeChosen] = useState(false)
  /** The value is as a gauge gave it. */
  const [fromGauge, setFromGauge] = useState<Taken>()
  const [problem, setProblem] = useState<string>()
  const [result, setResult] = useState<EntryResult>()
  const [count, setCount] = useState(0)
  const isSized = (SIZED_KINDS as readonly string[]).includes(definition.chart.kind)
  const asked = ENTRY_FIELDS.filter((field) => definition.asks.includes(field) && field !== 'machine')
  const isLocked = characteristic.isLocked || result?.isLocked === true

  const enter = (number: number | undefined, source: Entry['source'], gaugeId?: string) => {
    if (gate !== undefined || isLocked) return
    const sizeNumber = numberOf(size)
    const missing = asked.find((field) => !given[field]?.trim())
    if (number === undefined) return setProblem(text.missing)
    if (isSized && sizeNumber === undefined) return setProblem(text.missingField(text.size))
    if (missing) return setProblem(text.missingField(text.fields[missing]))
    const circumstances = Object.fromEntries(asked.map((field) => [field, given[field]?.trim() ?? '']))
    const entry: Entry = {
      entryId: newPressId(),
      characteristicId: id,
      values: [number],
      source,
      unit: definition.unit,
      machineId: machine.id,
      ...(isSized && sizeNumber !== undefined ? { size: sizeNumber } : {}),
      ...(gaugeId === undefined ? {} : { gaugeId }),
      ...circumstances,
    }
    setProblem(undefined)
    setResult(undefined)
    setValue('')
    setFromGauge(undefined)
    onGiven(Object.fromEntries(STAYS.map((field) => [field, given[field] ?? ''])))
    const shown = `${format.number(number, definition.decimals)} ${definition.unit}`
    void outbox.add({ entry, name: definition.name, shown, madeAt: Date.now(), by }).then((answer) => {
      if (!answer) return
      setResult(answer)
      setCount((before) => before + 1)
      onChanged()
    })
  }
  const take = (taken: Taken, isAtOnce: boolean) => {
    setProblem(undefined)
    setValue(taken.shown)
    setFromGauge(taken)
    if (isAtOnce && !isCovered()) enter(taken.value, 'gauge', taken.gaugeId)
  }
  const change = (next: string) => {
    setProblem(undefined)
    setFromGauge(undefined)
    setValue(next.replace(',', '.'))
  }
  const enterShown = () => enter(fromGauge?.value ?? numberOf(value), fromGauge ? 'gauge' : 'form', fromGauge?.gaugeId)
  useWedge(
    {
      onLine(line) {
        if (line.kind === 'garbage') {
          setValue('')
          return setProblem(text.gauge.typedGarbage(line.text))
        }
        setValue(line.text.replace(',', '.'))
        enter(line.value, 'gauge')
      },
      onKeys(keys) {
        setProblem(undefined)
        setFromGauge(undefined)
        setValue((before) => keys.reduce((text, key) => (key === '+' ? text : withKey(text, KEYS_OF_PAD[key] ?? key)), before))
      },
    },
    gate === undefined && !isLocked,
  )
  const ofSample = definition.chart.subgroupSize > 1 && definition.chart.subgroupSize - (characteristic.openValues || definition.chart.subgroupSize) + 1
  const head = (
    <header>
      <h2 id="mask-title">{definition.name}</h2>
      <p>
        {[[definition.part, definition.partRevision].filter(Boolean).join(' '), definition.feature].filter(Boolean).join(' · ')}
        <strong className="cw-numbers"> {toleranceInWords(charts.head, format.number, definition)}</strong>
        {ofSample ? <em> {text.sample(String(ofSample), String(definition.chart.subgroupSize))}</em> : null}
      </p>
    </header>
  )
  return (
    <section className="op-mask" aria-labelledby="mask-title" data-testid="mask">
      {isLocked ? (
        <>
          {head}
          {result && <Verdict key={result.entryId} result={result} characteristic={characteristic} />}
          <LockPanel
            characteristic={characteristic}
            said={result}
            onAnswered={() => {
              setResult(undefined)
              outbox.send()
              onChanged()
            }}
          />
        </>
      ) : (
        <div className="op-mask-parts">
          <div className="op-mask-left">
            {head}
            <ValueField
              label={isSized ? text.count : text.value}
              unit={definition.unit}
              value={value}
              isChosen={!isSizeChosen}
              testId={VALUE_FIELD}
              onChoose={() => setSizeChosen(false)}
              onChange={change}
              onEnter={enterShown}
            />
            {isSized && (
              <ValueField
                label={text.size}
                unit=""
                value={size}
                isChosen={isSizeChosen}
                testId="entry-size"
                onChoose={() => setSizeChosen(true)}
                onChange={(next) => setSize(next.replace(',', '.'))}
                onEnter={enterShown}
              />
            )}
            {asked.map((field) => (
              <label key={field} className="op-mask-field">
                {text.fields[field]}
                <input
                  value={given[field] ?? ''}
                  maxLength={120}
                  onChange={({ currentTarget: { value: said } }) => onGiven({ ...given, [field]: said })}
                  data-testid={`entry-${field}`}
                />
              </label>
            ))}
            <Problem>{problem ?? gate}</Problem>
            <button type="button" className="op-main-action op-mask-enter" disabled={gate !== undefined} onClick={enterShown} data-testid="enter-value">
              <Check size={28} aria-hidden /> {text.enter}
            </button>
            {result && <Verdict key={result.entryId} result={result} characteristic={characteristic} />}
            <GaugeBox characteristic={characteristic} gauges={gauges} lines={lines} isStale={isStale} onReading={take} />
          </div>
          <div className="op-mask-right">
            <ValuePad value={isSizeChosen ? size : value} onChange={isSizeChosen ? setSize : change} />
            <Recent
              characteristic={characteristic}
              sign={`${characteristic.measured} ${characteristic.last?.at} ${count}`}
              mayCorrect={gate === undefined}
              onCorrected={onChanged}
            />
          </div>
        </div>
      )}
    </section>
  )
}

function ValueField(props: {
  label: ReactNode
  unit: string
  value: string
  isChosen: boolean
  testId: string
  onChoose: () => void
  onChange: (value: string) => void
  onEnter: () => void
}) {
  const { label, unit, value, isChosen, testId, onChoose, onChange, onEnter } = props
  return (
    <label className="op-mask-value" data-chosen={isChosen || undefined}>
      {label}
      <span>
        <input
          className="cw-numbers"
          // no keyboard of the tablet comes up: there is the keypad
          inputMode="none"
          autoComplete="off"
          value={value}
          onFocus={onChoose}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && onEnter()}
          data-testid={testId}
        />
        {unit}
      </span>
    </label>
  )
}
