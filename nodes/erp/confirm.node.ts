import { Type } from 'typebox'
import { defineNode, MessageValue, Picked } from '../define-node/index.ts'

const Count = Type.Integer({ minimum: 0, maximum: 1_000_000 })

export default defineNode({
  type: 'cw-confirm',
  family: 'erp',
  label: 'confirm',
  summary: 'Confirms a work order back to the system it came from, once.',
  icon: 'confirm',
  inputs: 1,
  outputs: ['accepted'],
  config: Type.Object({
    connectionId: Picked('connection', { title: 'Connection' }),
    workOrder: MessageValue(Type.String({ minLength: 1, maxLength: 64 }), { title: 'Work order', default: { type: 'msg', value: 'workOrder.number' } }),
    operation: Type.Optional(
      MessageValue(Type.String({ maxLength: 64 }), { title: 'Operation', help: 'Where one order has several.', default: { type: 'str', value: '' } }),
    ),
    result: MessageValue(Type.String({ minLength: 1, maxLength: 500 }), { title: 'Result', default: { type: 'str', value: 'completed' } }),
    quantityGood: Type.Optional(MessageValue(Count, { title: 'Good parts', default: { type: 'msg', value: '' } })),
    quantityScrapped: Type.Optional(MessageValue(Count, { title: 'Scrapped parts', default: { type: 'msg', value: '' } })),
    details: Type.Optional(
      MessageValue(Type.Record(Type.String(), Type.Unknown()), {
        title: 'Further details',
        help: 'An object whose properties are added, e.g. measured values.',
        default: { type: 'msg', value: '' },
      }),
    ),
    onceFor: Type.Optional(
      MessageValue(Type.String({ maxLength: 200 }), {
        title: 'Once for each',
        help: 'The same value is confirmed once. Left empty: work order and operation.',
        default: { type: 'msg', value: '' },
      }),
    ),
  }),
  setup(context) {
    const { connectionId } = context.config
    return {
      async input(message) {
        const [workOrder, operation, result, quantityGood, quantityScrapped, details, onceFor] = await Promise.all([
          context.value('workOrder', message),
          context.value('operation', message),
          context.value('result', message),
          context.value('quantityGood', message),
          context.value('quantityScrapped', message),
          context.value('details', message),
          context.value('onceFor', message),
        ])
        const key = onceFor ?? [workOrder, ...(operation ? [operation] : [])].join('-')
        const body = withoutUndefined({ ...details, workOrder, operation, result, quantityGood, quantityScrapped, confirmedAt: new Date().toISOString() })
        context.status({ info: `confirming ${workOrder}` })
        const accepted = await context.services.confirm({
          connectionId,
          workOrder,
          key,
          body,
          nodeId: context.id,
          ...(message._run ? { runId: message._run } : {}),
        })
        context.status({ ok: `${workOrder} confirmed` })
        context.send(0, { ...message, confirmation: { ...accepted, key } })
      },
    }
  },
})

const withoutUndefined = (body: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
