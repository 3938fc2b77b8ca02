/**
 * A process that is asked one thing about the outside and ends: which serial ports there are, or what is behind a link
 * that no machine uses yet. The question is one line of JSON on standard input ({@link SurveyQuestion}), the answer one
 * on standard output: `{"result": …}` or `{"error": …}`. It ends when its input does, the link closed, so that a port is
 * never held by a process that nobody waits for.
 */
import { readJsonLines } from '../../../../base/child.ts'
import { toErrorMessage, UserError } from '../../../../base/errors.ts'
import { checker } from '../../../../base/schema.ts'
import { SurveyQuestion } from '../../survey.ts'
import { surveyGrbl } from './grbl.ts'
import { surveyLinuxcnc } from './linuxcnc.ts'
import { surveyPorts } from './ports.ts'

const question = checker(SurveyQuestion)
const gone = new AbortController()
let isAsked = false

async function answer(asked: unknown): Promise<unknown> {
  const { kind, ...request } = question.parse(asked, 'The question to the survey')
  if (kind === 'ports') return surveyPorts()
  if (!('link' in request)) throw new UserError({ code: 'invalid-input', message: 'A survey needs a link.' })
  return request.controller === 'linuxcnc' ? surveyLinuxcnc(request.link, gone.signal) : surveyGrbl(request.link, gone.signal)
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
        (error) => say({ error: toErrorMessage(error) }),
      )
    },
    () => say({ error: toErrorMessage(new UserError({ code: 'invalid-input', message: 'The question to the survey is not JSON.' })) }),
  ),
)
// the link closes itself at this signal, then nothing keeps the process
process.stdin.on('end', () => {
  gone.abort()
  setTimeout(() => process.exit(0), 1000).unref()
})
process.stdin.on('error', () => process.exit(0))
// whoever asked has gone: there is nobody to tell
process.stdout.on('error', () => process.exit(0))
