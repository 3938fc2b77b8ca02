/**
 * Random sequences of everything people, flows and faults do to a machine, through a real pty to the virtual controller.
 * What must hold is read from the controller's side. `CELLWRIGHT_SEED=n` plays a run again.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rounds } from '../../../../test/rounds.ts'
import { FOUND } from './sequences/found.ts'
import { violations } from './sequences/invariants.ts'
import { play } from './sequences/play.ts'
import { Shop } from './sequences/shop.ts'
import { type Sequence, sequence } from './sequences/steps.ts'

/** Guards at work at once: each waits most of the time. */
const LANES = 8
const SEQUENCES = rounds(500, 100_000)
const LONGEST_MS = rounds(240_000, 24 * 3_600_000)

async function holds(one: Sequence): Promise<void> {
  const shop = await Shop.open(one)
  let wrong: string[]
  try {
    await play(shop, one)
    wrong = violations(shop, one)
  } finally {
    await shop.close()
  }
  expect(wrong).toEqual([])
}

test.each(FOUND)('$rule', ({ sequence: one }) => holds(one))

test(`${SEQUENCES} random sequences: never outside the envelope, never two owners, never motion without a lease, always a known state, always usable again`, {
  timeout: LONGEST_MS,
}, async () => {
  const seed = Number(process.env.CELLWRIGHT_SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.info(`random sequences: CELLWRIGHT_SEED=${seed}`)
  await Promise.all(
    Array.from({ length: LANES }, (_, lane) =>
      fc.assert(fc.asyncProperty(sequence, holds), {
        seed: seed + lane,
        numRuns: Math.ceil(SEQUENCES / LANES),
        endOnFailure: process.env.CELLWRIGHT_SHRINK === undefined,
      }),
    ),
  )
})
