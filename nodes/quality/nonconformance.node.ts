import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { Choice, defineNode, type Message, MessageValue, Quantity } from '../define-node/index.ts'
import { workOrderNumberOf } from '../erp/receipt.ts'
import { failed } from '../orchestration/scope.ts'
import type { Turn } from '../orchestration/services.ts'
import { awaitDecision } from './decision.ts'
import type { Disposition, NonconformanceContent, NonconformanceNow } from './nonconformance-services.ts'

const [OPENED, USED, WORKED_ON, OUT, OVER] = [0, 1, 2, 3, 4]
const OUTPUT_OF: Record<Disposition, number> = { 'use-as-is': USED, rework: WORKED_ON, repair: WORKED_ON, scrap: OUT, return: OUT }

/** As server/quality/documents raises it. */
const eventKey = (id: string) => `quality-document\n${id}`

interface Data {
  id: string
  number: string
}

export default defineNode({
  type: 'cw-nonconformance',
  family: 'quality',
  label: 'nonconformance',
  summary: 'Opens a nonconformance report, once for each key, and waits for what people decide about the parts.',
  icon: 'nonconformance',
  inputs: 1,
  outputs: ['opened', 'use as is', 'rework or repair', 'scrap or return', 'withdrawn or timed out'],
  labelFrom: 'title',
  config: Type.Object({
    title: MessageValue(Type.String({ minLength: 3, maxLength: 200 }), { title: 'Title', default: { type: 'str', value: 'Out of tolerance' } }),
    found: Type.Optional(
      MessageValue(Type.String({ maxLength: 4000 }), {
        title: 'What was found',
        help: 'E.g. the verdict of a check.',
        default: { type: 'msg', value: 'payload.text' },
      }),
    ),
    requirement: Type.Optional(
      MessageValue(Type.String({ maxLength: 4000 }), {
        title: 'What was required',
        help: 'Empty: the tolerance of the measurement.',
        default: { type: 'str', value: '' },
      }),
    ),
    part: Type.Optional(MessageValue(Type.String({ maxLength: 120 }), { title: 'Part', default: { type: 'msg', value: 'workOrder.part' } })),
    lot: Type.Optional(MessageValue(Type.String({ maxLength: 120 }), { title: 'Lot', default: { type: 'msg', value: 'lot' } })),
    serial: Type.Optional(MessageValue(Type.String({ maxLength: 120 }), { title: 'Serial number', default: { type: 'msg', value: 'partSerial' } })),
    quantity: Type.Optional(MessageValue(Type.Integer({ minimum: 0, maximum: 10_000_000 }), { title: 'How many parts', default: { type: 'num', value: '1' } })),
    severity: Choice(['minor', 'major', 'critical'], {
      title: 'Severity',
      labels: { minor: 'minor', major: 'major', critical: 'critical' },
      default: 'minor',
    }),
    onceFor: MessageValue(Type.String({ minLength: 1, maxLength: 200 }), {
      title: 'Once for each',
      help: 'The same value opens one report, however often it comes. Usually the measurement or the part.',
      default: { type: 'msg', value: 'payload.measurementId' },
    }),
    waits: Type.Boolean({ title: 'Wait for what is decided', default: true }),
    deadline: Quantity({
      title: 'Deadline',
      unit: 's',
      help: 'Then the message goes on by the last output; the report stays open. 0 waits for ever.',
      minimum: 0,
      maximum: 31_536_000,
      default: 0,
    }),
  }),
  setup(context) {
    const { severity, waits, deadline } = context.config
    const { nonconformances } = context.services

    const said = (now: NonconformanceNow) => ({
      id: now.id,
      number: now.number,
      state: now.state,
      ...(now.by === undefined ? {} : { decidedBy: now.by, decidedAt: now.at }),
      ...(now.reason === undefined ? {} : { reason: now.reason }),
    })
    /** Each kind of disposition goes on by its own output: of twelve parts two may be scrap. */
    const end = (message: Message, now: NonconformanceNow): Turn<Data> | undefined => {
      if (now.outcome === 'waits') return undefined
      if (now.outcome === 'withdrawn') {
        const text = `${now.number} was withdrawn by ${now.by ?? 'somebody'}${now.reason ? `: ${now.reason}` : ''}`
        return {
          end: { outcome: 'done', text },
          after: () => context.send(OVER, { ...failed(message, text, context), nonconformance: said(now) }),
        }
      }
      const text = `${now.number}: ${now.dispositions.map(({ what, quantity }) => `${quantity} ${what}`).join(', ')}`
      return {
        end: { outcome: 'done', text },
        after: () => {
          for (const { what, quantity, instruction } of now.dispositions)
            context.send(OUTPUT_OF[what], {
              ...message,
              nonconformance: { ...said(now), disposition: what, quantity, ...(instruction === undefined ? {} : { instruction }) },
            })
        },
      }
    }
    const decision = awaitDecision<Data, NonconformanceNow>(context, {
      now: ({ id }) => nonconformances.now(id),
      end,
      deadline,
      late: {
        text: ({ number }, span) => `nobody decided on ${number} within ${span}`,
        send: (message, text, nonconformance) => context.send(OVER, { ...failed(message, text, context), nonconformance }),
      },
    })
    return {
      async input(message) {
        const [title, found, requirement, part, lot, serial, quantity, key] = await Promise.all([
          context.value('title', message),
          context.value('found', message),
          context.value('requirement', message),
          context.value('part', message),
          context.value('lot', message),
          context.value('serial', message),
          context.value('quantity', message),
          context.value('onceFor', message),
        ])
        if (!key.trim())
          throw new UserError({
            code: 'key-missing',
            message: 'There is nothing to tell this report from the next one by. Set "Once for each", e.g. to the serial number.',
          })
        const content: NonconformanceContent = withoutEmpty({
          title,
          found,
          requirement: requirement?.trim() || toleranceOf(message),
          part,
          lot,
          serials: serial?.trim() ? [serial.trim()] : undefined,
          quantity,
          severity,
          workOrder: workOrderNumberOf(message),
          links: linksOf(message),
        })
        const now = await nonconformances.open({ nodeId: context.id, key: key.trim(), content, ...(message._run ? { runId: message._run } : {}) })
        context.send(OPENED, { ...message, nonconformance: said(now) })
        if (!waits) return context.status({ info: `${now.number} opened` })
        await decision.wait({ message, data: { id: now.id, number: now.number }, key: eventKey(now.id), text: `what becomes of ${now.number}` })
      },
      close: () => decision.close(),
    }
  },
})

/** The measurement, its characteristic, the signals of its chart, and the run that the message comes from. */
function linksOf({ payload, _run }: Message): NonconformanceContent['links'] {
  const { measurementId, text, characteristicId, characteristic, signals } = factsOf(payload)
  const link = (kind: 'measurement' | 'signal' | 'characteristic' | 'run', id: unknown, said: unknown) =>
    typeof id === 'string' && id ? [{ kind, id: id.slice(0, 100), text: typeof said === 'string' && said ? said.slice(0, 300) : id.slice(0, 100) }] : []
  return [
    ...link('measurement', measurementId, text),
    ...(Array.isArray(signals) ? signals : [payload]).slice(0, 10).flatMap((one) => {
      const { id, rule, text: rules } = factsOf(one)
      return typeof rule === 'string' ? link('signal', id, rules) : []
    }),
    ...link('characteristic', characteristicId, characteristic),
    ...link('run', _run, 'The run of the flow'),
  ]
}

/** What a measurement was judged by, where nothing else is said. */
function toleranceOf({ payload }: Message): string | undefined {
  const { lowerLimit, upperLimit, unit } = factsOf(payload)
  const [low, high] = [lowerLimit, upperLimit].map((limit) => (typeof limit === 'number' ? String(limit) : undefined))
  const limits = low !== undefined && high !== undefined ? `${low} … ${high}` : low !== undefined ? `≥ ${low}` : high !== undefined ? `≤ ${high}` : undefined
  return limits === undefined ? undefined : `${limits} ${typeof unit === 'string' ? unit : ''}`.trim()
}

const factsOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {})

const withoutEmpty = <T extends object>(
  values: T,
): { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== '')) as never
