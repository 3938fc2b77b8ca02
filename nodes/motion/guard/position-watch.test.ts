import { expect, test } from 'vitest'
import { isJumpConfirmed, type PositionSeen, positionJump } from './position-watch.ts'

const FACTS = { maxRateMmPerMin: [6000, 6000, 1200], timeScale: 1, lastAnswerAt: 0, isResuming: false }
const held: PositionSeen = { atMs: 1000, state: 'hold', subState: 0, positionMm: [-3, 5, -1] }
const idle = (positionMm: number[], atMs = 1100): PositionSeen => ({ atMs, state: 'idle', subState: undefined, positionMm })

test('a machine that was held and is idle elsewhere, with nothing run, has forgotten where it is', () => {
  expect(positionJump(held, idle([0, 0, 0]), FACTS)).toMatch(/stands elsewhere/)
  expect(positionJump({ ...held, state: 'door' }, idle([0, 0, 0]), FACTS)).toMatch(/stands elsewhere/)
})

test('one that was let go on, by us or by a button at it, has not', () => {
  expect(positionJump(held, idle([-3, 5, -1]), FACTS)).toBeUndefined()
  expect(positionJump(held, idle([0, 0, 0]), { ...FACTS, isResuming: true })).toBeUndefined()
  expect(positionJump(held, idle([0, 0, 0]), { ...FACTS, lastAnswerAt: 1050 })).toBeUndefined()
  expect(positionJump(held, { ...idle([-2, 5, -1]), state: 'run' }, FACTS)).toBeUndefined()
  // still braking
  expect(positionJump({ ...held, subState: 1 }, { ...held, positionMm: [-2, 5, -1] }, FACTS)).toBeUndefined()
})

test('no axis goes further from one report to the next than its rate allows, reports being late', () => {
  const running: PositionSeen = { ...held, state: 'run', subState: undefined }
  expect(positionJump(running, { ...running, atMs: 1100, positionMm: [-3, 65, -1] }, FACTS)).toBeUndefined()
  expect(positionJump(running, { ...running, atMs: 1100, positionMm: [-3, 130, -1] }, FACTS)).toMatch(/further away/)
  // the slow axis
  expect(positionJump(running, { ...running, atMs: 1100, positionMm: [-3, 5, 30] }, FACTS)).toMatch(/further away/)
  expect(positionJump(running, { ...running, atMs: 1100, positionMm: [-3, 130, -1] }, { ...FACTS, timeScale: 10 })).toBeUndefined()
  expect(positionJump(running, { ...running, atMs: 6000, positionMm: [-3, 400, -1] }, FACTS)).toBeUndefined()
})

test('a jump is taken back only by a report from where the machine was', () => {
  const before: PositionSeen = { ...held, state: 'run', subState: undefined, positionMm: [0, 150, -1] }
  const at = (y: number): PositionSeen => ({ ...before, atMs: 1200, positionMm: [0, y, -1] })
  const jump = { before, jumped: { ...at(0), atMs: 1100 }, why: 'It is elsewhere.' }
  expect(isJumpConfirmed(jump, at(155), FACTS)).toBe(false)
  expect(isJumpConfirmed(jump, at(0), FACTS)).toBe(true)
  expect(isJumpConfirmed(jump, at(-9), FACTS)).toBe(true)
  // spoilt in another way, or lost for good
  expect(isJumpConfirmed(jump, at(900), FACTS)).toBe(true)
  // it could have got there meanwhile, but it is no nearer to where it was
  expect(isJumpConfirmed(jump, { ...at(70), atMs: 2000 }, FACTS)).toBe(true)
})
