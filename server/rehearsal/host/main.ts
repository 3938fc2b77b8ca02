/**
 * A process that rehearses one draft and ends. The plan is one line of JSON on standard input; on standard output come lines of
 * what it does and at last the report or an error. It ends when its input does, and takes the shadow runtime with it.
 */
import { rmSync } from 'node:fs'
import { readJsonLines } from '../../../base/child.ts'
import { toErrorMessage, UserError } from '../../../base/errors.ts'
import { createLog } from '../../../base/log.ts'
import { checker } from '../../../base/schema.ts'
import { RehearsalPlan } from '../plan.ts'
import { rehearse } from './rehearse.ts'

/** What closing may take; then it ends as it is. */
const LEAVING_MS = 6000

const plans = checker(RehearsalPlan)
const ending = new AbortController()
let isAsked = false
/** Whoever asked has gone. */
let isLeft = false
let plan: RehearsalPlan | undefined

const say = (line: object, then?: () => void) => void process.stdout.write(`${JSON.stringify(line)}\n`, then)
const sayLast = (line: object) => {
  // nobody else removes it any more
  if (isLeft && plan) rmSync(plan.dir, { recursive: true, force: true })
  say(line, () => process.exit(0))
}

process.stdin.on(
  'data',
  readJsonLines(
    (asked) => {
      if (isAsked) {
        // the second line ends the rehearsal with what there is, and says why
        const { why } = asked as { why?: unknown }
        ending.abort(new UserError({ code: 'rehearsal-stopped', message: typeof why === 'string' ? why : 'It was stopped.' }))
        return
      }
      isAsked = true
      Promise.resolve()
        .then(() => {
          plan = plans.parse(asked, 'The plan of the rehearsal')
          return rehearse({
            plan,
            signal: ending.signal,
            log: createLog('rehearsal', 'silent'),
            onDoing: (doing) => say({ doing }),
            onShadow: (shadow) => say({ shadow }),
          })
        })
        .then(
          (result) => sayLast({ result }),
          (error) => sayLast({ error: toErrorMessage(error) }),
        )
    },
    () => sayLast({ error: toErrorMessage(new UserError({ code: 'invalid-input', message: 'The plan of the rehearsal is not JSON.' })) }),
  ),
)
const leave = () => {
  isLeft = true
  ending.abort(new UserError({ code: 'rehearsal-stopped', message: 'Whoever asked is gone.' }))
  // the gateway that is still there takes no longer either (host-process.ts)
  setTimeout(() => sayLast({ error: toErrorMessage(new UserError({ code: 'rehearsal-stopped', message: 'Whoever asked is gone.' })) }), LEAVING_MS).unref()
}
process.stdin.on('end', leave)
process.stdin.on('error', leave)
// whoever asked has gone: there is nobody to tell
process.stdout.on('error', leave)
