/**
 * Sends kept messages of a run again, in a run of its own: from the beginning what its trigger sent, or from one step what that
 * step was given. Only whole messages; and across a step that acts on a machine only when a person said so.
 */
import { UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { type FlowNode, motionRoleOf, type Run, type StepMessage } from '../api/index.ts'
import type { Caller } from '../auth/caller.ts'
import { motionBehind } from '../orchestration/motion-behind.ts'

export interface Delivery {
  nodeId: string
  seq: number
}

/**
 * The steps that are given their message again.
 * @param seq begin at this step @defaultValue at the beginning
 * @throws UserError message-not-kept when the hops of the beginning are not known
 */
export function deliveriesOf(run: Run, seq?: number): Delivery[] {
  if (seq !== undefined) return run.detail.filter((hop) => hop.seq === seq)
  const [first] = run.detail
  if (!first) throw notKept('Nothing is known of how this run began.')
  // what the trigger sent, until it was reached again
  const again = run.detail.find((hop, index) => index > 0 && hop.nodeId === run.trigger.nodeId)
  const fromTrigger = run.detail.filter((hop) => hop.from === run.trigger.nodeId && (!again || hop.seq < again.seq))
  return fromTrigger.length ? fromTrigger : [first]
}

/** @throws UserError message-not-kept, message-not-whole */
export function messagesFor(deliveries: readonly Delivery[], messages: readonly StepMessage[]): { nodeId: string; msg: Record<string, unknown> }[] {
  if (!deliveries.length) throw notKept('The run has no such step, or only the first ones are kept in detail.')
  return deliveries.map(({ nodeId, seq }) => {
    const found = messages.find((message) => message.seq === seq)
    if (!found) throw notKept(`What step ${seq + 1} was given was not kept, or not for so long.`)
    if (!found.isWhole || typeof found.msg !== 'object' || found.msg === null)
      throw new UserError({
        code: 'message-not-whole',
        status: 409,
        message: `What step ${seq + 1} was given is kept only in part: it was too large, held a secret, or something that is not data (such as an open HTTP request). It cannot be sent again.`,
      })
    return { nodeId, msg: found.msg as Record<string, unknown> }
  })
}

const notKept = (message: string) => new UserError({ code: 'message-not-kept', status: 409, message })

/** @throws UserError node-gone, motion-ahead, not-allowed */
export function checkWay(options: { flows: readonly FlowNode[]; deliveries: readonly Delivery[]; mayMove: boolean; caller: Caller }): void {
  const { flows, deliveries, mayMove, caller } = options
  for (const { nodeId } of deliveries) {
    const node = flows.find(({ id }) => id === nodeId)
    if (!node)
      throw new UserError({
        code: 'node-gone',
        status: 409,
        message: 'The step is not part of the deployed flows any more. Deploy that version again, or begin with another step.',
      })
    const moves = motionRoleOf(node.type, node.command) === 'acts' || motionBehind(flows, nodeId)
    if (!moves) continue
    if (!caller.capabilities.has('machines.operate'))
      throw new UserError({ code: 'not-allowed', status: 403, message: 'On this way the flow acts on a machine: that takes the right to operate machines.' })
    if (!mayMove)
      throw new UserError({
        code: 'motion-ahead',
        status: 409,
        message: 'On this way the flow may move a machine. Make sure that nobody is at it and that it is set up as it was then, and say so.',
      })
  }
}

/** The run that a replay is. */
export function replayOf(run: Run): { id: string; trigger: Run['trigger']; replayOf: string } {
  return { id: newId('run'), trigger: run.trigger, replayOf: run.id }
}
