/** What the guard asks a controller about itself, and what the answers mean for a check. */
import { OperationalError } from '../../../base/errors.ts'
import { type CheckSetup, modalStateFromWords, type Vector } from '../gcode/index.ts'
import { type ControllerFacts, type ControllerMessage, type ControllerSettings, errorText, identifyController, plus, readSettings } from '../grbl/index.ts'
import type { MachineSettings } from '../machine.ts'
import type { Connection, RequestAnswer } from './connection.ts'

export interface Identity {
  facts: ControllerFacts
  settings: ControllerSettings
}

/**
 * Asks `$I` and `$$`. Only of a controller that is idle or in a plain alarm: in every other state it answers
 * late, with an error, or not at all.
 * @param banners what the controller said at its start, where it was heard
 */
export async function identify(connection: Connection, banners: readonly ControllerMessage[]): Promise<Identity> {
  // answers before [VER:] belong to lines that somebody sent before us
  const about = [...(await connection.request('$I', { marker: 'version' })).messages]
  const options = about.find((message) => message.kind === 'build-options')
  // grblHAL names itself only at $I+, which Grbl 1.1 answers with error:3
  if (options?.kind === 'build-options' && options.hasMoreFields && !about.some((message) => message.kind === 'firmware')) {
    about.push(...(await connection.request('$I+')).messages)
  }
  const facts = identifyController([...banners, ...about])
  connection.setRxBytes(facts.rxBytes)
  const listing = await connection.request('$$')
  if (!listing.isOk) throw refusedQuestion('$$', listing, facts)
  return { facts, settings: readSettings(listing.messages) }
}

function refusedQuestion(question: string, answer: RequestAnswer, facts: ControllerFacts): OperationalError {
  const text = answer.isOk ? 'nothing of use' : errorText(answer.code, facts.dialect).text
  return new OperationalError({ code: 'controller-unclear', message: `The controller answered ${question} with: ${text}. Try again when it is idle.` })
}

const vector = (values: readonly number[]): Vector => [values[0] ?? 0, values[1] ?? 0, values[2] ?? 0]
const ZERO: Vector = [0, 0, 0]

/** Offsets and modal state as the controller holds them now. */
export interface ControllerMemory extends Pick<CheckSetup, 'modal' | 'workOffsetsMm' | 'g92Mm' | 'toolLengthMm' | 'g28Mm' | 'g30Mm'> {
  /** What lies between machine and work coordinates now (`WCO`). */
  activeOffsetMm: Vector
}

/**
 * Asks `$#` and `$G`.
 * @throws OperationalError `controller-unclear` when an answer is missing something the check needs
 */
export async function readMemory(connection: Connection, { facts, settings }: Identity): Promise<ControllerMemory> {
  const offsets = await connection.request('$#')
  if (!offsets.isOk) throw refusedQuestion('$#', offsets, facts)
  const parser = await connection.request('$G')
  const state = parser.messages.find((message) => message.kind === 'parser-state')
  if (!parser.isOk || state?.kind !== 'parser-state') throw refusedQuestion('$G', parser, facts)
  const scale = settings.isReportingInches ? 25.4 : 1
  const named = (name: string): Vector | undefined => {
    const found = offsets.messages.find((message) => message.kind === 'offset' && message.name === name)
    return found?.kind === 'offset' ? vector(found.values.map((value) => value * scale)) : undefined
  }
  const workOffsetsMm = ['G54', 'G55', 'G56', 'G57', 'G58', 'G59'].map((name) => {
    const found = named(name)
    if (!found) throw refusedQuestion('$#', offsets, facts)
    return found
  })
  const lengths = offsets.messages.find((message) => message.kind === 'tool-length')
  const values = lengths?.kind === 'tool-length' ? lengths.values.map((value) => value * scale) : []
  // Grbl gives one number, for Z; grblHAL one for each axis
  const toolLengthMm: Vector = values.length >= 3 ? vector(values) : [0, 0, values[0] ?? 0]
  const modal = modalStateFromWords(state.words)
  const g92Mm = named('G92') ?? ZERO
  const activeOffsetMm = vector(plus(plus(workOffsetsMm[modal.workOffset] ?? ZERO, g92Mm), toolLengthMm))
  return { modal, workOffsetsMm, g92Mm, toolLengthMm, g28Mm: named('G28') ?? ZERO, g30Mm: named('G30') ?? ZERO, activeOffsetMm }
}

export function checkSetup(options: {
  memory: ControllerMemory
  positionMm: readonly number[]
  envelopeMm: MachineSettings['envelopeMm']
  facts: ControllerFacts
}): CheckSetup {
  const { memory, positionMm, envelopeMm, facts } = options
  const withoutM: number[] = []
  if (facts.dialect === 'grbl') {
    // Grbl 1.1 has no tool change, and mist only in builds with `M`
    withoutM.push(60)
    if (!facts.optionLetters.includes('M')) withoutM.push(70)
  }
  return { ...memory, positionMm: vector(positionMm), envelopeMm, withoutM }
}
