/** Reports from the engine's figures: what is drawn, what is in the file, and that nothing typed becomes a formula or markup. */
import { inflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { controlChart } from '../../../nodes/quality/engine/charts/index.ts'
import type { CapabilityView, CharacteristicDefinition, ChartView } from '../../api/index.ts'
import { capabilityContent, capabilityRows } from './capability-report.ts'
import { drawPanel } from './chart-drawing.ts'
import { chartContent, chartRows } from './chart-report.ts'
import { contentWidth, type PdfDocument } from './contract.ts'
import { csvLine, csvOf } from './csv.ts'
import { pdfOf } from './pdf.ts'
import { wordsOf } from './words/index.ts'

const definition: CharacteristicDefinition = {
  name: 'bore <diameter> & "fit"',
  part: 'BRK-1042',
  partRevision: 'C',
  unit: 'mm',
  decimals: 3,
  nominal: 74,
  lower: 73.95,
  upper: 74.05,
  chart: { kind: 'xbar-r', subgroupSize: 5, rules: ['nelson-1', 'nelson-2'], autoLimitsAfter: 25 },
  overdueGauge: 'flag',
  asks: [],
  uniqueSerials: false,
  afterSignal: 'nothing',
  afterOutOfTolerance: 'nothing',
  isRetired: false,
}

/** So many subgroups of five that wander, the same each time; the last is far out. */
function view(count: number): ChartView {
  const values = Array.from({ length: count }, (_, i) =>
    Array.from({ length: 5 }, (__, j) => 74 + Math.round(Math.sin(i * 1.7 + j * 2.3) * 12) / 1000 + (i === count - 1 ? 0.06 : 0)),
  )
  const half = Math.floor(count / 2)
  const subgroups = values.map((each, i) => ({ values: each, phase: i < half ? 'first' : 'new spindle', ...(i === 3 ? { excluded: true } : {}) }))
  const result = controlChart(subgroups, { kind: 'xbar-r', rules: { on: ['nelson-1', 'nelson-2'] }, limitsFromPhase: 'first' })
  return {
    characteristicId: 'chr_1',
    revision: 2,
    kind: 'xbar-r',
    total: count,
    points: {
      subgroup: values.map((_, i) => i + 1),
      at: values.map((_, i) => Date.UTC(2026, 0, 5, 6) + i * 1_800_000),
      size: values.map(() => null),
      excluded: values.map((_, i) => (i === 3 ? 1 : 0)),
      outOfTolerance: values.map((_, i) => (i === count - 1 ? 1 : 0)),
      corrected: values.map(() => 0),
      values,
    },
    openValues: 0,
    charts: result.charts.map(({ name, points, limits, signals }) => ({
      name,
      value: [...points.value],
      lines: limits.map(({ from, to, center, lower, upper, sigma }) => ({ from, to, center, lower, upper, sigma })),
      signals,
    })),
    phases: result.phases.map(({ phase, from, to, center, sigma }) => ({ limitId: `lim_${phase}`, name: phase ?? '', from, to, center, sigma })),
    marks: [{ id: 'mrk_1', kind: 'exclude', subgroup: 4, text: '=HYPERLINK("http://x") chip in the gauge', by: 'Anna', at: '2026-01-05T08:00:00.000Z' }],
    signals: [],
  } as ChartView
}

const documentOf = (content: PdfDocument['content'], language: 'en' | 'de' = 'en'): PdfDocument => ({
  language,
  orientation: 'landscape',
  title: wordsOf(language).titles.chart,
  subject: definition.name,
  shop: 'Werk Süd',
  by: 'Änne Groß',
  at: new Date(Date.UTC(2026, 0, 6)),
  content,
})

/** What a PDF's streams hold, unpacked. */
function streamsOf(pdf: Buffer): string {
  const text = pdf.toString('latin1')
  return [...text.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)]
    .map(([, body = '']) => {
      try {
        return inflateSync(Buffer.from(body, 'latin1')).toString('latin1')
      } catch {
        return body
      }
    })
    .join('\n')
}
const pagesOf = (pdf: Buffer): number => Number(/\/Type \/Pages[\s\S]*?\/Count (\d+)/.exec(pdf.toString('latin1'))?.[1])

describe('a PDF', () => {
  it('carries its fonts with it and draws the chart as lines, not as a picture', async () => {
    const words = wordsOf('de')
    const pdf = await pdfOf(documentOf(chartContent({ chart: view(60), definition, words, width: contentWidth('a4', 'landscape') }), 'de'))
    const text = pdf.toString('latin1')
    expect(text.startsWith('%PDF-1.')).toBe(true)
    expect(text).toContain('/FontFile2')
    expect(text).toContain('/Lang (de-DE)')
    expect(text).not.toContain('/Subtype /Image')
    // the points of both panels and more: circles are curves
    expect(streamsOf(pdf).match(/ c\n/g)?.length ?? 0).toBeGreaterThan(60 * 2 * 4 - 1)
    expect(pagesOf(pdf)).toBeGreaterThanOrEqual(1)
  })

  it('is made beside the gateway: its loop goes on while a long one is typeset', async () => {
    let beats = 0
    const beat = setInterval(() => (beats += 1), 5)
    const rows = Array.from({ length: 1500 }, (_, i) => ({ text: `row ${i}` }))
    const pdf = await pdfOf(documentOf(rows))
    clearInterval(beat)
    expect(pagesOf(pdf)).toBeGreaterThan(20)
    expect(beats).toBeGreaterThan(20)
  })

  it('reaches no file and no address, whatever is in it', async () => {
    await expect(pdfOf(documentOf([{ image: '/etc/hostname' }]))).rejects.toMatchObject({ code: 'report-failed' })
    await expect(pdfOf(documentOf([{ image: 'http://127.0.0.1:9/x.png' }]))).rejects.toMatchObject({ code: 'report-failed' })
  })
})

describe('the drawing of a panel', () => {
  const draw = (chart: ChartView, panel = chart.charts[0]) => {
    if (!panel) throw new Error('no panel')
    return drawPanel({ panel, chart, width: 700, height: 150, title: '<Mean> & "more"', decimals: 3, words: wordsOf('en'), namesPhases: true })
  }

  it('has limits in steps by phase, its phases by name, and the letters of a rule where it holds', () => {
    const svg = draw(view(60))
    expect(svg).toContain('>UCL 74.')
    expect(svg).toContain('>new spindle<')
    expect(svg).toContain('>N1<')
    expect(svg).toContain('&lt;Mean&gt; &amp; &quot;more&quot;')
  })

  it('drops no point beyond a limit when there are more points than there is room', () => {
    const chart = view(20_000)
    const [panel] = chart.charts
    if (!panel) throw new Error('no panel')
    // one point in the crowd, far out
    const values = [...panel.value]
    values[12_345] = 80
    const svg = draw(chart, { ...panel, value: values, signals: [] })
    const ys = [...svg.matchAll(/<path d="([^"]{2000,})"/g)].flatMap(([, d = '']) => [...d.matchAll(/ (-?[\d.]+)/g)].map(([, y]) => Number(y)))
    // the axis goes up to it, so the highest of the drawn line is it
    expect(Math.min(...ys)).toBeLessThan(24 + 10)
    expect(svg.length).toBeLessThan(200_000)
  })
})

describe('a CSV', () => {
  it('never hands a formula to a spreadsheet, and quotes what holds a comma, a quote or a line end', () => {
    expect(csvLine(['=1+1', '+1', '-1', '@a', '\t=1', ' =1', 'a,b', 'a"b', 'a\r\nb', -1, null, true, '＝1'])).toBe(
      `'=1+1,'+1,'-1,'@a,'\t=1,' =1,"a,b","a""b","a\r\nb",-1,,1,'＝1\r\n`,
    )
  })

  it('of a chart has a row for each point with its limits and rules', async () => {
    const rows = [...chartRows(view(60))]
    expect(rows).toHaveLength(61)
    const [head = [], ...body] = rows
    const column = (name: string) => head.indexOf(name)
    expect(body[0]?.[column('xbar_upper')]).toBe(view(60).charts[0]?.lines[0]?.upper)
    expect(body[59]?.[column('xbar_rules')]).toContain('nelson-1')
    expect(body[3]?.[column('excluded')]).toBe(1)
    expect(await csvOf(rows)).toContain('"exclude: =HYPERLINK(""http://x"") chip in the gauge"')
    expect(new Set(rows.map(({ length }) => length)).size).toBe(1)
  })
})

describe('a capability report', () => {
  const index = (value: number) => ({ value, lower: value * 0.9, upper: value * 1.1, confidence: 0.95, df: 99 })
  const ppm = { below: 0, above: 12.5, total: 12.5 }
  const levels = { lower: 5, upper: 4, bench: 4 }
  const capability: CapabilityView = {
    characteristicId: 'chr_1',
    revision: 2,
    values: 125,
    subgroups: 25,
    excluded: 0,
    mean: 74.001,
    min: 73.98,
    max: 74.02,
    tolerance: { lower: 73.95, upper: 74.05, target: 74 },
    indices: {
      within: { sigma: 0.0098, df: 99, estimator: 'rbar' },
      overall: { sigma: 0.0101, df: 124 },
      cp: index(1.7),
      cpl: index(1.74),
      cpu: index(1.66),
      cpk: index(1.66),
      cpm: index(1.69),
      pp: index(1.65),
      ppl: index(1.69),
      ppu: index(1.61),
      ppk: index(1.61),
      cpmOverall: null,
      observedPpm: ppm,
      expectedWithinPpm: ppm,
      expectedOverallPpm: ppm,
      sigmaLevelWithin: levels,
      sigmaLevelOverall: levels,
    },
    signals: 2,
    normality: { statistic: 0.31, adjusted: 0.31, p: 0.55, isBound: false },
    histogram: Array.from({ length: 9 }, (_, i) => ({ from: 73.98 + i * 0.005, to: 73.985 + i * 0.005, count: [1, 5, 14, 24, 30, 25, 15, 8, 3][i] ?? 0 })),
    normalPlot: { value: [73.98, 73.99, 74, 74.01, 74.02], score: [-1.2, -0.5, 0, 0.5, 1.2], mean: 74.001, standardDeviation: 0.0101 },
  }

  it('says that an unstable process has no capability, and draws histogram and probability plot', async () => {
    const words = wordsOf('en')
    const content = capabilityContent({ view: capability, definition, words, width: contentWidth('letter', 'portrait') })
    expect(JSON.stringify(content)).toContain('a process that is not stable has no capability')
    const pdf = await pdfOf({ ...documentOf(content), orientation: 'portrait', paper: 'letter' })
    expect(pdf.toString('latin1')).toContain('/MediaBox [0 0 612 792]')
  })

  it('as a table has each index with its interval, and an empty one where there is none', () => {
    const rows = new Map([...capabilityRows(capability)].map(([name, ...rest]) => [name, rest]))
    expect(rows.get('cpk')).toEqual([1.66, 1.66 * 0.9, 1.66 * 1.1, 0.95, 99])
    expect(rows.get('cpm_overall')?.[0]).toBeUndefined()
    expect(rows.get('observed_ppm')).toEqual([12.5])
  })
})
