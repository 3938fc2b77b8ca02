import { Type } from 'typebox'
import { Choice, defineNode, MessageValue, Picked, Quantity } from '../define-node/index.ts'
import type { CapabilityNow } from './services.ts'

const INDICES = { cpk: 'Cpk', ppk: 'Ppk', cp: 'Cp', pp: 'Pp', cpm: 'Cpm' } as const
type Index = keyof typeof INDICES

export default defineNode({
  type: 'cw-capability',
  family: 'quality',
  label: 'capability',
  summary: 'Reckons the capability of a characteristic from its newest points, and compares it with what is wanted.',
  icon: 'capability',
  inputs: 1,
  outputs: ['reached', 'not reached', 'cannot be said'],
  config: Type.Object({
    characteristicId: Picked('quality-characteristic', { title: 'Characteristic' }),
    last: Quantity({ title: 'From the newest', unit: 'points', minimum: 2, maximum: 100_000, isWhole: true, default: 125 }),
    index: Choice(Object.keys(INDICES) as [Index, ...Index[]], { title: 'Index', labels: INDICES, default: 'cpk' }),
    least: Quantity({ title: 'At least', minimum: 0, maximum: 100, default: 1.33 }),
    by: Choice(['value', 'lower'], {
      title: 'Compare',
      labels: { value: 'the index itself', lower: 'the lower end of its 95 % interval' },
      help: 'From few points an index is a rough guess: its interval says how rough.',
      default: 'value',
    }),
    leastPoints: Quantity({ title: 'Needs points', help: 'With fewer nothing is said.', minimum: 2, maximum: 100_000, isWhole: true, default: 25 }),
    lot: Type.Optional(
      MessageValue(Type.String({ minLength: 1, maxLength: 120 }), { title: 'Only lot', help: 'Empty: all lots.', default: { type: 'msg', value: 'lot' } }),
    ),
  }),
  setup(context) {
    const { characteristicId, last, index, least, by, leastPoints } = context.config
    return {
      async input(message) {
        const lot = await context.value('lot', message)
        const { name, capability } = await context.services.quality.capability({
          characteristicId,
          last,
          ...(lot === undefined ? {} : { lot }),
          nodeId: context.id,
          ...(message._run ? { runId: message._run } : {}),
        })
        const verdict = weigh(capability, { index, least, by, leastPoints })
        const text = `${name}: ${verdict.text}`
        const payload = { ...capability, characteristic: name, characteristicId, index: INDICES[index], least, isReached: verdict.isReached, text }
        context.status(verdict.isReached === undefined ? { waiting: text } : verdict.isReached ? { ok: text } : { alarm: text })
        context.send(verdict.isReached === undefined ? 2 : verdict.isReached ? 0 : 1, { ...message, payload })
      },
    }
  },
})

/** Undefined: too few points, no such index of this tolerance, no variation. */
function weigh(
  { subgroups, indices, problem }: CapabilityNow,
  { index, least, by, leastPoints }: { index: Index; least: number; by: 'value' | 'lower'; leastPoints: number },
): { isReached?: boolean; text: string } {
  if (subgroups < leastPoints) return { text: `${subgroups} of ${leastPoints} points` }
  if (problem || !indices) return { text: problem?.message ?? 'no capability' }
  const found = indices[index]
  if (!found) return { text: `there is no ${INDICES[index]} without both limits${index === 'cpm' ? ' and a target' : ''}` }
  const compared = found[by]
  const isReached = compared >= least
  const shown = `${INDICES[index]} ${found.value.toFixed(2)} (${found.lower.toFixed(2)} to ${found.upper.toFixed(2)})`
  return { isReached, text: `${shown}, ${isReached ? 'at least' : 'below'} ${least}` }
}
