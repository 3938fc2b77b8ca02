/** What was found wrong in a program, as the error a person reads. */
import { UserError } from '../../../../base/errors.ts'
import type { Finding } from '../../gcode/index.ts'

/** Findings with a code of their own; everything else is a line the controller would not take. */
const OWN_CODES = new Set(['outside-envelope', 'keep-out', 'feed-too-high', 'spindle-speed', 'forbidden-code', 'dwell-too-long', 'tool-change-unknown'])
const SHOWN = 60

/**
 * @param finding its line counted in the program
 * @param raw the line as it stands there, latin-1
 */
export function refusalOf(finding: Finding, raw: string): UserError {
  const { code, line, column, text } = finding
  const shown = raw.length > SHOWN ? `${raw.slice(0, SHOWN - 3)}...` : raw
  // only what can be shown: the line may hold anything
  const printable = [...shown]
    .map((char) => (char < ' ' || char === '\x7f' ? '·' : char))
    .join('')
    .trim()
  const details = { line, column, reason: text, text: printable, finding: code }
  const reads = ` The line reads "${printable}".`
  switch (code) {
    case 'outside-envelope':
      return new UserError({
        code,
        message: `Line ${line} would leave the machine's travel: ${text} Check the work offset and the program. Nothing was sent.`,
        details,
      })
    case 'keep-out':
      return new UserError({
        code,
        message: `Line ${line} is refused: ${text} Check the work offset, the clamping and the program. Nothing was sent.`,
        details,
      })
    default:
      return new UserError({ code: OWN_CODES.has(code) ? code : 'line-refused', message: `Line ${line}, column ${column}: ${text}${reads}`, details })
  }
}

export function emptyProgram(): UserError {
  return new UserError({ code: 'program-empty', message: 'The program holds no line that could be sent. Check that it is the right file.' })
}
