/** The pictures of a study: where its variation comes from, and what shows it. Each has its data in a table of the report too. */
import type { ReactNode } from 'react'
import { d2, d3 } from '../../../nodes/quality/engine/constants/index.ts'
import type { StudyReading, StudyResult } from '../../../server/api/quality/studies.ts'
import { niceDistance } from '../plot/panel.ts'
import { useFormats } from '../use-quality-text.ts'
import { useStudyText } from './words.ts'

const WIDTH = 460
const HEIGHT = 270
const LEFT = 62
const RIGHT = 16
const TOP = 16
const FOOT = 44
/** So many names fit below an axis. */
const MOST_NAMES = 12
const DASHES = ['none', '7 4', '2 3', '10 3 2 3', '4 2']

type Crossed = Extract<StudyResult, { kind: 'crossed' }>
type Bias = Extract<StudyResult, { kind: 'bias' }>
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

interface Axes {
  x: (place: number) => number
  y: (value: number) => number
}

/** Values over named places, or over a number. */
function Plot({
  label,
  low,
  high,
  names,
  say,
  children,
  testId,
}: {
  label: string
  low: number
  high: number
  names: readonly string[]
  say: (value: number) => string
  children: (axes: Axes) => ReactNode
  testId?: string
}) {
  const room = (high - low || Math.abs(high) || 1) * 0.06
  const [from, to] = [low - room, high + room]
  const y = (value: number) => TOP + ((to - value) / (to - from)) * (HEIGHT - TOP - FOOT)
  const x = (place: number) => LEFT + ((place + 0.5) / names.length) * (WIDTH - LEFT - RIGHT)
  const distance = niceDistance(to - from, 5)
  const ticks: number[] = []
  for (let tick = Math.ceil(from / distance) * distance; tick <= to; tick += distance) ticks.push(Math.abs(tick) < distance / 1e6 ? 0 : tick)
  const every = Math.ceil(names.length / MOST_NAMES)
  return (
    <svg className="quality-picture" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} data-testid={testId}>
      {ticks.map((tick) => (
        <g key={tick}>
          <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(tick)} y2={y(tick)} className="picture-grid" />
          <text x={LEFT - 8} y={y(tick) + 5} textAnchor="end">
            {say(tick)}
          </text>
        </g>
      ))}
      {shortened(names).map(
        (name, place) =>
          place % every === 0 && (
            // biome-ignore lint/suspicious/noArrayIndexKey: names may be there twice
            <text key={place} x={x(place)} y={HEIGHT - FOOT + 22} textAnchor="middle">
              {name}
            </text>
          ),
      )}
      {children({ x, y })}
    </svg>
  )
}

/** What fits below its place; `Part 1` to `Part 12` by their numbers, where those tell them apart. */
function shortened(names: readonly string[]): readonly string[] {
  const room = Math.max(2, Math.floor((WIDTH - LEFT - RIGHT) / Math.min(names.length, MOST_NAMES) / 6.6))
  if (names.every((name) => name.length <= room)) return names
  const numbers = names.map((name) => /(\d+)$/.exec(name)?.[1] ?? '')
  if (numbers.every((number) => number !== '' && number.length <= room) && new Set(numbers).size === names.length) return numbers
  return names.map((name) => (name.length <= room ? name : `${name.slice(0, room - 1)}…`))
}

function Figure({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <figure>
      <figcaption>{title}</figcaption>
      {children}
      <p className="quality-dim">{text}</p>
    </figure>
  )
}

/** Bars of the gauge's and the parts' shares. */
export function Components({ result }: { result: Crossed }) {
  const { report: text } = useStudyText()
  const format = useFormats()
  const shown = (['gage-rr', 'repeatability', 'reproducibility', 'part'] as const).flatMap(
    (source) => result.lines.find((line) => line.source === source) ?? [],
  )
  const hasTolerance = shown.every(({ tolerancePercent }) => tolerancePercent !== null)
  const series = [
    { name: text.contribution, fill: 'picture-bar', of: (line: (typeof shown)[number]) => line.contributionPercent },
    { name: text.study, fill: 'picture-bar-2', of: (line: (typeof shown)[number]) => line.studyPercent },
    ...(hasTolerance ? [{ name: text.tolerance, fill: 'picture-bar-3', of: (line: (typeof shown)[number]) => line.tolerancePercent ?? 0 }] : []),
  ]
  const most = Math.max(100, ...shown.flatMap((line) => series.map(({ of }) => of(line))))
  const width = 84 / series.length
  return (
    <Figure title={text.components} text={text.componentsText}>
      <Plot
        label={shown.map((line) => `${text.sources[line.source]} ${format.number(line.studyPercent, 1)} %`).join(', ')}
        low={0}
        high={most}
        names={shown.map(({ source }) => text.short[source as keyof typeof text.short])}
        say={(value) => `${format.number(value)} %`}
        testId="components"
      >
        {({ x, y }) =>
          shown.flatMap((line, place) =>
            series.map(({ name, fill, of }, i) => (
              <rect
                key={`${line.source} ${name}`}
                className={fill}
                x={x(place) - 42 + i * width + 1}
                width={width - 2}
                y={y(of(line))}
                height={Math.max(0, y(0) - y(of(line)))}
              >
                <title>{`${text.sources[line.source]}, ${name}: ${format.number(of(line), 2)}`}</title>
              </rect>
            )),
          )
        }
      </Plot>
      <ul className="studies-legend">
        {series.map(({ name, fill }) => (
          <li key={name}>
            <svg width="14" height="14" aria-hidden>
              <rect width="14" height="14" className={fill} />
            </svg>
            {name}
          </li>
        ))}
      </ul>
    </Figure>
  )
}

type Read = Pick<StudyReading, 'part' | 'appraiser' | 'trial' | 'value'>
interface Picture {
  readings: readonly Read[]
  parts: readonly string[]
  appraisers: readonly string[]
  say: (value: number) => string
}

/** Every reading over its part, or over its appraiser, with a line through the means. */
export function Readings({
  readings,
  names,
  of,
  say,
  title,
  text,
}: Pick<Picture, 'readings' | 'say'> & { names: readonly string[]; of: 'part' | 'appraiser'; title: string; text: string }) {
  const groups = names.map((name) => readings.filter((one) => one[of] === name).map(({ value }) => value))
  const all = groups.flat()
  return (
    <Figure title={title} text={text}>
      <Plot
        label={`${title}: ${names.map((name, i) => `${name} ${say(meanOf(groups[i] ?? []))}`).join(', ')}`}
        low={Math.min(...all)}
        high={Math.max(...all)}
        names={names}
        say={say}
        testId={`by-${of}`}
      >
        {({ x, y }) => (
          <>
            <path
              className="picture-dots"
              d={groups.flatMap((values, place) => values.map((value) => `M${x(place).toFixed(1)} ${y(value).toFixed(1)}h0`)).join('')}
            />
            <polyline className="picture-curve" points={groups.map((values, place) => `${x(place).toFixed(1)},${y(meanOf(values)).toFixed(1)}`).join(' ')} />
          </>
        )}
      </Plot>
    </Figure>
  )
}

/** Means of each part, a line for each appraiser. */
export function Interaction({ readings, parts, appraisers, say }: Picture) {
  const { report: text } = useStudyText()
  const means = appraisers.map((appraiser) =>
    parts.map((part) => meanOf(readings.filter((one) => one.part === part && one.appraiser === appraiser).map(({ value }) => value))),
  )
  const all = means.flat()
  return (
    <Figure title={text.interaction} text={text.interactionText}>
      <Plot label={text.interaction} low={Math.min(...all)} high={Math.max(...all)} names={parts} say={say}>
        {({ x, y }) =>
          means.map((line, i) => (
            <polyline
              key={appraisers[i]}
              className="picture-curve"
              strokeDasharray={DASHES[i % DASHES.length]}
              points={line.map((value, place) => `${x(place).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}
            />
          ))
        }
      </Plot>
      <ul className="studies-legend">
        {appraisers.map((name, i) => (
          <li key={name}>
            <svg width="36" height="10" aria-hidden>
              <line x1="0" x2="36" y1="5" y2="5" className="picture-curve" strokeDasharray={DASHES[i % DASHES.length]} />
            </svg>
            {name}
          </li>
        ))}
      </ul>
    </Figure>
  )
}

/** The range of each part, appraiser beside appraiser, with the limit of a range chart. */
export function Ranges({ readings, parts, appraisers, say }: Picture) {
  const { report: text } = useStudyText()
  const ranges = appraisers.map((appraiser) =>
    parts.map((part) => {
      const values = readings.filter((one) => one.part === part && one.appraiser === appraiser).map(({ value }) => value)
      return Math.max(...values) - Math.min(...values)
    }),
  )
  const all = ranges.flat()
  const mean = meanOf(all)
  const trials = readings.length / all.length
  // D4 of a range chart: 1 + 3 d3 / d2
  const limit = mean * (1 + (3 * d3(trials)) / d2(trials))
  const names = appraisers.flatMap((appraiser) => parts.map((part) => `${appraiser} ${part}`))
  return (
    <Figure title={text.ranges} text={text.rangesText}>
      <Plot label={`${text.ranges}: ${text.limit} ${say(limit)}`} low={0} high={Math.max(limit, ...all)} names={names.map(() => '')} say={say}>
        {({ x, y }) => (
          <>
            <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(limit)} y2={y(limit)} className="picture-tolerance" />
            <text x={WIDTH - RIGHT} y={y(limit) - 6} textAnchor="end">
              {text.limit} {say(limit)}
            </text>
            {ranges.map((line, i) => (
              <g key={appraisers[i]}>
                <polyline
                  className="picture-curve"
                  points={line.map((value, place) => `${x(i * parts.length + place).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}
                />
                <path className="picture-dots" d={line.map((value, place) => `M${x(i * parts.length + place).toFixed(1)} ${y(value).toFixed(1)}h0`).join('')} />
                <text x={x(i * parts.length + (parts.length - 1) / 2)} y={HEIGHT - FOOT + 22} textAnchor="middle">
                  {appraisers[i]}
                </text>
              </g>
            ))}
          </>
        )}
      </Plot>
    </Figure>
  )
}

/** Bias over the reference, with the line and its band. */
export function Linearity({ result, readings, say }: { result: Bias; readings: readonly Read[]; say: (value: number) => string }) {
  const { report: text } = useStudyText()
  const { linearity } = result
  if (!linearity) return null
  const references = new Map(result.lines.map(({ part, reference }) => [part, reference]))
  const dots = readings.flatMap(({ part, value }) => {
    const reference = references.get(part)
    return reference === undefined ? [] : [{ reference, bias: value - reference }]
  })
  const { band } = linearity
  const all = [0, ...dots.map(({ bias }) => bias), ...band.flatMap(({ lower, upper }) => [lower, upper])]
  const low = band[0]?.reference ?? 0
  const high = band.at(-1)?.reference ?? 1
  const at = (reference: number) => LEFT + 20 + ((reference - low) / (high - low || 1)) * (WIDTH - LEFT - RIGHT - 40)
  return (
    <Figure title={text.linearity} text={text.linearityText}>
      <Plot label={text.linearity} low={Math.min(...all)} high={Math.max(...all)} names={['']} say={say} testId="linearity">
        {({ y }) => (
          <>
            <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(0)} y2={y(0)} className="picture-target" />
            <path className="picture-dots" d={dots.map(({ reference, bias }) => `M${at(reference).toFixed(1)} ${y(bias).toFixed(1)}h0`).join('')} />
            <polyline className="picture-curve" points={band.map(({ reference, bias }) => `${at(reference).toFixed(1)},${y(bias).toFixed(1)}`).join(' ')} />
            {(['lower', 'upper'] as const).map((side) => (
              <polyline
                key={side}
                className="picture-curve"
                data-which="overall"
                points={band.map((one) => `${at(one.reference).toFixed(1)},${y(one[side]).toFixed(1)}`).join(' ')}
              />
            ))}
            {band.map(({ reference }) => (
              <text key={reference} x={at(reference)} y={HEIGHT - FOOT + 22} textAnchor="middle">
                {say(reference)}
              </text>
            ))}
          </>
        )}
      </Plot>
    </Figure>
  )
}
