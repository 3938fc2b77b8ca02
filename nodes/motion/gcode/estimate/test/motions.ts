/** Moves made by hand, and the virtual controller as a stop-watch. */
import { bench } from '../../../virtual/controller/test-bench.ts'
import type { MachineModel, Motion } from '../../contract.ts'

export function model(overrides: Partial<MachineModel> = {}): MachineModel {
  return {
    dialect: {
      id: 'grbl',
      axisCount: 3,
      maxLineLength: 79,
      gCodes: new Set(),
      mCodes: new Set(),
      workOffsetCount: 6,
      takes: { parameters: false, subprograms: false, cannedCycles: false, toolChange: false, blockDelete: false, lineNumbers: true },
    },
    modal: {
      motion: 0,
      plane: 170,
      isInches: false,
      isIncremental: false,
      isArcAbsolute: false,
      feedMode: 940,
      workOffset: 0,
      feed: 0,
      spindleRpm: 0,
      spindle: 5,
      isFloodOn: false,
      isMistOn: false,
      selectedTool: 0,
      tool: 0,
      returnsToR: false,
    },
    positionMm: new Float64Array(6),
    workOffsetsMm: [],
    g92Mm: new Float64Array(6),
    toolLengthMm: new Float64Array(6),
    g28Mm: new Float64Array(6),
    g30Mm: new Float64Array(6),
    envelopeMm: { min: [], max: [] },
    keepOut: [],
    maxRateMmPerMin: [6000, 6000, 3000],
    accelerationMmPerS2: [100, 100, 50],
    ...overrides,
  }
}

/** A move from where the last one ended. */
export type Way = { to: number[]; feed?: number; tool?: number; line?: number; rpm?: number } & (
  | { kind?: 'feed' | 'rapid' | 'probe' }
  | { kind: 'arc'; centre: [number, number]; sweep: number; plane?: number }
)

/** Gives the same object again and again, as the engine does. */
export function moves(ways: readonly Way[], take: (motion: Motion) => void, start: readonly number[] = [0, 0, 0]): void {
  const motion: Motion = {
    kind: 'feed',
    line: 0,
    column: 1,
    from: Float64Array.from([...start, 0, 0, 0].slice(0, 6)),
    to: new Float64Array(6),
    feedMmPerMin: 0,
    plane: 170,
    centreA: 0,
    centreB: 0,
    radius: 0,
    sweep: 0,
    tool: 0,
    spindle: 5,
    spindleRpm: 0,
    workOffset: 0,
    offsetMm: new Float64Array(6),
  }
  ways.forEach((way, index) => {
    motion.kind = way.kind ?? 'feed'
    motion.line = way.line ?? index + 1
    motion.tool = way.tool ?? 0
    motion.spindle = way.rpm === undefined ? 5 : 3
    motion.spindleRpm = way.rpm ?? 0
    motion.feedMmPerMin = motion.kind === 'rapid' ? 0 : (way.feed ?? 600)
    motion.to.set(motion.from)
    motion.to.set(way.to)
    if (way.kind === 'arc') {
      motion.plane = way.plane ?? 170
      motion.centreA = way.centre[0]
      motion.centreB = way.centre[1]
      motion.sweep = way.sweep
      const a = motion.plane === 170 ? 0 : motion.plane === 180 ? 2 : 1
      const b = motion.plane === 170 ? 1 : motion.plane === 180 ? 0 : 2
      motion.radius = Math.hypot((motion.from[a] as number) - motion.centreA, (motion.from[b] as number) - motion.centreB)
    }
    take(motion)
    motion.from.set(motion.to)
  })
}

/** @returns simulated seconds from the first byte until the virtual controller stands again, its receive buffer kept full */
export function runOnVirtualController(lines: readonly string[]): number {
  const { firmware, send, pass } = bench({}, { envelope: { min: [-400, -300, -100], max: [400, 300, 100] } })
  let seconds = 0
  const outstanding: number[] = []
  let bytes = 0
  const answered = (answers: readonly string[]) => {
    for (const answer of answers) {
      if (answer.startsWith('error') || answer.startsWith('ALARM')) throw new Error(`The virtual controller answered ${answer}`)
      if (answer === 'ok') bytes -= outstanding.shift() ?? 0
    }
  }
  const wait = () => {
    const next = firmware.secondsToEvent()
    if (!Number.isFinite(next)) throw new Error(`The virtual controller stands still in ${firmware.stateName}`)
    seconds += next
    answered(pass(next))
  }
  for (const line of lines) {
    while (bytes + line.length + 1 > 120) wait()
    outstanding.push(line.length + 1)
    bytes += line.length + 1
    answered(send(`${line}\n`))
  }
  while (Number.isFinite(firmware.secondsToEvent())) wait()
  return seconds
}
