/** What is asked of `linuxcncrsh` again and again, and what the answers add up to. It pushes nothing: all is polled. */
import type { ControllerState } from '../machine.ts'

/** Asked at every look, in this order. */
export const STATUS_QUESTIONS = [
  'ESTOP',
  'MACHINE',
  'MODE',
  'PROGRAM_STATUS',
  'PROGRAM_LINE',
  'ABS_ACT_POS',
  'REL_ACT_POS',
  'JOINT_HOMED',
  'JOINT_LIMIT',
  'JOINT_FAULT',
] as const

/** Asked now and then. */
export const RARE_QUESTIONS = ['PROGRAM_CODES', 'FEED_OVERRIDE', 'SPINDLE_OVERRIDE', 'SPINDLE', 'FLOOD', 'MIST', 'TOOL'] as const

type LinuxcncMode = 'manual' | 'auto' | 'mdi' | 'unknown'

export interface LinuxcncStatus {
  isEstopped: boolean
  /** Powered: nothing moves, and most commands are refused, while it is off. */
  isOn: boolean
  mode: LinuxcncMode
  program: 'idle' | 'running' | 'paused' | 'unknown'
  programLine: number
  /** Machine coordinates, mm and degrees. */
  positionMm: number[]
  workPositionMm: number[]
  isHomed: boolean[]
  /** Names of limits that are on: `X max (hard)`. */
  limits: string[]
  faults: string[]
  feedOverridePercent: number
  spindleOverridePercent: number
  spindle: 'off' | 'cw' | 'ccw'
  isFloodOn: boolean
  isMistOn: boolean
  tool: number
  /** `G54`, `G90`, … with F and S last. */
  codes: string[]
}

export const UNKNOWN_LINUXCNC: LinuxcncStatus = {
  isEstopped: false,
  isOn: false,
  mode: 'unknown',
  program: 'unknown',
  programLine: 0,
  positionMm: [0, 0, 0],
  workPositionMm: [0, 0, 0],
  isHomed: [],
  limits: [],
  faults: [],
  feedOverridePercent: 100,
  spindleOverridePercent: 100,
  spindle: 'off',
  isFloodOn: false,
  isMistOn: false,
  tool: 0,
  codes: [],
}

/** What the session learned when it began. */
export interface LinuxcncFacts {
  /** `EMCNETSVR 1.1`: what it calls itself. */
  server: string
  /** mm in one of its linear units. */
  mmPerUnit: number
  axes: string[]
  /** The rewrite of 2026: tells nine coordinates and only joints that there are. */
  isModern: boolean
}

/** Linear axes are in machine units, rotary ones in degrees. */
const ROTARY = new Set(['A', 'B', 'C'])
const LETTERS = 'XYZABCUVW'

function axes(text: string, { axes: letters, mmPerUnit }: LinuxcncFacts): number[] | undefined {
  const all = text.split(/\s+/).map(Number)
  if (all.length < 3 || all.some((value) => !Number.isFinite(value))) return undefined
  return letters.map((letter) => {
    const value = all[LETTERS.indexOf(letter)] ?? 0
    return ROTARY.has(letter) ? value : value * mmPerUnit
  })
}

const isOn = (text: string) => /^(ON|YES|1)$/i.test(text)
const words = (text: string) => text.split(/\s+/).filter(Boolean)

/**
 * Adds answers to what is known.
 * @param answers by question; a question that was refused is left out
 */
export function addAnswers(before: LinuxcncStatus, answers: ReadonlyMap<string, string>, facts: LinuxcncFacts): LinuxcncStatus {
  const status = { ...before }
  /** One with six entries counts joints that are not there as not homed. */
  const joints = (list: string[]) => (facts.isModern ? list : list.slice(0, facts.axes.length))
  const named = (list: string[], isFine: (word: string) => boolean) =>
    joints(list).flatMap((word, joint) => (isFine(word) ? [] : [`joint ${joint} (${facts.axes[joint] ?? '?'}): ${word}`]))
  for (const [name, text] of answers) {
    switch (name) {
      case 'ESTOP':
        status.isEstopped = isOn(text)
        break
      case 'MACHINE':
        status.isOn = isOn(text)
        break
      case 'MODE':
        status.mode = ({ MANUAL: 'manual', AUTO: 'auto', MDI: 'mdi' } as const)[text.toUpperCase() as 'MANUAL'] ?? 'unknown'
        break
      case 'PROGRAM_STATUS':
        status.program = ({ IDLE: 'idle', RUNNING: 'running', PAUSED: 'paused' } as const)[text.toUpperCase() as 'IDLE'] ?? 'unknown'
        break
      case 'PROGRAM_LINE':
        if (/^\d+$/.test(text)) status.programLine = Number(text)
        break
      case 'ABS_ACT_POS':
        status.positionMm = axes(text, facts) ?? status.positionMm
        break
      case 'REL_ACT_POS':
        status.workPositionMm = axes(text, facts) ?? status.workPositionMm
        break
      case 'JOINT_HOMED':
        status.isHomed = joints(words(text)).map((word) => /^YES$/i.test(word))
        break
      case 'JOINT_LIMIT':
        status.limits = named(words(text), (word) => word === 'OK')
        break
      case 'JOINT_FAULT':
        status.faults = named(words(text), (word) => word !== 'FAULT')
        break
      case 'FEED_OVERRIDE':
        status.feedOverridePercent = percent(text, status.feedOverridePercent)
        break
      case 'SPINDLE_OVERRIDE':
        // with the spindle's number in front of it where there may be several
        status.spindleOverridePercent = percent(words(text).at(-1) ?? '', status.spindleOverridePercent)
        break
      case 'SPINDLE': {
        const word = (words(text).at(-1) ?? '').toUpperCase()
        status.spindle = word === 'FORWARD' || word === 'INCREASE' || word === 'DECREASE' ? 'cw' : word === 'REVERSE' ? 'ccw' : 'off'
        break
      }
      case 'FLOOD':
        status.isFloodOn = isOn(text)
        break
      case 'MIST':
        status.isMistOn = isOn(text)
        break
      case 'TOOL':
        if (/^-?\d+$/.test(text)) status.tool = Math.max(0, Number(text))
        break
      case 'PROGRAM_CODES':
        status.codes = words(text)
        break
      default:
        break
    }
  }
  return status
}

function percent(text: string, otherwise: number): number {
  const value = Number(text)
  return text !== '' && Number.isFinite(value) ? Math.round(value) : otherwise
}

/** What stands in the way of moving at all, in words; undefined when nothing does. */
export function lockOf({ isEstopped, isOn: hasPower, limits, faults }: LinuxcncStatus): { text: string; whatToDo: string } | undefined {
  if (isEstopped)
    return { text: 'The emergency stop is on', whatToDo: 'Look at the machine, release the emergency stop, then unlock: that switches the machine on again.' }
  if (faults.length > 0) return { text: `A drive reports a fault, ${faults.join(', ')}`, whatToDo: 'Look for the cause at the machine, then unlock.' }
  if (!hasPower) return { text: 'The machine is switched off in LinuxCNC', whatToDo: 'Unlock switches it on. Nothing moves by that.' }
  const hard = limits.filter((limit) => /HARD/.test(limit))
  if (hard.length > 0)
    return { text: `A limit switch is on, ${hard.join(', ')}`, whatToDo: 'Move the machine off the switch at LinuxCNC itself, where limits can be overridden.' }
  return undefined
}

/**
 * The state in the words all controllers share.
 * @param moving whether the position changed since the last look
 * @param isHoming a homing of ours is under way
 */
export function stateOf(status: LinuxcncStatus, moving: { isMoving: boolean; isHoming: boolean }): { state: ControllerState; subState?: number } {
  if (status.program === 'unknown') return { state: 'unknown' }
  if (lockOf(status)) return { state: 'alarm' }
  if (moving.isHoming) return { state: 'home' }
  if (status.program === 'paused') return { state: 'hold', subState: moving.isMoving ? 1 : 0 }
  if (status.program === 'running') return { state: 'run' }
  return { state: moving.isMoving ? 'jog' : 'idle' }
}
