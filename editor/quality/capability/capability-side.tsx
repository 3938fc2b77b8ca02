/** The capability report of a characteristic: histogram, probability plot, indices with their intervals, normality. Made in the browser by the engine that judges measurements. */
import './capability.css'
import { Button, NativeSelect } from '@mantine/core'
import { Check, Download, Printer, TriangleAlert } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { CapabilityIndex } from '../../../nodes/quality/engine/capability/index.ts'
import type { ChartView } from '../../../server/api/quality/index.ts'
import { summaryOf } from '../chart/model.ts'
import { useChart } from '../chart/use-chart.ts'
import { isOfCounts } from '../form/draft.ts'
import type { ListedCharacteristic } from '../list/use-characteristics.ts'
import { phaseInWords, useChartsText, useFormats } from '../use-quality-text.ts'
import { HistogramPicture } from './histogram-picture.tsx'
import { ProbabilityPicture } from './probability-picture.tsx'
import { csvOfStudy, type Study, type StudyChoices, studyOf } from './study.ts'

/** The server hands out single values of so many points. */
const MOST = 5000
const CHOICES = [125, 500, MOST]
const CONFIDENCES = [0.9, 0.95, 0.99]
/** What customers ask for at least; above it a process is called capable, below 1 it is not. */
const CAPABLE = 1.33

export function CapabilitySide({ characteristic }: { characteristic: ListedCharacteristic }) {
  const { capability: text } = useChartsText()
  const { definition } = characteristic
  if (isOfCounts(definition.chart.kind)) return <p>{text.counts}</p>
  if (definition.lower === null && definition.upper === null) return <p>{text.noTolerance}</p>
  return <Report characteristic={characteristic} />
}

function Report({ characteristic }: { characteristic: ListedCharacteristic }) {
  const all = useChartsText()
  const { capability: text, chart } = all
  const format = useFormats()
  const { definition } = characteristic
  const [last, setLast] = useState(500)
  const { view, error } = useChart(characteristic, { last })
  const [phase, setPhase] = useState<number>()
  const [choices, setChoices] = useState<StudyChoices>({ confidence: 0.95, degreesOfFreedom: 'observations' })
  const range = view && rangeOf(view, phase)
  const { from, to } = range ?? { from: 0, to: -1 }
  const study = useMemo(() => (view ? studyOf(view, { from, to }, definition, choices) : undefined), [view, from, to, definition, choices])
  return (
    <section className="quality-capability" aria-labelledby="capability-title">
      <header className="quality-head">
        <h2 id="capability-title">{text.title}</h2>
        <div className="quality-actions">
          <NativeSelect
            aria-label={chart.range}
            value={String(last)}
            onChange={(event) => {
              setLast(Number(event.currentTarget.value))
              setPhase(undefined)
            }}
            data={CHOICES.map((count) => ({ value: String(count), label: chart.last(format.number(count)) }))}
          />
          {view && view.phases.length > 1 && (
            <NativeSelect
              aria-label={text.phase}
              value={phase === undefined ? '' : String(phase)}
              onChange={(event) => setPhase(event.currentTarget.value === '' ? undefined : Number(event.currentTarget.value))}
              data={[
                { value: '', label: text.allPhases },
                ...view.phases.map(({ name, from: first, to: end }, index) => ({
                  value: String(index),
                  label: `${phaseInWords(all, name)} (${view.points.subgroup[first]}–${view.points.subgroup[end]})`,
                })),
              ]}
              data-testid="capability-phase"
            />
          )}
          {study && 'capability' in study && view && (
            <>
              <Button
                variant="default"
                leftSection={<Download size={16} aria-hidden />}
                onClick={() =>
                  save(
                    `capability-${definition.name}.csv`,
                    csvOfStudy(study, {
                      name: definition.name,
                      at: new Date().toISOString(),
                      from: view.points.subgroup[from] ?? 0,
                      to: view.points.subgroup[to] ?? 0,
                      definition,
                    }),
                  )
                }
                data-testid="capability-csv"
              >
                {text.save}
              </Button>
              <Button variant="default" leftSection={<Printer size={16} aria-hidden />} onClick={() => print()}>
                {text.print}
              </Button>
            </>
          )}
        </div>
      </header>
      {error && <p className="quality-problem">{error}</p>}
      {!study && !error && <div className="list-skeleton" aria-hidden />}
      {study && 'problem' in study && <p data-testid="capability-problem">{text.problems[study.problem as keyof typeof text.problems] ?? study.message}</p>}
      {study && 'capability' in study && view && range && (
        <>
          <Cautions view={view} isMixed={phase === undefined && view.phases.length > 1} range={range} study={study} />
          <Pictures study={study} digits={definition.decimals} unit={definition.unit} />
          <Indices study={study} choices={choices} />
          <Figures study={study} digits={definition.decimals} unit={definition.unit} />
          <div className="quality-row quality-lead quality-no-print">
            <NativeSelect
              label={text.confidence}
              value={String(choices.confidence)}
              onChange={(event) => setChoices({ ...choices, confidence: Number(event.currentTarget.value) })}
              data={CONFIDENCES.map((one) => ({ value: String(one), label: `${format.number(one * 100)} %` }))}
            />
            <NativeSelect
              label={text.degrees}
              value={choices.degreesOfFreedom}
              onChange={(event) => setChoices({ ...choices, degreesOfFreedom: event.currentTarget.value === 'estimator' ? 'estimator' : 'observations' })}
              data={(['observations', 'estimator'] as const).map((value) => ({ value, label: text.degreesOf[value] }))}
            />
          </div>
        </>
      )}
    </section>
  )
}

/** The newest phase with limits of its own is what the process is now; all of them when somebody says so. */
function rangeOf(view: ChartView, phase: number | undefined): { from: number; to: number } {
  const chosen = phase === undefined ? undefined : view.phases[phase]
  return chosen ? { from: chosen.from, to: chosen.to } : { from: 0, to: view.points.subgroup.length - 1 }
}

/** In one line whether the process is capable, and what stands against believing it. */
function Cautions({ view, isMixed, range, study }: { view: ChartView; isMixed: boolean; range: { from: number; to: number }; study: Study }) {
  const { capability: text } = useChartsText()
  const format = useFormats()
  const { cpk, normality, count } = study.capability
  const said = format.number(cpk.value, 2)
  const state = cpk.value >= CAPABLE ? 'good' : cpk.value >= 1 ? 'warning' : 'alarm'
  const words = state === 'good' ? text.capable(said) : state === 'warning' ? text.barely(said) : text.notCapable(said)
  const isOut = view.charts.some(({ signals }) => signals.some(({ at }) => at >= range.from && at <= range.to))
  return (
    <>
      <p className="quality-verdict" data-state={state === 'good' ? 'ok' : state} data-testid="capability-verdict">
        {state === 'good' ? <Check size={20} aria-hidden /> : <TriangleAlert size={20} aria-hidden />}
        <span>
          <strong>{words}</strong> {text.of(format.number(study.points), format.number(count))}
        </span>
      </p>
      {isMixed && <Caution words={text.mixed} />}
      {isOut && !summaryOf(view).isInControl && <Caution words={text.outOfControl} />}
      {normality && normality.p < 0.05 && <Caution words={text.notNormal(pInWords(normality.p, format.number))} />}
    </>
  )
}

const Caution = ({ words }: { words: string }) => (
  <p className="quality-caution">
    <TriangleAlert size={16} aria-hidden /> {words}
  </p>
)

const pInWords = (p: number, number: (value: number, digits: number) => string): string => (p < 0.005 ? `< ${number(0.005, 3)}` : `= ${number(p, 3)}`)

function Pictures({ study, digits, unit }: { study: Study; digits: number; unit: string }) {
  const { capability: text } = useChartsText()
  const format = useFormats()
  const { mean, count, normality } = study.capability
  const p = normality ? pInWords(normality.p, format.number) : '–'
  return (
    <div className="quality-pictures">
      <figure>
        <figcaption>{text.histogram}</figcaption>
        <HistogramPicture
          study={study}
          say={(value) => format.number(value, digits)}
          unit={unit}
          label={text.histogramLabel(format.number(count), format.number(mean, digits + 1))}
        />
      </figure>
      <figure>
        <figcaption>{text.probability}</figcaption>
        <ProbabilityPicture
          plot={study.plot}
          say={(value) => format.number(value, digits)}
          percent={(share) => `${format.number(share * 100, share < 0.01 || share > 0.99 ? 1 : 0)} %`}
          label={text.probabilityLabel(p)}
        />
        <p className="quality-dim">{normality === null ? text.unknownNormal : normality.p < 0.05 ? text.notNormal(p) : text.normal(p)}</p>
      </figure>
    </div>
  )
}

function Indices({ study, choices }: { study: Study; choices: StudyChoices }) {
  const { capability: text } = useChartsText()
  const format = useFormats()
  const { cp, cpl, cpu, cpk, cpm, pp, ppl, ppu, ppk } = study.capability
  const rows: [string, CapabilityIndex | null, string][] = [
    ['Cp', cp, text.noIndex],
    ['Cpl', cpl, text.noIndex],
    ['Cpu', cpu, text.noIndex],
    ['Cpk', cpk, ''],
    ['Cpm', cpm, text.needsTarget],
  ]
  const overall: [string, CapabilityIndex | null, string][] = [
    ['Pp', pp, text.noIndex],
    ['Ppl', ppl, text.noIndex],
    ['Ppu', ppu, text.noIndex],
    ['Ppk', ppk, ''],
  ]
  const percent = format.number(choices.confidence * 100)
  return (
    <div className="quality-indices">
      {(
        [
          [text.potential, rows],
          [text.overall, overall],
        ] as const
      ).map(([title, list]) => (
        <table key={title} className="quality-table cw-numbers">
          <caption>{title}</caption>
          <thead>
            <tr>
              <th scope="col">{text.index}</th>
              <th scope="col">{text.value}</th>
              <th scope="col">{text.interval(percent)}</th>
            </tr>
          </thead>
          <tbody>
            {list.map(([name, index, why]) => (
              <tr key={name} data-testid={`index-${name}`}>
                <th scope="row">{name}</th>
                <td>{index ? <strong>{format.number(index.value, 2)}</strong> : <span className="quality-dim">{why}</span>}</td>
                <td>{index && `${format.number(index.lower, 2)} – ${format.number(index.upper, 2)}`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </div>
  )
}

function Figures({ study, digits, unit }: { study: Study; digits: number; unit: string }) {
  const { capability: text } = useChartsText()
  const format = useFormats()
  const { capability: found, shapiroWilk: shapiro } = study
  const say = (value: number, more = 0) => `${format.number(value, Math.min(9, digits + more))} ${unit}`.trim()
  const ppm = (value: number | null) => (value === null ? '–' : format.number(value, value > 0 && value < 10 ? 2 : 0))
  const figures: [string, string][] = [
    [text.count, format.number(found.count)],
    [text.mean, say(found.mean, 2)],
    [text.min, say(found.min)],
    [text.max, say(found.max)],
    [text.sigmaWithin, say(found.within.sigma, 3)],
    [text.estimator, text.estimators[found.within.estimator]],
    [text.sigmaOverall, say(found.overall.sigma, 3)],
    ...(found.normality
      ? [[text.andersonDarling, `${format.number(found.normality.adjusted, 3)} (p ${pInWords(found.normality.p, format.number)})`] as [string, string]]
      : []),
    ...(shapiro ? [[text.shapiroWilk, `${format.number(shapiro.statistic, 4)} (p ${pInWords(shapiro.p, format.number)})`] as [string, string]] : []),
  ]
  return (
    <div className="quality-indices">
      <table className="quality-table cw-numbers">
        <caption>{text.figures}</caption>
        <tbody>
          {figures.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <table className="quality-table cw-numbers">
        <caption>{text.ppm}</caption>
        <thead>
          <tr>
            <td />
            {[text.observed, text.expectedWithin, text.expectedOverall].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(['below', 'above', 'total'] as const).map((side) => (
            <tr key={side}>
              <th scope="row">{text[side]}</th>
              <td>{ppm(found.observedPpm[side])}</td>
              <td>{ppm(found.expectedWithinPpm[side])}</td>
              <td>{ppm(found.expectedOverallPpm[side])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function save(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: 'text/csv' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
