import { Type } from 'typebox'
import { toErrorMessage, UserError } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import { Choice, defineNode, type Message, MessageValue, Picked, Quantity } from '../define-node/index.ts'
import { workOrderNumberOf } from '../erp/receipt.ts'
import { failed } from '../orchestration/scope.ts'
import type { Turn } from '../orchestration/services.ts'
import { triggerMessage } from '../triggers/message.ts'
import { awaitDecision } from './decision.ts'
import type { LotNow } from './sampling-services.ts'

const [SAMPLE, ACCEPTED, REJECTED, NOT_SAMPLED] = [0, 1, 2, 3]

/** As server/quality/lots raises it. */
const eventKey = (lotId: string) => `quality-lot\n${lotId}`

interface Data {
  lotId: string
  number: string
}
const taken = { field: 'does', is: ['take-up'] }
const judged = { field: 'does', is: ['judge'] }
const numbered = { field: 'does', is: ['take-up', 'judge'] }

export default defineNode({
  type: 'cw-sampling',
  family: 'quality',
  label: 'sampling',
  summary: 'Says how many items of a lot to inspect, and whether the lot is accepted or rejected (ANSI/ASQ Z1.4, ISO 2859-1).',
  icon: 'sampling',
  inputs: 1,
  outputs: ['take a sample', 'accepted', 'rejected', 'not sampled'],
  config: Type.Object({
    plan: Picked('sampling-plan', { title: 'Sampling plan', help: 'Of the page Quality, Sampling. Its switching rules are kept over all lots.' }),
    does: Choice(['take-up', 'judge', 'listen'], {
      title: 'What it does',
      labels: { 'take-up': 'takes a lot up and waits for its verdict', judge: 'judges a lot by a count', listen: 'starts a run with each verdict' },
      default: 'take-up',
    }),
    number: Type.Optional(
      MessageValue(Type.String({ minLength: 1, maxLength: 80 }), { title: 'Lot number', default: { type: 'msg', value: 'lot' }, when: numbered }),
    ),
    size: Type.Optional(
      MessageValue(Type.Integer({ minimum: 2, maximum: 100_000_000 }), { title: 'Items in the lot', default: { type: 'msg', value: 'size' }, when: taken }),
    ),
    isResubmission: Type.Optional(
      MessageValue(Type.Boolean(), {
        title: 'Comes again',
        help: 'It was rejected before, then sorted or mended: it does not count for the switching rules.',
        default: { type: 'bool', value: 'false' },
        when: taken,
      }),
    ),
    waits: Type.Boolean({ title: 'Wait for the verdict', default: true, when: taken }),
    deadline: Quantity({
      title: 'Deadline',
      unit: 's',
      help: 'Then the message goes on by the last output; the lot stays open. 0 waits for ever.',
      minimum: 0,
      maximum: 31_536_000,
      default: 0,
      when: taken,
    }),
    nonconforming: Type.Optional(
      MessageValue(Type.Integer({ minimum: 0, maximum: 10_000_000 }), {
        title: 'Nonconforming found',
        default: { type: 'msg', value: 'payload' },
        when: judged,
      }),
    ),
  }),
  setup(context) {
    const { plan: planId, does, waits, deadline } = context.config
    const { sampling, triggers } = context.services

    const end = (message: Message, lot: LotNow): Turn<Data> | undefined => {
      switch (lot.state) {
        case 'open':
          return undefined
        case 'accepted':
        case 'rejected': {
          const output = lot.state === 'accepted' ? ACCEPTED : REJECTED
          return {
            end: { outcome: 'done', text: `lot ${lot.lot} was ${lot.state}${lot.by ? ` by ${lot.by}` : ''}` },
            after: () => context.send(output, { ...message, sampling: lot }),
          }
        }
        case 'withdrawn': {
          const text = `lot ${lot.lot} was withdrawn${lot.by ? ` by ${lot.by}` : ''}${lot.reason ? `: ${lot.reason}` : ''}`
          return { end: { outcome: 'done', text }, after: () => context.send(NOT_SAMPLED, { ...failed(message, text, context), sampling: lot }) }
        }
        default:
          return lot.state satisfies never
      }
    }
    const verdict = awaitDecision<Data, LotNow>(context, {
      now: ({ lotId }) => sampling.lotNow(lotId),
      end,
      deadline,
      late: {
        text: ({ number }, span) => `lot ${number} was not judged within ${span}`,
        send: (message, text, lot) => context.send(NOT_SAMPLED, { ...failed(message, text, context), sampling: lot }),
      },
    })
    const remove =
      does === 'listen'
        ? triggers.register({
            face: { nodeId: context.id, kind: 'event', name: context.name, about: 'verdicts of lots', on: { source: 'quality-lot', planId } },
            onFire(firing) {
              const { values, ...rest } = firing
              const lot = values.payload as { state: string; lot: string }
              const message = { ...triggerMessage({ ...rest, values: {} }, { topic: lot.lot }), payload: lot }
              context.status(lot.state === 'accepted' ? { ok: `lot ${lot.lot} accepted` } : { alarm: `lot ${lot.lot} rejected` })
              context.send(lot.state === 'accepted' ? ACCEPTED : REJECTED, message)
            },
            onSwitch: (isOn) => context.status(isOn ? { waiting: 'waits for a verdict' } : { off: 'switched off' }),
          })
        : () => {}

    const asked = async (message: Message) => {
      const number = (await context.value('number', message))?.trim()
      if (!number) throw new UserError({ code: 'key-missing', message: 'The message has no lot number. Set "Lot number" to where it is.' })
      return { planId, number, nodeId: context.id, entryId: newId('ent'), ...(message._run ? { runId: message._run } : {}) }
    }
    const takeUp = async (message: Message) => {
      const request = await asked(message)
      const size = await context.value('size', message)
      if (size === undefined)
        throw new UserError({ code: 'value-missing', message: 'The message does not say how many items the lot has. Set "Items in the lot".' })
      const isResubmission = (await context.value('isResubmission', message)) ?? false
      const workOrder = workOrderNumberOf(message)
      let lot: LotNow
      try {
        lot = await sampling.beginLot({ ...request, size, isResubmission, ...(workOrder === undefined ? {} : { workOrder }) })
      } catch (error) {
        const { code, message: text } = toErrorMessage(error)
        // every item has to be looked at now: a way of its own in the flow, and no fault of it
        if (code !== 'sampling-discontinued') throw error
        context.status({ alarm: 'discontinued' })
        return context.send(NOT_SAMPLED, { ...failed(message, text, context), sampling: { lot: request.number, size, state: 'discontinued' } })
      }
      context.send(SAMPLE, { ...message, payload: lot.sample, sampling: lot })
      if (!waits) return context.status({ info: `lot ${lot.lot}: take ${lot.sample}` })
      await verdict.wait({ message, data: { lotId: lot.lotId, number: lot.lot }, key: eventKey(lot.lotId), text: `the verdict on lot ${lot.lot}` })
    }
    const judge = async (message: Message) => {
      const request = await asked(message)
      const nonconforming = await context.value('nonconforming', message)
      if (nonconforming === undefined)
        throw new UserError({ code: 'value-missing', message: 'The message does not say how many were nonconforming. Set "Nonconforming found".' })
      const by = typeof message.pressedBy === 'string' ? message.pressedBy : undefined
      const lot = await sampling.judgeLot({ ...request, nonconforming, ...(by === undefined ? {} : { by }) })
      const text = `lot ${lot.lot} ${lot.state}: ${nonconforming} of ${lot.sample}`
      context.status(lot.state === 'accepted' ? { ok: text } : { alarm: text })
      context.send(lot.state === 'accepted' ? ACCEPTED : REJECTED, { ...message, sampling: lot })
    }
    return {
      async input(message) {
        switch (does) {
          case 'take-up':
            return takeUp(message)
          case 'judge':
            return judge(message)
          case 'listen':
            throw new UserError({
              code: 'input-unused',
              message: 'This node starts runs by itself. To take lots up or judge them, choose so in "What it does".',
            })
          default:
            return does satisfies never
        }
      },
      close: () => {
        remove()
        verdict.close()
      },
    }
  },
})
