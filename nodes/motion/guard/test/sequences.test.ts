/**
 * Random sequences of everything people, flows and faults do to a machine, through a real pty to the virtual controller.
 * What must hold is read from the controller's side. `CELLWRIGHT_SEED=n` plays a run again.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seed } from '../../../../test/property.ts'
import { rounds } from '../../../../test/rounds.ts'
import { FOUND } from './sequences/found.ts'
import { allHold, holds } from './sequences/holds.ts'

const SEQUENCES = rounds(500, 100_000)
const LONGEST_MS = rounds(900_000, 24 * 3_600_000)
/** A long run shares the work among processes, and leaves one processor to everything else. */
const PROCESSES = rounds(1, Math.max(1, availableParallelism() - 1))

test.each(FOUND)('$rule', ({ sequence: one }) => holds(one))

test(`${SEQUENCES} random sequences: never outside the envelope, never two owners, never motion without a lease, always a known state, always usable again`, {
  timeout: LONGEST_MS,
}, async () => {
  console.info(`random sequences: CELLWRIGHT_SEED=${seed}`)
  if (PROCESSES === 1) return allHold({ seed, count: SEQUENCES })
  const share = Math.ceil(SEQUENCES / PROCESSES)
  expect(await Promise.all(Array.from({ length: PROCESSES }, (_, at) => inOwnProcess(seed + at * 1000, share)))).toEqual(Array(PROCESSES).fill(0))
})

async function inOwnProcess(seed: number, count: number): Promise<unknown> {
  const child = fork(join(import.meta.dirname, 'sequences', 'share.ts'), [String(seed), String(count)])
  const [code] = await once(child, 'exit')
  return code
}
