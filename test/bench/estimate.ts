/**
 * `npm run bench estimate`: what is worked out of a program of 1,000,000 short moves beyond reading it: the whole report with
 * the time estimate, the drawing; and a new program made of 100,000 of them, proof included. The floor, in the same run, is
 * the engine reading the same bytes with nobody listening.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createProgramReport,
  createToolpath,
  dialectFor,
  freshModalState,
  type MachineModel,
  type ProgramListener,
  readProgram,
  transformProgramSync,
} from '../../nodes/motion/gcode/index.ts'
import { type Bench, conditions, keepSamples, median, round } from './bench.ts'
import { writeFinishingProgram } from './gcode-program.ts'

const LINES = 1_000_000
const TRANSFORMED_LINES = 100_000
const ROUNDS = 3
const zero = [0, 0, 0, 0, 0, 0]

const model: MachineModel = {
  dialect: dialectFor('grblhal', { changesTools: true }),
  modal: freshModalState(),
  positionMm: zero,
  workOffsetsMm: Array.from({ length: 9 }, () => zero),
  g92Mm: zero,
  toolLengthMm: zero,
  g28Mm: zero,
  g30Mm: zero,
  envelopeMm: { min: [-500, -500, -500], max: [500, 500, 500] },
  keepOut: [],
  maxRateMmPerMin: [5000, 5000, 2000],
  accelerationMmPerS2: [400, 400, 200],
}

function read(bytes: Uint8Array, listener: ProgramListener) {
  const reader = readProgram(model, listener)
  reader.add(bytes)
  return reader.end()
}

function report(bytes: Uint8Array, keepsTimeline: boolean): void {
  const collector = createProgramReport(model, { keepsTimeline })
  const { estimateS } = collector.finish(read(bytes, collector.listener))
  if (!(estimateS > 0)) throw new Error('The estimate of a good program is nothing')
}

function draw(bytes: Uint8Array): void {
  const collector = createToolpath(model)
  read(bytes, collector.listener)
  if (collector.end().levels[0]?.segments === 0) throw new Error('The drawing of a good program is empty')
}

const ways: Record<string, { lines: number; run: (bytes: Uint8Array) => void }> = {
  'reading alone': { lines: LINES, run: (bytes) => void read(bytes, {}) },
  'report with the estimate': { lines: LINES, run: (bytes) => report(bytes, false) },
  'the same with the times by line': { lines: LINES, run: (bytes) => report(bytes, true) },
  drawing: { lines: LINES, run: draw },
  'transform: offset': { lines: TRANSFORMED_LINES, run: (bytes) => void transformProgramSync(bytes, { kind: 'offset', byMm: [1, 2, 3] }) },
  'transform: optimise': {
    lines: TRANSFORMED_LINES,
    run: (bytes) => void transformProgramSync(bytes, { kind: 'optimise', toleranceMm: 0.01, dropsRedundantWords: true, mergesLines: true, fitsArcs: true }),
  },
}

export const bench: Bench = async ({ tell }) => {
  const dir = await mkdtemp(join(tmpdir(), 'cellwright-bench-estimate-'))
  try {
    const programs = new Map<number, Uint8Array>()
    for (const lines of [LINES, TRANSFORMED_LINES]) {
      const file = join(dir, `${lines}.nc`)
      await writeFinishingProgram(file, lines)
      programs.set(lines, await readFile(file))
    }
    const samples: Record<string, number[]> = Object.fromEntries(Object.keys(ways).map((what) => [what, []]))
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      tell(`Round ${turn + 1} of ${ROUNDS}`)
      for (const [what, { lines, run }] of Object.entries(ways)) {
        const begun = performance.now()
        run(programs.get(lines) as Uint8Array)
        samples[what]?.push(performance.now() - begun)
      }
    }
    const best = (what: string) => Math.min(...(samples[what] ?? []))
    const perSecond = (what: string, ms = best(what)) => Math.round(((ways[what]?.lines ?? 0) / ms) * 1000)
    return {
      rows: Object.entries(ways).map(([what, { lines }]) => ({
        what,
        lines,
        n: ROUNDS,
        'median ms': round(median(samples[what] ?? []), 0),
        'best ms': round(best(what), 0),
        'M lines/s': round(perSecond(what) / 1e6, 2),
      })),
      figures: {
        reportLinesPerSecond: perSecond('report with the estimate'),
        estimateLinesPerSecond: perSecond('report with the estimate', best('report with the estimate') - best('reading alone')),
        drawingLinesPerSecond: perSecond('drawing'),
        offsetLinesPerSecond: perSecond('transform: offset'),
        optimiseLinesPerSecond: perSecond('transform: optimise'),
        n: ROUNDS,
        conditions: conditions({ lines: LINES, transformedLines: TRANSFORMED_LINES, bytes: programs.get(LINES)?.length ?? 0, ratios: 'best of n' }),
        samples: await keepSamples('estimate', samples),
      },
    }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
