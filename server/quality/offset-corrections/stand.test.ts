import { expect, it } from 'vitest'
import { type CorrectionEvent, type Stand, whatIsSeen } from './stand.ts'

const at = new Date('2026-03-02T08:00:00Z')
const event = (kind: CorrectionEvent['kind'], more: Partial<CorrectionEvent> = {}): CorrectionEvent => ({
  ...{ kind, proposalId: 'proposal_1', characteristicId: 'chr_1', place: 6, byMm: -0.02, fromMm: 100, toMm: 99.98, at },
  ...more,
})
const stand = (more: Partial<Stand>): Stand => ({ sumMm: 0, moves: [], unclear: [], floor: 0, ...more })
const see = (its: Partial<Stand>, nowMm: number | null, more: { isTool?: boolean; isOver?: boolean } = {}) => {
  const { says, waits } = whatIsSeen(stand(its), { nowMm, isTool: more.isTool ?? false, isOver: () => more.isOver ?? false })
  return [...says.map(({ kind }) => kind), ...(waits ? [waits.why] : [])]
}

it('an offset is remembered when it is seen for the first time, and not again', () => {
  expect(see({}, 100)).toEqual(['seen'])
  expect(see({}, null)).toEqual([])
  expect(see({ known: event('seen', { byMm: null, fromMm: null, toMm: 100 }) }, 100)).toEqual([])
})

it.each([
  ['where it was: somebody has yet to answer', 100, {}, ['open']],
  ['where it was, and its time is over', 100, { isOver: true }, ['lapsed']],
  ['where it was proposed to be', 99.98, {}, ['found']],
  ['there, as told in ten-thousandths of an inch', 99.98118, {}, ['found']],
  ['somewhere else', 137, {}, ['lapsed', 'moved']],
  ['not told', null, {}, ['open']],
] as const)('while a proposal is open and the offset is %s', (_name, now, more, said) => {
  expect(see({ open: event('proposed') }, now, more)).toEqual(said)
})

it('of a step of one thousandth the nearer place counts', () => {
  const open = event('proposed', { byMm: -0.001, toMm: 99.999 })
  expect(see({ open }, 100)).toEqual(['open'])
  expect(see({ open }, 99.999)).toEqual(['found'])
})

it.each([
  ['where it was set', 99.98, {}, []],
  ['where it was before', 100, {}, ['not-seen']],
  ['where it was before, for longer than a proposal is open', 100, { isOver: true }, ['moved']],
  ['where it was before, since the tool was corrected at the control', 100, { isTool: true }, []],
  ['somewhere else', 99.5, {}, ['moved']],
] as const)('after a correction was told as set and the offset is %s', (_name, now, more, said) => {
  expect(see({ known: event('applied') }, now, more)).toEqual(said)
})
