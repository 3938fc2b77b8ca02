/** Single facts of a machine's state, for conditions: each a number, a word, or not known. */
import type { MachineState } from '../motion/machine.ts'

export const FACTS = {
  state: 'machine: state (idle, run, hold, alarm …)',
  alarm: 'machine: alarm code (0: none)',
  feed: 'machine: feed, mm/min',
  spindle: 'machine: spindle speed, rpm',
  'feed-override': 'machine: feed override, %',
  'work-x': 'machine: work position X, mm',
  'work-y': 'machine: work position Y, mm',
  'work-z': 'machine: work position Z, mm',
  tool: 'machine: tool in the spindle',
  line: 'machine: line of the program',
  'time-left': 'machine: time left, s',
  parts: 'machine: parts count',
  pin: 'machine: input pin (1 on, 0 off)',
  interlock: 'machine: interlock (safe, unsafe, unknown)',
} as const
export type Fact = keyof typeof FACTS

/** @param name the pin's letter, or the interlock's id @returns undefined: not known */
export function factOf(state: MachineState | undefined, fact: Fact, name = ''): number | string | undefined {
  // what was reported before the link was lost says nothing about now
  if (state?.link !== 'connected') return undefined
  switch (fact) {
    case 'state':
      return state.controller
    case 'alarm':
      return state.alarm?.code ?? 0
    case 'feed':
      return state.feedMmPerMin
    case 'spindle':
      return state.spindleRpm
    case 'feed-override':
      return state.overridesPercent.feed
    case 'work-x':
      return state.workPositionMm[0]
    case 'work-y':
      return state.workPositionMm[1]
    case 'work-z':
      return state.workPositionMm[2]
    case 'tool':
      return state.tool
    case 'line':
      return state.job?.currentLine ?? 0
    case 'time-left':
      return state.job ? state.job.remainingS : 0
    case 'parts':
      return state.partsCount
    case 'pin':
      return state.pins.toUpperCase().includes(name.toUpperCase()) ? 1 : 0
    case 'interlock':
      return state.interlocks?.find(({ id }) => id === name)?.state
    default:
      return fact satisfies never
  }
}
