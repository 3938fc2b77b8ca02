/** A breakpoint's condition: JSONata as the nodes of a flow write it, with a bound on its time. */
import { messageOf, UserError } from '../../../base/errors.ts'
import type { JsonataUtil, Message, RunningNode } from '../node-red.ts'

/** Longer than this it is given up: the whole runtime waits for it. */
const MAX_MS = 200

export type Verdict = { is: 'met' | 'not-met' } | { is: 'failed'; text: string }

/** @throws UserError condition-invalid when it is no JSONata */
export function checkCondition(util: JsonataUtil, source: string): void {
  try {
    util.prepareJSONataExpression(source, undefined)
  } catch (error) {
    throw new UserError({ code: 'condition-invalid', message: `The condition is not JSONata: ${messageOf(error)}` })
  }
}

/** JSONata is true for anything but nothing, false, 0 and what is empty ($boolean). */
export function judge(util: JsonataUtil, { source, node, message }: { source: string; node: RunningNode; message: Message }): Promise<Verdict> {
  return new Promise((resolve) => {
    const fail = (error: unknown) => resolve({ is: 'failed', text: messageOf(error) })
    try {
      const expression = util.prepareJSONataExpression(`$boolean((${source}\n))`, node)
      const until = performance.now() + MAX_MS
      expression.assign(Symbol.for('jsonata.__evaluate_entry'), () => {
        if (performance.now() > until) throw new Error(`the condition took longer than ${MAX_MS} ms`)
      })
      util.evaluateJSONataExpression(expression, message, (error, result) => {
        if (error) fail(error)
        else resolve({ is: result === true ? 'met' : 'not-met' })
      })
    } catch (error) {
      fail(error)
    }
  })
}
