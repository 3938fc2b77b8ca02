import { Type } from 'typebox'
import { Choice, defineNode, Picked } from '../define-node/index.ts'
import type { DeliveredWorkOrder } from '../services.ts'
import type { Receipt } from './receipt.ts'

const SENT_LIMIT = 10_000

/** An order that this node has sent on; kept, because one not yet taken is delivered again after a reconnect. */
interface Sent {
  runId: string
  isTaken: boolean
}

export default defineNode({
  type: 'cw-work-orders',
  family: 'erp',
  label: 'work orders',
  summary: 'Starts a run for each work order that a connection brings.',
  icon: 'work-orders',
  inputs: 0,
  outputs: ['work order'],
  config: Type.Object({
    connectionId: Picked('connection', { title: 'Connection' }),
    takenWhen: Choice(['sent', 'released'], {
      title: 'Counts as taken',
      help: 'Orders not yet taken come again after a restart.',
      labels: { sent: 'when it is sent on', released: 'when an operator button releases it' },
      default: 'sent',
    }),
  }),
  setup(context) {
    const { connectionId, takenWhen } = context.config
    const sent = context.kept<Map<string, Sent>>(() => new Map())
    let remove: (() => void) | undefined

    const tell = (id: string, order: Sent) => {
      if (order.isTaken || takenWhen === 'released') return
      order.isTaken = true
      context.services.workOrderTaken({ id, runId: order.runId }).catch((error) => {
        // it comes again after a reconnect, and is then only reported
        order.isTaken = false
        context.fail(error)
      })
    }
    const deliver = ({ id, order, source }: DeliveredWorkOrder) => {
      const before = sent.get(id)
      if (before) return tell(id, before)
      const runId = context.services.newRun(context.id)
      const receipt: Receipt = { id, connectionId, source, isOpen: takenWhen === 'released' }
      context.services.withRun(runId, () => context.send(0, { _run: runId, topic: order.number, payload: order, workOrder: order, receipt }))
      const now = { runId, isTaken: false }
      sent.set(id, now)
      forgetOldest(sent)
      context.status({ info: `${String(order.number)} from ${source}` })
      tell(id, now)
    }
    // without a wire an order would be taken and gone
    const listen = () => {
      if (context.hasOutputWire(0)) {
        if (!remove) context.status({ waiting: 'waiting for work orders' })
        remove ??= context.services.subscribeWorkOrders({ connectionId, nodeId: context.id }, deliver)
      } else {
        remove?.()
        remove = undefined
        context.status({ off: 'nothing is wired to this node: work orders wait' })
      }
    }
    listen()
    context.onFlowsStarted(listen)
    return { close: () => remove?.() }
  },
})

function forgetOldest(sent: Map<string, Sent>): void {
  for (const id of sent.keys()) {
    if (sent.size <= SENT_LIMIT) break
    sent.delete(id)
  }
}
