/**
 * Where the tool is and what it goes through: every move of a program passes here, is held against the envelope and the
 * keep-out boxes, added to the extents and told to the listener. Machine coordinates in mm.
 */
import { arcExtremes, PLANE_AXES, type PlannedArc } from './arc.ts'
import { AXIS_COUNT, AXIS_LETTERS, type MachineModel, type ModalState, type Motion, type ProgramFacts, type ProgramListener } from './contract.ts'
import { Extents } from './extents.ts'
import type { Findings } from './findings.ts'
import { createKeepOut, type KeepOut } from './keep-out.ts'
import { Slack } from './slack.ts'

/** Beyond the envelope by less than this is rounding, mm. */
const TOLERANCE = 0.001

const vector = (values?: ArrayLike<number>): Float64Array => {
  const made = new Float64Array(AXIS_COUNT)
  if (values) for (let axis = 0; axis < Math.min(AXIS_COUNT, values.length); axis += 1) made[axis] = values[axis] as number
  return made
}

export class Course {
  readonly axisCount: number
  readonly modal: ModalState
  /** By G20 and G21 of the program so far; undefined while it has named none. */
  units: ProgramFacts['units']
  readonly position: Float64Array
  /** Where the next move goes; filled by whoever asks for the move. */
  readonly target = new Float64Array(AXIS_COUNT)
  /** Work offset, G92 and tool length together. */
  readonly offset = new Float64Array(AXIS_COUNT)
  readonly workOffsets: Float64Array[]
  readonly g92: Float64Array
  readonly toolLength: Float64Array
  readonly g28: Float64Array
  readonly g30: Float64Array
  /** How far position, target and offsets may be from what is counted, after a probe. */
  readonly slack = { position: new Slack(), target: new Slack(), offset: new Slack(), g92: new Slack(), g28: new Slack(), g30: new Slack() }
  readonly workSlack: readonly Slack[] = Array.from({ length: 9 }, () => new Slack())
  /** Some place or offset depends on where a probe touches. */
  hasSlack = false
  /** Moves of a canned cycle: rapids into the work are its nature. */
  isInCycle = false
  readonly findings: Findings
  readonly #low = new Float64Array(AXIS_COUNT).fill(Number.NEGATIVE_INFINITY)
  readonly #high = new Float64Array(AXIS_COUNT).fill(Number.POSITIVE_INFINITY)
  readonly #model: MachineModel
  readonly #listener: ProgramListener
  readonly #motion: Motion
  readonly #keepOut: KeepOut | undefined
  readonly #extents = new Extents()
  readonly #arcBox = new Float64Array(4)
  readonly #lowPoint = new Float64Array(AXIS_COUNT)
  readonly #highPoint = new Float64Array(AXIS_COUNT)
  #toldSpindle = false

  constructor(model: MachineModel, listener: ProgramListener, findings: Findings) {
    this.#model = model
    this.#listener = listener
    this.findings = findings
    this.axisCount = model.dialect.axisCount
    this.modal = { ...model.modal }
    this.position = vector(model.positionMm)
    this.workOffsets = Array.from({ length: 9 }, (_, index) => vector(model.workOffsetsMm[index]))
    this.g92 = vector(model.g92Mm)
    this.toolLength = vector(model.toolLengthMm)
    this.g28 = vector(model.g28Mm)
    this.g30 = vector(model.g30Mm)
    const { min, max } = model.envelopeMm
    for (let axis = 0; axis < AXIS_COUNT; axis += 1) {
      const low = min[axis]
      const high = max[axis]
      if (low !== undefined) this.#low[axis] = low - TOLERANCE
      if (high !== undefined) this.#high[axis] = high + TOLERANCE
    }
    this.#keepOut = model.keepOut.length ? createKeepOut(model.keepOut) : undefined
    this.#motion = {
      kind: 'rapid',
      line: 0,
      column: 1,
      from: new Float64Array(AXIS_COUNT),
      to: new Float64Array(AXIS_COUNT),
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
      offsetMm: this.offset,
    }
    this.refreshOffset()
  }

  /** Works the whole offset out anew; to be called after each change of a part of it. */
  refreshOffset(): void {
    const { offset, g92, toolLength, modal } = this
    const work = this.workOffsets[modal.workOffset] as Float64Array
    if (this.hasSlack) this.refreshSlack()
    let isChanged = false
    for (let axis = 0; axis < AXIS_COUNT; axis += 1)
      if (offset[axis] !== (work[axis] as number) + (g92[axis] as number) + (toolLength[axis] as number)) isChanged = true
    if (!isChanged) return
    this.#extents.fold(offset)
    for (let axis = 0; axis < AXIS_COUNT; axis += 1) offset[axis] = (work[axis] as number) + (g92[axis] as number) + (toolLength[axis] as number)
  }

  /** Where the axis is depends on where a probe touches. */
  isUncertain(axis: number): boolean {
    return this.hasSlack && !(this.slack.position.isNoneIn(axis) && this.slack.offset.isNoneIn(axis))
  }

  /** Sets the target to where it stands. */
  stay(): void {
    this.target.set(this.position)
    if (this.hasSlack) this.slack.target.set(this.slack.position)
  }

  /** Sets one axis of the target. `from`: what the value is counted from. */
  aim(axis: number, to: number, from: 'machine' | 'position' | 'offset'): void {
    this.target[axis] = to
    if (!this.hasSlack) return
    if (from === 'machine') this.slack.target.setAxis(axis, 0, 0)
    else this.slack.target.copyAxis(axis, from === 'position' ? this.slack.position : this.slack.offset)
  }

  /** The slack of the whole offset, after a part of it was set from a place that a probe found. */
  refreshSlack(): void {
    const { slack } = this
    for (let axis = 0; axis < AXIS_COUNT; axis += 1) {
      slack.offset.copyAxis(axis, slack.g92)
      slack.offset.addAxis(axis, this.workSlack[this.modal.workOffset] as Slack)
    }
    this.hasSlack = !(
      slack.position.isNone &&
      slack.offset.isNone &&
      slack.g92.isNone &&
      slack.g28.isNone &&
      slack.g30.isNone &&
      this.workSlack.every((work) => work.isNone)
    )
  }

  /** Work coordinate of an axis, mm. */
  work(axis: number): number {
    return (this.position[axis] as number) - (this.offset[axis] as number)
  }

  /** Goes straight to `target`. `feed` in mm/min, 0 for a rapid. */
  straight(kind: Motion['kind'], feed: number, column: number): void {
    const { position, target } = this
    const n = this.axisCount
    const low = this.#low
    const high = this.#high
    const { min, max } = this.#extents
    if (this.#extents.isFresh) this.#extents.begin(kind !== 'rapid', position, target)
    for (let axis = 0; axis < n; axis += 1) {
      const to = target[axis] as number
      // an axis that stands outside already and is not moved is not this line's fault
      if (to === position[axis]) continue
      // written so that what is no number is outside too
      if (!(to >= (low[axis] as number) && to <= (high[axis] as number))) this.#outside(axis, to, column)
      if (to < (min[axis] as number)) min[axis] = to
      if (to > (max[axis] as number)) max[axis] = to
    }
    if (this.hasSlack) this.#straightWithSlack(column)
    if (kind === 'rapid') {
      if (!this.isInCycle && ((target[2] as number) < (this.offset[2] as number) || (position[2] as number) < (this.offset[2] as number)))
        this.#lowRapid(column)
    } else if (this.modal.spindle === 5 && !this.#toldSpindle) this.#spindleOff(kind, column)
    if (this.#keepOut && !this.hasSlack) this.#keepOutOfLine(column)
    if (this.#listener.motion) {
      const motion = this.#motion
      motion.sweep = 0
      motion.radius = 0
      this.#tell(kind, feed, column)
    }
    if (kind === 'probe') this.#touch()
    else if (this.hasSlack) this.#arrive()
    for (let axis = 0; axis < n; axis += 1) position[axis] = target[axis] as number
  }

  /** Goes round an arc to `target`. */
  arc(arc: PlannedArc, feed: number, column: number): void {
    const { position, target } = this
    const [a, b] = PLANE_AXES[arc.plane] as readonly [number, number, number]
    const box = this.#arcBox
    arcExtremes(box, {
      startA: position[a] as number,
      startB: position[b] as number,
      endA: target[a] as number,
      endB: target[b] as number,
      ...arc,
    })
    const { min, max } = this.#extents
    if (this.#extents.isFresh) this.#extents.begin(true, position, target)
    const low = this.#lowPoint
    const high = this.#highPoint
    for (let axis = 0; axis < this.axisCount; axis += 1) {
      const from = position[axis] as number
      const to = target[axis] as number
      low[axis] = Math.min(from, to)
      high[axis] = Math.max(from, to)
    }
    low[a] = box[0] as number
    high[a] = box[1] as number
    low[b] = box[2] as number
    high[b] = box[3] as number
    for (let axis = 0; axis < this.axisCount; axis += 1) {
      const least = low[axis] as number
      const most = high[axis] as number
      if (axis !== a && axis !== b && least === most) continue
      if (!(least >= (this.#low[axis] as number))) this.#outside(axis, least, column)
      else if (!(most <= (this.#high[axis] as number))) this.#outside(axis, most, column)
      if (least < (min[axis] as number)) min[axis] = least
      if (most > (max[axis] as number)) max[axis] = most
    }
    if (this.hasSlack) this.#arcWithSlack(a, b, column)
    if (this.modal.spindle === 5 && !this.#toldSpindle) this.#spindleOff('arc', column)
    const hit = this.hasSlack ? undefined : this.#keepOut?.arc(position, target, arc)
    if (hit) this.#entered(hit, column)
    if (this.#listener.motion) {
      const motion = this.#motion
      motion.plane = arc.plane
      motion.centreA = arc.centreA
      motion.centreB = arc.centreB
      motion.radius = arc.radius
      motion.sweep = arc.sweep
      this.#tell('arc', feed, column)
    }
    if (this.hasSlack) this.#arrive()
    for (let axis = 0; axis < this.axisCount; axis += 1) position[axis] = target[axis] as number
  }

  /** Length of the straight way to `target` in X, Y, Z; in the rotary axes' degrees where those do not move. */
  straightLength(): number {
    const { position, target } = this
    const x = (target[0] as number) - (position[0] as number)
    const y = (target[1] as number) - (position[1] as number)
    const z = (target[2] as number) - (position[2] as number)
    const linear = Math.sqrt(x * x + y * y + z * z)
    if (linear > 0) return linear
    let rotary = 0
    for (let axis = 3; axis < this.axisCount; axis += 1) rotary += ((target[axis] as number) - (position[axis] as number)) ** 2
    return Math.sqrt(rotary)
  }

  /** The spindle was switched: the next cut with it off is told again. */
  spindleChanged(): void {
    if (this.modal.spindle !== 5) this.#toldSpindle = false
  }

  /** Undefined without a move. */
  get extentsMm(): { min: Float64Array; max: Float64Array } | undefined {
    this.#extents.fold(this.offset)
    return this.#extents.machine(this.axisCount)
  }

  get workExtentsMm(): { min: Float64Array; max: Float64Array } | undefined {
    this.#extents.fold(this.offset)
    return this.#extents.work(this.axisCount)
  }

  /** The probe stops anywhere between here and the target. */
  #touch(): void {
    const { position, target, slack } = this
    for (let axis = 0; axis < this.axisCount; axis += 1) {
      const from = position[axis] as number
      const to = target[axis] as number
      const low = Math.min(from + (slack.position.low[axis] as number), to + (slack.target.low[axis] as number))
      const high = Math.max(from + (slack.position.high[axis] as number), to + (slack.target.high[axis] as number))
      slack.position.setAxis(axis, low - to, high - to)
    }
    this.refreshSlack()
  }

  #arrive(): void {
    this.slack.position.set(this.slack.target)
    this.refreshSlack()
  }

  /** Wherever the probe touches, the move must stay inside; the keep-out boxes are held against all it may sweep. */
  #straightWithSlack(column: number): void {
    const { position, target, slack } = this
    const low = this.#lowPoint
    const high = this.#highPoint
    for (let axis = 0; axis < this.axisCount; axis += 1) {
      const to = target[axis] as number
      const from = position[axis] as number
      low[axis] = Math.min(to + (slack.target.low[axis] as number), from + (slack.position.low[axis] as number))
      high[axis] = Math.max(to + (slack.target.high[axis] as number), from + (slack.position.high[axis] as number))
      const isMoved = to !== from || !slack.target.isSame(axis, slack.position)
      if (isMoved) this.#reach(axis, { low: to + (slack.target.low[axis] as number), high: to + (slack.target.high[axis] as number), column })
    }
    this.#sweep(column)
  }

  #arcWithSlack(a: number, b: number, column: number): void {
    const { slack } = this
    if (!slack.position.isSame(a, slack.target) || !slack.position.isSame(b, slack.target)) {
      this.findings.error(
        column,
        'position-unknown',
        'The arc begins at a place that a probe will find and ends at another: it cannot be checked. Go to its begin first (G90 or G53).',
      )
      return
    }
    for (let axis = 0; axis < this.axisCount; axis += 1) {
      const low = Math.min(slack.position.low[axis] as number, slack.target.low[axis] as number)
      const high = Math.max(slack.position.high[axis] as number, slack.target.high[axis] as number)
      if (low === 0 && high === 0) continue
      this.#lowPoint[axis] = (this.#lowPoint[axis] as number) + low
      this.#highPoint[axis] = (this.#highPoint[axis] as number) + high
      this.#reach(axis, { low: this.#lowPoint[axis] as number, high: this.#highPoint[axis] as number, column })
    }
    this.#sweep(column)
  }

  #reach(axis: number, { low, high, column }: { low: number; high: number; column: number }): void {
    const counted = this.target[axis] as number
    // what is outside for certain was told already
    if (counted < (this.#low[axis] as number) || counted > (this.#high[axis] as number)) return
    if (low < (this.#low[axis] as number)) this.#outside(axis, low, column, true)
    else if (high > (this.#high[axis] as number)) this.#outside(axis, high, column, true)
  }

  #sweep(column: number): void {
    const hit = this.#keepOut?.box(this.#lowPoint, this.#highPoint)
    if (hit) this.#entered(hit, column)
  }

  #tell(kind: Motion['kind'], feed: number, column: number): void {
    const motion = this.#motion
    const { from, to } = motion
    for (let axis = 0; axis < AXIS_COUNT; axis += 1) {
      from[axis] = this.position[axis] as number
      to[axis] = axis < this.axisCount ? (this.target[axis] as number) : (this.position[axis] as number)
    }
    motion.kind = kind
    motion.line = this.findings.line
    motion.column = column
    motion.feedMmPerMin = feed
    motion.tool = this.modal.tool
    motion.spindle = this.modal.spindle
    motion.spindleRpm = this.modal.spindleRpm
    motion.workOffset = this.modal.workOffset
    this.#listener.motion?.(motion)
  }

  #outside(axis: number, value: number, column: number, dependsOnProbe = false): void {
    const { min, max } = this.#model.envelopeMm
    const unit = axis < 3 ? 'mm' : 'degrees'
    const range = [min[axis] === undefined ? '' : `from ${min[axis]} `, max[axis] === undefined ? '' : `to ${max[axis]} `].join('')
    this.findings.error(
      column,
      'outside-envelope',
      `${AXIS_LETTERS[axis]} ${dependsOnProbe ? 'could, by where a probe touches,' : 'would'} reach ${value.toFixed(3)} ${unit} in machine coordinates (work offset ${(this.offset[axis] as number).toFixed(3)} ${unit}); the machine goes ${range}${unit}.`,
    )
  }

  #lowRapid(column: number): void {
    const { position, target, offset } = this
    const isAcross = position[0] !== target[0] || position[1] !== target[1]
    const from = (position[2] as number) - (offset[2] as number)
    const to = (target[2] as number) - (offset[2] as number)
    const lowest = Math.min(from, to)
    if (lowest >= -TOLERANCE || (!isAcross && to >= from)) return
    this.findings.warn(
      column,
      'rapid-below-zero',
      isAcross
        ? `A rapid goes across at Z ${lowest.toFixed(3)} mm, below the work zero: the tool may be in the work.`
        : `A rapid goes down to Z ${to.toFixed(3)} mm, below the work zero.`,
    )
  }

  #spindleOff(kind: Motion['kind'], column: number): void {
    if (kind === 'probe') return
    this.#toldSpindle = true
    this.findings.warn(column, 'spindle-off', 'A feed move begins here with the spindle off. For a laser, a drag knife or a pen that may be right.')
  }

  #keepOutOfLine(column: number): void {
    const hit = this.#keepOut?.line(this.position, this.target)
    if (hit) this.#entered(hit, column)
  }

  #entered(hit: { name: string; at: readonly [number, number, number] }, column: number): void {
    const at = hit.at.map((value) => value.toFixed(3)).join(', ')
    this.findings.error(
      column,
      'keep-out',
      `The move goes through "${hit.name}", which must be kept out of: it meets it at X, Y, Z ${at} mm in machine coordinates.`,
    )
  }
}
