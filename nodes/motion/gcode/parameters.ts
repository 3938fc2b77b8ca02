/**
 * Parameters of RS274/NGC: `#1` to `#5602` and `#<name>` (LinuxCNC "G-code overview", Parameters). What only the controller can
 * know while it runs (a probe's result, a digital input) is refused, never guessed.
 */
import { AXIS_COUNT } from './contract.ts'
import type { Interpreter } from './interpreter.ts'

/** `#1` to `#30` belong to a subroutine. */
const LOCALS = 30
const MOST_PARAMETER = 5602
/** User parameters end here; above are the controller's. */
const MOST_USER = 5000
const MOST_NAMED = 100_000

interface Frame {
  numbered: Float64Array
  isSet: Uint8Array
  named: Map<string, number>
}

const freshFrame = (): Frame => ({ numbered: new Float64Array(LOCALS + 1), isSet: new Uint8Array(LOCALS + 1), named: new Map() })

/** A parameter that cannot be read or written; the message is a whole sentence. */
export class ParameterProblem extends Error {
  readonly code: 'parameter-unknown' | 'parameter-read-only' | 'parameter-invalid'
  constructor(code: ParameterProblem['code'], text: string) {
    super(text)
    this.code = code
  }
}

export class Parameters {
  readonly #interpreter: Interpreter
  readonly #globals = new Map<number, number>()
  readonly #named = new Map<string, number>()
  readonly #frames: Frame[] = [freshFrame()]
  #value = 0
  #isValueReturned = false

  constructor(interpreter: Interpreter) {
    this.#interpreter = interpreter
  }

  /** Subroutines that are being run. */
  get depth(): number {
    return this.#frames.length - 1
  }

  /** A subroutine begins: its `#1`… are the arguments, the rest as where it was called. */
  enter(args: readonly number[]): void {
    const caller = this.#top
    const frame = freshFrame()
    frame.numbered.set(caller.numbered)
    frame.isSet.set(caller.isSet)
    args.forEach((value, index) => {
      frame.numbered[index + 1] = value
      frame.isSet[index + 1] = 1
    })
    this.#frames.push(frame)
    this.#value = 0
    this.#isValueReturned = false
  }

  leave(value?: number): void {
    this.#frames.pop()
    this.#value = value ?? 0
    this.#isValueReturned = value !== undefined
  }

  get #top(): Frame {
    return this.#frames[this.#frames.length - 1] as Frame
  }

  /** @throws ParameterProblem @returns its value, and whether the program has set it */
  numbered(index: number): { value: number; isSet: boolean } {
    if (!Number.isInteger(index) || index < 1 || index > MOST_PARAMETER)
      throw new ParameterProblem('parameter-invalid', `There is no parameter #${index}: they go from #1 to #${MOST_PARAMETER}.`)
    if (index <= LOCALS) return { value: this.#top.numbered[index] as number, isSet: this.#top.isSet[index] === 1 }
    if (index <= MOST_USER) {
      const value = this.#globals.get(index)
      return { value: value ?? 0, isSet: value !== undefined }
    }
    return { value: this.#system(index), isSet: true }
  }

  /** @throws ParameterProblem */
  setNumbered(index: number, value: number): void {
    if (!Number.isInteger(index) || index < 1 || index > MOST_PARAMETER)
      throw new ParameterProblem('parameter-invalid', `There is no parameter #${index}: they go from #1 to #${MOST_PARAMETER}.`)
    if (index > MOST_USER) throw new ParameterProblem('parameter-read-only', `#${index} belongs to the controller; a program may set #1 to #${MOST_USER}.`)
    if (index <= LOCALS) {
      this.#top.numbered[index] = value
      this.#top.isSet[index] = 1
    } else this.#globals.set(index, value)
  }

  /** @param name lower case, without spaces @returns undefined for one that does not exist @throws ParameterProblem */
  named(name: string): number | undefined {
    if (!name.startsWith('_')) return this.#top.named.get(name)
    return this.#named.get(name) ?? this.#predefined(name)
  }

  /** @throws ParameterProblem */
  setNamed(name: string, value: number): void {
    const names = name.startsWith('_') ? this.#named : this.#top.named
    if (name.startsWith('_') && this.#predefined(name) !== undefined)
      throw new ParameterProblem('parameter-read-only', `#<${name}> tells the controller's state and cannot be set.`)
    if (names.size >= MOST_NAMED) throw new ParameterProblem('parameter-invalid', `The program has more than ${MOST_NAMED} named parameters.`)
    names.set(name, value)
  }

  #unknown(what: string, why: string): never {
    throw new ParameterProblem('parameter-unknown', `${what} ${why}, so the program cannot be checked or written out before it runs.`)
  }

  #system(index: number): number {
    const { course, scale } = this.#interpreter
    const axisOf = (first: number) => index - first
    const isAxis = (first: number) => index >= first && index < first + 9
    const at = (values: Float64Array, first: number) => (axisOf(first) < AXIS_COUNT ? (values[axisOf(first)] as number) : 0)
    const inUnits = (value: number, axis: number) => (axis < 3 ? value / scale : value)
    if (isAxis(5021)) return inUnits(this.#position(`#${index}`, axisOf(5021)), axisOf(5021))
    if (index >= 5061 && index <= 5070) this.#unknown(`#${index}`, 'is what a probe will find')
    if (isAxis(5081)) return inUnits(at(course.toolLength, 5081), axisOf(5081))
    if (isAxis(5161)) return at(course.g28, 5161)
    if (isAxis(5181)) return at(course.g30, 5181)
    if (index === 5210) return course.g92.some((value) => value !== 0) ? 1 : 0
    if (isAxis(5211)) return at(course.g92, 5211)
    if (index === 5220) return course.modal.workOffset + 1
    if (index >= 5221 && index <= 5390) {
      const system = Math.floor((index - 5221) / 20)
      const axis = (index - 5221) % 20
      const offsets = course.workOffsets[system]
      if (axis === 9) return 0
      if (offsets && axis < 9) return axis < AXIS_COUNT ? (offsets[axis] as number) : 0
    }
    if (index === 5400) return course.modal.tool
    if (index >= 5420 && index <= 5428) {
      const axis = axisOf(5420)
      if (axis >= AXIS_COUNT) return 0
      return inUnits(this.#position(`#${index}`, axis) - (course.offset[axis] as number), axis)
    }
    if (index === 5599) return 1
    return this.#unknown(`#${index}`, 'is known to the controller only')
  }

  #position(what: string, axis: number): number {
    const { course } = this.#interpreter
    if (course.isUncertain(axis)) this.#unknown(what, 'depends on where a probe will touch')
    return axis < AXIS_COUNT ? (course.position[axis] as number) : 0
  }

  /** @returns undefined for a name that the language does not predefine */
  #predefined(name: string): number | undefined {
    const { course, scale, findings } = this.#interpreter
    const { modal } = course
    const flag = (isOn: boolean) => (isOn ? 1 : 0)
    const place = /^_(abs_)?([xyzabc])$/.exec(name)
    if (place) {
      const axis = 'xyzabc'.indexOf(place[2] as string)
      const value = this.#position(`#<${name}>`, axis) - (place[1] ? 0 : (course.offset[axis] as number))
      return axis < 3 ? value / scale : value
    }
    switch (name) {
      case '_line':
        return findings.line
      case '_motion_mode':
        return modal.motion
      case '_plane':
        return modal.plane
      case '_ccomp':
        return 400
      case '_metric':
        return flag(!modal.isInches)
      case '_imperial':
        return flag(modal.isInches)
      case '_absolute':
        return flag(!modal.isIncremental)
      case '_incremental':
        return flag(modal.isIncremental)
      case '_inverse_time':
        return flag(modal.feedMode === 930)
      case '_units_per_minute':
        return flag(modal.feedMode === 940)
      case '_units_per_rev':
        return flag(modal.feedMode === 950)
      case '_coord_system':
        return modal.workOffset < 6 ? 540 + modal.workOffset * 10 : 591 + modal.workOffset - 6
      case '_tool_offset':
        return flag(course.toolLength.some((value) => value !== 0))
      case '_retract_r_plane':
        return flag(modal.returnsToR)
      case '_retract_old_z':
        return flag(!modal.returnsToR)
      case '_spindle_rpm_mode':
      case '_lathe_radius_mode':
        return 1
      case '_spindle_css_mode':
      case '_lathe_diameter_mode':
        return 0
      case '_ijk_absolute_mode':
        return flag(modal.isArcAbsolute)
      case '_spindle_on':
        return flag(modal.spindle !== 5)
      case '_spindle_cw':
        return flag(modal.spindle === 3)
      case '_mist':
        return flag(modal.isMistOn)
      case '_flood':
        return flag(modal.isFloodOn)
      case '_feed':
        return modal.feedMode === 930 ? modal.feed : modal.feed / scale
      case '_rpm':
        return modal.spindleRpm
      case '_current_tool':
        return modal.tool
      case '_selected_tool':
        return modal.selectedTool
      case '_value':
        return this.#value
      case '_value_returned':
        return flag(this.#isValueReturned)
      case '_call_level':
        return this.depth
      case '_vmajor':
      case '_vminor':
      case '_task':
      case '_speed_override':
      case '_feed_override':
      case '_adaptive_feed':
      case '_feed_hold':
      case '_current_pocket':
      case '_selected_pocket':
      case '_remap_level':
        return this.#unknown(`#<${name}>`, 'is known to the controller only')
      default:
        if (/^_(hal|ini)\[/.test(name)) this.#unknown(`#<${name}>`, 'is known to the controller only')
        return undefined
    }
  }
}
