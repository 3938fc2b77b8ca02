/** A share of a long run, in a process of its own: `share.ts SEED COUNT`. */
import { allHold } from './holds.ts'

const [seed, count] = process.argv.slice(2).map(Number)
try {
  await allHold({ seed: seed ?? 0, count: count ?? 0 })
} catch (error) {
  console.error(error)
  process.exitCode = 1
}
// what a broken sequence left open must not keep the process
process.exit()
