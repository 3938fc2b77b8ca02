/**
 * One reading of a program by one tool, in a process of its own: `gcode-reader.ts TOOL FILE [TIMES]`. Tells a line of JSON. Our
 * engine reads from the disk in pieces; the peers get text and lines ready made, and only their own work is timed.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { parseLine } from 'gcode-parser'
import Toolpath from 'gcode-toolpath'
import { dialectFor, freshModalState, type MachineModel, type ProgramListener, readProgram } from '../../nodes/motion/gcode/index.ts'

const PIECE_BYTES = 64 * 1024
const zero = [0, 0, 0, 0, 0, 0]
const MB = 1024 * 1024

const model: MachineModel = {
  dialect: dialectFor('grblhal', { changesTools: true }),
  modal: freshModalState(),
  positionMm: zero,
  workOffsetsMm: Array.from({ length: 9 }, () => [10, 10, -40]),
  g92Mm: zero,
  toolLengthMm: zero,
  g28Mm: zero,
  g30Mm: zero,
  envelopeMm: { min: [0, 0, -80], max: [400, 300, 20] },
  keepOut: [],
  maxFeedMmPerMin: 5000,
  spindleRpm: { min: 1000, max: 24000 },
  maxDwellS: 60,
}

function ours(file: string, times: number, listener: ProgramListener, keepOut: MachineModel['keepOut'] = []) {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES)
  const rssBefore = process.memoryUsage().rss
  let peak = rssBefore
  let firstMs = 0
  const begun = performance.now()
  const reader = readProgram({ ...model, keepOut }, listener)
  for (let time = 0; time < times; time += 1) {
    const handle = openSync(file, 'r')
    for (;;) {
      const count = readSync(handle, buffer, 0, PIECE_BYTES, null)
      if (count === 0) break
      reader.add(buffer.subarray(0, count))
      firstMs ||= performance.now() - begun
      peak = Math.max(peak, process.memoryUsage.rss())
    }
    closeSync(handle)
  }
  const facts = reader.end()
  const ms = performance.now() - begun
  return { ms, firstMs, rssGrowthMb: (peak - rssBefore) / MB, lines: facts.sourceLines, errors: facts.errors }
}

const finding: ProgramListener = { finding() {} }
let sum = 0

const tools: Record<string, (file: string, times: number) => Record<string, number>> = {
  engine: (file, times) => ours(file, times, finding),
  'engine with keep-out boxes': (file, times) =>
    ours(file, times, finding, [
      { name: 'vice', min: [350, 0, -80], max: [400, 100, -30] },
      { name: 'clamp', min: [0, 250, -80], max: [40, 300, -20] },
    ]),
  'engine with every move told': (file, times) =>
    ours(file, times, {
      ...finding,
      motion(motion) {
        sum += motion.to[0] as number
      },
    }),
  'engine with every line written out': (file, times) =>
    ours(file, times, {
      ...finding,
      output(text) {
        sum += text.length
      },
    }),
  'gcode-parser': (file) => {
    const lines = readFileSync(file, 'utf8').split('\n')
    const begun = performance.now()
    for (const line of lines) sum += parseLine(line).words.length
    return { ms: performance.now() - begun, lines: lines.length - 1 }
  },
  'gcode-toolpath': (file) => {
    const text = readFileSync(file, 'utf8')
    const toolpath = new Toolpath({
      addLine: (_modal, _from, to) => {
        sum += to.x
      },
      addArcCurve: () => {},
    })
    const begun = performance.now()
    toolpath.loadFromStringSync(text)
    return { ms: performance.now() - begun }
  },
}

const [tool = '', file = '', times = '1'] = process.argv.slice(2)
const run = tools[tool]
if (!run) throw new Error(`There is no tool ${tool}`)
console.log(JSON.stringify({ ...run(file, Number(times)), sum }))
