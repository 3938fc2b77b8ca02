/** What a program does with each of its tools, gathered move by move. */
import type { ToolUse } from '../../program.ts'
import type { Motion } from '../contract.ts'

const TURN = 2 * Math.PI

/** Collects {@link ToolUse}. Times come later than the moves: a planner looks ahead. */
export class ToolSummary {
  private readonly tools: ToolUse[] = []
  private readonly slots = new Map<number, number>()
  private lastTool = Number.NaN
  private lastSlot = -1
  cuttingMm = 0
  rapidMm = 0

  /** @returns the number under which this tool's time is added */
  motion(motion: Readonly<Motion>): number {
    const slot = motion.tool === this.lastTool ? this.lastSlot : this.open(motion.tool, motion.line)
    const use = this.tools[slot] as ToolUse
    const { from, to } = motion
    const x = (to[0] as number) - (from[0] as number)
    const y = (to[1] as number) - (from[1] as number)
    const z = (to[2] as number) - (from[2] as number)
    if (motion.kind === 'rapid') {
      const length = Math.sqrt(x * x + y * y + z * z)
      use.rapidMm += length
      this.rapidMm += length
      return slot
    }
    let length: number
    let lowest = Math.min(to[2] as number, from[2] as number)
    if (motion.kind === 'arc') {
      const linear = motion.plane === 170 ? z : motion.plane === 180 ? y : x
      const swept = motion.radius * motion.sweep
      length = Math.sqrt(swept * swept + linear * linear)
      if (motion.plane !== 170) lowest = Math.min(lowest, lowestOnArc(motion))
    } else length = Math.sqrt(x * x + y * y + z * z)
    use.cuttingMm += length
    this.cuttingMm += length
    lowest -= motion.offsetMm[2] as number
    if (lowest < use.minZMm) use.minZMm = lowest
    const feed = motion.feedMmPerMin
    if (feed < use.feedMmPerMin.min) use.feedMmPerMin.min = feed
    if (feed > use.feedMmPerMin.max) use.feedMmPerMin.max = feed
    if (motion.spindle !== 5) {
      const rpm = motion.spindleRpm
      if (rpm < use.spindleRpm.min) use.spindleRpm.min = rpm
      if (rpm > use.spindleRpm.max) use.spindleRpm.max = rpm
    }
    return slot
  }

  /** The tool a wait is counted for: the one moved last. */
  get currentSlot(): number {
    return this.lastSlot
  }

  addSeconds(slot: number, seconds: number): void {
    const use = this.tools[slot]
    if (use) use.seconds += seconds
  }

  /** In the order of their first use. What was never cut with has ranges 0 and Z 0. */
  uses(): ToolUse[] {
    return this.tools.map((use) => ({
      ...use,
      feedMmPerMin: closedRange(use.feedMmPerMin),
      spindleRpm: closedRange(use.spindleRpm),
      minZMm: Number.isFinite(use.minZMm) ? use.minZMm : 0,
    }))
  }

  private open(tool: number, line: number): number {
    let slot = this.slots.get(tool)
    if (slot === undefined) {
      slot = this.tools.length
      this.slots.set(tool, slot)
      const open = () => ({ min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY })
      this.tools.push({
        tool,
        firstLine: line,
        cuttingMm: 0,
        rapidMm: 0,
        seconds: 0,
        feedMmPerMin: open(),
        spindleRpm: open(),
        minZMm: Number.POSITIVE_INFINITY,
      })
    }
    this.lastTool = tool
    this.lastSlot = slot
    return slot
  }
}

function closedRange(range: { min: number; max: number }): { min: number; max: number } {
  return range.max >= range.min ? range : { min: 0, max: 0 }
}

/** G18 (ZX, first axis Z) and G19 (YZ, second axis Z): lowest machine Z the arc sweeps through. */
function lowestOnArc(motion: Readonly<Motion>): number {
  const isFirst = motion.plane === 180
  const centreZ = isFirst ? motion.centreA : motion.centreB
  const a = ((isFirst ? motion.from[2] : motion.from[1]) as number) - motion.centreA
  const b = ((isFirst ? motion.from[0] : motion.from[2]) as number) - motion.centreB
  const lowestAngle = isFirst ? Math.PI : -Math.PI / 2
  const start = Math.atan2(b, a)
  let way = motion.sweep >= 0 ? lowestAngle - start : start - lowestAngle
  way = ((way % TURN) + TURN) % TURN
  return way <= Math.abs(motion.sweep) ? centreZ - motion.radius : Number.POSITIVE_INFINITY
}
