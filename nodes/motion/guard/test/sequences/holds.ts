/** Plays sequences and looks whether what must hold did hold. */
import fc from '../../../../../test/property.ts'
import { violations } from './invariants.ts'
import { play } from './play.ts'
import { Shop } from './shop.ts'
import { type Sequence, sequence } from './steps.ts'

/** Guards at work at once: each waits most of the time. */
const LANES = 8
const TELL_EVERY = 1000

/** @throws Error with every rule that the sequence broke */
export async function holds(one: Sequence): Promise<void> {
  const shop = await Shop.open(one)
  let wrong: string[]
  try {
    await play(shop, one)
    wrong = violations(shop, one)
  } finally {
    await shop.close()
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
}

/** @throws Error with the seed and the first sequence that broke a rule; `CELLWRIGHT_SHRINK` looks for a shorter one first */
export async function allHold({ seed, count }: { seed: number; count: number }): Promise<void> {
  let played = 0
  const counted = async (one: Sequence): Promise<void> => {
    await holds(one)
    played += 1
    if (played % TELL_EVERY === 0) console.info(`seed ${seed}: ${played} of ${count} sequences`)
  }
  await Promise.all(
    Array.from({ length: LANES }, (_, lane) =>
      fc.assert(fc.asyncProperty(sequence, counted), {
        seed: seed + lane,
        numRuns: Math.ceil(count / LANES),
        endOnFailure: process.env.CELLWRIGHT_SHRINK === undefined,
      }),
    ),
  )
}
