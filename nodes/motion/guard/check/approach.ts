/**
 * The way to a place in mid-program, with the modal state the program has there: up, across, spindle, coolant, down. Used
 * for a start at a line and for the way back from a tool change. Pure: the lines are checked like a program before one is sent.
 */
import { AXIS_LETTERS, type ModalState } from '../../gcode/index.ts'
import type { ApproachRules } from './contract.ts'

interface Standing {
  modal: ModalState
  positionMm: ArrayLike<number>
}

export interface Approach {
  lines: { text: string; says: string }[]
  /** From where it stands; empty where it need not move. */
  pointsMm: number[][]
  /** In front of the first move of the program: the way here was gone in another mode. Empty where nothing was moved. */
  motionWord: string
}

export interface ApproachOptions {
  from: Standing
  to: Standing
  rules: ApproachRules
  /** Axes of the controller, from X on. */
  axisCount: number
}

/** Nearer than this it stands there already. */
const SAME_MM = 0.002
const PLANE_WORDS: Record<number, string> = { 170: 'G17', 180: 'G18', 190: 'G19' }
const OFFSET_WORDS = ['G54', 'G55', 'G56', 'G57', 'G58', 'G59', 'G59.1', 'G59.2', 'G59.3']

export function approach({ from, to, rules, axisCount }: ApproachOptions): Approach {
  const lines: Approach['lines'] = []
  const say = (text: string, says: string) => lines.push({ text, says })
  const { modal } = to
  const axes = AXIS_LETTERS.slice(0, axisCount)
  const here = axes.map((_, axis) => from.positionMm[axis] ?? 0)
  const there = axes.map((_, axis) => to.positionMm[axis] ?? 0)
  const pointsMm: number[][] = []
  const goTo = (point: number[]) => pointsMm.push([...point])
  const differs = (axis: number) => Math.abs((here[axis] ?? 0) - (there[axis] ?? 0)) > SAME_MM
  const isAside = axes.some((_, axis) => axis !== 2 && differs(axis))
  const isMoving = isAside || differs(2)
  const now = [...here]
  const height = isAside ? Math.max(rules.safeZMm, here[2] ?? 0) : (here[2] ?? 0)
  if (isMoving) goTo(now)
  say('G21G90G94', 'Millimetres, absolute, feed per minute')
  const offsetWord = OFFSET_WORDS[modal.workOffset] ?? 'G54'
  say(offsetWord, `Work offset ${offsetWord}`)
  if (isAside) {
    if (height > (here[2] ?? 0) + SAME_MM) {
      say(`G53G0Z${number(height)}`, `Up to Z ${number(height)} in machine coordinates`)
      now[2] = height
      goTo(now)
    }
    const words = axes.flatMap((letter, axis) => (axis !== 2 && differs(axis) ? [`${letter}${number(there[axis] ?? 0)}`] : []))
    say(`G53G0${words.join('')}`, `Across to ${words.join(' ')} at this height`)
    for (const axis of axes.keys()) if (axis !== 2) now[axis] = there[axis] ?? 0
    goTo(now)
  }
  if (modal.selectedTool !== from.modal.selectedTool && modal.selectedTool > 0) say(`T${modal.selectedTool}`, `Tool ${modal.selectedTool} selected`)
  // a laser must not burn on its way down
  if (!rules.isLaser) switchSpindle(modal, from.modal, rules.dwellS, say)
  switchCoolant(modal, from.modal, say)
  const down = there[2] ?? 0
  if (Math.abs((now[2] ?? 0) - down) > SAME_MM) {
    if (down < (now[2] ?? 0))
      say(`G53G1Z${number(down)}F${number(rules.plungeFeedMmPerMin)}`, `Down to Z ${number(down)} at ${number(rules.plungeFeedMmPerMin)} mm/min`)
    else say(`G53G0Z${number(down)}`, `Up to Z ${number(down)}`)
    now[2] = down
    goTo(now)
  }
  if (rules.isLaser) {
    // in G0 a laser stays dark (grbl 1.1 laser_mode.md)
    say('G0', 'Laser dark until the program moves')
    switchSpindle(modal, from.modal, 0, say)
  }
  if (modal.feedMode !== 930 && modal.feed > 0) say(`F${number(modal.feed)}`, `Feed ${number(modal.feed)} mm/min`)
  const modes = [
    PLANE_WORDS[modal.plane] ?? 'G17',
    modal.isInches ? 'G20' : 'G21',
    modal.isIncremental ? 'G91' : 'G90',
    `G${modal.feedMode / 10}`,
    ...(modal.isArcAbsolute === from.modal.isArcAbsolute ? [] : [modal.isArcAbsolute ? 'G90.1' : 'G91.1']),
    ...(modal.returnsToR === from.modal.returnsToR ? [] : [modal.returnsToR ? 'G99' : 'G98']),
  ]
  say(modes.join(''), 'The modes the program is in')
  if (modal.motion === 800) say('G80', 'No motion mode')
  const isDisturbed = isMoving || rules.isLaser || modal.motion !== from.modal.motion
  return { lines, pointsMm, motionWord: isDisturbed ? motionWord(modal.motion) : '' }
}

function switchSpindle(to: ModalState, from: ModalState, dwellS: number, say: (text: string, says: string) => void): void {
  if (to.spindle === 5) {
    say(`S${number(to.spindleRpm)}M5`, 'Spindle off')
    return
  }
  say(`S${number(to.spindleRpm)}M${to.spindle}`, `Spindle on, ${to.spindle === 3 ? 'clockwise' : 'counter-clockwise'}, ${number(to.spindleRpm)} rpm`)
  const isUpToSpeed = from.spindle === to.spindle && from.spindleRpm === to.spindleRpm
  if (dwellS > 0 && !isUpToSpeed) say(`G4P${number(dwellS)}`, `Wait ${number(dwellS)} s for the spindle`)
}

function switchCoolant(to: ModalState, from: ModalState, say: (text: string, says: string) => void): void {
  const isTooMuch = (from.isMistOn && !to.isMistOn) || (from.isFloodOn && !to.isFloodOn)
  if (isTooMuch || (!to.isMistOn && !to.isFloodOn)) say('M9', 'Coolant off')
  if (to.isMistOn) say('M7', 'Mist on')
  if (to.isFloodOn) say('M8', 'Flood on')
}

/** `G1` for 10, `G38.2` for 382; nothing for G80. */
function motionWord(tenths: number): string {
  if (tenths === 800) return ''
  return tenths % 10 === 0 ? `G${tenths / 10}` : `G${Math.floor(tenths / 10)}.${tenths % 10}`
}

/** No exponent, no trailing zeros, a ten-thousandth at most. */
function number(value: number): string {
  const text = value.toFixed(4).replace(/\.?0+$/, '')
  return text === '-0' ? '0' : text
}
