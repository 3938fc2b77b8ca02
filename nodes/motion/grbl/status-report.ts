/** Status reports `<Idle|MPos:0.000,0.000,0.000|FS:0,0>` (grbl 1.1 doc/markdown/interface.md) and what they add up to. */
import type { ControllerState } from '../machine.ts'

/** One report as the controller sent it, in its own units. Fields it left out are absent. */
export interface StatusReport {
  state: ControllerState
  subState?: number
  machinePosition?: number[]
  workPosition?: number[]
  workOffset?: number[]
  buffer?: { plannerBlocks: number; rxBytes: number }
  lineNumber?: number
  feed?: number
  spindleRpm?: number
  /** `Pn:` comes only when a pin is on: absent means none. */
  pins: string
  overrides?: { feed: number; rapid: number; spindle: number }
  /** `A:`; known to be empty when `Ov:` came without it, unknown when neither came. */
  accessories?: string
}

const STATES: Record<string, ControllerState> = {
  Idle: 'idle',
  Run: 'run',
  Hold: 'hold',
  Jog: 'jog',
  Alarm: 'alarm',
  Door: 'door',
  Check: 'check',
  Home: 'home',
  Sleep: 'sleep',
  Tool: 'tool',
}

const NUMBER = /^[+-]?\d+(\.\d*)?$/

function numbers(text: string): number[] | undefined {
  const parts = text.split(',')
  return parts.every((part) => NUMBER.test(part)) ? parts.map(Number) : undefined
}

/**
 * Reads one report. A report that is damaged anywhere is refused whole (undefined), since half a position
 * is worse than an old one; fields nobody knows are passed over, as the protocol asks.
 */
export function parseStatusReport(line: string): StatusReport | undefined {
  if (!line.startsWith('<') || !line.endsWith('>')) return undefined
  const [head = '', ...fields] = line.slice(1, -1).split('|')
  const [name = '', sub, ...more] = head.split(':')
  const state = STATES[name]
  if (!state || more.length || (sub !== undefined && !/^\d{1,3}$/.test(sub))) return undefined
  const report: StatusReport = { state, pins: '', ...(sub === undefined ? {} : { subState: Number(sub) }) }
  for (const field of fields) {
    const colon = field.indexOf(':')
    const key = colon < 0 ? field : field.slice(0, colon)
    const value = colon < 0 ? '' : field.slice(colon + 1)
    switch (key) {
      case 'MPos':
      case 'WPos':
      case 'WCO': {
        const axes = numbers(value)
        if (!axes || axes.length < 3) return undefined
        report[key === 'MPos' ? 'machinePosition' : key === 'WPos' ? 'workPosition' : 'workOffset'] = axes
        break
      }
      case 'Bf': {
        const [plannerBlocks, rxBytes] = numbers(value) ?? []
        if (plannerBlocks === undefined || rxBytes === undefined) return undefined
        report.buffer = { plannerBlocks, rxBytes }
        break
      }
      case 'Ln': {
        const [lineNumber] = numbers(value) ?? []
        if (lineNumber === undefined) return undefined
        report.lineNumber = lineNumber
        break
      }
      case 'F':
      case 'FS': {
        const [feed, spindleRpm] = numbers(value) ?? []
        if (feed === undefined) return undefined
        report.feed = feed
        if (spindleRpm !== undefined) report.spindleRpm = spindleRpm
        break
      }
      case 'Ov': {
        const [feed, rapid, spindle] = numbers(value) ?? []
        if (feed === undefined || rapid === undefined || spindle === undefined) return undefined
        report.overrides = { feed, rapid, spindle }
        break
      }
      case 'Pn':
        report.pins = value
        break
      case 'A':
        report.accessories = value
        break
      default:
        break
    }
  }
  // grbl 1.1: `A:` is left out of a report with `Ov:` when everything is off
  if (report.overrides && report.accessories === undefined) report.accessories = ''
  return report
}

/** What all reports so far say together, in millimetres and mm/min. */
export interface ControllerStatus {
  state: ControllerState
  subState?: number
  machinePositionMm: number[]
  workPositionMm: number[]
  workOffsetMm: number[]
  /** False until a `WCO:` (or the offsets of `$#`) came. */
  isWorkOffsetKnown: boolean
  feedMmPerMin: number
  spindleRpm: number
  overridesPercent: { feed: number; rapid: number; spindle: number }
  pins: string
  /** Undefined until a report said it. */
  accessories?: string
  buffer?: { plannerBlocks: number; rxBytes: number }
}

export const UNKNOWN_STATUS: ControllerStatus = {
  state: 'unknown',
  machinePositionMm: [0, 0, 0],
  workPositionMm: [0, 0, 0],
  workOffsetMm: [0, 0, 0],
  isWorkOffsetKnown: false,
  feedMmPerMin: 0,
  spindleRpm: 0,
  overridesPercent: { feed: 100, rapid: 100, spindle: 100 },
  pins: '',
}

const MM_PER_INCH = 25.4
/** Rounded to a ten-thousandth of a micrometre, so that sums of decimals stay readable. */
const round = (value: number) => Math.round(value * 1e7) / 1e7
const minus = (a: readonly number[], b: readonly number[]) => a.map((value, axis) => round(value - (b[axis] ?? 0)))
const plus = (a: readonly number[], b: readonly number[]) => a.map((value, axis) => round(value + (b[axis] ?? 0)))

/**
 * Adds one report to what is known.
 * @param isInches setting `$13`: positions and feeds are reported in inches
 */
export function addReport(status: ControllerStatus, report: StatusReport, isInches: boolean): ControllerStatus {
  const scale = isInches ? MM_PER_INCH : 1
  const mm = (values: number[] | undefined) => (isInches ? values?.map((value) => round(value * scale)) : values)
  const workOffsetMm = mm(report.workOffset) ?? status.workOffsetMm
  const machine = mm(report.machinePosition)
  const work = mm(report.workPosition)
  const machinePositionMm = machine ?? (work ? plus(work, workOffsetMm) : status.machinePositionMm)
  const accessories = report.accessories ?? status.accessories
  const buffer = report.buffer ?? status.buffer
  return {
    state: report.state,
    ...(report.subState === undefined ? {} : { subState: report.subState }),
    machinePositionMm,
    workPositionMm: work ?? minus(machinePositionMm, workOffsetMm),
    workOffsetMm,
    isWorkOffsetKnown: status.isWorkOffsetKnown || report.workOffset !== undefined,
    feedMmPerMin: report.feed === undefined ? status.feedMmPerMin : round(report.feed * scale),
    spindleRpm: report.spindleRpm ?? status.spindleRpm,
    overridesPercent: report.overrides ?? status.overridesPercent,
    pins: report.pins,
    ...(accessories === undefined ? {} : { accessories }),
    ...(buffer ? { buffer } : {}),
  }
}

/**
 * Whether a controller in this state stands still for certain. Judged by state and substate alone: grblHAL
 * shows an old feed at `Hold:0`, and `Hold:1` can go on at `FS:0`.
 */
export function isStandingState(state: ControllerState, subState: number | undefined): boolean {
  switch (state) {
    case 'idle':
    case 'alarm':
    case 'check':
    case 'sleep':
    case 'tool':
      return true
    case 'hold':
      return subState === 0
    case 'door':
      return subState === 0 || subState === 1
    case 'run':
    case 'jog':
    case 'home':
    case 'unknown':
      return false
    default:
      return state satisfies never
  }
}
