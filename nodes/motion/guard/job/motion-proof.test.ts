import { expect, test } from 'vitest'
import fc from '../../../../test/property.ts'
import { MotionProof } from './motion-proof.ts'

const line = (number: number, text: string) => ({ number, text, isAlone: false, dwellS: 0 })

test('a move is proven done when more moves behind it are acknowledged than the planner holds', () => {
  const proof = new MotionProof(15)
  for (let i = 1; i <= 19; i += 1) proof.acknowledged(line(i, `X${i}`))
  expect(proof.firstOpen()).toEqual({ number: 1, text: 'X1' })
  expect(proof.hasProven).toBe(false)
  // where X was before the first line is not known: it may have been there
  proof.acknowledged(line(20, 'X20'))
  expect(proof.firstOpen()).toEqual({ number: 2, text: 'X2' })
  expect(proof.hasProven).toBe(true)
})

test('what puts no block into the planner proves nothing', () => {
  const proof = new MotionProof(15)
  proof.acknowledged(line(1, 'G1X1F100'))
  for (let i = 2; i < 200; i += 1) proof.acknowledged(line(i, ['M8', 'X1', 'G92X0', 'G10L2P1X5', 'G54', 'S500', 'X1'][i % 7] ?? ''))
  expect(proof.firstOpen()?.number).toBe(1)
})

test('a dwell and an empty machine prove everything before them', () => {
  const proof = new MotionProof(15)
  proof.acknowledged(line(1, 'X1'))
  proof.acknowledged(line(2, 'G4P1'))
  expect(proof.firstOpen()).toBeUndefined()
  proof.acknowledged(line(3, 'X2'))
  expect(proof.firstOpen()?.number).toBe(3)
  proof.allDone()
  expect(proof.firstOpen()).toBeUndefined()
})

test('in incremental mode every step is a move, in absolute mode a place named twice is not', () => {
  const moves = (texts: string[]) => {
    const proof = new MotionProof(0)
    texts.forEach((text, index) => {
      proof.acknowledged(line(index + 1, text))
    })
    return proof.firstOpen()?.number
  }
  expect(moves(['G91X1', 'X1', 'X1', 'X1', 'X1', 'X1'])).toBe(3)
  expect(moves(['G90X1', 'X1', 'X1', 'X1', 'X1', 'X1.0'])).toBe(1)
  expect(moves(['G90X1', 'X2', 'X1', 'X2', 'X1', 'X1.0'])).toBe(2)
})

test('never says done what a planner of that size may still hold', () => {
  const text = fc.oneof(
    fc.integer({ min: 0, max: 3 }).map((x) => `G1X${x}`),
    fc.integer({ min: 0, max: 3 }).map((y) => `Y${y}`),
    fc.constantFrom('M8', 'G4P0', 'G91', 'G90', 'G92X1', 'G28', 'G53G0X1'),
  )
  fc.assert(
    fc.property(fc.array(text, { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (texts, blocks) => {
      const proof = new MotionProof(blocks)
      // a planner that takes the fewest blocks it can from these lines, and has begun none of the last `blocks`
      let held: number[] = []
      let [x, y, isIncremental] = [0, 0, false]
      texts.forEach((each, index) => {
        proof.acknowledged(line(index + 1, each))
        if (each === 'G4P0') held = []
        if (each === 'G91') isIncremental = true
        if (each === 'G90') isIncremental = false
        const [, axis, value] = /^(?:G1)?([XY])(\d+)$/.exec(each) ?? []
        if (!axis || value === undefined) return
        const now = axis === 'X' ? x : y
        const to = isIncremental ? now + Number(value) : Number(value)
        if (axis === 'X') x = to
        else y = to
        if (to !== now) held.push(index + 1)
        if (held.length > blocks) held.shift()
      })
      const open = proof.firstOpen()?.number ?? Number.POSITIVE_INFINITY
      const oldest = held[0]
      if (oldest !== undefined) expect(open).toBeLessThanOrEqual(oldest)
    }),
  )
})
