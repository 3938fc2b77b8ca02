import { Type } from 'typebox'
import { Choice, ConfigNode, defineNode, Quantity } from '../define-node/index.ts'
import machine from './machine.node.ts'
import type { MachineState } from './machine.ts'

const VALUES = {
  state: 'state of the controller',
  'work-position': 'position in work coordinates',
  'machine-position': 'position in machine coordinates',
  feed: 'feed',
  spindle: 'spindle speed',
  overrides: 'overrides',
  pins: 'input pins',
  tool: 'tool in the spindle',
  'work-offset': 'work offset in force',
  interlocks: 'interlocks',
  program: 'program: line, phase, time left',
  parts: 'parts count',
  connection: 'connection',
} as const
type Value = keyof typeof VALUES

const LETTERS = ['X', 'Y', 'Z', 'A', 'B', 'C']
const position = (values: readonly number[]) => Object.fromEntries(values.map((value, i) => [LETTERS[i] ?? `axis${i + 1}`, value]))

/** What a machine's state says of one thing; undefined where it says nothing. */
function read(what: Value, state: MachineState): unknown {
  switch (what) {
    case 'state':
      return state.controller
    case 'work-position':
      return position(state.workPositionMm)
    case 'machine-position':
      return position(state.machinePositionMm)
    case 'feed':
      return state.feedMmPerMin
    case 'spindle':
      return state.spindleRpm
    case 'overrides':
      return state.overridesPercent
    case 'pins':
      return state.pins
    case 'tool':
      return state.tool
    case 'work-offset':
      return state.modal?.find((word) => /^G5[4-9]/.test(word))
    case 'interlocks':
      return state.interlocks && Object.fromEntries(state.interlocks.map(({ id, state: how }) => [id, how]))
    case 'program': {
      const { job } = state
      return job
        ? {
            jobId: job.jobId,
            program: job.programName,
            phase: job.phase,
            line: job.currentLine,
            totalLines: job.totalLines,
            ...(job.remainingS === undefined ? {} : { remainingS: job.remainingS }),
            ...(job.waitingFor ? { waitingFor: job.waitingFor } : {}),
          }
        : null
    }
    case 'parts':
      return state.partsCount
    case 'connection':
      return state.link
    default:
      return what satisfies never
  }
}

/** Differs by more than the deadband: numbers by their distance, everything else by being another. */
export function differs(a: unknown, b: unknown, deadband: number): boolean {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) > deadband
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)])
    return [...keys].some((key) => differs((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], deadband))
  }
  return a !== b
}

export default defineNode({
  type: 'cw-machine-value',
  family: 'motion',
  label: 'machine value',
  summary: 'Starts a flow when a value of a machine changes: position, feed, state, pins, overrides, and more.',
  icon: 'machine-value',
  inputs: 0,
  outputs: ['value'],
  labelFrom: 'what',
  config: Type.Object({
    machine: ConfigNode(machine, { title: 'Machine' }),
    what: Choice(Object.keys(VALUES) as [Value, ...Value[]], { title: 'Value', labels: VALUES, default: 'state' }),
    deadband: Quantity({ title: 'Deadband', help: 'A number counts as changed when it moved by more than this.', minimum: 0, default: 0 }),
    interval: Quantity({ title: 'Not more often than every', unit: 's', help: 'The last value always comes.', minimum: 0.1, maximum: 86_400, default: 1 }),
  }),
  setup(context) {
    const { what, deadband, interval } = context.config
    const { machineId } = context.referenced('machine')
    let last: unknown
    let hasSent = false
    let sentAt = Number.NEGATIVE_INFINITY
    let newest: MachineState | undefined
    let timer: NodeJS.Timeout | undefined

    const consider = () => {
      timer = undefined
      if (!newest) return
      const value = read(what, newest)
      if (value === undefined || (hasSent && !differs(last, value, deadband))) return
      const wait = sentAt + interval * 1000 - performance.now()
      if (wait > 0) {
        timer = setTimeout(consider, wait)
        return
      }
      const previous = last
      last = value
      hasSent = true
      sentAt = performance.now()
      context.status({ info: inWords(value) })
      context.send(0, { topic: `${machineId}/${what}`, machineId, payload: value, ...(previous === undefined ? {} : { previous }), at: newest.at })
    }
    context.status({ waiting: `listening to ${machineId}` })
    const remove = context.services.onMachineState(machineId, (state) => {
      newest = state
      if (!state) context.status({ waiting: `${machineId}: not known` })
      else if (!timer) consider()
    })
    return {
      close() {
        remove()
        clearTimeout(timer)
      },
    }
  },
})

const inWords = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? Object.entries(value)
        .filter(([, part]) => typeof part !== 'object')
        .map(([key, part]) => `${key} ${typeof part === 'number' ? Number(part.toFixed(3)) : String(part)}`)
        .join(', ')
    : String(value)
