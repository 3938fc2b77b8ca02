/**
 * A process that rewrites one program and ends (transforms.ts asks it). The question is one line of JSON on standard input,
 * the answer one on standard output. It ends when its input does, so that nothing outlives the gateway for long.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { readJsonLines } from '../../base/child.ts'
import { type ErrorMessage, toErrorMessage, UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import { TransformFailed, transformProgramSync } from '../../nodes/motion/gcode/transform/index.ts'
import { TransformQuestion } from './transform-question.ts'

const question = checker(TransformQuestion)
let isAsked = false

async function answer(asked: unknown): Promise<unknown> {
  const { input, output, transform } = question.parse(asked, 'The question to the transform')
  const { pieces, report, notes } = transformProgramSync(await readFile(input), transform)
  await writeFile(output, pieces, { mode: 0o600 })
  return { ...report, ...(notes.length ? { notes } : {}) }
}

/** The engine's own word for a program that cannot be changed in this way is a person's to put right. */
function toMessage(error: unknown): ErrorMessage {
  if (!(error instanceof TransformFailed)) return toErrorMessage(error)
  const { code, line, message } = error
  return toErrorMessage(new UserError({ code, status: 422, message, details: { line } }))
}

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`, () => process.exit(0))
}

process.stdin.on(
  'data',
  readJsonLines(
    (asked) => {
      if (isAsked) return
      isAsked = true
      answer(asked).then(
        (result) => say({ result }),
        (error) => say({ error: toMessage(error) }),
      )
    },
    () => say({ error: toErrorMessage(new UserError({ code: 'invalid-input', message: 'The question to the transform is not JSON.' })) }),
  ),
)
process.stdin.on('end', () => process.exit(0))
process.stdin.on('error', () => process.exit(0))
// whoever asked has gone: there is nobody to tell
process.stdout.on('error', () => process.exit(0))
