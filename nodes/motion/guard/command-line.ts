/** Which single lines a person may send through the guard, and as what. */
import { UserError } from '../../../base/errors.ts'
import { type CheckProblem, type CheckSetup, ModalCheck, tokenise } from '../gcode/index.ts'
import { type PreparedLine, prepareLine, refuseLine } from '../grbl/index.ts'

export type Command =
  | { kind: 'home' }
  | { kind: 'unlock' }
  /** Asks for something and moves nothing. */
  | { kind: 'query'; line: PreparedLine }
  | { kind: 'setting'; line: PreparedLine }
  | { kind: 'jog'; line: PreparedLine; gcode: string }
  | { kind: 'gcode'; line: PreparedLine; gcode: string }

/**
 * Reads one line from a person.
 * @throws UserError `line-refused`
 */
export function readCommand(raw: string, maxLength: number): Command {
  const text = raw.replace(/[\r\n]+$/, '')
  if (/[\r\n]/.test(text))
    refuseLine({ number: 1, column: text.search(/[\r\n]/) + 1, raw: text, reason: 'One line at a time, please: this holds a line break.' })
  const line = prepareLine(text, { number: 1, maxLength })
  if (!line) throw new UserError({ code: 'line-refused', message: 'There is nothing in this line to send.', details: { line: 1, column: 1, reason: 'empty' } })
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
 * @throws UserError `line-refused`, `outside-envelope`
 */
export function checkCommand(command: Extract<Command, { kind: 'jog' | 'gcode' }>, setup: CheckSetup): void {
  const found = tokenise(command.gcode)
  const raw = command.line.text
  if (found.kind === 'problem') refuseLine({ number: 1, raw, ...found.problem })
  if (found.kind === 'tape-mark') return
  if (command.kind === 'jog') {
    // grbl 1.1 jogging.md: G20 G21 G90 G91 G53 and no other code; a feed in every jog
    for (const { letter, value, column } of found.words) {
      if (letter === 'M' || (letter === 'G' && ![20, 21, 53, 90, 91].includes(value)))
        refuseLine({ number: 1, raw, column, reason: `${letter}${value} is not allowed in a jog.` })
    }
    if (!found.words.some(({ letter, value }) => letter === 'F' && value > 0)) refuseLine({ number: 1, raw, column: 1, reason: 'A jog needs a feed (F).' })
    if (!found.words.some(({ letter }) => 'XYZ'.includes(letter))) refuseLine({ number: 1, raw, column: 1, reason: 'A jog needs an axis.' })
  }
  const modal: CheckSetup['modal'] = command.kind === 'jog' ? { ...setup.modal, motion: 'G1', isInverseTime: false } : setup.modal
  const problem: CheckProblem | undefined = new ModalCheck({ ...setup, modal }).line(found.words)
  if (problem?.kind === 'envelope') {
    throw new UserError({
      code: 'outside-envelope',
      message: `The move would leave the machine's travel: ${problem.reason} Nothing was sent.`,
      details: { line: 1, column: problem.column, reason: problem.reason },
    })
  }
  if (problem) refuseLine({ number: 1, raw, column: problem.column, reason: problem.reason })
}
