/** What the G-code parser remembers between lines (grbl 1.1: gcode.h), and how `$G` prints it. */
import type { PersonalityName } from './personality.ts'
import { eachAxis, type Vector, zero } from './vector.ts'

export type MotionMode = 0 | 1 | 2 | 3 | 38.2 | 38.3 | 38.4 | 38.5 | 80
export type Spindle = 3 | 4 | 5
interface Coolant {
  hasMist: boolean
  hasFlood: boolean
}

export interface Modal {
  motion: MotionMode
  plane: 17 | 18 | 19
  distance: 90 | 91
  feedMode: 93 | 94
  units: 20 | 21
  /** 0 is G54. */
  coordinateSystem: number
  hasToolLength: boolean
  spindle: Spindle
  coolant: Coolant
}

export interface ParserState {
  modal: Modal
  /** mm/min; in G93 always 0 after a line. */
  feed: number
  spindleRpm: number
  tool: number
  lineNumber: number
  /** Where the parser believes the machine will be when everything queued is done: machine mm. */
  position: Vector
  /** The active one of G54..G59. */
  workOffset: Vector
  /** G92. */
  shift: Vector
  /** G43.1, Z only. */
  toolLength: number
  /** Chosen by T, not in the spindle yet (grblHAL). */
  nextTool: number
}

export const MM_PER_INCH = 25.4

const SYSTEM_NAMES = ['G54', 'G55', 'G56', 'G57', 'G58', 'G59', 'G59.1', 'G59.2', 'G59.3']
/** 0 is G54, 6 is G59.1. */
export const coordinateSystemName = (system: number): string => SYSTEM_NAMES[system] ?? 'G54'

/** After power-on and every reset: `G0 G54 G17 G21 G90 G94 M5 M9 T0 F0 S0`. */
export function newParserState(g54: Vector): ParserState {
  return {
    modal: {
      motion: 0,
      plane: 17,
      distance: 90,
      feedMode: 94,
      units: 21,
      coordinateSystem: 0,
      hasToolLength: false,
      spindle: 5,
      coolant: { hasMist: false, hasFlood: false },
    },
    feed: 0,
    spindleRpm: 0,
    tool: 0,
    lineNumber: 0,
    position: zero(),
    workOffset: [...g54],
    shift: zero(),
    toolLength: 0,
    nextTool: 0,
  }
}

/** All that lies between machine and work position: `WCO`. */
export function workCoordinateOffset({ workOffset, shift, toolLength }: ParserState): Vector {
  return eachAxis((axis) => workOffset[axis] + shift[axis] + (axis === 2 ? toolLength : 0))
}

/** The answer to `$G`, without the line end. `inInches` is `$13`. */
export function describeModes(state: ParserState, inInches: boolean, firmware: PersonalityName): string {
  const { modal } = state
  const isHal = firmware === 'grblhal'
  const coolant = [modal.coolant.hasMist ? 'M7' : '', modal.coolant.hasFlood ? 'M8' : ''].filter(Boolean)
  const feed = inInches ? (state.feed / MM_PER_INCH).toFixed(1) : state.feed.toFixed(0)
  const words = [
    `G${modal.motion}`,
    coordinateSystemName(modal.coordinateSystem),
    `G${modal.plane}`,
    `G${modal.units}`,
    `G${modal.distance}`,
    `G${modal.feedMode}`,
    ...(isHal ? [modal.hasToolLength ? 'G43.1' : 'G49', 'G98', 'G50'] : []),
    `M${modal.spindle}`,
    ...(coolant.length ? coolant : ['M9']),
    `T${state.tool}`,
    `F${feed}`,
    // grblHAL prints the point though nothing follows it
    `S${state.spindleRpm.toFixed(0)}${isHal ? '.' : ''}`,
  ]
  return `[GC:${words.join(' ')}]`
}
