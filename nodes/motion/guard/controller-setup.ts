/** What the guard asks a controller about itself, and what the answers mean for a check. */
import { OperationalError } from '../../../base/errors.ts'
import {
  type ControllerFacts,
  type ControllerMessage,
  type ControllerSettings,
  errorText,
  identifyController,
  NAME_QUESTIONS,
  type NamedCodes,
  readNames,
  readSettings,
  tellsNames,
} from '../grbl/index.ts'
import type { Connection, RequestAnswer } from './connection.ts'

export interface Identity {
  facts: ControllerFacts
  settings: ControllerSettings
}

/**
 * Asks `$I` and `$$`. Only of a controller that is idle or in a plain alarm: in every other state it answers
 * late, with an error, or not at all.
 * @param banners what the controller said at its start, where it was heard
 * @param reportedAxes how many numbers its position reports hold, where one was seen
 */
export async function identify(connection: Connection, banners: readonly ControllerMessage[], reportedAxes?: number): Promise<Identity> {
  // answers before [VER:] belong to lines that somebody sent before us
  const about = [...(await connection.request('$I', { marker: 'version' })).messages]
  // some builds of grblHAL name themselves only at $I+, which Grbl 1.1 answers with error:3
  if (isMaybeGrblhal([...banners, ...about]) && !about.some((message) => message.kind === 'firmware')) about.push(...(await connection.request('$I+')).messages)
  const facts = identifyController([...banners, ...about], reportedAxes)
  connection.setFacts(facts)
  const listing = await connection.request('$$')
  if (!listing.isOk) throw refusedQuestion('$$', listing, facts)
  return { facts, settings: readSettings(listing.messages) }
}

/**
 * Asks a grblHAL for its own names of alarms, errors and settings (some seconds at 115200 baud, so once for each firmware).
 * @returns undefined where it does not tell
 */
export async function askNames(connection: Connection, facts: ControllerFacts): Promise<NamedCodes | undefined> {
  if (!tellsNames(facts.newOptions)) return undefined
  const said: ControllerMessage[] = []
  for (const question of NAME_QUESTIONS) {
    const answer = await connection.request(question)
    // what is not built in is refused, and no harm
    if (answer.isOk) said.push(...answer.messages)
  }
  return readNames(said)
}

/** By its banner, or by sizes that no Grbl 1.1 has. */
function isMaybeGrblhal(messages: readonly ControllerMessage[]): boolean {
  return messages.some((message) => {
    if (message.kind === 'banner') return message.dialect === 'grblhal'
    return message.kind === 'build-options' && (message.axisCount !== undefined || (message.rxBytes ?? 0) > 255 || (message.plannerBlocks ?? 0) > 36)
  })
}

function refusedQuestion(question: string, answer: RequestAnswer, facts: ControllerFacts): OperationalError {
  const text = answer.isOk ? 'nothing of use' : errorText(answer.code, facts).text
  return new OperationalError({ code: 'controller-unclear', message: `The controller answered ${question} with: ${text}. Try again when it is idle.` })
}

/** Offsets and modal state as the controller holds them now. */
export interface ControllerMemory {
  /** The words of `[GC:…]` as they came. */
  words: readonly string[]
  /** Every offset of `$#` by its name, and `TLO`, in mm: one number for each axis the controller has. */
  offsetsMm: Readonly<Record<string, number[]>>
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
  const mm = (values: readonly number[]) => values.map((value) => Math.round(value * scale * 1e6) / 1e6)
  const offsetsMm: Record<string, number[]> = {}
  for (const message of offsets.messages) {
    if (message.kind === 'offset') offsetsMm[message.name] = mm(message.values)
    // Grbl gives one number, for Z; grblHAL one for each axis
    if (message.kind === 'tool-length') offsetsMm.TLO = message.values.length >= 3 ? mm(message.values) : [0, 0, ...mm(message.values.slice(0, 1))]
  }
  if (['G54', 'G55', 'G56', 'G57', 'G58', 'G59'].some((name) => !offsetsMm[name])) throw refusedQuestion('$#', offsets, facts)
  return { words: state.words, offsetsMm: { TLO: [0, 0, 0], ...offsetsMm } }
}
