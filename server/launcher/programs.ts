/** The programs that the launcher starts, and how Node is told to treat their memory. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UserError } from '../../base/errors.ts'
import type { Program } from './life.ts'

export type ProgramName = 'gateway' | 'runtime' | 'connector-host' | 'guard' | 'virtual'

/** The gateway carries every stop: a small young generation (MB) is cleaned in short pauses, also while flows of some megabytes are checked; a smaller one costs a fifth of the webhooks a second. */
const SHORT_PAUSES = ['--max-semi-space-size=8']

/**
 * The guard stops machines and stays small: a small young generation and an old one cleaned before it grows; nothing in a pause that
 * waits for a helper thread, which on a busy machine comes late; and no source maps kept in memory. Measured by
 * `npm run bench stream`: the longest pause while streaming is 2 to 4 ms (6 to 9 ms with the helpers or with old objects moved, 60 ms
 * on a machine with more work than cores), and 20 MB less are used.
 */
const GUARD_MEMORY = ['--optimize-for-size', '--max-semi-space-size=2', '--no-compact', '--no-parallel-scavenge', '--no-concurrent-sweeping']
/** glibc keeps what threads gave back apart for each of them: a program's check is a thread, and would cost its memory for good. */
const GIVE_BACK = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '65536' }

/** The programs as the build puts them into dist/. @throws UserError not-built */
export function builtPrograms({ root, node }: { root: string; node: string }): Record<ProgramName, Program> {
  // what the sources compile to is kept from one start to the next: a fifth less work (Node takes no harm where it cannot write)
  const compiled = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, '.cache', 'compile') }
  const sourceMaps = pathToFileURL(join(root, 'bootstrap', 'source-maps.mjs')).href
  const program = (name: ProgramName): Program => {
    const file = join(root, 'dist', `${name}.js`)
    if (!existsSync(file)) throw new UserError({ code: 'not-built', message: `${file} is missing: run "npm run build" and try again.` })
    if (name === 'guard') return { command: node, args: [...GUARD_MEMORY, file], env: GIVE_BACK }
    return { command: node, args: ['--import', sourceMaps, ...(name === 'gateway' ? SHORT_PAUSES : []), file], env: compiled }
  }
  return {
    gateway: program('gateway'),
    runtime: program('runtime'),
    'connector-host': program('connector-host'),
    guard: program('guard'),
    virtual: program('virtual'),
  }
}
