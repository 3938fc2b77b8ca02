/** Which single lines a person may send through the guard, and as what. */
import { UserError } from '../../../base/errors.ts'
import { AXIS_LETTERS, checkLine, type Finding, type MachineModel, tokenise } from '../gcode/index.ts'
import { type PreparedLine, prepareLine, refuseLine } from '../grbl/index.ts'

export type Command =
  | { kind: 'home' }
  | { kind: 'unlock' }
  /** Asks for something and moves nothing. */
  | { kind: 'query'; line: PreparedLine }
  | { kind: 'setting'; line: PreparedLine }
  | { kind: 'jog'; line: PreparedLine; gcode: string }
  | { kind: 'gcode'; line: PreparedLine; gcode: string }

/** A line that was found good. */
export interface CheckedCommand {
  /** What goes to the controller: more than one where it is written out for it. */
  lines: string[]
  /** The machine or its spindle moves through it. */
  mayMove: boolean
}

/**
 * Reads one line from a person.
 * @throws UserError `line-refused`
 */
export function readCommand(raw: string, maxLength: number): Command {
  const text = raw.replace(/[\r\n]+$/, '')
  if (/[\r\n]/.test(text))
    refuseLine({ number: 1, column: text.search(/[\r\n]/) + 1, raw: text, reason: 'One line at a time, please: this holds a line break.' })
  const line = prepareLine(text, { number: 1, maxLength })
  if (!line) throw nothingToSend()
  if (!line.text.startsWith('$')) return { kind: 'gcode', line, gcode: text }
  const upper = line.text.toUpperCase()
  if (upper === '$H') return { kind: 'home' }
  if (upper === '$X') return { kind: 'unlock' }
  if (['$$', '$#', '$G', '$I', '$I+', '$N', '$'].includes(upper)) return { kind: 'query', line }
  if (/^\$\d{1,4}=[-+.\d]+$/.test(upper)) return { kind: 'setting', line }
  if (upper.startsWith('$J=')) {
    const jog = { ...line, text: upper }
    return { kind: 'jog', line: jog, gcode: upper.slice(3) }
  }
  return refuseLine({ number: 1, column: 1, raw: text, reason: 'This $ command is not allowed here, since the guard could not vouch for what follows.' })
}

/**
 * The same check as for a program, for one line.
 * @throws UserError `line-refused`, `outside-envelope`, `keep-out` and the other codes of a program's findings
 */
export function checkCommand(command: Extract<Command, { kind: 'jog' | 'gcode' }>, model: MachineModel): CheckedCommand {
  if (command.kind === 'gcode') {
    const { findings, output, moves } = checkLine(model, command.gcode)
    refuseFinding(findings, command.gcode)
    if (output.length === 0) throw nothingToSend()
    return { lines: output, mayMove: moves.length > 0 || output.some((line) => /M0*[34](?!\d)/.test(line)) }
  }
  checkJogWords(command)
  // units, distance and feed of a jog are its own; it is a straight feed move whatever mode is on (grbl 1.1 jogging.md)
  const { findings } = checkLine({ ...model, modal: { ...model.modal, motion: 10, feedMode: 940 } }, command.gcode)
  refuseFinding(findings, command.line.text)
  return { lines: [command.line.text], mayMove: true }
}

/** grbl 1.1 jogging.md: G20 G21 G90 G91 G53 and no other code; an axis and a feed in every jog. */
function checkJogWords(command: Extract<Command, { kind: 'jog' }>): void {
  const found = tokenise(command.gcode)
  const raw = command.line.text
  if (found.kind === 'problem') refuseLine({ number: 1, raw, ...found.problem })
  const words = found.kind === 'words' ? found.words : []
  for (const { letter, value, column } of words) {
    if (letter === 'M' || (letter === 'G' && ![20, 21, 53, 90, 91].includes(value)))
      refuseLine({ number: 1, raw, column, reason: `${letter}${value} is not allowed in a jog.` })
  }
  if (!words.some(({ letter, value }) => letter === 'F' && value > 0)) refuseLine({ number: 1, raw, column: 1, reason: 'A jog needs a feed (F).' })
  if (!words.some(({ letter }) => AXIS_LETTERS.some((axis) => axis === letter))) refuseLine({ number: 1, raw, column: 1, reason: 'A jog needs an axis.' })
}

/** The first thing that keeps a line from being sent. */
function refuseFinding(findings: readonly Finding[], raw: string): void {
  const finding = findings.find(({ severity }) => severity === 'error')
  if (!finding) return
  const { code, column, text } = finding
  if (code !== 'outside-envelope' && code !== 'keep-out') refuseLine({ number: 1, column, raw, reason: text })
  throw new UserError({
    code,
    message: `${code === 'keep-out' ? 'The move was refused' : "The move would leave the machine's travel"}: ${text} Nothing was sent.`,
    details: { line: 1, column, reason: text },
  })
}

function nothingToSend(): UserError {
  return new UserError({ code: 'line-refused', message: 'There is nothing in this line to send.', details: { line: 1, column: 1, reason: 'empty' } })
}
