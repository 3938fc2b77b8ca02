import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { Choice, defineNode, type Message, MessageValue, Quantity } from '../define-node/index.ts'
import { workOrderNumberOf } from '../erp/receipt.ts'
import { failed } from '../orchestration/scope.ts'
import type { Turn } from '../orchestration/services.ts'
import { awaitDecision } from './decision.ts'
import type { InspectionNow } from './inspection-services.ts'

const [BEGUN, ACCEPTED, REJECTED, OVER] = [0, 1, 2, 3]

/** As server/quality/inspection raises it. */
const eventKey = (id: string) => `quality-inspection\n${id}`

interface Data {
  id: string
  number: string
}

export default defineNode({
  type: 'cw-inspection',
  family: 'quality',
  label: 'inspection',
  summary: 'Begins an inspection of parts by the plan of the part, and goes on when a person has accepted or rejected it.',
  icon: 'inspection',
  inputs: 1,
  outputs: ['begun', 'accepted', 'rejected', 'withdrawn or timed out'],
  labelFrom: 'part',
  config: Type.Object({
    part: MessageValue(Type.String({ minLength: 1, maxLength: 120 }), {
      title: 'Part',
      help: 'As in its inspection plan.',
      suggests: 'inspection-plan',
      default: { type: 'msg', value: 'workOrder.part' },
    }),
    partRevision: Type.Optional(
      MessageValue(Type.String({ maxLength: 40 }), { title: 'Revision', help: 'Empty: the plan that was changed last.', default: { type: 'str', value: '' } }),
    ),
    kind: Choice(['first-article', 'plain'], {
      title: 'Kind',
      labels: { 'first-article': 'first article (AS9102)', plain: 'plain inspection' },
      default: 'first-article',
    }),
    serials: Type.Optional(
      MessageValue(Type.Union([Type.String({ maxLength: 120 }), Type.Array(Type.String({ maxLength: 120 }), { maxItems: 1000 })]), {
        title: 'Serial numbers',
        help: 'One, or a list. What is measured of them anywhere is collected by itself.',
        default: { type: 'msg', value: 'partSerial' },
      }),
    ),
    lot: Type.Optional(MessageValue(Type.String({ maxLength: 120 }), { title: 'Lot', default: { type: 'msg', value: 'lot' } })),
    quantity: Type.Optional(
      MessageValue(Type.Integer({ minimum: 1, maximum: 1000 }), {
        title: 'How many parts',
        help: 'Empty: as many as there are serial numbers.',
        default: { type: 'num', value: '1' },
      }),
    ),
    onceFor: MessageValue(Type.String({ minLength: 1, maxLength: 200 }), {
      title: 'Once for each',
      help: 'The same value begins one inspection, however often it comes. Usually the serial number or the work order.',
      default: { type: 'msg', value: 'partSerial' },
    }),
    waits: Type.Boolean({ title: 'Wait for the decision', default: true }),
    deadline: Quantity({
      title: 'Deadline',
      unit: 's',
      help: 'Then the message goes on by the last output; the inspection stays open. 0 waits for ever.',
      minimum: 0,
      maximum: 31_536_000,
      default: 0,
    }),
  }),
  setup(context) {
    const { kind, waits, deadline } = context.config
    const { inspections } = context.services

    const said = (now: InspectionNow) => ({
      id: now.id,
      number: now.number,
      state: now.state,
      conforming: now.conforming,
      nonconforming: now.nonconforming,
      needed: now.needed,
      ...(now.by === undefined ? {} : { decidedBy: now.by, decidedAt: now.at }),
      ...(now.reason === undefined ? {} : { reason: now.reason }),
    })
    const end = (message: Message, now: InspectionNow): Turn<Data> | undefined => {
      const who = `${now.by ?? 'somebody'}${now.reason ? `: ${now.reason}` : ''}`
      switch (now.state) {
        case 'open':
        case 'verified':
          return undefined
        case 'accepted':
        case 'rejected': {
          const output = now.state === 'accepted' ? ACCEPTED : REJECTED
          return {
            end: { outcome: 'done', text: `${now.number} was ${now.state} by ${who}` },
            after: () => context.send(output, { ...message, inspection: said(now) }),
          }
        }
        case 'withdrawn': {
          const text = `${now.number} was withdrawn by ${who}`
          return { end: { outcome: 'done', text }, after: () => context.send(OVER, { ...failed(message, text, context), inspection: said(now) }) }
        }
        default:
          return now.state satisfies never
      }
    }
    const decision = awaitDecision<Data, InspectionNow>(context, {
      now: ({ id }) => inspections.now(id),
      end,
      deadline,
      late: {
        text: ({ number }, span) => `nobody decided on ${number} within ${span}`,
        send: (message, text, inspection) => context.send(OVER, { ...failed(message, text, context), inspection }),
      },
    })
    return {
      async input(message) {
        const [part, partRevision, given, lot, quantity, key] = await Promise.all([
          context.value('part', message),
          context.value('partRevision', message),
          context.value('serials', message),
          context.value('lot', message),
          context.value('quantity', message),
          context.value('onceFor', message),
        ])
        if (!key.trim())
          throw new UserError({
            code: 'key-missing',
            message: 'There is nothing to tell this inspection from the next one by. Set "Once for each", e.g. to the serial number.',
          })
        const serials = (Array.isArray(given) ? given : [given ?? '']).map((serial) => serial.trim()).filter(Boolean)
        const workOrder = workOrderNumberOf(message)
        const now = await inspections.start({
          nodeId: context.id,
          key: key.trim(),
          part: part.trim(),
          ...(partRevision?.trim() ? { partRevision: partRevision.trim() } : {}),
          isFirstArticle: kind === 'first-article',
          serials,
          quantity: Math.max(quantity ?? 1, serials.length),
          ...(lot?.trim() ? { lot: lot.trim() } : {}),
          ...(workOrder === undefined ? {} : { workOrder }),
          ...(message._run ? { runId: message._run } : {}),
        })
        context.send(BEGUN, { ...message, inspection: said(now) })
        if (!waits) return context.status({ info: `${now.number} begun` })
        await decision.wait({ message, data: { id: now.id, number: now.number }, key: eventKey(now.id), text: `the decision on ${now.number}` })
      },
      close: () => decision.close(),
    }
  },
})
