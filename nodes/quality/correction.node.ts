import { Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { Choice, ConfigNode, defineNode, type Message, MessageValue, type NodeContext, Picked, Quantity, Text } from '../define-node/index.ts'
import { runOf, WORK_OFFSET_LABELS, WORK_OFFSETS } from '../motion/asking.ts'
import machine from '../motion/machine.node.ts'
import type { MachineState } from '../motion/machine.ts'
import { type Asked, inWords } from './correction-words.ts'
import type { CorrectedOffset } from './services.ts'

const [PROPOSAL, NOTHING, BEYOND, KEPT] = [0, 1, 2, 3]
const WHEN_PROPOSING = { field: 'does', is: ['propose'] }
const WHEN_OF_OFFSET = { field: 'does', is: ['propose', 'reset'] }

const config = Type.Object({
  does: Choice(['propose', 'applied', 'refused', 'reset'], {
    title: 'What it does',
    labels: {
      propose: 'proposes a correction',
      applied: 'keeps that a proposal was set',
      refused: 'keeps that a proposal was refused',
      reset: 'begins anew (another tool, another insert)',
    },
    default: 'propose',
  }),
  characteristicId: Type.Optional(
    Picked('quality-characteristic', { title: 'Characteristic', help: 'A length with a nominal value.', when: WHEN_OF_OFFSET, isNeeded: true }),
  ),
  machine: Type.Optional(ConfigNode(machine, { title: 'Machine', when: WHEN_OF_OFFSET, isNeeded: true })),
  workOffset: Choice([...WORK_OFFSETS], { title: 'Work offset', labels: WORK_OFFSET_LABELS, default: 'G54', when: WHEN_OF_OFFSET }),
  axis: Choice(['X', 'Y', 'Z'], { title: 'Axis', labels: { X: 'X', Y: 'Y', Z: 'Z' }, default: 'X', when: WHEN_OF_OFFSET }),
  tool: Type.Optional(
    Text({
      title: 'For tool',
      help: 'Each tool has its own sum. Tool tables are not set from here: the work offset is moved for it.',
      placeholder: 'T5',
      maxLength: 60,
      when: WHEN_OF_OFFSET,
    }),
  ),
  moves: Choice(['larger', 'smaller'], {
    title: 'A larger offset makes the value',
    labels: { larger: 'larger', smaller: 'smaller' },
    default: 'larger',
    when: WHEN_PROPOSING,
  }),
  factor: Quantity({
    title: 'Offset per value',
    help: '1 for a length, 0.5 where the offset is a radius and the value a diameter.',
    minimum: 0.001,
    maximum: 100,
    default: 1,
    when: WHEN_PROPOSING,
  }),
  last: Quantity({ title: 'From the newest', unit: 'points', minimum: 2, maximum: 1000, isWhole: true, default: 10, when: WHEN_PROPOSING }),
  least: Quantity({
    title: 'Needs points',
    help: 'With fewer nothing is proposed.',
    minimum: 2,
    maximum: 1000,
    isWhole: true,
    default: 5,
    when: WHEN_PROPOSING,
  }),
  estimator: Choice(['mean', 'median'], {
    title: 'Drift is',
    labels: { mean: 'the mean of the points', median: 'their median (one that is far off does not count)' },
    help: 'A median needs 6 points for an interval of 95 %.',
    default: 'mean',
    when: WHEN_PROPOSING,
  }),
  confidence: Choice(['90', '95', '99'], {
    title: 'Told from noise by',
    labels: { '90': 'its 90 % interval', '95': 'its 95 % interval', '99': 'its 99 % interval' },
    help: 'Nothing is proposed while the interval of the drift holds 0.',
    default: '95',
    when: WHEN_PROPOSING,
  }),
  points: Choice(['machine', 'all'], {
    title: 'Points',
    labels: { machine: 'of parts of this machine', all: 'all of the characteristic' },
    default: 'machine',
    when: WHEN_PROPOSING,
  }),
  deadBand: Quantity({
    title: 'Dead band',
    unit: 'mm',
    help: 'A drift of the value up to this is left alone.',
    minimum: 0,
    maximum: 100,
    default: 0.005,
    when: WHEN_PROPOSING,
  }),
  largestStep: Quantity({ title: 'Largest step', unit: 'mm', help: 'Of the offset.', minimum: 0.001, maximum: 100, default: 0.05, when: WHEN_PROPOSING }),
  beyondStep: Choice(['stop', 'limit'], {
    title: 'If more is needed',
    labels: { stop: 'propose nothing: something broke', limit: 'propose the largest step' },
    default: 'stop',
    when: WHEN_PROPOSING,
  }),
  largestSum: Quantity({
    title: 'Largest sum',
    unit: 'mm',
    help: 'Of all corrections since the node began anew.',
    minimum: 0.001,
    maximum: 100,
    default: 0.2,
    when: WHEN_PROPOSING,
  }),
  share: Quantity({
    title: 'Part of the drift corrected at once',
    unit: '%',
    minimum: 1,
    maximum: 100,
    default: 100,
    when: WHEN_PROPOSING,
  }),
  late: Quantity({
    title: 'Parts on the way',
    help: 'Points that come after a correction, of parts made before it.',
    minimum: 0,
    maximum: 1000,
    isWhole: true,
    default: 0,
    when: WHEN_PROPOSING,
  }),
  openFor: Quantity({
    title: 'A proposal stays open for',
    unit: 's',
    help: 'Until it is set or refused there is no other one; after this time there may be.',
    minimum: 1,
    maximum: 31_536_000,
    default: 28_800,
    when: WHEN_PROPOSING,
  }),
  proposal: Type.Optional(
    MessageValue(Type.String({ minLength: 1, maxLength: 80 }), {
      title: 'Proposal',
      help: 'As the proposing node named it.',
      default: { type: 'msg', value: 'payload.proposalId' },
      when: { field: 'does', is: ['applied', 'refused'] },
    }),
  ),
})
type Context = NodeContext<(typeof config)['properties']>

export default defineNode({
  type: 'cw-correction',
  family: 'quality',
  label: 'correction',
  summary: 'Proposes a correction of an offset when a characteristic drifts, and keeps what became of it. It never sets anything.',
  icon: 'correction',
  inputs: 1,
  outputs: ['proposal', 'nothing to do', 'beyond its limits', 'kept'],
  config,
  check({ does, characteristicId, machine: machineId, least, last }) {
    if (does === 'applied' || does === 'refused') return []
    return [
      ...(characteristicId ? [] : [{ path: '/characteristicId', message: 'Characteristic is missing.' }]),
      ...(machineId ? [] : [{ path: '/machine', message: 'Machine is missing.' }]),
      ...(does === 'propose' && least > last ? [{ path: '/least', message: `${least} points are needed, and only the newest ${last} are looked at.` }] : []),
    ]
  },
  setup(context) {
    const { does } = context.config
    return {
      async input(message) {
        switch (does) {
          case 'propose':
            return propose(context, message)
          case 'applied':
          case 'refused':
            return settle(context, message, does)
          case 'reset':
            return reset(context, message)
          default:
            return does satisfies never
        }
      },
    }
  },
})

async function propose(context: Context, message: Message): Promise<void> {
  const { characteristicId = '', moves, factor, estimator, confidence, points, beyondStep, share, last, least, late } = context.config
  const { deadBand: deadBandMm, largestStep: largestStepMm, largestSum: largestSumMm, openFor: openForS } = context.config
  const offset = offsetOf(context)
  const about: Asked = { offset, confidence, least, largestStepMm, largestSumMm, deadBandMm, points }
  const now = whereIs(await context.services.machineState(offset.machineId), offset)
  if (now === 'away') {
    const text = `${offset.machineId} does not say where ${offset.workOffset} is just now: it is not connected`
    context.status({ waiting: text })
    context.send(NOTHING, { ...message, payload: { ...offset, characteristicId, verdict: 'nothing', why: 'machine-away', text } })
    return
  }
  const answer = await context.services.quality.proposeCorrection({
    characteristicId,
    offset,
    plan: {
      ...{ last, least, estimator, deadBandMm, largestStepMm, largestSumMm, beyondStep },
      confidence: Number(confidence) / 100,
      gain: moves === 'larger' ? factor : -factor,
      share: share / 100,
    },
    isOfMachine: points === 'machine',
    ...{ late, openForS, nowMm: now },
    nodeId: context.id,
    ...runOf(message),
  })
  const words = inWords(answer, about)
  const { name: characteristic, toMm, ...figures } = answer
  const payload = {
    ...{ ...figures, ...offset, characteristic, characteristicId, ...words },
    ...(toMm === undefined ? {} : { toMm }),
    // as "set offset" reads it
    ...(typeof toMm === 'number' ? { offsetMm: { [offset.axis]: toMm } } : {}),
  }
  switch (answer.verdict) {
    case 'propose':
      context.status({ asks: words.text })
      return context.send(PROPOSAL, { ...message, payload })
    case 'nothing':
      context.status({ info: words.text })
      return context.send(NOTHING, { ...message, payload })
    case 'beyond':
      context.status({ alarm: words.text })
      return context.send(BEYOND, { ...message, payload })
    default:
      return answer.verdict satisfies never
  }
}

async function settle(context: Context, message: Message, outcome: 'applied' | 'refused'): Promise<void> {
  const proposalId = await context.value('proposal', message)
  if (proposalId === undefined)
    throw new UserError({ code: 'value-missing', message: 'The message names no proposal. Set "Proposal" to where its id is, e.g. payload.proposalId.' })
  const { name, byMm, isRepeat } = await context.services.quality.settleCorrection({
    ...{ proposalId, outcome, nodeId: context.id },
    ...runOf(message),
    ...whoIn(message),
  })
  const text = `${name}: ${byMm.toFixed(3)} mm ${outcome === 'applied' ? 'set' : 'refused'}`
  context.status(outcome === 'applied' ? { ok: text } : { info: text })
  context.send(KEPT, { ...message, correction: { proposalId, outcome, byMm, isRepeat, text } })
}

async function reset(context: Context, message: Message): Promise<void> {
  const { characteristicId = '' } = context.config
  const offset = offsetOf(context)
  const { name } = await context.services.quality.resetCorrections({ characteristicId, offset, nodeId: context.id, ...runOf(message), ...whoIn(message) })
  const text = `${name}: begun anew`
  context.status({ ok: text })
  context.send(KEPT, { ...message, correction: { ...offset, outcome: 'reset', text } })
}

function offsetOf(context: Context): CorrectedOffset {
  const { workOffset, axis, tool } = context.config
  const machineId = context.referenced('machine')?.machineId
  if (machineId === undefined) throw new UserError({ code: 'value-missing', message: 'The machine is missing: choose it in the node.' })
  return { machineId, workOffset, axis, ...(tool?.trim() ? { tool: tool.trim() } : {}) }
}

/** Null: this controller never tells its offsets. */
function whereIs(state: MachineState | undefined, { workOffset, axis }: CorrectedOffset): number | null | 'away' {
  if (state?.link !== 'connected') return 'away'
  const at = (state.abilities?.axes ?? ['X', 'Y', 'Z']).indexOf(axis)
  const now = state.offsetsMm?.[workOffset]?.[at]
  if (now !== undefined) return now
  return state.abilities?.dialect === 'linuxcnc' ? null : 'away'
}

/** Who answered the card before this node, of "approval" or of "wait for a person". */
function whoIn({ answer, approval }: Message): { by?: string } {
  const { approvedBy, refusedBy } = (approval ?? {}) as { approvedBy?: unknown; refusedBy?: unknown }
  const all = [refusedBy, ...(refusedBy || !Array.isArray(approvedBy) ? [] : approvedBy), answer]
  const names = all.map((one) => (one as { by?: unknown } | null | undefined)?.by).filter((by): by is string => typeof by === 'string' && by !== '')
  return names.length ? { by: [...new Set(names)].join(', ').slice(0, 120) } : {}
}
