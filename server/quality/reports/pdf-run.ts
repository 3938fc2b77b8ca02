/**
 * A process that typesets one report and ends (pdf.ts asks it). The question is one line of JSON on standard input, the answer one on
 * standard output: the PDF in base64. It ends when its input does, so that nothing outlives the gateway for long.
 */
import { readJsonLines } from '../../../base/child.ts'
import { toErrorMessage, UserError } from '../../../base/errors.ts'
import type { PdfDocument } from './contract.ts'
import { typeset } from './typeset.ts'

let isAsked = false

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(0))
}

process.stdin.on(
  'data',
  readJsonLines(
    (asked) => {
      if (isAsked) return
      isAsked = true
      // only the gateway asks, with what pdf.ts has made
      const { at, ...document } = asked as Omit<PdfDocument, 'at'> & { at: string }
      typeset({ ...document, at: new Date(at) }).then(
        (pdf) => say({ result: pdf.toString('base64') }),
        (error) => say({ error: toErrorMessage(error) }),
      )
    },
    () => say({ error: toErrorMessage(new UserError({ code: 'invalid-input', message: 'The document to be typeset is not JSON.' })) }),
  ),
)
process.stdin.on('end', () => process.exit(0))
process.stdin.on('error', () => process.exit(0))
// whoever asked has gone: there is nobody to tell
process.stdout.on('error', () => process.exit(0))
